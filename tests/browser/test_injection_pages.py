"""Books whose every text is hostile, as pages that are opened, pointed at, clicked and moved: nothing runs, all is read."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.injected_books import BOOKS, SAME, SETTINGS, Deal, own_fields, write_book
from tests.browser.injection import Marks, bench, hostile_report, pages_of, shown_in, used_report
from tests.browser.strings import Hostile, hostile_strings
from tests.stages import later, slow
from workbench import load_book, load_scenario
from workbench.book.settings import BookSettings
from workbench.book.tables import DECLARED
from workbench.book.text import RULES
from workbench.scenario import Scenario

pytestmark = slow  # one page in a browser is test_report_page's

READ = (  # fields of which pages show every row
    "company", "description", "segments.name", "segments.owner", "segments.description", "products.name", "needs.what",
    "segment_needs.who", "segment_needs.why", "segment_needs.outcome", "segment_needs.validated_by", "asks.title",
    "efforts.team", "goals.goal",
)  # fmt: skip
PATTERNED = {"currency", "name", "scale", "kind", "data_from"}  # words of settings that may only be of a few kinds


@pytest.fixture(scope="module")
def strings() -> tuple[Hostile, ...]:
    return hostile_strings()


@pytest.mark.parametrize("book", later(range(BOOKS)))
def test_on_the_pages_of_a_hostile_book_nothing_runs_and_every_word_is_read(
    browser: Browser, tmp_path: Path, strings: tuple[Hostile, ...], book: int
) -> None:
    deal = Deal(strings)
    folder, plan = hostile_report(tmp_path, deal, book)
    with bench(browser) as (page, marks):
        text = used_report(page, folder, marks)
    assert marks == Marks()
    assert len(pages_of(folder)) == 1 + 5 + len(plan.ranking.order)
    for name in READ:
        given = [each for each in strings if each.number in deal.given[name][book]]
        assert given and {each.number for each in given} - shown_in(text, given) == set(), name


def test_every_string_that_is_taken_stands_in_every_text_of_a_book(
    tmp_path: Path, strings: tuple[Hostile, ...]
) -> None:
    deal, numbers = Deal(strings), {each.number for each in strings}
    for book in range(BOOKS):
        folder = write_book(tmp_path / str(book), deal.texts(book))
        load_book(folder)
        load_scenario("base", folder)
    for name in {*own_fields(), *SETTINGS} - set(SAME):
        assert set().union(*deal.given[name]) == numbers - deal.refused[name], name
        assert len(numbers - deal.refused[name]) >= 1_000, name


def test_every_kind_of_column_either_holds_words_or_cannot(strings: tuple[Hostile, ...]) -> None:
    """A new kind of column must be sorted in here, or its words would not be tried."""
    able = [each.text for each in strings if each.place != "nowhere"]
    kinds = {column.kind for table in DECLARED for column in table.columns}
    assert {kind for kind in kinds if any(_taken(kind, text) for text in able)} == {
        "text",
        "key",
        "keys",
        "choice",
    }  # a choice comes from a list of ours


def _taken(kind: str, text: str) -> bool:
    try:
        RULES[kind](text)
    except ValueError:
        return False
    return True


def test_no_other_setting_takes_any_text() -> None:
    words = {
        name
        for model in (BookSettings, Scenario)
        for name, field in model.model_fields.items()
        if field.annotation is str
    }
    assert words - PATTERNED == set(SETTINGS)


def test_what_a_loader_refuses_is_refused_for_a_reason_that_can_be_named(strings: tuple[Hostile, ...]) -> None:
    """Counted apart: text with control characters anywhere; keys besides with line ends, invisible signs, outer spaces."""
    refused = Deal(strings).refused
    counts = {name: len(numbers) for name, numbers in refused.items()}
    assert {counts[name] for name in own_fields()} == {15, 112}
    assert all(15 < counts[name] < 50 for name in SETTINGS)  # besides what might be the address of a database
