"""Facts are what the rows say: each figure again by loops over the raw rows."""

from __future__ import annotations

from collections import defaultdict

import pytest
from scipy.stats import beta

from tests.model.raw import plan_of, rows
from workbench.errors import BookError
from workbench.model.quarter import segment_facts
from workbench.sources.tables.folder import load_book, load_scenario

YEAR = ["2025Q4", "2026Q1", "2026Q2", "2026Q3"]
YEAR_BEFORE = ["2024Q4", "2025Q1", "2025Q2", "2025Q3"]
BOOKS = ["sample", "tiny"]


@pytest.fixture(params=BOOKS)
def folder(request, sample_folder, tiny_book):
    return sample_folder if request.param == "sample" else tiny_book


@pytest.fixture
def facts(folder, tiny_book, sample_plan):
    return facts_of(folder) if folder == tiny_book else sample_plan.facts


def facts_of(folder, quarter="2026Q3"):
    return segment_facts(load_book(folder), load_scenario("base", folder), quarter)


def by_segment(facts, column):
    return dict(zip(facts.segments["segment"], facts.segments[column], strict=True))


def revenue(folder, quarters, product=None):
    sums = defaultdict(float)
    for row in rows(folder, "revenue"):
        if row["quarter"] in quarters and product in (None, row["product"]):
            sums[row["segment"]] += float(row["revenue"])
    return sums


def relevance(folder):
    return {(row["product"], row["segment"]): float(row["relevance"]) for row in rows(folder, "relevance")
            if row["relevance"]}  # fmt: skip


def markets(folder, year):
    """size × rate per segment × category."""
    return {(row["segment"], row["category"]): float(row["size"]) * float(row["addressable_rate"])
            for row in rows(folder, "market") if row["kind"] == "actual" and int(row["year"]) == year}  # fmt: skip


def addressable(folder, year):
    """A = size × rate × the most relevant product's relevance, over the categories of a segment."""
    category = {row["product"]: row["category"] for row in rows(folder, "products")}
    sums = defaultdict(float)
    for (segment, pool), amount in markets(folder, year).items():
        top = [value for (product, where), value in relevance(folder).items()
               if where == segment and pool in ("", category[product])]  # fmt: skip
        sums[segment] += amount * max(top)
    return sums


def test_revenue_is_the_sum_of_four_quarters_and_its_growth_is_against_the_four_before(folder, facts):
    now, before = revenue(folder, YEAR), revenue(folder, YEAR_BEFORE)
    assert by_segment(facts, "revenue_y") == pytest.approx(dict(now))
    assert by_segment(facts, "revenue_growth") == pytest.approx({key: now[key] / before[key] - 1 for key in now})


def test_addressable_markets_of_a_segment_add_up_to_size_times_rate_times_the_highest_relevance(folder, facts):
    assert by_segment(facts, "addressable_y") == pytest.approx(dict(addressable(folder, 2025)))
    cells = facts.cells.dropna(subset=["addressable_y"])
    assert dict(cells.groupby("segment")["addressable_y"].sum()) == pytest.approx(dict(addressable(folder, 2025)))


def test_products_of_one_category_share_its_market_by_relevance(sample_folder, sample_plan):
    category = {row["product"]: row["category"] for row in rows(sample_folder, "products")}
    judged, pools = relevance(sample_folder), markets(sample_folder, 2025)
    for _, cell in sample_plan.facts.cells.iterrows():
        family = [judged[name, cell["segment"]] for name in category if category[name] == category[cell["product"]]]
        own = judged[cell["product"], cell["segment"]]
        pool = pools[cell["segment"], category[cell["product"]]]
        assert cell["addressable_y"] == pytest.approx(pool * max(family) * own / sum(family) if sum(family) else 0)


def test_a_product_alone_in_its_category_has_size_times_rate_times_relevance(tiny_book):
    cells = facts_of(tiny_book).cells.set_index(["product", "segment"])["addressable_y"]
    assert cells["007", "NA"] == pytest.approx(4000000 * 0.2 * 1)
    assert cells["beam", "NA"] == pytest.approx(2000000 * 0.2 * 0.5)


def test_without_categories_all_products_share_one_market(tiny_book):
    cells = facts_of(tiny_book).cells.set_index(["product", "segment"])["addressable_y"]
    assert cells["007", "health"] == pytest.approx(1500000 * 0.2 * 0.75 * 0.5 / 1.25)
    assert cells["beam", "health"] == pytest.approx(1500000 * 0.2 * 0.75 * 0.75 / 1.25)


def test_share_and_its_trend_set_revenue_against_the_addressable_market_of_the_year(folder, facts):
    now, before = addressable(folder, 2025), addressable(folder, 2024)
    own, earlier = revenue(folder, YEAR), revenue(folder, YEAR_BEFORE)
    share = {key: own[key] / now[key] for key in now}
    assert by_segment(facts, "share") == pytest.approx(share)
    trend = {key: share[key] - earlier[key] / before[key] for key in now}
    assert by_segment(facts, "share_trend") == pytest.approx(trend)


