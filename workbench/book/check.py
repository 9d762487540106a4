"""Checks that need more than one cell: needed tables, references between tables, rules within a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from workbench.book.quarters import shift
from workbench.book.tables import TABLES, Column
from workbench.book.text import nearest, shown
from workbench.errors import Problem

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Home:
    """Where the tables of a book are: what one of them lies in (`kind`), and its name there (`place`)."""

    kind: str
    place: str


FOLDER = Home("file", "{}.csv")


def check_tables(tables: Tables, where: Mapping[str, str], home: Home = FOLDER) -> list[Problem]:
    """Every problem that lies between cells, rows or tables. `where` names the file of each table that was found."""
    problems = list(_needed(tables, where, home))
    for name, frame in tables.items():
        for column in TABLES[name].columns:
            if column.refers:
                problems += _references(tables, frame, where[name], column)
    for name, rule in (
        ("segments", _names),
        ("products", _names),
        ("revenue", _revenue),
        ("market", _market),
        ("spend", _spend),
        ("asks", _asks),
        ("customers", _customers),
    ):
        if name in tables:
            problems += rule(tables[name], where[name])
    return problems


def _needed(tables: Tables, where: Mapping[str, str], home: Home) -> Iterator[Problem]:
    for name, table in TABLES.items():
        if not table.needed:
            continue
        advice = f"add it with the columns {', '.join(column.name for column in table.columns if not column.optional)}"
        if name not in where:
            found, allowed = f"no such {home.kind}", f"a {home.kind} for each needed table"
            yield Problem(home.place.format(name), None, None, found, allowed, advice)
        elif name in tables and tables[name].empty and not tables[name].attrs:
            row = None if home.kind == "table" else 2
            yield Problem(where[name], row, table.key[0], "no rows", f"at least one {table.row}", "fill in the table")


def _references(tables: Tables, frame: pd.DataFrame, where: str, column: Column) -> Iterator[Problem]:
    target, key = column.refers.split(".")
    if target not in tables:
        return
    known = set(tables[target][key].dropna()) - {""}
    accepted = known | tables[target].attrs.get("doubtful", set())
    rows: dict[str, list[int]] = {}
    for row, cell in zip(frame["row_"], frame[column.name], strict=True):
        if not pd.isna(cell):
            for value in _parts(cell) if column.kind == "keys" else [cell]:
                if value and value not in accepted:
                    rows.setdefault(value, []).append(row)
    for value, (first, *more) in rows.items():
        near = nearest(value, known)
        advice = f"write {near!r}" if near else f"add it to {target}, or correct the name"
        again = f" (and in {len(more)} more row{'s' if len(more) > 1 else ''})" if more else ""
        yield Problem(where, first, column.name, f"the unknown {key} {shown(value)}{again}", f"a key in {target}",
                      advice)  # fmt: skip


def _parts(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


def _names(frame: pd.DataFrame, where: str) -> Iterator[Problem]:
    """Two of one name could not be told apart in a chart or a sentence."""
    known = frame.dropna(subset=["name"])
    for row, name in known.loc[known.duplicated("name"), ["row_", "name"]].itertuples(index=False):
        first = int(known.loc[known["name"] == name, "row_"].iloc[0])
        found = f"the name {name!r} again, first in row {first}"
        yield Problem(where, row, "name", found, "a name of its own for each", "rename one of the two")


def _revenue(frame: pd.DataFrame, where: str) -> Iterator[Problem]:
    """A quarter without a single row is a gap, or a typing error in a later quarter."""
    known = sorted(set(frame["quarter"].dropna()))
    for before, after in pairwise(known):
        if shift(before, 1) != after:
            row = int(frame.loc[frame["quarter"] == after, "row_"].iloc[0])
            found = f"{after} after {before}, and no row between them"
            advice = f"add {shift(before, 1)} (0 where nothing was sold), or correct the quarter"
            yield Problem(where, row, "quarter", found, "quarters without a gap", advice)


def _market(frame: pd.DataFrame, where: str) -> Iterator[Problem]:
    for row, size, low, high in frame[["row_", "size", "low", "high"]].itertuples(index=False):
        if low > size or high < size:
            ends = ["blank" if pd.isna(end) else f"{end:,.2f}" for end in (low, high)]
            yield Problem(where, row, "low, high", f"{ends[0]} to {ends[1]} around {size:,.2f}", "low ≤ size ≤ high",
                          "correct the interval")  # fmt: skip
    blank = frame["category"] == ""
    both = set(frame.loc[blank, "segment"]) & set(frame.loc[~blank, "segment"])
    for row, segment in frame.loc[blank & frame["segment"].isin(both), ["row_", "segment"]].itertuples(index=False):
        yield Problem(where, row, "category", f"a blank category beside named ones for {segment}",
                      "for one segment either one blank category or named ones", "name the category")  # fmt: skip
    for segment, part in frame.dropna(subset=["year"]).groupby("segment", sort=False):
        part = part.drop_duplicates(["category", "year", "kind"]).dropna(subset=["category", "kind"])
        clash = part[part.duplicated(["category", "year"], keep="first")]
        for row, year in zip(clash["row_"].tolist(), clash["year"].tolist(), strict=True):
            yield Problem(where, row, "year, kind", f"{year} of {segment!s} both actual and forecast",
                          "one figure for a year", "delete the forecast of a year that has been measured")  # fmt: skip


def _spend(frame: pd.DataFrame, where: str) -> Iterator[Problem]:
    for row, low, high in frame[["row_", "minimum_y", "maximum_y"]].itertuples(index=False):
        if low > high:
            yield Problem(where, row, "minimum_y, maximum_y", f"a minimum of {low:,.2f} above a maximum of {high:,.2f}",
                          "minimum ≤ maximum", "correct one of the two")  # fmt: skip
    for (product, lever), part in frame.groupby(["product", "lever"]):
        blank = part["segment"] == ""
        if blank.any() and not blank.all():
            row = int(part.loc[blank, "row_"].iloc[0])
            yield Problem(where, row, "segment", f"a blank segment beside named ones for {product} × {lever}",
                          "either one blank segment or named ones", "name the segment")  # fmt: skip
    for (product, segment), part in frame.groupby(["product", "segment"]):
        if part["erosion"].sum() > 1 + 1e-12:
            found = f"{part['erosion'].sum():g} over the levers of {product} × {segment or 'all segments'}"
            yield Problem(where, int(part["row_"].iloc[0]), "erosion", found, "at most 1 over the three levers",
                          "lower the erosion: no more than all can be lost")  # fmt: skip


def _asks(frame: pd.DataFrame, where: str) -> Iterator[Problem]:
    for row, ask, requires, excludes in frame[["row_", "ask", "requires", "excludes"]].itertuples(index=False):
        for column, cell in (("requires", requires), ("excludes", excludes)):
            if not pd.isna(cell) and ask in _parts(cell):
                yield Problem(where, row, column, f"the ask {ask!r} itself", "other asks", "remove it")


def _customers(frame: pd.DataFrame, where: str) -> Iterator[Problem]:
    for row, customers, new in frame[["row_", "customers", "new"]].itertuples(index=False):
        if new > customers:
            yield Problem(where, row, "new", f"{new:g} new of {customers:g} customers", "new ≤ customers at the end",
                          "count the new customers that are still there")  # fmt: skip
