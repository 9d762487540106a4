"""What an analyst works on: the scenario as it stands, the one it started from, and what the quick steps make of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.book.book import Book
from workbench.model.quarter import FactsMemory
from workbench.model.ranking import rank_segments
from workbench.model.results import Facts, Ranking, Swot
from workbench.model.swot import score_swot
from workbench.scenario import Scenario, make_scenario

PARTS = ("weights", "anchors", "budget", "significance")  # of a scenario that are changed key by key


def changed(scenario: Scenario, changes: Mapping[str, Any]) -> Scenario:
    """The scenario with other values; a part such as `weights` may be given in part, a dict of segments stands as given.

    Raises ScenarioError with every problem.
    """
    data = scenario.model_dump()
    for name, value in changes.items():
        data[name] = {**(data[name] or {}), **value} if name in PARTS else value
    if "weights" in changes:
        data["comparisons"] = ()
    return make_scenario(data, f"scenario {scenario.name}")


class Desk:
    """A book and a quarter, `start` and `scenario`; facts are computed once for the assumptions they depend on."""

    def __init__(self, book: Book, scenario: Scenario, quarter: str) -> None:
        self.book, self.quarter = book, quarter
        self._facts_of = FactsMemory()
        self.begin(scenario)

    def begin(self, scenario: Scenario) -> None:
        """Starts anew from `scenario`. Raises BookError or ScenarioError where the book does not go with it."""
        scenario.check_against(self.book)
        ranking = self._ranked(scenario)[2]
        self.start, self.scenario, self.start_ranking = scenario, scenario, ranking

    def change(self, changes: Mapping[str, Any]) -> tuple[Facts, Swot, Ranking]:
        """Facts, SWOT and order under `start` with `changes`, which is the scenario from now on.

        Raises ScenarioError with every problem; the scenario then stays what it was.
        """
        scenario = changed(self.start, changes) if changes else self.start
        scenario.check_against(self.book)
        steps = self._ranked(scenario)
        self.scenario = scenario
        return steps

    @property
    def unsaved(self) -> bool:
        """True where the scenario differs from the one that was loaded."""
        return self.scenario != self.start

    def moves(self, ranking: Ranking) -> dict[str, int]:
        """Places that each segment has gained against the starting scenario, lost ones with −."""
        before = self.start_ranking.order.set_index("segment")["rank"]
        after = ranking.order.set_index("segment")["rank"]
        return {segment: int(before[segment] - rank) for segment, rank in after.items()}

    def _ranked(self, scenario: Scenario) -> tuple[Facts, Swot, Ranking]:
        facts = self._facts_of(self.book, scenario, self.quarter)
        swot = score_swot(facts, self.book, scenario)
        return facts, swot, rank_segments(facts, swot, scenario)
