"""What moved since the quarter before: the parts add up, each cause shows as itself, and noise moves no choice."""

from __future__ import annotations

import dataclasses
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from workbench.book.book import Book
from workbench.criteria import CRITERIA
from workbench.model.quarter import plan_quarter, segment_facts
from workbench.model.ranking.ranking import chosen_of, rank_segments
from workbench.model.ranking.robustness import how_sure
from workbench.model.ranking.stability import HELD, _answer, average_overlap, compare, keep_incumbents
from workbench.model.results import Ranking, Robustness
from workbench.model.swot.swot import score_swot
from workbench.scenario import Scenario
from workbench.sources.tables.folder import load_scenario

QUARTER, BEFORE = "2026Q3", "2026Q2"
CAUSES = ("weights", "data", "forecast")
NOBODY = pd.DataFrame(columns=HELD)


@pytest.fixture(scope="module")
def base() -> Scenario:
    return load_scenario("base", "sample")


@pytest.fixture(scope="module")
def facts(sample_book, base):
    """The sample's facts by quarter, a year and more back."""
    return {
        quarter: segment_facts(sample_book, base, quarter)
        for quarter in ("2025Q1", "2025Q3", "2025Q4", BEFORE, QUARTER)
    }


def ranked(facts, book, scenario):
    return rank_segments(facts, score_swot(facts, book, scenario), scenario)


def compared(now, before):
    return compare(now, before, before.values, NOBODY)


def without(facts, *keys):
    return dataclasses.replace(facts, segments=facts.segments[~facts.segments["segment"].isin(keys)])


def with_figures(facts, **columns):
    """The facts with figures added in each segment."""
    table = facts.segments
    return dataclasses.replace(facts, segments=table.assign(**{name: table[name] + by for name, by in columns.items()}))


# -------------------------------------------------------------------------------------------------- average overlap


def test_the_published_average_overlap():
    assert average_overlap("abcdefg", "zcavwxy") == pytest.approx(0.312, abs=0.0005)  # Webber et al. 2010, fig. 5


def test_identical_orders_overlap_wholly_disjoint_ones_not_at_all():
    assert average_overlap("abcd", "abcd") == 1 and average_overlap("abcd", "wxyz") == 0


def test_orders_of_different_length_are_compared_down_to_the_shorter_ones_end():
    assert average_overlap("ab", "bacd") == average_overlap("bacd", "ab") == (0 + 1) / 2
    assert np.isnan(average_overlap("", "ab"))


# ------------------------------------------------------------------------------------------------- parts that add up


def units(column):
    """Scores as whole numbers of 1e-9."""
    whole = np.round(column.to_numpy(dtype=float) * 1e9)
    assert np.abs(column * 1e9 - whole).max() < 1e-3
    return whole.astype(int)


def assert_adds_up(now, before):
    """Every part of every segment, in whole numbers, against the two rankings; returns the moves."""
    moves = compared(now, before).moves
    orders = [each.order.set_index("segment") for each in (now, before)]
    assert list(moves["segment"]) == [key for key in orders[0].index if key in orders[1].index]
    one, other = (order.loc[moves["segment"]] for order in orders)
    assert (moves["rank"].tolist(), moves["rank_before"].tolist()) == (one["rank"].tolist(), other["rank"].tolist())
    change = units(one["score"]) - units(other["score"])
    assert (units(moves["score_change"]) == change).all()
    assert (sum(units(moves[f"score_by_{cause}"]) for cause in CAUSES) == change).all()
    assert (moves["move"] == moves["rank_before"] - moves["rank"]).all()
    assert (sum(moves[f"rank_by_{cause}"] for cause in (*CAUSES, "entry")) == moves["move"]).all()
    return moves


def test_the_parts_add_up_for_every_segment_of_the_sample(sample_plan):
    moves = sample_plan.stability.moves
    assert len(moves) == 8 and sample_plan.stability.before == BEFORE
    assert (sum(units(moves[f"score_by_{cause}"]) for cause in CAUSES) == units(moves["score_change"])).all()
    assert (units(moves["score"]) - units(moves["score_before"]) == units(moves["score_change"])).all()
    assert (sum(moves[f"rank_by_{cause}"] for cause in (*CAUSES, "entry")) == moves["move"]).all()
    assert moves["score_change"].abs().min() > 0


