"""The figures of each segment: one function for each table they come from, all of them listed at the end.

A new criterion's fact is one more function: the columns it gives, by name, with the segments' keys as index.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.book.book import Book
from workbench.book.quarters import trailing
from workbench.book.tables import RELEVANT
from workbench.scenario import WinRatePrior


@dataclass(frozen=True, eq=False)
class Seen:
    """What a figure may look at: the book up to the end of `quarter`.

    `segments`: their keys, sorted; `cells`: product × segment with revenue, market, runway and relevance; `counted` and
    `before`: whether the market of a cell is known, and both for a year ago; `market`: its rows that may be looked at,
    `years`: the base year of each segment that has one.
    """

    book: Book
    quarter: str
    prior: WinRatePrior
    segments: pd.Index
    cells: pd.DataFrame
    counted: pd.Series
    before: tuple[pd.Series, pd.Series]
    market: pd.DataFrame
    years: Mapping[str, int]


Figures = dict[str, pd.Series]


def _revenue(seen: Seen) -> Figures:
    """Revenue, share and runway. A share sets the revenue earned in the markets that are known against these alone."""
    cells, before = seen.cells, seen.before
    ours = cells["revenue_y"].where(seen.counted)
    ours_before = cells["revenue_before_y"].where(before[1])
    sums = cells.assign(before=before[0], ours=ours, ours_before=ours_before).groupby("segment")
    revenue = sums["revenue_y"].sum(min_count=1)
    earlier = sums["revenue_before_y"].sum(min_count=1)
    total = sums["addressable_y"].sum(min_count=1)
    total_before = sums["before"].sum(min_count=1)
    share = sums["ours"].sum(min_count=1) / total.where(total > 0)
    share_before = sums["ours_before"].sum(min_count=1) / total_before.where(total_before > 0)
    return {
        "revenue_y": revenue, "revenue_growth": revenue / earlier.where(earlier > 0) - 1, "addressable_y": total,
        "share": share, "share_trend": share - share_before, "runway_y": sums["runway_y"].sum(min_count=1),
        "relevance": sums["relevance"].max(), "relevance_mean": sums["relevance"].mean(),
    }  # fmt: skip


def _market(seen: Seen) -> Figures:
    """What the segment spends in all categories, in its base year."""
    now = seen.market[seen.market["year"] == seen.market["segment"].map(seen.years)]
    return {"size_y": now.groupby("segment")["size"].sum().reindex(seen.segments)}


def _customers(seen: Seen) -> Figures:
    """Logo retention = 1 − lost over four quarters ÷ customers at their start; adoption = pairs ÷ possible pairs."""
    table, quarter, segments = seen.book.table("customers"), seen.quarter, seen.segments
    now = table[table["quarter"] == quarter].set_index("segment").reindex(segments)
    customers, pairs = (now[name].astype("float64") for name in ("customers", "product_customers"))
    year = table[table["quarter"].isin(trailing(quarter))].astype({"lost": "float64"})
    lost = year.groupby("segment")["lost"].sum(min_count=4).reindex(segments)
    start = table[table["quarter"] == trailing(quarter, 5)[0]].set_index("segment")["customers"].astype("float64")
    oldest = (
        table[table["quarter"] == trailing(quarter)[0]]
        .set_index("segment")
        .astype({"customers": "float64", "new": "float64", "lost": "float64"})
    )
    start = start.reindex(segments).fillna(oldest["customers"] - oldest["new"] + oldest["lost"])
    retention = (1 - lost / start.where(start > 0)).clip(lower=0)
    relevant = seen.cells[seen.cells["relevance"] >= RELEVANT]
    offered = relevant.groupby("segment")["product"].count().reindex(segments)
    adoption = pairs / (customers * offered).replace(0, np.nan)
    return {"customers": customers, "pairs": pairs, "retention": retention, "adoption": adoption}


def _deals(seen: Seen) -> Figures:
    """Win rate shrunk towards the prior: (won + rate × deals) ÷ (won + lost + deals), with its 80 % interval (beta)."""
    from scipy.special import betaincinv

    table = seen.book.table("deals")
    year = table[table["quarter"].isin(trailing(seen.quarter))].astype({"won": "float64", "lost": "float64"})
    sums = year.groupby("segment")[["won", "lost"]].sum().reindex(seen.segments)
    if seen.book.has("deals"):
        sums = sums.fillna(0.0)
    prior = seen.prior
    won, lost = sums["won"] + prior.rate * prior.deals, sums["lost"] + (1 - prior.rate) * prior.deals
    ends = {
        f"win_rate_{end}": pd.Series(betaincinv(won, lost, at), won.index) for end, at in (("low", 0.1), ("high", 0.9))
    }
    return {"deals_closed": sums["won"] + sums["lost"], "win_rate": won / (won + lost), **ends}


def _coverage(seen: Seen) -> Figures:
    """Coverage = importance-weighted best coverage over the segment's needs; a need that no product meets counts 0."""
    needs = seen.book.table("segment_needs")[["segment", "need", "importance"]].astype({"importance": "float64"})
    best = seen.book.table("coverage").astype({"coverage": "float64"}).groupby("need")["coverage"].max()
    if best.empty:
        coverage = pd.Series(float("nan"), seen.segments)
    else:
        needs["met"] = needs["importance"] * needs["need"].map(best).fillna(0.0)
        sums = needs.groupby("segment")[["met", "importance"]].sum().reindex(seen.segments)
        coverage = sums["met"] / sums["importance"].where(sums["importance"] > 0)
    return {"coverage": coverage, "gap": 1 - coverage}


FIGURES: tuple[Callable[[Seen], Figures], ...] = (_revenue, _market, _customers, _deals, _coverage)
