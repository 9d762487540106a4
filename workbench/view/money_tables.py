"""The tables of the money: where it goes and for what, what a rule costs, how it was found."""

from __future__ import annotations

from typing import Any

import pandas as pd

from workbench.model.plan import Plan
from workbench.model.results import Allocation
from workbench.view import blocks
from workbench.view.blocks import Block
from workbench.view.theme import THOUSAND, Unit, amount, number, percent, signed, unit_of


def spend_table(plan: Plan) -> Block:
    """Spend per segment, today and plan, with the decision and why."""
    table = plan.allocation.segments
    title = "Fund, hold or take out, and why"
    if plan.allocation.spend.empty:
        return blocks.said(title, [], plan.allocation.answer)
    unit = unit_of(table["plan_y"], table["current_y"])
    money = f"{plan.currency} {unit.letter}"
    rows = [
        [row["rank"], row["name"], amount(row["current_y"], unit), amount(row["plan_y"], unit), change(row["change_y"], unit),
         signed(row["gain_y"], unit=unit), row["verdict"].replace(" ", "\u00a0"), row["why"]]
        for _, row in table.iterrows()
    ]  # fmt: skip
    columns = [("Rank", "n"), ("Segment", "l"), (f"Today, {money} a year", "n"), (f"Plan, {money} a year", "n"),
               ("Change", "n"), (f"Gross profit, {money} a year", "n"), ("Decision", "l"), ("Why", "l")]  # fmt: skip
    marks = ["chosen" if chosen else "" for chosen in table["chosen"]]
    spread = plan.allocation.alternatives.set_index(["alternative", "rules"])["effective_segments"]
    caption = "Sustained spend; growth money goes to chosen segments only. "
    caption += f"The plan's money counts as evenly spread over {spread['Plan', 'same']:.1f} of {len(table)} segments."
    return blocks.table(title, columns, rows, head=1, marks=marks, caption=caption)


def growth_table(plan: Plan, rows_shown: int = 12) -> Block:
    """The largest lines that grow: where, for which need, through which product and lever, and why out of order."""
    title = "Where growth money goes, and for what"
    if plan.allocation.spend.empty:
        return blocks.said(title, [], plan.allocation.answer)
    lines = plan.allocation.growth_lines
    products = plan.allocation.products.set_index("product")["name"]
    unit = unit_of(lines["plan_y"])
    money = f"{plan.currency} {unit.letter}"
    some = bool((lines["departs"] != "").any())
    rows = [
        [row["name"], products[row["product"]], row["lever"], _blank(row["what"]), _blank(row["why"]), percent(row["gap"], 0),
         amount(row["current_y"], unit), amount(row["plan_y"], unit), signed(row["gain_y"], 1, unit),
         *([row["departs"]] if some else [])]
        for _, row in lines.head(rows_shown).iterrows()
    ]  # fmt: skip
    columns = [("Segment", "l"), ("Product", "l"), ("Lever", "l"), ("Largest open need", "l"), ("Why they need it", "l"),
               ("Gap, %", "n"), (f"Today, {money}", "n"), (f"Plan, {money}", "n"), (f"Gross profit, {money} a year", "n"),
               *([("Out of rank order, because", "l")] if some else [])]  # fmt: skip
    caption = f"The {len(rows)} largest of {len(lines)} lines that grow."
    caption += "" if some else " None departs from the pecking order."
    return blocks.table(title, columns, rows, caption=caption)


def prices_table(allocation: Allocation, currency: str, rows_shown: int = 10) -> Block:
    """What each binding rule costs, found by solving again without it."""
    title = "What the rules cost"
    if allocation.prices.empty:
        return blocks.said(title, [], "No rule binds: without any one of them the plan would be the same.")
    unit = unit_of(allocation.prices["price_y"])
    dear = allocation.prices[allocation.prices["price_y"] >= 1_000].head(rows_shown)
    rows = [[row["words"], row["instead"], signed(row["price_y"], 2 if unit.letter == "m" else 0, unit)]
            for _, row in dear.iterrows()]  # fmt: skip
    columns = [("Rule", "l"), ("Instead", "l"), (f"Would earn more, {currency} {unit.letter} a year", "n")]
    caption = f"Each rule changed alone, the others kept; {len(rows)} of {len(allocation.prices)} that bind, the dearest first."
    caption += " The others earn less than 1 k, or change priorities more than gross profit."
    return blocks.table(title, columns, rows, caption=caption)


