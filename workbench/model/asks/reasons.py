"""Why an ask is funded or parked, in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.book.quarters import shift
from workbench.model.asks.backlog import Backlog
from workbench.model.asks.claim_words import (
    MEASURES,
    capital,
    mates_of,
    nearest_claim,
    needing,
    plain,
    shown,
    small,
    users_of,
)
from workbench.model.asks.claims import TESTED
from workbench.model.asks.preference import bottleneck
from workbench.model.asks.smallest_change import Decided
from workbench.model.results import Ranking, listed, millions


@dataclass(frozen=True)
class Reason:
    """Why in a sentence; `lacks`: why no single change helps; `displaced_by`: keys of the asks that went in instead;
    `forgone_y`: gross profit a year that choosing it would cost; the team that is full.
    """

    why: str
    status: str = "failed"
    lacks: str = ""
    displaced_by: str = ""
    forgone_y: float = float("nan")
    bottleneck: str = ""


def why_funded(index: int, own: pd.DataFrame, table: pd.DataFrame, decided: Decided) -> Reason:
    """What the ask claims where it is significant, or which chosen ask it comes with."""
    row = nearest_claim(own)
    if row is None or not row["significant"]:
        if mates := mates_of(index, table):
            return Reason(f"Released together with {listed(mates)}", "funded")
        return Reason(f"Comes with {needing(users_of(index, table, decided.problem, decided.chosen))}", "funded")
    figure = shown(row["measure"], row[MEASURES[row["measure"]][0]])
    return Reason(f"Claims {figure} in {row['name']} (rank {row['rank']})", "funded")


def why_parked(index: int, own: pd.DataFrame, table: pd.DataFrame, decided: Decided, ranking: Ranking) -> Reason:
    """The test that failed, what cannot be, or what went in instead."""
    quarter = shift(ranking.quarter, 1)
    if not decided.problem.significant[index]:
        return _failed(index, own, ranking, decided.problem)
    if not decided.problem.possible[index]:
        return _impossible(index, decided.problem, quarter)
    return _displaced(index, table, decided)


def _failed(index: int, own: pd.DataFrame, ranking: Ranking, problem: Backlog) -> Reason:
    """In which chosen segment it came closest, and by how much it missed."""
    claimed = own[(own[["revenue_y", "retention_points", "adopters"]] > 0).any(axis=1)]
    if claimed.empty:
        return Reason("No effect is claimed in any segment", lacks="it claims no effect")
    row = nearest_claim(own)
    if row is not None:
        measure = row["measure"]
        claim, limit = float(row[MEASURES[measure][0]]), float(row[f"{measure}_needed"])
        best = f"best is {shown(measure, claim)} in {row['name']}, threshold {shown(measure, limit)}"
        lacks = ""
        if not problem.possible[index]:
            why = _impossible(index, problem, shift(ranking.quarter, 1)).why
            lacks = f"its claims are too small, and {small(why) if why.startswith('It') else why}"
        return Reason(f"No significant effect in a chosen segment: {best}", lacks=lacks)
    if claimed["chosen"].any():
        unknown = f"revenue or customers of {listed(list(claimed.loc[claimed['chosen'], 'name']))} are not known"
        return Reason(f"Its claims cannot be tested: {unknown}", lacks=unknown)
    where = claimed.sort_values(["rank", "segment"])
    places = [f"{name} (rank {rank} of {len(ranking.order)})"
              for name, rank in zip(where["name"], where["rank"], strict=True)]  # fmt: skip
    enough = where[where["closest"] >= TESTED]["name"]
    lacks = f"it needs {enough.iloc[0]} chosen" if len(enough) else "it needs a larger effect, in a chosen segment"
    return Reason(f"Its effects lie in {listed(places)}, not among the chosen", lacks=lacks)


def _impossible(index: int, problem: Backlog, quarter: str) -> Reason:
    """What must come with it rules it out, or is more than a team can do."""
    if not problem.consistent[index]:
        why = "its prerequisites and exclusions contradict one another"
        return Reason(capital(why), "impossible", lacks=why)
    own, whole = problem.effort[index], problem.effort[problem.needs[index]].sum(axis=0)
    alone = bool((own > problem.capacity).any())
    needed = own if alone else whole
    team = int(np.argmax(np.where((problem.capacity <= 0) & (needed > 0), np.inf, needed - problem.capacity)))
    name, need = problem.teams[team], plain(needed[team], 1)
    what = "it" if alone else "it with what must come with it"
    if problem.capacity[team] <= 0:
        why = f"{name} has no capacity in {quarter}"
        return Reason(f"{why}, and {what} needs {need} person-days", "impossible", why, bottleneck=name)
    if not problem.with_ask(index, effort=1e-6).possible[index]:
        lacks = "what must come with it is too large by itself"
    else:
        lacks = "even with next to no effort, others are worth more"
    why = f"It needs {need} of {plain(problem.capacity[team], 1)} person-days of {name}"
    if not alone:
        why = "It and what must come with it exceed the teams' capacity"
    return Reason(why, "impossible", lacks=lacks, bottleneck=name)


def _displaced(index: int, table: pd.DataFrame, decided: Decided) -> Reason:
    """Significant, yet not in the best set: what went in instead, and what choosing it would forgo."""
    problem, chosen = decided.problem, decided.chosen
    forced = decided.with_it(index)
    forgone = float(problem.value[chosen].sum() - problem.value[forced.chosen].sum())
    out = np.flatnonzero(chosen & ~forced.chosen)
    names = [str(table["title"].iloc[each]) for each in sorted(out, key=lambda each: (-problem.value[each], each))]
    needed = problem.effort[problem.needs[index] & ~chosen].sum(axis=0)
    left = problem.capacity - problem.effort[chosen].sum(axis=0)
    rivals = _rivals(index, decided)
    freed = problem.effort[chosen & problem.needs[:, rivals].any(axis=1)].sum(axis=0)
    team = bottleneck(problem, needed, left + freed)
    excluded = bool(len(rivals)) and team is None
    full = "" if team is None else problem.teams[team]
    by = f"displaced by {listed(names)}" if names else "nothing gained"
    cost = f"choosing it would forgo {millions(forgone)} a year"
    if forgone < 0:
        first = "work in full teams counts more" if problem.specific[index] else "specific work goes first"
        cost = f"{first}, which costs {millions(-forgone)} a year"
    if excluded:
        why = _excluded(rivals, out, np.flatnonzero(forced.chosen & ~chosen), table, problem)
        why += f"; {cost}" if forgone < 0 else ""
    elif team is None:
        why = f"{capital(by)}; {cost}"
    elif left[team] < 0.05:
        why = f"{full} is full: {by}; {cost}"
    else:
        room = f"{plain(left[team], 1)} of {plain(problem.capacity[team], 1)} person-days left"
        why = f"{full} has {room} and it needs {plain(needed[team], 1)}: {by}; {cost}"
    lacks = "even without effort, and with claims up to the runway, others are worth more"
    if problem.value[index] == 0:
        lacks = "its claims are worth nothing: no runway is left, or margin or confidence is 0"
    return Reason(why, "displaced", lacks, ", ".join(table["ask"].iloc[out]), forgone, full)


def _rivals(index: int, decided: Decided) -> list[int]:
    """The chosen asks that exclude it or what must come with it."""
    problem, chosen = decided.problem, decided.chosen
    near = problem.needs[index]
    found = {other for pair in problem.pairs for one, other in (pair, pair[::-1]) if near[one] and chosen[other]}
    return sorted(found, key=lambda each: (-problem.value[each], each))


def _excluded(rivals: list[int], out: np.ndarray, into: np.ndarray, table: pd.DataFrame, problem: Backlog) -> str:
    """Which chosen asks it excludes, and what they (and what needs them) are worth beside it."""
    theirs, own = float(problem.value[out].sum()), float(problem.value[into].sum())
    shown, against = millions(theirs), millions(own)
    titles = listed([str(table["title"].iloc[each]) for each in rivals])
    verb = "is" if len(rivals) == 1 else "are"
    how = "worth as much" if shown == against else "worth more" if theirs > own else "worth less"
    return f"Excludes {titles}, which {verb} {how} ({shown} against {against} a year)"


def verdict(row: pd.Series) -> list[str]:
    """One decided ask in sentences: the decision with its numbers, and what would turn it."""
    title = str(row["title"])
    if row["decision"] == "funded":
        return [f"{title}: funded. {row['reason']}; worth {millions(row['value_y'])} gross profit a year.",
                f"What would drop it: {row['what_would_drop_it']}."]  # fmt: skip
    return [f"{title}: parking lot. {row['reason']}.", f"What would make it a yes: {row['change_needed']}."]
