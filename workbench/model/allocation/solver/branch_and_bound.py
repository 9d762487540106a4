"""S-shaped lines: the interval of each line in which the best spend lies, by branch and bound (array kernel; HiGHS)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csc_array, csr_array

from workbench.model.allocation.solver.column_generation import (
    UNIT,
    Pieces,
    Points,
    Rules,
    Solved,
    at_ends,
    solve,
    worth,
)
from workbench.model.allocation.solver.concave_envelope import Envelope, inflection

GAP = 1e-5  # relative gap at which an S-shaped problem counts as solved
NODES = 2_000  # branches after which the best plan so far is taken, with its gap
TRIES = 40  # programs with binaries, each on what the last one asked for


@dataclass(frozen=True)
class Branch:
    """A best spend (n,) on the intervals `low` … `high` of `rules`, the weighted gain it truly `reached`, and a bound.

    `bound` holds for all spends under the rules that were given, not for these intervals alone.
    """

    solved: Solved
    rules: Rules
    envelope: Envelope
    reached: float
    bound: float


@dataclass(frozen=True)
class _Intervals:
    """Intervals of all lines one after the other: line, ends, and whether the next one belongs to the same line."""

    line: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def of(cls, rules: Rules, breaks: Points) -> _Intervals:
        inside = (breaks.at > rules.low[breaks.line] + 1e-6) & (breaks.at < rules.high[breaks.line] - 1e-6)
        lines = np.arange(len(rules.low))
        points = Points(lines, rules.low).more(breaks.line[inside], breaks.at[inside])
        last = np.append(points.line[1:] != points.line[:-1], True)
        ends = np.where(last, np.maximum(rules.high, rules.low)[points.line], np.append(points.at[1:], np.nan))
        return cls(points.line, points.at, ends)

    def holding(self, spend: np.ndarray) -> np.ndarray:
        """The number of the interval (n,) of each line in which its spend lies, of two the lower one."""
        inside = (spend[self.line] >= self.low - 1e-6) & (spend[self.line] <= self.high + 1e-6)
        places = np.flatnonzero(inside)[::-1]
        found = np.zeros(len(spend), dtype=int)
        found[self.line[places]] = places
        return found


def branch(envelope: Envelope, rules: Rules, step: float, root: Solved) -> Branch:
    """The best branch, from the solved envelopes: theirs where every line lies on its curve, or close enough.

    Lines that lie inside a chord are tried below and above their inflection. By what a line loses at the root's prices
    on one side of it, most lines are settled there; the others get a binary, and a program over curves from above
    (tangents) gives a bound for all branches and the next branch to try, until both meet.
    """
    best = Branch(root, rules, envelope, float(envelope.true(root.spend).sum()), root.bound)
    lossy = _inside_chords(envelope, root.spend)
    if _close(best) or not len(lossy):
        return best
    breaks = _break_at(envelope, lossy, root.spend)
    for high in (False, True):
        best = _better(best, envelope, _beside(rules, breaks, high), step, root.points)
    points = root.points
    for _ in range(TRIES):
        if _close(best):
            break
        rules = _narrowed(envelope, rules, root, best.reached)
        intervals = _Intervals.of(rules, breaks)
        above = _from_above(envelope, rules, intervals, points, best)
        if above is None:
            return replace(best, bound=best.reached)
        spend, bound = above
        best = replace(best, bound=min(best.bound, max(bound, best.reached)))
        held = intervals.holding(spend)
        tried = replace(rules, low=intervals.low[held], high=intervals.high[held])
        old = best.reached
        best = _better(best, envelope, tried, step, points)
        lines = np.arange(len(spend))
        wider = points.more(best.solved.points.line, best.solved.points.at).more(lines, spend)
        part = Envelope.of(envelope.curves, envelope.weight, tried.low, tried.high)
        asked = _break_at(part, _inside_chords(part, spend), spend)
        finer = breaks.more(asked.line, asked.at)
        if len(wider.at) == len(points.at) and len(finer.at) == len(breaks.at) and best.reached <= old:
            break
        points, breaks = wider, finer
    return best


def _close(best: Branch) -> bool:
    return best.bound - best.reached <= GAP * max(1.0, abs(best.reached))


def _inside_chords(envelope: Envelope, spend: np.ndarray) -> np.ndarray:
    """The lines whose envelope lies above their curve at `spend`, by more than a trifle."""
    loss = envelope.value(spend) - envelope.true(spend)
    return np.flatnonzero(loss > 1e-9 * np.maximum(1.0, np.abs(envelope.value(spend))))


def _break_at(envelope: Envelope, lines: np.ndarray, spend: np.ndarray) -> Points:
    """Where to part these lines: at their inflection, or at their spend where that lies outside their bounds."""
    bend = inflection(envelope.curves)[lines]
    inside = (bend > envelope.low[lines] + 1e-6) & (bend < envelope.high[lines] - 1e-6)
    return Points(lines, np.where(inside, bend, spend[lines]))


def _beside(rules: Rules, breaks: Points, above: bool) -> Rules:
    """Rules with the lines of `breaks` kept above or below their break."""
    ends = (rules.low if above else rules.high).copy()
    ends[breaks.line] = breaks.at
    return replace(rules, low=ends) if above else replace(rules, high=ends)


def _better(best: Branch, envelope: Envelope, rules: Rules, step: float, points: Points) -> Branch:
    """The better one of the best branch so far and the branch of these rules."""
    part = Envelope.of(envelope.curves, envelope.weight, rules.low, rules.high)
    solved = solve(part, rules, step, on(part, points))
    if solved is None:
        return best
    reached = float(part.true(solved.spend).sum())
    return Branch(solved, rules, part, reached, best.bound) if reached > best.reached else best


def on(envelope: Envelope, points: Points) -> Points:
    """The points that lie on these envelopes, with their ends, knees and today's spend."""
    inside = (points.at >= envelope.knee[points.line]) & (points.at <= envelope.high[points.line])
    return at_ends(envelope).more(points.line[inside], points.at[inside])


