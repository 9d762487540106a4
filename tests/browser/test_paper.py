"""On paper: no chart and no row cut, every fold open, no control; A4 and Letter."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.pages import opened
from tests.stages import later, slow

pytestmark = slow  # one page in a browser is test_report_page's

PAGES = ("index", "base/0_quarterly_plan", "base/1_swot", "base/2_ranking", "base/3_allocation", "base/4_asks",
         "base/5_segment_brief_manufacturing")  # fmt: skip
SHEETS = {"A4": (210, 297), "Letter": (215.9, 279.4)}  # millimetres
MARGINS = (13, 14)  # of print.css, millimetres
WHOLE = "tbody tr, figure.chart, .figures, .turning, .rest"  # what must not be cut
COUNTED = re.compile(rb"/Type\s*/Page\b")


def inner(sheet: str) -> dict[str, int]:
    """The room for text on a sheet, in CSS pixels."""
    return {name: int((whole - 2 * margin) / 25.4 * 96)
            for name, whole, margin in zip(("width", "height"), SHEETS[sheet], MARGINS, strict=True)}  # fmt: skip


def for_paper(page: Page, sheet: str) -> None:
    """Lays the page out as it would be printed on a sheet."""
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    page.set_viewport_size(inner(sheet))
    page.wait_for_function(
        "[...document.querySelectorAll('figure.chart')].every(each => each.querySelector('svg.marks'))"
    )


def cut(page: Page, sheet: str) -> list[str]:
    """What would be cut: higher than a sheet or allowed to break, or wider than it."""
    found: list[str] = page.evaluate(
        """([what, room]) => [...document.querySelectorAll(what)].filter((each) => each.checkVisibility()).filter((each) => {
          const box = each.getBoundingClientRect(), style = getComputedStyle(each);
          return box.height > room.height || style.breakInside !== "avoid" || box.right > room.width + 1;
        }).map((each) => each.tagName + ": " + each.textContent.slice(0, 60))""",
        [WHOLE, inner(sheet)],
    )
    return found


@pytest.mark.parametrize("sheet", SHEETS)
@pytest.mark.parametrize("name", later(PAGES, 2))
def test_no_row_and_no_chart_is_cut_on_paper(browser: Browser, sample_report: Path, name: str, sheet: str) -> None:
    with opened(browser, sample_report / f"{name}.html") as (page, _):
        for_paper(page, sheet)
        assert page.locator(WHOLE.split(", ")[0]).count() > 3
        assert cut(page, sheet) == []
        wide = page.evaluate("Math.max(...[...document.querySelectorAll('svg.marks')].map(each =>"
                             " each.getBoundingClientRect().right), document.documentElement.scrollWidth)")  # fmt: skip
        assert wide <= inner(sheet)["width"] + 1


def test_a_row_that_does_not_fit_a_sheet_is_found(browser: Browser, sample_report: Path) -> None:
    """The positive control."""
    with opened(browser, sample_report / "index.html") as (page, _):
        page.evaluate("document.querySelector('tbody td').innerHTML = '<p>line</p>'.repeat(100)")
        for_paper(page, "A4")
        assert len(cut(page, "A4")) == 1


def test_on_paper_folds_are_open_and_controls_are_gone(browser: Browser, sample_report: Path) -> None:
    with opened(browser, sample_report / "base/0_quarterly_plan.html") as (page, _):
        for_paper(page, "A4")
        assert page.locator("details.fold").count() == page.locator("details.fold[open]").count() > 2
        for control in (".filter", ".data", "nav", ".skip", ".onpage"):
            assert page.locator(control).count() > 0
            assert [each for each in page.locator(control).all() if each.is_visible()] == []
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.locator("details.fold[open]").count() == 0


def test_printed_to_a_file_the_charts_in_closed_folds_are_drawn(browser: Browser, sample_report: Path) -> None:
    with opened(browser, sample_report / "base/0_quarterly_plan.html") as (page, _):
        closed = page.locator("details.fold figure.chart:not(.live)")
        assert closed.count() > 1 and closed.locator("svg").count() == 0
        assert len(COUNTED.findall(page.pdf(format="A4"))) >= 4
        assert closed.locator("svg.marks").count() == closed.count()


def test_without_scripts_folds_are_open_on_paper(browser: Browser, sample_report: Path) -> None:
    name = "base/0_quarterly_plan.html"
    with opened(browser, sample_report / name, java_script_enabled=False) as (page, _):
        table = page.locator("details.fold table").last
        assert not table.is_visible()
        page.emulate_media(media="print")
        box = table.bounding_box()
        assert box and box["height"] > 100 and table.is_visible()
