"""The charts: each a function of a result, with a title that says what it shows (Altair, kept to Vega-Lite 5).

Where a result is empty a sentence stands in for its chart.
"""

from __future__ import annotations

import math

import altair as alt
import numpy as np
import pandas as pd

from workbench.criteria import EXTERNAL, INTERNAL, PARTS, words
from workbench.model.results import Ranking, Swot, Triage
from workbench.view.blocks import Block, said
from workbench.view.criteria import COLOURS, GROUPS
from workbench.view.theme import (
    CHOSEN,
    INK,
    KINDS,
    LESS,
    LINE,
    OTHER,
    POSITION,
    SIGNS,
    SOFT,
    unit_of,
)

WIDTH = 600
ROW = 30
SEGMENT = alt.Tooltip("name:N", title="segment")


def contributions_chart(ranking: Ranking) -> alt.Chart:
    """What adds up to each score: our position, the market, judgement."""
    long = ranking.contributions.melt("segment", var_name="criterion", value_name="part")
    long = long.merge(ranking.order[["segment", "name", "rank"]], on="segment")
    long["group"] = long["criterion"].map(GROUPS)
    drawn = [name for part in PARTS.values() for name in part]
    long["place"] = long["criterion"].map({name: place for place, name in enumerate(drawn)})
    long = long.sort_values(["rank", "segment", "place"])
    parts = ranking.contributions.set_index("segment")
    widest = (parts.max() - parts.min()).idxmax()
    color = alt.Color(
        "group:N", title=None, scale=alt.Scale(domain=list(PARTS), range=[COLOURS[part] for part in PARTS])
    )
    bars = alt.Chart(long[["name", "criterion", "part", "group", "place"]]).mark_bar(
        height=16, stroke="#ffffff", strokeWidth=0.6
    ).encode(
        y=alt.Y("name:N", sort=list(ranking.order["name"]), title=None),
        x=alt.X("sum(part):Q", title="score, 0–1", scale=alt.Scale(domain=[0, 1])),
        color=color, order="place:Q",
        tooltip=[SEGMENT, "criterion:N", alt.Tooltip("part:Q", title="part of the score, 0–1", format=".3f")],
    )  # fmt: skip
    title = f"The segments differ most in {words(str(widest))}"
    under = "Contributions to the score; each piece is a criterion"
    return finish(bars, "What each score is made of", title, under, ROW * len(ranking.order))


def matrix_chart(swot: Swot, ranking: Ranking, products: dict[str, str]) -> alt.Chart:
    """Product × segment: where relevant products sell and where they do not."""
    cells = swot.cells.merge(ranking.order[["segment", "name", "rank"]], on="segment")
    cells["label"] = cells["product"].map(products)
    cells["sign"] = cells["kind"].map(SIGNS)
    unit = unit_of(swot.cells["revenue_y"])
    cells["revenue"] = cells["revenue_y"] / unit.one
    counts = cells["kind"].value_counts()
    base = alt.Chart(cells[["name", "label", "kind", "sign", "revenue", "relevance"]]).encode(
        x=alt.X("name:N", sort=list(ranking.order["name"]), title=None,
                axis=alt.Axis(orient="top", labelAngle=-35, labelAlign="left")),
        y=alt.Y("label:N", sort=list(products.values()), title=None),
    )  # fmt: skip
    present = [kind for kind in KINDS if kind in counts]
    tiles = base.mark_rect(stroke="#ffffff", strokeWidth=2).encode(
        color=alt.Color("kind:N", title=None, legend=alt.Legend(columns=2),
                        scale=alt.Scale(domain=present, range=[KINDS[kind] for kind in present])),
        tooltip=[alt.Tooltip("label:N", title="product"), SEGMENT, alt.Tooltip("kind:N", title="position"),
                 alt.Tooltip("revenue:Q", title=f"revenue, {unit.letter} a year", format=",.1f"),
                 alt.Tooltip("relevance:Q", title="relevance, 0–1", format=".2f")],
    )  # fmt: skip
    signs = base.mark_text(fontWeight=600).encode(
        text="sign:N",
        color=alt.condition(alt.datum.kind == "strength", alt.value("#ffffff"), alt.value(INK)),
    )
    title = f"{counts.get('opportunity', 0)} relevant cells sell little or nothing; {counts.get('strength', 0)} are strengths"
    under = "S strength · O opportunity · R revenue at risk · – leave · ? not judged; segments in rank order"
    return finish(tiles + signs, "Where relevant products sell", title, under, 34 * len(products))


