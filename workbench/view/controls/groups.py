"""Groups of controls, each for one part of a scenario: what they say is read as changes to the starting scenario."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import ipywidgets as widgets

from workbench.book.book import Book
from workbench.criteria import CRITERIA, Criterion
from workbench.scenario import Anchor, Scenario
from workbench.view.controls.slider import NAMED, WIDE, ExactSlider
from workbench.view.criteria import POINT, factor, slider_label


class Group(ABC):
    """Controls for a part of a scenario. `notify` is called after each change by hand; `box` is what to show."""

    title = ""

    def __init__(self, scenario: Scenario, notify: Callable[[], None]) -> None:
        self.scenario = scenario
        self._notify = notify
        self._silent = False
        self.reset = widgets.Button(description="Reset", tooltip=f"{self.title} as the scenario has them",
                                    layout={"width": "64px"})  # fmt: skip
        self.reset.on_click(lambda _: self._reset())
        self.box = widgets.VBox(layout={"margin": "0 0 14px 0"})

    @abstractmethod
    def read(self) -> dict[str, Any]:
        """What differs from the starting scenario, as `PanelState.change` takes it."""

    @abstractmethod
    def write(self, scenario: Scenario) -> None:
        """Sets the controls to a scenario without a word to anybody."""

    def _fill(self, rows: Sequence[widgets.Widget]) -> None:
        title = widgets.HTML(f"<b>{self.title}</b>", layout={"width": "316px"})
        self.box.children = [widgets.HBox([title, self.reset]), *rows]

    def _watch(self, *controls: widgets.Widget) -> None:
        for control in controls:
            control.observe(self._on_value, "value")

    def _on_value(self, change: dict[str, Any]) -> None:
        if not self._silent:
            self._moved(change)

    def _moved(self, change: dict[str, Any]) -> None:
        self._notify()

    def _reset(self) -> None:
        self.write(self.scenario)
        self._notify()

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        before, self._silent = self._silent, True
        try:
            yield
        finally:
            self._silent = before


class Fields(Group):
    """A group of plain controls, one for each value of the scenario."""

    def __init__(
        self, scenario: Scenario, notify: Callable[[], None], controls: Mapping[str, ExactSlider | widgets.Widget]
    ) -> None:
        super().__init__(scenario, notify)
        self._exact = {name: each for name, each in controls.items() if isinstance(each, ExactSlider)}
        self.controls = {
            name: each.widget if isinstance(each, ExactSlider) else each for name, each in controls.items()
        }
        self.write(scenario)
        self._watch(*self.controls.values())
        self._fill(list(self.controls.values()))

    def value(self, name: str) -> Any:
        """What a control says."""
        return self._exact[name].value if name in self._exact else self.controls[name].value

    def read(self) -> dict[str, Any]:
        """What differs from the starting scenario; a control that was not moved gives the scenario's own value."""
        moved = {
            name: self.value(name) for name, value in self.shown(self.scenario).items() if self.value(name) != value
        }
        return self.told(moved) if moved else {}

    def write(self, scenario: Scenario) -> None:
        """Sets the controls to a scenario without a word to anybody."""
        self.scenario = scenario
        with self._quietly():
            for name, value in self.shown(scenario).items():
                if name in self._exact:
                    self._exact[name].put(value)
                else:
                    self.controls[name].value = value

    def _moved(self, change: dict[str, Any]) -> None:
        slider = next((each for each in self._exact.values() if each.widget is change["owner"]), None)
        if slider is None or slider.heard(change["new"]):
            super()._moved(change)

    @abstractmethod
    def shown(self, scenario: Scenario) -> dict[str, Any]:
        """What each control shows of a scenario."""

    def told(self, moved: dict[str, Any]) -> dict[str, Any]:
        """The changes to a scenario that moved controls stand for."""
        return moved


