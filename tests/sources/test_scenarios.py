"""A saved scenario is read as the one it stands for, keeps the remarks of its file, and replaces nothing unasked."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from workbench.errors import ScenarioError
from workbench.sources.scenarios import save_scenario
from workbench.sources.tables.folder import SAMPLE, load_scenario


@pytest.fixture
def own(tmp_path):
    return Path(shutil.copytree(SAMPLE, tmp_path / "aurora"))


def named(scenario, name):
    return scenario.model_copy(update={"name": name})


@pytest.mark.parametrize("start", ["base", "growth", "defend", None])
def test_random_changes_come_back_as_they_were_saved(own, start):
    random = np.random.default_rng(5)
    scenario = load_scenario(start or "base", own)
    for turn in range(25):
        changes = {
            "weights": {name: float(random.choice([0, 3, 0.1 + 0.2, 1e-7, 12])) for name in ("size", "growth", "judgement")},
            "anchors": {"share": {"low": 0.0, "high": 0.5, "neutral": float(random.uniform(0, 0.5)), "scale": "linear"}},
            "pins": tuple(random.choice(["retail", "energy"], random.integers(0, 2), replace=False).tolist()),
            "growth_adjustments": {"retail": float(random.normal(0, 0.02))} if turn % 2 else {},
            "budget": {"total_y": float(random.choice([1e6, 12345678.9])) if turn % 3 else None,
                       "change_limit": 0.3 if turn % 4 else None,
                       "segments": {"energy": {"minimum_y": 5e5, "maximum_y": None}} if turn % 5 else {}},
            "reach": 0.2 if turn % 2 else None, "description": f"Turn {turn}, 'quoted' \"text\" # no remark\n",
        }  # fmt: skip
        made = scenario.with_values(**changes)
        save_scenario(made, f"turn{turn}", own, start=start)
        read = load_scenario(f"turn{turn}", own)
        if start is None:
            assert read == named(made, read.name)
        else:
            assert read == named(made, read.name) and read.before == scenario.before


def test_remarks_and_what_is_unchanged_stay_as_they_were(own):
    path = save_scenario(load_scenario("base", own).with_values(focus=4), "four", own, start="base")
    before = (own / "scenarios" / "base.toml").read_text(encoding="utf-8").splitlines()
    after = path.read_text(encoding="utf-8").splitlines()
    assert [line for line in after if line not in before] == [
        "focus = 4       # how many segments are chosen; only they may receive more money than today"
    ]
    assert len(after) == len(before)


def test_weights_take_the_place_of_comparisons(own):
    path = own / "scenarios" / "base.toml"
    text = path.read_text(encoding="utf-8")
    head, _, rest = text.partition("[weights]")
    rest = rest[rest.index("# The weights that") :]
    path.write_text(f'{head}comparisons = [["size", "growth", 2.0]]\n\n{rest}', encoding="utf-8")
    start = load_scenario("base", own)
    assert start.weights is None
    made = start.with_values(weights={"size": 2.0, "growth": 1.0})
    save_scenario(made, "weighed", own, start="base")
    assert load_scenario("weighed", own) == named(made, "weighed")


@pytest.mark.parametrize("name", ["base", "BASE", "", "a/b", "../a", ".hidden", "a" * 65, "a b"])
def test_a_name_that_is_taken_or_cannot_be_writes_nothing(own, name):
    files = {path: path.read_bytes() for path in own.rglob("*.toml")}
    with pytest.raises(ScenarioError):
        save_scenario(load_scenario("growth", own), name, own, start="growth")
    assert {path: path.read_bytes() for path in own.rglob("*.toml")} == files
    assert not [path for path in (own / "scenarios").iterdir() if path.name.startswith(".")]


def test_replacing_is_asked_for(own):
    defend = load_scenario("base", own).model_copy(update={"focus": 2})
    save_scenario(defend, "growth", own, start="base", replace=True)
    assert load_scenario("growth", own) == named(defend, "growth")


def test_a_scenario_does_not_become_the_one_before_itself(own):
    with pytest.raises(ScenarioError, match="itself"):
        save_scenario(load_scenario("growth", own), "base", own, start="growth", replace=True)


def test_what_a_file_cannot_say_is_not_saved(own):
    growth = load_scenario("growth", own)
    assert growth.before is not None
    with pytest.raises(ScenarioError, match="cannot hold"):
        save_scenario(growth, "lost", own)
    assert not (own / "scenarios" / "lost.toml").exists()
