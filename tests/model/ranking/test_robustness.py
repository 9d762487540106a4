"""How sure the order is: the draws are what they claim to be, and every sentence about them holds when tried."""

from __future__ import annotations

import dataclasses
import itertools
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta, kstest

from tests.sources.shared_data import MAPPINGS, shared
from workbench.cli import main
from workbench.criteria import CRITERIA
from workbench.errors import ScenarioError
from workbench.model.quarter import segment_facts
from workbench.model.ranking.draws import stream, value_draws, weight_draws
from workbench.model.ranking.ranking import chosen_of, rank_segments
from workbench.model.ranking.robustness import APART, NEAR, how_sure
from workbench.model.ranking.robustness_words import draws_percent
from workbench.model.ranking.values import quantised
from workbench.model.swot.swot import score_swot
from workbench.scenario import Scenario
from workbench.sources.tables.folder import load_book, load_scenario, scenario_names

QUARTER = "2026Q3"
INTERVALS = ("growth", "win_rate")  # the figures that have one


@pytest.fixture(scope="module")
def base() -> Scenario:
    return load_scenario("base", "sample")


@pytest.fixture(scope="module")
def facts(sample_book, base):
    return segment_facts(sample_book, base, QUARTER)


def ranked(facts, book, scenario):
    return rank_segments(facts, score_swot(facts, book, scenario), scenario)


def sure(facts, book, scenario):
    swot = score_swot(facts, book, scenario)
    return how_sure(facts, swot, rank_segments(facts, swot, scenario), scenario)


def with_figures(facts, figures):
    """The facts with other figures: `figures` names (segment, column)."""
    table = facts.segments.set_index("segment")
    for (segment, column), figure in figures.items():
        table.loc[segment, column] = figure
    return dataclasses.replace(facts, segments=table.reset_index())


def certain(facts):
    """The facts without any interval."""
    none = {f"{name}_{end}": np.nan for name in INTERVALS for end in ("low", "high")}
    return dataclasses.replace(facts, segments=facts.segments.assign(**none))


def without(facts, *keys):
    return dataclasses.replace(facts, segments=facts.segments[~facts.segments["segment"].isin(keys)])


def draws_of(facts, book, scenario):
    """The ranking's keys as the simulation sorts them, and the drawn weights and values, in full."""
    swot = score_swot(facts, book, scenario)
    ranking = rank_segments(facts, swot, scenario)
    tables = [each.sort_values("segment", ignore_index=True) for each in (ranking.values, swot.values, facts.segments)]
    weights = dict(zip(ranking.weights["criterion"], ranking.weights["weight"], strict=True))
    values_of, uncertain = value_draws(*tables, scenario)
    values = np.broadcast_to(values_of(slice(0, scenario.draws)), (scenario.draws, len(tables[0]), len(weights)))
    return tables[0]["segment"].tolist(), list(weights), weight_draws(weights, scenario), values, uncertain


def same(one, other):
    for name, table in one.tables().items():
        pd.testing.assert_frame_equal(table, other.tables()[name])


# ------------------------------------------------------------------------------------------------------ the weights

FOUR = dict(zip(("size", "growth", "runway", "revenue"), (0.4, 0.3, 0.2, 0.1), strict=True))


def drawn(base, weights=FOUR, draws=20_000, **space):
    return weight_draws(weights, base.with_values(weight_space=space, draws=draws))


@pytest.mark.parametrize("spread", [0.0, 0.1, 0.5])
def test_around_every_weight_lies_within_the_spread_before_they_are_normalised(base, spread):
    found = drawn(base, kind="around", spread=spread)
    assert found.sum(axis=1) == pytest.approx(1)
    off = found / np.array(list(FOUR.values()))  # each is its own factor, 1 − spread to 1 + spread, times a common one
    apart = off.max(axis=1) / off.min(axis=1)
    assert apart.max() <= (1 + spread) / (1 - spread) + 1e-9
    assert apart.max() >= (1 + spread) / (1 - spread) * 0.97


def test_around_the_factors_are_spread_evenly(base):
    found = drawn(base, {"size": 0.999999, "growth": 0.000001}, kind="around", spread=0.3)
    factor = found[:, 1] / found[:, 0] / 1e-6  # of two independent factors
    draws = np.random.default_rng(1).uniform(0.7, 1.3, (2, 20_000))
    assert kstest(factor, draws[0] / draws[1]).pvalue > 0.01


