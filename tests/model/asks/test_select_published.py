"""The best set of asks on backlogs from elsewhere: the Next Release Problem's published optima, two real backlogs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.optimize import linprog

from tests.sources.shared_data import shared
from tests.stages import later
from workbench.model.asks.triage import select


@dataclass(frozen=True)
class Given:
    """A backlog with the efforts of one team; `requires` pairs (i, j): i needs j."""

    value: np.ndarray
    effort: np.ndarray
    requires: list[tuple[int, int]]

    def best(self, capacity, **rules):
        found = select(self.value, self.effort[:, None], np.array([float(capacity)]), requires=self.requires, **rules)
        chosen = found.chosen
        assert found.feasible and self.effort[chosen].sum() <= capacity
        assert all(chosen[other] for one, other in self.requires if chosen[one])
        return found

    def relaxed(self, capacity):
        """The value where asks may be chosen in part: no set is worth more."""
        rows = np.zeros((len(self.requires) + 1, len(self.value)))
        rows[-1] = self.effort
        for row, (one, other) in zip(rows, self.requires, strict=False):
            row[one], row[other] = 1, -1
        return -linprog(-self.value, A_ub=rows, b_ub=[0.0] * len(self.requires) + [capacity], bounds=(0, 1)).fun

    def greedy(self, capacity):
        """By value per effort, each ask with all it still needs, as long as it fits."""
        needs = {one: {one} for one in range(len(self.value))}
        for _ in needs:
            for one, other in self.requires:
                needs[one] |= needs[other]
        chosen: set[int] = set()
        for one in sorted(needs, key=lambda each: -self.value[each] / self.effort[each]):
            if self.effort[list(chosen | needs[one])].sum() <= capacity:
                chosen |= needs[one]
        return self.value[list(chosen)].sum()


def next_release(name):
    """Requirements in levels with their costs, pairs (the first is needed by the second), customers with a profit
    and the requirements they ask for, read as asks: a requirement is worth nothing, a customer costs nothing."""
    words = map(int, (shared("asks") / f"{name}.txt").read_text(encoding="utf-8").split())
    many = lambda: [next(words) for _ in range(next(words))]  # noqa: E731
    costs = [cost for _ in range(next(words)) for cost in many()]
    pairs = [(next(words), next(words)) for _ in range(next(words))]
    profits, wishes = zip(*[(next(words), many()) for _ in range(next(words))], strict=True)
    assert not list(words)
    requires = [(after - 1, before - 1) for before, after in pairs]
    requires += [(len(costs) + place, wish - 1) for place, each in enumerate(wishes) for wish in each]
    value, effort = np.array([0.0] * len(costs) + list(profits)), np.array(costs + [0.0] * len(profits))
    return Given(value, effort, requires)


@pytest.mark.parametrize(
    ("name", "optima"), later([("nrp1", (1204, 1840, 2507)), ("nrp3", (7488, 11159, 14196))], names=2)
)
def test_optima_of_the_next_release_problem(name, optima):
    """Xuan, Jiang, Ren, Luo (2012), IEEE TSE 38 (5): profits at 30, 50 and 70 % of the total cost."""
    backlog = next_release(name)
    for percent, optimum in zip((30, 50, 70), optima, strict=True):
        found = backlog.best(int(backlog.effort.sum() * percent / 100 + 0.5))
        assert (found.value, found.gap) == (optimum, 0)


def cells(name, table):
    lines = (shared("asks") / name / f"{table}.csv").read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.split("|")] for line in lines if line.strip()]


def backlog(name):
    """A real backlog: value weighed by stakeholder; coupled features need one another, required ones are needed."""
    features, weights = cells(name, "requirements"), np.array([float(row[0]) for row in cells(name, "stakeholders")])
    place = {row[0]: index for index, row in enumerate(features)}
    marks = {row[0]: np.array(row[1:], dtype=float) for row in cells(name, "value")}
    assert marks.keys() == place.keys()
    listed = lambda cell: [place[key] for key in cell.split(",") if key]  # noqa: E731
    requires = [(one, other) for one, row in enumerate(features) for other in listed(row[2]) + listed(row[3])]
    requires += [(other, one) for one, row in enumerate(features) for other in listed(row[2])]
    value, effort = [weights @ marks[key] for key in place], [float(row[1]) for row in features]
    return Given(np.array(value), np.array(effort), requires)


def every_subset(backlog, members):
    """Value and effort of every subset of the bundles `members` that holds what it needs, as two arrays."""
    value, effort, held = np.zeros(1), np.zeros(1), np.zeros(1, dtype=np.int32)
    for bit, bundle in enumerate(members):
        value = np.concatenate([value, value + backlog.value[bundle].sum()])
        effort = np.concatenate([effort, effort + backlog.effort[bundle].sum()])
        held = np.concatenate([held, held | np.int32(1 << bit)])
        place = {one: bit for bit, known in enumerate(members[: bit + 1]) for one in known}
        for one, other in backlog.requires:
            if one in place and other in place and bit in (place[one], place[other]):
                kept = (held >> place[one] & ~held >> place[other] & 1) == 0
                value, effort, held = value[kept], effort[kept], held[kept]
    return value, effort


def test_a_real_backlog_of_25_features_against_every_subset():
    """`rp`: {A3, A4, A5} go together, so 2²³ subsets less those without what they need."""
    given = backlog("rp")
    assert (len(given.value), given.effort.sum()) == (25, 36705)
    together = [2, 3, 4]
    members = [together, *[[one] for one in range(25) if one not in together]]
    members.sort(key=lambda bundle: -sum(other in bundle for _, other in given.requires))
    value, effort = every_subset(given, members)
    for percent in (10, 30, 50, 70, 90):
        capacity = 367.05 * percent
        found = given.best(capacity)
        allowed = effort <= capacity
        assert found.value == value[allowed].max()
        assert given.effort[found.chosen].sum() == effort[allowed & (value == found.value)].min()


def test_a_real_backlog_of_50_features_lies_between_greedy_and_the_relaxed_bound():
    """`ms`: nothing is left out where there is room for all; more room never lowers the value."""
    given = backlog("ms")
    assert (len(given.value), given.effort.sum()) == (50, 1417)
    before, better = 0.0, 0
    for capacity in range(140, 1418, 142):
        found, greedy = given.best(capacity), given.greedy(capacity)
        assert max(before, greedy) <= found.value <= given.relaxed(capacity) + 1e-6
        before, better = found.value, better + (found.value > greedy)
    assert better >= 5 and given.best(1417).value == given.value.sum()
