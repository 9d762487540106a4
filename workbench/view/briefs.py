"""The blocks of a segment's brief: two printed pages at most, so long tables show their first rows and say how many follow."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd

from workbench.criteria import CRITERIA, DECLARED, Criterion
from workbench.model.briefs import MET
from workbench.model.facts import SIGNED, UNSIGNED
from workbench.model.results import Brief, listed, millions
from workbench.view import blocks
from workbench.view.blocks import Block
from workbench.view.criteria import brief_tile
from workbench.view.money_tables import change
from workbench.view.robustness import move_text
from workbench.view.theme import Unit, amount, number, percent, signed, unit_of

PRODUCTS, NEEDS, GAPS, FUNDED, PARKED = 6, 7, 4, 4, 4  # rows shown
BAR = 44
FIRST = [CRITERIA[name] for name in ("runway", "win_rate", "growth", "coverage", "share")]
WITHIN = [CRITERIA[name] for name in ("revenue", "retention")]  # have a tile with something more
TILES = [*FIRST, *(each for each in DECLARED if each.brief and each not in [*FIRST, *WITHIN])]


def header(brief: Brief) -> Block:
    """The segment in a sentence: rank, how sure, money, asks; below it who answers for it and who belongs to it."""
    owner = f"Owner: {brief.owner}." if brief.owner else "No owner is named."
    return blocks.answer(_tied(brief.answer), " ".join(filter(None, [owner, brief.description])), [brief.name])


def standing(brief: Brief) -> Block:
    """The figures of the segment, each with its unit and what it rests on."""
    rows = {row["measure"]: row for _, row in brief.standing.iterrows()}
    wanted: dict[str, Callable[[dict[str, pd.Series], str], tuple[str, str]]] = {
        "rank": _rank, "revenue_y": _revenue, "customers": _customers,
        **{each.fact: partial(_criterion, each) for each in TILES},
    }  # fmt: skip
    return blocks.figures([wanted[name](rows, brief.currency) for name in wanted if name in rows])


def proposition(brief: Brief) -> Block:
    """The strategic value proposition: each relevant product that meets a need, what it proves and what it earns here."""
    table = brief.proposition
    if table.empty:
        return blocks.said("What we prove here", [], f"No relevant product meets a need of {brief.name} by half.")
    unit = unit_of(table["revenue_y"], table["runway_y"])
    rows = [
        [part["product_name"].iloc[0], _proofs(part),
         part["cell"].iloc[0], amount(part["revenue_y"].iloc[0], unit), amount(part["runway_y"].iloc[0], unit)]
        for _, part in table.groupby("product", sort=False)
    ]  # fmt: skip
    met, known = table["need"].nunique(), len(brief.needs)
    caption = (
        f"{met} of {known} needs are met by half or more. Proof points: the needs a product meets, and how well today"
    )
    columns = [("Product", "l"), ("What it proves", "l"), ("Position", "l"),
               (f"Revenue, {brief.currency} {unit.letter} a year", "n"),
               (f"Runway, {brief.currency} {unit.letter} a year", "n")]  # fmt: skip
    return _table("The value proposition", columns, rows, caption, PRODUCTS)


def needs(brief: Brief) -> Block:
    """Who needs what and why, how much it weighs, how well it is met, and whether the owner signed it."""
    table = brief.needs
    if table.empty:
        return blocks.said("Who needs what, and why", [], f"No need of {brief.name} is written down.")
    rows = [
        [row["who"], row["what"], row["why"], row["outcome"], _share_of(row["importance"]),
         _met(row), _signed(row)]
        for _, row in table.iterrows()
    ]  # fmt: skip
    columns = [("Who", "l"), ("What they need", "l"), ("Why", "l"), ("Better once it is met", "l"), ("Importance", "n"),
               ("Met today, best by", "l"), ("Signed", "l")]  # fmt: skip
    by = listed(sorted(set(table.loc[table["signed"] == SIGNED, "validated_by"])))
    caption = f"The most important first. {f'Signed by {by} on the day given' if by else 'Nobody signed them lately'}"
    return _table("Who needs what, and why", columns, rows, caption, NEEDS, head=1)


def gaps(brief: Brief) -> Block:
    """The needs with the most open, and what is funded against each."""
    table = brief.gaps
    if table.empty:
        empty = "Every need is fully met." if len(brief.needs) else f"No need of {brief.name} is written down."
        return blocks.said("The gaps, and what is funded against them", [], empty)
    unit = unit_of(table["current_y"], table["plan_y"])
    rows = [
        [row["what"], _met(row), number(row["open"], 2), _moved(row, unit), row["asks"] or "no ask"]
        for _, row in table.iterrows()
    ]  # fmt: skip
    poor = int(table["poor"].sum())
    caption = f"{poor or 'No'} need{' is' if poor == 1 else 's are'} met by less than {percent(MET, 0)} %. Open: importance × "
    caption += "gap. A product's money serves all needs it addresses, so it stands in several rows"
    columns = [("Need", "l"), ("Met today, best by", "l"), ("Open, 0–1", "n"),
               (f"Product money, {brief.currency} {unit.letter} a year, today → plan", "n"), ("Asks funded", "l")]  # fmt: skip
    return _table("The gaps, and what is funded against them", columns, rows, caption, GAPS)


def missing_today(brief: Brief) -> Block:
    """What today's customers lack: relevant products that sell little, and important needs that are poorly met."""
    said = []
    for _, row in brief.missing_today.iterrows():
        if row["kind"] == "product":
            runway = "" if pd.isna(row["runway_y"]) else f", runway {millions(row['runway_y'])} {brief.currency} a year"
            relevance = number(row["relevance"], 2)
            said.append(f"{row['what']}: relevance {relevance}, sold for {millions(row['revenue_y'])} a year{runway}.")
        else:
            weight, met = _share_of(row["importance"]), _share_of(row["coverage"])
            said.append(f"{row['what']}: importance {weight}, met {met}.")
    empty = "Every relevant product sells here, and every important need is met by half or more."
    known = brief.proposition["product"].nunique() or len(brief.needs)
    return blocks.said(
        "What today's customers are missing", said, empty if known else "Relevance and needs are not known."
    )


