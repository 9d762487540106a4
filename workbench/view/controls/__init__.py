"""Panels on the very functions of the chain: move an assumption, and see what follows (ipywidgets)."""

from __future__ import annotations

from pathlib import Path

import ipywidgets as widgets

from workbench.book.book import Book
from workbench.scenario import Scenario
from workbench.view.controls.panel import STEPS, Panel

_open: dict[str, Panel] = {}


def explore(
    step: str, book: Book, scenario: Scenario, quarter: str, *, folder: str | Path | None = None
) -> widgets.Widget:
    """A panel for one step: `swot` (neutral points), `ranking` (weights, growth, choice), `allocation` (money, choice)
    or `asks` (thresholds, choice).

    The answer, the order and its chart follow each move; the whole plan, in a process of its own, once the hand rests.
    `folder` is the book's: scenarios are loaded from it, and saved to it as the TOML that every way of planning reads.
    A second panel of the same step takes the place of the first. Raises ValueError for another step, ScenarioError or
    BookError where the scenario does not go with the book.

    Parameters
    ----------
    step : str
        `swot`, `ranking`, `allocation` or `asks`.
    book : Book
        The company's tables, as `load_book` gives them.
    scenario : Scenario
        The assumptions, as `load_scenario` gives them.
    quarter : str
        The last closed quarter, `YYYYQn`; what is later in the book is not seen.
    folder : str or Path, optional
        The book's folder, from which scenarios are loaded and to which they are saved.

    Returns
    -------
    ipywidgets.Widget
        The panel.

    Raises
    ------
    ValueError
        For another step.
    BookError or ScenarioError
        Where the scenario does not go with the book.
    """
    if step not in STEPS:
        raise ValueError(f"step {step!r}: one of {', '.join(STEPS)} is needed")
    if step in _open:
        _open.pop(step).close()
    panel = Panel(step, book, scenario, quarter, folder)
    _open[step] = panel
    return panel.widget
