"""The raw rows of a book's folder, for oracles that do not use the loader, and a plan in one call."""

from __future__ import annotations

import csv
from pathlib import Path

from workbench.model.plan import Plan
from workbench.model.quarter import plan_quarter
from workbench.sources.tables.folder import load_book, load_scenario

Row = dict[str, str]


def rows(folder: Path, table: str) -> list[Row]:
    """The rows of a table as the file holds them: text."""
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(folder: Path, table: str, content: list[Row]) -> None:
    """Writes a table anew with the columns of its first row."""
    with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(content[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(content)


def plan_of(folder: Path | str, quarter: str = "2026Q3", scenario: str = "base") -> Plan:
    """The plan of a book's folder."""
    return plan_quarter(load_book(folder), load_scenario(scenario, folder), quarter)
