"""Where a chosen segment gets less than its rank suggests, the reason named is the one that holds it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from workbench.model.allocation.allocation import allocate
from workbench.model.allocation.binding_rules import what_holds
from workbench.model.allocation.limits import CEILING, Rule


@pytest.fixture(scope="module")
def again(sample_book, sample_plan):
    """`again(budget, drop)`: the sample's allocation under another budget table, without the spend rows of a segment."""

    def solve(budget=None, drop=""):
        scenario = sample_plan.scenario.with_values(budget=budget or {})
        spend = sample_book.table("spend")
        book = type(sample_book)(
            sample_book.settings,
            {**sample_book.tables(), "spend": spend[spend["segment"] != drop].reset_index(drop=True)},
        )
        return allocate(sample_plan.ranking, sample_plan.facts, book, scenario)

    return solve


def of(allocation, segment):
    return allocation.segments.set_index("segment").loc[segment]


def test_a_segment_that_its_maximum_holds_is_not_said_to_earn_less(again):
    allocation = again({"segments": {"healthcare": {"maximum_y": 3e6}}})
    assert of(allocation, "healthcare")["why"] == "chosen, yet held by the maximum for Healthcare of 3.0 m"
    assert "Healthcare: chosen, yet held by the maximum for Healthcare of 3.0 m" in allocation.answer
    told = allocation.growth_lines["departs"]
    assert told.str.startswith("Healthcare (rank 1) gets less: held by the maximum").any()
    assert not told.str.contains("a further one there").any()


def test_a_segment_with_a_maximum_above_todays_spend_gets_less_because_of_it(again, sample_plan):
    today = float(of(sample_plan.allocation, "healthcare")["current_y"])
    allocation = again({"segments": {"healthcare": {"maximum_y": today + 1e5}}})
    row = of(allocation, "healthcare")
    assert row["verdict"] == "fund" and row["why"].startswith(
        "gets less than Manufacturing (rank 2): held by the maximum"
    )


def test_a_change_limit_lets_nothing_start_where_nothing_is_spent(again):
    row = of(again(drop="healthcare"), "healthcare")
    assert row["plan_y"] == 0
    assert "nothing is spent there today, and the change limit of 50 % lets nothing start" in row["why"]


def test_where_all_shrink_nobody_is_said_to_earn_more_elsewhere(again):
    allocation = again({"total_y": 13_038_000.0})
    assert "elsewhere" not in allocation.answer and "there is less money than today" in allocation.answer


def test_cells_at_their_limit_have_no_room_and_other_segments_only_up_to_todays_spend(again, sample_plan):
    cells = sample_plan.allocation.cells
    closed = ~cells["segment"].isin(sample_plan.ranking.chosen)
    assert (cells.loc[closed & cells["room"], "plan_y"] < cells.loc[closed & cells["room"], "current_y"]).all()
    lines = sample_plan.allocation.spend
    at_limit = (lines["plan_y"] - 1.5 * lines["current_y"]).abs() < 0.01
    full = lines[at_limit].groupby(["product", "segment"])["lever"].agg(set)
    for (product, segment), levers in full.items():
        cell = cells[(cells["product"] == product) & (cells["segment"] == segment)].iloc[0]
        assert cell["next_lever"] not in levers or not cell["room"]


def lines_of(plan, *, current=1e6, potential=5e6, room=False):
    """Two lines of segment `a` and one of `b`, each with a plan, money today, potential and room."""
    return pd.DataFrame({"segment": ["a", "a", "b"], "plan_y": plan, "current_y": current, "potential_y": potential,
                         "room": room})  # fmt: skip


def own_maximum(place, amount):
    key = f"line.p.sales.a{place}.maximum"
    return Rule(key, "maximum", "most", np.array([place]), amount, np.array([amount]), "maximum_y")


def change_limit(*most):
    return Rule(CEILING, "change limit of 50 %", "most", np.arange(3), sum(most), np.array(most), "budget.change_limit")


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ((own_maximum(0, 1e6), own_maximum(1, 1e6)), "its lines are at their own maxima"),
        ((change_limit(1e6, 1e6, 9e6),), "its lines are at the change limit of 50 %"),
        ((change_limit(1e6, 9e6, 9e6), own_maximum(1, 1e6)),
         "its lines are at the change limit of 50 % and their own maxima"),
        ((change_limit(1e6, 1e6, 9e6), own_maximum(1, 2e6)), "its lines are at the change limit of 50 %"),
        ((own_maximum(2, 1e6),), "its lines are at their limits"),
    ],
)  # fmt: skip
def test_only_the_rules_that_bind_a_segments_own_lines_are_named(limits, said):
    assert what_holds(lines_of([1e6, 1e6, 1e6]), limits, ("a",)) == {"a": said}


def test_a_segment_without_potential_says_so_and_one_with_room_says_nothing():
    assert what_holds(lines_of([1e6] * 3, potential=[0, 0, 5e6]), (own_maximum(0, 1e6),), ("a",)) == {
        "a": "it has no potential left"
    }
    assert what_holds(lines_of([1e6] * 3, potential=[0, 1, 5e6]), (own_maximum(1, 1e6),), ("a",)) == {
        "a": "its lines are at their own maxima"
    }
    assert what_holds(lines_of([1e6] * 3, room=[True, False, False]), (own_maximum(1, 1e6),), ("a",)) == {"a": ""}
