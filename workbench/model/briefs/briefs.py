"""The brief of one segment: one page for those who sell to it, made from the plan alone."""

from __future__ import annotations

from typing import Any

import pandas as pd

from workbench.book.tables import LEVERS, RELEVANT
from workbench.book.text import nearest, shown
from workbench.criteria import CRITERIA, DECLARED, measure_of
from workbench.errors import Problem, WorkbenchError
from workbench.model.briefs.propositions import asks_here, gaps_of, lacking_today, proof_points, serving
from workbench.model.facts import OLD, UNSIGNED
from workbench.model.plan import Plan
from workbench.model.ranking import STAYS, WAITS, draws_percent
from workbench.model.results import Brief, Facts, listed, millions

GRADES = ("observed", "estimated", "claimed", "assumed")  # the weakest last
FACTS = {  # what a figure of a segment rests on, as the facts grade it
    **{each.fact: each.rests_on for each in DECLARED if each.fact},
    "revenue_growth": CRITERIA["revenue"].rests_on,
    "customers": CRITERIA["retention"].rests_on,
}
FIGURES = (
    "revenue_y",
    "revenue_growth",
    "share",
    "customers",
    "growth",
    "retention",
    "win_rate",
    "coverage",
    "runway_y",
)


def segment_brief(plan: Plan, segment: str) -> Brief:
    """The brief of one segment of `plan`: where it stands, what it needs, what we prove, lack and fund there.

    Figures that the plan does not have are left out, and `missing` says which. Raises WorkbenchError, with the nearest
    known key, for a segment that the plan does not rank.

    Parameters
    ----------
    plan : Plan
        A plan, from `plan_quarter`.
    segment : str
        The key of a segment that the plan ranks.

    Returns
    -------
    Brief
        Standing, needs, proof points, gaps, money and asks of the segment.

    Raises
    ------
    WorkbenchError
        For a segment that the plan does not rank, with the nearest known key.
    """
    order = plan.ranking.order
    if segment not in set(order["segment"]):
        raise WorkbenchError([_unknown(segment, list(order["segment"]))])
    row = order[order["segment"] == segment].iloc[0]
    facts = plan.facts
    names = facts.products[["product", "product_name"]]
    needs = _of(facts.needs, segment).merge(names, on="product", how="left")
    needs["product_name"] = needs["product_name"].fillna("")
    needs["what"] = needs["what"].where(needs["what"] != "", needs["need"])
    needs = needs.sort_values(["importance", "need"], ascending=[False, True], ignore_index=True)
    proofs, cells = _of(facts.proofs, segment), _of(plan.swot.cells, segment).merge(names, on="product")
    money = _money(plan, segment, names)
    here = asks_here(plan.asks.asks, plan.asks.effects, segment, names)
    funded, parked = here[here["decision"] == "funded"], here[here["decision"] != "funded"]
    parked = parked.sort_values(["revenue_y", "ask"], ascending=[False, True])
    standing, unknown = _standing(plan, segment, row)
    proposition = proof_points(needs, proofs, cells)
    owner, description = _of(facts.owners, segment)[["owner", "description"]].iloc[0]
    said = [*_said_of_needs(needs, str(row["name"])), *_said_of_products(cells, proposition, needs)]
    said += [f"Not known: {listed(unknown)}."] if unknown else []
    said += [plan.allocation.answer] if money.empty else []
    said += [plan.asks.answer] if plan.asks.asks.empty else []
    return Brief(
        tuple(said), _answer(plan, row, money, here), plan.currency, segment, str(row["name"]), owner, description,
        bool(row["chosen"]), standing, needs, proposition,
        gaps_of(needs, proofs, money, serving(plan.asks.asks, here)), lacking_today(needs, cells), money,
        funded.reset_index(drop=True), parked.reset_index(drop=True),
    )  # fmt: skip


def _unknown(segment: str, known: list[str]) -> Problem:
    near = nearest(segment, known)
    advice = f"write {near!r}" if near else "choose one of them"
    return Problem("segment", None, None, shown(segment), f"a segment of the plan: {', '.join(known)}", advice)


def _of(table: pd.DataFrame, segment: str) -> pd.DataFrame:
    return table[table["segment"] == segment].drop(columns="segment").reset_index(drop=True)


def _money(plan: Plan, segment: str, names: pd.DataFrame) -> pd.DataFrame:
    """Spend in the segment by product × lever, today and plan, with the gross profit that the change brings."""
    spend = _of(plan.allocation.spend, segment).merge(names, on="product", how="left")
    spend["place"] = spend["lever"].map({lever: place for place, lever in enumerate(LEVERS)})
    columns = ["product", "product_name", "lever", "current_y", "plan_y", "change_y", "gain_y"]
    return spend.sort_values(["product", "place"], ignore_index=True)[columns]


