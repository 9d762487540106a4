"""Ten million opportunities to the tables of a book: ours beside pandas and beside the bare read, in one run.

`python -m benchmarks.imports [--rows 10000000] [--json -]`; times in seconds, peaks in MiB of resident memory.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

MAPPING = """
[book]
company = "Benchmark"
currency = "EUR"
[segments]
s0 = "S0"
s1 = "S1"
s2 = "S2"
s3 = "S3"
s4 = "S4"
s5 = "S5"
s6 = "S6"
s7 = "S7"
[accounts]
file = "accounts.csv"
account = "account"
segment = "segment"
[products]
file = "products.csv"
product = "product"
name = "product"
gross_margin = 0.7
[opportunities]
file = "opportunities.csv"
opportunity = "id"
account = "account"
product = "product"
stage = "stage"
closed = "closed"
date_format = "YYYY-MM-DD"
value = "value"
[opportunities.stages]
won = ["Won"]
lost = ["Lost"]
open = ["Open"]
"""


def make_export(folder: Path, rows: int) -> None:
    """Writes accounts, products and `rows` opportunities over four years; the same each time."""
    import duckdb

    accounts = max(rows // 50, 10)
    tables = {
        "accounts": f"SELECT 'a' || i AS account, 's' || (i % 8) AS segment FROM range({accounts}) t(i)",
        "products": "SELECT 'p' || i AS product FROM range(12) t(i)",
        "opportunities": f"""
            SELECT 'o' || i AS id, 'a' || (i * 7919 % {accounts}) AS account, 'p' || (i * 31 % 12) AS product,
                   CASE i % 5 WHEN 0 THEN 'Open' WHEN 1 THEN 'Lost' WHEN 2 THEN 'Lost' ELSE 'Won' END AS stage,
                   CASE i % 5 WHEN 0 THEN '' ELSE strftime(DATE '2022-01-01' + CAST(i * 17 % 1460 AS INT), '%Y-%m-%d') END
                   AS closed, CAST(i % 90000 AS VARCHAR) || '.50' AS value FROM range({rows}) t(i)""",
    }
    for name, query in tables.items():
        duckdb.execute(f"COPY ({query}) TO '{folder / name}.csv' (HEADER)")
    (folder / "mapping.toml").write_text(MAPPING, encoding="utf-8")


def ours(folder: Path) -> None:
    """The import itself."""
    from workbench.sources.imports.crm import import_crm

    import_crm(folder, folder / "mapping.toml", folder / "book")


def pandas_alone(folder: Path) -> None:
    """Revenue and deals by segment, product and quarter in pandas, without any check."""
    import pandas as pd

    deals = pd.read_csv(folder / "opportunities.csv", dtype={"stage": "category", "product": "category"})
    deals = deals.merge(pd.read_csv(folder / "accounts.csv"), on="account")
    deals["quarter"] = pd.to_datetime(deals["closed"]).dt.to_period("Q")
    deals.groupby(["segment", "product", "quarter", "stage"], observed=True)["value"].agg(["sum", "size"])


def bare_read(folder: Path) -> None:
    """The floor: DuckDB reads the file as text and counts."""
    import duckdb

    duckdb.execute(f"SELECT count(*) FROM read_csv('{folder}/opportunities.csv', all_varchar=true) WHERE value <> ''")


def measured(work: Callable[[Path], None], folder: Path) -> tuple[float, float]:
    """Seconds and peak resident MiB of `work` in a process of its own."""
    context = multiprocessing.get_context("spawn")
    queue: Any = context.Queue()
    process = context.Process(target=_timed, args=(work, folder, queue))
    process.start()
    result: tuple[float, float] = queue.get()
    process.join()
    return result


def _timed(work: Callable[[Path], None], folder: Path, queue: Any) -> None:
    started = time.perf_counter()
    work(folder)
    seconds = time.perf_counter() - started
    queue.put((seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def main() -> None:
    """Prints the figures, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--json", metavar="-", help="print one JSON object")
    options = parser.parse_args()
    figures: dict[str, float] = {"rows": options.rows}
    with tempfile.TemporaryDirectory() as name:
        make_export(Path(name), options.rows)
        for work in (ours, pandas_alone, bare_read):
            seconds, peak = measured(work, Path(name))
            figures |= {f"{work.__name__}_s": round(seconds, 2), f"{work.__name__}_mib": round(peak)}
    if options.json:
        print(json.dumps(figures))
    else:
        for key, figure in figures.items():
            print(f"{key:20} {figure:>14,}")


if __name__ == "__main__":
    main()
