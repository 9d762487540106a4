"""Sliders for the weights: each shows its share of the whole; a locked share stays while the others move."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets

from workbench.criteria import ANCHORED, CRITERIA, words
from workbench.model.ranking import weights_of
from workbench.scenario import Scenario
from workbench.view.controls.groups import Group
from workbench.view.controls.slider import ExactSlider

DIGITS = 9  # significant digits of a weight that follows from a lock


def rescaled(weights: Mapping[str, float], locked: Mapping[str, float]) -> dict[str, float]:
    """`weights` with those in `locked` (criterion to share of the whole, together below 1) set so that each has its share.

    Where the others weigh nothing no share can be kept, and the weights stay as they are.
    """
    others = math.fsum(weight for name, weight in weights.items() if name not in locked)
    room = 1 - math.fsum(locked.values())
    if others <= 0 or room <= 0:
        return dict(weights)
    return {name: float(f"{locked[name] * others / room:.{DIGITS}g}") if name in locked else weight
            for name, weight in weights.items()}  # fmt: skip


class WeightGroup(Group):
    """The weights of the criteria that have anchors; only their proportions count."""

    title = "Weights"

    def __init__(self, scenario: Scenario, notify: Callable[[], None]) -> None:
        super().__init__(scenario, notify)
        weights = self._start(scenario)
        most = 2 * max(weights.values())
        step = 10 ** (math.floor(math.log10(most)) - 2)
        text = f".{max(0, -round(math.log10(step)))}f"
        self._exact = {name: ExactSlider(words(name), weight, 0, most, step, text) for name, weight in weights.items()}
        self.sliders = {name: slider.widget for name, slider in self._exact.items()}
        self.shares = widgets.HTML(
            layout={"width": "52px"}
        )  # one for all: each widget that changes is drawn on its own
        self.locks = {name: widgets.ToggleButton(False, description="lock", tooltip=f"Keep the share of {name}",
                                                 layout={"width": "52px"}) for name in weights}  # fmt: skip
        self._kept: dict[str, float] = {}
        for name, lock in self.locks.items():
            lock.observe(lambda change, name=name: self._lock(name, change["new"]), "value")
        self._watch(*self.sliders.values())
        columns = [widgets.VBox(list(self.sliders.values())), self.shares, widgets.VBox(list(self.locks.values()))]
        self._fill([widgets.HBox(columns)])
        self._show_shares()

    def values(self) -> dict[str, float]:
        """The weight of each criterion as the sliders say it."""
        return {name: slider.value for name, slider in self._exact.items()}

    def read(self) -> dict[str, Any]:
        """The weights as changes to the starting scenario; nothing where none was moved."""
        return {} if self.values() == self._start(self.scenario) else {"weights": self.values()}

    def write(self, scenario: Scenario) -> None:
        """Sets the sliders to a scenario, and opens the locks."""
        self.scenario = scenario
        with self._quietly():
            for name, weight in self._start(scenario).items():
                self._exact[name].put(weight)
            for name in self._kept:
                self.locks[name].value = False
                self.sliders[name].disabled = False
        self._kept = {}
        self._show_shares()

    def _moved(self, change: dict[str, Any]) -> None:
        name = next(name for name, each in self.sliders.items() if each is change["owner"])
        if name in self._kept or not self._exact[name].heard(change["new"]):
            return
        if self._kept:
            weights = rescaled(self.values(), self._kept)
            with self._quietly():
                for other in self._kept:
                    self._exact[other].put(weights[other])
        super()._moved(change)
        self._show_shares()  # after the order, which is what is looked at

    def _lock(self, name: str, on: bool) -> None:
        """Keeps the share of a criterion, whose slider then rests; all but two at most."""
        if self._silent:
            return
        total = math.fsum(self.values().values())
        if on and total > 0 and len(self._kept) < len(self.sliders) - 2:
            self._kept[name] = self._exact[name].value / total
        else:
            self._kept.pop(name, None)
            with self._quietly():
                self.locks[name].value = False
        self.sliders[name].disabled = name in self._kept

    def _show_shares(self) -> None:
        weights = self.values()
        total = math.fsum(weights.values())
        said = [f"{weight / total * 100:.1f} %" if total > 0 else "–" for weight in weights.values()]
        self.shares.value = "".join(f'<div class="wb-share">{share}</div>' for share in said)

    @staticmethod
    def _start(scenario: Scenario) -> dict[str, float]:
        """The weights that a scenario gives, or that follow from its comparisons, over the criteria with anchors."""
        weights = weights_of(scenario) if scenario.weights is None else scenario.weights.model_dump()
        return {name: weights[name] for name in CRITERIA
                if name not in ANCHORED or getattr(scenario.anchors, name) is not None}  # fmt: skip
