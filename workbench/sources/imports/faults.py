"""What can be wrong with a cell of an export, as SQL that finds it and words that say it."""

from __future__ import annotations

import re

from workbench.book.text import TextError, key, number
from workbench.sources.imports.accounting import RowFault, Told, blank_advice

LARGEST = "10^14"


def blank_key(text: str, column: str, what: str) -> RowFault:
    """Rows without a key."""
    advice = blank_advice(column)
    return RowFault(
        column, text, f"{text} = ''", lambda _, rows: (f"no {what} in {rows}", f"a {what} in each row", advice)
    )


def twice(judged: str, text: str, column: str, what: str) -> RowFault:
    """Keys that stand in several rows, those left out aside."""
    again = f"SELECT {text} FROM {judged} WHERE rule IS NULL GROUP BY {text} HAVING count(*) > 1"

    def tell(value: str, rows: str) -> Told:
        return f"the {what} {value!r} in {rows}", f"one row per {what}", "remove the repeated row from the export"

    return RowFault(column, text, f"{text} <> '' AND {text} IN ({again})", tell)


def unfit_key(text: str, column: str) -> RowFault:
    """Text that cannot be a key of a book: spaces at its ends, control characters."""

    def tell(value: str, rows: str) -> Told:
        try:
            key(value)
        except TextError as error:
            return f"{value!r} in {rows}", error.allowed, error.advice
        return f"{value!r} in {rows}", "text without spaces at its ends", f"write {value.strip()!r}"

    return RowFault(column, text, rf"{text} <> trim({text}) OR regexp_matches({text}, '[\x00-\x1f\x7f]')", tell)


def number_sql(text: str) -> str:
    """SQL for a plain number with a decimal point, to four decimals; NULL where the text is none."""
    return f"CASE WHEN NOT regexp_matches({text}, '[^0-9.eE+-]') THEN try_cast({text} AS DECIMAL(18, 4)) END"


def date_sql(text: str, date_format: str) -> str:
    """SQL for a day written as `date_format` says; month and day may have one or two digits. NULL where it is none."""
    shape = date_format
    for pattern, digits in (("Y+", "[12][0-9]{3}"), ("M+", "[0-9]{1,2}"), ("D+", "[0-9]{1,2}"), (r"\.", "[.]")):
        shape = re.sub(pattern, lambda _, to=digits: to.replace("D", "d"), shape)  # type: ignore[misc]
    percent = re.sub("Y+", "%Y", re.sub("M+", "%m", re.sub("D+", "%d", date_format)))
    return f"CASE WHEN regexp_full_match({text}, '{shape}') THEN try_strptime({text}, '{percent}')::DATE END"


def tell_number(value: str, rows: str) -> Told:
    """The words for a number that cannot be read."""
    try:
        number(value)
    except TextError as error:
        return f"{value!r} in {rows}", error.allowed, error.advice
    return (
        f"{value!r} in {rows}",
        f"a number from 0 to {LARGEST}",
        "correct the figure, or leave the rows out by a rule",
    )


def bad_date(text: str, column: str, date_format: str, when: str) -> RowFault:
    """Days that are not written as the mapping says."""

    def tell(value: str, rows: str) -> Told:
        advice = "set date_format in the mapping to the way the file writes dates, or correct the cells"
        return f"{value!r} in {rows}", f"a day written {date_format}, without a time", advice

    return RowFault(column, text, f"{text} <> '' AND {date_sql(text, date_format)} IS NULL AND ({when})", tell, shown=3)
