"""How sure the pecking order is, and what would change it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from workbench.model.ranking.certificates import certificate as certificate
from workbench.model.ranking.certificates import turning_weights
from workbench.model.ranking.draws import value_draws, weight_draws
from workbench.model.ranking.robustness_words import draws_said, smallest_said, ties_said, turn_said, word
from workbench.model.ranking.smaa import smaa as smaa
from workbench.model.ranking.smaa import smaa_of
from workbench.model.results import Facts, Ranking, Robustness, Swot, listed
from workbench.scenario import Scenario

STAYS, WAITS = "incumbent, stays", "waits"  # how sure, where the rule for incumbents decides
NEAR = 2 / 3  # neighbours in the order are a near tie where the better is ahead in fewer draws than this
APART = 0.9  # and the first of such a row is ahead of the last in fewer than this
TAIL = 0.1  # of the draws left out at either end of a rank interval
MOST_IN_PAIRS = 200  # segments, the first ones, that are compared in pairs
CHANGES = 0.995  # pairs of which the better is ahead in more draws than this are left out


def how_sure(facts: Facts, swot: Swot, ranking: Ranking, scenario: Scenario) -> Robustness:
    """How often each segment takes each rank and is chosen when weights and uncertain figures are drawn anew (SMAA-2,
    Lahdelma & Salminen 2001), and the smallest change of weights that alters who is chosen.

    Weights come from the scenario's `weight_space`, growth and win rate from their 80 % intervals, missing values evenly
    from 0 to 1; each segment has its own random numbers. Pinned segments are chosen in every draw, banned ones in none.
    """
    order = ranking.order
    keys = sorted(order["segment"])
    by_key = order.set_index("segment").loc[keys].reset_index()
    values, raw, figures = (table.set_index("segment").loc[keys].reset_index()
                            for table in (ranking.values, swot.values, facts.segments))  # fmt: skip
    weights = dict(zip(ranking.weights["criterion"], ranking.weights["weight"], strict=True))
    vector, grid = np.array(list(weights.values())), values[list(weights)].to_numpy(dtype=float)
    drawn = weight_draws(weights, scenario)
    values_of, uncertain = value_draws(values, raw, figures, scenario)
    few = len(keys) <= MOST_IN_PAIRS
    found = smaa_of(values_of, drawn, pairwise=few)
    free = np.array([key not in scenario.pins and key not in scenario.bans for key in keys])
    places = max(min(scenario.focus - len(scenario.pins), int(free.sum())), 0)
    chance = np.array([float(key in scenario.pins) for key in keys])
    if places:
        among = found if free.all() else smaa_of(lambda some: values_of(some)[..., free, :], drawn, pairwise=False)
        chance[free] = np.round(among.rank_acceptability[:, :places].sum(axis=1), 12)

    place = {key: position + 1 for position, key in enumerate(order["segment"])}
    table = by_key[["segment", "name", "rank", "chosen"]].assign(place=[place[key] for key in keys])
    table = _chances(table, found.rank_acceptability, chance, scenario)
    turning = _turning(grid[free], vector, places, table[free], list(weights))
    segments = table.merge(turning, on="segment", how="left").sort_values("place", ignore_index=True)

    looked_at = sorted(segments["segment"].head(MOST_IN_PAIRS))
    at = np.array([keys.index(key) for key in looked_at])
    share = found.pairwise if few else smaa_of(lambda some: values_of(some)[..., at, :], drawn).pairwise
    pairs, ties = _pairs(share, segments.head(MOST_IN_PAIRS), looked_at)
    smallest = certificate(grid[free], vector, places)
    names = table.loc[free, "name"].tolist()
    leaves, enters = ("" if each is None else names[each] for each in (smallest.leaves, smallest.enters))
    change = _change(weights, smallest.weights).assign(enters=enters, leaves=leaves)
    who = f": {enters} for {leaves}" if enters else "; no weights do"
    said = [draws_said(segments, scenario), *ties_said(ties)]
    said += [smallest_said(change, leaves, enters)] if places else []
    return Robustness(
        (*(_certain(figures) if "growth" in weights else []), *_outside(weights, scenario), *_not_in_pairs(len(keys))),
        " ".join(said),
        _overall(uncertain, found.entropy, smallest.radius, who, scenario),
        segments,
        _acceptability(found.rank_acceptability, segments, keys),
        pairs,
        ties,
        change,
        _central(found.central_weights, segments, keys, list(weights)),
    )


def with_incumbents(robustness: Robustness, ranking: Ranking, held: pd.DataFrame) -> Robustness:
    """The same where incumbents stay (`held`, of `Stability`): who is chosen is that of `ranking`, and it is told that the
    draws speak of the order alone.
    """
    segments = robustness.segments.assign(chosen=robustness.segments["segment"].isin(ranking.chosen))
    for _, row in held.iterrows():
        stays, waits = segments["segment"] == row["segment"], segments["segment"] == row["challenger"]
        segments.loc[stays, ["sure", "turns"]] = STAYS, f"{row['name']} stays as an incumbent, not by the order."
        clear = f"{row['challenger_name']} waits: its lead over an incumbent is not clear."
        segments.loc[waits, ["sure", "turns"]] = WAITS, clear
    answer = f"By the order alone, before incumbents: {robustness.answer[0].lower()}{robustness.answer[1:]}"
    return replace(robustness, segments=segments, answer=answer)


def _change(weights: dict[str, float], at: np.ndarray | None) -> pd.DataFrame:
    """Each criterion's weight, the weight at the smallest change that alters who is chosen, and the difference."""
    table = pd.DataFrame({"criterion": list(weights), "weight": list(weights.values())})
    table["weight_at"] = np.nan if at is None else at
    return table.assign(weight_change=np.round(table["weight_at"] - table["weight"], 12))


