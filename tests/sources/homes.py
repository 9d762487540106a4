"""The tables of a book, as text, written to each of the places that a book can be read from, typed as people type them."""

from __future__ import annotations

import csv
import datetime as dt
import random
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.sources.server import Server
from tests.sources.workbooks import write_workbook
from workbench.book.tables import TABLES, Column

Text = dict[str, list[list[str]]]  # table to header and rows
NUMBERS = {"money", "share", "points", "number", "count", "year"}
SQL = {"money": "NUMERIC", "share": "DOUBLE PRECISION", "points": "DOUBLE PRECISION", "number": "DOUBLE PRECISION",
       "count": "BIGINT", "year": "INTEGER", "date": "DATE"}  # fmt: skip
VARIABLE = "TEST_PLANNING_DATABASE"


def text_of(folder: Path) -> Text:
    """Header and rows of every CSV file of a book."""
    found: Text = {}
    for name in TABLES:
        if (folder / f"{name}.csv").exists():
            with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
                found[name] = list(csv.reader(file))
    return found


def typed(column: Column, text: str) -> Any:
    """The cell as a database or a spreadsheet holds it: numbers and dates as such, None for a blank."""
    if text == "":
        return None
    if column.kind == "money":
        return Decimal(text)
    if column.kind in ("count", "year"):
        return int(text)
    if column.kind in NUMBERS:
        return float(text)
    return dt.date.fromisoformat(text) if column.kind == "date" else text


def values(name: str, header: list[str], row: list[str]) -> list[Any]:
    """The cells of a row as a database or a spreadsheet holds them."""
    return [typed(column, cell) for column, cell in zip(columns_of(name, header), row, strict=True)]


def columns_of(name: str, header: list[str]) -> list[Column]:
    return [TABLES[name].column(column) for column in header]


def moved(book: Path, target: Path, extra: str = "") -> Path:
    """A new folder with the settings and scenarios of a book, without its tables."""
    shutil.copytree(book / "scenarios", target / "scenarios")
    (target / "book.toml").write_text((book / "book.toml").read_text(encoding="utf-8") + extra, encoding="utf-8")
    return target


def as_csv(book: Path, text: Text, target: Path, server: Server | None = None) -> Path:
    moved(book, target)
    for name, lines in text.items():
        with (target / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(lines)
    return target


def as_parquet(book: Path, text: Text, target: Path, server: Server | None = None) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    moved(book, target)
    for name, (header, *rows) in text.items():
        columns = columns_of(name, header)
        data = {
            column.name: [typed(column, row[place]) for row in rows] if column.kind != "money" else
            pa.array([typed(column, row[place]) for row in rows], pa.decimal128(38, 17))
            for place, column in enumerate(columns)
        }  # fmt: skip
        pq.write_table(pa.table(data), target / f"{name}.parquet")
    return target


def as_excel(book: Path, text: Text, target: Path, server: Server | None = None) -> Path:
    moved(book, target)
    sheets = {name: [lines[0], *(values(name, lines[0], row) for row in lines[1:])] for name, lines in text.items()}
    write_workbook(target / "book.xlsx", sheets)
    return target


def shuffled(rows: list[list[Any]]) -> list[list[Any]]:
    """The rows in another order: a database promises none."""
    return random.Random(7).sample(rows, len(rows))


def as_duckdb(book: Path, text: Text, target: Path, server: Server | None = None) -> Path:
    import duckdb

    moved(book, target)
    with duckdb.connect(str(target / "book.duckdb")) as connection:
        for name, (header, *rows) in text.items():
            columns = columns_of(name, header)
            kinds = {"NUMERIC": "DECIMAL(38, 17)"}
            made = [f'"{c.name}" {kinds.get(SQL.get(c.kind, ""), SQL.get(c.kind, "VARCHAR"))}' for c in columns]
            connection.execute(f'CREATE TABLE "{name}" ({", ".join(made)})')
            if rows:
                cells = shuffled([values(name, header, row) for row in rows])
                connection.executemany(f'INSERT INTO "{name}" VALUES ({", ".join("?" * len(columns))})', cells)
    return target


def as_postgres(book: Path, text: Text, target: Path, server: Server | None) -> Path:
    assert server is not None
    schema = f"book {target.name}"
    to_schema(server, schema, text)
    return moved(book, target, f'\n[database]\nurl_from = "{VARIABLE}"\nschema = "{schema}"\n')


def to_schema(server: Server, schema: str, text: Text) -> None:
    """Makes a schema with the tables, anew."""
    from psycopg import sql

    name_of = sql.Identifier
    with server.connected() as connection:
        connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(name_of(schema)))
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(name_of(schema)))
        for name, (header, *rows) in text.items():
            columns = columns_of(name, header)
            made = [sql.SQL("{} " + SQL.get(c.kind, "TEXT")).format(name_of(c.name)) for c in columns]
            table = name_of(schema, name)
            connection.execute(sql.SQL("CREATE TABLE {} ({})").format(table, sql.SQL(", ").join(made)))
            with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(table)) as copy:
                for row in shuffled(rows):
                    copy.write_row(values(name, header, row))


HOMES: dict[str, Callable[[Path, Text, Path, Server | None], Path]] = {
    "CSV": as_csv,
    "Parquet": as_parquet,
    "Excel": as_excel,
    "DuckDB": as_duckdb,
    "PostgreSQL": as_postgres,
}
