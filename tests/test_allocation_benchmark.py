"""`benchmarks/allocation.py` says what it promises; how long it takes is no test's concern."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks import allocation as benchmark

KEYS = {"small_s", "large_s", "large_gap", "vs_plain", "plain_gap", "plain_cut", "frontier_ratio", "curve"}


@pytest.fixture
def small_cases(monkeypatch):
    for name in ("SMALL", "BESIDE", "LARGE"):
        monkeypatch.setattr(benchmark, name, (4, 3, 2))
    monkeypatch.setattr(benchmark, "CURVE", ((4, 3, 2),))
    monkeypatch.setattr(benchmark, "BUDGETS", np.linspace(0.7, 1.3, 3))


def test_the_figures_are_one_object_on_standard_output(small_cases, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["allocation", "--json", "-"])
    benchmark.main()
    found = json.loads(capsys.readouterr().out)
    assert set(found) >= KEYS and list(found["curve"]) == ["4x3x3"]
    assert found["large_gap"] <= benchmark.GAP and found["plain_cut"] == 0
    assert found["plain_reached"] <= found["ours_reached"] * (1 + found["ours_gap"]) + 1


def test_its_problems_come_from_a_seed_and_product_limits_bind():
    one, two = benchmark.problem(20, 10), benchmark.problem(20, 10)
    assert all(
        (first == second).all() for first, second in zip(vars(one[0]).values(), vars(two[0]).values(), strict=True)
    )
    curves, weight, rules, member = one
    assert 0.2 < (curves.current == 0).mean() < 0.4
    found = benchmark.choose(curves, weight, rules, member, 4)
    assert (rules.matrix @ found.spend >= rules.most - 1)[1:].any()
