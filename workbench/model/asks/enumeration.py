"""The best subset by an upper bound and counting through every set that could reach it (array kernel)."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog

ALONE = 10  # so few asks are counted through without a bound
STATES = 4000  # part sets held at once; where more remain, another method is faster
FIRST, WIDER = 0.05, 1.5  # the first reach below the bound, as a part of it, and the factor of each further one
EVEN = 1e-13  # worths this close are even
SLACK = 1e-6  # by which a row may be exceeded


def best_subset(worth: np.ndarray, factors: np.ndarray, limit: np.ndarray) -> tuple[bool, np.ndarray | None]:
    """Whether it was decided within `STATES`, and the subset (n,) of bool with the largest Σ worth among those with
    factors (m, n) · subset ≤ limit (m,); None: there is none.

    Any y ≥ 0 bounds the worth: Σ worth ≤ y · limit + Σ max(0, worth − y · factors); an ask decided against the sign
    of its reduced worth, and room left in a row, cost the set that much of the bound (Lagrangian bound; Geoffrion
    1974). So all sets that come within a reach of the bound can be counted through, and the best is proven once its
    worth lies within the reach. y are the dual prices of the linear relaxation.
    """
    limit = limit + SLACK
    prices = np.zeros(len(limit)) if len(worth) <= ALONE else _prices(worth, factors, limit)
    if prices is None:
        return True, None
    reduced = worth - prices @ factors
    bound = float(prices @ limit + np.maximum(reduced, 0).sum())
    order = np.argsort(-np.abs(reduced), kind="stable")
    worth, factors, reduced = worth[order], factors[:, order], reduced[order]
    lowest, highest = _still(np.minimum(factors, 0)), _still(np.maximum(factors, 0))
    widest = float(np.abs(reduced).sum() + prices @ np.maximum(limit - lowest[:, 0], 0)) + SLACK
    reach = widest if len(worth) <= ALONE else max(FIRST * abs(bound), SLACK)
    while True:
        subsets = _within(reach, reduced, factors, limit, prices, lowest, highest)
        if subsets is None:
            return False, None
        if len(subsets):
            totals = subsets @ worth
            missing = bound - float(totals.max())
            if missing <= reach:
                return True, _first(subsets[totals >= totals.max() - EVEN], order)
            reach = missing + SLACK
        elif reach >= widest:
            return True, None
        else:
            reach *= WIDER


def _prices(worth: np.ndarray, factors: np.ndarray, limit: np.ndarray) -> np.ndarray | None:
    """The dual prices (m,) ≥ 0 of the rows in the linear relaxation; None where it has no answer."""
    answer = linprog(-worth, A_ub=factors, b_ub=limit, bounds=(0, 1), method="highs")
    if answer.status == 2:
        return None
    return np.zeros(len(limit)) if answer.x is None else np.maximum(0.0, -answer.ineqlin.marginals)


def _still(part: np.ndarray) -> np.ndarray:
    """Sums over the columns still to come, (m, n + 1)."""
    sums = np.zeros((part.shape[0], part.shape[1] + 1))
    sums[:, :-1] = np.cumsum(part[:, ::-1], axis=1)[:, ::-1]
    return sums


def _within(
    reach: float,
    reduced: np.ndarray,
    factors: np.ndarray,
    limit: np.ndarray,
    prices: np.ndarray,
    lowest: np.ndarray,
    highest: np.ndarray,
) -> np.ndarray | None:
    """All subsets (k, n) within `reach` of the bound, among them none that breaks a row; None: more than `STATES`."""
    subsets, used, lost = np.zeros((1, len(reduced)), dtype=bool), np.zeros((1, len(limit))), np.zeros(1)
    for column, gain in enumerate(reduced):
        taken = subsets.copy()
        taken[:, column] = True
        used = np.concatenate([used, used + factors[:, column]])
        lost = np.concatenate([lost + max(gain, 0.0), lost + max(-gain, 0.0)])
        unused = np.maximum(limit - highest[:, column + 1] - used, 0)
        kept = (lost + unused @ prices <= reach) & (used <= limit - lowest[:, column + 1]).all(axis=1)
        subsets, used, lost = np.concatenate([subsets, taken])[kept], used[kept], lost[kept]
        if len(subsets) > STATES:
            return None
    return subsets


def _first(subsets: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Of several subsets, in the order of the asks as given, the one with the earliest ask where they differ."""
    placed = np.zeros_like(subsets)
    placed[:, order] = subsets
    return np.array(max(placed.tolist()), dtype=bool)
