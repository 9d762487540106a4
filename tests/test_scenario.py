"""A scenario is one checked set of assumptions; only the proportions of its weights count."""

from __future__ import annotations

import pytest

from workbench.criteria import CRITERIA
from workbench.errors import ScenarioError
from workbench.scenario import make_scenario
from workbench.sources.tables.folder import load_scenario


@pytest.fixture
def base(tiny_book):
    return load_scenario("base", tiny_book)


def test_with_values_gives_a_changed_copy_and_leaves_the_scenario_alone(base):
    other = base.with_values(focus=1, tilt=0.25, pins=["NA"])
    assert (other.focus, other.tilt, other.pins) == (1, 0.25, ("NA",))
    assert (base.focus, base.tilt, base.pins) == (2, 0.5, ())


def test_with_values_takes_part_of_the_weights_and_of_the_budget(base):
    other = base.with_values(weights={"growth": 5}, budget={"total_y": 1000})
    assert (other.weights.growth, other.weights.size, other.budget.total_y) == (5, 2, 1000)
    assert base.with_values() == base


def test_with_values_checks_like_a_file(base):
    with pytest.raises(ScenarioError, match="write 'focus'"):
        base.with_values(focsu=1)
    with pytest.raises(ScenarioError, match="at least one weight above 0"):
        base.with_values(weights=dict.fromkeys(CRITERIA, 0))


def test_a_scenario_cannot_be_changed(base):
    with pytest.raises(ValueError, match="frozen"):
        base.focus = 1


def test_weight_may_stand_on_judgement_alone_without_anchors():
    scenario = make_scenario({"name": "voices", "weights": {"judgement": 1}}, "voices.toml")
    assert scenario.weighted == ("judgement",)


def test_every_problem_of_a_scenario_is_told_at_once():
    data = {"name": "base", "weights": {"size": -1}, "focus": 0, "tlit": 1}
    with pytest.raises(ScenarioError) as stop:
        make_scenario(data, "base.toml")
    assert [problem.column for problem in stop.value.problems] == ["focus", "weights.size", "tlit"]


PAIRS = [["size", "growth", 3], ["growth", "share", 2.0], ["share", "size", 0.2]]


def compared(base, pairs):
    return base.with_values(comparisons=pairs)


def test_comparisons_take_the_place_of_weights_and_the_other_way_round(base):
    scenario = compared(base, PAIRS)
    assert scenario.weights is None and scenario.compared == scenario.weighted == ("size", "growth", "share")
    assert scenario.with_values(weights={"size": 1}).comparisons == ()


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        (PAIRS[:2], "no comparison of size and share; allowed: every pair"),
        ([*PAIRS, ["growth", "size", 1.0]], "growth and size compared twice"),
        ([["size", "size", 1.0]], "size compared twice, or with itself"),
        ([["size", "grwth", 1.0]], "the unknown criterion 'grwth' in comparisons"),
        ([["size", "growth", 12.0]], "less than or equal to 9"),
    ],
)
def test_comparisons_that_do_not_cover_each_pair_once_are_refused(base, pairs, said):
    with pytest.raises(ScenarioError, match=said):
        compared(base, pairs)


def test_weights_or_comparisons_are_needed_and_not_both(base):
    data = base.model_dump()
    with pytest.raises(ScenarioError, match="both weights and comparisons"):
        make_scenario({**data, "comparisons": PAIRS}, "base.toml")
    with pytest.raises(ScenarioError, match="neither weights nor comparisons"):
        make_scenario({**data, "weights": None}, "base.toml")


@pytest.mark.parametrize(
    ("space", "said"),
    [
        ({"kind": "within"}, "kind 'within' without intervals"),
        ({"kind": "open", "intervals": {"size": [0.1, 0.2]}}, "kind 'open' with intervals"),
        ({"kind": "within", "intervals": {"size": [0.3, 0.2]}}, "size from 0.3 to 0.2"),
        ({"kind": "within", "intervals": {"siez": [0.1, 0.2]}}, "the unknown criterion 'siez'"),
        ({"kind": "within", "intervals": {"size": [0.6, 0.7], "growth": [0.5, 0.6]}}, "low ends that add up to 1.1"),
        ({"kind": "arround"}, "'around', 'within' or 'open'"),
    ],
)
def test_a_weight_space_that_cannot_be_is_refused(base, space, said):
    with pytest.raises(ScenarioError, match=said):
        base.with_values(weight_space=space)


def test_the_scenario_before_is_loaded_by_name_and_its_own_before_is_not(tiny_book):
    folder = tiny_book / "scenarios"
    text = (folder / "base.toml").read_text(encoding="utf-8").replace('name = "base"\n', "")
    (folder / "old.toml").write_text('before = "base"\n' + text.replace("focus = 2", "focus = 1"), encoding="utf-8")
    (folder / "new.toml").write_text('before = "old"\n' + text, encoding="utf-8")
    scenario = load_scenario("new", tiny_book)
    assert (scenario.focus, scenario.before.name, scenario.before.focus, scenario.before.before) == (2, "old", 1, None)


def test_a_scenario_before_that_is_not_there_is_named(tiny_book, edit):
    edit("scenarios/base.toml", "focus = 2", 'focus = 2\nbefore = "lst"')
    with pytest.raises(ScenarioError, match=r"lst\.toml: found no such scenario"):
        load_scenario("base", tiny_book)
    edit("scenarios/base.toml", 'before = "lst"', "before = 3")
    with pytest.raises(ScenarioError, match="the name of a scenario"):
        load_scenario("base", tiny_book)
