"""What the pictures of the money say is what the plan holds."""

from __future__ import annotations

import pytest

from workbench.model.results import millions
from workbench.view import money, money_tables


@pytest.fixture(scope="module")
def plan(sample_plan):
    return sample_plan


@pytest.fixture(scope="module")
def gains(plan):
    return plan.allocation.alternatives.set_index(["alternative", "rules"])["gain_y"]


def title(chart):
    return chart.to_dict()["title"]["text"]


def test_the_alternatives_are_titled_with_the_difference_to_silos_under_the_same_rules(plan, gains):
    difference = gains["Plan", "same"] - gains["Product silos", "same"]
    words = f"Under the same rules product silos would earn {millions(difference)} less"
    assert title(money.same_rules_chart(plan.allocation, "EUR")) == words
    assert title(money.alternatives_chart(plan.allocation, "EUR")) == words


def test_every_alternative_that_keeps_its_rules_has_its_bar(plan):
    chart = money.alternatives_chart(plan.allocation, "EUR").to_dict()
    shown = [row for rows in chart["datasets"].values() for row in rows if "alternative" in row]
    bars = {(row["alternative"], round(row["gain"], 6)) for row in shown}
    known = plan.allocation.alternatives.dropna(subset=["gain_y"])
    assert bars == {(row.alternative, round(row.gain_y / 1e6, 6)) for row in known.itertuples()}


def test_the_frontier_is_titled_with_a_tenth_more_and_a_tenth_less(plan):
    frontier = plan.allocation.frontier.set_index("budget_part")["gain_y"]
    more, less = frontier[1.1] - frontier[1.0], frontier[1.0] - frontier[0.9]
    words = f"A tenth more budget would earn {millions(more)} more, a tenth less {millions(less)} less"
    assert title(money.frontier_chart(plan.allocation, "EUR")) == words


def test_each_tile_tells_todays_spend_and_the_plans(plan):
    chart = money.spend_matrix(plan.allocation, plan.ranking, {"plan": "Aurora Plan"}, "EUR").to_dict()
    tiles = next(rows for rows in chart["datasets"].values() if "product_name" in rows[0])
    assert len(tiles) == len(plan.allocation.cells)
    row = plan.allocation.cells.query("product == 'plan' and segment == 'healthcare'").iloc[0]
    label = f"{row['current_y'] / 1e6:.2f} → {row['plan_y'] / 1e6:.2f}"
    assert label in {tile["label"] for tile in tiles}


def test_prices_are_told_in_words_the_dearest_first_and_none_below_a_thousand(plan):
    table = money_tables.prices_table(plan.allocation, "EUR").content
    words = [row["cells"][0] for row in table["rows"]]
    dear = plan.allocation.prices[plan.allocation.prices["price_y"] >= 1000]
    assert words == list(dear["words"].head(10)) and "change limit of 50 %, upwards" in words


def test_base_and_specific_parts_add_up_to_all_of_it(plan):
    table = money_tables.kinds_table(plan).content
    assert sum(int(row["cells"][4]) for row in table["rows"]) == pytest.approx(100, abs=1)
