"""What moved since the quarter before, and why; and when an incumbent keeps its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from workbench.model.ranking.robustness_words import percents
from workbench.model.ranking.values import in_units, quantised
from workbench.model.results import Ranking, Robustness, Stability, listed
from workbench.scenario import Scenario

MOVES = ["segment", "name", "rank", "rank_before", "move", "rank_by_weights", "rank_by_data", "rank_by_forecast",
         "rank_by_entry", "score", "score_before", "score_change", "score_by_weights", "score_by_data", "score_by_forecast",
         "most_by", "chosen", "chosen_before"]  # fmt: skip
HELD = ["segment", "name", "challenger", "challenger_name", "probability", "probability_needed", "score_cost", "cost_y"]
FORECAST = ("growth",)  # the criteria that rest on a forecast


def average_overlap(one: Sequence[str], other: Sequence[str]) -> float:
    """How far two orders agree, 0–1: the mean over the depths, down to the shorter one's end, of the share of names that
    both have among their first d. Agreement at the top counts most. Webber, Moffat & Zobel (2010).

    Parameters
    ----------
    one : sequence of str
        Names, best first, each once.
    other : sequence of str
        The same; it may be of another length.

    Returns
    -------
    float
        0–1; NaN where one of them is empty.
    """
    depth = min(len(one), len(other))
    shares = [len({*one[:each]} & {*other[:each]}) / each for each in range(1, depth + 1)]
    return sum(shares) / depth if depth else float("nan")


def keep_incumbents(
    ranking: Ranking, robustness: Robustness, before: Ranking, scenario: Scenario
) -> tuple[Ranking, pd.DataFrame]:
    """The ranking with the incumbents that stay among the chosen, and one row for each of them (`Stability.held`).

    A segment chosen a quarter ago that would lose its place gives way only to a newcomer that is ahead of it in at least
    `incumbent_probability` of the draws. The newcomer with the lowest rank is set against the best such incumbent, the next
    against the next, until one comes in; those that rank better come in with it.
    Pins and bans come before incumbents.
    """
    order = ranking.order
    listed_keys, names = order["segment"].tolist(), dict(zip(order["segment"], order["name"], strict=True))
    score = dict(zip(order["segment"], order["score"], strict=True))
    chosen = set(ranking.chosen)
    incumbents = set(before.chosen) - set(scenario.bans)
    newcomers = [key for key in reversed(listed_keys) if key in chosen - incumbents - set(scenario.pins)]
    leaving = [key for key in listed_keys if key in incumbents - chosen]
    rows = []
    for newcomer, incumbent in zip(newcomers, leaving, strict=False):
        probability = robustness.ahead(newcomer, incumbent)
        if probability >= scenario.incumbent_probability:
            break
        chosen = chosen - {newcomer} | {incumbent}
        cost = round(score[newcomer] - score[incumbent], 9)
        rows.append((incumbent, names[incumbent], newcomer, names[newcomer], probability,
                     scenario.incumbent_probability, cost, np.nan))  # fmt: skip
    held = pd.DataFrame(rows, columns=HELD)
    if not rows:
        return ranking, held
    order["chosen"] = [key in chosen for key in listed_keys]
    said = [_stays(name, other, *percents(part, needed)) for _, name, _, other, part, needed, *_ in rows]
    kept = [names[key] for key in listed_keys if key in chosen]
    head = f"{listed(kept)} {'are' if len(kept) > 1 else 'is'} chosen. {' '.join(said)}"
    return replace(ranking, order=order, answer=head), held


def _stays(name: str, other: str, part: str, needed: str) -> str:
    ahead = f"{other} ranks before it, but is ahead in only {part} of the draws"
    return f"{name} stays: {ahead}, and {needed} are needed to replace an incumbent."


def compare(ranking: Ranking, before: Ranking, revalued: pd.DataFrame, held: pd.DataFrame) -> Stability:
    """The moves since the ranking `before`, split into weights, data and forecast.

    Last quarter's figures are first valued and weighed as today (`revalued`: their values under today's assumptions), then
    the figures are brought up to date, then the forecasts (growth): each step's difference in score and in rank is that
    cause's part, so that the parts add up exactly, scores in units of 1e-9. Ranks are counted among the segments of both
    quarters on the way; what is left is the part of segments that came or went.
    """
    now, then = ranking.order.set_index("segment"), before.order.set_index("segment")
    both = [key for key in now.index if key in then.index]
    stages = _stages(ranking, before, revalued, both)
    scores = [in_units(stage).astype(np.int64) for stage in stages]
    ranks = [1 + (stage[None, :] > stage[:, None]).sum(axis=1) for stage in scores]
    if not both:
        return nothing_before(f"No segment of {before.quarter} is in the book any more: nothing can be compared.")
    table = pd.DataFrame(index=pd.Index(both, name="segment"))
    table["name"], table["rank"], table["rank_before"] = now["name"], now["rank"], then["rank"]
    table["move"] = table["rank_before"] - table["rank"]
    for place, cause in enumerate(("weights", "data", "forecast")):
        table[f"rank_by_{cause}"] = ranks[place] - ranks[place + 1]
        table[f"score_by_{cause}"] = (scores[place + 1] - scores[place]) / 1e9
    table["rank_by_entry"] = table["move"] - (ranks[0] - ranks[3])
    table["score"], table["score_before"] = now["score"], then["score"]
    table["score_change"] = (scores[3] - scores[0]) / 1e9
    table["most_by"] = _most_by(ranking, before, both)
    table["chosen"], table["chosen_before"] = now["chosen"], then["chosen"]
    moves = table.reset_index()[MOVES]
    overall = _overall(list(now.index), list(then.index), both, ranking, before)
    came = [f"{now.loc[key, 'name']} is new in the book." for key in now.index if key not in then.index]
    went = [f"{then.loc[key, 'name']} is no longer in the book." for key in then.index if key not in now.index]
    answer = " ".join([_answer(moves, before.quarter), *came, *went])
    return Stability((), answer, before.quarter, moves, overall, held)


def nothing_before(said: str) -> Stability:
    """An empty result where there is no quarter before to compare with; `said` tells why."""
    return Stability((said,), said, "", pd.DataFrame(columns=MOVES),
                     pd.DataFrame(columns=["measure", "figure", "note"]), pd.DataFrame(columns=HELD))  # fmt: skip


def _criteria(ranking: Ranking, before: Ranking) -> list[str]:
    named = [*ranking.weights["criterion"], *before.weights["criterion"]]
    return list(dict.fromkeys(named))


def _stages(ranking: Ranking, before: Ranking, revalued: pd.DataFrame, both: list[str]) -> list[np.ndarray]:
    """Scores of the segments in `both`: before; with today's weights and anchors; with today's figures, too; today."""
    criteria = _criteria(ranking, before)
    new, old = (table.set_index("segment").reindex(index=both, columns=criteria).to_numpy(dtype=float)
                for table in (ranking.values, revalued))  # fmt: skip
    weighed = dict(zip(ranking.weights["criterion"], ranking.weights["weight"], strict=True))
    weights = np.array([weighed.get(name, 0.0) for name in criteria])
    new, old = np.where(np.isnan(new), np.nan_to_num(old), new), np.where(np.isnan(old), np.nan_to_num(new), old)
    forecast = np.array([name in FORECAST for name in criteria], dtype=bool)
    then, now = (table.set_index("segment")["score"].loc[both].to_numpy(dtype=float)
                 for table in (before.order, ranking.order))  # fmt: skip
    return [then, quantised(old * weights), quantised(np.where(forecast, old, new) * weights), now]


def _most_by(ranking: Ranking, before: Ranking, both: list[str]) -> list[str]:
    """The criterion whose contribution changed most against the mean of the segments, with that change."""
    criteria = _criteria(ranking, before)
    parts = [table.set_index("segment").reindex(index=both, columns=criteria).to_numpy(dtype=float)
             for table in (ranking.contributions, before.contributions)]  # fmt: skip
    change = np.nan_to_num(parts[0]) - np.nan_to_num(parts[1])
    change = change - change.mean(axis=0)
    named = []
    for row in np.round(change, 9):
        place = int(np.abs(row).argmax())
        sign = "+" if row[place] > 0 else "−"
        named.append(f"{criteria[place].replace('_', ' ')} {sign}{abs(row[place]):.3f}" if abs(row[place]) > 0 else "")
    return named


def _overall(now: list[str], then: list[str], both: list[str], ranking: Ranking, before: Ranking) -> pd.DataFrame:
    """Kendall's tau over the segments of both quarters, average overlap of the orders, and who stayed chosen."""
    from scipy.stats import kendalltau

    ranks = [table.set_index("segment")["rank"].loc[both].to_numpy() for table in (ranking.order, before.order)]
    tau = float(kendalltau(*ranks).statistic) if len(both) > 1 else float("nan")
    kept = [key for key in ranking.chosen if key in before.chosen]
    rows = [
        ("kendalls_tau", tau, f"over {len(both)} segments; 1: the same order, −1: reversed"),
        ("average_overlap", average_overlap(now, then), "0–1, agreement at the top counts most"),
        ("chosen_kept", float(len(kept)), f"of {len(before.chosen)} chosen before"),
    ]
    return pd.DataFrame(rows, columns=["measure", "figure", "note"])


