"""A book by its folder, or by its one file: its tables, and its scenarios."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from workbench.book.book import Book
from workbench.errors import BookError, Problem, ScenarioError
from workbench.scenario import Scenario, make_scenario
from workbench.sources.tables.reading import DATABASE, WORKBOOK, Reading, read_folder
from workbench.sources.tables.toml import read_toml

SAMPLE = Path(__file__).resolve().parents[3] / "data" / "sample"
BOOKS: dict[
    str, Book
] = {}  # by `folder_digest`, what `load_book` hands out; empty but in the kernels of a planning run


def book_folder(book: str | Path) -> Path:
    """The folder of a book, also where its workbook or DuckDB file is named.

    The word `sample` means the company that ships with the workbench.
    """
    path = Path(book)
    if str(book) == "sample":
        return SAMPLE
    return path.parent if path.suffix.lower() in (WORKBOOK, DATABASE) and not path.is_dir() else path


def book_name(book: str | Path) -> str:
    """What a book is called beside others: its folder, or its one file where that has a name of its own."""
    folder, path = book_folder(book), Path(book)
    return folder.resolve().name if path.stem == "book" or str(book) == "sample" or path.is_dir() else path.stem


def load_book(book: str | Path) -> Book:
    """The Book in a folder. Raises BookError with every problem of every table; nothing is half loaded.

    A book that this process was given is not read again: where `BOOKS` holds that of the very same files, it is handed
    out. A planning run gives its notebooks the book that it read once; `BOOKS.clear()` has everything read here.

    Parameters
    ----------
    book : str or Path
        The folder of a book, its workbook or DuckDB file, or `sample`.

    Returns
    -------
    Book
        Its tables and settings; nothing is half loaded.

    Raises
    ------
    BookError
        With every problem of every table: file, row, column, found, allowed, next step.
    """
    folder = book_folder(book)
    whole = str(book) == "sample" or folder == Path(book)  # not one file of a folder
    known = BOOKS.get(folder_digest(folder)) if BOOKS and whole and folder.is_dir() else None
    return read_book(book).book if known is None else known


def folder_digest(folder: Path) -> str:
    """SHA-256 over names and bytes of the files in a folder, as hexadecimal digits; what lies deeper does not count."""
    found = hashlib.sha256()
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        found.update(f"{path.name}\0{path.stat().st_size}\0".encode())
        found.update(path.read_bytes())
    return found.hexdigest()


def read_book(book: str | Path) -> Reading:
    """The book, read once, and what it was read from, as files to keep. Raises BookError like `load_book`."""
    folder = book_folder(book)
    named = Path(book) if folder != Path(book) and str(book) != "sample" else None
    if not folder.is_dir():
        raise BookError([Problem(str(book), None, None, "no such folder", "a folder with book.toml and the tables",
                                 "correct the path, or write 'sample' for the sample company")])  # fmt: skip
    return read_folder(folder, named)


def load_scenario(scenario: str | Path, book: str | Path = "sample") -> Scenario:
    """The Scenario in `scenarios/<scenario>.toml` of the book's folder, or in the TOML file at a path.

    Its key `before` names the scenario in force a quarter earlier, which is loaded with it.
    Raises ScenarioError with every problem in it.

    Parameters
    ----------
    scenario : str or Path
        The name of a scenario of the book, or the path of a TOML file.
    book : str or Path
        The book that it belongs to.

    Returns
    -------
    Scenario
        The assumptions, checked by themselves; against the book they are checked when it is planned.

    Raises
    ------
    ScenarioError
        With every problem: unknown keys, values out of range, no such file.
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
