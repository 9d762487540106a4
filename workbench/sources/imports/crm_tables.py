"""The tables of a book from the judged rows of a CRM export: sums in DuckDB, exact to the cent."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import Any

from workbench.sources.imports.crm_rows import LOST, OPEN, WON, Export
from workbench.sources.tables import money

Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Names:
    """Keys by their number in DuckDB, and the first and last quarter (as numbers) in which a deal was closed."""

    products: list[str]
    segments: list[str]
    first: int
    last: int

    def quarters(self) -> range:
        """Every quarter from the first to the last."""
        return range(self.first, self.last + 1)


def quarter_name(number: int) -> str:
    """The quarter of a number: four a year, from 0."""
    return f"{number // 4:04d}Q{number % 4 + 1}"


def quarter_sql(day: str, fiscal_month: int) -> str:
    """SQL for the number of the quarter that holds a day."""
    shift = -(fiscal_month - 1) + (12 if fiscal_month > 1 else 0)
    return f"((year({day}) * 12 + month({day}) - 1 + {shift}) // 3)::INTEGER"


def count_used(export: Export) -> Names | None:
    """Makes the table `used` of all rows that count, as numbers; None where no deal was won or lost."""
    run, month = export.connection.execute, export.mapping.book.fiscal_month
    run("SET preserve_insertion_order = false")  # the row numbers stand; the rest is sums
    run(f"""CREATE TEMP TABLE used AS SELECT product, segment, account, stage::TINYINT AS stage, value,
        {quarter_sql("opened", month)} AS opened_q, {quarter_sql("closed", month)} AS closed_q, closed
        FROM opportunities WHERE rule IS NULL""")
    first, last = run("SELECT min(closed_q), max(closed_q) FROM used").fetchone()
    products = run("SELECT name FROM product_names WHERE text = name ORDER BY id").fetchall()
    if first is None:
        return None
    return Names([name for (name,) in products], sorted(export.mapping.segments), first, last)


def segments(export: Export) -> Rows:
    """The segments that the mapping declares."""
    return [{"segment": key, "name": name} for key, name in export.mapping.segments.items()]


def products(export: Export) -> Rows:
    """The products of the export, with the gross margin of the file or the mapping."""
    rows = export.connection.execute(
        "SELECT product, name, category, margin FROM products WHERE rule IS NULL ORDER BY product"
    ).fetchall()
    declared = export.mapping.products.gross_margin
    fixed = None if isinstance(declared, str) else f"{declared:.12g}"
    return [
        {"product": product, "name": name, "category": category, "gross_margin": fixed or margin}
        for product, name, category, margin in rows
    ]


def revenue(export: Export, names: Names) -> Rows:
    """Won value per product × segment × quarter of the closing day; cells without a won deal have no row."""
    cells = _cells(
        export, 3, f"SELECT product, segment, closed_q, sum(value) FROM used WHERE stage = {WON} GROUP BY ALL"
    )
    return [{**_cell(names, cell), "revenue": money(value)} for cell, (value,) in cells.items()]


def customers(export: Export, names: Names) -> Rows:
    """Accounts with a won deal so far, per segment × quarter: nobody is lost, as a CRM does not know who left.

    `new` won their first deal in the quarter; `product_customers` are account–product pairs with a won deal so far.
    """
    won = f"FROM used WHERE stage = {WON} GROUP BY ALL"
    new, pairs = (
        _cells(
            export,
            2,
            f"SELECT segment, first, count(*) FROM (SELECT {what}, min(closed_q) AS first {won}) GROUP BY ALL",
        )
        for what in ("segment, account", "segment, account, product")
    )
    rows = []
    for place, segment in enumerate(names.segments):
        fresh = [new.get((place, quarter), (0,))[0] for quarter in names.quarters()]
        fresh_pairs = [pairs.get((place, quarter), (0,))[0] for quarter in names.quarters()]
        counts = zip(names.quarters(), fresh, accumulate(fresh), accumulate(fresh_pairs), strict=True)
        for quarter, first_time, total, total_pairs in counts:
            rows.append({"segment": segment, "quarter": quarter_name(quarter), "customers": str(total),
                         "new": str(first_time), "product_customers": str(total_pairs)})  # fmt: skip
    return rows


def deals(export: Export, names: Names) -> Rows:
    """Won and lost deals per product × segment × quarter of the closing day, and what was open at the quarter's end.

    `open_value` is known at the last quarter's end only, and only where each deal open then has a value. Of earlier
    quarters an export tells that deals were open (opened by then, closed later or not yet), not their value at that
    time: the closing value is hindsight. Where it is not known it is blank; where nothing was open it is 0.
    """
    closed = _cells(
        export,
        3,
        f"""SELECT product, segment, closed_q, count(*) FILTER (stage = {WON}),
        count(*) FILTER (stage = {LOST}), coalesce(sum(value) FILTER (stage = {WON}), 0) FROM used
        WHERE stage <> {OPEN} GROUP BY ALL""",
    )
    was_open = _open_counts(export, names)
    value = _cells(
        export,
        2,
        f"""SELECT product, segment, CASE WHEN count(*) = count(value) THEN sum(value) END FROM used
        WHERE stage = {OPEN} AND opened_q <= {names.last} GROUP BY ALL""",
    )
    known = export.mapping.opportunities.opened is not None
    rows = []
    for cell in sorted(set(closed) | {cell for cell, count in was_open.items() if count}):
        won, lost, won_value = closed.get(cell, (0, 0, Decimal(0)))
        open_value = Decimal(0) if known else None
        if was_open.get(cell):
            open_value = value[cell[:2]][0] if cell[2] == names.last else None
        rows.append({**_cell(names, cell), "won": str(won), "lost": str(lost), "won_value": money(won_value),
                     "open_value": money(open_value)})  # fmt: skip
    return rows


def _open_counts(export: Export, names: Names) -> dict[tuple[int, ...], int]:
    """How many deals were open at the quarter's end, per product × segment × quarter in which something is known."""
    steps: dict[tuple[int, ...], dict[int, int]] = {}
    for quarter, sign in (("opened_q", 1), ("closed_q", -1)):
        counts = _cells(export, 3, f"""SELECT product, segment, greatest({quarter}, {names.first}), count(*) FROM used
            WHERE opened_q IS NOT NULL AND {quarter} IS NOT NULL AND (closed_q IS NULL OR opened_q < closed_q)
            GROUP BY ALL""")  # fmt: skip
        for (product, segment, at), (count,) in counts.items():
            step = steps.setdefault((product, segment), {})
            step[at] = step.get(at, 0) + sign * count
    return {
        (*cell, quarter): count
        for cell, step in steps.items()
        for quarter, count in zip(names.quarters(), accumulate(step.get(q, 0) for q in names.quarters()), strict=True)
    }


