"""The sample company: made again to the last byte, as large as promised, and with the stories one can see in tables."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from workbench import load_book, load_scenario
from workbench.book.book import Book
from workbench.book.quarters import first_day
from workbench.sources.tables.folder import SAMPLE

LATEST = "2026Q3"
SCENARIOS = ("base", "growth", "defend")


def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_sample", SAMPLE.parent / "make_sample.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


@pytest.fixture(scope="module")
def book() -> Book:
    return load_book("sample")


def test_making_the_sample_again_gives_the_same_bytes(tmp_path: Path) -> None:
    maker().make_sample(tmp_path)
    assert files(tmp_path) == files(SAMPLE)


def test_files_are_plain_text_that_every_spreadsheet_reads() -> None:
    for name, content in files(SAMPLE).items():
        assert not content.startswith(b"\xef\xbb\xbf"), name
        assert b"\r" not in content, name
        assert content.endswith(b"\n"), name


def test_no_cell_starts_like_a_formula(book: Book) -> None:
    for name, table in book.tables().items():
        for column in table.select_dtypes(exclude="number"):
            risky = table[column].dropna().astype(str).str.match(r"[=+\-@\t\r]")
            assert not risky.any(), f"{name}.{column}"


def test_rows_stand_sorted_by_key() -> None:
    revenue = pd.read_csv(SAMPLE / "revenue.csv", dtype=str, keep_default_na=False)
    keys = revenue[["product", "segment", "quarter"]].values.tolist()
    assert keys == sorted(keys)


def test_every_scenario_fits_the_book(book: Book) -> None:
    for name in SCENARIOS:
        load_scenario(name, "sample").check_against(book)


def test_every_table_of_the_workbench_is_there(book: Book) -> None:
    assert len(book.tables()) == 17
    assert all(book.has(name) for name in book.tables())


def test_the_company_is_as_large_as_promised(book: Book) -> None:
    products, market = book.table("products"), book.table("market")
    assert (len(products), products["category"].nunique(), len(book.table("segments"))) == (6, 3, 8)
    assert book.table("revenue")["quarter"].nunique() == 12
    assert book.table("revenue")["quarter"].max() == LATEST
    years = market.groupby("kind")["year"].agg(["min", "max", "nunique"])
    assert years.loc["actual"].tolist() == [2016, 2025, 10]
    assert years.loc["forecast"].tolist() == [2026, 2029, 4]
    assert len(market) == 8 * 3 * 10 + 7 * 3 * 4  # nobody publishes a forecast of hospitality
    assert len(book.table("relevance")) == 48
    assert len(book.table("needs")) == 12
    assert book.table("statements")["rater"].nunique() == 3


def test_forty_asks_of_five_teams_ask_for_twice_what_can_be_done(book: Book) -> None:
    asks, efforts, capacity = book.table("asks"), book.table("efforts"), book.table("capacity")
    assert len(asks) == 40
    assert set(asks.loc[asks["theme"] != "", "theme"]) == {"field_app_2027"}
    assert (asks["theme"] != "").sum() == 3
    assert set(efforts["team"]) == set(capacity["team"]) == {"Data", "Experience", "Integrations", "Mobile", "Platform"}
    available = capacity.loc[capacity["quarter"] == "2026Q4", "capacity"].sum()
    assert 2.0 <= efforts["effort"].sum() / available <= 2.5
    assert (asks["requires"] != "").any()
    assert (asks["excludes"] != "").any()


def test_money_has_the_promised_size(book: Book) -> None:
    revenue, spend = book.table("revenue"), book.table("spend")["current_y"].sum()
    yearly = revenue.loc[revenue["quarter"] > "2025Q3", "revenue"].sum()
    assert 95e6 <= yearly <= 110e6
    assert 25e6 <= spend <= 32e6
    assert load_scenario("growth", "sample").budget.total_y == pytest.approx(1.15 * spend, rel=0.005)


def test_customers_add_up_from_quarter_to_quarter(book: Book) -> None:
    for segment, part in book.table("customers").groupby("segment"):
        part = part.sort_values("quarter")
        expected = part["customers"].shift() + part["new"] - part["lost"]
        assert (expected.iloc[1:] == part["customers"].iloc[1:]).all(), segment
        assert (part["product_customers"] >= part["customers"]).all(), segment


def test_new_customers_and_pairs_come_from_deals_won(book: Book) -> None:
    won = book.table("deals").groupby(["segment", "quarter"])["won"].sum()
    table = book.table("customers").set_index(["segment", "quarter"])
    assert (table["new"] <= won).all()
    gained = table.groupby("segment")["product_customers"].diff().dropna()
    assert (gained <= won.reindex(gained.index)).all()


def test_forecasts_stand_within_their_intervals_that_widen(book: Book) -> None:
    market = book.table("market").query("kind == 'forecast'").sort_values("year")
    assert ((market["low"] < market["size"]) & (market["size"] < market["high"])).all()
    width = (market["high"] - market["low"]) / market["size"]
    assert width.groupby([market["segment"], market["category"]]).apply(lambda part: part.is_monotonic_increasing).all()


def test_every_statement_is_rated_by_all_three_raters(book: Book) -> None:
    statements = book.table("statements")
    counts = statements.groupby(["segment", "quadrant", "statement"])["rater"].nunique()
    assert (counts == 3).all()
    assert counts.groupby("segment").size().between(6, 8).all()


def test_the_same_need_has_another_why_in_each_segment(book: Book) -> None:
    needs = book.table("segment_needs")
    assert needs["why"].is_unique
    assert needs.groupby("need").size().min() >= 2


def test_two_needs_of_logistics_are_unsigned_or_older_than_four_quarters(book: Book) -> None:
    needs = book.table("segment_needs")
    stale = needs["validated_on"] < first_day("2025Q4").isoformat()
    assert set(needs.loc[stale, "segment"]) == {"logistics"}
    assert stale.sum() == 2
    assert (needs["validated_on"] == "").sum() == 1


def test_spend_is_spread_thin_over_all_segments(book: Book) -> None:
    spend = book.table("spend").groupby("segment")["current_y"].sum()
    part = spend / spend.sum()
    assert 1 / (part**2).sum() > 6


def test_the_largest_market_is_retail_and_it_shrinks(book: Book) -> None:
    sizes = book.table("market").groupby(["segment", "year"])["size"].sum().unstack()
    assert sizes[2025].idxmax() == "retail"
    assert sizes.index[sizes[2029] < sizes[2025]].tolist() == ["retail"]


def test_relevant_products_do_not_sell_to_the_public_sector(book: Book) -> None:
    deals = book.table("deals").groupby("segment")[["won", "lost"]].sum()
    rates = deals["won"] / (deals["won"] + deals["lost"])
    relevance = book.table("relevance").groupby("segment")["relevance"].mean()
    assert rates.idxmin() == "public_sector"
    assert relevance["public_sector"] >= 0.7


def test_what_the_energy_segment_needs_most_is_covered_least(book: Book) -> None:
    best = book.table("coverage").groupby("need")["coverage"].max()
    needs = book.table("segment_needs").query("importance >= 0.8")
    covered = needs.assign(met=needs["need"].map(best)).groupby("segment")["met"].mean()
    assert covered.idxmin() == "energy"
    assert covered["energy"] <= 0.35


def test_nothing_of_ours_fits_hospitality_yet_it_pays_us(book: Book) -> None:
    relevance = book.table("relevance").groupby("segment")["relevance"].max()
    assert relevance.index[relevance < 0.5].tolist() == ["hospitality"]
    assert book.table("revenue").query("segment == 'hospitality'")["revenue"].sum() > 0


def test_the_loudest_ask_is_for_retail_and_hardly_anyone_else(book: Book) -> None:
    impacts, asks = book.table("impacts"), book.table("asks").set_index("ask")
    loudest = impacts.loc[impacts["revenue_y"].idxmax()]
    assert (loudest["ask"], loudest["segment"]) == ("loyalty_points", "retail")
    assert re.search("largest customer", asks.loc["loyalty_points", "requester"])
    others = impacts.query("ask == 'loyalty_points' and segment != 'retail'")
    assert others["revenue_y"].max() <= 0.02 * loudest["revenue_y"]
