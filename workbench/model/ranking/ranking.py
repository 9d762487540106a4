"""The pecking order: segments ranked by an additive value model, each with its contributions."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from workbench.criteria import CRITERIA, words
from workbench.model.ranking.choice import chosen_of
from workbench.model.ranking.values import quantised
from workbench.model.ranking.weights import weights_over, what_comparisons_say
from workbench.model.results import Facts, Ranking, Swot, listed
from workbench.scenario import Scenario

NEARLY_THE_SAME = 0.8  # correlation of two criteria above which they are named
FEWEST = 5  # segments from which on a correlation is looked at


def rank_segments(facts: Facts, swot: Swot, scenario: Scenario) -> Ranking:
    """One row per segment, best first; contributions add up to the score. Additive value model (Keeney & Raiffa 1976).

    Score = Σ weight × value over the criteria in the order of CRITERIA, quantised to 1e-9. A criterion whose table the
    book lacks has dropped out and the weights are scaled up; one segment's missing value takes the neutral point and is
    flagged. Equal scores share the better rank and are listed by key. Chosen: the pinned segments, then the first by
    this order that are not banned, `focus` in all.

    Parameters
    ----------
    facts : Facts
        What is known of each segment, from `segment_facts`.
    swot : Swot
        The values of the segments, from `score_swot` for the same facts.
    scenario : Scenario
        The assumptions, as `load_scenario` gives them.

    Returns
    -------
    Ranking
        `order`: rank, score (0–1), whether chosen; `contributions` add up to the score; `weights` add up to 1.

    Notes
    -----
    A value that is NaN counts as its neutral point and is counted in `flagged`.
    """
    return rank_values(facts, swot.values, neutral_points(swot), scenario)


def neutral_points(swot: Swot) -> dict[str, float]:
    """The value of each criterion's neutral point, 0–1; like the values themselves no weight changes it."""
    indicators = swot.indicators
    return dict(zip(indicators["criterion"].tolist(), indicators["neutral"].tolist(), strict=True))


def rank_values(facts: Facts, given: pd.DataFrame, neutral: Mapping[str, float], scenario: Scenario) -> Ranking:
    """As `rank_segments`, from all that the ranking reads of a SWOT: its values and the neutral points.

    `given`: `segment` and a column of values, 0–1, for each criterion that has any; NaN where a figure is missing.
    """
    present = [name for name in CRITERIA if name in given]
    weights = weights_over(scenario, present)
    raw = given[present].to_numpy(dtype=float)
    filled = np.where(np.isnan(raw), [neutral.get(name, 0.5) for name in present], raw)
    parts = filled * np.array([weights[name] for name in present])
    order, place = _ordered(facts, quantised(parts), np.isnan(raw).sum(axis=1), scenario)
    values, contributions = (pd.DataFrame(table[place], columns=present) for table in (filled, parts))
    for table in (values, contributions):
        table.insert(0, "segment", order["segment"])
    table = pd.DataFrame({"criterion": list(weights), "weight": list(weights.values())})
    overlaps = _overlaps(raw, present, weights)
    names = dict(zip(order["segment"], order["name"], strict=True))
    said = [f"{names.get(key, key)} is pinned." for key in scenario.pins]
    said += [f"{names.get(key, key)} is banned." for key in scenario.bans] + _tied_at_the_cut(order, scenario)
    said += what_comparisons_say(scenario) + _said_of(overlaps, len(raw))
    return Ranking(tuple(said), _answer(order), facts.quarter, order, contributions, values, table, overlaps)


def _answer(order: pd.DataFrame) -> str:
    names = list(order.loc[order["chosen"], "name"])
    first = order.iloc[0]
    last = order.iloc[-1]
    chosen = f"{listed(names) or 'No segment'} {'are' if len(names) > 1 else 'is'} chosen."
    if first["score"] == last["score"]:
        return f"{chosen} {'Every segment scores' if len(order) > 1 else 'Its score is'} {first['score']:.2f}."
    scores = f"{first['score']:.2f} ({first['name']}), the lowest {last['score']:.2f} ({last['name']})"
    return f"{chosen} The best score is {scores}."


def _ordered(
    facts: Facts, scores: np.ndarray, flagged: np.ndarray, scenario: Scenario
) -> tuple[pd.DataFrame, np.ndarray]:
    """The facts with rank, score and whether chosen, best first, equal scores by key; and the row each comes from."""
    table = facts.segments
    keys = table["segment"].tolist()
    rank = 1 + (scores[None, :] > scores[:, None]).sum(axis=1)
    place = np.array(sorted(range(len(keys)), key=lambda row: (rank[row], keys[row])), dtype=int)
    table = table.take(place)
    table.index = pd.RangeIndex(len(table))
    table.insert(0, "rank", rank[place])
    table.insert(3, "score", scores[place])
    table["flagged"] = flagged[place]
    table["chosen"] = chosen_of([keys[row] for row in place], scenario)
    return table, place


def _tied_at_the_cut(order: pd.DataFrame, scenario: Scenario) -> list[str]:
    """Says where equal scores stand on both sides of the cut, so that the key decides."""
    columns = (order[name].tolist() for name in ("segment", "name", "score", "chosen"))
    free = [row for row in zip(*columns, strict=True) if row[0] not in scenario.pins and row[0] not in scenario.bans]
    inside, outside = [row for row in free if row[3]][-1:], [row for row in free if not row[3]][:1]
    if not inside or not outside or inside[0][2] != outside[0][2]:
        return []
    one, other = inside[0][1], outside[0][1]
    return [f"{one} and {other} score the same: {one} is chosen because its key comes first."]


def _overlaps(raw: np.ndarray, present: list[str], weights: dict[str, float]) -> pd.DataFrame:
    """Pairs of weighted criteria whose values go together over the segments (Pearson), the closest first."""
    known = (~np.isnan(raw)).astype(float)
    values = np.nan_to_num(raw)
    count = known.T @ known
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (values.T @ known) / count  # of the row's criterion, where the column's is known as well
        spread = ((values**2).T @ known) / count - mean**2
        together = (values.T @ values) / count - mean * mean.T
        correlation = together / np.sqrt(spread * spread.T)
    varies = (count >= FEWEST) & (np.minimum(spread, spread.T) > 1e-12)
    weighted = np.array([weights[name] > 0 for name in present])
    close = np.triu(varies & (correlation > NEARLY_THE_SAME) & weighted & weighted[:, None], 1)
    pairs = sorted(np.argwhere(close).tolist(), key=lambda pair: (-correlation[pair[0], pair[1]], pair))
    rows = [(present[one], present[other], float(correlation[one, other]), weights[present[one]] + weights[present[other]])
            for one, other in pairs]  # fmt: skip
    return pd.DataFrame(rows, columns=["criterion", "other_criterion", "correlation", "weight"])


def _said_of(overlaps: pd.DataFrame, count: int) -> list[str]:
    """Which criteria say nearly the same, in one sentence."""
    if overlaps.empty:
        return []
    columns = (overlaps[name].tolist() for name in ("criterion", "other_criterion", "correlation"))
    pairs = [f"{words(one)} and {words(other)} ({both:.2f})" for one, other, both in zip(*columns, strict=True)]
    named = listed(pairs)
    return [f"Criteria that say nearly the same over these {count} segments, with their correlation: {named}. What they "
            "share counts with the weights of both."]  # fmt: skip