class ChoiceGroup(Fields):
    """How many segments are chosen, and which are in or out whatever their rank."""

    title = "Choice of segments"

    def __init__(self, book: Book, scenario: Scenario, notify: Callable[[], None]) -> None:
        options = [(name, key) for key, name in book.names("segments").items()]
        lists = {"description_width": "124px"}
        rows = min(max(len(options), 2), 5)
        super().__init__(scenario, notify, {
            "focus": widgets.IntSlider(1, 1, max(len(options), scenario.focus), 1, description="focus, segments", style=NAMED,
                                       layout=WIDE),
            "pins": widgets.SelectMultiple(options=options, rows=rows, description="pinned: in", style=lists, layout=WIDE),
            "bans": widgets.SelectMultiple(options=options, rows=rows, description="banned: out", style=lists, layout=WIDE),
        })  # fmt: skip

    def shown(self, scenario: Scenario) -> dict[str, Any]:
        """Focus, pins and bans; the lists in the order in which they are offered."""
        offered = [key for _, key in self.controls["pins"].options]
        return {"focus": scenario.focus, "pins": tuple(key for key in offered if key in scenario.pins),
                "bans": tuple(key for key in offered if key in scenario.bans)}  # fmt: skip


class MoneyGroup(Fields):
    """The budget, how far a line may move, and how much more a better segment counts."""

    title = "Money"

    def __init__(self, book: Book, scenario: Scenario, notify: Callable[[], None]) -> None:
        self._today = float(book.table("spend")["current_y"].astype(float).sum())
        most = max(2 * self._today, scenario.budget.total_y or 0, 1.0) / 1e6
        super().__init__(scenario, notify, {
            "total": ExactSlider("budget, m a year", 0, 0, most, 0.1, ",.1f"),
            "bounded": widgets.Checkbox(description="a line moves by a part of it at most", indent=False, layout=WIDE),
            "limit": ExactSlider("part, %", 0, 0, 200, 5, ".0f"),
            "tilt": ExactSlider("tilt, 0–1", 0, 0, 1, 0.05),
        })  # fmt: skip

    def shown(self, scenario: Scenario) -> dict[str, Any]:
        """The budget in millions (today's spend where none is given), the change limit in %, the tilt."""
        total, limit = scenario.budget.total_y, scenario.budget.change_limit
        return {"total": (self._today if total is None else total) / 1e6, "bounded": limit is not None,
                "limit": 50.0 if limit is None else limit * POINT, "tilt": scenario.tilt}  # fmt: skip

    def told(self, moved: dict[str, Any]) -> dict[str, Any]:
        """The budget to the cent; the limit only where a line is bounded."""
        budget: dict[str, Any] = {}
        if "total" in moved:
            budget["total_y"] = round(moved["total"] * 1e6, 2)
        if "bounded" in moved or "limit" in moved:
            bounded = self.value("bounded")
            budget["change_limit"] = round(self.value("limit") / POINT, 6) if bounded else None
        told = {"tilt": round(moved["tilt"], 6)} if "tilt" in moved else {}
        return {**told, "budget": budget} if budget else told


class ThresholdGroup(Fields):
    """What an ask must move in a chosen segment, and by how much specific work goes first."""

    title = "Thresholds"

    def __init__(self, scenario: Scenario, notify: Callable[[], None]) -> None:
        super().__init__(scenario, notify, {
            "revenue": ExactSlider("revenue, %", 0, 0, 20, 0.1, ".1f"),
            "retention_points": ExactSlider("retention, points", 0, 0, 10, 0.1, ".1f"),
            "adoption": ExactSlider("customers, %", 0, 0, 50, 0.5, ".1f"),
            "specific_preference": ExactSlider("specific first, %", 0, 0, 90, 1, ".0f"),
        })  # fmt: skip

    def shown(self, scenario: Scenario) -> dict[str, Any]:
        """The thresholds in % and points, the preference in %."""
        wanted = scenario.significance
        return {"revenue": wanted.revenue * POINT, "retention_points": wanted.retention_points,
                "adoption": wanted.adoption * POINT, "specific_preference": scenario.specific_preference * POINT}  # fmt: skip

    def told(self, moved: dict[str, Any]) -> dict[str, Any]:
        """Shares as parts of 1."""
        parts = {
            name: round(value if name == "retention_points" else value / POINT, 6) for name, value in moved.items()
        }
        told = {"specific_preference": parts.pop("specific_preference")} if "specific_preference" in parts else {}
        return {**told, "significance": parts} if parts else told