@pytest.mark.parametrize("seed", range(40))
def test_the_parts_add_up_between_any_two_quarters_weights_and_sets_of_segments(facts, sample_book, base, seed):
    random = np.random.default_rng(seed)
    quarters, keys = list(facts), facts[QUARTER].segments["segment"].tolist()
    one, other = (
        ranked(without(facts[quarters[random.integers(5)]], *random.choice(keys, random.integers(0, 4), replace=False)),
               sample_book, base.with_values(weights={name: random.integers(0, 9) for name in CRITERIA}))
        for _ in range(2)
    )  # fmt: skip
    assert_adds_up(one, other)


@pytest.mark.parametrize("lacks", ["statements", "deals", "customers"])
def test_the_parts_add_up_where_one_quarter_lacks_a_table(facts, sample_book, base, lacks):
    fewer = Book(sample_book.settings, {key: table for key, table in sample_book.tables().items() if key != lacks})
    whole, part = ranked(facts[QUARTER], sample_book, base), ranked(facts[BEFORE], fewer, base)
    assert len(part.weights) < len(whole.weights)
    assert_adds_up(whole, part)
    assert_adds_up(part, whole)


def test_segments_that_came_or_went_are_named_and_have_a_part_in_the_ranks_alone(facts, sample_book, base):
    whole = ranked(facts[QUARTER], sample_book, base)
    part = ranked(without(facts[QUARTER], "manufacturing"), sample_book, base)
    for now, before, way in ((whole, part, -1), (part, whole, 1)):
        moves = assert_adds_up(now, before).set_index("segment")
        assert (moves["score_change"] == 0).all() and (moves["rank_by_entry"] == moves["move"]).all()
        assert moves["move"].to_dict() == {key: 0 if key == "healthcare" else way for key in moves.index}
    assert "Manufacturing is new in the book." in compared(whole, part).answer
    assert "Manufacturing is no longer in the book." in compared(part, whole).answer


# ------------------------------------------------------------------------------------------------ each cause alone


def assert_only(moves, cause):
    for other in CAUSES:
        if other != cause:
            assert (moves[f"score_by_{other}"] == 0).all() and (moves[f"rank_by_{other}"] == 0).all(), other
    assert (moves["rank_by_entry"] == 0).all()
    assert (moves[f"score_by_{cause}"] == moves["score_change"]).all()


@pytest.mark.parametrize("seed", range(10))
def test_other_weights_show_in_the_part_of_the_weights_alone(facts, sample_book, base, seed):
    random = np.random.default_rng(seed)
    other = base.with_values(weights={name: random.uniform(0, 9) for name in CRITERIA})
    moves = assert_adds_up(*(ranked(facts[QUARTER], sample_book, each) for each in (other, base)))
    assert_only(moves, "weights")
    assert moves["move"].any() or moves["score_change"].any()


def test_another_forecast_shows_in_the_part_of_the_forecast_alone(facts, sample_book, base):
    other = base.with_values(growth_adjustments={"energy": 0.05, "retail": -0.02})
    before = ranked(segment_facts(sample_book, other, QUARTER), sample_book, other)
    moves = assert_adds_up(ranked(facts[QUARTER], sample_book, base), before)
    assert_only(moves, "forecast")
    changed = moves.set_index("segment")["score_by_forecast"]
    assert changed["energy"] < 0 < changed["retail"] and (changed != 0).sum() == 2


@pytest.mark.parametrize("column", ["size_y", "revenue_y", "share", "share_trend", "win_rate", "retention", "coverage"])
def test_another_figure_shows_in_the_part_of_the_data_alone(facts, sample_book, base, column):
    by = 0.1 * facts[QUARTER].segments[column].abs()
    before = ranked(with_figures(facts[QUARTER], **{column: -by}), sample_book, base)
    moves = assert_adds_up(ranked(facts[QUARTER], sample_book, base), before)
    assert_only(moves, "data")
    assert (moves["score_by_data"] > 0).any()


def test_nothing_shows_where_nothing_changed(facts, sample_book, base):
    ranking = ranked(facts[QUARTER], sample_book, base)
    moves = assert_adds_up(ranking, ranking)
    assert (moves[[f"score_by_{cause}" for cause in CAUSES]] == 0).all(axis=None)
    assert compared(ranking, ranking).answer == f"The order is that of {QUARTER}."


