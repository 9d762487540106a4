"""The live chart in a real browser ranks as `rank_segments` does, to the last digit, whatever the weights."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.hostile import PAYLOADS, hostile_book
from tests.browser.live_pages import READY, invented, live_page, moved
from tests.browser.pages import Seen, opened
from tests.sources.shared_data import MAPPINGS, shared
from tests.stages import later, slow
from workbench.cli import main
from workbench.criteria import CRITERIA
from workbench.errors import ScenarioError
from workbench.model.plan import Plan
from workbench.model.quarter import plan_quarter
from workbench.model.ranking.ranking import rank_segments
from workbench.scenario import Scenario
from workbench.sources.tables.folder import load_book, load_scenario

pytestmark = slow  # one page in a browser is test_report_page's

NOTHING = "Give at least one criterion a weight: nothing can be ranked without."
VECTORS = 1000


@pytest.fixture(scope="module")
def sample(sample_plan: Plan) -> Plan:
    return sample_plan


@pytest.fixture(scope="module")
def from_crm(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The plan of a book made from an export of a CRM, as tests/test_from_crm.py imports it."""
    book = tmp_path_factory.mktemp("crm") / "maven"
    export, market = shared("crm_maven"), shared("bea") / "bea_summary_long_1997_2023.csv"
    assert main(["import-crm", str(export), "--out", str(book), "--mapping", str(MAPPINGS / "crm_maven.toml")]) == 0
    assert main(["import-market", str(market), "--out", str(book), "--mapping", str(MAPPINGS / "bea.toml")]) == 0
    assert main(["scenario", str(book)]) == 0
    return plan_quarter(load_book(book), load_scenario("base", book), "2017Q4")


