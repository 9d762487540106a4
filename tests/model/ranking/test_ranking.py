"""The pecking order: an additive value model in which nobody moves because somebody else comes or goes."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from tests.model.raw import plan_of, rows, write
from workbench.criteria import CRITERIA
from workbench.model.ranking.ranking import _overlaps, rank_segments
from workbench.model.ranking.values import quantised
from workbench.model.swot.swot import score_swot
from workbench.sources.tables.folder import load_book

RANGES = {"size": (1e8, 2e10), "growth": (-0.1, 0.2), "runway": (1e6, 1e8), "revenue": (1e6, 5e7), "share": (0, 0.3),
          "share_trend": (-0.03, 0.03), "win_rate": (0.05, 0.6), "retention": (0.7, 1), "coverage": (0, 1)}  # fmt: skip


def random_facts(facts, count, seed, missing=0.0):
    """Facts of `count` invented segments, some figures missing."""
    random = np.random.default_rng(seed)
    table = {"segment": [f"s{place:02d}" for place in range(count)]}
    table["name"] = table["segment"]
    for name, (low, high) in RANGES.items():
        column = random.uniform(low, high, count)
        table[CRITERIA[name].fact] = np.where(random.random(count) < missing, np.nan, column)
    return dataclasses.replace(facts, segments=pd.DataFrame(table).assign(relevance=1.0))


def ranked(facts, book, scenario):
    return rank_segments(facts, score_swot(facts, book, scenario), scenario)


def table_of(ranking):
    return ranking.order.set_index("segment")[["rank", "score"]]


def without(facts, *keys):
    return dataclasses.replace(facts, segments=facts.segments[~facts.segments["segment"].isin(keys)])


def test_contributions_add_up_to_the_score(sample_plan, sample_book):
    invented = random_facts(sample_plan.facts, 30, 1, 0.2)
    for ranking in (sample_plan.ranking, ranked(invented, sample_book, sample_plan.scenario)):
        parts = ranking.contributions.set_index("segment")
        for _, row in ranking.order.iterrows():
            total = 0.0
            for name in (name for name in CRITERIA if name in parts):
                total += parts.loc[row["segment"], name]
            assert row["score"] == math.floor(total * 1e9 + 0.5) / 1e9
        assert sum(ranking.weights["weight"]) == pytest.approx(1)


def test_a_contribution_is_weight_times_value_with_the_neutral_point_where_the_figure_is_missing(
    sample_plan, sample_book
):
    scenario = sample_plan.scenario
    facts = random_facts(sample_plan.facts, 20, 2, 0.3)
    ranking = ranked(facts, sample_book, scenario)
    total = sum(Fraction(getattr(scenario.weights, name)) for name in CRITERIA)
    figures = facts.segments.set_index("segment")
    for _, row in ranking.contributions.iterrows():
        for name in RANGES:
            figure, anchor = figures.loc[row["segment"], CRITERIA[name].fact], getattr(scenario.anchors, name)
            figure = anchor.neutral if np.isnan(figure) else min(max(figure, anchor.low), anchor.high)
            scale = math.log if anchor.scale == "log" else float
            value = (scale(figure) - scale(anchor.low)) / (scale(anchor.high) - scale(anchor.low))
            assert row[name] == pytest.approx(float(getattr(scenario.weights, name) / total) * value)


def test_missing_figures_are_counted(sample_plan, sample_book):
    facts = random_facts(sample_plan.facts, 12, 3, 0.3)
    order = ranked(facts, sample_book, sample_plan.scenario).order.set_index("segment")
    empty = facts.segments.set_index("segment")[[CRITERIA[name].fact for name in RANGES]].isna().sum(axis=1)
    assert order["flagged"].to_dict() == empty.to_dict()


@pytest.mark.parametrize("seed", range(25))
def test_removing_segments_reorders_nobody_and_changes_no_score(sample_plan, sample_book, seed):
    facts = random_facts(sample_plan.facts, 12, seed, 0.1)
    whole = table_of(ranked(facts, sample_book, sample_plan.scenario))
    gone = np.random.default_rng(seed).choice(12, size=1 + seed % 9, replace=False)
    left = table_of(ranked(without(facts, *(f"s{place:02d}" for place in gone)), sample_book, sample_plan.scenario))
    assert left["score"].to_dict() == whole.loc[left.index, "score"].to_dict()
    assert list(left.index) == [key for key in whole.index if key in left.index]


def test_removing_a_segment_from_the_book_changes_no_score_of_the_others(tiny_book):
    before = table_of(plan_of(tiny_book).ranking)
    for table in ("revenue", "market", "relevance", "customers", "deals", "statements", "segment_needs", "spend", "impacts",
                  "segments"):  # fmt: skip
        write(tiny_book, table, [row for row in rows(tiny_book, table) if row["segment"] != "public"])
    assert table_of(plan_of(tiny_book).ranking).equals(before.loc[["NA", "health"]])


def test_permuting_rows_changes_nothing(sample_plan, sample_book):
    facts = random_facts(sample_plan.facts, 15, 4, 0.1)
    shuffled = dataclasses.replace(facts, segments=facts.segments.sample(frac=1, random_state=1, ignore_index=True))
    one, other = (ranked(each, sample_book, sample_plan.scenario) for each in (facts, shuffled))
    pd.testing.assert_frame_equal(one.order, other.order)


@pytest.mark.parametrize("factor", [0.5, 4, 1000, 1 / 3])
def test_scaling_all_weights_changes_nothing(sample_plan, sample_book, factor):
    scenario = sample_plan.scenario
    scaled = scenario.with_values(weights={name: factor * getattr(scenario.weights, name) for name in CRITERIA})
    facts = random_facts(sample_plan.facts, 15, 5)
    pd.testing.assert_frame_equal(*(ranked(facts, sample_book, each).order for each in (scenario, scaled)))


@pytest.mark.parametrize("name", RANGES)
def test_better_on_one_criterion_never_ranks_lower(sample_plan, sample_book, name):
    facts = random_facts(sample_plan.facts, 10, 6)
    before = table_of(ranked(facts, sample_book, sample_plan.scenario))
    column = CRITERIA[name].fact
    for key in ("s00", "s04", "s09"):
        better = facts.segments
        better.loc[better["segment"] == key, column] += 0.1 * (RANGES[name][1] - RANGES[name][0])
        after = table_of(ranked(dataclasses.replace(facts, segments=better), sample_book, sample_plan.scenario))
        assert after.loc[key, "rank"] <= before.loc[key, "rank"]
        assert after.loc[key, "score"] >= before.loc[key, "score"]


def test_equal_scores_share_the_better_rank_and_are_listed_by_key(sample_plan, sample_book):
    facts = random_facts(sample_plan.facts, 5, 7)
    table = facts.segments
    figures = [name for name in table if name not in ("segment", "name")]
    for twin in ("s01", "s03"):
        table.loc[table["segment"] == twin, figures] = table.loc[table["segment"] == "s04", figures].to_numpy()
    order = ranked(dataclasses.replace(facts, segments=table), sample_book, sample_plan.scenario).order
    twins = order[order["segment"].isin(["s01", "s03", "s04"])]
    assert list(twins["segment"]) == ["s01", "s03", "s04"] and twins["rank"].nunique() == 1
    after = order[order["rank"] > twins["rank"].iloc[0]]["rank"]
    assert after.empty or after.min() == twins["rank"].iloc[0] + 3


def test_scores_that_differ_by_less_than_a_billionth_are_equal():
    found = quantised(np.array([[0.1, 0.2], [0.3, 0.0], [0.15, 0.15]]))
    assert len(set(found)) == 1


def test_pins_are_chosen_whatever_their_rank_and_bans_never(tiny_book, scene):
    assert plan_of(tiny_book).ranking.chosen == ("NA", "health")
    scene('pins = ["public"]\nbans = ["NA"]')
    plan = plan_of(tiny_book)
    names = load_book(tiny_book).names("segments")
    assert plan.ranking.chosen == ("health", "public")
    assert list(plan.ranking.order["segment"]) == ["NA", "health", "public"]
    assert {f"{names['public']} is pinned.", f"{names['NA']} is banned."} <= set(plan.missing)


def test_a_focus_wider_than_the_book_chooses_all_and_bans_may_leave_none(tiny_book, edit, scene):
    edit("scenarios/base.toml", "focus = 2", "focus = 50")
    assert len(plan_of(tiny_book).ranking.chosen) == 3
    scene('bans = ["NA", "health", "public"]')
    plan = plan_of(tiny_book)
    assert plan.ranking.chosen == () and "No segment is chosen" in plan.ranking.answer
    assert (plan.allocation.spend["plan_y"] <= plan.allocation.spend["current_y"]).all()


def with_column(facts, name, figures):
    table = facts.segments
    table[name] = figures
    return dataclasses.replace(facts, segments=table)


def test_criteria_that_say_nearly_the_same_are_named_with_their_correlation(sample_plan, sample_book):
    facts = random_facts(sample_plan.facts, 40, 8, 0.2)
    twin = with_column(facts, "share", facts.segments["retention"] * 0.5 - 0.3)
    found = ranked(twin, sample_book, sample_plan.scenario)
    values = score_swot(twin, sample_book, sample_plan.scenario).values[["share", "retention"]].dropna()
    row = found.overlaps.iloc[0]
    assert {row["criterion"], row["other_criterion"]} == {"share", "retention"}
    assert row["correlation"] == pytest.approx(np.corrcoef(values.T)[0, 1]) and row["correlation"] > 0.8
    assert any("share and retention" in said for said in found.missing)
    assert ranked(facts, sample_book, sample_plan.scenario).overlaps.empty


def test_no_correlation_is_looked_for_among_four_segments(sample_plan, sample_book):
    facts = random_facts(sample_plan.facts, 4, 9)
    twin = with_column(facts, "share", facts.segments["retention"] * 0.5 - 0.3)
    assert ranked(twin, sample_book, sample_plan.scenario).overlaps.empty


def test_equal_scores_on_both_sides_of_the_cut_are_said(sample_plan, sample_book):
    facts = random_facts(sample_plan.facts, 2, 10)
    table = facts.segments
    figures = [name for name in table if name not in ("segment", "name")]
    table.loc[1, figures] = table.loc[0, figures].to_numpy()
    twins = dataclasses.replace(facts, segments=table)
    one = sample_plan.scenario.with_values(focus=1)
    ranking = ranked(twins, sample_book, one)
    assert "s00 and s01 score the same: s00 is chosen because its key comes first." in ranking.missing
    assert ranking.answer.startswith("s00 is chosen. Every segment scores 0.")
    assert not any("score the same" in said for said in ranked(twins, sample_book, sample_plan.scenario).missing)


@pytest.mark.parametrize(("count", "named"), [(4, False), (5, True)])
def test_criteria_that_say_the_same_are_named_from_five_segments_on(count, named):
    ladder = np.linspace(0.1, 0.9, count)
    found = _overlaps(np.stack([ladder, ladder**1.1], axis=1), ["size", "growth"], {"size": 0.5, "growth": 0.5})
    assert (len(found) == 1) == named


def test_segments_whose_figure_is_missing_do_not_count_towards_the_five():
    ladder = np.linspace(0.1, 0.9, 5)
    values = np.stack([ladder, np.where(ladder > 0.8, np.nan, ladder)], axis=1)
    assert _overlaps(values, ["size", "growth"], {"size": 0.5, "growth": 0.5}).empty
