"""Why no plan keeps all the rules: the smallest set of them that conflict, and the least change of each that helps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import comb

import numpy as np
import pandas as pd
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array

from workbench.model.limits import Limit, bounds, with_change_limit

TOLERANCE = 0.005  # half a cent: rules that lack less than this are kept by amounts in cents
MOST_CONFLICTS = 5
MOST_SETS = 20_000  # sets tried by size; a conflict of more rules is found by leaving out one rule after the other
LARGEST_SHARE = 1e4  # of a change limit that is worth proposing
UNIT = 1_000.0  # the linear program counts in thousands
DEAR = 1_000.0  # what breaking a rule costs that is to be kept, against 1 for the one that gives way
GROUPS = {"least": "lines.minimum", "most": "lines.maximum"}


@dataclass(frozen=True, eq=False)
class Conflict:
    """`members`: rules that no spend keeps together, while dropping any one leaves a spend that keeps the others; by
    `excess` (currency a year) what they ask for exceeds what they allow.

    Minima of lines of the spend table count as one rule (`lines.minimum`), as do their maxima; the lines `at` of a
    member that bounds lines one by one are those that matter. `changes`: for each member the least move of its amount
    (currency a year, of a change limit its share; below 0: lower) with which a plan keeps all rules, the members of other
    conflicts left aside; None where no move of it is enough.
    """

    members: tuple[Limit, ...]
    excess: float
    changes: tuple[float | None, ...]


def conflict(limits: Iterable[Limit], lines: pd.DataFrame) -> Conflict | None:
    """The first of `conflicts`, or None where a spend keeps all the rules."""
    found = conflicts(limits, lines)
    return found[0] if found else None


def conflicts(limits: Iterable[Limit], lines: pd.DataFrame) -> tuple[Conflict, ...]:
    """Conflicts without a rule in common, at most five; none where a spend keeps all the rules.

    Each is a smallest set: sets are tried by size, of equally small ones the one with the largest excess is taken, then
    the one of plain rules (budget, segments, products). Where there are too many sets, rules are left out one by one,
    plain and large ones last (deletion filter, Chinneck & Dravnieks 1991). A set is judged by its Farkas multipliers,
    which are 1 for each of its sums: lines nest in segments and in products, so the matrix is totally unimodular.
    """
    limits, count = tuple(limits), len(lines)
    found: list[tuple[Limit, ...]] = []
    rest = limits
    while len(found) < MOST_CONFLICTS and shortfall(rest, count) > TOLERANCE:
        found.append(_in_their_lines(_smallest(_units(rest), count), rest, count))
        rest = _beside(rest, found[-1])
    result = []
    for members in found:
        plan = _beside(limits, [each for other in found if other is not members for each in other])
        changes = tuple(_least_change(one, plan, lines) for one in members)
        result.append(Conflict(members, _excess(members, count), changes))
    return tuple(result)


def shortfall(limits: Iterable[Limit], count: int) -> float:
    """By how much the rules must give way in all, at least, before a spend in `count` lines keeps them; currency a year."""
    units = _units(limits)
    sums = [unit for unit in units if unit.each is None]
    low, high = bounds(units, count)
    return float(np.maximum(low - high, 0).sum() + _give(low, high, sums, np.ones(len(sums))).sum())


def _units(limits: Iterable[Limit]) -> list[Limit]:
    """The rules, all minima of lines taken as one and all maxima, plain rules first."""
    limits = tuple(limits)
    units = [limit for limit in limits if limit.each is None]
    for sense, key in GROUPS.items():
        own = [limit for limit in limits if limit.of_a_line and limit.sense == sense]
        units += [_group(key, own)] if own else []
    return units + [limit for limit in limits if limit.each is not None and not limit.of_a_line]


def _group(key: str, own: Sequence[Limit]) -> Limit:
    """Minima, or maxima, of lines as one rule; a single one stays what it is."""
    if len(own) == 1:
        return own[0]
    at = np.concatenate([limit.at for limit in own])
    each = np.array([limit.amount for limit in own])
    return Limit(key, key, own[0].sense, at, float(each.sum()), each, own[0].column)


def _smallest(units: list[Limit], count: int) -> list[Limit]:
    """A smallest set of rules that no spend keeps, of several the one that lacks most; all units together lack room."""
    tried = 0
    for size in range(1, len(units) + 1):
        tried += comb(len(units), size)
        if tried > MOST_SETS:
            break
        best, found = TOLERANCE, None
        for some in combinations(units, size):
            excess = _excess(some, count)
            if excess > best:
                best, found = excess + TOLERANCE, some
        if found is not None:
            return list(found)
    left = list(units)
    kinds = [("budget",), ("segment", "product"), ("line", "lines"), ("change_limit",), ("growth",)]
    kind = {name: place for place, names in enumerate(kinds) for name in names}
    for unit in sorted(units, key=lambda one: (-kind[one.key.split(".")[0]], one.amount, one.key)):
        fewer = [other for other in left if other is not unit]
        if shortfall(fewer, count) > TOLERANCE:
            left = fewer
    return left


def _pull(units: Iterable[Limit], count: int) -> np.ndarray:
    """How often each line stands in the sums of the rules, (count,): minima count as −1, maxima as 1 less the minima's 1.

    Below 0 a line's own least is added to what the rules ask for; above 0 its own most to what they allow.
    """
    pull = np.zeros(count)
    for unit in units:
        if unit.each is None:
            pull[unit.at] += 1.0 if unit.sense == "least" else -1.0
    return pull


def _excess(units: Sequence[Limit], count: int) -> float:
    """What the rules ask for less what they allow, all of them needed for it; above 0: no spend keeps them."""
    pull = _pull(units, count)
    low, high = bounds(units, count)
    asked = sum((1.0 if unit.sense == "least" else -1.0) * unit.amount for unit in units if unit.each is None)
    own = np.where(pull < 0, -pull * low, 0.0)
    own -= np.multiply(pull, high, out=np.zeros(count), where=pull > 0)
    own += np.where(pull == 0, np.maximum(low - high, 0.0), 0.0)
    return float(asked + own.sum())


def _in_their_lines(units: list[Limit], limits: tuple[Limit, ...], count: int) -> tuple[Limit, ...]:
    """The rules of a conflict, those on single lines cut down to the lines that matter, each line named once a side."""
    pull = _pull(units, count)
    low, high = bounds(units, count)
    crossed = (pull == 0) & (low > high + 1e-4)
    free = {"least": ((pull < 0) | crossed) & (low > 0), "most": (pull > 0) | crossed}
    tight = {"least": low, "most": high}
    result = []
    for unit in units:
        if unit.each is None:
            result.append(unit)
            continue
        own = free[unit.sense][unit.at] & (unit.each == tight[unit.sense][unit.at])
        free[unit.sense][unit.at[own]] = False
        if unit.key in GROUPS.values() or unit.of_a_line:
            inside = set(unit.at[own].tolist())
            lines = [one for one in limits if one.of_a_line and one.sense == unit.sense and int(one.at[0]) in inside]
            result.append(_group(unit.key, lines))
        else:
            each = unit.each[own]
            result.append(replace(unit, at=unit.at[own], amount=float(each.sum()), each=each))
    return tuple(result)


def _beside(limits: Iterable[Limit], members: Iterable[Limit]) -> tuple[Limit, ...]:
    """The rules without the members of a conflict."""
    members = tuple(members)
    keys = {member.key for member in members}
    lines = {(member.sense, at) for member in members if member.key in GROUPS.values() for at in member.at.tolist()}
    return tuple(limit for limit in limits if limit.key not in keys
                 and not (limit.of_a_line and (limit.sense, int(limit.at[0])) in lines))  # fmt: skip


def _least_change(member: Limit, limits: tuple[Limit, ...], lines: pd.DataFrame) -> float | None:
    """The least move of a rule with which a spend keeps all of `limits`; None where none is enough."""
    count, sign = len(lines), -1.0 if member.sense == "least" else 1.0
    if member.share is not None:
        return _least_share(limits, lines, member.share)
    others = _beside(limits, [member])
    if shortfall(others, count) > TOLERANCE:
        return None
    low, high = bounds(_units(others), count)
    kept = [limit for limit in others if limit.each is None]
    own = _apart(next((limit for limit in limits if limit.key == member.key), member))
    given = _give(low, high, [*own, *kept], np.append(np.ones(len(own)), np.full(len(kept), DEAR)))
    by, broken = float(given[: len(own)].sum()), float(given[len(own) :].sum())
    by = float(np.ceil(by * 100 - 0.3) / 100)
    if broken > TOLERANCE or (member.sense == "least" and by > member.amount + TOLERANCE):
        return None
    return sign * by


def _apart(limit: Limit) -> list[Limit]:
    """A rule that bounds each of its lines as one rule a line; any other as it is."""
    if limit.each is None:
        return [limit]
    pairs = zip(limit.at, limit.each.tolist(), strict=True)
    return [replace(limit, at=np.array([at]), amount=amount, each=None) for at, amount in pairs]


def _least_share(limits: tuple[Limit, ...], lines: pd.DataFrame, share: float) -> float | None:
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
    return float(np.ceil(high * 1e6) / 1e6) - share


def _give(low: np.ndarray, high: np.ndarray, sums: Sequence[Limit], cost: np.ndarray) -> np.ndarray:
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
