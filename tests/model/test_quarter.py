"""The quarter joins the steps: what it is compared with, and under which assumptions."""

from __future__ import annotations

import pytest

from tests.model.raw import plan_of
from workbench.errors import BookError
from workbench.model.quarter import plan_quarter
from workbench.sources.tables.folder import load_book, load_scenario


@pytest.fixture(scope="module")
def base():
    return load_scenario("base", "sample")


@pytest.fixture(scope="module")
def under_other_assumptions(sample_book, base):
    """The sample's plan where the scenario before had another prior, reach, horizon, adjustments and judgement."""
    before = base.with_values(
        reach=0.2,
        horizon=2,
        judgement_strength=4.0,
        win_rate_prior={"deals": 200.0},
        growth_adjustments={"energy": 0.02},
    )
    return plan_quarter(
        sample_book, base.model_copy(update={"before": before.model_copy(update={"name": "old"})}), "2026Q3"
    )


def test_other_assumptions_are_no_change_of_data_or_forecast(sample_plan, under_other_assumptions):
    """The data and forecasts of the two quarters are those of the plan without them."""
    plain = sample_plan.stability.moves.set_index("segment")
    moves = under_other_assumptions.stability.moves.set_index("segment")
    for part in ("score_by_data", "score_by_forecast"):
        assert moves[part].to_dict() == plain[part].to_dict()
    assert moves["score_by_weights"].abs().min() > 0


def test_the_scenario_in_force_then_is_named(under_other_assumptions, sample_plan):
    assert under_other_assumptions.stability.answer.endswith("Scenario old was in force then.")
    assert "in force then" not in sample_plan.stability.answer


def test_the_quarter_before_is_that_of_the_book(sample_book, base, sample_plan):
    earlier = plan_quarter(sample_book, base, "2026Q2")
    given = plan_quarter(sample_book, base, "2026Q3", previous=earlier)
    assert given.digest == sample_plan.digest


def test_a_plan_of_another_company_or_of_a_later_quarter_is_no_previous_one(sample_book, base, sample_plan, tiny_book):
    with pytest.raises(BookError, match="a plan of Tiny Ltd for 2026Q3; allowed: a plan of Aurora Systems for 2026Q3"):
        plan_quarter(sample_book, base, "2026Q3", previous=plan_of(tiny_book))
    with pytest.raises(BookError, match="for 2026Q3; allowed: a plan of Aurora Systems for 2026Q1 or a quarter before"):
        plan_quarter(sample_book, base, "2026Q1", previous=sample_plan)


def test_without_a_common_segment_nothing_is_compared_and_that_is_said(tiny_book, change):
    book, scenario = load_book(tiny_book), load_scenario("base", tiny_book)
    before = plan_quarter(book, scenario, "2026Q2")
    for table in ("segments", "revenue", "market", "relevance", "customers", "deals", "statements", "segment_needs", "spend",
                  "impacts"):  # fmt: skip
        change(table, lambda row: {**row, "segment": f"new-{row['segment']}"} if row["segment"] else row)
    plan = plan_quarter(load_book(tiny_book), scenario, "2026Q3", previous=before)
    assert plan.stability.moves.empty and plan.stability.answer.startswith(
        "No segment of 2026Q2 is in the book any more"
    )
