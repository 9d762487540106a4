"""The pages can be read and used by everyone: axe-core finds nothing serious, the Tab key reaches every control."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.pages import Seen, grave, opened, quiet, unfolded
from tests.stages import later

PAGES = ("index", "base/0_quarterly_plan", "base/1_swot", "base/2_ranking", "base/3_allocation", "base/4_asks",
         "base/5_segment_brief_manufacturing")  # fmt: skip
VIEWS = {"desk": {"width": 1200, "height": 900}, "phone": {"width": 390, "height": 844}}
LARGEST = 3_000_000  # bytes of a page
CONTROLS = "a, summary, button, input, select, textarea, [tabindex='0']"
FOCUSED = """(controls) => {
  const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
  const all = [...document.querySelectorAll(controls)];
  return [all.indexOf(at), style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && box.width > 0];
}"""


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", later(PAGES))
def test_axe_finds_nothing_serious_on_a_page(
    browser: Browser, sample_report: Path, name: str, view: str, colours: str
) -> None:
    with opened(browser, sample_report / f"{name}.html", viewport=VIEWS[view], color_scheme=colours) as (page, seen):
        unfolded(page)
        assert grave(page) == {}
        assert seen == Seen()


def test_axe_finds_what_is_planted(browser: Browser, sample_report: Path) -> None:
    """The positive control: without it, no finding means nothing."""
    with opened(browser, sample_report / "index.html") as (page, _):
        page.evaluate(
            "document.querySelector('main').innerHTML += '<button></button><p style=\"color: #eee\">pale</p>'"
        )
        assert {"button-name", "color-contrast"} <= set(grave(page))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_one_title_its_headings_in_order_and_its_landmarks(
    browser: Browser, sample_report: Path, name: str
) -> None:
    with opened(browser, sample_report / f"{name}.html") as (page, _):
        levels = [
            int(tag[1]) for tag in page.eval_on_selector_all("h1, h2, h3, h4", "all => all.map(each => each.tagName)")
        ]
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))
        for landmark in ("body > header", "main", "body > footer"):
            assert page.locator(landmark).count() == 1
        places = page.eval_on_selector_all(
            "nav.contents a", "all => all.map(each => each.getAttribute('href').slice(1))"
        )
        ids = page.eval_on_selector_all("[id]", "all => all.map(each => each.id)")
        assert len(places) > 2 and len(ids) == len(set(ids)) and set(places) <= set(ids)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", later(PAGES))
def test_the_tab_key_reaches_every_control_and_shows_where_it_is(
    browser: Browser, sample_report: Path, name: str, view: str
) -> None:
    with opened(browser, sample_report / f"{name}.html", viewport=VIEWS[view]) as (page, _):
        unfolded(page)
        quiet(page)
        wanted = set(
            page.evaluate(f"""() => [...document.querySelectorAll("{CONTROLS}")]
            .map((each, at) => each.checkVisibility() ? at : -1).filter((at) => at >= 0)""")
        )
        assert page.locator("main summary").count() + page.locator("main button").count() > 0
        reached = {}
        for _ in range(len(wanted) + 5):
            page.keyboard.press("Tab")
            at, seen = page.evaluate(FOCUSED, CONTROLS)
            reached[at] = seen
        reached.pop(-1, None)  # the page itself, after its last control
        assert wanted <= set(reached)
        assert [at for at, seen in reached.items() if not seen] == []


def test_the_first_tab_leads_past_the_navigation(browser: Browser, sample_report: Path) -> None:
    with opened(browser, sample_report / "base/0_quarterly_plan.html") as (page, _):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_one_small_file(sample_report: Path, name: str) -> None:
    assert 10_000 < (sample_report / f"{name}.html").stat().st_size <= LARGEST