def test_open_weights_are_even_over_the_simplex(base):
    found = drawn(base, dict.fromkeys(CRITERIA, 0.1), kind="open")
    count = len(CRITERIA)
    assert found.sum(axis=1) == pytest.approx(1) and found.min() >= 0
    for column in found.T:
        assert kstest(column, beta(1, count - 1).cdf).pvalue > 0.01  # the margin of an even Dirichlet distribution
        assert column.mean() == pytest.approx(1 / count, abs=3 * column.std() / np.sqrt(len(column)))


def test_weights_within_intervals_agree_with_rejection_sampling(base):
    intervals = {"size": (0.2, 0.5), "growth": (0.1, 0.45), "runway": (0.0, 0.3)}
    found = drawn(base, kind="within", intervals=intervals)
    assert found.sum(axis=1) == pytest.approx(1)
    low, high = np.array([*intervals.values(), (0, 1)]).T
    assert (found >= low - 1e-12).all() and (found <= high + 1e-12).all()
    even = np.random.default_rng(2).dirichlet(np.ones(4), 400_000)
    kept = even[((even >= low) & (even <= high)).all(axis=1)]
    assert len(kept) > 20_000
    for one, other in zip(found.T, kept.T, strict=True):
        assert kstest(one, other).pvalue > 0.01


def test_intervals_without_any_width_leave_one_choice(base):
    found = drawn(base, kind="within", intervals={name: (each, each) for name, each in FOUR.items()})
    assert np.abs(found - list(FOUR.values())).max() < 1e-12


def test_intervals_without_room_for_a_sum_of_1_are_refused_with_their_sums(base):
    two = {"size": 0.5, "growth": 0.5}
    with pytest.raises(ScenarioError, match=r"add up to 0\.10 to 0\.80"):
        drawn(base, two, kind="within", intervals={"size": (0.0, 0.3), "growth": (0.1, 0.5)})


def test_the_interval_of_a_criterion_that_the_book_lacks_takes_no_room(base):
    found = drawn(
        base, {"size": 0.5, "growth": 0.5}, kind="within", intervals={"size": (0.7, 0.9), "runway": (0.3, 0.3)}
    )
    assert found.sum(axis=1) == pytest.approx(1) and found[:, 0].min() >= 0.7 and found[:, 0].max() <= 0.9


@pytest.mark.parametrize("kind", ["around", "open"])
def test_a_criterion_that_drops_out_changes_no_other_draw_but_for_the_sum(base, kind):
    four, three = (drawn(base, weights, kind=kind) for weights in (FOUR, {k: FOUR[k] for k in list(FOUR)[1:]}))
    assert three == pytest.approx(four[:, 1:] / four[:, 1:].sum(axis=1, keepdims=True))


# ------------------------------------------------------------------------------------------------------- the values


@pytest.mark.parametrize("name", INTERVALS)
def test_the_interval_of_a_figure_widens_the_rank_interval_of_its_segment(facts, sample_book, base, name):
    scenario = base.with_values(weight_space={"kind": "around", "spread": 0.0}, weights={name: 60})
    still = certain(facts)
    segments = sure(still, sample_book, scenario).segments
    assert (segments["rank_low"] == segments["rank_high"]).all()
    key, anchor = segments["segment"][3], getattr(base.anchors, name)
    middle = float(still.segments.set_index("segment").loc[key, name])
    wide = []
    for part in (0.0, 0.1, 0.4, 1.0):
        ends = {(key, f"{name}_low"): middle - part * (middle - anchor.low),
                (key, f"{name}_high"): middle + part * (anchor.high - middle)}  # fmt: skip
        row = sure(with_figures(still, ends), sample_book, scenario).segments.set_index("segment").loc[key]
        wide.append(row["rank_high"] - row["rank_low"])
    assert wide == sorted(wide) and wide[0] == 0 and wide[-1] >= 3


@pytest.mark.parametrize("name", INTERVALS)
def test_a_tenth_of_the_draws_lies_beyond_each_end_of_an_interval_and_half_on_each_side(facts, sample_book, base, name):
    keys, criteria, _, values, _ = draws_of(facts, sample_book, base)
    anchor = getattr(base.anchors, name)
    table = facts.segments.set_index("segment")
    for row, key in enumerate(keys):
        ends = [table.loc[key, f"{name}{end}"] for end in ("_low", "", "_high")]
        at = [(each - anchor.low) / (anchor.high - anchor.low) for each in ends]
        below = [(values[:, row, criteria.index(name)] < each).mean() for each in at]
        expected = np.array([0.1, 0.5, 0.9])
        assert (np.abs(below - expected) < 3.5 * np.sqrt(expected * (1 - expected) / base.draws)).all()


