"""The plan beside its alternatives, on 300 invented companies: nothing under the same rules beats it, and it says who wins."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from tests.model.invented import company
from tests.stages import later
from workbench.errors import InfeasibleError
from workbench.model.allocation.allocation import allocate
from workbench.model.allocation.alternatives import _if_kept, _nearest, alternatives_to
from workbench.model.allocation.decision_words import beside_silos
from workbench.model.allocation.problem import problem_of
from workbench.model.allocation.solver import Rules
from workbench.model.allocation.solver.piecewise import maximise, whole_cents

BLOCK, BLOCKS, LEAST = 30, 12, 300  # companies a block; some leave no room for a plan, 300 must
WITHOUT_PRIORITY = ("Free choice of segments", "Product silos", "In proportion to revenue", "Equal split", "Today")


def plan_of(one, **values):
    return allocate(one.ranking, one.facts, one.book, one.scenario.with_values(**values) if values else one.scenario)


def gain_by_hand(lines, one):
    """Gross profit against today of each line, from the formula of the response and the raw tables."""
    margin = dict(
        one.book.table("products")[["product", "gross_margin"]].astype({"gross_margin": float}).itertuples(False)
    )
    figures = ["half_saturation_y", "erosion", "shape"]
    declared = one.book.table("spend").astype(dict.fromkeys(figures, float)).set_index(["product", "lever", "segment"])
    revenue = one.facts.cells.set_index(["product", "segment"])["revenue_y"]
    settings, total = one.book.settings, 0.0
    for row in lines.itertuples():
        key = (row.product, row.lever, row.segment)
        erosion, half, shape = (declared[name].get(key, np.nan) for name in ("erosion", "half_saturation_y", "shape"))
        erosion = getattr(settings.erosion, row.lever) if np.isnan(erosion) else erosion
        half = settings.half_saturation_y if np.isnan(half) else half
        shape = 1.0 if np.isnan(shape) else shape
        won = margin[row.product] * row.potential_y
        lost = erosion * margin[row.product] * revenue[row.product, row.segment] if row.current_y > 0 else 0.0
        if won == 0:
            total -= lost * max(1 - row.plan_y / row.current_y, 0) if row.current_y > 0 else 0.0
            continue
        if lost > 0:
            half = row.current_y * (won / lost) ** (1 / shape)
        part = row.plan_y**shape / (row.plan_y**shape + half**shape)
        now = row.current_y**shape / (row.current_y**shape + half**shape)
        total += -lost + (won + lost) * part if lost > 0 else won * (part - now)
    return total


@pytest.mark.parametrize("block", later(range(BLOCKS)))
def test_nothing_that_keeps_the_same_rules_beats_the_plan_and_currency_knows_no_priority(block):
    planned = 0
    for seed in range(block * BLOCK, (block + 1) * BLOCK):
        one = company(seed)
        problem = problem_of(one.ranking, one.facts, one.book, one.scenario)
        try:
            best = maximise(problem.curves, problem.weight, problem.rules)
        except InfeasibleError:
            continue
        planned += 1
        spend = whole_cents(best.spend, problem.rules)
        alternatives = alternatives_to(problem, spend)
        table, said = alternatives.set_index(["alternative", "rules"]), beside_silos(alternatives)
        plan = table.loc[("Plan", "same")]
        same = table.xs("same", level="rules").dropna()
        assert best.error <= 1e-5 * float(np.abs(problem.curves.ceiling - problem.curves.floor).sum()) + 1, seed
        assert (same["objective"] <= plan["objective"] + best.error + 1.0).all(), seed  # 1.0: amounts in cents
        assert plan["gain_y"] == pytest.approx(gain_by_hand(problem.lines.assign(plan_y=spend), one), abs=0.5), seed
        wins = table.loc[("Product silos", "relaxed"), "gain_y"] - plan["gain_y"]
        assert (wins > 0) == ("Free of minima and limits silos would earn" in said), seed
        own = table.loc[("Product silos", "own segments"), "gain_y"] - plan["gain_y"]
        assert (own > 0) == ("In segments of their own choice silos" in said), seed
    assert planned >= LEAST / BLOCKS


@pytest.mark.parametrize("seed", [0, 1, 3, 4, 5, 6])
def test_what_a_tilt_of_priorities_leaves_alone(seed):
    """Alternatives that ignore priorities earn the same whatever the tilt, and free choice earns at least as much as
    the plan where priorities do not count.
    """
    one, tables, error = company(seed), [], 0.0
    for tilt in (1.0, 0.0):
        problem = problem_of(one.ranking, one.facts, one.book, one.scenario.with_values(tilt=tilt))
        best = maximise(problem.curves, problem.weight, problem.rules)
        tables.insert(0, alternatives_to(problem, best.spend).set_index(["alternative", "rules"])["gain_y"])
        error = best.error
    for name in WITHOUT_PRIORITY:
        assert tables[0][name].to_numpy() == pytest.approx(tables[1][name].to_numpy(), rel=1e-9, abs=0.01, nan_ok=True)
    assert tables[0]["Free choice of segments", "own segments"] >= tables[0]["Plan", "same"] - error - 1
    assert tables[0]["Free choice of segments", "relaxed"] >= tables[0]["Product silos", "relaxed"] - 1


def test_where_no_line_may_move_relaxed_silos_win_and_the_answer_says_so():
    one = company(3)
    today = round(float(one.book.table("spend")["current_y"].astype(float).sum()), 2)
    bare = {"total_y": today, "change_limit": 0.0, "segments": {}, "products": {}}
    allocation = plan_of(one, budget=bare)
    table = allocation.alternatives.set_index(["alternative", "rules"])["gain_y"]
    assert table["Plan", "same"] == pytest.approx(0, abs=1)
    assert table["Product silos", "relaxed"] > 0
    assert "Free of minima and limits silos would earn" in allocation.answer


def test_the_silo_difference_stands_in_the_first_sentence_of_the_sample(sample_plan):
    table = sample_plan.allocation.alternatives.set_index(["alternative", "rules"])["gain_y"]
    difference = table["Plan", "same"] - table["Product silos", "same"]
    assert f"{difference / 1e6:.1f} m more than product silos would earn under the same rules" in sample_plan.answer


def test_the_nearest_spend_that_keeps_the_rules_is_the_one_that_moves_least_money():
    rules = Rules(
        np.zeros(3), np.array([4e6, 9e6, 9e6]), csr_array(np.ones((1, 3))), np.array([-np.inf]), np.array([9e6])
    )
    target = np.array([6e6, 2e6, 1e6])
    found = _nearest(target, rules)
    assert found[0] == pytest.approx(4e6, abs=1) and found.sum() == pytest.approx(9e6, abs=2)
    assert (found[1:] >= target[1:] - 1).all()
    steps = np.arange(0, 9.01e6, 5e5)
    least = min(np.abs(np.array([a, b, 9e6 - a - b]) - target).sum() for a in steps for b in steps
                if a <= 4e6 and 9e6 - a - b >= 0)  # fmt: skip
    assert np.abs(found - target).sum() == pytest.approx(least, abs=4)


@pytest.mark.parametrize(("spend", "kept"), [([4e6, 5e6, 0.0], True), ([4e6 + 0.02, 5e6, 0.0], False),
                                             ([4e6, 5e6 + 0.1, 0.0], False)])  # fmt: skip
def test_a_spend_counts_as_keeping_the_rules_to_half_a_cent_a_line(spend, kept):
    rules = Rules(
        np.zeros(3), np.array([4e6, 9e6, 9e6]), csr_array(np.ones((1, 3))), np.array([-np.inf]), np.array([9e6])
    )
    assert (_if_kept(np.array(spend), rules) is not None) == kept
