"""The market forecast: the analyst's rows where they reach the horizon, else a trend average, else naive; all of it said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.model.raw import rows
from workbench.model.growth import growth as step
from workbench.model.growth.growth import SIZES, _remembered, damped_trend, forecast, forecast_segment, theta
from workbench.model.growth.history import last_break
from workbench.model.growth.intervals import NAIVE, TREND, TYPICAL, naive_widths, scale, trend_widths, unsteadiness
from workbench.model.quarter import segment_facts
from workbench.sources.tables.folder import load_book, load_scenario

NOISY = 100 * 1.06 ** np.arange(10) * (1 + 0.05 * np.array([1, -1, 1, 1, -1, -1, 1, -1, 1, -1]))
KINDS = {
    "steady": 100 * 1.06 ** np.arange(11.0), "noisy": NOISY, "flat": np.full(8, 70.0), "halving": 1e6 * 0.5 ** np.arange(8.0),
    "line": np.arange(1, 12.0), "booming": 1e-3 * 3.0 ** np.arange(9), "five": np.array([90, 140, 60, 200, 30.0]),
    "four": np.array([90, 140, 60, 200.0]), "one": np.array([5.0]),
}  # fmt: skip
EVERY_KIND = pytest.mark.parametrize("sizes", KINDS.values(), ids=KINDS)


@pytest.fixture(autouse=True)
def nothing_remembered():
    """No forecast of an earlier test, whose methods may have been broken on purpose."""
    _remembered.cache_clear()
    yield
    _remembered.cache_clear()


def market(sizes, first=2016, kind="actual", category="", low=None, high=None):
    frame = pd.DataFrame({"year": range(first, first + len(sizes)), "size": np.asarray(sizes, dtype=float)})
    ends = {name: np.nan if end is None else end for name, end in (("low", low), ("high", high))}
    return frame.assign(category=category, kind=kind, addressable_rate=0.1, source="Census", **ends)


def ahead(sizes, **more):
    return market(sizes, first=2026, kind="forecast", **more)


def growth(*parts, adjustment=0.0, target=2029):
    return forecast_segment(pd.concat(parts), 2025, target, adjustment, "Energy")


def computed(found):
    return found.path[found.path["kind"] == "forecast"]


def facts_of(folder):
    return segment_facts(load_book(folder), load_scenario("base", folder), "2026Q3")


# The kernel.


@pytest.mark.parametrize("rate", [0.8, 1.0, 1.06, 2.0])
def test_theta_carries_on_half_the_trend_of_a_steady_rate(rate):
    """Hyndman & Billah 2003: Theta is exponential smoothing with half the slope of the fitted line as its drift."""
    sizes = 100 * rate ** np.arange(9.0)
    assert theta(sizes, 4) == pytest.approx(sizes[-1] * rate ** (np.arange(1, 5) / 2), rel=1e-3)


def test_each_year_of_a_damped_trend_adds_the_same_part_of_the_year_before():
    """Gardner & McKenzie 1985: the trend is multiplied by one factor every year."""
    added = np.diff(damped_trend(NOISY, 8))
    factors = added[1:] / added[:-1]
    assert factors == pytest.approx(factors[0]) and 0.8 <= factors[0] < 1
    line = damped_trend(np.arange(10, 20.0), 5)
    assert (
        (line > 19).all()
        and (line < 19 + np.arange(1, 6)).all()
        and line == pytest.approx(19 + np.arange(1, 6), rel=0.01)
    )


def test_a_damped_trend_ends_at_nothing_and_the_forecast_above_it():
    falling = np.arange(20, 8, -1.0)
    assert damped_trend(falling, 15)[-1] == 0 and (damped_trend(falling, 15) >= 0).all()
    assert (forecast(falling, 15).centre > 0).all()


def test_a_constant_market_stays_constant():
    for ahead_of in (damped_trend, theta, lambda sizes, steps: forecast(sizes, steps).centre):
        assert ahead_of(np.full(9, 70.0), 5) == pytest.approx(70, rel=1e-6)


def test_the_forecast_is_the_mean_of_damped_trend_and_theta():
    found = forecast(NOISY, 6)
    assert found.method == "trend average"
    assert found.centre == pytest.approx((damped_trend(NOISY, 6) + theta(NOISY, 6)) / 2, rel=6e-5)


@EVERY_KIND
def test_the_ends_of_the_intervals_are_in_order_and_none_is_negative(sizes):
    found = forecast(sizes, 12)
    ends = np.array([found.low95, found.low80, found.centre, found.high80, found.high95])
    assert ends.shape == (5, 12) and np.isfinite(ends).all()
    assert (np.diff(ends, axis=0) > 0).all() and (ends > 0).all()


@EVERY_KIND
def test_another_unit_of_money_changes_nothing_but_the_unit(sizes):
    one, thousand = forecast(sizes, 8), forecast(sizes * 1000, 8)
    for name in ("centre", "low80", "high80", "low95", "high95"):
        assert getattr(thousand, name) == pytest.approx(1000 * getattr(one, name), rel=1e-12)


@EVERY_KIND
def test_a_longer_path_begins_with_the_shorter_one(sizes):
    assert (forecast(sizes, 12).centre[:3] == forecast(sizes, 3).centre).all()
    assert (forecast(sizes, 12).high95[:3] == forecast(sizes, 3).high95).all()


def test_the_last_digits_of_the_optimiser_do_not_show():
    rough = forecast(NOISY, 6).centre / NOISY[-1]
    assert [float(f"{ratio:.5g}") for ratio in rough] == pytest.approx(rough, rel=1e-15)
    assert forecast(NOISY * (1 + 2e-16), 6).centre == pytest.approx(NOISY[-1] * rough, rel=1e-15)


def test_the_interval_by_hand():
    """Four changes of 10 % (of logarithms), none of them away from the mean, against two of the typical series."""
    sizes = 100 * np.exp([0, 0.1, 0.2, 0.3, 0.4])
    unit = (0.05**4 * TYPICAL**2) ** (1 / 6)
    assert scale(sizes) == pytest.approx(unit)
    found = forecast(sizes, 2)
    assert found.high80 == pytest.approx(found.centre * (1 + unit * TREND[80][0][:2]))
    assert found.low95 == pytest.approx(found.centre / (1 + unit * TREND[95][0][:2]))


def test_a_change_counts_half_as_much_as_one_five_years_later():
    changes = [0.3, 0, 0, 0, 0, -0.1]
    weights = [0.5, 0.5**0.8, 0.5**0.6, 0.5**0.4, 0.5**0.2, 1]
    mean = sum(weight * change for weight, change in zip(weights, changes, strict=True)) / sum(weights)
    moved = [(abs(change) + abs(change - mean)) / 2 for change in changes]
    expected = sum(weight * each for weight, each in zip(weights, moved, strict=True)) / sum(weights)
    assert unsteadiness(50 * np.exp(np.cumsum([0, *changes]))) == pytest.approx(expected)


@pytest.mark.parametrize("level", [80, 95])
def test_an_interval_widens_every_year_and_straight_on_beyond_the_sixth(level):
    trend, naive = trend_widths(NOISY, 12, level) / scale(NOISY), naive_widths(12, level)
    for widths, known in ((trend, TREND[level][1]), (naive, NAIVE[level])):
        assert widths[:6] == pytest.approx(known) and (np.diff(widths) > 0).all()
        assert np.diff(widths[5:]) == pytest.approx((widths[5] - widths[0]) / 5)


def test_a_restless_market_has_the_wider_interval_and_a_short_history_too():
    calm = 100 * 1.06 ** np.arange(10)
    assert scale(calm) < scale(NOISY)
    assert scale(calm[:6]) > scale(calm)


@pytest.mark.parametrize(("years", "row"), [(5, 0), (7, 0), (8, 1), (17, 1), (18, 2), (40, 2)])
def test_the_multipliers_are_those_of_the_years_known(years, row):
    sizes = 100 * 1.05 ** np.arange(years)
    assert trend_widths(sizes, 6, 80) == pytest.approx(scale(sizes) * TREND[80][row])


@pytest.mark.parametrize(
    ("broken", "method"),
    [(["damped_trend"], "Theta"), (["theta"], "damped trend"), (["theta", "damped_trend"], "naive")],
)
def test_a_fit_that_fails_is_left_out_and_that_is_said(monkeypatch, broken, method):
    def fails(sizes, steps):
        raise ValueError("no fit")

    other = {"Theta": theta(NOISY, 4), "damped trend": damped_trend(NOISY, 4), "naive": np.full(4, NOISY[-1])}
    for name in broken:
        monkeypatch.setattr(step, name, fails)
    assert forecast(NOISY, 4).centre == pytest.approx(other[method], rel=6e-5)
    found = growth(market(NOISY))
    assert found.method == method
    alone = f"Growth of Energy rests on {method} alone: the other half of the average could not be fitted."
    neither = (
        "Growth of Energy is naive: no trend could be fitted to 2016–2025; the last size is carried on, with a wide "
        "interval."
    )
    assert found.said == (neither if method == "naive" else alone,)


def test_values_that_are_not_finite_count_as_a_failed_fit(monkeypatch):
    monkeypatch.setattr(step, "theta", lambda sizes, steps: np.full(steps, np.nan))
    assert forecast(NOISY, 4).method == "damped trend"


# The segment.


def test_analyst_rows_that_reach_the_horizon_are_used():
    found = growth(
        market([50] * 9 + [100]), ahead([110, 120, 130, 140], low=[90, 95, 100, 105], high=[130, 145, 160, 180])
    )
    assert found.method == "analyst" and found.said == ()
    for figure, end in ((found.growth, 140), (found.low, 105), (found.high, 180)):
        assert figure == pytest.approx((end / 100) ** 0.25 - 1)


def test_an_analyst_without_an_interval_gets_none():
    found = growth(market([100] * 10), ahead([110, 120, 130, 140]))
    assert found.growth == pytest.approx(1.4**0.25 - 1) and np.isnan(found.low) and np.isnan(found.high)
    both = growth(market([100] * 10), ahead([110, 120, 130, 140], low=100, high=150))
    assert computed(found)[SIZES[1:]].isna().all(axis=None) and computed(both)[["low95_y", "high95_y"]].isna().all(
        axis=None
    )


def test_rows_beyond_the_horizon_are_not_looked_at():
    path = growth(market([100] * 10), ahead([110, 120, 130, 140, 9999]))
    assert path.path["year"].max() == 2029 and path.growth == pytest.approx(1.4**0.25 - 1)


def test_rows_that_end_before_the_horizon_give_way_to_a_trend_and_that_is_said():
    series = market(100 * 1.05 ** np.arange(10))
    found = growth(series, ahead([500, 600]))
    assert found.method == "trend average" and found.growth == growth(series).growth
    assert found.said == (
        "The forecast rows of Energy are left aside: they do not cover every year and category to 2029.",
    )
    assert growth(series).said == ()


def test_a_category_without_forecast_gives_way_to_a_trend():
    steady = [market([100.0] * 10, category=name) for name in ("analytics", "security")]
    found = growth(*steady, ahead([110, 120, 130, 140], category="security"))
    assert found.method == "trend average" and found.growth == pytest.approx(0, abs=1e-6)


def test_the_path_has_a_row_per_year_with_its_method_and_source():
    trend = growth(market(NOISY)).path
    assert list(trend["year"]) == list(range(2016, 2030))
    assert list(trend["kind"]) == ["actual"] * 10 + ["forecast"] * 4
    assert list(trend["method"]) == ["actual"] * 10 + ["trend average"] * 4
    assert list(trend["source"]) == ["Census"] * 10 + ["computed from 2016–2025"] * 4
    analyst = computed(growth(market([100] * 10), ahead([110, 120, 130, 140])))
    assert set(analyst["method"]) == {"analyst"} and set(analyst["source"]) == {"Census"}


def test_growth_is_that_of_the_path():
    found = growth(market(NOISY))
    last = forecast(NOISY, 4)
    for figure, end in ((found.growth, last.centre), (found.low, last.low80), (found.high, last.high80)):
        assert figure == pytest.approx((end[-1] / NOISY[-1]) ** 0.25 - 1)


def test_fewer_than_five_points_are_carried_on_and_that_is_said():
    four = growth(market([100, 105, 110, 115], first=2022))
    assert (four.method, four.growth) == ("naive", 0) and (computed(four)["size_y"] == 115).all()
    assert four.said == (
        "Growth of Energy is naive: a trend needs 5 actual years in a row and it has 4 (2022–2025); the last size is "
        "carried on, with a wide interval.",
    )
    assert four.high == pytest.approx((1 + NAIVE[80][3]) ** 0.25 - 1)
    five = growth(market([95, 100, 105, 110, 115], first=2021))
    assert five.method == "trend average" and five.said == ()
    assert five.high - five.low < four.high - four.low


def test_a_gap_starts_the_series_anew_and_that_is_said():
    late = market([80, 84, 88, 93, 97, 102], first=2020)
    found = growth(market([10, 20, 30], first=2016), late)
    assert found.growth == growth(late).growth
    assert found.said == (
        "Growth of Energy rests on 2020–2025, without 2016–2018: the market table does not cover 2019.",
    )
    twice = growth(market([10, 20], first=2014), market([10, 20, 30], first=2017), late[late["year"] > 2020])
    assert twice.said == (
        "Growth of Energy rests on 2021–2025, without 2014–2019: the market table does not cover 2020.",
    )
    short = growth(market([80] * 7, first=2016), market([97, 102], first=2024))
    assert short.method == "naive" and short.said[0].startswith(
        "Growth of Energy rests on 2024–2025, without 2016–2022"
    )
    assert "it has 2 (2024–2025)" in short.said[1]


def test_a_size_of_nothing_starts_the_series_anew_and_that_is_said():
    late = market([80, 84, 88, 93, 97], first=2021)
    found = growth(market([50, 0, 60, 70, 0], first=2016), late)
    assert found.growth == growth(late).growth
    assert found.said == ("Growth of Energy rests on 2021–2025, without 2016–2020: its size in 2020 is not above 0.",)


def test_a_break_starts_the_series_anew_and_that_is_said():
    late = market([200, 210, 220, 231, 240, 252], first=2020)
    found = growth(market([100, 104, 110, 115], first=2016), late)
    assert found.growth == growth(late).growth
    assert found.said == (
        "Growth of Energy rests on 2020–2025, without 2016–2019: its size changed by +74 % in 2020, far outside its "
        "other years; if the market was defined anew then, restate the earlier years.",
    )
    fresh = growth(market([100, 104, 110, 115, 121, 127, 133, 139, 50, 52]))
    assert fresh.method == "naive" and "changed by −64 % in 2024" in fresh.said[0] and "it has 2" in fresh.said[1]


def test_only_a_change_far_outside_the_others_is_a_break():
    assert last_break(np.array([100, 103, 106, 240, 247, 254, 262.0])) == 3
    assert last_break(np.array([100, 103, 106, 145, 150, 154, 159.0])) == 0
    assert last_break(np.array([100, 180, 95, 200, 110, 230, 120, 210.0])) == 0
    assert last_break(100 * 3.0 ** np.arange(8)) == 0
    assert last_break(np.array([100, 101, 900, 103, 104, 105, 106.0])) == 3
    assert last_break(np.array([100, 101, 102, 900.0])) == 0


def test_a_market_of_nothing_has_no_growth_and_that_is_said():
    for found in (growth(market([100] * 9 + [0])), growth(market([100] * 5)), growth(ahead([1, 2, 3, 4]))):
        assert np.isnan(found.growth) and found.method == "none" and "no size above 0" in found.said[0]
        assert (found.path["kind"] == "actual").all()


def test_an_adjustment_is_added_to_the_rate_of_the_path_and_of_both_intervals():
    series = market(100 * 1.05 ** np.arange(10.0))
    plain, more = growth(series), growth(series, adjustment=0.02)
    for name in ("growth", "low", "high"):
        assert getattr(more, name) == pytest.approx(getattr(plain, name) + 0.02)
    base, years = series["size"].iloc[-1], np.arange(1, 5)
    for name in SIZES:
        before, after = ((computed(one)[name] / base) ** (1 / years) for one in (plain, more))
        assert after.to_numpy() == pytest.approx(before.to_numpy() + 0.02)
    assert more.path["source"].iloc[-1].endswith("adjusted by +2.0% a year in the scenario")
    assert (growth(market(100 * 0.5 ** np.arange(10.0)), adjustment=-1.0).path["size_y"] >= 0).all()


def test_categories_add_up_and_so_do_their_intervals():
    both = [ahead([11, 12, 13, 14], category=name, low=9, high=20) for name in ("analytics", "security")]
    found = growth(market([10] * 10, category="analytics"), market([10] * 10, category="security"), *both)
    assert found.path["size_y"].iloc[-1] == 28
    assert found.low == pytest.approx((18 / 20) ** 0.25 - 1) and found.high == pytest.approx((40 / 20) ** 0.25 - 1)


# The book.


def test_the_forecast_of_a_segment_is_not_moved_by_other_segments(tiny_book, change):
    columns = ["segment", "size_y", "growth", "growth_low", "growth_high"]
    before = facts_of(tiny_book).segments[columns].set_index("segment")
    change("market", lambda row: row if row["segment"] == "health" else None)
    for kind in ("actual", "forecast"):
        assert any(row["kind"] == kind for row in rows(tiny_book, "market"))
    change("market", lambda row: {**row, "segment": "health"})
    pd.testing.assert_frame_equal(facts_of(tiny_book).segments[columns].set_index("segment").loc[["health"]],
                                  before.loc[["health"]])  # fmt: skip


def test_a_segment_whose_data_end_earlier_keeps_its_own_base_year(tiny_book, change):
    before = facts_of(tiny_book).segments.set_index("segment")
    change("market", lambda row: None if (row["segment"], row["year"]) == ("health", "2025") else row)
    after = facts_of(tiny_book)
    table = after.segments.set_index("segment")
    assert table.loc["NA", "growth"] == before.loc["NA", "growth"]
    assert table.loc["health", "size_y"] == 1425000
    assert any(said.startswith("Market size of Health is that of 2024") for said in after.missing)
