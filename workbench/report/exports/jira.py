"""The asks of a plan as an import file for Jira."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pandas as pd

from workbench.model.plan import Plan
from workbench.model.results import millions
from workbench.sources.tables import safe_cell

HEADER = ("Summary", "Issue Type", "Description", "Priority", "Component", "Labels", "Labels", "Labels")


def backlog_csv(plan: Plan) -> bytes:
    """One issue per ask as Jira's CSV importer takes it, UTF-8; amounts and effort in columns of their own, as numbers."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    names = _names(plan)
    writer.writerow([*HEADER, f"Gross profit, {plan.currency} a year", "Effort, person-days"])
    for _, row in plan.asks.asks.iterrows():
        funded = row["decision"] == "funded"
        labels = ["funded" if funded else "parking-lot", row["kind"], row["theme"]]
        texts = [row["title"], "Story", _description(row, plan), "High" if funded else "Low",
                 names.get(row["product"], row["product"]), *(_label(label) for label in labels)]  # fmt: skip
        writer.writerow(
            [*(safe_cell(str(text)) for text in texts), _number(row["value_y"], 2), _number(row["effort"], 6)]
        )
    return out.getvalue().encode("utf-8")


def _names(plan: Plan) -> dict[str, str]:
    """Key to name of the products."""
    return dict(plan.facts.products[["product", "product_name"]].itertuples(index=False, name=None))


def _description(row: pd.Series, plan: Plan) -> str:
    """Reason and numbers of a decision, a line each."""
    lines = [f"{row['decision'].capitalize()} in the plan for {plan.next_quarter}, scenario {plan.scenario.name}.",
             f"Why: {row['reason']}."]  # fmt: skip
    if row["decision"] == "funded":
        lines += [f"Worth {millions(row['value_y'])} {plan.currency} gross profit a year.",
                  f"What would drop it: {row['what_would_drop_it']}."]  # fmt: skip
    else:
        lines.append(f"What would make it a yes: {row['change_needed']}.")
    if row["what"]:
        lines.append(f"Need: {row['what']}." + (f" Why they need it: {row['why']}." if row["why"] else ""))
    lines += [f"For: {row['segments'] or 'no segment'}. Asked by: {row['requester'] or 'not said'}. Key: {row['ask']}."]
    return "\n".join(lines)


def _label(text: Any) -> str:
    """A label holds no space."""
    return re.sub(r"\s+", "-", "" if pd.isna(text) else str(text))


def _number(value: float, places: int) -> str:
    return "" if pd.isna(value) else f"{round(float(value), places) + 0.0:.{places}f}".rstrip("0").rstrip(".")
