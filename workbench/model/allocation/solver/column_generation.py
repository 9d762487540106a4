"""The linear program over a few points of each line's envelope, with points added where its prices ask (array kernel)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csc_array, csr_array, eye_array, hstack, vstack

from workbench.model.allocation.solver.concave_envelope import Envelope

UNIT = 1_000.0  # the program counts in thousands
PLAIN = {"presolve": False}  # whose time grows with the square of the pieces
WIDE, FIRST, NARROW = 1.0, 0.02, 0.005  # part of a price beyond which pieces are settled: never, at first, at least
ROUNDS = 50
ENOUGH = 1e-7  # part of all potential within which a spend found by prices alone is taken
CLOSE = 1e-9  # relative distance from the bound at which no more points are asked for
SETTLED = 1e-9  # relative change of value and bound below which no more are, either
LEVELS = (0.5, 0.9, 1.1, 2.0)  # of the first prices, at which the first points lie
NEXT = (-1, 0, 1, 2)  # multiples of the step about the first prices' own points
STEPS = 8  # of Newton's method


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
    """The power of ten whose multiples spend is looked for at: at most a ten-thousandth of all of today's spend and a
    hundredth of a line's on average, at least 1.
    """
    return float(10.0 ** np.floor(np.log10(max(float(current.sum()) / max(1e4, 100 * len(current)), 1.0))))


def at_ends(envelope: Envelope) -> Points:
    """Each line's ends, knee and today's spend."""
    today = np.clip(envelope.curves.current, envelope.knee, envelope.high)
    ends = np.concatenate([envelope.low, envelope.knee, envelope.high, today])
    return Points(np.zeros(0, dtype=int), np.zeros(0)).more(np.tile(np.arange(len(envelope.low)), 4), ends)


def first_prices(envelope: Envelope, rules: Rules) -> np.ndarray:
    """About the price (rows,) of money at which the budget, row 0, is spent; other rules and no budget cost nothing."""
    left, right, prices = 1e-6, 1e6, np.zeros(len(rules.most))
    if not np.isfinite(rules.most[0]):
        return prices
    for _ in range(16):
        middle = (left * right) ** 0.5
        spent = float(envelope.best(np.full(len(envelope.low), middle)).sum())
        left, right = (middle, right) if spent > rules.most[0] else (left, middle)
    prices[0] = (left * right) ** 0.5
    return prices


def _nearer(envelope: Envelope, rules: Rules, prices: np.ndarray) -> np.ndarray:
    """Prices (rows,) with a lower bound than these, by Newton's method on Lagrange's as far as that lowers it."""
    bound = lagrange(envelope, rules, prices)
    for _ in range(STEPS):
        price = rules.matrix.T @ prices
        spend = envelope.best(price)
        bend = np.where(
            price > 0, (spend - envelope.best(price * (1 + 1e-4))) / np.where(price > 0, 1e-4 * price, 1.0), 0.0
        )
        sums = rules.matrix @ spend
        up, down = (prices > 0) | (sums > rules.most), (prices < 0) | (sums < rules.least)
        rows = np.flatnonzero(up | down)
        if not len(rows):
            break
        part = rules.matrix[rows]
        over = sums[rows] - np.where(up[rows], rules.most[rows], rules.least[rows])
        matrix = (part.multiply(bend[None, :]) @ part.T).toarray()
        step = np.zeros(len(prices))
        step[rows] = np.linalg.lstsq(matrix + np.eye(len(rows)) * 1e-9 * (1 + matrix.max()), over, rcond=None)[0]
        for part_of in (1.0, 0.25):
            now = prices + part_of * step
            now = np.where(up, np.maximum(now, 0.0), np.where(down, np.minimum(now, 0.0), now))
            lower = lagrange(envelope, rules, now)
            if lower < bound:
                break
        if lower >= bound:
            break
        near = bound - lower <= 1e-7 * max(1.0, abs(bound))
        prices, bound = now, lower
        if near:
            break
    return prices


def _ask(
    envelope: Envelope, points: Points, price: np.ndarray, step: float, around: tuple[int, ...] = (0, 1)
) -> Points:
    """With the multiples of `step` beside each line's best spend at its price; finer steps where spend is below one."""
    best = envelope.best(price)
    lines = np.flatnonzero((best > envelope.knee) & (best < envelope.high))
    at = best[lines]
    unit = step * 10.0 ** np.clip(np.floor(np.log10(at / step)), -3, 0)
    asked = np.concatenate([(np.floor(at / unit) + place) * unit for place in around])
    lines = np.tile(lines, len(around))
    return points.more(lines, np.clip(asked, envelope.knee[lines], envelope.high[lines]))


