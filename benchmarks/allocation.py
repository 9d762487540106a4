"""The free choice of segments beside the plain big-M model that HiGHS gets through scipy.milp, in one run.

`python -m benchmarks.allocation [--limit 90] [--json -]`; times in seconds. The problems are random, from a
seed: skewed revenue, 30 % of the cells without spend, a limit on each product. The plain model is stopped after `--limit`
seconds; where it was, `plain_cut` is 1, `plain_gap` is what it had left open, and `vs_plain` is a lower bound of the ratio.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array, hstack

from workbench.model.allocation.solver.piecewise import Rules, frontier, maximise
from workbench.model.allocation.solver.response import Curves, respond
from workbench.model.allocation.solver.segment_choice import Choice, choose, frontier_of_choices

SMALL = (20, 10, 4)  # segments, products, focus; each with three levers
BESIDE = (60, 20, 6)
LARGE = (200, 50, 10)
CURVE = ((10, 5, 4), (20, 10, 4), (40, 20, 6), (60, 20, 6), (100, 30, 8), (200, 50, 10))
BUDGETS = np.linspace(0.5, 1.5, 21)
GAP = 1e-3
REPEAT = 5  # of which the median is told; the plain model and the frontiers run once
PIECES = 24  # of a line's curve in the plain model
LEVERS = 3
LIMIT = 1.3  # of each product's spend today


def problem(
    segments: int, products: int, seed: int = 1, skew: float = 1.0
) -> tuple[Curves, np.ndarray, Rules, np.ndarray]:
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
    curves = respond(*flat)
    segment = np.repeat(np.arange(segments), products * LEVERS)
    product = np.tile(np.repeat(np.arange(products), LEVERS), segments)
    weight = np.repeat(random.uniform(0.7, 1.3, segments), products * LEVERS)
    today = flat[0]
    rows = np.vstack([np.ones(len(today)), *(product == each for each in range(products))]).astype(float)
    most = LIMIT * (rows @ today)
    most[0] = 1.1 * today.sum()
    rules = Rules(
        np.round(0.5 * today), np.full(len(today), most[0] / 5), csr_array(rows), np.full(len(most), -np.inf), most
    )
    return curves, weight, rules, segment


def plain(
    curves: Curves, weight: np.ndarray, rules: Rules, member: np.ndarray, focus: int, limit: float
) -> tuple[float, float, float]:
    """What the plain model reaches, its gap and its seconds: pieces of each curve, and x − today ≤ M · y of its segment."""
    roof = np.minimum(rules.high, _product_limit(rules))  # no line can take more: the M is as small as that
    ends = [each / (each + curves.half) for each in (rules.low, roof)]
    level = ends[0][:, None] + (ends[1] - ends[0])[:, None] * np.linspace(0, 1, PIECES + 1)
    at = curves.half[:, None] * level / (1 - level)  # equal steps of the response
    at[:, 0], at[:, -1] = rules.low, roof
    value = weight[:, None] * curves.gain(at)
    count, pieces, segments = len(weight), len(weight) * PIECES, int(member.max()) + 1
    slope = (np.diff(value) / np.diff(at)).ravel()
    pick = coo_array((np.ones(pieces), (np.repeat(np.arange(count), PIECES), np.arange(pieces))), shape=(count, pieces))
    most = np.maximum(roof - curves.current, 0.0)
    switch = coo_array((-most, (np.arange(count), member)), shape=(count, segments))
    used = hstack([rules.matrix @ csr_array(pick), csr_array((len(rules.most), segments))], format="csr")
    base = rules.matrix @ rules.low
    few = np.append(np.zeros(pieces), np.ones(segments))[None, :]
    started = time.perf_counter()
    answer = milp(
        np.append(-slope, np.zeros(segments)),
        constraints=[
            LinearConstraint(used, rules.least - base, rules.most - base),
            LinearConstraint(
                hstack([pick, switch], format="csr"), -np.inf, np.maximum(curves.current - rules.low, 0.0)
            ),
            LinearConstraint(few, -np.inf, focus),
        ],
        bounds=Bounds(0, np.append(np.diff(at).ravel(), np.ones(segments))),
        integrality=np.append(np.zeros(pieces), np.ones(segments)),
        options={"mip_rel_gap": GAP, "time_limit": limit},
    )
    seconds = time.perf_counter() - started
    if answer.x is None:
        return float("nan"), float("inf"), seconds
    spend = np.clip(rules.low + pick @ answer.x[:pieces], rules.low, roof)
    return float((weight * curves.gain(spend)).sum()), float(answer.mip_gap), seconds


def _product_limit(rules: Rules) -> np.ndarray:
    """The least of the limits that each line comes under."""
    under = rules.matrix.toarray() > 0
    return np.asarray(np.where(under, rules.most[:, None], np.inf).min(axis=0), dtype=float)


def chosen(case: tuple[int, int, int], gap: float) -> tuple[Choice, float]:
    """Our choice in a problem of this size, and the median of its seconds."""
    curves, weight, rules, member = problem(*case[:2])
    seconds = []
    for _ in range(REPEAT):
        started = time.perf_counter()
        found = choose(curves, weight, rules, member, case[2], gap=gap)
        seconds.append(time.perf_counter() - started)
    return found, statistics.median(seconds)


def beside(limit: float) -> dict[str, float]:
    """Ours and the plain model on the same problem, both to the same gap."""
    curves, weight, rules, member = problem(*BESIDE[:2])
    found, seconds = chosen(BESIDE, GAP)
    reached, gap, slow = plain(curves, weight, rules, member, BESIDE[2], limit)
    ours = float((weight * curves.gain(found.spend)).sum())
    return {"ours_s": seconds, "ours_gap": found.gap, "ours_reached": ours, "plain_s": slow, "plain_gap": gap,
            "plain_reached": reached, "plain_cut": float(gap > GAP), "vs_plain": slow / seconds}  # fmt: skip


def frontiers() -> dict[str, float]:
    """The best spend at 21 budgets against one single solve; in all segments, and with a free choice of a few."""
    curves, weight, rules, member = problem(*BESIDE[:2])
    budgets = BUDGETS * rules.most[0]
    works = {
        "single_s": lambda: maximise(curves, weight, rules, nearest=False),
        "frontier_s": lambda: frontier(curves, weight, rules, budgets),
        "single_choice_s": lambda: choose(curves, weight, rules, member, BESIDE[2], gap=GAP),
        "frontier_choice_s": lambda: frontier_of_choices(curves, weight, rules, member, BESIDE[2], budgets, gap=GAP),
    }
    seconds = {}
    for name, work in works.items():
        started = time.perf_counter()
        work()
        seconds[name] = time.perf_counter() - started
    return seconds | {
        "frontier_ratio": seconds["frontier_s"] / seconds["single_s"],
        "frontier_choice_ratio": seconds["frontier_choice_s"] / seconds["single_choice_s"],
    }


def measure(limit: float) -> dict[str, Any]:
    """All figures of one run."""
    chosen(SMALL, 1e-6)  # what is imported late is not counted
    small, small_s = chosen(SMALL, 1e-6)
    large, large_s = chosen(LARGE, GAP)
    figures: dict[str, Any] = {"small_s": small_s, "small_gap": small.gap, "large_s": large_s, "large_gap": large.gap}
    figures |= beside(limit) | frontiers()
    figures["curve"] = {f"{case[0]}x{case[1]}x{LEVERS}": float(f"{chosen(case, GAP)[1]:.4g}") for case in CURVE}
    return {name: float(f"{each:.6g}") if isinstance(each, float) else each for name, each in figures.items()}


def main() -> None:
    """Prints the figures, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=float, default=90.0, help="seconds for the plain model")
    parser.add_argument("--json", metavar="-", help="print one JSON object")
    options = parser.parse_args()
    figures = measure(options.limit)
    if figures["plain_cut"]:
        said = f"The plain model was stopped after {options.limit:g} s at a gap of {figures['plain_gap']:.2%}: "
        print(said + "vs_plain is a lower bound.", file=sys.stderr)
    if options.json:
        print(json.dumps(figures))
        return
    for size, seconds in figures.pop("curve").items():
        print(f"{'choose ' + size:24} {seconds:>16,.3f}")
    for key, figure in figures.items():
        print(f"{key:24} {figure:>16,.6g}")


if __name__ == "__main__":
    main()
