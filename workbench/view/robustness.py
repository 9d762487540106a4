"""How sure the pecking order is, what would flip it and what moved, as charts and tables."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from workbench.criteria import words
from workbench.model.ranking import NEAR, SHOWN, STAYS, WAITS, draws_percent, smallest_said
from workbench.model.results import Robustness, Stability, millions
from workbench.view import blocks
from workbench.view.blocks import Block
from workbench.view.charts import ROW, SEGMENT, finish
from workbench.view.theme import CHOSEN, INK, MARKET, OTHER, POSITION, Figure, number, percent

NEAR_TIE = "A near tie: each ahead of the next in fewer than 2 draws of 3, the first of the last in fewer than 9 of 10."
NAMED = 12  # rows of a table that is there to be read


def rank_chart(robustness: Robustness) -> alt.Chart:
    """How often each segment takes each rank, with its rank today and the 80 % interval."""
    segments = robustness.segments
    data = robustness.acceptability.merge(segments[["segment", "name"]], on="segment")
    data["text"] = [f"{value * 100:.0f}" if value >= 0.005 else "" for value in data["probability"]]
    data = data[data["text"] != ""][["name", "rank", "probability", "text"]]
    names = alt.Y("name:N", sort=list(segments["name"]), title=None)
    x = alt.X(
        "rank:O", title="rank", axis=alt.Axis(labelAngle=0), scale=alt.Scale(domain=list(range(1, len(segments) + 1)))
    )
    tiles = alt.Chart(data).mark_rect(stroke="#ffffff", strokeWidth=2).encode(
        y=names, x=x, color=alt.Color("probability:Q", legend=None, scale=alt.Scale(domain=[0, 1], range=["#eef4fa", CHOSEN])),
        tooltip=[SEGMENT, "rank:O", alt.Tooltip("probability:Q", title="part of the draws", format=".1%")],
    )  # fmt: skip
    dark = alt.condition(alt.datum.probability > 0.55, alt.value("#ffffff"), alt.value(INK))
    text = alt.Chart(data).mark_text(fontSize=11).encode(y=names, x=x, text="text:N", color=dark)
    wide = segments[segments["rank_high"] > segments["rank_low"]]
    if wide.empty:
        title = "Every segment keeps its rank in at least 80 % of the draws"
    else:
        most = wide.iloc[(wide["rank_high"] - wide["rank_low"]).argmax()]
        title = f"{most['name']} lies between rank {most['rank_low']} and {most['rank_high']} in 80 % of the draws"
    under = "Part of the draws in which a segment takes a rank, %; parts below ½ % left out"
    return finish(tiles + text, "How often a segment takes a rank", title, under, ROW * len(segments))


def flip_chart(robustness: Robustness) -> alt.Chart | Block:
    """The smallest change of weights that alters who is chosen: each weight now and there."""
    data = robustness.certificate.dropna(subset=["weight_at"])
    radius = float(robustness.overall.set_index("measure")["figure"]["radius"])
    data = data[data["weight_change"].abs() >= SHOWN]
    if data.empty:
        return blocks.said("What would flip it", [], "No weights at all change who is chosen.")
    enters, leaves = data[["enters", "leaves"]].iloc[0]
    data = data.assign(name=data["criterion"].map(words), now=data["weight"] * 100, there=data["weight_at"] * 100)
    data["label"] = [f"{'+' if each > 0 else '−'}{abs(each) * 100:.1f}" for each in data["weight_change"]]
    data["end"] = data[["now", "there"]].max(axis=1)
    data = data[["name", "now", "there", "label", "end"]]
    base = alt.Chart(data).encode(y=alt.Y("name:N", sort=list(data["name"]), title=None))
    line = base.mark_rule(strokeWidth=3, color=MARKET).encode(x=alt.X("now:Q", title="weight, %"), x2="there:Q")
    ring = base.mark_point(size=80, filled=True, fill="#ffffff", stroke=OTHER, strokeWidth=2, opacity=1).encode(
        x="now:Q"
    )
    dot = base.mark_circle(size=90, opacity=1, color=POSITION).encode(x="there:Q", tooltip=[
        alt.Tooltip("name:N", title="criterion"), alt.Tooltip("now:Q", title="weight today, %", format=".1f"),
        alt.Tooltip("there:Q", title="weight at which it turns, %", format=".1f")])  # fmt: skip
    text = base.mark_text(align="left", dx=9, color=INK).encode(x="end:Q", text="label:N")
    by_order = STAYS in set(robustness.segments["sure"])
    title = f"Moving {radius / 2 * 100:.1f} points of weight brings {enters} in for {leaves}"
    title = f"By the order alone, m{title[1:]}" if by_order else title
    under = "The smallest such change, an exact optimum: ring today's weight, dot the weight at which it turns"
    under += "; incumbents come after" if by_order else ""
    return finish(line + ring + dot + text, "What would flip it", title, under, ROW * max(len(data), 2))


def turn_said(robustness: Robustness) -> Block:
    """The smallest change of weights that alters who is chosen, in words; below it the nearest single weight."""
    title = "What would change the choice"
    table, segments = robustness.certificate, robustness.segments
    if table.empty or table["weight_at"].isna().all():
        return blocks.turn(title, "No weights at all change who is chosen.")
    text = smallest_said(table, str(table["leaves"].iloc[0]), str(table["enters"].iloc[0]))
    if STAYS in set(segments["sure"]):
        text = f"By the order alone, before incumbents: {text[0].lower()}{text[1:]}"
    alone = segments[segments["chosen"]].dropna(subset=["weight_at"])
    if alone.empty:
        return blocks.turn(title, text, "No single weight changes it.")
    nearest = alone["turns"].iloc[(alone["weight_at"] - alone["weight"]).abs().argmin()]
    return blocks.turn(title, text, f"One weight alone: {nearest}")


def sureness_table(robustness: Robustness) -> Block:
    """For each segment its rank interval, how often it is chosen, and the single weight that turns it."""
    rows = [
        [row["rank"], row["name"], _interval(row), _share(row["first_probability"]), _share(row["chosen_probability"]),
         row["sure"].replace(" ", "\u00a0"), "–" if pd.isna(row["turns"]) else row["turns"]]
        for _, row in robustness.segments.iterrows()
    ]  # fmt: skip
    columns = [("Rank", "n"), ("Segment", "l"), ("Rank, 80 % of draws", "n"), ("First, % of draws", "n"),
               ("Chosen, % of draws", "n"), ("How sure", "l"), ("What would flip it, one weight alone", "l")]  # fmt: skip
    marks = ["chosen" if chosen else "" for chosen in robustness.segments["chosen"]]
    return blocks.table("How sure the order is", columns, rows, caption=robustness.answer, head=1, marks=marks)


def pairs_table(robustness: Robustness) -> Block:
    """Segments that change places in some of the draws, the closest first."""
    names = dict(zip(robustness.segments["segment"], robustness.segments["name"], strict=True))
    pairs = robustness.pairs.sort_values("probability", kind="stable").head(NAMED)
    if pairs.empty:
        return blocks.said("Who could change places", [], "No two segments change places in more than one draw of 200.")
    rows = [[names[row["segment"]], names[row["other"]], percent(row["probability"], 0), _closeness(row["probability"])]
            for _, row in pairs.iterrows()]  # fmt: skip
    columns = [("Ranks before", "l"), ("the other", "l"), ("Ahead, % of draws", "n"), ("That is", "l")]
    return blocks.table(
        "Who could change places",
        columns,
        rows,
        caption=NEAR_TIE,
    )


def moves_table(stability: Stability) -> Block:
    """Ranks and scores against the quarter before, the difference split into its causes."""
    if stability.moves.empty:
        return blocks.said("What moved", [], stability.answer)
    rows = [
        [row["rank"], row["name"], row["rank_before"], move_text(row["move"]), _points(row["score_change"]),
         _points(row["score_by_weights"]), _points(row["score_by_data"]), _points(row["score_by_forecast"]), row["most_by"]]
        for _, row in stability.moves.iterrows()
    ]  # fmt: skip
    columns = [("Rank", "n"), ("Segment", "l"), (f"Rank in {stability.before}", "n"), ("Move", "n"), ("Score, change", "n"),
               ("by weights, assumptions", "n"), ("by data", "n"), ("by forecast", "n"),
               ("Most against the mean by", "l")]  # fmt: skip
    tau = stability.overall.set_index("measure")["figure"]
    caption = f"{stability.answer} Kendall's tau {number(tau['kendalls_tau'], 2)}, average overlap "
    caption += f"{number(tau['average_overlap'], 2)}; scores in points of 0–1, the parts add up."
    marks = ["chosen" if chosen else "" for chosen in stability.moves["chosen"]]
    return blocks.table(f"What moved since {stability.before}", columns, rows, caption=caption, head=1, marks=marks)


def incumbents_list(stability: Stability, currency: str) -> Block:
    """The incumbents that keep their place, and what that costs."""
    empty = "No incumbent was held: the chosen are the first of the order."
    said = [_held(row) for _, row in stability.held.iterrows()]
    cost = stability.held["cost_y"].dropna()
    if said and len(cost):
        amount = float(cost.iloc[0])
        more = f"{millions(abs(amount))} {currency} {'less' if amount > 0 else 'more'}"
        said.append(f"With the incumbents the plan earns {more} gross profit a year than by the order alone.")
    return blocks.said("Incumbents", said, empty if stability.before else stability.answer)


def disputed_list(disputed: pd.DataFrame, names: dict[str, str]) -> Block:
    """The statements on which the raters differ most."""
    quadrants = {"S": "strength", "W": "weakness", "O": "opportunity", "T": "threat"}
    said = [
        f"{names[row['segment']]}, {quadrants[row['quadrant']]}: “{row['statement']}” got {row['points_low']:.2f} to "
        f"{row['points_high']:.2f} points from {row['raters']} raters."
        for _, row in disputed.head(5).iterrows()
    ]
    return blocks.said("The most disputed statements", said, "No statement has raters that differ.")


def sure_text(row: pd.Series) -> str:
    """How sure a segment's place among the chosen, or outside, is: in words, with the part of the draws."""
    if row["sure"] in ("pinned", "banned"):
        return str(row["sure"])
    part = row["chosen_probability"]
    if row["sure"] in (STAYS, WAITS):
        text = f"{'stays' if row['chosen'] else 'waits'}; in by order: {draws_percent(part)}"
    else:
        text = (
            f"in: {row['sure']}, {draws_percent(part)}"
            if row["chosen"]
            else f"out: {row['sure']}, {draws_percent(1 - part)}"
        )
    return text.replace(" ", "\u00a0").replace(",\u00a0", ", ")


def move_text(move: Any) -> Any:
    """Places won or lost, with an arrow."""
    if pd.isna(move):
        return "new"
    tone = "up" if move > 0 else "down" if move < 0 else "same"
    text = f"{'▲' if move > 0 else '▼'} {abs(int(move))}" if move else "–"
    return blocks.toned(Figure(text, move), tone)


def _held(row: pd.Series) -> str:
    ahead, needed = percent(row["probability"], 0), percent(row["probability_needed"], 0)
    head = f"{row['name']} keeps its place before {row['challenger_name']}, which is ahead in {ahead} % of the draws"
    return f"{head}; {needed} % are needed. The score given up is {row['score_cost']:.3f}."


def _share(part: float) -> str:
    return Figure(draws_percent(part).removesuffix(" %"), part)


def _interval(row: pd.Series) -> str:
    low, high = int(row["rank_low"]), int(row["rank_high"])
    return f"{low}" if low == high else f"{low}–{high}"


def _closeness(part: float) -> str:
    return "a near tie" if part < NEAR else "not settled" if part < 0.9 else "fairly settled"


def _points(value: float) -> str:
    return Figure("±0" if abs(value) < 0.0005 else f"{value:+.3f}".replace("-", "−"), value)
