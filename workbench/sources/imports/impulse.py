"""One impulse ask from a TOML file, checked as if it stood in the book's tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from workbench.book.book import Book
from workbench.book.check import check_tables
from workbench.book.convert import RawTable, convert
from workbench.book.tables import TABLES, Table
from workbench.book.text import nearest
from workbench.errors import BookError, Problem
from workbench.sources.tables import read_toml

LISTS = ("requires", "excludes")
ASK = TABLES["asks"]
IMPACT_KEYS = tuple(name for name in TABLES["impacts"].names if name != "ask")


def read_impulses(paths: Sequence[str | Path], book: Book) -> list[tuple[Book, str]]:
    """`read_impulse` of each file. Raises BookError with every problem of all files."""
    read: list[tuple[Book, str]] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            read.append(read_impulse(path, book))
        except BookError as error:
            problems += error.problems
    if problems:
        raise BookError(problems)
    return read


def read_impulse(path: str | Path, book: Book) -> tuple[Book, str]:
    """The book with the ask of a TOML file in it, and the ask's key. Raises BookError with every problem of the file.

    The file holds the columns of `asks`, `[[impacts]]` with those of `impacts` (without `ask`), and `[efforts]`, team = days.
    """
    path = Path(path)
    if not path.is_file():
        raise BookError([Problem(path.name, None, None, "no such file", "a TOML file with an ask", "correct the path")])
    data, problems = read_toml(path)
    if not problems:
        rows, problems = _rows(data, path.name)
        frames, places = {}, {}
        for name, (lines, places[name]) in rows.items():
            frame, found = _converted(lines, TABLES[name], path.name)
            frames[name] = frame
            problems += [
                _placed(problem, places[name]) for problem in found if name == "asks" or problem.column != "ask"
            ]
        problems += _against(book, frames, places, path.name)
    if problems:
        raise BookError(problems)
    tables = book.tables()
    for name, frame in frames.items():
        if len(frame):
            tables[name] = _joined(book.table(name), frame, TABLES[name])
    return Book(book.settings, tables), str(frames["asks"]["ask"].iloc[0])


def _rows(data: dict[str, Any], where: str) -> tuple[dict[str, tuple[list[dict[str, str]], list[str]]], list[Problem]]:
    """Per table its rows as text and the place of each row in the file; and what is wrong with the file's shape."""
    problems: list[Problem] = []
    own = {name: value for name, value in data.items() if name not in ("impacts", "efforts")}
    problems += _unknown(own, ASK.names, "", where, [*ASK.names, "impacts", "efforts"])
    key = str(own.get("ask", ""))
    ask = {name: _text(value, name, where, problems, name in LISTS) for name, value in own.items() if name in ASK.names}
    if "title" in ask:
        ask["title"] = " ".join(ask["title"].split())  # shown in one line
    impacts = data.get("impacts", [])
    if not isinstance(impacts, list) or not all(isinstance(each, dict) for each in impacts):
        problems.append(
            Problem(where, None, "impacts", f"{impacts!r}", "tables", "write [[impacts]] before each effect")
        )
        impacts = []
    claims = []
    for number, impact in enumerate(impacts, 1):
        place = f"impacts.{number}"
        problems += _unknown(impact, IMPACT_KEYS, f"{place}.", where, IMPACT_KEYS)
        texts = {name: _text(value, f"{place}.{name}", where, problems) for name, value in impact.items()
                 if name in IMPACT_KEYS}  # fmt: skip
        claims.append({"ask": key, **texts})
    efforts = data.get("efforts", {})
    if not isinstance(efforts, dict):
        problems.append(Problem(where, None, "efforts", f"{efforts!r}", "a table", "write [efforts], then team = days"))
        efforts = {}
    work = [{"ask": key, "team": team, "effort": _text(days, f"efforts.{team}", where, problems)}
            for team, days in efforts.items()]  # fmt: skip
    if not claims and "impacts" not in data:
        problems.append(Problem(where, None, "impacts", "nothing", "at least one effect", "add [[impacts]]"))
    return {
        "asks": ([ask], [""]),
        "impacts": (claims, [f"impacts.{number}." for number in range(1, len(claims) + 1)]),
        "efforts": (work, [f"efforts.{row['team']}" for row in work]),
    }, problems


def _unknown(
    given: Mapping[str, Any], known: Sequence[str], before: str, where: str, allowed: Iterable[str]
) -> list[Problem]:
    problems = []
    for name in given:
        if name not in known:
            near = nearest(name, known)
            advice = f"write {near!r}" if near else "remove the key"
            problems.append(Problem(where, None, f"{before}{name}", "an unknown key", ", ".join(allowed), advice))
    return problems


def _text(value: Any, place: str, where: str, problems: list[Problem], many: bool = False) -> str:
    """A value as a cell of a table would hold it."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return format(value, "f").rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    if many and isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ";".join(value)
    allowed = "text, or a list of texts" if many else "text or a number"
    problems.append(Problem(where, None, place, f"{value!r}", allowed, "correct the value"))
    return ""


def _converted(rows: list[dict[str, str]], table: Table, where: str) -> tuple[pd.DataFrame, list[Problem]]:
    """The typed rows, and their problems, rows counted from 1."""
    raw = RawTable(where, table.names, [[row.get(name, "") for name in table.names] for row in rows], first_row=1)
    frame, problems = convert(raw, table)
    assert frame is not None  # the header is ours
    return frame, problems


def _placed(problem: Problem, places: list[str]) -> Problem:
    """The problem with its key in the file instead of a row."""
    place = places[problem.row - 1] if problem.row is not None else ""
    column = place if place.startswith("efforts.") else f"{place}{problem.column}"
    if problem.found == "an empty cell":
        return replace(problem, row=None, column=column, found="nothing", next="add the key and its value")
    return replace(problem, row=None, column=column)


def _against(book: Book, frames: dict[str, pd.DataFrame], places: dict[str, list[str]], where: str) -> list[Problem]:
    """What is wrong between the file and the book: names that it lacks, a key that it has, teams without capacity."""
    problems: list[Problem] = []
    ask = frames["asks"]["ask"].iloc[0]
    if ask in set(book.table("asks")["ask"]):
        problems.append(
            Problem(where, None, "ask", f"the key {ask!r}, which the book has", "a new key", "choose another")
        )
    tables = {name: book.table(name).assign(row_=0) for name in ("segments", "products", "needs") if book.has(name)}
    tables["asks"] = pd.concat([book.table("asks").assign(row_=0), frames["asks"]], ignore_index=True)
    for name in ("asks", "impacts"):
        files = dict.fromkeys(tables, "book") | {name: where}
        found = check_tables({**tables, name: tables["asks"] if name == "asks" else frames[name]}, files)
        problems += [_placed(problem, places[name]) for problem in found if problem.where == where and problem.row != 0]
    teams = sorted(set(book.table("capacity")["team"]) | set(book.table("efforts")["team"]))
    for team in frames["efforts"]["team"].dropna():
        if teams and team not in teams:
            near = nearest(team, teams)
            advice = f"write {near!r}" if near else "add it to capacity, or correct the name"
            found_ = f"the unknown team {team!r}"
            problems.append(Problem(where, None, f"efforts.{team}", found_, ", ".join(teams), advice))
    return problems


def _joined(before: pd.DataFrame, added: pd.DataFrame, table: Table) -> pd.DataFrame:
    """The book's table with the rows of the file, sorted by key."""
    rows = added.drop(columns="row_")
    whole = rows if before.empty else pd.concat([before, rows], ignore_index=True)
    return whole.sort_values(list(table.key), ignore_index=True)
