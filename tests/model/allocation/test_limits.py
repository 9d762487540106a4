"""Rules with names: who gives way to whom, and what is left when one is dropped."""

from __future__ import annotations

import tomllib

import numpy as np
import pandas as pd
import pytest

from tests.conftest import BASE_TOML
from workbench.model.allocation.limits import bounds, changed, limits_of, rules_from, with_change_limit, without
from workbench.scenario import make_scenario

LINES = pd.DataFrame(
    [
        ("beam", "sales", "retail", 100.0, np.nan, 40.0),  # maximum below what the change limit keeps
        ("beam", "sales", "public", 100.0, 170.0, np.nan),  # minimum above what change limit and growth rule allow
        ("beam", "product", "public", 100.0, np.nan, np.nan),
        ("beam", "product", "retail", 0.0, 10.0, 20.0),  # a minimum where nothing is spent today
    ],
    columns=["product", "lever", "segment", "current_y", "minimum_y", "maximum_y"],
).assign(segment_name=["Retail", "Public sector", "Public sector", "Retail"], product_name="Beam")


def limits(**budget):
    scenario = make_scenario(tomllib.loads(BASE_TOML), "test").with_values(budget=budget)
    return limits_of(LINES, ["retail"], scenario, 1000.0)


EVERYTHING = {
    "change_limit": 0.5,
    "segments": {"retail": {"minimum_y": 30.0, "maximum_y": 90.0}},
    "products": {"beam": {"maximum_y": 500.0}},
}


def test_a_lines_own_minimum_and_maximum_stand_before_change_limit_and_growth_rule():
    low, high = bounds(limits(change_limit=0.5), 4)
    assert low.tolist() == [40, 170, 50, 10]
    assert high.tolist() == [40, 170, 100, 10]


def test_every_rule_has_a_key_and_words():
    named = {limit.key: limit.words for limit in limits(**EVERYTHING)}
    assert named == {
        "budget": "budget",
        "segment.retail.minimum": "minimum for Retail",
        "segment.retail.maximum": "maximum for Retail",
        "product.beam.maximum": "maximum for Beam",
        "line.beam.sales.public.minimum": "minimum of Beam (sales) in Public sector",
        "line.beam.product.retail.minimum": "minimum of Beam (product) in Retail",
        "line.beam.sales.retail.maximum": "maximum of Beam (sales) in Retail",
        "line.beam.product.retail.maximum": "maximum of Beam (product) in Retail",
        "change_limit.floor": "change limit of 50 %",
        "change_limit.ceiling": "change limit of 50 %",
        "growth": "growth in chosen segments only",
    }


def test_without_names_the_keys_stand_in():
    scenario = make_scenario(tomllib.loads(BASE_TOML), "test").with_values(budget={"segments": EVERYTHING["segments"]})
    bare = LINES.drop(columns=["segment_name", "product_name"])
    words = [limit.words for limit in limits_of(bare, ["retail"], scenario, 1000.0)]
    assert {"minimum for retail", "maximum of beam (sales) in retail"} <= set(words)


@pytest.mark.parametrize("key", [limit.key for limit in limits(**EVERYTHING)])
def test_dropping_a_rule_never_makes_another_one_stricter(key):
    before, after = limits(**EVERYTHING), without(limits(**EVERYTHING), key)
    assert [limit.key for limit in after] == [limit.key for limit in before if limit.key != key]
    (low, high), (less, more) = bounds(before, 4), bounds(after, 4)
    assert (less <= low).all() and (more >= high).all()


def test_the_solver_gets_the_budget_first_and_one_row_for_each_segment_or_product():
    rules = rules_from(limits(**EVERYTHING), LINES)
    assert rules.matrix.toarray().tolist() == [[1, 1, 1, 1], [1, 0, 0, 1], [1, 1, 1, 1]]
    assert rules.least.tolist() == [-np.inf, 30, 0] and rules.most.tolist() == [1000, 90, 500]


def test_a_line_without_a_maximum_is_bounded_by_the_budget_or_todays_largest_line():
    free = without(limits(), "growth")
    assert rules_from(free, LINES).high.tolist() == [40, 1000, 1000, 20]
    assert rules_from(changed(free, "budget", -990), LINES).high.tolist() == [40, 170, 100, 20]


def test_an_amount_is_moved_alone():
    moved = {limit.key: limit for limit in changed(limits(**EVERYTHING), "segment.retail.maximum", -5)}
    assert moved["segment.retail.maximum"].amount == 85 and moved["segment.retail.minimum"].amount == 30
    one = changed(limits(), "line.beam.product.retail.maximum", 7)
    assert bounds(one, 4)[1][3] == 27
    with pytest.raises(ValueError, match="growth bounds 2 lines"):
        changed(limits(), "growth", 1)


def test_another_change_limit_moves_both_its_sides():
    low, high = bounds(without(with_change_limit(limits(change_limit=0.5), LINES, 0.8), "growth"), 4)
    assert low.tolist() == pytest.approx([20, 170, 20, 10])
    assert high.tolist() == pytest.approx([40, 180, 180, 10])


def test_members_are_the_lines_a_rule_bounds():
    named = {limit.key: limit.members(4).tolist() for limit in limits(**EVERYTHING)}
    assert named["budget"] == [True] * 4
    assert named["segment.retail.minimum"] == [True, False, False, True]
    assert named["growth"] == [False, True, True, False]