def _narrowed(envelope: Envelope, rules: Rules, root: Solved, reached: float) -> Rules:
    """Rules narrowed to the side of the inflection on which alone a line can beat what was reached, at the root's prices."""
    bend = inflection(envelope.curves)
    bent = (envelope.scale > 0) & (bend > rules.low + 1e-6) & (bend < rules.high - 1e-6)
    price = rules.matrix.T @ root.prices
    best = envelope.best(price)
    most = envelope.value(best) - price * best
    gap = float(most.sum()) + worth(rules, root.prices) - reached
    kept = []
    for low, high in ((rules.low, np.where(bent, bend, rules.high)), (np.where(bent, bend, rules.low), rules.high)):
        part = Envelope.of(envelope.curves, envelope.weight, low, high)
        there = part.best(price)
        kept.append(most - part.value(there) + price * there <= gap)
    low = np.where(bent & ~kept[0] & kept[1], bend, rules.low)
    high = np.where(bent & kept[0] & ~kept[1], bend, rules.high)
    return replace(rules, low=low, high=high)


def _from_above(
    envelope: Envelope, rules: Rules, intervals: _Intervals, points: Points, best: Branch
) -> tuple[np.ndarray, float] | None:
    """The best spend (n,) of curves that lie above the true ones, and its bound; None where no spend keeps the rules."""
    line = intervals.line
    part = Envelope.of(envelope.curves.of(line), envelope.weight[line], intervals.low, intervals.high)
    pieces = tangents(part, _split(part, intervals, points))
    owner = line[pieces.line]
    base = float(envelope.true(rules.low).sum()) + pieces.base
    same = np.flatnonzero(line[1:] == line[:-1])
    width = len(owner) + len(same)
    columns = np.arange(len(owner))
    rows = coo_array(csc_array(rules.matrix)[:, owner])
    rows = csr_array(coo_array((rows.data, (rows.row, rows.col)), shape=(rows.shape[0], width)))
    held = rules.matrix @ rules.low
    tolerance = GAP / 2 * max(1.0, abs(best.reached))
    answer = milp(
        np.append(-pieces.slope, np.zeros(len(same))),
        constraints=[
            LinearConstraint(rows, (rules.least - held) / UNIT, (rules.most - held) / UNIT),
            *_in_order(pieces, same, columns, width),
        ],
        bounds=Bounds(0, np.append(pieces.length / UNIT, np.ones(len(same)))),
        integrality=np.append(np.zeros(len(owner)), np.ones(len(same))),
        options={"mip_rel_gap": tolerance / max(abs(best.bound - base), tolerance), "node_limit": NODES},
    )
    if answer.x is None:
        return None if answer.status == 2 else (best.solved.spend, np.inf)
    filled = np.clip(answer.x[: len(owner)] * UNIT, 0, pieces.length)
    reached = base - UNIT * float(answer.fun)
    bound = reached if len(same) == 0 else base - UNIT * float(answer.mip_dual_bound)
    spend = rules.low + np.bincount(owner, filled, minlength=len(rules.low))
    return np.clip(spend, rules.low, rules.high), max(bound, reached)


