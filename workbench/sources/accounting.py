"""Every row accounted for: used, left out by a rule of the mapping, or unexplained, which stops an import."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.errors import Problem
from workbench.sources.exports import SHOWN, Source, literal, nearest
from workbench.sources.mapping import LeaveOut

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


@dataclass(frozen=True)
class Fault:
    """Rows that nothing explains: `when` is SQL on the judged table, `text` the value at fault, `tell` its words."""

    column: str
    text: str
    when: str
    tell: Callable[[str, str], Told]


def counted(rows: int) -> str:
    """The count with its noun: 1 row, 1,480 rows."""
    return f"{rows:,} row{'' if rows == 1 else 's'}"


def rule_number(source: Source, rules: Iterable[LeaveOut], unmapped: Mapping[str, str]) -> str:
    """SQL for the place (0, 1, …) of the first rule that leaves a row out, NULL where none does.

    `unmapped` holds, by column, the SQL that is true where the column's name is not known.
    """
    cases = []
    for place, rule in enumerate(rules):
        column = f"s.{source.column(rule.column)}"
        either = [f"{column} = ''"] if rule.blank else []
        either += [_among(column, rule.equals)] if rule.equals else []
        either += [unmapped[rule.column]] if rule.unmapped else []
        when = [_among(f"s.{source.column(other)}", values) for other, values in rule.when.items()]
        both = " AND ".join([f"({' OR '.join(either)})", *when])
        cases.append(f"WHEN {both} THEN {place}")
    return f"CASE {' '.join(cases)} END" if cases else "NULL::INTEGER"


def left_out_value(source: Source, rules: Iterable[LeaveOut], number: str) -> str:
    """SQL for the value by which a row was left out."""
    cases = " ".join(f"WHEN {place} THEN s.{source.column(rule.column)}" for place, rule in enumerate(rules))
    return f"CASE {number} {cases} END" if cases else "NULL::VARCHAR"


def _among(column: str, values: Iterable[str]) -> str:
    listed = ", ".join(literal(value) for value in values)
    return f"{column} IN ({listed})" if listed else "false"


def rule_problems(where: str, rules: Iterable[LeaveOut], columns: Iterable[str], named: Iterable[str]) -> list[Problem]:
    """What is wrong with the rules of one file: `columns` are its columns, `named` those that hold mapped names."""
    problems, seen = [], set()
    columns, named = list(columns), list(named)
    for rule in rules:
        place = f"leave_out {rule.name!r}"
        for column in [rule.column, *rule.when]:
            if column not in columns:
                near = nearest(column, columns)
                advice = f"write {near!r}" if near else "correct the column"
                problems.append(
                    Problem(where, None, place, f"the unknown column {column!r}", ", ".join(columns), advice)
                )
        if rule.unmapped and rule.column not in named:
            problems.append(Problem(where, None, place, f"unmapped = true for the column {rule.column!r}",
                                    f"a column of mapped names: {', '.join(named)}", "use blank or equals"))  # fmt: skip
        if rule.name in seen:
            problems.append(Problem(where, None, place, "the name twice", "one name for a rule", "rename one"))
        seen.add(rule.name)
    return problems


def unexplained(connection: Any, source: Source, judged: str, faults: Iterable[Fault]) -> list[Problem]:
    """One problem for each value at fault, with the count of its rows and the first of them; [] where all is explained."""
    faults = list(faults)
    anything = " OR ".join(f"({fault.when})" for fault in faults)
    (bad,) = connection.execute(f"SELECT count(*) FROM {judged} WHERE rule IS NULL AND ({anything})").fetchone()
    if not bad:
        return []
    problems = []
    for fault in faults:
        groups = f"""SELECT {fault.text} AS text, count(*) AS rows, min(row) AS first FROM {judged}
            WHERE rule IS NULL AND ({fault.when}) GROUP BY 1"""
        values = connection.execute(f"{groups} ORDER BY first LIMIT {SHOWN}").fetchall()
        for text, rows, first in values:
            problems.append(Problem(source.file, first, fault.column, *fault.tell(text or "", counted(rows))))
        if len(values) == SHOWN:
            (more,) = connection.execute(f"SELECT count(*) - {SHOWN} FROM ({groups})").fetchone()
            if more:
                problems.append(Problem(source.file, None, fault.column, f"{more:,} further values of this kind",
                                        "none", "correct those above first"))  # fmt: skip
    return problems


def nearest_name(connection: Any, names: str, text: str) -> str | None:
    """The name that `text` most likely stands for, out of the table `names` (text, name); also where there are many."""
    if not text:
        return None
    close = connection.execute(f"""SELECT text, name FROM {names}
        ORDER BY jaro_winkler_similarity(lower(text), lower(?)) DESC, text LIMIT 50""", [text]).fetchall()  # fmt: skip
    meant: dict[str, str] = dict(close)
    found = nearest(text, meant)
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
