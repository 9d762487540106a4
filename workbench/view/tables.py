"""The blocks that notebooks show of a plan and its steps."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd

from workbench.criteria import EXTERNAL, INTERNAL, PARTS, Criterion, by_table, words
from workbench.model.plan import Plan
from workbench.model.ranking import ties_said
from workbench.model.results import Allocation, Facts, Ranking, Swot, Triage
from workbench.view import blocks
from workbench.view.blocks import Block
from workbench.view.criteria import cell, heading
from workbench.view.robustness import move_text, sure_text
from workbench.view.theme import Figure, Unit, amount, number, percent, signed, unit_of

TOP = 5
BESIDE: dict[str, list[tuple[str, Callable[[pd.Series], Figure]]]] = {  # figures that follow a criterion's in the facts
    "revenue": [("Revenue growth, %", lambda row: percent(row["revenue_growth"], sign=True))],
    "share_trend": [("Customers", lambda row: number(row["customers"]))],
}


def headline(plan: Plan) -> Block:
    """The decision in a sentence, and what it is expected to bring."""
    decision, _, rest = plan.answer.partition(" Expected: ")
    expected, _, beyond = rest.partition(". ")
    sub = f"Expected: {expected.removesuffix('.')}." if expected else ""
    order = plan.ranking.order
    return blocks.answer(decision, sub, list(order.loc[order["chosen"], "name"]), beyond)


def pecking_order(plan: Plan) -> Block:
    """The segments, best first: rank, move, the figures behind it, the parts of the score, and how sure it is."""
    order = plan.ranking.order
    parts = _parts(plan.ranking)
    unit = unit_of(order["revenue_y"])
    money = f"{plan.currency} {unit.letter}"
    moves = dict(zip(plan.stability.moves["segment"], plan.stability.moves["move"], strict=True))
    sure = plan.robustness.segments.set_index("segment", drop=False)
    rows = [
        [
            row["rank"], *([move_text(moves.get(row["segment"]))] if moves else []), row["name"],
            amount(row["revenue_y"], unit), number(row["customers"]), percent(row["growth"], sign=True),
            number(row["relevance_mean"], 2), amount(row["runway_y"], unit),
            blocks.bar(parts[row["segment"]], number(row["score"], 2), width=64), sure_text(sure.loc[row["segment"]]),
        ]
        for _, row in order.iterrows()
    ]  # fmt: skip
    columns = [("Rank", "n"), *([("Move", "n")] if moves else []), ("Segment", "l"), (f"Revenue, {money} a year", "n"),
               ("Customers", "n"), ("Market growth, % a year", "n"), ("Relevance, mean 0–1", "n"),
               (f"Runway, {money} a year", "n"), ("Score, 0–1", "l"), ("Chosen: in or out, how sure", "l")]  # fmt: skip
    caption = " ".join([plan.ranking.answer, *ties_said(plan.robustness.near_ties)])
    return blocks.table("The pecking order", columns, rows, caption=caption, head=2 if moves else 1, key=tuple(PARTS),
                        marks=["chosen" if chosen else "" for chosen in order["chosen"]])  # fmt: skip


def weights_table(ranking: Ranking) -> Block:
    """Each criterion with its weight and the segment that gains most from it."""
    names = ranking.order.set_index("segment")["name"]
    parts = ranking.contributions.set_index("segment")
    rows = [
        [words(criterion), percent(weight), names[parts[criterion].idxmax()], number(parts[criterion].max(), 3),
         names[parts[criterion].idxmin()], number(parts[criterion].min(), 3)]
        for criterion, weight in ranking.weights.itertuples(index=False)
    ]  # fmt: skip
    columns = [("Criterion", "l"), ("Weight, %", "n"), ("Adds most to", "l"), ("Score, 0–1", "n"), ("Adds least to", "l"),
               ("Score, 0–1", "n")]  # fmt: skip
    return blocks.table("What the order rests on", columns, rows, caption="Contributions add up to the score.")


def diagnosis_table(swot: Swot, currency: str) -> Block:
    """Balances and diagnosis of each segment, the weakest position first."""
    balances = swot.balances.merge(swot.agreement, on="segment", how="left").sort_values(["internal", "segment"])
    unit = unit_of(swot.balances["runway_strong_y"].dropna())
    rows = [
        [row["name"], number(row["internal"], 3), number(row["external"], 3), number(row["judgement"], 2),
         number(row["kendalls_w"], 2), amount(row["runway_strong_y"], unit), row["diagnosis"],
         row["decided_by"].replace(" %", "\u00a0%"), row["remedy"]]
        for _, row in balances.iterrows()
    ]  # fmt: skip
    columns = [("Segment", "l"), ("Our position, points", "n"), ("Market, points", "n"),
               ("Judgement, −1 to 1", "n"), ("Raters agree, Kendall's W", "n"),
               (f"Runway where strong, {currency} {unit.letter} a year", "n"), ("Diagnosis", "l"), ("Decided by", "l"),
               ("Lever and remedy", "l")]  # fmt: skip
    return blocks.table("What kind of problem each segment has", columns, rows,
                        caption="Positions above 0 lie above the declared neutral points.")  # fmt: skip


def facts_table(facts: Facts, currency: str) -> Block:
    """The facts of each segment over the last four quarters."""
    unit = unit_of(facts.segments["revenue_y"])
    money = f"{currency} {unit.letter}"
    shown: list[tuple[str, Callable[[pd.Series], Figure]]] = []
    for each in (*by_table(INTERNAL), *by_table(EXTERNAL)):
        shown.append((heading(each, money), partial(_fact, each, unit)))
        shown += BESIDE.get(each.name, [])
    rows = [[row["name"], *(figure(row) for _, figure in shown)] for _, row in facts.segments.iterrows()]
    columns = [("Segment", "l"), *((title, "n") for title, _ in shown)]
    return blocks.table("The facts", columns, rows, caption=f"Four quarters up to {facts.quarter}.")


def _fact(criterion: Criterion, unit: Unit, row: pd.Series) -> Figure:
    return cell(criterion, row[criterion.fact], unit)


def noes_table(triage: Triage) -> Block:
    """The five parked asks with the largest claims, why not, and what would make them a yes."""
    if triage.asks.empty:
        return blocks.said("The largest noes", [], triage.answer)
    parked = triage.asks[triage.asks["decision"] == "parking lot"]
    few = min(TOP, len(parked))
    caption = triage.answer
    caption += (
        f" {'These' if few > 1 else 'This'} {few} carr{'y' if few > 1 else 'ies'} the largest claims." if few else ""
    )
    return _asks(parked.head(TOP), "The largest noes", caption)


def parking_lot(triage: Triage) -> Block:
    """Every parked ask: why not, and what would make it a yes."""
    if triage.asks.empty:
        return blocks.said("The parking lot", [], triage.answer)
    parked = triage.asks[triage.asks["decision"] == "parking lot"]
    return _asks(parked, "The parking lot", "Largest claim first.")


def roadmap(triage: Triage, currency: str) -> Block:
    """Every funded ask: what it claims, which need it serves and WHY, what would drop it."""
    if triage.asks.empty:
        return blocks.said("The roadmap", [], triage.answer)
    funded = triage.asks[triage.asks["decision"] == "funded"]
    unit = unit_of(triage.asks["value_y"])
    money = f"{currency} {unit.letter}"
    digits = 1 if unit.letter == "m" else 0
    rows = [[row["title"], row["segments"], signed(row["value_y"], digits, unit), number(row["effort"]), row["reason"],
             ". ".join(text for text in (row["what"], row["why"]) if text), row["what_would_drop_it"]]
            for _, row in funded.iterrows()]  # fmt: skip
    columns = [("Ask", "l"), ("For", "l"), (f"Gross profit, {money} a year", "n"), ("Effort, person-days", "n"),
               ("Why funded", "l"), ("The need, and why they have it", "l"), ("What would drop it", "l")]  # fmt: skip
    return blocks.table("The roadmap", columns, rows, caption="Largest value first.")


def swaps_table(triage: Triage, currency: str) -> Block:
    """Specific work that came in for base work because a team is full, and what that costs."""
    title = "Specific work that went first"
    if triage.swaps.empty:
        return blocks.said(title, [], "The preference for specific work changes nothing.")
    unit = unit_of(triage.swaps["forgone_y"])
    rows = [[row["enters"] or "–", row["leaves"] or "–", amount(row["forgone_y"], unit), row["bottleneck"] or "–",
             number(row["days_needed"]), number(row["days_freed"])]
            for _, row in triage.swaps.iterrows()]  # fmt: skip
    columns = [("Comes in", "l"), ("Goes out", "l"), (f"Gross profit forgone, {currency} {unit.letter} a year", "n"),
               ("Full team", "l"), ("Needed there, person-days", "n"), ("Freed there, person-days", "n")]  # fmt: skip
    caption = "Against the set of the largest value, without the preference for specific work."
    return blocks.table(title, columns, rows, caption=caption)


def step_answer(step: Swot | Ranking | Allocation | Triage) -> Block:
    """The finding of one step in a sentence."""
    return blocks.answer(step.answer)


def digest(plan: Plan) -> Block:
    """The digest of the whole plan: equal digests, equal plans."""
    return blocks.digest(plan.digest)


def missing_list(missing: tuple[str, ...]) -> Block:
    """What was left out, and why."""
    return blocks.said("Left out, and to mind", missing, "Nothing was left out.")


def _parts(ranking: Ranking) -> dict[str, list[float]]:
    """The contribution of position, market and judgement to each segment's score."""
    table = ranking.contributions.set_index("segment")
    return {
        str(segment): [float(sum(row.get(name, 0.0) for name in group)) for group in PARTS.values()]
        for segment, row in table.iterrows()
    }


def _asks(table: pd.DataFrame, title: str, caption: str) -> Block:
    rows = [[row["title"], row["requester"], row["reason"], row["change_needed"]] for _, row in table.iterrows()]
    columns = [("Ask", "l"), ("Asked by", "l"), ("Why not", "l"), ("What would make it a yes", "l")]
    return blocks.table(title, columns, rows, caption=caption)
