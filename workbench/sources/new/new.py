"""An empty book to fill in: CSV files, or one Excel workbook, made from the declarations of the tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from workbench.book.tables import DECLARED
from workbench.errors import BookError, Problem
from workbench.sources.new.codebook import codebook
from workbench.sources.new.newbook import write_new_workbook
from workbench.sources.tables import csv_text, written_together

BOOK_TOML = """\
# The settings of a book. Company and currency must be filled in; a line that starts with # is not read.
company = ""                # the company's name
currency = ""               # three capitals, such as EUR; all money in the tables is in it
fiscal_month = 1            # the month in which the fiscal year starts: 1 is January
# data_from = 2024-01-01    # the first day that the tables cover: a first quarter cut short is then known as such

# Where a table is silent a default stands in, and the figure is marked as assumed; README.md has the defaults.
# reach = 0.3               # part of an addressable market that one company can win
# half_saturation_y = 250000  # spend a year at which half the effect is reached, where nothing is spent today
#
# [erosion]                 # part of its revenue that a year without the lever's spend would lose
# product = 0.10
# marketing = 0.06
# sales = 0.14
#
# [database]                # tables in PostgreSQL: the address stands in an environment variable, never here
# url_from = "PLANNING_DATABASE"
# schema = "planning"
"""
SCENARIOS = """\
No scenario yet. Once the tables are filled in, this writes a first one, `base.toml`, with anchors from the figures:

    workbench scenario BOOK

Review its anchors once. Further scenarios are copies of it, each under its own name, with other assumptions.
"""


def new_book(folder: Path, excel: bool = False) -> list[str]:
    """Writes an empty book into a folder, and says in sentences what is there. Raises BookError, and writes nothing, where
    one of its files is there already, or another of the places that a table can be in.
    """
    files = _files(excel)
    places = {*_files(False), "book.xlsx", "book.duckdb", *(f"{table.name}.parquet" for table in DECLARED)}
    if taken := sorted(name for name in places if (folder / name).exists()):
        more = f" and {len(taken) - 3} more" if len(taken) > 3 else ""
        found = f"the files {', '.join(taken[:3])}{more}" if len(taken) > 1 else f"the file {taken[0]}"
        raise BookError([Problem(str(folder), None, None, found, "a folder without a book",
                                 "name another folder; a file is never overwritten")])  # fmt: skip
    with written_together(folder) as staging:
        for name, content in files.items():
            (staging / name).parent.mkdir(exist_ok=True)
            (staging / name).write_bytes(content())
    needed = ", ".join(table.name for table in DECLARED if table.needed)
    if excel:
        filled = f"{folder / 'book.xlsx'} (sheets {needed} are needed, the others may stay empty)"
    else:
        filled = f"the CSV files (needed: {needed}; the others may stay empty)"
    return [
        f"Wrote an empty book to {folder}; README.md says what each column means.",
        f"Next: fill in book.toml and {filled}, then: workbench check {folder}",
    ]


def _files(excel: bool) -> dict[str, Callable[[], bytes]]:
    """File name to what makes its content."""
    texts = {"book.toml": BOOK_TOML, "README.md": codebook(own=True), "scenarios/README.md": SCENARIOS}
    if not excel:
        texts |= {f"{table.name}.csv": csv_text(table.names, []) for table in DECLARED}
    files: dict[str, Callable[[], bytes]] = {name: text.encode for name, text in texts.items()}
    return {**files, "book.xlsx": write_new_workbook} if excel else files
