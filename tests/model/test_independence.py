"""Nobody's score or place among the others depends on who else is in the book: 1,000 removals, from the tables on."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from tests.stages import slow
from workbench.book.book import Book, build_book
from workbench.book.convert import RawTable
from workbench.book.settings import BookSettings
from workbench.criteria import CRITERIA
from workbench.model.quarter import segment_facts
from workbench.model.ranking.ranking import rank_segments
from workbench.model.swot.swot import score_swot
from workbench.scenario import Scenario
from workbench.sources.tables.folder import load_scenario

QUARTER = "2026Q3"
QUARTERS = tuple(f"{year}Q{quarter}" for year in (2024, 2025, 2026) for quarter in (1, 2, 3, 4))[2:11]
BOOKS, SEGMENTS = 8, 14
WHOLE, FROM_FACTS = 3, 122  # removals per book: with all facts computed anew, and by dropping rows of the facts
STAY = ("s00", "s01")  # they have every table, so that no criterion drops out with the others
PRODUCTS = {"p0": "plan", "p1": "plan", "p2": "run"}
HEADERS = {
    "segments": ["segment", "name", "owner"],
    "products": ["product", "name", "category", "gross_margin"],
    "revenue": ["product", "segment", "quarter", "revenue"],
    "market": ["segment", "category", "year", "size", "kind", "low", "high", "addressable_rate"],
    "relevance": ["product", "segment", "relevance"],
    "customers": ["segment", "quarter", "customers", "new", "lost", "product_customers"],
    "deals": ["product", "segment", "quarter", "won", "lost"],
    "statements": ["segment", "quadrant", "statement", "impact", "likelihood", "rater"],
    "needs": ["need", "what"],
    "segment_needs": ["segment", "need", "importance"],
    "coverage": ["product", "need", "coverage"],
}


def invented_tables(seed):
    """The tables of a company as text; a segment may lack deals, customers, needs, statements or a forecast."""
    random = np.random.default_rng([seed, 20260930])
    rows: dict[str, list[list[str]]] = {name: [] for name in HEADERS}

    def add(table, *cells):
        rows[table].append([str(cell) for cell in cells])

    for product, category in PRODUCTS.items():
        add("products", product, product, category, round(random.uniform(0.5, 0.8), 2))
    for need in range(6):
        add("needs", f"n{need}", f"Need {need}")
        add("coverage", random.choice(list(PRODUCTS)), f"n{need}", round(random.random(), 2))
    for place in range(SEGMENTS):
        key = f"s{place:02d}"
        add("segments", key, f"Segment {place}", "Ana")
        has = {name: key in STAY or random.random() < 0.7 for name in ("deals", "customers", "needs", "statements")}
        _add_market(
            add,
            key,
            random,
            "analyst" if key in STAY else random.choice(["analyst", "trend", "none"], p=[0.6, 0.25, 0.15]),
        )
        for product in PRODUCTS:
            judged = key in STAY or random.random() < 0.9
            add("relevance", product, key, random.choice([0, 0.25, 0.5, 0.75, 1]) if judged else "")
            for quarter in QUARTERS if key in STAY or random.random() < 0.7 else ():
                add("revenue", product, key, quarter, round(random.lognormal(13.5, 0.5), 2))
                if has["deals"]:
                    add("deals", product, key, quarter, random.integers(0, 8), random.integers(0, 12))
        for quarter in QUARTERS if has["customers"] else ():
            count = random.integers(30, 60)
            add("customers", key, quarter, count, 2, random.integers(0, 4), count + random.integers(0, count))
        for need in random.choice(6, 3, replace=False) if has["needs"] else ():
            add("segment_needs", key, f"n{need}", round(random.uniform(0.1, 1), 2))
        for number in range(random.integers(1, 5) if has["statements"] else 0):
            points = random.integers(1, 6), round(random.uniform(0.2, 1), 2)
            add("statements", key, random.choice(list("SWOT")), f"Statement {number}", *points, "Ana")
    return rows


def _add_market(add, key, random, method):
    """Ten years up to 2025 and an analyst's forecast, or ten years alone, or too few years for a trend."""
    size, growth = random.lognormal(21, 0.6), random.uniform(-0.03, 0.1)
    for category in ("",) if random.random() < 0.5 else sorted(set(PRODUCTS.values())):
        for year in range(2023 if method == "none" else 2016, 2030 if method == "analyst" else 2026):
            figure = round(size * (1 + growth) ** (year - 2025) * random.lognormal(0, 0.03), -3)
            ends = (0.9 * figure, 1.1 * figure) if year > 2025 else ("", "")
            add("market", key, category, year, figure, "forecast" if year > 2025 else "actual", *ends, 0.02)


