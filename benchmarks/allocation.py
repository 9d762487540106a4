"""Allocation beside the plain big-M model that HiGHS gets through scipy.milp, in one run."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from workbench.model.piecewise import Rules
from workbench.model.response import Curves, calibrate

LEVERS = 3
LIMIT = 1.3  # of each product's spend today


def problem(segments: int, products: int, seed: int = 1, skew: float = 1.0) -> tuple[Curves, np.ndarray, Rules, np.ndarray]:
    """Curves, weights, rules and segments of random lines: skewed revenue, 30 % of cells without spend, product limits."""
    random = np.random.default_rng(seed)
    revenue = np.outer(random.lognormal(0, skew, segments), random.lognormal(0, 1, products)) * random.lognormal(
        0, 0.8, (segments, products)
    )
    revenue *= 1e6 / revenue.mean()
    idle = random.random(revenue.shape) < 0.3
    part = random.dirichlet(np.full(LEVERS, 4.0), revenue.shape)
    current = np.round(np.where(idle, 0.0, 0.08 * revenue)[..., None] * part, -2)
    erosion = random.uniform(0.1, 0.4, current.shape)
    potential = random.lognormal(-1.2, 1, current.shape) * revenue[..., None] * 0.5
    half = np.exp(random.uniform(np.log(2e4), np.log(3e5), current.shape))
    loss = erosion * 0.5 * revenue[..., None] * part
    flat = [each.reshape(-1) for each in (current, loss, potential, half, np.ones_like(current))]
    curves = calibrate(*flat)
    segment = np.repeat(np.arange(segments), products * LEVERS)
    product = np.tile(np.repeat(np.arange(products), LEVERS), segments)
    weight = np.repeat(random.uniform(0.7, 1.3, segments), products * LEVERS)
    today = flat[0]
    rows = np.vstack([np.ones(len(today)), *(product == each for each in range(products))]).astype(float)
    most = LIMIT * (rows @ today)
    most[0] = 1.1 * today.sum()
    rules = Rules(np.round(0.5 * today), np.full(len(today), most[0] / 5), csr_array(rows), np.full(len(most), -np.inf), most)
    return curves, weight, rules, segment
