"""Rules that leave rows out by a name, as SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workbench.book.text import nearest
from workbench.errors import Problem
from workbench.sources.imports.mapping import LeaveOut
from workbench.sources.imports.readers import ALIKE, Source, literal


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
                near = nearest(column, columns, ALIKE)
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
