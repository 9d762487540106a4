"""The response of gross profit to sustained spend: one curve per line of spend, calibrated on today (array kernel)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Curves:
    """Curves of n lines: `current`, `floor`, `ceiling` and `half` in currency a year, `shape` an exponent; each (n,).

    `gain(x)` is the annual gross profit against today: 0 at today's spend, `floor` at none, `ceiling` in the limit.
    """

    current: np.ndarray
    floor: np.ndarray
    ceiling: np.ndarray
    half: np.ndarray
    shape: np.ndarray

    def gain(self, spend: np.ndarray) -> np.ndarray:
        """Gross profit a year against today at `spend` (n,) or (n, points).

        g(x) = floor + (ceiling − floor) · xᶜ ÷ (xᶜ + hᶜ) (Little 1970). Where no potential is left (ceiling 0) the
        loss grows straight from 0 at today's spend to the floor at none.
        """
        axes = (slice(None),) + (None,) * (spend.ndim - 1)
        current, floor, ceiling, half, shape = (
            part[axes] for part in (self.current, self.floor, self.ceiling, self.half, self.shape)
        )
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            ratio = np.where(spend > 0, (half / np.where(spend > 0, spend, 1.0)) ** shape, np.inf)
            curve = floor + (ceiling - floor) / (1 + ratio)
            line = floor * np.clip(1 - spend / np.where(current > 0, current, 1.0), 0, None)
        return np.asarray(np.where(ceiling > 0, curve, line), dtype=float)

    def of(self, lines: np.ndarray) -> Curves:
        """The curves of some lines, by number or by a mask; a line may come more than once."""
        return Curves(*(part[lines] for part in (self.current, self.floor, self.ceiling, self.half, self.shape)))


def respond(
    current: np.ndarray, loss: np.ndarray, potential: np.ndarray, half: np.ndarray, shape: np.ndarray
) -> Curves:
    """Curves of n lines from today's spend, the gross profit that a year without it would lose (≥ 0), the gross profit
    still to be won (≥ 0), the declared half saturation and the shape; all (n,), currency a year.

    Where money is spent and something would be lost, h is such that today's spend gives 0. Where nothing is spent,
    the floor is 0 and h is declared. Where money is spent and nothing is earned yet, h is declared and the curve is
    lowered to 0 at today's spend: stopping forgoes what the spend was to bring.

    Parameters
    ----------
    current : array (n,)
        Spend today, currency a year, ≥ 0.
    loss : array (n,)
        Gross profit a year that would be lost without it, ≥ 0.
    potential : array (n,)
        Gross profit a year still to be won, ≥ 0.
    half : array (n,)
        Spend at half saturation where nothing calibrates it, > 0.
    shape : array (n,)
        Exponent; above 1 the curve is S-shaped.

    Returns
    -------
    Curves
        n curves, each 0 at today's spend.

    Notes
    -----
    Figures must be finite.
    """
    current, loss, potential, half, shape = (
        np.asarray(part, dtype=float) for part in (current, loss, potential, half, shape)
    )
    spent = current > 0
    calibrated = spent & (loss > 0) & (potential > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        own = current * (potential / np.where(loss > 0, loss, 1.0)) ** (1 / shape)
        reached = current**shape / (current**shape + half**shape)
    bet = spent & (loss == 0)
    floor = np.where(spent, -loss, 0.0)
    floor = np.where(bet, -potential * reached, floor)
    ceiling = np.where(bet, potential * (1 - reached), potential)
    return Curves(current, floor, ceiling, np.where(calibrated, own, half), shape)


def from_judgements(current: np.ndarray, none: np.ndarray, half_more: np.ndarray, saturation: np.ndarray) -> Curves:
    """Curves of n lines through Little's (1970) four judgements: annual gross profit against today at no spend (< 0), at
    today's (0), at half as much again and in the limit (> 0); all (n,), currency a year.

    With A = −none ÷ saturation = (current ÷ h)ᶜ and B = (half_more − none) ÷ (saturation − half_more) = (1.5 · current
    ÷ h)ᶜ the exponent is c = ln(B ÷ A) ÷ ln 1.5. Raises ValueError where no curve passes through the four: they must
    rise, from below 0 to above, where money is spent today.
    """
    current, none, half_more, saturation = (
        np.asarray(part, dtype=float) for part in (current, none, half_more, saturation)
    )
    rising = (none < 0) & (half_more > 0) & (saturation > half_more) & np.isfinite(none) & np.isfinite(saturation)
    lines = np.flatnonzero(~(rising & (current > 0) & np.isfinite(current)))
    if len(lines):
        raise ValueError(f"judgements that do not rise from none to saturation on spend of today, line {lines[0]}")
    today = -none / saturation
    shape = np.log((half_more - none) / (saturation - half_more) / today) / np.log(1.5)
    return Curves(current, none, saturation, current * today ** (-1 / shape), shape)
