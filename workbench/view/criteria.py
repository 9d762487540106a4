"""How the figure of a criterion is shown: heading and cell of a table, factor and unit of a slider, words in a brief."""

from __future__ import annotations

from typing import Any

from workbench.book.measures import COUNT, MONEY, RATE, SHARE
from workbench.criteria import CRITERIA, Criterion
from workbench.model.results import millions
from workbench.view.theme import JUDGEMENT, MARKET, POSITION, Figure, Unit, amount, number, percent

COLOURS = {"our position": POSITION, "market": MARKET, "judgement": JUDGEMENT}  # of the parts of a score
GROUPS = {name: each.part for name, each in CRITERIA.items()}
POINT = 100  # points in 1: growth and shares are shown in points


def heading(criterion: Criterion, money: str) -> str:
    """Label and unit over a column; `money`: currency and letter, such as `EUR m`."""
    label, kind = criterion.heading or criterion.measure.label, criterion.measure.kind
    if kind == MONEY:
        return f"{label}, {money} a year"
    if kind == COUNT:
        return f"{label}, {criterion.measure.unit}" if criterion.measure.unit else label
    if kind == SHARE and criterion.signed:
        return f"{label}, points"
    return f"{label}, % a year" if kind == RATE else f"{label}, %"


def cell(criterion: Criterion, value: float, unit: Unit) -> Figure:
    """The figure as its column shows it, `–` where missing; money in `unit`."""
    if criterion.measure.kind == MONEY:
        return amount(value, unit)
    if criterion.measure.kind == COUNT:
        return number(value, criterion.digits)
    return percent(value, criterion.digits, sign=criterion.signed)


def factor(criterion: Criterion) -> float:
    """What a figure is multiplied by on a slider: money stands in millions, shares and rates in %."""
    kind = criterion.measure.kind
    return 1e-6 if kind == MONEY else 1.0 if kind == COUNT else POINT


def slider_label(criterion: Criterion) -> str:
    """Name and unit beside a slider of its figures."""
    kind = criterion.measure.kind
    unit = "m" if kind == MONEY else criterion.measure.unit if kind == COUNT else "%"
    return f"{criterion.words}, {unit}" if unit else criterion.words


def brief_tile(criterion: Criterion, row: Any, currency: str) -> tuple[str, str]:
    """Figure and words of a tile in a brief, from a row of its standing: with its interval where there is one."""
    kind, digits = criterion.measure.kind, criterion.digits
    per = "" if kind in (MONEY, COUNT) else " %"
    words = f"{currency} {criterion.brief}" if kind == MONEY else criterion.brief
    if row["low"] == row["low"]:
        rough = digits if criterion.signed or kind == COUNT else 0
        ends = (_text(criterion, row[name], rough) for name in ("low", "high"))
        words += f", {(' to ' if criterion.signed else '–').join(ends)}{per} with 80 % certainty"
    return f"{_text(criterion, row['figure'], digits)}{per}", f"{words}; {row['grade']}"


def _text(criterion: Criterion, value: float, digits: int) -> str:
    if criterion.measure.kind == MONEY:
        return millions(value)
    if criterion.measure.kind == COUNT:
        return number(value, digits)
    return percent(value, digits, sign=criterion.signed)
