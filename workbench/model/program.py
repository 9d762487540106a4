"""The linear program over a few points of each line's envelope, with points added where its prices ask (array kernel)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csc_array, csr_array, vstack

from workbench.model.envelope import Envelope

UNIT = 1_000.0  # the program counts in thousands
ROUNDS = 50
CLOSE = 1e-9  # relative distance from the bound at which no more points are asked for
LEVELS = (0.25, 0.5, 0.8, 1.0, 1.25, 2.0, 4.0)  # of a first price, at which the first points lie


@dataclass(frozen=True)
class Rules:
    """Bounds of each line, (n,), and rows of linear rules: least ≤ matrix @ spend ≤ most; currency a year."""

    low: np.ndarray
    high: np.ndarray
    matrix: csr_array
    least: np.ndarray
    most: np.ndarray


@dataclass(frozen=True)
class Points:
    """Points of all lines, sorted: `line` (k,) and `at` (k,), the spend."""

    line: np.ndarray
    at: np.ndarray

    def more(self, line: np.ndarray, at: np.ndarray) -> Points:
        """With further points; of two within a millionth the first stays."""
        lines, ats = np.concatenate([self.line, line]), np.concatenate([self.at, at])
        order = np.lexsort((ats, lines))
        lines, ats = lines[order], ats[order]
        new = np.ones(len(lines), dtype=bool)
        new[1:] = (np.diff(lines) > 0) | (np.diff(ats) > 1e-6)
        return Points(lines[new], ats[new])


@dataclass(frozen=True)
class Solved:
    """The best spend (n,) over the points, its value there, the bound and prices (rows,) of the rules, and the points.

    `bound` is Lagrange's: by no spend under the rules can the envelopes add up to more.
    """

    spend: np.ndarray
    value: float
    bound: float
    prices: np.ndarray
    points: Points


@dataclass(frozen=True)
class Pieces:
    """The pieces of all lines between their points: line, start, length and slope (k,), and the value at the start of all."""

    line: np.ndarray
    start: np.ndarray
    length: np.ndarray
    slope: np.ndarray
    base: float

    @classmethod
    def of(cls, envelope: Envelope, points: Points) -> Pieces:
        """Chords between neighbouring points: never above the envelope."""
        line, at = points.line, points.at
        value = envelope.weight[line] * envelope.curves.of(line).gain(at)
        inner = np.flatnonzero(line[1:] == line[:-1])
        length = at[inner + 1] - at[inner]
        base = float(envelope.true(envelope.low).sum())
        return cls(line[inner], at[inner], length, (value[inner + 1] - value[inner]) / length, base)


def step_of(current: np.ndarray) -> float:
    """The power of ten whose multiples spend is looked for at: a ten-thousandth of all of today's or less."""
    return float(10.0 ** np.floor(np.log10(max(float(current.sum()), 1e4) / 1e4)))


def first_points(envelope: Envelope, rules: Rules, step: float) -> Points:
    """Each line's ends, knee and today's spend, and its best spend at a few prices about that of the whole budget."""
    lines = np.arange(len(envelope.low))
    today = np.clip(envelope.curves.current, envelope.knee, envelope.high)
    ends = [envelope.low, envelope.knee, envelope.high, today]
    points = Points(np.zeros(0, dtype=int), np.zeros(0)).more(np.tile(lines, 4), np.concatenate(ends))
    price = _first_price(envelope, float(rules.most[0]))
    for level in LEVELS:
        points = _ask(envelope, points, np.full(len(lines), level * price), step)
    return points


def _first_price(envelope: Envelope, budget: float) -> float:
    """About the price of money at which the budget is spent, other rules aside."""
    left, right = 1e-6, 1e6
    for _ in range(16):
        middle = (left * right) ** 0.5
        spent = float(envelope.best(np.full(len(envelope.low), middle)).sum())
        left, right = (middle, right) if spent > budget else (left, middle)
    return (left * right) ** 0.5


