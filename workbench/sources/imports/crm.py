"""A CRM export into a book: segments, products, revenue, customers, deals, and the sheet on which relevance is judged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.book.quarters import first_day
from workbench.book.settings import BookSettings
from workbench.errors import BookError, Problem
from workbench.sources.imports import crm_tables
from workbench.sources.imports.accounting import ACCOUNT_HEADER, ImportReport, quoted, stop_on
from workbench.sources.imports.crm_account import count_rows, write_left_out
from workbench.sources.imports.crm_mapping import CrmMapping, read_crm_mapping
from workbench.sources.imports.crm_rows import Export, judge_accounts, judge_opportunities, judge_products
from workbench.sources.imports.readers import Source, read_source, workroom
from workbench.sources.imports.rules import rule_problems
from workbench.sources.tables import (
    book_settings,
    keep_by_hand,
    read_rows,
    write_csv,
    write_settings,
    write_table,
    written_together,
)

BY_HAND = {
    "segments": ("owner", "description"),
    "products": ("owner",),
    "customers": ("lost",),
    "relevance": ("relevance", "judged_by", "judged_on"),
}


def import_crm(export: Path, mapping: Path, out: Path) -> ImportReport:
    """The report of a CRM export brought into the book `out`. Raises BookError, and writes nothing, where a row of
    the export is not explained by the mapping.

    Columns that people fill in (owner, description, lost, relevance) keep what the book already has.
    """
    plan = read_crm_mapping(mapping)
    settings = book_settings(out)
    stop_on(_settings_problems(settings, plan, mapping.name))
    with workroom() as connection:
        ready = Export(connection, plan, mapping.name, _read(connection, export, plan, mapping.name))
        stop_on([*judge_products(ready), *judge_accounts(ready), *judge_opportunities(ready)])
        names = crm_tables.count_used(ready)
        if names is None:
            stop_on([Problem(ready.sources["opportunities"].file, None, plan.opportunities.stage, "no deal won or lost",
                           "at least one", "check [opportunities.stages] and the rules of the mapping")])  # fmt: skip
        assert names is not None
        tables = _tables(ready, names, out)
        since = _cut_short(ready, names)
        files = count_rows(ready)
        with written_together(out) as folder:
            for name, rows in tables.items():
                write_table(folder, name, rows)
            if settings is None:
                write_settings(folder, _settings(plan, since))
            evidence = crm_tables.evidence(ready, names)
            write_csv(folder / "import" / "relevance_evidence.csv", crm_tables.EVIDENCE_HEADER, evidence)
            write_csv(
                folder / "import" / "crm_rows.csv", ACCOUNT_HEADER, [line for file in files for line in file.lines()]
            )
            write_left_out(ready, folder / "import" / "crm_left_out.csv")
            written = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return ImportReport(files, _notes(out, names, since, settings, tables), tuple(written))


def _settings_problems(settings: BookSettings | None, plan: CrmMapping, where: str) -> list[Problem]:
    """Where the mapping and the `book.toml` that is already there are about different companies or calendars."""
    if settings is None:
        return []
    pairs = (
        (name, getattr(plan.book, name), getattr(settings, name)) for name in ("company", "currency", "fiscal_month")
    )
    return [
        Problem(where, None, f"book.{name}", f"{ours!r}", f"{theirs!r}, as in book.toml", "correct one of the two")
        for name, ours, theirs in pairs
        if ours != theirs
    ]


def _read(connection: Any, folder: Path, plan: CrmMapping, where: str) -> dict[str, Source]:
    """The three files as text. Raises BookError with every problem of every file and rule."""
    if not folder.is_dir():
        raise BookError(
            [Problem(folder.name, None, None, "no such folder", "a folder of CSV files", "correct the path")]
        )
    parts: dict[str, Any] = {"accounts": plan.accounts, "products": plan.products, "opportunities": plan.opportunities}
    named = {"accounts": ["segment"], "products": [], "opportunities": ["account", "product", "stage"]}
    sources: dict[str, Source] = {}
    problems: list[Problem] = []
    for table, part in parts.items():
        rules = [rule for rule in plan.leave_out if rule.table == table]
        columns = _columns(part)
        extra = {column for rule in rules for column in (rule.column, *rule.when)}
        source, troubles = read_source(connection, f"raw_{table}", folder / part.file, columns, extra)
        problems += troubles
        if source is not None:
            sources[table] = source
            problems += rule_problems(where, rules, source.header, [getattr(part, name) for name in named[table]])
    stop_on(problems)
    return sources


def _columns(part: Any) -> list[str]:
    """The columns that a part of the mapping names."""
    values = part.model_dump(exclude={"file", "date_format"})
    return [value for value in values.values() if isinstance(value, str)]


def _tables(export: Export, names: crm_tables.Names, out: Path) -> dict[str, crm_tables.Rows]:
    """The tables to write, with what people wrote into those of the book."""
    tables = {
        "segments": crm_tables.segments(export),
        "products": crm_tables.products(export),
        "revenue": crm_tables.revenue(export, names),
        "customers": crm_tables.customers(export, names),
        "deals": crm_tables.deals(export, names),
        "relevance": [{"product": p, "segment": s} for p in names.products for s in names.segments],
    }
    stop_on(_lost_judgements(out, tables["relevance"]))
    for name, rows in tables.items():
        keep_by_hand(out, name, rows, BY_HAND.get(name, ()))
    return tables


def _lost_judgements(out: Path, cells: crm_tables.Rows) -> list[Problem]:
    """One problem for each judgement of a cell that the export no longer has."""
    known = {(cell["product"], cell["segment"]) for cell in cells}
    return [
        Problem("relevance.csv", row, "product, segment", f"a judgement of {line['product']} × {line['segment']}",
                "a product and a segment of the export", "correct the names, or delete the row")
        for row, line in enumerate(read_rows(out, "relevance"), start=2)
        if line.get("relevance") and (line["product"], line["segment"]) not in known
    ]  # fmt: skip


def _cut_short(export: Export, names: crm_tables.Names) -> dt.date | None:
    """The first day that the export covers, where its first quarter is cut short; else None.

    It is cut short where the silence before the first closing is longer than any silence between two closings.
    """
    start = first_day(crm_tables.quarter_name(names.first), export.mapping.book.fiscal_month)
    declared = export.mapping.book.data_from
    if declared is not None:
        return declared if declared > start else None
    first, silence = export.connection.execute("""SELECT min(closed), coalesce(max(closed - before), 0) FROM
        (SELECT closed, lag(closed) OVER (ORDER BY closed) AS before FROM (SELECT DISTINCT closed FROM used
        WHERE closed IS NOT NULL))""").fetchone()
    day: dt.date = first
    return day if (day - start).days > silence else None


def _settings(plan: CrmMapping, since: dt.date | None) -> dict[str, str]:
    book = plan.book
    lines = {"company": quoted(book.company), "currency": quoted(book.currency), "fiscal_month": str(book.fiscal_month)}
    return lines if since is None else {**lines, "data_from": since.isoformat()}


def _notes(out: Path, names: crm_tables.Names, since: dt.date | None, settings: BookSettings | None,
           tables: Mapping[str, crm_tables.Rows]) -> tuple[str, ...]:  # fmt: skip
    notes = []
    if since is not None:
        notes.append(f"{crm_tables.quarter_name(names.first)} is covered from {since} only.")
        if settings is not None and settings.data_from is None:
            notes.append(f"book.toml was left as it is: add data_from = {since}.")
    notes.append("Customers are accounts with a won deal so far; a CRM does not know who left, so `lost` is blank.")
    blank = sum(1 for row in tables["relevance"] if not row.get("relevance"))
    if blank:
        notes.append(f"relevance.csv: {blank} of {len(tables['relevance'])} cells are not judged yet; "
                     "import/relevance_evidence.csv says who bought.")  # fmt: skip
    if not (out / "market.csv").exists():
        notes.append("The book has no market.csv yet: workbench import-market makes it.")
    return tuple(notes)
