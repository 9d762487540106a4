"""Why no plan keeps all the rules: the smallest set of them that conflict, and the least change of each that helps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import comb

import numpy as np
import pandas as pd

from workbench.model.allocation.limits import Rule, bounds
from workbench.model.allocation.relaxation import GROUPS, TOLERANCE, beside, group, least_change, shortfall, units

MOST_CONFLICTS = 5
MOST_SETS = 20_000  # sets tried by size; a conflict of more rules is found by leaving out one rule after the other


@dataclass(frozen=True, eq=False)
class Conflict:
    """`members`: rules that no spend keeps together, while dropping any one leaves a spend that keeps the others; by
    `excess` (currency a year) what they ask for exceeds what they allow.

    Minima of lines of the spend table count as one rule (`lines.minimum`), as do their maxima; the lines `at` of a
    member that bounds lines one by one are those that matter. `changes`: for each member the least move of its amount
    (currency a year, of a change limit its share; below 0: lower) with which a plan keeps all rules, the members of other
    conflicts left aside; None where no move of it is enough.
    """

    members: tuple[Rule, ...]
    excess: float
    changes: tuple[float | None, ...]


def conflict(limits: Iterable[Rule], lines: pd.DataFrame) -> Conflict | None:
    """The first of `conflicts`, or None where a spend keeps all the rules."""
    found = conflicts(limits, lines)
    return found[0] if found else None


def conflicts(limits: Iterable[Rule], lines: pd.DataFrame) -> tuple[Conflict, ...]:
    """Conflicts without a rule in common, at most five; none where a spend keeps all the rules.

    Each is a smallest set: sets are tried by size, of equally small ones the one with the largest excess is taken, then
    the one of plain rules (budget, segments, products). Where there are too many sets, rules are left out one by one,
    plain and large ones last (deletion filter, Chinneck & Dravnieks 1991). A set is judged by its Farkas multipliers,
    which are 1 for each of its sums: lines nest in segments and in products, so the matrix is totally unimodular.
    """
    limits, count = tuple(limits), len(lines)
    found: list[tuple[Rule, ...]] = []
    rest = limits
    while len(found) < MOST_CONFLICTS and shortfall(rest, count) > TOLERANCE:
        found.append(_in_their_lines(_smallest(units(rest), count), rest, count))
        rest = beside(rest, found[-1])
    result = []
    for members in found:
        plan = beside(limits, [each for other in found if other is not members for each in other])
        changes = tuple(least_change(one, plan, lines) for one in members)
        result.append(Conflict(members, _excess(members, count), changes))
    return tuple(result)


def _smallest(rules: list[Rule], count: int) -> list[Rule]:
    """A smallest set of rules that no spend keeps, of several the one that lacks most; together they lack room."""
    tried = 0
    for size in range(1, len(rules) + 1):
        tried += comb(len(rules), size)
        if tried > MOST_SETS:
            break
        best, found = TOLERANCE, None
        for some in combinations(rules, size):
            excess = _excess(some, count)
            if excess > best:
                best, found = excess + TOLERANCE, some
        if found is not None:
            return list(found)
    left = list(rules)
    kinds = [("budget",), ("segment", "product"), ("line", "lines"), ("change_limit",), ("growth",)]
    kind = {name: place for place, names in enumerate(kinds) for name in names}
    for unit in sorted(rules, key=lambda one: (-kind[one.key.split(".")[0]], one.amount, one.key)):
        fewer = [other for other in left if other is not unit]
        if shortfall(fewer, count) > TOLERANCE:
            left = fewer
    return left


def _pull(rules: Iterable[Rule], count: int) -> np.ndarray:
    """How often each line stands in the sums that ask for spend less those that limit it, (count,).

    Above 0 the line's own most adds to what the rules allow; below 0 its own least to what they ask for.
    """
    pull = np.zeros(count)
    for unit in rules:
        if unit.each is None:
            pull[unit.at] += 1.0 if unit.sense == "least" else -1.0
    return pull


def _excess(rules: Sequence[Rule], count: int) -> float:
    """What the rules ask for less what they allow, all of them needed for it; above 0: no spend keeps them."""
    pull = _pull(rules, count)
    low, high = bounds(rules, count)
    asked = sum((1.0 if unit.sense == "least" else -1.0) * unit.amount for unit in rules if unit.each is None)
    own = np.where(pull < 0, -pull * low, 0.0)
    own -= np.multiply(pull, high, out=np.zeros(count), where=pull > 0)
    own += np.where(pull == 0, np.maximum(low - high, 0.0), 0.0)
    return float(asked + own.sum())


def _in_their_lines(rules: list[Rule], limits: tuple[Rule, ...], count: int) -> tuple[Rule, ...]:
    """The rules of a conflict, those on single lines cut down to the lines that matter, each line named once a side."""
    pull = _pull(rules, count)
    low, high = bounds(rules, count)
    crossed = (pull == 0) & (low > high + 1e-4)
    free = {"least": ((pull < 0) | crossed) & (low > 0), "most": (pull > 0) | crossed}
    tight = {"least": low, "most": high}
    result = []
    for unit in rules:
        if unit.each is None:
            result.append(unit)
            continue
        own = free[unit.sense][unit.at] & (unit.each == tight[unit.sense][unit.at])
        free[unit.sense][unit.at[own]] = False
        if unit.key in GROUPS.values() or unit.of_a_line:
            inside = set(unit.at[own].tolist())
            lines = [one for one in limits if one.of_a_line and one.sense == unit.sense and int(one.at[0]) in inside]
            result.append(group(unit.key, lines))
        else:
            each = unit.each[own]
            result.append(replace(unit, at=unit.at[own], amount=float(each.sum()), each=each))
    return tuple(result)