def _split(part: Envelope, intervals: _Intervals, points: Points) -> Points:
    """The points of the lines on the intervals they lie in, with the knees and ends of these."""
    number = np.arange(len(part.low))
    last = np.searchsorted(intervals.line, points.line, side="right") - 1
    first = np.searchsorted(intervals.line, points.line, side="left")
    ends = Points(np.tile(number, 2), np.concatenate([part.knee, part.high]))
    found = Points(np.zeros(0, dtype=int), np.zeros(0)).more(ends.line, ends.at)
    for ahead in range(int((last - first).max(initial=0)) + 1):
        place = np.minimum(first + ahead, last)
        inside = (first + ahead <= last) & (points.at > part.knee[place]) & (points.at < part.high[place])
        found = found.more(place[inside], points.at[inside])
    return found


def tangents(envelope: Envelope, points: Points) -> Pieces:
    """Pieces that lie nowhere below the envelopes and touch them at the points, which lie from the knees to the ends.

    `base` is what they lie above the envelopes at their low ends: more than 0 only where a curve begins upright.
    """
    line, at = points.line, points.at
    slope = envelope.slope(at, line)
    kept = np.isfinite(slope)
    line, at, slope = line[kept], at[kept], slope[kept]
    value = envelope.weight[line] * envelope.curves.of(line).gain(at)
    same = line[1:] == line[:-1]
    fall = np.append(np.where(same, slope[:-1] - slope[1:], 0.0), 0.0)
    meet = np.append(np.diff(value - slope * at), 0.0) / np.where(fall > 1e-12, fall, 1.0)
    after = np.append(at[1:], 0.0)
    meet = np.where(fall > 1e-12, np.clip(meet, at, np.maximum(after, at)), after)
    last, first = np.append(~same, True), np.append(True, ~same)
    start = np.where(first, envelope.knee[line], np.append(0.0, meet[:-1]))
    end = np.where(last, envelope.high[line], meet)
    upright = first & (at > envelope.knee[line])
    base = float((value - slope * (at - envelope.knee[line]) - envelope.true(envelope.knee)[line])[upright].sum())
    straight = np.flatnonzero(envelope.knee > envelope.low)
    lines = np.append(straight, line)
    starts = np.append(envelope.low[straight], start)
    lengths = np.append(envelope.knee[straight] - envelope.low[straight], end - start)
    slopes = np.append(envelope.rise[straight], slope)
    some = np.flatnonzero(lengths > 1e-9)
    some = some[np.lexsort((starts[some], lines[some]))]
    return Pieces(lines[some], starts[some], lengths[some], slopes[some], max(base, 0.0))


def _in_order(pieces: Pieces, same: np.ndarray, columns: np.ndarray, width: int) -> list[LinearConstraint]:
    """An interval is full before the next one of its line starts: a binary for each break, 1 beyond it."""
    if not len(same):
        return []
    place = np.full(int(max(pieces.line.max(), same.max() + 1)) + 1, -1)
    place[same] = len(columns) + np.arange(len(same))
    beyond = np.full_like(place, -1)
    beyond[same + 1] = place[same]
    before, after = place[pieces.line] >= 0, beyond[pieces.line] >= 0
    piece = np.append(columns[before], columns[after])
    switch = np.append(place[pieces.line[before]], beyond[pieces.line[after]])
    sign = np.append(np.full(before.sum(), -1.0), np.ones(after.sum()))
    row = np.arange(len(piece))
    length = pieces.length[piece] / UNIT
    entries = coo_array(
        (np.append(sign, -sign * length), (np.append(row, row), np.append(piece, switch))), shape=(len(row), width)
    )
    return [LinearConstraint(csr_array(entries), -np.inf, 0.0)]
