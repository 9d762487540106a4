"""Named rules that turn the text of a cell into a value, or say why not."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

from workbench.book.quarters import is_quarter

PLAIN_NUMBER = re.compile(r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$")
YEAR = re.compile(r"^(1[89]|20|21)\d\d$")
DATE = re.compile(r"^\d{4}-\d\d-\d\d$")
FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class TextError(ValueError):
    """A cell that breaks its rule; carries what is allowed and what to write instead."""

    def __init__(self, allowed: str, advice: str) -> None:
        super().__init__(allowed)
        self.allowed = allowed
        self.advice = advice


def key(text: str) -> str:
    """The key as it stands: `007` stays `007`, `NA` stays `NA`."""
    if FORBIDDEN.search(text) or "\n" in text:
        raise TextError("text on one line without control characters", "remove the line break or control character")
    return text


def words(text: str) -> str:
    """Free text, line breaks allowed."""
    if FORBIDDEN.search(text):
        raise TextError("text without control characters", "remove the control character")
    return text


def number(text: str) -> float:
    """A plain number with a decimal point: no thousands separator, unit or percent sign."""
    if PLAIN_NUMBER.match(text):
        return float(text)
    raise TextError("a plain number such as 1234.5", _number_advice(text))


def _number_advice(text: str) -> str:
    digits = text.strip().replace(" ", "").replace("\u00a0", "")
    if re.match(r"^[+-]?\d+,\d+$", digits):
        point = digits.replace(",", ".")
        joined = digits.replace(",", "")
        if len(digits.split(",")[1]) == 3:
            return f"write {point} if the comma is a decimal comma, {joined} if it separates thousands"
        return f"write {point} with a decimal point"
    if re.match(r"^[+-]?\d{1,3}([.,]\d{3})+([.,]\d+)?$", digits):
        return "write the number without thousands separators"
    if digits.endswith("%"):
        return "write a percentage as a share: 12 % is 0.12"
    return "write the number alone, without unit or text, or leave the cell empty where that is allowed"


def whole(text: str) -> float:
    """A whole number, such as a count of customers."""
    value = number(text)
    if value != int(value):
        raise TextError("a whole number", "write a count without decimals")
    return value


def year(text: str) -> int:
    """A calendar year 1800–2199."""
    if YEAR.match(text):
        return int(text)
    raise TextError("a year such as 2026", "write four digits")


def quarter(text: str) -> str:
    """A quarter `YYYYQn`."""
    if is_quarter(text):
        return text
    raise TextError("a quarter such as 2026Q3", "write year, Q and 1 to 4, without spaces")


def date(text: str) -> str:
    """A date `YYYY-MM-DD`, kept as text."""
    if DATE.match(text):
        try:
            return dt.date.fromisoformat(text).isoformat()
        except ValueError:
            pass
    raise TextError("a date such as 2026-09-30", "write year-month-day")


RULES: dict[str, Callable[[str], Any]] = {
    "key": key,
    "keys": words,
    "text": words,
    "choice": key,
    "number": number,
    "money": number,
    "share": number,
    "points": number,
    "count": whole,
    "year": year,
    "quarter": quarter,
    "date": date,
}
NUMERIC = frozenset({"number", "money", "share", "points", "count"})
