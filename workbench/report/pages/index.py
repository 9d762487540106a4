"""The page that a report opens with: the scenarios side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from workbench.model.plan import Plan
from workbench.model.results import listed
from workbench.report.pages.leaves import Link, LinkRow
from workbench.report.pages.render import LIGHT, Head, fill
from workbench.view.markup import block_html
from workbench.view.tables import headline
from workbench.view.theme import Unit, amount, signed, unit_of

SILOS = "Product silos"


@dataclass(frozen=True)
class Side:
    """One scenario beside the others: what it chooses, spends and earns (as text), its pages."""

    name: str
    description: str
    chosen: str
    spend: str
    gain: str
    net: str
    silos: str
    relaxed: str
    funded: str
    parked: str
    digest: str
    missing: tuple[str, ...]
    links: tuple[Link, ...]
    briefs: tuple[LinkRow, ...]


def index_page(
    head: Head,
    plans: Mapping[str, Plan],
    links: Mapping[str, tuple[Sequence[Link], Sequence[LinkRow]]],
    *,
    since: Sequence[Markup] = (),
    absent: Sequence[str] = (),
) -> str:
    """The HTML of `index.html`; the first plan gives the headline.

    `since`: per scenario, what changed since the report of a quarter before; `absent`: what the report lacks, in sentences.
    """
    first = next(iter(plans.values()))
    unit = unit_of(first.allocation.segments["plan_y"])
    return fill(
        "index.html.j2", LIGHT, head=head, headline=Markup(block_html(headline(first).content)), first=next(iter(plans)),
        sides=[side(name, plan, *links[name], unit) for name, plan in plans.items()],
        unit=unit.word, ranks=rank_rows(plans), same=same_choice(plans), since=since, absent=absent,
    )  # fmt: skip


def side(name: str, plan: Plan, links: Sequence[Link], briefs: Sequence[LinkRow], unit: Unit) -> Side:
    """A plan as the comparison shows it."""
    order, spend, asks = plan.ranking.order, plan.allocation.spend, plan.asks.asks
    gain = float(plan.allocation.segments["gain_y"].sum()) if len(spend) else None
    more = float(spend["plan_y"].sum() - spend["current_y"].sum()) if len(spend) else 0.0
    funded = int((asks["decision"] == "funded").sum())
    return Side(
        name=name,
        description=plan.scenario.description,
        chosen=listed(list(order.loc[order["chosen"], "name"])),
        spend=amount(float(spend["plan_y"].sum()), unit) if len(spend) else "–",
        gain="–" if gain is None else signed(gain, unit=unit),
        net="–" if gain is None else signed(gain - more, unit=unit),
        silos=against(plan, gain, "same", unit),
        relaxed=against(plan, gain, "relaxed", unit),
        funded=str(funded) if len(asks) else "–",
        parked=str(len(asks) - funded) if len(asks) else "–",
        digest=plan.digest,
        missing=plan.missing,
        links=tuple(links),
        briefs=tuple(briefs),
    )


def against(plan: Plan, gain: float | None, rules: str, unit: Unit) -> str:
    """What the plan earns more than product silos (less with −), `–` where silos cannot keep the rules."""
    table = plan.allocation.alternatives
    if gain is None or table.empty:
        return "–"
    silos = table[(table["alternative"] == SILOS) & (table["rules"] == rules)]["gain_y"].dropna()
    return signed(gain - float(silos.iloc[0]), unit=unit) if len(silos) else "–"


def rank_rows(plans: Mapping[str, Plan]) -> list[dict[str, Any]]:
    """One row per segment in the first plan's order: its rank, score and choice in each scenario."""
    orders = [plan.ranking.order.set_index("segment") for plan in plans.values()]
    rows = []
    for segment, name in zip(orders[0].index, orders[0]["name"], strict=True):
        cells = [
            {"rank": int(order["rank"][segment]), "score": f"{order['score'][segment]:.2f}",
             "chosen": bool(order["chosen"][segment])}
            for order in orders
        ]  # fmt: skip
        rows.append({"name": name, "cells": cells, "always": all(cell["chosen"] for cell in cells)})
    return rows


def same_choice(plans: Mapping[str, Plan]) -> str:
    """Which segments every scenario chooses, in a sentence; blank where there is one scenario."""
    if len(plans) < 2:
        return ""
    rows = rank_rows(plans)
    always = [row["name"] for row in rows if row["always"]]
    some = [row["name"] for row in rows if not row["always"] and any(cell["chosen"] for cell in row["cells"])]
    count = {2: "Both", 3: "All three"}.get(len(plans), f"All {len(plans)}")
    if not always:
        return "No segment is chosen in every scenario."
    rest = f"; {listed(some)} {'depends' if len(some) == 1 else 'depend'} on the assumptions" if some else ""
    return f"{count} scenarios choose {listed(always)}{rest}."