class NeutralGroup(Fields):
    """The point of each criterion that is neither good nor bad."""

    title = "Neutral points"

    def __init__(self, scenario: Scenario, notify: Callable[[], None]) -> None:
        anchors = {name: anchor for name, anchor in scenario.anchors if anchor is not None}
        super().__init__(scenario, notify, {name: _dial_of(CRITERIA[name], anchor) for name, anchor in anchors.items()})

    def shown(self, scenario: Scenario) -> dict[str, Any]:
        """The neutral points, money in millions, shares and rates in %."""
        anchors = dict(scenario.anchors)
        return {
            name: anchors[name].neutral * factor(CRITERIA[name]) for name in self.controls if anchors[name] is not None
        }

    def told(self, moved: dict[str, Any]) -> dict[str, Any]:
        """The anchors with other neutral points, in the units of the criteria."""
        anchors = dict(self.scenario.anchors)
        points = {name: float(f"{value / factor(CRITERIA[name]):.10g}") for name, value in moved.items()}
        return {"anchors": {name: {**anchors[name].model_dump(), "neutral": point} for name, point in points.items()}}


def _dial_of(criterion: Criterion, anchor: Anchor) -> ExactSlider:
    """The slider of a neutral point between its ends, in steps of one digit."""
    by = factor(criterion)
    step = 10.0 ** math.floor(math.log10((anchor.high - anchor.low) * by / 200))
    text = f",.{max(0, -round(math.log10(step)))}f"
    return ExactSlider(slider_label(criterion), anchor.neutral * by, anchor.low * by, anchor.high * by, step, text)


class GrowthGroup(Group):
    """What is added to the growth forecast of single segments, in points a year."""

    title = "Growth adjustments"

    def __init__(self, book: Book, scenario: Scenario, notify: Callable[[], None]) -> None:
        super().__init__(scenario, notify)
        self._names = book.names("segments")
        self._adjusted = dict(scenario.growth_adjustments)
        self.segment = widgets.Dropdown(options=[(name, key) for key, name in self._names.items()],
                                        description="for segment", style=NAMED, layout=WIDE)  # fmt: skip
        self._dial = ExactSlider("points a year", 0, -10, 10, 0.1, "+.1f")
        self.points = self._dial.widget
        self.said = widgets.HTML()
        self.segment.observe(lambda _: self._show(), "value")
        self._watch(self.points)
        self._fill([self.segment, self.points, self.said])
        self._show()

    def read(self) -> dict[str, Any]:
        """All adjustments where one differs from the starting scenario's; one of 0 is none."""
        if self._adjusted == dict(self.scenario.growth_adjustments):
            return {}
        return {"growth_adjustments": {key: value for key, value in self._adjusted.items() if value}}

    def write(self, scenario: Scenario) -> None:
        """The adjustments of a scenario."""
        self.scenario = scenario
        self._adjusted = dict(scenario.growth_adjustments)
        self._show()

    def _moved(self, change: dict[str, Any]) -> None:
        if not self._dial.heard(change["new"]):
            return
        key, value = self.segment.value, round(self._dial.value / POINT, 6)
        before = self.scenario.growth_adjustments
        if value or key in before:
            self._adjusted[key] = value
        else:
            self._adjusted.pop(key, None)
        self._show()
        super()._moved(change)

    def _show(self) -> None:
        with self._quietly():
            self._dial.put(self._adjusted.get(self.segment.value, 0.0) * POINT)
        said = [
            f"{self._names[key]} {value * POINT:+.1f}".replace("-", "−")
            for key, value in self._adjusted.items()
            if value
        ]
        self.said.value = escaped(f"In force: {', '.join(said)}." if said else "No adjustment is in force.")


def escaped(text: str) -> str:
    """Text as it may stand in HTML."""
    from markupsafe import escape

    return str(escape(text))
