"""Books whose every text is hostile: made from the declared tables, so that a new text column is filled by itself."""

# ruff: noqa: E501
from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.browser.strings import Hostile
from workbench.book.tables import DECLARED, LEVERS, TABLES, Column, Table
from workbench.book.text import RULES, TextError

WORDED = ("text", "key", "keys")  # kinds of columns that hold words of the book's own
WORDLESS = ("choice", "number", "money", "share", "points", "count", "year", "quarter", "date")
QUARTERS = tuple(f"{year}Q{quarter}" for year in (2025, 2026) for quarter in (1, 2, 3, 4))[2:7]
YEARS = range(2023, 2030)
QUARTER = QUARTERS[-1]
BOOKS = 6  # over which the strings are dealt
Text = Callable[[str, int, int], str]  # field, row, how many rows
SAME = ("capacity.team",)  # its teams are those of efforts
SETTINGS = ("company", "description")  # of book.toml and of the scenario: the only ones that take any text


@dataclass(frozen=True)
class Sizes:
    """How many rows of each kind a book has."""

    segments: int = 10
    products: int = 6
    asks: int = 16
    needs: int = 16
    others: int = 16


class Deal:
    """Deals strings out to every field over `books` books, to each field all that its loader takes.

    A cell gets as many as are needed for each to have its turn; those that count only at the start of a text stand there.
    `given` tells what went into which field (`table.column`, or a setting) of which book, `refused` what a field's loader
    does not take.
    """

    def __init__(self, strings: Sequence[Hostile], books: int = BOOKS) -> None:
        self.books = books
        self.given: dict[str, list[set[int]]] = {}
        self.refused: dict[str, set[int]] = {}
        self._order: dict[str, list[Hostile]] = {}
        fields = [*own_fields(), *SETTINGS]
        for number, name in enumerate(fields):
            turn = number * len(strings) // len(fields)
            taken = [each for each in (*strings[turn:], *strings[:turn]) if takes(name, each.text)]
            self._order[name] = sorted(taken, key=lambda each: not each.leads)
            self.refused[name] = {each.number for each in strings} - {each.number for each in taken}
            self.given[name] = [set() for _ in range(books)]

    def texts(self, book: int) -> Text:
        """What stands in a field of a book: its row, and how many rows there are."""

        def text(name: str, row: int, rows: int) -> str:
            order, cells = self._order[name], self.books * rows
            cell = (book * rows + row) % min(cells, len(order))
            drawn = order[cell::cells]
            self.given[name][book] |= {each.number for each in drawn}
            return " ".join(each.text for each in drawn)

        return text


def own_fields() -> list[str]:
    """Every column that holds words of its own and not those of another table, as `table.column`."""
    return [f"{table.name}.{column.name}" for table in DECLARED for column in table.columns
            if column.kind in WORDED and not column.refers]  # fmt: skip


def takes(name: str, text: str) -> bool:
    """Whether the loader takes this text in the field."""
    table, _, column = name.partition(".")
    kind = TABLES[table].column(column).kind if column else "text"
    if not column and "@" in text:  # in a setting it might be the address of a database, with its password
        return False
    try:
        RULES[kind](text)
    except TextError:
        return False
    return bool(text.strip()) and (kind == "text" or text == text.strip())


