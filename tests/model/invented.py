"""Invented companies with money to spend: small random books and scenarios, from a seed."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cache

import numpy as np

from workbench.book.book import Book, build_book
from workbench.book.convert import RawTable, convert
from workbench.book.settings import BookSettings
from workbench.book.tables import TABLES
from workbench.model.quarter import segment_facts
from workbench.model.ranking.ranking import rank_segments
from workbench.model.results import Facts, Ranking
from workbench.model.swot.swot import score_swot
from workbench.scenario import Scenario, make_scenario

QUARTER = "2026Q3"
QUARTERS = ("2025Q4", "2026Q1", "2026Q2", "2026Q3")
LEVERS = ("product", "marketing", "sales")
HEADERS = {
    "segments": ["segment", "name"],
    "products": ["product", "name", "category", "gross_margin"],
    "revenue": ["product", "segment", "quarter", "revenue"],
    "market": ["segment", "category", "year", "size", "kind", "low", "high", "addressable_rate"],
    "relevance": ["product", "segment", "relevance"],
    "needs": ["need", "what"],
    "segment_needs": ["segment", "need", "why", "importance"],
    "coverage": ["product", "need", "coverage", "kind"],
    "spend": [
        "product",
        "lever",
        "segment",
        "current_y",
        "minimum_y",
        "maximum_y",
        "half_saturation_y",
        "erosion",
        "shape",
    ],
    "goals": ["goal", "measure", "target", "by_quarter"],
}
SPEND = ["product", "lever", "segment", "current_y", "minimum_y", "maximum_y", "half_saturation_y", "erosion", "shape"]
SHARED, S_SHAPED = 5, 15
ANCHORS = {
    "size": {"low": 1e7, "high": 1e9, "neutral": 1e8, "scale": "log"},
    "runway": {"low": 1e5, "high": 1e8, "neutral": 1e6, "scale": "log"},
    "revenue": {"low": 1e5, "high": 1e8, "neutral": 1e6, "scale": "log"},
    "share": {"low": 0.0, "high": 0.5, "neutral": 0.1},
}


@dataclass(frozen=True)
class Company:
    """An invented book with a scenario for it, its facts and its order."""

    book: Book
    scenario: Scenario
    facts: Facts
    ranking: Ranking


def company(seed: int) -> Company:
    """Three to six segments, two to four products; some lines without spend, some with bounds.

    Five seeds in a row share the market and the revenue, each has spend and a scenario of its own; one of fifteen has
    S-shaped lines.
    """
    bare = _market(seed // SHARED)
    random = np.random.default_rng([seed, 20261122])
    products, segments = list(bare.names("products")), list(bare.names("segments"))
    shapes = (1.0, 0.7, 2.0) if seed % S_SHAPED == 0 else (1.0, 1.0, 0.7)
    spend, problems = convert(_spend(random, products, segments, shapes), TABLES["spend"])
    assert spend is not None and not problems
    spend = spend.drop(columns="row_").sort_values(list(TABLES["spend"].key), ignore_index=True)
    book = Book(bare.settings, {**bare.tables(), "spend": spend})
    scenario = make_scenario(_assumptions(random, book, products, segments), f"scenario {seed}")
    facts = _facts(seed // SHARED)
    return Company(book, scenario, facts, rank_segments(facts, score_swot(facts, book, scenario), scenario))


@cache
def _market(seed: int) -> Book:
    random = np.random.default_rng([seed, 20261123])
    products = {f"p{place}": random.choice(["plan", "run"]) for place in range(random.integers(2, 5))}
    segments = [f"s{place}" for place in range(random.integers(3, 7))]
    return build_book(BookSettings(company="Invented Ltd", currency="EUR"), _tables(random, products, segments))


@cache
def _facts(seed: int) -> Facts:
    """They rest on nothing in which the five scenarios differ."""
    plain = make_scenario({"name": "base", "weights": {"size": 1}, "anchors": ANCHORS}, "plain")
    return segment_facts(_market(seed), plain, QUARTER)


def _spend(random, products, segments, shapes):
    rows = []
    for product, segment, lever in itertools.product(products, segments, LEVERS):
        now = 0.0 if random.random() < 0.25 else round(random.lognormal(11, 0.7), 2)
        least = round(now * random.uniform(0, 0.8), 2) if random.random() < 0.2 else ""
        most = round(max(now, 2e4) * random.uniform(1, 3), 2) if random.random() < 0.2 else ""
        half, erosion, shape = (random.choice(each) for each in (["", 50000], ["", 0.05, 0.3], shapes))
        rows.append([product, lever, segment, *(str(each) for each in (now, least, most, half, erosion, shape))])
    return RawTable("spend", SPEND, rows)


def _tables(random, products, segments):
    rows: dict[str, list[list[str]]] = {name: [] for name in HEADERS}

    def add(table, *cells):
        rows[table].append([str(cell) for cell in cells])

    add("goals", "profit", "added_gross_profit_y", 1e6, "2027Q4")
    for product, category in products.items():
        add("products", product, product.upper(), category, round(random.uniform(0.4, 0.9), 2))
    for need in range(4):
        add("needs", f"n{need}", f"Need {need}")
        for product in random.choice(list(products), 2, replace=False):
            add("coverage", product, f"n{need}", round(random.random(), 2), random.choice(["base", "specific", ""]))
    for segment in segments:
        add("segments", segment, segment.upper())
        for need in random.choice(4, 2, replace=False):
            add("segment_needs", segment, f"n{need}", "because", round(random.uniform(0.1, 1), 2))
        for category in sorted(set(products.values())):
            size = random.lognormal(18, 0.8)
            for year in (2025, 2026, 2027, 2028, 2029):
                ends = ("", "") if year == 2025 else (0.9 * size, 1.1 * size)
                add("market", segment, category, year, size, "actual" if year == 2025 else "forecast", *ends, 0.3)
        for product in products:
            add("relevance", product, segment, random.choice([0, 0.25, 0.5, 0.75, 1]))
            for quarter in QUARTERS if random.random() < 0.8 else ():
                add("revenue", product, segment, quarter, round(random.lognormal(12.5, 0.8), 2))
    return {name: RawTable(name, HEADERS[name], rows[name]) for name in HEADERS}


def _assumptions(random, book, products, segments):
    today = float(book.table("spend")["current_y"].astype(float).sum())
    budget: dict[str, object] = {"total_y": round(today * random.uniform(0.8, 1.4), 2)}
    if random.random() < 0.5:
        budget["change_limit"] = round(random.uniform(0.1, 1), 2)
    if random.random() < 0.4:
        budget["segments"] = {random.choice(segments): {"maximum_y": round(today * random.uniform(0.2, 0.6), 2)}}
    if random.random() < 0.4:
        budget["products"] = {random.choice(products): {"minimum_y": round(today * random.uniform(0, 0.2), 2)}}
    return {"name": "base", "focus": int(random.integers(1, len(segments))), "tilt": round(random.uniform(0, 1), 2),
            "weights": {"size": 1, "runway": 2, "revenue": 1, "share": 1}, "anchors": ANCHORS, "budget": budget}  # fmt: skip
