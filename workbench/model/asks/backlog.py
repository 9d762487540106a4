"""The asks as a selection problem: values, efforts by team, capacity, prerequisites, exclusions, themes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from workbench.book.book import Book
from workbench.model.asks.select import Selection, select, twins, worth_of
from workbench.model.results import listed

ROOM = 1e-9  # person-days by which a sum may exceed a capacity through rounding


@dataclass(frozen=True)
class Backlog:
    """All asks of the book by key. `value` (n,) gross profit a year, 0 where the test failed; `effort` (n, t) and
    `capacity` (t,) in person-days; `requires` pairs (i, j): i needs j; `excludes` pairs: not both; `significant` and
    `specific` (n,); `preference`: the part of its value by which specific work may fall behind base work.
    """

    value: np.ndarray
    effort: np.ndarray
    capacity: np.ndarray
    teams: list[str]
    requires: list[tuple[int, int]]
    excludes: list[tuple[int, int]]
    significant: np.ndarray
    specific: np.ndarray
    preference: float

    @cached_property
    def needs(self) -> np.ndarray:
        """(n, n): row i holds ask i and all that must come with it."""
        reach = np.eye(len(self.value), dtype=bool)
        for one, other in self.requires:
            reach[one, other] = True
        while True:
            wider = reach @ reach
            if (wider == reach).all():
                return reach
            reach = wider

    @cached_property
    def eligible(self) -> np.ndarray:
        """(n,): significant, or needed by a significant ask."""
        return np.asarray(self.needs[self.significant].any(axis=0))

    @cached_property
    def pairs(self) -> list[tuple[int, int]]:
        """The exclusions, each once."""
        return sorted({(min(pair), max(pair)) for pair in self.excludes})

    @cached_property
    def consistent(self) -> np.ndarray:
        """(n,): what must come with the ask holds no exclusion."""
        clash = np.zeros(len(self.value), dtype=bool)
        for one, other in self.pairs:
            clash |= self.needs[:, one] & self.needs[:, other]
        return ~clash

    @cached_property
    def possible(self) -> np.ndarray:
        """(n,): the ask and what must come with it could be done if the teams did nothing else."""
        fits = (self.needs.astype(float) @ self.effort <= self.capacity + ROOM).all(axis=1)
        return np.asarray(self.consistent & fits)

    def even(self, ask: int) -> list[tuple[int, int]]:
        """Pairs of asks beside one that differ in nothing but their place, and are linked to no other."""
        alone = np.ones(len(self.value), dtype=bool)
        alone[[ask, *(each for pair in (*self.requires, *self.excludes) for each in pair)]] = False
        order = np.where(self.specific, 1.0, 0.0)  # a weight may tell them apart
        return twins(self.value, np.column_stack([self.effort, order, self.significant]), alone)

    def lead(self, weight: np.ndarray, chosen: np.ndarray, other: np.ndarray) -> float:
        """By how much one set goes before another in the choice, ties decided by effort and place; times all effort."""
        worth = worth_of(self.value * weight, self.effort)
        return float((worth[chosen].sum() - worth[other].sum()) * self.effort.sum())

    def best(self, weight: np.ndarray | None = None) -> Selection:
        """The best set of eligible asks, values counted `weight` (n,) times; the selection's value is weighted, too."""
        value = self.value if weight is None else self.value * weight
        fixed = dict.fromkeys(np.flatnonzero(~(self.eligible & self.possible)).tolist(), False)
        return select(value, self.effort, self.capacity, requires=self.requires, excludes=self.pairs, fixed=fixed)

    def with_ask(self, ask: int, *, value: float | None = None, effort: float = 1.0) -> Backlog:
        """The problem with another value of one ask (None: as it is; 0 or less: it fails the test), or with its effort
        times `effort`."""
        values, efforts, significant = self.value.copy(), self.effort.copy(), self.significant.copy()
        if value is not None:
            values[ask], significant[ask] = max(value, 0.0), value >= 0
        efforts[ask] *= effort
        return replace(self, value=values, effort=efforts, significant=significant)


def backlog_of(asks: pd.DataFrame, book: Book, quarter: str, preference: float) -> tuple[Backlog, list[str]]:
    """The problem of the asks (`ask`, `requires`, `excludes`, `theme`, `kind`, `value_y`, `significant`), and what is to
    be said about its figures."""
    place = {ask: index for index, ask in enumerate(asks["ask"])}
    requires = _pairs(asks, "requires", place)
    for _, members in asks[asks["theme"] != ""].groupby("theme"):
        keys = [place[ask] for ask in members["ask"]]
        requires += [(one, other) for one in keys for other in keys if one != other]
    efforts = book.table("efforts").astype({"effort": "float64"})
    capacities = book.table("capacity").astype({"capacity": "float64"})
    quarters = sorted(capacities["quarter"].unique())
    capacity = capacities[capacities["quarter"] == quarter].set_index("team")["capacity"]
    said = []
    if efforts.empty or capacity.empty:
        ends = f"no capacity for {quarter}" + (f": it ends in {quarters[-1]}" if quarters else "")
        why = "no efforts" if efforts.empty else ends
        said.append(f"Capacity is not considered: the book has {why}. More is funded than the teams may be able to do.")
        efforts = efforts.iloc[:0]
    else:
        free = [title for title, effort in zip(asks["title"], asks["effort"], strict=True) if np.isnan(effort)]
        said += [f"No effort is declared for {listed(free)}: taken to need none."] if free else []
    teams = sorted(efforts["team"].unique())
    unknown = [team for team in teams if team not in capacity.index]
    if unknown:
        said.append(f"No capacity is declared for {listed(unknown)} in {quarter}: their asks cannot be done.")
    wide = efforts.pivot_table(index="ask", columns="team", values="effort", aggfunc="sum")
    wide = wide.reindex(index=asks["ask"], columns=teams).fillna(0.0)
    significant = asks["significant"].to_numpy(dtype=bool)
    value = np.where(significant, asks["value_y"], 0.0)
    room = capacity.reindex(teams).fillna(0.0).to_numpy(dtype=float)
    specific = (asks["kind"] == "specific").to_numpy(dtype=bool)
    excludes = _pairs(asks, "excludes", place)
    effort = wide.to_numpy(dtype=float)
    return Backlog(value, effort, room, teams, requires, excludes, significant, specific, preference), said


def _pairs(asks: pd.DataFrame, column: str, place: dict[str, int]) -> list[tuple[int, int]]:
    cells = zip(asks["ask"], asks[column].fillna(""), strict=True)
    return [(place[ask], place[part.strip()]) for ask, cell in cells for part in cell.split(";") if part.strip()]


def team_use(problem: Backlog, chosen: np.ndarray) -> pd.DataFrame:
    """Capacity of each team and what the chosen asks use of it."""
    used = problem.effort[chosen].sum(axis=0)
    table = pd.DataFrame({"team": problem.teams, "capacity": problem.capacity, "used": used})
    table["part"] = table["used"] / table["capacity"].where(table["capacity"] > 0)
    return table
