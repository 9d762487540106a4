"""The best set of invented asks beside greedy by value per effort and beside the plain dense program, by size.

`python -m benchmarks.asks [--sizes 40 100 250 500 1000 2000] [--json -]`. Up to 60 asks exact, above to a proven gap of
0.1 %. Seconds of one run each; `asks_s` and `asks_gap` are those of the largest size, `small_ms` is the mean of 40
exact selections from 40 asks of five teams; `…_lost` is the part of our value that greedy leaves on the table.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from workbench.model.asks.select import NODES, select

SIZES = (40, 100, 250, 500, 1000, 2000)
TEAMS, SMALL_TEAMS, SMALL, SMALL_RUNS = 10, 5, 40, 40
EXACT, GAP = 60, 1e-3  # asks up to which exact; relative gap above
Problem = tuple[np.ndarray, np.ndarray, np.ndarray, dict[str, list[tuple[int, int]]]]


def invented(count: int, teams: int, seed: int) -> Problem:
    """Value, effort, capacity and rules of a backlog: value goes with effort, an ask needs about two teams, capacity is
    a quarter of all effort, 10 % of the asks have a prerequisite, 3 % an exclusion, 10 % lie in themes of two to five."""
    random = np.random.default_rng([count, teams, seed])
    size = random.lognormal(0, 0.8, count)
    needed = random.random((count, teams)) < min(1, 2 / teams)
    needed[np.arange(count), random.integers(0, teams, count)] = True
    effort = np.ceil(10 * size[:, None] * random.lognormal(0, 0.5, (count, teams))) * needed
    value = np.round(1e5 * size * random.lognormal(0, 0.4, count))
    pairs = random.permuted(np.tile(np.arange(count), (2, 1)), axis=1).T.tolist()
    pairs = [(one, other) for one, other in pairs if one != other]
    needs, start = pairs[: count // 10], 0
    excludes = pairs[count // 10 : count // 10 + round(0.03 * count)]
    order = random.permutation(count).tolist()
    while start < count // 10:
        theme = order[start : start + int(random.integers(2, 6))]
        needs += [(one, other) for one in theme for other in theme if one != other]
        start += len(theme)
    return value, effort, np.round(effort.sum(axis=0) / 4), {"requires": needs, "excludes": excludes}


def greedy(problem: Problem) -> float:
    """The value of taking asks by value per effort, each with all it still needs, as long as everything fits."""
    value, effort, capacity, rules = problem
    needs: dict[int, list[int]] = {}
    for one, other in rules["requires"]:
        needs.setdefault(one, []).append(other)
    barred: dict[int, set[int]] = {}
    for one, other in rules["excludes"]:
        barred.setdefault(one, set()).add(other)
        barred.setdefault(other, set()).add(one)
    chosen: set[int] = set()
    for ask in np.argsort(-value / effort.sum(axis=1), kind="stable").tolist():
        more, reached = [ask], set(chosen)
        while more:
            one = more.pop()
            if one not in reached:
                reached.add(one)
                more += needs.get(one, [])
        fits = (effort[sorted(reached)].sum(axis=0) <= capacity).all()
        if fits and not any(barred.get(one, set()) & reached for one in reached):
            chosen = reached
    return float(value[sorted(chosen)].sum())


def plain(problem: Problem, gap: float) -> float:
    """The value that HiGHS finds with dense rows and its own settings, under our limit of nodes."""
    value, effort, capacity, rules = problem
    needs, clashes = len(rules["requires"]), len(rules["excludes"])
    count, pairs = len(value), [*rules["requires"], *rules["excludes"]]
    rows = np.zeros((len(pairs), count))
    rows[np.arange(len(pairs)), [one for one, _ in pairs]] = 1
    rows[np.arange(len(pairs)), [other for _, other in pairs]] = [-1] * needs + [1] * clashes
    limits = np.concatenate([capacity, np.zeros(needs), np.ones(clashes)])
    answer = milp(-value / value.max(), integrality=np.ones(count), bounds=Bounds(0, 1),
                  constraints=LinearConstraint(np.vstack([effort.T, rows]), -np.inf, limits),
                  options={"mip_rel_gap": gap, "node_limit": NODES // count})  # fmt: skip
    return float(value[answer.x > 0.5].sum())


def measure(count: int) -> dict[str, float]:
    """The figures of one size."""
    problem = invented(count, TEAMS, 1)
    value, effort, capacity, rules = problem
    gap = 0.0 if count <= EXACT else GAP
    started = time.perf_counter()
    found = select(value, effort, capacity, **rules, gap=gap)
    ours = time.perf_counter() - started
    simple = greedy(problem)
    started = time.perf_counter()
    other = plain(problem, gap)
    return {"s": ours, "gap": found.gap, "plain_s": time.perf_counter() - started, "plain_lost": 1 - other / found.value,
            "greedy_lost": 1 - simple / found.value}  # fmt: skip


def small() -> dict[str, float]:
    """Mean milliseconds of one exact selection from a small backlog, ours and the plain program's, and greedy's loss."""
    problems = [invented(SMALL, SMALL_TEAMS, seed) for seed in range(SMALL_RUNS)]
    started = time.perf_counter()
    values = [select(*problem[:3], **problem[3]).value for problem in problems]
    ours = time.perf_counter() - started
    started = time.perf_counter()
    for problem in problems:
        plain(problem, 0.0)
    other = time.perf_counter() - started
    lost = [1 - greedy(problem) / value for problem, value in zip(problems, values, strict=True)]
    return {"small_ms": 1000 * ours / SMALL_RUNS, "small_plain_ms": 1000 * other / SMALL_RUNS,
            "small_greedy_lost": float(np.mean(lost)), "small_greedy_lost_most": max(lost)}  # fmt: skip


def main() -> None:
    """Prints the figures, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--json", metavar="-", help="print one JSON object")
    options = parser.parse_args()
    figures: dict[str, Any] = small()
    for count in sorted(options.sizes):
        print(f"{count:,} asks, {TEAMS} teams", file=sys.stderr)
        one = measure(count)
        figures |= {f"asks_{count}_{name}": figure for name, figure in one.items()}
        figures |= {f"asks_{name}": figure for name, figure in one.items()}
    figures = {name: round(float(figure), 5) for name, figure in figures.items()}
    if options.json:
        print(json.dumps(figures))
    else:
        for key, figure in figures.items():
            print(f"{key:24} {figure:>12,.5f}")


if __name__ == "__main__":
    main()
