"""The SWOT is the ranking's own table of values, told against declared neutral points."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from tests.model.raw import plan_of
from workbench.criteria import CRITERIA, EXTERNAL, INTERNAL
from workbench.model.ranking.values import value_of
from workbench.model.swot.diagnosis import classify_cells
from workbench.model.swot.swot import kendalls_w
from workbench.scenario import Anchor

R1 = [3, 3, 3, 4, 5, 5, 2, 3, 5, 2, 2, 6, 1, 5, 2, 2, 1, 2, 4, 3]
R2 = [3, 6, 4, 6, 2, 4, 2, 4, 3, 3, 2, 3, 3, 3, 2, 2, 1, 3, 3, 4]
R3 = [2, 1, 4, 4, 3, 2, 1, 6, 1, 1, 1, 2, 3, 3, 1, 1, 3, 3, 2, 2]


def anchor(low, high, neutral, scale="linear"):
    return Anchor(low=low, high=high, neutral=neutral, scale=scale)


def test_a_value_is_0_at_low_1_at_high_and_straight_between():
    found = value_of(np.array([-9.0, -0.1, 0.05, 0.2, 9.0]), anchor(-0.1, 0.2, 0))
    assert found == pytest.approx([0, 0, 0.5, 1, 1])


def test_a_logarithmic_value_gains_the_same_with_each_doubling():
    found = value_of(np.array([-5.0, 0.0, 1, 2, 4, 8, 16, 99]), anchor(1, 16, 4, "log"))
    assert found == pytest.approx([0, 0, 0, 0.25, 0.5, 0.75, 1, 1])


def test_a_missing_figure_has_no_value():
    assert np.isnan(value_of(np.array([np.nan]), anchor(1, 16, 4, "log"))).all()
    assert np.isnan(value_of(np.array([np.nan]), anchor(0, 1, 0.5))).all()


def test_kendalls_w_as_published():
    """R package irr, data set `anxiety`: W .5019, with the correction for ties .5397, χ²(19) 30.76."""
    ratings = np.column_stack([R1, R2, R3]).astype(float)
    assert kendalls_w(ratings, correct=False)[0] == pytest.approx(0.5019, abs=5e-5)
    w, chi2 = kendalls_w(ratings)
    assert (w, chi2) == (pytest.approx(0.5397, abs=5e-5), pytest.approx(30.76, abs=5e-3))


def test_kendalls_w_is_1_in_agreement_and_unknown_where_all_is_tied():
    assert kendalls_w(np.column_stack([[1, 2, 3], [2, 5, 9.0]]))[0] == 1
    assert kendalls_w(np.column_stack([[1, 2, 3], [3, 2, 1.0]]))[0] == 0
    assert np.isnan(kendalls_w(np.ones((4, 3)))[0])


def score_again(plan):
    """Σ w·neutral + strength − weakness + opportunity − threat + w_J·(½ + J/2), by hand."""
    weights = dict(zip(plan.ranking.weights["criterion"], plan.ranking.weights["weight"], strict=True))
    neutral = {row["criterion"]: row["neutral"] for _, row in plan.swot.indicators.iterrows()}
    base = sum(weights[name] * neutral[name] for name in neutral)
    voice = weights.get("judgement", 0.0)
    return {row["segment"]: base + row["strength"] - row["weakness"] + row["opportunity"] - row["threat"]
            + (voice * (0.5 + row["judgement"] / 2) if voice else 0) for _, row in plan.swot.balances.iterrows()}  # fmt: skip


def test_the_balances_are_subtotals_of_the_score(sample_plan, tiny_book, change):
    score = dict(zip(sample_plan.ranking.order["segment"], sample_plan.ranking.order["score"], strict=True))
    assert score_again(sample_plan) == pytest.approx(score, abs=2e-9)
    change("customers", lambda row: None if row["segment"] == "NA" else row)  # a missing figure takes the neutral point
    plan = plan_of(tiny_book)
    score = dict(zip(plan.ranking.order["segment"], plan.ranking.order["score"], strict=True))
    assert score_again(plan) == pytest.approx(score, abs=2e-9)


def test_points_above_neutral_are_strength_inside_and_opportunity_outside(sample_plan):
    for _, row in sample_plan.swot.indicators.iterrows():
        above = row["value"] > row["neutral"]
        inside = ("strength" if above else "weakness") if row["criterion"] in INTERNAL else None
        outside = ("opportunity" if above else "threat") if row["criterion"] in EXTERNAL else None
        assert row["quadrant"] in (inside, outside) or row["value"] == row["neutral"]
        assert row["points"] == pytest.approx(row["weight"] * (row["value"] - row["neutral"]))


def test_judgement_is_impact_times_likelihood_averaged_over_raters(tiny_book):
    (tiny_book / "statements.csv").write_text(
        "segment,quadrant,statement,impact,likelihood,rater,evidence\n"
        "NA,S,Fast,5,1,Ana,\nNA,S,Fast,3,0.5,Ben,\nNA,T,Rival,5,0.4,Ana,\n", encoding="utf-8")  # fmt: skip
    balances = plan_of(tiny_book).swot.balances.set_index("segment")
    strength, threat = (1.0 + 0.3) / 2, 0.4
    assert balances.loc["NA", "judgement"] == pytest.approx((strength - threat) / (strength + threat + 1.0))
    assert balances.loc["public", "judgement"] == 0


CELLS = {
    (1.0, 20.0, 100.0): "strength",
    (0.5, 10.0, 100.0): "strength",
    (0.5, 9.99, 100.0): "opportunity",
    (0.75, 0.0, 100.0): "opportunity",
    (1.0, 1.0, np.nan): "strength",
    (0.25, 20.0, 100.0): "revenue at risk",
    (0.0, 0.01, 0.0): "revenue at risk",
    (0.25, 1.0, 100.0): "leave",
    (0.0, 0.0, 0.0): "leave",
    (np.nan, 5.0, np.nan): "not judged",
    (1.0, np.nan, 100.0): "not judged",
}


def test_every_kind_of_cell(sample_plan):
    columns = ["relevance", "revenue_y", "addressable_y"]
    cells = pd.DataFrame(list(CELLS), columns=columns).assign(product="p", segment="s", runway_y=0.0, coverage=0.0)
    scenario = sample_plan.scenario.with_values(anchors={"share": {"low": 0.0, "high": 0.5, "neutral": 0.1}})
    found = classify_cells(dataclasses.replace(sample_plan.facts, cells=cells), scenario)["kind"]
    assert list(found) == list(CELLS.values())


def test_a_criterion_without_its_table_drops_out_and_the_weights_are_scaled_up(tiny_book):
    (tiny_book / "deals.csv").unlink()
    plan = plan_of(tiny_book)
    raw = {name: getattr(plan.scenario.weights, name) for name in CRITERIA if name not in ("win_rate", "share_trend")}
    weights = plan.ranking.weights.set_index("criterion")["weight"].to_dict()
    assert weights == pytest.approx({name: raw[name] / sum(raw.values()) for name in raw})
    assert "Criterion win_rate drops out: the book has no deals table; the other weights are scaled up." in plan.missing


def test_a_figure_that_every_segment_lacks_stands_at_neutral_and_is_said(tiny_book, change):
    change("market", lambda row: {**row, "addressable_rate": ""})
    plan = plan_of(tiny_book)
    values = plan.ranking.values
    anchor = plan.scenario.anchors.share
    assert values["share"].unique() == pytest.approx([value_of(np.array([anchor.neutral]), anchor)[0]])
    assert any(said.startswith("Criterion share says nothing: no segment has the figure") for said in plan.missing)


def test_the_statements_on_which_raters_differ_most_come_first(tiny_book):
    (tiny_book / "statements.csv").write_text(
        "segment,quadrant,statement,impact,likelihood,rater,evidence\n"
        "NA,S,Fast,5,1,Ana,\nNA,S,Fast,5,0.5,Ben,\nNA,T,Rival,5,0.4,Ana,\nNA,T,Rival,5,0.3,Ben,\n"
        "health,O,Law,3,1,Ana,\nhealth,O,Law,3,1,Ben,\npublic,W,Alone,5,1,Ana,\n", encoding="utf-8")  # fmt: skip
    disputed = plan_of(tiny_book).swot.disputed
    assert list(disputed["statement"]) == ["Fast", "Rival"]
    assert list(disputed["spread"]) == pytest.approx([0.5, 0.1])
    assert list(disputed.iloc[0][["points_low", "points", "points_high"]]) == pytest.approx([0.5, 0.75, 1.0])


def test_the_runway_of_the_strong_is_that_of_the_cells_that_are_strengths(sample_plan):
    cells = sample_plan.swot.cells
    strong = cells[cells["kind"] == "strength"].groupby("segment")["runway_y"].sum()
    found = sample_plan.swot.balances.set_index("segment")["runway_strong_y"].dropna()
    assert found.to_dict() == pytest.approx(strong.to_dict()) and len(found) > 2


def test_a_healthy_segment_in_a_weak_market_is_told_so(sample_plan):
    balances = sample_plan.swot.balances
    healthy = balances[balances["diagnosis"] == "healthy"]
    weak = healthy["remedy"].str.contains("it is the market that is weak")
    assert (weak == (healthy["external"] < 0)).all() and weak.any() and not weak.all()


def test_the_diagnosis_names_the_figures_that_decided_it(sample_plan):
    rows = sample_plan.swot.balances.set_index("segment")["decided_by"]
    assert rows["energy"] == "relevance 1.00 ≥ 0.50; coverage 43.3 % < 55.0 %"
    assert rows["public_sector"].endswith("share 4.1 % < 8.0 %; win rate 18.9 % < 28.0 %")
