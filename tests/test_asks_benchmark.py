"""`benchmarks/asks.py` prints what it says."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks import asks as benchmark


def run(monkeypatch, *arguments):
    monkeypatch.setattr(benchmark, "SMALL_RUNS", 2)
    monkeypatch.setattr("sys.argv", ["asks", *arguments])
    benchmark.main()


def test_the_figures_are_one_object_on_standard_output(monkeypatch, capsys):
    run(monkeypatch, "--sizes", "12", "70", "--json", "-")
    found = json.loads(capsys.readouterr().out)
    for count, gap in ((12, 0.0), (70, benchmark.GAP)):
        assert 0 <= found[f"asks_{count}_gap"] <= gap
        assert -1e-9 <= found[f"asks_{count}_greedy_lost"] + 2 * gap < 1 and found[f"asks_{count}_plain_s"] > 0
        assert abs(found[f"asks_{count}_plain_lost"]) <= gap + 1e-5
    assert found["asks_s"] == found["asks_70_s"] > 0 and found["asks_gap"] == found["asks_70_gap"]
    assert {"small_ms", "small_plain_ms", "small_greedy_lost", "small_greedy_lost_most"} <= found.keys()


def test_the_table_names_every_figure(monkeypatch, capsys):
    run(monkeypatch, "--sizes", "12")
    out = capsys.readouterr().out
    assert all(name in out for name in ("asks_s", "asks_gap", "asks_greedy_lost", "asks_plain_s", "small_ms"))


def test_the_invented_backlog_is_what_it_says():
    value, effort, capacity, rules = benchmark.invented(500, 10, 1)
    assert capacity == pytest.approx(effort.sum(axis=0) / 4, abs=0.5) and (effort.sum(axis=1) > 0).all()
    assert np.corrcoef(value, effort.sum(axis=1))[0, 1] > 0.5
    themes = {tuple(pair) for pair in rules["requires"]} & {tuple(pair[::-1]) for pair in rules["requires"]}
    assert len(rules["excludes"]) == 15 and len({one for one, _ in rules["requires"][:50]}) == 50 and len(themes) >= 50


def test_greedy_takes_an_ask_with_all_it_needs_or_leaves_it():
    """Best by value per effort is the third, which excludes the first; the second needs what no longer fits."""
    value, effort = np.array([9.0, 8, 5, 1]), np.array([[3.0], [3], [1], [4]])
    rules = {"requires": [(1, 3)], "excludes": [(0, 2)]}
    assert benchmark.greedy((value, effort, np.array([6.0]), rules)) == 6
