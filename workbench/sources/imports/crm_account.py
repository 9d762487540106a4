"""The account of a CRM import: how many rows were used, and which were left out by which rule."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from workbench.sources.imports.accounting import FileCount, nearest_name
from workbench.sources.imports.crm_rows import STAGES, Export
from workbench.sources.imports.readers import literal

LISTED = 200


def count_rows(export: Export) -> tuple[FileCount, ...]:
    """What became of the rows of each file."""
    counts = []
    for table, source in export.sources.items():
        by_rule = dict(export.connection.execute(f"SELECT rule, count(*) FROM {table} GROUP BY 1").fetchall())
        left = tuple((rule.name, by_rule.get(place, 0)) for place, rule in enumerate(export.rules(table)))
        parts: tuple[tuple[str, int], ...] = (("", by_rule.get(None, 0)),)
        if table == "opportunities":
            stages = dict(export.connection.execute("SELECT stage, count(*) FROM used GROUP BY 1").fetchall())
            parts = tuple((name, stages.get(place, 0)) for place, name in enumerate(STAGES))
        counts.append(FileCount(table, source.file, source.rows, parts, left))
    return tuple(counts)


def write_left_out(export: Export, path: Path) -> None:
    """Writes each row that a rule left out, with the value that did it and, of a name, the nearest known one.

    The nearest name is looked for up to the 200 most frequent values of a rule.
    """
    run = export.connection.execute
    run("CREATE TEMP TABLE near (place INTEGER, rule INTEGER, value VARCHAR, nearest VARCHAR)")
    parts = ["SELECT 0 AS place, '' AS file, 0 AS row, '' AS reason, '' AS \"column\", '' AS value, 0 AS rule LIMIT 0"]
    for place, (table, source) in enumerate(export.sources.items()):
        rules = export.rules(table)
        if not rules:
            continue
        for number, rule in enumerate(rules):
            _add_nearest(export, place, table, number, rule.column)
        name, column = _case(rule.name for rule in rules), _case(rule.column for rule in rules)
        parts.append(f"""SELECT {place} AS place, {literal(source.file)} AS file, row, {name} AS reason,
            {column} AS "column", left_out AS value, rule FROM {table} WHERE rule IS NOT NULL""")
    union = " UNION ALL ".join(f"({part})" for part in parts)
    run(f"""COPY (SELECT file, row, reason, "column", {_safe("value")} AS value, {_safe("nearest")} AS nearest
        FROM ({union}) LEFT JOIN near USING (place, rule, value) ORDER BY place, row)
        TO {literal(str(path))} (FORMAT csv, HEADER)""")


def _add_nearest(export: Export, place: int, table: str, number: int, column: str) -> None:
    """Adds the nearest known names of the values that a rule left out, where they are names."""
    names = export.names(table).get(column)
    if names is None:
        return
    values = export.connection.execute(f"""SELECT left_out FROM {table} WHERE rule = {number} AND left_out <> ''
        GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {LISTED}""").fetchall()
    found = [[place, number, value, nearest_name(export.connection, names, value)] for (value,) in values]
    if found:
        export.connection.executemany("INSERT INTO near VALUES (?, ?, ?, ?)", found)


def _case(texts: Iterable[str]) -> str:
    cases = " ".join(f"WHEN {place} THEN {literal(text)}" for place, text in enumerate(texts))
    return f"CASE rule {cases} END"


def _safe(text: str) -> str:
    """SQL for a cell that a spreadsheet takes for no formula; blank is NULL, which CSV writes as nothing."""
    formula = rf"regexp_matches({text}, '^[=+\-@\t\r]') AND try_cast({text} AS DOUBLE) IS NULL"
    return f"CASE WHEN {formula} THEN '''' || {text} ELSE nullif({text}, '') END"
