"""What the same budget could earn otherwise: free choice of segments, product silos, an equal split, nothing changed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.errors import InfeasibleError
from workbench.model.lines import rules_of
from workbench.model.piecewise import maximise
from workbench.model.response import Curves
from workbench.scenario import Scenario

_SILOS = "each product spends its share of revenue for its own best response"


def alternatives_to(lines: pd.DataFrame, curves: Curves, scenario: Scenario, budget: float) -> pd.DataFrame:
    """What the same budget would earn otherwise, in unweighted annual gross profit against today.

    `same` keeps the minima, maxima and change limit of the plan and, but for silos, its limits on segments and
    products; `relaxed` keeps the budget alone. A row without figures could not keep the rules.
    """
    part = lines["lever"].map(lines.groupby("lever")["current_y"].sum())
    part = part if part.sum() > 0 else part + 1.0
    even = (budget * part / part.sum()).to_numpy(dtype=float)
    free = scenario.with_values(budget={"segments": {}, "products": {}, "change_limit": None})
    bare = lines.assign(minimum_y=np.nan, maximum_y=np.nan)
    limited = bool(scenario.budget.segments or scenario.budget.products)
    rows = [
        ("Plan", "same", lines["plan_y"].to_numpy(dtype=float), "growth money in the chosen segments"),
        ("Free choice of segments", "same", _freely(lines, curves, scenario, budget), "without the pecking order"),
        ("Product silos", "same", _silos(lines, curves, scenario, budget),
         _SILOS + (", limits on segments and products left aside" if limited else "")),
        ("Product silos", "relaxed", _silos(bare, curves, free, budget), "the same, without minima and limits"),
        ("Equal split", "relaxed", even, "the same for every product × segment"),
        ("Today", "same", lines["current_y"].to_numpy(dtype=float), "nothing changes"),
    ]  # fmt: skip
    table = [
        (name, rules, np.nan, np.nan, np.nan, "cannot keep the rules")
        if spend is None
        else (name, rules, float(spend.sum()), float(curves.gain(spend).sum()), effective_number(spend, lines), note)
        for name, rules, spend, note in rows
    ]
    return pd.DataFrame(table, columns=["alternative", "rules", "spend_y", "gain_y", "effective_segments", "note"])


def _freely(lines: pd.DataFrame, curves: Curves, scenario: Scenario, budget: float) -> np.ndarray | None:
    """The spend with the largest gross profit when money may grow in every segment; None where rules forbid it."""
    try:
        rules = rules_of(lines, list(lines["segment"].unique()), scenario, budget)
    except InfeasibleError:
        return None
    best = maximise(curves, np.ones(len(lines)), rules, nearest=False)  # only its gain is shown
    return best.spend if best.feasible else None


def _silos(lines: pd.DataFrame, curves: Curves, scenario: Scenario, budget: float) -> np.ndarray | None:
    """Each product alone: its part of the budget by revenue, spent for its own best response in any segment."""
    spend = np.zeros(len(lines))
    revenue = lines.drop_duplicates(["product", "segment"]).groupby("product")["revenue_y"].sum()
    alone = scenario.with_values(budget={"segments": {}, "products": {}})
    if revenue.sum() <= 0:
        return None
    for product, part in (revenue / revenue.sum()).items():
        own = (lines["product"] == product).to_numpy()
        one = Curves(*(figure[own] for figure in vars(curves).values()))
        best = _freely(lines[own], one, alone, float(budget * part))
        if best is None:
            return None
        spend[own] = best
    return spend


def effective_number(spend: np.ndarray, lines: pd.DataFrame) -> float:
    """How many segments the spend is spread over: 1 ÷ Σ share² (inverse Herfindahl)."""
    sums = pd.Series(spend).groupby(lines["segment"].to_numpy()).sum().to_numpy()
    total = float(sums.sum())
    return float(1 / ((sums / total) ** 2).sum()) if total > 0 else 0.0
