"""The best set of asks under team capacity: a small mixed integer program (array kernel; HiGHS through SciPy)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp


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
) -> Selection:
    """The chosen set with the largest total value; exact. Of sets equally good (to a millionth of the
    largest value) the one with the least effort.

    `value` (n,), `effort` (n, t), `capacity` (t,); `requires` pairs (i, j): i needs j; `excludes` pairs: not both;
    `groups` (n,) with `at_least` {group: count}; `fixed` {i: chosen or not}. Raises ValueError for figures that are
    not finite.
    """
    value, effort, capacity = np.asarray(value, float), np.asarray(effort, float), np.asarray(capacity, float)
    count = len(value)
    if not (np.isfinite(value).all() and np.isfinite(effort).all() and np.isfinite(capacity).all()):
        raise ValueError("figures that are not finite")
    if count == 0:
        return Selection(np.zeros(0, dtype=bool), 0.0, 0.0)
    rows, least, most = _rules(count, effort, capacity, requires, excludes)
    for group, number in (at_least or {}).items():
        member = np.array([each == group for each in groups or ()], dtype=float)
        rows, least, most = [*rows, member], [*least, float(number)], [*most, np.inf]
    low, high = np.zeros(count), np.ones(count)
    for item, wanted in (fixed or {}).items():
        low[item] = high[item] = float(wanted)
    first = _solve(-value, rows, least, most, low, high)
    if first is None:
        return Selection(np.zeros(count, dtype=bool), 0.0, 0.0, feasible=False)
    chosen, gap = first
    best = float(value[chosen].sum())
    scale = max(1.0, float(np.abs(value).max()))
    tie = effort.sum(axis=1) if effort.shape[1] else np.ones(count)
    tie = tie / max(1.0, float(tie.max())) + 1e-4 * np.arange(1, count + 1) / count
    second = _solve(tie, [*rows, value / scale], [*least, best / scale - 1e-6], [*most, np.inf], low, high)
    if second is not None and value[second[0]].sum() >= best - 1e-6 * scale:
        chosen = second[0]
    return Selection(chosen, float(value[chosen].sum()), gap)


def _rules(
    count: int,
    effort: np.ndarray,
    capacity: np.ndarray,
    requires: Iterable[tuple[int, int]],
    excludes: Iterable[tuple[int, int]],
) -> tuple[list[np.ndarray], list[float], list[float]]:
    rows, least, most = [], [], []
    for team in range(effort.shape[1]):
        rows.append(effort[:, team])
        least.append(-np.inf)
        most.append(float(capacity[team]))
    for pairs, sign, limit in ((requires, -1.0, 0.0), (excludes, 1.0, 1.0)):
        for one, other in sorted(set(pairs)):
            row = np.zeros(count)
            row[one] += 1.0
            row[other] += sign
            rows.append(row)
            least.append(-np.inf)
            most.append(limit)
    return rows, least, most


def _solve(
    cost: np.ndarray, rows: list[np.ndarray], least: list[float], most: list[float], low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, float] | None:
    constraints = [LinearConstraint(np.array(rows), np.array(least), np.array(most))] if rows else []
    scale = max(1.0, float(np.abs(cost).max()))
    answer = milp(cost / scale, constraints=constraints, bounds=Bounds(low, high), integrality=np.ones(len(cost)),
                  options={"mip_rel_gap": 0.0})  # fmt: skip
    if answer.x is None:
        return None
    return answer.x > 0.5, float(getattr(answer, "mip_gap", 0.0) or 0.0)
