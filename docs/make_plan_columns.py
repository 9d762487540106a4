"""Writes `docs/plan.md`, the columns of `plan.json`, from the sample company's plan, and the criteria of `docs/method.md`."""

from __future__ import annotations

from pathlib import Path

from workbench import load_book, load_scenario, plan_quarter
from workbench.sources.new.codebook import with_criteria
from workbench.view.columns import plan_columns

if __name__ == "__main__":
    plan = plan_quarter(load_book("sample"), load_scenario("base", "sample"), "2026Q3")
    method = Path(__file__).with_name("method.md")
    method.write_text(with_criteria(method.read_text(encoding="utf-8")), encoding="utf-8")
    Path(__file__).with_name("plan.md").write_text(plan_columns(plan), encoding="utf-8")