def money(brief: Brief) -> Block:
    """Spend by product, today and plan, with the change in each lever."""
    table = brief.money
    if table.empty:
        return blocks.said("The money, today → plan", [], "No money is allocated.")
    unit = unit_of(table.groupby("product")["plan_y"].sum(), table.groupby("product")["current_y"].sum())
    groups = [(part["product_name"].iloc[0], part) for _, part in table.groupby("product")]
    rows = [
        [name, amount(part["current_y"].sum(), unit), amount(part["plan_y"].sum(), unit),
         *(change(part.loc[part["lever"] == lever, "change_y"].sum(), unit) for lever in ("product", "marketing", "sales")),
         signed(part["gain_y"].sum(), unit=unit)]
        for name, part in (*groups, ("All products", table))
    ]  # fmt: skip
    columns = [("Product", "l"), ("Today", "n"), ("Plan", "n"), ("Change: product", "n"), ("marketing", "n"), ("sales", "n"),
               ("Gross profit against today", "n")]  # fmt: skip
    caption = f"{brief.currency} {unit.word} a year, sustained."
    marks = [*([""] * len(groups)), "sum"]
    return blocks.table("The money, today → plan", columns, rows, caption=caption, marks=marks)


def funded(brief: Brief) -> Block:
    """The funded asks that claim an effect in the segment, and why."""
    rows = [[row["title"], row["product_name"], _claims(row), row["reason"]] for _, row in brief.funded.iterrows()]
    if not rows:
        return blocks.said("Asks that are funded", [], "No funded ask claims an effect here.")
    columns = [("Ask", "l"), ("Product", "l"), (f"Claims here, {brief.currency} a year", "l"), ("Why", "l")]
    return _table("Asks that are funded", columns, rows, "Claims of those who ask, in this segment alone", FUNDED)


def parked(brief: Brief) -> Block:
    """The parked asks that claim an effect in the segment, why, and what would change that."""
    rows = [
        [row["title"], _claims(row), row["reason"], row["change_needed"] or "–"] for _, row in brief.parked.iterrows()
    ]
    if not rows:
        return blocks.said("Asks that wait", [], "No parked ask claims an effect here.")
    columns = [("Ask", "l"), (f"Claims here, {brief.currency} a year", "l"), ("Why not", "l"), ("What it lacks", "l")]
    return _table("Asks that wait, and what would change that", columns, rows, "Largest claim first", PARKED)


