"""A free choice of segments beside every choice there is."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from tests.stages import later
from workbench.model.allocation.solver.piecewise import Rules, maximise
from workbench.model.allocation.solver.response import respond
from workbench.model.allocation.solver.segment_choice import choose, frontier_of_choices


def problem(seed):
    """Two to five segments of one to three products, some rules, and how many to choose."""
    random = np.random.default_rng(seed)
    segments, products = int(random.integers(2, 6)), int(random.integers(1, 4))
    count = segments * products
    member, product = np.repeat(np.arange(segments), products), np.tile(np.arange(products), segments)
    current = random.choice([0, 4e4, 1e5, 2.5e5], count)
    loss = random.uniform(0, 9e4, count) * random.choice([0, 1, 1], count)
    potential = random.uniform(0, 4e5, count) * random.choice([0, 1, 1, 1], count)
    shape = random.choice([0.5, 1, 1, 2, 4], count) if seed % 3 == 0 else np.ones(count)
    curves = respond(current, loss, potential, np.full(count, 8e4), shape)
    low = np.where(random.random(count) < 0.3, random.choice([0, 1e4], count), 0.0)
    high = np.maximum(low, random.choice([1.2e5, 6e5], count))
    rows, least, most = [np.ones(count)], [-np.inf], [max(current.sum(), 1e5) * float(random.choice([0.8, 1, 1.3]))]
    for keys, often, floors in ((product, 0.5, [0, 5e4]), (member, 0.3, [0, 0, 5e4, 2e5])):
        for key in np.unique(keys):
            if random.random() < often:
                rows.append((keys == key).astype(float))
                least.append(float(random.choice(floors)))
                most.append(float(random.choice([2e5, 4e5, np.inf])))
    rules = Rules(low, high, csr_array(np.array(rows)), np.array(least), np.array(most))
    return curves, random.uniform(0.5, 1.5, count), rules, member, int(random.integers(1, segments + 1))


def with_open(curves, rules, member, chosen):
    shut = np.maximum(rules.low, np.minimum(rules.high, curves.current))
    return replace(rules, high=np.where(np.isin(member, list(chosen)), rules.high, shut))


def by_every_choice(curves, weight, rules, member, focus, pinned, banned):
    """The best that any choice reaches, and its stated error; −∞ where none keeps the rules."""
    best = (-np.inf, 0.0)
    for chosen in itertools.combinations(range(int(member.max()) + 1), focus):
        if set(pinned) <= set(chosen):
            found = maximise(curves, weight, with_open(curves, rules, member, set(chosen) - set(banned)), nearest=False)
            if found.feasible:
                best = max(best, (float((weight * curves.gain(found.spend)).sum()), found.error))
    return best


@pytest.mark.parametrize("seed", later(range(100), 30))
def test_no_choice_of_segments_is_better_than_it_says(seed):
    curves, weight, rules, member, focus = problem(seed)
    pinned, banned = [0] if seed % 4 == 1 else [], [int(member.max())] if seed % 5 == 1 else []
    found = choose(curves, weight, rules, member, focus, pinned=pinned, banned=banned)
    best, error = by_every_choice(curves, weight, rules, member, focus, pinned, banned)
    assert found.feasible == (best > -np.inf)
    if not found.feasible:
        return
    reached, sums = float((weight * curves.gain(found.spend)).sum()), rules.matrix @ found.spend
    assert best <= found.bound + 1e-3 and reached <= best + error + 1e-3
    assert reached >= best - max(found.bound - reached, 1e-3)
    assert found.gap == pytest.approx((found.bound - reached) / max(abs(reached), 1)) and found.gap <= 1e-4
    assert (sums <= rules.most + 0.01).all() and (sums >= rules.least - 0.01).all()
    assert (found.spend <= with_open(curves, rules, member, found.chosen).high + 0.006).all()
    assert len(found.chosen) <= focus and set(pinned) <= set(found.chosen) and not set(banned) & set(found.chosen)


@pytest.mark.parametrize("seed", range(0, 12, 2))
def test_choices_at_many_budgets_are_the_single_choices(seed):
    curves, weight, rules, member, focus = problem(seed)
    budgets = np.linspace(0.5, 1.5, 5) * rules.most[0]
    for budget, found in zip(budgets, frontier_of_choices(curves, weight, rules, member, focus, budgets), strict=True):
        other = replace(rules, most=np.append(budget, rules.most[1:]))
        alone = choose(curves, weight, other, member, focus)
        assert found.feasible == alone.feasible
        if found.feasible:
            reached = [float((weight * curves.gain(each.spend)).sum()) for each in (found, alone)]
            assert max(reached) <= min(found.bound, alone.bound) + 1e-3
            assert found.gap <= 1e-4 and found.spend.sum() <= budget + 0.01


def test_where_every_segment_may_be_chosen_it_is_the_plain_best():
    curves, weight, rules, member, _ = problem(2)
    found = choose(curves, weight, rules, member, int(member.max()) + 1)
    best = maximise(curves, weight, rules, nearest=False)
    reached = [float((weight * curves.gain(each.spend)).sum()) for each in (found, best)]
    assert reached[0] == pytest.approx(reached[1], abs=best.error + 1e-6)


def test_more_pinned_segments_than_focus_and_figures_that_are_not_finite_are_refused():
    curves, weight, rules, member, _ = problem(2)
    with pytest.raises(ValueError, match="pinned"):
        choose(curves, weight, rules, member, 1, pinned=[0, 1])
    with pytest.raises(ValueError, match="not finite"):
        choose(curves, weight * np.nan, rules, member, 1)
