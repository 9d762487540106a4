"""`plan.xlsx` holds the plan's figures as numbers, its totals as formulas, and nothing that a spreadsheet would run."""

from __future__ import annotations

import io
import math
import re
import zipfile
from dataclasses import replace

import openpyxl
import pytest

from workbench.model.plan import Plan
from workbench.model.quarter import plan_quarter
from workbench.report.exports import workbook
from workbench.report.exports.columns import columns
from workbench.report.exports.sheets import SHEETS
from workbench.report.exports.workbook import plan_xlsx, safe_text
from workbench.sources.tables.folder import load_book, load_scenario

TOTAL = re.compile(r"=SUBTOTAL\(109,([A-Z]+)2:\1(\d+)\)")


@pytest.fixture(scope="module")
def plan(planned) -> Plan:
    return planned("defend")


@pytest.fixture(scope="module")
def content(plan) -> bytes:
    return plan_xlsx(plan)


@pytest.fixture(scope="module")
def book(content):
    return openpyxl.load_workbook(io.BytesIO(content))


@pytest.fixture(scope="module")
def values(content):
    """The workbook as a reader without a calculator sees it."""
    return openpyxl.load_workbook(io.BytesIO(content), data_only=True)


@pytest.fixture
def tiny_plan(tiny_book) -> Plan:
    return plan_quarter(load_book(tiny_book), load_scenario("base", tiny_book), "2026Q3")


def opened(plan):
    return openpyxl.load_workbook(io.BytesIO(plan_xlsx(plan)))


def body(sheet, header):
    """The cells below a header, without the row of totals."""
    place = [cell.value for cell in sheet[1]].index(header)
    rows = list(sheet.iter_rows(min_row=2))
    return [row[place] for row in rows if row[0].value != "Total shown"]


def totals(sheet):
    return [cell for cell in sheet[sheet.max_row] if isinstance(cell.value, str) and cell.value.startswith("=")]


def test_the_plan_comes_first_the_method_last_and_every_other_sheet_is_declared(book):
    assert book.sheetnames[0] == "Plan" and book.sheetnames[-1] == "Method"
    declared = [sheet.name for sheet in SHEETS]
    assert book.sheetnames[1:-1] == [name for name in declared if name in book.sheetnames]
    assert len(set(map(str.casefold, declared))) == len(declared) and all(len(name) <= 31 for name in declared)
    assert {"Roadmap", "Parking lot", "Swaps", "Effects", "Teams"} <= set(book.sheetnames)


def test_the_first_sheet_says_whose_plan_it_is_and_the_decision_in_words(plan, book):
    said = [str(cell.value) for row in book["Plan"] for cell in row]
    for text in (plan.company, plan.answer, plan.asks.answer, plan.digest, *plan.missing):
        assert text in said
    assert any("EUR" in text for text in said) and any(
        plan.next_quarter in text and plan.quarter in text for text in said
    )


def test_the_last_sheet_explains_each_sheet_and_says_why_one_is_absent(book):
    rows = {row[0].value: [cell.value for cell in row] for row in book["Method"].iter_rows(min_row=2)}
    assert list(rows) == [sheet.name for sheet in SHEETS]
    assert all(
        row[1] and row[3] and row[4] and "2026Q3" in row[5] and "docs/method.md §" in row[6] for row in rows.values()
    )
    assert rows["Spend"][2] == 144 and rows["Spend"][3] == "EUR a year"
    assert "Incumbents held" not in book.sheetnames and "No sheet" in rows["Incumbents held"][1]


@pytest.mark.parametrize("sheet", SHEETS, ids=[sheet.name for sheet in SHEETS])
def test_every_figure_of_a_table_stands_in_its_sheet_as_the_plan_has_it(plan, values, sheet):
    table = plan.tables()[sheet.table]
    if sheet.funded is not None:
        table = table[(table["decision"] == "funded") == sheet.funded]
    own = columns(sheet, plan)
    assert bool(own) == bool(len(table)) == (sheet.name in values.sheetnames)
    assert len({column.header for column in own}) == len(own)
    for column in own:
        cells = body(values[sheet.name], column.header)
        assert len(cells) == len(table)
        for cell, raw in zip(cells, table.get(column.key, ()), strict=False):
            if isinstance(raw, float) and math.isfinite(raw):
                assert cell.value == pytest.approx(raw, abs=1e-6) and cell.number_format != "General"
            elif isinstance(raw, float):
                assert cell.value is None


def test_names_stand_beside_keys(plan, book):
    sheet = book["Spend"]
    products = plan.facts.products.set_index("product")["product_name"]
    segments = plan.facts.segments.set_index("segment")["name"]
    for key, name in zip(body(sheet, "Product, key"), body(sheet, "Product"), strict=True):
        assert products[key.value] == name.value
    for key, name in zip(body(sheet, "Segment, key"), body(sheet, "Segment"), strict=True):
        assert segments[key.value] == name.value


def test_roadmap_and_parking_lot_hold_each_ask_once(plan, book):
    keys = [cell.value for name in ("Roadmap", "Parking lot") for cell in body(book[name], "Ask, key")]
    assert keys == list(plan.asks.asks["ask"]) and len(keys) == 40


def test_money_percent_scores_and_days_have_their_formats(book):
    shapes = {"Spend planned, EUR a year": "#,##0", "Score, 0 to 1": "0.000", "Rank": "#,##0"}
    for header, shape in shapes.items():
        assert {cell.number_format for cell in body(book["Money by segment"], header)} == {shape}
    assert {cell.number_format for cell in body(book["Pecking order"], "Win rate, %")} == {"0.0%"}
    assert {cell.number_format for cell in body(book["Pecking order"], "Share trend, %")} == {"0.00%"}
    assert {cell.number_format for cell in body(book["Market"], "Year")} == {"0"}
    signed = [cell for cell in body(book["Needs"], "Signed on") if cell.value]
    assert signed and all(cell.is_date for cell in signed)


