"""The figures behind a chart are those its tooltips tell, each mark once, as they are formatted there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.view.test_shown import shown
from workbench import load_book
from workbench.model.plan import Plan
from workbench.report.pages.figures import MOST, chart_grids
from workbench.report.pages.outputs import chart
from workbench.view.blocks import Block

TOLD = [{"field": "name", "title": "segment"}, {"field": "part_y", "title": "part, EUR m a year", "format": "+,.1f"}]


def spec(rows: list[dict[str, Any]], *layers: dict[str, Any]) -> dict[str, Any]:
    return {
        "datasets": {"a": rows},
        "data": {"name": "a"},
        "layer": [{"mark": "bar", "encoding": each} for each in layers],
    }


def cells(grid: dict[str, Any]) -> list[list[str]]:
    return [row["cells"] for row in grid["rows"]]


def test_columns_are_labelled_and_numbers_formatted_as_the_tooltips_tell_and_carry_what_they_stand_for() -> None:
    (grid,) = chart_grids(
        spec([{"name": "A", "part_y": 1234.56}, {"name": "B", "part_y": -0.5}], {"tooltip": TOLD}), "T"
    )
    assert [(each["label"], each["align"]) for each in grid["columns"]] == [
        ("segment", "l"),
        ("part, EUR m a year", "n"),
    ]
    assert cells(grid) == [["A", "+1,234.6"], ["B", "−0.5"]]
    assert [row["values"] for row in grid["rows"]] == [[None, 1234.56], [None, -0.5]]


def test_layers_that_tell_the_same_are_one_table_and_labels_are_none() -> None:
    rows = [{"name": "A", "part_y": 1.0, "label": "one"}]
    found = chart_grids(spec(rows, {"tooltip": TOLD}, {"tooltip": TOLD}, {"text": {"field": "label"}}), "T")
    assert [cells(grid) for grid in found] == [[["A", "+1.0"]]]


def test_without_a_tooltip_the_places_of_the_marks_are_told_with_sensible_digits() -> None:
    rows = [{"name": "A", "part_y": 12345.678}, {"name": "B", "part_y": 0.12345}, {"name": "C", "part_y": None}]
    (grid,) = chart_grids(spec(rows, {"x": {"field": "part_y"}, "y": {"field": "name", "title": None}}), "T")
    assert [each["label"] for each in grid["columns"]] == ["name", "part y"]
    assert cells(grid) == [["A", "12,346"], ["B", "0.123"], ["C", "–"]]


def test_a_long_table_is_cut_aloud() -> None:
    rows = [{"name": str(number), "part_y": number} for number in range(MOST + 5)]
    (grid,) = chart_grids(spec(rows, {"tooltip": TOLD}), "T")
    assert len(grid["rows"]) == MOST and grid["caption"] == f"The first {MOST} of {MOST + 5} rows."


def test_panels_take_their_data_from_above() -> None:
    facets = {**spec([{"name": "A", "part_y": 1}]), "facet": {"field": "name"}}
    facets["spec"] = {"layer": [{"mark": "line", "encoding": {"tooltip": TOLD}}]}
    assert [cells(grid) for grid in chart_grids(facets, "T")] == [[["A", "+1.0"]]]


def test_a_live_chart_has_no_figures_of_ours_and_hostile_text_is_escaped() -> None:
    hostile = spec([{"name": "<img src=x onerror=alert(1)>", "part_y": 1}], {"tooltip": TOLD})
    assert chart({**hostile, "usermeta": {"workbench": {"live": True}}}).tables == ()
    (html,) = chart(hostile).tables
    assert "<img" not in html and "&lt;img src=x" in html


@pytest.fixture(scope="module")
def charts(sample_plan: Plan) -> dict[str, dict[str, Any]]:
    book = load_book("sample")
    return {name: piece.to_dict() for name, piece in shown(sample_plan, book.names("products")).items()
            if not isinstance(piece, Block)}  # fmt: skip


def test_every_chart_of_the_notebooks_has_a_short_name_and_figures_with_labels_for_people(
    charts: dict[str, dict[str, Any]],
) -> None:
    for name, each in charts.items():
        made = chart(each)
        assert 5 < len(made.title) < 45 and made.finding.replace("\u00a0", " ") == each["title"]["text"], name
        grids = chart_grids(each, made.title)
        assert grids and all(grid["rows"] for grid in grids), name
        labels = [column["label"] for grid in grids for column in grid["columns"]]
        assert not [label for label in labels if label.endswith(" y") or label in ("name", "label", "text", "end")], (
            name
        )