def evidence(export: Export, names: Names) -> list[list[str]]:
    """Beside each cell of the relevance sheet: buyers, accounts in the segment, deals, win rate, won value."""
    accounts = _cells(export, 1, "SELECT segment, count(*) FROM account_names WHERE text = name GROUP BY ALL")
    cells = _cells(
        export,
        2,
        f"""SELECT product, segment, count(DISTINCT account) FILTER (stage = {WON}),
        count(*) FILTER (stage = {WON}), count(*) FILTER (stage = {LOST}), count(*) FILTER (stage = {OPEN}),
        coalesce(sum(value) FILTER (stage = {WON}), 0) FROM used GROUP BY ALL""",
    )
    rows = []
    for place, product in enumerate(names.products):
        for number, segment in enumerate(names.segments):
            buyers, won, lost, still_open, value = cells.get((place, number), (0, 0, 0, 0, Decimal(0)))
            rate = f"{won / (won + lost):.4f}" if won + lost else ""
            counts = [buyers, accounts.get((number,), (0,))[0], won, lost, still_open]
            rows.append([product, segment, *map(str, counts), rate, money(value)])
    return rows


EVIDENCE_HEADER = ["product", "segment", "buyers", "accounts", "won", "lost", "open", "win_rate", "won_value"]


def _cell(names: Names, cell: tuple[int, ...]) -> dict[str, str]:
    product, segment, quarter = cell
    return {"product": names.products[product], "segment": names.segments[segment], "quarter": quarter_name(quarter)}


def _cells(export: Export, keys: int, query: str) -> dict[tuple[int, ...], tuple[Any, ...]]:
    """The rows of a query: its first `keys` columns, which name a cell, to the figures after them."""
    return {tuple(row[:keys]): tuple(row[keys:]) for row in export.connection.execute(query).fetchall()}