def test_runway_is_what_reach_leaves_above_revenue_in_each_cell(folder, facts):
    reach = 0.3
    sums = defaultdict(float)
    for _, cell in facts.cells.dropna(subset=["addressable_y"]).iterrows():
        own = revenue(folder, YEAR, cell["product"])[cell["segment"]]
        sums[cell["segment"]] += max(0.0, reach * cell["addressable_y"] - own)
    assert by_segment(facts, "runway_y") == pytest.approx(dict(sums))


def test_retention_is_one_less_the_lost_of_four_quarters_per_customer_at_their_start(folder, facts):
    lost, start = defaultdict(float), {}
    for row in rows(folder, "customers"):
        lost[row["segment"]] += float(row["lost"]) if row["quarter"] in YEAR else 0
        if row["quarter"] == "2025Q3":
            start[row["segment"]] = float(row["customers"])
    assert by_segment(facts, "retention") == pytest.approx({key: 1 - lost[key] / start[key] for key in start})


def test_without_the_fifth_quarter_customers_at_the_start_follow_from_new_and_lost(tiny_book, change):
    change("customers", lambda row: row if row["quarter"] in YEAR else None)
    start = {row["segment"]: int(row["customers"]) - 2 + 1 for row in rows(tiny_book, "customers")
             if row["quarter"] == "2025Q4"}  # fmt: skip
    retention = by_segment(facts_of(tiny_book), "retention")
    assert retention == pytest.approx({key: 1 - 4 / count for key, count in start.items()})


def test_retention_needs_all_four_quarters(tiny_book, change):
    change("customers", lambda row: None if row["quarter"] == "2026Q1" else row)
    facts = facts_of(tiny_book)
    assert facts.segments["retention"].isna().all()
    assert "Retention is absent: it needs lost customers over four quarters." in facts.missing


def test_adoption_is_pairs_per_customer_and_relevant_product(folder, facts):
    offered, wanted = defaultdict(int), {}
    for (_, segment), value in relevance(folder).items():
        offered[segment] += value >= 0.5
    for row in rows(folder, "customers"):
        if row["quarter"] == "2026Q3" and offered[row["segment"]]:
            possible = int(row["customers"]) * offered[row["segment"]]
            wanted[row["segment"]] = int(row["product_customers"]) / possible
    found = {key: value for key, value in by_segment(facts, "adoption").items() if offered[key]}
    assert found == pytest.approx(wanted)


def test_the_win_rate_is_shrunk_towards_the_prior_with_the_interval_of_its_beta(folder, facts):
    prior = load_scenario("base", folder).win_rate_prior
    won, lost = defaultdict(int), defaultdict(int)
    for row in rows(folder, "deals"):
        if row["quarter"] in YEAR:
            won[row["segment"]] += int(row["won"])
            lost[row["segment"]] += int(row["lost"])
    for _, row in facts.segments.iterrows():
        a = won[row["segment"]] + prior.rate * prior.deals
        b = lost[row["segment"]] + (1 - prior.rate) * prior.deals
        assert row["win_rate"] == pytest.approx(a / (a + b))
        assert (row["win_rate_low"], row["win_rate_high"]) == pytest.approx(beta.ppf([0.1, 0.9], a, b))


def test_a_segment_without_deals_has_the_prior_and_a_year_without_any_is_said(tiny_book, change):
    change("deals", lambda row: None if row["segment"] == "public" else row)
    assert by_segment(facts_of(tiny_book), "win_rate")["public"] == pytest.approx(0.3)
    change("deals", lambda row: row if row["quarter"] < "2025Q4" else None)
    facts = facts_of(tiny_book)
    assert set(by_segment(facts, "win_rate").values()) == {0.3}
    assert "Win rate rests on the scenario's prior alone: no deal was decided in the four quarters." in facts.missing


def test_coverage_is_the_best_coverage_of_each_need_weighted_by_importance(folder, facts):
    best = defaultdict(float)
    for row in rows(folder, "coverage"):
        best[row["need"]] = max(best[row["need"]], float(row["coverage"]))
    met, weight = defaultdict(float), defaultdict(float)
    for row in rows(folder, "segment_needs"):
        met[row["segment"]] += float(row["importance"]) * best[row["need"]]
        weight[row["segment"]] += float(row["importance"])
    assert by_segment(facts, "coverage") == pytest.approx({key: met[key] / weight[key] for key in met})
    assert by_segment(facts, "gap") == pytest.approx({key: 1 - met[key] / weight[key] for key in met})


def test_growth_without_a_prior_year_is_absent_and_said(tiny_book, change):
    change("revenue", lambda row: row if row["quarter"] in YEAR else None)
    facts = facts_of(tiny_book)
    assert facts.segments["revenue_growth"].isna().all() and facts.segments["share_trend"].isna().all()
    assert "Revenue growth is absent: it needs the year before, and revenue starts in 2025Q4." in facts.missing


