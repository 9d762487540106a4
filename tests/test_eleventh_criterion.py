"""A newcomer's criterion: one declaration, one table, one figure, and it stands wherever a person would look."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.eleventh.declare import ROOT, book_with_surveys, workbench_with_eleven
from workbench import load_book

KEY, FACT, WORDS, LABEL = "happy_users", "satisfaction", "happy users", "Satisfaction"


@pytest.fixture(scope="module")
def answers() -> dict[str, float]:
    """The mean answer of each segment but one, from 5 on in steps of a half."""
    return {segment: 5 + place / 2 for place, segment in enumerate(sorted(load_book("sample").names("segments"))[1:])}


@pytest.fixture(scope="module")
def seen(tmp_path_factory, answers) -> dict[str, Any]:
    """What a workbench with the criterion shows, looked at in a process of its own."""
    home = tmp_path_factory.mktemp("eleventh")
    workbench_with_eleven(home)
    for name, rows in (("book", answers), ("bare", {})):
        book_with_surveys(home / name, rows)
    places = [str(home / "book"), str(home / "bare"), str(ROOT / "docs" / "method.md"), str(home / "seen.json")]
    run = subprocess.run([sys.executable, "-P", str(ROOT / "tests" / "eleventh" / "look.py"), *places],
                         capture_output=True, text=True, cwd=home, env={**os.environ, "PYTHONPATH": str(home)})  # fmt: skip
    assert run.returncode == 0, run.stderr
    found = json.loads((home / "seen.json").read_text(encoding="utf-8"))
    assert found["house"].startswith(str(home))
    return found


def table(plan: dict[str, Any], name: str) -> dict[str, dict[str, Any]]:
    """A table of `plan.json` by its first key."""
    rows = plan["tables"][name]
    key = next(each for each in ("segment", "criterion", "fact") if each in rows[0])
    return {row[key]: row for row in rows}


def test_a_scenario_weighs_it_and_starts_with_its_anchors(seen):
    weights, anchors = seen["scenario"].split("\n[anchors]\n")
    assert f"\n{KEY} = 1\n" in weights
    assert f"{KEY} = {{ low = 4.0, high = 9.0, neutral = 7.0 }}  # mean of the answers to our survey\n" in anchors
    assert seen["plan"]["scenario"]["weights"][KEY] == 1
    assert seen["plan"]["scenario"]["anchors"][KEY] == {"low": 4.0, "high": 9.0, "neutral": 7.0, "scale": "linear"}


def test_a_wrong_key_is_told_its_name(seen):
    assert f"write '{KEY}'" in seen["advice"]


def test_panels_have_a_slider_for_its_weight_and_for_its_neutral_point(seen):
    assert WORDS in seen["sliders"]["ranking"]
    assert f"{WORDS}, 0–10" in seen["sliders"]["swot"]


def test_plan_json_has_its_figure_its_value_its_weight_and_its_part_of_the_score(seen, answers):
    plan = seen["plan"]
    facts, parts, values = (table(plan, name) for name in ("facts.segments", "ranking.contributions", "ranking.values"))
    weight = table(plan, "ranking.weights")[KEY]["weight"]
    assert weight == pytest.approx(1 / len(plan["tables"]["ranking.weights"]), abs=1e-6)
    for segment, answer in answers.items():
        assert facts[segment][FACT] == answer
        assert values[segment][KEY] == pytest.approx(min((answer - 4) / 5, 1), abs=1e-9)
        assert parts[segment][KEY] == pytest.approx(values[segment][KEY] * weight, abs=1e-6)
    score = {row["segment"]: row["score"] for row in plan["tables"]["ranking.order"]}
    for segment, row in parts.items():
        assert sum(part for name, part in row.items() if name != "segment") == pytest.approx(score[segment], abs=1e-8)


def test_a_segment_without_an_answer_takes_the_neutral_point_and_it_is_said(seen, answers):
    plan = seen["plan"]
    (silent,) = set(table(plan, "facts.segments")) - set(answers)
    assert table(plan, "facts.segments")[silent][FACT] is None
    assert table(plan, "ranking.values")[silent][KEY] == 0.6
    name = table(plan, "facts.segments")[silent]["name"]
    assert f"{LABEL} is missing for {name}; the neutral point stands in." in plan["missing"]


def test_it_counts_as_our_position(seen):
    rows = [row for row in seen["plan"]["tables"]["swot.indicators"] if row["criterion"] == KEY]
    assert {row["quadrant"] for row in rows} == {"strength", "weakness", "neutral"}


def test_its_grade_stands_among_the_grades(seen):
    row = {"fact": "satisfaction of users", "grade": "claimed", "note": "surveys table"}
    assert row in seen["plan"]["tables"]["facts.grades"]


def test_tables_and_charts_show_it(seen):
    assert "Satisfaction, 0–10" in [column["label"] for column in seen["facts table"]["columns"]]
    assert WORDS in [row[0] for row in (each["cells"] for each in seen["weights table"]["rows"])]
    parts, indicators, live = (json.dumps(chart) for chart in seen["charts"])
    assert KEY in parts
    assert WORDS in indicators
    assert f"w_{KEY}" in live and WORDS in live


def test_the_brief_of_a_segment_has_it_with_unit_and_grade(seen):
    row = seen["brief"][FACT]
    assert (row["label"], row["unit"], row["grade"]) == (LABEL, "0–10", "claimed")
    assert row["figure"] == table(seen["plan"], "facts.segments")[seen["segment"]][FACT]
    (tile,) = [tile for tile in seen["brief tiles"] if tile["text"].startswith("satisfaction, 0–10")]
    assert tile["figure"] == f"{row['figure']:.1f}" and tile["text"].endswith("; claimed")


def test_the_workbook_of_a_plan_has_its_columns(seen):
    assert "Satisfaction, 0 to 10" in seen["sheets"]["Pecking order"]
    assert "Happy users, part of the score" in seen["sheets"]["Parts of the score"]


def test_the_docs_made_anew_have_it(seen):
    line = (
        f"| `{KEY}` | {LABEL}: mean of the answers to our survey | 0–10 | strength or weakness | `surveys` | claimed |"
    )
    assert line in seen["codebook"] and line in seen["method"]
    assert f"| `{FACT}` | {LABEL} | 0–10 | 6 |" in seen["plan columns"]
    assert f"| `{KEY}` | Happy users | 0–1 | 9 |" in seen["plan columns"]
    assert "surveys.csv" in seen["new book"]


def test_a_book_without_the_table_drops_it_and_says_so(seen):
    bare = seen["without"]
    assert KEY not in bare["weights"] and KEY not in bare["parts"]
    assert sum(bare["weights"].values()) == pytest.approx(1)
    assert f"{LABEL} is absent: the book has no surveys table." in bare["missing"]
    said = f"Criterion {KEY} drops out: the book has no surveys table; the other weights are scaled up."
    assert said in bare["missing"]
    assert "satisfaction of users" not in bare["grades"]
