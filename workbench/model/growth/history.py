"""The actual years of a market that a trend may rest on; what is left out, and what looks odd, is said."""

from __future__ import annotations

import numpy as np
import pandas as pd

FEWEST = 5  # years in a row below which no trend is fitted
JUMP = float(np.log(1.5))  # how far from the median change, of logarithms, a break lies at least
SPREADS = 6.0  # and how many robust spreads (1.4826 × the median absolute deviation) of the yearly changes


def usable(actual: pd.DataFrame, name: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The last actual years in a row, after the last size of 0 and after the last break; and what that leaves out.

    `actual` has year and size_y (currency a year), by year, the last size above 0.
    """
    said: list[str] = []
    years, sizes = actual["year"].to_numpy(dtype=int), actual["size_y"].to_numpy(dtype=float)
    start = 0
    for find in (_after_gap, _after_zero, _after_break):
        step, why = find(years[start:], sizes[start:])
        if step:
            rest, without = _range(years[start + step], years[-1]), _range(years[start], years[start + step - 1])
            said.append(f"Growth of {name} rests on {rest}, without {without}: {why}.")
        start += step
    return actual.iloc[start:], tuple(said)


def span_of(actual: pd.DataFrame) -> str:
    """The first and the last year as text."""
    return _range(int(actual["year"].iloc[0]), int(actual["year"].iloc[-1]))


def _after_gap(years: np.ndarray, sizes: np.ndarray) -> tuple[int, str]:
    gaps = np.flatnonzero(np.diff(years) != 1)
    if not len(gaps):
        return 0, ""
    step = int(gaps[-1]) + 1
    return step, f"the market table does not cover {_range(years[step - 1] + 1, years[step] - 1)}"


def _after_zero(years: np.ndarray, sizes: np.ndarray) -> tuple[int, str]:
    empty = np.flatnonzero(~(sizes > 0))
    if not len(empty):
        return 0, ""
    step = int(empty[-1]) + 1
    return step, f"its size in {years[step - 1]} is not above 0"


def _after_break(years: np.ndarray, sizes: np.ndarray) -> tuple[int, str]:
    step = last_break(sizes)
    if step == 0:
        return 0, ""
    change = f"{sizes[step] / sizes[step - 1] - 1:+.0%}".replace("-", "−").replace("%", " %")
    odd = f"its size changed by {change} in {years[step]}, far outside its other years"
    return step, f"{odd}; if the market was defined anew then, restate the earlier years"


def last_break(sizes: np.ndarray) -> int:
    """The place in `sizes` (n,), above 0, of the first year after the last break; 0 where there is none, or n < 5.

    A break is a yearly change (of logarithms) beyond +50 % or −33 % and six robust spreads from the median change.
    """
    if len(sizes) < FEWEST:
        return 0
    changes = np.diff(np.log(sizes))
    away = np.abs(changes - np.median(changes))
    found = np.flatnonzero(away > max(SPREADS * 1.4826 * float(np.median(away)), JUMP))
    return int(found[-1]) + 1 if len(found) else 0


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"
