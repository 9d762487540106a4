"""What one ask claims in chosen segments, and what it would be worth if all its claims were larger or smaller."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

TESTED = 1 - 1e-12  # claim ÷ threshold from which an effect counts as significant


@dataclass(frozen=True)
class Claims:
    """An ask's claims (k,) in the chosen segments: `rate` = confidence × margin, `growth` (revenue a year, adopters
    included), `room` = the cell's runway (inf where not known), `points` of retention and the segment's `revenue` a year.
    `passes`: the smallest factor on all claims with which the ask passes the test; inf where none does.
    """

    rate: np.ndarray
    growth: np.ndarray
    room: np.ndarray
    points: np.ndarray
    revenue: np.ndarray
    passes: float

    def value(self, factor: float) -> float:
        """Gross profit a year with all claims times `factor`; growth capped at the runway, retention at 100 points."""
        growth = np.minimum(self.growth * factor, self.room)
        return float((self.rate * (growth + np.minimum(self.points * factor, 100.0) / 100 * self.revenue)).sum())

    def factor_for(self, value: float) -> float:
        """The smallest factor with which the claims are worth `value`; 0 where nothing is asked, inf where none is enough."""
        if value <= 0:
            return 0.0
        ends = [room / growth for room, growth in zip(self.room, self.growth, strict=True) if growth > 0]
        ends += [100 / points for points in self.points if points > 0]
        low, worth = 0.0, 0.0
        for end in sorted({float(end) for end in ends if np.isfinite(end)}):
            more = self.value(end)
            if more >= value:
                return low + (end - low) * (value - worth) / (more - worth)
            low, worth = end, more
        slope = float((self.rate * self.growth)[np.isinf(self.room) & (self.growth > 0)].sum())
        return low + (value - worth) / slope if slope > 0 else float("inf")


def claims_of(effects: pd.DataFrame) -> dict[str, Claims]:
    """The claims of each ask that has any in a chosen segment, from the table of effects."""
    return {str(ask): _claims(own) for ask, own in effects[effects["chosen"]].groupby("ask")}


def _claims(own: pd.DataFrame) -> Claims:
    revenue = own["segment_revenue_y"].fillna(0.0).to_numpy(float)
    from_nothing = ((own["revenue_y"] > 0) & (own["segment_revenue_y"] == 0)) | (
        (own["adopters"] > 0) & (own["customers"] == 0)
    )
    closest = float(own["closest"].max())
    passes = 0.0 if from_nothing.any() else TESTED / closest if closest > 0 else float("inf")
    return Claims(
        rate=(own["confidence"] * own["gross_margin"]).to_numpy(float),
        growth=growth_claim(own).to_numpy(float),
        room=own["runway_y"].fillna(np.inf).to_numpy(float),
        points=own["retention_points"].to_numpy(float),
        revenue=revenue,
        passes=passes,
    )


def growth_claim(effects: pd.DataFrame) -> pd.Series:
    """Revenue a year that is claimed, adopters counted at the segment's revenue per customer–product pair."""
    return effects["revenue_y"] + (effects["adopters"] * effects["revenue_per_pair_y"]).fillna(0.0)
