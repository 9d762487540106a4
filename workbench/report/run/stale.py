"""Whether a book is as new as the quarter it is asked for: a report on yesterday's figures looks like any other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from workbench.book.book import Book
from workbench.book.quarters import first_day, is_quarter, last_day, shift
from workbench.errors import Problem

QUARTERLY = ("revenue", "customers", "deals")  # tables that must reach the end of the quarter
ALLOWED = "publish all the same, with a banner, by --allow-stale"


def stale(book: Book, quarter: str, files: Mapping[str, Path], today: dt.date) -> list[Problem]:
    """What in the book is older than the end of `quarter`; `files` are those of the tables, where they lie in files.

    A quarterly table that stops before the quarter; `data_until` of book.toml before its last day; a file of a
    quarterly table last written before that day was over (not asked while that day is still to come and `data_until`
    says that the data are complete: a made-up book may lie ahead of the clock).
    """
    if not is_quarter(quarter):
        return []
    end, until = last_day(quarter, book.settings.fiscal_month), book.settings.data_until
    problems = []
    if until is not None and until < end:
        problems.append(Problem("book.toml", None, "data_until", f"{until}", f"{end}, the end of {quarter}, or later",
                                f"bring the book up to date, or {ALLOWED}"))  # fmt: skip
    for name in QUARTERLY:
        if not book.has(name):
            continue
        where = files[name].name if name in files else name
        last = str(book.table(name)["quarter"].max())
        written = dt.datetime.fromtimestamp(files[name].stat().st_mtime).date() if name in files else end
        if last < quarter:
            problems.append(Problem(where, None, "quarter", f"{last} as the last quarter", f"rows up to {quarter}",
                                    f"export the table again, or {ALLOWED}"))  # fmt: skip
        elif written < end and (until is None or end < today):
            problems.append(Problem(where, None, None, f"a file last written on {written}, before {quarter} was over",
                                    f"an export made after {end}", f"export the table again, or {ALLOWED}"))  # fmt: skip
    return problems


def last_closed(today: dt.date, fiscal_month: int) -> str:
    """The quarter that was over most lately on `today`."""
    quarter = f"{today.year + 1}Q4"
    while first_day(shift(quarter, 1), fiscal_month) > today:
        quarter = shift(quarter, -1)
    return quarter
