"""The solver beside a fine grid search: never worse than it says, never better than is possible."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from tests.stages import later
from workbench.model.allocation.solver.piecewise import GAP, Rules, frontier, maximise, whole_cents
from workbench.model.allocation.solver.response import respond


def problem(seed, count, shape):
    random = np.random.default_rng(seed)
    current = random.choice([0, 40_000, 100_000, 250_000], count).astype(float)
    loss, potential = random.uniform(0, 90_000, count), random.uniform(0, 400_000, count)
    half = np.full(count, 80_000.0)
    curves = respond(current, loss, potential, half, np.full(count, float(shape)))
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
    curves = respond(*(np.full(2, each) for each in (100_000.0, 20_000.0, 90_000.0, 1.0, 1.0)))
    rules = Rules(np.zeros(2), np.full(2, 3e5), csr_array(np.ones((1, 2))), np.array([-np.inf]), np.array([3e5]))
    best = maximise(curves, np.ones(2), rules)
    optimum = 2 * float(curves.gain(np.full(2, 150_000.0))[0])
    assert optimum - best.error <= float(curves.gain(best.spend).sum()) <= optimum + 1e-6


def test_of_equally_good_plans_it_takes_the_one_nearest_to_today():
    curves = respond(np.array([60_000.0, 40_000]), np.zeros(2), np.zeros(2), np.ones(2), np.ones(2))
    rules = Rules(np.zeros(2), np.full(2, 1e5), csr_array(np.ones((1, 2))), np.array([-np.inf]), np.array([2e5]))
    assert maximise(curves, np.ones(2), rules).spend == pytest.approx([60_000, 40_000])


def test_contradicting_rules_are_told_and_figures_that_are_not_finite_refused():
    curves = respond(*(np.full(2, each) for each in (100.0, 20.0, 90.0, 1.0, 1.0)))
    rules = Rules(np.zeros(2), np.full(2, 50.0), csr_array(np.ones((1, 2))), np.array([200.0]), np.array([300.0]))
    assert not maximise(curves, np.ones(2), rules).feasible
    with pytest.raises(ValueError, match="not finite"):
        maximise(curves, np.array([1, np.nan]), rules)


def test_where_bounds_fix_every_line_that_is_the_plan_unless_it_breaks_a_rule():
    curves = respond(*(np.full(2, each) for each in (100.0, 20.0, 90.0, 1.0, 1.0)))
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


def under_rules(seed):
    """Two to four lines of any shape, with bounds and rules over some of them."""
    random = np.random.default_rng(seed)
    count = int(random.integers(2, 5))
    current = random.choice([0, 40_000, 100_000, 250_000], count).astype(float)
    loss = random.uniform(0, 90_000, count) * random.choice([0, 1, 1], count)
    potential = random.uniform(0, 400_000, count) * random.choice([0, 1, 1, 1], count)
    curves = respond(current, loss, potential, np.full(count, 8e4), random.choice([0.5, 0.8, 1, 1.5, 2, 4], count))
    budget = float(random.choice([1e5, 3e5, 5e5]))
    low = random.choice([0, 1e4], count)
    high = np.maximum(random.choice([1.2e5, budget], count), low)
    rows, least, most = [np.ones(count)], [-np.inf], [budget]
    for _ in range(int(random.integers(0, 3))):
        rows.append((random.random(count) < 0.5).astype(float))
        least.append(float(random.choice([0, 3e4])))
        most.append(float(random.choice([8e4, 1.5e5, np.inf])))
    rules = Rules(low, high, csr_array(np.array(rows)), np.array(least), np.array(most))
    return curves, random.uniform(0.5, 1.5, count), rules


def by_finer_grids(curves, weight, rules):
    """The largest weighted gain on a grid under the rules, and on finer ones about the best of each; −∞ where none is."""
    low, high, count = rules.low, rules.high, len(weight)
    best = -np.inf
    for steps in ({2: 401, 3: 61, 4: 21}[count], *[{2: 41, 3: 21, 4: 11}[count]] * 5):
        axes = [np.linspace(*ends, steps) for ends in zip(low, high, strict=True)]
        points = np.stack([each.ravel() for each in np.meshgrid(*axes, indexing="ij")])
        sums = rules.matrix @ points
        kept = ((sums <= rules.most[:, None] + 1e-6) & (sums >= rules.least[:, None] - 1e-6)).all(axis=0)
        if not kept.any():
            return best
        found = np.where(kept, (curves.gain(points) * weight[:, None]).sum(axis=0), -np.inf)
        best, at = max(best, float(found.max())), points[:, int(found.argmax())]
        wide = (high - low) / 8
        low, high = np.maximum(rules.low, at - wide), np.minimum(rules.high, at + wide)
    return best


def reached_by(curves, weight, best):
    return float((curves.gain(best.spend) * weight).sum())


@pytest.mark.parametrize("seed", later(range(300), 100))
def test_under_rules_over_some_lines_no_grid_beats_it_by_more_than_the_stated_error(seed):
    curves, weight, rules = under_rules(seed)
    best, found = maximise(curves, weight, rules), by_finer_grids(curves, weight, rules)
    if not best.feasible:
        assert found == -np.inf
        return
    sums, reached = rules.matrix @ best.spend, reached_by(curves, weight, best)
    assert (best.spend >= rules.low).all() and (best.spend <= rules.high).all()
    assert (sums <= rules.most + 0.01).all() and (sums >= rules.least - 0.01).all()
    assert found <= reached + best.error + 1e-3
    assert best.error <= 2e-5 * float((weight * (curves.ceiling - curves.floor)).sum())


@pytest.mark.parametrize("seed", range(4))
def test_many_s_shaped_lines_are_solved_to_the_gap(seed):
    random = np.random.default_rng(seed)
    count = 60
    current = random.choice([0, 40_000, 100_000], count).astype(float)
    figures = (random.uniform(0, 9e4, count), random.uniform(0, 4e5, count), np.full(count, 8e4))
    curves = respond(current, *figures, random.choice([1.5, 2, 4], count))
    rows = np.array([np.ones(count), np.arange(count) % 3 == 0, np.arange(count) % 3 == 1], dtype=float)
    most = rows @ current * [1.1, 0.9, 1.2]
    rules = Rules(np.zeros(count), np.full(count, 4e5), csr_array(rows), np.full(3, -np.inf), most)
    best = maximise(curves, np.ones(count), rules)
    assert best.error <= GAP * reached_by(curves, np.ones(count), best)


@pytest.mark.parametrize("seed", range(20))
def test_the_order_of_the_lines_does_not_matter(seed):
    curves, weight, rules = under_rules(seed)
    order = np.random.default_rng(seed + 1).permutation(len(weight))
    other = Rules(rules.low[order], rules.high[order], rules.matrix[:, order], rules.least, rules.most)
    one, two = maximise(curves, weight, rules), maximise(curves.of(order), weight[order], other)
    assert one.feasible == two.feasible
    if one.feasible:
        reached = reached_by(curves, weight, one)
        allowed = max(1e-6 * abs(reached), one.error, two.error)  # S-shaped lines are solved to their gap
        assert reached_by(curves.of(order), weight[order], two) == pytest.approx(reached, abs=allowed)
    if one.feasible and (curves.shape <= 1).all() and (curves.ceiling > 0).all():
        assert two.spend == pytest.approx(one.spend[order], abs=1.0)


def test_prices_say_what_more_budget_earns():
    curves = respond(*(np.full(2, each) for each in (100_000.0, 20_000.0, 90_000.0, 1.0, 1.0)))
    rules = Rules(np.zeros(2), np.full(2, 3e5), csr_array(np.ones((1, 2))), np.array([-np.inf]), np.array([2e5]))
    best, more = (maximise(curves, np.ones(2), replace(rules, most=np.array([most]))) for most in (2e5, 2.1e5))
    half = 100_000 * 90 / 20
    assert best.prices[0] == pytest.approx(110_000 * half / (100_000 + half) ** 2, rel=0.01)  # the slope of both
    assert (
        reached_by(curves, np.ones(2), more) - reached_by(curves, np.ones(2), best) <= 1e4 * best.prices[0] + best.error
    )


@pytest.mark.parametrize("seed", later(range(12), 3))
def test_a_frontier_is_its_single_solves(seed):
    curves, weight, rules = under_rules(seed)
    budgets = np.linspace(0.3, 1.7, 9) * rules.most[0]
    for budget, best in zip(budgets, frontier(curves, weight, rules, budgets), strict=True):
        alone = maximise(curves, weight, replace(rules, most=np.append(budget, rules.most[1:])), nearest=False)
        assert best.feasible == alone.feasible
        if alone.feasible:
            allowed = max(best.error, alone.error, 1e-3)
            assert reached_by(curves, weight, best) == pytest.approx(reached_by(curves, weight, alone), abs=allowed)
            assert best.spend.sum() <= budget + 0.01


@pytest.mark.parametrize("shape", [0.5, 1, 2])
def test_without_a_limit_on_the_budget_every_line_that_earns_is_filled(shape):
    curves = respond(*(np.full(2, each) for each in (100_000.0, 20_000.0, 90_000.0, 1.0, shape)))
    rules = Rules(np.zeros(2), np.full(2, 3e5), csr_array(np.ones((1, 2))), np.array([-np.inf]), np.array([np.inf]))
    best = maximise(curves, np.ones(2), rules)
    assert list(best.spend) == [3e5, 3e5] and best.error < 1e-6
