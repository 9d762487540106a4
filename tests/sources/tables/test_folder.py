"""A book in a folder: what is broken is told in one sentence each; what only looks odd is taken as it stands."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from workbench.book.tables import TABLES
from workbench.errors import BookError, ScenarioError
from workbench.sources.tables.folder import load_book, load_scenario, scenario_names

Change = Callable[[Path], object]


def swap(file: str, old: str, new: str) -> Change:
    """Replaces the first `old`, which must be there."""

    def change(folder: Path) -> None:
        text = (folder / file).read_bytes().decode("utf-8")
        assert old in text
        (folder / file).write_bytes(text.replace(old, new, 1).encode("utf-8"))

    return change


def whole(file: str, rewrite: Callable[[bytes], bytes]) -> Change:
    """Rewrites a whole file."""
    return lambda folder: (folder / file).write_bytes(rewrite((folder / file).read_bytes()))


def write(file: str, content: bytes) -> Change:
    """Writes a file."""
    return lambda folder: (folder / file).write_bytes(content)


def remove(file: str) -> Change:
    """Deletes a file."""
    return lambda folder: (folder / file).unlink()


def rename(old: str, new: str) -> Change:
    """Renames a file."""
    return lambda folder: (folder / old).rename(folder / new)


def instead(file: str, make: Change) -> Change:
    """Deletes a file and puts something else there."""
    return lambda folder: (remove(file)(folder), make(folder))


TABLE_NAMES = ", ".join(TABLES)
PLAIN = "a plain number such as 1234.5"
ALONE = "write the number alone, without unit or text, or leave the cell empty where that is allowed"

# Every entry: what is done to a valid book, and the one sentence that must come of it.
BROKEN: dict[str, tuple[Change, str]] = {
    "missing file": (
        remove("revenue.csv"),
        "revenue.csv: found no such file; allowed: a file for each needed table; "
        "next: add it with the columns product, segment, quarter, revenue.",
    ),
    "missing column": (
        instead("products.csv", write("products.csv", b"product,name\n007,Agent\nbeam,Beam\n")),
        "products.csv, row 1, column gross_margin: found no such column; "
        "allowed: the columns product, name, gross_margin; next: add the column 'gross_margin'.",
    ),
    "misspelt column": (
        swap("revenue.csv", ",revenue\n", ",Revenu\n"),
        "revenue.csv, row 1, column revenue: found no such column; "
        "allowed: the columns product, segment, quarter, revenue; next: rename the column 'Revenu' to 'revenue'.",
    ),
    "unknown column": (
        write("needs.csv", b"need,what,colour\naudit,a,red\nspeed,b,blue\n"),
        "needs.csv, row 1, column colour: found the unknown column 'colour'; allowed: need, what; "
        "next: rename or remove the column.",
    ),
    "column twice": (
        write("needs.csv", b"need,what,what\naudit,a,b\nspeed,c,d\n"),
        "needs.csv, row 1, column what: found the column twice; allowed: each column once; "
        "next: remove one of the two.",
    ),
    "comma at the end of every row": (
        write("needs.csv", b"need,what,,\naudit,a,,\nspeed,b,,\n"),
        "needs.csv, row 1, column after what: found a column without a name; allowed: need, what; "
        "next: name the column, or remove it (the comma) from every row.",
    ),
    "text in a number": (
        swap("revenue.csv", "30500.50", "lots"),
        f"revenue.csv, row 3, column revenue: found 'lots'; allowed: {PLAIN}; next: {ALONE}.",
    ),
    "nan in a number": (
        swap("revenue.csv", "30500.50", "nan"),
        f"revenue.csv, row 3, column revenue: found 'nan'; allowed: {PLAIN}; next: {ALONE}.",
    ),
    "infinite number": (
        swap("revenue.csv", "30500.50", "1e400"),
        "revenue.csv, row 3, column revenue: found '1e400'; allowed: a number below 1e+18; next: correct the figure.",
    ),
    "infinite count": (
        swap("customers.csv", "NA,2024Q3,40", "NA,2024Q3,1e400"),
        "customers.csv, row 2, column customers: found '1e400'; allowed: a number below 1e+18; "
        "next: correct the figure.",
    ),
    "half a customer": (
        swap("customers.csv", "NA,2024Q3,40", "NA,2024Q3,40.5"),
        "customers.csv, row 2, column customers: found '40.5'; allowed: a whole number; "
        "next: write a count without decimals.",
    ),
    "duplicate key": (
        swap("revenue.csv", "007,NA,2024Q4", "007,NA,2024Q3"),
        "revenue.csv, row 3, column product, segment, quarter: found 007 × NA × 2024Q3 again, first in row 2; "
        "allowed: one row per product × segment × quarter; next: delete one of the two rows, or correct its key.",
    ),
    "duplicate market year": (
        swap("market.csv", "NA,analytics,2022", "NA,analytics,2021"),
        "market.csv, row 12, column segment, category, year, kind: found NA × analytics × 2021 × actual again, "
        "first in row 11; allowed: one row per segment × category × year; "
        "next: delete one of the two rows, or correct its key.",
    ),
    "negative revenue": (
        swap("revenue.csv", "30500.50", "-30500.50"),
        "revenue.csv, row 3, column revenue: found '-30500.50'; allowed: a number of at least 0; "
        "next: correct the figure.",
    ),
    "unknown product": (
        swap("revenue.csv", "beam,public,2024Q3", "beem,public,2024Q3"),
        "revenue.csv, row 29, column product: found the unknown product 'beem'; allowed: a key in products; "
        "next: write 'beam'.",
    ),
    "product that lost its zeros": (
        swap("revenue.csv", "007,NA,2024Q4", "7,NA,2024Q4"),
        "revenue.csv, row 3, column product: found the unknown product '7'; allowed: a key in products; "
        "next: write '007'.",
    ),
    "unknown segment in many rows": (
        whole("deals.csv", lambda text: text.replace(b",NA,", b",NAM,")),
        "deals.csv, row 2, column segment: found the unknown segment 'NAM' (and in 8 more rows); "
        "allowed: a key in segments; next: write 'NA'.",
    ),
    "unknown ask among several": (
        swap("asks.csv", ",,A1,A3", ",,A1;A9,A3"),
        "asks.csv, row 3, column requires: found the unknown ask 'A9'; allowed: a key in asks; "
        "next: add it to asks, or correct the name.",
    ),
    "ask that requires itself": (
        swap("asks.csv", ",,A1,A3", ",,A1;A2,A3"),
        "asks.csv, row 3, column requires: found the ask 'A2' itself; allowed: other asks; next: remove it.",
    ),
    "decimal comma": (
        swap("revenue.csv", "30500.50", '"30500,50"'),
        f"revenue.csv, row 3, column revenue: found '30500,50'; allowed: {PLAIN}; "
        "next: write 30500.50 with a decimal point.",
    ),
    "thousands separator": (
        swap("revenue.csv", "30500.50", '"30,500"'),
        f"revenue.csv, row 3, column revenue: found '30,500'; allowed: {PLAIN}; "
        "next: write 30.500 if the comma is a decimal comma, 30500 if it separates thousands.",
    ),
    "decimal comma without quotes": (
        swap("revenue.csv", "30500.50", "30500,50"),
        "revenue.csv, row 3, column after revenue: found 5 fields; allowed: 4 fields, one for each column; "
        "next: put text that contains a comma in double quotes.",
    ),
    "percent sign": (
        swap("products.csv", "security,0.7", "security,70 %"),
        f"products.csv, row 2, column gross_margin: found '70 %'; allowed: {PLAIN}; "
        "next: write a percentage as a share: 12 % is 0.12.",
    ),
    "space before a number": (
        swap("revenue.csv", "30500.50", " 30500.50"),
        f"revenue.csv, row 3, column revenue: found ' 30500.50'; allowed: {PLAIN}; "
        "next: write 30500.50 without spaces around it.",
    ),
    "semicolons": (
        whole("revenue.csv", lambda text: text.replace(b",", b";")),
        "revenue.csv, row 1, column product: found columns separated by semicolons; "
        "allowed: columns separated by commas; next: save the file as CSV with commas and decimal points.",
    ),
    "byte-order mark": (
        whole("segments.csv", lambda text: b"\xef\xbb\xbf" + text),
        "segments.csv, row 1, column segment: found a byte-order mark before the header; "
        "allowed: UTF-8 without byte-order mark; next: save the file as UTF-8 without BOM.",
    ),
    "Windows encoding": (
        write("needs.csv", "need,what\naudit,Wer sah was\nspeed,Schön schnell\n".encode("cp1252")),
        "needs.csv, row 3, column what: found the byte 0xf6 ('ö' in Windows encoding); allowed: UTF-8; "
        "next: save the file as UTF-8.",
    ),
    "Windows encoding in a key": (
        lambda folder: [
            write("segments.csv", "segment,name\nNA,a\nhealth,b\nöffentlich,c\n".encode("cp1252"))(folder),
            *(
                whole(f"{name}.csv", lambda text: text.replace(b"public", "öffentlich".encode()))(folder)
                for name in TABLES
                if name != "segments"
            ),
        ],
        "segments.csv, row 4, column segment: found the byte 0xf6 ('ö' in Windows encoding); allowed: UTF-8; "
        "next: save the file as UTF-8.",
    ),
    "UTF-16": (
        whole("goals.csv", lambda text: text.decode().encode("utf-16")),
        "goals.csv, row 1, column goal: found UTF-16 text; allowed: UTF-8; next: save the file as CSV in UTF-8.",
    ),
    "extra field in a row": (
        swap("segments.csv", "Mid-sized firms", "Mid-sized, firms"),
        "segments.csv, row 2, column after description: found 5 fields; allowed: 4 fields, one for each column; "
        "next: put text that contains a comma in double quotes.",
    ),
    "too few fields": (
        swap("needs.csv", "speed,Answers within a second", "speed"),
        "needs.csv, row 3, column what: found 1 field; allowed: 2 fields, one for each column; "
        "next: fill in the missing fields, or delete the row.",
    ),
    "blank line between rows": (
        swap("needs.csv", "speed,", "\nspeed,"),
        "needs.csv, row 3, column need: found 0 fields; allowed: 2 fields, one for each column; "
        "next: fill in the missing fields, or delete the row.",
    ),
    "empty file": (
        write("revenue.csv", b""),
        "revenue.csv, row 1, column product: found an empty file; allowed: a header and rows; "
        "next: fill it in, or delete the file.",
    ),
    "header only": (
        write("revenue.csv", b"product,segment,quarter,revenue\n"),
        "revenue.csv, row 2, column product: found no rows; allowed: at least one product × segment × quarter; "
        "next: fill in the table.",
    ),
    "market both actual and forecast": (
        swap("market.csv", "NA,security,2026,4200000,forecast", "NA,security,2025,4200000,forecast"),
        "market.csv, row 7, column year, kind: found 2025 of NA both actual and forecast; "
        "allowed: one figure for a year; next: delete the forecast of a year that has been measured.",
    ),
    "blank category beside named ones": (
        swap("market.csv", "NA,analytics,2021", "NA,,2021"),
        "market.csv, row 11, column category: found a blank category beside named ones for NA; "
        "allowed: for one segment either one blank category or named ones; next: name the category.",
    ),
    "interval that misses its figure": (
        swap("market.csv", "4200000,forecast,3780000", "4200000,forecast,4300000"),
        "market.csv, row 7, column low, high: found 4,300,000.00 to 4,620,000.00 around 4,200,000.00; "
        "allowed: low ≤ size ≤ high; next: correct the interval.",
    ),
    "interval that ends below its figure": (
        swap("market.csv", "4200000,forecast,3780000,4620000", "4200000,forecast,3780000,4199999"),
        "market.csv, row 7, column low, high: found 3,780,000.00 to 4,199,999.00 around 4,200,000.00; "
        "allowed: low ≤ size ≤ high; next: correct the interval.",
    ),
    "blank segment beside named ones in spend": (
        swap(
            "spend.csv",
            "beam,marketing,public,0,,40000,30000,,1\n",
            "beam,marketing,public,0,,40000,30000,,1\nbeam,marketing,,9000,,,,,\n",
        ),
        "spend.csv, row 6, column segment: found a blank segment beside named ones for beam × marketing; "
        "allowed: either one blank segment or named ones; next: name the segment.",
    ),
    "spend minimum above maximum": (
        swap("spend.csv", "5000,60000", "70000,60000"),
        "spend.csv, row 2, column minimum_y, maximum_y: found a minimum of 70,000.00 above a maximum of 60,000.00; "
        "allowed: minimum ≤ maximum; next: correct one of the two.",
    ),
    "more eroded than there is": (
        swap("spend.csv", "007,sales,NA,15000,0,,,,", "007,sales,NA,15000,0,,,0.95,"),
        "spend.csv, row 2, column erosion: found 1.05 over the levers of 007 × NA; "
        "allowed: at most 1 over the three levers; next: lower the erosion: no more than all can be lost.",
    ),
    "more new customers than customers": (
        swap("customers.csv", "NA,2024Q3,40,2", "NA,2024Q3,40,41"),
        "customers.csv, row 2, column new: found 41 new of 40 customers; allowed: new ≤ customers at the end; "
        "next: count the new customers that are still there.",
    ),
    "blank required cell": (
        swap("segments.csv", "health,Health,", "health,,"),
        "segments.csv, row 3, column name: found an empty cell; allowed: text; next: fill in the cell.",
    ),
    "required cell of spaces": (
        swap("segments.csv", "health,Health,", "health,  ,"),
        "segments.csv, row 3, column name: found an empty cell; allowed: text; next: fill in the cell.",
    ),
    "share above 1": (
        swap("products.csv", "security,0.7", "security,70"),
        "products.csv, row 2, column gross_margin: found '70'; allowed: a number from 0 to 1; "
        "next: write 0.7 if 70 % is meant.",
    ),
    "unknown enum value": (
        swap("market.csv", ",forecast,", ",Forecasts,"),
        "market.csv, row 7, column kind: found 'Forecasts'; allowed: actual, forecast; next: write 'forecast'.",
    ),
    "bad quarter": (
        swap("revenue.csv", "007,NA,2024Q4", "007,NA,2024-Q4"),
        "revenue.csv, row 3, column quarter: found '2024-Q4'; allowed: a quarter such as 2026Q3; "
        "next: write year, Q and 1 to 4, without spaces.",
    ),
    "quarter with a line break": (
        swap("revenue.csv", "007,NA,2024Q4", '007,NA,"2024Q4\n"'),
        "revenue.csv, row 3, column quarter: found '2024Q4\\n'; allowed: a quarter such as 2026Q3; "
        "next: write year, Q and 1 to 4, without spaces.",
    ),
    "bad date": (
        swap("relevance.csv", "2026-06-30", "2026-06-31"),
        "relevance.csv, row 2, column judged_on: found '2026-06-31'; allowed: a date such as 2026-09-30; "
        "next: write year-month-day.",
    ),
    "bad year": (
        swap("market.csv", "NA,security,2021", "NA,security,21"),
        "market.csv, row 2, column year: found '21'; allowed: a year such as 2026; next: write four digits.",
    ),
    "space before a key": (
        swap("segments.csv", "\nNA,", "\n NA,"),
        "segments.csv, row 2, column segment: found ' NA'; allowed: text without spaces at its ends; next: write 'NA'.",
    ),
    "space before a category": (
        swap("market.csv", "NA,security,2021", "NA, security,2021"),
        "market.csv, row 2, column category: found ' security'; allowed: text without spaces at its ends; "
        "next: write 'security'.",
    ),
    "invisible character in a key": (
        swap("segments.csv", "\npublic,", "\npub\u200blic,"),
        "segments.csv, row 4, column segment: found 'pub\\u200blic'; "
        "allowed: text on one line, with plain spaces, without invisible characters; next: write 'public'.",
    ),
    "accent as a character of its own": (
        swap("goals.csv", "\ngrow,", "\ngro\u0302w,"),
        "goals.csv, row 2, column goal: found 'gro\u0302w'; allowed: letters that hold their accents (Unicode NFC); "
        "next: type 'gr\u00f4w' anew.",
    ),
    "control character in text": (
        swap("needs.csv", "Show who", "Show\x07who"),
        "needs.csv, row 2, column what: found 'Show\\x07who saw what'; allowed: text without control characters; "
        "next: remove the control character.",
    ),
    "very long text in a number": (
        swap("revenue.csv", "30500.50", "x" * 300),
        f"revenue.csv, row 3, column revenue: found '{'x' * 77}'… (300 characters); allowed: {PLAIN}; next: {ALONE}.",
    ),
    "no book.toml": (
        remove("book.toml"),
        "book.toml: found no such file; allowed: company, currency and fiscal_month; "
        'next: write a book.toml, for example: company = "Aurora", currency = "EUR".',
    ),
    "bad TOML": (
        swap("book.toml", '"EUR"', "EUR"),
        "book.toml, row 2: found a line that is not TOML (Invalid value (at line 2, column 12)); allowed: TOML; "
        "next: correct the line.",
    ),
    "byte-order mark in TOML": (
        whole("book.toml", lambda text: b"\xef\xbb\xbf" + text),
        "book.toml, row 1: found a byte-order mark; allowed: UTF-8 without byte-order mark; "
        "next: save the file as UTF-8 without BOM.",
    ),
    "unknown key in book.toml": (
        swap("book.toml", "fiscal_month", "fiscal_moth"),
        "book.toml, key fiscal_moth: found an unknown key; allowed: company, currency, fiscal_month, data_from, "
        "data_until, reach, erosion, lever_split, half_saturation_y, database; next: write 'fiscal_month'.",
    ),
    "misspelt file name": (
        rename("goals.csv", "goal.csv"),
        f"goal.csv: found a file that is no table; allowed: {TABLE_NAMES}; next: rename it to goals.csv.",
    ),
    "needed file with a capital": (
        rename("revenue.csv", "Revenue.csv"),
        f"Revenue.csv: found a file that is no table; allowed: {TABLE_NAMES}; next: rename it to revenue.csv.",
    ),
    "second copy of a file": (
        write("segments (1).csv", b"segment,name\n"),
        f"segments (1).csv: found a file that is no table; allowed: {TABLE_NAMES}; "
        "next: move the file out of the book.",
    ),
    "table as Excel": (
        rename("goals.csv", "goals.xlsx"),
        "goals.xlsx: found a table as .xlsx; allowed: .csv or .parquet; "
        "next: save it as goals.csv, or move it out of the book.",
    ),
    "table as CSV and as Parquet": (
        write("goals.parquet", b"PAR1"),
        "goals.parquet: found the table also as goals.csv; allowed: one file for a table; next: remove one of the two.",
    ),
    "folder in place of a file": (
        instead("goals.csv", lambda folder: (folder / "goals.csv").mkdir()),
        "goals.csv: found a file that cannot be opened (Is a directory); allowed: a CSV file; next: save it anew.",
    ),
    "unclosed quote": (
        swap("needs.csv", "Answers within", '"Answers within'),
        "needs.csv, row 3: found a line that is not CSV (unexpected end of data); allowed: CSV with double quotes; "
        "next: close the quotation mark.",
    ),
    "quote in the middle": (
        swap("segments.csv", '"Hospitals, clinics"', '"Hospitals," clinics'),
        "segments.csv, row 3: found a line that is not CSV (',' expected after '\"'); allowed: CSV with double quotes; "
        "next: close the quotation mark.",
    ),
    "bad Parquet": (
        instead("goals.csv", write("goals.parquet", b"not what it says")),
        "goals.parquet: found a file that is not Parquet; allowed: Parquet; next: export the table again.",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_book_is_told_in_one_sentence(tiny_book, name):
    change, sentence = BROKEN[name]
    change(tiny_book)
    with pytest.raises(BookError) as stop:
        load_book(tiny_book)
    assert [problem.sentence() for problem in stop.value.problems] == [sentence]


def all_zero(text: bytes) -> bytes:
    """The scenario with every weight 0."""
    head, weights, anchors = text.partition(b"[weights]")[0], *text.partition(b"[weights]")[2].split(b"[anchors]")
    lines = [line.split(b"=")[0] + b"= 0" if b"=" in line else line for line in weights.splitlines()]
    return head + b"[weights]" + b"\n".join(lines) + b"\n[anchors]" + anchors


BASE = "scenarios/base.toml"
# Every entry: what is done to the scenario, where the problem must be placed, and words that its sentence must hold.
BROKEN_SCENARIO: dict[str, tuple[Change, tuple[str, int | None, str | None], tuple[str, ...]]] = {
    "weights all zero": (whole(BASE, all_zero), ("base.toml", None, "weights"), ("at least one weight above 0",)),
    "unknown key": (
        swap(BASE, "focus =", "focsu ="),
        ("base.toml", None, "focsu"),
        ("found an unknown key", "horizon, focus, pins", "write 'focus'"),
    ),
    "unknown criterion": (
        swap(BASE, "runway = 1", "runwy = 1"),
        ("base.toml", None, "weights.runwy"),
        ("found an unknown key", "size, growth, runway", "write 'runway'"),
    ),
    "anchors upside down": (
        swap(BASE, "low = -0.1, neutral = 0.03, high = 0.2", "low = 0.2, neutral = 0.03, high = -0.1"),
        ("base.toml", None, "anchors.growth"),
        ("low 0.2 and high -0.1", "low below high"),
    ),
    "neutral outside the anchors": (
        swap(BASE, "neutral = 0.03", "neutral = 0.3"),
        ("base.toml", None, "anchors.growth"),
        ("neutral 0.3", "from low -0.1 to high 0.2"),
    ),
    "log scale from 0": (
        swap(BASE, "low = 100000, neutral = 1000000", "low = 0, neutral = 1000000"),
        ("base.toml", None, "anchors.size"),
        ("low 0", "logarithmic scale"),
    ),
    "weight without anchors": (
        swap(BASE, "coverage = { low = 0, neutral = 0.5, high = 1 }\n", ""),
        ("base.toml", None, None),
        ("no anchors for coverage", "add anchors"),
    ),
    "negative weight": (
        swap(BASE, "runway = 1", "runway = -1"),
        ("base.toml", None, "weights.runway"),
        ("-1", "greater than or equal to 0"),
    ),
    "number as text": (swap(BASE, "focus = 2", 'focus = "2"'), ("base.toml", None, "focus"), ("'2'", "integer")),
    "not a number": (swap(BASE, "runway = 1", "runway = nan"), ("base.toml", None, "weights.runway"), ("finite",)),
    "limits upside down": (
        swap(BASE, "[weights]", "[budget.products.beam]\nminimum_y = 9\nmaximum_y = 5\n\n[weights]"),
        ("base.toml", None, "budget.products.beam"),
        ("minimum_y 9.00 and maximum_y 5.00", "at most"),
    ),
    "pinned and banned": (
        swap(BASE, "focus = 2", 'focus = 2\npins = ["NA"]\nbans = ["NA"]'),
        ("base.toml", None, None),
        ("NA pinned and banned", "remove it"),
    ),
    "bad TOML": (swap(BASE, "focus = 2", "focus 2"), ("base.toml", 3, None), ("not TOML", "correct the line")),
    "no such scenario": (remove(BASE), ("base.toml", None, None), ("no such scenario",)),
    "path as name": (swap(BASE, '"base"', '"../base"'), ("base.toml", None, "name"), ("'../base'",)),
    "unknown segment": (
        swap(BASE, "focus = 2", 'focus = 2\npins = ["helth"]'),
        ("scenario base", None, "pins"),
        ("the unknown name 'helth'", "NA, health, public", "write 'health'"),
    ),
    "unknown product": (
        swap(BASE, "[weights]", "[budget.products.beem]\nmaximum_y = 5\n\n[weights]"),
        ("scenario base", None, "budget.products"),
        ("the unknown name 'beem'", "allowed: 007, beam", "write 'beam'"),
    ),
    "more pins than places": (
        swap(BASE, "focus = 2", 'focus = 1\npins = ["NA", "public"]'),
        ("scenario base", None, "pins"),
        ("2 pinned segments", "at most focus = 1", "raise focus or pin fewer"),
    ),
}


@pytest.mark.parametrize("name", BROKEN_SCENARIO)
def test_a_broken_scenario_is_told_in_one_sentence(tiny_book, name):
    change, place, words = BROKEN_SCENARIO[name]
    change(tiny_book)
    with pytest.raises(ScenarioError) as stop:
        load_scenario("base", tiny_book).check_against(load_book(tiny_book))
    (problem,) = stop.value.problems
    assert (problem.where, problem.row, problem.column) == place
    assert [word for word in words if word not in problem.sentence()] == []


def test_three_faults_in_one_book_are_three_problems_in_one_run(tiny_book, edit):
    edit("segments.csv", "Mid-sized firms", "Mid-sized, firms")  # the row of NA, which most tables refer to
    edit("revenue.csv", "30500.50", "lots")
    edit("book.toml", "EUR", "euro")
    with pytest.raises(BookError, match="3 problems") as stop:
        load_book(tiny_book)
    places = [(problem.where, problem.row, problem.column) for problem in stop.value.problems]
    assert places == [
        ("book.toml", None, "currency"),
        ("segments.csv", 2, "after description"),
        ("revenue.csv", 3, "revenue"),
    ]


def test_faults_in_the_file_and_in_its_cells_are_told_together(tiny_book):
    text = "need,what\naudit,Größe\nspeed,\n".encode("cp1252")
    write("needs.csv", b"\xef\xbb\xbf" + text)(tiny_book)
    with pytest.raises(BookError) as stop:
        load_book(tiny_book)
    places = [(problem.row, problem.column) for problem in stop.value.problems]
    assert places == [(1, "need"), (2, "what"), (3, "what")]


def test_no_such_folder_is_told(tmp_path):
    with pytest.raises(BookError, match="found no such folder"):
        load_book(tmp_path / "nowhere")


def test_a_region_called_na_and_a_product_called_007_stay_text(tiny_book):
    book = load_book(tiny_book)
    assert list(book.table("segments")["segment"]) == ["NA", "health", "public"]
    assert list(book.table("products")["product"]) == ["007", "beam"]
    assert book.table("revenue").loc[0, ["product", "segment"]].tolist() == ["007", "NA"]
    assert book.table("market")["year"].dtype == "Int64"


def test_blank_text_is_empty_and_a_blank_number_is_missing(tiny_book):
    book = load_book(tiny_book)
    assert book.table("segments")["description"].tolist()[2] == ""
    assert book.table("relevance")["relevance"].isna().tolist() == [False] * 5 + [True]


def same_tables(left, right) -> None:
    """Both books hold the same tables, to the type of each column."""
    assert left.settings == right.settings
    assert left.tables().keys() == right.tables().keys()
    for name in left.tables():
        pd.testing.assert_frame_equal(left.table(name), right.table(name))


@pytest.mark.parametrize("typed", [False, True], ids=["as text", "as numbers and dates"])
def test_parquet_gives_the_same_book_as_csv(tiny_book, typed):
    expected = load_book(tiny_book)
    for name, declared in TABLES.items():
        frame = pd.read_csv(tiny_book / f"{name}.csv", dtype=str, keep_default_na=False)
        for column in declared.columns if typed else ():
            if column.low is not None or column.kind == "year":
                frame[column.name] = pd.to_numeric(frame[column.name])
            if column.kind == "date":
                frame[column.name] = pd.to_datetime(frame[column.name].replace("", None))
        frame.to_parquet(tiny_book / f"{name}.parquet")
        (tiny_book / f"{name}.csv").unlink()
    same_tables(load_book(tiny_book), expected)


def test_a_problem_in_parquet_names_the_row_a_spreadsheet_would_show(tiny_book):
    frame = pd.read_csv(tiny_book / "revenue.csv", dtype={"product": str}, keep_default_na=False)
    frame.loc[1, "revenue"] = -1.5
    frame.to_parquet(tiny_book / "revenue.parquet")
    (tiny_book / "revenue.csv").unlink()
    with pytest.raises(BookError, match=r"revenue\.parquet, row 3, column revenue: found '-1\.5'"):
        load_book(tiny_book)


def test_a_folder_name_adds_no_column_to_a_parquet_file(tiny_book):
    (tiny_book.parent / "year=2026").mkdir()
    folder = tiny_book.rename(tiny_book.parent / "year=2026" / "tiny")
    pd.read_csv(folder / "goals.csv").to_parquet(folder / "goals.parquet")
    (folder / "goals.csv").unlink()
    assert load_book(folder).table("goals").columns.tolist() == TABLES["goals"].names


def test_the_order_of_rows_and_columns_does_not_matter(tiny_book):
    expected = load_book(tiny_book)
    rng = random.Random(7)
    for name in TABLES:
        frame = pd.read_csv(tiny_book / f"{name}.csv", dtype=str, keep_default_na=False)
        rows = rng.sample(range(len(frame)), len(frame))
        frame.iloc[rows, ::-1].to_csv(tiny_book / f"{name}.csv", index=False)
    same_tables(load_book(tiny_book), expected)


def test_windows_line_ends_and_blank_last_lines_change_nothing(tiny_book):
    write("needs.csv", b'need,what\naudit,"Show\nwho"\nspeed,fast\n')(tiny_book)
    expected = load_book(tiny_book)
    for name in TABLES:
        whole(f"{name}.csv", lambda text: text.replace(b"\n", b"\r\n") + b"\r\n")(tiny_book)
    whole("needs.csv", lambda text: text + b",\r\n,\r\n")(tiny_book)
    same_tables(load_book(tiny_book), expected)


def test_a_line_break_in_quotes_does_not_shift_the_row_numbers(tiny_book, edit):
    edit("segments.csv", '"Hospitals, clinics"', '"Hospitals,\nclinics,\nlabs"')
    edit("segments.csv", "Public sector", "")
    with pytest.raises(BookError, match=r"segments\.csv, row 4, column name: found an empty cell"):
        load_book(tiny_book)


def test_files_that_are_no_tables_may_lie_in_the_book(tiny_book):
    expected = load_book(tiny_book)
    for name in ("README.md", "market.xlsx", ".~lock.market.csv#", "._market.csv", ".DS_Store"):
        write(name, b"anything")(tiny_book)
    same_tables(load_book(tiny_book), expected)


def test_a_table_with_a_header_only_counts_as_absent(tiny_book):
    write("goals.csv", b"goal,measure,target,by_quarter\n")(tiny_book)
    assert not load_book(tiny_book).has("goals")
    (tiny_book / "goals.csv").unlink()
    assert not load_book(tiny_book).has("goals")
    assert load_book(tiny_book).table("goals").columns.tolist() == TABLES["goals"].names


def test_scenarios_are_listed_with_base_first(tiny_book):
    for name in ("aggressive", "growth"):
        write(f"scenarios/{name}.toml", b"")(tiny_book)
    assert scenario_names(tiny_book) == ["base", "aggressive", "growth"]


def test_a_scenario_without_a_name_is_called_like_its_file(tiny_book):
    text = (tiny_book / BASE).read_text(encoding="utf-8").replace('name = "base"\n', "")
    (tiny_book / "scenarios" / "growth.toml").write_text(text, encoding="utf-8")
    assert load_scenario("growth", tiny_book).name == "growth"
    assert load_scenario(tiny_book / "scenarios" / "growth.toml").name == "growth"


def test_two_segments_of_one_name_are_refused(tiny_book):
    path = tiny_book / "segments.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("North America,", "Public sector,", 1), encoding="utf-8")
    with pytest.raises(BookError, match="the name 'Public sector' again, first in row"):
        load_book(tiny_book)


@pytest.mark.parametrize(
    "change",
    [
        swap("market.csv", "4200000,forecast,3780000", "4200000,forecast,4200000"),
        swap("market.csv", "4200000,forecast,3780000,4620000", "4200000,forecast,3780000,4200000"),
        swap("spend.csv", "5000,60000", "60000,60000"),
        swap("spend.csv", "beam,marketing,public,0,,40000,30000,,1", "beam,marketing,,0,,40000,30000,,1"),
        swap("customers.csv", "NA,2024Q3,40,2", "NA,2024Q3,0,0"),
        swap("customers.csv", "NA,2024Q3,40,2", "NA,2024Q3,40,40"),
    ],
    ids=[
        "low is the size",
        "high is the size",
        "minimum is the maximum",
        "one blank segment",
        "no customer",
        "all are new",
    ],
)
def test_what_stands_on_the_border_of_a_rule_is_taken(tiny_book, change):
    change(tiny_book)
    assert load_book(tiny_book).has("revenue")
