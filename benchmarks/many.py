"""A company with many segments, invented from a seed, as a book on disk."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

QUARTER = "2026Q3"
QUARTERS = [f"{year}Q{quarter}" for year in (2024, 2025, 2026) for quarter in (1, 2, 3, 4)][3:11]
YEARS = range(2019, 2030)
LAST_ACTUAL = 2025
SCENARIO = """\
description = "Eight criteria"
horizon = 3
focus = 10

[weights]
size = 8
growth = 14
runway = 14
revenue = 12
share = 8
share_trend = 8
win_rate = 10
retention = 10

[anchors]
size = { low = 1e7, high = 1e9, neutral = 1e8, scale = "log" }
growth = { low = -0.1, high = 0.15, neutral = 0.03 }
runway = { low = 1e5, high = 1e8, neutral = 5e6, scale = "log" }
revenue = { low = 1e5, high = 5e7, neutral = 1e6, scale = "log" }
share = { low = 0.0, high = 0.4, neutral = 0.08 }
share_trend = { low = -0.05, high = 0.05, neutral = 0.0 }
win_rate = { low = 0.1, high = 0.6, neutral = 0.3 }
retention = { low = 0.7, high = 1.0, neutral = 0.9 }

[budget]
change_limit = 0.5
"""


def write_company(folder: Path, segments: int, seed: int = 1) -> Path:
    """The folder of a book with two products, sold to `segments` segments, and its scenario `base`."""
    random = np.random.default_rng(seed)
    keys = [f"s{number:04d}" for number in range(segments)]
    (folder / "scenarios").mkdir(parents=True)
    (folder / "book.toml").write_text('company = "Many Ltd"\ncurrency = "EUR"\n', encoding="utf-8")
    (folder / "scenarios" / "base.toml").write_text(SCENARIO, encoding="utf-8")
    _write(folder, "segments", ["segment", "name"], ([key, f"Segment {key[1:]}"] for key in keys))
    _write(folder, "products", ["product", "name", "gross_margin"], [["alpha", "Alpha", 0.7], ["beta", "Beta", 0.6]])
    start = dict(zip(keys, 10 ** random.uniform(5, 6.5, segments), strict=True))
    pace = dict(zip(keys, random.uniform(0.97, 1.05, segments), strict=True))
    _write(folder, "revenue", ["product", "segment", "quarter", "revenue"], (
        [product, key, quarter, f"{start[key] * part * pace[key] ** step:.2f}"]
        for product, part in (("alpha", 0.7), ("beta", 0.3)) for key in keys
        for step, quarter in enumerate(QUARTERS)))  # fmt: skip
    size = {key: start[key] * factor for key, factor in zip(keys, random.uniform(60, 400, segments), strict=True)}
    growth = dict(zip(keys, random.uniform(-0.05, 0.12, segments), strict=True))
    _write(folder, "market", ["segment", "category", "year", "size", "kind", "low", "high", "addressable_rate", "source"], (
        [key, "", year, *_market(size[key] * (1 + growth[key]) ** (year - LAST_ACTUAL), year), 0.3, "invented"]
        for key in keys for year in YEARS))  # fmt: skip
    _write(folder, "relevance", ["product", "segment", "relevance"], (
        [product, key, 1 if product == "alpha" else 0.5] for product in ("alpha", "beta") for key in keys))  # fmt: skip
    lost = dict(zip(keys, random.integers(0, 6, segments), strict=True))
    _write(folder, "customers", ["segment", "quarter", "customers", "new", "lost", "product_customers"], (
        [key, quarter, 80, lost[key], lost[key], 100] for key in keys for quarter in QUARTERS))  # fmt: skip
    won = dict(zip(keys, random.integers(1, 12, segments), strict=True))
    _write(folder, "deals", ["product", "segment", "quarter", "won", "lost", "won_value", "open_value"], (
        ["alpha", key, quarter, won[key], 12, won[key] * 10_000, 0] for key in keys for quarter in QUARTERS))  # fmt: skip
    _write(folder, "spend", ["product", "lever", "segment", "current_y", "minimum_y"], (
        [product, "sales", key, f"{start[key] * 0.05:.2f}", 0] for product in ("alpha", "beta") for key in keys))  # fmt: skip
    return folder


def _market(size: float, year: int) -> list[Any]:
    actual = year <= LAST_ACTUAL
    ends = ["", ""] if actual else [f"{size * 0.9:.0f}", f"{size * 1.1:.0f}"]
    return [f"{size:.0f}", "actual" if actual else "forecast", *ends]


def _write(folder: Path, table: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
