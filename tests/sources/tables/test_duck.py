"""A book in one DuckDB file: read only, and cut off from other files."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.sources.homes import as_duckdb, text_of
from workbench.book.tables import TABLES
from workbench.errors import BookError
from workbench.sources.tables.folder import book_folder, load_book, read_book


@pytest.fixture
def duck(tiny_book: Path, tmp_path: Path) -> Path:
    """The tiny book as `book.duckdb`, in a folder."""
    folder = tmp_path / "duck"
    folder.mkdir()
    return as_duckdb(tiny_book, text_of(tiny_book), folder)


def changed(folder: Path, *statements: str) -> None:
    with duckdb.connect(str(folder / "book.duckdb")) as connection:
        for statement in statements:
            connection.execute(statement)


def told(book: Path) -> list[str]:
    with pytest.raises(BookError) as stop:
        load_book(book)
    return [problem.sentence() for problem in stop.value.problems]


def test_a_duckdb_file_is_a_book_by_its_folder_and_by_its_own_name(duck, tiny_book):
    expected = load_book(tiny_book).table("revenue")
    assert load_book(duck).table("revenue").equals(expected)
    renamed = (duck / "book.duckdb").rename(duck / "march.duckdb")
    assert load_book(renamed).table("revenue").equals(expected) and book_folder(renamed) == duck


def test_reading_changes_nothing_in_the_file_or_beside_it(duck):
    before = {path.name: hashlib.sha256(path.read_bytes()).digest() for path in duck.iterdir() if path.is_file()}
    load_book(duck)
    assert before == {
        path.name: hashlib.sha256(path.read_bytes()).digest() for path in duck.iterdir() if path.is_file()
    }


def test_views_and_any_order_of_rows_are_the_same_book(duck):
    before = read_book(duck).hashes
    changed(duck, "CREATE TABLE kept AS SELECT * FROM revenue ORDER BY revenue", "DROP TABLE revenue",
            "CREATE VIEW revenue AS SELECT * FROM kept ORDER BY random()")  # fmt: skip
    assert read_book(duck).hashes == before == read_book(duck).hashes


def test_rows_are_numbered_by_key_and_all_problems_told_at_once(duck):
    changed(
        duck,
        "UPDATE revenue SET revenue = -1 WHERE product = '007' AND segment = 'NA' AND quarter = '2025Q1'",
        "ALTER TABLE goals RENAME TO goal",
        "DROP TABLE market",
        "ALTER TABLE needs RENAME what TO colour",
        "CREATE TABLE anything (x INTEGER)",
    )
    earlier = load_book_quarters(duck)
    assert told(duck) == [
        f"book.duckdb, table goal: found a table that the book does not know; allowed: {', '.join(TABLES)}; "
        "next: rename it to goals, or keep the book in a file of its own.",
        f"book.duckdb, table revenue, row {earlier}, column revenue: found '-1.00000000000000000'; "
        "allowed: a number of at least 0; next: correct the figure.",
        "book.duckdb, table needs, column what: found no such column; allowed: the columns need, what; "
        "next: add the column 'what'.",
        "book.duckdb, table needs, column colour: found the unknown column 'colour'; allowed: need, what; "
        "next: rename or remove the column.",
        "book.duckdb, table market: found no such table; allowed: a table for each needed table; "
        "next: add it with the columns segment, year, size, kind.",
    ]


def load_book_quarters(duck: Path) -> int:
    """The place of the changed row among the rows by key, counted from 1."""
    with duckdb.connect(str(duck / "book.duckdb"), read_only=True) as connection:
        keys = sorted(connection.execute("SELECT product, segment, quarter FROM revenue").fetchall())
    return keys.index(("007", "NA", "2025Q1")) + 1


def test_no_view_reaches_out_of_the_file(duck, tiny_book):
    with duckdb.connect(str(duck / "book.duckdb")) as connection:
        connection.execute("DROP TABLE goals")
        connection.execute(f"CREATE VIEW goals AS SELECT * FROM read_csv('{tiny_book / 'goals.csv'}')")
    assert told(duck) == [
        "book.duckdb, table goals: found a view on what lies outside this file; allowed: tables, and views on tables of "
        "this file; next: make it a table, or correct the view."
    ]


def test_a_view_that_cannot_be_calculated_is_told(duck):
    changed(duck, "DROP TABLE goals", "CREATE VIEW goals AS SELECT CAST('a' AS INTEGER) AS goal")
    assert told(duck)[0].startswith("book.duckdb, table goals: found a table or view that cannot be read")


@pytest.mark.parametrize("content", [b"", b"no database", bytes(5000)])
def test_a_file_that_is_no_database_is_one_sentence(duck, content):
    (duck / "book.duckdb").write_bytes(content)
    (sentence,) = told(duck)
    assert sentence.startswith("book.duckdb: found a file that cannot be read as DuckDB")


def test_a_file_that_is_not_there_is_told(duck):
    assert told(duck / "other.duckdb") == [
        "other.duckdb: found no such file; allowed: a DuckDB file; next: correct the path."
    ]


def test_a_file_that_another_program_is_writing_is_told(duck):
    code = f"import duckdb, sys; c = duckdb.connect({str(duck / 'book.duckdb')!r}); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None and writer.stdout.readline() == b"open\n"
        assert told(duck) == [
            "book.duckdb: found a file that another program has open to write; allowed: a file at rest; "
            "next: close it there, then run this again."
        ]
        writer.communicate()
    assert load_book(duck).has("revenue")


def test_a_file_that_this_process_has_open_to_write_is_told(duck):
    with duckdb.connect(str(duck / "book.duckdb")):
        (sentence,) = told(duck)
    assert "this Python process has open" in sentence


def test_types_of_every_kind_arrive_as_a_csv_would_hold_them(duck):
    changed(
        duck,
        "ALTER TABLE relevance ALTER judged_on TYPE TIMESTAMP",
        "ALTER TABLE capacity ALTER capacity TYPE FLOAT",
        "ALTER TABLE impacts ALTER adopters TYPE HUGEINT",
        "UPDATE capacity SET capacity = 0.1",
    )
    book = load_book(duck)
    assert set(book.table("relevance")["judged_on"].str.len()) <= {0, 10}
    assert set(book.table("capacity")["capacity"]) == {0.1}
