"""The same book through files, Excel, DuckDB and PostgreSQL: the same tables, and the same plan to the last byte."""

from __future__ import annotations

import hashlib
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.sources.homes import HOMES, VARIABLE, Text, text_of
from tests.stages import later
from workbench.book.tables import TABLES
from workbench.model.quarter import plan_quarter
from workbench.sources.tables.folder import SAMPLE, load_book, load_scenario, read_book, scenario_names
from workbench.sources.tables.reading import write_snapshot

Make = Callable[[str, Path, Text], Path]


@pytest.fixture
def make(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Make:
    """`make(home, book, text)` is a book with its tables in another place; the server is started where it is needed."""

    def written(home: str, book: Path, text: Text) -> Path:
        server = request.getfixturevalue("postgres") if home == "PostgreSQL" else None
        if server:
            monkeypatch.setenv(VARIABLE, server.url())
        target = tmp_path / f"{home}-{hashlib.sha256(os.fsencode(request.node.name)).hexdigest()[:8]}"
        target.mkdir()
        return HOMES[home](book, text, target, server)

    return written


def assert_same(left: Any, right: Any) -> None:
    assert left.settings == right.settings
    assert left.tables().keys() == right.tables().keys()
    for name in left.tables():
        pd.testing.assert_frame_equal(left.table(name), right.table(name), check_exact=True)


@pytest.fixture(scope="module")
def expected(sample_plan) -> bytes:
    """The plan of the sample's folder."""
    return sample_plan.to_json()


@pytest.mark.parametrize("home", HOMES)
def test_the_sample_is_the_same_book_from_everywhere_in_every_scenario(home, make):
    """A plan is made of nothing but a book, a scenario and a quarter."""
    folder = make(home, SAMPLE, text_of(SAMPLE))
    assert_same(load_book(folder), load_book(SAMPLE))
    assert scenario_names(folder) == scenario_names(SAMPLE) == ["base", "defend", "growth"]
    for name in scenario_names(folder):
        assert load_scenario(name, folder) == load_scenario(name, SAMPLE)


@pytest.mark.parametrize("home", later([home for home in HOMES if home != "CSV"]))
def test_the_sample_gives_the_same_plan_bytes_from_everywhere(home, make, expected):
    folder = make(home, SAMPLE, text_of(SAMPLE))
    assert plan_quarter(load_book(folder), load_scenario("base", folder), "2026Q3").to_json() == expected


@pytest.mark.parametrize("home", HOMES)
def test_a_snapshot_is_the_same_book_as_plain_files(home, make, tiny_book, tmp_path):
    folder = make(home, tiny_book, text_of(tiny_book))
    reading = read_book(folder)
    paths = write_snapshot(reading, tmp_path / "kept")
    assert_same(load_book(tmp_path / "kept"), load_book(tiny_book))
    assert reading.book.settings == load_book(tiny_book).settings
    assert (
        {path.name for path in (tmp_path / "kept").iterdir()}
        == paths.keys()
        == {"book.toml"} | {f"{name}.{'parquet' if home == 'Parquet' else 'csv'}" for name in TABLES}
    )
    for name, path in paths.items():
        assert reading.hashes[name] == hashlib.sha256(path.read_bytes()).hexdigest()
        if home in ("CSV", "Parquet"):
            assert path.read_bytes() == (folder / name).read_bytes()


def test_a_snapshot_holds_what_was_checked_not_what_the_files_say_by_then(tiny_book, tmp_path):
    reading = read_book(tiny_book)
    (tiny_book / "revenue.csv").write_bytes(b"half a fi")
    (tiny_book / "book.toml").unlink()
    write_snapshot(reading, tmp_path / "kept")
    assert_same(load_book(tmp_path / "kept"), reading.book)


NASTY = ["007", "NA", "null", "None", "nan", "1e5", "0x1A", "TRUE", "2026-09-30", "1/2", "=1+1", "+1", "-1", "@a", "'a",
         "Zoë", "日本語", "🙂", 'say "yes"', "a,b;c\td", "two\nlines", "a\r\nb", " spaces ", "\\N", "\\.", "#N/A", "%s :x",
         "it's", "x" * 3000, "-0", ".5", "１"]  # fmt: skip
AMOUNTS = ["0", "1e-7", "0.30000000000000004", "12345678.90", "0.1", "99999999999999.99", "1", "123456.789", ""]
WHOLE = ["0", "1", "7", "100000000000", ""]


def nasty(text: Text, seed: int) -> Text:
    """The tables with text, amounts and counts that are easily changed on their way."""
    chance = random.Random(seed)
    changed: Text = {}
    for name, (header, *rows) in text.items():
        columns = [TABLES[name].column(column) for column in header]
        new = [list(row) for row in rows]
        for place, column in enumerate(columns):
            for row in new:
                if column.kind == "text" and column.blank:
                    row[place] = chance.choice([*NASTY, ""])
                elif column.kind == "money" and column.blank and name == "deals":
                    row[place] = chance.choice(AMOUNTS)
                elif column.kind == "count" and column.blank and name == "impacts":
                    row[place] = chance.choice(WHOLE)
                elif column.kind == "share" and row[place]:
                    row[place] = chance.choice(["0", "1", "1e-7", "0.30000000000000004", "0.1", "0.07"])
        changed[name] = [header, *new]
    for place, key in enumerate(["NULL", "0012", "1.50", "日本"]):
        changed["goals"].append([key, "revenue_y", str(place + 0.1 + 0.2), f"2027Q{place + 1}"])
    changed["spend"] = text["spend"]
    return changed


@pytest.mark.parametrize("home", HOMES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_text_and_numbers_that_are_easily_changed_arrive_as_they_are(home, seed, make, tiny_book):
    text = nasty(text_of(tiny_book), seed)
    folder = make(home, tiny_book, text)
    book = load_book(folder)
    for name, (header, *rows) in text.items():
        table, key = book.table(name), TABLES[name].key
        assert len(table) == len(rows)
        for cells in rows:
            row = dict(zip(header, cells, strict=True))
            (found,) = table[(table[list(key)].astype(str) == [row[part] for part in key]).all(axis=1)].to_dict(
                "records"
            )
            for column in TABLES[name].columns:
                known = row.get(column.name, "")
                if column.kind == "year" or column.low is not None or (name == "goals" and column.name == "target"):
                    assert found[column.name] == float(known) if known else pd.isna(found[column.name])
                else:
                    assert found[column.name] == known.replace("\r\n", "\n")
    write_snapshot(read_book(folder), folder.parent / "kept")
    assert_same(load_book(folder.parent / "kept"), book)
