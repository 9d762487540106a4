"""The frozen Book: settings and tables of one company, converted, checked, sorted by key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from workbench.book.check import FOLDER, Home, check_tables
from workbench.book.convert import RawTable, convert
from workbench.book.frozen import Frozen
from workbench.book.settings import BookSettings
from workbench.book.tables import TABLES
from workbench.errors import BookError, Problem


@dataclass(frozen=True, eq=False)
class Book(Frozen):
    """One company's data. `table(name)` gives a copy of a table, empty where the book lacks it."""

    settings: BookSettings
    _tables: Mapping[str, pd.DataFrame]

    def has(self, name: str) -> bool:
        """True where the book holds the table and it has at least one row."""
        return name in self._tables and not self._tables[name].empty

    def table(self, name: str) -> pd.DataFrame:
        """A copy of the table, sorted by key; without rows where the book lacks it. KeyError for an unknown name."""
        declared = TABLES[name]
        found = self._tables.get(name)
        return pd.DataFrame(columns=declared.names) if found is None else found.copy(deep=False)

    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables that the book holds, in declared order."""
        return {name: self.table(name) for name in TABLES if name in self._tables}

    @property
    def latest_quarter(self) -> str:
        """The last quarter with revenue."""
        return str(self._tables["revenue"]["quarter"].max())

    def names(self, table: str) -> dict[str, str]:
        """Key to name of `segments` or `products`."""
        frame = self.table(table)
        return dict(zip(frame.iloc[:, 0], frame["name"], strict=True))


def build_book(
    settings: BookSettings, raw: Mapping[str, RawTable], problems: list[Problem] | None = None, home: Home = FOLDER
) -> Book:
    """A Book from text tables. Raises BookError with every problem of every table (and those handed in).

    `home` says in sentences where a table that is missing would have to be.
    """
    found = list(problems or [])
    tables: dict[str, pd.DataFrame] = {}
    for name in TABLES:
        if name in raw:
            frame, troubles = convert(raw[name], TABLES[name])
            found += troubles
            if frame is not None:
                tables[name] = frame
    found += check_tables(tables, {name: table.where for name, table in raw.items()}, home)
    if found:
        raise BookError(found)
    declared = TABLES.items()
    return Book(settings, {name: _sorted(tables[name], table.key) for name, table in declared if name in tables})


def _sorted(frame: pd.DataFrame, key: tuple[str, ...]) -> pd.DataFrame:
    return frame.drop(columns="row_").sort_values(list(key), ignore_index=True)