def _answer(moves: pd.DataFrame, quarter: str) -> str:
    """Who moved most, and why, in a sentence."""
    moved = moves[moves["move"] != 0]
    if moved.empty:
        return f"The order is that of {quarter}."
    most = moved.iloc[moved["move"].abs().argmax()]
    causes = {"weights and other assumptions": "by_weights", "the data": "by_data", "the forecast": "by_forecast"}
    way = 1 if most["move"] > 0 else -1
    head = f"{len(moved)} of {len(moves)} segments changed rank since {quarter}"
    head += f"; {most['name']} went {'up' if way > 0 else 'down'} from {most['rank_before']} to {most['rank']}"
    places = {cause: way * most[f"rank_{part}"] for cause, part in causes.items()}
    cause = max(places, key=lambda each: (places[each], way * most[f"score_{causes[each]}"]))
    if most["rank_by_entry"] * way >= places[cause]:
        return f"{head}, most of it because other segments came or went."
    change = most[f"score_{causes[cause]}"]
    text = f"{'+' if change > 0 else '−'}{abs(change):.3f} in score"
    if change * way <= 0:
        return f"{head}, most of it by {cause}, by which others {'lost' if way > 0 else 'gained'} more ({text})."
    return f"{head}, most of it by {cause} ({text})."


def with_cost(held: pd.DataFrame, by_order: float, as_held: float) -> pd.DataFrame:
    """`held` with what keeping the incumbents costs, together: gross profit a year by the order − with them."""
    return held.assign(cost_y=round(by_order - as_held, 2) + 0.0) if len(held) else held
