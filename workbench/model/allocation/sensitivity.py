"""What another budget or one rule less would change: the frontier and the prices of the rules, each by solving again."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from workbench.errors import InfeasibleError
from workbench.model.allocation.limits import BUDGET, CEILING, FLOOR, GROWTH, changed, rules_from, without
from workbench.model.allocation.problem import AllocationProblem
from workbench.model.allocation.solver import Rules, frontier, maximise
from workbench.model.ranking import chosen_of
from workbench.model.results import listed
from workbench.scenario import Scenario

STEPS = tuple(number / 100 for number in range(50, 155, 5))  # of the plan's budget
NEXT = 100_000.0  # currency a year by which the budget is moved to find its price
LEAST = 1.0  # currency a year: a price below it is none


def frontier_of(problem: AllocationProblem, spend: np.ndarray) -> pd.DataFrame:
    """The best plan at 50 % to 150 % of the budget, under the other rules: spend and unweighted gain a year.

    `budget_part` is the budget ÷ the plan's; at 1 it is the plan itself, with its `spend` (lines,). Rows without figures
    cannot keep the rules.
    """
    budgets = [round(problem.budget * part, 2) for part in STEPS]
    rules = problem.with_budget(budgets[-1]).rules
    rows = []
    for part, budget, best in zip(STEPS, budgets, frontier(problem.curves, problem.weight, rules, np.array(budgets)),
                                  strict=True):  # fmt: skip
        here = spend if part == 1 else best.spend
        known = best.feasible or part == 1
        figures = (float(here.sum()), float(problem.curves.gain(here).sum())) if known else (np.nan, np.nan)
        rows.append((part, budget, *figures))
    return pd.DataFrame(rows, columns=["budget_part", "budget_y", "spend_y", "gain_y"])


def prices_of(problem: AllocationProblem, spend: np.ndarray, order: pd.DataFrame) -> pd.DataFrame:
    """What each rule that binds costs, the dearest first: unweighted gross profit a year that the best plan without it, the
    other rules kept, earns beyond this one's. The budget is not dropped but raised by 100,000 a year.

    `order` are the segments, best first: a pin or ban binds where another segment would be chosen without it.
    """
    gain = problem.curves.gain(spend)
    now = float((problem.weight * gain).sum())
    rows = []
    for rule, words, instead, other in _others(problem, spend, order):
        found = maximise(problem.curves, problem.weight, other, nearest=False)
        if found.feasible:
            then = problem.curves.gain(found.spend)
            if float((problem.weight * then).sum()) - now > LEAST:
                rows.append((rule, words, instead, float(then.sum() - gain.sum())))
    table = pd.DataFrame(rows, columns=["rule", "words", "instead", "price_y"])
    return table.sort_values(["price_y", "rule"], ascending=[False, True], ignore_index=True)


def _others(
    problem: AllocationProblem, spend: np.ndarray, order: pd.DataFrame
) -> Iterator[tuple[str, str, str, Rules]]:
    """The rules of the plan with one of those that bind taken away: its key, its words, what stands instead."""
    lines, limits = problem.lines, problem.limits
    for limit in limits:
        if not len(limit.binding(spend)):
            continue
        if limit.key == BUDGET:
            yield limit.key, limit.words, "100 k more a year", rules_from(changed(limits, BUDGET, NEXT), lines)
        else:
            side = {FLOOR: ", downwards", CEILING: ", upwards"}.get(limit.key, "")
            instead = "growth money in every segment" if limit.key == GROWTH else "no such rule"
            yield limit.key, limit.words + side, instead, rules_from(without(limits, limit.key), lines)
    yield from _pins_and_bans(problem, order)


def _pins_and_bans(problem: AllocationProblem, order: pd.DataFrame) -> Iterator[tuple[str, str, str, Rules]]:
    scenario, names = problem.scenario, dict(zip(order["segment"], order["name"], strict=True))
    for kind in ("pins", "bans"):
        for key in getattr(scenario, kind):
            rest = {kind: tuple(each for each in getattr(scenario, kind) if each != key)}
            chosen = _chosen(order, scenario.model_copy(update=rest))
            if set(chosen) != set(problem.chosen):
                instead = f"growth money for {listed([names[each] for each in chosen])}"
                try:
                    yield f"{kind}.{key}", f"{kind[:-1]} of {names[key]}", instead, problem.open_to(chosen).rules
                except InfeasibleError:
                    continue


def _chosen(order: pd.DataFrame, scenario: Scenario) -> tuple[str, ...]:
    keys = list(order["segment"])
    return tuple(key for key, chosen in zip(keys, chosen_of(keys, scenario), strict=True) if chosen)
