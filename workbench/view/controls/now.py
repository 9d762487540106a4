"""The quick part of a panel: the answer, the order, and the chart that goes with the step."""

from __future__ import annotations

from typing import Any

import altair as alt
import ipywidgets as widgets

from workbench.model.results import Ranking
from workbench.model.weights import raw_weights
from workbench.view import charts, live
from workbench.view.blocks import answer
from workbench.view.controls.desk import Desk
from workbench.view.controls.sheet import Sheet
from workbench.view.controls.shown import framed, order_block

FIRST = 20  # segments shown unless all are asked for
WIDTH = 340  # pixels of the live chart, beside the controls
LATER = 2_000_000_000  # milliseconds: the chart tells the kernel nothing, all it knows comes from there


class Now:
    """The answer and the order; `box` is what to show."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.sheet = Sheet()
        self.sheet.add_class("wb-sheet")
        count = len(desk.start_ranking.order)
        self.all = widgets.Checkbox(count <= FIRST, description=f"all {count} segments", indent=False)
        self.all.layout.display = "none" if count <= FIRST else ""
        self.all.observe(lambda _: self.sheet.put(order=self._order()), "value")
        self._last = desk.start_ranking
        self.box = widgets.Box([self.sheet, self.all])
        self.box.add_class("wb-now")

    def show(self, ranking: Ranking) -> None:
        """Shows the order under the scenario as it stands."""
        self._last = ranking
        chosen = list(ranking.order.loc[ranking.order["chosen"], "name"])
        self.sheet.put(answer=framed(answer(self.answer(ranking), "", chosen)), order=self._order())

    def answer(self, ranking: Ranking) -> str:
        """The finding in a sentence."""
        return ranking.answer

    def _draw(self, chart: widgets.Widget) -> None:
        chart.add_class("wb-chart")
        self.box.children = [self.sheet, chart, self.all]

    def _order(self) -> str:
        first = None if self.all.value else FIRST
        return framed(order_block(self._last, self.desk.moves(self._last), first))


class BalanceNow(Now):
    """With our position against the market of each segment."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.chart: Any = None

    def answer(self, ranking: Ranking) -> str:
        """The finding of the SWOT in a sentence."""
        return self._swot.answer

    def show(self, ranking: Ranking) -> None:
        """Shows the order under the scenario as it stands."""
        self._swot = swot = self.desk.swot()
        super().show(ranking)
        drawn = charts.balance_chart(swot, ranking)
        if self.chart is None:
            self.chart = jupyter_chart(drawn)
            self._draw(self.chart)
        else:
            self.chart.chart = drawn


class LiveNow(Now):
    """With the live chart, which computes score and order itself from the weights it is told."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.chart: Any = None
        self._drawn: tuple[Any, ...] = ()

    def show(self, ranking: Ranking) -> None:
        """Shows the order under the scenario as it stands; the chart is drawn anew only where its values change."""
        scenario, start, drawn = self.desk.scenario, self.desk.start_ranking, self.desk.drawn
        if self.chart is None:
            chart = live.live_chart(ranking, scenario, start=start, bound=False).properties(width=WIDTH)
            chart.title = alt.Undefined
            self.chart = jupyter_chart(chart)
            self._draw(self.chart)
        elif drawn != self._drawn:  # the new values alone: Altair would check the whole specification again
            self.chart.spec = {**self.chart.spec, "data": {"values": live.rows(ranking, scenario, start)}}
        self._drawn = drawn
        told = {f"w_{name}": weight for name, weight in raw_weights(scenario).items() if name in ranking.values}
        for name, value in {**told, "places": live.places(scenario)}.items():
            setattr(self.chart.params, name, value)
        super().show(ranking)


def jupyter_chart(chart: alt.TopLevelMixin) -> Any:
    """A chart that lives in JupyterLab, drawn with what comes with the workbench: nothing is loaded from a network."""
    alt.JupyterChart.enable_offline()
    return alt.JupyterChart(chart, debounce_wait=LATER, embed_options={"actions": False, "renderer": "svg"})
