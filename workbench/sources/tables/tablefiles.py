"""Tables as CSV or Parquet files in the folder of a book."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Mapping
from pathlib import Path

from workbench.book.convert import RawTable
from workbench.book.tables import TABLES
from workbench.book.text import nearest
from workbench.errors import Problem
from workbench.sources.tables.cells import as_text
from workbench.sources.tables.toml import WITHOUT_MARK

SUFFIXES = (".csv", ".parquet")
KINDS = {".csv": "CSV", ".parquet": "Parquet"}
NOT_UTF8 = re.compile("[\udc80-\udcff]")


def read_files(
    folder: Path, besides: Path | None = None
) -> tuple[dict[str, RawTable], dict[str, tuple[str, bytes]], list[Problem]]:
    """The tables in the files of a folder, name and bytes of each file, and what is wrong with them as files."""
    raw: dict[str, RawTable] = {}
    files: dict[str, tuple[str, bytes]] = {}
    problems: list[Problem] = []
    for path in sorted(path for path in folder.iterdir() if not path.name.startswith(".") and path != besides):
        content = _content(path)
        table, trouble = _read(path, content, raw)
        raw |= table
        files |= {name: (path.name, content) for name in table if isinstance(content, bytes)}
        problems += trouble
    return raw, files, problems


def _content(path: Path) -> bytes | OSError:
    """The bytes of a file that holds a table, read once; else none."""
    if path.stem not in TABLES or path.suffix not in SUFFIXES:
        return b""
    try:
        return path.read_bytes()
    except OSError as error:
        return error


def _read(
    path: Path, content: bytes | OSError, raw: Mapping[str, RawTable]
) -> tuple[dict[str, RawTable], list[Problem]]:
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
    if isinstance(content, OSError):
        found = f"a file that cannot be opened ({content.strerror})"
        unread, problems = _unread(path, None, None, found, f"a {KINDS[ending]} file", "save it anew")
        return {name: unread}, problems
    table, problems = (_read_parquet if ending == ".parquet" else _read_csv)(path, content)
    return {name: table}, problems


def _unread(
    path: Path, row: int | None, column: str | None, found: str, allowed: str, advice: str
) -> tuple[RawTable, list[Problem]]:
    """What stands for a file that could not be read, and its problem."""
    return RawTable(path.name, [], []), [Problem(path.name, row, column, found, allowed, advice)]


def _read_csv(path: Path, content: bytes) -> tuple[RawTable, list[Problem]]:
    """The text of a CSV file and what is wrong with it as a file; its cells are judged later."""
    first = TABLES[path.stem].names[0]
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


def _read_parquet(path: Path, content: bytes) -> tuple[RawTable, list[Problem]]:
    """The text of a Parquet file, as a CSV file of the same table would hold it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(io.BytesIO(content)).read()
        columns = [[_as_text(value) for value in column.to_pylist()] for column in table.columns]
    except (pa.ArrowException, OSError, ValueError):
        return _unread(path, None, None, "a file that is not Parquet", "Parquet", "export the table again")
    if not columns:
        return _unread(path, None, None, "no columns", ", ".join(TABLES[path.stem].names), "export the table again")
    return RawTable(path.name, list(table.column_names), [list(cells) for cells in zip(*columns, strict=True)]), []


def _as_text(value: object) -> str:
    """The text of a value in Parquet, where "not a number" stands for a blank."""
    return as_text(value) if value == value else ""
