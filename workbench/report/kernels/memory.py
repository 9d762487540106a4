"""Plans and books that are computed once for a scenario and handed to each of its notebooks."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.book.book import Book
from workbench.model.plan import Plan
from workbench.model.quarter import plan_quarter
from workbench.scenario import Scenario
from workbench.sources.tables import load_book, load_scenario


@dataclass(frozen=True)
class Remembered:
    """A plan and what it was made of; `digest` is that of the files in `folder`, the book's."""

    folder: str
    digest: str
    book: Book
    scenario: Scenario
    quarter: str
    plan: Plan


def work_out(folder: str, scenario: str, quarter: str) -> Remembered:
    """The plan of a scenario of the book in `folder`. Raises a WorkbenchError with every problem."""
    place = str(Path(folder).resolve())
    digest = folder_digest(place)
    book, assumptions = load_book(folder), load_scenario(scenario, folder)
    return Remembered(place, digest, book, assumptions, quarter, plan_quarter(book, assumptions, quarter))


class Memory:
    """`load_book` and `plan_quarter` as the public names give them, answered from memory where nothing differs."""

    def __init__(self) -> None:
        self._known: list[Remembered] = []

    def add(self, remembered: Remembered) -> None:
        """Remembers a plan, and answers from now on when `workbench.load_book` and `workbench.plan_quarter` are called."""
        self._known.append(remembered)
        front = sys.modules["workbench"]
        front.load_book = self.load_book  # type: ignore[attr-defined]
        front.plan_quarter = self.plan_quarter  # type: ignore[attr-defined]

    def load_book(self, book: str | Path) -> Book:
        """As `workbench.sources.tables.folder.load_book`: the remembered Book where the folder's files have the same bytes."""
        place = str(Path(book).resolve())
        known = [each for each in self._known if each.folder == place]
        digest = folder_digest(place) if known else ""
        return next((each.book for each in known if each.digest == digest), None) or load_book(book)

    def plan_quarter(self, book: Book, scenario: Scenario, quarter: str, *, previous: Plan | None = None) -> Plan:
        """As `workbench.model.quarter.plan_quarter`: the remembered Plan where it was made of equal things."""
        if previous is None:
            for each in self._known:
                if (each.quarter, each.scenario) == (quarter, scenario) and same_book(each.book, book):
                    return each.plan
        return plan_quarter(book, scenario, quarter, previous=previous)


def same_book(one: Book, other: Book) -> bool:
    """True where settings and every table are equal, types included."""
    if one is other:
        return True
    left, right = one.tables(), other.tables()
    return (
        one.settings == other.settings and list(left) == list(right) and all(map(_same, left.values(), right.values()))
    )


def _same(one: Any, other: Any) -> bool:
    return bool(one.equals(other) and list(one.dtypes) == list(other.dtypes))


def folder_digest(folder: str) -> str:
    """SHA-256 over names and bytes of the files in a folder; blank where it is no folder."""
    if not Path(folder).is_dir():
        return ""
    found = hashlib.sha256()
    for path in sorted(path for path in Path(folder).iterdir() if path.is_file()):
        found.update(f"{path.name}\0{path.stat().st_size}\0".encode())
        found.update(path.read_bytes())
    return found.hexdigest()
