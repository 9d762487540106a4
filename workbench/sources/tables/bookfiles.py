"""Files of a book written together: all of them, or none."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

from workbench.book.settings import BookSettings
from workbench.book.tables import TABLES
from workbench.errors import BookError, Problem
from workbench.sources.tables.toml import read_book_toml

Cells = Sequence[str]
CENT = Decimal("0.01")


@contextmanager
def written_together(book: Path) -> Iterator[Path]:
    """A folder to write into; at the end its files move into the book. A stop leaves the book as it was."""
    if book.exists() and not book.is_dir():
        raise BookError([Problem(book.name, None, None, "a file", "a folder for the book", "name a folder")])
    new = not book.exists()
    book.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=".import-", dir=book))
    try:
        (staging / "new").mkdir()
        yield staging / "new"
        _switch(staging / "new", staging / "old", book)
    except BaseException:
        shutil.rmtree(staging)
        if new:
            shutil.rmtree(book)
        raise
    shutil.rmtree(staging)


def _switch(new: Path, old: Path, book: Path) -> None:
    """Moves the files of `new` over those of the book; puts the former ones back where that stops midway."""
    paths = sorted(path.relative_to(new) for path in new.rglob("*") if path.is_file())
    done: list[Path] = []
    try:
        for path in paths:
            done.append(path)
            (book / path).parent.mkdir(exist_ok=True)
            (old / path).parent.mkdir(parents=True, exist_ok=True)
            if (book / path).exists():
                shutil.copy2(book / path, old / path)
            (new / path).replace(book / path)
    except BaseException:
        for path in done:
            if (old / path).exists():
                (old / path).replace(book / path)
            elif not (new / path).exists():
                (book / path).unlink()
        raise


def write_csv(path: Path, header: Cells, rows: Iterable[Cells]) -> None:
    """Writes a CSV file, in UTF-8, with commas and one line a row."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(csv_text(header, rows), encoding="utf-8", newline="")


def csv_text(header: Cells, rows: Iterable[Cells]) -> str:
    """A table as CSV, with commas, one line a row and one kind of line end: a lone carriage return would not be quoted."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    for row in (header, *rows):
        writer.writerow([cell.replace("\r\n", "\n").replace("\r", "\n") for cell in row])
    return text.getvalue()


def write_table(folder: Path, name: str, rows: Iterable[Mapping[str, str]]) -> None:
    """Writes a table of a book with its declared columns, sorted by key; a column that a row lacks stays blank."""
    table = TABLES[name]
    ordered = sorted(rows, key=lambda row: [row.get(column, "") for column in table.key])
    cells = ([row.get(column, "") for column in table.names] for row in ordered)
    write_csv(folder / f"{name}.csv", table.names, cells)


def read_rows(book: Path, name: str) -> list[dict[str, str]]:
    """The rows of a table that a book already has, as text; [] where it has none. Raises BookError if it is not CSV."""
    table, other = TABLES[name], book / f"{name}.parquet"
    if other.exists():
        raise BookError(
            [
                Problem(
                    other.name,
                    None,
                    None,
                    "the table as Parquet",
                    f"{name}.csv",
                    "save the table as CSV, and move the Parquet file out of the book",
                )
            ]
        )
    path = book / f"{name}.csv"
    if not path.is_file():
        return []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            rows = list(reader)
            known = {key for key in table.key if not table.column(key).optional} <= set(reader.fieldnames or [])
    except (csv.Error, UnicodeDecodeError):
        known, rows = False, []
    if not known or any(None in row or None in row.values() for row in rows):
        raise BookError(
            [
                Problem(
                    path.name,
                    None,
                    None,
                    f"a file that is no {name} table",
                    "CSV with declared columns",
                    "run workbench check on the book, or move the file away",
                )
            ]
        )
    return rows


def keep_by_hand(book: Path, name: str, rows: list[dict[str, str]], columns: Sequence[str]) -> None:
    """Fills `columns` of the new rows with what people wrote into them in the book."""
    key = TABLES[name].key
    before = {tuple(row[part] for part in key): row for row in read_rows(book, name)}
    for row in rows:
        former = before.get(tuple(row[part] for part in key), {})
        row.update({column: former[column] for column in columns if former.get(column)})


def book_settings(book: Path) -> BookSettings | None:
    """The settings of a book; None where it has none yet. Raises BookError where they cannot be used."""
    path = book / "book.toml"
    if not path.is_file():
        return None
    toml, problems = read_book_toml(path)
    if problems:
        raise BookError(problems)
    return toml.settings


def write_settings(folder: Path, lines: Mapping[str, str]) -> None:
    """Writes a `book.toml` of values already written as TOML."""
    text = "".join(f"{name} = {value}\n" for name, value in lines.items())
    tomllib.loads(text)
    (folder / "book.toml").write_text(text, encoding="utf-8", newline="\n")


def money(value: Decimal | None) -> str:
    """The amount with two decimals, half to even; blank for None."""
    return "" if value is None else str(value.quantize(CENT, ROUND_HALF_EVEN))


def safe_cell(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would take it for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
