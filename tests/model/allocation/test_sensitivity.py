"""Frontier, prices of rules, marginal value: each found again by changing the book or the scenario itself."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.model.allocation.allocation import allocate
from workbench.model.allocation.limits import CEILING, FLOOR, rules_from, without
from workbench.model.allocation.problem import problem_of
from workbench.model.allocation.sensitivity import STEPS, prices_of
from workbench.model.allocation.solver.piecewise import maximise


@pytest.fixture(scope="module")
def again(sample_book, sample_plan):
    """`again(**values)`: the allocation of the sample with other values in the scenario."""

    def solve(**values):
        scenario = sample_plan.scenario.with_values(**values)
        return allocate(sample_plan.ranking, sample_plan.facts, sample_book, scenario)

    return solve


def gain(allocation):
    return float(allocation.spend["gain_y"].sum())


def test_the_frontier_is_the_plan_at_each_budget(sample_plan, again):
    frontier = sample_plan.allocation.frontier.set_index("budget_part")
    assert tuple(frontier.index) == STEPS and len(STEPS) == 21
    assert frontier.loc[1.0, "gain_y"] == pytest.approx(gain(sample_plan.allocation))
    for part in (0.75, 1.2):
        other = again(budget={"total_y": frontier.loc[part, "budget_y"]})
        assert frontier.loc[part, "gain_y"] == pytest.approx(gain(other), abs=200)


def test_more_budget_never_earns_less_and_each_step_earns_less_than_the_one_before(sample_plan):
    known = sample_plan.allocation.frontier.dropna()
    steps = np.diff(known["gain_y"].to_numpy())
    assert len(known) >= 15 and (steps >= -1).all() and (np.diff(steps) <= 100).all()


def test_the_change_limit_forbids_half_the_budget_and_the_frontier_leaves_it_blank(sample_plan):
    """No line may lose more than half: with minima above half somewhere, half the budget cannot be."""
    assert np.isnan(sample_plan.allocation.frontier.set_index("budget_part").loc[0.5, "gain_y"])


def test_the_price_of_the_budget_is_what_100_000_more_earn(sample_plan, again):
    prices = sample_plan.allocation.prices.set_index("rule")["price_y"]
    today = round(float(sample_plan.allocation.spend["current_y"].sum()), 2)
    more = gain(again(budget={"total_y": today + 100_000})) - gain(sample_plan.allocation)
    assert prices["budget"] == pytest.approx(more, abs=200)


def test_without_a_side_of_the_change_limit_the_plan_earns_its_price_more_and_without_both_the_most(
    sample_book, sample_plan, again
):
    """Counted as the plan counts, fewer rules never earn less; the price is the difference in gross profit."""
    problem = problem_of(sample_plan.ranking, sample_plan.facts, sample_book, sample_plan.scenario)
    plan = sample_plan.allocation.alternatives.set_index(["alternative", "rules"])["objective"]["Plan", "same"]
    free = again(budget={"change_limit": None}).alternatives.set_index(["alternative", "rules"])["objective"][
        "Plan", "same"
    ]
    prices = sample_plan.allocation.prices.set_index("rule")["price_y"]
    for side in (FLOOR, CEILING):
        rules = rules_from(without(problem.limits, side), problem.lines)
        earns = problem.curves.gain(maximise(problem.curves, problem.weight, rules).spend)
        assert prices[side] == pytest.approx(float(earns.sum()) - gain(sample_plan.allocation), abs=5)
        assert plan < float((problem.weight * earns).sum()) <= free + 5


def test_a_price_is_stated_for_every_rule_whose_end_changes_the_plan(sample_book, sample_plan, again):
    """The line minimum with the highest price, dropped from the book by hand, earns what its price says."""
    prices = sample_plan.allocation.prices
    line = prices[prices["rule"].str.startswith("line.")].iloc[0]
    _, product, lever, segment, _ = line["rule"].split(".")
    spend = sample_book.table("spend")
    here = (spend["product"] == product) & (spend["lever"] == lever) & (spend["segment"] == segment)
    spend = spend.assign(minimum_y=spend["minimum_y"].where(~here))
    book = type(sample_book)(sample_book.settings, {**sample_book.tables(), "spend": spend})
    free = allocate(sample_plan.ranking, sample_plan.facts, book, sample_plan.scenario)
    assert gain(free) - gain(sample_plan.allocation) == pytest.approx(line["price_y"], abs=5)


def test_a_pin_that_brings_a_segment_in_has_a_price_and_one_that_does_not_has_none(sample_book, sample_plan):
    order = sample_plan.ranking.order
    last, first = order["segment"].iloc[-1], order["segment"].iloc[0]
    scenario = sample_plan.scenario.with_values(pins=(last, first))
    chosen = order["segment"].isin([last, first, order["segment"].iloc[1]])
    ranking = type(sample_plan.ranking)(
        **{**vars(sample_plan.ranking), "order": order.assign(chosen=chosen)})  # fmt: skip
    problem = problem_of(ranking, sample_plan.facts, sample_book, scenario)
    spend = allocate(ranking, sample_plan.facts, sample_book, scenario).spend["plan_y"].to_numpy(dtype=float)
    prices = prices_of(problem, spend, order).set_index("rule")
    assert prices.loc[f"pins.{last}", "price_y"] > 0 and f"pins.{first}" not in prices.index
    assert prices.loc[f"pins.{last}", "words"] == f"pin of {order['name'].iloc[-1]}"


def test_the_next_100_000_of_a_line_is_read_off_its_curve(sample_book, sample_plan):
    allocation = sample_plan.allocation
    problem = problem_of(sample_plan.ranking, sample_plan.facts, sample_book, sample_plan.scenario)
    spend = allocation.spend["plan_y"].to_numpy(dtype=float)
    more = problem.curves.gain(spend + 100_000) - problem.curves.gain(spend)
    assert allocation.spend["next_100k_y"].to_numpy() == pytest.approx(more)
    best = allocation.spend.groupby(["product", "segment"])["next_100k_y"].max()
    cells = allocation.cells.set_index(["product", "segment"])["next_100k_y"]
    assert cells.to_dict() == pytest.approx(best.to_dict())
