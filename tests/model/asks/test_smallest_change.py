"""The change that a decision names turns it when the book itself is changed so, and 99 % of that change does not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from tests.stages import later
from workbench.book.book import Book
from workbench.model.asks import backlog
from workbench.model.asks.claims import Claims
from workbench.model.asks.smallest_change import Decided
from workbench.model.asks.triage import triage_asks
from workbench.model.plan import Plan
from workbench.model.quarter import plan_quarter
from workbench.scenario import Scenario
from workbench.sources.tables.folder import load_scenario, scenario_names

BOOKS = 100
CLAIMS = ["revenue_y", "retention_points", "adopters"]
PART = 0.99
FINE = 1e-8  # changes smaller than this are claims that stand on the threshold itself


@dataclass(frozen=True)
class Case:
    """A book of asks with the ranking and allocation that its triage starts from."""

    book: Book
    plan: Plan
    scenario: Scenario

    def triage(self, book=None, only=()):
        return triage_asks(self.plan.ranking, self.plan.allocation, book or self.book, self.scenario, only=only)

    def funded(self, ask, *, impact=1.0, effort=1.0):
        """Whether an ask is funded once the book says other claims or another effort."""
        changed = altered(self.book, ask, impact, effort)
        asks = self.triage(changed).asks
        return bool((asks.loc[asks["ask"] == ask, "decision"] == "funded").item())


def altered(book, ask, impact, effort):
    """The book with all claims of an ask, or its efforts in all teams, times a factor."""
    tables = book.tables()
    claims, own = tables["impacts"].astype(dict.fromkeys(CLAIMS, "float64")), tables["impacts"]["ask"] == ask
    claims.loc[own, CLAIMS] *= impact
    claims["retention_points"] = claims["retention_points"].clip(upper=100)
    efforts = tables["efforts"].copy()
    efforts.loc[efforts["ask"] == ask, "effort"] *= effort
    return Book(book.settings, {**tables, "impacts": claims, "efforts": efforts})


def random_book(book, ranking, seed):
    """The company with other asks: few levels of claims, whole days and tight teams, so that much is tied."""
    random = np.random.default_rng([seed, 20261115])
    count, teams = int(random.integers(4, 8)), [f"t{place}" for place in range(random.integers(2, 4))]
    keys = [f"a{place}" for place in range(count)]
    products = list(book.names("products"))
    asks, impacts, efforts = [], [], []
    for place, key in enumerate(keys):
        others = [other for other in keys if other != key]
        asks.append({
            "ask": key, "title": f"Ask {place}", "product": random.choice(products), "requester": "Ana",
            "kind": random.choice(["base", "specific", ""]), "need": "",
            "theme": "joint" if random.random() < 0.15 else "",
            "requires": random.choice(others) if random.random() < 0.2 else "",
            "excludes": random.choice(others) if random.random() < 0.15 else "",
        })  # fmt: skip
        order = ranking.order.head(4)  # three of them chosen
        for row in order.iloc[random.choice(4, int(random.choice([0, 1, 1, 2, 2])), replace=False)].itertuples():
            level = float(random.choice([0.005, 0.015, 0.02, 0.03, 0.05, 0.2]))
            impacts.append({
                "ask": key, "segment": row.segment,
                "revenue_y": np.nan if random.random() < 0.2 else round(level * row.revenue_y),
                "retention_points": random.choice([np.nan, 0.0, 0.5, 1.0, 2.0]),
                "adopters": random.choice([np.nan, 1.0, 5.0, 12.0]),
                "confidence": random.choice([0.2, 0.5, 0.8]), "evidence": "",
            })  # fmt: skip
        for team in teams:
            if random.random() < 0.6:
                efforts.append({"ask": key, "team": team, "effort": float(random.choice([5, 10, 10, 20, 35]))})
    efforts = efforts or [{"ask": keys[0], "team": teams[0], "effort": 10.0}]
    room = {team: float(random.choice([0.3, 0.5, 0.7, 2.0])) for team in teams}
    total = pd.DataFrame(efforts).groupby("team")["effort"].sum()
    capacity = [
        {"team": team, "quarter": "2026Q4", "capacity": max(20.0, np.floor(total.get(team, 0.0) * room[team]))}
        for team in teams
    ]
    columns = ["ask", "segment", *CLAIMS, "confidence", "evidence"]
    text = dict.fromkeys(("ask", "segment", "evidence"), "str")
    made = {"asks": pd.DataFrame(asks).astype("str"), "impacts": pd.DataFrame(impacts, columns=columns).astype(text),
            "efforts": pd.DataFrame(efforts), "capacity": pd.DataFrame(capacity)}  # fmt: skip
    return Book(book.settings, {**book.tables(), **made})


def hold(case):
    """How many decisions were checked; each with its change, most of it, and the limits where there is none."""
    checked = 0
    for row in case.triage(only=list(case.book.table("asks")["ask"])).asks.itertuples():
        if row.decision == "funded":
            if np.isfinite(row.drop_factor) and 1 - row.drop_factor > FINE:
                assert not case.funded(row.ask, impact=row.drop_factor), row
                assert case.funded(row.ask, impact=1 - PART * (1 - row.drop_factor)), row
            elif np.isnan(row.drop_factor):
                assert case.funded(row.ask, impact=0.0), row
            checked += 1
            continue
        if np.isfinite(row.impact_factor):
            assert row.impact_factor > 1 and case.funded(row.ask, impact=row.impact_factor), row
            assert row.impact_factor < 1 + FINE or not case.funded(
                row.ask, impact=1 + PART * (row.impact_factor - 1)
            ), row
        elif row.closest > 0:
            assert not case.funded(row.ask, impact=1e9), row
        if np.isfinite(row.effort_factor):
            assert row.effort_factor < 1 and case.funded(row.ask, effort=row.effort_factor), row
            assert not case.funded(row.ask, effort=1 - PART * (1 - row.effort_factor)), row
        elif row.effort > 0:
            assert not case.funded(row.ask, effort=1e-6), row
        alone = np.isnan(row.impact_factor) and np.isnan(row.effort_factor)
        assert row.change_needed.startswith("No single change") == alone, row
        checked += 1
    return checked


@pytest.mark.parametrize("name", later(scenario_names("sample")))
def test_the_change_that_the_sample_names_turns_the_decision_and_most_of_it_does_not(sample_book, name):
    scenario = load_scenario(name, "sample")
    assert hold(Case(sample_book, plan_quarter(sample_book, scenario, "2026Q3"), scenario)) == 40


@pytest.mark.parametrize("part", later(range(10)))
def test_the_change_that_a_random_book_names_turns_the_decision_and_most_of_it_does_not(sample_plan, sample_book, part):
    for seed in range(part, BOOKS, 10):
        book = random_book(sample_book, sample_plan.ranking, seed)
        for_specific = float(np.random.default_rng([seed, 7]).choice([0.0, 0.2, 0.5]))
        case = Case(book, sample_plan, sample_plan.scenario.with_values(specific_preference=for_specific))
        assert not book.has("impacts") or hold(case), seed


def test_forty_equal_asks_are_explained_with_few_solves_each(monkeypatch):
    """Ties alone decide: the first by place go in, and a parked one follows with a little less effort than they have."""
    count, solves = 40, []
    value, none = np.full(count, 1000.0), np.zeros(count, dtype=bool)
    problem = backlog.Backlog(value, np.full((count, 1), 20.0), np.array([270.0]), ["t"], [], [], ~none, none, 0.2)
    claims = Claims(np.array([0.5]), np.array([2000.0]), np.array([np.inf]), np.zeros(1), np.array([1e5]), 0.5)
    chosen, select = problem.best().chosen, backlog.select
    assert np.flatnonzero(chosen).tolist() == list(range(13))
    monkeypatch.setattr(backlog, "select", lambda *args, **rules: solves.append(1) or select(*args, **rules))
    decided = Decided(problem, np.ones(count), chosen, dict.fromkeys(range(count), claims))
    for ask in range(count):
        part = np.nan if chosen[ask] else decided.effort_factor(ask)
        assert chosen[ask] or (0.99 < part < 1 and problem.with_ask(ask, effort=part).best().chosen[ask])
        assert np.isfinite(decided.drop_factor(ask) if chosen[ask] else decided.impact_factor(ask))
    assert len(solves) <= 20 * count
