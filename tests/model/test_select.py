"""The best set of asks: published problems, and brute force over every subset."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from workbench.model.asks import select

MKNAP = Path(__file__).resolve().parents[3] / "shared" / "data" / "mknap1.txt"
COSTS = [1.1, 1.9, 0.9, 0.9, 1.8, 1.3, 1.3, 1.1, 0.9, 1.3, 0.7, 0.8]
WEIGHTS = [0.31, 0.19, 0.29, 0.21]
SCORES = [[67, 40, 30, 50], [55, 37, 40, 20], [100, 90, 80, 90], [90, 80, 70, 95], [48, 35, 40, 33], [43, 32, 25, 44],
          [42, 64, 80, 55], [40, 50, 44, 20], [80, 90, 78, 66], [88, 66, 80, 70], [41, 48, 49, 25],
          [86, 88, 90, 72]]  # fmt: skip


def probe(**options):
    return select(np.array(SCORES) @ WEIGHTS, np.array(COSTS)[:, None], np.array([5.0]), **options)


def test_probe_optimum():
    """Lourenço, Morton, Bana e Costa (2012): {3, 4, 9, 10, 12}, cost 4.8, value 414.25."""
    found = probe()
    assert [int(each) + 1 for each in np.flatnonzero(found.chosen)] == [3, 4, 9, 10, 12]
    assert found.value == pytest.approx(414.25) and found.gap == 0
    assert np.array(COSTS)[found.chosen].sum() == pytest.approx(4.8)


def test_probe_with_one_project_for_each_department():
    """The same paper: value 396.46, so equity among silos costs 17.79."""
    found = probe(groups=list("AAAABBBBCCDD"), at_least=dict.fromkeys("ABCD", 1))
    assert found.value == pytest.approx(396.46)
    assert probe().value - found.value == pytest.approx(17.79)


def test_greedy_by_ratio_is_not_the_optimum():
    value, cost = np.array([3.0, 4, 3, 2]), np.array([4.0, 8, 10, 8])
    found = select(value, cost[:, None], np.array([20.0]))
    assert (found.value, list(found.chosen)) == (9, [True, True, False, True])


def test_all_seven_problems_of_the_or_library():
    if not MKNAP.is_file():
        pytest.skip(f"{MKNAP} is absent: the OR-Library problems lie in ../shared/data")
    words = iter(MKNAP.read_text(encoding="utf-8").split())
    take = lambda count: np.array([float(next(words)) for _ in range(count)])  # noqa: E731
    solved = 0
    for _ in range(int(next(words))):
        count, teams, optimum = int(next(words)), int(next(words)), float(next(words))
        value, effort = take(count), take(count * teams).reshape(teams, count).T
        assert select(value, effort, take(teams)).value == pytest.approx(optimum, abs=1e-6)
        solved += 1
    assert solved == 7


def small(seed):
    """A random problem of 3 to 8 asks over 1 to 3 teams, with ties, prerequisites, exclusions and groups."""
    random = np.random.default_rng(seed)
    count, teams = int(random.integers(3, 9)), int(random.integers(1, 4))
    value = random.integers(0, 9, count).astype(float)
    effort = random.integers(0, 6, (count, teams)).astype(float)
    pairs = list(itertools.permutations(range(count), 2))
    requires = [pairs[place] for place in random.choice(len(pairs), int(random.integers(0, 4)), replace=False)]
    excludes = [pairs[place] for place in random.choice(len(pairs), int(random.integers(0, 3)), replace=False)]
    groups = [int(each) for each in random.integers(0, 3, count)]
    at_least = {0: 1} if random.random() < 0.3 else {}
    fixed = {int(random.integers(count)): bool(random.integers(2))} if random.random() < 0.4 else {}
    rules = {"requires": requires, "excludes": excludes, "groups": groups, "at_least": at_least, "fixed": fixed}
    return value, effort, random.integers(0, 13, teams).astype(float), rules


def allowed(subset, effort, capacity, requires, excludes, groups, at_least, fixed):
    """Every rule in its plainest form."""
    return ((effort[list(subset)].sum(axis=0) <= capacity).all()
            and all(other in subset for one, other in requires if one in subset)
            and not any(one in subset and other in subset for one, other in excludes)
            and all(sum(groups[each] == group for each in subset) >= number for group, number in at_least.items())
            and all((item in subset) == wanted for item, wanted in fixed.items()))  # fmt: skip


@pytest.mark.parametrize("block", range(10))
def test_two_hundred_small_problems_against_brute_force(block):
    for seed in range(20 * block, 20 * block + 20):
        value, effort, capacity, rules = small(seed)
        subsets = itertools.chain.from_iterable(itertools.combinations(range(len(value)), size)
                                                for size in range(len(value) + 1))  # fmt: skip
        good = [set(each) for each in subsets if allowed(set(each), effort, capacity, **rules)]
        found = select(value, effort, capacity, **rules)
        assert found.feasible == bool(good)
        if good:
            best = max(value[list(each)].sum() for each in good)
            chosen = {int(each) for each in np.flatnonzero(found.chosen)}
            assert chosen in good and found.value == best
            lean = min(effort[list(each)].sum() for each in good if value[list(each)].sum() == best)
            assert effort[list(chosen)].sum() == lean


def test_figures_that_are_not_finite_are_refused_and_nothing_gives_nothing():
    with pytest.raises(ValueError, match="not finite"):
        select(np.array([1.0, np.nan]), np.ones((2, 1)), np.ones(1))
    assert select(np.zeros(0), np.zeros((0, 1)), np.ones(1)).value == 0
