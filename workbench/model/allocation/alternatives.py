"""What the same budget could earn otherwise: free choice of segments, product silos, rules of thumb, nothing changed."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import eye_array, hstack

from workbench.errors import InfeasibleError
from workbench.model.allocation.problem import AllocationProblem, with_rows
from workbench.model.allocation.solver import Rules, choose, maximise

SAME, OWN, RELAXED = "same", "own segments", "relaxed"
SILOS, FREE = "Product silos", "Free choice of segments"
UNIT = 1_000.0  # the program counts in thousands


def alternatives_to(problem: AllocationProblem, spend: np.ndarray) -> pd.DataFrame:
    """One row per alternative and set of rules: spend and gain a year (unweighted gross profit against today), what the
    plan maximises (`objective`), the effective number of segments.

    Rules: `same` all those of the plan; `own segments` the same, but growth money may go to other segments than the
    chosen; `relaxed` the budget alone. A row without figures cannot keep its rules.
    """
    rules, free, bare = problem.rules, _own(problem), problem.relaxed()
    even, by_revenue = _even(problem), _by_revenue(problem)
    today = problem.lines["current_y"].to_numpy(dtype=float)
    focus = min(len(problem.chosen), problem.lines["segment"].nunique())
    rows = [
        ("Plan", SAME, spend, "growth money in the chosen segments"),
        (FREE, OWN, _free(problem, free, focus), _named(focus)),
        (FREE, RELAXED, _most(problem, bare), "one budget for all products, no rule but the budget"),
        (SILOS, SAME, _silos(problem, rules), "each product spends its share of revenue for its own best response"),
        (SILOS, OWN, _silos(problem, free), "the same, in any segment"),
        (SILOS, RELAXED, _silos(problem, bare), "the same, without minima and limits"),
        ("In proportion to revenue", SAME, _nearest(by_revenue, rules), "as near to it as the rules allow"),
        ("In proportion to revenue", RELAXED, by_revenue, "each product × segment by its revenue"),
        ("Equal split", SAME, _nearest(even, rules), "as near to it as the rules allow"),
        ("Equal split", RELAXED, even, "the same for every product × segment"),
        ("Today", SAME, _if_kept(today, rules), "nothing changes"),
    ]
    table = [(name, kept, *_figures(problem, each), note if each is not None else "cannot keep the rules")
             for name, kept, each, note in rows]  # fmt: skip
    columns = ["alternative", "rules", "spend_y", "gain_y", "objective", "effective_segments", "note"]
    return pd.DataFrame(table, columns=columns)


def _figures(problem: AllocationProblem, spend: np.ndarray | None) -> tuple[float, float, float, float]:
    if spend is None:
        return (np.nan,) * 4
    gain = problem.curves.gain(spend)
    spread = effective_number(spend, problem.lines)
    return float(spend.sum()), float(gain.sum()), float((problem.weight * gain).sum()), spread


def _own(problem: AllocationProblem) -> Rules | None:
    """The plan's rules with growth money in any segment; None where no spend keeps them."""
    try:
        return problem.open_to(tuple(problem.lines["segment"].unique())).rules
    except InfeasibleError:
        return None


def _most(problem: AllocationProblem, rules: Rules | None) -> np.ndarray | None:
    """The spend with the largest gross profit under `rules`, whatever the segments' priority."""
    if rules is None:
        return None
    best = maximise(problem.curves, np.ones(len(problem.lines)), rules, nearest=False)  # only its gain is shown
    return best.spend if best.feasible else None


def _free(problem: AllocationProblem, rules: Rules | None, focus: int) -> np.ndarray | None:
    """The spend with the largest gross profit when its growth money may choose `focus` segments, any of them."""
    if rules is None:
        return None
    member, _ = problem.by("segment")
    found = choose(problem.curves, np.ones(len(member)), rules, member, focus)
    return found.spend if found.feasible else None


def _named(focus: int) -> str:
    return (
        f"growth money in the {focus} segments where it earns most"
        if focus > 1
        else "in the one segment where it earns most"
    )


def _silos(problem: AllocationProblem, rules: Rules | None) -> np.ndarray | None:
    """Each product its part of the budget by revenue, spent for its own best response; rules that products share bind
    them together, to the best of all.
    """
    lines = problem.lines
    revenue = lines.drop_duplicates(["product", "segment"]).groupby("product")["revenue_y"].sum()
    if rules is None or not revenue.sum() > 0:
        return None
    place, products = problem.by("product")
    part = (revenue / revenue.sum()).reindex(products).to_numpy(dtype=float)
    rows = (place[None, :] == np.arange(len(products))[:, None]).astype(float)
    return _most(problem, with_rows(rules, rows, part * problem.budget))


def _even(problem: AllocationProblem) -> np.ndarray:
    """The budget split by lever as today's, then evenly."""
    lever = problem.lines["lever"]
    part = lever.map(problem.lines.groupby("lever")["current_y"].sum()) / lever.map(lever.value_counts())
    part = part if part.sum() > 0 else part + 1.0
    return np.asarray(problem.budget * part / part.sum(), dtype=float)


def _by_revenue(problem: AllocationProblem) -> np.ndarray | None:
    """The budget split by lever as today's, then by the revenue of product × segment; None without revenue."""
    part = _even(problem) * problem.lines["revenue_y"].fillna(0.0).to_numpy(dtype=float)
    return problem.budget * part / part.sum() if part.sum() > 0 else None


def _nearest(target: np.ndarray | None, rules: Rules) -> np.ndarray | None:
    """The spend under `rules` with the least money on other lines than in `target`, both (lines,): linear programs.

    It spends as much of the budget as the rules allow, as the target does.
    """
    if target is None:
        return None
    count = len(target)
    base = rules.matrix @ target
    matrix = rules.matrix @ hstack([eye_array(count), -eye_array(count)])
    least, most = (rules.least - base) / UNIT, (rules.most - base) / UNIT
    over, under = np.maximum(target - rules.high, 0), np.maximum(rules.low - target, 0)
    room = np.append(np.maximum(rules.high - target, 0), np.maximum(target - rules.low, 0))
    bounds = Bounds(np.append(under, over) / UNIT, room / UNIT)
    for cost in (np.append(-np.ones(count), np.ones(count)), np.tile(1 + 1e-5 * np.arange(count), 2)):
        answer = milp(cost, constraints=LinearConstraint(matrix, least, most), bounds=bounds)
        if answer.x is None:
            return None
        moved = answer.x[:count] - answer.x[count:]
        least[0] = min(float(moved.sum()), most[0]) - 1e-6
    return np.asarray(np.clip(target + moved * UNIT, rules.low, rules.high), dtype=float)


def _if_kept(spend: np.ndarray, rules: Rules) -> np.ndarray | None:
    """`spend` where it keeps the rules to half a cent a line."""
    sums = rules.matrix @ spend
    kept = (spend >= rules.low - 0.005).all() and (spend <= rules.high + 0.005).all()
    slack = 0.005 * max(1, len(spend))
    return spend if kept and (sums <= rules.most + slack).all() and (sums >= rules.least - slack).all() else None


def effective_number(spend: np.ndarray, lines: pd.DataFrame) -> float:
    """How many segments the spend is spread over: 1 ÷ Σ share² (inverse Herfindahl)."""
    sums = pd.Series(spend).groupby(lines["segment"].to_numpy()).sum().to_numpy()
    total = float(sums.sum())
    return float(1 / ((sums / total) ** 2).sum()) if total > 0 else 0.0
