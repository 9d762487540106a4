"""`benchmarks/growth.py` measures what it says, and the constants of the intervals are those it prints."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks import growth as benchmark
from tests.sources.shared_data import shared
from tests.stages import slow
from workbench.model.growth.intervals import NAIVE, TREND, TYPICAL


def run(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["growth", *arguments])
    return benchmark.main()


@pytest.fixture
def train(monkeypatch):
    """The training parts of M3; the test part is not looked at by any test."""
    monkeypatch.setattr(benchmark, "M3", shared("m3"))
    return benchmark.read("train")


@pytest.fixture
def three_series(tmp_path, monkeypatch):
    """A folder like M3's: 20 known years and six more of three made-up series."""
    values = {name: 100 * rate ** np.arange(26.0) for name, rate in (("A", 1.05), ("B", 0.97), ("C", 1.0))}
    for part, years in (("train", range(20)), ("test", range(20, 26))):
        lines = [f"{name},{1990 + year},{sizes[year]:.6f}" for name, sizes in values.items() for year in years]
        (tmp_path / f"m3_yearly_{part}.csv").write_text("\n".join(["series,t,value", *lines, ""]), encoding="utf-8")
    monkeypatch.setattr(benchmark, "M3", tmp_path)
    return values


def test_without_the_series_it_says_so_in_a_sentence(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(benchmark, "M3", tmp_path / "nowhere")
    assert run(monkeypatch, "--json", "-") == 1
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and err.startswith("The M3 series are not there") and "nowhere" in err


def test_the_figures_are_one_object_on_standard_output(three_series, monkeypatch, capsys):
    assert run(monkeypatch, "--json", "-") == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert found["series"] == 3 and "3 of 3 series forecast" in err
    for one in (found, found["naive"], found["textbook"]):
        assert {"smape", "coverage80", "coverage95", "width80"} <= set(one)
        assert {len(figures) for figures in one["by_horizon"].values()} == {6}
    assert found["ms_per_series"] > 0 and found["damped"]["smape"] >= 0 and found["theta"]["smape"] >= 0
    assert found["naive"]["by_horizon"]["smape"][0] == pytest.approx(
        np.mean([200 * abs(rate - 1) / (rate + 1) for rate in (1.05, 0.97, 1.0)]), abs=1e-3
    )


def test_the_table_names_every_method(three_series, monkeypatch, capsys):
    assert run(monkeypatch) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in ("ours", "naive", "textbook", "damped", "theta", "ours, 6"))


def test_coverage_width_and_score_by_hand():
    """Winkler's score: the width, and 2 ÷ (1 − level) times what the actual value lies outside."""
    ends = (np.array([80.0, 80.0]), np.array([120.0, 120.0]))
    one = {"centre": np.array([100.0, 100.0]), "80": ends, "95": ends}
    found = benchmark.scores([{"actual": np.array([100.0, 130.0]), "last": 100.0, "ours": one}], "ours")
    assert found["coverage80"] == 50 and found["width95"] == 0.4
    assert found["by_horizon"]["score80"] == [0.4, 1.4] and found["by_horizon"]["score95"] == [0.4, 4.4]
    assert found["by_horizon"]["smape"][1] == pytest.approx(200 * 30 / 230, abs=1e-3)


def test_the_interval_of_naive_and_the_typical_change_are_those_of_the_training_parts(train):
    assert round(benchmark.typical(train), 3) == TYPICAL
    for ahead in range(1, 7):
        pairs = [(sizes[k - 1], sizes[k + ahead - 1]) for sizes in train.values()
                 for k in range(len(sizes) - 9, len(sizes) - ahead + 1)]  # fmt: skip
        misses = [max(one / other, other / one) - 1 for one, other in pairs]
        for level in (80, 95):
            assert round(float(np.quantile(misses, level / 100)), 3) == NAIVE[level][ahead - 1]


@slow
def test_the_interval_of_the_trend_covers_what_it_says_on_a_part_of_the_training(train):
    part = {name: train[name] for name in list(train)[::30]}
    rows = benchmark.origins(part)
    assert len(rows) == len(part) * (9 + 8 + 7 + 6 + 5 + 4)
    for level in (80, 95):
        parts = zip(benchmark.by_length(rows), TREND[level], strict=True)
        inside = [row["trend"] <= widths[row["ahead"] - 1] for part, widths in parts for row in part]
        assert 100 * np.mean(inside) == pytest.approx(level, abs=6)
