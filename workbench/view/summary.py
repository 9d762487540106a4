"""A plan in a few figures: what it moves and earns, how sure it is, and what the figures rest on."""

from __future__ import annotations

from workbench.model.plan import Plan
from workbench.model.ranking import draws_percent
from workbench.model.results import Allocation, Facts, Robustness, millions
from workbench.view import blocks
from workbench.view.blocks import Block

GRADES = {"observed": "a system's record", "estimated": "a method", "claimed": "a person's word",
          "assumed": "a default of ours"}  # fmt: skip


def key_figures(plan: Plan) -> Block:
    """Spend, gross profit against today and the goal, the difference to product silos, how sure the choice is."""
    items = []
    spend, segments = plan.allocation.spend, plan.allocation.segments
    if len(spend):
        today, total = float(spend["current_y"].sum()), float(spend["plan_y"].sum())
        moved = float(spend["change_y"].clip(lower=0).sum())
        change = "unchanged" if abs(total - today) < 1 else f"today {millions(today)}"
        gain = float(segments["gain_y"].sum())
        items += [
            (f"{millions(total)}", f"{plan.currency} spend a year, {change}; {millions(moved)} moves between lines"),
            (_plus(gain), f"{plan.currency} gross profit a year against today{_of_the_goal(plan.allocation, gain)}"),
        ]
        other = plan.allocation.alternatives
        silo = other[(other["alternative"] == "Product silos") & (other["rules"] == "same") & other["gain_y"].notna()]
        if len(silo):
            items.append((_plus(float(segments["gain_y"].sum() - silo["gain_y"].iloc[0])),
                          f"{plan.currency} gross profit a year against product silos, same rules"))  # fmt: skip
    return blocks.figures([*items, *_least_sure(plan.robustness)])


def _of_the_goal(allocation: Allocation, gain: float) -> str:
    """The part of the goal for added gross profit that the plan reaches; blank where there is no such goal."""
    goals = allocation.goals
    profit = goals[goals["measure"] == "added_gross_profit_y"] if len(goals) else goals
    if profit.empty or gain <= 0:
        return ""
    return f"; goal {millions(profit['target'].iloc[0])} by {profit['by_quarter'].iloc[0]}"


def _least_sure(robustness: Robustness) -> list[tuple[str, str]]:
    """How often the least sure of the chosen is chosen when weights and forecasts are drawn anew."""
    order = robustness.segments
    chosen = order[order["chosen"] & ~order["sure"].isin(["pinned", "banned"])]
    if chosen.empty:
        return []
    least = chosen.iloc[chosen["chosen_probability"].argmin()]
    which = f", the least sure of the {len(chosen)} chosen" if len(chosen) > 1 else ""
    text = f"of plausible weights and forecasts choose {least['name']}{which}"
    return [(draws_percent(least["chosen_probability"]), text)]


def grades_bar(facts: Facts) -> Block:
    """How many kinds of figures are observed, estimated, claimed, assumed: a count, since no grade has a share of the value."""
    parts = []
    for grade, words in GRADES.items():
        names = facts.grades.loc[facts.grades["grade"] == grade, "fact"]
        parts.append((grade, len(names), words, ", ".join(names)))
    caption = (
        f"{len(facts.grades)} kinds of figures enter the plan. Counted is what each kind rests on, not how much money "
    )
    caption += "hangs on it; a kind that rests on two counts in both."
    return blocks.grades("What this rests on", caption, parts)


def grades_table(facts: Facts) -> Block:
    """What each figure rests on, and where that comes from."""
    order = {grade: place for place, grade in enumerate(GRADES)}
    table = facts.grades.sort_values("grade", key=lambda grades: grades.map(order), kind="stable")
    rows = [[row["fact"], row["grade"], GRADES[row["grade"]], row["note"]] for _, row in table.iterrows()]
    columns = [("Figure", "l"), ("Rests on", "l"), ("That is", "l"), ("From", "l")]
    return blocks.table("Figures and their sources", columns, rows)


def _plus(value: float) -> str:
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{millions(abs(value))}"
