"""Each table of a brief against the raw rows, and the brief of a segment of which little is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.model.raw import plan_of, rows, write
from workbench import segment_brief
from workbench.errors import WorkbenchError
from workbench.model.briefs.propositions import gaps_of
from workbench.model.ranking.robustness import STAYS

SEGMENTS = ("energy", "financial_services", "healthcare", "hospitality", "logistics", "manufacturing", "public_sector",
            "retail")  # fmt: skip
OPTIONAL = ("relevance", "customers", "deals", "statements", "needs", "segment_needs", "coverage", "spend", "asks", "impacts",
            "efforts", "capacity", "goals")  # fmt: skip


def records(table):
    return table.to_dict("records")


def coverage_of(folder):
    return {(row["product"], row["need"]): float(row["coverage"]) for row in rows(folder, "coverage")}


def relevant(folder, segment):
    judged = {row["product"]: row["relevance"] for row in rows(folder, "relevance") if row["segment"] == segment}
    return {product for product, relevance in judged.items() if relevance and float(relevance) >= 0.5}


@pytest.mark.parametrize("segment", SEGMENTS)
def test_the_needs_are_the_segments_rows_with_the_best_coverage_the_most_important_first(
    sample_plan, sample_folder, segment
):
    met, what = coverage_of(sample_folder), {row["need"]: row["what"] for row in rows(sample_folder, "needs")}
    expected = []
    for row in rows(sample_folder, "segment_needs"):
        if row["segment"] == segment:
            best = max((cover, product) for (product, need), cover in met.items() if need == row["need"])
            first = min(product for (product, need), cover in met.items() if need == row["need"] and cover == best[0])
            expected.append((-float(row["importance"]), row["need"], what[row["need"]], row["who"], row["why"], row["outcome"],
                             best[0], first))  # fmt: skip
    table = segment_brief(sample_plan, segment).needs
    columns = ["need", "what", "who", "why", "outcome", "coverage", "product"]
    assert expected and [(each[0], *each[1:]) for each in sorted(expected)] == [
        (-row["importance"], *(row[column] for column in columns)) for row in records(table)
    ]
    assert (table["gap"] == 1 - table["coverage"]).all()


@pytest.mark.parametrize("segment", SEGMENTS)
def test_proof_points_are_the_relevant_products_and_the_needs_they_meet_by_half(sample_plan, sample_folder, segment):
    here = {row["need"] for row in rows(sample_folder, "segment_needs") if row["segment"] == segment}
    expected = {
        (product, need, cover)
        for (product, need), cover in coverage_of(sample_folder).items()
        if need in here and cover >= 0.5 and product in relevant(sample_folder, segment)
    }
    table = segment_brief(sample_plan, segment).proposition
    assert {(row["product"], row["need"], row["coverage"]) for row in records(table)} == expected
    assert len(table) == len(expected)
    year = ("2025Q4", "2026Q1", "2026Q2", "2026Q3")
    for row in records(table):
        own = [each for each in rows(sample_folder, "revenue")
               if (each["product"], each["segment"]) == (row["product"], segment)]  # fmt: skip
        earned = sum(float(each["revenue"]) for each in own if each["quarter"] in year)
        assert row["revenue_y"] == pytest.approx(earned)


def test_a_relevant_product_that_meets_no_need_is_no_proof_point_and_is_named(sample_plan, sample_folder):
    brief = segment_brief(sample_plan, "energy")
    bare = relevant(sample_folder, "energy") - set(brief.proposition["product"])
    names = {row["product"]: row["name"] for row in rows(sample_folder, "products")}
    said = [each for each in brief.missing if each.startswith("No proof point")]
    assert bare and len(said) == 1 and all(names[product] in said[0] for product in bare)


@pytest.mark.parametrize("segment", SEGMENTS)
def test_a_gap_is_matched_by_the_spend_and_the_asks_that_serve_it(sample_plan, sample_folder, segment):
    met = coverage_of(sample_folder)
    spend, asks = records(sample_plan.allocation.spend), records(sample_plan.asks.asks)
    claims = {
        row["ask"]
        for row in rows(sample_folder, "impacts")
        if row["segment"] == segment
        and any(float(row[name] or 0) > 0 for name in ("revenue_y", "retention_points", "adopters"))
    }
    names = {row["product"]: row["name"] for row in rows(sample_folder, "products")}
    table = segment_brief(sample_plan, segment).gaps
    last = None
    for row in records(table):
        assert row["open"] == row["importance"] * (1 - row["coverage"]) and row["poor"] == (row["coverage"] < 0.5)
        assert last is None or row["open"] <= last
        last = row["open"]
        lines = [line for line in spend if line["segment"] == segment and line["lever"] == "product"
                 and (line["product"], row["need"]) in met]  # fmt: skip
        assert row["plan_y"] == pytest.approx(sum(line["plan_y"] for line in lines))
        assert row["current_y"] == pytest.approx(sum(line["current_y"] for line in lines))
        grow = sorted(
            (line for line in lines if line["change_y"] > 0), key=lambda line: (-line["change_y"], line["product"])
        )
        assert row["products"] == ", ".join(names[line["product"]] for line in grow)
        serve = sorted((ask["ask"], ask["title"]) for ask in asks if ask["need"] == row["need"]
                       and ask["decision"] == "funded" and (ask["kind"] == "base" or ask["ask"] in claims))  # fmt: skip
        assert row["asks"] == "; ".join(title for _, title in serve)
    assert set(table["need"]) == {
        row["need"] for row in rows(sample_folder, "segment_needs") if row["segment"] == segment
    }


def test_a_gap_without_ask_or_spend_says_so(sample_plan):
    brief = segment_brief(sample_plan, "logistics")
    bare = gaps_of(brief.needs, brief.needs[["need", "product"]].iloc[:0], brief.money, brief.funded.iloc[:0])
    assert bare["plan_y"].isna().all() and set(bare["asks"]) == {""} and set(bare["products"]) == {""}


@pytest.mark.parametrize("segment", SEGMENTS)
def test_todays_customers_lack_relevant_products_that_sell_little_and_important_needs_not_half_met(
    sample_plan, segment
):
    brief = segment_brief(sample_plan, segment)
    cells = [
        row for row in records(sample_plan.swot.cells) if row["segment"] == segment and row["kind"] == "opportunity"
    ]
    cells.sort(key=lambda row: (-row["runway_y"], row["product"]))
    needs = [row for row in records(brief.needs) if row["importance"] >= 0.5 and row["coverage"] < 0.5]
    needs.sort(key=lambda row: (-row["importance"] * row["gap"], row["need"]))
    expected = [("product", row["product"]) for row in cells] + [("need", row["need"]) for row in needs]
    assert [(row["kind"], row["key"]) for row in records(brief.missing_today)] == expected


@pytest.mark.parametrize("segment", SEGMENTS)
def test_the_money_is_the_plans_and_adds_up_to_the_segments(sample_plan, segment):
    brief = segment_brief(sample_plan, segment)
    whole = sample_plan.allocation.segments.set_index("segment").loc[segment]
    for column in ("current_y", "plan_y", "gain_y"):
        assert brief.money[column].sum() == pytest.approx(whole[column])
    assert len(brief.money) == (sample_plan.allocation.spend["segment"] == segment).sum()


@pytest.mark.parametrize("segment", SEGMENTS)
def test_every_ask_that_claims_an_effect_here_is_funded_or_parked_with_its_reason(sample_plan, sample_folder, segment):
    brief = segment_brief(sample_plan, segment)
    claims = {row["ask"]: row for row in rows(sample_folder, "impacts") if row["segment"] == segment}
    decided = {row["ask"]: row for row in records(sample_plan.asks.asks)}
    for table, word in ((brief.funded, "funded"), (brief.parked, "parking lot")):
        assert set(table["ask"]) == {ask for ask in claims if decided[ask]["decision"] == word}
        for row in records(table):
            assert row["revenue_y"] == float(claims[row["ask"]]["revenue_y"] or 0)
            assert row["reason"] == decided[row["ask"]]["reason"] != ""
            assert row["change_needed"] == decided[row["ask"]]["change_needed"]
    count = f"{len(brief.funded) or 'none'} of the {len(claims)} asks"
    assert count in brief.answer or len(claims) < 2


@pytest.mark.parametrize("segment", SEGMENTS)
def test_the_figures_are_those_of_the_order_each_with_its_grade(sample_plan, segment):
    brief = segment_brief(sample_plan, segment)
    order = sample_plan.ranking.order.set_index("segment").loc[segment]
    table = brief.standing.set_index("measure")
    for name in ("rank", "score", "revenue_y", "customers", "growth", "retention", "win_rate", "runway_y"):
        assert table.at[name, "figure"] == order[name]
    assert set(table["grade"]) <= {"observed", "estimated", "claimed", "assumed"}
    grades = {"revenue_y": "observed", "customers": "observed", "win_rate": "estimated", "share": "claimed"}
    assert {name: table.at[name, "grade"] for name in grades} == grades
    assert table.at["runway_y", "grade"] == "assumed"  # the reach is our default
    assert table.at["growth", "grade"] == ("claimed" if order["growth_method"] == "analyst" else "estimated")


def test_the_sentence_tells_rank_choice_money_and_asks(sample_plan):
    assert segment_brief(sample_plan, "hospitality").answer == (
        "Hospitality ranks 8 of 8 and is not chosen (near certain, in 100 % of the draws): spend goes from 1.9 m to 976 k EUR "
        "a year, and the one ask that claims an effect here is parked."
    )


def test_the_sentence_says_what_made_the_choice_where_it_was_not_the_order_alone(tiny_book, scene):
    scene('pins = ["public"]\nbans = ["health"]')
    plan = plan_of(tiny_book)
    assert "is chosen (pinned by the scenario)" in segment_brief(plan, "public").answer
    assert "is not chosen (banned by the scenario)" in segment_brief(plan, "health").answer
    table = plan.robustness.segments
    table["sure"], table["chosen_probability"] = STAYS, 0.25
    held = replace(plan, robustness=replace(plan.robustness, segments=table))
    assert "is chosen (an incumbent stays; by the order in 25 % of the draws)" in segment_brief(held, "NA").answer


@pytest.mark.parametrize(
    ("name", "day", "signed"),
    [("Ana", "2026-09-30", "signed"), ("Ana", "2026-10-01", "unsigned"), ("Ana", "2025-09-30", "signed"),
     ("Ana", "2025-09-29", "older than four quarters"), ("Ana", "", "unsigned"), ("", "2026-05-04", "unsigned")],
)  # fmt: skip
def test_a_signature_counts_from_its_day_and_grows_old_after_four_quarters(tiny_book, change, name, day, signed):
    change(
        "segment_needs",
        lambda row: {**row, "validated_by": name, "validated_on": day} if row["segment"] == "NA" else row,
    )
    plan = plan_of(tiny_book)
    row = plan.facts.needs.set_index(["segment", "need"]).loc[("NA", "speed")]
    assert row["signed"] == signed
    later = day > "2026-09-30"
    assert (row["validated_by"], row["validated_on"]) == (("", "") if later else (name, day))
    said = " ".join(segment_brief(plan, "NA").missing)
    assert ("unsigned" in said, "four quarters ago" in said) == (signed == "unsigned", signed.startswith("older"))


def test_a_need_that_no_product_meets_is_a_gap_of_one_without_a_best_product(tiny_book, change):
    change("coverage", lambda row: {**row, "coverage": "0"} if row["need"] == "speed" else row)
    brief = segment_brief(plan_of(tiny_book), "NA")
    assert records(brief.needs[["coverage", "product", "gap"]]) == [{"coverage": 0.0, "product": "", "gap": 1.0}]
    assert brief.proposition.empty and records(brief.gaps[["open", "poor"]]) == [{"open": 0.8, "poor": True}]


def test_a_segment_without_needs_says_so_and_keeps_its_other_tables(tiny_book):
    write(tiny_book, "segment_needs", [row for row in rows(tiny_book, "segment_needs") if row["segment"] != "NA"])
    brief = segment_brief(plan_of(tiny_book), "NA")
    assert brief.needs.empty and brief.gaps.empty and brief.proposition.empty
    assert len(brief.money) and len(brief.standing)
    assert any("No need of North America is written down" in said for said in brief.missing)


@pytest.mark.parametrize(
    "lacking", ["relevance", "customers", "needs", "segment_needs", "coverage", "spend", "asks", "all"]
)
def test_a_book_without_an_optional_table_gives_a_brief_that_says_what_is_not_known(tiny_book, sample_plan, lacking):
    lacking = OPTIONAL if lacking == "all" else (lacking,)
    for name in lacking:
        (tiny_book / f"{name}.csv").unlink()
    plan = plan_of(tiny_book)
    brief = segment_brief(plan, "health")
    whole = segment_brief(sample_plan, "retail")
    assert {name: list(table) for name, table in brief.tables().items()} == {
        name: list(table) for name, table in whole.tables().items()
    }
    assert {"needs", "proofs"} <= set(plan.facts.tables()) and list(plan.facts.needs)[:2] == ["segment", "need"]
    assert list(plan.facts.proofs) == ["product", "segment", "need", "coverage", "kind"]
    assert not brief.standing["figure"].isna().any()
    if set(lacking) & {"needs", "segment_needs", "coverage"}:
        assert any("book has no" in said for said in plan.missing)
    if lacking != ("needs",):
        assert brief.missing


def test_a_brief_needs_nothing_but_the_plan_and_changes_nothing_in_it(sample_plan):
    before = sample_plan.to_json()
    one, two = (segment_brief(sample_plan, "retail") for _ in range(2))
    table = one.needs
    table["need"] = "changed"
    assert sample_plan.to_json() == before
    assert all(table.equals(two.tables()[name]) for name, table in one.tables().items())


def test_an_unknown_segment_is_answered_with_the_nearest_known_one(sample_plan):
    with pytest.raises(WorkbenchError, match="write 'manufacturing'") as raised:
        segment_brief(sample_plan, "manufactring")
    assert len(raised.value.problems) == 1 and "logistics" in raised.value.problems[0].allowed
