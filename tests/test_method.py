"""The worked example of docs/method.md, computed."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.model.robustness import certificate, smaa
from workbench.model.values import quantised, value_of
from workbench.scenario import Anchor

GROWTH, SHARE = Anchor(low=-0.05, high=0.15, neutral=0.03), Anchor(low=0.0, high=0.25, neutral=0.1)
WEIGHTS = np.array([0.6, 0.4])


@pytest.fixture
def values():
    """A, B and C: growth and share."""
    growth, share = np.array([0.07, 0.03, -0.05]), np.array([0.05, 0.20, 0.25])
    return np.column_stack([value_of(growth, GROWTH), value_of(share, SHARE)])


def test_the_scores(values):
    assert values == pytest.approx(np.array([[0.6, 0.2], [0.4, 0.8], [0, 1]]))
    assert quantised(values * WEIGHTS) == pytest.approx([0.44, 0.56, 0.40])


def test_who_is_first_under_any_weights(values):
    weight = (np.arange(120_000) + 0.5) / 120_000
    found = smaa(values, np.column_stack([weight, 1 - weight]))
    assert found.rank_acceptability[:, 0] == pytest.approx([1 / 4, 5 / 12, 1 / 3], abs=1e-5)
    assert found.central_weights[:, 0] == pytest.approx([0.875, 13 / 24, 1 / 6], abs=1e-5)


def test_the_smallest_change_that_alters_who_is_first(values):
    found = certificate(values, WEIGHTS, 1)
    assert (found.leaves, found.enters) == (1, 0)
    assert found.radius == pytest.approx(0.30) and found.weights == pytest.approx([0.75, 0.25])


def test_what_moved(values):
    before = values.copy()
    before[0, 0] = value_of(np.array([0.05]), GROWTH)[0]
    scores = quantised(before * WEIGHTS)
    assert scores[0] == pytest.approx(0.38) and list(np.argsort(-scores)) == [1, 2, 0]
