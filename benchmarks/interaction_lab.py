"""The panel of the ranking in a real JupyterLab on this machine, its network off: weights moved by keys."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.many import QUARTER, write_company

SEGMENTS = 50
SLIDER = "growth"
PAUSE = 700  # milliseconds between moves: the hand rests, and the whole plan is asked for each time
CELLS = """\
from workbench import explore, load_book, load_scenario
from workbench.view import theme

company = load_book({book!r})
theme.use_theme()
explore("ranking", company, load_scenario("base", {book!r}), "{quarter}", folder={book!r})
"""
# From the key to the first paint after the last of the changes it brings: the chart, and the table with the answer.
WATCH = """() => {
  window.moves = [];
  document.addEventListener("keydown", () => window.moves.push({start: performance.now()}), true);
  new MutationObserver(changes => {
    const move = window.moves.at(-1);
    if (!move) return;
    for (const change of changes) {
      const place = change.target.parentElement ?? change.target;
      move[place.closest(".vega-embed") ? "chart" : "table"] = performance.now() - move.start;
    }
    requestAnimationFrame(() => {
      const paint = new MessageChannel();
      paint.port1.onmessage = () => { move.painted = performance.now() - move.start; };
      paint.port2.postMessage(0);
    });
  }).observe(document.querySelector(".wb-now"), {subtree: true, childList: true, attributes: true, characterData: true});
}"""
ORDER = "[...document.querySelectorAll('.wb-now table tbody th')].map(each => each.textContent).join()"


def lab_figures(moves: int = 30) -> dict[str, float]:
    """`lab_median_ms` and `lab_p95_ms` of 50 segments × 8 criteria: chart, table and answer."""
    took = times(SEGMENTS, moves)
    return {"lab_median_ms": float(np.median(took)), "lab_p95_ms": float(np.quantile(took, 0.95))}


def times(segments: int, moves: int) -> list[float]:
    """Milliseconds of each of `moves` by keyboard from one end of a slider to the other, so that the order changes."""
    from tests.browser.lab import open_notebook, run_all, running_lab
    from tests.browser.pages import launched

    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary)
        _write_notebook(home / "work" / "panel.ipynb", write_company(home / "many", segments))
        with (
            running_lab(home / "work", home / "private") as address,
            launched() as browser,
            open_notebook(browser, address, "panel.ipynb") as opened,
        ):
            page = opened.page
            run_all(page)
            page.wait_for_function("/digest/.test(document.querySelector('.wb-panel')?.textContent)", timeout=120_000)
            page.evaluate(WATCH)
            page.locator(".wb-panel .widget-slider", has_text=SLIDER).locator(".noUi-handle").focus()
            return [_move(page, number) for number in range(1, moves + 3)][2:]  # the first two warm the browser up


def _move(page: Any, number: int) -> float:
    """The milliseconds of one move, which must have changed the order in the table and the chart."""
    before = page.evaluate(ORDER)
    page.keyboard.press("End" if number % 2 else "Home")
    page.wait_for_timeout(PAUSE)
    move = page.evaluate("window.moves.at(-1)")
    assert page.evaluate(ORDER) != before and {"chart", "table", "painted"} <= set(move), (
        "nothing changed, nothing measured"
    )
    return float(move["painted"])


def _write_notebook(path: Path, book: Path) -> None:
    import nbformat

    path.parent.mkdir(parents=True)
    cell = nbformat.v4.new_code_cell(CELLS.format(book=str(book), quarter=QUARTER))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel})
    path.write_text(json.dumps(notebook), encoding="utf-8")
