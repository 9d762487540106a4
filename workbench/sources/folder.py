"""A book as a folder of CSV or Parquet files with a `book.toml` and scenarios."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from workbench.book.book import Book, build_book
from workbench.book.convert import RawTable
from workbench.book.settings import BookSettings, known_keys, validation_problems
from workbench.book.tables import TABLES
from workbench.book.text import nearest
from workbench.errors import BookError, Problem, ScenarioError
from workbench.scenario import Scenario, make_scenario

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
SUFFIXES = (".csv", ".parquet")
WITHOUT_MARK = ("UTF-8 without byte-order mark", "save the file as UTF-8 without BOM")
NOT_UTF8 = re.compile("[\udc80-\udcff]")


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
    for path in sorted(path for path in folder.iterdir() if not path.name.startswith(".")):
        table, trouble = _read(path, raw)
        raw |= table
        problems += trouble
    return build_book(settings, raw, problems)


def load_scenario(scenario: str | Path, book: str | Path = "sample") -> Scenario:
    """The Scenario in `scenarios/<scenario>.toml` of the book's folder, or in the TOML file at a path.

    Its key `before` names the scenario in force a quarter earlier, which is loaded with it.
    Raises ScenarioError with every problem in it.
    """
    path, data = _scenario_data(scenario, book)
    if "before" in data:
        earlier = data["before"]
        if not isinstance(earlier, str):
            raise ScenarioError([Problem(path.name, None, "before", f"{earlier!r}", "the name of a scenario",
                                         'write a name, such as "base"')])  # fmt: skip
        _, older = _scenario_data(earlier, book)
        data["before"] = {name: value for name, value in older.items() if name != "before"}
    return make_scenario(data, path.name)


def _scenario_data(scenario: str | Path, book: str | Path) -> tuple[Path, dict[str, Any]]:
    """The file of a scenario and its content, name included."""
    folder = book_folder(book) / "scenarios"
    path = Path(scenario) if str(scenario).endswith(".toml") else folder / f"{scenario}.toml"
    if not path.is_file():
        names = ", ".join(scenario_names(book))
        advice = "write one of these names" if names else "make one with `workbench scenario BOOK`"
        raise ScenarioError([Problem(path.name, None, None, "no such scenario", names or "none yet", advice)])
    data, problems = read_toml(path)
    if problems:
        raise ScenarioError(problems)
    if data.get("name", path.stem) != path.stem:
        raise ScenarioError([Problem(path.name, None, "name", repr(data["name"]), f"the file's name, {path.stem!r}",
                                     "leave the name out, or rename the file")])  # fmt: skip
    return path, {**data, "name": path.stem}


def scenario_names(book: str | Path) -> list[str]:
    """The scenarios of a book: `base` first, then by name."""
    folder = book_folder(book) / "scenarios"
    names = sorted(path.stem for path in folder.glob("*.toml")) if folder.is_dir() else []
    return sorted(names, key=lambda name: (name != "base", name))


def read_toml(path: Path) -> tuple[dict[str, Any], list[Problem]]:
    """The content of a TOML file and what is wrong with it."""
    try:
        content = path.read_text(encoding="utf-8")
        return tomllib.loads(content), []
    except UnicodeDecodeError:
        return {}, [Problem(path.name, None, None, "text that is not UTF-8", "UTF-8", "save the file as UTF-8")]
    except tomllib.TOMLDecodeError as error:
        if content.startswith("\ufeff"):
            return {}, [Problem(path.name, 1, None, "a byte-order mark", *WITHOUT_MARK)]
        row = re.search(r"at line ([0-9]+)", str(error))
        found = f"a line that is not TOML ({error})"
        return {}, [Problem(path.name, int(row[1]) if row else None, None, found, "TOML", "correct the line")]


def _settings(path: Path) -> tuple[BookSettings, list[Problem]]:
    stand_in = BookSettings(company="?", currency="ZZZ")
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


def _read(path: Path, raw: dict[str, RawTable]) -> tuple[dict[str, RawTable], list[Problem]]:
    """The table in a file of the book's folder (none where it holds none), and what is wrong with it as a file."""
    name, ending = path.stem, path.suffix
    if name not in TABLES:
        if ending.lower() not in SUFFIXES:
            return {}, []
        near = nearest(name, TABLES)
        found, allowed = "a file that is no table", ", ".join(TABLES)
        if near is None or any(path.with_name(f"{near}{suffix}").exists() for suffix in SUFFIXES):
            return {}, [Problem(path.name, None, None, found, allowed, "move the file out of the book")]
        unread, problems = _unread(path, None, None, found, allowed, f"rename it to {near}{ending.lower()}")
        return {near: unread}, problems
    if ending not in SUFFIXES:
        if any(path.with_suffix(suffix).exists() for suffix in SUFFIXES):
            return {}, []
        unread, problems = _unread(path, None, None, f"a table as {ending or 'a folder'}", " or ".join(SUFFIXES),
                                   f"save it as {name}.csv, or move it out of the book")  # fmt: skip
        return {name: unread}, problems
    if name in raw:
        return {}, [Problem(path.name, None, None, f"the table also as {raw[name].where}", "one file for a table",
                            "remove one of the two")]  # fmt: skip
    table, problems = _read_parquet(path) if ending == ".parquet" else _read_csv(path)
    return {name: table}, problems


