"""The best spend under linear rules, by a piecewise linear program (array kernel; HiGHS through SciPy)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array, vstack

from workbench.model.response import Curves

PIECES = 48  # pieces of a line's curve, fewer where there are many lines
MOST_PIECES = 30_000
GAP = 1e-5  # relative gap at which an S-shaped problem counts as solved
NODES = 2_000  # branches after which the best plan so far is taken, with its gap
UNIT = 1_000.0  # the program counts in thousands


@dataclass(frozen=True)
class Rules:
    """Bounds of each line, (n,), and rows of linear rules: least ≤ matrix @ spend ≤ most; currency a year."""

    low: np.ndarray
    high: np.ndarray
    matrix: csr_array
    least: np.ndarray
    most: np.ndarray


@dataclass(frozen=True)
class Best:
    """`spend` (n,); `feasible`; `error`: how far the true optimum may lie above it at most, currency a year; `gap`."""

    spend: np.ndarray
    feasible: bool
    error: float
    gap: float


def maximise(curves: Curves, weight: np.ndarray, rules: Rules, *, nearest: bool = True) -> Best:
    """The spend (n,) with the largest Σ weight × gain under the rules; of equally good ones that `nearest` to today.

    Each curve is cut into pieces between points that lie on it; where pieces rise in slope (S-shaped curves) binaries
    keep their order. Raises ValueError for figures that are not finite.
    """
    parts = (weight, curves.floor, curves.ceiling, rules.low, rules.high)
    if not all(np.isfinite(part).all() for part in parts):
        raise ValueError("figures that are not finite")
    step = 10.0 ** np.floor(np.log10(max(float(curves.current.sum()), 1e4) / 1e4))
    pieces = max(8, min(PIECES, MOST_PIECES // max(len(weight), 1)))
    points = [_points(curves, rules, line, step, pieces) for line in range(len(weight))]
    grid = _Grid.of(points, curves, weight)
    first = _solve(grid, rules, -grid.slope * grid.length, None)
    if first is None:
        return Best(curves.current.copy(), False, 0.0, 0.0)
    filled, gap = first
    if nearest:
        away = grid.length * np.where(grid.above, 1.0, -1.0) / UNIT * (1 + 1e-5 * grid.line)
        reached = float((grid.slope * grid.length) @ filled)
        second = _solve(grid, rules, away, reached - 1e-9 * max(1.0, abs(reached)))
        filled = filled if second is None else second[0]
    spend = rules.low + np.bincount(grid.line, grid.length * filled, minlength=len(weight))
    return Best(np.clip(spend, rules.low, rules.high), True, grid.error, gap)


@dataclass(frozen=True)
class _Grid:
    """The pieces of all lines, one after the other: line, length, slope (weighted gain a unit), above today or not."""

    line: np.ndarray
    length: np.ndarray
    slope: np.ndarray
    above: np.ndarray
    order: np.ndarray
    error: float

    @classmethod
    def of(cls, points: list[np.ndarray], curves: Curves, weight: np.ndarray) -> _Grid:
        lines, lengths, slopes, above, order, error = [], [], [], [], [], 0.0
        for index, at in enumerate(points):
            one = Curves(*(part[index : index + 1] for part in vars(curves).values()))
            gain = one.gain(at[None, :])[0] * weight[index]
            length = np.diff(at)
            slope = np.diff(gain) / length
            lines.append(np.full(len(length), index))
            lengths.append(length)
            slopes.append(slope)
            above.append(at[:-1] >= curves.current[index] - 1e-9)
            rising = np.diff(slope) > 1e-12 * max(1.0, float(np.abs(slope).max(initial=0.0)))
            order.append(np.full(len(length), bool(rising.any())))
            error += _error(one, at, gain, weight[index])
        joined = [np.concatenate(each) for each in (lines, lengths, slopes, above, order)]
        return cls(joined[0], joined[1], joined[2], joined[3], joined[4], error)


def _points(curves: Curves, rules: Rules, line: int, step: float, pieces: int) -> np.ndarray:
    """Breakpoints of a line: its bounds, today's spend, and multiples of `step` at about equal steps of the response."""
    low, high = float(rules.low[line]), float(rules.high[line])
    half, shape, current = float(curves.half[line]), float(curves.shape[line]), float(curves.current[line])
    if high <= low:
        return np.array([low])
    inner = np.array([])
    if half > 0:
        ends = [1 / (1 + (half / end) ** shape) if end > 0 else 0.0 for end in (low, high)]
        level = np.linspace(ends[0], ends[1], pieces + 1)[1:-1]
        inner = np.round(half * (level / (1 - level)) ** (1 / shape) / step) * step
    each = np.concatenate([[low, high, current], inner])
    each = np.unique(each[(each >= low) & (each <= high)])
    return np.asarray(each[np.concatenate([[True], np.diff(each) > 1e-6])], dtype=float)


