"""Exports as text: CSV files read by DuckDB, so that ten million rows fit, without a guess about types."""

from __future__ import annotations

import csv
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from workbench.book.text import nearest
from workbench.errors import Problem

SHOWN = 20
ALIKE = 0.7  # how much a name must be like one that is known to be taken for it: exports hold many names
ENCODINGS = {b"\xef\xbb\xbf": "a byte-order mark", b"\xff\xfe": "UTF-16 text", b"\xfe\xff": "UTF-16 text"}
REJECTED = {
    "UNQUOTED VALUE": ("a quotation mark that does not fit", "CSV with double quotes", "close the quotation mark"),
    "LINE SIZE OVER MAXIMUM": ("a row longer than 2 MB", "CSV with double quotes", "close the quotation mark"),
    "INVALID ENCODING": ("text that is not UTF-8, perhaps in Windows encoding", "UTF-8", "save the file as UTF-8"),
}


@contextmanager
def workroom(memory: str = "1GB") -> Iterator[Any]:
    """A DuckDB connection that keeps to `memory` and spills to a temporary folder, removed at the end."""
    with tempfile.TemporaryDirectory(prefix="workbench-import-") as folder:
        settings = {"memory_limit": memory, "temp_directory": str(Path(folder) / "spill"),
                    "threads": min(4, os.cpu_count() or 1), "autoinstall_known_extensions": False,
                    "autoload_known_extensions": False}  # fmt: skip
        connection = duckdb.connect(config=settings)
        try:
            yield connection
        finally:
            connection.close()


@dataclass(frozen=True)
class Source:
    """One file as a table of text: `name` in DuckDB, `file` for people; `rowid + 2` is the row in the file.

    Rows count records, as a spreadsheet does; blank lines are no rows.
    """

    name: str
    file: str
    header: tuple[str, ...]
    rows: int

    def column(self, header: str) -> str:
        """The SQL name of a column."""
        return f"c{self.header.index(header)}"


def literal(text: str) -> str:
    """The text as SQL text."""
    return "'" + text.replace("'", "''") + "'"


def read_source(
    connection: Any, name: str, path: Path, needed: Iterable[str], extra: Iterable[str] = ()
) -> tuple[Source | None, list[Problem]]:
    """The columns `needed` (and `extra`, where there are such) of a CSV file as a table of text called `name`.

    None, with the problems, where the file cannot be read.
    """
    header, problems = _header(path, sorted(set(needed)))
    needed = sorted({*needed, *(set(extra) & set(header))})
    if problems:
        return None, problems
    source = Source(name, path.name, tuple(header), 0)
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(header)))
    wanted = ", ".join(source.column(column) for column in needed)
    with tempfile.TemporaryDirectory(prefix="workbench-import-") as folder:
        link = Path(folder) / "export.csv"  # DuckDB would read a `*` in the path as a pattern
        link.symlink_to(path.resolve())
        try:
            connection.execute(f"""CREATE TEMP TABLE {name} AS SELECT {wanted} FROM read_csv({literal(str(link))},
                auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', columns = {{{columns}}},
                nullstr = '\x01no null\x01', strict_mode = true, null_padding = false, store_rejects = true,
                rejects_table = 'rejected_{name}', rejects_scan = 'scan_{name}', rejects_limit = 100000)""")
        except duckdb.Error as error:
            found, allowed = (
                f"lines that are not CSV ({_first(error)})",
                "CSV with double quotes and one kind of line end",
            )
            return None, [Problem(path.name, None, None, found, allowed, "export the file again")]
    problems = _rejected(connection, source)
    (rows,) = connection.execute(f"SELECT count(*) FROM {name}").fetchone()
    return (None, problems) if problems else (Source(name, path.name, tuple(header), rows), [])


def _first(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:120]


def _header(path: Path, needed: list[str]) -> tuple[list[str], list[Problem]]:
    """The header of the file, and what is wrong with it."""
    if not path.is_file():
        others = sorted(other.name for other in path.parent.glob("*.csv"))
        near = nearest(path.name, others, ALIKE)
        advice = f"write {near!r} in the mapping" if near else "correct the name of the file in the mapping"
        return [], [Problem(path.name, None, None, "no such file", ", ".join(others) or "a CSV file", advice)]
    with path.open("rb") as file:
        start = file.read(4)
    for mark, word in ENCODINGS.items():
        if start.startswith(mark):
            return [], [Problem(path.name, 1, None, f"{word} before the header", "UTF-8 without byte-order mark",
                                "save the file as UTF-8 without BOM")]  # fmt: skip
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as text:
        try:
            header = next(csv.reader(text, strict=True), [])
        except csv.Error as error:
            return [], [Problem(path.name, 1, None, f"a header that is not CSV ({error})", "CSV", "correct the header")]
    return header, _header_problems(path.name, header, needed)


def _header_problems(file: str, header: list[str], needed: list[str]) -> list[Problem]:
    if not any(header):
        return [Problem(file, 1, needed[0], "an empty file", "a header and rows", "export the file again")]
    if any("\udc80" <= sign <= "\udcff" for sign in "".join(header)):
        return [Problem(file, 1, None, *REJECTED["INVALID ENCODING"])]
    if len(header) == 1 and any(sign in header[0] for sign in ";\t|"):
        return [Problem(file, 1, re.split("[;\t|]", header[0])[0], "columns that commas do not separate",
                        "columns separated by commas", "save the file as CSV with commas and decimal points")]  # fmt: skip
    problems = []
    for name in needed:
        if header.count(name) == 1:
            continue
        if name in header:
            problems.append(Problem(file, 1, name, "the column twice", "each column once", "rename one of the two"))
            continue
        near = nearest(name, set(header) - set(needed), ALIKE)
        advice = f"write {near!r} in the mapping" if near else "correct the column in the mapping"
        problems.append(Problem(file, 1, name, "no such column", ", ".join(header), advice))
    return problems


def _rejected(connection: Any, source: Source) -> list[Problem]:
    """What is wrong with the rows that do not fit the header, the first of them row by row."""
    lines = connection.execute(f"""SELECT line, min_by(error_type, column_idx), min(column_idx),
        min_by(error_message, column_idx) FROM rejected_{source.name} GROUP BY line ORDER BY line""").fetchall()
    problems = []
    width = len(source.header)
    for row, kind, place, message in lines[:SHOWN]:
        if kind in REJECTED:
            problems.append(Problem(source.file, row, source.header[min(place, width) - 1], *REJECTED[kind]))
            continue
        found = re.search(r"Found: (\d+)", message)
        count = int(found.group(1)) if found else width
        fields = f"{count} fields" if found else kind.lower()
        column = f"after {source.header[-1]}" if count >= width else source.header[count]
        advice = "put text that contains a comma in double quotes, or fill in the missing fields"
        problems.append(Problem(source.file, row, column, fields, f"{width} fields, one for each column", advice))
    if len(lines) > SHOWN:
        problems.append(Problem(source.file, lines[SHOWN][0], None, f"{len(lines) - SHOWN:,} further rows that do not fit",
                                "rows that fit the header", "export the file again"))  # fmt: skip
    return problems