def _unread(
    path: Path, row: int | None, column: str | None, found: str, allowed: str, advice: str
) -> tuple[RawTable, list[Problem]]:
    """What stands for a file that could not be read, and its problem."""
    return RawTable(path.name, [], []), [Problem(path.name, row, column, found, allowed, advice)]


def _read_csv(path: Path) -> tuple[RawTable, list[Problem]]:
    """The text of a CSV file and what is wrong with it as a file; its cells are judged later."""
    first = TABLES[path.stem].names[0]
    try:
        content = path.read_bytes()
    except OSError as error:
        return _unread(
            path, None, None, f"a file that cannot be opened ({error.strerror})", "a CSV file", "save it anew"
        )
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _unread(path, 1, first, "UTF-16 text", "UTF-8", "save the file as CSV in UTF-8")
    text = content.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape")
    lines: list[list[str]] = []
    try:
        lines.extend(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        return _unread(path, len(lines) + 1, None, f"a line that is not CSV ({error})", "CSV with double quotes",
                       "close the quotation mark")  # fmt: skip
    while lines and not any(lines[-1]):
        lines.pop()
    if not lines or not lines[0]:
        found = "an empty first row" if lines else "an empty file"
        return _unread(path, 1, first, found, "a header and rows", "fill it in, or delete the file")
    problems = [] if text.isascii() else _repair_encoding(path, lines)
    if content.startswith(codecs.BOM_UTF8):
        problems.insert(0, Problem(path.name, 1, first, "a byte-order mark before the header", *WITHOUT_MARK))
    return RawTable(path.name, lines[0], lines[1:]), problems


def _repair_encoding(path: Path, lines: list[list[str]]) -> list[Problem]:
    """Reads cells that are not UTF-8 as Windows text, so that the other checks can run; the problem names the first."""
    broken = [
        (row, place) for row, cells in enumerate(lines) for place, cell in enumerate(cells) if NOT_UTF8.search(cell)
    ]
    if not broken:
        return []
    row, place = broken[0]
    sign = NOT_UTF8.findall(lines[row][place])[0].encode("utf-8", "surrogateescape")
    for line, index in broken:
        cell = lines[line][index].encode("utf-8", "surrogateescape")
        lines[line][index] = cell.decode("cp1252", "replace")
    column = lines[0][min(place, len(lines[0]) - 1)]
    more = f"; so in {len(broken)} cells" if len(broken) > 1 else ""
    found = f"the byte 0x{sign.hex()} ({sign.decode('cp1252', 'replace')!r} in Windows encoding{more})"
    return [Problem(path.name, row + 1, column, found, "UTF-8", "save the file as UTF-8")]


def _read_parquet(path: Path) -> tuple[RawTable, list[Problem]]:
    """The text of a Parquet file, as a CSV file of the same table would hold it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(path).read()
        columns = [[_as_text(value) for value in column.to_pylist()] for column in table.columns]
    except (pa.ArrowException, OSError, ValueError):
        return _unread(path, None, None, "a file that is not Parquet", "Parquet", "export the table again")
    if not columns:
        return _unread(path, None, None, "no columns", ", ".join(TABLES[path.stem].names), "export the table again")
    return RawTable(path.name, list(table.column_names), [list(cells) for cells in zip(*columns, strict=True)]), []


def _as_text(value: Any) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        value = value.date()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
