"""The best set of asks under team capacity: a small integer program (array kernel; HiGHS through SciPy)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, vstack

from workbench.model.asks.enumeration import best_subset
from workbench.model.asks.selection_rules import Rows, SelectionRules, rules

TIE = 1e-6  # of the largest value: what all effort together weighs in the choice among sets of (almost) equal value
BY_PLACE = 1e-4  # of that: what the places weigh among sets of equal effort
FEW, FEW_ROWS = 64, 256  # free asks and rows up to which counting through is tried, and the solver needs no presolve
EXACT = 1e-9  # a relative gap this small is none
SCALE = 1e6  # of the solver's objective, so that its absolute gap lies far below a tie
NODES = 1_000_000  # the solver's limit of nodes, times asks


@dataclass(frozen=True)
class Selection:
    """`chosen` (n,) of bool, `value` of the chosen, relative `gap` to the proven bound; not `feasible`: none chosen."""

    chosen: np.ndarray
    value: float
    gap: float
    feasible: bool = True


def select(
    value: np.ndarray,
    effort: np.ndarray,
    capacity: np.ndarray,
    *,
    requires: Iterable[tuple[int, int]] = (),
    excludes: Iterable[tuple[int, int]] = (),
    groups: Sequence[object] | None = None,
    at_least: Mapping[object, int] | None = None,
    fixed: Mapping[int, bool] | None = None,
    gap: float = 0.0,
) -> Selection:
    """The chosen set with the largest total value, proven to the relative `gap` (0: exact). Of sets equally good
    (to a millionth of the largest value) the one with the least effort, then with few and early places
    (these as far as the solver tells them apart, where it is needed).

    `value` (n,), `effort` (n, t), `capacity` (t,); `requires` pairs (i, j): i needs j; `excludes` pairs: not both;
    `groups` (n,) with `at_least` {group: count}; `fixed` {i: chosen or not}. Every rule holds for the answer, a
    team's capacity to a billionth of it. Raises ValueError for figures that are not finite, RuntimeError where the
    solver's limit of nodes ends before any set is found.

    Parameters
    ----------
    value : array (n,)
        What each ask is worth.
    effort : array (n, t)
        Effort of each ask by team, ≥ 0.
    capacity : array (t,)
        What each team can do.
    requires, excludes : iterable of (int, int)
        Pairs: the first needs the second; not both.
    groups, at_least : sequence (n,), mapping
        The group of each ask, and how many of a group at least.
    fixed : mapping of int to bool
        Asks that are chosen, or not, whatever they are worth.
    gap : float
        Relative gap to which the set is proven best; 0: exact.

    Returns
    -------
    Selection
        `chosen` (n,) of bool, its value and gap; not `feasible` where no set keeps every rule.

    Raises
    ------
    ValueError
        For figures that are not finite.
    RuntimeError
        Where the solver's limit of nodes ends before any set is found.
    """
    value, effort, capacity = np.asarray(value, float), np.asarray(effort, float), np.asarray(capacity, float)
    if not (np.isfinite(value).all() and np.isfinite(effort).all() and np.isfinite(capacity).all()):
        raise ValueError("figures that are not finite")
    none = Selection(np.zeros(len(value), dtype=bool), 0.0, 0.0, feasible=False)
    held = rules(effort, capacity, requires, excludes, groups, at_least, fixed)
    worth = worth_of(value, effort)
    settled = held.settled(worth)
    if settled is None:
        return none
    chosen, free = settled
    proven = 0.0
    if free.any():
        linked = np.zeros(len(value), dtype=bool)
        linked[np.concatenate([held.requires.ravel(), held.excludes.ravel()])] = True
        for members, _ in held.least:
            linked |= members
        found = _best(worth, held, chosen, free, gap, twins(value, effort, free & ~linked))
        if found is None:
            return none
        chosen, proven = found
    return Selection(chosen, float(value[chosen].sum()), proven) if held.kept(chosen) else none


def twins(value: np.ndarray, effort: np.ndarray, among: np.ndarray) -> list[tuple[int, int]]:
    """Pairs (i, j), i before j, of asks `among` (n,) with the same value and effort: j need only be chosen beside i."""
    last: dict[tuple[float, ...], int] = {}
    pairs = []
    for ask in np.flatnonzero(among).tolist():
        key = (float(value[ask]), *effort[ask].tolist())
        if key in last:
            pairs.append((last[key], ask))
        last[key] = ask
    return pairs


def worth_of(value: np.ndarray, effort: np.ndarray) -> np.ndarray:
    """Value as a part of the largest, less a little for effort and for the place, so that one maximum decides ties."""
    efforts, places = effort.sum(axis=1), np.arange(1.0, len(value) + 1)
    spent = efforts / max(float(np.abs(efforts).sum()), 1e-300)
    largest = float(np.abs(value).max(initial=0)) or 1.0
    return np.asarray(value / largest - TIE * (spent + BY_PLACE * places / max(places.sum(), 1.0)))


def _best(
    worth: np.ndarray,
    held: SelectionRules,
    chosen: np.ndarray,
    free: np.ndarray,
    gap: float,
    even: list[tuple[int, int]],
) -> tuple[np.ndarray, float] | None:
    """The best choice among the free asks beside those `chosen`, and its relative gap; None: there is none.

    Of asks that are `even` (pairs by place) the earlier goes first, so that equal sets are not tried one by one.
    """
    rows, count, whole = held.rows(chosen, free), int(free.sum()), chosen.copy()
    if not len(rows.limit):
        whole[free] = worth[free] > 0
        return whole, 0.0
    rows = _in_order(rows, (np.cumsum(free) - 1)[np.array(even, dtype=np.intp).reshape(-1, 2)])
    if count <= FEW and len(rows.limit) <= FEW_ROWS:
        decided, part = best_subset(worth[free], rows.dense(count), rows.limit)
        if decided and part is None:
            return None
        if part is not None:
            whole[free] = part
            if held.kept(whole):
                return whole, 0.0
    return _solve(worth, rows, held, chosen, free, gap)


def _in_order(rows: Rows, pairs: np.ndarray) -> Rows:
    """The rows, and one for each pair (i, j) of columns: j is not chosen without i."""
    added, ones = len(rows.limit) + np.arange(len(pairs)), np.ones(len(pairs))
    return Rows(np.concatenate([rows.row, added, added]), np.concatenate([rows.column, pairs[:, 1], pairs[:, 0]]),
                np.concatenate([rows.factor, ones, -ones]), np.concatenate([rows.limit, 0 * ones]))  # fmt: skip


def _solve(
    worth: np.ndarray, rows: Rows, held: SelectionRules, chosen: np.ndarray, free: np.ndarray, gap: float
) -> tuple[np.ndarray, float] | None:
    """As `_best`, by HiGHS. A set that breaks a rule by rounding is ruled out by a row of its own, and solved again."""
    count, limit, whole = int(free.sum()), rows.limit, chosen.copy()
    factors = csr_array((rows.factor, (rows.row, rows.column)), shape=(len(limit), count))
    options = {"mip_rel_gap": gap, "node_limit": max(NODES // count, 1), "presolve": count > FEW}
    while True:
        answer = milp(-SCALE * worth[free], constraints=LinearConstraint(factors, -np.inf, limit), bounds=Bounds(0, 1),
                      integrality=np.ones(count), options=options)  # fmt: skip
        if answer.x is None and answer.status == 2:
            return None
        if answer.x is None:
            raise RuntimeError("the limit of nodes was reached before any set of asks was found")
        part = answer.x > 0.5
        whole[free] = part
        if held.kept(whole):
            total, bound = float(worth[free] @ part), -float(answer.mip_dual_bound) / SCALE
            missed = (bound - total) / max(abs(total + float(worth[chosen].sum())), 1e-12)
            return whole, missed if missed > EXACT else 0.0
        factors = vstack([factors, csr_array(np.where(part, 1.0, -1.0)[None])], format="csr")
        limit = np.append(limit, part.sum() - 1.0)
