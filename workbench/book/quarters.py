"""Quarters `YYYYQn` of a fiscal year that may start in any month."""

from __future__ import annotations

import datetime as dt
import re

QUARTER = re.compile(r"(?:1[89]|20|21)[0-9]{2}Q[1-4]")


def is_quarter(text: str) -> bool:
    """True where `text` is a quarter such as `2026Q3`, of the years 1800–2199."""
    return bool(QUARTER.fullmatch(text))


def shift(quarter: str, by: int) -> str:
    """The quarter `by` quarters later (earlier where negative); `shift("2026Q4", 1)` is `2027Q1`."""
    index = int(quarter[:4]) * 4 + int(quarter[5]) - 1 + by
    return f"{index // 4:04d}Q{index % 4 + 1}"


def trailing(quarter: str, count: int = 4) -> list[str]:
    """The `count` quarters that end with `quarter`, oldest first."""
    return [shift(quarter, back) for back in range(1 - count, 1)]


def first_day(quarter: str, fiscal_month: int = 1) -> dt.date:
    """The first day of `quarter`; a fiscal year carries the number of the calendar year in which it ends.

    `fiscal_month` (1–12) is the month in which the fiscal year starts: with 1 it is the calendar year, with 10
    the quarter 2026Q1 starts on 1 October 2025.
    """
    year = int(quarter[:4]) - (1 if fiscal_month > 1 else 0)
    month = fiscal_month - 1 + 3 * (int(quarter[5]) - 1)
    return dt.date(year + month // 12, month % 12 + 1, 1)


def last_day(quarter: str, fiscal_month: int = 1) -> dt.date:
    """The last day of `quarter`."""
    return first_day(shift(quarter, 1), fiscal_month) - dt.timedelta(days=1)
