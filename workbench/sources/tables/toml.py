"""TOML files of a book: `book.toml` with its settings and the place of its tables, never an address with a password."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from workbench.book.settings import BookFile, BookSettings, Database, known_keys, validation_problems
from workbench.errors import Problem

WITHOUT_MARK = ("UTF-8 without byte-order mark", "save the file as UTF-8 without BOM")
# An address of PostgreSQL, or any address with a user in it.
ADDRESS = re.compile(r"postgres\w*(\+\w+)?:/|[a-z][a-z0-9+.-]*://[^\n\"']*@", re.IGNORECASE)


@dataclass(frozen=True)
class BookToml:
    """What `book.toml` says; `text` is the file without `[database]`. Where it has a problem, a stand-in."""

    settings: BookSettings
    database: Database | None = None
    text: str = ""


def read_toml(path: Path) -> tuple[dict[str, Any], list[Problem]]:
    """The content of a TOML file and what is wrong with it."""
    try:
        content = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return {}, [Problem(path.name, None, None, "text that is not UTF-8", "UTF-8", "save the file as UTF-8")]
    return _parsed(path.name, content)


def _parsed(name: str, content: str) -> tuple[dict[str, Any], list[Problem]]:
    try:
        return tomllib.loads(content), []
    except tomllib.TOMLDecodeError as error:
        if content.startswith("\ufeff"):
            return {}, [Problem(name, 1, None, "a byte-order mark", *WITHOUT_MARK)]
        row = re.search(r"at line ([0-9]+)", str(error))
        found = f"a line that is not TOML ({error})"
        return {}, [Problem(name, int(row[1]) if row else None, None, found, "TOML", "correct the line")]


def read_book_toml(path: Path) -> tuple[BookToml, list[Problem]]:
    """What the `book.toml` at `path` says, and every problem of it; the value of a secret is in none of them."""
    stand_in = BookToml(BookSettings(company="?", currency="ZZZ"))
    if not path.is_file():
        return stand_in, [Problem(path.name, None, None, "no such file", "company, currency and fiscal_month",
                                  'write a book.toml, for example: company = "Aurora", currency = "EUR"')]  # fmt: skip
    try:
        content = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return stand_in, [Problem(path.name, None, None, "text that is not UTF-8", "UTF-8", "save the file as UTF-8")]
    if problems := _addresses(path.name, content):
        return stand_in, problems
    data, problems = _parsed(path.name, content)
    if problems:
        return stand_in, problems
    try:
        file = BookFile.model_validate(data)
    except ValidationError as error:
        problems = validation_problems(path.name, error, known_keys(BookFile))
    else:
        return BookToml(file.settings, file.database, _without_database(content, data)), []
    return stand_in, problems


def _addresses(name: str, content: str) -> list[Problem]:
    """The lines, remarks too, that hold the address of a database: there its password would be for all to read."""
    advice = 'put it into an environment variable, and write its name: url_from = "NAME" under [database]'
    return [
        Problem(name, row, None, "the address of a database (not repeated here)", "no address in this file", advice)
        for row, line in enumerate(content.splitlines(), 1)
        if ADDRESS.search(line)
    ]


def _without_database(content: str, data: dict[str, Any]) -> str:
    """The text of a `book.toml` without its table `[database]`, all else as it stands."""
    import tomlkit

    if "database" not in data:
        return content
    document = tomlkit.parse(content)
    document.remove("database")
    rest = {key: value for key, value in data.items() if key != "database"}
    text = tomlkit.dumps(document)
    return text if tomllib.loads(text) == rest else tomlkit.dumps(rest)
