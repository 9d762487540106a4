"""The market forecast of each segment: the analyst's rows where they reach the horizon, else a damped trend."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

Z80 = 1.2815515655446004  # normal quantile of an 80 % interval
FEWEST = 5  # annual points below which no trend is fitted


@dataclass(frozen=True)
class Forecast:
    """One segment's path: `path` has year, size_y, low_y, high_y (80 %), kind, method, source."""

    path: pd.DataFrame
    growth: float
    low: float
    high: float
    method: str
    said: str


def forecast_segment(market: pd.DataFrame, base_year: int, target_year: int, adjustment: float, name: str) -> Forecast:
    """Growth a year (compound, with its 80 % interval) of one segment from `base_year` to `target_year`, and its path.

    `market` holds the segment's visible rows; categories add up, their intervals too (as if they moved together:
    the wider assumption). `adjustment` is added to the growth rate. Missing, and said, where there are neither
    forecast rows up to the target nor five annual points up to the base year.
    """
    actual = _by_year(market[(market["kind"] == "actual") & (market["year"] <= base_year)])
    rows = market[market["kind"] == "forecast"]
    ahead = _by_year(rows[(rows["year"] > base_year) & (rows["year"] <= target_year)])
    years = np.arange(base_year + 1, target_year + 1)
    history = actual.assign(kind="actual", method="actual", low_y=np.nan, high_y=np.nan)
    base = float(actual["size_y"].iloc[-1]) if len(actual) and actual["year"].iloc[-1] == base_year else 0.0
    if base <= 0:
        said = f"Growth of {name} is missing: its market has no size above 0 to grow from."
        return Forecast(history, np.nan, np.nan, np.nan, "none", said)
    recent = _last_run(actual)
    if _complete(rows, market, years):
        path, method, said = ahead.assign(kind="forecast"), "analyst", ""
    elif len(recent) >= FEWEST and (recent["size_y"] > 0).all():
        path, method, said = _trend_path(recent, years), "damped trend", ""
    else:
        said = f"Growth of {name} is missing: it needs forecast rows up to {target_year}, or {FEWEST} actual years in a row."
        return Forecast(history, np.nan, np.nan, np.nan, "none", said)
    path["method"] = method
    path = _adjusted(path, base_year, base, adjustment)
    span = target_year - base_year
    end = path.iloc[-1]
    growth, low, high = (_compound(float(end[column]), base, span) for column in ("size_y", "low_y", "high_y"))
    return Forecast(pd.concat([history, path], ignore_index=True), growth, low, high, method, said)


def damped_trend(sizes: np.ndarray, steps: int) -> np.ndarray:
    """The next `steps` values of an annual series (n,), by exponential smoothing with a damped additive trend.

    On logarithms, so that no forecast is negative. Gardner & McKenzie (1985), fitted by statsmodels.
    """
    from statsmodels.tsa.holtwinters import Holt

    with np.errstate(divide="ignore", invalid="ignore"):  # its information criteria, where the fit is perfect
        fit = Holt(np.log(sizes), damped_trend=True, initialization_method="estimated").fit()
        ahead = np.asarray(fit.forecast(steps), dtype=float)
    return np.asarray(np.exp(ahead))


def _last_run(actual: pd.DataFrame) -> pd.DataFrame:
    """The last years without a gap between them."""
    breaks = np.flatnonzero(np.diff(actual["year"]) != 1)
    return actual.iloc[int(breaks[-1]) + 1 :] if len(breaks) else actual


def _by_year(rows: pd.DataFrame) -> pd.DataFrame:
    """Sums over categories; an interval is missing where one category lacks it."""
    columns = rows.rename(columns={"size": "size_y", "low": "low_y", "high": "high_y"})
    ordered = columns.sort_values(["year", "category"])
    sums = ordered.groupby("year")[["size_y", "low_y", "high_y"]].agg(lambda part: part.sum(skipna=False))
    sources = ordered.groupby("year")["source"].agg(lambda part: "; ".join(sorted({text for text in part if text})))
    return sums.assign(source=sources).reset_index()


def _complete(rows: pd.DataFrame, market: pd.DataFrame, years: np.ndarray) -> bool:
    """True where every category has a forecast for every year up to the target."""
    wanted = {(category, int(year)) for category in market["category"].unique() for year in years}
    return wanted <= set(zip(rows["category"], rows["year"].astype(int), strict=True))


def _trend_path(actual: pd.DataFrame, years: np.ndarray) -> pd.DataFrame:
    """Damped trend with an interval that widens with the root of time, by the spread of past yearly changes."""
    sizes = actual["size_y"].to_numpy(dtype=float)
    centre = damped_trend(sizes, len(years))
    spread = float(np.std(np.diff(np.log(sizes)), ddof=1)) * np.sqrt(np.arange(1, len(years) + 1)) * Z80
    low, high = centre * np.exp(-spread), centre * np.exp(spread)
    frame = pd.DataFrame({"year": years, "size_y": centre, "low_y": low, "high_y": high})
    return frame.assign(source="computed from actual years", kind="forecast")


def _adjusted(path: pd.DataFrame, base_year: int, base: float, adjustment: float) -> pd.DataFrame:
    """The path with `adjustment` added to the compound growth rate from the base to each year."""
    if adjustment == 0:
        return path
    steps = path["year"].astype(float) - base_year
    columns = ("size_y", "low_y", "high_y")
    rates = {column: (path[column].astype(float) / base) ** (1 / steps) + adjustment for column in columns}
    return path.assign(**{column: base * rate.clip(lower=0) ** steps for column, rate in rates.items()},
                       source=path["source"] + f"; adjusted by {adjustment:+.1%} a year in the scenario")  # fmt: skip


def _compound(end: float, base: float, span: int) -> float:
    return float((end / base) ** (1 / span) - 1) if end >= 0 else float("nan")
