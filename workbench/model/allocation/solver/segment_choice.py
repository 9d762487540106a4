"""A free choice of segments: growth money in at most a few of them, chosen with the spend, with a proven bound."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from workbench.model.allocation.solver.branch_and_bound import branch, on
from workbench.model.allocation.solver.column_generation import (
    Points,
    Rules,
    contradiction,
    first_prices,
    solve,
    step_of,
    worth,
)
from workbench.model.allocation.solver.concave_envelope import Envelope
from workbench.model.allocation.solver.piecewise import refuse_not_finite
from workbench.model.allocation.solver.response import Curves

SETS = 400  # sets of segments solved at most; then the best so far is taken, with its gap
GREW = 0.005  # a segment counts as chosen where its spend grows by more than half a cent


@dataclass(frozen=True)
class Choice:
    """`spend` (n,); `chosen`, the segments it grows in and those pinned, rising; `feasible`; `bound` and `gap`.

    By no choice of segments can the weighted gain exceed `bound`, currency a year: proven on the curves themselves.
    `gap` is (bound − reached) ÷ max(|reached|, 1).
    """

    spend: np.ndarray
    chosen: np.ndarray
    feasible: bool
    bound: float
    gap: float


def choose(
    curves: Curves,
    weight: np.ndarray,
    rules: Rules,
    member: np.ndarray,
    focus: int,
    *,
    pinned: Iterable[int] = (),
    banned: Iterable[int] = (),
    gap: float = 1e-6,
) -> Choice:
    """The spend with the largest Σ weight × gain under the rules that exceeds today's in at most `focus` segments.

    `member` (n,) is each line's segment, 0 …; `rules.high` is the bound of a line as if its segment were chosen. Money
    may always grow in `pinned` segments, which count, and never in `banned` ones. Stops at the relative `gap`.

    At prices of the rules the problem falls apart by segment: what opening one wins there. The best few of them bound
    every choice (Lagrange). The set they form is solved for itself, which gives a spend and better prices, until the
    best few are a set already solved; then the other sets are parted by what they leave out (Lawler 1972, Murty 1968).
    Raises ValueError for figures that are not finite, and for more pinned segments than `focus`.
    """
    refuse_not_finite(curves, weight, rules)
    return _Search(curves, weight, rules, member, focus, pinned, banned).run(gap)


def frontier_of_choices(
    curves: Curves,
    weight: np.ndarray,
    rules: Rules,
    member: np.ndarray,
    focus: int,
    budgets: np.ndarray,
    *,
    pinned: Iterable[int] = (),
    banned: Iterable[int] = (),
    gap: float = 1e-6,
) -> list[Choice]:
    """The best choice at each of the budgets (k,), the most of row 0, in their order; prices and points are shared."""
    refuse_not_finite(curves, weight, rules)
    search = _Search(curves, weight, rules, member, focus, pinned, banned)
    found = []
    for budget in budgets:
        search.rules = replace(rules, most=np.append(float(budget), rules.most[1:]))
        found.append(search.run(gap))
    return found


@dataclass(frozen=True)
class _Node:
    """The sets of segments that hold all of `inside` and none of `outside`."""

    inside: frozenset[int]
    outside: frozenset[int]


class _Search:
    """One search by best bound; what is learnt of prices and points holds for the next budget too."""

    def __init__(
        self,
        curves: Curves,
        weight: np.ndarray,
        rules: Rules,
        member: np.ndarray,
        focus: int,
        pinned: Iterable[int],
        banned: Iterable[int],
    ) -> None:
        self.curves, self.weight, self.rules = curves, weight, rules
        self.member, self.count = np.asarray(member, dtype=int), int(np.max(member, initial=-1)) + 1
        self.root = _Node(frozenset(pinned), frozenset(banned) - frozenset(pinned))
        self.focus = min(focus, self.count)
        if len(self.root.inside) > focus:
            raise ValueError(f"{len(self.root.inside)} pinned segments, {focus} to choose")
        self.step = step_of(curves.current)
        self.shut = np.maximum(rules.low, np.minimum(rules.high, curves.current))
        self.open_lines = Envelope.of(curves, weight, rules.low, rules.high)
        self.shut_lines = Envelope.of(curves, weight, rules.low, self.shut)
        self.prices: list[np.ndarray] = []
        self.values: list[float] = []  # at each of the prices: all segments shut, without the worth of the limits
        self.wins: list[np.ndarray] = []  # at each of the prices: what opening each segment wins
        self.rays: list[tuple[np.ndarray, float, np.ndarray]] = []
        self.points: Points | None = None

    def run(self, gap: float) -> Choice:
        """Takes the part of the sets with the largest bound, solves its best set or parts it, until the gap is closed."""
        solved: dict[frozenset[int], float] = {}
        spend, reached, own = self.curves.current.copy(), -np.inf, 0.0
        if not self.prices:
            self._learn(first_prices(self.open_lines, self.rules))
        heap = [(-np.inf, 0, self.root)]
        number, bound = 0, np.inf
        while heap:
            _, _, node = heapq.heappop(heap)
            limit, chosen = self._bound(node)
            if limit == -np.inf:
                continue
            if heap and limit < -heap[0][0] - 1e-9 * max(1.0, abs(limit)):
                number += 1
                heapq.heappush(heap, (-limit, number, node))
                continue
            bound = limit
            close = max(gap * max(1.0, abs(reached)), 1.01 * own)
            if limit <= reached + close or len(solved) >= SETS:
                number += 1
                heapq.heappush(heap, (-limit, number, node))
                break
            if chosen not in solved:
                found = self._solve(chosen, reached)
                solved[chosen] = -np.inf if found is None else found[2]
                if found is not None and found[1] > reached:
                    spend, reached, own = found[0], found[1], found[2] - found[1]
                number += 1
                heapq.heappush(heap, (-limit, number, node))
                continue
            for part in self._parts(node, chosen):
                limit = min(bound, self._bound(part)[0])
                if limit > reached:
                    number += 1
                    heapq.heappush(heap, (-limit, number, part))
        if reached == -np.inf:
            return Choice(spend, np.zeros(0, dtype=int), False, -np.inf, 0.0)
        rest = [-key for key, _, _ in heap]
        bound = max([reached, *rest, *solved.values()])
        return Choice(spend, self._grown(spend), True, bound, (bound - reached) / max(abs(reached), 1.0))

    def _grown(self, spend: np.ndarray) -> np.ndarray:
        grown = np.bincount(self.member, spend > self.shut + GREW, minlength=self.count) > 0
        grown[list(self.root.inside)] = True
        return np.flatnonzero(grown)

    def _learn(self, prices: np.ndarray) -> None:
        """Notes what each segment wins by being open at these prices (rows,)."""
        price = self.rules.matrix.T @ prices
        values = []
        for lines in (self.shut_lines, self.open_lines):
            best = lines.best(price)
            values.append(lines.value(best) - price * best)
        self.prices.append(prices)
        self.values.append(float(values[0].sum()))
        self.wins.append(np.bincount(self.member, np.maximum(values[1] - values[0], 0.0), minlength=self.count))

    def _learn_ray(self, prices: np.ndarray) -> None:
        """Notes prices that prove a set impossible: the limits less the least that lines must use of them is below 0."""
        price = self.rules.matrix.T @ prices
        shut, wide = (np.minimum(price * self.rules.low, price * high) for high in (self.shut, self.open_lines.high))
        wins = np.bincount(self.member, np.maximum(shut - wide, 0.0), minlength=self.count)
        self.rays.append((prices, -float(shut.sum()), wins))

    def _bound(self, node: _Node) -> tuple[float, frozenset[int]]:
        """The least bound for the sets of a node by any of the prices, and the best set at these; −∞ where none is possible."""
        for prices, value, wins in self.rays:
            if worth(self.rules, prices) + value + self._best_of(node, wins)[0] < -1e-6 * max(1.0, abs(value)):
                return -np.inf, frozenset()
        least, at = np.inf, 0
        for place, (prices, value, wins) in enumerate(zip(self.prices, self.values, self.wins, strict=True)):
            total = worth(self.rules, prices) + value + self._best_of(node, wins)[0]
            if total < least:
                least, at = total, place
        return least, self._best_of(node, self.wins[at])[1]

    def _best_of(self, node: _Node, wins: np.ndarray) -> tuple[float, frozenset[int]]:
        """The largest sum of wins by a set of the node, and that set; of equal segments the first."""
        free = np.ones(self.count, dtype=bool)
        free[list(node.inside | node.outside)] = False
        places = np.flatnonzero(free)
        order = places[np.argsort(-wins[places], kind="stable")][: self.focus - len(node.inside)]
        chosen = node.inside | frozenset(order.tolist())
        return float(wins[sorted(chosen)].sum()), chosen

    def _parts(self, node: _Node, chosen: frozenset[int]) -> Iterable[_Node]:
        """The sets of a node but for `chosen`: without its first, with the first but without the second, and so on."""
        inside = node.inside
        for segment in sorted(chosen - node.inside):
            if self.count - len(node.outside) - 1 >= self.focus:
                yield _Node(inside, node.outside | {segment})
            inside = inside | {segment}

    def _solve(self, chosen: frozenset[int], reached: float) -> tuple[np.ndarray, float, float] | None:
        """The best spend with these segments open, what it truly reaches, and a bound; None where rules contradict.

        Branches of S-shaped lines are looked at only where the set could beat what was reached.
        """
        is_open = np.zeros(self.count, dtype=bool)
        is_open[list(chosen)] = True
        rules = replace(self.rules, high=np.where(is_open[self.member], self.open_lines.high, self.shut))
        lines = Envelope.of(self.curves, self.weight, rules.low, rules.high)
        points = None if self.points is None else on(lines, self.points)
        root = solve(lines, rules, self.step, points, self.prices[-1])
        if root is None:
            self._learn_ray(contradiction(lines, rules))
            return None
        self._learn(root.prices)
        self.points = root.points if self.points is None else self.points
        if root.bound <= reached:
            return root.spend, float(lines.true(root.spend).sum()), root.bound
        best = branch(lines, rules, self.step, root)
        return best.solved.spend, best.reached, max(best.bound, best.reached)