def test_headers_are_frozen_and_every_table_has_its_filter(book):
    for sheet in book.worksheets[1:-1]:
        below = 1 if totals(sheet) else 0
        last = sheet.cell(1, sheet.max_column).column_letter
        assert sheet.auto_filter.ref == f"A1:{last}{sheet.max_row - below}"
        assert sheet.freeze_panes.endswith("2") and sheet.freeze_panes != "A2"


def test_totals_are_formulas_over_the_filtered_rows_with_the_plans_sum_to_the_cent(plan, book, values):
    counted = 0
    for sheet in SHEETS:
        own = columns(sheet, plan)
        for column in own:
            if column.key not in sheet.sums:
                continue
            place = own.index(column) + 1
            tab = book[sheet.name]
            found = TOTAL.fullmatch(tab.cell(tab.max_row, place).value)
            assert found and found[1] == tab.cell(1, place).column_letter and int(found[2]) == tab.max_row - 1
            table = plan.tables()[sheet.table]
            if sheet.funded is not None:
                table = table[(table["decision"] == "funded") == sheet.funded]
            assert round(values[sheet.name].cell(tab.max_row, place).value, 2) == round(
                math.fsum(table[column.key].dropna()), 2
            )
            counted += 1
    assert counted > 20
    money = plan.allocation.segments
    for name in ("Spend", "Money by segment", "Money by product", "Product by segment"):
        shown = [round(values[name].cell(values[name].max_row, cell.column).value, 2) for cell in totals(book[name])][
            :4
        ]
        assert shown == [round(math.fsum(money[key]), 2) for key in ("current_y", "plan_y", "change_y", "gain_y")]


def test_no_formula_but_the_totals_and_no_link(book, content):
    for sheet in book.worksheets:
        formulas = [cell for row in sheet for cell in row if cell.data_type == "f"]
        assert formulas == totals(sheet) and all(TOTAL.fullmatch(cell.value) for cell in formulas)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        text = b"".join(parts.read(name) for name in parts.namelist())
    assert b"<hyperlink" not in text and b'TargetMode="External"' not in text


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\x00=", "\x0b-"])
def test_text_that_a_spreadsheet_would_take_for_a_formula_is_neutralised_everywhere(plan, start):
    text = f"{start}1+1|cmd"
    asks = plan.asks.asks.assign(title=text, requester=text, reason=text)
    segments = plan.facts.segments.assign(name=text)
    hostile = replace(plan, company=text, currency=text, asks=replace(plan.asks, asks=asks),
                      facts=replace(plan.facts, segments=segments))  # fmt: skip
    seen = 0
    for sheet in opened(hostile).worksheets:
        for cell in (cell for row in sheet for cell in row if isinstance(cell.value, str)):
            if cell.data_type == "f":
                assert TOTAL.fullmatch(cell.value)
            else:
                assert cell.data_type == "s" and cell.value[:1] not in tuple("=+-@\t\r")
                seen += cell.value.startswith("'")
    assert seen > 200


def test_what_xml_forbids_is_gone_and_text_that_is_too_long_is_cut_with_a_sign():
    assert safe_text("a\x00b\x08\x0b\x1f\ud800\uffffc\td\ne") == "abc\td\ne"
    assert safe_text("x" * 32_767) == "x" * 32_767
    assert safe_text("x" * 32_768) == "x" * 32_766 + "…"
    assert len(safe_text("=" + "x" * 32_767)) == 32_767
    wide = safe_text("𝛼" * 20_000)
    assert wide == "𝛼" * 16_383 + "…" and len(wide.encode("utf-16-le")) // 2 <= 32_767


def test_missing_and_infinite_figures_are_blank_and_zero_has_no_sign(plan):
    money = plan.allocation.spend.assign(gain_y=float("nan"), potential_y=float("inf"), change_y=-1e-10)
    sheet = opened(replace(plan, allocation=replace(plan.allocation, spend=money)))["Spend"]
    assert {cell.value for cell in body(sheet, "Gross profit against today, EUR a year")} == {None}
    assert {cell.value for cell in body(sheet, "Potential, EUR a year")} == {None}
    assert {math.copysign(1, cell.value) for cell in body(sheet, "Change of spend, EUR a year")} == {1.0}


def test_rows_beyond_what_a_sheet_holds_are_counted_and_not_summed(plan, monkeypatch):
    monkeypatch.setattr(workbook, "MOST", 100)
    sheet = opened(plan)["Spend"]
    assert sheet.max_row == 102 and "44 more rows" in sheet["A102"].value and totals(sheet) == []


def test_the_same_plan_gives_the_same_bytes(tiny_plan):
    assert plan_xlsx(tiny_plan) == plan_xlsx(tiny_plan)
    assert opened(tiny_plan).properties.created.year == 2000


def test_a_plan_without_asks_and_spend_has_the_sheets_it_has_rows_for(tiny_book):
    for name in ("asks", "impacts", "efforts", "capacity", "spend"):
        (tiny_book / f"{name}.csv").unlink(missing_ok=True)
    book = opened(plan_quarter(load_book(tiny_book), load_scenario("base", tiny_book), "2026Q3"))
    assert "Pecking order" in book.sheetnames and not {"Roadmap", "Teams", "Spend"} & set(book.sheetnames)
    notes = {row[0].value: row[1].value for row in book["Method"].iter_rows(min_row=2)}
    assert "No sheet: this plan has no such row." in notes["Spend"]
