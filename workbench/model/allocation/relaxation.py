"""By how much business rules must give way before a spend keeps them all: linear programs, solved by HiGHS."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array

from workbench.model.allocation.limits import Rule, bounds, with_change_limit

TOLERANCE = 0.005  # half a cent: rules that lack less than this are kept by amounts in cents
LARGEST_SHARE = 1e4  # of a change limit that is worth proposing
UNIT = 1_000.0  # the linear program counts in thousands
DEAR = 1_000.0  # what breaking a rule costs that is to be kept, against 1 for the one that gives way
GROUPS = {"least": "lines.minimum", "most": "lines.maximum"}


def shortfall(limits: Iterable[Rule], count: int) -> float:
    """By how much the rules must give way in all, at least, before a spend in `count` lines keeps them; currency a year."""
    taken = units(limits)
    sums = [unit for unit in taken if unit.each is None]
    low, high = bounds(taken, count)
    return float(np.maximum(low - high, 0).sum() + _give(low, high, sums, np.ones(len(sums))).sum())


def least_change(member: Rule, limits: tuple[Rule, ...], lines: pd.DataFrame) -> float | None:
    """The least move of a rule with which a spend keeps all of `limits`; None where none is enough."""
    count, sign = len(lines), -1.0 if member.sense == "least" else 1.0
    if member.share is not None:
        return _least_share(limits, lines, member.share)
    others = beside(limits, [member])
    if shortfall(others, count) > TOLERANCE:
        return None
    low, high = bounds(units(others), count)
    kept = [limit for limit in others if limit.each is None]
    own = _apart(next((limit for limit in limits if limit.key == member.key), member))
    given = _give(low, high, [*own, *kept], np.append(np.ones(len(own)), np.full(len(kept), DEAR)))
    by, broken = float(given[: len(own)].sum()), float(given[len(own) :].sum())
    by = float(np.ceil(by * 100 - 0.3) / 100)
    if broken > TOLERANCE or (member.sense == "least" and by > member.amount + TOLERANCE):
        return None
    return sign * by


def _least_share(limits: tuple[Rule, ...], lines: pd.DataFrame, share: float) -> float | None:
    """By how much the change limit must be wider, at least, so that a spend keeps all rules; by halving."""

    def works(wider: float) -> bool:
        return shortfall(with_change_limit(limits, lines, wider), len(lines)) <= TOLERANCE

    if not works(LARGEST_SHARE):
        return None
    low, high = share, max(1.0, 2 * share)
    while not works(high):
        low, high = high, 2 * high
    while high - low > 1e-8 * max(1.0, high):
        middle = (low + high) / 2
        low, high = (low, middle) if works(middle) else (middle, high)
    return round(float(np.ceil(high * 1e6) / 1e6) - share, 9)


def _apart(limit: Rule) -> list[Rule]:
    """A rule that bounds each of its lines as one rule a line; any other as it is."""
    if limit.each is None:
        return [limit]
    pairs = zip(limit.at, limit.each.tolist(), strict=True)
    return [replace(limit, at=np.array([at]), amount=amount, each=None) for at, amount in pairs]


def _give(low: np.ndarray, high: np.ndarray, sums: Sequence[Rule], cost: np.ndarray) -> np.ndarray:
    """By how much each rule over a sum of lines gives way, (len(sums),), at the least cost; the lines' bounds hold."""
    rules, count = len(sums), len(low)
    if rules == 0:
        return np.zeros(0)
    sign = np.array([-1.0 if limit.sense == "least" else 1.0 for limit in sums])
    if rules == 1:  # no program needed: its lines go as far as they can
        reach = np.maximum(low, high) if sign[0] < 0 else low
        return np.array([max(0.0, float(sign[0] * (reach[sums[0].at].sum() - sums[0].amount)))])
    sizes = [len(limit.at) for limit in sums]
    row = np.append(np.repeat(np.arange(rules), sizes), np.arange(rules))
    column = np.concatenate([*(limit.at for limit in sums), count + np.arange(rules)])
    data = np.append(np.repeat(sign, sizes), np.full(rules, -1.0))
    least = np.concatenate([low, np.zeros(rules)])
    most = np.concatenate([np.maximum(low, high), np.full(rules, np.inf)])
    answer = linprog(
        np.append(np.zeros(count), cost),
        A_ub=csr_array(coo_array((data, (row, column)), shape=(rules, count + rules))),
        b_ub=sign * np.array([limit.amount for limit in sums]) / UNIT,
        bounds=np.column_stack([least, most]) / UNIT,
        method="highs",
    )
    if answer.x is None:
        raise ValueError(f"the linear program of a conflict was not solved: {answer.message}")
    return np.asarray(np.maximum(answer.x[count:], 0.0) * UNIT)


def units(limits: Iterable[Rule]) -> list[Rule]:
    """The rules, all minima of lines taken as one and all maxima, plain rules first."""
    limits = tuple(limits)
    result = [limit for limit in limits if limit.each is None]
    for sense, key in GROUPS.items():
        own = [limit for limit in limits if limit.of_a_line and limit.sense == sense]
        result += [group(key, own)] if own else []
    return result + [limit for limit in limits if limit.each is not None and not limit.of_a_line]


def group(key: str, own: Sequence[Rule]) -> Rule:
    """Minima, or maxima, of lines as one rule; a single one stays what it is."""
    if len(own) == 1:
        return own[0]
    at = np.concatenate([limit.at for limit in own])
    each = np.array([limit.amount for limit in own])
    return Rule(key, key, own[0].sense, at, float(each.sum()), each, own[0].column)


def beside(limits: Iterable[Rule], members: Iterable[Rule]) -> tuple[Rule, ...]:
    """The rules without the members of a conflict."""
    members = tuple(members)
    keys = {member.key for member in members}
    lines = {(member.sense, at) for member in members if member.key in GROUPS.values() for at in member.at.tolist()}
    return tuple(limit for limit in limits if limit.key not in keys
                 and not (limit.of_a_line and (limit.sense, int(limit.at[0])) in lines))  # fmt: skip
