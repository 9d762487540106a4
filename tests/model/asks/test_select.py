"""The best set of asks: published problems, and brute force over every subset."""

from __future__ import annotations

import functools
import importlib
import itertools
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import milp

from workbench.model.asks import enumeration, select

KERNEL = importlib.import_module("workbench.model.asks.select")  # the module: on the face the name is the function
MKNAP = Path(__file__).resolve().parents[4] / "shared" / "data" / "mknap1.txt"
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
    """A random problem of 3 to 15 asks over 1 to 5 teams, with ties, prerequisites, exclusions, groups, fixed asks."""
    random = np.random.default_rng(seed)
    count, teams = int(random.integers(3, 16)), int(random.integers(1, 6))
    value = random.integers(-1, 9, count).astype(float)
    effort = random.integers(0, 6, (count, teams)) * (random.random((count, teams)) < 0.7)
    pairs = list(itertools.permutations(range(count), 2))
    some = lambda most: [pairs[place] for place in random.choice(len(pairs), int(random.integers(most)), replace=False)]  # noqa: E731
    least = {group: int(random.integers(1, 3)) for group in range(2) if random.random() < 0.2}
    fixed = {int(each): bool(random.integers(2)) for each in random.integers(0, count, int(random.integers(3)))}
    rules = {"requires": some(5), "excludes": some(4), "groups": [int(each) for each in random.integers(0, 3, count)],
             "at_least": least, "fixed": fixed}  # fmt: skip
    return value, effort.astype(float), np.floor(effort.sum(axis=0) * random.random(teams)), rules


@functools.cache
def subsets(count):
    """Every subset of `count` asks, one a row, the one with the earlier ask first."""
    return np.array(list(itertools.product((True, False), repeat=count)))


def allowed(effort, capacity, requires, excludes, groups, at_least, fixed):
    """Which of all subsets keep every rule, each in its plainest form."""
    sets = subsets(len(effort))
    good = (sets @ effort <= capacity).all(axis=1)
    for one, other in requires:
        good &= ~sets[:, one] | sets[:, other]
    for one, other in excludes:
        good &= ~(sets[:, one] & sets[:, other])
    for group, number in at_least.items():
        good &= sets[:, np.array(groups) == group].sum(axis=1) >= number
    for item, wanted in fixed.items():
        good &= sets[:, item] == wanted
    return sets[good]


def best_of_all(value, effort, capacity, rules):
    """By brute force: largest value, then least effort, then fewest and earliest places; None: no set is allowed."""
    good = allowed(effort, capacity, **rules)
    places = good @ np.arange(1, len(value) + 1)
    order = np.lexsort((np.arange(len(good)), places, good @ effort.sum(axis=1), -(good @ value)))
    return good[order[0]] if len(order) else None


@pytest.mark.parametrize("block", range(10))
def test_a_thousand_small_problems_against_brute_force(block):
    feasible = 0
    for seed in range(100 * block, 100 * block + 100):
        value, effort, capacity, rules = small(seed)
        best, found = best_of_all(value, effort, capacity, rules), select(value, effort, capacity, **rules)
        assert found.feasible == (best is not None), seed
        assert found.gap == 0 and list(found.chosen) == list(np.zeros(len(value)) if best is None else best), seed
        assert found.value == value[found.chosen].sum(), seed
        feasible += found.feasible
    assert 20 < feasible < 95


@pytest.mark.parametrize("few", ["the solver", "a bound"])
def test_every_way_to_solve_gives_the_value_and_effort_of_brute_force(few, monkeypatch):
    monkeypatch.setattr(KERNEL, "FEW", 0 if few == "the solver" else KERNEL.FEW)
    monkeypatch.setattr(enumeration, "ALONE", 0)
    for seed in range(1000, 1150):
        value, effort, capacity, rules = small(seed)
        best, found = best_of_all(value, effort, capacity, rules), select(value, effort, capacity, **rules)
        assert found.feasible == (best is not None), seed
        if best is not None:
            assert (found.value, found.gap) == (value[best].sum(), 0), seed
            assert effort[found.chosen].sum() == effort[best].sum(), seed


def test_a_set_of_the_solver_that_breaks_a_rule_is_never_the_answer(monkeypatch):
    """The first answer is made to hold everything; the next must be the best set that keeps the rules."""
    answers = []

    def rounded(*arguments, **options):
        answers.append(milp(*arguments, **options))
        if len(answers) == 1:
            answers[0].x = np.ones_like(answers[0].x)
        return answers[-1]

    monkeypatch.setattr(KERNEL, "FEW", 0)
    monkeypatch.setattr(KERNEL, "milp", rounded)
    found = select(np.array([3.0, 4, 3, 2]), np.array([[4.0], [8], [10], [8]]), np.array([20.0]))
    assert len(answers) == 2 and (found.value, list(found.chosen)) == (9, [True, True, False, True])


def test_an_exact_fit_fits_and_a_millionth_more_does_not():
    """0.1 + 0.2 is 0.30000000000000004 in the machine."""
    value, effort = np.ones(2), np.array([[0.1], [0.2]])
    assert select(value, effort, np.array([0.3])).value == 2
    assert select(value, effort, np.array([0.2999997])).value == 1
    assert select(np.ones(30), np.full((30, 1), 0.1), np.array([2.0])).value == 20


def test_figures_that_are_not_finite_are_refused_and_nothing_gives_nothing():
    with pytest.raises(ValueError, match="not finite"):
        select(np.array([1.0, np.nan]), np.ones((2, 1)), np.ones(1))
    assert select(np.zeros(0), np.zeros((0, 1)), np.ones(1)).value == 0
