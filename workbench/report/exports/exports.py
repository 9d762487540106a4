"""The files of a scenario for other tools: a spreadsheet of the plan, an import file of its asks."""

from __future__ import annotations

from pathlib import Path

from workbench.model.plan import Plan
from workbench.report.exports.jira import backlog_csv
from workbench.report.exports.workbook import plan_xlsx


def write_exports(folder: Path, plan: Plan) -> list[tuple[str, str]]:
    """Writes `plan.xlsx`, and `backlog.csv` where the plan has asks, into the folder; file and name of each."""
    (folder / "plan.xlsx").write_bytes(plan_xlsx(plan))
    done = [("plan.xlsx", "The plan as a spreadsheet")]
    if len(plan.asks.asks):
        (folder / "backlog.csv").write_bytes(backlog_csv(plan))
        done.append(("backlog.csv", "The asks as a backlog to import, CSV"))
    return done
