"""Feature requests: tested for a significant effect in a chosen segment, then selected under capacity, with reasons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.book.book import Book
from workbench.book.quarters import shift
from workbench.model.results import Allocation, Ranking, Triage, listed, millions
from workbench.model.select import Selection
from workbench.model.select import select as select
from workbench.scenario import Scenario

MEASURES = {"revenue": ("revenue_part", "of revenue"), "retention": ("retention_points", "points of retention"),
            "adoption": ("adoption_part", "of customers")}  # fmt: skip


def triage_asks(ranking: Ranking, allocation: Allocation, book: Book, scenario: Scenario) -> Triage:
    """One row per ask: funded or parking lot, its value a year, the reason with its numbers, what would change it.

    Significant: in a chosen segment the claim reaches the threshold on revenue (share of the segment's revenue),
    retention (points) or adoption (share of its customers). Value = Σ over chosen segments of confidence × margin ×
    (revenue + points ÷ 100 × revenue of the segment + adopters × revenue per customer–product pair), the growth
    claims capped at the cell's runway. Then the set of the largest value under next quarter's capacity,
    prerequisites, exclusions and themes.
    """
    if not book.has("asks") or not book.has("impacts"):
        without = "Asks are left out: the book has no asks or no impacts."
        return Triage((without,), without, pd.DataFrame(columns=["ask", "decision"]), pd.DataFrame(), pd.DataFrame())
    effects = _effects(ranking, allocation, book, scenario)
    asks = _values(book, effects)
    problem, said = _problem(asks, book, shift(ranking.quarter, 1))
    selection = problem.best()
    table = _decided(asks, effects, problem, selection, ranking)
    teams = _teams(problem, selection)
    return Triage(tuple(said), _answer(table, teams), table, effects, teams)


def _effects(ranking: Ranking, allocation: Allocation, book: Book, scenario: Scenario) -> pd.DataFrame:
    """Each claim beside its thresholds: ask × segment, with `closest` = claim ÷ threshold of the nearest measure."""
    claims = ["revenue_y", "retention_points", "adopters", "confidence"]
    effects = book.table("impacts").astype(dict.fromkeys(claims, "float64"))
    effects[claims[:3]] = effects[claims[:3]].fillna(0.0)
    effects = effects.merge(book.table("asks")[["ask", "product"]], on="ask")
    order = ranking.order.rename(columns={"revenue_y": "segment_revenue_y"})
    effects = effects.merge(
        order[["segment", "name", "rank", "chosen", "segment_revenue_y", "customers", "pairs"]], on="segment"
    )
    effects = effects.merge(
        allocation.cells[["product", "segment", "gross_margin", "runway_y"]], on=["product", "segment"]
    )
    revenue = effects["segment_revenue_y"]
    effects["revenue_part"] = _part(effects["revenue_y"], revenue)
    effects["adoption_part"] = _part(effects["adopters"], effects["customers"])
    effects["revenue_per_pair_y"] = revenue / effects["pairs"].where(effects["pairs"] > 0)
    limits = scenario.significance
    for name, limit in (
        ("revenue", limits.revenue),
        ("retention", limits.retention_points),
        ("adoption", limits.adoption),
    ):
        effects[f"{name}_needed"] = limit
    ratios = pd.DataFrame({name: effects[column].fillna(0.0) / effects[f"{name}_needed"].clip(lower=1e-12)
                           for name, (column, _) in MEASURES.items()})  # fmt: skip
    effects["closest"] = ratios.max(axis=1)
    effects["measure"] = ratios.idxmax(axis=1)
    effects["significant"] = effects["chosen"] & (effects["closest"] >= 1 - 1e-12)
    growth = effects["revenue_y"] + (effects["adopters"] * effects["revenue_per_pair_y"]).fillna(0.0)
    kept = effects["retention_points"] / 100 * revenue.fillna(0.0)
    capped = np.minimum(growth, effects["runway_y"].fillna(np.inf))
    effects["capped"] = capped < growth
    effects["value_y"] = (effects["confidence"] * effects["gross_margin"] * (capped + kept)).where(
        effects["chosen"], 0.0
    )
    return effects.sort_values(["ask", "segment"], ignore_index=True)


def _part(claim: pd.Series, whole: pd.Series) -> pd.Series:
    """The claim as a part of what is there; where there is nothing yet, a claim is all of it."""
    return claim / whole.where(whole > 0, claim.where(claim > 0)).where(whole.notna())


def _values(book: Book, effects: pd.DataFrame) -> pd.DataFrame:
    asks = book.table("asks").set_index("ask")
    effort = book.table("efforts").astype({"effort": "float64"}).groupby("ask")["effort"].sum()
    asks["effort"] = effort.reindex(asks.index)
    asks["claimed_y"] = effects.groupby("ask")["revenue_y"].sum().reindex(asks.index).fillna(0.0)
    asks["significant"] = effects.groupby("ask")["significant"].any().reindex(asks.index).fillna(False).astype(bool)
    asks["value_y"] = effects.groupby("ask")["value_y"].sum().reindex(asks.index).fillna(0.0)
    return asks.reset_index()


@dataclass(frozen=True)
class _Problem:
    """The selection problem over all asks of the book, by key; those that may not be chosen are fixed to no."""

    value: np.ndarray
    effort: np.ndarray
    capacity: np.ndarray
    teams: list[str]
    requires: list[tuple[int, int]]
    excludes: list[tuple[int, int]]
    barred: frozenset[int]

    def best(self, include: int | None = None, capacity: bool = True) -> Selection:
        """The best set; with ask `include` in it, if given; without regard to capacity, if asked."""
        fixed = dict.fromkeys(self.barred, False)
        if include is not None:
            fixed[include] = True
        room = self.capacity if capacity else np.full(len(self.capacity), 1e12)
        return select(self.value, self.effort, room, requires=self.requires, excludes=self.excludes, fixed=fixed)


def _problem(asks: pd.DataFrame, book: Book, quarter: str) -> tuple[_Problem, list[str]]:
    place = {ask: index for index, ask in enumerate(asks["ask"])}
    requires = _pairs(asks, "requires", place)
    for _, members in asks[asks["theme"] != ""].groupby("theme"):
        keys = [place[ask] for ask in members["ask"]]
        requires += [(one, other) for one in keys for other in keys if one != other]
    wanted = {int(index) for index in np.flatnonzero(asks["significant"])}
    reached: set[int] = set()
    while wanted - reached:
        reached |= wanted
        wanted = {other for one, other in requires if one in reached}
    efforts = book.table("efforts").astype({"effort": "float64"})
    capacity = book.table("capacity").astype({"capacity": "float64"})
    capacity = capacity[capacity["quarter"] == quarter].set_index("team")["capacity"]
    said = []
    if efforts.empty or capacity.empty:
        said.append(f"Capacity is not considered: the book has no efforts, or no capacity for {quarter}.")
        efforts = efforts.iloc[:0]
    else:
        free = [title for title, effort in zip(asks["title"], asks["effort"], strict=True) if np.isnan(effort)]
        said += [f"No effort is declared for {listed(free)}: taken to need none."] if free else []
    teams = sorted(efforts["team"].unique())
    unknown = [team for team in teams if team not in capacity.index]
    if unknown:
        said.append(f"No capacity is declared for {listed(unknown)} in {quarter}: their asks cannot be done.")
    wide = efforts.pivot_table(index="ask", columns="team", values="effort", aggfunc="sum")
    wide = wide.reindex(index=asks["ask"], columns=teams).fillna(0.0)
    value = np.where(asks["significant"], asks["value_y"], 0.0)
    barred = frozenset(set(range(len(asks))) - reached)
    room = capacity.reindex(teams).fillna(0.0).to_numpy(dtype=float)
    excludes = _pairs(asks, "excludes", place)
    return _Problem(value, wide.to_numpy(dtype=float), room, teams, requires, excludes, barred), said


def _pairs(asks: pd.DataFrame, column: str, place: dict[str, int]) -> list[tuple[int, int]]:
    cells = zip(asks["ask"], asks[column].fillna(""), strict=True)
    return [(place[ask], place[part.strip()]) for ask, cell in cells for part in cell.split(";") if part.strip()]


def _decided(
    asks: pd.DataFrame, effects: pd.DataFrame, problem: _Problem, selection: Selection, ranking: Ranking
) -> pd.DataFrame:
    """The asks with decision, reason, what displaced them and what would change the answer; funded first, by value."""
    table = asks.copy()
    table["decision"] = np.where(selection.chosen, "funded", "parking lot")
    table["segments"] = [_segments(effects[effects["ask"] == ask]) for ask in table["ask"]]
    texts = []
    for index, ask in enumerate(table["ask"]):
        own = effects[effects["ask"] == ask]
        if selection.chosen[index]:
            texts.append(_funded(index, own, table, problem, selection))
        elif index in problem.barred:
            texts.append(_failed(own, ranking))
        else:
            texts.append(_displaced(index, table, problem, selection))
    for place, column in enumerate(("reason", "change_needed", "displaced_by")):
        table[column] = [text[place] for text in texts]
    largest = table["value_y"].where(table["decision"] == "funded", table["claimed_y"])
    table = table.assign(largest=largest).sort_values(["decision", "largest", "ask"], ascending=[True, False, True])
    columns = ["ask", "title", "product", "requester", "kind", "need", "theme", "decision", "segments", "value_y", "claimed_y",
               "effort", "reason", "change_needed", "displaced_by"]  # fmt: skip
    return table[columns].reset_index(drop=True)


def _segments(own: pd.DataFrame) -> str:
    """The segments that the ask claims to move, largest claim first."""
    return ", ".join(own.sort_values(["revenue_y", "segment"], ascending=[False, True])["name"])


def _shown(measure: str, amount: float) -> str:
    text = f"{amount:,.1f}" if measure == "retention" else f"{amount * 100:,.1f} %"
    return f"{text} {MEASURES[measure][1]}"


def _funded(
    index: int, own: pd.DataFrame, table: pd.DataFrame, problem: _Problem, selection: Selection
) -> tuple[str, str, str]:
    best = own[own["significant"]].sort_values("closest", ascending=False)
    if best.empty:
        users = [
            str(table["title"].iloc[one]) for one, other in problem.requires if other == index and selection.chosen[one]
        ]
        return f"Comes with {listed(sorted(set(users)))}, which needs it", "", ""
    row = best.iloc[0]
    figure = _shown(row["measure"], row[MEASURES[row["measure"]][0]])
    return f"Claims {figure} in {row['name']} (rank {row['rank']})", "", ""


def _failed(own: pd.DataFrame, ranking: Ranking) -> tuple[str, str, str]:
    """The test failed: in which chosen segment it came closest, and by how much it missed."""
    claimed = own[(own[["revenue_y", "retention_points", "adopters"]] > 0).any(axis=1)]
    if claimed.empty:
        return "No effect is claimed in any segment", "an effect with its evidence", ""
    chosen = claimed[claimed["chosen"]].sort_values(["closest", "rank"], ascending=[False, True])
    if len(chosen) and chosen["closest"].iloc[0] == 0:
        names = listed(list(chosen["name"]))
        return f"Its claims cannot be tested: revenue or customers of {names} are not known", "the missing figures", ""
    if chosen.empty:
        where = claimed.sort_values(["rank", "segment"])
        places = [
            f"{name} (rank {rank} of {len(ranking.order)})"
            for name, rank in zip(where["name"], where["rank"], strict=True)
        ]
        enough = where[where["closest"] >= 1 - 1e-12]["name"]
        need = f"{enough.iloc[0]} among the chosen" if len(enough) else "a larger effect, in a chosen segment"
        return f"Its effects lie in {listed(places)}, not among the chosen", need, ""
    row = chosen.iloc[0]
    measure = row["measure"]
    claim, limit = float(row[MEASURES[measure][0]]), float(row[f"{measure}_needed"])
    reason = f"No significant effect in a chosen segment: best is {_shown(measure, claim)} in {row['name']}, "
    reason += f"threshold {_shown(measure, limit)}"
    base = {"revenue": row["segment_revenue_y"], "retention": 1.0, "adoption": row["customers"]}[measure]
    short = (limit - claim) * float(base)
    need = {"revenue": f"{millions(short)} more revenue a year", "retention": f"{short:,.1f} points more retention",
            "adoption": f"{np.ceil(short - 1e-9):,.0f} more adopters"}[measure]  # fmt: skip
    return reason, f"{need} in {row['name']}", ""


def _displaced(index: int, table: pd.DataFrame, problem: _Problem, selection: Selection) -> tuple[str, str, str]:
    """Significant, yet not in the best set: what went in instead, and what choosing it would forgo."""
    forced = problem.best(include=index)
    if not forced.feasible:
        alone = problem.best(include=index, capacity=False)
        if not alone.feasible:
            return "Its prerequisites and exclusions contradict one another", "other prerequisites", ""
        over = [(problem.effort[index, team] - problem.capacity[team], team) for team in range(len(problem.teams))]
        worst, team = max(over)
        if worst <= 0:
            return "It and what must come with it exceed the teams' capacity", "smaller prerequisites", ""
        need = f"{problem.effort[index, team]:,.0f} of {problem.capacity[team]:,.0f} person-days"
        return (
            f"It needs {need} of {problem.teams[team]}",
            f"{worst:,.0f} person-days less in {problem.teams[team]}",
            "",
        )
    forgone = selection.value - forced.value
    out = np.flatnonzero(selection.chosen & ~forced.chosen)
    names = [str(table["title"].iloc[each]) for each in sorted(out, key=lambda each: -problem.value[each])]
    left = problem.capacity - problem.effort[selection.chosen].sum(axis=0)
    lacking = problem.effort[index] - left
    full = problem.teams[int(np.argmax(lacking))] if len(lacking) and lacking.max() > 0 else ""
    cause = f"{full} is full: " if full else ""
    by = f"displaced by {listed(names)}" if names else "nothing gained"
    by = by if full else by[0].upper() + by[1:]
    change = f"{millions(forgone)} more gross profit a year from it"
    return f"{cause}{by}; choosing it would forgo {millions(forgone)} a year", change, ", ".join(table["ask"].iloc[out])


def _teams(problem: _Problem, selection: Selection) -> pd.DataFrame:
    used = problem.effort[selection.chosen].sum(axis=0)
    table = pd.DataFrame({"team": problem.teams, "capacity": problem.capacity, "used": used})
    table["part"] = table["used"] / table["capacity"].where(table["capacity"] > 0)
    return table


def _answer(table: pd.DataFrame, teams: pd.DataFrame) -> str:
    funded = table[table["decision"] == "funded"]
    parked = len(table) - len(funded)
    text = f"{len(funded)} of {len(table)} asks are funded, worth {millions(funded['value_y'].sum())} gross profit a year; "
    text += f"{parked} go to the parking lot, each with its reason."
    full = teams.sort_values("part", ascending=False)
    if len(full) and full["part"].iloc[0] >= 0.9:
        text += (
            f" The bottleneck is {full['team'].iloc[0]} ({full['part'].iloc[0] * 100:.0f} % of its person-days used)."
        )
    return text
