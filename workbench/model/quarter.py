"""One call runs the chain: a book, a scenario and a quarter give a plan, to the last byte the same each time."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from workbench.book.book import Book
from workbench.book.frozen import Frozen
from workbench.book.measures import decimals
from workbench.book.quarters import is_quarter, last_day, shift
from workbench.errors import BookError, Problem
from workbench.model.allocation import allocate
from workbench.model.asks import triage_asks
from workbench.model.facts import observe, visible_market
from workbench.model.growth import forecast_segment
from workbench.model.ranking import rank_segments
from workbench.model.results import Allocation, Facts, Ranking, Swot, Triage, listed
from workbench.model.swot import score_swot
from workbench.scenario import Scenario

FORMAT = 1
SCORES = ("swot.values", "ranking.contributions")  # tables whose columns are criteria: all figures are scores
STEPS = ("facts", "swot", "ranking", "allocation", "asks")


@dataclass(frozen=True, eq=False)
class Plan(Frozen):
    """The results of every step for one book, scenario and quarter. `moves`: rank now and in the previous plan."""

    company: str
    currency: str
    scenario: Scenario
    quarter: str
    facts: Facts
    swot: Swot
    ranking: Ranking
    allocation: Allocation
    asks: Triage
    moves: pd.DataFrame

    @property
    def answer(self) -> str:
        """The decision in a sentence; where no money can be allocated, the pecking order."""
        return self.ranking.answer if self.allocation.spend.empty else self.allocation.answer

    @property
    def missing(self) -> tuple[str, ...]:
        """What was left out in any step, in sentences."""
        return tuple(dict.fromkeys(said for step in STEPS for said in getattr(self, step).missing))

    @property
    def next_quarter(self) -> str:
        """The quarter that the plan decides."""
        return shift(self.quarter, 1)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table of every step, named `step.table`."""
        pairs = ((f"{step}.{name}", table) for step in STEPS for name, table in getattr(self, step).tables().items())
        return {**dict(pairs), "moves": self.moves}

    def to_json(self) -> bytes:
        """The plan as bytes (`docs/plan.md`): sorted keys, no spaces, money 2 decimals, scores 9, others 6; a newline."""
        content = {
            "format": FORMAT,
            "company": self.company,
            "currency": self.currency,
            "quarter": self.quarter,
            "scenario": _plain(self.scenario.model_dump(mode="json")),
            "answers": {step: getattr(self, step).answer for step in STEPS[1:]} | {"plan": self.answer},
            "missing": list(self.missing),
            "tables": {name: _records(table, name in SCORES) for name, table in self.tables().items()},
        }
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return (text + "\n").encode()

    @property
    def digest(self) -> str:
        """SHA-256 of `to_json()`, as hexadecimal digits."""
        return hashlib.sha256(self.to_json()).hexdigest()


def segment_facts(book: Book, scenario: Scenario, quarter: str) -> Facts:
    """One row per segment, by key: what is known at the end of `quarter`, and the growth forecast to the horizon.

    Growth is compound a year from the last actual market year to the quarter's year plus the horizon. Raises
    BookError where the quarter is none, or lies outside the book's revenue.
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
        said += [one.said] if one.said else []
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
    """The plan for the quarter after `quarter`, the last closed one. `previous`: the plan to compare ranks with.

    Raises ScenarioError, BookError or InfeasibleError with every problem found.
    """
    scenario.check_against(book)
    facts = segment_facts(book, scenario, quarter)
    swot = score_swot(facts, book, scenario)
    ranking = rank_segments(facts, swot, scenario)
    allocation = allocate(ranking, facts, book, scenario)
    asks = triage_asks(ranking, allocation, book, scenario)
    settings = book.settings
    moves = _moves(ranking, previous)
    return Plan(settings.company, settings.currency, scenario, quarter, facts, swot, ranking, allocation, asks, moves)


def latest_quarter(book: Book) -> str:
    """The last quarter with revenue in the book."""
    return str(book.table("revenue")["quarter"].max())


def _check_quarter(book: Book, quarter: str) -> None:
    quarters = book.table("revenue")["quarter"]
    first, last = quarters.min(), quarters.max()
    if not is_quarter(quarter) or not first <= quarter <= last:
        allowed = f"a quarter from {first} to {last}, as in the revenue table"
        raise BookError([Problem("quarter", None, None, repr(quarter), allowed, f"write {last} for the latest")])


def _moves(ranking: Ranking, previous: Plan | None) -> pd.DataFrame:
    """Rank now and before; `move` counts places won (+) or lost (−), missing for a new segment."""
    now = ranking.order[["segment", "rank"]]
    if previous is None:
        return now.assign(rank_before=np.nan, move=np.nan).iloc[:0]
    before = previous.ranking.order[["segment", "rank"]].rename(columns={"rank": "rank_before"})
    both = now.merge(before, on="segment", how="left")
    return both.assign(move=both["rank_before"] - both["rank"])


def _records(table: pd.DataFrame, scores: bool) -> list[dict[str, Any]]:
    places = {name: 9 if scores else decimals(str(name)) for name in table.columns}
    columns = {str(name): [_cell(value, places[name]) for value in table[name]] for name in table.columns}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _cell(value: Any, places: int) -> Any:
    """A JSON value: numbers rounded half to even, missing as null, no negative zero."""
    if value is None or value is pd.NA or (isinstance(value, float) and not np.isfinite(value)):
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return round(float(value), places) + 0.0
    return str(value)


def _plain(value: Any) -> Any:
    """Nested settings with whole numbers where the TOML has whole numbers or floats alike."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value + 0.0 if isinstance(value, float) else value
