"""Scenarios loaded, saved under a name, and compared side by side."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import ipywidgets as widgets

from workbench.errors import WorkbenchError
from workbench.scenario import Scenario
from workbench.sources.scenarios import save_scenario
from workbench.sources.tables import load_scenario, scenario_names
from workbench.view.controls.groups import escaped
from workbench.view.controls.html import problems_html
from workbench.view.controls.slider import NAMED, WIDE
from workbench.view.controls.state import PanelState

NOW = "as it stands"
MOST = 3  # scenarios side by side


class ScenarioFiles:
    """`begun(scenario)` is told of a scenario to start from, `compare(named scenarios)` asks for their comparison."""

    def __init__(
        self,
        state: PanelState,
        folder: str | Path | None,
        begun: Callable[[Scenario], None],
        compare: Callable[[list[tuple[str, Scenario]]], None],
    ) -> None:
        self._state, self._folder, self._begun, self._ask = state, folder, begun, compare
        self._start = state.start.name
        self.said, self.compared_html = widgets.HTML(), widgets.HTML()
        self.offered = widgets.Dropdown(options=self._names(), description="scenario", style=NAMED, layout=WIDE)
        self.load = _button("Load", "Start from this scenario", self._load)
        self.name = widgets.Text(description="save as", placeholder="a new name", style=NAMED, layout=WIDE,
                                 continuous_update=True)  # fmt: skip
        self.words = widgets.Text(description="what it assumes", style=NAMED, layout=WIDE)
        self.save = _button("Save", "Write the scenario's file", lambda: self._save(replace=False))
        self.replace = _button("Replace", "Write over the file of that name", lambda: self._save(replace=True))
        self.replace.layout.display = "none"
        self.chosen = widgets.SelectMultiple(options=[NOW, *self._names()], rows=4, description="two or three", style=NAMED,
                                             layout=WIDE)  # fmt: skip
        self.compare = _button("Compare", "Plans side by side", self._compare)
        self.name.observe(lambda _: self._hide_replace(), "value")
        if folder is None:
            parts = [widgets.HTML("Give <code>folder=book</code> to load, save and compare scenarios.")]
        else:
            parts = [widgets.HBox([self.offered, self.load]), self.name, self.words, widgets.HBox([self.save, self.replace]),
                     widgets.HBox([self.chosen, self.compare]), self.said]  # fmt: skip
        self.box = widgets.VBox([widgets.HTML("<b>Scenarios</b>"), *parts])
        self.words.value = state.start.description

    def show(self) -> None:
        """After every move: a question about unsaved changes is no longer open."""
        self.load.description = "Load"
        if self._start != self._state.start.name:
            self._start = self._state.start.name
            self.words.value = self._state.start.description

    def compared(self, html: str) -> None:
        """Shows a comparison."""
        self.said.value = ""
        self.compared_html.value = f'<div class="workbench">{html}</div>'

    def _names(self) -> list[str]:
        return [] if self._folder is None else scenario_names(self._folder)

    def _load(self) -> None:
        if self._state.unsaved and self.load.description == "Load":
            self.load.description = "Load all the same"
            self._say("There are unsaved changes: save them first, or press Load once more to lose them.")
            return
        self._try(self._loaded)

    def _loaded(self) -> None:
        assert self._folder is not None
        self._begun(load_scenario(self.offered.value, self._folder))
        self._say(f"Started from {self.offered.value}.")

    def _save(self, replace: bool) -> None:
        name = self.name.value.strip()
        if not replace and name in self._names():
            self.replace.layout.display = ""
            self._say(f"There is a scenario {name} already: choose another name, or press Replace to write over it.")
            return
        self._try(lambda: self._saved(name, replace))

    def _saved(self, name: str, replace: bool) -> None:
        assert self._folder is not None
        words = self.words.value.strip()
        scenario = self._state.scenario.model_copy(update={"description": words})
        start = self._state.start.name if self._state.start.name in self._names() else None
        path = save_scenario(scenario, name, self._folder, start=start, replace=replace)
        self._begun(load_scenario(name, self._folder))
        self.offered.options = self._names()
        self.chosen.options = [NOW, *self._names()]
        self.offered.value = name
        self._hide_replace()
        self._say(f"Saved as {path}. In a batch: workbench plan {self._folder} --scenario {name}")

    def _compare(self) -> None:
        names = list(self.chosen.value)
        if not 2 <= len(names) <= MOST:
            self._say(
                f"Mark two or three to compare (Ctrl and click, or Shift and arrow keys); {len(names)} are marked."
            )
            return
        self._try(lambda: self._asked(names))

    def _asked(self, names: list[str]) -> None:
        assert self._folder is not None
        self._ask(
            [(name, self._state.scenario if name == NOW else load_scenario(name, self._folder)) for name in names]
        )
        self._say("Planning each of them, one after the other …")

    def _hide_replace(self) -> None:
        self.replace.layout.display = "none"

    def _try(self, act: Callable[[], None]) -> None:
        try:
            act()
        except WorkbenchError as error:
            self.said.value = problems_html(error)
        except OSError as error:
            self._say(f"The file could not be written: {error.strerror or error}.")

    def _say(self, text: str) -> None:
        self.said.value = f'<div role="status">{escaped(text)}</div>'


def _button(text: str, hint: str, act: Callable[[], None]) -> widgets.Button:
    button = widgets.Button(description=text, tooltip=hint, layout={"width": "auto"})
    button.on_click(lambda _: act())
    return button
