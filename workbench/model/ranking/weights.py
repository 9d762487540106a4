"""The weights of the criteria: entered directly, or from comparisons in pairs (analytic hierarchy process)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from workbench.criteria import CRITERIA
from workbench.errors import Problem, ScenarioError
from workbench.scenario import Scenario

RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49,  # Saaty 1980, for 1 to 15 criteria
                1.51, 1.48, 1.56, 1.57, 1.59)  # fmt: skip
CONSISTENT = 0.10  # Saaty's limit: above it the comparisons should be looked at again


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """`weights` (criteria,) add up to 1; `consistency_ratio`: 0 where the comparisons agree with one another, above
    0.10 they should be looked at again; `worst`: the two criteria whose comparison fits least, None below three.
    """

    weights: np.ndarray
    consistency_ratio: float
    worst: tuple[int, int] | None


def ahp(matrix: np.ndarray) -> Hierarchy:
    """Weights from comparisons in pairs, `matrix` (criteria, criteria), at most 15: how many times the row counts as
    much as the column, 1 on the diagonal, reciprocal. The principal eigenvector, by repeated squaring (Saaty 1980, 2008).

    Parameters
    ----------
    matrix : array (criteria, criteria)
        Comparisons above 0, reciprocal, 1 on the diagonal; at most 15 criteria.

    Returns
    -------
    Hierarchy
        `weights` (criteria,), adding up to 1; the consistency ratio (0: consistent, above 0.1 worth a second look); the pair
        that fits least, None below three criteria.

    Notes
    -----
    All figures must be finite and above 0.
    """
    matrix = np.asarray(matrix, dtype=float)
    count = len(matrix)
    power = matrix / matrix.sum()
    for _ in range(60):
        power = power @ power
        power = power / power.sum()
    weights = power.sum(axis=1) / power.sum()
    if count < 3:
        return Hierarchy(weights, 0.0, None)
    index = (float(np.mean(matrix @ weights / weights)) - count) / (count - 1)
    misfit = np.triu(np.abs(np.log(matrix * weights[None, :] / weights[:, None])), 1)
    one, other = np.unravel_index(int(np.argmax(misfit)), misfit.shape)
    return Hierarchy(weights, max(index, 0.0) / RANDOM_INDEX[count - 1], (int(one), int(other)))


def weights_of(scenario: Scenario) -> dict[str, float]:
    """The scenario's weights over all criteria, adding up to 1, in the order of CRITERIA."""
    return weights_over(scenario, CRITERIA)


def raw_weights(scenario: Scenario) -> dict[str, float]:
    """The weights over all criteria as they were given, or as the comparisons give them, in the order of CRITERIA."""
    if scenario.weights is not None:
        return {name: float(getattr(scenario.weights, name)) for name in CRITERIA}
    found = dict(zip(scenario.compared, ahp(_matrix(scenario)).weights.tolist(), strict=True))
    return {name: found.get(name, 0.0) for name in CRITERIA}


def weights_over(scenario: Scenario, present: Collection[str]) -> dict[str, float]:
    """Weights that add up to 1 over the criteria `present`, in the order of CRITERIA.

    Each is divided once by their sum, added left to right: a browser that does the same gets the same figures. Raises
    ScenarioError where none of these carries weight.
    """
    whole = raw_weights(scenario)
    raw = {name: whole[name] for name in CRITERIA if name in present}
    total = _added(raw)
    if total <= 0:
        among = ", ".join(raw) or "none"
        found, allowed = "no weight on any criterion in the book", f"weight on one of {among}"
        where = f"scenario {scenario.name}"
        raise ScenarioError([Problem(where, None, "weights", found, allowed, "weigh a criterion that has data")])
    return {name: weight / total for name, weight in raw.items()}


def _added(weights: Mapping[str, float]) -> float:
    """The sum from left to right; the built-in one rounds otherwise from Python 3.12 on."""
    total = 0.0
    for weight in weights.values():
        total += weight
    return total


def what_comparisons_say(scenario: Scenario) -> list[str]:
    """A sentence where the comparisons contradict one another."""
    if not scenario.comparisons:
        return []
    found = ahp(_matrix(scenario))
    if found.consistency_ratio <= CONSISTENT or found.worst is None:
        return []
    one, other = (scenario.compared[place] for place in found.worst)
    return [f"The comparisons of criteria contradict one another (consistency ratio {found.consistency_ratio:.2f}, "
            f"{CONSISTENT:.2f} at most): look again at {one} against {other} first."]  # fmt: skip


def _matrix(scenario: Scenario) -> np.ndarray:
    names = scenario.compared
    matrix = np.eye(len(names))
    for one, other, ratio in scenario.comparisons:
        row, column = names.index(one), names.index(other)
        matrix[row, column], matrix[column, row] = ratio, 1 / ratio
    return matrix
