"""What is known of each segment at a quarter's end, from the book alone: no forecast, no judgement of ours."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.book.book import Book
from workbench.book.quarters import first_day, last_day, trailing
from workbench.book.tables import RELEVANT
from workbench.model.results import Facts
from workbench.scenario import Scenario


def addressable(market: pd.DataFrame, cells: pd.DataFrame, products: pd.DataFrame, year: int) -> pd.Series:
    """Addressable market per product × segment in `year`, currency a year; indexed like `cells`.

    A(segment, category) = size × addressable_rate × the highest relevance in the category, shared among its products
    in proportion to their relevance: alone in its category a product has size × rate × relevance. Where the book
    knows no categories in a segment, all products share one market. Missing without a rate or a relevance.
    """
    rows = market[market["year"] == year]
    pools = rows.assign(pool=rows["size"] * rows["addressable_rate"])[["segment", "category", "pool"]]
    whole = set(pools.loc[pools["category"] == "", "segment"])
    category = cells["product"].map(products.set_index("product")["category"])
    joined = cells.assign(category=category.where(~cells["segment"].isin(whole), ""))
    joined = joined.merge(pools, on=["segment", "category"], how="left")
    group = joined.groupby(["segment", "category"])["relevance"]
    top, total = group.transform("max"), group.transform("sum")
    part = np.where(total > 0, joined["relevance"] / total.where(total > 0, 1.0), joined["relevance"] * 0.0)
    return pd.Series(joined["pool"].to_numpy() * top.to_numpy() * part, index=cells.index)


def observe(book: Book, scenario: Scenario, quarter: str) -> Facts:
    """The facts at the end of `quarter` over its trailing four quarters; growth is still to be forecast.

    Runway R = max(0, reach × addressable − revenue). Data after the quarter are not looked at; of the market only
    years that ended by then count as actual.
    """
    market, base_year = visible_market(book, quarter)
    said = [*_cut_short(book, quarter)]
    cells = _cells(book, quarter)
    year = base_year if base_year is not None else 0
    cells["addressable_y"] = addressable(market, cells, book.table("products"), year)
    before = addressable(market, cells, book.table("products"), year - 1)
    reach = scenario.reach if scenario.reach is not None else book.settings.reach
    cells["runway_y"] = (reach * cells["addressable_y"] - cells["revenue_y"]).clip(lower=0)
    segments = book.table("segments")[["segment", "name"]].set_index("segment")
    _add_revenue(segments, cells, before)
    sizes = market[market["year"] == year].groupby("segment")["size"].sum()
    segments["size_y"] = sizes.reindex(segments.index)
    _add_customers(segments, book, cells, quarter)
    _add_deals(segments, book, scenario, quarter)
    _add_coverage(segments, cells, book)
    said += _missing(book, segments, cells, market, quarter, base_year)
    grades = _grades(book, scenario)
    return Facts(tuple(said), quarter, segments.reset_index(), cells, _no_growth(), grades)


def visible_market(book: Book, quarter: str) -> tuple[pd.DataFrame, int | None]:
    """The market rows that may be looked at from `quarter`, and the last actual year among them (None: none).

    An actual year counts once it has ended by the quarter's last day; forecasts count for later years only.
    """
    market = book.table("market")
    market["year"] = market["year"].astype("int64")
    ended = last_day(quarter, book.settings.fiscal_month)
    last = ended.year if (ended.month, ended.day) == (12, 31) else ended.year - 1
    actual = market[(market["kind"] == "actual") & (market["year"] <= last)]
    base_year = int(actual["year"].max()) if not actual.empty else None
    forecast = market[
        (market["kind"] == "forecast") & (market["year"] > (base_year if base_year is not None else last))
    ]
    return pd.concat([actual, forecast], ignore_index=True), base_year


def _cells(book: Book, quarter: str) -> pd.DataFrame:
    """Every product × segment with revenue now and a year ago, relevance, coverage and margin."""
    products, segments = book.table("products"), book.table("segments")
    cells = products[["product", "gross_margin"]].merge(segments[["segment"]], how="cross")
    cells = cells[["product", "segment", "gross_margin"]].sort_values(["product", "segment"], ignore_index=True)
    revenue = book.table("revenue")
    for column, years_ago in (("revenue_y", 0), ("revenue_before_y", 1)):
        window = trailing(quarter, 4 * (years_ago + 1))[:4]
        part = revenue[revenue["quarter"].isin(window)]
        known = revenue["quarter"].min() <= window[0] and bool((part["quarter"] == window[-1]).any())
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


def _add_revenue(segments: pd.DataFrame, cells: pd.DataFrame, before: pd.Series) -> None:
    sums = cells.assign(before=before).groupby("segment")
    segments["revenue_y"] = sums["revenue_y"].sum(min_count=1)
    earlier = sums["revenue_before_y"].sum(min_count=1)
    segments["revenue_growth"] = segments["revenue_y"] / earlier.where(earlier > 0) - 1
    total = sums["addressable_y"].sum(min_count=1)
    total_before = sums["before"].sum(min_count=1)
    segments["addressable_y"] = total
    segments["share"] = segments["revenue_y"] / total.where(total > 0)
    segments["share_trend"] = segments["share"] - earlier / total_before.where(total_before > 0)
    segments["runway_y"] = sums["runway_y"].sum(min_count=1)
    segments["relevance"] = sums["relevance"].max()


def _add_customers(segments: pd.DataFrame, book: Book, cells: pd.DataFrame, quarter: str) -> None:
    """Logo retention = 1 − lost over four quarters ÷ customers at their start; adoption = pairs ÷ possible pairs."""
    table = book.table("customers")
    now = table[table["quarter"] == quarter].set_index("segment").reindex(segments.index)
    segments["customers"] = now["customers"].astype("float64")
    segments["pairs"] = now["product_customers"].astype("float64")
    year = table[table["quarter"].isin(trailing(quarter))].astype({"lost": "float64"})
    lost = year.groupby("segment")["lost"].sum(min_count=4).reindex(segments.index)
    start = table[table["quarter"] == trailing(quarter, 5)[0]].set_index("segment")["customers"].astype("float64")
    oldest = (
        table[table["quarter"] == trailing(quarter)[0]]
        .set_index("segment")
        .astype({"customers": "float64", "new": "float64", "lost": "float64"})
    )
    start = start.reindex(segments.index).fillna(oldest["customers"] - oldest["new"] + oldest["lost"])
    segments["retention"] = (1 - lost / start.where(start > 0)).clip(lower=0)
    offered = cells[cells["relevance"] >= RELEVANT].groupby("segment")["product"].count().reindex(segments.index)
    segments["adoption"] = segments["pairs"] / (segments["customers"] * offered).replace(0, np.nan)


def _add_deals(segments: pd.DataFrame, book: Book, scenario: Scenario, quarter: str) -> None:
    """Win rate shrunk towards the prior: (won + rate × deals) ÷ (won + lost + deals), with its 80 % interval (beta)."""
    from scipy.special import betaincinv

    table = book.table("deals")
    year = table[table["quarter"].isin(trailing(quarter))].astype({"won": "float64", "lost": "float64"})
    sums = year.groupby("segment")[["won", "lost"]].sum().reindex(segments.index)
    if book.has("deals"):
        sums = sums.fillna(0.0)
    prior = scenario.win_rate_prior
    won, lost = sums["won"] + prior.rate * prior.deals, sums["lost"] + (1 - prior.rate) * prior.deals
    segments["deals_closed"] = sums["won"] + sums["lost"]
    segments["win_rate"] = won / (won + lost)
    segments["win_rate_low"] = betaincinv(won, lost, 0.1)
    segments["win_rate_high"] = betaincinv(won, lost, 0.9)


def _add_coverage(segments: pd.DataFrame, cells: pd.DataFrame, book: Book) -> None:
    """Coverage = importance-weighted best coverage over the segment's needs; a need that no product meets counts 0."""
    needs = book.table("segment_needs")[["segment", "need", "importance"]].astype({"importance": "float64"})
    best = book.table("coverage").astype({"coverage": "float64"}).groupby("need")["coverage"].max()
    if best.empty:
        segments["coverage"] = float("nan")
    else:
        needs["met"] = needs["importance"] * needs["need"].map(best).fillna(0.0)
        sums = needs.groupby("segment")[["met", "importance"]].sum().reindex(segments.index)
        segments["coverage"] = sums["met"] / sums["importance"].where(sums["importance"] > 0)
    segments["gap"] = 1 - segments["coverage"]


