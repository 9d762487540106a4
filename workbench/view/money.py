"""The charts of the money: today and plan, what it could earn otherwise, what another budget would earn."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from workbench.model.results import Allocation, Ranking, listed, millions
from workbench.view.blocks import Block, said
from workbench.view.charts import ROW, SEGMENT, WIDTH, finish, titled
from workbench.view.theme import CHOSEN, INK, LESS, MORE, OTHER, SAME, SOFT, Unit, unit_of

BOTH = 9  # segments up to which a tile has room for today's spend beside the plan's
UNDER = {"same": "Under all the rules of the plan", "own segments": "The same rules, growth money in any segments",
         "relaxed": "The budget alone, no other rule"}  # fmt: skip


def spend_chart(allocation: Allocation, currency: str) -> alt.Chart | Block:
    """Spend of each segment, today and plan."""
    if allocation.spend.empty:
        return said("No money is allocated", [], allocation.answer)
    data = allocation.segments[["name", "current_y", "plan_y", "change_y", "verdict"]]
    unit = unit_of(data["plan_y"], data["current_y"])
    data = data.assign(today=data["current_y"] / unit.one, plan=data["plan_y"] / unit.one)
    data["label"] = [
        f"{'+' if value > 0 else '−' if value < 0 else '±'}{abs(value) / unit.one:,.2f}" for value in data["change_y"]
    ]
    data["end"] = data[["today", "plan"]].max(axis=1)
    data = data[["name", "today", "plan", "label", "verdict", "end"]]
    names = alt.Y("name:N", sort=list(data["name"]), title=None)
    tones = {"fund": MORE, "hold": SAME, "take out": LESS}
    present = [verdict for verdict in tones if verdict in set(data["verdict"])]
    tone = alt.Scale(domain=present, range=[tones[verdict] for verdict in present])
    base = alt.Chart(data).encode(y=names)
    color = alt.Color("verdict:N", title=None, scale=tone)
    lines = base.mark_rule(strokeWidth=3).encode(
        x=alt.X("today:Q", title=f"spend, {currency} {unit.letter} a year"), x2="plan:Q", color=color
    )
    now = base.mark_point(size=80, filled=True, fill="#ffffff", stroke=SOFT, strokeWidth=2, opacity=1).encode(
        x="today:Q"
    )
    then = base.mark_circle(size=90, opacity=1).encode(x="plan:Q", color=color, tooltip=[
        SEGMENT, *_both(currency, unit), alt.Tooltip("verdict:N", title="decision")])  # fmt: skip
    text = base.mark_text(align="left", dx=9, color=INK).encode(x="end:Q", text="label:N")
    moved = float(allocation.segments["change_y"].clip(lower=0).sum())
    title = f"{moved / unit.one:,.2f} {unit.letter} a year goes to {listed(list(data.loc[data['verdict'] == 'fund', 'name']))}"
    under = "Spend a year by segment: ring today, dot plan"
    return finish(lines + now + then + text, "The money, today → plan", title, under, ROW * len(data))


def _both(currency: str, unit: Unit) -> list[alt.Tooltip]:
    """Spend today and in the plan, as tooltips tell it."""
    money = f"{currency} {unit.letter} a year"
    return [alt.Tooltip(f"{name}:Q", title=f"{name}, {money}", format=",.2f") for name in ("today", "plan")]


def spend_matrix(
    allocation: Allocation, ranking: Ranking, products: dict[str, str], currency: str
) -> alt.Chart | Block:
    """Spend of each product × segment, today → plan."""
    if allocation.spend.empty:
        return said("No money is allocated", [], allocation.answer)
    data = allocation.cells.merge(ranking.order[["segment", "name"]], on="segment")
    unit = unit_of(data["plan_y"].groupby(data["segment"]).sum())
    data["change"] = data["change_y"].astype(float) / unit.one
    data["label"] = [_today_to_plan(row, unit, len(ranking.order) <= BOTH) for _, row in data.iterrows()]
    data = data.assign(today=data["current_y"].astype(float) / unit.one, plan=data["plan_y"].astype(float) / unit.one)
    data["product_name"] = data["product"].map(products)
    most = max(float(data["change"].abs().max()), 1e-9)
    more, less = int((data["change_y"] > 0.005).sum()), int((data["change_y"] < -0.005).sum())
    base = alt.Chart(data[["name", "product_name", "change", "label", "today", "plan"]]).encode(
        x=alt.X("name:N", sort=list(ranking.order["name"]), title=None,
                axis=alt.Axis(orient="top", labelAngle=-35, labelAlign="left")),
        y=alt.Y("product_name:N", sort=list(products.values()), title=None),
    )  # fmt: skip
    color = alt.Color("change:Q", title=f"change, {currency} {unit.letter} a year",
                      scale=alt.Scale(domain=[-most, 0, most], range=[LESS, "#f6f7f8", MORE], interpolate="rgb"))  # fmt: skip
    tiles = base.mark_rect(stroke="#ffffff", strokeWidth=2).encode(color=color, tooltip=[
        alt.Tooltip("product_name:N", title="product"), SEGMENT, *_both(currency, unit)])  # fmt: skip
    dark = f"abs(datum.change) > {0.55 * most:.6g}"
    text = base.mark_text(fontSize=11).encode(
        text="label:N", color=alt.condition(dark, alt.value("#ffffff"), alt.value(INK))
    )
    title = f"{more} of {len(data)} cells get more money, {less} get less"
    under = f"Spend a year in {currency} {unit.letter}, today → plan; · none; segments in rank order"
    return finish(tiles + text, "The money by product and segment", title, under, 38 * len(products))


def _today_to_plan(row: pd.Series, unit: Unit, both: bool) -> str:
    today, plan = row["current_y"] / unit.one, row["plan_y"] / unit.one
    if max(today, plan) < 0.005:
        return "·"
    return f"{today:.2f} → {plan:.2f}" if both else f"{plan:.1f}"


def alternatives_chart(allocation: Allocation, currency: str) -> alt.VConcatChart | Block:
    """What the same budget would earn otherwise: one panel for each set of rules."""
    if allocation.alternatives.empty:
        return said("No alternatives", [], allocation.answer)
    data, label = _gains(allocation.alternatives, currency)
    span = _span(data)
    panels = [part for rules in UNDER if len(part := data[data["rules"] == rules])]
    charts = [_under(part, span, label if part is panels[-1] else None) for part in panels]
    title, under = _compared(allocation)
    return titled(alt.vconcat(*charts, spacing=14), "What else the money could earn", title, under)


def same_rules_chart(allocation: Allocation, currency: str) -> alt.LayerChart | Block:
    """What the same budget would earn otherwise under all the rules of the plan."""
    if allocation.alternatives.empty:
        return said("No alternatives", [], allocation.answer)
    data, label = _gains(allocation.alternatives[allocation.alternatives["rules"] == "same"], currency)
    title, under = _compared(allocation)
    return finish(_bars(data, _span(data), label), "What else the money could earn", title, under, ROW * len(data))


def _gains(table: pd.DataFrame, currency: str) -> tuple[pd.DataFrame, str]:
    """The gains as bars show them, and the title of their axis."""
    data = table.dropna(subset=["gain_y"])
    unit = unit_of(data["gain_y"])
    data = data.assign(gain=data["gain_y"] / unit.one)
    data["text"] = [f"{value:+,.1f}".replace("-", "−") for value in data["gain"]]
    data["text"] = data["text"].where(data["gain"].abs() >= 0.05, "0")
    data["tone"] = data["alternative"].map({"Plan": CHOSEN, "Product silos": LESS}).fillna(OTHER)
    data["end"] = data["gain"].clip(lower=0)
    return data, f"gross profit against today, {currency} {unit.letter} a year"


def _span(data: pd.DataFrame) -> list[float]:
    """The ends of the axis, with room for labels."""
    return [min(0.0, float(data["gain"].min())) * 1.05, max(0.1, float(data["gain"].max())) * 1.12]


def _under(data: pd.DataFrame, span: list[float], label: str | None) -> alt.LayerChart:
    """One panel under the name of its rules; only with a `label` it shows the axis."""
    head = alt.TitleParams(UNDER[str(data["rules"].iloc[0])], fontSize=12.5, fontWeight="normal", color=SOFT, offset=4)
    return _bars(data, span, label).properties(width=WIDTH - 60, height=24 * len(data), title=head)


def _bars(data: pd.DataFrame, span: list[float], label: str | None) -> alt.LayerChart:
    data = data.assign(rules=data["rules"].map(UNDER))[["alternative", "rules", "gain", "end", "text", "tone", "note"]]
    names = alt.Y("alternative:N", sort=list(data["alternative"]), title=None, axis=alt.Axis(minExtent=170))
    axis = alt.Axis(labels=label is not None)
    x = alt.X("gain:Q", title=label, scale=alt.Scale(domain=span, nice=False), axis=axis)
    bars = alt.Chart(data).mark_bar(height=15).encode(
        y=names, x=x, color=alt.Color("tone:N", scale=None, legend=None), tooltip=[
            "alternative:N", alt.Tooltip("gain:Q", title="gross profit against today", format="+,.1f"), "rules:N", "note:N"]
    )  # fmt: skip
    text = alt.Chart(data).mark_text(align="left", dx=5, color=INK).encode(y=names, x="end:Q", text="text:N")
    return bars + text


def _compared(allocation: Allocation) -> tuple[str, str]:
    """The plan against product silos under the same rules, and the price of the pecking order, in words."""
    count = int(allocation.segments["chosen"].sum())
    gains = allocation.alternatives.set_index(["alternative", "rules"])["gain_y"]
    plan = float(gains["Plan", "same"])
    silos, free = float(gains["Product silos", "same"]), float(gains["Free choice of segments", "own segments"])
    if np.isnan(silos):
        title = "Product silos cannot keep the rules of the plan"
    else:
        title = f"Under the same rules product silos would earn {millions(abs(silos - plan))} "
        title += "more" if silos > plan else "less"
    best = f"the best {count} segments" if count > 1 else "the best segment"
    more = millions(max(free - plan, 0.0))
    price = "" if np.isnan(free) else f"; freely chosen, {best} would earn {more} more"
    return title, f"Annual gross profit against today, same budget{price}"


def frontier_chart(allocation: Allocation, currency: str) -> alt.LayerChart | Block:
    """What the best plan would earn at other budgets; today's spend and the plan's budget marked."""
    data = allocation.frontier
    if data.empty or data["gain_y"].notna().sum() < 2:
        return said("No frontier", [], "No other budget leaves room for a plan under the rules.")
    unit = unit_of(data["spend_y"].dropna())
    data = data.assign(gain=data["gain_y"] / unit.one, budget=data["budget_y"] / unit.one)
    today = float(allocation.segments["current_y"].sum()) / unit.one
    known = data.dropna(subset=["gain"])[["budget", "gain", "budget_part"]]
    plan = known[known["budget_part"] == 1]
    x = alt.X("budget:Q", title=f"budget, {currency} {unit.letter} a year", scale=alt.Scale(zero=False, nice=False, domain=[
        float(data["budget"].min()), float(data["budget"].max())]))  # fmt: skip
    label = f"gross profit against today, {currency} {unit.letter} a year"
    y = alt.Y("gain:Q", title=label)
    line = alt.Chart(known).mark_line(color=SOFT, point=alt.OverlayMarkDef(size=22, color=SOFT)).encode(x=x, y=y, tooltip=[
        alt.Tooltip("budget:Q", title=f"budget, {currency} {unit.letter} a year", format=",.1f"),
        alt.Tooltip("gain:Q", title=label, format="+,.2f")])  # fmt: skip
    marks = pd.DataFrame({"budget": [today], "text": ["today's spend"]})
    now = alt.Chart(marks).mark_rule(color=OTHER, strokeDash=[4, 3]).encode(x=x)
    named = (
        alt.Chart(marks)
        .mark_text(align="left", dx=5, color=SOFT, baseline="top")
        .encode(x=x, y=alt.value(4), text="text:N")
    )
    dot = alt.Chart(plan).mark_circle(size=130, color=CHOSEN, opacity=1).encode(x=x, y=y)
    word = alt.Chart(plan.assign(text="plan")).mark_text(
        align="left", dx=10, dy=12, color=CHOSEN, fontWeight=600).encode(x=x, y=y, text="text:N")  # fmt: skip
    return finish(now + named + line + dot + word, "The plan at other budgets", *_of_budget(allocation.frontier), 260)


def _of_budget(frontier: pd.DataFrame) -> tuple[str, str]:
    """What a tenth more or less money would change, in words."""
    gains = frontier.set_index(frontier["budget_part"].round(2))["gain_y"]
    more, less = float(gains[1.1] - gains[1.0]), float(gains[1.0] - gains[0.9])
    parts = [] if np.isnan(more) else [f"a tenth more budget would earn {millions(more)} more"]
    parts += [] if np.isnan(less) else [f"a tenth less {millions(less)} less"]
    title = ", ".join(parts) or "The plan at other budgets"
    lost = int(frontier["gain_y"].isna().sum())
    under = "Best plan at each budget, in gross profit a year; the spend itself is not deducted"
    under += f"; at {lost} of {len(frontier)} budgets no plan keeps the rules" if lost else ""
    return title[:1].upper() + title[1:], under
