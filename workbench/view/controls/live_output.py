"""The quick part of a panel: the answer, the order, and the chart that goes with the step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import altair as alt
import ipywidgets as widgets

from workbench.model.ranking import raw_weights
from workbench.model.results import Ranking
from workbench.view import charts, live
from workbench.view.blocks import answer
from workbench.view.controls.html import framed, order_block
from workbench.view.controls.html_updates import HtmlUpdates
from workbench.view.controls.live_order import LiveOrder
from workbench.view.controls.state import PanelState

FIRST = 20  # segments shown unless all are asked for
WIDTH = 340  # pixels of the live chart, beside the controls
BUBBLES = 430  # pixels of the chart of balances
LATER = 2_000_000_000  # milliseconds: the chart tells the kernel nothing, all it knows comes from there


class LiveOutput:
    """The answer and the order; `box` is what to show."""

    def __init__(self, state: PanelState) -> None:
        self.state = state
        self.updates = HtmlUpdates()
        self.updates.add_class("wb-sheet")
        count = len(state.start_ranking.order)
        self.all = everything(count, lambda _: self.updates.put(order=self._order()))
        self._last = state.start_ranking
        self.box = widgets.Box([self.updates, self.all])
        self.box.add_class("wb-now")

    def show(self, ranking: Ranking) -> None:
        """Shows the order under the scenario as it stands."""
        self._last = ranking
        self.updates.put(answer=framed(answer(self.answer(ranking), "", names_of(ranking))), order=self._order())

    def answer(self, ranking: Ranking) -> str:
        """The finding in a sentence."""
        return ranking.answer

    def _draw(self, chart: widgets.Widget) -> None:
        chart.add_class("wb-chart")
        self.box.children = [self.updates, chart, self.all]

    def _order(self) -> str:
        first = None if self.all.value else FIRST
        return framed(order_block(self._last, self.state.moves(self._last), first))


class BalanceOutput(LiveOutput):
    """With our position against the market of each segment."""

    def __init__(self, state: PanelState) -> None:
        super().__init__(state)
        self.chart: Any = None

    def answer(self, ranking: Ranking) -> str:
        """The finding of the SWOT in a sentence."""
        return self._swot.answer

    def show(self, ranking: Ranking) -> None:
        """Shows the order under the scenario as it stands."""
        self._swot = swot = self.state.swot()
        super().show(ranking)
        drawn = charts.balance_chart(swot, ranking).properties(width=BUBBLES)
        if self.chart is None:
            self.chart = jupyter_chart(drawn)
            self._draw(self.chart)
        else:
            self.chart.chart = drawn


class LiveChartOutput:
    """The live chart with its sentence and table; `box` is what to show."""

    def __init__(self, state: PanelState) -> None:
        self.state = state
        start, scenario, count = state.start_ranking, state.start, len(state.start_ranking.order)
        chart = live.live_chart(start, scenario, bound=False).properties(width=WIDTH)
        chart.title = alt.Undefined
        self.live = LiveOrder(spec=chart.to_dict(), count=count, first=FIRST)
        for name in ("workbench", "wb-sheet"):
            self.live.add_class(name)
        self.all = everything(count, lambda all: setattr(self.live, "first", count if all else FIRST))
        self.box = widgets.Box([self.live, self.all])
        self.box.add_class("wb-now")
        self._drawn = state.drawn

    def listen(self, sliders: Mapping[str, widgets.Widget]) -> None:
        """From now on the chart follows these sliders, by criterion."""
        self.live.sliders = dict(sliders)

    def show(self, ranking: Ranking) -> None:
        """Shows the order under the scenario as it stands; the chart is drawn anew only where its values change."""
        scenario, start = self.state.scenario, self.state.start_ranking
        if self.state.drawn != self._drawn:  # the new values alone: Altair would check the whole specification again
            self.live.spec = {**self.live.spec, "data": {"values": live.rows(ranking, scenario, start)}}
            self._drawn = self.state.drawn
        with self.live.hold_sync():
            self.live.before = [list(pair) for pair in zip(start.chosen, names_of(start), strict=True)]
            self.live.places = live.places(scenario)
            self.live.weights = {name: each for name, each in raw_weights(scenario).items() if name in ranking.values}


def names_of(ranking: Ranking) -> list[str]:
    """The names of the chosen segments, best first."""
    return list(ranking.order.loc[ranking.order["chosen"], "name"])


def everything(count: int, act: Callable[[bool], object]) -> widgets.Checkbox:
    """A box to tick for all segments, where there are more than are shown at first; `act` is told."""
    box = widgets.Checkbox(count <= FIRST, description=f"all {count} segments", indent=False)
    box.layout.display = "none" if count <= FIRST else ""
    box.observe(lambda change: act(change["new"]), "value")
    return box


def jupyter_chart(chart: alt.TopLevelMixin) -> Any:
    """A chart that lives in JupyterLab, drawn with what comes with the workbench: nothing is loaded from a network."""
    alt.JupyterChart.enable_offline()
    return alt.JupyterChart(chart, debounce_wait=LATER, embed_options={"actions": False, "renderer": "svg"})