def vectors(present: list[str]) -> list[list[float]]:
    """Random weights: even ones, sparse ones, of very different size, of whole numbers that tie, on one criterion alone."""
    random, count = np.random.default_rng(7), len(present)
    drawn = [
        *random.uniform(0, 30, (VECTORS // 4, count)),
        *np.where(random.random((VECTORS // 4, count)) < 0.6, 0, random.uniform(0, 30, (VECTORS // 4, count))),
        *(10.0 ** random.uniform(-200, 12, (VECTORS // 4, count))),
        *random.integers(0, 3, (VECTORS // 4 - count, count)),
        *np.eye(count),
    ]
    return [[float(weight) for weight in row] for row in drawn]


def differences(plan: Plan, present: list[str], asked: list[list[float]], seen: list[dict[str, Any]]) -> list[str]:
    """Where a page says something else than `rank_segments` under the same weights."""
    wrong = []
    for weights, said in zip(asked, seen, strict=True):
        given = {**dict.fromkeys(CRITERIA, 0.0), **dict(zip(present, weights, strict=True))}
        try:
            order = rank_segments(plan.facts, plan.swot, plan.scenario.with_values(weights=given)).order
        except ScenarioError:
            if said["rows"] or said["now"] != NOTHING:
                wrong.append(f"{weights}: ranked without weights")
            continue
        columns = (order[name].tolist() for name in ("segment", "rank", "score", "chosen"))
        ours = [[key, rank, f"{score:.9f}", chosen] for key, rank, score, chosen in zip(*columns, strict=True)]
        if said["rows"] != ours:
            wrong.append(f"{weights}: {said['rows']} where {ours} is right")
        if not all(name in said["now"] for name in order.loc[order["chosen"], "name"]):
            wrong.append(f"{weights}: {said['now']}")
    return wrong


def drawn_names(tab: Page, names: set[str]) -> list[str]:
    """Those of `names` that stand in the chart, from above."""
    script = "all => all.map(each => [each.getBoundingClientRect().top, each.textContent])"
    return [text for _, text in sorted(tab.locator("figure.live svg text").evaluate_all(script)) if text in names]


@pytest.mark.parametrize("which", later(["sample", "from_crm"]))
def test_a_thousand_weightings_give_the_order_scores_and_choice_that_python_gives(
    browser: Browser, request: pytest.FixtureRequest, tmp_path: Path, which: str
) -> None:
    plan: Plan = request.getfixturevalue(which)
    present = [name for name in CRITERIA if name in plan.ranking.values]
    asked = vectors(present)
    assert len(asked) == VECTORS and any(not any(row) for row in asked)
    with opened(browser, live_page(tmp_path / "live.html", plan.ranking, plan.scenario)) as (tab, seen):
        found = moved(tab, present, asked)
        assert differences(plan, present, asked, found) == []
        assert seen == Seen()
    orders = {tuple(row[0] for row in each["rows"]) for each in found}
    assert len(orders) > 50 and len({each["now"] for each in found}) > 10  # the weightings do tell the segments apart


def test_a_page_that_ranks_by_other_values_is_noticed(browser: Browser, sample: Plan, tmp_path: Path) -> None:
    """The positive control: one value a thousandth off."""
    values = sample.ranking.values
    values.loc[0, "growth"] -= 0.001
    other = dataclasses.replace(sample.ranking, values=values)
    present = [name for name in CRITERIA if name in values]
    asked = [[1.0] * len(present)]
    with opened(browser, live_page(tmp_path / "live.html", other, sample.scenario)) as (tab, _):
        assert len(differences(sample, present, asked, moved(tab, present, asked))) == 1


def test_at_the_start_stands_the_order_of_the_plan(browser: Browser, sample: Plan, tmp_path: Path) -> None:
    with opened(browser, live_page(tmp_path / "live.html", sample.ranking, sample.scenario)) as (tab, _):
        tab.wait_for_selector(READY)
        rows = tab.locator("table.order tbody tr").evaluate_all("all => all.map(each => each.dataset)")
        assert [(row["key"], row["score"]) for row in rows] == [
            (key, f"{score:.9f}") for key, score in sample.ranking.order[["segment", "score"]].itertuples(index=False)
        ]
        chosen = "Healthcare, Manufacturing and Logistics are chosen, as with the plan's weights."
        assert tab.inner_text("p.now") == chosen
        assert drawn_names(tab, set(sample.ranking.order["name"])) == list(sample.ranking.order["name"])
        shares = tab.locator(".weight > span > span").all_inner_texts()
        assert shares[0] == "8.0 %" and len(shares) == 10


def test_weights_between_the_steps_of_a_slider_count_as_they_are(
    browser: Browser, sample: Plan, tmp_path: Path
) -> None:
    weights = {name: getattr(sample.scenario.weights, name) / 7 for name in CRITERIA}
    scenario = sample.scenario.with_values(weights=weights)
    ranking = rank_segments(sample.facts, sample.swot, scenario)
    with opened(browser, live_page(tmp_path / "live.html", ranking, scenario)) as (tab, _):
        tab.wait_for_selector(READY)
        scores = tab.locator("table.order tbody tr").evaluate_all("all => all.map(each => each.dataset.score)")
        assert scores == [f"{score:.9f}" for score in ranking.order["score"]]


def test_however_many_moves_come_in_at_once_only_the_last_is_drawn(
    browser: Browser, sample: Plan, tmp_path: Path
) -> None:
    with opened(browser, live_page(tmp_path / "live.html", sample.ranking, sample.scenario)) as (tab, _):
        tab.wait_for_selector(READY)
        drawn = tab.evaluate("""async () => {
          const slider = document.getElementById("weight-0-growth"), seen = [];
          const line = document.querySelector("table.order tbody tr");
          new MutationObserver(all => seen.push(...all)).observe(line, {attributeFilter: ["data-score"]});
          for (const weight of [0, 4, 9, 20, 28]) { slider.value = weight; slider.dispatchEvent(new Event("input")); }
          for (let frame = 0; frame < 4; frame++) await new Promise(requestAnimationFrame);
          return seen.length;
        }""")
        assert drawn == 1
        expect(tab.locator("#weight-0-growth + span b")).to_have_text("28")


def test_axe_finds_nothing_that_keeps_people_out(browser: Browser, sample: Plan, tmp_path: Path) -> None:
    page = live_page(tmp_path / "live.html", sample.ranking, sample.scenario)
    for scheme in ("light", "dark"):
        with opened(browser, page, color_scheme=scheme) as (tab, _):
            tab.wait_for_selector(READY)
            tab.locator("summary").click()
            found = Axe().run(tab, context="section.live")
            assert found.response["passes"] and found.violations_count == 0, found.generate_report()


def test_the_script_leaves_no_name_behind(browser: Browser, sample: Plan, tmp_path: Path) -> None:
    with opened(browser, live_page(tmp_path / "live.html", sample.ranking, sample.scenario)) as (tab, _):
        tab.wait_for_selector(READY)
        assert tab.evaluate("[typeof live, typeof panel, typeof fill, typeof several]") == ["undefined"] * 4


def test_without_any_weight_nothing_is_ranked_and_a_sentence_says_so(
    browser: Browser, sample: Plan, tmp_path: Path
) -> None:
    present = [name for name in CRITERIA if name in sample.ranking.values]
    with pytest.raises(ScenarioError):
        sample.scenario.with_values(weights=dict.fromkeys(CRITERIA, 0.0))
    with opened(browser, live_page(tmp_path / "live.html", sample.ranking, sample.scenario)) as (tab, seen):
        (found,) = moved(tab, present, [[0.0] * len(present)])
        assert found == {"now": NOTHING, "rows": []} and tab.locator(".weight > span > span").first.inner_text() == "–"
        assert not tab.locator("figure.live").is_visible()
        assert "NaN" not in tab.inner_text("main") and seen == Seen()
        tab.get_by_role("button", name="Reset").click()
        expect(tab.locator("table.order tbody tr")).to_have_count(8)


def test_keys_move_a_slider_and_reset_brings_back_the_plan(browser: Browser, sample: Plan, tmp_path: Path) -> None:
    with opened(browser, live_page(tmp_path / "live.html", sample.ranking, sample.scenario)) as (tab, _):
        tab.wait_for_selector(READY)
        stops = [tab.keyboard.press("Tab") or tab.evaluate("document.activeElement.id") for _ in range(4)]
        assert "weight-0-size" in stops  # after the way past the navigation
        tab.get_by_label("growth").focus()
        tab.keyboard.press("ArrowRight")
        expect(tab.locator("#weight-0-growth + span b")).to_have_text("14.1")
        assert tab.get_by_label("growth").get_attribute("aria-valuetext") == "14.1, 14.1 % of all weights"
        for name in ("growth", "runway"):
            tab.get_by_label(name).press("Home")
        for name in ("revenue", "share"):
            tab.get_by_label(name, exact=True).press("End")
        said = "Manufacturing, Retail and Healthcare are chosen; Retail takes the place of Logistics."
        expect(tab.locator("p.now")).to_have_text(said)
        tab.get_by_role("button", name="Reset").press("Enter")
        expect(tab.locator("p.now")).to_contain_text("as with the plan")
        assert tab.get_by_label("growth").input_value() == "14"


def test_equal_scores_share_the_better_rank_and_are_listed_by_key(
    browser: Browser, sample: Plan, tmp_path: Path
) -> None:
    keys = ["z", "Z", "a", "é", "\U0001f600", "\uffee", "10", "9"]  # by code point the smiling face comes last
    ranking = invented(dict.fromkeys(keys, (0.5, 0.5)) | {"best": (0.9, 0.1), "last": (0.1, 0.2)})
    scenario = sample.scenario.with_values(focus=3)
    with opened(browser, live_page(tmp_path / "live.html", ranking, scenario)) as (tab, _):
        (even,) = moved(tab, list(CRITERIA)[:2], [[1.0, 1.0]])
        # 0.9 × ½ + 0.1 × ½ ties with 0.5 only once quantised
        tied = sorted([*keys, "best"])
        assert even["rows"] == [
            *([key, 1, "0.500000000", place < 3] for place, key in enumerate(tied)), ["last", 10, "0.150000000", False],
        ]  # fmt: skip


def test_pins_bans_and_focus_are_kept_under_every_weighting(browser: Browser, sample: Plan, tmp_path: Path) -> None:
    scenario = sample.scenario.with_values(focus=4, pins=("hospitality",), bans=("healthcare", "retail"))
    plan = dataclasses.replace(sample, scenario=scenario)
    ranking = rank_segments(plan.facts, plan.swot, scenario)
    present = [name for name in CRITERIA if name in ranking.values]
    asked = vectors(present)[::20]
    with opened(browser, live_page(tmp_path / "live.html", ranking, scenario)) as (tab, _):
        assert differences(plan, present, asked, moved(tab, present, asked)) == []


def test_the_first_are_drawn_with_all_chosen_and_all_on_request(browser: Browser, sample: Plan, tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    ranking = invented({f"s{place:03d}": random.random(8) for place in range(60)})
    ranks = ranking.values.set_index("segment").sum(axis=1).rank(ascending=False)
    scenario = Scenario.model_validate({**sample.scenario.model_dump(), "focus": 3, "pins": (ranks.idxmax(),)})
    with opened(browser, live_page(tmp_path / "live.html", ranking, scenario)) as (tab, seen):
        (first,) = moved(tab, list(CRITERIA)[:8], [[1.0] * 8])
        assert [row[1] for row in first["rows"]] == [*range(1, 21), 60]
        assert [row[1] for row in first["rows"] if row[3]] == [1, 2, 60]
        tab.get_by_role("button", name="Show all 60").click()
        expect(tab.locator("table.order tbody tr")).to_have_count(60)
        heights = tab.locator("figure.live svg").evaluate("each => each.getBoundingClientRect().height")
        assert heights > 60 * 25
        tab.get_by_role("button", name="Show the first 20").click()
        expect(tab.locator("table.order tbody tr")).to_have_count(21)
        assert seen == Seen()


def test_two_segments_of_one_name_stay_apart(browser: Browser, sample: Plan, tmp_path: Path) -> None:
    ranking = invented({"a": (0.9, 0.9), "b": (0.2, 0.2), "c": (0.5, 0.5)}, {"a": "Twin", "b": "Twin", "c": "Other"})
    scenario = sample.scenario.with_values(focus=1)
    with opened(browser, live_page(tmp_path / "live.html", ranking, scenario)) as (tab, _):
        (found,) = moved(tab, list(CRITERIA)[:2], [[1.0, 0.0]])
        assert [row[0] for row in found["rows"]] == ["a", "c", "b"]
        assert found["now"].startswith("Twin (a) is chosen")
        assert drawn_names(tab, {"Twin (a)", "Other", "Twin (b)"}) == ["Twin (a)", "Other", "Twin (b)"]


def test_hostile_names_are_text_in_sentence_table_and_chart(browser: Browser, tmp_path: Path) -> None:
    folder = hostile_book(tmp_path / "hostile")
    plan = plan_quarter(load_book(folder), load_scenario("base", folder), "2026Q3")
    with opened(browser, live_page(tmp_path / "live.html", plan.ranking, plan.scenario)) as (tab, seen):
        tab.wait_for_selector(READY)
        tab.locator("summary").click()
        text = tab.inner_text("table.order")
        for payload in PAYLOADS.values():
            assert payload in text, payload
        assert PAYLOADS["Healthcare"] in tab.inner_text("p.now")
        assert seen == Seen() and tab.evaluate("window.hit") is None


def test_a_chart_that_cannot_be_drawn_is_a_sentence_without_sliders(
    browser: Browser, sample: Plan, tmp_path: Path
) -> None:
    page = live_page(tmp_path / "live.html", sample.ranking, sample.scenario)
    text = page.read_text(encoding="utf-8")
    assert text.count("w_growth / datum.total") == 1
    page.write_text(text.replace("w_growth / datum.total", "w_growth / / datum.total"), encoding="utf-8")
    with opened(browser, page) as (tab, _):
        assert tab.locator("p.undrawn").is_visible() and tab.locator("input, button, details").count() == 0


def test_in_print_the_sliders_and_what_they_moved_are_left_out(browser: Browser, sample: Plan, tmp_path: Path) -> None:
    with opened(browser, live_page(tmp_path / "live.html", sample.ranking, sample.scenario)) as (tab, _):
        tab.wait_for_selector(READY)
        tab.emulate_media(media="print")
        assert not tab.locator("section.live").is_visible()


def test_on_a_phone_nothing_runs_over_the_edge(browser: Browser, sample: Plan, tmp_path: Path) -> None:
    page = live_page(tmp_path / "live.html", sample.ranking, sample.scenario)
    with opened(browser, page) as (tab, _):
        tab.set_viewport_size({"width": 390, "height": 844})
        tab.wait_for_timeout(200)
        assert tab.evaluate("document.documentElement.scrollWidth") == 390
