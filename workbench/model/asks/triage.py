"""Feature requests: tested for a significant effect in a chosen segment, then selected under capacity, with reasons."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from workbench.book.book import Book
from workbench.book.quarters import shift
from workbench.model.asks.backlog import Backlog, backlog_of, team_use
from workbench.model.asks.claim_words import MEASURES, nearest_claims
from workbench.model.asks.claims import TESTED, claims_of, growth_claim
from workbench.model.asks.preference import COLUMNS, swaps, weights
from workbench.model.asks.reasons import Reason, verdict, why_funded, why_parked
from workbench.model.asks.select import select as select
from workbench.model.asks.smallest_change import Decided
from workbench.model.asks.smallest_change_words import change_needed, what_would_drop_it
from workbench.model.results import Allocation, Ranking, Triage, listed, millions
from workbench.scenario import Scenario

SHOWN = ["ask", "title", "product", "requester", "kind", "need", "theme", "decision", "status", "segments", "value_y",
         "claimed_y", "effort", "what", "why", "reason", "change_needed", "displaced_by", "what_would_drop_it", "measure",
         "closest", "impact_factor", "effort_factor", "drop_factor", "forgone_y", "bottleneck"]  # fmt: skip


def triage_asks(
    ranking: Ranking, allocation: Allocation, book: Book, scenario: Scenario, *, only: Collection[str] | None = None
) -> Triage:
    """One row per ask: funded or parking lot, its value a year, the reason with its numbers, what would change it.

    Significant: in a chosen segment the claim reaches the threshold on revenue (share of the segment's revenue),
    retention (points) or adoption (share of its customers). Value = Σ over chosen segments of confidence × margin ×
    (revenue + points ÷ 100 × revenue of the segment + adopters × revenue per customer–product pair), the growth
    claims capped at the cell's runway. Then the set of the largest value under next quarter's capacity,
    prerequisites, exclusions and themes; where a team is full, specific work beats base work within the scenario's
    `specific_preference`. Reasons, and what would change a decision,
    are worked out for the asks in `only` (default: all).

    Parameters
    ----------
    ranking : Ranking
        The order and who is chosen.
    allocation : Allocation
        Margins and runway by product × segment.
    book : Book
        The company's tables, as `load_book` gives them.
    scenario : Scenario
        The assumptions, as `load_scenario` gives them.
    only : collection of str, optional
        The asks whose reasons are worked out; default: all.

    Returns
    -------
    Triage
        `asks`: decision, value (currency a year), reason; `effects`: claims beside thresholds; `teams`: person-days; `swaps`.
    """
    if not book.has("asks") or not book.has("impacts"):
        without = "Asks are left out: the book has no asks or no impacts."
        empty = pd.DataFrame(columns=["ask", "decision"])
        return Triage((without,), without, empty, pd.DataFrame(), pd.DataFrame(), pd.DataFrame(columns=COLUMNS))
    effects = _effects(ranking, allocation, book, scenario)
    asks = _values(book, effects)
    wanted = set(asks["ask"] if only is None else only)
    problem, said = backlog_of(asks, book, shift(ranking.quarter, 1), scenario.specific_preference)
    weight = weights(problem)
    pure = problem.best()
    chosen = pure.chosen if (weight == 1).all() else problem.best(weight).chosen
    places = {str(ask): place for place, ask in enumerate(asks["ask"])}
    claims = {places[ask]: each for ask, each in claims_of(effects[effects["ask"].isin(wanted)]).items()}
    decided = Decided(problem, weight, chosen, claims)
    asks["decision"] = np.where(chosen, "funded", "parking lot")
    table = _explained(asks, effects, decided, ranking, book, wanted)
    moved = swaps(problem, pure, chosen, list(asks["title"]))
    teams = team_use(problem, chosen)
    said += _over_runway(asks, effects, book)
    answer = _answer(table, teams, problem, chosen, moved)
    return Triage(tuple(said), answer, table, effects, teams, moved)


def triage_one(ranking: Ranking, allocation: Allocation, book: Book, scenario: Scenario, ask: str) -> list[str]:
    """The verdict on one ask of the book, in sentences: decision, reason with its numbers, what it displaces and what
    that costs, what would turn the decision."""
    triage = triage_asks(ranking, allocation, book, scenario, only=(ask,))
    without = triage_asks(ranking, allocation, _without(book, ask), scenario, only=())
    row = triage.asks[triage.asks["ask"] == ask].iloc[0]
    first, *rest = verdict(row)
    if row["decision"] != "funded":
        return [first, *rest]
    before, now = (each.asks[each.asks["decision"] == "funded"].set_index("ask") for each in (without, triage))
    out = [title for ask, title in before["title"].items() if ask not in now.index]
    more = [title for other, title in now["title"].items() if other not in before.index and other != ask]
    gain = float(now["value_y"].sum() - before["value_y"].sum())
    text = f"It displaces {listed(out) or 'nothing'}"
    text += f", and there is room for {listed(more)}" if more else ""
    text += f"; in all the plan {'gains' if gain >= 0 else 'loses'} {millions(abs(gain))} gross profit a year"
    text += "." if gain >= 0 else ", since specific work goes first where a team is full."
    return [first, text, *rest]


def _without(book: Book, ask: str) -> Book:
    """The book without one ask that no other ask names."""
    tables = {name: table[table["ask"] != ask].reset_index(drop=True) if "ask" in table else table
              for name, table in book.tables().items()}  # fmt: skip
    return Book(book.settings, tables)


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
    effects["significant"] = effects["chosen"] & (effects["closest"] >= TESTED)
    growth = growth_claim(effects)
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


def _explained(
    asks: pd.DataFrame, effects: pd.DataFrame, decided: Decided, ranking: Ranking, book: Book, wanted: set[str]
) -> pd.DataFrame:
    """The asks with decision, reason, what displaced them and what would change the answer; funded first, by value."""
    table, none = asks.copy(), effects.iloc[:0]
    owned = dict(tuple(effects.groupby("ask")))
    owns = [owned.get(ask, none) for ask in table["ask"]]
    places = (
        effects.sort_values(["revenue_y", "segment"], ascending=[False, True]).groupby("ask")["name"].agg(", ".join)
    )
    table["segments"] = places.reindex(table["ask"]).fillna("").to_numpy()
    nearest = nearest_claims(effects).reindex(table["ask"])
    table["measure"] = nearest["measure"].fillna("").to_numpy()
    table["closest"] = nearest["closest"].to_numpy(float)
    for name, factor, funded in (
        ("impact_factor", decided.impact_factor, False),
        ("effort_factor", decided.effort_factor, False),
        ("drop_factor", decided.drop_factor, True),
    ):
        table[name] = [factor(index) if decided.chosen[index] == funded and ask in wanted else np.nan
                       for index, ask in enumerate(table["ask"])]  # fmt: skip
    reasons = [
        Reason("", "")
        if ask not in wanted
        else why_funded(index, owns[index], table, decided)
        if decided.chosen[index]
        else why_parked(index, owns[index], table, decided, ranking)
        for index, ask in enumerate(table["ask"])
    ]
    table["status"] = [reason.status for reason in reasons]
    table["reason"] = [reason.why for reason in reasons]
    table["displaced_by"] = [reason.displaced_by for reason in reasons]
    table["forgone_y"] = [reason.forgone_y for reason in reasons]
    table["bottleneck"] = [reason.bottleneck for reason in reasons]
    change, drop = [], []
    for index, (own, reason) in enumerate(zip(owns, reasons, strict=True)):
        funded, said = decided.chosen[index], table["ask"].iloc[index] in wanted
        change.append(change_needed(index, own, table, decided.problem, reason) if said and not funded else "")
        drop.append(what_would_drop_it(index, own, table, decided) if said and funded else "")
    table["change_needed"], table["what_would_drop_it"] = change, drop
    table["what"], table["why"] = _needs(table, effects, book)
    largest = table["value_y"].where(table["decision"] == "funded", table["claimed_y"])
    table = table.assign(largest=largest).sort_values(["decision", "largest", "ask"], ascending=[True, False, True])
    return table[SHOWN].reset_index(drop=True)


def _needs(table: pd.DataFrame, effects: pd.DataFrame, book: Book) -> tuple[list[str], list[str]]:
    """What each ask is for, and WHY the segment where its effect is largest needs it; blank where the book does not say."""
    what = dict(zip(book.table("needs")["need"], book.table("needs")["what"], strict=True))
    reasons = book.table("segment_needs")
    why = {(segment, need): text for segment, need, text in reasons[["segment", "need", "why"]].itertuples(index=False)}
    order = effects.sort_values(["chosen", "value_y", "closest", "rank"], ascending=[False, False, False, True])
    where = order.drop_duplicates("ask").set_index("ask")["segment"].to_dict()
    texts: tuple[list[str], list[str]] = ([], [])
    for ask, need in zip(table["ask"], table["need"].fillna(""), strict=True):
        for column, text in zip(texts, (what.get(need, ""), why.get((where.get(ask), need), "")), strict=True):
            column.append("" if pd.isna(text) else str(text))
    return texts


def _over_runway(asks: pd.DataFrame, effects: pd.DataFrame, book: Book) -> list[str]:
    """The cells whose funded claims together exceed the runway, in sentences: each claim is capped only by itself."""
    funded = asks[asks["decision"] == "funded"].set_index("ask")["title"]
    claimed = effects[effects["ask"].isin(funded.index) & effects["chosen"]]
    claimed = claimed.assign(growth=np.minimum(growth_claim(claimed), claimed["runway_y"].fillna(np.inf)))
    names = book.names("products")
    said = []
    for _, cell in claimed[claimed["growth"] > 0].groupby(["product", "segment"]):
        total, runway = float(cell["growth"].sum()), float(cell["runway_y"].iloc[0])
        if len(cell) > 1 and total > runway * (1 + 1e-9):
            titles = listed([funded[ask] for ask in cell["ask"]])
            said.append(f"{titles} together claim {millions(total)} revenue a year from {names[cell['product'].iloc[0]]} in "
                        f"{cell['name'].iloc[0]}, more than the runway of {millions(runway)}.")  # fmt: skip
    return said


def _answer(table: pd.DataFrame, teams: pd.DataFrame, problem: Backlog, chosen: np.ndarray, moved: pd.DataFrame) -> str:
    funded = table[table["decision"] == "funded"]
    parked, value = len(table) - len(funded), float(problem.value[chosen].sum())
    verb = "is" if len(funded) == 1 else "are"
    text = f"{len(funded)} of {len(table)} asks {verb} funded, worth {millions(value)} gross profit a year; "
    text += f"{parked} {'goes' if parked == 1 else 'go'} to the parking lot, each with its reason."
    full = teams.sort_values("part", ascending=False)
    closed = (problem.capacity <= 0) * (problem.effort[problem.significant] > 0).sum(axis=0)
    if closed.any():
        count = int(closed.max())
        need = f"no capacity, and {count} significant {'ask needs' if count == 1 else 'asks need'} it"
        text += f" The bottleneck is {problem.teams[int(np.argmax(closed))]} ({need})."
    elif len(full) and full["part"].iloc[0] >= 0.9:
        text += (
            f" The bottleneck is {full['team'].iloc[0]} ({full['part'].iloc[0] * 100:.0f} % of its person-days used)."
        )
    if len(moved):
        pairs = [f"{enters} for {leaves or 'nothing'}" if enters else f"{leaves} out"
                 for enters, leaves in zip(moved["enters"], moved["leaves"], strict=True)]  # fmt: skip
        cost = float(moved["forgone_y"].sum())
        text += f" Where a team is full, specific work goes first: {'; '.join(pairs)}, at a cost of {millions(cost)} a year."
    return text
