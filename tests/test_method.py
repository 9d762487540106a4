"""The worked example of docs/method.md, computed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from workbench.model.allocation.solver.piecewise import Rules, maximise
from workbench.model.allocation.solver.response import respond
from workbench.model.allocation.solver.segment_choice import choose
from workbench.model.asks.backlog import Backlog
from workbench.model.asks.claims import Claims
from workbench.model.asks.preference import choose as choose_asks
from workbench.model.asks.preference import swaps
from workbench.model.asks.smallest_change import Decided
from workbench.model.ranking.robustness import certificate, smaa
from workbench.model.ranking.values import quantised, value_of
from workbench.scenario import Anchor

GROWTH, SHARE = Anchor(low=-0.05, high=0.15, neutral=0.03), Anchor(low=0.0, high=0.25, neutral=0.1)
WEIGHTS = np.array([0.6, 0.4])


@pytest.fixture
def values():
    """A, B and C: growth and share."""
    growth, share = np.array([0.07, 0.03, -0.05]), np.array([0.05, 0.20, 0.25])
    return np.column_stack([value_of(growth, GROWTH), value_of(share, SHARE)])


def test_the_scores(values):
    assert values == pytest.approx(np.array([[0.6, 0.2], [0.4, 0.8], [0, 1]]))
    assert quantised(values * WEIGHTS) == pytest.approx([0.44, 0.56, 0.40])


def test_who_is_first_under_any_weights(values):
    weight = (np.arange(120_000) + 0.5) / 120_000
    found = smaa(values, np.column_stack([weight, 1 - weight]))
    assert found.rank_acceptability[:, 0] == pytest.approx([1 / 4, 5 / 12, 1 / 3], abs=1e-5)
    assert found.central_weights[:, 0] == pytest.approx([0.875, 13 / 24, 1 / 6], abs=1e-5)


def test_the_smallest_change_that_alters_who_is_first(values):
    found = certificate(values, WEIGHTS, 1)
    assert (found.leaves, found.enters) == (1, 0)
    assert found.radius == pytest.approx(0.30) and found.weights == pytest.approx([0.75, 0.25])


def test_what_moved(values):
    before = values.copy()
    before[0, 0] = value_of(np.array([0.05]), GROWTH)[0]
    scores = quantised(before * WEIGHTS)
    assert scores[0] == pytest.approx(0.38) and list(np.argsort(-scores)) == [1, 2, 0]


@pytest.fixture
def lines():
    """Two lines of 100 a year each, 20 to lose and 80 to win."""
    return respond(*(np.full(2, each) for each in (100.0, 20.0, 80.0, 1.0, 1.0)))


def test_two_lines_share_the_money_and_one_alone_gets_less_of_it(lines):
    rules = Rules(np.zeros(2), np.full(2, 400.0), csr_array(np.ones((1, 2))), np.array([-np.inf]), np.array([400.0]))
    both = maximise(lines, np.ones(2), rules).spend
    assert both == pytest.approx([200, 200], abs=0.5)
    assert lines.half == pytest.approx([400, 400])
    assert lines.gain(both).sum() == pytest.approx(26.67, abs=0.005)
    one = choose(lines, np.ones(2), rules, np.array([0, 1]), 1)
    assert sorted(one.spend) == pytest.approx([100, 300], abs=0.5)
    assert lines.gain(one.spend).sum() == pytest.approx(22.86, abs=0.005)
    more = np.sort(one.spend) + np.array([0.0, 100.0])
    assert lines.gain(more).sum() - 22.857 == pytest.approx(7.14, abs=0.005)


def backlog(kinds, preference):
    """A, B and C of the worked example."""
    value, effort = np.array([9.0, 8.0, 3.0]), np.array([[20.0], [20.0], [10.0]])
    specific = np.array([kind == "specific" for kind in kinds])
    return Backlog(value, effort, np.array([30.0]), ["core"], [], [], np.ones(3, dtype=bool), specific, preference)


def test_what_would_turn_the_decision_on_an_ask():
    problem = backlog(["base"] * 3, 0.2)
    chosen = choose_asks(problem)
    assert list(chosen) == [True, False, True] and problem.value[chosen].sum() == 12
    claim = Claims(np.ones(1), np.array([8.0]), np.array([np.inf]), np.zeros(1), np.zeros(1), 0.0)
    decided = Decided(problem, np.ones(3), chosen, {1: claim})
    assert decided.with_it(1).value == 3
    assert decided.impact_factor(1) == pytest.approx(9 / 8, abs=1e-5)
    assert decided.effort_factor(1) == pytest.approx(10 / 20, abs=1e-5)


def test_specific_work_goes_first_and_the_swap_costs_one():
    problem = backlog(["base", "specific", "base"], 0.2)
    chosen = choose_asks(problem)
    assert list(chosen) == [False, True, True]
    moved = swaps(problem, problem.best(), chosen, ["A", "B", "C"]).iloc[0]
    assert (moved["enters"], moved["leaves"]) == ("B", "A") and moved["forgone_y"] == pytest.approx(1)
