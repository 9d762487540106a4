"""The best spend under linear rules, with a proven bound on what is missed (array kernel; HiGHS through SciPy)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from workbench.model.allocation.solver.branch_and_bound import GAP, Branch, branch
from workbench.model.allocation.solver.column_generation import (
    Pieces,
    Points,
    Rules,
    Solved,
    fill,
    priced,
    solve,
    step_of,
)
from workbench.model.allocation.solver.concave_envelope import Envelope
from workbench.model.allocation.solver.response import Curves

EQUAL = 1e-9  # relative difference below which slope and price count as the same

__all__ = ["GAP", "Best", "Rules", "frontier", "maximise", "refuse_not_finite", "whole_cents"]


@dataclass(frozen=True)
class Best:
    """`spend` (n,); `feasible`; `error`: how far the true optimum may lie above it at most, currency a year; `gap`.

    `error` is proven on the curves themselves: a bound less what the spend reaches, both weighted. `gap` is what was
    left open between S-shaped branches, relative: 0 where none was tried. `prices` (rows,) are what one more unit of a
    rule's limit would earn: above 0 for a most, below 0 for a least.
    """

    spend: np.ndarray
    feasible: bool
    error: float
    gap: float
    prices: np.ndarray = field(default_factory=lambda: np.zeros(0))


def maximise(curves: Curves, weight: np.ndarray, rules: Rules, *, nearest: bool = True) -> Best:
    """The spend (n,) with the largest Σ weight × gain under the rules; of equally good ones that `nearest` to today.

    A linear program over a few points of each curve, multiples of a round step; its prices ask each curve for further
    points until none is missed (column generation), and give the bound (Lagrange). S-shaped curves are replaced by
    their least concave envelope, and branched on only where the answer lies inside a chord of it.
    Raises ValueError for figures that are not finite.

    Parameters
    ----------
    curves : Curves
        The responses of n lines.
    weight : array (n,)
        What a unit of gross profit counts in each line.
    rules : Rules
        Bounds of each line and linear rules over lines; row 0 is the budget.
    nearest : bool
        Whether, of equally good spends, that nearest to today is looked for.

    Returns
    -------
    Best
        The spend (n,), its value, gap and bound, prices of the rules; not `feasible` where no spend keeps the rules.

    Raises
    ------
    ValueError
        For figures that are not finite.
    """
    refuse_not_finite(curves, weight, rules)
    return _maximise(Envelope.of(curves, weight, rules.low, rules.high), rules, nearest)[0]


def frontier(
    curves: Curves, weight: np.ndarray, rules: Rules, budgets: np.ndarray, *, nearest: bool = False
) -> list[Best]:
    """The best spend at each of the budgets (k,), the most of row 0, in their order; points and prices are shared.

    Unless the `nearest` of equally good spends is asked for, prices alone are tried first. Where no spend keeps the rules
    at a budget, that one is not feasible; the others are as `maximise` finds them.
    """
    refuse_not_finite(curves, weight, rules)
    envelope = Envelope.of(curves, weight, rules.low, rules.high)
    found: list[Best] = []
    points: Points | None = None
    prices: np.ndarray | None = None
    for budget in budgets:
        most = np.append(float(budget), rules.most[1:])
        if found and _has_room(found[-1], rules, most):
            found.append(found[-1])
            continue
        known = None if nearest else priced(envelope, replace(rules, most=most), prices)
        if known is not None:
            found.append(Best(known.spend, True, max(0.0, known.bound - known.value), 0.0, known.prices))
            prices = known.prices
            continue
        best, solved = _maximise(envelope, replace(rules, most=most), nearest, points, prices)
        found.append(best)
        if solved is not None:
            points, prices = solved.points if points is None else points, solved.prices
    return found


def _has_room(best: Best, rules: Rules, most: np.ndarray) -> bool:
    """Whether a spend whose budget had no price keeps this budget too: then it is the best here as well."""
    return best.feasible and best.prices[0] == 0 and bool((rules.matrix[[0]] @ best.spend <= most[0]).all())


def refuse_not_finite(curves: Curves, weight: np.ndarray, rules: Rules) -> None:
    """Raises ValueError where a figure that must be finite is not: a solver may call such a problem solved."""
    parts = (weight, *vars(curves).values(), rules.low, rules.high, rules.matrix.data)
    if not all(np.isfinite(part).all() for part in parts) or np.isnan(rules.least).any() or np.isnan(rules.most).any():
        raise ValueError("figures that are not finite")


def _maximise(
    envelope: Envelope, rules: Rules, nearest: bool, points: Points | None = None, prices: np.ndarray | None = None
) -> tuple[Best, Solved | None]:
    """The best spend, and the solved envelopes; `points` and `prices` of a neighbouring problem are where to start from."""
    current = envelope.curves.current
    step = step_of(current)
    root = solve(envelope, rules, step, points, prices)
    if root is None:
        return Best(current.copy(), False, 0.0, 0.0, np.zeros(len(rules.most))), None
    best = branch(envelope, rules, step, root)
    spend = _nearest(best) if nearest else best.solved.spend
    reached = float(envelope.true(spend).sum())
    error = max(0.0, best.bound - reached)
    gap = min(error, max(0.0, root.value - reached)) / max(1.0, abs(reached))
    gap = gap if gap > 1e-9 else 0.0
    return Best(spend, True, error, gap, best.solved.prices), root


def _nearest(best: Branch) -> np.ndarray:
    """Of the spends (n,) that are as good as this branch's, the one that moves the least money away from today.

    As good are those that differ only in pieces which earn just the price of their money, and use rules that have a
    price as fully. A line stays where it lies on a chord's end: inside the chord it would only seem as good.
    """
    solved, envelope, rules = best.solved, best.envelope, best.rules
    pieces = Pieces.of(envelope, solved.points)
    inside = np.clip(solved.spend[pieces.line] - pieces.start, 0.0, pieces.length)
    price = (rules.matrix.T @ solved.prices)[pieces.line]
    chord = (envelope.scale > 0)[pieces.line] & (pieces.start < envelope.knee[pieces.line])
    free = np.flatnonzero((np.abs(pieces.slope - price) <= EQUAL * np.maximum(1.0, np.abs(price))) & ~chord)
    if len(free) < 2:
        return solved.spend
    some = Pieces(pieces.line[free], pieces.start[free], pieces.length[free], np.zeros(len(free)), 0.0)
    sides = np.where(some.start >= envelope.curves.current[some.line] - 1e-9, -1.0, 1.0)
    kept = solved.spend - np.bincount(some.line, inside[free], minlength=len(solved.spend))
    sums = rules.matrix @ solved.spend
    tight = replace(
        rules,
        low=kept,
        least=np.where(solved.prices > 0, np.minimum(sums, rules.most), np.minimum(rules.least, sums)),
        most=np.where(solved.prices < 0, np.maximum(sums, rules.least), np.maximum(rules.most, sums)),
    )
    found = fill(replace(some, slope=sides * (1 + 1e-5 * some.line)), tight, np.zeros(len(sums)))
    if found is None:
        return solved.spend
    spend = kept + np.bincount(some.line, found[0], minlength=len(kept))
    return np.asarray(np.clip(spend, envelope.low, envelope.high), dtype=float)


def whole_cents(spend: np.ndarray, rules: Rules) -> np.ndarray:
    """`spend` (n,) with each line rounded down or up to a cent so that bounds and rules hold on the rounded amounts.

    Of all such roundings the nearest. Rules over segments, over products and over all lines leave one wherever their
    amounts are whole cents; where they do not, each line is rounded for itself.
    """
    low, high = np.ceil(rules.low * 100 - 1e-4), np.floor(rules.high * 100 + 1e-4)
    exact = np.clip(spend * 100, low, np.maximum(low, high))
    down = np.floor(exact + 1e-4)
    part = np.clip(exact - down, 0, 1)
    base = rules.matrix @ down
    least = np.ceil(rules.least * 100 - 1e-4) - base
    most = np.floor(rules.most * 100 + 1e-4) - base
    least[0] = max(least[0], min(most[0], np.floor(part.sum() + 0.01)))
    answer = milp(
        1 - 2 * part,
        constraints=[LinearConstraint(rules.matrix, least, most)],
        bounds=Bounds(0, (down + 1 <= high).astype(float)),
        integrality=np.ones(len(spend)),
    )
    cents = np.round(exact) if answer.x is None else down + np.round(answer.x)
    return np.asarray(cents / 100 + 0.0, dtype=float)
