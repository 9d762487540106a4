"""Tables as the sheets of one Excel workbook: values alone, no formula is calculated, no macro run, no link followed."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

from workbench.book.convert import NoValue, RawTable
from workbench.book.tables import TABLES
from workbench.errors import Problem
from workbench.sources.tables.cells import as_text, meant
from workbench.sources.tables.novalues import UNCALCULATED, Place, cells_without_value

CODEBOOK = "Codebook"  # the sheet of explanations in a new workbook
SKIPPED = (CODEBOOK, "Notes")
OLD = b"\xd0\xcf\x11\xe0"  # a file of Excel 97, or one that is encrypted
# What the readers of archive and XML raise for files that are none, or that are damaged.
DAMAGED = (zipfile.BadZipFile, zlib.error, expat.ExpatError, SyntaxError, LookupError, ValueError, RuntimeError, OSError,
           EOFError)  # fmt: skip
Found = tuple[dict[str, RawTable], list[Problem]]


def read_workbook(path: Path) -> Found | Problem:
    """The tables in the sheets of a workbook and what is wrong with them as sheets; one Problem where it cannot be read."""
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

    try:
        content = path.read_bytes()
    except OSError as error:
        return Problem(path.name, None, None, f"a file that cannot be opened ({error.strerror})", "an Excel workbook",
                       "close it in Excel, or correct the path")  # fmt: skip
    if content.startswith(OLD):
        return Problem(path.name, None, None, "a workbook that is encrypted, or of an Excel before 2007",
                       "an Excel workbook (.xlsx) without password", "save it as .xlsx without a password")  # fmt: skip
    try:
        without = cells_without_value(content)
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
            sheets = [sheet.name for sheet in workbook.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
            grids = {
                name: workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
                for name in sheets
                if name not in SKIPPED
            }
        lines = {name: _lines(grid, without(name)) for name, grid in grids.items()}
    except (CalamineError, *DAMAGED):
        return Problem(path.name, None, None, "a file that is no Excel workbook, or a damaged one",
                       "an Excel workbook (.xlsx)", "open it in Excel and save it as .xlsx")  # fmt: skip
    return _tables(path.name, lines)


def _lines(grid: list[list[Any]], without: dict[Place, str]) -> list[list[str]]:
    """The cells of a sheet as text, from row 1 and column A, without the blank rows and columns at its ends."""
    lines = [[as_text(value) for value in row] for row in grid]
    for (row, column), error in without.items():
        lines += [[] for _ in range(row + 1 - len(lines))]
        lines[row] += [""] * (column + 1 - len(lines[row]))
        lines[row][column] = _no_value(error)
    while lines and not any(lines[-1]):
        lines.pop()
    width = max((place + 1 for line in lines for place, cell in enumerate(line) if cell), default=0)
    return [line[:width] + [""] * (width - len(line)) for line in lines]


def _no_value(error: str) -> NoValue:
    if error == UNCALCULATED:
        return NoValue("a formula without a result", "open the workbook in Excel and save it, or write the value")
    return NoValue(f"the Excel error {error}", "correct the formula, or write the value")


def _tables(file: str, sheets: dict[str, list[list[str]]]) -> Found:
    raw: dict[str, RawTable] = {}
    problems: list[Problem] = []
    for name, lines in sheets.items():
        where = f"{file}, sheet {name}"
        if name in TABLES:
            problems += _unheaded(where, name, lines)
            raw[name] = RawTable(where, lines[0] if lines and any(lines[0]) else [], lines[1:])
        elif lines:
            near = meant(name, sheets)
            if near:
                raw[near] = RawTable(where, [], [])
            advice = f"rename it to {near}" if near else f"delete the sheet, or call it {SKIPPED[1]}"
            problems.append(Problem(where, None, None, "a sheet that is no table", ", ".join(TABLES), advice))
    return raw, problems


def _unheaded(where: str, name: str, lines: list[list[str]]) -> Iterator[Problem]:
    if not lines or not any(lines[0]):
        found = "an empty first row" if lines else "an empty sheet"
        advice = "fill it in, or delete the sheet"
        yield Problem(where, 1, TABLES[name].names[0], found, "a header and rows", advice)
