"""A table of industries and years into a book: the market of each segment."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from workbench.book.text import nearest
from workbench.errors import Problem
from workbench.sources.imports.accounting import ACCOUNT_HEADER, LEFT_OUT_HEADER, ImportReport, counted, stop_on
from workbench.sources.imports.market_mapping import NOT_DECLARED, MarketMapping, read_market_mapping
from workbench.sources.imports.market_rows import (
    Serves,
    Sizes,
    absent_industries,
    add_up,
    count_market,
    judge_market,
    read_market,
)
from workbench.sources.imports.readers import ALIKE, Source, workroom
from workbench.sources.tables import money, read_rows, safe_cell, write_csv, write_table, written_together

ASKED = (
    "say which part of these industries' output products such as yours can serve: their whole output is not your "
    f'market; addressable_rate = "{NOT_DECLARED}" leaves it open, and then share and runway are left out'
)


def import_market(table: Path, mapping: Path, out: Path) -> ImportReport:
    """The report of a market table brought into the book `out`, whose segments it must know. Raises BookError, and
    writes nothing, where a row of the table is not explained by the mapping.

    Rows of the book's market that come from another source stay.
    """
    plan = read_market_mapping(mapping)
    segments = sorted(row["segment"] for row in read_rows(out, "segments"))
    if not segments:
        stop_on([Problem("segments.csv", None, None, "no segments in the book", "the segments that the market is of",
                       "run workbench import-crm first, or fill in segments.csv")])  # fmt: skip
    serves = _serves(plan)
    known = sorted({segment for parts in serves.values() for segment, _ in parts})
    problems = [*_mapping_problems(plan, mapping.name, segments), *_rate_problems(plan, mapping.name, known, segments)]
    with workroom() as connection:
        source = read_market(connection, table, plan, mapping.name)
        problems += judge_market(connection, source, plan, mapping.name, sorted(serves))
        problems += absent_industries(connection, source, plan, mapping.name, sorted(serves))
        stop_on(problems)
        sizes, gaps = add_up(connection, source, plan, serves)
        kept = _kept(out, plan.table.source)
        stop_on([*gaps, *_clashes(kept, sizes)])
        count = count_market(connection, source, plan)
        left_out = _left_out(connection, source, plan, sorted(serves))
        with written_together(out) as folder:
            write_table(folder, "market", [*(row for _, row in kept), *_rows(plan, sizes)])
            write_csv(folder / "import" / "market_rows.csv", ACCOUNT_HEADER, count.lines())
            write_csv(folder / "import" / "market_left_out.csv", LEFT_OUT_HEADER, left_out)
    written = ("import/market_left_out.csv", "import/market_rows.csv", "market.csv")
    return ImportReport((count,), _notes(plan, segments, known, kept, sizes), written)


def _serves(plan: MarketMapping) -> Serves:
    """The segments that each industry serves, with the part of it that serves them."""
    serves = {industry: [(segment, Decimal(1))] for industry, segment in plan.industries.items()}
    for item in plan.shares:
        serves.setdefault(item.industry, []).append((item.segment, Decimal(repr(item.share))))
    return serves


def _mapping_problems(plan: MarketMapping, where: str, segments: list[str]) -> list[Problem]:
    """Unknown segments; industries given twice; shares that add up to more than the industry."""
    problems = []
    pairs = [("industries", industry, segment) for industry, segment in plan.industries.items()]
    for place, industry, segment in [*pairs, *(("shares", item.industry, item.segment) for item in plan.shares)]:
        if segment not in segments:
            found = f"the unknown segment {segment!r} for {industry!r}"
            problems.append(Problem(where, None, place, found, ", ".join(segments), _write(segment, segments)))
    for industry in sorted({item.industry for item in plan.shares}):
        parts = [item for item in plan.shares if item.industry == industry]
        total = sum(Decimal(repr(item.share)) for item in parts)
        if total > 1:
            problems.append(
                Problem(where, None, "shares", f"{total} of {industry!r} in all", "at most 1", "lower a share")
            )
        if len({item.segment for item in parts}) < len(parts):
            problems.append(Problem(where, None, "shares", f"{industry!r} twice for one segment", "once", "remove one"))
        if industry in plan.industries:
            problems.append(Problem(where, None, "shares", f"{industry!r} under [industries] too", "one of the two",
                                    "remove it from [industries]"))  # fmt: skip
    return problems


def _rate_problems(plan: MarketMapping, where: str, known: list[str], segments: list[str]) -> list[Problem]:
    """The addressable rate where it is missing, of a segment too, or given for a segment that is not known."""
    rate, allowed = plan.addressable_rate, f'a share from 0 to 1, such a share per segment, or "{NOT_DECLARED}"'
    if rate is None:
        return [Problem(where, None, "addressable_rate", "no addressable rate", allowed, ASKED)]
    if not isinstance(rate, dict):
        return []
    asked = [Problem(where, None, f"addressable_rate.{segment}", "no addressable rate", allowed, ASKED)
             for segment in known if segment not in rate]  # fmt: skip
    unknown = [segment for segment in rate if segment not in segments]
    return asked + [
        Problem(where, None, "addressable_rate", f"the unknown segment {segment!r}", ", ".join(segments),
                _write(segment, segments))
        for segment in unknown
    ]  # fmt: skip


def _write(segment: str, segments: list[str]) -> str:
    near = nearest(segment, segments, ALIKE)
    return f"write {near!r}" if near else "correct the name, or add it to segments.csv"


def _kept(out: Path, source: str) -> list[tuple[int, dict[str, str]]]:
    """The rows of the book's market that come from another source, with their row numbers."""
    rows = enumerate(read_rows(out, "market"), start=2)
    return [(number, row) for number, row in rows if row.get("source", "") != source]


