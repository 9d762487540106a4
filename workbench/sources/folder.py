"""A book as a folder of CSV or Parquet files with a `book.toml` and scenarios."""

from __future__ import annotations

import csv
import difflib
import io
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from workbench.book.book import Book, build_book
from workbench.book.convert import RawTable
from workbench.book.settings import BookSettings, known_keys, validation_problems
from workbench.book.tables import TABLES
from workbench.errors import BookError, Problem, ScenarioError
from workbench.scenario import Scenario, make_scenario

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
SUFFIXES = (".csv", ".parquet")


def book_folder(book: str | Path) -> Path:
    """The folder of a book; the word `sample` means the company that ships with the workbench."""
    return SAMPLE if str(book) == "sample" else Path(book)


def load_book(book: str | Path) -> Book:
    """The Book in a folder. Raises BookError with every problem of every file; nothing is half loaded."""
    folder = book_folder(book)
    if not folder.is_dir():
        raise BookError([Problem(str(book), None, None, "no such folder", "a folder with book.toml and the tables",
                                 "correct the path, or write 'sample' for the sample company")])  # fmt: skip
    settings, problems = _settings(folder / "book.toml")
    raw: dict[str, RawTable] = {}
    for path in sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES):
        table, trouble = _read_known(path, raw)
        problems += trouble
        if table is not None:
            raw[path.stem] = table
    return build_book(settings, raw, problems)


def load_scenario(scenario: str | Path, book: str | Path = "sample") -> Scenario:
    """The Scenario in `scenarios/<scenario>.toml` of the book's folder, or in the TOML file at a path.

    Raises ScenarioError with every problem in it.
    """
    folder = book_folder(book) / "scenarios"
    path = Path(scenario) if str(scenario).endswith(".toml") else folder / f"{scenario}.toml"
    if not path.is_file():
        near = ", ".join(scenario_names(book)) or "none in this book"
        raise ScenarioError([Problem(path.name, None, None, "no such scenario", near, "write one of these names")])
    data, problems = read_toml(path)
    if problems:
        raise ScenarioError(problems)
    return make_scenario({"name": path.stem, **data}, path.name)


def scenario_names(book: str | Path) -> list[str]:
    """The scenarios of a book: `base` first, then by name."""
    folder = book_folder(book) / "scenarios"
    names = sorted(path.stem for path in folder.glob("*.toml")) if folder.is_dir() else []
    return sorted(names, key=lambda name: (name != "base", name))


def read_toml(path: Path) -> tuple[dict[str, Any], list[Problem]]:
    """The content of a TOML file and what is wrong with it."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")), []
    except UnicodeDecodeError:
        return {}, [Problem(path.name, None, None, "text that is not UTF-8", "UTF-8", "save the file as UTF-8")]
    except tomllib.TOMLDecodeError as error:
        return {}, [Problem(path.name, None, None, f"a line that is not TOML ({error})", "TOML", "correct the line")]


def _settings(path: Path) -> tuple[BookSettings, list[Problem]]:
    stand_in = BookSettings(company="?", currency="XXX")
    if not path.is_file():
        return stand_in, [Problem("book.toml", None, None, "no such file", "company, currency and fiscal_month",
                                  'write a book.toml, for example: company = "Aurora", currency = "EUR"')]  # fmt: skip
    data, problems = read_toml(path)
    if problems:
        return stand_in, problems
    try:
        return BookSettings.model_validate(data), []
    except ValidationError as error:
        return stand_in, validation_problems("book.toml", error, known_keys(BookSettings))


def _read_known(path: Path, raw: dict[str, RawTable]) -> tuple[RawTable | None, list[Problem]]:
    if path.stem not in TABLES:
        near = difflib.get_close_matches(path.stem, TABLES, 1)
        advice = f"rename it to {near[0]}{path.suffix}" if near else "move the file out of the book"
        return None, [Problem(path.name, None, None, "a file that is no table", ", ".join(TABLES), advice)]
    if path.stem in raw:
        return None, [Problem(path.name, None, None, f"the table also as {raw[path.stem].where}", "one file for a table",
                              "remove one of the two")]  # fmt: skip
    return _read_parquet(path) if path.suffix == ".parquet" else _read_csv(path)


def _read_csv(path: Path) -> tuple[RawTable | None, list[Problem]]:
    content = path.read_bytes()
    first = TABLES[path.stem].names[0]
    if content.startswith(b"\xef\xbb\xbf"):
        return None, [Problem(path.name, 1, first, "a byte-order mark before the header", "UTF-8 without byte-order mark",
                              "save the file as UTF-8 without BOM")]  # fmt: skip
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        return None, [_encoding_problem(path, content, error)]
    try:
        lines = [cells for cells in csv.reader(io.StringIO(text, newline=""), strict=True)]
    except csv.Error as error:
        return None, [Problem(path.name, None, None, f"a line that is not CSV ({error})", "CSV with double quotes",
                              "close the quotation mark")]  # fmt: skip
    while lines and not any(lines[-1]):
        lines.pop()
    if not lines:
        return None, [
            Problem(path.name, 1, first, "an empty file", "a header and rows", "fill it in, or delete the file")
        ]
    return RawTable(path.name, lines[0], lines[1:]), []


def _encoding_problem(path: Path, content: bytes, error: UnicodeDecodeError) -> Problem:
    """Names the row and column of the first byte that is not UTF-8."""
    before = list(csv.reader(io.StringIO(content[: error.start].decode("utf-8"), newline="")))
    row, cells = max(len(before), 1), before[-1] if before else [""]
    header = before[0] if len(before) > 1 else TABLES[path.stem].names
    column = header[min(len(cells), len(header)) - 1]
    sign = content[error.start : error.start + 1]
    found = f"the byte 0x{sign.hex()} ({sign.decode('cp1252', 'replace')!r} in Windows encoding)"
    return Problem(path.name, row, column, found, "UTF-8", "save the file as UTF-8")


def _read_parquet(path: Path) -> tuple[RawTable | None, list[Problem]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (pa.ArrowInvalid, OSError):
        return None, [Problem(path.name, None, None, "a file that is not Parquet", "Parquet", "export the table again")]
    columns = [[_as_text(value) for value in table.column(name).to_pylist()] for name in table.column_names]
    return RawTable(path.name, list(table.column_names), [list(cells) for cells in zip(*columns, strict=True)]), []


def _as_text(value: Any) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
