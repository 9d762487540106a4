"""Every row accounted for: used, left out by a rule of the mapping, or unexplained, which stops an import."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from workbench.book.text import nearest
from workbench.errors import BookError, Problem
from workbench.sources.imports.readers import ALIKE, SHOWN, Source

Told = tuple[str, str, str]


@dataclass(frozen=True)
class FileCount:
    """What became of the rows of one file: used (with its parts, such as won) and left out by rule."""

    table: str
    file: str
    rows: int
    parts: tuple[tuple[str, int], ...]
    left_out: tuple[tuple[str, int], ...]

    @property
    def used(self) -> int:
        """The rows that were used."""
        return sum(count for _, count in self.parts)

    def sentence(self) -> str:
        """The account of the file in a sentence."""
        named = ", ".join(f"{count:,} {name}" for name, count in self.parts if name)
        used = f"{self.used:,} used" + (f" ({named})" if named else "")
        left = [f"{count:,} left out by the rule {name!r}" for name, count in self.left_out if count]
        return f"{self.file}: {counted(self.rows)}: {', '.join([used, *left])}."

    def lines(self) -> list[list[str]]:
        """The account as lines of file, outcome, reason, rows; the rows add up to the file's."""
        used = [[self.file, "used", name, str(count)] for name, count in self.parts]
        return used + [[self.file, "left out", name, str(count)] for name, count in self.left_out]


@dataclass(frozen=True)
class ImportReport:
    """What an import did: the account of each file, notes for the analyst, and the files written into the book."""

    files: tuple[FileCount, ...]
    notes: tuple[str, ...]
    written: tuple[str, ...]

    def file(self, table: str) -> FileCount:
        """The account of the file of `table`, such as opportunities."""
        return next(count for count in self.files if count.table == table)

    def sentences(self) -> list[str]:
        """The report as sentences, in the order to be read."""
        written = f"Written: {', '.join(self.written)}."
        return [*(count.sentence() for count in self.files), *self.notes, written]


ACCOUNT_HEADER = ["file", "outcome", "reason", "rows"]
LEFT_OUT_HEADER = ["file", "row", "reason", "column", "value", "nearest"]


@dataclass(frozen=True)
class RowFault:
    """Rows that nothing explains: `when` is SQL on the judged table, `text` the value at fault, `tell` its words.

    `shown` values are told one by one. `whole` counts the rows that are left out for another reason too: what has to
    be mended, a misspelt name, stands in all of them.
    """

    column: str
    text: str
    when: str
    tell: Callable[[str, str], Told]
    shown: int = SHOWN
    whole: bool = False


def counted(rows: int) -> str:
    """The count with its noun: 1 row, 1,480 rows."""
    return f"{rows:,} row{'' if rows == 1 else 's'}"


def stop_on(problems: Iterable[Problem]) -> None:
    """Raises BookError where there are problems."""
    problems = list(problems)
    if problems:
        raise BookError(problems)


def unexplained(connection: Any, source: Source, judged: str, faults: Iterable[RowFault]) -> list[Problem]:
    """One problem for each value at fault, with the count of its rows and the first of them; [] where all is explained."""
    faults = list(faults)
    anything = " OR ".join(f"({fault.when})" for fault in faults)
    (bad,) = connection.execute(f"SELECT count(*) FROM {judged} WHERE rule IS NULL AND ({anything})").fetchone()
    if not bad:
        return []
    problems = []
    for fault in faults:
        among = "true" if fault.whole else "rule IS NULL"
        groups = f"""SELECT {fault.text} AS text, count(*) AS rows, min(row) AS first FROM {judged}
            WHERE {among} AND ({fault.when}) GROUP BY 1 HAVING count(*) FILTER (rule IS NULL) > 0"""
        values = connection.execute(f"{groups} ORDER BY first LIMIT {fault.shown}").fetchall()
        told = [(first, fault.tell(text or "", counted(rows))) for text, rows, first in values]
        problems += [Problem(source.file, first, fault.column, *words) for first, words in told]
        if len(values) == fault.shown:
            (more,) = connection.execute(f"SELECT count(*) - {fault.shown} FROM ({groups})").fetchone()
            if more:
                found = f"{more:,} further such value{'' if more == 1 else 's'}"
                problems.append(
                    Problem(source.file, None, fault.column, found, told[-1][1][1], "see to those above first")
                )
    return problems


def nearest_name(connection: Any, names: str, text: str) -> str | None:
    """The name that `text` most likely stands for, out of the table `names` (text, name); also where there are many."""
    if not text:
        return None
    close = connection.execute(f"""SELECT text, name FROM {names}
        ORDER BY jaro_winkler_similarity(lower(text), lower(?)) DESC, text LIMIT 50""", [text]).fetchall()  # fmt: skip
    meant: dict[str, str] = dict(close)
    found = nearest(text, meant, ALIKE)
    return meant[found] if found else None


def tell_name(
    connection: Any, names: str, what: str, allowed: str, place: str, column: str
) -> Callable[[str, str], Told]:
    """The words for a name that is not known: an alias under [place], or a rule."""

    def tell(text: str, rows: str) -> Told:
        if not text:
            return f"no {what} in {rows}", allowed, blank_advice(column)
        near = nearest_name(connection, names, text)
        alias = f"add the alias {quoted(text)} = {quoted(near)} under [{place}]" if near else f"add it under [{place}]"
        return f"the unknown {what} {text!r} in {rows}", allowed, f"{alias}, or leave the rows out by a rule"

    return tell


def blank_advice(column: str) -> str:
    """What to do about blank cells."""
    return f"fill it in, or leave the rows out by a rule: [[leave_out]] with column = {quoted(column)}, blank = true"


def quoted(text: str) -> str:
    """The text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False)
