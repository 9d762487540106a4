"""Tables and views of one DuckDB file, which is opened to be read only, and cut off from other files and the network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.book.convert import RawTable
from workbench.book.tables import TABLES
from workbench.errors import Problem
from workbench.sources.tables.cells import by_key, meant

if TYPE_CHECKING:
    import duckdb

CLOSED = {
    "threads": 1,
    "enable_external_access": False,
    "autoload_known_extensions": False,
    "autoinstall_known_extensions": False,
}
ENDS = {"DOUBLE": r"\.0$", "FLOAT": r"\.0$", **dict.fromkeys(
    ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"), r" 00:00:00$")}  # fmt: skip
COLUMNS = """
    SELECT table_name, column_name, data_type FROM information_schema.columns
    WHERE table_catalog = current_database() AND table_schema = 'main' ORDER BY table_name, ordinal_position
"""


def read_duckdb(path: Path) -> tuple[dict[str, RawTable], list[Problem]] | Problem:
    """The tables of a DuckDB file and what is wrong with them; one Problem where the file cannot be read.

    A database keeps its rows in no order: they are numbered from 1 by key.
    """
    import duckdb

    if not path.is_file():
        return Problem(path.name, None, None, "no such file", "a DuckDB file", "correct the path")
    try:
        connection = duckdb.connect(path, read_only=True, config=CLOSED)
    except duckdb.Error as error:
        return _unopened(path.name, str(error))
    try:
        return _tables(path.name, connection)
    except duckdb.Error:
        return _unopened(path.name, "")
    finally:
        connection.close()


def _unopened(file: str, said: str) -> Problem:
    if "lock on file" in said:
        return Problem(file, None, None, "a file that another program has open to write", "a file at rest",
                       "close it there, then run this again")  # fmt: skip
    if "different configuration" in said:
        return Problem(file, None, None, "a file that this Python process has open", "a file at rest",
                       "close the other connection, then run this again")  # fmt: skip
    return Problem(file, None, None, "a file that cannot be read as DuckDB", "a DuckDB file of this or an earlier version",
                   "export the database again, or update duckdb")  # fmt: skip


def _tables(file: str, connection: duckdb.DuckDBPyConnection) -> tuple[dict[str, RawTable], list[Problem]]:
    import duckdb

    columns: dict[str, list[tuple[str, str]]] = {}
    for table, column, kind in connection.execute(COLUMNS).fetchall():
        columns.setdefault(table, []).append((column, kind))
    raw: dict[str, RawTable] = {}
    problems: list[Problem] = []
    for name in columns:
        where = f"{file}, table {name}"
        if name not in TABLES:
            if near := meant(name, columns):
                raw[near] = RawTable(where, [], [])
                problems.append(Problem(where, None, None, "a table that the book does not know", ", ".join(TABLES),
                                        f"rename it to {near}, or keep the book in a file of its own"))  # fmt: skip
            continue
        try:
            raw[name] = _table(where, name, columns[name], connection)
        except duckdb.Error as error:
            raw[name] = RawTable(where, [], [])
            outside = isinstance(error, duckdb.PermissionException)
            found = "a view on what lies outside this file" if outside else "a table or view that cannot be read"
            problems.append(Problem(where, None, None, found, "tables, and views on tables of this file",
                                    "make it a table, or correct the view"))  # fmt: skip
    return raw, problems


def _table(
    where: str, name: str, columns: Sequence[tuple[str, str]], connection: duckdb.DuckDBPyConnection
) -> RawTable:
    texts = ", ".join(f"coalesce({_text(_quoted(column), kind)}, '')" for column, kind in columns)
    rows = connection.execute(f"SELECT {texts} FROM main.{_quoted(name)}").fetchall()
    header = [column for column, _ in columns]
    return RawTable(where, header, by_key(name, header, map(list, rows)), first_row=1)


def _text(column: str, kind: str) -> str:
    """SQL for a cell as text, to the last digit; a whole number without point, a timestamp at midnight as a date."""
    text = f"CAST({column} AS VARCHAR)"
    return f"regexp_replace({text}, '{ENDS[kind]}', '')" if kind in ENDS else text


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
