"""The live chart: the weights are parameters, and the browser itself ranks the segments by the arithmetic of the contract.

Its expressions are made of our own names alone; names and keys of segments are data and nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import altair as alt

from workbench.criteria import CRITERIA, PARTS, words
from workbench.model.ranking import chosen_of, raw_weights
from workbench.model.results import Ranking, listed
from workbench.scenario import Scenario
from workbench.view.charts import WIDTH
from workbench.view.criteria import COLOURS, GROUPS
from workbench.view.theme import CHOSEN, INK, LESS, MORE, SOFT

STEP = 30  # pixels from one segment to the next
LETTER = 7.4  # pixels of a letter, about
NAMES = (90, 190)  # least and most pixels for names; a page makes it less on a phone
FINEST = 4  # decimals that a slider's step may have beyond three digits of its range

TITLE = "What if the weights were different?"
UNDER = "Each piece of a bar is a criterion's share of the score; ✓ chosen; ▲▼ places moved from the plan's order"


def live_chart(
    ranking: Ranking, scenario: Scenario, *, start: Ranking | None = None, bound: bool = True, top: int = 20
) -> alt.LayerChart:
    """The pecking order as stacked contributions, ranked anew in the browser when a parameter `w_<criterion>` changes.

    `ranking` and `scenario` it starts from, and the order that moves are counted against (`start`; left out: `ranking`);
    `bound`: the parameters have sliders of Vega's own. Drawn are the first `top` by the order and all chosen; the
    parameter `shown` changes how many. With all weights 0 nothing is ranked or drawn.
    """
    present = [name for name in CRITERIA if name in ranking.values]
    weights = {name: weight for name, weight in raw_weights(scenario).items() if name in present}
    most, step = slider_range(weights)
    params = [
        alt.param(name=f"w_{name}", value=weight, bind=_slider(name, most, step) if bound else alt.Undefined)
        for name, weight in weights.items()
    ]
    data = rows(ranking, scenario, start or ranking)
    wide = round(LETTER * max(len(row["name"]) for row in data))
    params += [alt.param(name="shown", value=top), alt.param(name="names", value=min(max(wide, NAMES[0]), NAMES[1])),
               alt.param(name="places", value=places(scenario))]  # fmt: skip
    layers = alt.layer(_pieces(present), *_words(), data=alt.InlineData(values=data))
    return _ranked(layers, present).add_params(*params).properties(
        width=WIDTH, height=alt.Step(STEP), title=alt.TitleParams(TITLE, subtitle=UNDER), description=f"{TITLE} {UNDER}.",
        usermeta={"workbench": {"live": _about(ranking, scenario, weights, most, step, top)}},
    )  # fmt: skip


def script_of(name: str) -> str:
    """A script of ours that runs in the browser, on the page or in JupyterLab."""
    return (Path(__file__).parent / "scripts" / name).read_text(encoding="utf-8")


def slider_range(weights: Mapping[str, float]) -> tuple[float, float]:
    """The most that a slider gives, twice the largest weight, and its step: three digits of that, or as fine as the
    weights are given.
    """
    most = 2 * max(weights.values(), default=0.0) or 1.0
    digits = 2 - math.floor(math.log10(most))
    for finer in range(FINEST + 1):
        if all(round(weight, digits + finer) == weight for weight in weights.values()):
            return most, float(f"1e{-digits - finer}")
    return most, float(f"1e{-digits}")


def _slider(name: str, most: float, step: float) -> alt.BindRange:
    return alt.binding_range(min=0, max=most, step=step, name=f"{words(name)} ")


def places(scenario: Scenario) -> int:
    """How many segments are chosen by their rank: all but the pinned."""
    return scenario.focus - len(scenario.pins)


def rows(ranking: Ranking, scenario: Scenario, start: Ranking) -> list[dict[str, Any]]:
    """One row per segment: what the browser ranks it by. `by_key`: its place by key, which breaks ties; `before`: its rank
    in `start`.
    """
    keys = sorted(ranking.order["segment"])
    present = [name for name in CRITERIA if name in ranking.values]
    before = dict(zip(start.order["segment"], start.order["rank"].tolist(), strict=True))
    names = _names(ranking)
    values = ranking.values.set_index("segment")[present]
    return [
        {"key": key, "name": names[key], "by_key": place, "before": before[key], "pinned": key in scenario.pins,
         "free": int(key not in scenario.pins and key not in scenario.bans),
         **{f"v_{name}": float(value) for name, value in zip(present, row, strict=True)}}
        for place, (key, row) in enumerate(zip(keys, values.loc[keys].to_numpy(), strict=True))
    ]  # fmt: skip


def _names(ranking: Ranking) -> dict[str, str]:
    """The name of each segment by key, with the key where two have the same."""
    names = dict(zip(ranking.order["segment"], ranking.order["name"], strict=True))
    often = ranking.order["name"].value_counts()
    return {key: name if often[name] == 1 else f"{name} ({key})" for key, name in names.items()}


def _ranked(chart: alt.LayerChart, present: list[str]) -> alt.LayerChart:
    """The chart with score, rank, place, choice and move worked out as `rank_segments` does."""
    chart = chart.transform_calculate(total=" + ".join(f"w_{name}" for name in present))
    for name in present:
        chart = chart.transform_calculate(**{f"s_{name}": f"datum.total > 0 ? w_{name} / datum.total : 0"})
        chart = chart.transform_calculate(**{f"c_{name}": f"datum.v_{name} * datum.s_{name}"})
    added = " + ".join(f"datum.c_{name}" for name in present)
    chart = chart.transform_calculate(score=f"floor(({added}) * 1e9 + 0.5) / 1e9")
    best = alt.SortField("score", order="descending")
    chart = chart.transform_window(rank="rank()", sort=[best])
    chart = chart.transform_window(
        place="row_number()", ahead="sum(free)", frame=[None, 0], sort=[best, alt.SortField("by_key")]
    )
    return chart.transform_calculate(
        chosen="datum.pinned || (datum.free == 1 && datum.ahead <= places)",
        move="datum.before - datum.rank",
    ).transform_filter("datum.total > 0 && (datum.place <= shown || datum.chosen)")


_Y = alt.Y("place:O", axis=None)


def _pieces(present: list[str]) -> alt.Chart:
    """The bars: one piece per criterion, our position first."""
    order = [name for part in PARTS.values() for name in part if name in present]
    legend = alt.Legend(orient="none", direction="horizontal", legendX=alt.expr("-names - 36"), legendY=-28)
    groups = list(dict.fromkeys(GROUPS[name] for name in order))
    colours = alt.Scale(domain=groups, range=[COLOURS[group] for group in groups])
    color = alt.Color("group:N", title=None, scale=colours, legend=legend)
    return alt.Chart().transform_fold([f"c_{name}" for name in order], as_=["piece", "part"]).transform_calculate(
        place_in_bar=_looked_up({name: number for number, name in enumerate(order)}),
        group=_looked_up({name: GROUPS[name] for name in order}),
        criterion=_looked_up({name: words(name) for name in order}),
        weight="datum['s_' + slice(datum.piece, 2)]",
        value="datum['v_' + slice(datum.piece, 2)]",
    ).mark_bar(height=17, stroke="#ffffff", strokeWidth=0.6, aria=False).encode(
        y=_Y,
        x=alt.X("part:Q", stack="zero", title="score, 0–1", scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(labelFlush=False)),
        color=color, order="place_in_bar:Q",
        tooltip=[alt.Tooltip("name:N", title="segment"), "criterion:N", alt.Tooltip("weight:Q", format=".1%"),
                 alt.Tooltip("value:Q", format=".2f", title="value, 0–1"),
                 alt.Tooltip("part:Q", format=".3f", title="part of the score")],
    )  # fmt: skip


def _looked_up(words: Mapping[str, str | int]) -> str:
    """The expression that gives each piece its word or number, all of them ours."""
    return f"({ {f'c_{name}': word for name, word in words.items()}!r})[datum.piece]"


def _words() -> list[alt.Chart]:
    """Rank, sign of the chosen and name on the left of a bar, score and move on its right."""
    base = alt.Chart().encode(y=_Y)
    chosen = alt.condition("datum.chosen", alt.value(CHOSEN), alt.value(SOFT))
    weight = alt.expr("datum.chosen ? 600 : 400")
    moved = alt.condition("datum.move > 0", alt.value(MORE), alt.value(LESS))

    def written(align: str, left: int, **more: Any) -> alt.Chart:
        return base.mark_text(align=align, baseline="middle", aria=False, **more).encode(
            x=alt.value(alt.expr(f"-names - {left}"))
        )

    def beside(dx: int, **more: Any) -> alt.Chart:
        return base.mark_text(align="left", baseline="middle", dx=dx, aria=False, **more).encode(x="score:Q")

    return [
        written("right", 28, fontWeight=weight).encode(text="rank:Q", color=chosen),
        written("center", 18, fontWeight=600).transform_filter("datum.chosen").encode(text=alt.value("✓"), color=chosen),
        written("left", 8, fontWeight=weight, limit=alt.expr("names")).encode(text="name:N", color=chosen),
        beside(7, color=INK, fontWeight=weight).encode(text=alt.Text("score:Q", format=".2f")),
        beside(43, fontSize=11).transform_filter("datum.move != 0").transform_calculate(
            moved="(datum.move > 0 ? '▲' : '▼') + abs(datum.move)"
        ).encode(text="moved:N", color=moved),
    ]  # fmt: skip


def _about(
    ranking: Ranking, scenario: Scenario, weights: Mapping[str, float], most: float, step: float, top: int
) -> dict[str, Any]:
    """What the page needs beside the drawing: the sliders, whom the order alone chooses, how many there are, a note."""
    keys = sorted(ranking.order["segment"])
    ranks = dict(zip(ranking.order["segment"], ranking.order["rank"], strict=True))
    order = sorted(keys, key=lambda key: (ranks[key], key))
    names = _names(ranking)
    by_order = [key for key, chosen in zip(order, chosen_of(order, scenario), strict=True) if chosen]
    sliders = [{"name": name, "label": words(name), "value": weight, "max": most, "step": step}
               for name, weight in weights.items()]  # fmt: skip
    return {"sliders": sliders, "chosen": [[key, names[key]] for key in by_order], "count": len(order), "top": top,
            "note": _note(by_order, list(ranking.chosen), names)}  # fmt: skip


def _note(by_order: list[str], planned: list[str], names: Mapping[str, str]) -> str:
    """Says where the plan does not choose by its order alone, because incumbents stay."""
    stay = [names[key] for key in planned if key not in by_order]
    wait = [names[key] for key in by_order if key not in planned]
    if not stay:
        return ""
    keeps = f"The plan keeps {listed(stay)}, as an incumbent, where its order alone gives {listed(wait)}"
    return f"{keeps}: what stands here is the order alone."
