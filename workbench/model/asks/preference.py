"""The 80/20 rule: where a team is full, specific work beats base work within a declared preference."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from workbench.model.asks.backlog import ROOM, Backlog
from workbench.model.asks.select import Selection, select
from workbench.model.results import listed

COLUMNS = ["enters", "leaves", "forgone_y", "bottleneck", "days_needed", "days_freed"]


def unlimited(problem: Backlog) -> np.ndarray:
    """(n,) of bool: what would be chosen if there were room for everything that can be done at all."""
    worth = problem.needs[problem.eligible & problem.possible & (problem.value > 0)].any(axis=0)
    if not any(worth[one] and worth[other] for one, other in problem.pairs):
        return np.asarray(worth)
    fixed = dict.fromkeys(np.flatnonzero(~worth).tolist(), False)
    none = np.zeros((len(worth), 0))
    free = select(problem.value, none, np.zeros(0), requires=problem.requires, excludes=problem.pairs, fixed=fixed)
    return free.chosen


def weights(problem: Backlog, free: np.ndarray | None = None) -> np.ndarray:
    """(n,): how many times a value counts in the selection: 1 ÷ (1 − preference) for specific asks that need a full team,
    otherwise once. A team is full that cannot do its part of the `free` choice, that without limits (None: it is found).
    """
    weight = np.ones(len(problem.value))
    if problem.preference > 0 and problem.specific.any():
        free = unlimited(problem) if free is None else free
        full = problem.effort[free].sum(axis=0) > problem.capacity + ROOM
        weight[problem.specific & (problem.effort[:, full] > 0).any(axis=1)] = 1 / (1 - problem.preference)
    return weight


def choose(problem: Backlog, weight: np.ndarray | None = None) -> np.ndarray:
    """(n,) of bool: the asks that are funded."""
    return problem.best(weights(problem) if weight is None else weight).chosen


def swaps(problem: Backlog, pure: Selection, chosen: np.ndarray, titles: Sequence[str]) -> pd.DataFrame:
    """What the rule changed against the `pure` best set, one row per group of changes that hang together.

    `enters` and `leaves`: titles of the asks; `forgone_y`: gross profit a year given up, never negative; `days_needed` and
    `days_freed` in the bottleneck team.
    """
    groups = _groups(problem, np.flatnonzero(chosen != pure.chosen).tolist())
    costs = [_cost(problem, group, chosen) for group in groups]
    if any(cost < -1e-6 * max(1.0, float(problem.value.max(initial=0.0))) for cost in costs):
        groups = [sorted(ask for group in groups for ask in group)]
    rows = [_swap(problem, group, pure, chosen, titles) for group in groups]
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.sort_values(["forgone_y", "enters"], ascending=[False, True], ignore_index=True)


def bottleneck(problem: Backlog, needed: np.ndarray, left: np.ndarray) -> int | None:
    """The team that lacks most of what is `needed` (t,) when `left` (t,) remains, as part of its capacity; None if none."""
    lacking = (needed - left) / np.maximum(problem.capacity, 1e-9)
    return int(np.argmax(lacking)) if len(lacking) and lacking.max() > 1e-9 else None


def _swap(
    problem: Backlog, group: list[int], pure: Selection, chosen: np.ndarray, titles: Sequence[str]
) -> tuple[str, str, float, str, float, float]:
    enters = [ask for ask in group if chosen[ask]]
    leaves = [ask for ask in group if not chosen[ask]]
    needed, freed = problem.effort[enters].sum(axis=0), problem.effort[leaves].sum(axis=0)
    team = bottleneck(problem, needed, problem.capacity - problem.effort[pure.chosen].sum(axis=0))
    names = [listed([titles[ask] for ask in sorted(each, key=lambda ask: (-problem.value[ask], ask))])
             for each in (enters, leaves)]  # fmt: skip
    cost = max(0.0, _cost(problem, group, chosen))
    if team is None:
        return names[0], names[1], cost, "", float("nan"), float("nan")
    return names[0], names[1], cost, problem.teams[team], float(needed[team]), float(freed[team])


def _cost(problem: Backlog, group: list[int], chosen: np.ndarray) -> float:
    return float(sum(problem.value[ask] * (-1 if chosen[ask] else 1) for ask in group))


def _groups(problem: Backlog, changed: list[int]) -> list[list[int]]:
    """The changed asks in groups that share a team, a prerequisite, a theme or an exclusion."""
    linked = set(problem.pairs) | {(min(pair), max(pair)) for pair in problem.requires}
    groups: list[list[int]] = []
    for ask in changed:
        near = [group for group in groups
                if any((problem.effort[ask] * problem.effort[each] > 0).any() or (each, ask) in linked
                       for each in group)]  # fmt: skip
        groups = [group for group in groups if group not in near] + [
            sorted([ask, *(each for group in near for each in group)])
        ]
    return sorted(groups)
