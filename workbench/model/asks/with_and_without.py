"""The best that the other asks can do beside one, which is in the plan or out of it: one mixed integer program."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from workbench.model.asks.backlog import Backlog

LEAST = 1e-6  # factor for next to no effort


@dataclass(frozen=True)
class Others:
    """The best that the other asks can do beside one: `chosen` (n,), their weighted `value`, effort `part` of the one."""

    chosen: np.ndarray
    value: float
    part: float


def best_beside(
    problem: Backlog, weight: np.ndarray, ask: int, *, chosen: bool, at_least: float | None = None, whole: bool = True
) -> Others | None:
    """The best set of the other asks with `ask` chosen or not, by weighted value; None where there is none.

    With `at_least` the ask's effort may shrink: the largest part of it with which the others are still worth that much.
    Not `whole`: asks may be chosen in part, which is an upper bound. Of equally good sets the one with the least effort,
    then by place.
    """
    count = len(problem.value)
    value = weight * problem.value
    value[ask] = 0.0
    scale = max(1.0, float(value.max(initial=0.0)))
    open_ = problem.eligible.copy()
    open_ |= problem.needs[ask] & chosen
    own = problem.effort[ask]
    rows: list[np.ndarray] = []
    most: list[float] = []
    for team, room in enumerate(problem.capacity):
        row = np.append(problem.effort[:, team], own[team])
        row[ask] = 0.0
        rows, most = [*rows, row], [*most, room]
    before = [(later, first) for first, later in problem.even(ask)]
    for pairs, sign, limit in ((sorted({*problem.requires, *before}), -1.0, 0.0), (problem.pairs, 1.0, 1.0)):
        for one, other in pairs:
            if open_[one] and open_[other]:
                row = np.zeros(count + 1)
                row[one], row[other] = 1.0, sign
                rows, most = [*rows, row], [*most, limit]
    low, high = np.zeros(count + 1), np.append(open_, 1.0).astype(float)
    low[ask] = high[ask] = float(chosen)
    low[-1], high[-1] = (float(chosen), float(chosen)) if at_least is None else (LEAST, 1.0)
    least_days = problem.effort.sum(axis=1)
    tie = least_days / max(1.0, float(least_days.max(initial=0.0))) + np.arange(1, count + 1) / count
    cost = np.append(-value / scale + 1e-8 * tie, 0.0) * 1e3
    if at_least is not None:
        rows, most = [*rows, np.append(-value / scale, 0.0) * 1e3], [*most, -at_least / scale * 1e3]
        cost = np.append(1e-6 * tie, -1e3)
    kinds = np.append(np.full(count, float(whole)), 0.0)
    rules = [LinearConstraint(np.array(rows), -np.inf, np.array(most))] if rows else []
    answer = milp(cost, constraints=rules, bounds=Bounds(low, high), integrality=kinds, options={"mip_rel_gap": 0.0})
    if answer.x is None:
        return None
    if not whole:
        return Others(np.zeros(count, dtype=bool), float(answer.x[:-1] @ value), 1.0)
    taken = answer.x[:-1] > 0.5
    free = problem.capacity - problem.effort[taken & (np.arange(count) != ask)].sum(axis=0)
    part = min([1.0, *(free[own > 0] / own[own > 0]).tolist()])
    return Others(taken, float(value[taken].sum()), part)
