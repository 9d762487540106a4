"""The backlog file and the spreadsheet hold what the plan says, in the words and numbers that other tools read."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest

from workbench.model.plan import Plan
from workbench.model.quarter import plan_quarter
from workbench.report.exports import asks_xlsx, backlog_csv, write_exports
from workbench.sources.folder import load_book, load_scenario


@pytest.fixture(scope="module")
def defend() -> Plan:
    return plan_quarter(load_book("sample"), load_scenario("defend", "sample"), "2026Q3")


@pytest.fixture
def tiny_plan(tiny_book) -> Plan:
    return plan_quarter(load_book(tiny_book), load_scenario("base", tiny_book), "2026Q3")


def issues(plan):
    header, *rows = csv.reader(io.StringIO(backlog_csv(plan).decode("utf-8"), newline=""))
    return header, rows


def test_the_backlog_holds_an_issue_for_each_ask_with_status_reason_and_numbers(defend):
    header, rows = issues(defend)
    assert header[:5] == ["Summary", "Issue Type", "Description", "Priority", "Component"]
    assert header.count("Labels") == 3 and all(len(row) == len(header) for row in rows)
    for row, (_, ask) in zip(rows, defend.asks.asks.iterrows(), strict=True):
        funded = ask["decision"] == "funded"
        assert row[0] == ask["title"] and row[5] == ("funded" if funded else "parking-lot")
        assert ask["reason"] in row[2] and (ask["what_would_drop_it"] if funded else ask["change_needed"]) in row[2]
        assert float(row[8]) == pytest.approx(ask["value_y"], abs=0.01) and float(row[9]) == ask["effort"]
    assert "Aurora Connect" in {row[4] for row in rows}
    assert not any(" " in label for row in rows for label in row[5:8])


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_a_spreadsheet_would_take_for_a_formula_gets_an_apostrophe(defend, start):
    asks = defend.asks.asks.head(2).assign(title=f"{start}1+1", requester=f"{start}2", value_y=-5.0)
    plan = changed(defend, asks)
    _, rows = issues(plan)
    assert [row[0] for row in rows] == [f"'{start}1+1"] * 2 and [row[8] for row in rows] == ["-5"] * 2
    sheet = openpyxl.load_workbook(io.BytesIO(asks_xlsx(plan)))["Roadmap"]
    title, value = sheet["A2"], next(cell for cell in sheet[2] if isinstance(cell.value, int | float))
    assert title.data_type == "s" and str(title.value).startswith("'") and value.value == -5


def changed(plan, asks):
    """The plan with other asks."""
    from dataclasses import replace

    return replace(plan, asks=replace(plan.asks, asks=asks))


def test_the_spreadsheet_holds_every_ask_and_swap_as_numbers_with_formats(defend):
    book = openpyxl.load_workbook(io.BytesIO(asks_xlsx(defend)))
    assert book.sheetnames == ["Roadmap", "Parking lot", "Swaps", "Effects", "Teams"]
    asks = defend.asks.asks.set_index("title")
    shown = 0
    for name, figure in (("Roadmap", "value_y"), ("Parking lot", "claimed_y")):
        sheet = book[name]
        assert sheet.freeze_panes == "B2"
        place = next(cell.column for cell in sheet[1] if "EUR a year" in cell.value)
        for row in sheet.iter_rows(min_row=2):
            cell = row[place - 1]
            assert cell.value == pytest.approx(asks.loc[row[0].value, figure]) and cell.number_format == "#,##0"
            shown += 1
    assert shown == len(asks) == 40
    assert book["Swaps"].max_row == 1 + len(defend.asks.swaps) > 1
    assert book["Effects"].max_row == 1 + len(defend.asks.effects)


def test_the_same_plan_gives_the_same_bytes(tiny_plan):
    assert asks_xlsx(tiny_plan) == asks_xlsx(tiny_plan) and backlog_csv(tiny_plan) == backlog_csv(tiny_plan)
    book = openpyxl.load_workbook(io.BytesIO(asks_xlsx(tiny_plan)))
    assert book.properties.created.year == 2000
    assert [row[0].value for row in book["Swaps"]][1:] == ["The preference for specific work changed nothing."]


def test_a_plan_without_asks_has_no_exports(tiny_book, tmp_path):
    (tiny_book / "asks.csv").unlink()
    for name in ("impacts", "efforts"):
        (tiny_book / f"{name}.csv").unlink()
    plan = plan_quarter(load_book(tiny_book), load_scenario("base", tiny_book), "2026Q3")
    assert write_exports(tmp_path, plan) == [] and not list(tmp_path.glob("*.xlsx"))