def solve(
    envelope: Envelope, rules: Rules, step: float, points: Points | None = None, prices: np.ndarray | None = None
) -> Solved | None:
    """The best spend over points of the envelopes, which are added until none is missed; None where rules contradict.

    `points` on the envelopes and `prices` (rows,) of a neighbouring problem make for a quicker start.
    """
    prices = first_prices(envelope, rules) if prices is None else prices
    prices = _nearer(envelope, rules, prices)
    price = rules.matrix.T @ prices
    if points is None:
        points = at_ends(envelope)
        for level in LEVELS:
            points = _ask(envelope, points, level * price, step, (0,))
    points = _ask(envelope, points, price, step, NEXT)
    bound, width, before = np.inf, FIRST, -np.inf
    for _ in range(ROUNDS):
        pieces = Pieces.of(envelope, points)
        found = _fill_about(pieces, rules, prices, width)
        if found is None:
            return None
        filled, now = found
        width = max(NARROW, 4 * _moved(rules, prices, now))
        prices = now
        value = pieces.base + float((pieces.slope * filled).sum())
        lower = min(bound, lagrange(envelope, rules, prices))
        scale = max(1.0, abs(value))
        settled = value - before <= SETTLED * scale and bound - lower <= SETTLED * scale
        bound, before = lower, value
        if settled or bound - value <= CLOSE * scale:
            break
        wider = _ask(envelope, points, rules.matrix.T @ prices, step)
        if len(wider.at) == len(points.at):
            break
        points = wider
    spend = rules.low + np.bincount(pieces.line, filled, minlength=len(rules.low))
    return Solved(np.clip(spend, envelope.low, envelope.high), value, bound, prices, points)


def priced(envelope: Envelope, rules: Rules, prices: np.ndarray | None = None) -> Solved | None:
    """The best spend as prices alone find it, without a program: None unless its value is proven within a part ENOUGH of
    all that is to be won and lost. `prices` (rows,) of a neighbouring problem make for a quicker start.

    Each line spends what is best at its price; what then breaks a rule by a little is taken off its lines in proportion.
    """
    prices = first_prices(envelope, rules) if prices is None else prices
    found = _at_prices(envelope, rules, _nearer(envelope, rules, prices))
    if found is None and len(prices) > 1:  # perhaps it is not the budget that binds, but the rules beside it
        beside = np.where(np.isfinite(rules.most), prices + prices[0], prices)
        beside[0] = 0.0
        found = _at_prices(envelope, rules, _nearer(envelope, rules, beside))
    return found


def _at_prices(envelope: Envelope, rules: Rules, prices: np.ndarray) -> Solved | None:
    """What the lines spend at the prices (rows,) of the rules, where that proves enough."""
    spend = envelope.best(rules.matrix.T @ prices)
    for row in range(len(rules.most)):
        member = rules.matrix[[row]].toarray()[0]
        above = member * (spend - envelope.low)
        over = float(member @ spend) - rules.most[row]
        if over > 0 and above.sum() > 0:
            spend = spend - above * min(1.0, over / float(above.sum()))
    sums = rules.matrix @ spend
    value, bound = float(envelope.true(spend).sum()), lagrange(envelope, rules, prices)
    kept = (sums <= rules.most + 0.005).all() and (sums >= rules.least - 0.005).all()
    if not kept or bound - value > ENOUGH * float(envelope.scale.sum()):
        return None
    return Solved(spend, value, bound, prices, at_ends(envelope))


def _moved(rules: Rules, before: np.ndarray, now: np.ndarray) -> float:
    """By what part the price of a line's money moved at most."""
    old, new = rules.matrix.T @ before, rules.matrix.T @ now
    most = np.maximum(np.abs(old), np.abs(new))
    return float((np.abs(new - old) / np.where(most > 0, most, 1.0)).max(initial=0.0))


