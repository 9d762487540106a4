"""The pages in a real browser: network off, the page's own security policy on, names in the book hostile."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.hostile import PAYLOADS, hostile_book
from tests.browser.pages import Seen, opened, quiet, unfolded
from workbench.report.run.inputs import NOTEBOOKS
from workbench.report.run.run import publish_report

PAGES = ("index", "base/0_quarterly_plan", "base/1_swot", "base/2_ranking", "base/3_allocation", "base/4_asks")


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published report of the hostile company, without the briefs, which test_brief_page.py makes without kernels."""
    book, plans = hostile_book(tmp_path_factory.mktemp("books") / "hostile"), tmp_path_factory.mktemp("notebooks")
    for name in PAGES[1:]:
        shutil.copyfile(NOTEBOOKS / f"{Path(name).name}.ipynb", plans / f"{Path(name).name}.ipynb")
    done = publish_report(book, scenarios=["base"], reports=tmp_path_factory.mktemp("reports"), notebooks=plans)
    return done.index.parent


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_for_nothing_says_nothing_and_runs_nothing_of_the_book(
    browser: Browser, report: Path, name: str
) -> None:
    with opened(browser, report / f"{name}.html") as (page, seen):
        unfolded(page)
        quiet(page)
        assert seen == Seen()
        assert page.evaluate("window.hit") is None
        figures = page.locator("figure.chart")
        assert page.locator("figure.chart svg.marks").count() == figures.count()
        for place in range(figures.count()):
            assert figures.nth(place).get_attribute("role") == "img" and figures.nth(place).get_attribute("aria-label")
            assert not figures.nth(place).locator("p.undrawn").is_visible()


def test_the_charts_of_the_order_show_each_segment_its_ranks_and_its_market(browser: Browser, report: Path) -> None:
    tables = json.loads((report / "base/plan.json").read_bytes())["tables"]
    segments, contributions, taken = (
        tables[name] for name in ("ranking.order", "ranking.contributions", "robustness.acceptability")
    )
    with opened(browser, report / "base/2_ranking.html") as (page, _):
        parts, ranks = page.locator("figure.chart").nth(0), page.locator("figure.chart").nth(1)
        assert "Contributions to the score" in str(parts.get_attribute("aria-label"))
        criteria = sum(value is not None for name, value in contributions[0].items() if name != "segment")
        assert parts.locator("[aria-roledescription=bar]").count() == len(segments) * criteria == 80
        assert "Part of the draws in which a segment takes a rank" in str(ranks.get_attribute("aria-label"))
        assert ranks.locator("[aria-roledescription='rect mark']").count() == sum(
            row["probability"] >= 0.005 for row in taken
        )
        fans = page.locator("figure.chart", has_text="last actual year = 100")
        assert fans.count() == 1 and fans.locator("[aria-roledescription='line mark']").count() == 2 * len(segments)
    with opened(browser, report / "base/0_quarterly_plan.html") as (page, _):
        order = page.locator("section.table", has=page.get_by_role("heading", name="The pecking order"))
        assert order.locator("tbody tr").count() == len(segments)
        assert order.locator("svg.bar").count() == len(segments)


@pytest.mark.parametrize(
    "name", ["index", "base/0_quarterly_plan", "base/1_swot", "base/2_ranking", "base/3_allocation"]
)
def test_hostile_names_are_shown_as_text(browser: Browser, report: Path, name: str) -> None:
    with opened(browser, report / f"{name}.html") as (page, _):
        text = page.inner_text("main")
        for payload in PAYLOADS.values():
            assert payload in text, payload


def test_hostile_names_are_shown_as_text_in_a_chart(browser: Browser, report: Path) -> None:
    with opened(browser, report / "base/2_ranking.html") as (page, _):
        labels = page.locator("figure.chart").first.locator("text").all_text_contents()
        for payload in PAYLOADS.values():
            assert any(
                label == payload or (label.endswith("…") and payload.startswith(label[:-1])) for label in labels
            ), payload


def test_the_same_payload_fires_where_nothing_stops_it(browser: Browser, report: Path, tmp_path: Path) -> None:
    """The positive control: without it, zero hits mean nothing."""
    page_text = (report / "base/0_quarterly_plan.html").read_text(encoding="utf-8")
    policy = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
    assert len(policy.findall(page_text)) == 1
    escaped = "&lt;script&gt;alert(1)&lt;/script&gt;"
    assert escaped in page_text
    raw = page_text.replace(escaped, "<script>window.hit=1;alert(1)</script>")
    (tmp_path / "open.html").write_text(policy.sub("", raw), encoding="utf-8")
    (tmp_path / "guarded.html").write_text(raw, encoding="utf-8")
    with opened(browser, tmp_path / "open.html") as (page, seen):
        assert page.evaluate("window.hit") == 1 and seen.dialogs
    with opened(browser, tmp_path / "guarded.html") as (page, seen):
        assert page.evaluate("window.hit") is None and not seen.dialogs
        assert any("Content Security Policy" in text for text in seen.console)


def test_a_request_is_seen_where_one_is_made(browser: Browser, report: Path, tmp_path: Path) -> None:
    """The positive control of the request counter."""
    text = (report / "index.html").read_text(encoding="utf-8")
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    text = text.replace("</main>", '<img src="http://127.0.0.1:9/x.png"></main>')
    (tmp_path / "asks.html").write_text(text, encoding="utf-8")
    with opened(browser, tmp_path / "asks.html") as (_, seen):
        assert seen.requests == ["http://127.0.0.1:9/x.png"]


def test_without_scripts_a_sentence_stands_for_each_chart(browser: Browser, report: Path) -> None:
    with opened(browser, report / "base/2_ranking.html", java_script_enabled=False) as (page, _):
        said = page.locator("figure.chart p.undrawn")
        assert said.count() > 1 and all(said.nth(place).is_visible() for place in range(said.count()))


def test_in_the_dark_the_words_in_a_chart_are_light(browser: Browser, report: Path) -> None:
    with opened(browser, report / "base/2_ranking.html", color_scheme="dark") as (page, _):
        label = page.locator("figure.chart .role-axis-label text").first
        red, green, blue = map(int, re.findall(r"\d+", label.evaluate("each => getComputedStyle(each).fill"))[:3])
        assert min(red, green, blue) > 150


def test_the_links_of_a_page_lead_to_pages_of_the_report(browser: Browser, report: Path) -> None:
    for name in PAGES:
        with opened(browser, report / f"{name}.html", java_script_enabled=False) as (page, _):
            links = [str(link.get_attribute("href")) for link in page.locator("a:not([href^='#'])").all()]
            assert links and all(((report / name).parent / link).is_file() for link in links)
