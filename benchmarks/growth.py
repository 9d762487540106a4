"""The market forecast on 645 real yearly series (M3), six years ahead, beside naive and textbook forecasts.

`python -m benchmarks.growth [--json -]` forecasts the test part once; `--calibrate` prints the constants of
`workbench/model/growth/intervals.py` and looks at the training parts only. sMAPE in %, coverage in % of the actual values
within the interval, width and interval score (Winkler; Gneiting & Raftery 2007) in sizes of the last known year.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from workbench.model.growth.growth import damped_trend, forecast, theta
from workbench.model.growth.intervals import LENGTHS, TYPICAL, missed_by, scale, unsteadiness

M3 = Path(__file__).resolve().parents[2] / "shared" / "data" / "m3"
AHEAD, ORIGINS = 6, 9  # years ahead; origins per series in the calibration, as many as the shortest of them allows
Z = {80: 1.2815515655446004, 95: 1.959963984540054}  # normal quantiles
Series = dict[str, np.ndarray]


def read(part: str) -> Series:
    """The values of each series, by year, of the part `train` or `test`."""
    values: dict[str, list[tuple[int, float]]] = {}
    with (M3 / f"m3_yearly_{part}.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            values.setdefault(row["series"], []).append((int(row["t"]), float(row["value"])))
    return {name: np.array([value for _, value in sorted(pairs)]) for name, pairs in sorted(values.items())}


def smape(actual: np.ndarray, ahead: np.ndarray) -> np.ndarray:
    """200 · |a − f| ÷ (|a| + |f|), of each value (Makridakis & Hibon 2000)."""
    return np.asarray(200 * np.abs(actual - ahead) / (np.abs(actual) + np.abs(ahead)))


def textbook(sizes: np.ndarray, centre: np.ndarray, level: int) -> tuple[np.ndarray, np.ndarray]:
    """A normal interval that widens with the root of time, by the spread of the past yearly changes."""
    spread = Z[level] * float(np.std(np.diff(sizes), ddof=1)) * np.sqrt(np.arange(1, len(centre) + 1))
    return centre - spread, centre + spread


def scores(rows: list[dict[str, Any]], method: str) -> dict[str, Any]:
    """The figures of one method over all series and years ahead, and by year ahead."""
    actual, last = np.array([row["actual"] for row in rows]), np.array([[row["last"]] for row in rows])
    found = {"smape": smape(actual, np.array([row[method]["centre"] for row in rows]))}
    for level in (80, 95) if "80" in rows[0][method] else ():
        low, high = (np.array([row[method][str(level)][end] for row in rows]) for end in (0, 1))
        beyond = np.maximum(low - actual, 0) + np.maximum(actual - high, 0)
        found[f"coverage{level}"] = 100.0 * (beyond == 0)
        found[f"width{level}"] = (high - low) / last
        found[f"score{level}"] = (high - low + 2 / (1 - level / 100) * beyond) / last
    whole = {name: round(float(figures.mean()), 3) for name, figures in found.items()}
    by_horizon = {name: [round(float(each), 3) for each in figures.mean(axis=0)] for name, figures in found.items()}
    return {**whole, "by_horizon": by_horizon}


def measure() -> dict[str, Any]:
    """Every method on the test part."""
    train, test = read("train"), read("test")
    rows, seconds = [], 0.0
    for name, sizes in progress(train, "series forecast"):
        started = time.perf_counter()
        ours = forecast(sizes, AHEAD)
        seconds += time.perf_counter() - started
        last = np.full(AHEAD, sizes[-1])
        rows.append({
            "actual": test[name], "last": sizes[-1],
            "ours": {"centre": ours.centre, "80": (ours.low80, ours.high80), "95": (ours.low95, ours.high95)},
            "naive": {"centre": last, **{str(level): textbook(sizes, last, level) for level in Z}},
            "textbook": {"centre": ours.centre, **{str(level): textbook(sizes, ours.centre, level) for level in Z}},
            "damped": {"centre": damped_trend(sizes, AHEAD)}, "theta": {"centre": theta(sizes, AHEAD)},
        })  # fmt: skip
    others = {method: scores(rows, method) for method in ("naive", "textbook", "damped", "theta")}
    return {
        "series": len(rows),
        **scores(rows, "ours"),
        "ms_per_series": round(1000 * seconds / len(rows), 1),
        **others,
    }


def origins(train: Series) -> list[dict[str, Any]]:
    """One row per series, origin and year ahead, within the training parts: what our trend (in units of
    `scale`) and naive missed by."""
    rows = []
    for name, sizes in progress(train, "series calibrated on"):
        for known in range(len(sizes) - ORIGINS, len(sizes)):
            past, actual = sizes[:known], sizes[known : known + AHEAD]
            trend = missed_by(actual, forecast(past, AHEAD).centre[: len(actual)]) / scale(past)
            naive = missed_by(actual, np.full(len(actual), past[-1]))
            for ahead, (one, other) in enumerate(zip(trend, naive, strict=True), start=1):
                rows.append({"name": name, "known": known, "ahead": ahead, "trend": one, "naive": other})
    return rows


def typical(train: Series) -> float:
    """The unsteadiness of a typical series: the geometric mean over all origins."""
    back = range(1, ORIGINS + 1)
    return float(np.exp(np.mean([np.log(unsteadiness(sizes[:-years])) for sizes in train.values() for years in back])))


def points(rows: list[dict[str, Any]], method: str, level: int) -> list[float]:
    """The point that `level` % of the misses stay below, for each year ahead."""
    misses = [[row[method] for row in rows if row["ahead"] == ahead] for ahead in range(1, AHEAD + 1)]
    return [float(np.quantile(each, level / 100)) for each in misses]


def by_length(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The rows by how many years were known, as LENGTHS divides them."""
    parts: list[list[dict[str, Any]]] = [[] for _ in range(len(LENGTHS) + 1)]
    for row in rows:
        parts[int(np.searchsorted(LENGTHS, row["known"], side="right"))].append(row)
    return parts