def indicators_chart(swot: Swot, ranking: Ranking) -> alt.Chart:
    """What makes each segment strong or weak for us, and its market an opportunity or a threat, criterion by criterion."""
    data = swot.indicators.merge(ranking.order[["segment", "name"]], on="segment")
    data["criterion"] = data["criterion"].map(words)
    data["label"] = [
        "?" if flagged else "·" if abs(points) < 5e-4 else f"{points * 100:+.1f}".replace("-", "−")
        for flagged, points in zip(data["flagged"].tolist(), data["points"].tolist(), strict=True)
    ]
    present = set(swot.indicators["criterion"])
    inside, outside = ([words(name) for name in part if name in present] for part in (INTERNAL, EXTERNAL))
    most = max(float(data["points"].abs().max()), 1e-9)
    base = alt.Chart(data[["name", "criterion", "points", "label", "quadrant"]]).encode(
        x=alt.X("criterion:N", sort=[*inside, *outside], title=None,
                axis=alt.Axis(orient="top", labelAngle=-35, labelAlign="left")),
        y=alt.Y("name:N", sort=list(ranking.order["name"]), title=None),
    )  # fmt: skip
    color = alt.Color("points:Q", legend=None,
                      scale=alt.Scale(domain=[-most, 0, most], range=[LESS, "#f6f7f8", CHOSEN], interpolate="rgb"))  # fmt: skip
    tiles = base.mark_rect(stroke="#ffffff", strokeWidth=2).encode(color=color, tooltip=[
        SEGMENT, "criterion:N", alt.Tooltip("quadrant:N", title="counts as"),
        alt.Tooltip("points:Q", title="points of score from neutral", format="+.3f")])  # fmt: skip
    dark = f"abs(datum.points) > {0.6 * most:.6g}"
    text = base.mark_text(fontSize=11).encode(
        text="label:N", color=alt.condition(dark, alt.value("#ffffff"), alt.value(INK))
    )
    known = data[~data["flagged"]]
    best, worst = known.iloc[known["points"].argmax()], known.iloc[known["points"].argmin()]
    title = f"Best: {best['criterion']} of {best['name']}; worst: {worst['criterion']} of {worst['name']}"
    under = f"Hundredths of score from neutral; {', '.join(inside)}: "
    under += "strength (blue) or weakness (brown); the others: opportunity or threat; ? missing"
    return finish(tiles + text, "Strengths and weaknesses, one by one", title, under, ROW * len(ranking.order))


def balance_chart(swot: Swot, ranking: Ranking) -> alt.Chart:
    """Our position against the market of each segment; the bubble shows how large the market is (or our revenue)."""
    data = swot.balances.merge(ranking.order[["segment", "size_y", "revenue_y", "chosen"]], on="segment")
    by_market = bool(data["size_y"].notna().any())
    money, label = ("size_y", "market size") if by_market else ("revenue_y", "revenue")
    unit = unit_of(data[money])
    data["bubble"] = data[money] / unit.one
    data = data[["name", "internal", "external", "bubble", "chosen", "diagnosis"]]
    both = data[(data["internal"] > 0) & (data["external"] > 0)]
    axes = {"scale": alt.Scale(nice=True, padding=24), "axis": alt.Axis(tickCount=6, format="+.2f")}
    x = alt.X("internal:Q", title="our position: strength − weakness, score points from neutral", **axes)
    y = alt.Y("external:Q", title="market: opportunity − threat, score points", **axes)
    legend = alt.Legend(symbolType="circle", values=_round_values(data["bubble"]), format=",.0f")
    points = alt.Chart(data).mark_circle(opacity=0.85).encode(
        x=x, y=y, size=alt.Size("bubble:Q", title=f"{label}, {unit.letter} a year", legend=legend,
                                scale=alt.Scale(range=[60, 1400])),
        color=alt.condition(alt.datum.chosen, alt.value(CHOSEN), alt.value(OTHER)),
        tooltip=[SEGMENT, alt.Tooltip("internal:Q", title="our position, points", format="+.3f"),
                 alt.Tooltip("external:Q", title="market, points", format="+.3f"),
                 alt.Tooltip("bubble:Q", format=",.1f", title=f"{label}, {unit.letter} a year"), "diagnosis:N"],
    )  # fmt: skip
    aside = _has_a_neighbour(data["internal"], data["external"])
    text = [alt.Chart(part).mark_text(align=align, dx=dx, color=INK).encode(x=x, y=y, text="name:N")
            for part, align, dx in ((data[~aside], "left", 20), (data[aside], "right", -20)) if len(part)]  # fmt: skip
    zero = pd.DataFrame({"zero": [0]})
    rules = alt.Chart(zero).mark_rule(color=SOFT).encode(x="zero:Q") + alt.Chart(zero).mark_rule(color=SOFT).encode(
        y="zero:Q"
    )
    title = f"In {len(both)} of {len(data)} segments both we and the market stand above neutral"
    under = f"Bubble: {label}; the chosen in blue"
    return finish(alt.layer(rules, points, *text), "Our position and the market", title, under, 400)


