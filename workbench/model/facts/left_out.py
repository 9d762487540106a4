"""What the facts leave out, in sentences, and what each of them rests on."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from workbench.book.book import Book
from workbench.book.quarters import first_day, last_day, trailing
from workbench.criteria import CRITERIA, Criterion, with_own_table
from workbench.model.results import listed
from workbench.scenario import Scenario

FULLY = {"retention": "Retention, with adoption,"}  # where more than the criterion is absent
GAPS = ("size", "retention", "coverage", "share")  # named first where a segment's figure is missing


def cut_short(book: Book, quarter: str) -> list[str]:
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


def what_is_missing(
    book: Book,
    segments: pd.DataFrame,
    cells: pd.DataFrame,
    market: pd.DataFrame,
    quarter: str,
    years: Mapping[str, int],
) -> list[str]:
    """What was left out, and why, in sentences."""
    said = []
    first = book.table("revenue")["quarter"].min()
    if segments["revenue_y"].isna().all():
        said.append(f"Revenue over four quarters is absent: revenue must cover {trailing(quarter)[0]} to {quarter}.")
    elif segments["revenue_growth"].isna().all():
        window = trailing(quarter, 8)
        why = (
            f"revenue starts in {first}"
            if first > window[0]
            else f"{window[0]} to {window[3]} hold none or lack a quarter"
        )
        said.append(f"Revenue growth is absent: it needs the year before, and {why}.")
    if not years:
        said.append(f"Market size is absent: no actual year of the market had ended by {quarter}.")
    judged = cells["relevance"].notna()
    if not judged.any():
        said.append(
            "Relevance is not judged: fill in the relevance sheet; until then share, runway and diagnosis are absent."
        )
    elif not judged.all():
        said.append(f"Relevance is not judged in {int((~judged).sum())} of {len(judged)} cells; they are left out.")
    if market["addressable_rate"].isna().all() and years:
        said.append("Share and runway are refused: no addressable rate is declared, and an industry's whole output is "
                    "not our market.")  # fmt: skip
    said += _said_of_tables(book, segments)
    return said


def partly_known(
    segments: pd.DataFrame, cells: pd.DataFrame, counted: pd.Series, quarter: str, years: Mapping[str, int], last: int
) -> list[str]:
    """Where a figure rests on a part of the book only, in sentences."""
    names = dict(segments["name"].items())
    said = [
        f"Market size of {names[key]} is that of {years[key]}: no later year that had ended by {quarter} is complete."
        for key in segments.index
        if years.get(key, last) < last
    ]
    outside = cells[~counted & (cells["revenue_y"] > 0) & cells["segment"].map(segments["share"].notna())]
    for key, part in outside.groupby("segment"):
        products = listed(list(part["product"]))
        said.append(
            f"Share of {names[key]} leaves out the revenue of {products}: that part of the market is not known."
        )
    return said


def _said_of_tables(book: Book, segments: pd.DataFrame) -> list[str]:
    names = dict(segments["name"].items())
    own = [each for each in with_own_table() if each.fact]
    said = [
        f"{FULLY.get(each.name, each.measure.label)} is absent: the book has no {each.needs[0]} table."
        for each in own
        if not book.has(each.needs[0])
    ]
    if book.has("segment_needs") and not book.has("coverage"):
        said.append("Coverage is absent: the book has no coverage table.")
    if book.has("segment_needs") and not book.has("needs"):
        said.append("What is needed is not in words: the book has no needs table.")
    if book.has("deals") and not segments["deals_closed"].any():
        said.append("Win rate rests on the scenario's prior alone: no deal was decided in the four quarters.")
    if book.has("customers") and segments["retention"].isna().all():
        said.append("Retention is absent: it needs lost customers over four quarters.")
    for each in [CRITERIA[name] for name in dict.fromkeys((*GAPS, *(each.name for each in own)))]:
        gaps = [names[key] for key in segments.index[segments[each.fact].isna()]]
        if gaps and len(gaps) < len(segments):
            said.append(f"{each.measure.label} is missing for {', '.join(gaps)}; the neutral point stands in.")
    return said


def grades_of(book: Book, scenario: Scenario) -> pd.DataFrame:
    """One row per fact: what it rests on."""
    rows = [_own(CRITERIA[name]) for name in ("revenue", "size")]
    if book.has("market") and book.table("market")["addressable_rate"].notna().any():
        rows.append(("addressable market", "claimed", "addressable rate of the market table"))
    source = "scenario" if scenario.reach is not None else "book.toml, or the default"
    rows.append(("reach", "assumed", source))
    rows += [_claim("relevance", "relevance")] if book.has("relevance") else []
    rows += [_own(each) for each in with_own_table() if book.has(each.table)]
    asks = (("impacts", "effects of asks"), ("efforts", "effort of asks"))
    rows += [_claim(table, fact) for table, fact in asks if book.has(table)]
    rows += _grades_of_spend(book)
    return pd.DataFrame(rows, columns=["fact", "grade", "note"])


def _own(criterion: Criterion) -> tuple[str, str, str]:
    """The row of a criterion whose figure comes from a table of its own."""
    return criterion.rests_on[0], criterion.grade, f"{criterion.table} table"


def _claim(table: str, fact: str) -> tuple[str, str, str]:
    return fact, "claimed", f"{table} table"


def _grades_of_spend(book: Book) -> list[tuple[str, str, str]]:
    """What the response to spend rests on; a default of `book.toml` stands in where the spend table is silent."""
    spend = book.table("spend")
    if spend.empty:
        return []
    rows = [("spend today", "observed", "spend table")]
    lines = spend[spend["current_y"] > 0]
    silent = int(lines["erosion"].isna().sum())
    rows += [("erosion", "claimed", "spend table")] if silent < len(lines) else []
    rows += [("erosion", "assumed", f"book.toml, in {silent} of {len(lines)} lines of spend")] if silent else []
    whole = int((spend["segment"] == "").sum())
    rows += [("spend by segment", "assumed", f"split by revenue, in {whole} lines")] if whole else []
    return [*rows, ("runway by lever", "assumed", "lever split and half saturation of book.toml")]
