"""Asks: the test again by loops over the raw rows, and a number behind every no."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

from tests.model.raw import plan_of, rows
from workbench.model.asks.triage import triage_one
from workbench.model.results import millions
from workbench.sources.tables.folder import SAMPLE, load_book


def asks_of(folder):
    return plan_of(folder).asks.asks.set_index("ask")


def number(text):
    return float(text) if text else 0.0


def shares(row, plan):
    """Claim ÷ threshold of the three measures for one raw row of impacts."""
    segment = plan.ranking.order.set_index("segment").loc[row["segment"]]
    limits = plan.scenario.significance
    return {
        "revenue": number(row["revenue_y"]) / segment["revenue_y"] / limits.revenue,
        "retention": number(row["retention_points"]) / limits.retention_points,
        "adoption": number(row["adopters"]) / segment["customers"] / limits.adoption,
    }


def values_by_hand(plan):
    """Σ over chosen segments of confidence × margin × (claims capped at the cell's runway + retention)."""
    margin = {row["product"]: float(row["gross_margin"]) for row in rows(SAMPLE, "products")}
    product = {row["ask"]: row["product"] for row in rows(SAMPLE, "asks")}
    runway = plan.facts.cells.set_index(["product", "segment"])["runway_y"]
    facts = plan.facts.segments.set_index("segment")
    sums = defaultdict(float)
    for row in rows(SAMPLE, "impacts"):
        own, segment = product[row["ask"]], row["segment"]
        if segment in plan.ranking.chosen:
            revenue, pairs = facts.loc[segment, "revenue_y"], facts.loc[segment, "pairs"]
            growth = number(row["revenue_y"]) + number(row["adopters"]) * revenue / pairs
            kept = number(row["retention_points"]) / 100 * revenue
            claim = min(growth, runway[own, segment]) + kept
            sums[row["ask"]] += float(row["confidence"]) * margin[own] * claim
    return sums


def test_significant_is_what_reaches_a_threshold_in_a_chosen_segment(sample_plan):
    effects = sample_plan.asks.effects.set_index(["ask", "segment"])
    raw = rows(SAMPLE, "impacts")
    assert len(raw) == len(effects)
    for row in raw:
        ratios, found = shares(row, sample_plan), effects.loc[(row["ask"], row["segment"])]
        chosen = row["segment"] in sample_plan.ranking.chosen
        assert found["closest"] == pytest.approx(max(ratios.values()))
        assert bool(found["significant"]) == (chosen and max(ratios.values()) >= 1 - 1e-12)


def test_a_value_is_counted_in_chosen_segments_with_claims_capped_at_the_runway(sample_plan):
    wanted = values_by_hand(sample_plan)
    for _, row in sample_plan.asks.asks.iterrows():
        assert row["value_y"] == pytest.approx(wanted[row["ask"]])


def test_only_significant_asks_and_what_they_need_are_funded(sample_plan):
    effects = sample_plan.asks.effects
    good = set(effects.loc[effects["significant"], "ask"])
    raw = {row["ask"]: row for row in rows(SAMPLE, "asks")}
    needed = {part for ask in good for part in raw[ask]["requires"].split(";") if part}
    theme = {raw[ask]["theme"] for ask in good} - {""}
    also = {ask for ask, row in raw.items() if row["theme"] in theme}
    funded = set(sample_plan.asks.asks.query("decision == 'funded'")["ask"])
    assert funded and funded <= good | needed | also


def test_themes_prerequisites_exclusions_and_capacity_are_kept(sample_plan):
    raw = {row["ask"]: row for row in rows(SAMPLE, "asks")}
    funded = set(sample_plan.asks.asks.query("decision == 'funded'")["ask"])
    themes = {row["theme"] for row in raw.values()} - {""}
    assert themes
    for theme in themes:
        members = {ask for ask, row in raw.items() if row["theme"] == theme}
        assert members <= funded or not members & funded
    for ask in funded:
        assert {part for part in raw[ask]["requires"].split(";") if part} <= funded
        assert not {part for part in raw[ask]["excludes"].split(";") if part} & funded
    used = defaultdict(float)
    for row in rows(SAMPLE, "efforts"):
        used[row["team"]] += float(row["effort"]) if row["ask"] in funded else 0
    room = {row["team"]: float(row["capacity"]) for row in rows(SAMPLE, "capacity") if row["quarter"] == "2026Q4"}
    assert all(used[team] <= room[team] for team in used)
    teams = sample_plan.asks.teams.set_index("team")
    assert teams["used"].to_dict() == pytest.approx({team: used[team] for team in teams.index})


def test_every_no_has_a_reason_and_what_would_change_it(sample_plan):
    parked = sample_plan.asks.asks.query("decision == 'parking lot'")
    assert len(parked) and (parked["reason"] != "").all() and (parked["change_needed"] != "").all()
    assert (sample_plan.asks.asks["reason"] != "").all()


def test_the_figures_of_a_failed_test_are_those_of_the_effects_table(sample_plan):
    effects = sample_plan.asks.effects.set_index(["ask", "segment"])
    names = dict(zip(sample_plan.ranking.order["name"], sample_plan.ranking.order["segment"], strict=True))
    checked = 0
    for _, row in sample_plan.asks.asks.iterrows():
        if not row["reason"].startswith("No significant effect"):
            continue
        place = next(name for name in names if f" in {name}, threshold" in row["reason"])
        effect = effects.loc[(row["ask"], names[place])]
        claim = {"revenue": f"{effect['revenue_part'] * 100:,.1f} %", "adoption": f"{effect['adoption_part'] * 100:,.1f} %",
                 "retention": f"{effect['retention_points']:,.1f}"}[effect["measure"]]  # fmt: skip
        assert f"best is {claim} " in row["reason"]
        others = [effects.loc[(row["ask"], key), "closest"] for key in sample_plan.ranking.chosen
                  if (row["ask"], key) in effects.index]  # fmt: skip
        assert effect["closest"] == max(others) < 1
        checked += 1
    assert checked


def test_forcing_a_displaced_ask_in_costs_what_its_reason_says(tiny_book, change):
    """Two asks of 20 days for a team of 30: the better one wins, the other is told by how much."""
    text = "ask,title,product,requester,kind,need,theme,requires,excludes\n"
    (tiny_book / "asks.csv").write_text(text + "A,Access,007,,,,,,\nB,Better,007,,,,,,\n", "utf-8")
    impacts = "ask,segment,revenue_y,confidence\nA,NA,50000,0.5\nB,NA,60000,0.5\n"
    (tiny_book / "impacts.csv").write_text(impacts, "utf-8")
    (tiny_book / "efforts.csv").write_text("ask,team,effort\nA,core,20\nB,core,20\n", "utf-8")
    change("capacity", lambda row: {**row, "capacity": "30"})
    asks = asks_of(tiny_book)
    assert list(asks["decision"]) == ["funded", "parking lot"] and asks.loc["B", "value_y"] == pytest.approx(21000)
    assert asks.loc["A", "reason"] == (
        "core has 10 of 30 person-days left and it needs 20: displaced by Better; choosing it would forgo 4 k a year"
    )
    change = (
        "Claims 1.21 times as large (60.1 k revenue a year in North America instead of 50 k), or 10 of 20 person-days"
    )
    assert asks.loc["A", "change_needed"] == change
    assert asks.loc["A", "displaced_by"] == "B" and asks.loc["A", "forgone_y"] == pytest.approx(3500)


def test_a_claim_is_worth_no_more_than_the_runway(tiny_book, change):
    change("impacts", lambda row: {**row, "revenue_y": "999999999"} if row["ask"] == "A3" else row)
    plan = plan_of(tiny_book)
    effect = plan.asks.effects.set_index("ask").loc["A3"]
    runway = plan.facts.cells.set_index(["product", "segment"])["runway_y"]["beam", "NA"]
    kept = 0.01 * effect["segment_revenue_y"]
    assert effect["capped"] and effect["value_y"] == pytest.approx(0.6 * 0.6 * (runway + kept))


def test_a_prerequisite_comes_along_with_the_ask_that_needs_it(tiny_book, change):
    change("impacts", lambda row: {**row, "segment": "NA", "revenue_y": "90000"} if row["ask"] == "A2" else None)
    asks = asks_of(tiny_book)
    assert asks.loc["A2", "decision"] == "funded" == asks.loc["A1", "decision"]
    assert asks.loc["A1", "reason"] == "Comes with Log export, which needs it"


def test_an_ask_that_needs_one_that_cannot_be_done_is_parked_with_it(tiny_book, change):
    change("impacts", lambda row: {**row, "segment": "NA", "revenue_y": "90000"})
    change("efforts", lambda row: {**row, "effort": "100"} if row["ask"] == "A1" else row)
    asks = asks_of(tiny_book)
    assert list(asks.loc[["A1", "A2"], "decision"]) == ["parking lot", "parking lot"]
    assert asks.loc["A1", "reason"] == "It needs 100 of 40 person-days of core"
    assert asks.loc["A2", "reason"] == "It and what must come with it exceed the teams' capacity"


def test_a_theme_is_released_together_or_not_at_all(tiny_book, change):
    change(
        "asks",
        lambda row: {**row, "theme": "logs" if row["ask"] in ("A1", "A2") else "", "requires": "", "excludes": ""},
    )
    assert list(asks_of(tiny_book).loc[["A1", "A2"], "decision"]) == ["funded", "funded"]
    change("capacity", lambda row: {**row, "capacity": "34"})
    assert list(asks_of(tiny_book).loc[["A1", "A2"], "decision"]) == ["parking lot", "parking lot"]


def test_asks_that_rule_one_another_out_are_not_both_funded(tiny_book, change):
    change("asks", lambda row: {**row, "requires": "", "excludes": "A1" if row["ask"] == "A3" else ""})
    change("capacity", lambda row: {**row, "capacity": "999"})
    asks = asks_of(tiny_book)
    assert asks.loc["A3", "decision"] == "funded" and asks.loc["A1", "displaced_by"] == "A3"


def test_a_segment_where_we_earn_nothing_yet_can_still_be_moved(tiny_book, change):
    change("revenue", lambda row: {**row, "revenue": "0"} if row["segment"] == "health" else row)
    effect = plan_of(tiny_book).asks.effects.set_index("ask").loc["A1"]
    assert effect["revenue_part"] == 1 and effect["significant"]


REASONS = {
    "no row at all": (lambda row: None if row["ask"] == "A3" else row, "No effect is claimed in any segment"),
    "nothing claimed": (
        lambda row: {**row, "revenue_y": "0", "retention_points": "", "adopters": "0"} if row["ask"] == "A3" else row,
        "No effect is claimed in any segment"),
    "too little": (
        lambda row: {**row, "revenue_y": "1000", "retention_points": "", "adopters": ""} if row["ask"] == "A3" else row,
        "No significant effect in a chosen segment: best is 0.6 % of revenue in North America, threshold 2.0 % of revenue"),
    "elsewhere": (
        lambda row: {**row, "segment": "public"} if row["ask"] == "A3" else row,
        "Its effects lie in Public sector (rank 3 of 3), not among the chosen"),
}  # fmt: skip


@pytest.mark.parametrize("name", REASONS)
def test_the_reason_tells_why_the_test_failed(tiny_book, change, name):
    alter, reason = REASONS[name]
    change("impacts", alter)
    asks = asks_of(tiny_book)
    assert (asks.loc["A3", "decision"], asks.loc["A3", "reason"]) == ("parking lot", reason)


def test_an_effect_too_small_elsewhere_is_not_promised_a_yes(tiny_book, change):
    small = {"segment": "public", "revenue_y": "1", "retention_points": "", "adopters": ""}
    change("impacts", lambda row: {**row, **small} if row["ask"] == "A3" else row)
    assert asks_of(tiny_book).loc["A3", "change_needed"] == (
        "No single change: it needs a larger effect, in a chosen segment"
    )


def test_without_capacity_the_effort_still_stands_and_the_gap_is_said(tiny_book):
    (tiny_book / "capacity.csv").unlink()
    plan = plan_of(tiny_book)
    assert plan.asks.asks.set_index("ask")["effort"].to_dict() == {"A1": 20, "A2": 15, "A3": 30}
    assert any("the book has no capacity for 2026Q4. More is funded" in said for said in plan.missing)


def test_an_ask_without_effort_is_said_to_need_none(tiny_book, change):
    change("efforts", lambda row: None if row["ask"] == "A3" else row)
    plan = plan_of(tiny_book)
    assert "No effort is declared for Cache: taken to need none." in plan.missing
    assert np.isnan(plan.asks.asks.set_index("ask").loc["A3", "effort"])


def test_a_team_without_capacity_can_do_nothing_and_that_is_said(tiny_book, change):
    change("capacity", lambda row: None if row["team"] == "core" else row)
    plan = plan_of(tiny_book)
    assert "No capacity is declared for core in 2026Q4: their asks cannot be done." in plan.missing
    assert plan.asks.asks.set_index("ask").loc["A1", "decision"] == "parking lot"


THREE = "ask,title,product,requester,kind,need,theme,requires,excludes\n"


def three(folder, asks, impacts, efforts, capacity="core,2026Q4,30"):
    """The tiny book with other asks."""
    for name, head, lines in (
        ("asks", THREE, asks), ("impacts", "ask,segment,revenue_y,retention_points,confidence\n", impacts),
        ("efforts", "ask,team,effort\n", efforts), ("capacity", "team,quarter,capacity\n", [capacity]),
    ):  # fmt: skip
        (folder / f"{name}.csv").write_text(head + "\n".join(lines) + "\n", "utf-8")
    return plan_of(folder).asks


def test_a_team_without_capacity_is_the_reason_and_the_bottleneck(tiny_book):
    found = three(tiny_book, ["A,Access,007,,,,,,"], ["A,NA,50000,,0.5"], ["A,core,44"], "core,2026Q4,0")
    row = found.asks.iloc[0]
    assert row["reason"] == "core has no capacity in 2026Q4, and it needs 44 person-days"
    assert row["change_needed"] == "No single change: core has no capacity in 2026Q4"
    assert found.answer.endswith("The bottleneck is core (no capacity, and 1 significant ask needs it).")


@pytest.mark.parametrize("excludes", [("B", ""), ("", "A")])
def test_an_ask_that_only_an_exclusion_keeps_out_names_it(tiny_book, excludes):
    asks = [f"A,Access,007,,specific,,,,{excludes[0]}", f"B,Better,007,,specific,,,,{excludes[1]}"]
    found = three(tiny_book, asks, ["A,NA,50000,,0.5", "B,NA,60000,,0.5"], ["A,core,10", "B,core,10"])
    row = found.asks.set_index("ask").loc["A"]
    assert row["reason"] == "Excludes Better, which is worth more (21 k against 18 k a year)"
    assert (row["displaced_by"], row["bottleneck"]) == ("B", "")
    assert found.answer.startswith("1 of 2 asks is funded, ")


def test_asks_of_a_theme_say_that_they_are_released_together(tiny_book):
    asks = [f"{key},{key}-one,007,,,,joint,," for key in "ABC"]
    found = three(tiny_book, asks, ["A,NA,50000,,0.5"], ["A,core,5", "B,core,5"])
    table = found.asks.set_index("ask")
    assert table.loc["B", "reason"] == "Released together with A-one and C-one"
    assert table.loc["B", "what_would_drop_it"] == (
        "Released together with A-one and C-one: without either it goes, too"
    )


@pytest.mark.parametrize(
    ("points", "said"),
    [("1.1", "Claims 9.1 % smaller (below 1.0 points of retention in North America instead of 1.1)"),
     ("1", "Claims 0.1 % smaller (below 1.0 points of retention in North America instead of 1.0)")],
)  # fmt: skip
def test_a_claim_that_stands_on_its_threshold_drops_below_it(tiny_book, points, said):
    found = three(tiny_book, ["A,Access,007,,,,,,"], [f"A,NA,0,{points},0.5"], ["A,core,10"])
    assert found.asks.iloc[0]["what_would_drop_it"] == said


def test_what_an_ask_adds_in_all_is_the_plan_with_it_less_the_plan_without(tiny_book):
    asks = ["A,Access,007,,,,,,", "B,Better,007,,,,,,"]
    impacts, efforts = ["A,NA,50000,,0.5", "B,NA,60000,,0.5"], ["A,core,20", "B,core,20"]
    three(tiny_book, asks, impacts, efforts)
    plan = plan_of(tiny_book)
    said = triage_one(plan.ranking, plan.allocation, load_book(tiny_book), plan.scenario, "B")
    worth = plan.asks.asks.set_index("ask")["value_y"]
    assert (
        said[1]
        == f"It displaces Access; in all the plan gains {millions(worth['B'] - worth['A'])} gross profit a year."
    )


def test_an_ask_that_costs_the_plan_more_than_it_brings_says_loses(tiny_book):
    asks = ["A,Access,007,,base,,,,", "B,Better,007,,specific,,,,"]
    plan = plan_of(tiny_book) if three(tiny_book, asks, ["A,NA,60000,,0.5", "B,NA,55000,,0.5"],
                                       ["A,core,20", "B,core,20"]) else None  # fmt: skip
    said = triage_one(plan.ranking, plan.allocation, load_book(tiny_book), plan.scenario, "B")
    worth = plan.asks.asks.set_index("ask")["value_y"]
    assert worth["A"] > worth["B"]
    assert said[1] == (f"It displaces Access; in all the plan loses {millions(worth['A'] - worth['B'])} gross profit a "
                       "year, since specific work goes first where a team is full.")  # fmt: skip


@pytest.mark.parametrize(("effort", "named"), [(27, True), (26, False)])
def test_a_team_is_the_bottleneck_from_nine_in_ten_of_its_days(tiny_book, effort, named):
    found = three(tiny_book, ["A,Access,007,,,,,,"], ["A,NA,50000,,0.5"], [f"A,core,{effort}"])
    assert ("The bottleneck is core (90 % of its person-days used)." in found.answer) == named
