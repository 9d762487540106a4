"""Feature requests: tested for a significant effect in a chosen segment, then selected under capacity, with reasons."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.book.book import Book
from workbench.book.quarters import shift
from workbench.model.backlog import Backlog, backlog_of, team_use
from workbench.model.reasons import MEASURES, claimed_in, why_displaced, why_failed, why_funded
from workbench.model.results import Allocation, Ranking, Triage, listed, millions
from workbench.model.select import Selection
from workbench.model.select import select as select
from workbench.scenario import Scenario


def triage_asks(ranking: Ranking, allocation: Allocation, book: Book, scenario: Scenario) -> Triage:
    """One row per ask: funded or parking lot, its value a year, the reason with its numbers, what would change it.

    Significant: in a chosen segment the claim reaches the threshold on revenue (share of the segment's revenue),
    retention (points) or adoption (share of its customers). Value = Σ over chosen segments of confidence × margin ×
    (revenue + points ÷ 100 × revenue of the segment + adopters × revenue per customer–product pair), the growth
    claims capped at the cell's runway. Then the set of the largest value under next quarter's capacity,
    prerequisites, exclusions and themes.
    """
    if not book.has("asks") or not book.has("impacts"):
        without = "Asks are left out: the book has no asks or no impacts."
        return Triage((without,), without, pd.DataFrame(columns=["ask", "decision"]), pd.DataFrame(), pd.DataFrame())
    effects = _effects(ranking, allocation, book, scenario)
    asks = _values(book, effects)
    problem, said = backlog_of(asks, book, shift(ranking.quarter, 1))
    selection = problem.best()
    table = _decided(asks, effects, problem, selection, ranking)
    teams = team_use(problem, selection)
    return Triage(tuple(said), _answer(table, teams, selection.value), table, effects, teams)


def _effects(ranking: Ranking, allocation: Allocation, book: Book, scenario: Scenario) -> pd.DataFrame:
    """Each claim beside its thresholds: ask × segment, with `closest` = claim ÷ threshold of the nearest measure."""
    claims = ["revenue_y", "retention_points", "adopters", "confidence"]
    effects = book.table("impacts").astype(dict.fromkeys(claims, "float64"))
    effects[claims[:3]] = effects[claims[:3]].fillna(0.0)
    effects = effects.merge(book.table("asks")[["ask", "product"]], on="ask")
    order = ranking.order.rename(columns={"revenue_y": "segment_revenue_y"})
    effects = effects.merge(
        order[["segment", "name", "rank", "chosen", "segment_revenue_y", "customers", "pairs"]], on="segment"
    )
    effects = effects.merge(
        allocation.cells[["product", "segment", "gross_margin", "runway_y"]], on=["product", "segment"]
    )
    revenue = effects["segment_revenue_y"]
    effects["revenue_part"] = _part(effects["revenue_y"], revenue)
    effects["adoption_part"] = _part(effects["adopters"], effects["customers"])
    effects["revenue_per_pair_y"] = revenue / effects["pairs"].where(effects["pairs"] > 0)
    limits = scenario.significance
    for name, limit in (
        ("revenue", limits.revenue),
        ("retention", limits.retention_points),
        ("adoption", limits.adoption),
    ):
        effects[f"{name}_needed"] = limit
    ratios = pd.DataFrame({name: effects[column].fillna(0.0) / effects[f"{name}_needed"].clip(lower=1e-12)
                           for name, (column, _) in MEASURES.items()})  # fmt: skip
    effects["closest"] = ratios.max(axis=1)
    effects["measure"] = ratios.idxmax(axis=1)
    effects["significant"] = effects["chosen"] & (effects["closest"] >= 1 - 1e-12)
    growth = effects["revenue_y"] + (effects["adopters"] * effects["revenue_per_pair_y"]).fillna(0.0)
    kept = effects["retention_points"] / 100 * revenue.fillna(0.0)
    capped = np.minimum(growth, effects["runway_y"].fillna(np.inf))
    effects["capped"] = capped < growth
    effects["value_y"] = (effects["confidence"] * effects["gross_margin"] * (capped + kept)).where(
        effects["chosen"], 0.0
    )
    return effects.sort_values(["ask", "segment"], ignore_index=True)


def _part(claim: pd.Series, whole: pd.Series) -> pd.Series:
    """The claim as a part of what is there; where there is nothing yet, a claim is all of it."""
    return claim / whole.where(whole > 0, claim.where(claim > 0)).where(whole.notna())


def _values(book: Book, effects: pd.DataFrame) -> pd.DataFrame:
    asks = book.table("asks").set_index("ask")
    effort = book.table("efforts").astype({"effort": "float64"}).groupby("ask")["effort"].sum()
    asks["effort"] = effort.reindex(asks.index)
    asks["claimed_y"] = effects.groupby("ask")["revenue_y"].sum().reindex(asks.index).fillna(0.0)
    asks["significant"] = effects.groupby("ask")["significant"].any().reindex(asks.index).fillna(False).astype(bool)
    asks["value_y"] = effects.groupby("ask")["value_y"].sum().reindex(asks.index).fillna(0.0)
    return asks.reset_index()


def _decided(
    asks: pd.DataFrame, effects: pd.DataFrame, problem: Backlog, selection: Selection, ranking: Ranking
) -> pd.DataFrame:
    """The asks with decision, reason, what displaced them and what would change the answer; funded first, by value."""
    table = asks.copy()
    table["decision"] = np.where(selection.chosen, "funded", "parking lot")
    table["segments"] = [claimed_in(effects[effects["ask"] == ask]) for ask in table["ask"]]
    texts = []
    for index, ask in enumerate(table["ask"]):
        own = effects[effects["ask"] == ask]
        if selection.chosen[index]:
            texts.append(why_funded(index, own, table, problem, selection))
        elif not table["significant"].iloc[index]:
            reason, need, _ = why_failed(own, ranking)
            users = sorted({str(table["title"].iloc[one]) for one, other in problem.requires if other == index})
            texts.append((reason, f"{need}; or {listed(users)} funded, which needs it" if users else need, ""))
        else:
            texts.append(why_displaced(index, table, problem, selection))
    for place, column in enumerate(("reason", "change_needed", "displaced_by")):
        table[column] = [text[place] for text in texts]
    largest = table["value_y"].where(table["decision"] == "funded", table["claimed_y"])
    table = table.assign(largest=largest).sort_values(["decision", "largest", "ask"], ascending=[True, False, True])
    columns = ["ask", "title", "product", "requester", "kind", "need", "theme", "decision", "segments", "value_y", "claimed_y",
               "effort", "reason", "change_needed", "displaced_by"]  # fmt: skip
    return table[columns].reset_index(drop=True)


def _answer(table: pd.DataFrame, teams: pd.DataFrame, value: float) -> str:
    funded = table[table["decision"] == "funded"]
    parked = len(table) - len(funded)
    text = f"{len(funded)} of {len(table)} asks are funded, worth {millions(value)} gross profit a year; "
    text += f"{parked} go to the parking lot, each with its reason."
    full = teams.sort_values("part", ascending=False)
    if len(full) and full["part"].iloc[0] >= 0.9:
        text += (
            f" The bottleneck is {full['team'].iloc[0]} ({full['part'].iloc[0] * 100:.0f} % of its person-days used)."
        )
    return text
