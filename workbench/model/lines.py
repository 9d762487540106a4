"""The lines of spend (product × lever × segment) with today's amounts, their rules and their curves."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from workbench.book.book import Book
from workbench.book.tables import LEVERS
from workbench.errors import InfeasibleError, Problem
from workbench.model.piecewise import Rules
from workbench.model.response import Curves, calibrate
from workbench.scenario import Scenario

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
    return calibrate(*(figure.to_numpy(dtype=float) for figure in figures))


def rules_of(lines: pd.DataFrame, chosen: list[str], scenario: Scenario, budget: float) -> Rules:
    """Bounds and linear rules: budget, minima, maxima, change limit, limits per segment and product.

    Spend above today's goes to `chosen` segments only, but a minimum is kept everywhere.
    Raises InfeasibleError with both amounts where minima and limits exceed what is there.
    """
    current = lines["current_y"].to_numpy(dtype=float)
    low = lines["minimum_y"].fillna(0.0).to_numpy(dtype=float)
    high = lines["maximum_y"].fillna(max(budget, float(current.max(initial=0.0)))).to_numpy(dtype=float)
    limit = scenario.budget.change_limit
    if limit is not None:
        low = np.maximum(low, np.minimum(current * (1 - limit), high))
        high = np.maximum(np.minimum(high, current * (1 + limit)), low)
    open_for_growth = lines["segment"].isin(chosen).to_numpy()
    high = np.maximum(np.where(open_for_growth, high, np.minimum(high, current)), low)
    rows, least, most = [np.ones(len(lines))], [-np.inf], [budget]
    for column, limits in (("segment", scenario.budget.segments), ("product", scenario.budget.products)):
        for name, one in sorted(limits.items()):
            rows.append((lines[column] == name).to_numpy(dtype=float))
            least.append(one.minimum_y)
            most.append(np.inf if one.maximum_y is None else one.maximum_y)
    rules = Rules(low, high, csr_array(np.array(rows)), np.array(least), np.array(most))
    _refuse_impossible(rules, scenario, budget)
    return rules


def _refuse_impossible(rules: Rules, scenario: Scenario, budget: float) -> None:
    where = f"scenario {scenario.name}"
    names = [*(("segments", name) for name in sorted(scenario.budget.segments)),
             *(("products", name) for name in sorted(scenario.budget.products))]  # fmt: skip
    member = rules.matrix.toarray() > 0
    need = np.maximum(rules.least[1:], 0.0)
    problems = []
    for row, (kind, name) in enumerate(names, start=1):
        floor, roof = float(rules.low[member[row]].sum()), float(rules.high[member[row]].sum())
        if floor > rules.most[row] + 0.005:
            problems.append(_impossible(where, f"budget.{kind}.{name}", "minima", floor, "maximum", rules.most[row]))
        if roof < rules.least[row] - 0.005:
            problems.append(_impossible(where, f"budget.{kind}.{name}", "minimum", rules.least[row], "maxima", roof))
    for kind in ("segments", "products"):
        rows = [row for row, (each, _) in enumerate(names, start=1) if each == kind]
        inside = member[rows].any(axis=0) if rows else np.zeros(len(rules.low), dtype=bool)
        floors = [max(float(need[row - 1]), float(rules.low[member[row]].sum())) for row in rows]
        floor = float(rules.low[~inside].sum()) + sum(floors)
        if floor > budget + 0.005:
            problems.append(_impossible(where, "budget.total_y", "minima", floor, "budget", budget))
            break
    if problems:
        raise InfeasibleError(problems)


def _impossible(where: str, column: str, first: str, more: float, second: str, less: float) -> Problem:
    return Problem(where, None, column, f"{first} of {more:,.2f} against a {second} of {less:,.2f}",
                   f"{first} of at most the {second}", f"move one of the two by {more - less:,.2f}")  # fmt: skip
