"""Blocks carry text, never markup: whatever stands in a book is shown as it stands."""

from __future__ import annotations

import json
import re

import pytest

from workbench.view import blocks, theme

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}"
BLOCKS = {
    "answer": blocks.answer(f"Fund {HOSTILE}", HOSTILE, [HOSTILE]),
    "figures": blocks.figures([(HOSTILE, HOSTILE)]),
    "table": blocks.table(HOSTILE, [(HOSTILE, "l")], [[HOSTILE], [blocks.bar([0.1], HOSTILE)], [blocks.toned(HOSTILE, "up")]],
                          caption=HOSTILE, marks=["chosen", "", ""], key=[HOSTILE]),
    "list": blocks.said(HOSTILE, [HOSTILE], HOSTILE),
    "turn": blocks.turn(HOSTILE, HOSTILE, HOSTILE),
    "grades": blocks.grades(HOSTILE, HOSTILE, [(HOSTILE, 1, HOSTILE, HOSTILE)]),
    "digest": blocks.digest(HOSTILE),
}  # fmt: skip


@pytest.mark.parametrize("name", BLOCKS)
def test_no_text_becomes_markup(name):
    html = blocks.block_html(BLOCKS[name].content)
    assert not re.search(r"<(script|img)", html)
    assert "&lt;script&gt;" in html
    assert "{{7*7}}" in html


@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_survives_its_way_through_json(name):
    content = BLOCKS[name].content
    assert blocks.block_html(json.loads(json.dumps(content))) == blocks.block_html(content)


def test_the_chosen_are_marked_in_the_answer_and_the_longest_name_wins():
    html = blocks.block_html(
        blocks.answer("Fund Retail and Retail banking.", chosen=["Retail", "Retail banking"]).content
    )
    assert "<em>Retail</em> and <em>Retail banking</em>" in html


@pytest.mark.parametrize(
    ("value", "text"), [(1_234_567, "+1.2"), (-940_000, "−0.9"), (49_000, "±0"), (-1, "±0"), (float("nan"), "–")]
)
def test_a_change_carries_its_sign(value, text):
    assert theme.signed(value) == text


def test_a_row_carries_the_numbers_behind_its_cells_and_none_where_there_is_none():
    nothing = float("nan")
    cells = ["1.5", 7, theme.amount(1_234_567.891), theme.percent(nothing), theme.number(0.1 + 0.2, 1),
             blocks.bar([0.5], theme.number(0.5, 2)), blocks.toned(theme.signed(-2e6), "down"), True, nothing]  # fmt: skip
    (row,) = blocks.table("T", [("c", "n")] * len(cells), [cells]).content["rows"]
    assert row["values"] == [None, 7, 1234567.89, None, 0.3, 0.5, -2000000, None, None]


def test_the_number_stands_beside_the_cell_where_a_page_can_sort_by_it():
    rows = [[str(place), theme.amount(place * 1e6)] for place in range(4)]
    html = blocks.block_html(blocks.table("T", [("a", "l"), ("b", "n")], rows).content)
    assert '<td class="n" data-v="3000000">3.0</td>' in html and 'class="sorts"' in html
    assert "sorts" not in blocks.block_html(blocks.table("T", [("a", "l"), ("b", "n")], rows[:3]).content)


def test_headings_of_a_block_follow_their_place():
    content = blocks.said("T", [], "None").content
    assert "<h2>T</h2>" in blocks.block_html(content) and '<h3 id="a">T</h3>' in blocks.block_html(
        content, level=3, place="a"
    )
