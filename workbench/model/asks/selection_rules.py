"""The rules a chosen set keeps: capacity, prerequisites, exclusions, least counts, what is fixed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

TOLERANCE = 1e-9  # of a team's capacity, or of its largest effort where that is larger
WHOLE = 1000.0  # the room of a team in its row, so that the solver's millionth is the tolerance above


@dataclass(frozen=True)
class Rows:
    """Σ factor · chosen ≤ limit for each of m rows: `row`, `column`, `factor` (k,) name what is not zero, `limit` (m,)."""

    row: np.ndarray
    column: np.ndarray
    factor: np.ndarray
    limit: np.ndarray

    def dense(self, count: int) -> np.ndarray:
        """The factors as a table (m, count)."""
        table = np.zeros((len(self.limit), count))
        np.add.at(table, (self.row, self.column), self.factor)
        return table


@dataclass(frozen=True)
class SelectionRules:
    """`effort` (n, t), `capacity` (t,), `requires` and `excludes` (k, 2), `least` (members (n,), count), `wanted`,
    `barred` (n,) of bool."""

    effort: np.ndarray
    capacity: np.ndarray
    requires: np.ndarray
    excludes: np.ndarray
    least: tuple[tuple[np.ndarray, int], ...]
    wanted: np.ndarray
    barred: np.ndarray

    def kept(self, chosen: np.ndarray) -> bool:
        """Whether `chosen` (n,) of bool keeps every rule, by plain sums; a team may go over by the tolerance."""
        one, other = self.requires.T
        this, that = self.excludes.T
        return bool(
            (self.effort[chosen].sum(axis=0) <= self.capacity + self._slack()).all()
            and not (chosen[one] & ~chosen[other]).any()
            and not (chosen[this] & chosen[that]).any()
            and all(np.count_nonzero(chosen & members) >= count for members, count in self.least)
            and chosen[self.wanted].all()
            and not chosen[self.barred].any()
        )

    def settled(self, worth: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
        """What the rules alone leave no choice about: chosen and still free, (n,) of bool; None: they contradict.

        An ask is out if it cannot fit or needs what is out, and also if neither its worth nor another ask or a
        least count speaks for it.
        """
        chosen, out = self.wanted.copy(), self.barred.copy()
        one, other = self.requires.T
        this, that = self.excludes.T
        out[this[this == that]] = True
        shrinks = bool((self.effort >= 0).all())
        before = -1
        while before < (before := int(chosen.sum() + out.sum())):
            chosen[other[chosen[one]]] = True
            out[one[out[other]]] = True
            out[that[chosen[this]]] = True
            out[this[chosen[that]]] = True
            if shrinks:
                left = self.capacity - self.effort[chosen].sum(axis=0) + self._slack()
                if (left < 0).any():
                    return None
                out |= ~chosen & (self.effort > left).any(axis=1)
            if (chosen & out).any():
                return None
        if any(np.count_nonzero(members & ~out) < count for members, count in self.least):
            return None
        free = ~chosen & ~out
        return chosen, free & self._spoken_for(worth, free) if shrinks else free

    def _spoken_for(self, worth: np.ndarray, free: np.ndarray) -> np.ndarray:
        useful = worth > 0
        for members, _ in self.least:
            useful |= members
        useful &= free
        one, other = self.requires.T
        before = -1
        while before < (before := int(useful.sum())):
            useful[other[useful[one]]] = True
        return useful

    def rows(self, chosen: np.ndarray, free: np.ndarray) -> Rows:
        """The rules that `chosen` leaves for the `free` asks; columns count the free ones."""
        place = np.cumsum(free) - 1
        effort, left = self.effort[free], self.capacity - self.effort[chosen].sum(axis=0)
        binding = np.maximum(effort, 0).sum(axis=0) > left
        effort, left = effort[:, binding], left[binding]
        size = WHOLE / np.maximum(np.abs(left), np.abs(effort).max(axis=0, initial=0))
        column, team = np.nonzero(effort)
        parts = [(team, column, (effort * size)[column, team])]
        limits = [left * size]
        start = len(left)
        for pairs, sign, limit in ((self.requires, -1.0, 0.0), (self.excludes, 1.0, 1.0)):
            inner = place[pairs[free[pairs].all(axis=1)]]
            rows = start + np.arange(len(inner))
            parts += [(rows, inner[:, 0], np.ones(len(inner))), (rows, inner[:, 1], np.full(len(inner), sign))]
            limits.append(np.full(len(inner), limit))
            start += len(inner)
        for members, count in self.least:
            inside = place[members & free]
            parts.append((np.full(len(inside), start), inside, np.full(len(inside), -1.0)))
            limits.append(np.array([float(np.count_nonzero(members & chosen) - count)]))
            start += 1
        row, column, factor = (np.concatenate(each) for each in zip(*parts, strict=True))
        return Rows(row, column, factor, np.concatenate(limits))

    def _slack(self) -> np.ndarray:
        size: np.ndarray = np.maximum(np.abs(self.capacity), np.abs(self.effort).max(axis=0, initial=0))
        return TOLERANCE * size


def rules(
    effort: np.ndarray,
    capacity: np.ndarray,
    requires: Iterable[tuple[int, int]],
    excludes: Iterable[tuple[int, int]],
    groups: Sequence[object] | None,
    at_least: Mapping[object, int] | None,
    fixed: Mapping[int, bool] | None,
) -> SelectionRules:
    """The rules as arrays: pairs once and in order, however they were given."""
    needs = sorted({(one, other) for one, other in requires if one != other})
    clashes = sorted({(min(pair), max(pair)) for pair in excludes})
    least = []
    for group, count in (at_least or {}).items():
        members = np.zeros(len(effort), dtype=bool)
        members[[index for index, each in enumerate(groups or ()) if each == group]] = True
        least.append((members, int(count)))
    wanted, barred = np.zeros(len(effort), dtype=bool), np.zeros(len(effort), dtype=bool)
    for index, choice in (fixed or {}).items():
        (wanted if choice else barred)[index] = True
    least.sort(key=lambda each: (np.flatnonzero(each[0]).tolist(), each[1]))
    return SelectionRules(effort, capacity, _pairs(needs), _pairs(clashes), tuple(least), wanted, barred)


def _pairs(pairs: list[tuple[int, int]]) -> np.ndarray:
    return np.array(pairs, dtype=np.intp).reshape(-1, 2)
