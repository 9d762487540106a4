"""The plan as one spreadsheet: the decision in words, a sheet per table, and notes on the method."""

from __future__ import annotations

import datetime as dt
import io
import math
import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from workbench.model.plan import Plan
from workbench.report.exports.columns import SheetColumn, contents, units
from workbench.report.exports.sheets import SHEETS, Sheet
from workbench.sources.tables import safe_cell

CREATED = dt.datetime(2000, 1, 1)  # the same bytes for the same plan
LONGEST = 32_767  # characters of a cell
MOST = 1_000_000  # rows of a sheet; a spreadsheet ends at 1,048,576
WIDEST, NARROWEST, TEXT = 48, 8, 110  # widths in characters
LINE, HIGHEST = 15, 405  # heights in points; a row ends at 409
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # in XML
CUT = "…"
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
NOTES = ("Sheet", "What it is", "Rows", "Units", "Its figures come from", "Plan", "Method and source")


def plan_xlsx(plan: Plan) -> bytes:
    """The bytes of `plan.xlsx`: the same plan gives the same. Numbers are numbers, text is never a formula or a link."""
    import xlsxwriter  # type: ignore[import-untyped]

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, OPTIONS)
    title = safe_text(f"{plan.company}, plan for {plan.next_quarter}, scenario {plan.scenario.name}")
    book.set_properties({"title": title, "created": CREATED})
    styles = Styles(book)
    found = contents(plan, SHEETS)
    _write_lines(book.add_worksheet("Plan"), plan, styles)
    for sheet in SHEETS:
        if found[sheet.name]:
            _write_table(book.add_worksheet(sheet.name), sheet, found[sheet.name], styles)
    _write_notes(book.add_worksheet("Method"), plan, found, styles)
    book.close()
    return out.getvalue()


class Styles:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[str, bool], Any] = {}
        head = {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#EEF1F4"}
        self.head = book.add_format({**head, "align": "left", "indent": 1})
        self.above = book.add_format({**head, "align": "right"})
        self.text = book.add_format({"text_wrap": True, "valign": "top", "align": "left", "indent": 1})
        self.label = book.add_format({"bold": True, "valign": "top"})
        self.total = book.add_format({"bold": True, "top": 1, "align": "left", "indent": 1})

    def number(self, shape: str, total: bool = False) -> Any:
        """The format of a number."""
        if (shape, total) not in self._made:
            own = {"num_format": shape, "valign": "top", **({"bold": True, "top": 1} if total else {})}
            self._made[shape, total] = self._book.add_format(own)
        return self._made[shape, total]


def safe_text(text: str) -> str:
    """The text as a cell can hold it: what XML forbids is gone, no formula, cut with `…` where it is too long."""
    text = safe_cell(FORBIDDEN.sub("", text))
    if len(text) + sum(letter > "\uffff" for letter in text) <= LONGEST:
        return text
    return text.encode("utf-16-le")[: 2 * (LONGEST - 1)].decode("utf-16-le", "ignore") + CUT


def _write_lines(sheet: Any, plan: Plan, styles: Styles) -> None:
    """The decision in words, whose plan it is, and what was left out."""
    answers = [plan.answer, plan.ranking.answer, plan.robustness.answer, plan.stability.answer, plan.swot.answer,
               plan.asks.answer]  # fmt: skip
    lines = [
        ("Company", plan.company),
        ("Plan for", f"{plan.next_quarter}, from data up to {plan.quarter}"),
        ("Scenario", ". ".join(part for part in (plan.scenario.name, plan.scenario.description) if part)),
        ("Money in", f"{plan.currency}; the header of each column says its unit"),
        *(("Decision" if place == 0 else "", said) for place, said in enumerate(dict.fromkeys(filter(None, answers)))),
        *(("Left out or to mind" if place == 0 else "", said) for place, said in enumerate(plan.missing)),
        ("Digest", plan.digest),
        ("Notes", "The last sheet says of each sheet what it is, its units and its method. Totals follow the filter."),
    ]
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 1, TEXT)
    sheet.hide_gridlines(2)
    for line, (label, text) in enumerate(lines):
        if label:
            sheet.write_string(line, 0, label, styles.label)
        sheet.write_string(line, 1, safe_text(text), styles.text)
        sheet.set_row(line, _height([text], [TEXT]))
    _for_paper(sheet)