def _no_growth() -> pd.DataFrame:
    return pd.DataFrame(columns=["segment", "year", "size_y", "low_y", "high_y", "kind", "method", "source"])


def _cut_short(book: Book, quarter: str) -> list[str]:
    """Names a quarter among the trailing eight that the data cover only in part."""
    start = book.settings.data_from
    said = []
    for each in trailing(quarter, 8) if start else []:
        begins, ends = (day(each, book.settings.fiscal_month) for day in (first_day, last_day))
        if start and begins < start <= ends:
            said.append(
                f"{each} is cut short: the data start on {start.isoformat()}, so figures over it are understated."
            )
    return said


def _missing(
    book: Book, segments: pd.DataFrame, cells: pd.DataFrame, market: pd.DataFrame, quarter: str, base_year: int | None
) -> list[str]:
    """What was left out, and why, in sentences."""
    said = []
    first = book.table("revenue")["quarter"].min()
    if segments["revenue_y"].isna().all():
        said.append(f"Revenue over four quarters is absent: revenue must cover {trailing(quarter)[0]} to {quarter}.")
    elif segments["revenue_growth"].isna().all():
        said.append(f"Revenue growth is absent: it needs the year before, and revenue starts in {first}.")
    later = book.table("market").query("kind == 'actual'")["year"].max()
    if base_year is None:
        said.append(f"Market size is absent: no actual year of the market had ended by {quarter}.")
    elif later > base_year:
        said.append(f"Market years {base_year + 1} to {later} are later than {quarter} and are not used.")
    judged = cells["relevance"].notna()
    if not judged.any():
        said.append(
            "Relevance is not judged: fill in the relevance sheet; until then share, runway and diagnosis are absent."
        )
    elif not judged.all():
        said.append(f"Relevance is not judged in {int((~judged).sum())} of {len(judged)} cells; they are left out.")
    if market["addressable_rate"].isna().all() and base_year is not None:
        said.append("Share and runway are refused: no addressable rate is declared, and an industry's whole output is "
                    "not our market.")  # fmt: skip
    said += _said_of_tables(book, segments)
    return said


