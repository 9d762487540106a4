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
from workbench.view.controls.shown import framed, order_block

FIRST = 20  # segments shown unless all are asked for
WIDTH = 400  # pixels of the live chart, beside the controls
LATER = 2_000_000_000  # milliseconds: the chart tells the kernel nothing, all it knows comes from there


class Now:
    """The answer and the order; `box` is what to show."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.text = widgets.HTML()
        self.order = widgets.HTML()
        count = len(desk.start_ranking.order)
        self.all = widgets.Checkbox(count <= FIRST, description=f"all {count} segments", indent=False)
        self.all.layout.display = "none" if count <= FIRST else ""
        self.all.observe(lambda _: self._list(), "value")
        self._last = desk.start_ranking
        self.box = widgets.VBox()
        self.box.add_class("wb-now")
        self._fill()

    def show(self, ranking: Ranking) -> None:
        """Shows the order under the scenario as it stands."""
        self.say(ranking.answer, ranking)
        self._last = ranking
        self._list()

    def say(self, text: str, ranking: Ranking) -> None:
        """Shows the finding in a sentence, the chosen marked."""
        self.text.value = framed(answer(text, "", list(ranking.order.loc[ranking.order["chosen"], "name"])))

    def _fill(self, *charts: widgets.Widget) -> None:
        self.box.children = [self.text, *charts, self.order, self.all]

    def _list(self) -> None:
        shown = None if self.all.value else FIRST
        self.order.value = framed(order_block(self._last, self.desk.moves(self._last), shown))


class BalanceNow(Now):
    """With our position against the market of each segment."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.chart: Any = None

    def show(self, ranking: Ranking) -> None:
        """Shows the order under the scenario as it stands."""
        super().show(ranking)
        swot = self.desk.swot()
        self.say(swot.answer, ranking)
        drawn = charts.balance_chart(swot, ranking)
        if self.chart is None:
            self.chart = jupyter_chart(drawn)
            self._fill(self.chart)
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
            self._fill(self.chart)
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
