"""What the allocation decides over: the lines of spend, their curves, the priorities of their segments, the rules."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.sparse import csr_array, vstack

from workbench.book.book import Book
from workbench.model.allocation.limits import Rule, limits_of
from workbench.model.allocation.lines import curves_of, rules_of, spend_lines
from workbench.model.allocation.solver import Curves, Rules
from workbench.model.results import Facts, Ranking
from workbench.scenario import Scenario


@dataclass(frozen=True)
class AllocationProblem:
    """`lines`: one row per product × lever × segment, by key; `curves` their response; `weight` (lines,) the priority
    m = 1 + tilt · (2 · score − 1) of their segment; `chosen` the segments that growth money may go to; `budget` a year.
    """

    lines: pd.DataFrame
    curves: Curves
    weight: np.ndarray
    chosen: tuple[str, ...]
    scenario: Scenario
    budget: float

    @cached_property
    def limits(self) -> tuple[Rule, ...]:
        """The business rules of the plan, each under a name."""
        return limits_of(self.lines, list(self.chosen), self.scenario, self.budget)

    @cached_property
    def rules(self) -> Rules:
        """All of them for the solver. Raises InfeasibleError where no spend keeps them."""
        return rules_of(self.limits, self.lines, self.scenario.name)

    def relaxed(self) -> Rules:
        """The budget alone."""
        count = len(self.lines)
        most = np.full(count, max(self.budget, 0.0))
        return Rules(
            np.zeros(count), most, csr_array(np.ones((1, count))), np.array([-np.inf]), np.array([self.budget])
        )

    def open_to(self, segments: tuple[str, ...]) -> AllocationProblem:
        """The same with growth money for `segments`."""
        return replace(self, chosen=segments)

    def with_budget(self, budget: float) -> AllocationProblem:
        """The same with another budget."""
        return replace(self, budget=budget)

    def by(self, column: str) -> tuple[np.ndarray, list[str]]:
        """The place (lines,) of each line's segment or product in the list of their keys, and that list."""
        keys = sorted(self.lines[column].unique())
        place = {key: number for number, key in enumerate(keys)}
        return self.lines[column].map(place).to_numpy(dtype=int), keys


def problem_of(ranking: Ranking, facts: Facts, book: Book, scenario: Scenario) -> AllocationProblem:
    """What is to be decided, for the segments chosen in `ranking`; without a budget in the scenario, today's spend."""
    lines = spend_lines(facts.cells, book)
    score = lines["segment"].map(ranking.order.set_index("segment")["score"]).to_numpy(dtype=float)
    today = round(float(lines["current_y"].sum()), 2)
    budget = today if scenario.budget.total_y is None else scenario.budget.total_y
    return AllocationProblem(
        lines, curves_of(lines), 1 + scenario.tilt * (2 * score - 1), ranking.chosen, scenario, budget
    )


def with_rows(rules: Rules, rows: np.ndarray, most: np.ndarray) -> Rules:
    """`rules` and further ones: rows @ spend ≤ most."""
    matrix = csr_array(vstack([rules.matrix, csr_array(rows)]))
    least = np.append(rules.least, np.full(len(most), -np.inf))
    return Rules(rules.low, rules.high, matrix, least, np.append(rules.most, most))
