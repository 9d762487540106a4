"""The live chart of a published page: opened in Chromium under its own security policy, the network off, moved by keys."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

CRITERIA = 8
SLIDER = "growth"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
# From the input event, over the frame in which the order is written, to the frame after it. The order is noted, too.
WATCH = """() => {
  const times = document.body.appendChild(document.createElement("output"));
  times.id = "times";
  times.hidden = true;
  document.addEventListener("input", () => {
    const start = performance.now();
    requestAnimationFrame(() => requestAnimationFrame(() => {
      const took = performance.now() - start, rows = [...document.querySelectorAll("table.order tbody tr")];
      times.dataset.order = rows.map(row => row.dataset.key).join(" ");
      times.dataset.took = took;
      times.dataset.moves = Number(times.dataset.moves || 0) + 1;
    }));
  }, true);
}"""


def page_figures(moves: int = 30, seed: int = 1) -> dict[str, float]:
    """`page_median_ms` and `page_p95_ms` of 50 segments × 8 criteria, `page_1000_median_ms` of 1,000, 20 of them shown."""
    few, many = (times(segments, moves, seed) for segments in (50, 1000))
    return {
        "page_median_ms": float(np.median(few)),
        "page_p95_ms": float(np.quantile(few, 0.95)),
        "page_1000_median_ms": float(np.median(many)),
    }


def times(segments: int, moves: int, seed: int = 1) -> list[float]:
    """Milliseconds of each of `moves` by keyboard from one end of a slider to the other, so that the order changes."""
    from playwright.sync_api import sync_playwright

    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page = write_page(Path(folder) / "live.html", segments, seed)
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        tab = browser.new_context(offline=True, viewport={"width": 1200, "height": 900}).new_page()
        tab.goto(page.as_uri())
        tab.wait_for_selector("p.now:not(:empty)")
        tab.evaluate(WATCH)
        took = [_move(tab, number) for number in range(1, moves + 3)][2:]  # the first two warm the browser up
        browser.close()
    return took


def _move(tab: Any, number: int) -> float:
    """The milliseconds of one move, which must have changed the order."""
    noted = tab.locator("#times")
    before = noted.get_attribute("data-order")
    tab.locator(f"#weight-0-{SLIDER}").press("End" if number % 2 else "Home")
    tab.wait_for_selector(f'#times[data-moves="{number}"]', state="attached")
    assert noted.get_attribute("data-order") != before, "a move that changes no order measures nothing"
    return float(str(noted.get_attribute("data-took")))


def write_page(path: Path, segments: int, seed: int) -> Path:
    """The page of a live chart of invented segments, as a report renders it."""
    import nbformat

    from workbench.report.pages.render import Head, Page, PageExporter
    from workbench.view.live import live_chart
    from workbench.view.theme import VEGALITE_MIME

    spec = live_chart(*invented(segments, seed)).to_dict()
    shown = nbformat.v4.new_output("display_data", data={VEGALITE_MIME: spec})
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("live", outputs=[shown])])
    page = Page(Head("Invented", "2026 Q4", "30 September 2026", "EUR", "base"))
    html, _ = PageExporter().from_notebook_node(notebook, {"page": page})
    path.write_text(html, encoding="utf-8")
    return path


def invented(segments: int, seed: int) -> tuple[Any, Any]:
    """A ranking of invented segments over eight criteria, and the sample's scenario that it starts from."""
    import pandas as pd

    from workbench.criteria import CRITERIA as ALL
    from workbench.model.results import Ranking
    from workbench.sources.tables.folder import load_scenario

    random = np.random.default_rng(seed)
    keys = [f"s{place:04d}" for place in range(segments)]
    values = pd.DataFrame(random.random((segments, CRITERIA)), columns=list(ALL)[:CRITERIA])
    values.insert(0, "segment", keys)
    names = [f"Segment {key[1:]}" for key in keys]
    order = pd.DataFrame({"segment": keys, "name": names, "rank": range(1, segments + 1), "chosen": False})
    empty = pd.DataFrame()
    return Ranking((), "", "2026Q3", order, empty, values, empty, empty), load_scenario("base", "sample")