def _said_of_tables(book: Book, segments: pd.DataFrame) -> list[str]:
    names = dict(segments["name"].items())
    said = [
        f"{label} is absent: the book has no {table} table."
        for table, label in (("customers", "Retention and adoption"), ("deals", "Win rate"),
                             ("segment_needs", "Coverage"))
        if not book.has(table)
    ]  # fmt: skip
    if book.has("customers") and segments["retention"].isna().all():
        said.append("Retention is absent: it needs lost customers over four quarters.")
    for column, label in (
        ("size_y", "Market size"),
        ("retention", "Retention"),
        ("coverage", "Coverage"),
        ("share", "Share"),
    ):
        gaps = [names[key] for key in segments.index[segments[column].isna()]]
        if gaps and len(gaps) < len(segments):
            said.append(f"{label} is missing for {', '.join(gaps)}; the neutral point stands in.")
    return said


def _grades(book: Book, scenario: Scenario) -> pd.DataFrame:
    """One row per fact: what it rests on."""
    rows = [("revenue", "observed", "revenue table"), ("size", "observed", "market table")]
    if book.has("market") and book.table("market")["addressable_rate"].notna().any():
        rows.append(("addressable market", "claimed", "addressable rate of the market table"))
    source = "scenario" if scenario.reach is not None else "book.toml, or the default"
    rows.append(("reach", "assumed", source))
    for table, fact, grade in (
        ("relevance", "relevance", "claimed"), ("customers", "retention and adoption", "observed"),
        ("deals", "win rate", "estimated"), ("coverage", "coverage", "claimed"), ("statements", "judgement", "claimed"),
        ("impacts", "effects of asks", "claimed"), ("efforts", "effort of asks", "claimed"),
    ):  # fmt: skip
        if book.has(table):
            rows.append((fact, grade, f"{table} table"))
    return pd.DataFrame(rows, columns=["fact", "grade", "note"])