def _clashes(kept: list[tuple[int, dict[str, str]]], sizes: Sizes) -> list[Problem]:
    """One problem for each segment and source whose rows the import would double."""
    years = {(segment, str(year)) for segment, year, _ in sizes}
    segments = {segment for segment, _ in years}
    twice: dict[tuple[str, str], list[int]] = {}
    for number, row in kept:
        if (row["segment"], row["year"]) in years or (row.get("category") and row["segment"] in segments):
            twice.setdefault((row["segment"], row.get("source", "")), []).append(number)
    return [
        Problem("market.csv", rows[0], "segment, year", f"{counted(len(rows))} of {segment} from the source {source!r}",
                "one figure for a segment and year", "delete these rows, or write this source in the mapping")
        for (segment, source), rows in sorted(twice.items())
    ]  # fmt: skip


def _rows(plan: MarketMapping, sizes: Sizes) -> list[dict[str, str]]:
    rate = plan.addressable_rate
    return [
        {"segment": segment, "year": str(year), "size": money(size), "kind": kind, "source": plan.table.source,
         "addressable_rate": _rate(rate.get(segment) if isinstance(rate, dict) else rate)}
        for (segment, year, kind), size in sizes.items()
    ]  # fmt: skip


def _rate(rate: float | str | None) -> str:
    return "" if rate is None or isinstance(rate, str) else f"{rate:.12g}"


def _left_out(connection: Any, source: Source, plan: MarketMapping, industries: list[str]) -> list[list[str]]:
    """Each row that a rule left out, with the value that did it and, of an industry, the nearest mapped one."""
    rows = connection.execute("SELECT row, rule, left_out FROM market WHERE rule IS NOT NULL ORDER BY row").fetchall()
    of_industry = {value for _, rule, value in rows if plan.leave_out[rule].column == plan.table.industry}
    near = {value: nearest(value, industries, ALIKE) or "" for value in of_industry}
    lines = []
    for row, number, value in rows:
        rule = plan.leave_out[number]
        like = near[value] if rule.column == plan.table.industry else ""
        lines.append([source.file, str(row), rule.name, rule.column, safe_cell(value), safe_cell(like)])
    return lines


def _notes(plan: MarketMapping, segments: list[str], known: list[str], kept: list[tuple[int, dict[str, str]]],
           sizes: Sizes) -> tuple[str, ...]:  # fmt: skip
    years = [year for _, year, _ in sizes]
    notes = [f"{len(known)} segments, {min(years)}–{max(years)}."] if years else []
    if kept:
        notes.append(f"{counted(len(kept))} of market.csv from other sources stay.")
    absent = [segment for segment in segments if segment not in known]
    if absent:
        notes.append(f"No industry serves {', '.join(absent)}: the book has no market for it.")
    rates = plan.addressable_rate.values() if isinstance(plan.addressable_rate, dict) else [plan.addressable_rate]
    if NOT_DECLARED in rates:
        notes.append("The addressable rate is not declared everywhere: there share and runway are left out.")
    return tuple(notes)