def test_missing_values_are_drawn_evenly_from_0_to_1(facts, sample_book, base):
    missing = with_figures(certain(facts), {("energy", "growth"): np.nan, ("retail", "coverage"): np.nan})
    keys, criteria, _, values, uncertain = draws_of(missing, sample_book, base)
    assert uncertain == 2
    for key, name in (("energy", "growth"), ("retail", "coverage")):
        assert kstest(values[:, keys.index(key), criteria.index(name)], "uniform").pvalue > 0.01
    found = sure(missing, sample_book, base).overall.set_index("measure")["figure"]
    assert found["uncertain figures"] == 2


def test_a_missing_value_widens_the_rank_interval_of_its_segment(facts, sample_book, base):
    scenario = base.with_values(weight_space={"kind": "around", "spread": 0.0}, weights={"coverage": 60})
    segments = sure(with_figures(certain(facts), {("logistics", "coverage"): np.nan}), sample_book, scenario).segments
    row = segments.set_index("segment").loc["logistics"]
    assert row["rank_high"] - row["rank_low"] >= 3


def test_a_forecast_without_an_interval_is_said(facts, sample_book, base):
    assert sure(facts, sample_book, base).missing == ()
    said = sure(with_figures(facts, {("energy", "growth_low"): np.nan}), sample_book, base).missing
    assert said == ("Growth of Energy has no interval: the simulation takes it as certain.",)


# --------------------------------------------------------------------------------------------------- random numbers


def test_the_same_seed_gives_the_same_result_and_another_seed_another(facts, sample_book, base):
    one, two, three = (sure(facts, sample_book, base.with_values(seed=seed)) for seed in (5, 5, 6))
    same(one, two)
    assert one.answer == two.answer
    assert not one.acceptability["probability"].equals(three.acceptability["probability"])


def test_a_segment_that_comes_or_goes_changes_no_random_number_of_the_others(facts, sample_book, base):
    missing = with_figures(facts, {("retail", "coverage"): np.nan})
    keys, _, weights, values, _ = draws_of(missing, sample_book, base)
    fewer, _, other_weights, other_values, _ = draws_of(without(missing, "energy", "healthcare"), sample_book, base)
    assert (weights == other_weights).all()
    assert (values[:, [keys.index(key) for key in fewer]] == other_values).all()


def test_a_segment_that_comes_or_goes_leaves_the_others_as_often_ahead_of_one_another(facts, sample_book, base):
    whole, part = (sure(each, sample_book, base) for each in (facts, without(facts, "manufacturing")))
    pairs = whole.pairs[~(whole.pairs[["segment", "other"]] == "manufacturing").any(axis=1)]
    pd.testing.assert_frame_equal(pairs.reset_index(drop=True), part.pairs)


def test_streams_differ_by_segment_and_by_seed():
    found = {tuple(stream(seed, key).random(3)) for seed in (0, 1) for key in ("weights", "a", "b", "")}
    assert len(found) == 8


# ------------------------------------------------------------------------------------------------ who is chosen


def naive_shares(facts, book, scenario):
    """In what part of the draws each segment is chosen, and on which place it stands, draw by draw."""
    keys, _, weights, values, _ = draws_of(facts, book, scenario)
    chosen, places = Counter(), Counter()
    for draw in range(scenario.draws):
        scores = quantised(values[draw] * weights[draw])
        order = sorted(range(len(keys)), key=lambda row: (-scores[row], keys[row]))
        names = [keys[row] for row in order]
        chosen.update(key for key, is_in in zip(names, chosen_of(names, scenario), strict=True) if is_in)
        places.update((key, place + 1) for place, key in enumerate(names))
    return [{key: count / scenario.draws for key, count in each.items()} for each in (chosen, places)]


@pytest.mark.parametrize(
    ("pins", "bans", "focus"),
    [((), (), 3), (("energy",), ("healthcare",), 3), (("retail", "energy"), (), 2), ((), ("retail",), 20), ((), (), 1)],
)
def test_a_loop_over_the_draws_finds_who_is_chosen_how_often(facts, sample_book, base, pins, bans, focus):
    space = {"kind": "around", "spread": 0.9}
    scenario = base.with_values(pins=pins, bans=bans, focus=focus, draws=400, weight_space=space)
    found = sure(facts, sample_book, scenario)
    chosen, places = naive_shares(facts, sample_book, scenario)
    segments = found.segments.set_index("segment")
    for key, row in segments.iterrows():
        assert row["chosen_probability"] == pytest.approx(chosen.get(key, 0.0), abs=1e-12)
        reached = np.cumsum([places.get((key, place), 0.0) for place in range(1, 9)]) + 1e-12
        assert (row["rank_low"], row["rank_high"]) == (1 + (reached < 0.1).sum(), 1 + (reached < 0.9).sum())
    by_rank = {(row.segment, row.rank): row.probability for row in found.acceptability.itertuples(name="Row")}
    assert by_rank == pytest.approx(places)


