"""The pecking order: segments ranked by an additive value model, each with its contributions."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.model.results import Facts, Ranking, Swot, listed
from workbench.scenario import CRITERIA, Scenario


def rank_segments(facts: Facts, swot: Swot, scenario: Scenario) -> Ranking:
    """One row per segment, best first; contributions add up to the score. Additive value model (Keeney & Raiffa 1976).

    Score = Σ weight × value over the criteria in the order of CRITERIA, quantised to 1e-9. A criterion that no segment
    has drops out and the weights are scaled up; one segment's missing value takes the neutral point and is flagged.
    Equal scores share the better rank and are listed by key. Chosen: the pinned segments, then the first by this
    order that are not banned, `focus` in all.
    """
    values = swot.values.set_index("segment")
    present = [name for name in CRITERIA if values[name].notna().any()]
    weights = scenario.weights_over(present)
    neutral = swot.indicators.drop_duplicates("criterion").set_index("criterion")["neutral"].to_dict()
    filled = pd.DataFrame({name: values[name].fillna(neutral.get(name, 0.5)) for name in present})
    parts = filled.mul(pd.Series(weights))
    scores = quantised(parts.to_numpy(dtype=float))
    order = _ordered(facts, scores, values[present].isna().sum(axis=1).to_numpy())
    order["chosen"] = _chosen(order, scenario)
    contributions = parts.loc[order["segment"]].reset_index()
    table = pd.DataFrame({"criterion": list(weights), "weight": list(weights.values())})
    said = [f"{name} is pinned." for name in scenario.pins] + [f"{name} is banned." for name in scenario.bans]
    return Ranking(tuple(said), _answer(order), facts.quarter, order, contributions, table)


def _answer(order: pd.DataFrame) -> str:
    names = list(order.loc[order["chosen"], "name"])
    first = order.iloc[0]
    last = order.iloc[-1]
    chosen = f"{listed(names) or 'No segment'} {'are' if len(names) > 1 else 'is'} chosen."
    scores = f"{first['score']:.2f} ({first['name']}), the lowest {last['score']:.2f} ({last['name']})"
    return f"{chosen} The best score is {scores}."


def quantised(parts: np.ndarray) -> np.ndarray:
    """Scores (n,) of contributions (n, criteria): added left to right, then rounded half up to 1e-9."""
    total = np.zeros(len(parts))
    for column in range(parts.shape[1]):
        total = total + parts[:, column]
    return np.asarray(np.floor(total * 1e9 + 0.5) / 1e9, dtype=float)


def _ordered(facts: Facts, scores: np.ndarray, flagged: np.ndarray) -> pd.DataFrame:
    """The facts with score and rank, best first; equal scores share the better rank, listed by key."""
    table = facts.segments.assign(score=scores, flagged=flagged)
    table["rank"] = table["score"].rank(method="min", ascending=False).astype("int64")
    table = table.sort_values(["rank", "segment"], ignore_index=True)
    first = ["rank", "segment", "name", "score"]
    return table[first + [name for name in table.columns if name not in first]]


def _chosen(order: pd.DataFrame, scenario: Scenario) -> list[bool]:
    open_places = scenario.focus - len(scenario.pins)
    free = [key for key in order["segment"] if key not in scenario.pins and key not in scenario.bans]
    picked = {*scenario.pins, *free[:open_places]}
    return [key in picked for key in order["segment"]]
