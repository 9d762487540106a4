"""A book from a folder, an Excel workbook, a DuckDB file or PostgreSQL; written together or not at all."""

from workbench.sources.tables.bookfiles import (
    book_settings,
    csv_text,
    keep_by_hand,
    money,
    read_rows,
    safe_cell,
    write_csv,
    write_settings,
    write_table,
    written_together,
)
from workbench.sources.tables.excel import CODEBOOK
from workbench.sources.tables.folder import (
    BOOKS,
    book_folder,
    book_name,
    folder_digest,
    load_book,
    load_scenario,
    read_book,
    scenario_names,
)
from workbench.sources.tables.reading import Reading, write_snapshot
from workbench.sources.tables.toml import read_toml

__all__ = [
    "BOOKS",
    "CODEBOOK",
    "Reading",
    "book_folder",
    "book_name",
    "book_settings",
    "csv_text",
    "folder_digest",
    "keep_by_hand",
    "load_book",
    "load_scenario",
    "money",
    "read_book",
    "read_rows",
    "read_toml",
    "safe_cell",
    "scenario_names",
    "write_csv",
    "write_settings",
    "write_snapshot",
    "write_table",
    "written_together",
]
