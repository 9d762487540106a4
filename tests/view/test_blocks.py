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
