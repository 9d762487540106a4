"""A page with nothing but the live chart, and what stands on it under given weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd
from playwright.sync_api import Page as Tab

from workbench.criteria import CRITERIA
from workbench.model.results import Ranking
from workbench.report.pages.render import Head, Page, PageExporter
from workbench.scenario import Scenario
from workbench.view.live import live_chart
from workbench.view.theme import VEGALITE_MIME

HEAD = Head("Company", "2026 Q4", "30 September 2026", "EUR", "base")
READY = "p.now:not(:empty)"
MOVES = """async ([names, vectors]) => {
  const inputs = names.map(name => document.getElementById(`weight-0-${name}`));
  for (const input of inputs) { input.step = "any"; input.max = "1e13"; }
  const frames = window.requestAnimationFrame, seen = [];
  window.requestAnimationFrame = queueMicrotask.bind(window);  // a thousand pictures without waiting for the screen
  for (const vector of vectors) {
    vector.forEach((weight, place) => { inputs[place].value = weight; inputs[place].dispatchEvent(new Event("input")); });
    await null;
    const rows = [...document.querySelectorAll("table.order tbody tr")];
    seen.push({now: document.querySelector("p.now").textContent, rows: rows.map(row => row.dataset)
      .map(({key, rank, score, chosen}) => [key, Number(rank), score, chosen === "true"])});
  }
  window.requestAnimationFrame = frames;
  return seen;
}"""


def live_page(path: Path, ranking: Ranking, scenario: Scenario, **options: Any) -> Path:
    """Writes the page of the live chart, as a report renders it."""
    spec = live_chart(ranking, scenario, **options).to_dict()
    shown = nbformat.v4.new_output("display_data", data={VEGALITE_MIME: spec})
    cells = [nbformat.v4.new_code_cell("live", outputs=[shown])]
    html, _ = PageExporter().from_notebook_node(nbformat.v4.new_notebook(cells=cells), {"page": Page(HEAD)})
    path.write_text(html, encoding="utf-8")
    return path


def moved(tab: Tab, names: Sequence[str], vectors: Sequence[Sequence[float]]) -> list[dict[str, Any]]:
    """What the page says (`now`) and lists (`rows`: key, rank, score, chosen) under each vector of weights.

    Each is given through the sliders' own events, freed of step and range, so that any weight can be asked for.
    """
    tab.wait_for_selector(READY)
    found: list[dict[str, Any]] = tab.evaluate(MOVES, [list(names), [[repr(each) for each in row] for row in vectors]])
    return found


def invented(values: dict[str, Sequence[float]], names: dict[str, str] | None = None) -> Ranking:
    """A ranking of segments by key with these values, one for each of the first criteria; the order is that of keys."""
    keys = sorted(values)
    present = list(CRITERIA)[: len(values[keys[0]])]
    table = pd.DataFrame(np.array([values[key] for key in keys], dtype=float), columns=present)
    table.insert(0, "segment", keys)
    order = pd.DataFrame({"segment": keys, "name": [(names or {}).get(key, key) for key in keys],
                          "rank": range(1, len(keys) + 1), "chosen": False})  # fmt: skip
    empty = pd.DataFrame()
    return Ranking((), "", "2026Q3", order, empty, table, empty, empty)
