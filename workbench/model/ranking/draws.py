"""The draws of the simulation: weights from the scenario's space, values from the intervals of the figures."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from zlib import crc32

import numpy as np
import pandas as pd

from workbench.criteria import CRITERIA
from workbench.errors import Problem, ScenarioError
from workbench.model.ranking.values import value_of
from workbench.scenario import Scenario

STEP = "robustness"
PLACE = {name: place for place, name in enumerate(CRITERIA)}  # of a criterion among the random numbers
ROUNDING = 1e-9  # of a sum of declared ends
SWEEPS = 30  # of all pairs of criteria, until the start is forgotten


def stream(seed: int, key: str) -> np.random.Generator:
    """The random numbers of one segment (or, by another key, of the weights): adding a segment changes no other's."""
    return np.random.default_rng(np.random.SeedSequence([seed, crc32(STEP.encode()), crc32(key.encode())]))


def weight_draws(weights: dict[str, float], scenario: Scenario) -> np.ndarray:
    """Weights (draws, criteria), each row adding up to 1, from the scenario's `weight_space`.

    Around: each weight times an even draw from 1 − spread to 1 + spread, then normalised. Open: evenly from all weights.
    Within: evenly from the weights in the declared intervals, by Gibbs sampling of pairs. Raises ScenarioError where no
    weights lie within the intervals.
    """
    space, generator = scenario.weight_space, stream(scenario.seed, "weights")
    centre = np.array(list(weights.values()))
    if space.kind == "within":
        return _within(weights, scenario, generator)
    evenly = generator.random((scenario.draws, len(CRITERIA)))[:, [PLACE[name] for name in weights]]
    raw = -np.log1p(-evenly) if space.kind == "open" else centre * (1 + space.spread * (2 * evenly - 1))
    total = raw.sum(axis=1, keepdims=True)
    return np.asarray(np.where(total > 0, raw / np.where(total > 0, total, 1.0), centre))


def value_draws(
    values: pd.DataFrame, raw: pd.DataFrame, figures: pd.DataFrame, scenario: Scenario
) -> tuple[Callable[[slice], np.ndarray], int]:
    """Values (draws, segments, criteria) of a slice of the draws, and how many of them are uncertain.

    `values` (by segment) holds them as ranked, `raw` with the missing ones missing, `figures` the facts. A figure with an
    80 % interval is drawn from a normal distribution on each side of it, a missing value evenly from 0 to 1; a figure
    without an interval counts as certain. All three tables have one row per segment, in the same order.
    """
    from scipy.special import ndtri

    names = [name for name in values.columns if name != "segment"]
    table: np.ndarray = values[names].to_numpy(dtype=float)
    gone = np.isnan(raw[names].to_numpy(dtype=float))
    drawn: list[tuple[int, int, np.ndarray]] = []
    for row, key in enumerate(values["segment"].tolist()):
        evenly = stream(scenario.seed, key).random((len(CRITERIA), scenario.draws))
        for column, name in enumerate(names):
            chance = evenly[PLACE[name]]
            fact = CRITERIA[name].fact
            if gone[row, column]:
                drawn.append((row, column, chance))
            elif f"{fact}_low" in figures:
                middle, low, high = (float(figures[f"{fact}{end}"].iloc[row]) for end in ("", "_low", "_high"))
                if low < high:
                    figure = _two_sided(ndtri(chance), middle, low, high)
                    drawn.append((row, column, value_of(figure, getattr(scenario.anchors, name))))

    def values_of(part: slice) -> np.ndarray:
        if not drawn:
            return table
        some: np.ndarray = np.repeat(table[None], part.stop - part.start, axis=0)
        for row, column, each in drawn:
            some[:, row, column] = each[part]
        return some

    return values_of, len(drawn)


def _two_sided(normal: np.ndarray, middle: float, low: float, high: float) -> np.ndarray:
    """Draws with median `middle`, of which a tenth lies below `low` and a tenth above `high`."""
    z80 = 1.2815515655446004
    return np.asarray(middle + np.where(normal < 0, middle - low, high - middle) * normal / z80)


def _within(weights: dict[str, float], scenario: Scenario, generator: np.random.Generator) -> np.ndarray:
    intervals = scenario.weight_space.intervals
    low = np.array([intervals.get(name, (0.0, 1.0))[0] for name in weights])
    high = np.array([intervals.get(name, (0.0, 1.0))[1] for name in weights])
    if low.sum() > 1 + ROUNDING or high.sum() < 1 - ROUNDING:
        found = f"intervals over the criteria in the book that add up to {low.sum():.2f} to {high.sum():.2f}"
        problem = Problem(f"scenario {scenario.name}", None, "weight_space.intervals", found, "room for a sum of 1",
                          "widen the intervals")  # fmt: skip
        raise ScenarioError([problem])
    room = (high - low).sum()
    start = low + (high - low) * ((1 - low.sum()) / room if room > 0 else 0.0)
    drawn = np.tile(start, (scenario.draws, 1))
    for _ in range(SWEEPS):
        for one, other in combinations(range(len(low)), 2):
            both = drawn[:, one] + drawn[:, other]
            least = np.maximum(low[one], both - high[other])
            most = np.minimum(high[one], both - low[other])
            drawn[:, one] = least + np.maximum(most - least, 0.0) * generator.random(len(drawn))
            drawn[:, other] = both - drawn[:, one]
    return drawn
