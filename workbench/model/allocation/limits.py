"""The business rules of an allocation, each under a name; the solver's bounds and rows are derived from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from workbench.model.allocation.solver import Rules
from workbench.scenario import Limit as Declared
from workbench.scenario import Scenario

BUDGET, FLOOR, CEILING, GROWTH = "budget", "change_limit.floor", "change_limit.ceiling", "growth"
Sense = Literal["least", "most"]
CENT = 0.011  # of spend, with room for rounding


@dataclass(frozen=True, eq=False)
class Rule:
    """One business rule: at least or at most `amount` (currency a year) in the spend lines `at` (positions).

    `each` is None where the rule bounds the sum of its lines; otherwise it bounds each of them by `each` (as long as
    `at`), and `amount` is their sum. `key` stays the same from plan to plan; `words` name the rule to people; `column` is
    the key of the scenario, or the column of the spend table, that declares it. `share` is that of a change limit.
    """

    key: str
    words: str
    sense: Sense
    at: np.ndarray
    amount: float
    each: np.ndarray | None
    column: str
    share: float | None = None

    def members(self, count: int) -> np.ndarray:
        """Which of `count` lines the rule bounds, (count,) of bool."""
        inside = np.zeros(count, dtype=bool)
        inside[self.at] = True
        return inside

    def binding(self, spend: np.ndarray) -> np.ndarray:
        """The positions of those of its lines that it holds where `spend` (lines,) stands, to a cent a line."""
        own = spend[self.at]
        if self.each is None:
            held = abs(float(own.sum()) - self.amount) <= CENT * max(1, len(own))
            return self.at if held else self.at[:0]
        return np.asarray(self.at[np.abs(own - self.each) <= CENT])

    @property
    def of_a_line(self) -> bool:
        """Whether it is the minimum or maximum of one line of the spend table."""
        return self.key.startswith("line.")


def limits_of(lines: pd.DataFrame, chosen: list[str], scenario: Scenario, budget: float) -> tuple[Rule, ...]:
    """The rules of a plan: budget, limits on segments and products, minima and maxima of lines, change limit, growth.

    Who gives way is settled here, once. A line's own minimum and maximum stand before the rules for all lines: where the
    change limit asks for more than the maximum it asks for the maximum; where the change limit, or the rule that growth
    money goes to `chosen` segments only, allows less than the minimum it allows the minimum. Such an exception stays when
    another rule is dropped or changed, so that no rule becomes stricter by it. Nothing else gives way.
    """
    all_lines = np.arange(len(lines))
    limits = [Rule(BUDGET, "budget", "most", all_lines, budget, None, "budget.total_y")]
    limits += _of_sums(lines, "segment", scenario.budget.segments)
    limits += _of_sums(lines, "product", scenario.budget.products)
    limits += _of_lines(lines)
    if scenario.budget.change_limit is not None:
        limits += _change_limit(lines, scenario.budget.change_limit)
    closed = np.flatnonzero(~lines["segment"].isin(chosen).to_numpy())
    if len(closed):
        each = np.maximum(_money(lines, "current_y"), _money(lines, "minimum_y"))[closed]
        words = "growth in chosen segments only"
        limits.append(Rule(GROWTH, words, "most", closed, float(each.sum()), each, "focus"))
    return tuple(limits)


def without(limits: Iterable[Rule], *keys: str) -> tuple[Rule, ...]:
    """The other rules."""
    return tuple(limit for limit in limits if limit.key not in keys)


def changed(limits: Iterable[Rule], key: str, by: float) -> tuple[Rule, ...]:
    """The rules with the amount of one of them moved by `by` (currency a year; below 0: lower).

    The rule bounds a sum or a single line; ValueError for a rule that bounds each of several lines.
    """
    return tuple(_moved(limit, by) if limit.key == key else limit for limit in limits)


def with_change_limit(limits: Iterable[Rule], lines: pd.DataFrame, share: float) -> tuple[Rule, ...]:
    """The rules with another share of today's spend as change limit."""
    new = {limit.key: limit for limit in _change_limit(lines, share)}
    return tuple(new.get(limit.key, limit) for limit in limits)


def bounds(limits: Iterable[Rule], count: int) -> tuple[np.ndarray, np.ndarray]:
    """What the rules on each line leave of it: least and most, (count,) each; 0 and infinity where there is none."""
    low, high = np.zeros(count), np.full(count, np.inf)
    for limit in limits:
        if limit.each is not None and limit.sense == "least":
            low[limit.at] = np.maximum(low[limit.at], limit.each)
        elif limit.each is not None:
            high[limit.at] = np.minimum(high[limit.at], limit.each)
    return low, high


