"""The solver beside a fine grid search: never worse than it says, never better than is possible."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.sparse import csr_array

from workbench.model.piecewise import Rules, maximise, whole_cents
from workbench.model.response import calibrate


def problem(seed, count, shape):
    random = np.random.default_rng(seed)
    current = random.choice([0, 40_000, 100_000, 250_000], count).astype(float)
    loss, potential = random.uniform(0, 90_000, count), random.uniform(0, 400_000, count)
    half = np.full(count, 80_000.0)
    curves = calibrate(current, loss, potential, half, np.full(count, float(shape)))
    budget = float(random.choice([100_000, 300_000, 500_000]))
    low = random.choice([0, 10_000], count).astype(float)
    high = np.maximum(random.choice([120_000, budget], count), low)
    rules = Rules(low, high, csr_array(np.ones((1, count))), np.array([-np.inf]), np.array([budget]))
    return curves, random.uniform(0.5, 1.5, count), rules, budget


def best_by_grid(curves, weight, rules, budget, steps):
    """The largest weighted gain over a grid of `steps` a line; the last line takes what is left, so it is not rounded."""
    count = len(weight)
    axes = [np.linspace(rules.low[line], rules.high[line], steps) for line in range(count - 1)]
    points = np.array(list(itertools.product(*axes)))
    rest = budget - points.sum(axis=1)
    points, rest = points[rest >= rules.low[-1]], rest[rest >= rules.low[-1]]
    points = np.column_stack([points, np.minimum(rest, rules.high[-1])])
    return float((curves.gain(points.T) * weight[:, None]).sum(axis=0).max())


@pytest.mark.parametrize("shape", [0.7, 1, 2, 4])
@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("seed", range(5))
def test_no_grid_point_beats_it_by_more_than_the_stated_error(shape, count, seed):
    curves, weight, rules, budget = problem(seed, count, shape)
    best = maximise(curves, weight, rules)
    reached = float((curves.gain(best.spend) * weight).sum())
    found = best_by_grid(curves, weight, rules, budget, 20_001 if count == 2 else 301)
    assert best.feasible
    assert reached >= found - best.error - 1e-3
    assert best.error <= 0.02 * float(np.abs(curves.ceiling - curves.floor).sum())
    assert (best.spend >= rules.low).all() and (best.spend <= rules.high).all()
    assert best.spend.sum() <= budget + 0.01  # the solver's tolerance; whole_cents brings it under the budget


def test_it_is_not_above_the_optimum_known_in_closed_form():
    """Two equal concave lines share the budget equally; three have equal slopes."""
    curves = calibrate(*(np.full(2, each) for each in (100_000.0, 20_000.0, 90_000.0, 1.0, 1.0)))
    rules = Rules(np.zeros(2), np.full(2, 3e5), csr_array(np.ones((1, 2))), np.array([-np.inf]), np.array([3e5]))
    best = maximise(curves, np.ones(2), rules)
    optimum = 2 * float(curves.gain(np.full(2, 150_000.0))[0])
    assert optimum - best.error <= float(curves.gain(best.spend).sum()) <= optimum + 1e-6


def test_of_equally_good_plans_it_takes_the_one_nearest_to_today():
    curves = calibrate(np.array([60_000.0, 40_000]), np.zeros(2), np.zeros(2), np.ones(2), np.ones(2))
    rules = Rules(np.zeros(2), np.full(2, 1e5), csr_array(np.ones((1, 2))), np.array([-np.inf]), np.array([2e5]))
    assert maximise(curves, np.ones(2), rules).spend == pytest.approx([60_000, 40_000])


def test_contradicting_rules_are_told_and_figures_that_are_not_finite_refused():
    curves = calibrate(*(np.full(2, each) for each in (100.0, 20.0, 90.0, 1.0, 1.0)))
    rules = Rules(np.zeros(2), np.full(2, 50.0), csr_array(np.ones((1, 2))), np.array([200.0]), np.array([300.0]))
    assert not maximise(curves, np.ones(2), rules).feasible
    with pytest.raises(ValueError, match="not finite"):
        maximise(curves, np.array([1, np.nan]), rules)


def test_where_bounds_fix_every_line_that_is_the_plan_unless_it_breaks_a_rule():
    curves = calibrate(*(np.full(2, each) for each in (100.0, 20.0, 90.0, 1.0, 1.0)))
    fixed = np.full(2, 100.0)
    for most, feasible in ((200.0, True), (199.0, False)):
        rules = Rules(fixed, fixed, csr_array(np.ones((1, 2))), np.array([-np.inf]), np.array([most]))
        best = maximise(curves, np.ones(2), rules)
        assert best.feasible == feasible and list(best.spend) == [100, 100]


@pytest.mark.parametrize("seed", range(30))
def test_rounding_to_cents_keeps_every_rule_over_segments_products_and_the_budget(seed):
    random = np.random.default_rng(seed)
    spend = random.uniform(0, 1000, 24)
    segment, product = np.arange(24) % 4, np.arange(24) // 8
    matrix = np.array(
        [np.ones(24), *(segment == key for key in range(4)), *(product == key for key in range(3))], float
    )
    sums = matrix @ spend
    least, most = np.floor(sums * 100) / 100, np.ceil(sums * 100) / 100
    low, high = (
        np.where(random.random(24) < 0.3, np.floor(spend), 0.0),
        np.where(random.random(24) < 0.3, spend, 2000.0),
    )
    high = np.ceil(high * 100) / 100
    found = whole_cents(spend, Rules(low, high, csr_array(matrix), least, most))
    cents = np.round(found * 100).astype(int)
    assert np.abs(found * 100 - cents).max() < 1e-6 and np.abs(found - spend).max() < 0.01 + 1e-9
    rounded = matrix.astype(int) @ cents
    assert (rounded >= np.round(least * 100)).all() and (rounded <= np.round(most * 100)).all()
    assert (cents >= np.round(low * 100)).all() and (cents <= np.round(high * 100)).all()