def book_of(rows):
    raw = {name: RawTable(name, HEADERS[name], rows[name]) for name in HEADERS}
    return build_book(BookSettings(company="Invented Ltd", currency="EUR"), raw)


@dataclasses.dataclass(frozen=True)
class Case:
    """An invented book with its scenario, facts, SWOT and ranking."""

    book: Book
    scenario: Scenario
    facts: object
    swot: object
    ranking: object


def standing(book, scenario):
    facts = segment_facts(book, scenario, QUARTER)
    swot = score_swot(facts, book, scenario)
    return Case(book, scenario, facts, swot, rank_segments(facts, swot, scenario))


def scene(seed):
    """Random weights and prior, and growth adjusted in three segments."""
    random = np.random.default_rng([seed, 1])
    adjusted = {
        f"s{place:02d}": round(random.uniform(-0.03, 0.03), 3) for place in random.choice(SEGMENTS, 3, replace=False)
    }
    return load_scenario("base", "sample").with_values(
        weights={name: random.integers(1, 15) for name in CRITERIA},
        win_rate_prior={"rate": round(random.uniform(0.1, 0.5), 2), "deals": random.integers(5, 40)},
        growth_adjustments=adjusted,
    )


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return [standing(book_of(invented_tables(seed)), scene(seed)) for seed in range(BOOKS)]


def remaining(book, gone):
    """The book without some segments."""
    tables = {
        name: table[~table["segment"].isin(gone)].reset_index(drop=True) if "segment" in table else table
        for name, table in book.tables().items()
    }
    return Book(book.settings, tables)


def removals(number, seed):
    """Sets of segments to remove, from one to all but the two that stay and one more."""
    random = np.random.default_rng([seed, 2])
    keys = [f"s{place:02d}" for place in range(len(STAY), SEGMENTS)]
    return [set(random.choice(keys, random.integers(1, len(keys)), replace=False).tolist()) for _ in range(number)]


def assert_the_others_stay(whole, part, gone):
    """No other score differs by a bit, and the others follow one another as before, equals included."""
    one, other = (dict(zip(each.order["segment"], each.order["score"], strict=True)) for each in (whole, part))
    left = {key: score for key, score in one.items() if key not in gone}
    assert list(other.items()) == list(left.items()) and 0 < len(left) < SEGMENTS
    ranks = [1 + sum(better > score for better in left.values()) for score in left.values()]
    assert part.order["rank"].tolist() == ranks


def test_the_books_hold_what_makes_segments_depend_on_one_another(cases):
    facts = pd.concat([case.facts.segments for case in cases])
    assert facts["growth_method"].nunique() >= 3  # an analyst's, a computed one and none
    assert (facts["deals_closed"] == 0).any() and facts["win_rate"].notna().all() and facts["win_rate"].nunique() > 60
    for column in ("retention", "coverage", "share"):
        assert facts[column].isna().any() and facts[column].notna().sum() > 40, column


def test_removing_segments_from_the_book_changes_no_score_and_no_order_of_the_others(cases):
    tried = 0
    for seed, case in enumerate(cases):
        for gone in removals(WHOLE, seed):
            part = standing(remaining(case.book, gone), case.scenario)
            assert_the_others_stay(case.ranking, part.ranking, gone)
            tried += 1
    assert tried == BOOKS * WHOLE


