"""The notebooks in a real JupyterLab, with no network but this machine: they run, their panels answer, a scenario is kept."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.lab import menu, open_notebook, run_all, running_lab
from tests.stages import later, slow
from tests.waiting import until
from workbench import load_book, load_scenario, rank_segments, score_swot, segment_facts
from workbench.lab import prepare
from workbench.model.results import Ranking
from workbench.scenario import Scenario
from workbench.sources.tables.folder import SAMPLE

pytestmark = slow  # one page in a browser is test_report_page's

QUARTER = "2026Q3"
WITH_PANEL = ("1_swot", "3_allocation", "4_asks")  # and 2_ranking, below
LONG = 60_000  # milliseconds for a plan to come


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample company in a folder of its own, to save scenarios in."""
    return Path(shutil.copytree(SAMPLE, tmp_path_factory.mktemp("books") / "aurora"))


@pytest.fixture(scope="module")
def lab(browser: Browser, book: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab on working copies of the notebooks."""
    home = tmp_path_factory.mktemp("lab")
    with running_lab(prepare(str(book), home / "copies"), home / "private") as address:
        yield address


def errors(page: Page) -> list[str]:
    """What cells complained of."""
    return page.locator(
        '.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.error"],'
        '.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stderr"]'
    ).all_inner_texts()


def settled(page: Page) -> str:
    """The digest of the whole plan, once it is there."""
    page.wait_for_function("/digest [0-9a-f]{64}/.test(document.querySelector('.wb-panel')?.textContent)", timeout=LONG)
    found = re.search(r"digest ([0-9a-f]{64})", page.inner_text(".wb-panel"))
    assert found
    return found[1]


def shown_order(page: Page) -> list[tuple[str, str]]:
    """Name and score of each segment, as the table of the panel shows them."""
    rows = page.locator(".wb-now table tbody tr").all()
    return [
        (re.sub(r"chosen$", "", row.locator("th").inner_text()).strip(), row.locator("td").last.inner_text())
        for row in rows
    ]


def drawn_order(page: Page) -> list[str]:
    """The names in the live chart, from the top."""
    found = page.evaluate("""() => [...document.querySelectorAll('.wb-now .vega-embed svg text')]
        .map(each => [each.getBoundingClientRect().top, each.textContent])""")
    return [text for _, text in sorted(found)]


def shown_weights(page: Page) -> dict[str, float]:
    """The weights as the sliders show them."""
    names = page.locator(".wb-panel .widget-slider .widget-label").all_inner_texts()
    values = page.locator(".wb-panel .widget-slider .widget-readout").all_inner_texts()
    weights = {
        name.replace(" ", "_"): float(value) for name, value in zip(names, values, strict=True) if "," not in name
    }
    return {name: weights[name] for name in list(weights)[:10]}


def ranked(book: Path, scenario: Scenario) -> Ranking:
    loaded = load_book(book)
    facts = segment_facts(loaded, scenario, QUARTER)
    return rank_segments(facts, score_swot(facts, loaded, scenario), scenario)


def the_order_is(page: Page, ranking: Ranking) -> bool:
    """Whether table and chart of the panel show this ranking."""
    names = list(ranking.order["name"])
    expected = [(name, f"{score:.3f}") for name, score in zip(names, ranking.order["score"], strict=True)]
    return shown_order(page) == expected and [text for text in drawn_order(page) if text in names] == names


def slide(page: Page, name: str, *keys: str) -> None:
    """Moves a slider of the panel by keyboard."""
    row = page.locator(".wb-panel .widget-slider", has=page.locator(".widget-label", has_text=re.compile(f"^{name}$")))
    row.locator(".noUi-handle").focus()
    for key in keys:
        page.keyboard.press(key)


@pytest.mark.parametrize(
    "name", later(["4_asks", *(name for name in WITH_PANEL if name != "4_asks"), "0_quarterly_plan"])
)
def test_a_notebook_runs_from_top_to_end_and_its_panel_opens(browser: Browser, lab: str, name: str) -> None:
    with open_notebook(browser, lab, f"{name}.ipynb") as opened:
        run_all(opened.page)
        assert errors(opened.page) == []
        if name in WITH_PANEL:
            settled(opened.page)
            assert opened.page.locator(".wb-panel .noUi-handle").count() > 1
            assert len(shown_order(opened.page)) == 8
        else:
            assert opened.page.locator(".wb-panel").count() == 0
        assert opened.elsewhere == [] and opened.errors == []


@slow
def test_moved_weights_are_ranked_as_rank_segments_does_saved_and_planned(
    browser: Browser, lab: str, book: Path
) -> None:
    base = load_scenario("base", book)
    with open_notebook(browser, lab, "2_ranking.ipynb") as opened:
        page = opened.page
        run_all(page)
        assert the_order_is(page, ranked(book, base))
        before = settled(page)
        slide(page, "growth", "Home", "ArrowRight", "ArrowRight")
        slide(page, "revenue", "End", "ArrowLeft")
        weights = shown_weights(page)
        assert weights["growth"] == 0.2 and weights["revenue"] == 27.9
        moved = ranked(book, base.with_values(weights=weights))
        until(lambda: the_order_is(page, moved))
        assert not the_order_is(page, ranked(book, base))  # the control: another order is noticed
        assert "unsaved changes" in page.inner_text(".wb-panel")
        page.get_by_label("save as").fill("mine")
        page.get_by_role("button", name="Save", exact=True).focus()
        page.keyboard.press("Enter")
        page.get_by_text("Saved as").wait_for()
        digest = settled(page)
        assert digest != before and "unsaved" not in page.inner_text(".wb-panel")
        kept = shown_order(page)
        menu(page, "Kernel", "kernelmenu:restart")
        page.locator(".jp-Dialog .jp-mod-accept").click()
        run_all(page)
        settled(page)
        assert shown_order(page) != kept
        page.get_by_label("scenario", exact=True).select_option("mine")
        page.get_by_role("button", name="Load", exact=True).click()
        page.get_by_text("Started from mine").wait_for()
        assert shown_weights(page) == weights and "unsaved" not in page.inner_text(".wb-panel")
        assert shown_order(page) == kept and settled(page) == digest
        assert opened.elsewhere == [] and errors(page) == []
    assert load_scenario("mine", book).weights == base.with_values(weights=weights).weights
    assert planned(book, "mine") == digest


def planned(book: Path, scenario: str) -> Any:
    """The digest that the command line gives."""
    command = [sys.executable, "-m", "workbench", "plan", str(book), "--quarter", QUARTER, "--scenario", scenario]
    done = subprocess.run([*command, "--json", "-"], capture_output=True, check=True)
    import hashlib

    assert json.loads(done.stdout)["scenario"]["name"] == scenario
    return hashlib.sha256(done.stdout).hexdigest()