def test_nothing_shows_where_nothing_changed_and_scores_lie_between_two_units(facts, sample_book, base):
    swot = score_swot(facts[QUARTER], sample_book, base)
    for seed in range(30):
        halves = (np.random.default_rng(seed).integers(0, 10**9, 8) + 0.5) / 1e9  # the same value in every criterion
        values = swot.values.assign(**{name: halves for name in swot.values.columns if name != "segment"})
        ranking = rank_segments(facts[QUARTER], dataclasses.replace(swot, values=values), base)
        moves = assert_adds_up(ranking, ranking)
        assert (moves[[f"score_by_{cause}" for cause in CAUSES]] == 0).all(axis=None)


def test_the_answer_names_no_cause_that_changed_nothing(facts, sample_book, base):
    whole = ranked(facts[QUARTER], sample_book, base)
    part = ranked(without(facts[QUARTER], "healthcare"), sample_book, base)
    answer = compared(whole, part).answer
    assert answer.startswith(f"7 of 7 segments changed rank since {QUARTER}; ")
    assert "0.000" not in answer and "by weights" not in answer


@pytest.mark.parametrize("seed", range(10))
def test_kendalls_tau_counts_the_pairs_in_the_same_order_less_those_reversed(facts, sample_book, base, seed):
    random = np.random.default_rng(seed)
    other = base.with_values(weights={name: random.uniform(0, 9) for name in CRITERIA})
    rankings = ranked(facts[QUARTER], sample_book, other), ranked(facts["2025Q1"], sample_book, base)
    one, two = (dict(zip(each.order["segment"], each.order["rank"], strict=True)) for each in rankings)
    signs = [np.sign((one[a] - one[b]) * (two[a] - two[b])) for a, b in combinations(one, 2)]
    overall = compared(*rankings).overall.set_index("measure")["figure"]
    assert 0 not in signs and overall["kendalls_tau"] == pytest.approx(sum(signs) / len(signs))
    orders = [each.order["segment"].tolist() for each in rankings]
    shares = [len({*orders[0][:depth]} & {*orders[1][:depth]}) / depth for depth in range(1, 9)]
    assert overall["average_overlap"] == pytest.approx(np.mean(shares))
    assert overall["chosen_kept"] == len({*rankings[0].chosen} & {*rankings[1].chosen})


# ------------------------------------------------------------------------------------------------------ incumbents


def ranking_of(keys, scenario, names=None):
    """A ranking made by hand: segments best first, a tenth of a point apart."""
    order = pd.DataFrame({"segment": list(keys)})
    order["name"] = [(names or {}).get(key, key.upper()) for key in keys]
    order["rank"], order["score"] = range(1, len(keys) + 1), [0.9 - 0.1 * place for place in range(len(keys))]
    order["chosen"] = chosen_of(list(keys), scenario)
    return Ranking((), "", QUARTER, order, *[pd.DataFrame()] * 4)


def robustness_of(keys, ahead):
    """Draws made by hand: how often the first of a pair is ahead of the other; all other pairs are certain."""
    pairs = pd.DataFrame([(*pair, part) for pair, part in ahead.items()], columns=["segment", "other", "probability"])
    places = pd.DataFrame({"segment": list(keys), "place": range(1, len(keys) + 1)})
    return Robustness((), "", pd.DataFrame(), places, pd.DataFrame(), pairs, *[pd.DataFrame()] * 3)


def kept(base, keys, before, ahead, *, focus=2, focus_before=2, names=None, **scenario):
    """Who is chosen, and who of them is held, where `before` was the order a quarter ago."""
    now = base.with_values(focus=focus, **scenario)
    earlier = ranking_of(before, base.with_values(focus=focus_before))
    ranking, held = keep_incumbents(ranking_of(keys, now, names), robustness_of(keys, ahead), earlier, now)
    assert list(ranking.order["segment"]) == list(keys)
    return "".join(ranking.chosen), held, ranking


def test_an_incumbent_stays_where_its_challenger_is_not_sure_enough_to_be_ahead(base):
    chosen, held, ranking = kept(base, "acbd", "abcd", {("c", "b"): 0.6})
    assert chosen == "ab" and list(held.columns) == HELD and len(held) == 1
    row = held.iloc[0].to_dict()
    assert np.isnan(row.pop("cost_y"))
    assert row == {"segment": "b", "name": "B", "challenger": "c", "challenger_name": "C", "probability": 0.6,
                   "probability_needed": 0.75, "score_cost": pytest.approx(0.1)}  # fmt: skip
    assert ranking.answer == ("A and B are chosen. B stays: C ranks before it, but is ahead in only 60 % of the draws, "
                              "and 75 % are needed to replace an incumbent.")  # fmt: skip