def _rank_interval(acceptability: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The ranks between which a segment lies in 80 % of the draws, a tenth left out at either end."""
    reached = np.cumsum(acceptability, axis=1) + 1e-12
    return (reached >= TAIL).argmax(axis=1) + 1, (reached >= 1 - TAIL).argmax(axis=1) + 1


def _chances(table: pd.DataFrame, acceptability: np.ndarray, chance: np.ndarray, scenario: Scenario) -> pd.DataFrame:
    """The segments with their rank interval, how often they are first and chosen, and how sure that is in words."""
    low, high = _rank_interval(acceptability)
    table = table.assign(rank_low=low, rank_high=high, first_probability=acceptability[:, 0], chosen_probability=chance)
    table["sure"] = [_sure(key, part if chosen else 1 - part, scenario)
                     for key, chosen, part in zip(table["segment"], table["chosen"], chance, strict=True)]  # fmt: skip
    return table


def _overall(uncertain: int, entropy: float, radius: float, who: str, scenario: Scenario) -> pd.DataFrame:
    """Draws, uncertain figures, entropy and the certificate's radius, each with what it means."""
    rows = [
        ("draws", float(scenario.draws), f"weights {scenario.weight_space.kind}, seed {scenario.seed}"),
        ("uncertain figures", float(uncertain), "drawn from their interval, or from 0 to 1 where missing"),
        ("entropy", entropy, "of a segment's rank, mean, in bits; 0 where every rank is certain"),
        ("radius", radius, f"smallest sum of changes of the weights, 0–2, that alters who is chosen{who}"),
    ]
    return pd.DataFrame(rows, columns=["measure", "figure", "note"])


def _sure(key: str, part: float, scenario: Scenario) -> str:
    """How sure it is that the segment is chosen (or is not), in words."""
    if key in scenario.pins or key in scenario.bans:
        return "pinned" if key in scenario.pins else "banned"
    return word(part)


def _turning(
    grid: np.ndarray, weights: np.ndarray, places: int, free: pd.DataFrame, criteria: list[str]
) -> pd.DataFrame:
    """For the first 2 × `places` segments the single weight whose change takes it in or out with the least difference."""
    looked_at = np.argsort(free["place"].to_numpy(), kind="stable")[: 2 * places]
    rows = []
    for row, at in zip(looked_at.tolist(), turning_weights(grid, weights, places, looked_at), strict=True):
        segment, name, chosen = (free[column].iloc[row] for column in ("segment", "name", "chosen"))
        column = None if np.isnan(at).all() else int(np.nanargmin(np.abs(at - weights)))
        found = ("", np.nan, np.nan) if column is None else (criteria[column], weights[column], at[column])
        rows.append((segment, *found, turn_said(name, bool(chosen), *found)))
    return pd.DataFrame(rows, columns=["segment", "turns_on", "weight", "weight_at", "turns"])


def _pairs(pairwise: np.ndarray | None, segments: pd.DataFrame, keys: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Pairs that change places in at least one draw of 200, and groups of segments that cannot be told apart: each is
    ahead of the next in fewer than two draws of three, the first of the last in fewer than nine of ten.
    """
    columns, ties = ["segment", "other", "probability"], ["group", "segment", "name", "probability"]
    if pairwise is None:
        return pd.DataFrame(columns=columns), pd.DataFrame(columns=ties)
    row_of = {key: row for row, key in enumerate(keys)}
    ordered, names = segments["segment"].tolist(), segments["name"].tolist()
    rows = [row_of[key] for key in ordered]
    share = pairwise[np.ix_(rows, rows)]
    close = [
        (ordered[one], ordered[other], share[one, other]) for one, other in np.argwhere(np.triu(share < CHANGES, 1))
    ]
    groups: list[tuple[int, str, str, float]] = []
    start = 0
    for row in range(1, len(rows) + 1):
        if row == len(rows) or not 1 - NEAR < share[row - 1, row] < NEAR or not 1 - APART < share[start, row] < APART:
            if row - start > 1:
                groups += [(start + 1, ordered[each], names[each], share[start, each]) for each in range(start, row)]
            start = row
    return pd.DataFrame(close, columns=columns), pd.DataFrame(groups, columns=ties)


def _certain(figures: pd.DataFrame) -> list[str]:
    """Which forecasts have no interval."""
    open_ended = figures["growth_low"].isna() | figures["growth_high"].isna()
    without = figures.loc[figures["growth"].notna() & open_ended, "name"].tolist()
    return [f"Growth of {listed(without)} has no interval: the simulation takes it as certain."] if without else []


def _outside(weights: dict[str, float], scenario: Scenario) -> list[str]:
    """Which of the scenario's own weights lie outside the intervals that the draws keep."""
    intervals = scenario.weight_space.intervals
    names = [f"{name} {weights[name]:.2f}" for name, (low, high) in intervals.items()
             if name in weights and not low - 1e-9 <= weights[name] <= high + 1e-9]  # fmt: skip
    return [f"The draws keep to intervals that the scenario's own weights leave: {listed(names)}."] if names else []


def _not_in_pairs(count: int) -> list[str]:
    """Says where there are too many segments to compare in pairs."""
    many = f"More than {MOST_IN_PAIRS} segments: near ties and ranks are told of the first {MOST_IN_PAIRS}."
    return [many] if count > MOST_IN_PAIRS else []


def _acceptability(table: np.ndarray, segments: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    row_of = {key: row for row, key in enumerate(keys)}
    rows = [(key, rank + 1, table[row_of[key], rank]) for key in segments["segment"].head(MOST_IN_PAIRS)
            for rank in np.flatnonzero(table[row_of[key]]).tolist()]  # fmt: skip
    return pd.DataFrame(rows, columns=["segment", "rank", "probability"])


def _central(central: np.ndarray, segments: pd.DataFrame, keys: list[str], criteria: list[str]) -> pd.DataFrame:
    row_of = {key: row for row, key in enumerate(keys)}
    rows = [(key, *central[row_of[key]]) for key in segments["segment"] if not np.isnan(central[row_of[key], 0])]
    return pd.DataFrame(rows, columns=["segment", *criteria])
