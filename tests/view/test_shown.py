"""Every chart and table shows every plan, whatever its book lacks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from workbench import load_book, load_scenario, plan_quarter
from workbench.book.book import Book
from workbench.view import charts, growth, money, money_tables, robustness, summary, tables
from workbench.view.blocks import Block, block_html
from workbench.view.columns import plan_columns

ROOT = Path(__file__).resolve().parents[2]
OPTIONAL = ("relevance", "customers", "deals", "statements", "needs", "segment_needs", "coverage", "spend", "asks", "impacts",
            "efforts", "capacity", "goals")  # fmt: skip


def shown(plan, products):
    """What the notebooks show of a plan."""
    currency = plan.currency
    names = dict(zip(plan.ranking.order["segment"], plan.ranking.order["name"], strict=True))
    return {
        "headline": tables.headline(plan),
        "figures": summary.key_figures(plan),
        "order table": tables.pecking_order(plan),
        "weights": tables.weights_table(plan.ranking),
        "diagnosis": tables.diagnosis_table(plan.swot, currency),
        "facts": tables.facts_table(plan.facts, currency),
        "spend table": money_tables.spend_table(plan),
        "growth lines": money_tables.growth_table(plan),
        "goals": money_tables.goals_table(plan),
        "solver": money_tables.solver_table(plan.allocation),
        "noes": tables.noes_table(plan.asks),
        "parking lot": tables.parking_lot(plan.asks),
        "roadmap": tables.roadmap(plan.asks, currency),
        "swaps": tables.swaps_table(plan.asks, currency),
        "grades": summary.grades_table(plan.facts),
        "grades bar": summary.grades_bar(plan.facts),
        "turn": robustness.turn_said(plan.robustness),
        "missing": tables.missing_list(plan.missing),
        "digest": tables.digest(plan),
        "contributions": charts.contributions_chart(plan.ranking),
        "matrix": charts.matrix_chart(plan.swot, plan.ranking, products),
        "indicators": charts.indicators_chart(plan.swot, plan.ranking),
        "balance": charts.balance_chart(plan.swot, plan.ranking),
        "growth": growth.growth_chart(plan.facts, plan.ranking),
        "fan": growth.fan_chart(plan.facts, plan.ranking),
        "ranks": robustness.rank_chart(plan.robustness),
        "flip": robustness.flip_chart(plan.robustness),
        "sureness": robustness.sureness_table(plan.robustness),
        "pairs": robustness.pairs_table(plan.robustness),
        "moves": robustness.moves_table(plan.stability),
        "incumbents": robustness.incumbents_list(plan.stability, currency),
        "disputed": robustness.disputed_list(plan.swot.disputed, names),
        "spend": money.spend_chart(plan.allocation, currency),
        "spend matrix": money.spend_matrix(plan.allocation, plan.ranking, products, currency),
        "alternatives": money.alternatives_chart(plan.allocation, currency),
        "same rules": money.same_rules_chart(plan.allocation, currency),
        "frontier": money.frontier_chart(plan.allocation, currency),
        "prices": money_tables.prices_table(plan.allocation, currency),
        "cells": money_tables.cells_table(plan),
        "kinds": money_tables.kinds_table(plan),
        "teams": charts.teams_chart(plan.asks),
    }


def without(book, *names):
    for name in names:
        (book / f"{name}.csv").unlink()


@pytest.mark.parametrize(
    "lacking", ["nothing", "relevance", "spend", "asks", "capacity", "needs", "everything optional"]
)
def test_what_a_book_lacks_is_said_and_the_rest_is_shown(tiny_book, lacking):
    gone = {"nothing": (), "needs": ("needs", "segment_needs", "coverage", "asks", "impacts", "efforts"),
            "asks": ("asks", "impacts", "efforts"), "everything optional": OPTIONAL}.get(lacking, (lacking,))  # fmt: skip
    without(tiny_book, *gone)
    book = load_book(tiny_book)
    plan = plan_quarter(book, load_scenario("base", tiny_book), "2026Q3")
    for name, piece in shown(plan, book.names("products")).items():
        text = block_html(piece.content) if isinstance(piece, Block) else json.dumps(piece.to_dict())
        assert text, name
        assert "nan" not in text.lower().replace("finance", ""), name
    assert not gone or [said for said in plan.missing if "book has no" in said or "not judged" in said]


def test_a_book_of_one_segment_is_shown_like_any_other():
    sample = load_book("sample")
    only = {name: table[table["segment"] == "energy"] if "segment" in table else table
            for name, table in sample.tables().items()}  # fmt: skip
    book = Book(sample.settings, only)
    plan = plan_quarter(book, load_scenario("base", "sample"), "2026Q3")
    for name, piece in shown(plan, book.names("products")).items():
        assert block_html(piece.content) if isinstance(piece, Block) else piece.to_dict(), name


def test_every_chart_has_a_title_that_says_something_and_a_text_alternative(sample_plan):
    book = load_book("sample")
    for name, piece in shown(sample_plan, book.names("products")).items():
        if not isinstance(piece, Block):
            spec = piece.to_dict()
            assert len(spec["title"]["text"]) > 15 and spec["title"]["text"] in spec["description"], name
            assert spec["title"]["subtitle"], name


def test_the_docs_describe_every_column_of_the_plan(sample_plan):
    assert (ROOT / "docs" / "plan.md").read_text(encoding="utf-8") == plan_columns(sample_plan)
