"""The smallest change of one ask that turns the decision on it: of its claims, or of its effort."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from workbench.model.asks.backlog import Backlog
from workbench.model.asks.claims import Claims
from workbench.model.asks.preference import choose, unlimited, weights
from workbench.model.asks.with_and_without import LEAST, Others, best_beside

NONE = float("nan")
MARGIN = 4e-6  # of the largest value: beyond it a difference decides, within it ties do (select: a millionth)
MOST = 1e9  # factor for claims without limit
PART = 0.99  # of a change: this much of it does not turn the decision
STEPS = 40
WIDER = (1.03, 1.2, 2.0)  # times a change that just does not turn it: where it is looked for first
UNIT = 1e9  # factors are rounded to its inverse, towards the side where the decision turns


@dataclass(frozen=True)
class Decided:
    """A decided problem: `chosen` (n,) under the `weight` (n,) of each value; `claims` of each ask by its place."""

    problem: Backlog
    weight: np.ndarray
    chosen: np.ndarray
    claims: dict[int, Claims]

    @cached_property
    def free(self) -> np.ndarray:
        """What would be chosen without limits."""
        return unlimited(self.problem)

    @cached_property
    def forced(self) -> dict[int, Others]:
        """Those of `with_it` that were asked for."""
        return {}

    @cached_property
    def total(self) -> float:
        """The weighted value of the chosen."""
        return float((self.weight * self.problem.value)[self.chosen].sum())

    def with_claims(self, ask: int, factor: float) -> Backlog:
        """The problem with the claims of one ask times `factor`."""
        claims = self.claims[ask]
        return self.problem.with_ask(ask, value=claims.value(factor) if factor >= claims.passes else -1.0)

    def with_it(self, ask: int) -> Others:
        """The best set of the others beside an ask that is possible, with the ask in it."""
        if ask not in self.forced:
            self.forced[ask] = _sure(best_beside(self.problem, self.weight, ask, chosen=True))
        return self.forced[ask]

    def impact_factor(self, ask: int) -> float:
        """The smallest factor above 1 on the claims of a parked ask with which it is funded; NaN where there is none."""
        if ask not in self.claims or not np.isfinite(self.claims[ask].passes):
            return NONE
        claims, start = self.claims[ask], max(1.0, self.claims[ask].passes)
        trial = self.with_claims(ask, start)
        if not trial.possible[ask]:
            return NONE
        significant = bool(self.problem.significant[ask])
        weight = self.weight if significant else weights(trial)
        same = bool((weight == self.weight).all())
        without = self.total if same else _sure(best_beside(trial, weight, ask, chosen=False)).value
        beside = self.with_it(ask) if significant else _sure(best_beside(trial, weight, ask, chosen=True))
        lacking = without - beside.value
        times, margin = weight[ask], self._margin(trial, weight, ask, lacking)
        yes = max(start, claims.factor_for((lacking + margin) / times))
        no = max(1.0, claims.factor_for((lacking - margin) / times))
        near = 1 + PART * (yes - 1)
        steady = not self._linked(trial, ask) or all(
            bool((weights(self.with_claims(ask, each)) == weight).all()) for each in (yes, near) if start <= each < MOST
        )
        if steady and (np.isinf(no) or yes == start or near <= no):
            return _up(yes) if np.isfinite(yes) else NONE

        def funded(factor: float) -> bool:
            return bool(choose(self.with_claims(ask, factor))[ask])

        return self._turn(funded, yes=yes, no=no if steady else 1.0, start=start, end=MOST)

    def effort_factor(self, ask: int) -> float:
        """The largest factor below 1 on the effort of a parked ask with which it is funded; NaN where there is none."""
        problem, weight = self.problem, self.weight
        if not problem.eligible[ask] or not problem.consistent[ask] or problem.effort[ask].sum() == 0:
            return NONE
        if not problem.with_ask(ask, effort=LEAST).possible[ask]:
            return NONE
        lacking = self.total - weight[ask] * problem.value[ask]
        margin = self._margin(problem, weight, ask, 0.0)
        loose = best_beside(problem, weight, ask, chosen=True, at_least=lacking - margin)
        yes = no = LEAST
        if loose is not None:
            certain = loose.value >= lacking + margin
            strict = loose if certain else best_beside(problem, weight, ask, chosen=True, at_least=lacking + margin)
            yes, no = strict.part if strict is not None else LEAST, min(loose.part, 1.0)
            steady = self._same_teams(ask, yes) and self._same_teams(ask, 1 - PART * (1 - yes))
            if strict is not None and steady and 1 - PART * (1 - yes) >= no + 1e-12:
                return _down(yes)
            if not certain and loose.part >= 1:
                yes = self._tied(ask, loose.chosen, yes)
        elif self._same_teams(ask, LEAST):
            return NONE

        def funded(part: float) -> bool:
            return bool(choose(problem.with_ask(ask, effort=part))[ask])

        return self._turn(funded, yes=yes, no=1.0, start=1.0, end=LEAST)

    def drop_factor(self, ask: int) -> float:
        """The largest factor below 1 on the claims of a funded ask with which it is not funded; NaN where there is none."""
        problem, weight = self.problem, self.weight
        if not problem.significant[ask]:
            return NONE
        claims, times = self.claims[ask], weight[ask]
        failed = self.with_claims(ask, -1.0)
        beside = self.total - times * problem.value[ask]
        margin = self._margin(problem, weight, ask, 0.0)
        linked = self._linked(problem, ask)
        leaves = not failed.eligible[ask]
        if leaves and not linked and claims.passes > 0:
            bound = _sure(best_beside(problem, weight, ask, chosen=False, whole=False)).value - beside
            if claims.factor_for((bound + margin) / times) <= claims.passes:
                return _below(claims.passes)
        lacking = _sure(best_beside(problem, weight, ask, chosen=False)).value - beside
        no, yes = claims.factor_for((lacking - margin) / times), claims.factor_for((lacking + margin) / times)
        steady = not linked or all(
            bool((weights(self.with_claims(ask, each)) == weight).all()) for each in (yes, no) if each >= claims.passes
        )
        if not leaves and (abs(lacking) <= margin or (weights(failed) != weight).any()):
            leaves = not choose(failed)[ask]
        elif not leaves:
            leaves = lacking > margin
        if steady and not leaves:
            return NONE
        if steady and claims.passes > 0 and yes <= claims.passes:
            return _below(claims.passes)
        if steady and no > claims.passes and 1 - PART * (1 - no) >= yes:
            return _down(no)

        def parked(factor: float) -> bool:
            return not choose(self.with_claims(ask, factor))[ask]

        return self._turn(parked, yes=no, no=1.0, start=1.0, end=0.0)

    def _tied(self, ask: int, with_it: np.ndarray, yes: float) -> float:
        """The part of the ask's effort at which a set as good as the chosen one wins the tie; `yes` where none does."""

        def lead(part: float) -> float:
            return self.problem.with_ask(ask, effort=part).lead(self.weight, with_it, self.chosen)

        least, whole = lead(LEAST), lead(1.0)  # between them it falls in a straight line
        if not least > 0 > whole:
            return yes
        return 1 - (1 - LEAST) * whole / (whole - least)

    def _turn(self, turned: Callable[[float], bool], *, yes: float, no: float, start: float, end: float) -> float:
        """The factor nearest to 1 at which `turned`, found by solving again; NaN where not even at `end`.

        `yes` is where it is thought to turn, `no` where it is known not to; `start` is the least that is worth a look.
        """
        round_ = _up if end > 1 else _down
        for place in dict.fromkeys((start, yes)):
            if place == 1 or not np.isfinite(place) or not turned(round_(place)):
                continue
            found = round_(place)
            near = 1 + PART * (found - 1)
            if place == start or not turned(near):
                return found
            least = round_(1 + float(np.sign(near - 1)) / UNIT)
            return least if turned(least) else _bisect(turned, near, 1.0, round_)
        no, yes = _bracket(turned, yes, no, end, round_)
        return _bisect(turned, yes, no, round_) if np.isfinite(yes) else NONE

    def _margin(self, problem: Backlog, weight: np.ndarray, ask: int, lacking: float) -> float:
        return MARGIN * max(1.0, float((weight * problem.value).max()), lacking)

    def _linked(self, problem: Backlog, ask: int) -> bool:
        """True where an exclusion reaches the ask, so that its value may decide which teams are full."""
        near = problem.needs[ask] | problem.needs[:, ask]
        while True:
            wider = problem.needs[near].any(axis=0) | problem.needs[:, near].any(axis=1)
            if (wider == near).all():
                return any(near[one] or near[other] for one, other in problem.pairs)
            near = wider

    def _same_teams(self, ask: int, part: float) -> bool:
        """True where the full teams stay the same with the effort of the ask times `part`."""
        trial = self.problem.with_ask(ask, effort=part)
        free = self.free if (trial.possible == self.problem.possible).all() else None
        return bool((weights(trial, free) == self.weight).all())