def _write_table(sheet: Any, declared: Sheet, columns: Sequence[SheetColumn], styles: Styles) -> None:
    """Header, rows, and below them the totals of what the filter shows."""
    rows = len(columns[0].values)
    shown = min(rows, MOST)
    widths = [_width(column) for column in columns]
    for place, column in enumerate(columns):
        sheet.set_column(place, place, widths[place])
        sheet.write_string(0, place, safe_text(column.header), styles.above if column.shape else styles.head)
        for line, value in enumerate(column.values[:shown], 1):
            _write_cell(sheet, line, place, value, column.shape, styles)
    sheet.set_row(
        0,
        max(len(textwrap.wrap(each.header, int(wide) - 2)) for each, wide in zip(columns, widths, strict=True)) * LINE,
    )
    for line in range(shown):
        sheet.set_row(line + 1, _height([column.values[line] for column in columns], widths))
    leading = next(
        (place for place, column in enumerate(columns) if column.key in ("name", "title", "product_name")), 0
    )
    sheet.freeze_panes(1, leading + 1)
    sheet.autofilter(0, 0, shown, len(columns) - 1)
    if rows > shown:
        sheet.write_string(shown + 1, 0, f"… and {rows - shown:,} more rows, which plan.json holds", styles.text)
    elif declared.sums:
        _write_totals(sheet, declared, columns, styles)
    _for_paper(sheet, header=True)


def _write_cell(sheet: Any, line: int, place: int, value: Any, shape: str, styles: Styles) -> None:
    day = _day(value) if shape.startswith("yyyy") else None
    if day:
        sheet.write_datetime(line, place, day, styles.number(shape))
    elif isinstance(value, float):
        sheet.write_number(line, place, value, styles.number(shape))
    elif value is not None:
        sheet.write_string(line, place, safe_text(value), styles.text)


def _write_totals(sheet: Any, declared: Sheet, columns: Sequence[SheetColumn], styles: Styles) -> None:
    """A row of sums that follow the filter; the value stands with the formula for readers that compute nothing."""
    from xlsxwriter.utility import xl_rowcol_to_cell  # type: ignore[import-untyped]

    last = len(columns[0].values)
    for place, column in enumerate(columns):
        numbers = [value for value in column.values if isinstance(value, float)]
        if column.key in declared.sums and numbers:
            cells = f"{xl_rowcol_to_cell(1, place)}:{xl_rowcol_to_cell(last, place)}"
            sheet.write_formula(last + 1, place, f"=SUBTOTAL(109,{cells})", styles.number(column.shape, total=True),
                                round(math.fsum(numbers), 6))  # fmt: skip
        elif place:
            sheet.write_blank(last + 1, place, None, styles.total)
        else:
            sheet.write_string(last + 1, 0, "Total shown", styles.total)


def _write_notes(sheet: Any, plan: Plan, found: Mapping[str, list[SheetColumn]], styles: Styles) -> None:
    """What each sheet is; also of those that this plan has no row for."""
    widths = (20.0, 52.0, 8.0, 30.0, 36.0, 22.0, 46.0)
    which = f"{plan.scenario.name}, data to {plan.quarter}"
    for place, (label, width) in enumerate(zip(NOTES, widths, strict=True)):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, label, styles.head)
    for line, each in enumerate(SHEETS, 1):
        own = found[each.name]
        about = each.about if own else f"{each.about} No sheet: {each.none or 'this plan has no such row'}."
        texts = [each.name, about, None, units(own), each.source, which, f"docs/{each.method}"]
        for place, text in enumerate(texts):
            if text is None:
                sheet.write_number(line, place, len(own[0].values) if own else 0, styles.number("#,##0"))
            else:
                sheet.write_string(line, place, safe_text(text), styles.text)
        sheet.set_row(line, _height(texts, widths))
    sheet.freeze_panes(1, 1)
    _for_paper(sheet, header=True)


def _day(value: Any) -> dt.date | None:
    """The day that a text names, if a spreadsheet knows it."""
    try:
        day = dt.date.fromisoformat(str(value))
    except ValueError:
        return None
    return day if day.year > 1900 else None


def _width(column: SheetColumn) -> float:
    """Room for the longest word of the header and for the values, wrapped where they are long."""
    word = max(len(part) for part in column.header.split())
    numbers = [value for value in column.values if isinstance(value, float)]
    whole = max((len(f"{value:,.0f}") for value in numbers), default=0)
    longest = max((len(value) for value in column.values if isinstance(value, str)), default=0)
    return float(min(max(word + 2, NARROWEST, whole + 5 if numbers else longest + 3), WIDEST))


def _height(values: Sequence[Any], widths: Sequence[float]) -> float:
    """Room for the longest text of a row, wrapped; not every program finds that by itself."""
    lines = [1]
    for value, wide in zip(values, widths, strict=True):
        if isinstance(value, str):
            lines += [sum(max(math.ceil(len(part) / (wide - 3)), 1) for part in value.splitlines())]
    return float(min(max(lines) * LINE, HIGHEST))


def _for_paper(sheet: Any, *, header: bool = False) -> None:
    """A4 across, as wide as the page, with the sheet's name and the page's number."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&A&R&P / &N")
    if header:
        sheet.repeat_rows(0)
