"""The investment in all products together: money follows the chosen segments, their needs and the gaps."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.book.book import Book
from workbench.errors import InfeasibleError, Problem
from workbench.model.alternatives import alternatives_to
from workbench.model.lines import KEY, curves_of, rules_of, spend_lines
from workbench.model.piecewise import Best, Rules, maximise, whole_cents
from workbench.model.results import Allocation, Facts, Ranking, listed, millions
from workbench.scenario import Scenario

NEXT = 100_000.0
STEADY = 0.005  # a change below this part of today's spend is called holding


def allocate(ranking: Ranking, facts: Facts, book: Book, scenario: Scenario) -> Allocation:
    """Sustained spend a year per product × lever × segment, today's beside the plan's; cents add up to at most the budget.

    Maximises Σ m · g(x) with m = 1 + tilt · (2 · score − 1), under budget, minima, maxima and limits; spend above
    today's goes to chosen segments only. `gain_y` is unweighted annual gross profit against today.
    Raises InfeasibleError, with both amounts, where no plan keeps the rules.
    """
    lacking = _lacking(facts, book)
    lines = spend_lines(facts.cells, book)
    if lacking:
        return _empty(facts, lacking)
    curves = curves_of(lines)
    today = float(lines["current_y"].sum())
    budget = today if scenario.budget.total_y is None else scenario.budget.total_y
    rules = rules_of(lines, list(ranking.chosen), scenario, budget)
    score = ranking.order.set_index("segment")["score"]
    weight = 1 + scenario.tilt * (2 * lines["segment"].map(score).to_numpy(dtype=float) - 1)
    best = maximise(curves, weight, rules)
    if not best.feasible:
        raise InfeasibleError([Problem(f"scenario {scenario.name}", None, "budget", "limits that contradict one another",
                                       "limits that leave room for a plan", "relax one of the limits")])  # fmt: skip
    spend = whole_cents(best.spend, rules)
    lines["plan_y"] = spend
    lines["change_y"] = np.round(spend - lines["current_y"], 2)
    lines["gain_y"] = curves.gain(spend)
    lines["next_100k_y"] = curves.gain(spend + NEXT) - lines["gain_y"]
    alternatives = alternatives_to(lines, curves, scenario, budget)
    segments = _segments(lines, ranking)
    goals = _goals(book, float(lines["gain_y"].sum()), float(facts.segments["revenue_y"].sum()))
    return Allocation(
        (*_to_mind(facts, book), *_unspent(budget, float(spend.sum()))),
        _answer(segments, float(lines["gain_y"].sum()), float(spend.sum()) - today, alternatives),
        lines[[*KEY, "current_y", "plan_y", "change_y", "minimum_y", "maximum_y", "potential_y", "gain_y", "next_100k_y",
               "assumed"]],
        segments,
        _sums(lines, "product").merge(book.table("products")[["product", "name"]], on="product"),
        facts.cells[["product", "segment", "gross_margin", "revenue_y", "relevance", "runway_y", "coverage"]],
        _growth_lines(lines, ranking, book),
        alternatives,
        goals,
        _solver(lines, best, rules, budget),
    )  # fmt: skip


def _lacking(facts: Facts, book: Book) -> list[str]:
    if not book.has("spend"):
        return ["Allocation is left out: the book has no spend table."]
    if facts.cells["runway_y"].isna().all() or facts.cells["revenue_y"].isna().all():
        return ["Allocation is left out: it needs runway, and runway is absent."]
    return []


def _to_mind(facts: Facts, book: Book) -> list[str]:
    unknown = facts.cells["runway_y"].isna()
    part = f"{int(unknown.sum())} of {len(unknown)} cells"
    said = [f"Runway is not known in {part}: more spend is taken to win nothing there."] if unknown.any() else []
    return said if book.has("goals") else [*said, "Contribution to goals is left out: the book has no goals table."]


def _unspent(budget: float, spent: float) -> list[str]:
    left = budget - spent
    if left <= max(1.0, 1e-4 * budget):
        return []
    return [
        f"{millions(left)} of the budget of {millions(budget)} cannot be placed under the rules, or would earn nothing."
    ]


def _empty(facts: Facts, said: list[str]) -> Allocation:
    none = pd.DataFrame
    spend = none(columns=[*KEY, "current_y", "plan_y", "change_y", "gain_y"])
    cells = facts.cells[["product", "segment", "gross_margin", "revenue_y", "relevance", "runway_y", "coverage"]]
    rest = [none(columns=columns) for columns in (["segment", "name", "plan_y"], ["product", "name", "plan_y"])]
    return Allocation(tuple(said), said[0], spend, rest[0], rest[1], cells, none(), none(), none(), none())


def _sums(lines: pd.DataFrame, column: str) -> pd.DataFrame:
    sums = lines.groupby(column)[["current_y", "plan_y", "change_y", "gain_y"]].sum().reset_index()
    return sums.assign(**{name: sums[name].round(2) for name in ("current_y", "plan_y", "change_y")})


def _segments(lines: pd.DataFrame, ranking: Ranking) -> pd.DataFrame:
    """Spend per segment in rank order, with the verdict fund, hold or take out, and why where order and rank differ."""
    order = ranking.order[["rank", "segment", "name", "score", "chosen", "runway_y"]]
    table = order.merge(_sums(lines, "segment"), on="segment")
    steady = table["change_y"].abs() <= STEADY * table["current_y"]
    table["verdict"] = np.select([steady, table["change_y"] > 0], ["hold", "fund"], "take out")
    best = lines.groupby("segment")["next_100k_y"].max()
    table["next_100k_y"] = table["segment"].map(best)
    table["why"] = [_why(row, table) for _, row in table.iterrows()]
    return table


def _why(row: pd.Series, table: pd.DataFrame) -> str:
    """Why a segment's growth money differs from its rank, in a sentence; blank where it follows the rank."""
    behind = table[(table["rank"] > row["rank"]) & (table["change_y"] > max(row["change_y"], 0))]
    if not row["chosen"]:
        return "not chosen: no growth money"
    if behind.empty and row["change_y"] >= 0:
        return ""
    if row["change_y"] < 0:
        return f"chosen, yet the money earns more elsewhere: its runway is {millions(row['runway_y'])}"
    other = behind.sort_values("change_y").iloc[-1]
    return f"gets less than {other['name']} (rank {other['rank']}), where further spend earns more gross profit"