def test_a_quarter_missing_among_the_others_is_refused_not_taken_for_nothing_sold(tiny_book, change):
    change("revenue", lambda row: None if row["quarter"] == "2026Q1" else row)
    with pytest.raises(BookError, match="2026Q2 after 2025Q4, and no row between them"):
        facts_of(tiny_book)


def test_a_year_that_the_revenue_does_not_cover_is_no_year(tiny_book):
    facts = facts_of(tiny_book, "2024Q4")
    assert facts.segments["revenue_y"].isna().all() and facts.cells["runway_y"].isna().all()
    assert any(said.startswith("Revenue over four quarters is absent") for said in facts.missing)


def test_a_missing_addressable_rate_refuses_share_and_runway_in_a_sentence(tiny_book, change):
    change("market", lambda row: {**row, "addressable_rate": ""})
    plan = plan_of(tiny_book)
    assert plan.facts.segments[["share", "share_trend", "runway_y", "addressable_y"]].isna().all(axis=None)
    assert plan.facts.segments["size_y"].notna().all()
    said = "Share and runway are refused: no addressable rate is declared, and an industry's whole output is not our market."
    assert said in plan.missing
    assert plan.allocation.spend.empty and plan.answer == plan.ranking.answer


def test_a_market_without_a_figure_leaves_its_products_out_of_the_share(tiny_book, change):
    change("market", lambda row: None if (row["segment"], row["category"]) == ("NA", "analytics") else row)
    facts = facts_of(tiny_book)
    assert by_segment(facts, "share")["NA"] == pytest.approx(revenue(tiny_book, YEAR, "007")["NA"] / 800000)
    said = "Share of North America leaves out the revenue of beam: that part of the market is not known."
    assert said in facts.missing


def test_a_year_counts_only_where_every_category_has_it(tiny_book, change):
    gone = ("analytics", "2025")
    change("market", lambda row: None if (row["category"], row["year"]) == gone else row)
    facts = facts_of(tiny_book)
    assert by_segment(facts, "size_y")["NA"] == pytest.approx(0.95 * 6000000)
    assert by_segment(facts, "size_y")["health"] == 1500000
    said = "Market size of North America is that of 2024: no later year that had ended by 2026Q3 is complete."
    assert said in facts.missing


def test_a_first_quarter_cut_short_is_named(tiny_book, edit):
    edit("book.toml", "fiscal_month = 1", "fiscal_month = 1\ndata_from = 2025-02-11")
    assert facts_of(tiny_book).missing[0].startswith("2025Q1 is cut short: the data start on 2025-02-11")
    edit("book.toml", "2025-02-11", "2025-01-01")
    assert not any("cut short" in said for said in facts_of(tiny_book).missing)


LATER = {
    "revenue": [{"product": "beam", "segment": "health", "quarter": quarter, "revenue": "987654"}
                for quarter in ("2026Q4", "2027Q1")],
    "customers": [{"segment": "NA", "quarter": "2026Q4", "customers": "1", "new": "0", "lost": "60",
                   "product_customers": "1"}],
    "deals": [{"product": "beam", "segment": "NA", "quarter": "2026Q4", "won": "500", "lost": "0", "won_value": "1",
               "open_value": "1"}],
    "market": [{"segment": segment, "category": category, "year": "2030", "size": "1", "kind": "actual", "low": "",
                "high": "", "addressable_rate": "1", "source": "later"}
               for segment, category in (("NA", "security"), ("NA", "analytics"), ("health", ""))],
    "capacity": [{"team": "core", "quarter": "2027Q1", "capacity": "9999"}],
}  # fmt: skip


def test_rows_after_the_quarter_change_no_byte_of_the_plan(tiny_book):
    before = plan_of(tiny_book).to_json()
    for table, later in LATER.items():
        with (tiny_book / f"{table}.csv").open("a", encoding="utf-8") as file:
            file.writelines(",".join(row.values()) + "\n" for row in later)
    assert plan_of(tiny_book).to_json() == before


TABLES = {
    "relevance": ("Relevance is not judged", ["share", "runway_y", "adoption"]),
    "customers": ("Retention, with adoption, is absent", ["retention", "adoption", "customers"]),
    "deals": ("Win rate is absent", ["win_rate"]),
    "segment_needs": ("Coverage is absent: the book has no segment_needs", ["coverage", "gap"]),
    "coverage": ("Coverage is absent: the book has no coverage", ["coverage", "gap"]),
    "statements": ("Criterion judgement drops out: the book has no statements table", []),
    "spend": ("Allocation is left out", []),
    "goals": ("Contribution to goals is left out", []),
    "impacts": ("Asks are left out", []),
    "efforts": ("Capacity is not considered", []),
    "capacity": ("Capacity is not considered", []),
}


@pytest.mark.parametrize("table", TABLES)
def test_what_a_missing_table_feeds_is_left_out_and_said(tiny_book, table):
    said, columns = TABLES[table]
    (tiny_book / f"{table}.csv").unlink()
    plan = plan_of(tiny_book)
    assert any(sentence.startswith(said) for sentence in plan.missing)
    assert plan.facts.segments[columns].isna().all(axis=None)
    assert len(plan.ranking.order) == 3
