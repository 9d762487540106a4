"""What an analyst works on: the scenario as it stands, the one it started from, and what the quick steps make of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from workbench.book.book import Book
from workbench.model.quarter import FactsMemory
from workbench.model.ranking import neutral_points, rank_values
from workbench.model.results import Ranking, Swot
from workbench.model.swot import score_swot
from workbench.scenario import Scenario


class PanelState:
    """A book and a quarter, `start` and `scenario`, and the order under each.

    What does not depend on an assumption that was changed is not computed again: facts, and the values behind the order.
    """

    def __init__(self, book: Book, scenario: Scenario, quarter: str) -> None:
        self.book, self.quarter = book, quarter
        self._facts_of = FactsMemory()
        self._valued: tuple[Any, pd.DataFrame, dict[str, float]] | None = None
        self.begin(scenario)

    def begin(self, scenario: Scenario) -> None:
        """Starts anew from `scenario`. Raises BookError or ScenarioError where the book does not go with it."""
        scenario.check_against(self.book)
        ranking = self._ranked(scenario)
        self.start, self.scenario, self.start_ranking = scenario, scenario, ranking
        self._before = dict(zip(ranking.order["segment"], ranking.order["rank"].tolist(), strict=True))

    def change(self, changes: Mapping[str, Any]) -> Ranking:
        """The order under `start` with `changes`, which is the scenario from now on.

        Raises ScenarioError with every problem; the scenario then stays what it was.
        """
        scenario = self.start.with_values(**changes) if changes else self.start
        scenario.check_against(self.book)
        ranking = self._ranked(scenario)
        self.scenario = scenario
        return ranking

    def swot(self) -> Swot:
        """The SWOT under the scenario as it stands."""
        return score_swot(self._facts_of(self.book, self.scenario, self.quarter), self.book, self.scenario)

    @property
    def drawn(self) -> tuple[Any, ...]:
        """What a picture of the order depends on beside weights and focus: it is drawn anew where this differs."""
        return (self._valued, self.scenario.pins, self.scenario.bans, self.start_ranking)

    @property
    def unsaved(self) -> bool:
        """True where the scenario differs from the one that was loaded."""
        return self.scenario != self.start

    def moves(self, ranking: Ranking) -> dict[str, int]:
        """Places that each segment has gained against the starting scenario, lost ones with −."""
        order = ranking.order
        return {
            key: self._before[key] - rank for key, rank in zip(order["segment"], order["rank"].tolist(), strict=True)
        }

    def _ranked(self, scenario: Scenario) -> Ranking:
        """The order; values and neutral points, which no weight changes, are those found last as long as they hold."""
        facts = self._facts_of(self.book, scenario, self.quarter)
        key = (facts, scenario.anchors, scenario.judgement_strength)
        if self._valued is None or self._valued[0] != key:
            swot = score_swot(facts, self.book, scenario)
            self._valued = (key, swot.values, neutral_points(swot))
        return rank_values(facts, *self._valued[1:], scenario)
