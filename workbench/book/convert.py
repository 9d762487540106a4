"""From the text of one table to typed columns, with every problem of every cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from workbench.book.tables import Column, Table
from workbench.book.text import NUMERIC, RULES, TextError, nearest, plain, shown
from workbench.errors import Problem


@dataclass(frozen=True)
class RawTable:
    """A table as text: `where` names the file, `rows` are the lines under `header` as a spreadsheet numbers them.

    The rows of a database are numbered from 1 (`first_row`), those of a file from 2, for its header is row 1.
    An empty `header` stands for a file that could not be read: it is there, and its problem is told by its reader.
    """

    where: str
    header: list[str]
    rows: list[list[str]]
    first_row: int = 2


class NoValue(str):
    """The text of a cell for which its source has no value, such as the error of a formula; `advice` says what helps."""

    advice: str

    def __new__(cls, text: str, advice: str) -> NoValue:
        cell = super().__new__(cls, text)
        cell.advice = advice
        return cell


def convert(raw: RawTable, table: Table) -> tuple[pd.DataFrame | None, list[Problem]]:
    """The typed table (with its row numbers in `row_`) and the problems; None where the header itself is wrong.

    Cells that break a rule are left out of the frame (missing), so that later checks can still run; the words of
    rows with a problem stand in `frame.attrs["doubtful"]`, so that a reference to one of them is no second problem.
    """
    if not raw.header:
        return None, []
    problems = _header_problems(raw, table)
    if problems:
        return None, problems
    index = {name: place for place, name in enumerate(raw.header)}
    width = len(raw.header)
    good: list[tuple[int, list[str]]] = []
    for offset, cells in enumerate(raw.rows):
        row = raw.first_row + offset
        if len(cells) == width:
            good.append((row, cells))
        else:
            problems.append(_width_problem(raw, row, len(cells)))
    data: dict[str, Any] = {"row_": [row for row, _ in good]}
    for column in table.columns:
        place = index.get(column.name)
        texts = [(row, cells[place] if place is not None else "") for row, cells in good]
        values, troubles = _convert_column(raw.where, column, texts)
        problems += troubles
        data[column.name] = pd.array(values, dtype=_dtype(column))
    frame = pd.DataFrame(data)
    if problems:
        rows = sorted({problem.row - raw.first_row for problem in problems if problem.row is not None})
        frame.attrs["doubtful"] = {plain(cell) for row in rows for cell in raw.rows[row]}
    return frame, problems + _duplicates(raw.where, frame, table)


def _dtype(column: Column) -> Any:
    if column.kind in NUMERIC:
        return "float64"
    return "Int64" if column.kind == "year" else "str"


def _header_problems(raw: RawTable, table: Table) -> list[Problem]:
    problems = []
    top = raw.first_row - 1 or None  # the row of the header; in a database it has none
    if len(raw.header) == 1 and len(table.names) > 1 and any(sign in raw.header[0] for sign in ";\t|"):
        sign = next(sign for sign in ";\t|" if sign in raw.header[0])
        name = {";": "semicolons", "\t": "tabs", "|": "bars"}[sign]
        first, advice = raw.header[0].split(sign)[0], "save the file as CSV with commas and decimal points"
        found, allowed = f"columns separated by {name}", "columns separated by commas"
        return [Problem(raw.where, top, first, found, allowed, advice)]
    needed = [column.name for column in table.columns if not column.optional]
    unknown = [name for name in dict.fromkeys(raw.header) if name and name not in table.names]
    for name in needed:
        if name not in raw.header:
            near = nearest(name, unknown)
            if near:
                unknown.remove(near)
            advice = f"rename the column {near!r} to {name!r}" if near else f"add the column {name!r}"
            problems.append(Problem(raw.where, top, name, "no such column", f"the columns {', '.join(needed)}", advice))
    for name in unknown:
        near = nearest(name, [other for other in table.names if other not in raw.header])
        advice = f"rename it to {near!r}" if near else "rename or remove the column"
        problems.append(
            Problem(raw.where, top, name, f"the unknown column {shown(name)}", ", ".join(table.names), advice)
        )
    for name in dict.fromkeys(raw.header):
        if name and raw.header.count(name) > 1:
            problems.append(
                Problem(raw.where, top, name, "the column twice", "each column once", "remove one of the two")
            )
    if "" in raw.header:
        before = raw.header.index("")
        column = f"after {raw.header[before - 1]}" if before else "the first"
        problems.append(Problem(raw.where, top, column, "a column without a name", ", ".join(table.names),
                                "name the column, or remove it (the comma) from every row"))  # fmt: skip
    return problems


def _width_problem(raw: RawTable, row: int, count: int) -> Problem:
    width = len(raw.header)
    if count > width:
        column, advice = f"after {raw.header[-1]}", "put text that contains a comma in double quotes"
    else:
        column, advice = raw.header[count], "fill in the missing fields, or delete the row"
    return Problem(
        raw.where,
        row,
        column,
        f"{count} field{'s' if count != 1 else ''}",
        f"{width} fields, one for each column",
        advice,
    )


def _convert_column(where: str, column: Column, texts: list[tuple[int, str]]) -> tuple[list[Any], list[Problem]]:
    """The values (missing where wrong; blank text is "", other blanks are missing) and the problems of one column."""
    missing: Any = float("nan") if column.kind in NUMERIC else pd.NA
    empty = missing if column.kind in NUMERIC or column.kind == "year" else ""
    rule = RULES[column.kind]
    values: list[Any] = []
    problems: list[Problem] = []
    for row, text in texts:
        value = empty
        try:
            if isinstance(text, NoValue):
                raise TextError(_allowed(column), text.advice)
            if not text.strip() and not column.blank:
                raise TextError(_allowed(column), "fill in the cell")
            if text:
                value = rule(text)
                _check_range(column, text, value)
        except TextError as error:
            value = missing
            found = "an empty cell" if not text.strip() else text if isinstance(text, NoValue) else shown(text)
            problems.append(Problem(where, row, column.name, found, error.allowed, error.advice))
        values.append(value)
    return values, problems


def _check_range(column: Column, text: str, value: Any) -> None:
    if column.kind in ("key", "choice", "keys") and text != text.strip():
        raise TextError("text without spaces at its ends", f"write {text.strip()!r}")
    if column.choices and value not in column.choices:
        near = nearest(text, column.choices)
        raise TextError(", ".join(column.choices), f"write {near!r}" if near else "write one of these")
    if column.kind in NUMERIC:
        below = column.low is not None and value < column.low
        above = column.high is not None and value > column.high
        if below or above:
            percent = column.kind == "share" and 1 < value <= 100
            advice = f"write {value / 100:g} if {text} % is meant" if percent else "correct the figure"
            raise TextError(_allowed(column), advice)


def _allowed(column: Column) -> str:
    kinds = {"count": "a whole number", "year": "a year", "quarter": "a quarter such as 2026Q3", "date": "a date"}
    base = kinds.get(column.kind, "a number" if column.kind in NUMERIC else "text")
    if column.choices:
        return ", ".join(column.choices)
    if column.low is not None and column.high is not None:
        return f"{base} from {column.low:g} to {column.high:g}"
    return f"{base} of at least {column.low:g}" if column.low is not None else base


def _duplicates(where: str, frame: pd.DataFrame, table: Table) -> list[Problem]:
    key = [name for name in table.key if name in frame]
    known = frame.dropna(subset=key)
    again = known[known.duplicated(key, keep="first")]
    first = known.drop_duplicates(key).set_index(key)["row_"]
    problems = []
    for _, line in again.iterrows():
        values = [line[name] for name in key]
        earlier = first.loc[tuple(values) if len(values) > 1 else values[0]]
        label = " × ".join(str(value) or "(blank)" for value in values)
        found = f"{label} again, first in row {int(earlier)}"
        advice = "delete one of the two rows, or correct its key"
        problems.append(Problem(where, int(line["row_"]), ", ".join(key), found, f"one row per {table.row}", advice))
    return problems