def _ask(envelope: Envelope, points: Points, price: np.ndarray, step: float) -> Points:
    """With the multiples of `step` beside each line's best spend at its price; finer steps where spend is below one."""
    best = envelope.best(price)
    lines = np.flatnonzero((best > envelope.knee) & (best < envelope.high))
    at = best[lines]
    unit = step * 10.0 ** np.clip(np.floor(np.log10(at / step)), -3, 0)
    asked = np.concatenate([np.floor(at / unit) * unit, np.ceil(at / unit) * unit])
    lines = np.tile(lines, 2)
    return points.more(lines, np.clip(asked, envelope.knee[lines], envelope.high[lines]))


def solve(envelope: Envelope, rules: Rules, step: float, points: Points | None = None) -> Solved | None:
    """The best spend over points of the envelopes, which are added until none is missed; None where rules contradict."""
    points = first_points(envelope, rules, step) if points is None else points
    bound = np.inf
    for _ in range(ROUNDS):
        pieces = Pieces.of(envelope, points)
        found = fill(pieces, rules, -pieces.slope)
        if found is None:
            return None
        filled, prices = found
        value = pieces.base + float(pieces.slope @ filled)
        bound = min(bound, lagrange(envelope, rules, prices))
        if bound - value <= CLOSE * max(1.0, abs(value)):
            break
        wider = _ask(envelope, points, rules.matrix.T @ prices, step)
        if len(wider.at) == len(points.at):
            break
        points = wider
    spend = rules.low + np.bincount(pieces.line, filled, minlength=len(rules.low))
    return Solved(np.clip(spend, envelope.low, envelope.high), value, bound, prices, points)


def lagrange(envelope: Envelope, rules: Rules, prices: np.ndarray) -> float:
    """What the envelopes can earn at most under the rules, by the prices (rows,) of the rules: Σ max(value − price · x)."""
    price = rules.matrix.T @ prices
    best = envelope.best(price)
    return float((envelope.value(best) - price * best).sum()) + worth(rules, prices)


def worth(rules: Rules, prices: np.ndarray) -> float:
    """What the limits of the rules are worth at their prices: those of a most are above 0, of a least below."""
    up, down = prices > 0, prices < 0
    return float(prices[up] @ rules.most[up] + prices[down] @ rules.least[down])


def fill(
    pieces: Pieces, rules: Rules, cost: np.ndarray, at_least: float | None = None, fixed: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray] | None:
    """How far each piece is filled (k,), in currency, at the least cost, and the prices (rows,) of the rules; or None.

    `at_least` is a limit on what the filled pieces add; pieces with a `fixed` filling (k,) that is not NaN keep it.
    """
    base = rules.matrix @ rules.low
    if not len(pieces.line):
        kept = (base <= rules.most + 0.005).all() and (base >= rules.least - 0.005).all()
        return (np.zeros(0), np.zeros(len(base))) if kept else None
    rows = csc_array(rules.matrix)[:, pieces.line]
    up, down = np.flatnonzero(np.isfinite(rules.most)), np.flatnonzero(np.isfinite(rules.least))
    rows = csr_array(rows)
    parts, limits = [rows[up], -rows[down]], [(rules.most - base)[up], (base - rules.least)[down]]
    if at_least is not None:
        parts.append(csr_array(-pieces.slope[None, :]))
        limits.append(np.array([-at_least]))
    ends = np.column_stack([np.zeros(len(pieces.line)), pieces.length / UNIT])
    if fixed is not None:
        ends = np.where(np.isnan(fixed)[:, None], ends, fixed[:, None] / UNIT)
    answer = linprog(cost, vstack(parts, format="csr"), np.concatenate(limits) / UNIT, bounds=ends, method="highs-ds")
    if answer.x is None:
        return None
    prices = np.zeros(len(base))
    duals = -answer.ineqlin.marginals
    prices[up] += np.maximum(duals[: len(up)], 0.0)
    prices[down] -= np.maximum(duals[len(up) : len(up) + len(down)], 0.0)
    return np.clip(answer.x * UNIT, 0.0, pieces.length), prices
