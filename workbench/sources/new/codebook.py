"""The codebook of a book, written from the declarations: `python -m workbench.sources.new.codebook > data/README.md`."""

from __future__ import annotations

import inspect
import sys

from workbench.book.measures import MONEY
from workbench.book.settings import BookSettings
from workbench.book.tables import DECLARED, Column, Table
from workbench.criteria import CRITERIA, Criterion

INTRO = """\
# The codebook

A *book* is one company's data: a folder with a file `book.toml`, its scenarios as TOML files under `scenarios/`, and
the tables below. The tables are CSV (or Parquet) files in the folder, or the sheets of one workbook `book.xlsx`, or in
one DuckDB file `book.duckdb`, or in a schema of PostgreSQL that `book.toml` names; each table in one place.
"""

HERE = """\
`sample/` is the book of the fictional company that ships with the workbench. `workbench new DIR` makes an empty book;
`docs/sources.md` tells more of the places. To see every problem in a book, each with file, row, column and what to
write instead:
"""

OWN = """\
This book is empty: a header stands in each table. Fill in `book.toml` and the needed tables; a table with nothing but
its header counts as absent. To see every problem in the book, each with file, row, column and what to write instead:
"""

RULES = """\
    workbench check BOOK

A book with a problem is never half loaded. What a table feeds is left out, and said, where the table is missing;
nothing is invented.

- **Keys stay text.** `007` is not 7, and `NA` is a region, not a missing value. A key has no spaces at its ends and no
  invisible characters; where another table names it, it is written the same way, capitals included.
- **Numbers are plain**: `1234.5`. No thousands separators, units or percent signs; 12 % is `0.12`. Money stands in the
  one currency of `book.toml`. A blank cell is *not known*; write `0` only where it is zero.
- **Files are UTF-8 without byte-order mark**, with commas between the fields, double quotes around text that holds a
  comma, and the column names in the first row. The order of rows and of columns does not matter.
- **Quarters** are fiscal quarters, `2026Q3`; a fiscal year has the number of the calendar year in which it ends.
"""

MADE = """\
This page is made from the declarations in `workbench/book/tables.py` and `workbench/criteria.py`, and a test compares
the two.
"""

RANKED_BY = """\
## The criteria

What the segments are ranked by: the keys of `[weights]` and `[anchors]` in a scenario. A criterion drops out where one of
its tables is missing, and the other weights are scaled up. `workbench scenario` starts from the anchors given here.
"""
COUNTS_AS = {"internal": "strength or weakness", "external": "opportunity or threat", "judgement": "judgement"}
FROM, UNTIL = "<!-- criteria: made by `make docs` -->\n", "<!-- end of the criteria -->\n"

SETTINGS = """\
## book.toml

    company = "Aurora"
    currency = "EUR"        # three capitals
    fiscal_month = 10       # the fiscal year starts in October

    [database]              # only where tables are in PostgreSQL
    url_from = "PLANNING_DATABASE"  # the environment variable that holds the address, with its password
    schema = "planning"
"""

KINDS = {
    "key": "key", "keys": "keys", "text": "text", "money": "amount", "share": "share", "points": "number",
    "count": "whole number", "number": "number", "year": "year", "quarter": "quarter", "date": "date",
}  # fmt: skip


def codebook(own: bool = False) -> str:
    """All declared tables and the settings of `book.toml`, as Markdown for analysts; `own`: for an empty book of theirs."""
    needed = [table for table in DECLARED if table.needed]
    others = [table for table in DECLARED if not table.needed]
    opening = [INTRO, OWN, RULES] if own else [INTRO, HERE, RULES, MADE]
    criteria = f"{RANKED_BY}\n{criteria_table()}"
    parts = [*opening, _overview(), _settings(), criteria, "## Needed tables\n", *map(_table, needed)]
    return "\n".join([*parts, "## Tables that may be left out\n", *map(_table, others)])


