"""The brief of every segment in a real browser: two printed pages at most, nothing asked for, nothing run."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Browser

from tests.browser.hostile import PAYLOADS, hostile_book
from tests.browser.pages import Seen, opened
from workbench import load_book, load_scenario, plan_quarter
from workbench.model.plan import Plan
from workbench.report.inputs import NOTEBOOKS
from workbench.report.pages import brief_name, leaves, links_to
from workbench.report.render import Page, PageExporter, page_head
from workbench.view.blocks import BLOCK_MIME

NOTEBOOK = NOTEBOOKS / "5_segment_brief.ipynb"
SEGMENTS = ("energy", "financial_services", "healthcare", "hospitality", "logistics", "manufacturing", "public_sector",
            "retail")  # fmt: skip
PAGE = re.compile(rb"/Type\s*/Page\b")  # one object of a PDF for each of its pages


def ran(given: dict[str, Any]) -> Any:
    """The notebook with the outputs of its cells, run in this process: `given` stands for the cells that make the plan."""
    notebook, known = nbformat.read(NOTEBOOK, as_version=4), dict(given)
    exec("from workbench import segment_brief\nfrom workbench.view import briefs, tables", known)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
            if "plan_quarter" not in cell.source and "parameters" not in cell.metadata.get("tags", []):
                *lines, last = ast.parse(cell.source).body
                exec(compile(ast.Module(lines, []), "cell", "exec"), known)
                shown = eval(compile(ast.Expression(last.value), "cell", "eval"), known)
                cell.outputs = [nbformat.v4.new_output("display_data", data={BLOCK_MIME: shown.content})]
    return notebook


def pages_of(folder: Path, plan: Plan, settings: Any) -> Path:
    """The pages of every segment in `folder`, as the report renders them, and the file that each link leads to."""
    names = dict(zip(plan.ranking.order["name"], plan.ranking.order["segment"], strict=True))
    pages = leaves([NOTEBOOK], frozenset({NOTEBOOK.name}), plan)
    head = page_head(settings, plan.quarter, plan.next_quarter, "base")
    for leaf in pages:
        links, rows = links_to(pages, {NOTEBOOK.stem: "Segment brief"}, plan, here=leaf.file)
        page = Page(head, links, plan.digest, "Segment brief", rows, leaf.segment)
        notebook = ran({"plan": plan, "segment": names[leaf.segment]})
        html, _ = PageExporter().from_notebook_node(notebook, {"page": page})
        (folder / f"{leaf.file}.html").write_text(html, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def sample_pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    book = load_book("sample")
    plan = plan_quarter(book, load_scenario("base", "sample"), "2026Q3")
    return pages_of(tmp_path_factory.mktemp("briefs"), plan, book.settings)


@pytest.fixture(scope="module")
def hostile_pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = hostile_book(tmp_path_factory.mktemp("books") / "hostile")
    book = load_book(folder)
    plan = plan_quarter(book, load_scenario("base", folder), "2026Q3")
    return pages_of(tmp_path_factory.mktemp("briefs"), plan, book.settings)


@pytest.mark.parametrize("segment", SEGMENTS)
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


@pytest.mark.parametrize("segment", SEGMENTS)
def test_hostile_names_are_text_on_a_brief_and_nothing_runs(
    browser: Browser, hostile_pages: Path, segment: str
) -> None:
    with opened(browser, hostile_pages / f"{brief_name(NOTEBOOK.stem, segment)}.html") as (page, seen):
        assert seen == Seen() and page.evaluate("window.hit") is None
        assert page.locator("script").count() == 0
        navigation = page.inner_text("nav.briefs")
        for payload in PAYLOADS.values():
            assert payload in navigation, payload
        name = page.inner_text("h1 em")
        assert page.inner_text("nav [aria-current=page]") == name and name in page.title()
