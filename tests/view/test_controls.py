"""A panel calls the very functions of the chain: what a slider says is what the step is given."""

from __future__ import annotations

import ipywidgets as widgets
import pytest

from workbench import explore, load_book, load_scenario, rank_segments, score_swot, segment_facts
from workbench.view import controls

QUARTER = "2026Q3"


@pytest.fixture(scope="module")
def sample():
    return load_book("sample"), load_scenario("base", "sample")


def order(book, scenario):
    facts = segment_facts(book, scenario, QUARTER)
    return rank_segments(facts, score_swot(facts, book, scenario), scenario)


def sliders(panel):
    return {slider.description: slider for slider in panel.children[0].children}


@pytest.mark.parametrize("step", controls.STEPS)
def test_untouched_sliders_give_the_scenario_they_started_from(sample, step):
    book, scenario = sample
    made, apply = {"swot": controls._neutral_points, "ranking": controls._weights, "allocation": controls._money}[step](
        book, scenario
    )
    assert apply({name: slider.value for name, slider in made.items()}) == scenario


def test_a_moved_weight_shows_what_rank_segments_gives_for_it(sample, monkeypatch):
    book, scenario = sample
    shown = []
    monkeypatch.setattr(controls, "display", lambda *parts: shown.append(parts))
    panel = explore("ranking", book, scenario, QUARTER)
    sliders(panel)["growth"].value = 0.0
    sliders(panel)["revenue"].value = 28.0
    expected = order(book, scenario.with_values(weights={"growth": 0.0, "revenue": 28.0}))
    answer, _ = shown[-1]
    assert expected.answer in answer.value
    assert list(expected.order["segment"]) != list(order(book, scenario).order["segment"])


def test_a_moved_budget_shows_another_allocation(sample, monkeypatch):
    book, scenario = sample
    shown = []
    monkeypatch.setattr(controls, "display", lambda *parts: shown.append(parts))
    panel = explore("allocation", book, scenario, QUARTER)
    before = shown[-1][0].value
    sliders(panel)["focus, segments"].value = 1
    assert shown[-1][0].value != before


def test_what_cannot_be_is_a_sentence_in_the_panel(sample, monkeypatch):
    book, scenario = sample
    shown = []
    monkeypatch.setattr(controls, "display", lambda *parts: shown.append(parts))
    panel = explore("allocation", book, scenario, QUARTER)
    sliders(panel)["budget, m a year"].value = 0.1
    (text,) = shown[-1]
    assert isinstance(text, widgets.HTML)
    assert "budget of 100" in text.value


def test_another_step_is_refused(sample):
    with pytest.raises(ValueError, match="one of swot, ranking, allocation"):
        explore("weather", *sample, QUARTER)