@pytest.mark.parametrize(("probability", "chosen"), [(0.7499, "ab"), (0.75, "ac"), (0.9, "ac")])
def test_an_incumbent_gives_way_at_the_probability_needed(base, probability, chosen):
    found, held, _ = kept(base, "acbd", "abcd", {("c", "b"): probability})
    assert found == chosen and len(held) == (chosen == "ab")


@pytest.mark.parametrize(("needed", "chosen"), [(0.5, "ac"), (0.6, "ac"), (0.61, "ab"), (0.99, "ab")])
def test_the_scenario_says_how_sure_a_challenger_must_be(base, needed, chosen):
    assert kept(base, "acbd", "abcd", {("c", "b"): 0.6}, incumbent_probability=needed)[0] == chosen


def test_a_pair_that_never_changes_places_replaces_the_incumbent(base):
    assert kept(base, "acbd", "abcd", {}, incumbent_probability=0.99)[0] == "ac"


def test_a_banned_incumbent_is_not_kept(base):
    chosen, held, _ = kept(base, "acbd", "abcd", {("c", "b"): 0.6}, bans=("b",))
    assert chosen == "ac" and held.empty


def test_a_pinned_challenger_wins(base):
    chosen, held, _ = kept(base, "abcd", "abcd", {("a", "d"): 0.9, ("b", "d"): 0.6}, pins=("d",))
    assert chosen == "ad" and held.empty


def test_a_pinned_incumbent_needs_no_holding(base):
    chosen, held, _ = kept(base, "acdb", "abcd", {("c", "b"): 0.6}, pins=("b",))
    assert chosen == "ab" and held.empty


def test_a_wider_focus_takes_in_the_next_and_holds_nobody(base):
    chosen, held, _ = kept(base, "acbd", "abcd", {("c", "b"): 0.6}, focus=3)
    assert chosen == "acb" and held.empty


def test_a_narrower_focus_drops_the_last_incumbent(base):
    chosen, held, _ = kept(base, "abcd", "abcd", {("b", "c"): 0.5}, focus_before=3)
    assert chosen == "ab" and held.empty


def test_a_narrower_focus_holds_the_best_incumbent_against_a_newcomer(base):
    chosen, held, _ = kept(base, "dabc", "abcd", {("d", "b"): 0.6, ("d", "c"): 0.6}, focus_before=3)
    assert chosen == "ab" and held["segment"].tolist() == ["b"]


def test_an_incumbent_that_left_the_book_is_not_missed(base):
    chosen, held, _ = kept(base, "acd", "abcd", {("a", "c"): 0.5})
    assert chosen == "ac" and held.empty


def test_the_lowest_newcomer_meets_the_best_incumbent_first(base):
    chosen, held, _ = kept(base, "cdab", "abcd", {("d", "a"): 0.6, ("c", "b"): 0.8, ("c", "a"): 0.7, ("d", "b"): 0.7})
    assert chosen == "ca" and held[["segment", "challenger"]].values.tolist() == [["a", "d"]]
    chosen, held, _ = kept(base, "cdab", "abcd", {("d", "a"): 0.6, ("c", "b"): 0.7})
    assert chosen == "ab" and held[["segment", "challenger"]].values.tolist() == [["a", "d"], ["b", "c"]]


@pytest.mark.parametrize("seed", range(60))
def test_as_many_are_chosen_as_by_the_order_and_nobody_is_held_against_the_rule(base, seed):
    random = np.random.default_rng(seed)
    keys, before = ("".join(random.permutation(list("abcdefgh"))) for _ in range(2))
    places = random.permutation(8)
    pins, bans = tuple(keys[p] for p in places[: random.integers(3)]), tuple(keys[p] for p in places[6:])
    ahead = {pair: float(random.uniform(0.5, 1)) for pair in combinations(keys, 2)}
    focus, focus_before = (int(each) for each in random.integers(2, 6, 2))
    chosen, held, _ = kept(base, keys, before, ahead, focus=focus, focus_before=focus_before, pins=pins, bans=bans)
    by_order = ranking_of(keys, base.with_values(focus=focus, pins=pins, bans=bans)).chosen
    assert len(chosen) == len(by_order) and set(pins) <= set(chosen) and not set(bans) & set(chosen)
    assert set(by_order) - set(chosen) == set(held["challenger"]) and set(chosen) - set(by_order) == set(
        held["segment"]
    )
    for row in held.itertuples():
        assert row.segment in before[:focus_before] and row.challenger not in before[:focus_before]
        assert row.probability == ahead[row.challenger, row.segment] < 0.75 and row.score_cost > 0


