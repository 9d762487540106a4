"""Rank acceptability: exact geometry where it is known, and a naive loop to the last bit where draws are given."""

from __future__ import annotations

import importlib
import math
from types import SimpleNamespace

import numpy as np
import pytest

from workbench.model.ranking import smaa
from workbench.model.ranking.smaa import quantised_scores
from workbench.model.ranking.values import quantised

KERNEL = importlib.import_module("workbench.model.ranking.smaa")  # the module: on the face the name is the function


DRAWS = 100_000
TABLES = ("rank_acceptability", "central_weights", "pairwise")


def evenly(draws, criteria, seed=1):
    """Weights spread evenly over the simplex: exponentials, normalised."""
    raw = np.random.default_rng(seed).exponential(size=(draws, criteria))
    return raw / raw.sum(axis=1, keepdims=True)


def assert_near(found, expected, draws=DRAWS):
    """Within three standard errors of a share of the draws; exactly where it is 0 or 1."""
    expected = np.array(expected, dtype=float)
    assert (np.abs(found - expected) <= 3 * np.sqrt(expected * (1 - expected) / draws)).all(), found


def assert_same(one, other):
    """Two results are equal to the last bit."""
    for name in TABLES:
        assert np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True), name
    assert one.entropy == pytest.approx(other.entropy, abs=1e-12)


# ------------------------------------------------------------------------------------------------- exact geometry


def test_two_criteria_give_the_lengths_of_intervals():
    # With weights (w, 1 - w) the scores are w, .6 and 1 - w: A is on top where w > .6, C where w < .4, B between;
    # B is never at the bottom; A is where w < .5, C where w > .5. What is left of each unit is rank 2.
    found = smaa(np.array([[1, 0], [0.6, 0.6], [0, 1]]), evenly(DRAWS, 2))
    assert_near(found.rank_acceptability, [[0.4, 0.1, 0.5], [0.2, 0.8, 0.0], [0.4, 0.1, 0.5]])
    assert_near(found.pairwise, [[0.5, 0.4, 0.5], [0.6, 0.5, 0.6], [0.5, 0.4, 0.5]])
    middles = np.array([0.8, 0.5, 0.2])  # of (.6, 1), (.4, .6) and (0, .4); an interval's deviation is length / √12
    errors = np.array([0.4, 0.2, 0.4]) / np.sqrt(12) / np.sqrt(DRAWS * np.array([0.4, 0.2, 0.4]))
    assert (np.abs(found.central_weights[:, 0] - middles) < 3 * errors).all()


def test_three_criteria_give_areas_of_the_simplex():
    # A, B and C score the weight of their criterion, M always .4. The corner w_i > .4 is a triangle of side .6, so .36 of
    # the area; two corners overlap in one of side .2, so .04. M is third in these three overlaps (.12), second in what
    # else the corners hold (3 × .36 - 2 × .12 = .84), first in the rest (.04), never last. The least of A, B, C is
    # therefore last, the middle one third unless M is; each of them is the largest, middle and least in a third.
    found = smaa(np.vstack([np.eye(3), np.full(3, 0.4)]), evenly(DRAWS, 3))
    corner = [0.96 / 3, (0.04 + 0.12) / 3, 0.88 / 3, 1 / 3]
    assert_near(found.rank_acceptability, [corner, corner, corner, [0.04, 0.84, 0.12, 0.0]])
    assert_near(found.pairwise[3], [0.64, 0.64, 0.64, 0.5])


def test_the_middle_triangle_is_a_quarter():
    # M scores .5: each corner w_i > .5 is a quarter of the area, they meet only in points, and so is what they leave.
    found = smaa(np.vstack([np.eye(3), np.full(3, 0.5)]), evenly(DRAWS, 3, seed=2))
    corner = [1 / 4, 1 / 12, 1 / 3, 1 / 3]
    assert_near(found.rank_acceptability, [corner, corner, corner, [0.25, 0.75, 0.0, 0.0]])
    bits = [sum(-part * math.log2(part) for part in row if part) for row in (corner, [0.25, 0.75])]
    assert found.entropy == pytest.approx((3 * bits[0] + bits[1]) / 4, abs=0.01)


# --------------------------------------------------------------------------------------------------- the naive loop


def score_of(row, weights):
    total = 0.0
    for weight, value in zip(weights, row, strict=True):
        total += weight * value
    return math.floor(total * 1e9 + 0.5)


