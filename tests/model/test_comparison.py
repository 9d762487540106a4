"""Plans side by side show every difference, and no other."""

from __future__ import annotations

import pytest

from workbench import load_book, load_scenario, plan_quarter
from workbench.cli import main
from workbench.model.comparison import assumptions, compare_plans
from workbench.view.comparison import comparison_blocks


@pytest.fixture(scope="module")
def plans(planned):
    return {name: planned(name) for name in ("base", "growth")}


def test_a_plan_beside_itself_differs_in_nothing(plans):
    found = compare_plans({"one": plans["base"], "other": plans["base"]})
    assert found.assumptions.empty and found.asks.empty
    said = [block.text() for block in comparison_blocks(found, "EUR")]
    assert any("None: the scenarios assume the same." in text for text in said)


def test_every_assumption_that_differs_is_named_with_its_values(plans):
    found = compare_plans(plans).assumptions.set_index("assumption")
    assert tuple(found.loc["weights.growth"]) == ("14.0 %", "26.0 %")
    assert tuple(found.loc["budget.total_y"]) == ("–", "30,000,000")
    assert tuple(found.loc["before"]) == ("–", "base")
    for key in found.index:
        assert len(set(found.loc[key])) == 2
    same = set(assumptions(plans["base"].scenario)) - set(found.index)
    one, other = (assumptions(plan.scenario) for plan in plans.values())
    assert same and all(one[key] == other[key] for key in same)


def test_order_money_and_asks_are_those_of_the_plans(plans):
    found = compare_plans(plans)
    for name, plan in plans.items():
        order = plan.ranking.order.set_index("segment")
        for _, row in found.order.iterrows():
            assert row[f"rank {name}"] == order.at[row["segment"], "rank"]
            assert row[f"chosen {name}"] == order.at[row["segment"], "chosen"]
        figures = found.figures.set_index("plan").loc[name]
        assert figures["spend_y"] == plan.allocation.spend["plan_y"].sum() and figures["digest"] == plan.digest
        assert figures["funded"] == (plan.asks.asks["decision"] == "funded").sum()
    decisions = {name: plan.asks.asks.set_index("ask")["decision"] for name, plan in plans.items()}
    differ = {ask for ask in decisions["base"].index if decisions["base"][ask] != decisions["growth"][ask]}
    assert set(found.asks["ask"]) == differ


def test_a_book_without_money_and_asks_is_compared_all_the_same(tiny_book):
    for table in ("spend", "asks", "impacts", "efforts", "capacity"):
        (tiny_book / f"{table}.csv").unlink()
    plan = plan_quarter(load_book(tiny_book), load_scenario("base", tiny_book), "2026Q3")
    found = compare_plans({"one": plan, "other": plan})
    assert found.figures["spend_y"].isna().all() and (found.figures["asks"] == 0).all()
    assert all(block.lines() for block in comparison_blocks(found, "EUR"))


def test_the_command_prints_them_and_needs_two(capsys):
    assert main(["compare", "sample", "--scenario", "base", "--scenario", "growth"]) == 0
    out = capsys.readouterr().out
    for text in ("Side by side", "Assumptions that differ", "weights.growth", "26.0 %", "Asks decided otherwise"):
        assert text in out, text
    assert main(["compare", "sample", "--scenario", "base"]) == 2
    assert "two are needed" in capsys.readouterr().err
