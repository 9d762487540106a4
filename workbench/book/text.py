"""Named rules that turn the text of a cell into a value, or say why not."""

from __future__ import annotations

import datetime as dt
import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any

from workbench.book.quarters import is_quarter

PLAIN_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
LARGEST = 1e18
YEAR = re.compile(r"(1[89]|20|21)[0-9]{2}")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
# Tabs, line ends, odd spaces and marks that a reader cannot see: two keys that look alike must be alike.
UNSEEN = re.compile(r"[\t\n\r\u00a0\u00ad\u2000-\u200f\u2028-\u202f\u2060-\u2069\ufeff]")


class TextError(ValueError):
    """A cell that breaks its rule; carries what is allowed and what to write instead."""

    def __init__(self, allowed: str, advice: str) -> None:
        super().__init__(allowed)
        self.allowed = allowed
        self.advice = advice


def key(text: str) -> str:
    """The key as it stands: `007` stays `007`, `NA` stays `NA`."""
    if FORBIDDEN.search(text) or UNSEEN.search(text):
        raise TextError("text on one line, with plain spaces, without invisible characters", f"write {plain(text)!r}")
    if not unicodedata.is_normalized("NFC", text):
        raise TextError("letters that hold their accents (Unicode NFC)", f"type {plain(text)!r} anew")
    return text


def words(text: str) -> str:
    """Free text, line breaks allowed (each as one line feed)."""
    if FORBIDDEN.search(text):
        raise TextError("text without control characters", "remove the control character")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def number(text: str) -> float:
    """A plain number with a decimal point: no thousands separator, unit or percent sign."""
    if not PLAIN_NUMBER.fullmatch(text):
        raise TextError("a plain number such as 1234.5", _number_advice(text))
    if abs(value := float(text)) >= LARGEST:
        raise TextError(f"a number below {LARGEST:g}", "correct the figure")
    return value + 0.0  # no negative zero


def _number_advice(text: str) -> str:
    if PLAIN_NUMBER.fullmatch(text.strip()):
        return f"write {text.strip()} without spaces around it"
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
    if YEAR.fullmatch(text):
        return int(text)
    raise TextError("a year such as 2026", "write four digits")


def quarter(text: str) -> str:
    """A quarter `YYYYQn`."""
    if is_quarter(text):
        return text
    raise TextError("a quarter such as 2026Q3", "write year, Q and 1 to 4, without spaces")


def date(text: str) -> str:
    """A date `YYYY-MM-DD`, kept as text."""
    if DATE.fullmatch(text):
        try:
            return dt.date.fromisoformat(text).isoformat()
        except ValueError:
            pass
    raise TextError("a date such as 2026-09-30", "write year-month-day")


RULES: dict[str, Callable[[str], Any]] = {
    "key": key,
    "keys": key,
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


def plain(text: str) -> str:
    """The text as it looks on paper: accents composed, odd spaces plain, what nobody can see left out."""
    seen = UNSEEN.sub(lambda mark: " " if mark[0].isspace() else "", unicodedata.normalize("NFC", text))
    return " ".join(FORBIDDEN.sub("", seen).split())


def nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The one of `known` that `word` was likely meant to be, whatever its capitals, spaces, leading zeros; None where none is
    as much like it as `cutoff` (0–1) says.
    """
    folded = {name.casefold().lstrip("0"): name for name in sorted(known, reverse=True)}
    near = difflib.get_close_matches(word.strip().casefold().lstrip("0"), sorted(folded), 1, cutoff)
    return folded[near[0]] if near else None


def shown(text: str) -> str:
    """The text of a cell as a sentence shows it: in quotes, what is invisible spelt out, cut where it is long."""
    return repr(text) if len(text) <= 80 else f"{text[:77]!r}… ({len(text)} characters)"