def test_pins_are_chosen_in_every_draw_and_bans_in_none(facts, sample_book, base):
    segments = sure(facts, sample_book, base.with_values(pins=("energy",), bans=("healthcare",))).segments
    table = segments.set_index("segment")
    assert tuple(table.loc["energy", ["chosen_probability", "sure"]]) == (1, "pinned")
    assert tuple(table.loc["healthcare", ["chosen_probability", "sure"]]) == (0, "banned")
    assert table["chosen_probability"].sum() == pytest.approx(3)


def test_chosen_in_every_draw_is_said_as_100_percent(facts, sample_book, base):
    first, rest = facts.segments.iloc[[0] * 3], facts.segments.iloc[[0] * 2]
    best = first.assign(segment=["a", "b", "c"], size_y=8e9, runway_y=5e7, revenue_y=3e7, share=0.25, retention=0.98)
    last = rest.assign(segment=["d", "e"], size_y=5e8, runway_y=2e6, revenue_y=2e6, share=0.0, retention=0.75)
    table = pd.concat([best, last], ignore_index=True)
    invented = dataclasses.replace(facts, segments=table.assign(name=table["segment"]))
    for seed in range(30):
        found = sure(invented, sample_book, base.with_values(draws=1000, seed=seed))
        ranks = found.acceptability[found.acceptability["segment"].isin(["a", "b", "c"])]
        assert set(ranks["rank"]) == {1, 2, 3} and len(ranks) == 9
        chosen = found.segments.set_index("segment")["chosen_probability"]
        assert [draws_percent(chosen[key]) for key in "abcde"] == ["100 %"] * 3 + ["0 %"] * 2


# ------------------------------------------------------------------------------------- what would change the choice


def weighing(scenario, criteria, weights):
    return scenario.with_values(weights=dict(zip(criteria, np.asarray(weights, dtype=float).tolist(), strict=True)))


def alone(criteria, weights, name, at):
    """The weights with that of one criterion at `at`, the others keeping their proportions."""
    share = dict(zip(criteria, weights, strict=True))
    rest = {key: each / (1 - share[name]) * (1 - at) for key, each in share.items() if key != name}
    return [at if key == name else rest[key] for key in criteria]


VARIANTS = {
    "base": ("base", {}),
    "growth": ("growth", {}),
    "defend": ("defend", {}),
    "one": ("base", {"focus": 1}),
    "five": ("base", {"focus": 5}),
    "pins and bans": ("base", {"pins": ("energy",), "bans": ("healthcare",)}),
    "one criterion": ("base", {"weights": {name: float(name == "win_rate") for name in CRITERIA}}),
}


@pytest.fixture(scope="module", params=VARIANTS)
def case(request, facts, sample_book):
    """A scenario on the sample's figures, with its ranking and robustness."""
    name, changes = VARIANTS[request.param]
    assert name in scenario_names("sample")
    scenario = load_scenario(name, "sample").with_values(draws=500, **changes)
    return scenario, ranked(facts, sample_book, scenario), sure(facts, sample_book, scenario)


def test_a_weight_just_beyond_the_one_that_is_named_takes_the_segment_in_or_out(case, facts, sample_book):
    scenario, ranking, found = case
    criteria, weights = ranking.weights["criterion"].tolist(), ranking.weights["weight"].tolist()
    looked_at = found.segments[found.segments["turns"].notna()]
    assert len(looked_at) >= 2
    for row in looked_at[looked_at["turns_on"] != ""].itertuples():
        way = 1e-6 if row.weight_at > row.weight else -1e-6
        for at, turned in ((row.weight_at - way, False), (row.weight_at + way, True)):
            other = weighing(scenario, criteria, alone(criteria, weights, row.turns_on, at))
            chosen = ranked(facts, sample_book, other).chosen
            assert (row.segment in chosen) == (bool(row.chosen) != turned), row.turns
        words = "stays among the chosen until" if row.chosen else "comes among the chosen when"
        assert row.turns.startswith(f"{row.name} {words} {row.turns_on.replace('_', ' ')} weighs")