def _standing(plan: Plan, segment: str, row: pd.Series) -> tuple[pd.DataFrame, list[str]]:
    """The figures of the segment, each with its 80 % interval where there is one, unit and grade; and what is not known."""
    sure = _of(plan.robustness.segments, segment).iloc[0]
    moves = plan.stability.moves
    move = _of(moves, segment)["move"].max() if len(moves) else None  # none for a segment that is new
    found: dict[str, tuple[Any, Any, Any]] = {
        "rank": (row["rank"], sure["rank_low"], sure["rank_high"]),
        "move": (move, None, None),
        "score": (row["score"], None, None),
        "chosen_probability": (sure["chosen_probability"], None, None),
        **{name: (row[name], row.get(f"{name}_low"), row.get(f"{name}_high")) for name in figures_shown()},
    }
    said = {name: measure_of(name) for name in found}
    rows = [
        (name, said[name].label, *figures, said[name].unit, _grade(name, plan.facts, row))
        for name, figures in found.items()
        if not pd.isna(figures[0])
    ]
    columns = ["measure", "label", "figure", "low", "high", "unit", "grade"]
    table = pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(("figure", "low", "high"), "float64"))
    known = {"move", *table["measure"]}
    return table, [said[name].label.lower() for name in found if name not in known]


def figures_shown() -> list[str]:
    """The facts that stand in a brief, in their order; those of criteria declared since then come last."""
    return list(dict.fromkeys((*FIGURES, *(each.fact for each in DECLARED if each.brief))))


def _grade(name: str, facts: Facts, row: pd.Series) -> str:
    """What a figure rests on: the weakest grade of the facts behind it."""
    if name == "growth":
        return "claimed" if row["growth_method"] == "analyst" else "estimated"
    grades = facts.grades[facts.grades["fact"].isin(FACTS.get(name, ()))]["grade"]
    return max(grades, key=GRADES.index, default="estimated")


def _said_of_needs(needs: pd.DataFrame, name: str) -> list[str]:
    if needs.empty:
        return [f"No need of {name} is written down: what it needs, and why, is left out."]
    said = ["How well the needs are met is not known."] if needs["coverage"].isna().all() else []
    for word, text in ((UNSIGNED, "unsigned"), (OLD, "signed more than four quarters ago")):
        part = list(needs.loc[needs["signed"] == word, "what"])
        verb = "is" if len(part) == 1 else "are"
        said += [f"{len(part)} of {len(needs)} needs {verb} {text}: {'; '.join(part)}."] if part else []
    return said


def _said_of_products(cells: pd.DataFrame, proposition: pd.DataFrame, needs: pd.DataFrame) -> list[str]:
    """Relevant products that are no proof point, and products whose relevance is not judged."""
    known = needs["coverage"].notna().any()
    bare = cells[(cells["relevance"] >= RELEVANT) & ~cells["product"].isin(proposition["product"])]["product_name"]
    said = [f"No proof point, for no need here is met by half: {listed(list(bare))}."] if known and len(bare) else []
    open_ = list(cells.loc[cells["relevance"].isna(), "product_name"])
    return [*said, f"Relevance is not judged: {listed(open_)}."] if open_ else said


def _answer(plan: Plan, row: pd.Series, money: pd.DataFrame, here: pd.DataFrame) -> str:
    """Rank, whether chosen and how sure, money from today to the plan, and how many asks are funded, in a sentence."""
    head = f"{row['name']} ranks {row['rank']} of {len(plan.ranking.order)} and is {_choice(plan, row)}"
    today, then = float(money["current_y"].sum()), float(money["plan_y"].sum())
    spend = f"spend goes from {millions(today)} to {millions(then)} {plan.currency} a year"
    spend = f"spend stays at {millions(then)} {plan.currency} a year" if millions(today) == millions(then) else spend
    spend = spend if len(money) else "no money is allocated"
    return f"{head}: {spend}, and {_asks_said(here)}."


def _asks_said(here: pd.DataFrame) -> str:
    """How many of the asks that claim an effect in the segment are funded, in words."""
    count = int((here["decision"] == "funded").sum())
    if len(here) < 2:
        one = f"the one ask that claims an effect here is {'funded' if count else 'parked'}"
        return one if len(here) else "no ask claims an effect here"
    verb = "is" if count == 1 else "are"
    return f"{count or 'none'} of the {len(here)} asks that claim an effect here {verb} funded"


def _choice(plan: Plan, row: pd.Series) -> str:
    """Whether the segment is chosen, and how sure that is, in words."""
    sure = _of(plan.robustness.segments, row["segment"]).iloc[0]
    word, part = sure["sure"], sure["chosen_probability"]
    choice = "chosen" if row["chosen"] else "not chosen"
    if word in (STAYS, WAITS):
        reason = "an incumbent stays" if word == STAYS else "it waits behind an incumbent"
        return f"{choice} ({reason}; by the order in {draws_percent(part)} of the draws)"
    if word in ("pinned", "banned"):
        return f"{choice} ({word} by the scenario)"
    return f"{choice} ({word}, in {draws_percent(part if row['chosen'] else 1 - part)} of the draws)"
