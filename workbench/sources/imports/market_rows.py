"""The rows of a market table, judged: used, left out by a rule, or unexplained."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from workbench.book.text import nearest
from workbench.errors import BookError, Problem
from workbench.sources.imports.accounting import (
    FileCount,
    RowFault,
    Told,
    blank_advice,
    nearest_name,
    unexplained,
)
from workbench.sources.imports.faults import number_sql, tell_number
from workbench.sources.imports.market_mapping import MarketMapping
from workbench.sources.imports.readers import ALIKE, Source, literal, read_source
from workbench.sources.imports.rules import left_out_value, rule_number, rule_problems

YEAR = "'(1[89]|20|21)[0-9]{2}'"
Serves = Mapping[str, list[tuple[str, Decimal]]]
Sizes = dict[tuple[str, int, str], Decimal]


def read_market(connection: Any, table: Path, plan: MarketMapping, where: str) -> Source:
    """The market table as text in DuckDB. Raises BookError where it or a rule of the mapping cannot be used."""
    part = plan.table
    columns = [part.industry, part.year, part.size, *([part.kind_column] if part.kind_column else [])]
    extra = {column for rule in plan.leave_out for column in (rule.column, *rule.when)}
    source, problems = read_source(connection, "raw_market", table, columns, extra)
    if source is not None:
        problems = rule_problems(where, plan.leave_out, source.header, [part.industry])
    if problems or source is None:
        raise BookError(problems)
    return source


def judge_market(
    connection: Any, source: Source, plan: MarketMapping, where: str, industries: list[str]
) -> list[Problem]:
    """Makes the table `market` (row, rule, industry, year, size, kind); returns what is unexplained."""
    part, run = plan.table, connection.execute
    run("CREATE TEMP TABLE industry_names (text VARCHAR, name VARCHAR)")
    if industries:
        connection.executemany("INSERT INTO industry_names VALUES (?, ?)", [(name, name) for name in industries])
    rule = rule_number(source, plan.leave_out, {part.industry: "industry_names.text IS NULL"})
    kind = f"s.{source.column(part.kind_column)}" if part.kind_column else literal(part.kind or "")
    industry, year, size = (f"s.{source.column(column)}" for column in (part.industry, part.year, part.size))
    run(f"""CREATE TEMP TABLE market AS SELECT s.rowid + 2 AS row, {rule} AS rule, industry_names.text AS industry,
        {left_out_value(source, plan.leave_out, rule)} AS left_out, {industry} AS industry_text, {year} AS year,
        {size} AS size_text, {number_sql(size)} AS size, {kind} AS kind
        FROM {source.name} s LEFT JOIN industry_names ON industry_names.text = {industry}""")
    return unexplained(connection, source, "market", _faults(connection, plan, where))


def _faults(connection: Any, plan: MarketMapping, where: str) -> list[RowFault]:
    part = plan.table
    allowed = f"an industry of [industries] or [[shares]] in {where}, or a rule"
    again = "SELECT industry, year FROM market WHERE rule IS NULL GROUP BY ALL HAVING count(*) > 1"

    def tell_industry(text: str, rows: str) -> Told:
        if not text:
            return f"no industry in {rows}", allowed, blank_advice(part.industry)
        near = nearest_name(connection, "industry_names", text)
        meant = f" (is it {near!r}?)" if near else ""
        advice = (
            f"say under [industries] which segment it serves{meant}, or leave it out by a rule with unmapped = true"
        )
        return f"the unknown industry {text!r} in {rows}", allowed, advice

    def tell_size(text: str, rows: str) -> Told:
        return tell_number(text, rows) if text else (f"no size in {rows}", "a number", blank_advice(part.size))

    faults = [
        RowFault(part.industry, "industry_text", "industry IS NULL", tell_industry, whole=True),
        RowFault(part.year, "year", f"NOT regexp_full_match(year, {YEAR})",
              lambda text, rows: (f"{text!r} in {rows}", "a year such as 2026", "correct it, or leave the rows out by a rule")),
        RowFault(part.size, "size_text", "coalesce(size < 0, true)", tell_size),
        RowFault(f"{part.industry}, {part.year}", "industry || ' in ' || year", f"(industry, year) IN ({again})",
              lambda text, rows: (f"{text} in {rows}", "one row per industry and year", "remove one of the rows")),
    ]  # fmt: skip
    if part.kind_column:
        faults.append(RowFault(part.kind_column, "kind", "kind NOT IN ('actual', 'forecast')", _tell_kind))
    return faults


def _tell_kind(text: str, rows: str) -> Told:
    return f"{text!r} in {rows}", "actual or forecast", "correct the cells, or leave the rows out by a rule"


def absent_industries(
    connection: Any, source: Source, plan: MarketMapping, where: str, industries: list[str]
) -> list[Problem]:
    """One problem for each industry of the mapping that the table does not have."""
    found = {name for (name,) in connection.execute("SELECT DISTINCT industry_text FROM market").fetchall()}
    problems = []
    for name in industries:
        if name not in found:
            near = nearest(name, found, ALIKE)
            advice = f"write {near!r}" if near else "correct the name"
            problems.append(Problem(where, None, "industries", f"the industry {name!r}, which {source.file} does not have",
                                    "the industries of the table", advice))  # fmt: skip
    return problems


def add_up(connection: Any, source: Source, plan: MarketMapping, serves: Serves) -> tuple[Sizes, list[Problem]]:
    """Size by segment, year and kind, in currency, exact; and each year in which a segment lacks one of its industries."""
    rows = connection.execute("SELECT industry, year::INTEGER, kind, size FROM market WHERE rule IS NULL").fetchall()
    sizes: Sizes = {}
    counted: dict[tuple[str, int, str], set[str]] = {}
    unit = Decimal(repr(plan.table.unit))
    for industry, year, kind, size in rows:
        for segment, share in serves[industry]:
            cell = (segment, year, kind)
            sizes[cell] = sizes.get(cell, Decimal(0)) + size * unit * share
            counted.setdefault(cell, set()).add(industry)
    problems = []
    for (segment, year, kind), present in sorted(counted.items()):
        for industry in sorted(name for name in serves if segment in dict(serves[name]) and name not in present):
            problems.append(Problem(source.file, None, plan.table.industry, f"no {kind} of {industry!r} for {year}",
                                    f"each industry of {segment} in each of its years",
                                    "add the row, or leave the year out by a rule"))  # fmt: skip
    return sizes, problems


def count_market(connection: Any, source: Source, plan: MarketMapping) -> FileCount:
    """What became of the rows of the table."""
    by_rule = dict(connection.execute("SELECT rule, count(*) FROM market GROUP BY 1").fetchall())
    left = tuple((rule.name, by_rule.get(place, 0)) for place, rule in enumerate(plan.leave_out))
    return FileCount("market", source.file, source.rows, (("", by_rule.get(None, 0)),), left)
