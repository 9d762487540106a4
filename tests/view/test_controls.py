"""Panels without a browser: what the controls say is what the steps are given, and what is overtaken is never shown."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import re
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from tests.stages import slow
from tests.waiting import later_on, until
from workbench import explore, load_book, load_scenario, plan_quarter, rank_segments, score_swot, segment_facts
from workbench.book.settings import BookSettings
from workbench.model.quarter import FactsMemory, plan_with
from workbench.model.ranking.weights import weights_of
from workbench.sources.tables.folder import SAMPLE
from workbench.view.blocks import block_html
from workbench.view.controls import panel as panels
from workbench.view.controls.background import Background
from workbench.view.controls.html import order_block
from workbench.view.controls.panel import STEPS, Panel
from workbench.view.controls.state import PanelState
from workbench.view.controls.weights import rescaled

QUARTER = "2026Q3"


@pytest.fixture(scope="module")
def sample():
    return load_book("sample"), load_scenario("base", "sample")


@pytest.fixture
def own(tmp_path):
    """A copy of the sample company, to save scenarios in."""
    return Path(shutil.copytree(SAMPLE, tmp_path / "aurora"))


def order(book, scenario):
    facts = segment_facts(book, scenario, QUARTER)
    return rank_segments(facts, score_swot(facts, book, scenario), scenario)


def group(panel, title):
    return next(each for each in panel.groups if each.title == title)


def row(html, name):
    """The cells of the order shown for a segment, as text."""
    return html[: html.index(f">{name}<")].rsplit("<tr", 1)[1] + html[html.index(f">{name}<") :].split("</tr>")[0]


# --- controls and scenario ---


@pytest.mark.parametrize("name", ["base", "growth", "defend"])
@pytest.mark.parametrize("step", STEPS)
def test_untouched_controls_give_the_scenario_they_started_from(sample, step, name):
    book, scenario = sample[0], load_scenario(name, "sample")
    panel = Panel(step, book, scenario, QUARTER)
    assert panel.state.scenario == scenario and not panel.state.unsaved
    assert [each.read() for each in panel.groups] == [{} for _ in panel.groups]
    assert "unsaved" not in panel.head.value


def test_moved_weights_are_ranked_as_rank_segments_does_and_the_live_chart_is_told(sample):
    book, scenario = sample
    panel = Panel("ranking", book, scenario, QUARTER)
    sliders = group(panel, "Weights").sliders
    assert panel.live_output.live.sliders == sliders
    sliders["growth"].value = 0.0
    sliders["revenue"].value = 28.0
    expected = order(book, scenario.with_values(weights={"growth": 0.0, "revenue": 28.0}))
    assert expected.order.equals(panel.state.change(group(panel, "Weights").read()).order)
    assert panel.live_output.live.weights == {**scenario.weights.model_dump(), "growth": 0.0, "revenue": 28.0}
    assert "unsaved changes" in panel.head.value


def test_the_live_chart_is_given_the_values_and_the_choice_of_the_scenario(sample):
    book, scenario = sample
    panel = Panel("ranking", book, scenario, QUARTER)
    choice = group(panel, "Choice of segments").controls
    choice["focus"].value, choice["pins"].value = 4, ("retail",)
    group(panel, "Growth adjustments").segment.value = "energy"
    group(panel, "Growth adjustments").points.value = 5.0
    expected = order(book, panel.state.scenario)
    assert panel.live_output.live.places == 3
    rows = {row["key"]: row for row in panel.live_output.live.spec["data"]["values"]}
    assert [key for key, row in rows.items() if row["pinned"]] == ["retail"]
    assert rows["energy"]["v_growth"] == expected.values.set_index("segment").at["energy", "growth"]
    before = order(book, scenario).order.set_index("segment")["rank"]
    assert {key: row["before"] for key, row in rows.items()} == before.to_dict()


def test_the_order_is_shown_with_the_places_gained_and_lost(sample):
    book, scenario = sample
    state = PanelState(book, scenario, QUARTER)
    moved = state.change({"weights": {"growth": 0.0, "revenue": 28.0}})
    html, before = (
        block_html(order_block(moved, state.moves(moved)).content),
        order(book, scenario).order.set_index("segment"),
    )
    assert list(moved.order["segment"]) != list(before.index)
    places = [html.index(f">{name}<") for name in moved.order["name"]]
    assert places == sorted(places)
    for _, segment in moved.order.iterrows():
        gained, shown = int(before.at[segment["segment"], "rank"]) - segment["rank"], row(html, segment["name"])
        assert f"{segment['score']:.3f}" in shown
        assert (
            ("▲ " if gained > 0 else "▼ ") + str(abs(gained)) in shown
            if gained
            else "▲" not in shown and "▼" not in shown
        )


def test_each_weight_shows_its_share_of_the_whole(sample):
    panel = Panel("ranking", *sample, QUARTER)
    weights = group(panel, "Weights")
    weights.sliders["size"].value = 16.0
    shares = weights_of(panel.state.scenario)
    assert re.findall(r">([^<]+)<", weights.shares.value) == [f"{shares[name] * 100:.1f} %" for name in weights.sliders]


def test_a_locked_share_stays_while_the_others_move(sample):
    panel = Panel("ranking", *sample, QUARTER)
    weights = group(panel, "Weights")
    weights.locks["growth"].value = True
    for name, value in (("size", 1.0), ("revenue", 20.0), ("size", 9.5), ("judgement", 0.0)):
        weights.sliders[name].value = value
        assert weights_of(panel.state.scenario)["growth"] == pytest.approx(0.14, abs=1e-8)
    weights.sliders["growth"].value = 2.0  # what a resting slider may send is not a move
    assert weights_of(panel.state.scenario)["growth"] == pytest.approx(0.14, abs=1e-8)
    weights.locks["growth"].value = False
    weights.sliders["growth"].value = 3.0
    assert weights.values()["growth"] == 3.0 and not weights.sliders["growth"].disabled


def test_locked_shares_are_kept_where_they_can_be():
    weights = rescaled({"a": 1.0, "b": 1.0, "c": 6.0, "d": 2.0}, {"a": 0.2, "b": 0.3})
    total = sum(weights.values())
    assert [weights[name] / total for name in "abcd"] == pytest.approx([0.2, 0.3, 0.375, 0.125])
    assert rescaled({"a": 1.0, "b": 0.0}, {"a": 0.5}) == {"a": 1.0, "b": 0.0}
    assert rescaled({"a": 1.0, "b": 2.0}, {"a": 0.4, "b": 0.6}) == {"a": 1.0, "b": 2.0}


def test_two_criteria_at_least_stay_free(sample):
    weights = group(Panel("ranking", *sample, QUARTER), "Weights")
    for lock in weights.locks.values():
        lock.value = True
    assert [lock.value for lock in weights.locks.values()].count(True) == len(weights.locks) - 2


def test_what_the_browser_rounds_to_its_step_is_no_move(sample):
    book, scenario = sample
    weights = {"growth": 14.2857142857, "size": 8.04}
    neutral = {"share": {"low": 0.0, "high": 0.25, "neutral": 0.0802}}
    odd = scenario.with_values(weights=weights, significance={"adoption": 0.0333}, anchors=neutral)
    ranking, asks, swot = (Panel(step, book, odd, QUARTER) for step in ("ranking", "asks", "swot"))
    sliders = group(ranking, "Weights").sliders
    sliders["growth"].value, sliders["size"].value = 14.3, 8.0
    group(asks, "Thresholds").controls["adoption"].value = 3.5
    group(swot, "Neutral points").controls["share"].value = 8.0
    assert [panel.state.scenario for panel in (ranking, asks, swot)] == [odd] * 3
    sliders["growth"].value = 14.400000000000002
    assert ranking.state.scenario.weights.growth == 14.4 and ranking.state.scenario.weights.size == 8.04


def test_reset_gives_back_the_scenario(sample):
    panel = Panel("ranking", *sample, QUARTER)
    group(panel, "Weights").sliders["size"].value = 1.0
    group(panel, "Choice of segments").controls["focus"].value = 5
    group(panel, "Growth adjustments").points.value = 3.0
    for each in panel.groups:
        each.reset.click()
    assert panel.state.scenario == sample[1] and "unsaved" not in panel.head.value


def test_every_control_moves_the_assumption_it_names(sample):
    book, scenario = sample
    ranking = Panel("ranking", book, scenario, QUARTER)
    group(ranking, "Growth adjustments").segment.value = "retail"
    group(ranking, "Growth adjustments").points.value = -1.5
    choice = group(ranking, "Choice of segments")
    choice.controls["focus"].value, choice.controls["pins"].value, choice.controls["bans"].value = (
        4,
        ("energy",),
        ("retail",),
    )
    expected = {"growth_adjustments": {"retail": -0.015}, "focus": 4, "pins": ("energy",), "bans": ("retail",)}
    assert ranking.state.scenario == scenario.with_values(**expected)
    assert "Retail −1.5" in group(ranking, "Growth adjustments").said.value
    money = Panel("allocation", book, scenario, QUARTER)
    controls = group(money, "Money").controls
    controls["total"].value, controls["limit"].value, controls["tilt"].value = 13.0, 80.0, 0.25
    assert money.state.scenario == scenario.with_values(budget={"total_y": 13e6, "change_limit": 0.8}, tilt=0.25)
    controls["bounded"].value = False
    assert money.state.scenario.budget.change_limit is None
    asks = Panel("asks", book, scenario, QUARTER)
    for name, value in (("revenue", 5.0), ("retention_points", 2.0), ("adoption", 10.0), ("specific_preference", 0.0)):
        group(asks, "Thresholds").controls[name].value = value
    wanted = {"revenue": 0.05, "retention_points": 2.0, "adoption": 0.1}
    assert asks.state.scenario == scenario.with_values(significance=wanted, specific_preference=0.0)
    swot = Panel("swot", book, scenario, QUARTER)
    group(swot, "Neutral points").controls["share"].value = 5.0
    assert swot.state.scenario.anchors.share.neutral == 0.05 and swot.state.scenario.anchors.share.high == 0.25


def test_what_cannot_be_is_a_sentence_and_nothing_else_is_shown(sample):
    panel = Panel("ranking", *sample, QUARTER)
    for each in group(panel, "Weights").sliders.values():
        each.value = 0.0
    assert "no weight above 0" in panel.problems.value and panel.live_output.box.layout.display == "none"
    group(panel, "Weights").sliders["growth"].value = 1.0
    assert panel.problems.value == "" and panel.live_output.box.layout.display == ""
    choice = group(panel, "Choice of segments").controls
    choice["pins"].value = ("energy",)
    choice["bans"].value = ("energy",)
    assert "energy pinned and banned" in panel.problems.value


def test_names_of_a_book_are_text_in_a_panel(tiny_book, edit):
    edit("segments.csv", "North America", "<script>x</script>")
    panel = Panel("ranking", load_book(tiny_book), load_scenario("base", tiny_book), QUARTER, tiny_book)
    money = Panel("allocation", load_book(tiny_book), load_scenario("base", tiny_book), QUARTER, tiny_book)
    shown = money.live_output.updates.part("answer") + money.live_output.updates.part("order")
    assert "<script>" not in shown and "&lt;script&gt;" in shown
    group(panel, "Growth adjustments").segment.value = "NA"
    group(panel, "Growth adjustments").points.value = 1.0
    assert "<script>" not in group(panel, "Growth adjustments").said.value


def test_another_step_is_refused(sample):
    with pytest.raises(ValueError, match="one of swot, ranking, allocation, asks"):
        explore("weather", *sample, QUARTER)


# --- what is remembered ---


def other_scenarios(scenario):
    """The scenario with each of its values changed, one at a time."""
    special: dict[str, Any] = {
        "name": "other", "weights": {"growth": 3.0}, "anchors": {"share": {"low": 0.0, "high": 0.5, "neutral": 0.1}},
        "win_rate_prior": {"rate": 0.5, "deals": 50.0}, "growth_adjustments": {"retail": 0.02}, "reach": 0.3,
        "budget": {"total_y": 11e6}, "significance": {"revenue": 0.1}, "pins": ("energy",), "bans": ("retail",), "seed": 2,
        "weight_space": {"kind": "open", "spread": 0.3, "intervals": {}}, "draws": 5000, "horizon": 2, "focus": 4, "tilt": 0.1,
        "judgement_strength": 2.0, "specific_preference": 0.0, "incumbent_probability": 0.6, "description": "Other",
        "before": scenario.model_copy(update={"name": "then", "focus": 2}).model_dump(),
        "comparisons": (("size", "growth", 2.0),),
    }  # fmt: skip
    assert set(special) == set(type(scenario).model_fields), "a new assumption: say how to change it"
    for name, value in special.items():
        if name == "comparisons":
            yield scenario.with_values(weights=dict.fromkeys(scenario.weights.model_dump(), 1.0))
        else:
            yield scenario.with_values(**{name: value})


def test_remembered_facts_are_those_of_each_assumption(sample):
    book, scenario = sample
    remembered = FactsMemory()
    for other in (scenario, *other_scenarios(scenario), scenario):
        one, two = remembered(book, other, QUARTER), segment_facts(book, other, QUARTER)
        assert one.missing == two.missing
        for name, table in one.tables().items():
            assert table.equals(two.tables()[name]), name


def test_a_book_is_not_mistaken_for_another(sample):
    book, scenario = sample
    remembered = FactsMemory()
    settings = BookSettings(**{**book.settings.model_dump(), "reach": 0.01})
    other = dataclasses.replace(book, settings=settings)
    assert not remembered(book, scenario, QUARTER).segments.equals(remembered(other, scenario, QUARTER).segments)


@slow
def test_a_plan_from_remembered_facts_has_the_same_bytes(sample):
    book, scenario = sample
    remembered = FactsMemory()
    for other in (scenario, scenario.with_values(weights={"growth": 1.0}, focus=4)):
        assert plan_with(remembered, book, other, QUARTER).to_json() == plan_quarter(book, other, QUARTER).to_json()


@slow
def test_the_order_on_the_desk_is_that_of_each_scenario(sample):
    book, scenario = sample
    state = PanelState(book, scenario, QUARTER)
    for other in other_scenarios(scenario):
        state.begin(other)
        for weights in ({}, {"growth": 0.0, "size": 30.0}):
            expected = order(book, other.with_values(weights=weights))
            found = state.change({"weights": weights})
            for name, table in expected.tables().items():
                assert table.equals(found.tables()[name]), name
            assert found.answer == expected.answer and found.missing == expected.missing


def test_a_refused_change_leaves_the_desk_as_it_was(sample):
    state = PanelState(*sample, QUARTER)
    state.change({"focus": 4})
    with pytest.raises(Exception, match="pinned and banned"):
        state.change({"pins": ("energy",), "bans": ("energy",)})
    assert state.scenario.focus == 4


# --- slow parts ---


class Slow:
    """Says back what it was asked, after a while."""

    def __init__(self, seconds):
        self._seconds = seconds

    def __call__(self, kind, question):
        time.sleep(self._seconds)
        if question == "die":
            import os

            os._exit(1)
        if question == "raise":
            raise ValueError("as asked")
        return kind, question


def test_only_the_last_question_of_a_kind_waits():
    got = []
    background = Background(Slow, 0.3, deliver=lambda *answer: got.append(answer))
    background.ask("plan", 1, "first")
    until(lambda: not background._waiting)  # under way
    for generation in range(2, 12):
        background.ask("plan", generation, generation)
    background.ask("compare", 0, "beside")
    until(lambda: len(got) == 3)
    assert got == [("plan", 1, ("plan", "first")), ("plan", 11, ("plan", 11)), ("compare", 0, ("compare", "beside"))]
    background.close()


@pytest.mark.skipif(not hasattr(os, "getpriority"), reason="this system knows no such priority")
def test_whoever_moves_a_slider_does_not_wait_behind_other_work():
    got = []
    background = Background(Slow, 0.0, deliver=lambda *answer: got.append(answer))
    background.ask("plan", 1, "well")
    until(lambda: got)
    assert os.getpriority(os.PRIO_PROCESS, background._process.pid) == os.getpriority(os.PRIO_PROCESS, 0)
    background.close()


def test_an_exception_is_an_answer_and_a_dead_process_is_followed_by_another():
    got = []
    background = Background(Slow, 0.0, deliver=lambda *answer: got.append(answer))
    for question in ("raise", "die", "well"):
        background.ask("plan", 1, question)
        before = len(got)
        until(lambda before=before: len(got) > before)
    assert isinstance(got[0][2], ValueError) and isinstance(got[1][2], EOFError) and got[2][2] == ("plan", "well")
    process = background._process
    background.close()
    process.join(10)
    assert not process.is_alive()


@slow
def test_ten_moves_in_a_second_while_a_plan_is_made_end_with_the_last_and_nothing_stale(sample, monkeypatch):
    book, scenario = sample
    shown: list[tuple[float, str]] = []

    async def move() -> Panel:
        panel = Panel("allocation", book, scenario, QUARTER)
        panel.after.observe(lambda change: shown.append((panel.state.scenario.tilt, change["new"])), "value")
        await settled(panel)  # the starting plan is there: the process is warm
        tilt = group(panel, "Money").controls["tilt"]
        tilt.value = 0.45
        await asyncio.sleep(panels.REST + 0.2)  # a plan is under way for this value
        assert panel.digest == "" and "wb-stale" in panel.after._dom_classes
        moves = []
        for step in range(10):
            began = time.monotonic()
            tilt.value = 0.05 * (step + 1)
            moves.append(time.monotonic() - began)
            assert panel.digest == ""
            await asyncio.sleep(0.1 - min(0.1, moves[-1]))
        began = time.monotonic()
        await settled(panel)
        waited.append(time.monotonic() - began)
        panel.close()
        return panel

    waited: list[float] = []
    panel = asyncio.run(move())
    assert panel.state.scenario.tilt == pytest.approx(0.5) and len(shown) <= 3
    assert [tilt for tilt, _ in shown][-1] == pytest.approx(0.5)
    assert all(tilt in (pytest.approx(0.5),) for tilt, html in shown if html)  # at the start and at the end alone
    assert panel.digest == plan_quarter(book, scenario.with_values(tilt=0.5), QUARTER).digest
    assert panel.digest in panel.status.value and "wb-stale" not in panel.after._dom_classes


async def settled(panel: Panel) -> None:
    """Waits for the whole plan of the scenario as it stands."""
    await later_on(lambda: panel.digest)


def test_the_panel_shows_the_digest_of_the_plan_and_why_there_is_none(sample):
    book, scenario = sample

    async def run() -> tuple[str, str]:
        panel = Panel("allocation", book, scenario, QUARTER)
        await settled(panel)
        first = panel.digest
        group(panel, "Money").controls["total"].value = 0.1
        await later_on(lambda: "wb-problems" in panel.after.value)
        assert panel.digest == ""
        said = panel.after.value
        panel.close()
        return first, said

    digest, said = asyncio.run(run())
    assert digest == plan_quarter(book, scenario, QUARTER).digest
    assert "budget of 100" in said


# --- the files ---


def test_a_scenario_is_saved_loaded_and_planned_as_shown(own):
    book, scenario = load_book(own), load_scenario("base", own)
    panel = Panel("ranking", book, scenario, QUARTER, own)
    group(panel, "Weights").sliders["growth"].value = 2.5
    panel.files.name.value, panel.files.words.value = "mine", "Growth hardly counts"
    panel.files.save.click()
    assert panel.state.start.name == "mine" and not panel.state.unsaved and "Saved as" in panel.files.said.value
    saved = load_scenario("mine", own)
    assert saved == scenario.with_values(weights={"growth": 2.5}, name="mine", description="Growth hardly counts")
    again = Panel("ranking", book, scenario, QUARTER, own)
    again.files.offered.value = "mine"
    again.files.load.click()
    assert again.state.scenario == saved and again.live_output.live.weights == panel.live_output.live.weights


def test_a_file_is_written_over_only_when_asked_to(own):
    book = load_book(own)
    panel = Panel("ranking", book, load_scenario("base", own), QUARTER, own)
    before = (own / "scenarios" / "growth.toml").read_bytes()
    group(panel, "Weights").sliders["size"].value = 1.0
    panel.files.name.value = "growth"
    panel.files.save.click()
    assert (own / "scenarios" / "growth.toml").read_bytes() == before and panel.state.unsaved
    assert "already" in panel.files.said.value and panel.files.replace.layout.display == ""
    panel.files.replace.click()
    assert load_scenario("growth", own).weights.size == 1.0 and not panel.state.unsaved


def test_loading_over_unsaved_changes_asks_first(own):
    panel = Panel("ranking", load_book(own), load_scenario("base", own), QUARTER, own)
    group(panel, "Weights").sliders["size"].value = 1.0
    panel.files.offered.value = "defend"
    panel.files.load.click()
    assert panel.state.start.name == "base" and "unsaved" in panel.files.said.value
    panel.files.load.click()
    assert panel.state.start == load_scenario("defend", own)


def test_a_name_that_cannot_be_is_a_sentence(own):
    panel = Panel("ranking", load_book(own), load_scenario("base", own), QUARTER, own)
    panel.files.name.value = "../out"
    panel.files.save.click()
    assert "letters, digits" in panel.files.said.value and not list(own.glob("*.toml"))[1:]


@slow
def test_scenarios_are_compared_side_by_side(own):
    book = load_book(own)

    async def run() -> str:
        panel = Panel("ranking", book, load_scenario("base", own), QUARTER, own)
        group(panel, "Weights").sliders["growth"].value = 0.0
        panel.files.chosen.value = ("as it stands", "growth")
        panel.files.compare.click()
        await later_on(lambda: panel.files.compared_html.value)
        panel.close()
        return panel.files.compared_html.value

    html = asyncio.run(run())
    for text in ("Side by side", "Assumptions that differ", "weights.growth", "as it stands: rank, score", "▲"):
        assert text in html, text
