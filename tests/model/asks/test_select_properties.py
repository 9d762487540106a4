"""What the best set of asks must not depend on, and which way it must move."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.model.asks.triage import select

SEEDS = range(8)


def wide(seed, count):
    """Values that go with effort, four teams, a quarter of the effort as capacity, prerequisites, exclusions, a theme
    of two; every value has its own last digits, so that no two sets are worth the same."""
    random = np.random.default_rng(seed)
    size = random.lognormal(0, 0.8, count)
    effort = np.ceil(10 * size[:, None] * random.lognormal(0, 0.4, (count, 4)) * (random.random((count, 4)) < 0.5))
    pairs = random.permutation(count)[: count // 4 * 2].reshape(-1, 2).tolist()
    rules = {"requires": [*pairs[::2], pairs[1], pairs[1][::-1]], "excludes": pairs[3::4]}
    value = 1e5 * size * random.lognormal(0, 0.3, count) + random.random(count)
    return value, effort, np.round(effort.sum(axis=0) / 4), rules


def keeps(chosen, effort, capacity, requires, excludes):
    return ((effort[chosen].sum(axis=0) <= capacity).all() and all(chosen[j] or not chosen[i] for i, j in requires)
            and not any(chosen[i] and chosen[j] for i, j in excludes))  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_asks_teams_and_rules_changes_nothing(seed):
    value, effort, capacity, rules = wide(seed, 24)
    random = np.random.default_rng(seed)
    asks, teams = random.permutation(24), random.permutation(4)
    place = np.argsort(asks)
    moved = {name: [tuple(place[list(pair)]) for pair in pairs][::-1] for name, pairs in rules.items()}
    found = select(value, effort, capacity, **rules)
    other = select(value[asks], effort[asks][:, teams], capacity[teams], **moved)
    assert list(other.chosen) == list(found.chosen[asks]) and other.value == pytest.approx(found.value)
    assert keeps(found.chosen, effort, capacity, **rules)


@pytest.mark.parametrize("seed", SEEDS)
def test_money_and_days_in_other_units_change_nothing(seed):
    value, effort, capacity, rules = wide(seed, 24)
    found = select(value, effort, capacity, **rules)
    for money, days in ((1e-6, 1.0), (1e6, 1.0), (1.0, 8.0), (1.0, 1 / 220)):
        other = select(value * money, effort * days, capacity * days, **rules)
        assert list(other.chosen) == list(found.chosen) and other.value == pytest.approx(found.value * money)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_team_without_limit_changes_nothing(seed):
    value, effort, capacity, rules = wide(seed, 24)
    extra = np.random.default_rng(seed).integers(0, 50, (24, 1))
    other = select(value, np.hstack([effort, extra]), np.append(capacity, 1e12), **rules)
    assert list(other.chosen) == list(select(value, effort, capacity, **rules).chosen)


@pytest.mark.parametrize("seed", SEEDS)
def test_more_capacity_never_lowers_the_value_and_a_forced_choice_never_raises_it(seed):
    value, effort, capacity, rules = wide(seed, 24)
    best = select(value, effort, capacity, **rules).value
    for team in range(4):
        more = select(value, effort, capacity + np.eye(4)[team] * (10 + 10 * team), **rules)
        assert more.value >= best * (1 - 1e-9)
    for ask in range(24):
        pair = [select(value, effort, capacity, **rules, fixed={ask: choice}) for choice in (True, False)]
        assert max(each.value for each in pair) == pytest.approx(best)
        assert [each.chosen[ask] for each in pair] == [pair[0].feasible, False]


def test_two_thousand_asks_keep_every_rule_and_say_how_far_they_may_be_off():
    """2,000 asks to a gap of 5 %; of 400 asks a tighter run is the witness."""
    value, effort, capacity, rules = wide(1, 2000)
    found = select(value, effort, capacity, **rules, gap=0.05)
    assert found.gap <= 0.05 and keeps(found.chosen, effort, capacity, **rules)
    value, effort, capacity, rules = wide(2, 400)
    loose, tight = (select(value, effort, capacity, **rules, gap=gap) for gap in (0.05, 0.005))
    assert loose.gap <= 0.05 and tight.gap <= 0.005
    assert loose.value * (1 + loose.gap) >= tight.value * (1 - 1e-5)
