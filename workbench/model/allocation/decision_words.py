"""The money as a decision: fund, hold or take out of each segment, why, and the whole in a sentence."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.model.allocation.alternatives import FREE, OWN, RELAXED, SAME, SILOS
from workbench.model.allocation.purpose import LEAST, STEADY
from workbench.model.results import Ranking, listed, millions

SUMS = ["current_y", "plan_y", "change_y", "gain_y"]


def sums_by(lines: pd.DataFrame, column: str) -> pd.DataFrame:
    """Today's spend, the plan's and the gain per segment or product."""
    sums = lines.groupby(column)[SUMS].sum().reset_index()
    return sums.assign(**{name: sums[name].round(2) for name in SUMS[:3]})


def by_segment(lines: pd.DataFrame, ranking: Ranking, held: dict[str, str]) -> pd.DataFrame:
    """Spend per segment in rank order, with the verdict fund, hold or take out, and why where order and rank differ;
    `held` says what leaves a chosen segment no room.
    """
    order = ranking.order[["rank", "segment", "name", "score", "chosen", "runway_y"]]
    table = order.merge(sums_by(lines, "segment"), on="segment")
    steady = table["change_y"].abs() <= STEADY * table["current_y"]
    table["verdict"] = np.select([steady, table["change_y"] > 0], ["hold", "fund"], "take out")
    table["next_100k_y"] = table["segment"].map(lines.groupby("segment")["next_100k_y"].max())
    table["held_by"] = [held.get(segment, "") for segment in table["segment"]]
    table["why"] = [_why(row, table) for _, row in table.iterrows()]
    return table


def _why(row: pd.Series, table: pd.DataFrame) -> str:
    """Why a segment's growth money differs from its rank, in a sentence; blank where it follows the rank."""
    behind = table[(table["rank"] > row["rank"]) & (table["change_y"] > max(row["change_y"], 0))]
    if not row["chosen"]:
        return "not chosen: no growth money"
    if behind.empty and row["change_y"] >= 0:
        return ""
    if row["change_y"] < 0:
        return f"chosen, yet {_less(row, table)}"
    other = behind.sort_values("change_y").iloc[-1]
    reason = row["held_by"] or "further money earns more there"
    return f"gets less than {other['name']} (rank {other['rank']}): {reason}"


def _less(row: pd.Series, table: pd.DataFrame) -> str:
    """Why money leaves a chosen segment: a rule, better places, or less money for all."""
    if row["held_by"]:
        return str(row["held_by"])
    grows = (table["change_y"] > STEADY * table["current_y"]).any()
    return "the money earns more elsewhere" if grows else "there is less money than today"


def answer_of(
    segments: pd.DataFrame, gain: float, more: float, alternatives: pd.DataFrame, goals: pd.DataFrame, currency: str
) -> str:
    """The decision, what it is expected to bring against today and the goal, and how that stands beside product silos."""
    parts = []
    for verdict, text in (("fund", "put growth money into"), ("hold", "hold"), ("take out", "take money out of")):
        names = list(segments.loc[segments["verdict"] == verdict, "name"])
        if names:
            parts.append(f"{text} {listed(names)}")
    text = "; ".join(parts)
    cut = segments[segments["chosen"] & (segments["verdict"] == "take out")]
    reasons = cut.assign(reason=[_less(row, segments) for _, row in cut.iterrows()])
    for reason, cells in reasons.groupby("reason"):
        text += f". {listed(list(cells['name']))}: chosen, yet {reason}"
    change = f"{_beside(gain, currency)} gross profit a year {'as' if abs(gain) < LEAST else 'than'} today"
    if abs(more) > max(LEAST, STEADY * float(segments["current_y"].sum())):
        change += f" for {_beside(more)} spend, {_beside(gain - more)} after it"
    profit = goals[goals["measure"] == "added_gross_profit_y"] if len(goals) else goals
    if len(profit) and gain > 0:
        goal = profit.iloc[0]
        change += f", {100 * goal['part']:,.0f} % of the goal of {millions(goal['target'])} by {goal['by_quarter']}"
    return f"{text[:1].upper()}{text[1:]}. Expected: {change}; {beside_silos(alternatives)}."


def beside_silos(alternatives: pd.DataFrame) -> str:
    """The plan against product silos under the same rules; where silos free of some rules win, that in a sentence more."""
    gains = alternatives.set_index(["alternative", "rules"])["gain_y"]
    plan, silos = float(gains["Plan", SAME]), gains[SILOS]
    if np.isnan(silos[SAME]):
        text = "product silos cannot keep the rules"
    elif abs(plan - silos[SAME]) < LEAST:
        text = "as much as product silos would earn under the same rules"
    elif plan > silos[SAME]:
        text = f"{millions(plan - silos[SAME])} more than product silos would earn under the same rules"
    else:
        text = f"product silos would earn {millions(silos[SAME] - plan)} more under the same rules"
    beyond = []
    if silos[OWN] > plan:
        beyond.append(
            f"In segments of their own choice silos would earn {millions(silos[OWN] - plan)} more than the plan"
        )
    if silos[RELAXED] > plan:
        one = millions(gains[FREE, RELAXED] - plan)
        beyond.append(f"Free of minima and limits silos would earn {millions(silos[RELAXED] - plan)} more than the plan, "
                      f"one budget for all products {one} more")  # fmt: skip
    return ". ".join([text, *beyond])


def _beside(amount: float, currency: str = "") -> str:
    """`2.8 m EUR more`, `as much`."""
    if abs(amount) < LEAST:
        return "as much"
    return " ".join(part for part in (millions(abs(amount)), currency, "more" if amount > 0 else "less") if part)