def covered(known: list[dict[str, Any]], unseen: list[dict[str, Any]], level: int) -> list[float]:
    """The coverage, %, on unseen origins of multipliers from known ones, by years known."""
    found = []
    for one, other in zip(by_length(known), by_length(unseen), strict=True):
        widths = points(one, "trend", level)
        found.append(100 * float(np.mean([row["trend"] <= widths[row["ahead"] - 1] for row in other])))
    return found


def calibrate() -> None:
    """Prints the constants, then how well they carry over from one half of the series to the other."""
    train = read("train")
    print(f"TYPICAL = {typical(train):.3f}  # in use: {TYPICAL}")
    rows = origins(train)
    for level in (80, 95):
        for number, part in enumerate(by_length(rows)):
            print(f"TREND[{level}][{number}] = {listed(points(part, 'trend', level))}")
    for level in (80, 95):
        print(f"NAIVE[{level}] = {listed(points(rows, 'naive', level))}")
    names = list(train)
    one, other = ([row for row in rows if names.index(row["name"]) % 2 == half] for half in (0, 1))
    for level in (80, 95):
        there, back = (
            ", ".join(f"{part:.1f}" for part in covered(*pair, level)) for pair in ((one, other), (other, one))
        )
        print(f"coverage of {level} %, by years known, from one half of the series to the other: {there}; {back} %")


def listed(figures: list[float]) -> str:
    """Figures as a list with three decimals."""
    return f"[{', '.join(f'{figure:.3f}' for figure in figures)}]"


def progress(train: Series, what: str) -> Any:
    """The series, one by one, with a line on standard error every second."""
    said = time.perf_counter()
    for done, pair in enumerate(train.items(), start=1):
        yield pair
        if time.perf_counter() - said > 1 or done == len(train):
            said = time.perf_counter()
            end = "\n" if done == len(train) else ""
            print(f"\r{done} of {len(train)} {what}", end=end, file=sys.stderr, flush=True)


def table(found: dict[str, Any]) -> str:
    """The figures for people."""
    names = ("smape", "coverage80", "coverage95", "width80", "width95", "score80", "score95")
    lines = [f"M3 yearly, {found['series']} series, {AHEAD} years ahead; {found['ms_per_series']} ms a series", ""]
    lines.append(f"{'':11}" + "".join(f"{name:>12}" for name in names))
    for label, one in [("ours", found), *((name, found[name]) for name in ("naive", "textbook", "damped", "theta"))]:
        lines.append(f"{label:11}" + "".join(f"{one[name]:12.2f}" if name in one else f"{'':12}" for name in names))
    for label, one in [("ours", found), ("textbook", found["textbook"])]:
        for ahead in range(AHEAD):
            figures = [one["by_horizon"][name][ahead] for name in names]
            lines.append(f"{f'{label}, {ahead + 1}':11}" + "".join(f"{figure:12.2f}" for figure in figures))
    return "\n".join(lines)


def main() -> int:
    """Prints the figures, one JSON object, or the constants; 1 where the series are not there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="-", help="print one JSON object")
    parser.add_argument("--calibrate", action="store_true", help="print the constants, from the training parts only")
    options = parser.parse_args()
    if not M3.is_dir():
        print(
            f"The M3 series are not there: put m3_yearly_train.csv and m3_yearly_test.csv into {M3}.", file=sys.stderr
        )
        return 1
    if options.calibrate:
        calibrate()
        return 0
    found = measure()
    print(json.dumps(found) if options.json else table(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
