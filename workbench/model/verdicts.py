"""The money as a decision: fund, hold or take out of each segment, why, and the whole in a sentence."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.model.alternatives import FREE, OWN, RELAXED, SAME, SILOS
from workbench.model.purpose import STEADY
from workbench.model.results import Ranking, listed, millions

SUMS = ["current_y", "plan_y", "change_y", "gain_y"]


def sums_by(lines: pd.DataFrame, column: str) -> pd.DataFrame:
    """Today's spend, the plan's and the gain per segment or product."""
    sums = lines.groupby(column)[SUMS].sum().reset_index()
    return sums.assign(**{name: sums[name].round(2) for name in SUMS[:3]})


def by_segment(lines: pd.DataFrame, ranking: Ranking) -> pd.DataFrame:
    """Spend per segment in rank order, with the verdict fund, hold or take out, and why where order and rank differ."""
    order = ranking.order[["rank", "segment", "name", "score", "chosen", "runway_y"]]
    table = order.merge(sums_by(lines, "segment"), on="segment")
    steady = table["change_y"].abs() <= STEADY * table["current_y"]
    table["verdict"] = np.select([steady, table["change_y"] > 0], ["hold", "fund"], "take out")
    table["next_100k_y"] = table["segment"].map(lines.groupby("segment")["next_100k_y"].max())
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
        return f"chosen, yet the money earns more elsewhere: its runway is {millions(row['runway_y'])}"
    other = behind.sort_values("change_y").iloc[-1]
    return f"gets less than {other['name']} (rank {other['rank']}), where further spend earns more gross profit"


def answer_of(segments: pd.DataFrame, gain: float, more: float, alternatives: pd.DataFrame) -> str:
    """The decision, what it is expected to bring, and how that stands beside product silos."""
    parts = []
    for verdict, text in (("fund", "put growth money into"), ("hold", "hold"), ("take out", "take money out of")):
        names = list(segments.loc[segments["verdict"] == verdict, "name"])
        if names:
            parts.append(f"{text} {listed(names)}")
    text = "; ".join(parts)
    cut = list(segments.loc[segments["chosen"] & (segments["verdict"] == "take out"), "name"])
    text += f". {listed(cut)}: chosen, yet the money earns more elsewhere" if cut else ""
    change = f"{_more(gain)} gross profit a year than today"
    if abs(more) >= STEADY * float(segments["current_y"].sum()):
        change += f" for {_more(more)} spend, {_more(gain - more)} after it"
    return f"{text[:1].upper()}{text[1:]}. Expected: {change}; {beside_silos(alternatives)}."


def beside_silos(alternatives: pd.DataFrame) -> str:
    """The plan against product silos under the same rules; where silos free of some rules win, that too."""
    gains = alternatives.set_index(["alternative", "rules"])["gain_y"]
    plan, silos = float(gains["Plan", SAME]), gains[SILOS]
    if np.isnan(silos[SAME]):
        text = "product silos cannot keep the rules"
    elif plan >= silos[SAME]:
        text = f"{_more(plan - silos[SAME])} than product silos would earn under the same rules"
    else:
        text = f"product silos would earn {millions(silos[SAME] - plan)} more under the same rules"
    beyond = []
    if silos[OWN] > plan:
        beyond.append(
            f"in segments of their own choice they would earn {millions(silos[OWN] - plan)} more than the plan"
        )
    if silos[RELAXED] > plan:
        one = f", one budget for all products {millions(gains[FREE, RELAXED] - plan)} more"
        beyond.append(f"free of minima and limits {millions(silos[RELAXED] - plan)} more than the plan{one}"
                      if beyond else f"free of minima and limits they would earn {millions(silos[RELAXED] - plan)} more "
                      f"than the plan{one}")  # fmt: skip
    return f"{text} ({'; '.join(beyond)})" if beyond else text


def _more(amount: float) -> str:
    return f"{millions(abs(amount))} {'more' if amount > -0.5 else 'less'}"