def kinds_table(plan: Plan) -> Block:
    """Product spend on base needs and on specific ones, today and plan."""
    title = "Base and specific"
    table = plan.allocation.kinds
    if table.empty or not table["plan_y"].sum() > 0:
        return blocks.said(title, [], "No money is spent on products.")
    unit = unit_of(table["plan_y"], table["current_y"])
    money = f"{plan.currency} {unit.letter}"
    whole = table[["current_y", "plan_y"]].sum()
    names = {"base": "base: needs of every segment", "specific": "specific: needs of one segment",
             "not known": "not known: no need named"}  # fmt: skip
    rows = [
        [names[row["kind"]], amount(row["current_y"], unit), amount(row["plan_y"], unit),
         percent(row["current_y"] / whole["current_y"] if whole["current_y"] > 0 else float("nan"), 0),
         percent(row["plan_y"] / whole["plan_y"], 0)]
        for _, row in table.iterrows() if row["kind"] != "not known" or row["plan_y"] + row["current_y"] > 0
    ]  # fmt: skip
    columns = [("Spend of the product lever on", "l"), (f"Today, {money} a year", "n"), (f"Plan, {money} a year", "n"),
               ("Today, %", "n"), ("Plan, %", "n")]  # fmt: skip
    return blocks.table(
        title, columns, rows, caption="Each line split by the open part of the needs that it can serve."
    )


def goals_table(plan: Plan) -> Block:
    """Each goal and how far the plan reaches it."""
    goals = plan.allocation.goals
    if len(goals) == 0:
        return blocks.said("The goals", [], "The book has no goals, or no money is allocated.")
    unit = unit_of(goals["target"])
    money = f"{plan.currency} {unit.letter}"
    rows = [
        [row["goal"].replace("_", " "), row["measure"].removesuffix("_y").replace("_", " "), row["by_quarter"],
         amount(row["target"], unit), amount(row["reached"], unit), percent(row["part"], 0)]
        for _, row in goals.iterrows()
    ]  # fmt: skip
    columns = [("Goal", "l"), ("Measure", "l"), ("By", "l"), (f"Target, {money} a year", "n"),
               (f"So far, {money} a year", "n"), ("Part, %", "n")]  # fmt: skip
    caption = "Added gross profit: by this plan; revenue: today's, before the plan."
    return blocks.table("The goals", columns, rows, caption=caption)


def cells_table(plan: Plan, rows_shown: int = 12) -> Block:
    """Where the next 100,000 would earn most, product by segment."""
    title = "Where the next 100,000 would earn most"
    if plan.allocation.spend.empty:
        return blocks.said(title, [], plan.allocation.answer)
    table = plan.allocation.cells.merge(plan.ranking.order[["segment", "name", "rank", "chosen"]], on="segment")
    table = table.dropna(subset=["next_100k_y"]).sort_values(
        ["next_100k_y", "rank", "product"], ascending=[False, True, True]
    )
    products = plan.allocation.products.set_index("product")["name"]
    unit = unit_of(table["plan_y"], table["current_y"])
    money = f"{plan.currency} {unit.letter}"
    rows = [
        [products[row["product"]], row["name"], row["next_lever"], signed(row["next_100k_y"], 0, THOUSAND),
         number(row["relevance"], 2), amount(row["runway_y"], unit), amount(row["current_y"], unit),
         amount(row["plan_y"], unit), "not chosen" if not row["chosen"] else "open" if row["room"] else "at its limit"]
        for _, row in table.head(rows_shown).iterrows()
    ]  # fmt: skip
    columns = [("Product", "l"), ("Segment", "l"), ("Lever", "l"), (f"Next 100 k, {plan.currency} k a year", "n"),
               ("Relevance, 0–1", "n"), (f"Runway, {money} a year", "n"), (f"Today, {money} a year", "n"),
               (f"Plan, {money} a year", "n"), ("Growth money", "l")]  # fmt: skip
    caption = "Gross profit of 100,000 a year beyond the plan, whatever the rules; unweighted. "
    caption += f"The {len(rows)} best of {len(table)} cells."
    return blocks.table(title, columns, rows, caption=caption)


def solver_table(allocation: Allocation) -> Block:
    """How the amounts were found, and each rule checked again on the amounts in cents."""
    if allocation.spend.empty:
        return blocks.said("Every rule, checked again", [], allocation.answer)
    rows = [[row["check"], row["figure"], "yes" if row["kept"] else "no"] for _, row in allocation.solver.iterrows()]
    return blocks.table("Every rule, checked again", [("Rule", "l"), ("Figure", "l"), ("Kept", "l")], rows)


def change(value: float, unit: Unit) -> Any:
    """A table cell with a change of money, its sign and its tone."""
    return blocks.toned(signed(value, unit=unit), "up" if value > 0 else "down" if value < 0 else "same")


def _blank(value: Any) -> str:
    return "" if pd.isna(value) else str(value)