def rules_from(limits: Iterable[Rule], lines: pd.DataFrame) -> Rules:
    """Bounds and linear rules for the solver; the budget, which bounds lines without a maximum, must be among them.

    The first row is the budget; a segment or product with limits has one row.
    """
    limits = tuple(limits)
    low, high = bounds(limits, len(lines))
    budget = next(limit.amount for limit in limits if limit.key == BUDGET)
    capped = np.zeros(len(lines), dtype=bool)
    for limit in limits:
        capped[limit.at] |= limit.of_a_line and limit.sense == "most"
    roof = max(budget, float(_money(lines, "current_y").max(initial=0.0)))
    high = np.maximum(np.where(capped, high, np.minimum(high, roof)), low)
    rows: dict[str, tuple[np.ndarray, dict[str, float]]] = {}
    for limit in limits:
        if limit.each is None:
            row = rows.setdefault(limit.key.rpartition(".")[0], (limit.members(len(lines)).astype(float), {}))
            row[1][limit.sense] = limit.amount
    least = [amounts.get("least", 0.0 if name else -np.inf) for name, (_, amounts) in rows.items()]
    most = [amounts.get("most", np.inf) for _, amounts in rows.values()]
    return Rules(
        low, high, csr_array(np.array([member for member, _ in rows.values()])), np.array(least), np.array(most)
    )


def _of_sums(lines: pd.DataFrame, kind: str, declared: dict[str, Declared]) -> Iterator[Rule]:
    """The minimum and the maximum of each segment, or of each product."""
    for name, one in sorted(declared.items()):
        at = np.flatnonzero((lines[kind] == name).to_numpy())
        said, column = spoken(lines, kind, at[:1]) or name, f"budget.{kind}s.{name}"
        if one.minimum_y > 0:
            yield Rule(f"{kind}.{name}.minimum", f"minimum for {said}", "least", at, one.minimum_y, None,
                        f"{column}.minimum_y")  # fmt: skip
        if one.maximum_y is not None:
            yield Rule(f"{kind}.{name}.maximum", f"maximum for {said}", "most", at, one.maximum_y, None,
                        f"{column}.maximum_y")  # fmt: skip


def _of_lines(lines: pd.DataFrame) -> Iterator[Rule]:
    """The minimum and the maximum that the spend table gives a line."""
    keys = lines[["product", "lever", "segment"]].to_numpy(dtype=object)
    names = [lines[_named(lines, kind)].to_numpy(dtype=object) for kind in ("product", "segment")]
    senses: tuple[tuple[str, Sense], ...] = (("minimum", "least"), ("maximum", "most"))
    for name, sense in senses:
        amounts = lines[f"{name}_y"].to_numpy(dtype=float)
        for at in np.flatnonzero(amounts > 0 if sense == "least" else ~np.isnan(amounts)):
            product, lever, segment = keys[at]
            words = f"{name} of {names[0][at]} ({lever}) in {names[1][at]}"
            each = amounts[at : at + 1]
            yield Rule(f"line.{product}.{lever}.{segment}.{name}", words, sense, np.array([at]), float(each[0]), each,
                        f"{name}_y")  # fmt: skip


def _change_limit(lines: pd.DataFrame, share: float) -> Iterator[Rule]:
    """The two sides of the change limit."""
    today, everywhere = _money(lines, "current_y"), np.arange(len(lines))
    words, column = f"change limit of {share_text(share)}", "budget.change_limit"
    floor = np.minimum(today * max(1 - share, 0.0), lines["maximum_y"].fillna(np.inf).to_numpy(dtype=float))
    ceiling = np.maximum(today * (1 + share), _money(lines, "minimum_y"))
    yield Rule(FLOOR, words, "least", everywhere, float(floor.sum()), floor, column, share)
    yield Rule(CEILING, words, "most", everywhere, float(ceiling.sum()), ceiling, column, share)


def _moved(limit: Rule, by: float) -> Rule:
    if limit.each is None:
        return replace(limit, amount=limit.amount + by)
    if len(limit.at) > 1:
        raise ValueError(f"{limit.key} bounds {len(limit.at)} lines, each by an amount of its own")
    return replace(limit, amount=limit.amount + by, each=limit.each + by)


def _money(lines: pd.DataFrame, column: str) -> np.ndarray:
    return np.asarray(lines[column].fillna(0.0).to_numpy(dtype=float))


def spoken(lines: pd.DataFrame, kind: str, at: np.ndarray) -> str:
    """The name of the segment or product that all lines `at` share; blank where there is no such one."""
    names = lines[_named(lines, kind)].iloc[at].unique()
    return str(names[0]) if len(names) == 1 else ""


def _named(lines: pd.DataFrame, kind: str) -> str:
    """The column that names segments or products: as people say them where the lines have that, else their keys."""
    return f"{kind}_name" if f"{kind}_name" in lines else kind


def share_text(share: float, digits: int | None = None) -> str:
    """A share as people say it: `50 %`, `62.5 %`; rounded up where `digits` are given."""
    if digits is None:
        return f"{share * 100:,.6g} %"
    text = f"{np.ceil(share * 100 * 10**digits - 1e-6) / 10**digits:,.{digits}f}"
    return (text.rstrip("0").rstrip(".") if digits else text) + " %"
