"""A book in one workbook: the values of its cells, and a sentence for every cell that has none."""

from __future__ import annotations

import datetime as dt
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.sources.homes import as_excel, text_of, values
from tests.sources.workbooks import Xml, write_workbook
from workbench.book.tables import TABLES
from workbench.errors import BookError
from workbench.sources.tables.folder import book_folder, load_book, load_scenario, scenario_names

Sheets = dict[str, list[list[Any]]]


@pytest.fixture
def sheets(tiny_book: Path) -> Sheets:
    """The tiny book's tables as cells."""
    text = text_of(tiny_book)
    return {name: [lines[0], *(values(name, lines[0], row) for row in lines[1:])] for name, lines in text.items()}


@pytest.fixture
def excel(tiny_book: Path, tmp_path: Path) -> Path:
    """The tiny book as `book.xlsx`, in a folder."""
    folder = tmp_path / "excel"
    folder.mkdir()
    return as_excel(tiny_book, text_of(tiny_book), folder)


def told(book: Path) -> list[str]:
    with pytest.raises(BookError) as stop:
        load_book(book)
    return [problem.sentence() for problem in stop.value.problems]


def error(place: str, value: str) -> Xml:
    return Xml(f'<c r="{place}" t="e"><v>{value}</v></c>')


def test_a_workbook_is_a_book_by_its_folder_and_by_its_own_name(excel, tiny_book):
    expected = load_book(tiny_book).table("revenue")
    assert load_book(excel).table("revenue").equals(expected)
    renamed = (excel / "book.xlsx").rename(excel / "Plan of March.XLSX")
    assert load_book(renamed).table("revenue").equals(expected)
    assert book_folder(renamed) == excel and scenario_names(renamed) == ["base"]
    assert load_scenario("base", renamed) == load_scenario("base", excel)
    assert told(excel)[0].startswith("segments.csv: found no such file")


def test_every_error_cell_is_told_at_its_row_and_column_and_none_is_read_as_blank(excel, sheets):
    sheets["segments"][2][2] = error("C3", "#REF!")  # the owner may be blank
    sheets["revenue"][1][3] = error("D2", "#DIV/0!")
    sheets["revenue"][3][1] = error("B4", "#N/A")
    sheets["deals"][2][5] = Xml('<c r="F3"><f>SUM(A1:A9)</f></c>')
    write_workbook(excel / "book.xlsx", sheets)
    assert told(excel) == [
        "book.xlsx, sheet segments, row 3, column owner: found the Excel error #REF!; allowed: text; "
        "next: correct the formula, or write the value.",
        "book.xlsx, sheet revenue, row 4, column segment: found the Excel error #N/A; allowed: text; "
        "next: correct the formula, or write the value.",
        "book.xlsx, sheet revenue, row 2, column revenue: found the Excel error #DIV/0!; allowed: a number of at least 0; "
        "next: correct the formula, or write the value.",
        "book.xlsx, sheet deals, row 3, column won_value: found a formula without a result; allowed: a number of at least 0; "
        "next: open the workbook in Excel and save it, or write the value.",
    ]


def test_the_result_of_a_formula_is_its_value(excel, sheets):
    before = load_book(excel)
    number = sheets["revenue"][1][3]
    sheets["revenue"][1][3] = Xml(f'<c r="D2"><f>1+1</f><v>{number}</v></c>')
    sheets["segments"][1][3] = Xml('<c r="D2" t="str"><f>""</f><v></v></c>')
    sheets["segments"][2][3] = Xml('<c r="D3" t="str"><f>"#N/A"</f><v>#N/A</v></c>')
    write_workbook(excel / "book.xlsx", sheets)
    book = load_book(excel)
    assert book.table("revenue").equals(before.table("revenue"))
    assert book.table("segments")["description"].tolist()[:2] == ["", "#N/A"]


def test_the_numbers_of_rows_are_those_of_the_sheet(excel, sheets):
    sheets["revenue"][2][3] = "1,5"
    sheets["market"].insert(0, [])
    write_workbook(excel / "book.xlsx", sheets)
    assert told(excel) == [
        "book.xlsx, sheet market, row 1, column segment: found an empty first row; allowed: a header and rows; "
        "next: fill it in, or delete the sheet.",
        "book.xlsx, sheet revenue, row 3, column revenue: found '1,5'; allowed: a plain number such as 1234.5; "
        "next: write 1.5 with a decimal point.",
    ]


def test_blank_rows_and_columns_at_the_ends_are_nothing(excel, sheets):
    before = load_book(excel)
    for lines in sheets.values():
        width = len(lines[0])
        lines[:] = [[*line, None, ""] for line in lines] + [[None] * width, [""] * (width + 3)]
    write_workbook(excel / "book.xlsx", sheets)
    assert all(load_book(excel).table(name).equals(before.table(name)) for name in TABLES)