def _fill_about(pieces: Pieces, rules: Rules, guess: np.ndarray, width: float) -> tuple[np.ndarray, np.ndarray] | None:
    """As `fill`, with the pieces whose slope is further from their guessed price than a part `width` of it settled.

    Where the prices found show one of these on the wrong side, the width is grown until none is.
    """
    while width < WIDE:
        price = (rules.matrix.T @ guess)[pieces.line]
        free = np.abs(pieces.slope - price) <= width * np.abs(price)
        full = ~free & (pieces.slope > price)
        low = rules.low + np.bincount(pieces.line, pieces.length * full, minlength=len(rules.low))
        some = np.flatnonzero(free)
        part = Pieces(pieces.line[some], pieces.start[some], pieces.length[some], pieces.slope[some], 0.0)
        found = fill(part, replace(rules, low=low), guess)
        if found is not None:
            price = (rules.matrix.T @ found[1])[pieces.line]
            if not (~free & np.where(full, pieces.slope < price, pieces.slope > price)).any():
                filled = pieces.length * full
                filled[some] = found[0]
                return filled, found[1]
        width *= 8
    return fill(pieces, rules, guess)


def lagrange(envelope: Envelope, rules: Rules, prices: np.ndarray) -> float:
    """What the envelopes can earn at most under the rules, by the prices (rows,) of the rules: Σ max(value − price · x)."""
    price = rules.matrix.T @ prices
    best = envelope.best(price)
    return float((envelope.value(best) - price * best).sum()) + worth(rules, prices)


def worth(rules: Rules, prices: np.ndarray) -> float:
    """What the limits of the rules are worth at their prices: those of a most are above 0, of a least below."""
    up, down = prices > 0, prices < 0
    return float((prices[up] * rules.most[up]).sum() + (prices[down] * rules.least[down]).sum())


def contradiction(envelope: Envelope, rules: Rules) -> np.ndarray:
    """Prices (rows,) that prove that no spend within the bounds keeps the rules, from the least sum by which they break."""
    up, down = np.flatnonzero(np.isfinite(rules.most)), np.flatnonzero(np.isfinite(rules.least))
    rows = vstack([rules.matrix[up], -rules.matrix[down]], format="csr")
    limits = np.concatenate([rules.most[up], -rules.least[down]])
    count, lines = rows.shape
    ends = np.column_stack([np.append(envelope.low, np.zeros(count)), np.append(envelope.high, np.full(count, np.inf))])
    cost = np.append(np.zeros(lines), np.ones(count))
    wide = hstack([rows, -eye_array(count)], format="csr")
    answer = linprog(cost, wide, limits, bounds=ends, method="highs-ds", options=PLAIN)
    prices, duals = np.zeros(len(rules.most)), np.maximum(-answer.ineqlin.marginals, 0.0)
    prices[up] += duals[: len(up)]
    prices[down] -= duals[len(up) :]
    return prices


def fill(pieces: Pieces, rules: Rules, guess: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """How far each piece is filled (k,), in currency, for the largest value, and the prices (rows,) of the rules; or None.

    Each rule gets a column for its sum, and costs are counted less `guess` (rows,), prices of the rules: the same
    program, but one whose columns lie at the right ends from the start where the guess is good.
    """
    base = rules.matrix @ rules.low
    least, most = rules.least - base, rules.most - base
    if not len(pieces.line):
        return (np.zeros(0), np.zeros(len(base))) if (most >= -0.005).all() and (least <= 0.005).all() else None
    used = csc_array(rules.matrix)[:, pieces.line]
    rows = hstack([used, -eye_array(len(base))], format="csr")
    cost = np.append(used.T @ guess - pieces.slope, -guess)
    ends = np.column_stack([np.append(np.zeros(len(pieces.line)), least), np.append(pieces.length, most)]) / UNIT
    if (ends[:, 0] > ends[:, 1]).any():
        return None
    answer = linprog(cost, A_eq=rows, b_eq=np.zeros(len(base)), bounds=ends, method="highs-ds", options=PLAIN)
    if answer.x is None:
        return None
    prices = guess - answer.eqlin.marginals
    prices = np.where(np.isfinite(rules.most), prices, np.minimum(prices, 0.0))
    prices = np.where(np.isfinite(rules.least), prices, np.maximum(prices, 0.0))
    return np.clip(answer.x[: len(pieces.line)] * UNIT, 0.0, pieces.length), prices