def criteria_table() -> str:
    """Every criterion, in the order in which scores are added, as a Markdown table."""
    head = (
        "criterion",
        "figure",
        "unit",
        "counts as",
        "tables it needs",
        "rests on",
        "first anchors: low, neutral, high",
    )
    return _grid(head, *map(_criterion, CRITERIA.values()))


def with_criteria(page: str) -> str:
    """A page with the table of criteria between its two marks renewed."""
    before, rest = page.split(FROM)
    return f"{before}{FROM}{criteria_table()}{UNTIL}{rest.split(UNTIL)[1]}"


def _criterion(each: Criterion) -> tuple[str, ...]:
    unit = f"currency {each.measure.unit}" if each.measure.kind == MONEY else each.measure.unit
    grade = each.grade or f"the weakest of {', '.join(each.rests_on)}"
    anchors = "around the segments of the book, logarithmic" if each.fact else "none: J of the statements"
    if each.start is not None:
        anchors = f"{each.start.low:g}, {each.start.neutral:g}, {each.start.high:g}"
    figure = f"{each.measure.label}: {each.means}"
    tables = ", ".join(f"`{table}`" for table in each.needs)
    return f"`{each.name}`", figure, unit, COUNTS_AS[each.side], tables, grade, anchors


def _grid(*rows: tuple[str, ...]) -> str:
    """A Markdown table; the first row is its header."""
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join([lines[0], "| " + " | ".join("---" for _ in rows[0]) + " |", *lines[1:]]) + "\n"


def _overview() -> str:
    rows = [
        (f"[`{table.name}`](#{table.name})", table.row, "yes" if table.needed else "no", table.feeds)
        for table in DECLARED
    ]
    return "## The tables\n\n" + _grid(("table", "one row per", "needed", "feeds"), *rows)


def _settings() -> str:
    rows = []
    for name, field in BookSettings.model_fields.items():
        default = field.default
        if field.is_required():
            text = "needed"
        elif hasattr(default, "model_dump"):
            text = " · ".join(f"{key} {value:g}" for key, value in default.model_dump().items())
        else:
            text = "blank" if default is None else f"{default:.15g}"
        rows.append((f"`{name}`", text))
    about = inspect.cleandoc(BookSettings.__doc__ or "").removeprefix("`book.toml`. ")
    return f"{SETTINGS}\n{about}\n\n" + _grid(("key", "default"), *rows)


def column_rows(table: Table) -> list[tuple[str, str, str, str, str]]:
    """Name, meaning, type, unit and range, and whether a cell may be blank, of each column of a table."""
    return [
        (
            column.name,
            column.meaning,
            KINDS.get(column.kind, " or ".join(column.choices)),
            _range(column),
            _blank(column),
        )
        for column in table.columns
    ]


def _table(table: Table) -> str:
    without = "Needed." if table.needed else f"Without it these are left out: {table.feeds}."
    key = ", ".join(f"`{name}`" for name in table.key)
    rows = [
        (f"`{column.name}`", _meaning(column), _kind(column), _range(column), _blank(column))
        for column in table.columns
    ]
    head = f"### {table.name}\n\nOne row per {table.row}. {without} Key, no two rows alike: {key}.\n\n"
    return head + _grid(("column", "meaning", "type", "unit, range", "may be blank"), *rows)


def _meaning(column: Column) -> str:
    if not column.refers:
        return column.meaning
    table, key = column.refers.split(".")
    return f"{column.meaning} (from [`{table}.{key}`](#{table}))"


def _kind(column: Column) -> str:
    if column.choices:
        return " or ".join(f"`{choice}`" for choice in column.choices)
    return KINDS[column.kind]


def _range(column: Column) -> str:
    if column.low is not None and column.high is not None:
        limits = f"{column.low:g}–{column.high:g}"
    else:
        limits = f"at least {column.low:g}" if column.low is not None else ""
    return ", ".join(dict.fromkeys(part for part in (column.unit, limits) if part))


def _blank(column: Column) -> str:
    if column.optional:
        return "yes, or no such column"
    return "yes" if column.blank else "no"


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    sys.stdout.write(codebook())