def naive(values, weights):
    """SMAA-2 by loops; parts of a draw are counted as whole numbers for each size of a tie, and divided at the end."""
    draws, count, criteria = len(weights), values.shape[-2], weights.shape[1]
    of_draw = values.tolist() if values.ndim == 3 else [values.tolist()] * draws
    places: dict[int, list[list[int]]] = {}
    above = [[0] * count for _ in range(count)]  # 2 for a win, 1 for a draw
    total, sums = [0.0] * count, [[0.0] * criteria for _ in range(count)]
    for table, weight in zip(of_draw, weights.tolist(), strict=True):
        scores = [score_of(row, weight) for row in table]
        for one in range(count):
            better, equal = sum(s > scores[one] for s in scores), sum(s == scores[one] for s in scores)
            counts = places.setdefault(equal, [[0] * count for _ in range(count)])
            for rank in range(better, better + equal):
                counts[one][rank] += 1
            for other in range(count):
                above[one][other] += 2 * (scores[one] > scores[other]) + (scores[one] == scores[other])
            if better == 0:
                total[one] += 1 / equal
                for criterion in range(criteria):
                    sums[one][criterion] += 1 / equal * weight[criterion]
    accept = [[places[1][one][rank] / draws if 1 in places else 0.0 for rank in range(count)] for one in range(count)]
    for size in sorted(set(places) - {1}):
        for one in range(count):
            for rank in range(count):
                accept[one][rank] += places[size][one][rank] / size / draws
    central = [[part / total[one] if total[one] else math.nan for part in sums[one]] for one in range(count)]
    bits = [-sum(part * math.log2(part) for part in row if part > 0) for row in accept]
    return SimpleNamespace(
        rank_acceptability=np.array(accept),
        central_weights=np.array(central),
        pairwise=np.array([[part / (2 * draws) for part in row] for row in above]),
        entropy=sum(bits) / count,
    )  # fmt: skip


def grid(shape, steps, seed):
    """Coarse values: many ties."""
    return np.random.default_rng(seed).integers(0, steps + 1, shape) / steps


def twins(seed):
    """Nine segments of which three are alike, and two others."""
    values = np.random.default_rng(seed).random((9, 4))
    values[[3, 7]], values[8] = values[1], values[5]
    return values


RANDOM = np.random.default_rng(7)
CASES = {
    "continuous": (RANDOM.random((8, 5)), evenly(1500, 5)),
    "twins": (twins(1), evenly(1500, 4)),
    "a coarse grid": (grid((12, 3), 2, 2), grid((1500, 3), 4, 3)),
    "every weight 0 in a draw": (grid((6, 3), 2, 4), np.vstack([np.zeros((3, 3)), evenly(300, 3)])),
    "all alike": (np.full((7, 3), 0.3), evenly(500, 3)),
    "values by draw": (RANDOM.random((1200, 6, 4)), evenly(1200, 4)),
    "values by draw with ties in pairs": (np.repeat(RANDOM.random((900, 3, 4)), 2, axis=1), evenly(900, 4)),
    "negative": (RANDOM.normal(size=(7, 4)) * 5, evenly(900, 4)),
    "negative grid": (grid((9, 3), 2, 5) - 0.5, grid((900, 3), 4, 6)),
    "beyond 2^62": (np.vstack([RANDOM.random((6, 3)), np.ones((2, 3))]) * 1e13, evenly(900, 3)),
    "some draws beyond 2^62": (twins(2), evenly(900, 4) * np.where(np.arange(900) % 7, 1.0, 1e13)[:, None]),
    "one segment": (RANDOM.random((1, 4)), evenly(300, 4)),
    "one criterion": (grid((10, 1), 6, 8), np.ones((200, 1))),
    "one draw": (twins(3), evenly(1, 4)),
    "two segments": (grid((2, 3), 2, 9), grid((900, 3), 2, 10)),
}


@pytest.mark.parametrize("case", CASES)
def test_a_naive_loop_gives_exactly_the_same(case):
    values, weights = CASES[case]
    assert_same(smaa(values, weights), naive(values, weights))


def test_a_naive_loop_gives_exactly_the_same_where_three_are_equal():
    values, weights = grid((1500, 5, 3), 1, 11), evenly(1500, 3)
    assert_same(smaa(values, weights), naive(values, weights))


