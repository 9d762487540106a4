"""Looks at a workbench wherever a person would, and prints what stands there as JSON: BOOK, BARE (without the table)."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import workbench
from workbench import (
    explore,
    load_book,
    load_scenario,
    plan_quarter,
    rank_segments,
    score_swot,
    segment_brief,
    segment_facts,
)
from workbench.cli import main
from workbench.errors import ScenarioError
from workbench.report.exports.columns import columns
from workbench.report.exports.sheets import SHEETS
from workbench.scenario import make_scenario
from workbench.sources.new import new_book
from workbench.sources.new.codebook import codebook, with_criteria
from workbench.view import briefs, charts, live, tables
from workbench.view.columns import plan_columns

QUARTER = "2026Q3"


def sliders(widget: Any) -> Iterator[str]:
    """The names of all sliders within a widget."""
    if type(widget).__name__ == "Slider":
        yield widget.description
    for child in getattr(widget, "children", ()):
        yield from sliders(child)


def advice(key: str) -> str:
    """What is said of an unknown weight."""
    try:
        make_scenario({"name": "x", "weights": {key: 1}}, "x")
    except ScenarioError as error:
        return str(error)
    return ""


def look(book_at: Path, bare_at: Path, method: str) -> dict[str, Any]:
    """What stands in each place, by a name for the place."""
    assert main(["scenario", str(book_at), "--name", "eleven"]) == 0
    new_book(book_at.parent / "new")
    text = (book_at / "scenarios" / "eleven.toml").read_text(encoding="utf-8")
    book, bare = load_book(book_at), load_book(bare_at)
    scenario = load_scenario("eleven", book_at).with_values(draws=100)
    plan = plan_quarter(book, scenario, QUARTER)
    facts = segment_facts(bare, scenario, QUARTER)
    swot = score_swot(facts, bare, scenario)
    ranking = rank_segments(facts, swot, scenario)
    segment = plan.ranking.order["segment"].iloc[0]
    brief = segment_brief(plan, segment)
    return {
        "house": workbench.__file__,
        "scenario": text,
        "advice": advice("happy_user"),
        "sliders": {step: list(sliders(explore(step, book, scenario, QUARTER))) for step in ("ranking", "swot")},
        "plan": json.loads(plan.to_json()),
        "without": {"missing": [*facts.missing, *swot.missing], "grades": list(facts.grades["fact"]),
                    "parts": list(ranking.contributions), "weights": dict(ranking.weights.itertuples(index=False))},
        "facts table": tables.facts_table(plan.facts, "EUR").content,
        "weights table": tables.weights_table(plan.ranking).content,
        "charts": [each.to_dict() for each in (charts.contributions_chart(plan.ranking),
                   charts.indicators_chart(plan.swot, plan.ranking), live.live_chart(plan.ranking, scenario))],
        "segment": segment,
        "brief": json.loads(brief.standing.set_index("measure").to_json(orient="index")),
        "brief tiles": briefs.standing(brief).content["items"],
        "sheets": {sheet.name: [each.header for each in columns(sheet, plan)] for sheet in SHEETS},
        "codebook": codebook(),
        "method": with_criteria(method),
        "plan columns": plan_columns(plan),
        "new book": sorted(path.name for path in (book_at.parent / "new").iterdir()),
    }  # fmt: skip


if __name__ == "__main__":
    book_at, bare_at, method, found = map(Path, sys.argv[1:])
    seen = look(book_at, bare_at, method.read_text(encoding="utf-8"))
    found.write_text(json.dumps(seen, ensure_ascii=False), encoding="utf-8")
