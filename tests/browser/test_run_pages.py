"""The pages that only a run writes, over the quarters and in place of a notebook that failed: readable by everyone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.batch.company import report, write_company
from tests.browser.pages import Seen, grave, opened
from tests.report.conftest import write_notebook
from tests.stages import later, slow

pytestmark = slow  # one page in a browser is test_report_page's

PAGES = {"quarters": "index.html", "index": "2026Q3/index.html", "failed": "2026Q3/base/1_page.html"}


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports of two quarters of a small company, the second in part."""
    root = tmp_path_factory.mktemp("reports")
    write_company(root)
    assert report(root, "--quarter", "2026Q2", "--allow-stale")[0] == 0
    write_notebook(root / "notebooks" / "1_page.ipynb", "raise ValueError('no <such> figure')")
    assert report(root, "--allow-partial", "--allow-stale")[0] == 1
    return root / "reports" / "twin"


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 390])
@pytest.mark.parametrize("name", later(PAGES, 2))
def test_axe_finds_nothing_serious_and_nothing_is_asked(
    browser: Browser, reports: Path, name: str, width: int, colours: str
) -> None:
    view = {"width": width, "height": 900}
    with opened(browser, reports / PAGES[name], viewport=view, color_scheme=colours) as (page, seen):
        assert grave(page) == {}
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("h1").count() == 1
        assert seen == Seen()


def test_the_page_of_a_notebook_that_failed_says_which_cell_and_why(browser: Browser, reports: Path) -> None:
    with opened(browser, reports / PAGES["failed"]) as (page, _):
        said = page.locator("section.answer").inner_text()
        assert "This page could not be made." in said and "no <such> figure" in said and "cell" in said
        beside = page.locator("main a[href$='.ipynb']").get_attribute("href")
        assert beside and (reports / PAGES["failed"]).with_name(beside).is_file()


def test_the_page_over_the_quarters_leaves_the_report_in_part_out_and_says_so(browser: Browser, reports: Path) -> None:
    with opened(browser, reports / PAGES["quarters"]) as (page, _):
        assert page.locator("h2").all_inner_texts()[0] == "Plan for 2026 Q3"
        assert "Not listed, because pages are missing in it" in page.locator("main").inner_text()
