"""The market forecast: the analyst's rows where they reach the horizon, else a damped trend, else missing and said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.model.raw import rows
from workbench.model.growth import damped_trend, forecast_segment
from workbench.model.quarter import segment_facts
from workbench.sources.folder import load_book, load_scenario


def market(sizes, first=2016, kind="actual", category="", low=None, high=None):
    frame = pd.DataFrame({"year": range(first, first + len(sizes)), "size": np.asarray(sizes, dtype=float)})
    ends = {name: np.nan if end is None else end for name, end in (("low", low), ("high", high))}
    return frame.assign(category=category, kind=kind, addressable_rate=0.1, source="Census", **ends)


def ahead(sizes, **more):
    return market(sizes, first=2026, kind="forecast", **more)


def growth(*parts, adjustment=0.0, target=2029):
    return forecast_segment(pd.concat(parts), 2025, target, adjustment, "Energy")


def facts_of(folder):
    return segment_facts(load_book(folder), load_scenario("base", folder), "2026Q3")


def test_analyst_rows_that_reach_the_horizon_are_used():
    found = growth(
        market([50] * 9 + [100]), ahead([110, 120, 130, 140], low=[90, 95, 100, 105], high=[130, 145, 160, 180])
    )
    assert found.method == "analyst"
    for figure, end in ((found.growth, 140), (found.low, 105), (found.high, 180)):
        assert figure == pytest.approx((end / 100) ** 0.25 - 1)


def test_rows_beyond_the_horizon_are_not_looked_at():
    path = growth(market([100] * 10), ahead([110, 120, 130, 140, 9999]))
    assert path.path["year"].max() == 2029 and path.growth == pytest.approx(1.4**0.25 - 1)


def test_rows_that_end_before_the_horizon_give_way_to_a_damped_trend():
    found = growth(market(100 * 1.05 ** np.arange(10)), ahead([500, 600]))
    assert found.method == "damped trend"
    assert found.low < found.growth < found.high


def test_a_category_without_forecast_gives_way_to_a_damped_trend():
    steady = [market([100.0] * 10, category=name) for name in ("analytics", "security")]
    found = growth(*steady, ahead([110, 120, 130, 140], category="security"))
    assert found.method == "damped trend" and found.growth == pytest.approx(0, abs=1e-6)


def test_a_steady_rate_is_carried_on():
    series = 100 * 1.06 ** np.arange(11)
    assert damped_trend(series, 4) == pytest.approx(series[-1] * 1.06 ** np.arange(1, 5), rel=0.01)


@pytest.mark.parametrize("rate", [0.5, 0.8, 1.0, 1.3])
def test_no_forecast_is_negative_and_a_shrinking_market_shrinks_on(rate):
    sizes = 1e6 * rate ** np.arange(8.0)
    path = damped_trend(sizes, 10)
    assert (path > 0).all() and np.isfinite(path).all()
    assert np.sign(round(float(path[-1] / sizes[-1]) - 1, 6)) == np.sign(rate - 1)


def test_the_trend_is_damped():
    noisy = 100 * 1.06 ** np.arange(10) * (1 + 0.05 * np.array([1, -1, 1, 1, -1, -1, 1, -1, 1, -1]))
    steps = np.diff(np.log(damped_trend(noisy, 12)))
    assert (np.abs(steps[1:]) <= np.abs(steps[:-1]) + 1e-12).all()


def test_the_interval_of_a_trend_widens_with_the_root_of_time():
    sizes = np.array([100, 104, 111, 113, 122, 125, 133.0])
    path = growth(market(sizes, first=2019)).path.query("kind == 'forecast'")
    spread = np.std(np.diff(np.log(sizes)), ddof=1)
    for side in (path["high_y"] / path["size_y"], path["size_y"] / path["low_y"]):
        assert np.log(side.to_numpy(dtype=float)) == pytest.approx(1.2816 * spread * np.sqrt([1, 2, 3, 4]), rel=1e-4)


def test_fewer_than_five_points_are_no_trend_and_that_is_said():
    four = growth(market([100, 105, 110, 115], first=2022))
    assert np.isnan(four.growth) and four.method == "none"
    assert four.said == "Growth of Energy is missing: it needs forecast rows up to 2029, or 5 actual years in a row."
    assert growth(market([95, 100, 105, 110, 115], first=2021)).method == "damped trend"


def test_a_market_of_nothing_has_no_growth_and_that_is_said():
    for found in (growth(market([100] * 9 + [0])), growth(market([100] * 5)), growth(ahead([1, 2, 3, 4]))):
        assert np.isnan(found.growth) and "no size above 0" in found.said


def test_an_adjustment_is_added_to_the_rate():
    series = market(100 * 1.05 ** np.arange(10.0))
    plain, more = growth(series), growth(series, adjustment=0.02)
    for name in ("growth", "low", "high"):
        assert getattr(more, name) == pytest.approx(getattr(plain, name) + 0.02)
    assert more.path["source"].iloc[-1].endswith("adjusted by +2.0% a year in the scenario")
    assert (growth(market(100 * 0.5 ** np.arange(10.0)), adjustment=-1.0).path["size_y"] >= 0).all()


def test_categories_add_up_and_so_do_their_intervals():
    both = [ahead([11, 12, 13, 14], category=name, low=9, high=20) for name in ("analytics", "security")]
    found = growth(market([10] * 10, category="analytics"), market([10] * 10, category="security"), *both)
    assert found.path["size_y"].iloc[-1] == 28
    assert found.low == pytest.approx((18 / 20) ** 0.25 - 1) and found.high == pytest.approx((40 / 20) ** 0.25 - 1)


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
