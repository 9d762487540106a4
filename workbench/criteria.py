"""The criteria that rank the segments, each declared once.

Weights, anchors, sliders, columns, labels, grades, briefs, the starting scenario and the docs follow from a declaration
here. A criterion needs one thing more: the figure it names as its `fact`, computed in `model/facts/by_segment.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from workbench.book.measures import DECIMALS, MEASURES, Measure, money, rate, score, share
from workbench.book.tables import TABLES

Side = Literal["internal", "external", "judgement"]
PART_OF: dict[Side, str] = {"internal": "our position", "external": "market", "judgement": "judgement"}


@dataclass(frozen=True)
class Start:
    """Anchors that a new scenario starts from, in the criterion's unit: value 0 at `low`, 1 at `high`, neither good nor
    bad at `neutral`.
    """

    low: float
    high: float
    neutral: float


@dataclass(frozen=True)
class Criterion:
    """One criterion of the order.

    `name`: its key in `[weights]`, `[anchors]` and the tables of scores; `side`: our position (internal), the market
    (external) or judgement; `fact`: the column of the facts behind it, blank where people's statements are; `measure`:
    label, unit and kind of that figure; `means`: what the figure is, said after its name; `needs`: the tables without
    which it drops out, its own last; `rests_on`: the rows of the grades behind it, its own first; `grade`: what its own
    source is (observed, estimated, claimed), blank where it is the weakest of what it rests on; `start`: its first
    anchors, None for money, which starts around the segments of the book. `heading`: its label over a narrow column;
    `digits`: decimals shown; `signed`: a change, shown with its sign; `brief`: the words beside its figure in a
    segment's brief, blank where it does not stand there.
    """

    name: str
    side: Side
    fact: str
    measure: Measure
    means: str
    needs: tuple[str, ...]
    rests_on: tuple[str, ...]
    grade: str = ""
    start: Start | None = None
    heading: str = ""
    digits: int = 1
    signed: bool = False
    brief: str = ""

    @property
    def table(self) -> str:
        """The table that its figure comes from."""
        return self.needs[-1]

    @property
    def words(self) -> str:
        """The name within a sentence: `win rate`."""
        return self.name.replace("_", " ")

    @property
    def title(self) -> str:
        """The name over a column: `Win rate`."""
        return self.words.capitalize()

    @property
    def part(self) -> str:
        """The part of a score that it belongs to, in words."""
        return PART_OF[self.side]


MARKET_OF_OURS = ("revenue", "addressable market", "relevance")  # what a share rests on

# Scores are added in this order: another order is another plan. A new criterion goes to the end.
DECLARED: tuple[Criterion, ...] = (
    Criterion(
        "size", "external", "size_y", money("Market size"), "spending of the segment",
        ("market",), ("market size",), "observed", heading="Market",
    ),
    Criterion(
        "growth", "external", "growth", rate("Market growth"), "of the market, a year",
        ("market",), ("market growth",), "estimated", Start(-0.05, 0.12, 0.03), signed=True,
        brief="market growth a year",
    ),
    Criterion(
        "runway", "external", "runway_y", money("Runway"), "revenue within reach",
        ("market", "relevance"), (*MARKET_OF_OURS, "reach"), brief="runway a year, room to grow",
    ),
    Criterion(
        "revenue", "internal", "revenue_y", money("Revenue"), "ours",
        ("revenue",), ("revenue",), "observed", brief="revenue a year",
    ),
    Criterion(
        "share", "internal", "share", share("Share"), "of the addressable market",
        ("market", "relevance"), MARKET_OF_OURS, start=Start(0.0, 0.25, 0.08), brief="share of the addressable market",
    ),
    Criterion(
        "share_trend", "internal", "share_trend", share("Share trend"), "share gained or lost in a year",
        ("market", "relevance"), MARKET_OF_OURS, start=Start(-0.02, 0.02, 0.0), digits=2, signed=True,
    ),
    Criterion(
        "win_rate", "internal", "win_rate", share("Win rate"), "of the deals decided",
        ("deals",), ("win rate",), "estimated", Start(0.1, 0.7, 0.3), brief="win rate",
    ),
    Criterion(
        "retention", "internal", "retention", share("Retention"), "customers kept over four quarters",
        ("customers",), ("retention and adoption",), "observed", Start(0.75, 0.98, 0.9), brief="kept over a year",
    ),
    Criterion(
        "coverage", "internal", "coverage", score("Coverage"), "of the segment's needs, by importance",
        ("segment_needs", "coverage"), ("coverage",), "claimed", Start(0.2, 0.9, 0.55), digits=0,
        brief="of the needs met, by importance",
    ),
    Criterion(
        "judgement", "judgement", "", score("Judgement"), "what the statements of people say on balance",
        ("statements",), ("judgement",), "claimed",
    ),
)  # fmt: skip

CRITERIA: dict[str, Criterion] = {each.name: each for each in DECLARED}
EXTERNAL = tuple(each.name for each in DECLARED if each.side == "external")
INTERNAL = tuple(each.name for each in DECLARED if each.side == "internal")
ANCHORED = tuple(each.name for each in DECLARED if each.fact)  # all but judgement, which has no unit of its own
PARTS: dict[str, tuple[str, ...]] = {  # the parts of a score, as they are drawn, and the criteria in each
    PART_OF[side]: tuple(each.name for each in DECLARED if each.side == side) for side in PART_OF
}
_FIGURES = {  # the facts behind the criteria, and the ends of their 80 % intervals
    f"{each.fact}{end}": replace(each.measure, label=f"{each.measure.label}{said}")
    for each in DECLARED
    if each.fact
    for end, said in (("", ""), ("_low", ", low"), ("_high", ", high"))
}


def words(name: str) -> str:
    """A criterion's name within a sentence."""
    return CRITERIA[name].words


def by_table(names: Iterable[str]) -> list[Criterion]:
    """These criteria in the order in which their tables are declared, as facts are read; judgement comes last."""
    order = list(TABLES)
    return sorted((CRITERIA[name] for name in names), key=lambda each: (not each.fact, order.index(each.table)))


def with_own_table() -> list[Criterion]:
    """The criteria whose figure comes from an optional table, as these are declared; judgement comes last."""
    return by_table(each.name for each in DECLARED if each.grade and not TABLES[each.table].needed)


def measure_of(column: str) -> Measure:
    """How a column is shown: a criterion's figure, an end of its interval, its score, or another measure.

    Raises KeyError for a column that is not declared.
    """
    if column in _FIGURES or column in MEASURES:
        return _FIGURES.get(column) or MEASURES[column]
    return score(CRITERIA[column].title)


def decimals(column: str) -> int:
    """Decimals of a column in `plan.json`: money 2, scores 9, shares, rates and other numbers 6."""
    try:
        return DECIMALS[measure_of(column).kind]
    except KeyError:
        return 6
