"""The criteria: their order is the contract, and each declaration holds together with tables, facts and grades."""

from __future__ import annotations

import pickle

import pytest

from workbench import load_book, load_scenario, segment_facts
from workbench.book.measures import MEASURES, MONEY
from workbench.book.tables import TABLES
from workbench.criteria import (
    ANCHORED,
    CRITERIA,
    DECLARED,
    EXTERNAL,
    INTERNAL,
    PARTS,
    decimals,
    measure_of,
    with_own_table,
)
from workbench.scenario import Anchor, Anchors, Weights

ORDER = [
    "size",
    "growth",
    "runway",
    "revenue",
    "share",
    "share_trend",
    "win_rate",
    "retention",
    "coverage",
    "judgement",
]


@pytest.fixture(scope="module")
def facts():
    return segment_facts(load_book("sample"), load_scenario("base", "sample"), "2026Q3")


def test_scores_are_added_in_this_order():
    assert list(CRITERIA) == ORDER
    assert [*EXTERNAL, *INTERNAL, "judgement"] == ORDER
    assert [name for part in PARTS.values() for name in part] == [*INTERNAL, *EXTERNAL, "judgement"]


def test_a_scenario_has_a_weight_for_each_and_anchors_for_each_with_a_figure():
    assert list(Weights.model_fields) == ORDER
    assert list(Anchors.model_fields) == list(ANCHORED) == ORDER[:-1]
    weights = Weights(size=1)
    assert pickle.loads(pickle.dumps(weights)) == weights and weights.judgement == 0


@pytest.mark.parametrize("each", DECLARED, ids=ORDER)
def test_each_declaration_holds_together(each, facts):
    assert set(each.needs) <= set(TABLES)
    assert each.grade in ("observed", "estimated", "claimed", "")
    assert set(each.rests_on) <= set(facts.grades["fact"])
    if each.fact:
        assert each.fact in facts.segments
        assert (each.start is None) == (each.measure.kind == MONEY)
        assert measure_of(each.fact) == each.measure
    if each.start is not None:
        assert Anchor(low=each.start.low, high=each.start.high, neutral=each.start.neutral)


def test_no_figure_is_declared_twice():
    columns = [f"{each.fact}{end}" for each in DECLARED if each.fact for end in ("", "_low", "_high")]
    assert len(set(columns)) == len(columns)
    assert not {*columns, *CRITERIA} & set(MEASURES)


def test_columns_are_looked_up_as_figures_their_ends_and_scores():
    assert measure_of("win_rate_low").label == "Win rate, low"
    assert (measure_of("size").label, measure_of("size_y").label) == ("Size", "Market size")
    assert [decimals(name) for name in ("size_y", "size", "growth_high", "rank", "unheard_of")] == [2, 9, 6, 6, 6]
    with pytest.raises(KeyError):
        measure_of("unheard_of")


def test_tables_of_their_own_come_as_they_are_declared_and_judgement_last():
    assert [each.table for each in with_own_table()] == ["customers", "deals", "coverage", "statements"]