@slow
def test_removing_segments_from_the_facts_changes_no_score_and_no_order_of_the_others(cases):
    tried = 0
    for seed, case in enumerate(cases):
        for gone in removals(FROM_FACTS, 100 + seed):
            tables = {name: table[~table["segment"].isin(gone)] if "segment" in table else table
                      for name, table in case.facts.tables().items()
                      if name != "grades"}  # fmt: skip
            facts = dataclasses.replace(case.facts, **tables)
            part = rank_segments(facts, score_swot(facts, case.book, case.scenario), case.scenario)
            assert_the_others_stay(case.ranking, part, gone)
            tried += 1
    assert tried + BOOKS * WHOLE >= 1000


def test_what_the_book_covers_is_read_off_its_revenue_and_said_where_a_quarter_goes_with_a_segment():
    """The one way in which a segment touches the others: a quarter in which nobody else sold is no longer covered."""
    rows = invented_tables(0)
    rows["revenue"] = [row for row in rows["revenue"] if row[2] != "2026Q1"] + [["p0", "s02", "2026Q1", "1000.00"]]
    book, scenario = book_of(rows), scene(0)
    whole, part = standing(book, scenario).facts, standing(remaining(book, {"s02"}), scenario).facts
    assert whole.segments["revenue_y"].notna().all() and part.segments["revenue_y"].isna().all()
    assert any(said.startswith("Revenue over four quarters is absent") for said in part.missing)


def test_a_segment_that_comes_in_between_leaves_the_others_their_order(cases):
    for case in cases:
        table = case.facts.segments
        new = table.iloc[[3]].assign(segment="new", name="New", **table.mean(numeric_only=True))
        facts = dataclasses.replace(case.facts, segments=pd.concat([table, new], ignore_index=True))
        more = rank_segments(facts, score_swot(facts, case.book, case.scenario), case.scenario)
        kept = more.order[more.order["segment"] != "new"].set_index("segment")["score"]
        assert len(more.order) == SEGMENTS + 1
        pd.testing.assert_series_equal(kept, case.ranking.order.set_index("segment")["score"], check_exact=True)


@pytest.mark.parametrize("factor", [0.25, 1 / 3, 7, 1000])
def test_weights_times_a_constant_give_the_same_ranking(cases, factor):
    for case in cases:
        weights = {name: factor * getattr(case.scenario.weights, name) for name in CRITERIA}
        scaled = case.scenario.with_values(weights=weights)
        other = rank_segments(case.facts, score_swot(case.facts, case.book, scaled), scaled)
        pd.testing.assert_frame_equal(other.order, case.ranking.order, check_exact=True)


def test_rows_in_another_order_give_the_same_ranking(cases):
    for seed, case in enumerate(cases[:3]):
        random = np.random.default_rng([seed, 3])
        rows = {name: [table[row] for row in random.permutation(len(table))]
                for name, table in invented_tables(seed).items()}  # fmt: skip
        other = standing(book_of(rows), case.scenario).ranking
        for name, table in case.ranking.tables().items():
            pd.testing.assert_frame_equal(other.tables()[name], table, check_exact=True)


def test_better_on_one_criterion_never_ranks_lower(cases):
    random, tried = np.random.default_rng(4), 0
    while tried < 400:
        case = cases[tried % BOOKS]
        values = case.swot.values
        row, name = int(random.integers(SEGMENTS)), str(random.choice([each for each in values if each != "segment"]))
        if np.isnan(values.loc[row, name]):
            continue
        key, value = values.loc[row, "segment"], float(values.loc[row, name])
        values.loc[row, name] = value + random.random() ** 3 * (1 - value)
        after = rank_segments(case.facts, dataclasses.replace(case.swot, values=values), case.scenario)
        ranks, scores = (
            [each.order.set_index("segment")[column] for each in (case.ranking, after)] for column in ("rank", "score")
        )
        assert ranks[1][key] <= ranks[0][key] and scores[1][key] >= scores[0][key]
        assert (scores[1].drop(key).sort_index() == scores[0].drop(key).sort_index()).all()
        tried += 1
