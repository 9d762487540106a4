"""The market forecast of each segment: the analyst's rows where they reach the horizon, else a trend average."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from workbench.model.growth.history import FEWEST, span_of, usable
from workbench.model.growth.intervals import around, naive_widths, trend_widths

SIZES = ["size_y", "low_y", "high_y", "low95_y", "high95_y"]
TREND, NAIVE = "trend average", "naive"
FITS = (ValueError, ArithmeticError, IndexError)  # what statsmodels raises where a series defeats it


@dataclass(frozen=True, eq=False)
class Bands:
    """What lies ahead, (steps,) each, in the unit of the sizes: centre, 80 % and 95 % interval; and the method."""

    centre: np.ndarray
    low80: np.ndarray
    high80: np.ndarray
    low95: np.ndarray
    high95: np.ndarray
    method: str


@dataclass(frozen=True, eq=False)
class Forecast:
    """One segment's path and its compound growth a year with the 80 % interval.

    `path` has a row per year: year, size_y, low_y, high_y (80 %), low95_y, high95_y, kind, method, source. `said`
    tells in sentences what is missing or odd.
    """

    path: pd.DataFrame
    growth: float
    low: float
    high: float
    method: str
    said: tuple[str, ...]


def forecast_segment(market: pd.DataFrame, base_year: int, target_year: int, adjustment: float, name: str) -> Forecast:
    """Growth a year (compound, with its 80 % interval) of one segment from `base_year` to `target_year`, and its path.

    `market` holds the segment's visible rows; categories add up, their intervals too (as if they moved together:
    the wider assumption). `adjustment` is added to the growth rate. Missing, and said, where the base year has no
    size above 0. No other segment has a part in it.
    """
    actual = _by_year(market[(market["kind"] == "actual") & (market["year"] <= base_year)])
    rows = market[(market["kind"] == "forecast") & (market["year"] > base_year)]
    years = np.arange(base_year + 1, target_year + 1)
    history = actual.assign(
        kind="actual", method="actual", low_y=np.nan, high_y=np.nan, low95_y=np.nan, high95_y=np.nan
    )
    base = float(actual["size_y"].iloc[-1]) if len(actual) and actual["year"].iloc[-1] == base_year else 0.0
    if not base > 0:
        said = f"Growth of {name} is missing: its market has no size above 0 to grow from."
        return Forecast(history, np.nan, np.nan, np.nan, "none", (said,))
    sentences: tuple[str, ...] = ()
    if _complete(rows, market, years):
        path = _by_year(rows[rows["year"] <= target_year]).assign(low95_y=np.nan, high95_y=np.nan, method="analyst")
    else:
        path, sentences = _computed(actual, years, name)
        if len(rows):
            short = f"they do not cover every year and category to {target_year}"
            sentences = (f"The forecast rows of {name} are left aside: {short}.", *sentences)
    path = _adjusted(path.assign(kind="forecast"), base_year, base, adjustment)
    ends = path.iloc[-1][SIZES[:3]].astype(float)
    growth, low, high = (_compound(float(end), base, target_year - base_year) for end in ends)
    method = str(path["method"].iloc[-1])
    return Forecast(pd.concat([history, path], ignore_index=True), growth, low, high, method, sentences)


def forecast(sizes: np.ndarray, steps: int) -> Bands:
    """The next `steps` values of an annual series (n,) of sizes above 0, with calibrated 80 % and 95 % intervals.

    The mean of a damped trend and Theta; one of them alone where the other's fit fails; the last value where both fail
    or come to 0, or where the series has fewer than five years. Rounded to five digits in sizes of the last year, so
    that the last digits of an optimiser do not show; in proportion to the unit of the sizes.

    Parameters
    ----------
    sizes : array (n,)
        Sizes of n years without a gap, above 0, in any unit.
    steps : int
        Years ahead.

    Returns
    -------
    Bands
        `mean` and the ends of the 80 % and 95 % intervals, each (steps,) in the unit of `sizes`; and the method in words.

    Notes
    -----
    Sizes must be finite.
    """
    last = float(sizes[-1])
    scaled = np.array([float(f"{size / last:.12g}") for size in sizes])
    parts = {} if len(sizes) < FEWEST else {
        name: ahead
        for name, method in (("damped trend", damped_trend), ("Theta", theta))
        if (ahead := _fitted(method, scaled, steps)) is not None
    }  # fmt: skip
    mean = np.mean(list(parts.values()), axis=0) if parts else np.zeros(steps)
    if not (mean > 0).all():
        parts, mean = {}, np.ones(steps)
    centre = last * np.array([float(f"{ratio:.5g}") for ratio in mean])
    ends = [
        around(centre, trend_widths(scaled, steps, level) if parts else naive_widths(steps, level))
        for level in (80, 95)
    ]
    method = TREND if len(parts) > 1 else next(iter(parts), NAIVE)
    return Bands(centre, *ends[0], *ends[1], method)


def damped_trend(sizes: np.ndarray, steps: int) -> np.ndarray:
    """The next `steps` values of an annual series (n,), by exponential smoothing with a damped additive trend.

    Gardner & McKenzie (1985), fitted by statsmodels. Where the trend falls below 0 the value is 0. Of the optimisers
    tried, this one, run to the end, fits best and moves least (below 1e-6) where the input moves by its last bit.
    """
    from statsmodels.tsa.holtwinters import Holt

    with _quiet():
        model = Holt(sizes / sizes[-1], damped_trend=True, initialization_method="estimated")
        fit = model.fit(method="SLSQP", minimize_kwargs={"options": {"ftol": 1e-16, "maxiter": 2000}})
        return np.asarray(sizes[-1] * np.maximum(np.asarray(fit.forecast(steps), dtype=float), 0))


def theta(sizes: np.ndarray, steps: int) -> np.ndarray:
    """The next `steps` values of an annual series (n,) of sizes above 0, by the Theta method on logarithms.

    Assimakopoulos & Nikolopoulos (2000), fitted by statsmodels: exponential smoothing plus half the trend.
    """
    from statsmodels.tsa.forecasting.theta import ThetaModel

    with _quiet():
        fit = ThetaModel(100 * np.log(sizes / sizes[-1]), period=1, deseasonalize=False).fit()
        return np.asarray(sizes[-1] * np.exp(np.asarray(fit.forecast(steps), dtype=float) / 100))


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the warnings of a fit: one that has not converged is taken as it stands."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def _fitted(method: Callable[[np.ndarray, int], np.ndarray], sizes: np.ndarray, steps: int) -> np.ndarray | None:
    """The values of one method; None where its fit fails or they are not finite."""
    try:
        ahead = method(sizes, steps)
    except FITS:
        return None
    return ahead if np.isfinite(ahead).all() else None


@lru_cache(maxsize=2048)
def _remembered(sizes: tuple[float, ...], steps: int) -> Bands:
    """As `forecast`; a plan looks at the same years once for each quarter that it follows."""
    return forecast(np.array(sizes), steps)


def _computed(actual: pd.DataFrame, years: np.ndarray, name: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The path from the usable actual years, and what has to be said of it."""
    recent, said = usable(actual, name)
    bands = _remembered(tuple(recent["size_y"].astype(float)), len(years))
    span = span_of(recent)
    if len(recent) < FEWEST:
        said += (f"Growth of {name} is naive: a trend needs {FEWEST} actual years in a row and it has {len(recent)} "
                 f"({span}); the last size is carried on, with a wide interval.",)  # fmt: skip
    elif bands.method == NAIVE:
        said += (f"Growth of {name} is naive: no trend could be fitted to {span}; the last size is carried on, with a "
                 "wide interval.",)  # fmt: skip
    elif bands.method != TREND:
        said += (f"Growth of {name} rests on {bands.method} alone: the other half of the average could not be fitted.",)
    columns = dict(zip(SIZES, (bands.centre, bands.low80, bands.high80, bands.low95, bands.high95), strict=True))
    return pd.DataFrame({"year": years, **columns}).assign(method=bands.method, source=f"computed from {span}"), said


