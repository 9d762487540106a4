"""Quarters are counted, and placed in a fiscal year that may start in any month."""

from __future__ import annotations

import datetime as dt

import pytest

from workbench.book.quarters import first_day, is_quarter, last_day, shift, trailing

MONTHS = range(1, 13)


@pytest.mark.parametrize("text", ["2026Q1", "1800Q4", "2199Q2"])
def test_year_q_and_number_is_a_quarter(text):
    assert is_quarter(text)


@pytest.mark.parametrize(
    "text", ["2026Q5", "2026Q0", "2026-Q1", "2026q1", "26Q1", "2026Q1 ", "2026Q1\n", "٢٠٢٦Q1", "0000Q1"]
)
def test_anything_else_is_no_quarter(text):
    assert not is_quarter(text)


@pytest.mark.parametrize(
    ("by", "expected"), [(0, "2026Q4"), (1, "2027Q1"), (-4, "2025Q4"), (-3, "2026Q1"), (9, "2029Q1")]
)
def test_quarters_are_counted_over_the_turn_of_the_year(by, expected):
    assert shift("2026Q4", by) == expected
    assert shift(expected, -by) == "2026Q4"


def test_trailing_quarters_end_with_the_quarter_itself():
    assert trailing("2026Q2") == ["2025Q3", "2025Q4", "2026Q1", "2026Q2"]
    assert trailing("2026Q2", 1) == ["2026Q2"]


def test_the_calendar_year_starts_in_january():
    assert first_day("2026Q3") == dt.date(2026, 7, 1)
    assert last_day("2026Q1") == dt.date(2026, 3, 31)


def test_a_fiscal_year_carries_the_number_of_the_year_in_which_it_ends():
    assert first_day("2026Q1", 10) == dt.date(2025, 10, 1)
    assert last_day("2026Q4", 10) == dt.date(2026, 9, 30)
    assert first_day("2026Q1", 2) == dt.date(2025, 2, 1)


def test_a_leap_day_belongs_to_its_quarter():
    assert last_day("2024Q1", 12) == dt.date(2024, 2, 29)


@pytest.mark.parametrize("month", MONTHS)
def test_quarters_follow_one_another_by_three_months_from_the_fiscal_month_on(month):
    for quarter in trailing("2027Q1", 9):
        first, last, following = (
            first_day(quarter, month),
            last_day(quarter, month),
            first_day(shift(quarter, 1), month),
        )
        assert first.day == following.day == 1
        assert (following.year - first.year) * 12 + following.month - first.month == 3
        assert (first.month - month) % 12 == 3 * (int(quarter[5]) - 1)
        assert last + dt.timedelta(days=1) == following
