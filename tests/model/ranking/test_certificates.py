"""The smallest change of weights that alters who is chosen, against linear programmes and against blind trial."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.optimize import linprog

from workbench.model.ranking.certificates import Certificate, turning_weights
from workbench.model.ranking.robustness import certificate

PROBLEMS, TRIALS = 200, 500  # 100,000 trials in all
BEYOND = 1e-6


def first(values, weights, k):
    """The first `k` of `values` (segments, criteria) under each of `weights` (draws, criteria): sets, equals by index."""
    units = np.floor((weights / weights.sum(axis=1, keepdims=True)) @ values.T * 1e9 + 0.5)
    inside = np.argsort(-units, axis=1, kind="stable")[:, :k]
    chosen = np.zeros(units.shape, dtype=bool)
    np.put_along_axis(chosen, inside, True, axis=1)
    return chosen


@dataclass(frozen=True)
class Problem:
    """An invented choice of the first `k` of `values`, with what the workbench found."""

    values: np.ndarray
    share: np.ndarray
    k: int
    found: Certificate


def invented(seed):
    """5 to 30 segments, 3 to 12 criteria; some are at most as good as another, in part exactly as good. In one problem
    of twenty the first `k` are better in everything.
    """
    random = np.random.default_rng([seed, 20260930])
    count, criteria = int(random.integers(5, 31)), int(random.integers(3, 13))
    values = random.random((count, criteria))
    for _ in range(int(random.integers(0, count // 2))):
        one, other = random.choice(count, 2, replace=False)
        values[one] = values[other] - random.random(criteria) * (random.random(criteria) < 0.7) * 0.3
    share = random.dirichlet(np.full(criteria, random.choice([0.5, 1.0, 5.0])))
    k = int(random.integers(1, count))
    if seed % 20 == 0:
        values[:k] += 1 + np.ptp(values)
    return Problem(values, share, k, certificate(values, share, k))


@pytest.fixture(scope="module")
def problems() -> list[Problem]:
    return [invented(seed) for seed in range(PROBLEMS)]


def smallest_change(values, share, k):
    """The least sum of absolute changes, by a linear problem for each pair of one inside and one outside.

    Variables are what is added to and what is taken from each weight. No unit moved gains more than the widest
    difference of leads: pairs are tried by the change that they need at least, until this exceeds the best found.
    """
    inside = first(values, share[None], k)[0]
    pairs = []
    for one in np.flatnonzero(inside):
        for other in np.flatnonzero(~inside):
            lead = values[other] - values[one]
            if lead.max() > 0 or (lead.max() == 0 and other < one):
                pairs.append((2 * max(-lead @ share, 0) / np.ptp(lead) if np.ptp(lead) else 0.0, lead))
    best, size = np.inf, len(share)
    for least, lead in sorted(pairs, key=lambda pair: pair[0]):
        if least >= best:
            break
        solved = linprog(
            np.ones(2 * size),
            A_ub=[[*-lead, *lead]],
            b_ub=[lead @ share],
            A_eq=[[1.0] * size + [-1.0] * size],
            b_eq=[0.0],
            bounds=[(0, None)] * size + [(0, each) for each in share],
        )
        assert solved.status == 0, solved.message
        best = min(best, solved.fun)
    return best


def test_a_linear_programme_finds_the_same_radius(problems):
    for each in problems:
        assert each.found.radius == pytest.approx(smallest_change(each.values, each.share, each.k), abs=1e-7)


def test_the_problems_are_of_every_kind(problems):
    radii = np.array([each.found.radius for each in problems])
    assert np.isinf(radii).any() and (radii < 0.01).any() and (radii[np.isfinite(radii)] > 0.5).any()
    assert {each.values.shape[0] for each in problems} >= {5, 30} and {len(each.share) for each in problems} >= {3, 12}


def trials(problem, random):
    """Weights inside the radius: half towards random weights, half close to the optimum."""
    share, found = problem.share, problem.found
    free = random.dirichlet(np.full(len(share), 0.5), TRIALS)
    if found.weights is None:
        return free
    half = TRIALS // 2
    way = free - share
    length = np.abs(way).sum(axis=1, keepdims=True)
    away = share + way * np.minimum(random.random((TRIALS, 1)) * found.radius / length, 1)
    near = share + (1 - random.uniform(1e-5, 1e-3, (TRIALS, 1))) * (found.weights - share)
    near += random.uniform(0, 1e-3, (TRIALS, 1)) * (free - near) * found.radius
    change = near - share
    over = np.abs(change).sum(axis=1, keepdims=True) / ((1 - 1e-5) * found.radius)
    return np.vstack([away[:half], (share + change / np.maximum(over, 1))[half:]])


def test_no_change_inside_the_radius_alters_who_is_first(problems):
    random, tried = np.random.default_rng(1), 0
    for each in problems:
        changed = trials(each, random)
        assert (changed >= 0).all() and (np.abs(changed - each.share).sum(axis=1) < each.found.radius).all()
        assert (first(each.values, changed, each.k) == first(each.values, each.share[None], each.k)).all()
        tried += len(changed)
    assert tried == 100_000


def test_the_returned_weights_moved_a_little_further_alter_who_is_first(problems):
    for each in (each for each in problems if each.found.weights is not None):
        lead = each.values[each.found.enters] - each.values[each.found.leaves]
        beyond = each.found.weights.copy()
        if lead.max() > 0:
            held = np.flatnonzero(beyond > BEYOND)
            beyond[held[lead[held].argmin()]] -= BEYOND / 2
            beyond[lead.argmax()] += BEYOND / 2
        before, after = (first(each.values, weights[None], each.k)[0] for weights in (each.share, beyond))
        assert (before != after).any()
        assert before[each.found.leaves] and not before[each.found.enters]


def test_at_the_returned_weights_the_two_are_level(problems):
    for each in (each for each in problems if each.found.weights is not None):
        lead = each.values[each.found.enters] - each.values[each.found.leaves]
        assert lead @ each.found.weights == pytest.approx(0, abs=1e-12)
        assert each.found.weights.min() >= 0 and each.found.weights.sum() == pytest.approx(1)
        assert np.abs(each.found.weights - each.share).sum() == pytest.approx(each.found.radius)


def test_two_criteria_by_hand():
    # A (1, 0) against B (.6, .6): w against .6, level at w = .6; from (.8, .2) that is .2 on each criterion.
    found = certificate(np.array([[1, 0], [0.6, 0.6]]), np.array([4.0, 1.0]), 1)
    assert found.radius == pytest.approx(0.4) and found.weights == pytest.approx([0.6, 0.4])
    assert (found.leaves, found.enters) == (0, 1)


def test_one_that_is_better_in_everything_cannot_be_displaced():
    found = certificate(np.array([[0.5, 0.6, 0.7], [0.4, 0.5, 0.6]]), np.array([1.0, 2.0, 3.0]), 1)
    assert (found.radius, found.weights, found.leaves, found.enters) == (np.inf, None, None, None)


@pytest.mark.parametrize(("better", "radius"), [(1, 1.0), (0, np.inf)])
def test_one_that_is_as_good_in_places_displaces_only_where_equals_are_listed_after_it(better, radius):
    values = np.empty((2, 2))
    values[better], values[1 - better] = (0.8, 0.5), (0.3, 0.5)
    assert certificate(values, np.array([0.5, 0.5]), 1).radius == radius


@pytest.mark.parametrize("k", [-1, 0, 4, 5])
def test_where_none_or_all_are_first_nothing_can_change(k):
    found = certificate(np.random.default_rng(1).random((4, 3)), np.ones(3), k)
    assert (found.radius, found.weights, found.leaves, found.enters) == (np.inf, None, None, None)


def test_only_the_proportions_of_the_weights_count(problems):
    for each in problems[:50]:
        other = certificate(each.values, each.share * 256, each.k)
        pairs = [(one.radius, one.leaves, one.enters) for one in (each.found, other)]
        assert pairs[0] == pairs[1]
        assert np.array_equal(other.weights, each.found.weights) or other.weights is each.found.weights is None


# ----------------------------------------------------------------------------------------------------- one weight alone

SCAN = (np.arange(1000) + 1 / np.pi) / 1000  # no weight at which round values meet


def alone(share, column, weights):
    """Weights where that of one criterion is each of `weights`, the others keeping their proportions."""
    others = np.where(np.arange(len(share)) == column, 0.0, share) / (1 - share[column])
    table = (1 - weights)[:, None] * others
    table[:, column] = weights
    return table


def assert_turns(values, share, k):
    """Just beyond each turning weight the segment has changed sides; at no weight of the scan nearer by it has."""
    segments = np.arange(len(values))
    found = turning_weights(values, share, k, segments)
    base = first(values, share[None], k)[0]
    for column, own in enumerate(share):
        scanned = first(values, alone(share, column, SCAN), k)
        for segment in segments:
            at = found[segment, column]
            reach = np.inf if np.isnan(at) else abs(at - own) - 1e-9
            nearer = np.abs(SCAN - own) < reach
            assert (scanned[nearer, segment] == base[segment]).all(), (segment, column, at)
            if not np.isnan(at):
                ways = [1, -1] if abs(at - own) < 1e-9 else [np.sign(at - own)]
                beyond = np.clip(at + 1e-7 * np.array(ways), 0, 1)
                after = first(values, alone(share, column, beyond), k)[:, segment]
                assert (after != base[segment]).any(), (segment, column, at)


@pytest.mark.parametrize("seed", range(30))
def test_a_scan_of_one_weight_finds_no_nearer_turn_among_coarse_values(seed):
    random = np.random.default_rng([seed, 4])
    count, criteria = int(random.integers(3, 10)), int(random.integers(2, 5))
    share = random.integers(1, 5, criteria).astype(float)
    assert_turns(random.integers(0, 5, (count, criteria)) / 4, share / share.sum(), int(random.integers(1, count)))


@pytest.mark.parametrize("seed", range(30))
def test_a_scan_of_one_weight_finds_no_nearer_turn(seed):
    random = np.random.default_rng([seed, 3])
    count, criteria = int(random.integers(4, 14)), int(random.integers(2, 7))
    assert_turns(random.random((count, criteria)), random.dirichlet(np.ones(criteria)), int(random.integers(1, count)))


def test_places_exchanged_at_one_point_are_no_turn():
    # At w = .5 all three score .5: before it the third is ahead of the first one, after it the second, never both.
    values, share = np.array([[0.5, 0.5], [0.75, 0.25], [0.25, 0.75]]), np.array([0.25, 0.75])
    chosen = first(values, alone(share, 0, np.array([0.0, 0.2, 0.45, 0.55, 0.8, 1.0])), 2)
    assert chosen[:, 0].all()
    assert np.isnan(turning_weights(values, share, 2, np.array([0]))).all()


def test_passing_one_and_being_passed_by_another_at_one_point_is_no_turn():
    values, share = np.array([[0.5, 0.5], [0.75, 0.25], [0.25, 0.75]]), np.array([0.25, 0.75])
    chosen = first(values, alone(share, 0, np.array([0.0, 0.2, 0.45, 0.55, 0.8, 1.0])), 1)
    assert not chosen[:, 0].any()
    assert np.isnan(turning_weights(values, share, 1, np.array([0]))).all()


def test_nobody_turns_where_all_or_none_are_first():
    values = np.random.default_rng(2).random((4, 3))
    for k in (0, 4):
        assert np.isnan(turning_weights(values, np.ones(3), k, np.arange(4))).all()


def test_the_only_criterion_has_no_turning_weight():
    found = turning_weights(np.array([[0.2, 0.9], [0.6, 0.3]]), np.array([1.0, 0.0]), 1, np.arange(2))
    assert np.isnan(found[:, 0]).all() and found[:, 1] == pytest.approx([0.4, 0.4])
