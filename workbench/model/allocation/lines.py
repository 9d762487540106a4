"""The lines of spend (product × lever × segment) with today's amounts, their rules and their curves."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.book.book import Book
from workbench.book.tables import LEVERS
from workbench.errors import InfeasibleError
from workbench.model.allocation.infeasibility import conflicts
from workbench.model.allocation.infeasibility_words import problems_of
from workbench.model.allocation.limits import Rule, rules_from
from workbench.model.allocation.solver import Curves, Rules, respond

KEY = ["product", "lever", "segment"]


def spend_lines(cells: pd.DataFrame, book: Book) -> pd.DataFrame:
    """One row per product × lever × segment, by key: today's spend, its bounds and what the curve needs.

    `assumed` names the figures in which a default of ours stands in. Potentials of a cell add up to its runway:
    R × gap for the product lever, R × (1 − gap) for marketing and sales by the declared split. A runway that is not
    known counts as none.
    """
    lines = cells.merge(pd.DataFrame({"lever": LEVERS}), how="cross")
    lines = lines.sort_values(KEY, ignore_index=True)
    lines = _with_spend(lines, book)
    for kind in ("segment", "product"):
        lines[f"{kind}_name"] = lines[kind].map(book.table(f"{kind}s").set_index(kind)["name"])
    settings = book.settings
    split = settings.lever_split.model_dump()
    total = sum(split.values())
    part = lines["lever"].map(split) / total
    selling = part / (1 - split["product"] / total) if total > split["product"] else part * 0 + 0.5
    known = lines["coverage"].notna()
    gap = 1 - lines["coverage"]
    by_gap = pd.Series(np.where(lines["lever"] == "product", gap, (1 - gap) * selling), index=lines.index)
    lines["potential_y"] = lines["runway_y"].fillna(0.0) * np.where(known, by_gap, part)
    lines["erosion_used"] = lines["erosion"].fillna(lines["lever"].map(settings.erosion.model_dump()))
    lines["half_used_y"] = lines["half_saturation_y"].fillna(settings.half_saturation_y)
    lines["shape_used"] = lines["shape"].fillna(1.0)
    lines["assumed"] = [
        ", ".join(
            name
            for name, flag in zip(("split", "erosion", "half saturation", "lever split"), flags, strict=True)
            if flag
        )
        for flags in zip(
            lines["split"],
            lines["erosion"].isna() & (lines["current_y"] > 0),
            lines["half_saturation_y"].isna() & (lines["current_y"] == 0),
            ~known,
            strict=True,
        )
    ]
    return lines


def _with_spend(lines: pd.DataFrame, book: Book) -> pd.DataFrame:
    """Today's spend and limits; a row without segment is split over segments by revenue, evenly where there is none."""
    money = ["current_y", "minimum_y", "maximum_y"]
    figures = [*money, "half_saturation_y", "erosion", "shape"]
    spend = book.table("spend").astype(dict.fromkeys(figures, "float64"))
    named = spend[spend["segment"] != ""]
    whole = spend[spend["segment"] == ""].drop(columns="segment")
    lines = lines.merge(named, on=KEY, how="left")
    wide = lines[KEY].merge(whole, on=["product", "lever"], how="left")
    revenue = lines.groupby(["product", "lever"])["revenue_y"]
    count = revenue.transform("size")
    total = revenue.transform("sum")
    part = (lines["revenue_y"] / total.where(total > 0)).fillna(1 / count)
    for column in figures:
        spread = wide[column] * part if column in money else wide[column]
        lines[column] = lines[column].fillna(spread)
    lines["split"] = wide["current_y"].notna()
    lines["current_y"] = lines["current_y"].fillna(0.0)
    return lines


def curves_of(lines: pd.DataFrame) -> Curves:
    """The response of each line."""
    loss = lines["erosion_used"] * lines["gross_margin"] * lines["revenue_y"]
    potential = lines["gross_margin"] * lines["potential_y"]
    figures = (lines["current_y"], loss, potential, lines["half_used_y"], lines["shape_used"])
    return respond(*(figure.to_numpy(dtype=float) for figure in figures))


def rules_of(limits: tuple[Rule, ...], lines: pd.DataFrame, scenario: str) -> Rules:
    """Bounds and linear rules for the solver, of the business rules of the scenario called so.

    Raises InfeasibleError with the rules that conflict, their amounts and the least change of each where no plan keeps them.
    """
    found = conflicts(limits, lines)
    if found:
        raise InfeasibleError(problems_of(found, lines, scenario))
    return rules_from(limits, lines)