def test_a_key_typed_as_a_number_and_a_date_with_a_time(excel, sheets):
    sheets["capacity"][1][0] = 7
    sheets["efforts"] = [sheets["efforts"][0], *([row[0], 7, *row[2:]] for row in sheets["efforts"][1:2])]
    column = sheets["relevance"][0].index("judged_on")
    days = (dt.date(2026, 9, 30) - dt.date(1899, 12, 30)).days
    sheets["relevance"][1][column] = Xml(f'<c s="1"><v>{days}.5</v></c>')
    write_workbook(excel / "book.xlsx", sheets)
    (sentence,) = told(excel)
    assert "sheet relevance, row 2, column judged_on: found '2026-09-30T12:00:00'" in sentence
    sheets["relevance"][1][column] = Xml(f'<c s="1"><v>{days}</v></c>')
    write_workbook(excel / "book.xlsx", sheets)
    assert "7" in load_book(excel).table("capacity")["team"].tolist()
    assert "2026-09-30" in load_book(excel).table("relevance")["judged_on"].tolist()


def test_sheets_that_are_no_tables(excel, sheets):
    kept = dict(sheets)
    write_workbook(excel / "book.xlsx", {"Codebook": [["revenue"]], **sheets, "Notes": [["a"]], "Sheet1": []})
    assert load_book(excel).has("revenue")
    kept["Goals"] = kept.pop("goals")
    write_workbook(excel / "book.xlsx", {**kept, "Scratch": [["a"]]})
    names = ", ".join(TABLES)
    assert told(excel) == [
        f"book.xlsx, sheet Goals: found a sheet that is no table; allowed: {names}; next: rename it to goals.",
        f"book.xlsx, sheet Scratch: found a sheet that is no table; allowed: {names}; "
        "next: delete the sheet, or call it Notes.",
    ]


def test_a_needed_sheet_that_is_missing_is_told_as_a_sheet(excel, sheets):
    del sheets["revenue"]
    write_workbook(excel / "book.xlsx", sheets)
    assert told(excel) == [
        "book.xlsx, sheet revenue: found no such sheet; allowed: a sheet for each needed table; "
        "next: add it with the columns product, segment, quarter, revenue."
    ]


def test_a_table_has_one_place(excel, tiny_book):
    (excel / "goals.csv").write_bytes((tiny_book / "goals.csv").read_bytes())
    assert told(excel) == [
        "book.xlsx, sheet goals: found the table also as goals.csv; allowed: one place for a table; "
        "next: remove one of the two."
    ]


@pytest.mark.parametrize("content", [b"", b"no workbook", b"PK\x03\x04 and then nothing"])
def test_a_file_that_is_no_workbook_is_one_sentence(excel, content):
    (excel / "book.xlsx").write_bytes(content)
    assert told(excel) == [
        "book.xlsx: found a file that is no Excel workbook, or a damaged one; allowed: an Excel workbook (.xlsx); "
        "next: open it in Excel and save it as .xlsx."
    ]


def test_a_workbook_cut_short_anywhere_is_one_sentence(excel):
    whole = (excel / "book.xlsx").read_bytes()
    for part in range(1, 20):
        (excel / "book.xlsx").write_bytes(whole[: len(whole) * part // 20])
        assert len(told(excel)) == 1


def test_a_workbook_with_damaged_bytes_is_a_sentence_or_the_same_book(excel, tiny_book):
    whole, chance = (excel / "book.xlsx").read_bytes(), random.Random(5)
    expected, stops = load_book(tiny_book).tables(), 0
    for _ in range(25):
        place = chance.randrange(len(whole) - 8)
        (excel / "book.xlsx").write_bytes(whole[:place] + chance.randbytes(8) + whole[place + 8 :])
        try:
            found = load_book(excel).tables()
        except BookError:
            stops += 1
        else:
            assert all(found[name].equals(expected[name]) for name in TABLES)
    assert stops


def test_a_formula_without_result_beyond_the_last_value_is_told(excel, sheets):
    row = len(sheets["goals"]) + 3
    sheets["goals"] += [[], [], [Xml(f'<c r="A{row}"><f>A1</f></c>')]]
    write_workbook(excel / "book.xlsx", sheets)
    assert f"book.xlsx, sheet goals, row {row}, column goal: found a formula without a result" in "\n".join(told(excel))


def test_a_workbook_with_a_part_missing_is_one_sentence(excel):
    with zipfile.ZipFile(excel / "book.xlsx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for lost in ("_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/s3.xml"):
        with zipfile.ZipFile(excel / "book.xlsx", "w") as archive:
            for name, content in parts.items():
                if name != lost:
                    archive.writestr(name, content)
        (sentence,) = told(excel)
        assert "a damaged one" in sentence, lost


def test_an_encrypted_workbook_and_one_that_is_not_there_are_told(excel):
    (excel / "book.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512))
    assert "without password" in told(excel)[0]
    assert told(excel / "other.xlsx") == [
        "other.xlsx: found a file that cannot be opened (No such file or directory); allowed: an Excel workbook; "
        "next: close it in Excel, or correct the path."
    ]


@pytest.mark.parametrize(
    ("name", "usual"), [("Book.xlsx", "book.xlsx"), ("book.xls", "book.xlsx"), ("book.db", "book.duckdb")]
)
def test_a_workbook_with_nearly_the_usual_name_is_told(tiny_book, name, usual):
    (tiny_book / name).write_bytes(b"anything")
    assert told(tiny_book) == [
        f"{name}: found a file that is no book; allowed: book.xlsx or book.duckdb; "
        f"next: save it as {usual}, or move it out of the book."
    ]
