"""A plan that was computed once is handed out where nothing differs, and a notebook can see it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import workbench
from workbench.book.book import Book
from workbench.book.digest import book_digest
from workbench.model import quarter
from workbench.model.quarter import PLANS, plan_key, plan_quarter
from workbench.report.kernels.memory import Remembered, forget, remember, work_out
from workbench.sources.tables import BOOKS, folder, load_book, load_scenario

QUARTER = "2026Q3"


@pytest.fixture
def known(twin_book: Path, tmp_path: Path) -> Iterator[Remembered]:
    """The plan of the twins' book in `tmp_path/book`, remembered by this process."""
    shutil.copytree(twin_book, tmp_path / "book")
    made = work_out(str(tmp_path / "book"), "base", QUARTER)
    remember(made)
    yield made
    forget()


def test_the_very_same_content_is_handed_out_wherever_it_lies(known: Remembered, twin_book: Path) -> None:
    book = load_book(twin_book)
    assert book is known.book
    assert plan_quarter(book, load_scenario("base", twin_book), QUARTER) is known.plan


def test_a_book_is_handed_out_only_with_the_same_bytes_in_its_files(
    known: Remembered, twin_book: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(twin_book, other)
    text = (other / "revenue.csv").read_text(encoding="utf-8")
    (other / "revenue.csv").write_text(text.replace("2026Q3,2326", "2026Q3,2327"), encoding="utf-8")
    assert load_book(other) is not known.book and load_book(other).table("revenue")["revenue"].sum() > 0
    (other / "revenue.csv").write_text(text, encoding="utf-8")
    assert load_book(other) is known.book


def test_a_plan_is_handed_out_only_where_all_that_it_is_made_of_is_the_same(known: Remembered, twin_book: Path) -> None:
    book, base = known.book, load_scenario("base", twin_book)
    more = base.model_copy(update={"focus": 2})
    asked = [(book, more, QUARTER), (book, base, "2026Q2"), (_with_more_revenue(book), base, QUARTER),
             (book, base.model_copy(update={"name": "bold"}), QUARTER)]  # fmt: skip
    keys = {plan_key(*each) for each in asked} | {known.plan_key}
    given = [plan_quarter(*each) for each in asked]
    assert len(keys) == len(asked) + 1
    forget()
    assert [plan.digest for plan in given] == [plan_quarter(*each).digest for each in asked]
    assert len({known.plan.digest, *(plan.digest for plan in given)}) == len(asked) + 1


def test_a_plan_compared_with_another_is_computed(known: Remembered) -> None:
    scenario = known.plan.scenario
    assert plan_quarter(known.book, scenario, QUARTER, previous=known.plan) is not known.plan


def test_what_is_forgotten_is_computed_again_and_is_the_same(known: Remembered, twin_book: Path) -> None:
    forget()
    assert not PLANS and not BOOKS
    again = plan_quarter(load_book(twin_book), load_scenario("base", twin_book), QUARTER)
    assert again is not known.plan and again.to_json() == known.plan.to_json()


def test_no_public_name_is_replaced(known: Remembered) -> None:
    assert workbench.load_book is folder.load_book and workbench.plan_quarter is quarter.plan_quarter
    assert vars(workbench).get("load_book", folder.load_book) is folder.load_book
    assert vars(workbench).get("plan_quarter", quarter.plan_quarter) is quarter.plan_quarter


def test_a_process_that_was_given_nothing_looks_nowhere(twin_book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarter, "plan_key", None)
    monkeypatch.setattr(folder, "folder_digest", None)
    assert plan_quarter(load_book(twin_book), load_scenario("base", twin_book), QUARTER).quarter == QUARTER


def test_the_digest_of_a_book_is_that_of_its_content(known: Remembered, twin_book: Path) -> None:
    forget()
    book = load_book(twin_book)
    settings = book.settings.model_copy(update={"currency": "USD"})
    assert book is not known.book and book_digest(book) == book_digest(known.book)
    assert len({book_digest(each) for each in (book, _with_more_revenue(book), replace(book, settings=settings))}) == 3


def _with_more_revenue(book: Book) -> Book:
    """The book with a unit of currency more in one quarter."""
    revenue = book.table("revenue")
    revenue.loc[len(revenue) - 1, "revenue"] += 1.0
    return replace(book, _tables={**book.tables(), "revenue": revenue})
