"""What the money is for: the need, gap, product and lever behind each line that grows, and its kind (base, specific)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.book.book import Book
from workbench.model.allocation.lines import KEY
from workbench.model.allocation.solver import Curves
from workbench.model.results import Ranking

STEADY = 0.005  # a change below this part of today's spend is called holding
LEAST = 1.0  # currency a year: a smaller difference counts as none
LITTLE = 1_000.0  # the step at which lines are compared


def growth_lines(
    lines: pd.DataFrame, curves: Curves, ranking: Ranking, book: Book, held: dict[str, str]
) -> pd.DataFrame:
    """Each line that grows, largest first: segment and its rank, the need and gap it answers, product, lever, amounts,
    and why it departs from the pecking order where a segment that ranks before gets less growth money; `held` says what
    leaves a chosen segment no room.
    """
    order = ranking.order[["segment", "rank", "name"]]
    spend = lines["plan_y"].to_numpy(dtype=float)
    gain = curves.gain(spend)
    lines = lines.assign(
        last=gain - curves.gain(np.maximum(spend - LITTLE, 0)),
        further=curves.gain(spend + LITTLE) - gain,
    ).merge(order, on="segment")
    grow = lines[lines["change_y"] > STEADY * lines["current_y"]]
    grow = grow.merge(_open_needs(book).drop_duplicates(["product", "segment"]), on=["product", "segment"], how="left")
    grow["gap"] = 1 - grow["coverage"]
    sums = lines.groupby(["rank", "segment", "name"])["change_y"].sum().reset_index()
    further = {str(key): float(most) for key, most in lines[lines["room"]].groupby("segment")["further"].max().items()}
    grow["departs"] = [_departs(*figures, sums, further, held)
                       for figures in zip(grow["rank"], grow["segment"], grow["last"], strict=True)]  # fmt: skip
    columns = ["rank", "segment", "name", "product", "lever", "need", "what", "why", "kind", "gap", "current_y", "plan_y",
               "change_y", "gain_y", "next_100k_y", "departs"]  # fmt: skip
    grow["kind"] = grow["kind"].where(grow["kind"].isin(["base", "specific"]), "")
    return grow.sort_values(["change_y", *KEY], ascending=[False, True, True, True])[columns].reset_index(drop=True)


def _departs(
    rank: int, segment: str, last: float, sums: pd.DataFrame, further: dict[str, float], held: dict[str, str]
) -> str:
    """Why a line gets money although a segment that ranks before gets less in all; blank where none does.

    `last`: what its last thousand earns; `further`: what one more would earn at best, in segments with room for it.
    """
    own = float(sums.loc[sums["segment"] == segment, "change_y"].iloc[0])
    for other_rank, other, name, change in sums.itertuples(index=False):
        if other_rank < rank and change < own - LEAST:
            ahead = f"{name} (rank {other_rank}) gets less"
            if held.get(other) or other not in further:
                return f"{ahead}: {held.get(other) or 'its lines are at their limits'}"
            return (
                f"{ahead}: the last thousand here earns {last:,.0f} a year, a further one there {further[other]:,.0f}"
            )
    return ""


def _open_needs(book: Book) -> pd.DataFrame:
    """Per product × segment the needs that the product addresses, the largest importance × (1 − coverage) first."""
    needs = book.table("segment_needs")[["segment", "need", "why", "importance"]].astype({"importance": "float64"})
    met = book.table("coverage")[["product", "need", "coverage", "kind"]].astype({"coverage": "float64"})
    joined = needs.merge(met, on="need").merge(book.table("needs"), on="need", how="left")
    joined["open"] = joined["importance"] * (1 - joined["coverage"])
    joined = joined.sort_values(["product", "segment", "open", "need"], ascending=[True, True, False, True])
    return joined[["product", "segment", "need", "what", "why", "kind", "open"]]


def base_and_specific(lines: pd.DataFrame, book: Book) -> pd.DataFrame:
    """Spend of the product lever, today and plan, on base needs (of every segment), on specific ones (of one), and
    where that is not known: each line's spend split by the open part of the needs that the product addresses there.
    """
    needs = _open_needs(book)
    needs["kind"] = needs["kind"].where(needs["kind"].isin(["base", "specific"]), "not known")
    wide = needs.pivot_table(index=["product", "segment"], columns="kind", values="open", aggfunc="sum", observed=True)
    wide = wide.reindex(columns=["base", "specific", "not known"]).fillna(0.0)
    own = lines.loc[lines["lever"] == "product", ["product", "segment", "current_y", "plan_y"]]
    own = own.merge(wide.reset_index(), on=["product", "segment"], how="left")
    parts = own[["base", "specific", "not known"]].fillna(0.0).to_numpy(dtype=float)
    total = parts.sum(axis=1, keepdims=True)
    parts = np.where(total > 0, parts / np.where(total > 0, total, 1.0), [0.0, 0.0, 1.0])
    sums = {name: (parts * own[[name]].to_numpy(dtype=float)).sum(axis=0).round(2) for name in ("current_y", "plan_y")}
    table = pd.DataFrame({"kind": ["base", "specific", "not known"], **sums})
    table["change_y"] = (table["plan_y"] - table["current_y"]).round(2)
    return table


def goals_reached(book: Book, gain: float, revenue: float) -> pd.DataFrame:
    """Each goal with what the plan reaches of it."""
    goals = book.table("goals").astype({"target": "float64"})
    goals["reached"] = goals["measure"].map({"added_gross_profit_y": gain, "revenue_y": revenue}).astype("float64")
    goals["part"] = goals["reached"] / goals["target"].where(goals["target"] > 0)
    return goals
