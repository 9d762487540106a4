"""Two or more plans side by side: the assumptions that differ, the order, the money, the asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench.book.frozen import Frozen
from workbench.model.plan import Plan
from workbench.model.ranking import weights_of
from workbench.scenario import Scenario

LEFT_OUT = "–"


@dataclass(frozen=True, eq=False)
class Comparison(Frozen):
    """`names` of the plans; tables with a column for each of them.

    `assumptions`: a row per assumption that differs, in words; `order`: a row per segment, best of the first plan first
    (`rank NAME`, `score NAME`, `chosen NAME`); `figures`: spend and gross profit (currency a year, missing without
    money), asks funded; `asks`: the asks that are not decided alike.
    """

    names: tuple[str, ...]
    assumptions: pd.DataFrame
    order: pd.DataFrame
    figures: pd.DataFrame
    asks: pd.DataFrame


def compare_plans(plans: Mapping[str, Plan]) -> Comparison:
    """The plans of one book and quarter side by side, the first giving the order of the rows."""
    names = list(plans)
    told = {name: assumptions(plan.scenario) for name, plan in plans.items()}
    rows = [(key, *(told[name].get(key, LEFT_OUT) for name in names))
            for key in dict.fromkeys(key for each in told.values() for key in each)
            if len({told[name].get(key, LEFT_OUT) for name in names}) > 1]  # fmt: skip
    return Comparison(
        tuple(names),
        pd.DataFrame(rows, columns=["assumption", *names]),
        _order(plans),
        pd.DataFrame([_figures(name, plan) for name, plan in plans.items()]),
        _asks(plans),
    )


def assumptions(scenario: Scenario) -> dict[str, str]:
    """Every assumption of a scenario in words, by its key in the file; weights as shares of the whole."""
    data = scenario.model_dump(mode="json", exclude={"name", "description", "weights", "before"})
    told = {f"weights.{name}": f"{share * 100:.1f} %" for name, share in weights_of(scenario).items()}
    told |= _flat(data, "")
    if scenario.before is not None:
        told["before"] = scenario.before.name
    return told


def _flat(data: Mapping[str, Any], under: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in data.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{under}{key}.")
        elif value is not None and value != []:
            found[f"{under}{key}"] = _text(value)
    return found


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(" ".join(map(str, each)) if isinstance(each, list) else str(each) for each in value)
    return f"{value:,.10g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _order(plans: Mapping[str, Plan]) -> pd.DataFrame:
    first = next(iter(plans.values())).ranking.order
    table = first[["segment", "name"]].copy()
    for name, plan in plans.items():
        order = plan.ranking.order.set_index("segment").loc[table["segment"]]
        for column in ("rank", "score", "chosen"):
            table[f"{column} {name}"] = order[column].to_numpy()
    return table


def _figures(name: str, plan: Plan) -> dict[str, Any]:
    spend, asks = plan.allocation.spend, plan.asks.asks
    has = len(spend) > 0
    return {
        "plan": name,
        "spend_y": float(spend["plan_y"].sum()) if has else np.nan,
        "gain_y": float(plan.allocation.segments["gain_y"].sum()) if has else np.nan,
        "funded": int((asks["decision"] == "funded").sum()) if len(asks) else 0,
        "asks": len(asks),
        "digest": plan.digest,
    }


def _asks(plans: Mapping[str, Plan]) -> pd.DataFrame:
    """Ask, title and its decision in each plan, where they are not all the same."""
    first = next(iter(plans.values())).asks.asks
    if first.empty:
        return pd.DataFrame(columns=["ask", "title", *plans])
    table = first[["ask", "title"]].sort_values("ask", ignore_index=True)
    for name, plan in plans.items():
        table[name] = plan.asks.asks.set_index("ask")["decision"].reindex(table["ask"]).to_numpy()
    decisions = table[list(plans)]
    return table[decisions.nunique(axis=1) > 1].reset_index(drop=True)
