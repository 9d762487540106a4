"""What is known of each segment at a quarter's end, from the book alone: no forecast, no judgement of ours."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from workbench.book.book import Book
from workbench.book.quarters import last_day, trailing
from workbench.model.facts.by_segment import FIGURES, Seen
from workbench.model.facts.left_out import cut_short, grades_of, partly_known, what_is_missing
from workbench.model.facts.needs import needs_of, owners_of, products_of, proofs_of
from workbench.model.results import Facts
from workbench.scenario import Scenario


def addressable(
    market: pd.DataFrame, cells: pd.DataFrame, products: pd.DataFrame, years: Mapping[str, int]
) -> tuple[pd.Series, pd.Series]:
    """Addressable market per product × segment in the segment's year of `years`, currency a year, and whether the
    market that the cell belongs to is known; both indexed like `cells`.

    A(segment, category) = size × addressable_rate × the highest relevance in the category, shared among its products
    in proportion to their relevance: alone in its category a product has size × rate × relevance. Where the book
    knows no categories in a segment, all products share one market. Missing without a rate or a relevance.
    """
    rows = market[market["year"] == market["segment"].map(years)]
    pools = rows.assign(pool=rows["size"] * rows["addressable_rate"])[["segment", "category", "pool"]]
    whole = set(pools.loc[pools["category"] == "", "segment"])
    category = cells["product"].map(products.set_index("product")["category"])
    joined = cells.assign(category=category.where(~cells["segment"].isin(whole), ""))
    joined = joined.merge(pools, on=["segment", "category"], how="left")
    group = joined.groupby(["segment", "category"])["relevance"]
    top, total = group.transform("max"), group.transform("sum")
    part = np.where(total > 0, joined["relevance"] / total.where(total > 0, 1.0), joined["relevance"] * 0.0)
    whole_pool = joined["pool"].to_numpy() * top.to_numpy()
    return pd.Series(whole_pool * part, index=cells.index), pd.Series(~np.isnan(whole_pool), index=cells.index)


def observe(book: Book, scenario: Scenario, quarter: str) -> Facts:
    """The facts at the end of `quarter` over its trailing four quarters; growth is still to be forecast.

    Runway R = max(0, reach × addressable − revenue). Data after the quarter are not looked at; of the market only
    years that ended by then count as actual.
    """
    market, years = visible_market(book, quarter)
    said = [*cut_short(book, quarter)]
    cells = _cells(book, quarter)
    products = book.table("products")
    cells["addressable_y"], counted = addressable(market, cells, products, years)
    before = addressable(market, cells, products, {segment: year - 1 for segment, year in years.items()})
    reach = scenario.reach if scenario.reach is not None else book.settings.reach
    cells["runway_y"] = (reach * cells["addressable_y"] - cells["revenue_y"]).clip(lower=0)
    segments = book.table("segments")[["segment", "name"]].set_index("segment")
    seen = Seen(book, quarter, scenario.win_rate_prior, segments.index, cells, counted, before, market, years)
    for figures in FIGURES:
        for name, column in figures(seen).items():
            segments[name] = column
    said += what_is_missing(book, segments, cells, market, quarter, years)
    said += partly_known(segments, cells, counted, quarter, years, _last_ended(book, quarter))
    grades = grades_of(book, scenario)
    named = (needs_of(book, quarter), proofs_of(book), owners_of(book), products_of(book))
    return Facts(tuple(said), quarter, segments.reset_index(), cells, _no_growth(), grades, *named)


def visible_market(book: Book, quarter: str) -> tuple[pd.DataFrame, dict[str, int]]:
    """The market rows that may be looked at from `quarter`, and the base year of each segment that has one.

    An actual year counts once it has ended by the quarter's last day and covers every category of the segment; the
    last of them is the segment's base year. Forecasts count for later years only.
    """
    market = book.table("market")
    market["year"] = market["year"].astype("int64")
    last = _last_ended(book, quarter)
    market = market[(market["kind"] == "forecast") | (market["year"] <= last)]
    categories = market.groupby("segment")["category"].nunique()
    actual = market[market["kind"] == "actual"]
    counts = actual.groupby(["segment", "year"])["category"].nunique().reset_index()
    full = counts[counts["category"] == counts["segment"].map(categories)]
    years = {str(segment): int(year) for segment, year in full.groupby("segment")["year"].max().items()}
    whole = actual.merge(full[["segment", "year"]], on=["segment", "year"])
    after = market["segment"].map(years).fillna(last)
    forecast = market[(market["kind"] == "forecast") & (market["year"] > after)]
    return pd.concat([whole, forecast], ignore_index=True), years


def _last_ended(book: Book, quarter: str) -> int:
    """The last calendar year that had ended by the end of `quarter`."""
    ended = last_day(quarter, book.settings.fiscal_month)
    return ended.year if (ended.month, ended.day) == (12, 31) else ended.year - 1


def _cells(book: Book, quarter: str) -> pd.DataFrame:
    """Every product × segment with revenue now and a year ago, relevance, coverage and margin."""
    products, segments = book.table("products"), book.table("segments")
    cells = products[["product", "gross_margin"]].merge(segments[["segment"]], how="cross")
    cells = cells[["product", "segment", "gross_margin"]].sort_values(["product", "segment"], ignore_index=True)
    revenue = book.table("revenue")
    for column, years_ago in (("revenue_y", 0), ("revenue_before_y", 1)):
        window = trailing(quarter, 4 * (years_ago + 1))[:4]
        part = revenue[revenue["quarter"].isin(window)]
        known = set(window) <= set(part["quarter"])
        sums = part.groupby(["product", "segment"])["revenue"].sum().rename(column)
        cells = cells.merge(sums.reset_index(), on=["product", "segment"], how="left")
        cells[column] = cells[column].fillna(0.0) if known else float("nan")
    relevance = book.table("relevance")[["product", "segment", "relevance"]].astype({"relevance": "float64"})
    cells = cells.merge(relevance, on=["product", "segment"], how="left")
    return cells.merge(_cell_coverage(book), on=["product", "segment"], how="left")


def _cell_coverage(book: Book) -> pd.DataFrame:
    """How well a product covers those needs of a segment that it addresses, weighted by their importance."""
    needs = book.table("segment_needs")[["segment", "need", "importance"]].astype({"importance": "float64"})
    met = book.table("coverage")[["product", "need", "coverage"]].astype({"coverage": "float64"})
    joined = needs.merge(met, on="need").sort_values(["product", "segment", "need"])
    joined["weighted"] = joined["importance"] * joined["coverage"]
    sums = joined.groupby(["product", "segment"])[["weighted", "importance"]].sum()
    ratio = sums["weighted"] / sums["importance"].where(sums["importance"] > 0)
    return ratio.rename("coverage").reset_index()


def _no_growth() -> pd.DataFrame:
    sizes = ["size_y", "low_y", "high_y", "low95_y", "high95_y"]
    return pd.DataFrame(columns=["segment", "year", *sizes, "kind", "method", "source"])
