"""The market forecasts, drawn: a fan for each segment, and the rates side by side."""

from __future__ import annotations

import altair as alt
import pandas as pd

from workbench.model.results import Facts, Ranking
from workbench.view.blocks import Block, said
from workbench.view.charts import ROW, SEGMENT, finish, titled
from workbench.view.theme import INK, JUDGEMENT, MARKET, POSITION, SOFT, WIDER

COLUMNS = 4  # fans side by side
PATHS = ["size_y", "low_y", "high_y", "low95_y", "high95_y"]


def growth_chart(facts: Facts, ranking: Ranking) -> alt.Chart | Block:
    """Market growth of each segment with its 80 % interval."""
    data = facts.segments[["name", "growth", "growth_low", "growth_high", "growth_method"]].dropna(subset=["growth"])
    if data.empty:
        return said("No growth forecast", [], "Growth is missing for every segment.")
    data = data.assign(**{name: data[name] * 100 for name in ("growth", "growth_low", "growth_high")})
    names = alt.Y("name:N", sort=list(ranking.order["name"]), title=None)
    x = alt.X("growth_low:Q", title="market growth, % a year")
    known = data.dropna(subset=["growth_low", "growth_high"])
    span = alt.Chart(known).mark_bar(height=7, cornerRadius=3, color=JUDGEMENT).encode(y=names, x=x, x2="growth_high:Q")
    point = alt.Chart(data).mark_circle(size=90, color=POSITION, opacity=1).encode(
        y=names, x="growth:Q",
        tooltip=[SEGMENT, alt.Tooltip("growth:Q", title="growth, % a year", format="+.1f"),
                 alt.Tooltip("growth_low:Q", title="80 % interval from", format="+.1f"),
                 alt.Tooltip("growth_high:Q", title="to", format="+.1f"), alt.Tooltip("growth_method:N", title="forecast by")],
    )  # fmt: skip
    rule = alt.Chart(pd.DataFrame({"zero": [0]})).mark_rule(color=SOFT).encode(x="zero:Q")
    top = data.sort_values("growth", ascending=False).iloc[0]
    low = data.sort_values("growth").iloc[0]
    title = f"{top['name']} grows fastest ({top['growth']:+.1f} % a year)"
    title += f"; {low['name']} shrinks ({low['growth']:+.1f} %)" if low["growth"] < 0 else ""
    under = "Forecast to the horizon; bar: 80 % interval"
    if known.empty:
        point = point.encode(x=alt.X("growth:Q", title="market growth, % a year"))
    layers = rule + point if known.empty else rule + span + point
    return finish(layers, "How fast the markets grow", title.replace("-", "−"), under, ROW * len(data))


def fan_chart(facts: Facts, ranking: Ranking) -> alt.FacetChart | Block:
    """The market of each segment by year, the last actual year as 100, with its 80 % and 95 % intervals."""
    data = _indexed(facts).merge(ranking.order[["segment", "name"]], on="segment")
    ahead = data[data["kind"] == "forecast"]
    if ahead.empty:
        return said("No growth forecast", [], "Growth is missing for every segment.")
    order = [name for name in ranking.order["name"] if name in set(data["name"])]
    base = alt.Chart(data)
    x = alt.X("year:Q", title=None, axis=alt.Axis(format="d", tickCount=4))
    y = alt.Y("size_y:Q", title="last actual year = 100", scale=alt.Scale(zero=False))
    bands = [base.mark_area(color=tone, opacity=0.75).encode(x=x, y=f"{low}:Q", y2=f"{high}:Q")
             for low, high, tone in (("low95_y", "high95_y", WIDER), ("low_y", "high_y", JUDGEMENT))
             if data[low].notna().any()]  # fmt: skip
    told = [SEGMENT, alt.Tooltip("year:Q", format="d"), "kind:N",
            alt.Tooltip("size_y:Q", title="size, last actual year 100", format=".0f"),
            alt.Tooltip("low_y:Q", title="80 % interval from", format=".0f"),
            alt.Tooltip("high_y:Q", title="to", format=".0f")]  # fmt: skip
    path = base.mark_line(color=MARKET, strokeWidth=2.5).encode(x=x, y=y, tooltip=told)
    past = base.transform_filter(alt.datum.kind == "actual").mark_line(color=INK, strokeWidth=2.5).encode(
        x=x, y=y, tooltip=told)  # fmt: skip
    panels = alt.layer(*bands, path, past).properties(width=190, height=120)
    facet = alt.Facet("name:N", sort=order, title=None, header=alt.Header(labelFontWeight=600, labelFontSize=12.5))
    ends = ahead.sort_values(["segment", "year"]).groupby("segment", sort=False).tail(1).set_index("name")["size_y"]
    title = (
        f"By {int(ahead['year'].max())} {ends.idxmax()} stands at {ends.max():.0f}, {ends.idxmin()} at {ends.min():.0f}"
    )
    under = "Market size, last actual year = 100; dark: actual, blue: forecast; shaded: 80 % interval"
    under += ", lighter: 95 % of our own forecasts" if data["low95_y"].notna().any() else ""
    return titled(panels.facet(facet=facet, columns=COLUMNS), "The markets to the horizon", title, under)


def _indexed(facts: Facts) -> pd.DataFrame:
    """The paths as an index, the last actual year being 100, where their forecasts start."""
    path = facts.growth[["segment", "year", "kind", *PATHS]]
    path[PATHS] = path[PATHS].astype("float64")
    last = path[path["kind"] == "actual"].groupby("segment")["size_y"].last()
    ahead = set(path.loc[path["kind"] == "forecast", "segment"])
    path = path[path["segment"].isin(ahead)]
    path[PATHS] = path[PATHS].div(path["segment"].map(last), axis=0) * 100
    start = path[path["kind"] == "actual"].groupby("segment").tail(1)
    known = path[path["kind"] == "forecast"].groupby("segment")[PATHS].transform("count") > 0
    path.loc[path["kind"] == "forecast", PATHS] = path.loc[path["kind"] == "forecast", PATHS].where(known)
    for low in PATHS[1:]:  # a fan opens at the last actual year
        has = start["segment"].map(path[path["kind"] == "forecast"].groupby("segment")[low].count()) > 0
        path.loc[start.index[has], low] = 100.0
    return path[["segment", "year", "kind", *PATHS]].round(3).reset_index(drop=True)
