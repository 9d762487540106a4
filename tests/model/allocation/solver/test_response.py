"""The response of gross profit to spend passes through what is known of it."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.model.allocation.solver.response import from_judgements, respond

FAR = 1e30


def one(current=100.0, loss=30.0, potential=80.0, half=50.0, shape=1.0):
    return respond(*(np.array([figure]) for figure in (current, loss, potential, half, shape)))


def gain(curve, spend):
    return float(curve.gain(np.array([float(spend)]))[0])


@pytest.mark.parametrize("shape", [0.5, 1, 1.7, 4])
def test_nothing_changes_at_todays_spend_and_the_ends_are_the_floor_and_the_ceiling(shape):
    curve = one(shape=shape)
    far = FAR if shape < 1 else 1e15
    assert gain(curve, 100) == pytest.approx(0, abs=1e-9)
    assert gain(curve, 0) == pytest.approx(-30, abs=1e-9)
    assert gain(curve, far) == pytest.approx(80, abs=1e-9)


@pytest.mark.parametrize("shape", [0.3, 1, 3])
def test_more_spend_never_earns_less(shape):
    spend = np.linspace(0, 1000, 2001)
    random = np.random.default_rng(1)
    for _ in range(50):
        curve = one(*random.uniform(0, 200, 4), shape=shape)
        assert (np.diff(curve.gain(spend[None, :])[0]) >= -1e-9).all()


def test_the_curve_is_little_1970():
    """floor + (ceiling − floor)·xᶜ ÷ (xᶜ + hᶜ), with h from the condition that today gives nothing."""
    half = 100 * (80 / 30) ** (1 / 2)
    for spend in (1, 50, 150, 900):
        wanted = -30 + 110 * spend**2 / (spend**2 + half**2)
        assert gain(one(shape=2), spend) == pytest.approx(wanted)


def test_little_1970_returns_the_four_judgements_it_was_calibrated_on():
    """Nothing, today, half as much again, saturation; the third fixes the exponent."""
    at_half_more = 18.0
    ratio = (at_half_more + 30) / (80 - at_half_more)  # (1.5·current ÷ h)ᶜ
    shape = np.log(ratio / (30 / 80)) / np.log(1.5)
    curve = one(shape=shape)
    found = [gain(curve, spend) for spend in (0, 100, 150, 1e15)]
    assert found == pytest.approx([-30, 0, at_half_more, 80], abs=1e-9)


def test_where_nothing_is_spent_nothing_can_be_lost_and_half_is_won_at_the_declared_spend():
    curve = one(current=0, loss=30)
    assert gain(curve, 0) == 0
    assert gain(curve, 50) == pytest.approx(40)
    assert gain(curve, 1e15) == pytest.approx(80, abs=1e-9)


def test_a_bet_that_earns_nothing_yet_forgoes_its_promise_when_it_stops():
    curve = one(loss=0)
    assert gain(curve, 100) == pytest.approx(0, abs=1e-9)
    assert gain(curve, 0) == pytest.approx(-80 * 100 / 150)
    assert gain(curve, 1e15) - gain(curve, 0) == pytest.approx(80, abs=1e-9)


def test_without_potential_more_money_wins_nothing_and_less_loses_in_proportion():
    curve = one(potential=0)
    assert [gain(curve, spend) for spend in (0, 25, 100, 500)] == pytest.approx([-30, -22.5, 0, 0])
    assert [gain(one(current=0, potential=0), spend) for spend in (0, 500)] == [0, 0]


def test_lines_do_not_influence_one_another():
    columns = [np.array(each, dtype=float) for each in ([100, 0, 9], [30, 0, 0], [80, 5, 0], [50, 50, 50], [1, 2, 3])]
    together = respond(*columns).gain(np.array([70.0, 20, 1]))
    for line, spend in enumerate((70.0, 20, 1)):
        alone = respond(*(each[line : line + 1] for each in columns))
        assert gain(alone, spend) == together[line]


@pytest.mark.parametrize("seed", range(20))
def test_a_curve_from_four_judgements_returns_them(seed):
    """Little (1970): none, today, half as much again, saturation."""
    random = np.random.default_rng(seed)
    current, none, saturation = random.uniform(1e4, 1e6, 3) * [1, -1, 1]
    half_more = random.uniform(0.25, 0.75) * saturation
    curve = from_judgements(*(np.array([each]) for each in (current, none, half_more, saturation)))
    found = [gain(curve, spend) for spend in (0, current, 1.5 * current)]
    assert found == pytest.approx([none, 0, half_more], abs=1e-9 * saturation)
    assert float(curve.ceiling[0]) == saturation and curve.shape[0] > 0
    assert gain(curve, 1e300) == pytest.approx(saturation, rel=1e-9)


@pytest.mark.parametrize(
    ("current", "none", "half_more", "saturation"),
    [(100, 0, 10, 20), (100, -5, 20, 20), (100, -5, 0, 20), (0, -5, 10, 20), (100, -5, 10, np.inf), (100, 5, 10, 20)],
)
def test_judgements_that_no_curve_passes_through_are_refused(current, none, half_more, saturation):
    with pytest.raises(ValueError, match="judgements"):
        from_judgements(*(np.array([each]) for each in (current, none, half_more, saturation)))
