"""The columns of a sheet: header with its unit, number format and values, as the measures declare them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import Any

import pandas as pd

from workbench.book.measures import SCORE, Measure
from workbench.criteria import CRITERIA, measure_of
from workbench.model.plan import SCORES, Plan
from workbench.report.exports.sheets import Sheet

NAMES = {"segment": "name", "product": "product_name", "ask": "title"}  # key: the column with its name
BEHIND = {**NAMES, "need": "what", "challenger": "challenger_name"}  # keys that stand behind what people read
DATES = frozenset({"validated_on"})
PLAIN = frozenset({"year"})  # numbers that are names
SHAPES = {"money": "#,##0", "score": "0.000"}
PERCENT = {"share": "%", "rate": "% a year"}  # kinds shown as per cent, and their unit then
RANGE = "0 to 1"  # as a header wraps it: never inside
SMALL = 0.05  # columns that stay below it need one decimal more
FINEST = 6  # decimals kept: noise of the last bits goes, sums stay right to the cent


@dataclass(frozen=True)
class SheetColumn:
    """`key`: its name in the plan; `header`: label and unit; `shape`: number format, blank for text; `values`: text, numbers,
    dates as text, None where nothing is known.
    """

    key: str
    header: str
    unit: str
    shape: str
    values: tuple[Any, ...]


def columns(sheet: Sheet, plan: Plan) -> list[SheetColumn]:
    """The columns of a sheet in their order, [] where the plan has no row for it."""
    table = _rows(sheet, plan)
    if table.empty:
        return []
    names = [name for name in sheet.first if name in table]
    for name in table.columns:
        if name not in names and name not in sheet.without:
            known = BEHIND.get(name)
            place = names.index(known) + 1 if known in names else len(names)
            names.insert(place, name)
    return [_column(name, list(table[name]), sheet, plan.currency, names) for name in names]


def _rows(sheet: Sheet, plan: Plan) -> pd.DataFrame:
    """The rows of a sheet, with the names of segments, products and asks, and what stands beside them."""
    table = plan.tables()[sheet.table]
    if table.empty:
        return table
    if sheet.funded is not None:
        table = table[(table["decision"] == "funded") == sheet.funded]
    if "product" in table and "segment" not in table and "name" in table:
        table = table.rename(columns={"name": "product_name"})
    for key, name in NAMES.items():
        if key in table and name not in table:
            known = _names(key, plan)
            table = table.assign(**{name: [known.get(each, "" if pd.isna(each) else str(each)) for each in table[key]]})
    for column, other in sheet.beside.items():
        known = _by_segment(plan.tables()[other], column)
        if known:
            table = table.assign(**{column: pd.Series([known.get(each) for each in table["segment"]], table.index)})
    return table


def _names(key: str, plan: Plan) -> dict[str, str]:
    """Key to name of the segments, products or asks."""
    table = {"segment": plan.facts.segments, "product": plan.facts.products, "ask": plan.asks.asks}[key]
    return dict(zip(table[key], table[NAMES[key]], strict=True)) if len(table) else {}


def _by_segment(table: pd.DataFrame, column: str) -> dict[str, Any]:
    return dict(zip(table["segment"], table[column], strict=True)) if column in table else {}


def _column(name: str, values: Sequence[Any], sheet: Sheet, currency: str, names: Sequence[str]) -> SheetColumn:
    measure = _measure(name, sheet)
    plain = [plain_value(value) for value in values]
    numbers = [value for value in plain if isinstance(value, float)]
    label = sheet.labels.get(name, measure.label)
    if name not in sheet.labels and BEHIND.get(name) in names:
        label += ", key"
    unit = sheet.units.get(name) or _unit(measure, currency)
    shape = _shape(name, measure.kind, numbers)
    return SheetColumn(name, f"{label}, {unit}" if unit else label, unit, shape, tuple(plain))


def _measure(name: str, sheet: Sheet) -> Measure:
    """What the column is; in tables of scores the columns are criteria."""
    if sheet.table in SCORES and name in CRITERIA:
        return Measure(CRITERIA[name].title, sheet.per, SCORE)
    return measure_of(name)


def _unit(measure: Measure, currency: str) -> str:
    if measure.kind == "money":
        return f"{currency} {measure.unit}"
    return PERCENT.get(measure.kind, measure.unit).replace("0–1", RANGE)


def _shape(name: str, kind: str, numbers: Sequence[float]) -> str:
    """The number format of a column; blank where it holds no number."""
    if name in DATES:
        return "yyyy-mm-dd"
    if not numbers:
        return ""
    if name in PLAIN:
        return "0"
    if kind in PERCENT:
        return "0.00%" if max(map(abs, numbers)) < SMALL else "0.0%"
    return SHAPES.get(kind, "#,##0" if all(value.is_integer() for value in numbers) else "#,##0.00")


def plain_value(value: Any) -> str | float | None:
    """Text, a finite number without negative zero, `yes` or `no`; None where nothing is known."""
    if isinstance(value, str):
        return value or None
    if value is None or value is pd.NA:
        return None
    if pd.api.types.is_bool(value):
        return "yes" if value else "no"
    if not isinstance(value, Real | Decimal):
        return str(value)
    number = round(float(value), FINEST) + 0.0
    return number if math.isfinite(number) else None


def units(found: Sequence[SheetColumn]) -> str:
    """The units of the columns, each once, in their order."""
    return "; ".join(dict.fromkeys(column.unit for column in found if column.unit)) or "–"


def contents(plan: Plan, sheets: Sequence[Sheet]) -> Mapping[str, list[SheetColumn]]:
    """The columns of each sheet by its name."""
    return {sheet.name: columns(sheet, plan) for sheet in sheets}
