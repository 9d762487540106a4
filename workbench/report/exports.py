"""The asks of a plan for other tools: an import file for Jira, a spreadsheet."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from workbench.model.plan import Plan
from workbench.model.results import millions
from workbench.sources.bookfiles import safe_cell

CREATED = dt.datetime(2000, 1, 1)  # the same bytes for the same plan
HEADER = ("Summary", "Issue Type", "Description", "Priority", "Component", "Labels", "Labels", "Labels")
WIDEST = 60  # characters of a spreadsheet column

# Column of the table, header, number format; text where there is none.
Column = tuple[str, str, str]


def write_exports(folder: Path, plan: Plan) -> list[tuple[str, str]]:
    """Writes `backlog.csv` and `asks.xlsx` into the folder; file and name of each, none where the plan has no asks."""
    if plan.asks.asks.empty:
        return []
    (folder / "backlog.csv").write_bytes(backlog_csv(plan))
    (folder / "asks.xlsx").write_bytes(asks_xlsx(plan))
    return [("asks.xlsx", "The asks as a spreadsheet"), ("backlog.csv", "The asks as a backlog to import, CSV")]


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


def asks_xlsx(plan: Plan) -> bytes:
    """A workbook with the sheets Roadmap, Parking lot, Swaps, Effects and Teams; numbers as numbers, units in the headers."""
    import xlsxwriter  # type: ignore[import-untyped]

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, options)
    book.set_properties({"title": f"{plan.company}, {plan.next_quarter}, {plan.scenario.name}", "created": CREATED})
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    text = book.add_format({"text_wrap": True, "valign": "top"})
    formats: dict[str, Any] = {}
    for name, table, columns in _sheets(plan):
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 1)
        for place, (key, label, shape) in enumerate(columns):
            values = list(table[key])
            sheet.set_column(place, place, _width(label, values, shape))
            sheet.write_string(0, place, label, head)
            if shape and shape not in formats:
                formats[shape] = book.add_format({"num_format": shape, "valign": "top"})
            for line, value in enumerate(values, 1):
                if not shape:
                    sheet.write_string(line, place, safe_cell("" if pd.isna(value) else str(value)), text)
                elif pd.notna(value):
                    sheet.write_number(line, place, float(value), formats[shape])
        if name == "Swaps" and table.empty:
            sheet.write_string(1, 0, "The preference for specific work changed nothing.")
        if len(table):
            sheet.autofilter(0, 0, len(table), len(columns) - 1)
    book.close()
    return out.getvalue()


def _names(plan: Plan) -> dict[str, str]:
    """Key to name of the products."""
    return dict(plan.facts.products[["product", "product_name"]].itertuples(index=False, name=None))


def _sheets(plan: Plan) -> Iterable[tuple[str, pd.DataFrame, Sequence[Column]]]:
    """Each sheet's name, rows and columns."""
    names = _names(plan)
    asks = plan.asks.asks.assign(product=lambda each: each["product"].map(lambda key: names.get(key, key)))
    titles = dict(zip(asks["ask"], asks["title"], strict=True))
    effects = plan.asks.effects.assign(title=lambda each: each["ask"].map(titles))
    effects["in_words"] = effects["significant"].map({True: "yes", False: "no"})
    effects["chosen_in_words"] = effects["chosen"].map({True: "yes", False: "no"})
    money, days, factor = f"{plan.currency} a year", "#,##0.##", "0.00"
    first = [("title", "Ask", ""), ("ask", "Key", ""), ("product", "Product", ""), ("requester", "Asked by", ""),
             ("kind", "Kind", ""), ("segments", "For", "")]  # fmt: skip
    yield "Roadmap", asks[asks["decision"] == "funded"], [
        *first, ("what", "Need", ""), ("why", "Why they need it", ""), ("theme", "Theme", ""),
        ("value_y", f"Gross profit, {money}", "#,##0"), ("effort", "Effort, person-days", days), ("reason", "Why funded", ""),
        ("what_would_drop_it", "What would drop it", ""), ("drop_factor", "Claims with which it drops out, × own", factor),
    ]  # fmt: skip
    yield "Parking lot", asks[asks["decision"] != "funded"], [
        *first, ("status", "Status", ""), ("reason", "Why not", ""), ("change_needed", "What would make it a yes", ""),
        ("claimed_y", f"Revenue claimed, {money}", "#,##0"), ("value_y", f"Gross profit in chosen segments, {money}", "#,##0"),
        ("effort", "Effort, person-days", days), ("closest", "Claim ÷ threshold", factor),
        ("impact_factor", "Claims needed, × own", factor), ("effort_factor", "Effort allowed, × own", factor),
        ("forgone_y", f"Forgone if chosen, {money}", "#,##0"), ("bottleneck", "Bottleneck", ""),
    ]  # fmt: skip
    yield "Swaps", plan.asks.swaps, [
        ("enters", "Comes in", ""), ("leaves", "Goes out", ""), ("forgone_y", f"Gross profit forgone, {money}", "#,##0"),
        ("bottleneck", "Bottleneck", ""), ("days_needed", "Needed there, person-days", days),
        ("days_freed", "Freed there, person-days", days),
    ]  # fmt: skip
    yield "Effects", effects, [
        ("title", "Ask", ""), ("name", "Segment", ""), ("chosen_in_words", "Segment chosen", ""),
        ("revenue_y", f"Revenue claimed, {money}", "#,##0"), ("revenue_part", "Of the segment's revenue", "0.0%"),
        ("retention_points", "Retention, points", "0.0"), ("adopters", "Adopters a year", "#,##0"),
        ("adoption_part", "Of the segment's customers", "0.0%"), ("confidence", "Confidence, 0–1", "0.00"),
        ("closest", "Claim ÷ threshold", factor), ("in_words", "Significant", ""),
        ("value_y", f"Gross profit, {money}", "#,##0"), ("evidence", "Evidence", ""),
    ]  # fmt: skip
    yield "Teams", plan.asks.teams, [
        ("team", "Team", ""), ("capacity", "Capacity, person-days", days), ("used", "Used, person-days", days),
        ("part", "Used, part", "0%"),
    ]  # fmt: skip


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


def _width(label: str, values: list[Any], shape: str) -> float:
    """Room for the longest word of the header and for the values, wrapped where they are long."""
    head = max(len(word) for word in label.split())
    longest = 10 if shape else max([len(str(value)) for value in values if pd.notna(value)], default=0)
    return float(min(max(head + 2, longest + 1, 10), WIDEST))
