"""The live chart's specification: weights as parameters, our own words in its expressions, names as data."""

from __future__ import annotations

import dataclasses
import json

import pytest
import vl_convert

from tests.browser.hostile import PAYLOADS
from workbench.criteria import CRITERIA
from workbench.view.live import live_chart, slider_range

OLDEST = "5.8"  # the oldest Vega-Lite that vl-convert carries


@pytest.fixture(scope="module")
def plan(sample_plan):
    return sample_plan


def params(chart):
    return {each["name"]: each for each in chart.to_dict()["params"] if each["name"].startswith("w_")}


def test_each_criterion_of_the_value_table_is_a_parameter_with_the_scenarios_weight_and_a_slider(plan):
    made = params(live_chart(plan.ranking, plan.scenario))
    assert {name: each["value"] for name, each in made.items()} == {
        f"w_{name}": getattr(plan.scenario.weights, name) for name in CRITERIA if name in plan.ranking.values
    }
    assert all(each["bind"]["input"] == "range" and each["bind"]["min"] == 0 for each in made.values())
    assert {(each["bind"]["max"], each["bind"]["step"]) for each in made.values()} == {(28, 0.1)}


def test_unbound_the_same_parameters_have_no_sliders(plan):
    bound, free = (live_chart(plan.ranking, plan.scenario, bound=bound).to_dict() for bound in (True, False))
    assert not any("bind" in each for each in free["params"])
    for each in bound["params"]:
        each.pop("bind", None)
    assert bound == free


def test_a_criterion_that_dropped_out_has_no_parameter(plan):
    without = dataclasses.replace(plan.ranking, values=plan.ranking.values.drop(columns=["judgement"]))
    assert "w_judgement" not in params(live_chart(without, plan.scenario))


@pytest.mark.parametrize(("weights", "most", "step"), [
    ({"a": 14, "b": 8}, 28, 0.1), ({"a": 0.25, "b": 0.05}, 0.5, 0.001), ({"a": 14, "b": 8.25}, 28, 0.01),
    ({"a": 5e6, "b": 1e4}, 1e7, 1e4), ({"a": 5e6, "b": 1}, 1e7, 1e5), ({"a": 1 / 3, "b": 2 / 3}, 4 / 3, 0.01),
])  # fmt: skip
def test_a_slider_goes_to_twice_the_largest_weight_in_steps_on_which_the_weights_lie(weights, most, step):
    assert slider_range(weights) == (most, step)


def test_names_and_keys_stand_in_no_expression(plan):
    order = plan.ranking.order
    hostile = order["name"].map(lambda name: PAYLOADS.get(name, f"{name}' + alert(1) + '\U0001f600"))
    keys = dict(zip(order["segment"], order["segment"].map(lambda key: f"');{key}"), strict=True))
    values = plan.ranking.values
    renamed = dataclasses.replace(
        plan.ranking,
        order=order.assign(name=hostile, segment=order["segment"].map(keys)),
        values=values.assign(segment=values["segment"].map(keys)),
    )
    plain, other = (live_chart(each, plan.scenario).to_dict() for each in (plan.ranking, renamed))
    for spec in (plain, other):
        for place in ("datasets", "usermeta", "data"):
            spec.pop(place)
        spec["params"] = [each for each in spec["params"] if each["name"] != "names"]  # as wide as the longest name
    assert plain == other


def test_an_older_vega_lite_understands_every_part(plan):
    spec = live_chart(plan.ranking, plan.scenario).to_dict()
    vega = vl_convert.vegalite_to_vega(json.dumps(spec), vl_version=OLDEST)
    assert {"w_growth", "shown"} <= {each["name"] for each in vega["signals"]}
    assert next(each for each in vega["scales"] if each["name"] == "x")["domain"] == [0, 1]


def test_an_incumbent_that_the_plan_keeps_is_named_beside_the_order(plan):
    order = plan.ranking.order
    first = list(order["segment"])
    held = order.assign(chosen=[key in (*first[:2], first[3]) for key in first])
    about = [live_chart(dataclasses.replace(plan.ranking, order=each), plan.scenario).to_dict()["usermeta"]["workbench"]
             for each in (order, held)]  # fmt: skip
    names = dict(zip(order["segment"], order["name"], strict=True))
    assert about[0]["live"]["note"] == ""
    assert about[1]["live"]["note"].startswith(
        f"The plan keeps {names[first[3]]}, as an incumbent, where its order alone gives {names[first[2]]}"
    )
    assert about[1]["live"]["chosen"] == about[0]["live"]["chosen"] == [[key, names[key]] for key in first[:3]]


def test_the_same_ranking_gives_the_same_bytes(plan):
    one, other = (live_chart(plan.ranking, plan.scenario).to_json() for _ in range(2))
    assert one == other