def test_a_percentage_in_a_name_stays_as_it_is(base):
    _, _, ranking = kept(base, "acbd", "abcd", {("c", "b"): 0.6}, names={"b": "Top 10%"})
    assert "Top 10% stays" in ranking.answer


def test_no_probability_is_rounded_to_certainty(base):
    _, _, ranking = kept(base, "acbd", "abcd", {("c", "b"): 0.9899}, incumbent_probability=0.99)
    assert "in only 98.99 % of the draws, and 99.00 % are needed" in ranking.answer


def test_better_newcomers_come_in_with_the_one_that_wins_its_place(base):
    """C replaces D, the best incumbent outside; B, ahead of E in fewer draws, comes in all the same: E ranks last."""
    sure = {("c", "d"): 0.8, ("b", "e"): 0.7, ("b", "d"): 0.8, ("c", "e"): 0.9}
    assert kept(base, "abcde", "deabc", sure, focus=3, focus_before=3)[0] == "abc"


# ------------------------------------------------------------------------------------------------ noise and change

SEEDS = range(8)


def standing(book, scenario, quarter=QUARTER):
    facts = segment_facts(book, scenario, quarter)
    swot = score_swot(facts, book, scenario)
    return facts, swot, rank_segments(facts, swot, scenario)


def decided(book, scenario, before):
    """The order of the quarter and who is chosen, incumbents considered."""
    facts, swot, by_order = standing(book, scenario)
    return by_order, *keep_incumbents(by_order, how_sure(facts, swot, by_order, scenario), before, scenario)


def noisy(book, seed):
    """The book with a quarter's noise: revenue ±2 %, deals ±1 in every cell, market figures ±0.5 %."""
    random, tables = np.random.default_rng(seed), book.tables()
    now = {name: (tables[name]["quarter"] == QUARTER).to_numpy() for name in ("revenue", "deals")}
    tables["revenue"]["revenue"] *= np.where(now["revenue"], random.uniform(0.98, 1.02, len(now["revenue"])), 1.0)
    for column in ("won", "lost"):
        step = np.where(now["deals"], random.integers(-1, 2, len(now["deals"])), 0)
        tables["deals"][column] = (tables["deals"][column] + step).clip(lower=0)
    tables["market"]["size"] *= random.uniform(0.995, 1.005, len(tables["market"]))
    return Book(book.settings, tables)


def boom(book, segment):
    """The book with a year in which a segment's market, our revenue there and our win rate grew clearly."""
    tables = book.tables()
    revenue, deals, market = (tables[name] for name in ("revenue", "deals", "market"))
    year = ("2025Q4", "2026Q1", "2026Q2", QUARTER)
    revenue.loc[(revenue["segment"] == segment) & revenue["quarter"].isin(year), "revenue"] *= 1.8
    deals.loc[(deals["segment"] == segment) & deals["quarter"].isin(year), "won"] *= 3
    ahead = (market["segment"] == segment) & (market["kind"] == "forecast")
    market.loc[ahead, ["size", "low", "high"]] *= 1.2
    return Book(book.settings, tables)


@pytest.fixture(scope="module")
def noises(sample_book):
    return [noisy(sample_book, seed) for seed in SEEDS]


@pytest.mark.parametrize("quarter", [BEFORE, QUARTER])
def test_noise_alone_flips_no_chosen_segment(sample_book, base, noises, quarter):
    before = standing(sample_book, base, quarter)[2]
    for book in noises:
        by_order, ranking, held = decided(book, base, before)
        assert ranking.chosen == before.chosen == ("healthcare", "manufacturing", "logistics")
        assert set(by_order.chosen) == set(ranking.chosen) and held.empty
        assert (by_order.order["score"] != before.order["score"]).all()


def test_noise_alone_flips_no_chosen_segment_even_where_it_reverses_the_order_of_two(sample_book, base, noises):
    close = base.with_values(focus=2, weights={"growth": 18})  # the second and third are less than 0.003 apart
    before = standing(sample_book, close)[2]
    assert -before.order["score"].diff().iloc[2] < 0.003
    reversed_ = 0
    for book in noises:
        by_order, ranking, held = decided(book, close, before)
        assert set(ranking.chosen) == set(before.chosen)
        assert len(held) == (set(by_order.chosen) != set(before.chosen))
        reversed_ += len(held)
    assert reversed_ > 0


