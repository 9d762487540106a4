"""Planted impossibilities: the set named is a smallest one, and the change proposed works while a little less does not.

The oracle is a linear program written from the raw figures, one row a rule and line.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from tests.conftest import BASE_TOML
from workbench.model.allocation.infeasibility import conflict, conflicts
from workbench.model.allocation.infeasibility_words import amounts, next_steps, sentence
from workbench.model.allocation.limits import limits_of
from workbench.scenario import make_scenario

SCENARIO = make_scenario(tomllib.loads(BASE_TOML), "test")
SLACK = 0.006  # of a rule, currency a year: a suggestion is exact to half a cent


@dataclass
class Raw:
    """The figures of a small problem, as plain lists."""

    lines: list[tuple[str, str, str]]
    current: np.ndarray
    minimum: list[float | None]
    maximum: list[float | None]
    budget: float
    chosen: list[str]
    share: float | None = None
    segments: dict[str, list[float | None]] = field(default_factory=dict)
    products: dict[str, list[float | None]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def frame(self) -> pd.DataFrame:
        figures = {"current_y": self.current, "minimum_y": self.minimum, "maximum_y": self.maximum}
        frame = pd.DataFrame(self.lines, columns=["product", "lever", "segment"])
        for kind in ("segment", "product"):
            frame[f"{kind}_name"] = [self.names.get(name, name) for name in frame[kind]]
        return frame.assign(**{name: np.array(each, dtype=float) for name, each in figures.items()})

    def limits(self):
        declared = {
            kind: {name: {"minimum_y": low or 0.0, "maximum_y": high} for name, (low, high) in given.items()}
            for kind, given in (("segments", self.segments), ("products", self.products))
        }
        scenario = SCENARIO.with_values(budget={"change_limit": self.share, **declared})
        return limits_of(self.frame(), self.chosen, scenario, self.budget)

    def of(self, place: int, name: str) -> list[int]:
        return [at for at, line in enumerate(self.lines) if line[place] == name]


def rules_by_hand(raw, share):
    """(name, line or None, lines, sense, amount): every rule from the raw figures; exceptions as docs/method.md has them."""
    everything = list(range(len(raw.lines)))
    yield "budget", None, everything, 1, raw.budget
    for kind, place, given in (("segment", 2, raw.segments), ("product", 0, raw.products)):
        for name, (low, high) in given.items():
            if low:
                yield f"{kind}.{name}.minimum", None, raw.of(place, name), -1, low
            if high is not None:
                yield f"{kind}.{name}.maximum", None, raw.of(place, name), 1, high
    for at, (_, _, segment) in enumerate(raw.lines):
        today, low, high = raw.current[at], raw.minimum[at] or 0.0, raw.maximum[at]
        if low:
            yield "lines.minimum", at, [at], -1, low
        if high is not None:
            yield "lines.maximum", at, [at], 1, high
        if raw.share is not None:
            kept = max(today * (1 - share), 0.0)
            yield "change_limit.floor", at, [at], -1, kept if high is None else min(kept, high)
            yield "change_limit.ceiling", at, [at], 1, max(today * (1 + share), low)
        if segment not in raw.chosen:
            yield "growth", at, [at], 1, max(today, low)


def named(member):
    """What a member of a conflict is called by hand: rules on single lines of the table with their lines."""
    if member.key.startswith("line"):
        return {(f"lines.{'minimum' if member.sense == 'least' else 'maximum'}", at) for at in member.at.tolist()}
    return {(member.key, None)}


def possible(raw, *, only=None, besides=frozenset(), move=(frozenset(), 0.0)):
    """Whether a spend keeps the rules: `only` some, `besides` others, those in `move` giving way by an amount in all."""
    gives, by = move
    count, moved = len(raw.lines), {name for name, _ in gives}
    share = raw.share
    if raw.share is not None and moved & {"change_limit.floor", "change_limit.ceiling"}:
        share, gives = raw.share + by, frozenset()
    rows, right = [], []
    for name, at, inside, sign, amount in rules_by_hand(raw, share):
        known = {(name, at), (name, None)}
        if (only is not None and not known & only) or known & besides:
            continue
        row = np.zeros(2 * count + 1)
        row[inside] = sign
        if known & gives:
            row[count + (count if at is None else at)] = -1
        rows.append(row)
        right.append(sign * amount + SLACK)
    rows.append(np.append(np.zeros(count), np.ones(count + 1)))
    right.append(abs(by))
    answer = linprog(np.zeros(2 * count + 1), A_ub=np.array(rows) / 1e3, b_ub=np.array(right) / 1e3)
    assert answer.status in (0, 2)
    return answer.status == 0


def random_problem(seed):
    """A problem that a random spend keeps: every rule is drawn around it; figures are whole thousands."""
    random = np.random.default_rng(seed)
    products, segments = [["p", "q"], ["p", "q", "r"]][random.integers(2)], ["a", "b", "c"]
    lines = [
        (product, lever, segment) for product in products for lever in ("product", "sales") for segment in segments
    ]
    lines = [line for line in lines if random.random() < 0.8] or lines
    chosen = [name for name in segments if random.random() < 0.6]
    share = random.choice([None, 0.2, 0.5])
    current = random.integers(0, 200, len(lines)) * 1e3
    widest = 1.0 if share is None else share
    grows = np.array([segment in chosen for _, _, segment in lines])
    factor = 1 + random.uniform(-widest, np.where(grows, widest, 0))
    spend = np.clip(np.round(current * factor, -3), np.ceil(current * (1 - widest)), None)
    spend = np.where(spend > current * (1 + widest * grows), current, spend)
    lowest = [float(amount) if random.random() < 0.3 else None for amount in np.floor(spend * 0.8 / 1e3) * 1e3]
    highest = [float(amount) if random.random() < 0.3 else None for amount in spend + random.integers(0, 50) * 1e3]
    raw = Raw(lines, current, lowest, highest, float(spend.sum()) + random.integers(0, 100) * 1e3, chosen, share)
    for place, given, names in ((2, raw.segments, segments), (0, raw.products, products)):
        for name in names:
            total = float(spend[raw.of(place, name)].sum())
            if random.random() < 0.4:
                given[name] = [max(total - random.integers(0, 50) * 1e3, 0.0), total + random.integers(0, 50) * 1e3]
    return raw, spend, random


def total(raw, place, name, amounts):
    return float(np.array(amounts, dtype=float)[raw.of(place, name)].sum())


def budget_below_minima(raw, spend, random):
    raw.minimum = [float(max(amount, 1e3)) for amount in spend]
    raw.maximum = [None] * len(spend)
    raw.budget = float(np.round(sum(raw.minimum) * random.uniform(0.3, 0.9), -3))


def minima_of_segments_above_the_budget(raw, spend, random):
    raw.segments = {name: [total(raw, 2, name, spend) + 2e3, None] for name in "abc"}
    raw.budget = float(np.round(sum(low for low, _ in raw.segments.values()) * random.uniform(0.3, 0.9), -3))


def maxima_of_segments_below_a_product(raw, spend, random):
    raw.products["p"] = [total(raw, 0, "p", spend) + 20e3, None]
    own = {name: sum(spend[at] for at in raw.of(2, name) if raw.lines[at][0] == "p") for name in "abc"}
    raw.segments = {name: [None, float(np.round(amount * random.uniform(0.3, 1), -3))] for name, amount in own.items()}


def change_limit_above_the_maximum_of_a_segment(raw, spend, random):
    raw.share, raw.maximum = 0.2, [None] * len(spend)
    raw.current = raw.current + 10e3
    raw.segments["a"] = [None, float(np.round(total(raw, 2, "a", raw.current) * random.uniform(0.1, 0.7), -3))]


def change_limit_below_the_minimum_of_a_product(raw, spend, random):
    raw.share = 0.2
    raw.products["p"] = [
        float(np.round(total(raw, 0, "p", raw.current) * 1.3, -3)) + 5e3 + random.integers(50) * 1e3,
        None,
    ]


def maxima_of_lines_below_the_minimum_of_a_segment(raw, spend, random):
    raw.maximum = [float(amount) for amount in spend]
    raw.segments["b"] = [total(raw, 2, "b", spend) + random.integers(5, 90) * 1e3, None]


def closed_segments_below_the_minimum_of_a_product(raw, spend, random):
    raw.chosen = raw.chosen[:1]
    raw.maximum = [
        float(amount) if line[2] in raw.chosen else None for line, amount in zip(raw.lines, spend, strict=True)
    ]
    now = [spend[at] if line[2] in raw.chosen else max(raw.current[at], raw.minimum[at] or 0)
           for at, line in enumerate(raw.lines)]  # fmt: skip
    raw.products["q"] = [total(raw, 0, "q", now) + random.integers(5, 90) * 1e3, None]


def maxima_of_lines_below_their_minima(raw, spend, random):
    raw.minimum = [float(amount) + 5e3 if random.random() < 0.6 else None for amount in spend]
    raw.minimum[0] = float(spend[0]) + 5e3
    raw.maximum = [
        None if low is None or at % 2 else low - random.integers(1, 5) * 1e3 for at, low in enumerate(raw.minimum)
    ]
    raw.budget = float(np.round(raw.budget * random.uniform(0.5, 1.2), -3))


def two_at_once(raw, spend, random):
    closed_segments_below_the_minimum_of_a_product(raw, spend, random)
    minima_of_segments_above_the_budget(raw, spend, random)
    change_limit_above_the_maximum_of_a_segment(raw, spend, random)


PLANTED = [budget_below_minima, minima_of_segments_above_the_budget, maxima_of_segments_below_a_product,
           change_limit_above_the_maximum_of_a_segment, change_limit_below_the_minimum_of_a_product,
           maxima_of_lines_below_the_minimum_of_a_segment, closed_segments_below_the_minimum_of_a_product,
           maxima_of_lines_below_their_minima, two_at_once]  # fmt: skip


def planted(plant, seed):
    raw, spend, random = random_problem(seed)
    plant(raw, spend, random)
    return raw


def all_of(members):
    return frozenset().union(*(named(member) for member in members))


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_the_rules_named_conflict_and_without_any_one_of_them_they_do_not(plant):
    for seed in range(25):
        raw = planted(plant, seed)
        assert not possible(raw)
        found = conflicts(raw.limits(), raw.frame())
        assert found
        for one in found:
            assert not possible(raw, only=all_of(one.members)), seed
            sums = {
                sense: sum(member.amount for member in one.members if member.sense == sense)
                for sense in ("least", "most")
            }
            assert one.excess == pytest.approx(sums["least"] - sums["most"])
            for member in one.members:
                assert possible(raw, only=all_of(one.members) - named(member)), (seed, member.key)


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_the_change_proposed_works_and_a_little_less_does_not(plant):
    proposed = 0
    for seed in range(25):
        raw = planted(plant, seed)
        found = conflicts(raw.limits(), raw.frame())
        for one in found:
            beside = frozenset().union(*(all_of(other.members) for other in found if other is not one))
            for member, by in zip(one.members, one.changes, strict=True):
                if by is None:
                    most = 1e4 if member.share is not None else member.amount if member.sense == "least" else 1e9
                    assert not possible(raw, besides=beside, move=(named(member), most - 1)), (seed, member.key)
                    continue
                assert (by < 0) == (member.sense == "least" and member.share is None)
                assert possible(raw, besides=beside, move=(named(member), by)), (seed, member.key, by)
                assert not possible(raw, besides=beside, move=(named(member), 0.999 * by)), (seed, member.key, by)
                proposed += 1
    assert proposed >= 25


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_no_smaller_set_of_rules_conflicts(plant):
    for seed in range(5):
        raw = planted(plant, seed)
        names = sorted({name for name, *_ in rules_by_hand(raw, raw.share)})
        size = len(conflicts(raw.limits(), raw.frame())[0].members)
        for fewer in combinations(names, size - 1):
            assert possible(raw, only=frozenset((name, None) for name in fewer)), seed


def test_problems_that_a_spend_solves_have_no_conflict():
    for seed in range(200):
        raw, _, _ = random_problem(seed)
        assert possible(raw)
        assert conflict(raw.limits(), raw.frame()) is None, seed


def test_the_independent_conflicts_of_a_plan_are_all_told():
    raw, _, _ = random_problem(4)
    raw = Raw(
        raw.lines, raw.current + 10e3, [None] * len(raw.lines), [None] * len(raw.lines), 1e9, ["a", "b", "c"], 0.2
    )
    raw.segments = {"a": [None, 1e3], "b": [None, 2e3], "c": [1e8, None]}
    keys = [{member.key for member in one.members} for one in conflicts(raw.limits(), raw.frame())]
    assert keys == [{"segment.c.minimum", "change_limit.ceiling"}, {"segment.a.maximum", "change_limit.floor"}]


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_the_order_of_rows_changes_no_word(plant):
    for seed in range(5):
        raw = planted(plant, seed)
        told = [
            (sentence(one, raw.frame()), next_steps(one, raw.frame())) for one in conflicts(raw.limits(), raw.frame())
        ]
        order = np.random.default_rng(seed).permutation(len(raw.lines))
        raw.lines, raw.current = [raw.lines[at] for at in order], raw.current[order]
        raw.minimum, raw.maximum = [raw.minimum[at] for at in order], [raw.maximum[at] for at in order]
        raw.segments = dict(reversed(raw.segments.items()))
        again = [
            (sentence(one, raw.frame()), next_steps(one, raw.frame())) for one in conflicts(raw.limits(), raw.frame())
        ]
        assert told == again


def many_minima(each, budget):
    """Twenty-four segments with a minimum each, far above the budget together: too many sets to try them all."""
    lines = [("p", "sales", f"s{number:02}") for number in range(24)]
    raw = Raw(lines, np.zeros(24), [None] * 24, [None] * 24, budget, [line[2] for line in lines])
    raw.segments = {line[2]: [amount, None] for line, amount in zip(lines, each, strict=True)}
    return raw


def test_a_conflict_of_many_rules_keeps_the_largest():
    """16 minima of 200 and 8 of 100: 14 of 200, 2,800, are within the budget of 2,900, with a fifteenth they are not."""
    raw = many_minima([100.0, 200.0, 200.0] * 8, 2900.0)
    one = conflict(raw.limits(), raw.frame())
    assert [member.amount for member in one.members] == [2900.0] + [200.0] * 15
    assert one.excess == pytest.approx(100)
    assert one.changes[0] == pytest.approx(4000 - 2900) and set(one.changes[1:]) == {None}


LINES = [(product, "sales", segment) for product in ("agent", "beam") for segment in ("public", "retail")]
NAMES = {"public": "Public sector", "retail": "Retail", "agent": "Agent", "beam": "Beam"}
TODAY = [0.6e6, 0.9e6, 0.3e6, 1.2e6]


def example(budget=3e6, **figures):
    """Two products in two segments, 3.0 m a year today; in words: what conflicts and what would help, conflict by conflict."""
    none: list[float | None] = [None] * 4
    raw = Raw(LINES, np.array(TODAY), **{"minimum": none, "maximum": none, "chosen": ["public", "retail"], **figures},
              budget=budget, names=NAMES)  # fmt: skip
    lines = raw.frame()
    return [part for one in conflicts(raw.limits(), lines) for part in (sentence(one, lines), next_steps(one, lines))]


def test_minima_of_segments_above_the_budget_in_words():
    assert example(segments={"public": [2e6, None], "retail": [1.5e6, None]}) == [
        "the minimum for Public sector of 2.0 m and the minimum for Retail of 1.5 m, 3.5 m together, exceed the budget of "
        "3.0 m by 0.5 m",
        "raise the budget by 0.5 m to 3.5 m, or lower the minimum for Public sector by 0.5 m to 1.5 m, or lower the minimum "
        "for Retail by 0.5 m to 1.0 m",
    ]


def test_a_change_limit_above_a_maximum_in_words():
    """Half of 0.9 m and 1.2 m must stay; 62 % off 2.1 m leaves 0.8 m."""
    assert example(share=0.5, segments={"retail": [None, 0.8e6]}) == [
        "the least that the change limit of 50 % allows in Retail, 1.05 m, exceeds the maximum for Retail of 0.80 m by 0.25 m",
        "raise the maximum for Retail by 0.25 m to 1.05 m, or raise the change limit from 50 % to 62 %",
    ]


def test_closed_segments_below_a_minimum_in_words():
    assert example(chosen=[], products={"agent": [1.7e6, None]}) == [
        "the minimum for Agent of 1.7 m exceeds the spend of 1.5 m for Agent in Public sector and Retail (not chosen, so they "
        "may not grow) by 0.2 m",
        "lower the minimum for Agent by 0.2 m to 1.5 m, or let 0.2 m of growth into segments that are not chosen",
    ]


def test_minima_of_lines_are_told_together_and_a_single_one_by_its_name():
    two = example(minimum=[None, 700e3, None, 850e3], segments={"retail": [None, 1.5e6]})
    assert two[0] == "the minima of 1.55 m on 2 lines in Retail exceed the maximum for Retail of 1.50 m by 0.05 m"
    assert (
        two[1]
        == "raise the maximum for Retail by 0.05 m to 1.55 m, or lower the minima of 2 lines in Retail by 0.05 m together"
    )
    one = example(minimum=[None, 700e3, None, None], products={"agent": [None, 699_999.99]})
    assert one[0] == ("the minimum of Agent (sales) in Retail of 700,000.00 exceeds the maximum for Agent of 699,999.99 "
                      "by 0.01")  # fmt: skip


def test_what_other_rules_ask_for_and_what_is_not_enough_is_said():
    """Retail alone lacks 0.2 m; with 0.9 m for Agent in Public sector, which is too much by itself, 1.9 m are needed."""
    assert example(budget=0.8e6, minimum=[0.9e6, None, None, None], segments={"retail": [1.0e6, None]}) == [
        "the minimum for Retail of 1.0 m exceeds the budget of 0.8 m by 0.2 m",
        "raise the budget by 1.1 m to 1.9 m (other rules count, too; a change of the minimum for Retail "
        "alone is not enough)",
    ]


def test_amounts_take_the_shortest_form_that_hides_nothing():
    assert amounts([3e6, 2.5e6, 0.5e6]) == ["3.0 m", "2.5 m", "0.5 m"]
    assert amounts([3.04e6, 3e6, 0.04e6]) == ["3.04 m", "3.00 m", "0.04 m"]
    assert amounts([3_000_400, 3e6, 400]) == ["3,000,400", "3,000,000", "400"]
    assert amounts([3_000_000.01, 3e6, 0.01]) == ["3,000,000.01", "3,000,000.00", "0.01"]
    assert amounts([17_000, 5_000, 0]) == ["17 k", "5 k", "0"]
    assert amounts([999, 1]) == ["999", "1"]
