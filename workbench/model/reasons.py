"""Why an ask is funded or parked, and what would turn that, in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.model.backlog import Backlog
from workbench.model.changes import Decided
from workbench.model.claims import TESTED
from workbench.model.preference import bottleneck
from workbench.model.results import Ranking, listed, millions

MEASURES = {"revenue": ("revenue_part", "of revenue"), "retention": ("retention_points", "points of retention"),
            "adoption": ("adoption_part", "of customers")}  # fmt: skip


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
        users = _users(index, table, decided.problem, decided.chosen)
        return Reason(f"Comes with {listed(users)}, which needs it", "funded")
    figure = _shown(row["measure"], row[MEASURES[row["measure"]][0]])
    return Reason(f"Claims {figure} in {row['name']} (rank {row['rank']})", "funded")


def why_parked(index: int, own: pd.DataFrame, table: pd.DataFrame, decided: Decided, ranking: Ranking) -> Reason:
    """The test that failed, what cannot be, or what went in instead."""
    if not decided.problem.significant[index]:
        return _failed(own, ranking)
    if not decided.problem.possible[index]:
        return _impossible(index, decided.problem)
    return _displaced(index, table, decided)


def _failed(own: pd.DataFrame, ranking: Ranking) -> Reason:
    """In which chosen segment it came closest, and by how much it missed."""
    claimed = own[(own[["revenue_y", "retention_points", "adopters"]] > 0).any(axis=1)]
    if claimed.empty:
        return Reason("No effect is claimed in any segment", lacks="it claims no effect")
    row = nearest_claim(own)
    if row is not None:
        measure = row["measure"]
        claim, limit = float(row[MEASURES[measure][0]]), float(row[f"{measure}_needed"])
        best = f"best is {_shown(measure, claim)} in {row['name']}, threshold {_shown(measure, limit)}"
        return Reason(f"No significant effect in a chosen segment: {best}")
    if claimed["chosen"].any():
        unknown = f"revenue or customers of {listed(list(claimed.loc[claimed['chosen'], 'name']))} are not known"
        return Reason(f"Its claims cannot be tested: {unknown}", lacks=unknown)
    where = claimed.sort_values(["rank", "segment"])
    places = [f"{name} (rank {rank} of {len(ranking.order)})"
              for name, rank in zip(where["name"], where["rank"], strict=True)]  # fmt: skip
    enough = where[where["closest"] >= TESTED]["name"]
    lacks = f"it needs {enough.iloc[0]} chosen" if len(enough) else "it needs a larger effect, in a chosen segment"
    return Reason(f"Its effects lie in {listed(places)}, not among the chosen", lacks=lacks)


def _impossible(index: int, problem: Backlog) -> Reason:
    """What must come with it rules it out, or is more than a team can do."""
    if not problem.consistent[index]:
        why = "its prerequisites and exclusions contradict one another"
        return Reason(_capital(why), "impossible", lacks=why)
    over = problem.effort[index] - problem.capacity
    team = int(np.argmax(over))
    name = problem.teams[team]
    if over[team] > 0:
        need = f"{problem.effort[index, team]:,.0f} of {problem.capacity[team]:,.0f} person-days"
        return Reason(f"It needs {need} of {name}", "impossible", lacks="other work fills the teams", bottleneck=name)
    why = "It and what must come with it exceed the teams' capacity"
    lacks = "what must come with it is too large by itself"
    return Reason(why, "impossible", lacks=lacks, bottleneck=problem.teams[int(np.argmax(
        problem.effort[problem.needs[index]].sum(axis=0) - problem.capacity))])  # fmt: skip


def _displaced(index: int, table: pd.DataFrame, decided: Decided) -> Reason:
    """Significant, yet not in the best set: what went in instead, and what choosing it would forgo."""
    problem, chosen = decided.problem, decided.chosen
    forced = decided.with_it(index)
    forgone = float(problem.value[chosen].sum() - problem.value[forced.chosen].sum())
    out = np.flatnonzero(chosen & ~forced.chosen)
    names = [str(table["title"].iloc[each]) for each in sorted(out, key=lambda each: (-problem.value[each], each))]
    needed = problem.effort[problem.needs[index] & ~chosen].sum(axis=0)
    team = bottleneck(problem, needed, problem.capacity - problem.effort[chosen].sum(axis=0))
    full = problem.teams[team] if team is not None else ""
    by = f"displaced by {listed(names)}" if names else "nothing gained"
    cost = f"choosing it would forgo {millions(forgone)} a year"
    if forgone < 0:
        cost = f"specific work goes first, which costs {millions(-forgone)} a year"
    why = f"{full} is full: {by}; {cost}" if full else f"{_capital(by)}; {cost}"
    lacks = "even without effort, and with claims up to the runway, others are worth more"
    if problem.value[index] == 0:
        lacks = "its claims are worth nothing: no runway is left, or margin or confidence is 0"
    return Reason(why, "displaced", lacks, ", ".join(table["ask"].iloc[out]), forgone, full)


def change_needed(index: int, own: pd.DataFrame, table: pd.DataFrame, problem: Backlog, reason: Reason) -> str:
    """The smallest change of claims, and that of effort, which makes it a yes; or why no single change does."""
    impact, part = (float(table[name].iloc[index]) for name in ("impact_factor", "effort_factor"))
    ways = []
    if np.isfinite(impact):
        ways.append(f"Claims {_times(impact)} times as large{_instead(own, impact, up=True)}")
    if np.isfinite(part):
        days = float(problem.effort[index].sum())
        ways.append(f"{_days(days * part)} of {days:,.4g} person-days")
    text = ", or ".join(ways) or f"No single change: {reason.lacks or 'its claims are capped at the runway'}"
    users = [] if problem.significant[index] else _users(index, table, problem, np.ones(len(table), dtype=bool))
    return f"{text}; or {listed(users)} funded, which needs it" if users else text


def what_would_drop_it(index: int, own: pd.DataFrame, table: pd.DataFrame, decided: Decided) -> str:
    """How much smaller the claims would have to be for it to leave the plan."""
    factor = float(table["drop_factor"].iloc[index])
    if np.isfinite(factor):
        smaller = np.ceil((1 - factor) * 1000 - 1e-9) / 10
        return f"Claims {smaller:.1f} % smaller{_instead(own, factor, up=False)}"
    users = _users(index, table, decided.problem, decided.chosen)
    if users:
        return f"Without {listed(users)}, which needs it"
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
    new = min(claim * factor, 100.0) if measure == "retention" else claim * factor
    step = {"revenue": 10.0 ** max(0, np.floor(np.log10(claim)) - 2), "retention": 0.1, "adoption": 1.0}[measure]
    if measure != "adoption" and abs(new - claim) < step:
        step /= 10
    new = float((np.ceil(new / step - 1e-9) if up else np.floor(new / step + 1e-9)) * step)
    words = {"revenue": "revenue a year", "retention": "points of retention", "adoption": "adopters"}[measure]
    now, then = (_amount(measure, each) for each in (claim, new))
    return f" ({then} {words} in {row['name']} instead of {now})"


def _amount(measure: str, amount: float) -> str:
    if measure != "revenue":
        return f"{amount:,.6g}"
    return f"{amount / 1e3:,.6g} k" if amount >= 1_000 else f"{amount:,.6g}"


def _times(factor: float) -> str:
    """A factor above 1, rounded up."""
    step = 0.01 if factor < 10 else 0.1 if factor < 100 else 1
    shown = np.ceil(factor / step - 1e-9) * step
    return f"{shown:,.2f}".rstrip("0").rstrip(".")


def _days(days: float) -> str:
    """Person-days, rounded down."""
    step = 1.0 if days >= 5 else 0.1 if days >= 0.1 else 0.001
    return f"{np.floor(days / step + 1e-9) * step:,.4g}" if days >= 0.001 else "next to none"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
