"""Whatever order rows and columns come in, the money is the same to the cent and the same asks are funded."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from workbench.model.allocation.allocation import allocate
from workbench.model.allocation.problem import problem_of
from workbench.model.allocation.solver.piecewise import maximise, whole_cents
from workbench.model.asks.triage import triage_asks
from workbench.sources.tables.folder import load_scenario

KEY = ["product", "lever", "segment"]


def shuffled(table, random):
    rows, columns = random.permutation(len(table)), random.permutation(len(table.columns))
    return table.iloc[rows, columns].reset_index(drop=True)


def of_facts(facts, random):
    return dataclasses.replace(facts, segments=shuffled(facts.segments, random), cells=shuffled(facts.cells, random))


def of_book(book, random):
    """The book with its tables in another order: past the loader, which would sort them by key again."""
    return type(book)(book.settings, {name: shuffled(table, random) for name, table in book.tables().items()})


@pytest.fixture(scope="module", params=["base", "growth", "defend"])
def case(request, sample_book, sample_plan):
    scenario = load_scenario(request.param, "sample")
    allocation = allocate(sample_plan.ranking, sample_plan.facts, sample_book, scenario)
    asks = triage_asks(sample_plan.ranking, allocation, sample_book, scenario, only=())
    return scenario, allocation, asks


def funded(triage):
    return set(triage.asks.loc[triage.asks["decision"] == "funded", "ask"])


def test_fifty_orders_of_rows_and_columns_give_the_same_cents_and_the_same_asks(case, sample_book, sample_plan):
    scenario, allocation, asks = case
    wanted = allocation.spend.set_index(KEY)["plan_y"]
    for seed in range(50):
        random = np.random.default_rng(seed)
        facts, book = of_facts(sample_plan.facts, random), of_book(sample_book, random)
        problem = problem_of(sample_plan.ranking, facts, book, scenario)
        rules = problem.rules
        spend = whole_cents(maximise(problem.curves, problem.weight, rules).spend, rules)
        found = problem.lines[KEY].assign(plan_y=spend).set_index(KEY)["plan_y"]
        assert (np.round(found.reindex(wanted.index) * 100) == np.round(wanted * 100)).all()
        if seed % 5 == 0:
            again = triage_asks(sample_plan.ranking, allocation, book, scenario, only=())
            assert funded(again) == funded(asks)


def test_a_whole_allocation_is_the_same_in_another_order(case, sample_book, sample_plan):
    scenario, allocation, _ = case
    random = np.random.default_rng(7)
    facts, book = of_facts(sample_plan.facts, random), of_book(sample_book, random)
    again = allocate(sample_plan.ranking, facts, book, scenario)
    assert again.answer == allocation.answer
    for name in ("spend", "segments", "growth_lines", "alternatives", "frontier", "prices", "kinds"):
        one, other = getattr(allocation, name), getattr(again, name)
        pd.testing.assert_frame_equal(one, other, check_exact=False, rtol=1e-9, atol=0.01)
