"""One call runs the chain: a book, a scenario and a quarter give a plan, to the last byte the same each time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd

from workbench.book.book import Book
from workbench.book.digest import book_digest
from workbench.book.quarters import is_quarter, last_day, shift
from workbench.errors import BookError, InfeasibleError, Problem
from workbench.model.allocation import allocate, gain_of
from workbench.model.asks import triage_asks
from workbench.model.facts import observe, visible_market
from workbench.model.growth import forecast_segment
from workbench.model.plan import Plan
from workbench.model.ranking import (
    compare,
    how_sure,
    keep_incumbents,
    nothing_before,
    rank_segments,
    with_cost,
    with_incumbents,
)
from workbench.model.results import Facts, Ranking, Swot, listed
from workbench.model.swot import score_swot
from workbench.scenario import Scenario

REMEMBERED = 4  # quarters back to which incumbents are followed

FactsOf = Callable[[Book, Scenario, str], Facts]

PLANS: dict[str, Plan] = {}  # by `plan_key`, what `plan_quarter` hands out; empty but in the kernels of a planning run


def plan_key(book: Book, scenario: Scenario, quarter: str) -> str:
    """SHA-256 of all that a plan is made of: the book's content, every assumption, the quarter."""
    parts = book_digest(book), hashlib.sha256(scenario.model_dump_json().encode()).hexdigest(), quarter
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def segment_facts(book: Book, scenario: Scenario, quarter: str) -> Facts:
    """One row per segment, by key: what is known at the end of `quarter`, and the growth forecast to the horizon.

    Growth is compound a year from the last actual market year to the quarter's year plus the horizon. Raises
    BookError where the quarter is none, or lies outside the book's revenue.

    Parameters
    ----------
    book : Book
        The company's tables, as `load_book` gives them.
    scenario : Scenario
        The assumptions, as `load_scenario` gives them.
    quarter : str
        The last closed quarter, `YYYYQn`; what is later in the book is not seen.

    Returns
    -------
    Facts
        `segments`: one row per segment, by key; money in the book's currency a year, shares and rates as parts of 1.
        A figure that the book cannot give is NaN, and `missing` says why.

    Raises
    ------
    BookError
        Where the quarter is none, or lies outside the book's revenue.
    """
    _check_quarter(book, quarter)
    facts = observe(book, scenario, quarter)
    market, years = visible_market(book, quarter)
    target = last_day(quarter, book.settings.fiscal_month).year + scenario.horizon
    segments, said, paths = facts.segments, list(facts.missing), []
    columns: dict[str, list[Any]] = {name: [] for name in ("growth", "growth_low", "growth_high", "growth_method")}
    for segment, name in zip(segments["segment"], segments["name"], strict=True):
        rows = market[market["segment"] == segment]
        adjustment = scenario.growth_adjustments.get(segment, 0.0)
        one = forecast_segment(rows, years.get(segment, target - 1), target, adjustment, name)
        said += one.said
        paths.append(one.path.assign(segment=segment))
        for column, figure in zip(columns, (one.growth, one.low, one.high, one.method), strict=True):
            columns[column].append(figure)
    growth = pd.concat(paths, ignore_index=True)[facts.growth.columns]
    methods = sorted(set(columns["growth_method"]) - {"none"})
    grade = "claimed" if methods == ["analyst"] else "estimated"
    since = listed([str(year) for year in sorted(set(years.values()))]) or "none"
    note = f"{', '.join(methods) or 'none'}; from {since} to {target}"
    grades = pd.concat([facts.grades, pd.DataFrame([("market growth", grade, note)], columns=facts.grades.columns)])
    return replace(
        facts,
        missing=tuple(said),
        segments=segments.assign(**columns),
        growth=growth,
        grades=grades.reset_index(drop=True),
    )


def plan_quarter(book: Book, scenario: Scenario, quarter: str, *, previous: Plan | None = None) -> Plan:
    """The plan for the quarter after `quarter`, the last closed one.

    It is compared with `previous`; left out, with the quarter before as this book has it, under the scenario's `before`
    (left out: under this scenario), incumbents followed over the last four quarters that the book covers. Raises
    ScenarioError, BookError or InfeasibleError with every problem found.

    A plan that this process was given is not computed again: where `PLANS` holds that of the very same book, scenario
    and quarter, it is handed out. A planning run gives each notebook but one the plan that it computed once; the one
    computes it anew, and the run compares the digests. `PLANS.clear()` has everything computed here.

    Parameters
    ----------
    book : Book
        The company's tables, as `load_book` gives them.
    scenario : Scenario
        The assumptions, as `load_scenario` gives them.
    quarter : str
        The last closed quarter, `YYYYQn`; what is later in the book is not seen.
    previous : Plan, optional
        The plan to compare with in *what moved*; left out, the quarter before as the book has it.

    Returns
    -------
    Plan
        The results of every step, with `digest`, the SHA-256 of `plan.json`.

    Raises
    ------
    ScenarioError
        Where the scenario does not go with the book.
    BookError
        Where the quarter or the previous plan does not.
    InfeasibleError
        Where no spend keeps all the rules; with the rules that conflict and what would end it.
    """
    known = PLANS.get(plan_key(book, scenario, quarter)) if PLANS and previous is None else None
    return plan_with(segment_facts, book, scenario, quarter, previous) if known is None else known


