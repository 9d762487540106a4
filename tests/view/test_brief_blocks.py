"""A brief shows what is there, says what is not, cuts long tables aloud, and escapes every text."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.conftest import SEGMENTS
from workbench import load_book, load_scenario, plan_quarter, segment_brief
from workbench.model.results import Brief
from workbench.view import briefs
from workbench.view.blocks import block_html

PARTS = (briefs.header, briefs.standing, briefs.proposition, briefs.needs, briefs.gaps, briefs.missing_today, briefs.money,
         briefs.funded, briefs.parked, briefs.to_mind)  # fmt: skip
LACKING = {
    "nothing": (),
    "needs": ("needs", "segment_needs", "coverage", "asks", "impacts", "efforts"),
    "spend": ("spend",),
    "coverage": ("coverage",),
    "everything optional": (
        "relevance", "customers", "deals", "statements", "needs", "segment_needs", "coverage", "spend", "asks", "impacts",
        "efforts", "capacity", "goals"),
}  # fmt: skip


@pytest.fixture
def plan(tiny_book):
    return plan_quarter(load_book(tiny_book), load_scenario("base", tiny_book), "2026Q3")


@pytest.mark.parametrize("lacking", LACKING)
def test_what_a_book_lacks_is_said_and_the_rest_is_shown(tiny_book, lacking):
    for name in LACKING[lacking]:
        (tiny_book / f"{name}.csv").unlink()
    plan = plan_quarter(load_book(tiny_book), load_scenario("base", tiny_book), "2026Q3")
    for segment in SEGMENTS:
        brief = segment_brief(plan, segment)
        for part in PARTS:
            text = block_html(part(brief).content)
            assert text and "nan" not in text and "None" not in text, part.__name__
        assert brief.name in block_html(briefs.header(brief).content)


def repeated(brief: Brief, name: str, times: int) -> pd.DataFrame:
    table = brief.tables()[name]
    return pd.concat([table] * times, ignore_index=True)


def with_table(brief: Brief, name: str, table: pd.DataFrame) -> Brief:
    values = {each: getattr(brief, each) for each in Brief.__dataclass_fields__}
    return Brief(**{**values, name: table})


def test_a_long_table_shows_its_first_rows_and_says_how_many_follow(plan):
    brief = segment_brief(plan, "NA")
    assert len(brief.needs) == 1 and "more in the plan" not in briefs.needs(brief).content["caption"]
    content = briefs.needs(with_table(brief, "needs", repeated(brief, "needs", 10))).content
    assert len(content["rows"]) == briefs.NEEDS
    assert f"the first {briefs.NEEDS} of 10, and {10 - briefs.NEEDS} more in the plan." in content["caption"]


def test_each_need_shows_who_what_why_and_whether_it_is_signed(plan):
    cells = briefs.needs(segment_brief(plan, "public")).content["rows"][0]["cells"]
    assert cells[:4] == ["Clerks", "Show who saw what", "Parliament asks", "Answers ready"] and cells[-1] == "unsigned"
    assert briefs.needs(segment_brief(plan, "NA")).content["rows"][0]["cells"][-1] == "2026‑05‑04"


def test_the_money_closes_with_its_sum(plan):
    brief = segment_brief(plan, "NA")
    rows = briefs.money(brief).content["rows"]
    assert rows[-1]["mark"] == "sum" and rows[-1]["cells"][0] == "All products"
    assert rows[-1]["cells"][2] == f"{brief.money['plan_y'].sum() / 1e3:,.1f}"


def test_hostile_text_of_the_book_is_escaped(tiny_book, edit):
    hostile = "<img src=x onerror=alert(1)>"
    edit("segments.csv", "North America", hostile)
    edit("segments.csv", "Ana", hostile)
    edit("needs.csv", "Answers within a second", hostile)
    for text in ("Analysts", "Traders wait", "Answers in time"):
        edit("segment_needs.csv", text, hostile)
    edit("products.csv", "Beam", hostile)
    edit("asks.csv", "Cache", hostile)
    brief = segment_brief(plan_quarter(load_book(tiny_book), load_scenario("base", tiny_book), "2026Q3"), "NA")
    html = " ".join(block_html(part(brief).content) for part in PARTS)
    assert "<img" not in html and html.count("&lt;img src=x onerror=alert(1)&gt;") > 8