def _bracket(
    turned: Callable[[float], bool], yes: float, no: float, end: float, round_: Callable[[float], float]
) -> tuple[float, float]:
    """Two factors between which it turns, the one where it does not first; the second is NaN where not even `end` does."""
    for wider in WIDER if np.isfinite(yes) else ():
        place = 1 + wider * (yes - 1)
        if abs(no - 1) < abs(place - 1) < abs(end - 1):
            if turned(round_(place)):
                return no, place
            no = place
    return no, end if turned(end) else NONE


def _bisect(turned: Callable[[float], bool], yes: float, no: float, round_: Callable[[float], float]) -> float:
    """The factor at which it turns, between `no` and `yes`, as near to 1 as PART of its distance tells."""
    for _ in range(STEPS):
        if abs(yes - no) <= (1 - PART) / 2 * abs(yes - 1) or abs(yes - no) < 1 / UNIT:
            break
        middle = float(np.sqrt(yes * no)) if min(yes, no) > 0 and not 0.5 < yes / no < 2 else (yes + no) / 2
        yes, no = (middle, no) if turned(round_(middle)) else (yes, middle)
    return round_(yes)


def _sure(others: Others | None) -> Others:
    """The answer to a question that has one."""
    assert others is not None
    return others


def _up(factor: float) -> float:
    return float(np.ceil(factor * UNIT) / UNIT) if factor < MOST else factor


def _down(factor: float) -> float:
    return float(np.floor(factor * UNIT) / UNIT)


def _below(factor: float) -> float:
    """The next factor that is clearly smaller."""
    return float((np.ceil(factor * UNIT - 1e-2) - 1) / UNIT)