def write_book(folder: Path, text: Text, sizes: Sizes = Sizes()) -> Path:
    """A valid book in `folder` whose words are `text(field, row, rows)`; its one scenario is `base`."""
    folder.mkdir(parents=True)
    known: dict[str, list[str]] = {}
    for table in DECLARED:
        rows = _rows(table, sizes, known, text)
        with (folder / f"{table.name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, table.names, quoting=csv.QUOTE_ALL, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        for column in table.columns:
            known[f"{table.name}.{column.name}"] = list(dict.fromkeys(row[column.name] for row in rows))
    settings = f'company = {_quoted(text("company", 0, 1))}\ncurrency = "EUR"\n'
    (folder / "book.toml").write_text(settings, encoding="utf-8")
    (folder / "scenarios").mkdir()
    scenario = SCENARIO.format(description=_quoted(text("description", 0, 1)))
    (folder / "scenarios" / "base.toml").write_text(scenario, encoding="utf-8")
    return folder


SCENARIO = """\
description = {description}
focus = 4
draws = 100
weights = {{ size = 2, growth = 2, runway = 1, revenue = 2, share = 1, win_rate = 1, retention = 1, coverage = 1, judgement = 1 }}
budget = {{ change_limit = 0.5 }}
significance = {{ revenue = 0.001, retention_points = 0.1, adoption = 0.001 }}
[anchors]
size = {{ low = 100000, neutral = 1000000, high = 10000000, scale = "log" }}
growth = {{ low = -0.1, neutral = 0.03, high = 0.2 }}
runway = {{ low = 10000, neutral = 100000, high = 1000000, scale = "log" }}
revenue = {{ low = 10000, neutral = 100000, high = 1000000, scale = "log" }}
share = {{ low = 0, neutral = 0.1, high = 0.5 }}
win_rate = {{ low = 0.1, neutral = 0.3, high = 0.6 }}
retention = {{ low = 0.6, neutral = 0.85, high = 1 }}
coverage = {{ low = 0, neutral = 0.5, high = 1 }}
"""


def _quoted(text: str) -> str:
    """A string of TOML."""
    escaped = "".join(f"\\u{ord(sign):04x}" if ord(sign) < 32 or sign in '"\\\x7f' else sign for sign in text)
    return f'"{escaped}"'


def _rows(table: Table, sizes: Sizes, known: Mapping[str, list[str]], text: Text) -> list[dict[str, str]]:
    """The rows of a table: which they are by `_keys`, their figures by `FIGURES`, their words by `text`."""
    rows, keys = [], _keys(table, sizes, known)
    for place, given in enumerate(keys):
        row = {}
        for column in table.columns:
            name = f"{table.name}.{column.name}"
            if column.name in given:
                row[column.name] = given[column.name]
            elif column.refers:
                row[column.name] = "" if column.blank else known[column.refers][place % len(known[column.refers])]
            elif column.kind in WORDED:
                row[column.name] = text(name, place, len(keys))
            else:
                row[column.name] = _figure(name, column, place)
        rows.append(row)
    return rows


FIGURES = {  # field: its figures in turn
    "products.gross_margin": ("0.7", "0.6", "0.8"), "revenue.revenue": ("90000", "40000", "15000"), "market.size": ("4000000", "900000"),
    "market.low": ("",), "market.high": ("",), "market.addressable_rate": ("0.2",), "relevance.relevance": ("1", "0.75", "0.25", ""),
    "customers.customers": ("40", "25"), "customers.new": ("2",), "customers.lost": ("1",), "customers.product_customers": ("60",),
    "deals.won": ("6", "3"), "deals.lost": ("4",), "spend.current_y": ("40000", "25000"), "spend.minimum_y": ("",), "spend.maximum_y": ("",),
    "spend.half_saturation_y": ("",), "spend.erosion": ("",), "spend.shape": ("",), "statements.likelihood": ("0.8", "0.4"),
    "impacts.revenue_y": ("60000", "8000"), "impacts.retention_points": ("2", ""), "impacts.adopters": ("3", ""),
    "efforts.effort": ("10",), "capacity.capacity": ("15", "6"), "goals.target": ("50000",), "goals.by_quarter": ("2027Q4",),
    "coverage.coverage": ("0.8", "0.3", "0.6"), "capacity.quarter": ("2026Q4",), "segment_needs.validated_on": ("2026-08-04",),
    "relevance.judged_on": ("2026-08-04",), "market.kind": ("actual",),
}  # fmt: skip


def _figure(name: str, column: Column, place: int) -> str:
    """A figure, date or choice that the column takes."""
    if name in FIGURES:
        return FIGURES[name][place % len(FIGURES[name])]
    if column.choices:
        return column.choices[place % len(column.choices)]
    assert column.kind in WORDLESS, f"{name}: a new kind of column"
    if column.kind in ("quarter", "date", "year"):
        return {"quarter": QUARTER, "date": "2026-08-04", "year": "2025"}[column.kind]
    low, high = column.low or 0, column.high if column.high is not None else 10
    return f"{(low + high) / 2:g}" if column.kind != "count" else f"{int((low + high) // 2)}"


def _keys(table: Table, sizes: Sizes, known: Mapping[str, list[str]]) -> list[dict[str, str]]:
    """What tells the rows of a table apart and is not dealt out."""
    if table.name in ("segments", "products", "asks", "needs"):
        count = int(getattr(sizes, table.name))
        if table.name != "asks":
            return [{} for _ in range(count)]
        products = known["products.product"]
        return [{"product": products[place % len(products)]} for place in range(count)]
    segments, products = known["segments.segment"], known["products.product"]
    pairs = [
        (product, segment)
        for place, product in enumerate(products)
        for segment in segments[place % 3 :: 3] or segments[:1]
    ]
    pairs += [(products[place % len(products)], segment) for place, segment in enumerate(segments)]
    pairs = list(dict.fromkeys(pairs))
    if table.name in ("revenue", "deals"):
        return [
            {"product": product, "segment": segment, "quarter": quarter}
            for product, segment in pairs
            for quarter in QUARTERS
        ]
    if table.name == "relevance":
        return [{"product": product, "segment": segment} for product, segment in pairs]
    if table.name == "spend":
        return [{"product": product, "lever": LEVERS[place % 3], "segment": segment}
                for place, (product, segment) in enumerate(pairs[:: max(1, len(pairs) // 14)])]  # fmt: skip
    if table.name == "market":
        categories = known["products.category"]
        return [{"segment": segment, "category": categories[place % len(categories)], "year": str(year),
                 "size": str((place % 5 + 1) * (year - 2000) * 30_000), "kind": "actual" if year <= 2025 else "forecast"}
                for place, segment in enumerate(segments) for year in YEARS]  # fmt: skip
    if table.name == "customers":
        return [{"segment": segment, "quarter": quarter} for segment in segments for quarter in QUARTERS]
    if table.name == "segment_needs":
        needs = known["needs.need"]
        return [{"segment": segment, "need": needs[(place * 7 + turn) % len(needs)]}
                for place, segment in enumerate(segments) for turn in range(min(7, len(needs)))]  # fmt: skip
    if table.name == "coverage":
        return [{"product": products[(place + turn) % len(products)], "need": need}
                for place, need in enumerate(known["needs.need"]) for turn in range(min(2, len(products)))]  # fmt: skip
    if table.name == "impacts":
        return [{"ask": ask, "segment": segments[(place + turn) % len(segments)]}
                for place, ask in enumerate(known["asks.ask"]) for turn in range(min(3, len(segments)))]  # fmt: skip
    if table.name == "efforts":
        return [{"ask": ask} for ask in known["asks.ask"]]
    if table.name == "capacity":
        return [{"team": team} for team in known["efforts.team"]]
    return [{} for _ in range(sizes.others)]