def to_mind(brief: Brief) -> Block:
    """What is not known or not signed in this brief."""
    return blocks.said("To mind", brief.missing, "Nothing was left out, and every need is signed.")


def _table(
    title: str, columns: list[tuple[str, str]], rows: list[list[Any]], caption: str, shown: int, head: int = 0
) -> Block:
    """A table of its first rows; the caption says how many more there are."""
    more = len(rows) - shown
    caption = (
        f"{caption}; the first {shown} of {len(rows)}, and {more} more in the plan." if more > 0 else f"{caption}."
    )
    return blocks.table(title, columns, rows[:shown], caption=caption, head=head)


def _rank(rows: dict[str, pd.Series], currency: str) -> tuple[str, str]:
    row = rows["rank"]
    low, high = number(row["low"]), number(row["high"])
    span = f"{low}" if low == high else f"{low}–{high}"
    move = rows["move"]["figure"] if "move" in rows else float("nan")
    since = "" if pd.isna(move) else f"; {move_text(move)['text']} since last quarter" if move else "; as last quarter"
    return number(row["figure"]), f"rank, {span} in 80 % of the draws{since}; {row['grade']}"


def _revenue(rows: dict[str, pd.Series], currency: str) -> tuple[str, str]:
    growth = f", {percent(rows['revenue_growth']['figure'], sign=True)} % in a year" if "revenue_growth" in rows else ""
    return millions(rows["revenue_y"]["figure"]), f"{currency} revenue a year{growth}; {rows['revenue_y']['grade']}"


def _customers(rows: dict[str, pd.Series], currency: str) -> tuple[str, str]:
    kept = f", {percent(rows['retention']['figure'])} % {CRITERIA['retention'].brief}" if "retention" in rows else ""
    return number(rows["customers"]["figure"]), f"customers{kept}; {rows['customers']['grade']}"


def _criterion(criterion: Criterion, rows: dict[str, pd.Series], currency: str) -> tuple[str, str]:
    return brief_tile(criterion, rows[criterion.fact], currency)


def _proofs(part: pd.DataFrame) -> str:
    """The needs that a product meets, each with how well."""
    return _tied("; ".join(f"{row['what']} ({_share_of(row['coverage'])})" for _, row in part.iterrows()))


def _tied(text: str) -> str:
    """The text with each figure and its unit on one line."""
    return re.sub(r"(?<=\d) (?=%|[mk]\b)", "\u00a0", text)


def _share_of(value: float) -> str:
    return "–" if pd.isna(value) else f"{percent(value, 0)} %"


def _met(row: pd.Series) -> Any:
    """How well a need is met today, and by which product best."""
    if pd.isna(row["coverage"]):
        return "–"
    by = f" {row['product_name']}" if row["product_name"] else ""
    return blocks.bar([row["coverage"]], f"{_share_of(row['coverage'])}{by}".replace(" ", "\u00a0"), width=BAR)


def _signed(row: pd.Series) -> str:
    """The day on which it was signed; or that nobody did, or that it is long ago."""
    if row["signed"] == SIGNED:
        return str(row["validated_on"]).replace("-", "\u2011")
    return str(row["signed"] if row["signed"] == UNSIGNED else f"{row['validated_on']}: {row['signed']}")


def _moved(row: pd.Series, unit: Unit) -> str:
    if pd.isna(row["plan_y"]):
        return "none"
    return f"{amount(row['current_y'], unit)} → {amount(row['plan_y'], unit)}"


def _claims(row: pd.Series) -> str:
    """What an ask claims in the segment, in words."""
    parts = [
        (row["revenue_y"], f"{millions(row['revenue_y'])} revenue"),
        (row["retention_points"], f"{number(row['retention_points'], 1)} points retention"),
        (row["adopters"], f"{number(row['adopters'])} adopters"),
    ]
    return ", ".join(text for figure, text in parts if figure > 0)
