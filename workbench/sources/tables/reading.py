"""A book as it was read, once: what was checked is what is planned with, and what is kept beside the report."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from workbench.book.book import Book, build_book
from workbench.book.check import FOLDER, Home
from workbench.book.convert import RawTable
from workbench.book.tables import TABLES
from workbench.errors import Problem
from workbench.sources.tables.bookfiles import csv_text
from workbench.sources.tables.duck import read_duckdb
from workbench.sources.tables.excel import read_workbook
from workbench.sources.tables.sql import read_schema
from workbench.sources.tables.tablefiles import read_files
from workbench.sources.tables.toml import read_book_toml

WORKBOOK, DATABASE = ".xlsx", ".duckdb"
NEARLY = (".xls", ".xlsm", ".xlsb", ".ods", ".db", ".ddb", WORKBOOK, DATABASE)


@dataclass(frozen=True)
class Reading:
    """A book, and what it was read from.

    `files` are the book as a folder of plain files: `book.toml` without its `[database]`, CSV and Parquet files byte for
    byte as they were, all other tables as CSV. `load_book` makes the same book of them.
    """

    book: Book
    _toml: str
    _kept: Mapping[str, tuple[str, bytes]]
    _raw: Mapping[str, RawTable]

    @cached_property
    def files(self) -> dict[str, bytes]:
        """File name to content, `book.toml` first, then the tables in declared order."""
        files = {"book.toml": self._toml.encode("utf-8")}
        for name in TABLES:
            if name in self._kept:
                file, content = self._kept[name]
                files[file] = content
            elif name in self._raw:
                table = self._raw[name]
                files[f"{name}.csv"] = csv_text(table.header, table.rows).encode("utf-8")
        return files

    @property
    def hashes(self) -> dict[str, str]:
        """File name to the SHA-256 of its content, in hexadecimal digits, for each of `files`."""
        return {name: hashlib.sha256(content).hexdigest() for name, content in self.files.items()}


def write_snapshot(reading: Reading, folder: Path) -> dict[str, Path]:
    """Writes the `files` of a reading into a folder, made if need be; file name to path. Scenarios are not among them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in reading.files.items():
        (folder / name).write_bytes(content)
    return {name: folder / name for name in reading.files}


def read_folder(folder: Path, named: Path | None = None) -> Reading:
    """The book in a folder; its workbook or DuckDB file has its usual name or is `named`. Raises BookError.

    Tables may lie in several places, each table in one.
    """
    toml, problems = read_book_toml(folder / "book.toml")
    raw, kept, trouble = read_files(folder, named)
    problems += trouble
    home = FOLDER
    for path in [named] if named else _only_files(folder, problems):
        found = (read_workbook if path.suffix.lower() == WORKBOOK else read_duckdb)(path)
        kind = "sheet" if path.suffix.lower() == WORKBOOK else "table"
        home = Home(kind, f"{path.name}, {kind} {{}}")
        problems += _join(raw, found)
    if toml.database is not None:
        home = Home("table", f"schema {_plain(toml.database.schema_)}, table {{}}")
        problems += _join(raw, read_schema(toml.database))
    book = build_book(toml.settings, raw, problems, home)
    return Reading(book, toml.text, kept, {name: table for name, table in raw.items() if name not in kept})


def _plain(name: str) -> str:
    return name.replace("{", "{{").replace("}", "}}")


def _only_files(folder: Path, problems: list[Problem]) -> list[Path]:
    """`book.xlsx` and `book.duckdb` where the folder has them; a file that is nearly called so is a problem."""
    usual = [folder / f"book{ending}" for ending in (WORKBOOK, DATABASE)]
    for path in sorted(folder.iterdir()):
        if path.stem.lower() == "book" and path.suffix.lower() in NEARLY and path not in usual:
            ending = DATABASE if path.suffix.lower() in (".db", ".ddb", DATABASE) else WORKBOOK
            problems.append(Problem(path.name, None, None, "a file that is no book", "book.xlsx or book.duckdb",
                                    f"save it as book{ending}, or move it out of the book"))  # fmt: skip
    return [path for path in usual if path.exists()]


def _join(raw: dict[str, RawTable], found: tuple[dict[str, RawTable], list[Problem]] | Problem) -> list[Problem]:
    """Adds the tables of one more place, and says what is wrong with it."""
    if isinstance(found, Problem):  # no table of it is there, and none of them is missing
        for name in TABLES:
            raw.setdefault(name, RawTable(found.where, [], []))
        return [found]
    tables, problems = found
    for name, table in tables.items():
        if name in raw:
            problems.append(Problem(table.where, None, None, f"the table also as {raw[name].where}",
                                    "one place for a table", "remove one of the two"))  # fmt: skip
        raw.setdefault(name, table)
    return problems