def plan_with(facts_of: FactsOf, book: Book, scenario: Scenario, quarter: str, previous: Plan | None = None) -> Plan:
    """The plan as `plan_quarter` makes it, with the facts from `facts_of`: `segment_facts`, or a `FactsMemory` of them."""
    scenario.check_against(book)
    facts, swot, by_order = _standing(facts_of, book, scenario, quarter)
    if previous is not None:
        _check_previous(previous, book, quarter)
        before: tuple[Facts, Ranking] | None = (previous.facts, previous.ranking)
    else:
        before = _incumbents(facts_of, book, scenario.before or scenario, quarter, REMEMBERED)
    then = scenario.before or scenario if previous is None else previous.scenario
    robustness = how_sure(facts, swot, by_order, scenario)
    if before is None:
        ranking, stability = by_order, nothing_before(f"There is no quarter before {quarter} to compare with: the book does "
                                                      f"not hold four quarters up to {shift(quarter, -1)}.")  # fmt: skip
    else:
        earlier, ranked = before
        ranking, held = keep_incumbents(by_order, robustness, ranked, scenario)
        if len(held):
            robustness = with_incumbents(robustness, ranking, held)
            held = with_cost(held, *(_gain(each, facts, book, scenario) for each in (by_order, ranking)))
        stability = compare(ranking, ranked, _revalued(facts_of, earlier, ranked, book, then, scenario), held)
        if then.name != scenario.name:
            stability = replace(stability, answer=f"{stability.answer} Scenario {then.name} was in force then.")
    allocation = allocate(ranking, facts, book, scenario)
    asks = triage_asks(ranking, allocation, book, scenario)
    names = (book.settings.company, book.settings.currency)
    return Plan(*names, scenario, quarter, facts, swot, ranking, robustness, stability, allocation, asks)


class FactsMemory:
    """`segment_facts`, each computed once for what it depends on: other weights, focus or money leave it as it is."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], Facts] = {}

    def __call__(self, book: Book, scenario: Scenario, quarter: str) -> Facts:
        adjusted = tuple(sorted(scenario.growth_adjustments.items()))
        key = (book, quarter, scenario.horizon, scenario.reach, scenario.win_rate_prior, adjusted)
        if key not in self._known:
            if len(self._known) >= 8 * (REMEMBERED + 1):
                self._known.clear()
            self._known[key] = segment_facts(book, scenario, quarter)
        return self._known[key]


def _standing(facts_of: FactsOf, book: Book, scenario: Scenario, quarter: str) -> tuple[Facts, Swot, Ranking]:
    """Facts, SWOT and the order of a quarter."""
    facts = facts_of(book, scenario, quarter)
    swot = score_swot(facts, book, scenario)
    return facts, swot, rank_segments(facts, swot, scenario)


def _incumbents(
    facts_of: FactsOf, book: Book, scenario: Scenario, quarter: str, back: int
) -> tuple[Facts, Ranking] | None:
    """Facts and ranking of the quarter before, with the incumbents that it kept in turn; None where the book lacks it.

    What was chosen rests on the quarters before: they are followed over `back` quarters, as far as the book covers.
    """
    earlier = shift(quarter, -1)
    if back == 0 or shift(earlier, -3) < book.table("revenue")["quarter"].min():
        return None
    before = _incumbents(facts_of, book, scenario, earlier, back - 1)
    facts, swot, ranking = _standing(facts_of, book, scenario, earlier)
    if before is not None and not set(before[1].chosen) <= set(ranking.chosen):
        ranking, _ = keep_incumbents(ranking, how_sure(facts, swot, ranking, scenario), before[1], scenario)
    return facts, ranking


def _revalued(
    facts_of: FactsOf, facts: Facts, ranking: Ranking, book: Book, then: Scenario, scenario: Scenario
) -> pd.DataFrame:
    """The values of an earlier quarter's figures under today's assumptions (prior, reach, horizon, adjustments, anchors).

    Where the book does not give that quarter's figures any more, they stay as they were and only the anchors are today's.
    """
    if then == scenario:
        return ranking.values
    try:
        same = facts_of(book, then, facts.quarter).segments.equals(facts.segments)
    except BookError:
        same = False
    if same:
        facts = facts_of(book, scenario, facts.quarter)
    return rank_segments(facts, score_swot(facts, book, scenario), scenario).values


def _check_previous(previous: Plan, book: Book, quarter: str) -> None:
    """Raises BookError where `previous` is of another company, or of a later quarter."""
    company = book.settings.company
    if previous.company != company or previous.quarter > quarter:
        found = f"a plan of {previous.company} for {previous.quarter}"
        allowed = f"a plan of {company} for {quarter} or a quarter before"
        raise BookError([Problem("previous", None, None, found, allowed, "compare with another plan")])


def _gain(ranking: Ranking, facts: Facts, book: Book, scenario: Scenario) -> float:
    """Gross profit a year that the best allocation under `ranking` adds; missing where none is possible."""
    try:
        return gain_of(ranking, facts, book, scenario)
    except InfeasibleError:
        return float("nan")


def _check_quarter(book: Book, quarter: str) -> None:
    quarters = book.table("revenue")["quarter"]
    first, last = quarters.min(), quarters.max()
    if not is_quarter(quarter) or not first <= quarter <= last:
        allowed = f"a quarter from {first} to {last}, as in the revenue table"
        raise BookError([Problem("quarter", None, None, repr(quarter), allowed, f"write {last} for the latest")])
