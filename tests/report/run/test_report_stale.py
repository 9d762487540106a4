"""A report on data older than its quarter is not published by accident."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.batch.company import DIGEST
from workbench.book.book import Book
from workbench.book.quarters import last_day
from workbench.errors import RunError
from workbench.report.run.options import Options
from workbench.report.run.run import publish_report
from workbench.report.run.stale import last_closed, stale
from workbench.sources.tables.folder import load_book

TODAY = dt.date(2026, 11, 5)


def copied(twin_book: Path, tmp_path: Path, until: str = "") -> tuple[Book, dict[str, Path], Path]:
    """The twin book with another `data_until`, its files by table, and its folder."""
    folder = tmp_path / "twin"
    shutil.copytree(twin_book, folder)
    told = (folder / "book.toml").read_text(encoding="utf-8").replace("data_until = 2026-09-30\n", until)
    (folder / "book.toml").write_text(told, encoding="utf-8")
    return load_book(folder), {path.stem: path for path in folder.glob("*.csv")}, folder


def written(path: Path, day: str) -> None:
    moment = dt.datetime.fromisoformat(f"{day}T12:00:00").timestamp()
    os.utime(path, (moment, moment))


def test_a_book_exported_after_the_quarter_is_fresh(twin_book: Path, tmp_path: Path) -> None:
    book, files, _ = copied(twin_book, tmp_path)
    written(files["revenue"], "2026-10-02")
    assert stale(book, "2026Q3", files, TODAY) == []


def test_a_file_written_before_the_quarter_was_over_is_stale_and_named(twin_book: Path, tmp_path: Path) -> None:
    book, files, _ = copied(twin_book, tmp_path)
    written(files["revenue"], "2026-09-20")
    (found,) = stale(book, "2026Q3", files, TODAY)
    assert "revenue.csv" in found.sentence() and "2026-09-20" in found.sentence() and "2026-09-30" in found.sentence()
    assert stale(book, "2026Q2", files, TODAY) == []


def test_a_declared_last_day_counts_and_outlives_a_clock_that_is_behind(twin_book: Path, tmp_path: Path) -> None:
    book, files, _ = copied(twin_book, tmp_path, "data_until = 2026-09-30\n")
    written(files["revenue"], "2026-09-20")
    assert len(stale(book, "2026Q3", files, TODAY)) == 1
    assert stale(book, "2026Q3", files, dt.date(2026, 9, 21)) == []
    shutil.rmtree(tmp_path / "twin")
    early, files, _ = copied(twin_book, tmp_path, "data_until = 2026-09-15\n")
    assert [each.column for each in stale(early, "2026Q3", files, TODAY)] == ["data_until"]


def test_a_quarterly_table_that_stops_early_is_named(twin_book: Path, tmp_path: Path) -> None:
    _, _, folder = copied(twin_book, tmp_path)
    rows = "segment,quarter,customers,new,lost,product_customers\nnorth,2026Q2,5,1,0,6\n"
    (folder / "customers.csv").write_text(rows, encoding="utf-8")
    (found,) = stale(load_book(folder), "2026Q3", {}, TODAY)
    assert found.where == "customers" and "2026Q2" in found.found and "2026Q3" in found.allowed


@pytest.mark.parametrize("month", range(1, 13))
def test_the_last_closed_quarter_is_the_one_that_ended_last(month: int) -> None:
    for day in (dt.date(2025, 12, 31) + dt.timedelta(days=each) for each in range(0, 400, 7)):
        quarters = [f"{year}Q{number}" for year in (2024, 2025, 2026, 2027, 2028) for number in (1, 2, 3, 4)]
        closed = [quarter for quarter in quarters if last_day(quarter, month) < day]
        assert last_closed(day, month) == closed[-1]


def test_a_stale_book_stops_the_run_or_is_a_banner_on_every_page(
    twin_book: Path, notebooks: Callable[[dict[str, Any]], Path], tmp_path: Path
) -> None:
    _, files, folder = copied(twin_book, tmp_path)
    written(files["revenue"], "2026-09-20")
    pages = notebooks({"0_plan": [DIGEST]})
    with pytest.raises(RunError, match="before 2026Q3 was over"):
        publish_report(folder, reports=tmp_path / "reports", how=Options(pdf=False), notebooks=pages)
    assert not (tmp_path / "reports").exists()
    done = publish_report(
        folder, reports=tmp_path / "reports", how=Options(allow_stale=True, pdf=False), notebooks=pages
    )
    for name in ("index.html", "base/0_plan.html"):
        text = (done.index.parent / name).read_text(encoding="utf-8")
        assert "This plan rests on data older than the end of 2026Q3" in text, name
