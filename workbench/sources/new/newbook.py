"""The workbook of an empty book: one sheet a table, and a sheet that says what each column means."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from workbench.book.tables import DECLARED, Column, Table
from workbench.book.text import NUMERIC
from workbench.sources.new.codebook import column_rows
from workbench.sources.tables import CODEBOOK

CREATED = dt.datetime(2000, 1, 1)  # the same bytes each time
HEADER = ("table", "column", "needed", "type", "unit, range", "may be blank", "meaning")
WIDTHS = (16, 20, 8, 24, 22, 24, 80)
LAST = 1_048_575  # the last row of a sheet, from 0
FORMATS = {"money": "#,##0.00", "share": "0.00", "count": "0", "year": "0", "date": "yyyy-mm-dd"}
EARLIEST, LATEST = dt.date(1990, 1, 1), dt.date(2199, 12, 31)


def write_new_workbook() -> bytes:
    """The bytes of a workbook without a row: text columns take text as it is typed (`007` stays), choices are lists."""
    import xlsxwriter  # type: ignore[import-untyped]

    out = io.BytesIO()
    workbook = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_urls": False, "strings_to_formulas": False})
    workbook.set_properties({"title": "A book for the Portfolio Workbench", "created": CREATED})
    needed = workbook.add_format({"bold": True, "bg_color": "#DDE6F0", "bottom": 1})
    other = workbook.add_format({"italic": True, "bg_color": "#F2F2F2", "bottom": 1})
    _explain(workbook, needed)
    for table in DECLARED:
        sheet = workbook.add_worksheet(table.name)
        sheet.freeze_panes(1, 0)
        if table.needed:
            sheet.set_tab_color("#2F5D8A")
        for place, column in enumerate(table.columns):
            format_ = workbook.add_format({"num_format": _format(column)})
            sheet.set_column(place, place, max(12, len(column.name) + 3), format_)
            sheet.write_string(0, place, column.name, other if column.optional else needed)
            if rule := _rule(column):
                sheet.data_validation(1, place, LAST, place, rule)
    workbook.close()
    return out.getvalue()


def _explain(workbook: Any, bold: Any) -> None:
    sheet = workbook.add_worksheet(CODEBOOK)
    sheet.freeze_panes(1, 0)
    wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
    for place, width in enumerate(WIDTHS):
        sheet.set_column(place, place, width, wrapped)
    sheet.write_row(0, 0, HEADER, bold)
    lines = [line for table in DECLARED for line in _lines(table)]
    for row, line in enumerate(lines, 1):
        sheet.write_row(row, 0, line)
    sheet.autofilter(0, 0, len(lines), len(HEADER) - 1)


def _lines(table: Table) -> list[tuple[str, ...]]:
    needed = "yes" if table.needed else "no"
    return [
        (table.name, name, needed, kind, limits, blank, meaning)
        for name, meaning, kind, limits, blank in column_rows(table)
    ]


def _format(column: Column) -> str:
    if column.kind in FORMATS:
        return FORMATS[column.kind]
    return "General" if column.kind in NUMERIC else "@"


def _rule(column: Column) -> dict[str, Any] | None:
    """What a cell of the column may hold, as a rule of Excel; None for text."""
    if column.choices:
        return {"validate": "list", "source": list(column.choices), **_said(", ".join(column.choices))}
    if column.kind == "date":
        return {"validate": "date", "criteria": "between", "minimum": EARLIEST, "maximum": LATEST,
                **_said("a date such as 2026-09-30")}  # fmt: skip
    if column.kind == "year":
        return {"validate": "integer", "criteria": "between", "minimum": 1800, "maximum": 2199, **_said("a year")}
    if column.low is None:
        return None
    kind, words = ("integer", "a whole number") if column.kind == "count" else ("decimal", "a number")
    if column.high is None:
        return {"validate": kind, "criteria": ">=", "value": column.low, **_said(f"{words} of at least {column.low:g}")}
    between = f"{words} from {column.low:g} to {column.high:g}"
    return {"validate": kind, "criteria": "between", "minimum": column.low, "maximum": column.high, **_said(between)}


def _said(allowed: str) -> dict[str, str]:
    return {"error_title": "Not allowed here", "error_message": f"Allowed: {allowed}."}
