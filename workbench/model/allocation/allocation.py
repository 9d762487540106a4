"""The investment in all products together: money follows the chosen segments, their needs and the gaps."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.book.book import Book
from workbench.model.allocation.alternatives import alternatives_to
from workbench.model.allocation.binding_rules import room_to_grow, what_holds
from workbench.model.allocation.decision_words import answer_of, by_segment, sums_by
from workbench.model.allocation.lines import KEY
from workbench.model.allocation.problem import AllocationProblem, problem_of
from workbench.model.allocation.purpose import base_and_specific, goals_reached, growth_lines
from workbench.model.allocation.sensitivity import frontier_of, prices_of
from workbench.model.allocation.solver import GAP, Best, Rules, maximise, whole_cents
from workbench.model.results import Allocation, Facts, Ranking, listed, millions
from workbench.scenario import Scenario

NEXT = 100_000.0
CELL = ["product", "segment", "gross_margin", "revenue_y", "relevance", "runway_y", "coverage"]


def allocate(ranking: Ranking, facts: Facts, book: Book, scenario: Scenario) -> Allocation:
    """Sustained spend a year per product × lever × segment, today's beside the plan's; cents add up to at most the budget.

    Maximises Σ m · g(x) with m = 1 + tilt · (2 · score − 1), under budget, minima, maxima and limits; spend above
    today's goes to chosen segments only. `gain_y` is unweighted annual gross profit against today.
    Raises InfeasibleError, with the rules that conflict and what would end it, where no plan keeps the rules.

    Parameters
    ----------
    ranking : Ranking
        The order and who is chosen, from `rank_segments`.
    facts : Facts
        What is known of each segment, from `segment_facts`.
    book : Book
        The company's tables, as `load_book` gives them.
    scenario : Scenario
        The assumptions, as `load_scenario` gives them.

    Returns
    -------
    Allocation
        `spend`: one row per product × lever × segment, currency a year; sums by segment and product, alternatives,
        the frontier, prices of rules, and our own check of each rule. Tables are empty
        where the book lacks spend, margins or revenue.

    Raises
    ------
    InfeasibleError
        Where no spend keeps all the rules.
    """
    lacking = _lacking(facts, book)
    if lacking:
        return _empty(facts, lacking)
    problem = problem_of(ranking, facts, book, scenario)
    rules = problem.rules
    best = maximise(problem.curves, problem.weight, rules)
    lines = _planned(problem, whole_cents(best.spend, rules))
    spend, gain = lines["plan_y"].to_numpy(dtype=float), float(lines["gain_y"].sum())
    alternatives = alternatives_to(problem, spend)
    lines["room"] = room_to_grow(lines, rules, best.prices)
    held = what_holds(lines, problem.limits, problem.chosen)
    segments = by_segment(lines, ranking, held)
    goals = goals_reached(book, gain, float(facts.segments["revenue_y"].sum()))
    more = float(spend.sum()) - float(lines["current_y"].sum())
    return Allocation(
        (*_to_mind(facts, book), *_unspent(problem.budget, float(spend.sum()), segments)),
        answer_of(segments, gain, more, alternatives, goals, book.settings.currency),
        lines[[*KEY, "current_y", "plan_y", "change_y", "minimum_y", "maximum_y", "potential_y", "gain_y", "next_100k_y",
               "assumed"]],
        segments,
        sums_by(lines, "product").merge(book.table("products")[["product", "name"]], on="product"),
        _cells(facts, lines),
        growth_lines(lines, problem.curves, ranking, book, held),
        alternatives,
        frontier_of(problem, spend),
        prices_of(problem, spend, ranking.order),
        base_and_specific(lines, book),
        goals,
        _solver(spend, best, rules, problem.budget),
    )  # fmt: skip


def gain_of(ranking: Ranking, facts: Facts, book: Book, scenario: Scenario) -> float:
    """Unweighted annual gross profit against today of the best plan under `ranking`; missing where money is left out.

    Raises InfeasibleError as `allocate` does.
    """
    if _lacking(facts, book):
        return float("nan")
    problem = problem_of(ranking, facts, book, scenario)
    rules = problem.rules
    best = maximise(problem.curves, problem.weight, rules)
    return float(problem.curves.gain(whole_cents(best.spend, rules)).sum())


def _planned(problem: AllocationProblem, spend: np.ndarray) -> pd.DataFrame:
    """The lines with the plan's spend, its change, its gain and what the next 100,000 a year would add."""
    lines, curves = problem.lines, problem.curves
    gain = curves.gain(spend)
    return lines.assign(plan_y=spend, change_y=np.round(spend - lines["current_y"].to_numpy(dtype=float), 2), gain_y=gain,
                        next_100k_y=curves.gain(spend + NEXT) - gain)  # fmt: skip


