"""Asks and claims in words: the claim nearest to its threshold, who needs an ask, figures as people write them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.model.asks.backlog import Backlog
from workbench.model.results import listed

MEASURES = {"revenue": ("revenue_part", "of revenue"), "retention": ("retention_points", "points of retention"),
            "adoption": ("adoption_part", "of customers")}  # fmt: skip


def nearest_claims(effects: pd.DataFrame) -> pd.DataFrame:
    """By ask: the claim that comes closest to its threshold in a chosen segment; no row where there is none."""
    chosen = effects[effects["chosen"] & (effects["closest"] > 0)]
    order = chosen.sort_values(["closest", "rank"], ascending=[False, True])
    return order.drop_duplicates("ask").set_index("ask", drop=False)


def nearest_claim(own: pd.DataFrame) -> pd.Series | None:
    """The claim of one ask that comes closest to its threshold in a chosen segment; None where there is none."""
    chosen = nearest_claims(own)
    return None if chosen.empty else chosen.iloc[0]


def users_of(index: int, table: pd.DataFrame, problem: Backlog, among: np.ndarray) -> list[str]:
    """Titles of the asks that need this one."""
    return sorted({str(table["title"].iloc[one]) for one, other in problem.requires if other == index and among[one]})


def mates_of(index: int, table: pd.DataFrame) -> list[str]:
    """Titles of the other asks of its theme."""
    theme = table["theme"].iloc[index]
    if pd.isna(theme) or not theme:
        return []
    same = table["theme"] == theme
    same.iloc[index] = False
    return sorted(str(title) for title in table.loc[same, "title"])


def needing(users: list[str]) -> str:
    return f"{listed(users)}, which {'need' if len(users) > 1 else 'needs'} it"


def shown(measure: str, amount: float) -> str:
    text = f"{amount:,.1f}" if measure == "retention" else f"{amount * 100:,.1f} %"
    return f"{text} {MEASURES[measure][1]}"


def plain(amount: float, places: int) -> str:
    """An amount in plain digits with separators, without idle zeros."""
    return f"{amount:,.{places}f}".rstrip("0").rstrip(".")


def capital(text: str) -> str:
    return text[0].upper() + text[1:]


def small(text: str) -> str:
    return text[0].lower() + text[1:]
