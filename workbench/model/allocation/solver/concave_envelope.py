"""The least concave curve above a line's weighted response on an interval, and its best spend at a price (array kernel)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from workbench.model.allocation.solver.response import Curves

STEPS = 60  # of Newton's method and of bisection, at most; both stop at the precision of the machine


@dataclass(frozen=True)
class Envelope:
    """Envelopes of n weighted curves on `low` … `high`: straight from `low` to `knee` at slope `rise`, then the curve.

    Where the curve is concave from `low` on, the knee is `low`; where no potential is left it is today's spend.
    All parts (n,); `scale` is weight × (ceiling − floor), 0 where the curve is straight.
    """

    curves: Curves
    weight: np.ndarray
    low: np.ndarray
    high: np.ndarray
    scale: np.ndarray
    knee: np.ndarray
    rise: np.ndarray

    @classmethod
    def of(cls, curves: Curves, weight: np.ndarray, low: np.ndarray, high: np.ndarray) -> Envelope:
        """Envelopes on `low` … `high`; where these cross, on `low` alone. A half saturation of 0 counts as a trifle."""
        high = np.maximum(low, high)
        curves = Curves(curves.current, curves.floor, curves.ceiling, np.maximum(curves.half, 1e-6), curves.shape)
        curved = (curves.ceiling > 0) & (weight > 0)
        scale = np.where(curved, weight * (curves.ceiling - curves.floor), 0.0)
        knee = np.where(curved, _tangent(curves, low), np.where(weight > 0, curves.current, low))
        knee = np.clip(knee, low, high)
        wide = knee > low
        more = (curves.gain(knee) - curves.gain(low)) * weight
        return cls(curves, weight, low, high, scale, knee, np.where(wide, more / np.where(wide, knee - low, 1.0), 0.0))

    def true(self, spend: np.ndarray) -> np.ndarray:
        """The weighted gain itself at `spend` (n,)."""
        return np.asarray(self.weight * self.curves.gain(spend), dtype=float)

    def value(self, spend: np.ndarray) -> np.ndarray:
        """The envelope at `spend` (n,): never below the weighted gain."""
        return np.where(spend < self.knee, self.true(self.low) + self.rise * (spend - self.low), self.true(spend))

    def slope(self, spend: np.ndarray, line: np.ndarray) -> np.ndarray:
        """The slope of the weighted curves of `line` (k,) at `spend` (k,) at or beyond the knee; ∞ at 0 for shape < 1."""
        half, shape, scale = self.curves.half[line], self.curves.shape[line], self.scale[line]
        at = np.log(np.where(spend > 0, spend, half) / half)
        falling = np.exp(np.log(shape) + (shape - 1) * at - 2 * np.logaddexp(0, shape * at))
        upright = np.where(shape < 1, np.inf, np.where(shape > 1, 0.0, 1.0))
        found = np.where(spend > 0, falling, upright)
        return np.where(scale > 0, np.where(scale > 0, scale, 1.0) / half * found, 0.0)

    def best(self, price: np.ndarray) -> np.ndarray:
        """The spend (n,) with the largest value − price × spend, at a price (n,) for each line's money."""
        found = np.where(self.scale > 0, self.knee, np.where(price > 0, self.knee, self.high))
        some = (self.scale > 0) & (price > 0) & (self.high > self.knee)
        first = some & (self.curves.shape == 1)
        found[first] = self._root(first, np.log(price[first]))
        other = some & (self.curves.shape != 1)
        found[other] = self._root(other, np.log(price[other]))
        found = np.where((self.knee > self.low) & (price >= self.rise), self.low, found)
        return np.where(price > 0, np.clip(found, self.low, self.high), self.high)

    def _root(self, lines: np.ndarray, price: np.ndarray) -> np.ndarray:
        """Where the falling side of the slope meets the logarithm of the price, at the knee at least."""
        half, shape = self.curves.half[lines], self.curves.shape[lines]
        wanted = price + np.log(half) - np.log(self.scale[lines])
        if (shape == 1).all():
            with np.errstate(over="ignore"):
                return np.asarray(np.maximum(half * np.expm1(-wanted / 2), self.knee[lines]), dtype=float)
        with np.errstate(divide="ignore"):
            least = np.log(self.knee[lines] / half)
        far = (np.log(shape) - wanted) / (shape + 1)
        near = (np.log(shape) - wanted) / (1 - shape)
        at = np.maximum(np.where(shape < 1, np.minimum(far, near), far), least)
        for _ in range(STEPS):  # the logarithm of the slope is concave: Newton's method comes from the right
            over = np.log(shape) + (shape - 1) * at - 2 * np.logaddexp(0, shape * at) - wanted
            fall = np.maximum(2 * shape * expit(shape * at) - (shape - 1), 1e-12)
            nearer = np.maximum(np.minimum(at + over / fall, at), least)
            done = bool((np.abs(nearer - at) <= 1e-14 * (1 + np.abs(at))).all())
            at = nearer
            if done:
                break
        return np.asarray(np.minimum(half * np.exp(np.minimum(at, 700.0)), self.high[lines]), dtype=float)


def inflection(curves: Curves) -> np.ndarray:
    """The spend (n,) up to which a curve's slope rises: 0 where it is concave throughout."""
    above = np.maximum(curves.shape - 1, 0.0)
    bent = (above > 0) & (curves.ceiling > 0)
    return np.where(bent, curves.half * (above / (curves.shape + 1)) ** (1 / curves.shape), 0.0)


def _tangent(curves: Curves, low: np.ndarray) -> np.ndarray:
    """Where the straight line from the curve at `low` touches the falling side of its slope; `low` where that is falling.

    From 0 it touches at h·(c − 1)^(1/c); from further on between there and the inflection, found by bisection.
    """
    bend = inflection(curves)
    touch = np.where(bend > low, curves.half * np.maximum(curves.shape - 1, 0.0) ** (1 / curves.shape), low)
    lines = np.flatnonzero((bend > low) & (low > 0))
    if not len(lines):
        return touch
    half, shape = curves.half[lines], curves.shape[lines]
    start, left, right = low[lines] / half, bend[lines] / half, touch[lines] / half
    for _ in range(STEPS):
        middle = (left + right) / 2
        share, begun = middle**shape / (1 + middle**shape), start**shape / (1 + start**shape)
        steeper = shape * share * (1 - share) / middle * (middle - start) > share - begun
        left, right = np.where(steeper, middle, left), np.where(steeper, right, middle)
    touch[lines] = right * half
    return touch
