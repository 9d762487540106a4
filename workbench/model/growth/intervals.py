"""How far a market may end from its forecast: widths calibrated once on real annual series, scaled by each series.

A width is a ratio: the interval runs from centre ÷ (1 + width) to centre × (1 + width), so that no end is negative.
"""

from __future__ import annotations

import numpy as np

# Printed by `python -m benchmarks.growth --calibrate`, from the training parts of M3's 645 yearly series alone: the 80 %
# and 95 % points, over nine forecast origins of each series, of the ratio missed by, one to six years ahead; those of
# a trend are divided by `scale`, and told apart by the years known (one row each: fewer than 8, 8 to 17, 18 or more).
# WORTH and MEMORY had the lowest interval score there, of one half of the series on the other. No book of ours has a part
# in them, so no segment moves another's interval.
LENGTHS = (8, 18)
TREND = {
    80: np.array([
        [2.042, 3.711, 5.071, 6.293, 7.433, 8.685],
        [1.550, 2.565, 3.407, 4.216, 5.072, 5.633],
        [1.851, 2.916, 3.823, 5.037, 5.799, 6.801],
    ]),
    95: np.array([
        [4.191, 8.698, 11.123, 13.305, 15.487, 18.647],
        [3.188, 5.562, 7.199, 9.181, 11.117, 12.800],
        [3.407, 5.570, 7.698, 9.264, 11.956, 14.158],
    ]),
}  # fmt: skip
NAIVE = {
    80: np.array([0.165, 0.290, 0.398, 0.506, 0.597, 0.672]),
    95: np.array([0.406, 0.685, 0.886, 1.091, 1.384, 1.707]),
}
TYPICAL = 0.067  # unsteadiness of a typical series
WORTH = 2.0  # yearly changes that the typical series counts for
MEMORY = 5.0  # a yearly change weighs half as much as one five years later
CALMEST = 0.002  # a series of even smaller changes counts as one of 0.2 % a year


def trend_widths(sizes: np.ndarray, steps: int, level: int) -> np.ndarray:
    """The widths (steps,) of the interval of `level` (80 or 95) %, for a trend fitted to `sizes` (n,) above 0."""
    row = int(np.searchsorted(LENGTHS, len(sizes), side="right"))
    return np.asarray(scale(sizes) * _stretched(TREND[level][row], steps))


def naive_widths(steps: int, level: int) -> np.ndarray:
    """The widths (steps,) of the interval of `level` (80 or 95) %, where the last value is carried on."""
    return _stretched(NAIVE[level], steps)


def scale(sizes: np.ndarray) -> float:
    """How far a trend over a series (n,) of sizes above 0 may miss: its unsteadiness, drawn towards a typical one.

    The geometric mean of the two, weighed by n − 1 changes against two.
    """
    weight = (len(sizes) - 1) / (len(sizes) - 1 + WORTH)
    return float(unsteadiness(sizes) ** weight * TYPICAL ** (1 - weight))


def unsteadiness(sizes: np.ndarray) -> float:
    """How much a series (n,) of sizes above 0 moves: half its mean yearly change, half the mean deviation from it.

    Both of logarithms and without sign, later years weighing more; at least 0.002.
    """
    changes = np.diff(np.log(sizes))
    weights = 0.5 ** (np.arange(len(changes))[::-1] / MEMORY)
    away = np.abs(changes - np.average(changes, weights=weights))
    return max(float(np.average((np.abs(changes) + away) / 2, weights=weights)), CALMEST)


def around(centre: np.ndarray, widths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The low and the high ends."""
    return centre / (1 + widths), centre * (1 + widths)


def missed_by(actual: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """The width that an interval around `centre` would have needed to reach `actual`, both above 0."""
    return np.asarray(np.maximum(actual / centre, centre / actual) - 1)


def _stretched(widths: np.ndarray, steps: int) -> np.ndarray:
    """Widths for any number of years: beyond the last one known each year adds the mean yearly step of those known."""
    known = len(widths)
    further = np.arange(1, max(steps - known, 0) + 1) * (widths[-1] - widths[0]) / (known - 1)
    return np.asarray(np.concatenate([widths, widths[-1] + further])[:steps])
