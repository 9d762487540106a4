"""A panel: controls on the left, on the right what follows from them, at once and once the hand rests."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from workbench.book.book import Book
from workbench.errors import WorkbenchError
from workbench.scenario import Scenario
from workbench.view.controls.background import Background
from workbench.view.controls.groups import (
    ChoiceGroup,
    Group,
    GrowthGroup,
    MoneyGroup,
    NeutralGroup,
    ThresholdGroup,
    escaped,
)
from workbench.view.controls.html import STYLE, problems_html
from workbench.view.controls.live_output import BalanceOutput, LiveChartOutput, LiveOutput
from workbench.view.controls.plan_output import Planner, Shown
from workbench.view.controls.scenario_files import ScenarioFiles
from workbench.view.controls.state import PanelState
from workbench.view.controls.weights import WeightGroup

STEPS = ("swot", "ranking", "allocation", "asks")
REST = 0.3  # seconds without a move after which the slow parts are asked for


class Panel:
    """The panel of one step; `widget` is what to display.

    Each change gives the scenario a new generation. The quick steps are shown at once, never more often than they can be
    computed; the whole plan is asked for once the hand rests, and what comes of an earlier generation is thrown away.
    """

    def __init__(
        self, step: str, book: Book, scenario: Scenario, quarter: str, folder: str | Path | None = None
    ) -> None:
        self.state = PanelState(book, scenario, quarter)
        self._step, self._left = step, widgets.VBox(layout={"width": "440px"})
        self.live_output = _live_output(step, self.state)
        self.generation = 0
        self.digest = ""
        self.head, self.problems, self.status = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.after = widgets.HTML()
        self.files = ScenarioFiles(self.state, folder, self._begun, self._compare)
        self._asked: asyncio.TimerHandle | None = None
        self._waits: asyncio.TimerHandle | None = None
        self._free_at = 0.0
        self._loop = _running_loop()
        self._background: Background | None = None
        if self._loop is not None:
            self._background = Background(Planner, step, book, quarter, scenario, deliver=self._deliver)
        self._controls(scenario)
        shown = widgets.VBox(
            [self.problems, self.live_output.box, self.files.compared_html, self.status, self.after],
            layout={"flex": "1 1 0", "min_width": "0"},
        )
        self.widget = widgets.VBox([widgets.HTML(STYLE), self.head, widgets.HBox([self._left, shown])])
        self.widget.add_class("wb-panel")
        self._update()

    def close(self) -> None:
        """Ends the process behind the panel."""
        for timer in (self._asked, self._waits):
            if timer is not None:
                timer.cancel()
        if self._background is not None:
            self._background.close()

    def _changed(self) -> None:
        """After each move: the quick steps now, or as soon as they were last done if moves come faster than that."""
        self.generation += 1
        wait = self._free_at - time.monotonic()
        if self._loop is None or wait <= 0:
            self._update()
        elif self._waits is None:
            self._waits = self._loop.call_later(wait, self._update)

    def _update(self) -> None:
        self._waits = None
        started = time.monotonic()
        changes = {name: value for group in self.groups for name, value in group.read().items()}
        try:
            ranking = self.state.change(changes)
        except WorkbenchError as error:
            self._refuse(error)
            return
        self.problems.value = ""
        self.live_output.show(ranking)
        self.live_output.box.layout.display = ""
        self._head()
        self._free_at = time.monotonic() + (time.monotonic() - started)
        self._rest()

    def _refuse(self, error: WorkbenchError) -> None:
        """The problems in sentences; nothing else is shown, for nothing else is true."""
        self.problems.value = problems_html(error)
        self.live_output.box.layout.display = "none"
        self.after.value = ""
        self.digest = ""
        self.status.value = ""
        if self._asked is not None:
            self._asked.cancel()

    def _head(self) -> None:
        mark = ' · <b style="color:#b54708">● unsaved changes</b>' if self.state.unsaved else ""
        self.head.value = f"Scenario <b>{escaped(self.state.start.name)}</b>{mark}"
        self.files.show()

    def _rest(self) -> None:
        """Marks the slow parts as overtaken, and asks for new ones once the hand rests."""
        if self._loop is None:
            self.status.value = _said("The whole plan follows in JupyterLab only.")
            return
        if self._asked is not None:
            self._asked.cancel()
        self.digest = ""
        self.after.add_class("wb-stale")
        self.status.value = _said(
            "⏳ Computing the whole plan; what stands below is of the settings before.", busy=True
        )
        self._asked = self._loop.call_later(REST, self._ask)

    def _ask(self) -> None:
        if self._background is not None:
            self._background.ask("plan", self.generation, (self.state.scenario, self.state.start))

    def _compare(self, chosen: list[tuple[str, Scenario]]) -> None:
        if self._background is not None:
            self._background.ask("compare", 0, chosen)

    def _deliver(self, kind: str, generation: int, answer: Any) -> None:
        """Called in the thread that waits for the process: hands over to the kernel's own."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._arrived, kind, generation, answer)

    def _arrived(self, kind: str, generation: int, answer: Any) -> None:
        if kind == "compare":
            self.files.compared(answer.html if isinstance(answer, Shown) else _stopped(answer))
        elif generation == self.generation:
            self.after.remove_class("wb-stale")
            if isinstance(answer, Shown):
                self.digest = answer.digest
                self.after.value = f'<div class="workbench">{answer.html}</div>'
                self.status.value = _said(f"The whole plan, digest <code>{answer.digest}</code>")
            else:
                self.after.value = _stopped(answer)
                self.status.value = ""

    def _begun(self, scenario: Scenario) -> None:
        """After a scenario was loaded or saved: it is the one to start from. Raises a WorkbenchError if it cannot be."""
        self.state.begin(scenario)
        self._controls(scenario)
        self.generation += 1
        self._update()

    def _controls(self, scenario: Scenario) -> None:
        """Controls made for a scenario: those on screen would answer a change of their ends with a value of before."""
        self.groups = _groups(self._step, self.state.book, scenario, self._changed)
        for group in self.groups:
            if isinstance(group, WeightGroup) and isinstance(self.live_output, LiveChartOutput):
                self.live_output.listen(group.sliders)
        self._left.children = [*(group.box for group in self.groups), self.files.box]


def _groups(step: str, book: Book, scenario: Scenario, notify: Any) -> list[Group]:
    choice = ChoiceGroup(book, scenario, notify)
    if step == "swot":
        return [NeutralGroup(scenario, notify)]
    if step == "ranking":
        return [WeightGroup(scenario, notify), GrowthGroup(book, scenario, notify), choice]
    return [MoneyGroup(book, scenario, notify) if step == "allocation" else ThresholdGroup(scenario, notify), choice]


def _live_output(step: str, state: PanelState) -> LiveOutput | LiveChartOutput:
    if step == "ranking":
        return LiveChartOutput(state)
    return BalanceOutput(state) if step == "swot" else LiveOutput(state)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _stopped(answer: Any) -> str:
    """Why there is no answer, in sentences."""
    if isinstance(answer, WorkbenchError):
        return problems_html(answer)
    if isinstance(answer, EOFError):
        return _said("The process that makes the plan ended (out of memory?); the next move starts it again.")
    return _said(escaped(f"The plan could not be made: {type(answer).__name__}: {answer}"))


def _said(html: str, busy: bool = False) -> str:
    return f'<div class="wb-status" role="status"{" aria-busy=true" if busy else ""}>{html}</div>'
