"""A scenario is one checked set of assumptions; only the proportions of its weights count."""

from __future__ import annotations

import pytest

from workbench.errors import ScenarioError
from workbench.scenario import CRITERIA, make_scenario
from workbench.sources.folder import load_scenario


@pytest.fixture
def base(tiny_book):
    return load_scenario("base", tiny_book)


def test_weights_over_all_criteria_add_up_to_one_in_the_order_of_the_contract(base):
    weights = base.weights_over(CRITERIA)
    assert list(weights) == list(CRITERIA)
    assert sum(weights.values()) == pytest.approx(1, abs=1e-15)
    assert weights["size"] == 2 / 12


def test_weights_over_the_criteria_present_are_renormalised_whatever_the_order_asked(base):
    weights = base.weights_over(["revenue", "size", "share"])
    assert weights == {"size": 2 / 5, "revenue": 2 / 5, "share": 1 / 5}
    assert list(weights) == ["size", "revenue", "share"]


def test_scaling_all_weights_changes_nothing(base):
    scaled = base.with_values(weights={name: 8 * getattr(base.weights, name) for name in CRITERIA})
    assert scaled.weights_over(CRITERIA) == base.weights_over(CRITERIA)


def test_weights_over_criteria_that_carry_none_are_refused(base):
    with pytest.raises(
        ScenarioError, match="no weight on any criterion in the book; allowed: weight on one of share_trend"
    ):
        base.weights_over(["share_trend"])


def test_with_values_gives_a_changed_copy_and_leaves_the_scenario_alone(base):
    other = base.with_values(focus=1, tilt=0.25, pins=["NA"])
    assert (other.focus, other.tilt, other.pins) == (1, 0.25, ("NA",))
    assert (base.focus, base.tilt, base.pins) == (2, 0.5, ())


def test_with_values_takes_part_of_the_weights_and_of_the_budget(base):
    other = base.with_values(weights={"growth": 5}, budget={"total_y": 1000})
    assert (other.weights.growth, other.weights.size, other.budget.total_y) == (5, 2, 1000)
    assert base.with_values() == base


def test_with_values_checks_like_a_file(base):
    with pytest.raises(ScenarioError, match="write 'focus'"):
        base.with_values(focsu=1)
    with pytest.raises(ScenarioError, match="at least one weight above 0"):
        base.with_values(weights=dict.fromkeys(CRITERIA, 0))


def test_a_scenario_cannot_be_changed(base):
    with pytest.raises(ValueError, match="frozen"):
        base.focus = 1


def test_weight_may_stand_on_judgement_alone_without_anchors():
    scenario = make_scenario({"name": "voices", "weights": {"judgement": 1}}, "voices.toml")
    assert scenario.weights_over(CRITERIA)["judgement"] == 1


def test_every_problem_of_a_scenario_is_told_at_once():
    data = {"name": "base", "weights": {"size": -1}, "focus": 0, "tlit": 1}
    with pytest.raises(ScenarioError) as stop:
        make_scenario(data, "base.toml")
    assert [problem.column for problem in stop.value.problems] == ["focus", "weights.size", "tlit"]
