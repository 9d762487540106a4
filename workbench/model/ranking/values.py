"""From a figure in its own unit to a value in 0–1, and from weighted values to a score."""

from __future__ import annotations

import numpy as np

from workbench.scenario import Anchor


def value_of(x: np.ndarray, anchor: Anchor) -> np.ndarray:
    """Values in 0–1 of figures `x`: 0 at `low`, 1 at `high`, straight or logarithmic between; NaN stays NaN."""
    if anchor.scale == "log":
        low, high = np.log(anchor.low), np.log(anchor.high)
        x = np.log(np.clip(x, anchor.low, anchor.high))
    else:
        low, high = anchor.low, anchor.high
    return np.asarray(np.clip((x - low) / (high - low), 0.0, 1.0), dtype=float)


UNITS = 1e9  # scores are whole multiples of 1e-9


def in_units(scores: np.ndarray) -> np.ndarray:
    """Scores in whole units of 1e-9, rounded half up; the shape stays."""
    return np.asarray(np.floor(scores * UNITS + 0.5), dtype=float)


def quantised(parts: np.ndarray) -> np.ndarray:
    """Scores (n,) of contributions (n, criteria): added left to right, then rounded half up to 1e-9."""
    total = np.zeros(len(parts))
    for column in range(parts.shape[1]):
        total = total + parts[:, column]
    return in_units(total) / UNITS