def test_no_criterion_turns_a_segment_nearer_than_the_one_that_is_named(case):
    scenario, ranking, found = case
    criteria, weights = ranking.weights["criterion"].tolist(), ranking.weights["weight"].tolist()
    values = ranking.values.sort_values("segment", ignore_index=True)
    looked_at = found.segments[found.segments["turns"].notna()]
    for name, weight in zip(criteria, weights, strict=True):
        for at in np.linspace(0.003, 0.997, 100) if weight < 1 else []:
            scores = quantised(values[criteria].to_numpy() * alone(criteria, weights, name, at))
            order = values["segment"].iloc[np.argsort(-scores, kind="stable")].tolist()
            chosen = {key for key, is_in in zip(order, chosen_of(order, scenario), strict=True) if is_in}
            for row in looked_at.itertuples():
                nearer = row.turns_on == "" or abs(at - weight) < abs(row.weight_at - row.weight) - 1e-9
                assert not nearer or (row.segment in chosen) == bool(row.chosen), (row.turns, name, at)


def test_the_weights_of_the_certificate_change_who_is_chosen_and_none_short_of_them_do(case, facts, sample_book):
    scenario, ranking, found = case
    table = found.certificate
    radius = found.overall.set_index("measure")["figure"]["radius"]
    assert table["weight_change"].abs().sum() == pytest.approx(radius, abs=1e-9)
    assert table["weight_at"].sum() == pytest.approx(1) and table["weight_at"].min() >= -1e-12
    step = table["weight_at"] - table["weight"]
    for part, changed in ((1 - 1e-4, False), (1 + 1e-4, True)):
        other = weighing(scenario, table["criterion"], (table["weight"] + part * step).clip(lower=0))
        chosen = ranked(facts, sample_book, other).chosen
        assert (set(chosen) != set(ranking.chosen)) == changed
    came, went = set(chosen) - set(ranking.chosen), set(ranking.chosen) - set(chosen)
    names = dict(zip(ranking.order["segment"], ranking.order["name"], strict=True))
    assert f"beyond it {names[came.pop()]} comes in for {names[went.pop()]}." in found.answer


def test_a_near_tie_is_a_run_of_segments_each_barely_ahead_of_the_next_and_not_clearly_of_the_last(case):
    _, _, found = case
    order, ties = found.segments["segment"].tolist(), found.near_ties
    for start, group in ties.groupby("group"):
        keys = group["segment"].tolist()
        assert order[start - 1 : start - 1 + len(keys)] == keys and len(keys) > 1
        assert all(found.ahead(one, other) < NEAR for one, other in itertools.pairwise(keys))
        assert found.ahead(keys[0], keys[-1]) < APART
        following = order[start - 1 + len(keys) :][:1]
        assert all(found.ahead(keys[-1], key) >= NEAR or found.ahead(keys[0], key) >= APART for key in following)
        assert f"{', '.join(group['name'][:-1])} and {group['name'].iloc[-1]} are a near tie." in found.answer


# ------------------------------------------------------------------------------------------------------ a real book


@pytest.fixture(scope="module")
def maven(tmp_path_factory):
    """The robustness of a real pipeline's order by win rate alone."""
    export, market = shared("crm_maven"), shared("bea") / "bea_summary_long_1997_2023.csv"
    book = tmp_path_factory.mktemp("crm") / "maven"
    assert main(["import-crm", str(export), "--out", str(book), "--mapping", str(MAPPINGS / "crm_maven.toml")]) == 0
    assert main(["import-market", str(market), "--out", str(book), "--mapping", str(MAPPINGS / "bea.toml")]) == 0
    assert main(["scenario", str(book)]) == 0
    loaded, scenario = load_book(book), load_scenario("base", book)
    scenario = scenario.with_values(weights={name: float(name == "win_rate") for name in CRITERIA})
    facts = segment_facts(loaded, scenario, "2017Q4")
    return facts.segments, sure(facts, loaded, scenario)


def test_sectors_whose_win_rates_differ_by_chance_come_out_as_a_near_tie(maven):
    facts, found = maven
    rates = facts["win_rate"]
    assert len(facts) == 10 and rates.min() > 0.6 and rates.max() < 0.65
    assert len(found.near_ties) == 10 and set(found.near_ties["group"]) == {1, 6}
    assert "are a near tie" in found.answer


def test_their_rank_intervals_say_so(maven):
    _, found = maven
    width = found.segments["rank_high"] - found.segments["rank_low"]
    assert found.segments["rank_high"].iloc[0] >= 6 and found.segments["rank_low"].iloc[-1] <= 5
    assert width.min() >= 5 and width.mean() >= 6
    chosen = found.segments[found.segments["chosen"]]
    assert set(chosen["sure"]) <= {"open", "more likely than not"}
