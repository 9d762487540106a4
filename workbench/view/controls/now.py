"""The quick part of a panel: the answer, the order, and the chart that goes with the step."""

from __future__ import annotations

from typing import Any

import altair as alt
import ipywidgets as widgets

from workbench.model.results import Facts, Ranking, Swot
from workbench.model.weights import raw_weights
from workbench.view import charts, live
from workbench.view.blocks import answer
from workbench.view.controls.desk import Desk
from workbench.view.controls.shown import framed, order_block

WIDTH = 400  # pixels of the live chart, beside the controls
LATER = 2_000_000_000  # milliseconds: the chart tells the kernel nothing, all it knows comes from there


class Now:
    """The answer and the order; `box` is what to show."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.text = widgets.HTML()
        self.order = widgets.HTML()
        self.box = widgets.VBox([self.text, self.order])
        self.box.add_class("wb-now")

    def show(self, facts: Facts, swot: Swot, ranking: Ranking) -> None:
        """Shows the steps under the scenario as it stands."""
        self.text.value = framed(
            answer(self.answer(swot, ranking), "", list(ranking.order.loc[ranking.order["chosen"], "name"]))
        )
        self.order.value = framed(order_block(ranking, self.desk.moves(ranking)))

    def answer(self, swot: Swot, ranking: Ranking) -> str:
        """The finding in a sentence."""
        return ranking.answer


class BalanceNow(Now):
    """With our position against the market of each segment."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.chart: Any = None

    def answer(self, swot: Swot, ranking: Ranking) -> str:
        """The finding of the SWOT in a sentence."""
        return swot.answer

    def show(self, facts: Facts, swot: Swot, ranking: Ranking) -> None:
        """Shows the steps under the scenario as it stands."""
        super().show(facts, swot, ranking)
        drawn = charts.balance_chart(swot, ranking)
        if self.chart is None:
            self.chart = jupyter_chart(drawn)
            self.box.children = [self.text, self.chart, self.order]
        else:
            self.chart.chart = drawn


class LiveNow(Now):
    """With the live chart, which computes score and order itself from the weights it is told."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.chart: Any = None
        self._drawn: list[dict[str, Any]] = []

    def show(self, facts: Facts, swot: Swot, ranking: Ranking) -> None:
        """Shows the steps under the scenario as it stands; the chart is drawn anew only where its values change."""
        scenario, start = self.desk.scenario, self.desk.start_ranking
        rows = live.rows(ranking, scenario, start)
        told = {f"w_{name}": weight for name, weight in raw_weights(scenario).items() if name in ranking.values}
        told["places"] = live.places(scenario)
        if self.chart is None:
            self.chart = jupyter_chart(live.live_chart(ranking, scenario, start=start, bound=False).properties(
                width=WIDTH, title=alt.Undefined))  # fmt: skip
            self.box.children = [self.text, self.chart, self.order]
            self._drawn = rows
        for name, value in told.items():
            setattr(self.chart.params, name, value)
        if rows != self._drawn:  # the new values alone: Altair would check the whole specification again
            self.chart.spec = {**self.chart.spec, "data": {"values": rows}}
            self._drawn = rows
        super().show(facts, swot, ranking)


def jupyter_chart(chart: alt.TopLevelMixin) -> Any:
    """A chart that lives in JupyterLab, drawn with what comes with the workbench: nothing is loaded from a network."""
    alt.JupyterChart.enable_offline()
    return alt.JupyterChart(chart, debounce_wait=LATER, embed_options={"actions": False, "renderer": "svg"})
