"""The 80/20 rule: specific work goes first where a team is full, and what that costs is shown."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from tests.model.raw import plan_of
from workbench.model.asks.backlog import Backlog
from workbench.model.asks.preference import _groups, choose, swaps, weights


def backlog(value, effort, capacity, specific, *, requires=(), excludes=(), preference=0.2):
    value = np.array(value, dtype=float)
    teams = [f"t{place}" for place in range(len(capacity))]
    return Backlog(value, np.array(effort, float), np.array(capacity, float), teams, list(requires), list(excludes),
                   value > 0, np.array(specific, dtype=bool), preference)  # fmt: skip


def best_by_trying(problem, weight):
    """The largest weighted value over all sets that keep every rule."""
    best = 0.0
    for picked in product([False, True], repeat=len(problem.value)):
        chosen = np.array(picked)
        if (problem.effort[chosen].sum(axis=0) > problem.capacity).any():
            continue
        if any(chosen[one] and not chosen[other] for one, other in problem.requires):
            continue
        if any(chosen[one] and chosen[other] for one, other in problem.excludes):
            continue
        best = max(best, float((weight * problem.value)[chosen].sum()))
    return best


def random_problem(random, room):
    count, teams = int(random.integers(3, 8)), int(random.integers(1, 4))
    effort = random.choice([0, 5, 10, 20], (count, teams))
    pairs = [(int(one), int(other)) for one, other in random.integers(0, count, (2, 2)) if one != other]
    return backlog(random.integers(1, 30, count), effort, np.floor(effort.sum(axis=0) * room), random.random(count) < 0.5,
                   requires=pairs[:1], excludes=pairs[1:], preference=float(random.choice([0.2, 0.5])))  # fmt: skip


def test_specific_work_within_the_preference_goes_first_and_the_swap_shows_its_cost():
    problem = backlog([100, 85], [[20], [20]], [30], [False, True])
    table = swaps(problem, problem.best(), choose(problem), ["Base", "Specific"])
    assert choose(problem).tolist() == [False, True]
    assert table.iloc[0].to_dict() == {"enters": "Specific", "leaves": "Base", "forgone_y": 15, "bottleneck": "t0",
                                       "days_needed": 20, "days_freed": 20}  # fmt: skip


@pytest.mark.parametrize(("value", "wins"), [(79, False), (81, True)])
def test_the_preference_ends_where_it_is_declared_to_end(value, wins):
    problem = backlog([100, value], [[20], [20]], [30], [False, True])
    assert bool(choose(problem)[1]) == wins


def test_the_weighted_set_is_the_best_of_all_sets_and_its_cost_is_never_negative():
    random = np.random.default_rng(1)
    for _ in range(60):
        problem = random_problem(random, random.choice([0.3, 0.5, 0.7]))
        weight, pure = weights(problem), problem.best()
        chosen = choose(problem)
        assert float((weight * problem.value)[chosen].sum()) == pytest.approx(best_by_trying(problem, weight))
        assert pure.value == pytest.approx(best_by_trying(problem, np.ones(len(weight))))
        table = swaps(problem, pure, chosen, [str(place) for place in range(len(weight))])
        assert (table["forgone_y"] >= 0).all()
        assert table["forgone_y"].sum() == pytest.approx(pure.value - problem.value[chosen].sum())


def test_where_all_teams_have_room_the_rule_changes_nothing():
    """Also among asks that rule one another out, of which the base ask is worth a little more."""
    random = np.random.default_rng(2)
    for _ in range(30):
        problem = random_problem(random, 1.0)
        assert (weights(problem) == 1).all() and (choose(problem) == problem.best().chosen).all()
    problem = backlog([100, 90], [[20], [20]], [30], [False, True], excludes=[(0, 1)])
    assert choose(problem).tolist() == [True, False]


def test_a_team_with_room_keeps_its_base_work_while_another_is_full():
    value, specific = [100, 90, 100, 90], [False, True, False, True]
    problem = backlog(value, [[20, 0], [20, 0], [0, 20], [0, 20]], [30, 30], specific, excludes=[(2, 3)])
    assert choose(problem).tolist() == [False, True, True, False]


def test_the_answer_names_the_swap_and_its_cost(tiny_book, scene):
    """Two asks of 20 days for a team of 30; the specific one is worth 10 % less."""
    text = "ask,title,product,requester,kind,need,theme,requires,excludes\n"
    (tiny_book / "asks.csv").write_text(text + "A,Access,007,,base,,,,\nB,Badge,007,,specific,,,,\n", "utf-8")
    (tiny_book / "impacts.csv").write_text(
        "ask,segment,revenue_y,confidence\nA,NA,50000,0.5\nB,NA,45000,0.5\n", "utf-8"
    )
    (tiny_book / "efforts.csv").write_text("ask,team,effort\nA,core,20\nB,core,20\n", "utf-8")
    (tiny_book / "capacity.csv").write_text("team,quarter,capacity\ncore,2026Q4,30\n", "utf-8")
    asks = plan_of(tiny_book).asks
    assert "specific work goes first: Badge for Access, at a cost of 2 k a year." in asks.answer
    parked = asks.asks.set_index("ask").loc["A"]
    assert parked["reason"] == (
        "core has 10 of 30 person-days left and it needs 20: displaced by Badge; "
        "specific work goes first, which costs 2 k a year"
    )
    assert parked["forgone_y"] == pytest.approx(-1750)
    scene("specific_preference = 0")
    pure = plan_of(tiny_book).asks
    assert pure.swaps.empty and list(pure.asks["ask"]) == ["A", "B"] and "specific work" not in pure.answer


@pytest.mark.parametrize("link", [{"requires": [(2, 1)]}, {"excludes": [(1, 2)]}])
def test_swaps_that_a_prerequisite_or_an_exclusion_links_are_one(link):
    value, effort = [100, 85, 40, 30], [[20, 0], [20, 0], [0, 20], [0, 20]]
    apart = backlog(value, effort, [30, 30], [False, True, False, True])
    assert _groups(apart, [0, 1, 2, 3]) == [[0, 1], [2, 3]]
    assert _groups(backlog(value, effort, [30, 30], [False, True, False, True], **link), [0, 1, 2, 3]) == [[0, 1, 2, 3]]


def test_swaps_of_equal_cost_stand_by_what_enters():
    problem = backlog([100, 85, 100, 85], [[20, 0], [20, 0], [0, 20], [0, 20]], [30, 30], [False, True, False, True])
    table = swaps(problem, problem.best(), choose(problem), ["Base", "Zeta", "Other base", "Alpha"])
    assert table["forgone_y"].tolist() == [15, 15] and table["enters"].tolist() == ["Alpha", "Zeta"]


def test_the_dearest_swap_stands_first():
    problem = backlog([100, 85, 100, 90], [[20, 0], [20, 0], [0, 20], [0, 20]], [30, 30], [False, True, False, True])
    table = swaps(problem, problem.best(), choose(problem), ["Base", "Alpha", "Other base", "Beta"])
    assert table["forgone_y"].tolist() == [15, 10]
