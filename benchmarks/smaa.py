"""Rank acceptability beside NumPy's bare matrix product and argsort, in one run; and facts to ranking without simulation.

`python -m benchmarks.smaa [--repeat 5] [--json -]`; times are the best of the repetitions, ours and the bare ones in turn,
in seconds (slider in milliseconds); peaks in MiB beyond the inputs.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import statistics
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np

CASES = {50: 100_000, 1000: 10_000}  # segments to draws, each with 12 criteria
CRITERIA = 12
SLIDER = 50  # segments
RANGES = {"size_y": (1e8, 2e10), "growth": (-0.1, 0.2), "runway_y": (1e6, 1e8), "revenue_y": (1e6, 5e7), "share": (0, 0.3),
          "share_trend": (-0.03, 0.03), "win_rate": (0.05, 0.6), "retention": (0.7, 1), "coverage": (0, 1),
          "relevance": (0, 1)}  # fmt: skip

Work = Callable[[], Any]


def bare(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The floor: all scores at once, and their order."""
    scores = weights @ values.T
    return np.argsort(-scores, axis=1)


def in_turn(repeat: int, *works: Work) -> list[float]:
    """The best seconds of each of `works`, run one after the other `repeat` times."""
    seconds: list[list[float]] = [[] for _ in works]
    for _ in range(repeat):
        for place, work in enumerate(works):
            started = time.perf_counter()
            work()
            seconds[place].append(time.perf_counter() - started)
    return [min(each) for each in seconds]


def peak(work: Work) -> float:
    """MiB that `work` holds at most beyond what was there before, its result included."""
    tracemalloc.start()
    work()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 2**20


def kernels(segments: int, draws: int, repeat: int) -> dict[str, float]:
    """Times, ratios and peaks of one case, with pairs and without."""
    from workbench.model.ranking.robustness import smaa

    random = np.random.default_rng(1)
    values, weights = random.random((segments, CRITERIA)), random.dirichlet(np.ones(CRITERIA), draws)

    def alone() -> Any:
        return smaa(values, weights, pairwise=False)

    def floor() -> Any:
        return bare(values, weights)

    def pairs() -> Any:
        return smaa(values, weights)

    works: dict[str, Work] = {"ours": alone, "bare": floor} | ({"pairwise": pairs} if segments == SLIDER else {})
    best = dict(zip(works, in_turn(repeat, *works.values()), strict=True))
    figures = {f"ratio_{segments}": best["ours"] / best["bare"]}
    figures |= {f"{name}_{segments}_s": best[name] for name in ("ours", "bare")}
    figures |= {f"{name}_{segments}_mib": peak(works[name]) for name in works}
    if "pairwise" in works:
        figures |= {"pairwise_s": best["pairwise"], f"ratio_{segments}_pairwise": best["pairwise"] / best["bare"]}
    return figures


def slider(repeat: int) -> dict[str, float]:
    """Milliseconds from the facts of invented segments to their ranking, as a slider of weights waits for it."""
    import pandas as pd

    from workbench.model.quarter import segment_facts
    from workbench.model.ranking.ranking import rank_segments
    from workbench.model.swot.swot import score_swot
    from workbench.sources.tables.folder import load_book, load_scenario

    book, scenario = load_book("sample"), load_scenario("base", "sample")
    random = np.random.default_rng(2)
    keys = [f"s{place:02d}" for place in range(SLIDER)]
    table = {"segment": keys, "name": keys} | {name: random.uniform(*ends, SLIDER) for name, ends in RANGES.items()}
    facts = segment_facts(book, scenario, book.latest_quarter)
    shown = facts.cells.groupby("product").head(1)
    cells = shown.drop(columns="segment").merge(pd.DataFrame({"segment": keys}), how="cross")
    facts = dataclasses.replace(facts, segments=pd.DataFrame(table), cells=cells[facts.cells.columns])
    seconds = []
    for _ in range(10 * repeat):
        started = time.perf_counter()
        ranking = rank_segments(facts, score_swot(facts, book, scenario), scenario)
        seconds.append(time.perf_counter() - started)
    assert len(ranking.order) == SLIDER
    return {"slider_ms": 1000 * min(seconds), "slider_median_ms": 1000 * statistics.median(seconds)}


def main() -> None:
    """Prints the figures, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--json", metavar="-", help="print one JSON object")
    options = parser.parse_args()
    figures: dict[str, float] = {}
    for segments, draws in CASES.items():
        figures |= kernels(segments, draws, options.repeat)
    figures |= slider(options.repeat)
    figures = {name: round(figure, 3) for name, figure in figures.items()}
    if options.json:
        print(json.dumps(figures))
    else:
        for key, figure in figures.items():
            print(f"{key:20} {figure:>14,.3f}")


if __name__ == "__main__":
    main()
