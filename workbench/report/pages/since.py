"""What changed since the plan that was published for an earlier quarter: what people were told then, and are told now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.book.quarters import shift
from workbench.model.plan import Plan
from workbench.model.results import listed, millions
from workbench.report.store import Earlier
from workbench.view import blocks
from workbench.view.blocks import Block, toned
from workbench.view.theme import amount, signed, unit_of

Records = list[dict[str, Any]]


def since_then(earlier: Earlier, scenario: str, plan: Plan) -> Block | None:
    """A table under a sentence: order, choice and spend as published then and as planned now; None for a new scenario."""
    then = earlier.plans.get(scenario)
    if then is None or then["currency"] != plan.currency:
        return None
    order: Records = then["tables"]["ranking.order"]
    spend = {row["segment"]: row for row in then["tables"].get("allocation.segments", [])}
    before = {row["segment"]: row for row in order}
    segments = plan.allocation.segments
    money: dict[str, float] = (
        dict(zip(segments["segment"], segments["plan_y"].tolist(), strict=True)) if len(segments) else {}
    )
    unit = unit_of(list(money.values()) or [0.0])
    rows = []
    for _, row in plan.ranking.order.iterrows():
        old, key = before.get(row["segment"]), row["segment"]
        planned = spend[key]["plan_y"] if key in spend else None
        now = float(money[key]) if key in money else None
        change = None if planned is None or now is None else now - planned
        told = signed(change, unit=unit) if change is not None else "–"
        tone = "up" if told.startswith("+") else "down" if told.startswith("−") else "same"
        rows.append([row["name"], "new" if old is None else old["rank"], int(row["rank"]),
                     "" if old is None else _chosen(old["chosen"]), _chosen(bool(row["chosen"])),
                     "–" if planned is None else amount(planned, unit), "–" if now is None else amount(now, unit),
                     toned(told, tone)])  # fmt: skip
    columns = [("Segment", "l"), ("Rank then", "n"), ("Rank now", "n"), ("Then", "l"), ("Now", "l"),
               (f"Planned then, {plan.currency} {unit.letter} a year", "n"),
               (f"Planned now, {plan.currency} {unit.letter} a year", "n"), ("Change", "n")]  # fmt: skip
    title = f"Since the plan published for {spoken_next(earlier.quarter)}, scenario {scenario}"
    caption = f"{_sentence(then, before, plan)} Then: as published." + _restated(plan, before, earlier.quarter)
    return blocks.table(title, columns, rows, caption=caption)


def spoken_next(quarter: str) -> str:
    """The quarter that a plan on `quarter` decides, as people write it."""
    after = shift(quarter, 1)
    return f"{after[:4]} {after[4:]}"


def _sentence(then: Mapping[str, Any], before: Mapping[str, Mapping[str, Any]], plan: Plan) -> str:
    """Who comes and goes, the whole spend, and what became of the asks that were funded."""
    order = plan.ranking.order
    now = set(order.loc[order["chosen"], "segment"])
    names = dict(zip(order["segment"], order["name"], strict=True)) | {key: row["name"] for key, row in before.items()}
    was = {key for key, row in before.items() if row["chosen"]}
    comes, goes = [listed(sorted(names[key] for key in each)) for each in (now - was, was - now)]
    parts = [f"{comes} {'comes' if len(now - was) == 1 else 'come'} in" if comes else "",
             f"{goes} {'goes' if len(was - now) == 1 else 'go'} out" if goes else ""]  # fmt: skip
    text = " and ".join(filter(None, parts)) or "The same segments are chosen"
    old, spend = then["tables"].get("allocation.segments", []), plan.allocation.segments
    if old and len(spend):
        was_y, now_y = sum(row["plan_y"] for row in old), float(spend["plan_y"].sum())
        text += f"; spend goes from {millions(was_y)} to {millions(now_y)} {plan.currency} a year"
    funded = {row["ask"] for row in then["tables"].get("asks.asks", []) if row["decision"] == "funded"}
    if funded:
        decided = (
            dict(zip(plan.asks.asks["ask"], plan.asks.asks["decision"], strict=True)) if len(plan.asks.asks) else {}
        )
        still = sum(decided.get(ask) == "funded" for ask in funded)
        gone = sum(ask not in decided for ask in funded)
        text += f"; of {len(funded)} asks funded then, {still} are funded now, {len(funded) - still - gone} are not"
        text += f", {gone} are no longer in the book" if gone else ""
    return f"{text[0].upper()}{text[1:]}."


def _restated(plan: Plan, before: Mapping[str, Mapping[str, Any]], quarter: str) -> str:
    """Where today's book gives the quarter before another order than was published, in a sentence; else blank."""
    moves = plan.stability.moves
    if moves.empty or shift(quarter, 1) != plan.quarter:
        return ""
    other = [f"{row['name']} {int(row['rank_before'])} instead of {before[row['segment']]['rank']}"
             for _, row in moves.dropna(subset=["rank_before"]).iterrows()
             if row["segment"] in before and int(row["rank_before"]) != before[row["segment"]]["rank"]]  # fmt: skip
    if not other:
        return ""
    return (f" Today's book and assumptions give that quarter other ranks ({listed(other)}): figures were restated, "
            "or other assumptions were in force.")  # fmt: skip


def _chosen(chosen: bool) -> str:
    return "chosen" if chosen else ""
