"""Why an ask is funded or parked: reason, what would change the answer, and what displaced it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.model.backlog import Backlog
from workbench.model.results import Ranking, listed, millions
from workbench.model.select import Selection

MEASURES = {"revenue": ("revenue_part", "of revenue"), "retention": ("retention_points", "points of retention"),
            "adoption": ("adoption_part", "of customers")}  # fmt: skip


def claimed_in(own: pd.DataFrame) -> str:
    """The segments that the ask claims to move, largest claim first."""
    return ", ".join(own.sort_values(["revenue_y", "segment"], ascending=[False, True])["name"])


def _shown(measure: str, amount: float) -> str:
    text = f"{amount:,.1f}" if measure == "retention" else f"{amount * 100:,.1f} %"
    return f"{text} {MEASURES[measure][1]}"


def why_funded(
    index: int, own: pd.DataFrame, table: pd.DataFrame, problem: Backlog, selection: Selection
) -> tuple[str, str, str]:
    """What the ask claims where it is significant, or which chosen ask it comes with."""
    best = own[own["significant"]].sort_values("closest", ascending=False)
    if best.empty:
        users = [
            str(table["title"].iloc[one]) for one, other in problem.requires if other == index and selection.chosen[one]
        ]
        return f"Comes with {listed(sorted(set(users)))}, which needs it", "", ""
    row = best.iloc[0]
    figure = _shown(row["measure"], row[MEASURES[row["measure"]][0]])
    return f"Claims {figure} in {row['name']} (rank {row['rank']})", "", ""


def why_failed(own: pd.DataFrame, ranking: Ranking) -> tuple[str, str, str]:
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


def why_displaced(index: int, table: pd.DataFrame, problem: Backlog, selection: Selection) -> tuple[str, str, str]:
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
