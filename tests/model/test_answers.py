"""The sentences say the whole truth: what is left after the spend, what cannot be placed, who is chosen and cut."""

from __future__ import annotations

import re

import pytest

from workbench.model.quarter import plan_quarter
from workbench.model.results import millions
from workbench.sources.tables.folder import load_scenario


def with_values(book, **values):
    return plan_quarter(book, load_scenario("base", "sample").with_values(**values), "2026Q3")


def test_more_spend_than_today_is_told_with_what_is_left_after_it(planned):
    plan = planned("growth")
    spend, gain = plan.allocation.spend, float(plan.allocation.spend["gain_y"].sum())
    more = float(spend["plan_y"].sum() - spend["current_y"].sum())
    assert f"for {millions(more)} more spend, {millions(gain - more)} more after it" in plan.answer


def test_where_silos_free_of_rules_earn_more_it_is_said(sample_plan):
    silos = sample_plan.allocation.alternatives.set_index(["alternative", "rules"])["gain_y"]
    free = silos["Product silos", "relaxed"] - silos["Plan", "same"]
    assert free > 0 and f"silos would earn {millions(free)} more than the plan" in sample_plan.answer


def test_a_budget_that_cannot_be_placed_is_said(sample_book):
    plan = with_values(sample_book, budget={"total_y": 60e6})
    left = 60e6 - float(plan.allocation.spend["plan_y"].sum())
    assert left > 1e6
    assert any(said.startswith(f"{millions(left)} of the budget of 60.0 m cannot be placed") for said in plan.missing)


def test_a_chosen_segment_that_is_cut_is_named_with_the_reason(sample_book):
    plan = with_values(sample_book, pins=["hospitality"])
    row = plan.allocation.segments.set_index("segment").loc["hospitality"]
    assert row["chosen"] and row["change_y"] < 0
    assert "Hospitality: chosen, yet the money earns more elsewhere" in plan.answer
    assert re.match("chosen, yet the money earns more elsewhere", row["why"])


@pytest.mark.parametrize("scenario", ["base", "growth", "defend"])
def test_an_ask_without_significant_effect_is_never_told_as_displaced(planned, scenario):
    asks = planned(scenario).asks
    significant = asks.effects.groupby("ask")["significant"].any()
    parked = asks.asks[asks.asks["decision"] == "parking lot"].set_index("ask")
    failed = parked[~significant.reindex(parked.index, fill_value=False)]
    assert len(failed) and (failed["displaced_by"] == "").all()
    assert not failed["reason"].str.contains("displaced|is full").any()


def test_a_small_company_is_cut_into_pieces_of_its_own_size(sample_book):
    """The stated error stays small beside the gain, whatever the size of the money."""
    small = {name: table.copy() for name, table in sample_book.tables().items()}
    for table, columns in {"revenue": ["revenue"], "market": ["size", "low", "high"],
                           "spend": ["current_y", "minimum_y", "maximum_y", "half_saturation_y"]}.items():  # fmt: skip
        small[table][columns] = small[table][columns] / 1000
    settings = sample_book.settings.model_copy(
        update={"half_saturation_y": sample_book.settings.half_saturation_y / 1000}
    )
    book = type(sample_book)(settings, small)
    scenario = load_scenario("base", "sample")
    anchors = {}
    for name in ("size", "runway", "revenue"):
        anchor = getattr(scenario.anchors, name)
        anchors[name] = {each: getattr(anchor, each) / 1000 for each in ("low", "high", "neutral")} | {
            "scale": anchor.scale
        }
    plan = plan_quarter(book, scenario.with_values(anchors=anchors), "2026Q3")
    gain = float(plan.allocation.spend["gain_y"].sum())
    error = float(
        plan.allocation.solver.set_index("check")
        .loc["the best plan there is earns more by at most", "figure"]
        .split()[0]
    )
    assert gain > 2_000 and error < 0.02 * gain
