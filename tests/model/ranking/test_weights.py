"""Weights: normalised over the criteria that are there, entered directly or compared in pairs."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from workbench.criteria import CRITERIA
from workbench.errors import ScenarioError
from workbench.model.ranking.weights import CONSISTENT, ahp, weights_of, weights_over, what_comparisons_say
from workbench.sources.tables.folder import load_scenario

H, T, N = 1 / 2, 1 / 3, 1 / 9
DRINKS = np.array([
    [1, 9, 5, 2, 1, 1, H],
    [N, 1, T, N, N, N, N],
    [1 / 5, 3, 1, T, 1 / 4, T, N],
    [H, 9, 3, 1, H, 1, T],
    [1, 9, 4, 2, 1, 2, H],
    [1, 9, 3, 1, H, 1, T],
    [2, 9, 9, 3, 2, 3, 1],
])  # fmt: skip


@pytest.fixture
def base(tiny_book):
    return load_scenario("base", tiny_book)


def test_ahp_as_published():
    """Saaty (2008), drinks in the United States: coffee, wine, tea, beer, soda, milk, water; consistency ratio .022."""
    found = ahp(DRINKS)
    assert found.weights == pytest.approx([0.1775, 0.0191, 0.0418, 0.1164, 0.1896, 0.1288, 0.3268], abs=5e-5)
    assert found.consistency_ratio == pytest.approx(0.022, abs=5e-4)


def test_ahp_is_the_principal_eigenvector():
    values, vectors = np.linalg.eig(DRINKS)
    first = np.abs(vectors[:, values.real.argmax()].real)
    assert ahp(DRINKS).weights == pytest.approx(first / first.sum(), abs=1e-12)


@pytest.mark.parametrize("count", range(1, 16))
def test_comparisons_that_agree_give_back_the_weights_they_come_from(count):
    weights = np.arange(1.0, count + 1) / np.arange(1.0, count + 1).sum()
    found = ahp(weights[:, None] / weights[None, :])
    assert found.weights == pytest.approx(weights, abs=1e-12) and found.consistency_ratio == pytest.approx(0, abs=1e-9)


def test_the_comparison_that_fits_least_is_named():
    weights = np.array([0.4, 0.3, 0.2, 0.1])
    matrix = weights[:, None] / weights[None, :]
    matrix[1, 3], matrix[3, 1] = 1 / 9, 9
    assert ahp(matrix).worst == (1, 3) and ahp(matrix).consistency_ratio > CONSISTENT


def test_weights_over_all_criteria_add_up_to_one_in_the_order_of_the_contract(base):
    weights = weights_over(base, CRITERIA)
    assert list(weights) == list(CRITERIA)
    assert sum(weights.values()) == pytest.approx(1, abs=1e-15)
    assert weights["size"] == 2 / 12


def test_weights_over_the_criteria_present_are_renormalised_whatever_the_order_asked(base):
    weights = weights_over(base, ["revenue", "size", "share"])
    assert weights == {"size": 2 / 5, "revenue": 2 / 5, "share": 1 / 5}
    assert list(weights) == ["size", "revenue", "share"]


def test_scaling_all_weights_changes_nothing(base):
    scaled = base.with_values(weights={name: 8 * getattr(base.weights, name) for name in CRITERIA})
    assert weights_over(scaled, CRITERIA) == weights_over(base, CRITERIA)


def test_weights_are_divided_once_by_their_sum_from_left_to_right():
    tenths = load_scenario("base", "sample").with_values(weights=dict.fromkeys(CRITERIA, 0.1))
    assert set(weights_over(tenths, CRITERIA).values()) == {0.1 / 0.9999999999999999}  # ten tenths, each sum rounded
    assert set(weights_over(tenths, list(CRITERIA)[:3]).values()) == {0.1 / 0.30000000000000004}


def test_weights_over_criteria_that_carry_none_are_refused(base):
    with pytest.raises(
        ScenarioError, match="no weight on any criterion in the book; allowed: weight on one of share_trend"
    ):
        weights_over(base, ["share_trend"])


def pairs_of(weights):
    """Every pair with the ratio of its weights."""
    return [[one, other, weights[one] / weights[other]] for one, other in itertools.combinations(weights, 2)]


def test_weights_from_comparisons_feed_the_ranking(base):
    scenario = base.with_values(comparisons=pairs_of({"size": 4.0, "growth": 2.0, "share": 1.0}))
    assert weights_of(scenario)["growth"] == pytest.approx(2 / 7) and sum(
        weights_of(scenario).values()
    ) == pytest.approx(1)
    assert weights_over(scenario, ["size", "share"]) == pytest.approx({"size": 0.8, "share": 0.2})
    assert what_comparisons_say(scenario) == []


def test_comparisons_that_contradict_one_another_are_said(base):
    scenario = base.with_values(comparisons=[["size", "growth", 5], ["growth", "share", 5], ["share", "size", 5]])
    (said,) = what_comparisons_say(scenario)
    assert "contradict one another" in said and "0.10 at most" in said
