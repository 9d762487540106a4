"""The brief of every segment in a real browser: two printed pages at most, nothing asked for, nothing run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.hostile import PAYLOADS, hostile_book
from tests.browser.inprocess import write_pages
from tests.browser.pages import Seen, opened
from tests.stages import later
from workbench import load_book, load_scenario, plan_quarter
from workbench.model.plan import Plan
from workbench.report.run.inputs import NOTEBOOKS
from workbench.report.store.names import brief_name

NOTEBOOK = NOTEBOOKS / "5_segment_brief.ipynb"
SEGMENTS = ("energy", "financial_services", "healthcare", "hospitality", "logistics", "manufacturing", "public_sector",
            "retail")  # fmt: skip
PAGE = re.compile(rb"/Type\s*/Page\b")  # one object of a PDF for each of its pages


@pytest.fixture(scope="module")
def sample_pages(tmp_path_factory: pytest.TempPathFactory, sample_plan: Plan) -> Path:
    return write_pages(tmp_path_factory.mktemp("briefs"), sample_plan, load_book("sample"), [NOTEBOOK])


@pytest.fixture(scope="module")
def hostile_pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = hostile_book(tmp_path_factory.mktemp("books") / "hostile")
    book = load_book(folder)
    plan = plan_quarter(book, load_scenario("base", folder), "2026Q3")
    return write_pages(tmp_path_factory.mktemp("briefs"), plan, book, [NOTEBOOK])


@pytest.mark.parametrize("segment", later(SEGMENTS, 3))
def test_a_brief_prints_on_two_pages_of_a4_at_most(browser: Browser, sample_pages: Path, segment: str) -> None:
    with opened(browser, sample_pages / f"{brief_name(NOTEBOOK.stem, segment)}.html") as (page, seen):
        printed = page.pdf(format="A4", prefer_css_page_size=True)
        assert 1 <= len(PAGE.findall(printed)) <= 2
        page.emulate_media(media="print")
        small = page.evaluate("Math.min(...[...document.querySelectorAll('td, th')].map(each =>"
                              " parseFloat(getComputedStyle(each).fontSize)))")  # fmt: skip
        assert small >= 9  # pixels: nothing is squeezed below 7 points to make it fit
        assert seen == Seen()


def test_the_pages_of_a_long_text_are_counted(browser: Browser, sample_pages: Path, tmp_path: Path) -> None:
    """The positive control of the page counter."""
    text = (sample_pages / f"{brief_name(NOTEBOOK.stem, 'retail')}.html").read_text(encoding="utf-8")
    (tmp_path / "long.html").write_text(
        text.replace("</article>", "<p>line</p>" * 200 + "</article>"), encoding="utf-8"
    )
    with opened(browser, tmp_path / "long.html") as (page, _):
        assert len(PAGE.findall(page.pdf(format="A4", prefer_css_page_size=True))) > 3


@pytest.mark.parametrize("segment", later(SEGMENTS, 3))
def test_hostile_names_are_text_on_a_brief_and_nothing_runs(
    browser: Browser, hostile_pages: Path, segment: str
) -> None:
    with opened(browser, hostile_pages / f"{brief_name(NOTEBOOK.stem, segment)}.html") as (page, seen):
        assert seen == Seen() and page.evaluate("window.hit") is None
        assert page.locator("script").count() == 1  # ours alone, which the policy names by its hash
        navigation = page.inner_text("nav.briefs")
        for payload in PAYLOADS.values():
            assert payload in navigation, payload
        name = page.inner_text("h1 em")
        assert page.inner_text("nav [aria-current=page]") == name and name in page.title()