def test_where_an_incumbent_stays_the_plan_speaks_of_one_choice(sample_book, sample_plan, base, noises):
    close = base.with_values(focus=2, weights={"growth": 18})
    before = standing(sample_book, close)[2]
    book = next(book for book in noises if len(decided(book, close, before)[2]))
    plan = plan_quarter(book, close, QUARTER, previous=dataclasses.replace(sample_plan, ranking=before))
    assert len(plan.stability.held) == 1
    segments = plan.robustness.segments
    assert set(segments.loc[segments["chosen"], "segment"]) == set(plan.ranking.chosen)


def test_noise_shows_in_the_parts_of_data_and_forecast_and_adds_up(sample_book, base, noises):
    before = standing(sample_book, base, BEFORE)[2]
    for book in noises[:3]:
        moves = assert_adds_up(standing(book, base)[2], before)
        assert (moves["score_by_weights"] == 0).all() and moves["score_by_forecast"].any()


@pytest.mark.parametrize("segment", ["public_sector", "financial_services"])
def test_a_real_change_flips_a_chosen_segment(sample_book, base, segment):
    before = standing(sample_book, base, BEFORE)[2]
    by_order, ranking, held = decided(boom(sample_book, segment), base, before)
    assert segment not in before.chosen and segment in ranking.chosen and held.empty
    assert len(ranking.chosen) == 3 and len(set(ranking.chosen) & set(before.chosen)) == 2
    moves = assert_adds_up(by_order, before).set_index("segment").loc[segment]
    assert moves["score_by_data"] > 0.03 and moves["score_by_forecast"] > 0.03 and moves["score_by_weights"] == 0


def test_a_real_change_amid_noise_flips_a_chosen_segment(sample_book, base, noises):
    before = standing(sample_book, base, BEFORE)[2]
    for book in noises[:4]:
        assert "public_sector" in decided(boom(book, "public_sector"), base, before)[1].chosen


def test_the_cause_named_is_the_one_that_moved_it_most():
    moved = {"segment": "a", "name": "A", "rank": 1, "rank_before": 6, "move": 5, "rank_by_weights": 1, "rank_by_data": 3,
             "rank_by_forecast": 1, "rank_by_entry": 0, "score_by_weights": 0.1, "score_by_data": 0.02,
             "score_by_forecast": 0.3}  # fmt: skip
    said = _answer(pd.DataFrame([moved]), "2026Q2")
    assert said == (
        "1 of 1 segments changed rank since 2026Q2; A went up from 6 to 1, most of it by the data (+0.020 in score)."
    )
    down = {**moved, "rank": 6, "rank_before": 1, "move": -5, "rank_by_weights": -3, "rank_by_data": -1,
            "rank_by_forecast": -1, "score_by_weights": -0.1}  # fmt: skip
    said = _answer(pd.DataFrame([down]), "2026Q2")
    assert said.endswith("A went down from 1 to 6, most of it by weights and other assumptions (−0.100 in score).")


@pytest.mark.parametrize(("data", "forecast", "cause"), [(0.3, 0.1, "the data"), (0.1, 0.3, "the forecast")])
def test_of_causes_that_moved_it_as_far_the_one_with_the_larger_score_is_named(data, forecast, cause):
    moved = {"segment": "a", "name": "A", "rank": 1, "rank_before": 5, "move": 4, "rank_by_weights": 0, "rank_by_data": 2,
             "rank_by_forecast": 2, "rank_by_entry": 0, "score_by_weights": 0.0, "score_by_data": data,
             "score_by_forecast": forecast}  # fmt: skip
    assert f"most of it by {cause} (+0.300 in score)." in _answer(pd.DataFrame([moved]), "2026Q2")


def test_a_move_that_comes_from_other_segments_coming_or_going_says_so():
    moved = {"segment": "a", "name": "A", "rank": 1, "rank_before": 5, "move": 4, "rank_by_weights": 0, "rank_by_data": 1,
             "rank_by_forecast": 0, "rank_by_entry": 3, "score_by_weights": 0.0, "score_by_data": 0.1,
             "score_by_forecast": 0.0}  # fmt: skip
    assert _answer(pd.DataFrame([moved]), "2026Q2").endswith("most of it because other segments came or went.")