def _has_a_neighbour(x: pd.Series, y: pd.Series) -> np.ndarray:
    """Whether a label to the right of a point would run into another point."""
    wide, high = max(float(np.ptp(x)), 1e-9), max(float(np.ptp(y)), 1e-9)
    right = (x.to_numpy()[None, :] - x.to_numpy()[:, None]) / wide
    apart = np.abs(y.to_numpy()[None, :] - y.to_numpy()[:, None]) / high
    found: np.ndarray = ((right > 0) & (right < 0.25) & (apart < 0.06)).any(axis=1)
    return found


def _round_values(sizes: pd.Series) -> list[float]:
    """Three round sizes for a legend, up to the largest."""
    top = float(sizes.max())
    if not top > 0:
        return []
    one = 10.0 ** math.floor(math.log10(top))
    most = max(step * one for step in (1, 2, 5) if step * one <= top)
    return [most / 5, most / 2, most]


def teams_chart(triage: Triage) -> alt.Chart | Block:
    """How full each team is with the funded asks."""
    data = triage.teams
    if data.empty:
        return said("No team is full", [], "No capacity or no effort is declared.")
    data = data.assign(text=[f"{row.used:,.0f} of {row.capacity:,.0f}" for row in data.itertuples()])
    names = alt.Y("team:N", sort=list(data.sort_values("part", ascending=False)["team"]), title=None)
    room = alt.Chart(data).mark_bar(height=16, color=LINE).encode(y=names, x=alt.X("capacity:Q", title="person-days"))
    told = [alt.Tooltip(f"{name}:Q", title=f"{name}, person-days", format=",.0f") for name in ("used", "capacity")]
    used = alt.Chart(data).mark_bar(height=16, color=POSITION).encode(y=names, x="used:Q", tooltip=["team:N", *told])
    text = alt.Chart(data).mark_text(align="left", dx=5, color=INK).encode(y=names, x="capacity:Q", text="text:N")
    full = data.sort_values("part", ascending=False).iloc[0]
    title = f"{full['team']} is the bottleneck: {full['part']:.0%} used".replace("%", " %")
    under = "Person-days of the funded asks; grey: capacity"
    return finish(room + used + text, "How full the teams are", title, under, ROW * len(data))


def finish(chart: alt.Chart, name: str, title: str, subtitle: str, height: int) -> alt.Chart:
    """The chart with its name, its title, a text alternative and its size."""
    return titled(chart, name, title, subtitle).properties(width=WIDTH, height=height)


def titled(chart: alt.Chart, name: str, title: str, subtitle: str) -> alt.Chart:
    """The chart with its name (what a page calls it), its title (what it shows) and a text alternative."""
    return chart.properties(
        title=alt.TitleParams(title, subtitle=subtitle),
        description=f"{title}. {subtitle}.",
        usermeta={"workbench": {"name": name}},
    )