def _growth_lines(lines: pd.DataFrame, ranking: Ranking, book: Book) -> pd.DataFrame:
    """Each line that grows, largest first: segment, its rank, the need and gap it answers, product, lever, amounts."""
    grow = lines[lines["change_y"] > STEADY * lines["current_y"]].merge(
        ranking.order[["segment", "rank", "name"]], on="segment"
    )
    needs = _open_needs(book)
    grow = grow.merge(needs, on=["product", "segment"], how="left")
    grow["gap"] = 1 - grow["coverage"]
    columns = ["rank", "segment", "name", "product", "lever", "need", "what", "why", "gap", "current_y", "plan_y", "change_y",
               "gain_y"]  # fmt: skip
    return grow.sort_values(["change_y", *KEY], ascending=[False, True, True, True])[columns].reset_index(drop=True)


def _open_needs(book: Book) -> pd.DataFrame:
    """Per product × segment the need with the largest importance × (1 − coverage) that the product addresses."""
    needs = book.table("segment_needs")[["segment", "need", "why", "importance"]].astype({"importance": "float64"})
    met = book.table("coverage")[["product", "need", "coverage"]].astype({"coverage": "float64"})
    joined = needs.merge(met, on="need").merge(book.table("needs"), on="need", how="left")
    joined["open"] = joined["importance"] * (1 - joined["coverage"])
    joined = joined.sort_values(["product", "segment", "open", "need"], ascending=[True, True, False, True])
    return joined.drop_duplicates(["product", "segment"])[["product", "segment", "need", "what", "why"]]


def _goals(book: Book, gain: float, revenue: float) -> pd.DataFrame:
    goals = book.table("goals").astype({"target": "float64"})
    reached = goals["measure"].map({"added_gross_profit_y": gain, "revenue_y": revenue})
    goals["reached"] = reached.astype("float64")
    goals["part"] = goals["reached"] / goals["target"].where(goals["target"] > 0)
    return goals


def _solver(lines: pd.DataFrame, best: Best, rules: Rules, budget: float) -> pd.DataFrame:
    """Status, gap, approximation error, and each rule checked again by ourselves on the amounts in cents."""
    spend = lines["plan_y"].to_numpy(dtype=float)
    sums = rules.matrix @ spend
    checks = [
        ("status", "optimal", True),
        ("relative gap", f"{best.gap:.1e}", best.gap <= 1e-6),
        ("approximation error at most", f"{best.error:,.2f} a year", True),
        ("within the budget", f"{spend.sum():,.2f} of {budget:,.2f}", spend.sum() <= budget + 0.005),
        ("minima kept", f"{len(spend)} lines", bool((spend >= rules.low - 0.011).all())),
        ("maxima kept, growth in chosen segments only", f"{len(spend)} lines", bool((spend <= rules.high + 0.011).all())),
        ("limits kept", f"{len(sums) - 1} limits",
         bool((sums <= rules.most + 0.05).all() and (sums >= rules.least - 0.05).all())),
    ]  # fmt: skip
    return pd.DataFrame(checks, columns=["check", "figure", "kept"])


def _answer(segments: pd.DataFrame, gain: float, more: float, alternatives: pd.DataFrame) -> str:
    parts = []
    for verdict, text in (("fund", "put growth money into"), ("hold", "hold"), ("take out", "take money out of")):
        names = list(segments.loc[segments["verdict"] == verdict, "name"])
        if names:
            parts.append(f"{text} {listed(names)}")
    text = "; ".join(parts)
    cut = list(segments.loc[segments["chosen"] & (segments["verdict"] == "take out"), "name"])
    text += f". {listed(cut)}: chosen, yet the money earns more elsewhere" if cut else ""
    change = f"{_more(gain)} gross profit a year than today"
    if abs(more) >= 0.005 * float(segments["current_y"].sum()):
        change += f" for {_more(more)} spend, {_more(gain - more)} after it"
    return f"{text[:1].upper()}{text[1:]}. Expected: {change}{_beside_silos(gain, alternatives)}."


def _beside_silos(gain: float, alternatives: pd.DataFrame) -> str:
    """The plan against product silos, under the rules of the plan and free of them."""
    silos = alternatives[alternatives["alternative"] == "Product silos"].set_index("rules")["gain_y"]
    kept, free = float(silos["same"]), float(silos["relaxed"])
    text = "; product silos cannot keep the rules" if np.isnan(kept) else (
        f"; {_more(gain - kept)} than product silos would earn under the same rules")  # fmt: skip
    if free > gain:
        text += f" (free of minima and limits, they would earn {millions(free - gain)} more than the plan)"
    return text


def _more(amount: float) -> str:
    return f"{millions(abs(amount))} {'more' if amount > -0.5 else 'less'}"