def test_a_naive_loop_gives_exactly_the_same_over_several_chunks():
    values, weights = np.array([[0.2, 0.9], [0.7, 0.4], [0.2, 0.9]]), evenly(180_000, 2)
    assert len(weights) * len(values) > 2 * KERNEL.CHUNK
    assert_same(smaa(values, weights), naive(values, weights))


@pytest.mark.parametrize("case", ["twins", "a coarse grid", "values by draw", "some draws beyond 2^62", "one segment"])
def test_the_chunks_make_no_difference(case, monkeypatch):
    values, weights = CASES[case]
    whole = smaa(values, weights)
    for size in (1, 100, 3333):
        monkeypatch.setattr(KERNEL, "CHUNK", size)
        assert_same(smaa(values, weights), whole)


def test_the_chunks_make_no_difference_to_three_equals(monkeypatch):
    values, weights = grid((5000, 4, 3), 1, 12), evenly(5000, 3)
    whole = smaa(values, weights)
    for size in (64, 1000):
        monkeypatch.setattr(KERNEL, "CHUNK", size)
        assert_same(smaa(values, weights), whole)


def test_scores_are_quantised_as_in_the_ranking():
    halves = np.arange(1, 1000, 2) / 1024  # odd multiples of 2^-10 lie exactly between two units of 1e-9
    found = quantised_scores(halves[:, None], np.ones((1, 1)))[0]
    assert (found == [math.floor(each * 1e9 + 0.5) for each in halves]).all()
    assert (found == np.round(quantised(halves[:, None]) * 1e9)).all()


def test_equal_in_the_ranking_is_equal_in_the_simulation():
    values = np.array([[2.0**-10], [0.000976563]])  # 976,562.5 and 976,563 units
    assert (naive(values, np.ones((1, 1))).pairwise == 0.5).all()
    assert (smaa(values, np.ones((1, 1))).pairwise == 0.5).all()


# ------------------------------------------------------------------------------------------------------- properties


@pytest.mark.parametrize("case", CASES)
def test_shares_add_up(case):
    found = smaa(*CASES[case])
    assert found.rank_acceptability.sum(axis=0) == pytest.approx(1, abs=1e-12)
    assert found.rank_acceptability.sum(axis=1) == pytest.approx(1, abs=1e-12)
    assert found.pairwise + found.pairwise.T == pytest.approx(1, abs=1e-15)
    assert 0 <= found.entropy <= math.log2(len(found.pairwise)) + 1e-12


@pytest.mark.parametrize("case", ["continuous", "twins", "a coarse grid", "values by draw", "beyond 2^62"])
def test_the_order_of_the_segments_does_not_matter(case):
    values, weights = CASES[case]
    order = np.random.default_rng(3).permutation(values.shape[-2])
    one, other = smaa(values, weights), smaa(values[..., order, :], weights)
    permuted = SimpleNamespace(
        **{name: getattr(one, name)[order] for name in TABLES[:2]},
        pairwise=one.pairwise[np.ix_(order, order)],
        entropy=one.entropy,
    )
    assert_same(other, permuted)


@pytest.mark.parametrize("factor", [2.0, 64.0, 2.0**40])
def test_values_times_a_power_of_two_take_the_same_ranks(factor):
    values, weights = CASES["twins"]
    one, other = smaa(values, weights), smaa(values * factor, weights)
    assert (one.rank_acceptability == other.rank_acceptability).all() and (one.pairwise == other.pairwise).all()


def test_values_and_weights_stay_as_they_are():
    values, weights = CASES["values by draw"][0].copy(), CASES["values by draw"][1].copy()
    smaa(values, weights)
    assert (values == CASES["values by draw"][0]).all() and (weights == CASES["values by draw"][1]).all()


def test_pairs_are_left_out_on_request():
    one, other = (smaa(*CASES["twins"], pairwise=asked) for asked in (True, False))
    assert other.pairwise is None
    assert all(np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True) for name in TABLES[:2])


def test_a_certain_order_has_no_entropy_and_nobody_else_has_central_weights():
    found = smaa(np.array([[0.9, 0.9], [0.5, 0.5], [0.1, 0.1]]), evenly(1000, 2))
    assert (found.rank_acceptability == np.eye(3)).all() and found.entropy == 0
    assert np.isnan(found.central_weights[1:]).all()
    assert found.central_weights[0] == pytest.approx(0.5, abs=0.03)
