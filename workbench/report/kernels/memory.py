"""What is computed once for a run and handed to its notebooks: a book and its plans, each under the key of its content.

Nothing is put in the place of a public function: `load_book` looks into `sources.tables.BOOKS` and `plan_quarter` into
`model.quarter.PLANS` by themselves, and a notebook can do so, too. A kernel that computes anew finds both empty.
"""

from __future__ import annotations

from dataclasses import dataclass

from workbench.book.book import Book
from workbench.model.plan import Plan
from workbench.model.quarter import PLANS, plan_key, plan_quarter
from workbench.sources.tables import BOOKS, book_folder, folder_digest, load_scenario, read_book


@dataclass(frozen=True)
class Remembered:
    """A plan and the book that it was made of, each with the key of its content."""

    book_key: str
    book: Book
    plan_key: str
    plan: Plan


def work_out(folder: str, scenario: str, quarter: str) -> Remembered:
    """The plan of a scenario of the book in `folder`, computed here. Raises a WorkbenchError with every problem."""
    forget()
    key = folder_digest(book_folder(folder))
    book, assumptions = read_book(folder).book, load_scenario(scenario, folder)
    return Remembered(key, book, plan_key(book, assumptions, quarter), plan_quarter(book, assumptions, quarter))


def remember(known: Remembered) -> None:
    """From now on this process, and what is forked from it, hands out the book and the plan where nothing differs."""
    BOOKS[known.book_key] = known.book
    PLANS[known.plan_key] = known.plan


def forget() -> None:
    """From now on this process reads and computes everything itself."""
    BOOKS.clear()
    PLANS.clear()
