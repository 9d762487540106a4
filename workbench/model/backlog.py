"""The asks as a selection problem: values, efforts by team, capacity, prerequisites, exclusions, themes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.book.book import Book
from workbench.model.results import listed
from workbench.model.select import Selection, select


@dataclass(frozen=True)
class Backlog:
    """All asks of the book by key, what they are worth and need; those in `barred` may not be chosen."""

    value: np.ndarray
    effort: np.ndarray
    capacity: np.ndarray
    teams: list[str]
    requires: list[tuple[int, int]]
    excludes: list[tuple[int, int]]
    barred: frozenset[int]

    def best(self, include: int | None = None, capacity: bool = True) -> Selection:
        """The best set; with ask `include` in it, if given; without regard to capacity, if asked."""
        fixed = dict.fromkeys(self.barred, False)
        if include is not None:
            fixed[include] = True
        room = self.capacity if capacity else np.full(len(self.capacity), 1e12)
        return select(self.value, self.effort, room, requires=self.requires, excludes=self.excludes, fixed=fixed)


def backlog_of(asks: pd.DataFrame, book: Book, quarter: str) -> tuple[Backlog, list[str]]:
    place = {ask: index for index, ask in enumerate(asks["ask"])}
    requires = _pairs(asks, "requires", place)
    for _, members in asks[asks["theme"] != ""].groupby("theme"):
        keys = [place[ask] for ask in members["ask"]]
        requires += [(one, other) for one in keys for other in keys if one != other]
    wanted = {int(index) for index in np.flatnonzero(asks["significant"])}
    reached: set[int] = set()
    while wanted - reached:
        reached |= wanted
        wanted = {other for one, other in requires if one in reached}
    efforts = book.table("efforts").astype({"effort": "float64"})
    capacity = book.table("capacity").astype({"capacity": "float64"})
    quarters = sorted(capacity["quarter"].unique())
    capacity = capacity[capacity["quarter"] == quarter].set_index("team")["capacity"]
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
    value = np.where(asks["significant"], asks["value_y"], 0.0)
    barred = frozenset(set(range(len(asks))) - reached)
    room = capacity.reindex(teams).fillna(0.0).to_numpy(dtype=float)
    excludes = _pairs(asks, "excludes", place)
    return Backlog(value, wide.to_numpy(dtype=float), room, teams, requires, excludes, barred), said


def _pairs(asks: pd.DataFrame, column: str, place: dict[str, int]) -> list[tuple[int, int]]:
    cells = zip(asks["ask"], asks[column].fillna(""), strict=True)
    return [(place[ask], place[part.strip()]) for ask, cell in cells for part in cell.split(";") if part.strip()]


def team_use(problem: Backlog, selection: Selection) -> pd.DataFrame:
    """Capacity of each team and what the chosen asks use of it."""
    used = problem.effort[selection.chosen].sum(axis=0)
    table = pd.DataFrame({"team": problem.teams, "capacity": problem.capacity, "used": used})
    table["part"] = table["used"] / table["capacity"].where(table["capacity"] > 0)
    return table
