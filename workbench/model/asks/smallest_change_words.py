"""What would turn the decision on an ask, in words: larger or smaller claims, less effort, another ask."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.model.asks.backlog import Backlog
from workbench.model.asks.claim_words import mates_of, nearest_claim, needing, plain, users_of
from workbench.model.asks.reasons import Reason
from workbench.model.asks.smallest_change import Decided
from workbench.model.results import listed

RUNWAY = "even with claims up to the runway, others are worth more"


def change_needed(index: int, own: pd.DataFrame, table: pd.DataFrame, problem: Backlog, reason: Reason) -> str:
    """The smallest change of claims, and that of effort, which makes it a yes; or why no single change does."""
    impact, part = (float(table[name].iloc[index]) for name in ("impact_factor", "effort_factor"))
    ways = []
    if np.isfinite(impact):
        ways.append(f"Claims {_times(impact)} times as large{_instead(own, impact, up=True)}")
    if np.isfinite(part):
        days = float(problem.effort[index].sum())
        ways.append(f"{_days(days * part)} of {plain(days, 1)} person-days")
    text = ", or ".join(ways) or f"No single change: {reason.lacks or RUNWAY}"
    if problem.significant[index]:
        return text
    if mates := mates_of(index, table):
        return f"{text}; or {listed(mates)} funded, released together with it"
    users = users_of(index, table, problem, np.ones(len(table), dtype=bool))
    return f"{text}; or {listed(users)} funded, which {'need' if len(users) > 1 else 'needs'} it" if users else text


def what_would_drop_it(index: int, own: pd.DataFrame, table: pd.DataFrame, decided: Decided) -> str:
    """How much smaller the claims would have to be for it to leave the plan."""
    factor = float(table["drop_factor"].iloc[index])
    if np.isfinite(factor):
        smaller = np.ceil((1 - factor) * 1000 - 1e-9) / 10
        return f"Claims {smaller:.1f} % smaller{_instead(own, factor, up=False)}"
    if mates := mates_of(index, table):
        without = (
            "it this one goes" if len(mates) == 1 else "either it goes" if len(mates) == 2 else "any of them it goes"
        )
        return f"Released together with {listed(mates)}: without {without}, too"
    users = users_of(index, table, decided.problem, decided.chosen)
    if users:
        return f"Without {needing(users)}"
    return "Nothing: it has room whatever it claims"


def _instead(own: pd.DataFrame, factor: float, *, up: bool) -> str:
    """The claim that comes closest to its threshold, with the factor and as it is; rounded to where the decision turns."""
    row = nearest_claim(own)
    if row is None:
        return ""
    measure = row["measure"]
    claim = float(row[{"revenue": "revenue_y", "retention": "retention_points", "adoption": "adopters"}[measure]])
    below = not up and 1 - 1e-8 * max(1.0, row["closest"]) < factor * row["closest"] < 1
    new = claim / row["closest"] if below else claim * factor
    new = _turning(measure, claim, min(new, 100.0) if measure == "retention" else new, up=up)
    words = {"revenue": "revenue a year", "retention": "points of retention", "adoption": "adopters"}[measure]
    now, then = (_amount(measure, each) for each in (claim, new))
    return f" ({'below ' if below else ''}{then} {words} in {row['name']} instead of {now})"


def _turning(measure: str, claim: float, new: float, *, up: bool) -> float:
    """The new claim in as few digits as agree with the change, rounded to the side where the decision turns."""
    step = {"revenue": 10.0 ** max(0, np.floor(np.log10(claim)) - 2), "retention": 0.1, "adoption": 1.0}[measure]
    near = max(0.05 * abs(new - claim), 0.0005 * claim)
    for _ in range(4):
        shown = float((np.ceil(new / step - 1e-9) if up else np.floor(new / step + 1e-9)) * step)
        if abs(shown - new) <= near or (up and measure == "adoption"):
            break
        step /= 10
    return shown


def _amount(measure: str, amount: float) -> str:
    if measure == "retention":
        text = plain(amount, 4)
        return text if "." in text else f"{text}.0"
    return f"{plain(amount / 1e3, 3)} k" if measure == "revenue" and amount >= 1_000 else plain(amount, 3)


def _times(factor: float) -> str:
    """A factor above 1, rounded up."""
    step = 0.01 if factor < 10 else 0.1 if factor < 100 else 1
    shown = np.ceil(factor / step - 1e-9) * step
    return f"{shown:,.2f}".rstrip("0").rstrip(".")


def _days(days: float) -> str:
    """Person-days, rounded down."""
    step = 1.0 if days >= 5 else 0.1 if days >= 0.1 else 0.001
    return plain(np.floor(days / step + 1e-9) * step, 3) if days >= 0.001 else "next to none"
