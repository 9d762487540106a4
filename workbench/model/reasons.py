"""Why an ask is funded or parked, and what would turn that, in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.book.quarters import shift
from workbench.model.backlog import Backlog
from workbench.model.changes import Decided
from workbench.model.claims import TESTED
from workbench.model.preference import bottleneck
from workbench.model.results import Ranking, listed, millions

MEASURES = {"revenue": ("revenue_part", "of revenue"), "retention": ("retention_points", "points of retention"),
            "adoption": ("adoption_part", "of customers")}  # fmt: skip

RUNWAY = "even with claims up to the runway, others are worth more"


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


def nearest_claims(effects: pd.DataFrame) -> pd.DataFrame:
    """By ask: the claim that comes closest to its threshold in a chosen segment; no row where there is none."""
    chosen = effects[effects["chosen"] & (effects["closest"] > 0)]
    order = chosen.sort_values(["closest", "rank"], ascending=[False, True])
    return order.drop_duplicates("ask").set_index("ask", drop=False)


def nearest_claim(own: pd.DataFrame) -> pd.Series | None:
    """The claim of one ask that comes closest to its threshold in a chosen segment; None where there is none."""
    chosen = nearest_claims(own)
    return None if chosen.empty else chosen.iloc[0]


def why_funded(index: int, own: pd.DataFrame, table: pd.DataFrame, decided: Decided) -> Reason:
    """What the ask claims where it is significant, or which chosen ask it comes with."""
    row = nearest_claim(own)
    if row is None or not row["significant"]:
        if mates := _mates(index, table):
            return Reason(f"Released together with {listed(mates)}", "funded")
        return Reason(f"Comes with {_needing(_users(index, table, decided.problem, decided.chosen))}", "funded")
    figure = _shown(row["measure"], row[MEASURES[row["measure"]][0]])
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
        best = f"best is {_shown(measure, claim)} in {row['name']}, threshold {_shown(measure, limit)}"
        lacks = ""
        if not problem.possible[index]:
            why = _impossible(index, problem, shift(ranking.quarter, 1)).why
            lacks = f"its claims are too small, and {_small(why) if why.startswith('It') else why}"
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
        return Reason(_capital(why), "impossible", lacks=why)
    own, whole = problem.effort[index], problem.effort[problem.needs[index]].sum(axis=0)
    alone = bool((own > problem.capacity).any())
    needed = own if alone else whole
    team = int(np.argmax(np.where((problem.capacity <= 0) & (needed > 0), np.inf, needed - problem.capacity)))
    name, need = problem.teams[team], _plain(needed[team], 1)
    what = "it" if alone else "it with what must come with it"
    if problem.capacity[team] <= 0:
        why = f"{name} has no capacity in {quarter}"
        return Reason(f"{why}, and {what} needs {need} person-days", "impossible", why, bottleneck=name)
    if not problem.with_ask(index, effort=1e-6).possible[index]:
        lacks = "what must come with it is too large by itself"
    else:
        lacks = "even with next to no effort, others are worth more"
    why = f"It needs {need} of {_plain(problem.capacity[team], 1)} person-days of {name}"
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
        why = f"{_capital(by)}; {cost}"
    elif left[team] < 0.05:
        why = f"{full} is full: {by}; {cost}"
    else:
        room = f"{_plain(left[team], 1)} of {_plain(problem.capacity[team], 1)} person-days left"
        why = f"{full} has {room} and it needs {_plain(needed[team], 1)}: {by}; {cost}"
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


def change_needed(index: int, own: pd.DataFrame, table: pd.DataFrame, problem: Backlog, reason: Reason) -> str:
    """The smallest change of claims, and that of effort, which makes it a yes; or why no single change does."""
    impact, part = (float(table[name].iloc[index]) for name in ("impact_factor", "effort_factor"))
    ways = []
    if np.isfinite(impact):
        ways.append(f"Claims {_times(impact)} times as large{_instead(own, impact, up=True)}")
    if np.isfinite(part):
        days = float(problem.effort[index].sum())
        ways.append(f"{_days(days * part)} of {_plain(days, 1)} person-days")
    text = ", or ".join(ways) or f"No single change: {reason.lacks or RUNWAY}"
    if problem.significant[index]:
        return text
    if mates := _mates(index, table):
        return f"{text}; or {listed(mates)} funded, released together with it"
    users = _users(index, table, problem, np.ones(len(table), dtype=bool))
    return f"{text}; or {listed(users)} funded, which {'need' if len(users) > 1 else 'needs'} it" if users else text


def what_would_drop_it(index: int, own: pd.DataFrame, table: pd.DataFrame, decided: Decided) -> str:
    """How much smaller the claims would have to be for it to leave the plan."""
    factor = float(table["drop_factor"].iloc[index])
    if np.isfinite(factor):
        smaller = np.ceil((1 - factor) * 1000 - 1e-9) / 10
        return f"Claims {smaller:.1f} % smaller{_instead(own, factor, up=False)}"
    if mates := _mates(index, table):
        without = (
            "it this one goes" if len(mates) == 1 else "either it goes" if len(mates) == 2 else "any of them it goes"
        )
        return f"Released together with {listed(mates)}: without {without}, too"
    users = _users(index, table, decided.problem, decided.chosen)
    if users:
        return f"Without {_needing(users)}"
    return "Nothing: it has room whatever it claims"


def verdict(row: pd.Series) -> list[str]:
    """One decided ask in sentences: the decision with its numbers, and what would turn it."""
    title = str(row["title"])
    if row["decision"] == "funded":
        return [f"{title}: funded. {row['reason']}; worth {millions(row['value_y'])} gross profit a year.",
                f"What would drop it: {row['what_would_drop_it']}."]  # fmt: skip
    return [f"{title}: parking lot. {row['reason']}.", f"What would make it a yes: {row['change_needed']}."]


def _users(index: int, table: pd.DataFrame, problem: Backlog, among: np.ndarray) -> list[str]:
    """Titles of the asks that need this one."""
    return sorted({str(table["title"].iloc[one]) for one, other in problem.requires if other == index and among[one]})


def _mates(index: int, table: pd.DataFrame) -> list[str]:
    """Titles of the other asks of its theme."""
    theme = table["theme"].iloc[index]
    if pd.isna(theme) or not theme:
        return []
    same = table["theme"] == theme
    same.iloc[index] = False
    return sorted(str(title) for title in table.loc[same, "title"])


def _needing(users: list[str]) -> str:
    return f"{listed(users)}, which {'need' if len(users) > 1 else 'needs'} it"


def _shown(measure: str, amount: float) -> str:
    text = f"{amount:,.1f}" if measure == "retention" else f"{amount * 100:,.1f} %"
    return f"{text} {MEASURES[measure][1]}"


def _instead(own: pd.DataFrame, factor: float, *, up: bool) -> str:
    """The claim that comes closest to its threshold, with the factor and as it is; rounded to where the decision turns."""
    row = nearest_claim(own)
    if row is None:
        return ""
    measure = row["measure"]
    claim = float(row[{"revenue": "revenue_y", "retention": "retention_points", "adoption": "adopters"}[measure]])
    below = not up and 1 - 1e-8 * max(1.0, row["closest"]) < factor * row["closest"] < 1
    new = claim / row["closest"] if below else claim * factor
    new = _turning(measure, claim, min(new, 100.0) if measure == "retention" else new, up=up)
    words = {"revenue": "revenue a year", "retention": "points of retention", "adoption": "adopters"}[measure]
    now, then = (_amount(measure, each) for each in (claim, new))
    return f" ({'below ' if below else ''}{then} {words} in {row['name']} instead of {now})"


def _turning(measure: str, claim: float, new: float, *, up: bool) -> float:
    """The new claim in as few digits as agree with the change, rounded to the side where the decision turns."""
    step = {"revenue": 10.0 ** max(0, np.floor(np.log10(claim)) - 2), "retention": 0.1, "adoption": 1.0}[measure]
    near = max(0.05 * abs(new - claim), 0.0005 * claim)
    for _ in range(4):
        shown = float((np.ceil(new / step - 1e-9) if up else np.floor(new / step + 1e-9)) * step)
        if abs(shown - new) <= near or (up and measure == "adoption"):
            break
        step /= 10
    return shown


def _amount(measure: str, amount: float) -> str:
    if measure == "retention":
        text = _plain(amount, 4)
        return text if "." in text else f"{text}.0"
    return f"{_plain(amount / 1e3, 3)} k" if measure == "revenue" and amount >= 1_000 else _plain(amount, 3)


def _plain(amount: float, places: int) -> str:
    """An amount in plain digits with separators, without idle zeros."""
    return f"{amount:,.{places}f}".rstrip("0").rstrip(".")


def _times(factor: float) -> str:
    """A factor above 1, rounded up."""
    step = 0.01 if factor < 10 else 0.1 if factor < 100 else 1
    shown = np.ceil(factor / step - 1e-9) * step
    return f"{shown:,.2f}".rstrip("0").rstrip(".")


def _days(days: float) -> str:
    """Person-days, rounded down."""
    step = 1.0 if days >= 5 else 0.1 if days >= 0.1 else 0.001
    return _plain(np.floor(days / step + 1e-9) * step, 3) if days >= 0.001 else "next to none"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _small(text: str) -> str:
    return text[0].lower() + text[1:]