def _cells(facts: Facts, lines: pd.DataFrame) -> pd.DataFrame:
    """Product × segment: margin, revenue, runway; spend and gain over its levers; where the next 100,000 earns most."""
    keys = ["product", "segment"]
    sums = lines.groupby(keys)[["current_y", "plan_y", "change_y", "gain_y"]].sum().round(
        {"current_y": 2, "plan_y": 2, "change_y": 2}).reset_index()  # fmt: skip
    best = lines.sort_values(["next_100k_y", *KEY], ascending=[False, True, True, True]).drop_duplicates(keys)
    best = best[[*keys, "next_100k_y", "lever", "room"]].rename(columns={"lever": "next_lever"})
    return facts.cells[CELL].merge(sums, on=keys, how="left").merge(best, on=keys, how="left")


def _lacking(facts: Facts, book: Book) -> list[str]:
    if not book.has("spend"):
        return ["Allocation is left out: the book has no spend table."]
    if facts.cells["runway_y"].isna().all() or facts.cells["revenue_y"].isna().all():
        return ["Allocation is left out: it needs runway, and runway is absent."]
    return []


def _to_mind(facts: Facts, book: Book) -> list[str]:
    unknown = facts.cells["runway_y"].isna()
    part = f"{int(unknown.sum())} of {len(unknown)} cells"
    said = [f"Runway is not known in {part}: more spend is taken to win nothing there."] if unknown.any() else []
    return said if book.has("goals") else [*said, "Contribution to goals is left out: the book has no goals table."]


def _unspent(budget: float, spent: float, segments: pd.DataFrame) -> list[str]:
    """What is left of the budget, and what leaves the chosen segments no room for it."""
    left = budget - spent
    if left <= max(1.0, 1e-4 * budget):
        return []
    held = segments[segments["held_by"] != ""].groupby("held_by", sort=False)["name"]
    reasons = [f"{listed(list(names))}: {reason}" for reason, names in held]
    text = (
        f"{millions(left)} of the budget of {millions(budget)} cannot be placed under the rules, or would earn nothing"
    )
    return [". ".join([text, *reasons]) + "."]


def _empty(facts: Facts, said: list[str]) -> Allocation:
    none = pd.DataFrame
    spend = none(columns=[*KEY, "current_y", "plan_y", "change_y", "gain_y"])
    segments, products = (
        none(columns=columns) for columns in (["segment", "name", "plan_y"], ["product", "name", "plan_y"])
    )
    return Allocation(tuple(said), said[0], spend, segments, products, facts.cells[CELL], *(none() for _ in range(7)))


def _solver(spend: np.ndarray, best: Best, rules: Rules, budget: float) -> pd.DataFrame:
    """Status, gap, approximation error, and each rule checked again by ourselves on the amounts in cents."""
    sums = rules.matrix @ spend
    limits = bool((sums <= rules.most + 0.05).all() and (sums >= rules.least - 0.05).all())
    checks = [
        ("solved", "to the optimum" if best.gap <= 0 else f"to {best.gap:.0e} of it", best.gap <= GAP),
        ("the best plan there is earns more by at most", f"{best.error:,.2f} a year, weighted by priority", True),
        ("within the budget", f"{spend.sum():,.2f} of {budget:,.2f}", spend.sum() <= budget + 0.005),
        ("minima and change limit kept", f"{len(spend)} lines", bool((spend >= rules.low - 0.011).all())),
        (
            "maxima and change limit kept, growth in chosen segments only",
            f"{len(spend)} lines",
            bool((spend <= rules.high + 0.011).all()),
        ),
        ("limits of segments and products kept", f"{len(sums) - 1} limits", limits),
    ]
    return pd.DataFrame(checks, columns=["check", "figure", "kept"])