def _error(curve: Curves, at: np.ndarray, gain: np.ndarray, weight: float) -> float:
    """How far a choice by pieces may miss the best of one line: the most that its curve lies above its pieces and the
    most that it lies below them, looked up at 15 places of each piece.
    """
    if len(at) < 2:
        return 0.0
    inside = np.linspace(at[:-1], at[1:], 17, axis=1)
    straight = np.linspace(gain[:-1], gain[1:], 17, axis=1)
    true = curve.gain(inside.reshape(1, -1))[0].reshape(inside.shape) * weight
    return float(np.max(true - straight, initial=0.0) + np.max(straight - true, initial=0.0))


def _solve(grid: _Grid, rules: Rules, cost: np.ndarray, at_least: float | None) -> tuple[np.ndarray, float] | None:
    """Filled parts (pieces,) in 0–1 with the least cost, and the relative gap; None where no plan keeps the rules."""
    pieces = len(grid.line)
    if pieces == 0:
        return _nothing_to_choose(rules)
    pick = coo_array((grid.length, (grid.line, np.arange(pieces))), shape=(len(rules.low), pieces))
    matrix = csr_array(rules.matrix @ pick) / UNIT
    base = rules.matrix @ rules.low
    least, most = (rules.least - base) / UNIT, (rules.most - base) / UNIT
    if at_least is not None:
        matrix = vstack([matrix, csr_array((grid.slope * grid.length / UNIT)[None, :])], format="csr")
        least, most = np.append(least, at_least / UNIT), np.append(most, np.inf)
    binaries = np.flatnonzero(grid.order)
    width = pieces + len(binaries)
    matrix = csr_array((matrix.data, matrix.indices, matrix.indptr), shape=(matrix.shape[0], width))
    constraints = [LinearConstraint(matrix, least, most)]
    if len(binaries):
        constraints.append(_in_order(grid, binaries, width))
    answer = milp(
        np.append(cost / UNIT, np.zeros(len(binaries))),
        constraints=constraints,
        bounds=Bounds(0, 1),
        integrality=np.append(np.zeros(pieces), np.ones(len(binaries))),
        options={"mip_rel_gap": GAP, "node_limit": NODES},
    )
    if answer.x is None:
        return None
    return np.clip(answer.x[:pieces], 0, 1), float(getattr(answer, "mip_gap", 0.0) or 0.0)


def _nothing_to_choose(rules: Rules) -> tuple[np.ndarray, float] | None:
    """Where every line is fixed by its bounds: no parts to fill, or None where the fixed spend breaks a rule."""
    sums = rules.matrix @ rules.low
    kept = (sums <= rules.most + 0.005).all() and (sums >= rules.least - 0.005).all()
    return (np.zeros(0), 0.0) if kept else None


def whole_cents(spend: np.ndarray, rules: Rules) -> np.ndarray:
    """`spend` (n,) with each line rounded down or up to a cent so that bounds and rules hold on the rounded amounts.

    Of all such roundings the nearest. Rules over segments, over products and over all lines leave one wherever their
    amounts are whole cents; where they do not, each line is rounded for itself.
    """
    low, high = np.ceil(rules.low * 100 - 1e-4), np.floor(rules.high * 100 + 1e-4)
    exact = np.clip(spend * 100, low, np.maximum(low, high))
    down = np.floor(exact + 1e-4)
    part = np.clip(exact - down, 0, 1)
    base = rules.matrix @ down
    least = np.ceil(rules.least * 100 - 1e-4) - base
    most = np.floor(rules.most * 100 + 1e-4) - base
    least[0] = max(least[0], min(most[0], np.floor(part.sum() + 0.01)))
    answer = milp(
        1 - 2 * part,
        constraints=[LinearConstraint(rules.matrix, least, most)],
        bounds=Bounds(0, (down + 1 <= high).astype(float)),
        integrality=np.ones(len(spend)),
    )
    cents = np.round(exact) if answer.x is None else down + np.round(answer.x)
    return np.asarray(cents / 100 + 0.0, dtype=float)


def _in_order(grid: _Grid, binaries: np.ndarray, width: int) -> LinearConstraint:
    """A piece is full before the next one starts: next ≤ z ≤ this, one binary z a piece."""
    rows, columns, data, count = [], [], [], 0
    pieces = len(grid.line)
    for place, piece in enumerate(binaries):
        rows += [count, count]
        columns += [pieces + place, int(piece)]
        data += [1.0, -1.0]
        count += 1
        if piece + 1 < pieces and grid.line[piece + 1] == grid.line[piece]:
            rows += [count, count]
            columns += [int(piece) + 1, pieces + place]
            data += [1.0, -1.0]
            count += 1
    matrix = csr_array(coo_array((data, (rows, columns)), shape=(count, width)))
    return LinearConstraint(matrix, -np.inf, 0.0)
