"""Sliders that call the very functions of the chain: move an assumption, see the step again (ipywidgets)."""

from __future__ import annotations

import html
import math
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
from IPython.display import display

from workbench.book.book import Book
from workbench.errors import WorkbenchError
from workbench.model.allocation import allocate
from workbench.model.quarter import segment_facts
from workbench.model.ranking import rank_segments
from workbench.model.robustness import how_sure
from workbench.model.swot import score_swot
from workbench.model.weights import weights_of
from workbench.scenario import CRITERIA, Scenario
from workbench.view import charts, money

STEPS = ("swot", "ranking", "allocation")


def explore(step: str, book: Book, scenario: Scenario, quarter: str) -> widgets.Widget:
    """A panel for one step: `swot` (neutral points), `ranking` (weights) or `allocation` (budget, focus, tilt).

    Each slider changes the scenario and calls the step's function again; the answer and its chart are shown below.
    Raises ValueError for another step.
    """
    if step not in STEPS:
        raise ValueError(f"step {step!r}: one of {', '.join(STEPS)} is needed")
    sliders, apply = {"swot": _neutral_points, "ranking": _weights, "allocation": _money}[step](book, scenario)
    show = {"swot": _show_swot, "ranking": _show_ranking, "allocation": _show_allocation}[step]

    def update(**values: Any) -> None:
        try:
            show(book, apply(values), quarter)
        except WorkbenchError as error:
            display(
                widgets.HTML(
                    "<br>".join(
                        ["<b>This cannot be:</b>", *(html.escape(problem.sentence()) for problem in error.problems)]
                    )
                )
            )

    output = widgets.interactive_output(update, sliders)
    columns = widgets.GridBox(list(sliders.values()), layout=widgets.Layout(grid_template_columns="repeat(2, 380px)"))
    return widgets.VBox([columns, output])


Apply = Callable[[dict[str, Any]], Scenario]


def _slider(name: str, value: float, low: float, high: float, step: float, text: str = ".2f") -> widgets.FloatSlider:
    return widgets.FloatSlider(value=value, min=low, max=high, step=step, description=name.replace("_", " "),
                               readout_format=text, continuous_update=False,
                               style={"description_width": "130px"}, layout=widgets.Layout(width="370px"))  # fmt: skip


def _weights(book: Book, scenario: Scenario) -> tuple[dict[str, widgets.Widget], Apply]:
    weights = weights_of(scenario) if scenario.weights is None else scenario.weights.model_dump()
    most = 2 * max(weights.values())
    step = 10 ** (math.floor(math.log10(most)) - 2)
    anchored = [name for name in CRITERIA if name == "judgement" or getattr(scenario.anchors, name) is not None]
    sliders = {name: _slider(name, weights[name], 0, most, step) for name in anchored}
    start = {name: slider.value for name, slider in sliders.items()}
    return sliders, lambda values: scenario if values == start else scenario.with_values(weights=values)


def _neutral_points(book: Book, scenario: Scenario) -> tuple[dict[str, widgets.Widget], Apply]:
    anchors = {name: anchor for name, anchor in scenario.anchors if anchor is not None}
    sliders = {
        name: _slider(name, anchor.neutral, anchor.low, anchor.high, (anchor.high - anchor.low) / 200, ",.4r")
        for name, anchor in anchors.items()
    }

    def apply(values: dict[str, Any]) -> Scenario:
        moved = {name: {**anchors[name].model_dump(), "neutral": value} for name, value in values.items()}
        return scenario.with_values(anchors=moved)

    return sliders, apply


def _money(book: Book, scenario: Scenario) -> tuple[dict[str, widgets.Widget], Apply]:
    today = float(book.table("spend")["current_y"].astype(float).sum())
    total = scenario.budget.total_y if scenario.budget.total_y is not None else today
    count = len(book.table("segments"))
    sliders = {
        "budget_total_y": _slider("budget, m a year", total / 1e6, 0, max(2 * today, total, 1.0) / 1e6, 0.1, ",.1f"),
        "focus": widgets.IntSlider(value=min(scenario.focus, count), min=1, max=count, description="focus, segments",
                                   continuous_update=False, style={"description_width": "130px"},
                                   layout=widgets.Layout(width="370px")),
        "tilt": _slider("tilt", scenario.tilt, 0, 1, 0.05),
    }  # fmt: skip

    def apply(values: dict[str, Any]) -> Scenario:
        same = abs(values["budget_total_y"] * 1e6 - total) < 50_000
        budget = {"total_y": scenario.budget.total_y if same else round(values["budget_total_y"] * 1e6, 2)}
        return scenario.with_values(budget=budget, focus=values["focus"], tilt=values["tilt"])

    return sliders, apply


def _show_swot(book: Book, scenario: Scenario, quarter: str) -> None:
    facts = segment_facts(book, scenario, quarter)
    swot = score_swot(facts, book, scenario)
    ranking = rank_segments(facts, swot, scenario)
    display(widgets.HTML(value=f"<b>{html.escape(swot.answer)}</b>"), charts.balance_chart(swot, ranking))


def _show_ranking(book: Book, scenario: Scenario, quarter: str) -> None:
    facts = segment_facts(book, scenario, quarter)
    swot = score_swot(facts, book, scenario)
    ranking = rank_segments(facts, swot, scenario)
    sure = how_sure(facts, swot, ranking, scenario).answer
    text = f"<b>{html.escape(ranking.answer)}</b><br>{html.escape(sure)}"
    display(widgets.HTML(value=text), charts.contributions_chart(ranking))


def _show_allocation(book: Book, scenario: Scenario, quarter: str) -> None:
    facts = segment_facts(book, scenario, quarter)
    ranking = rank_segments(facts, score_swot(facts, book, scenario), scenario)
    allocation = allocate(ranking, facts, book, scenario)
    display(
        widgets.HTML(value=f"<b>{html.escape(allocation.answer)}</b>"),
        money.spend_chart(allocation, book.settings.currency),
    )
