"""The backlog file holds what the plan says, in the words and numbers that other tools read; which files a plan has."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from workbench.model.plan import Plan
from workbench.model.quarter import plan_quarter
from workbench.report.exports.exports import write_exports
from workbench.report.exports.jira import backlog_csv
from workbench.sources.tables.folder import load_book, load_scenario


@pytest.fixture(scope="module")
def defend(planned) -> Plan:
    return planned("defend")


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
    _, rows = issues(replace(defend, asks=replace(defend.asks, asks=asks)))
    assert [row[0] for row in rows] == [f"'{start}1+1"] * 2 and [row[8] for row in rows] == ["-5"] * 2


def test_the_same_plan_gives_the_same_backlog(defend):
    assert backlog_csv(defend) == backlog_csv(defend)


def test_every_plan_has_a_spreadsheet_and_one_with_asks_a_backlog(tiny_book, tmp_path):
    def files(name):
        (tmp_path / name).mkdir()
        plan = plan_quarter(load_book(tiny_book), load_scenario("base", tiny_book), "2026Q3")
        said = [file for file, _ in write_exports(tmp_path / name, plan)]
        assert sorted(path.name for path in (tmp_path / name).iterdir()) == sorted(said)
        return said

    assert files("with") == ["plan.xlsx", "backlog.csv"]
    for name in ("asks", "impacts", "efforts"):
        (tiny_book / f"{name}.csv").unlink()
    assert files("without") == ["plan.xlsx"]
