"""What a typed cell is as text, as a CSV file of the same table would hold it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterable
from decimal import Decimal
from typing import Any

from workbench.book.tables import TABLES
from workbench.book.text import nearest


def as_text(value: Any) -> str:
    """The text of a value: numbers to their last digit, a timestamp at midnight as a date, blank for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        value = value.date()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def by_key(name: str, header: list[str], rows: Iterable[list[str]]) -> list[list[str]]:
    """The rows of a database's table, which has no order of its own, by the key of the table `name`, then by all cells."""
    places = [header.index(column) for column in TABLES[name].key if column in header]
    return sorted(rows, key=lambda row: ([row[place] for place in places], row))


def meant(name: str, present: Container[str]) -> str | None:
    """The table that `name` was likely meant to be; None where there is none, or where it is `present` already."""
    near = nearest(name, TABLES)
    return None if near is None or near in present else near