def _by_year(rows: pd.DataFrame) -> pd.DataFrame:
    """Sums over categories, by year; an interval is missing where one category lacks it."""
    ordered = rows.sort_values(["year", "category"])
    figures = ordered[["size", "low", "high"]].to_numpy(dtype=float)
    years, start = np.unique(ordered["year"].to_numpy(dtype=int), return_index=True)
    sums = np.add.reduceat(figures, start, axis=0) if len(start) else figures
    texts = np.split(ordered["source"].to_numpy(dtype=object), start[1:]) if len(start) else []
    sources = ["; ".join(sorted({text for text in part if text})) for part in texts]
    return pd.DataFrame({"year": years, **dict(zip(SIZES[:3], sums.T, strict=True)), "source": sources})


def _complete(rows: pd.DataFrame, market: pd.DataFrame, years: np.ndarray) -> bool:
    """True where every category has a forecast for every year up to the target."""
    wanted = {(category, int(year)) for category in market["category"].unique() for year in years}
    return wanted <= set(zip(rows["category"], rows["year"].astype(int), strict=True))


def _adjusted(path: pd.DataFrame, base_year: int, base: float, adjustment: float) -> pd.DataFrame:
    """The path with `adjustment` added to the compound growth rate from the base to each year, in size and intervals."""
    if adjustment == 0:
        return path
    steps = path["year"].astype(float) - base_year
    rates = {column: (path[column].astype(float) / base) ** (1 / steps) + adjustment for column in SIZES}
    return path.assign(**{column: base * rate.clip(lower=0) ** steps for column, rate in rates.items()},
                       source=path["source"] + f"; adjusted by {adjustment:+.1%} a year in the scenario")  # fmt: skip


def _compound(end: float, base: float, span: int) -> float:
    return float((end / base) ** (1 / span) - 1) if end >= 0 else float("nan")
