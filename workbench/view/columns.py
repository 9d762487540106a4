"""The columns of `plan.json`, table by table, for those who read it."""

from __future__ import annotations

from workbench.criteria import CRITERIA, decimals, measure_of
from workbench.model.plan import SCORES, Plan

HEAD = """# plan.json

`workbench plan BOOK --quarter 2026Q3 --scenario base --json -` writes the whole plan: UTF-8, keys sorted, no spaces, one
line. The same book, scenario and quarter give the same bytes; their SHA-256 is the digest that page, notebook and command
line show. Money is in the book's currency with 2 decimals, scores have 9 decimals, other figures 6; what is missing is
`null`. `answers` holds the finding of each step in a sentence, `missing` what was left out, `tables` these tables, each a
list of rows. `format` is the version of this layout: it rises by one when a table, column or key goes or changes its name,
meaning or unit, and the changelog says what to do; what is added leaves it as it is.
"""


def plan_columns(plan: Plan) -> str:
    """Markdown with every table of `plan`, and the label, unit and decimals of its columns."""
    lines = [HEAD]
    for name, table in plan.tables().items():
        lines += [f"\n## {name}\n", "| column | meaning | unit | decimals |", "| --- | --- | --- | --- |"]
        lines += [_row(str(column), name in SCORES) for column in table.columns]
    return "\n".join(lines) + "\n"


def _row(column: str, scores: bool) -> str:
    if scores and column in CRITERIA:
        return f"| `{column}` | {CRITERIA[column].title} | 0–1 | 9 |"
    measure = measure_of(column)
    unit = f"currency {measure.unit}" if measure.kind == "money" else measure.unit
    places = "" if measure.kind in ("text", "flag") else str(decimals(column))
    return f"| `{column}` | {measure.label} | {unit} | {places} |"
