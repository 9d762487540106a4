"""The concave envelope of a line's response: nowhere below it, and its best spend at a price beside a fine grid."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.model.allocation.solver.concave_envelope import Envelope, inflection
from workbench.model.allocation.solver.response import respond

COUNT = 300


@pytest.fixture(params=[0.3, 0.7, 1, 1.5, 2, 4])
def envelope(request):
    random = np.random.default_rng(3)
    current, loss = random.choice([0, 4e4, 1e5], COUNT), random.choice([0, 3e4, 9e4], COUNT)
    figures = (
        random.choice([0, 1e5, 2e5], COUNT),
        random.uniform(1e3, 2e5, COUNT),
        np.full(COUNT, float(request.param)),
    )
    low = random.choice([0, 1e4, 5e4], COUNT).astype(float)
    high = low + random.choice([0, 3e4, 3e5, 1e6], COUNT)
    return Envelope.of(respond(current, loss, *figures), random.uniform(0, 2, COUNT), low, high)


def on_grid(envelope, steps):
    return np.linspace(envelope.low, envelope.high, steps, axis=1)


def test_it_is_concave_and_nowhere_below_the_curve(envelope):
    at = on_grid(envelope, 301)
    values = np.array([envelope.value(each) for each in at.T]).T
    assert (values >= envelope.weight[:, None] * envelope.curves.gain(at) - 1e-6).all()
    assert (np.diff(values, 2, axis=1) <= 1e-6).all()


def test_no_spend_on_a_grid_is_better_at_its_price(envelope):
    price = np.exp(np.random.default_rng(4).uniform(-5, 3, COUNT)) * np.where(np.arange(COUNT) % 7, 1, -1)
    best = envelope.best(price)
    at = on_grid(envelope, 2001)
    found = (envelope.weight[:, None] * envelope.curves.gain(at) - price[:, None] * at).max(axis=1)
    assert (envelope.value(best) - price * best >= found - 1e-6).all()
    assert envelope.value(best) == pytest.approx(envelope.true(best), abs=1e-6)


def test_the_slope_rises_up_to_the_inflection_and_falls_beyond():
    curves = respond(*(np.array([each]) for each in (1e5, 3e4, 8e4, 1.0, 2.0)))
    bend = float(inflection(curves)[0])
    at = np.linspace(0, 2 * bend, 201)
    second = np.diff(curves.gain(at[None, :])[0], 2)
    assert (second[:98] > 0).all() and (second[101:] < 0).all()
