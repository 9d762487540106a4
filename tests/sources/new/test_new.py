"""An empty book: it says what is missing, overwrites nothing, and filled in it is the book that was meant."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pytest

from tests.sources.homes import text_of, typed
from workbench.book.tables import DECLARED, TABLES
from workbench.cli import main
from workbench.errors import BookError
from workbench.model.quarter import plan_quarter
from workbench.sources.new.new import new_book
from workbench.sources.new.newbook import write_new_workbook
from workbench.sources.tables.folder import SAMPLE, load_book, load_scenario, read_book

NEEDED = [table.name for table in DECLARED if table.needed]


@pytest.mark.parametrize("excel", [False, True], ids=["csv", "excel"])
def test_a_new_book_says_what_is_missing(tmp_path, capsys, excel):
    folder = tmp_path / "ours" / "plan"
    folder.parent.mkdir()
    assert main(["new", str(folder), *(["--excel"] if excel else [])]) == 0
    assert f"workbench check {folder}" in capsys.readouterr().out
    with pytest.raises(BookError) as stop:
        load_book(folder)
    places = [problem.where if problem.where == "book.toml" else problem.found for problem in stop.value.problems]
    assert places == ["book.toml", "book.toml", *["no rows"] * len(NEEDED)]
    assert [
        name for name, problem in zip(NEEDED, stop.value.problems[2:], strict=True) if name not in problem.where
    ] == []


@pytest.mark.parametrize("excel", [False, True], ids=["csv", "excel"])
@pytest.mark.parametrize("there", ["book.toml", "goals.csv", "goals.parquet", "book.xlsx", "scenarios/README.md"])
def test_nothing_is_overwritten_and_nothing_half_written(tmp_path, there, excel):
    (tmp_path / "scenarios").mkdir()
    (tmp_path / there).write_text("mine", encoding="utf-8")
    with pytest.raises(BookError, match=f"found the file {there}; allowed: a folder without a book"):
        new_book(tmp_path, excel)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [Path(there).name]
    assert (tmp_path / there).read_text(encoding="utf-8") == "mine"


def test_a_header_alone_is_the_same_as_no_table(tiny_book, tmp_path):
    empty = [name for name in TABLES if name not in NEEDED]
    for name in empty:
        (tiny_book / f"{name}.csv").unlink()
    without = plan_quarter(load_book(tiny_book), load_scenario("base", tiny_book), "2026Q3").to_json()
    for name in empty:
        (tiny_book / f"{name}.csv").write_text(",".join(TABLES[name].names) + "\n", encoding="utf-8")
    assert plan_quarter(load_book(tiny_book), load_scenario("base", tiny_book), "2026Q3").to_json() == without


def filled(folder: Path, book: Path) -> Path:
    """The new workbook in a folder, filled in as a person would, saved, with the settings and scenarios of a book."""
    new_book(folder, excel=True)
    workbook = openpyxl.load_workbook(folder / "book.xlsx")
    for name, (header, *rows) in text_of(book).items():
        sheet = workbook[name]
        places = {cell.value: cell.column for cell in sheet[1]}
        for row, cells in enumerate(rows, 2):
            for column, text in zip(header, cells, strict=True):
                value = typed(TABLES[name].column(column), text)
                if value is not None:
                    sheet.cell(row, places[column]).value = value
    workbook.save(folder / "book.xlsx")
    shutil.copy(book / "book.toml", folder / "book.toml")
    shutil.copytree(book / "scenarios", folder / "scenarios", dirs_exist_ok=True)
    return folder


def test_the_new_workbook_filled_in_with_the_sample_gives_the_sample_s_digest(tmp_path, sample_plan):
    folder = filled(tmp_path / "new", SAMPLE)
    assert plan_quarter(load_book(folder), load_scenario("base", folder), "2026Q3").digest == sample_plan.digest


def test_the_new_workbook_is_the_same_bytes_each_time():
    assert write_new_workbook() == write_new_workbook()


@pytest.fixture
def workbook(tmp_path):
    new_book(tmp_path / "new", excel=True)
    return openpyxl.load_workbook(tmp_path / "new" / "book.xlsx")


def test_the_new_workbook_has_a_sheet_for_each_table_and_one_that_explains_each_column(workbook):
    assert workbook.sheetnames == ["Codebook", *TABLES]
    lines = list(workbook["Codebook"].iter_rows(min_row=2, max_col=2, values_only=True))
    assert lines == [(table.name, column) for table in DECLARED for column in table.names]
    for table in DECLARED:
        sheet = workbook[table.name]
        assert [cell.value for cell in sheet[1]] == table.names and sheet.max_row == 1 and sheet.freeze_panes == "A2"


@pytest.mark.parametrize("table", DECLARED, ids=[table.name for table in DECLARED])
def test_text_stays_text_and_what_is_declared_is_checked_while_typing(workbook, table):
    sheet = workbook[table.name]
    rules = {str(rule.sqref).split(":")[0]: rule for rule in sheet.data_validations.dataValidation}
    for column, cell in zip(table.columns, sheet[1], strict=True):
        rule = rules.get(f"{cell.column_letter}2")
        if column.kind in ("key", "keys", "text", "quarter") and not column.choices:
            assert workbook_format(sheet, cell.column_letter) == "@" and rule is None
        elif column.choices:
            assert rule.type == "list" and rule.formula1 == f'"{",".join(column.choices)}"'
        elif column.high is not None:
            assert (rule.operator or "between", float(rule.formula1), float(rule.formula2)) == (
                "between",
                column.low,
                column.high,
            )
        elif column.low is not None:
            assert rule.operator == "greaterThanOrEqual" and float(rule.formula1) == column.low


def workbook_format(sheet, letter: str) -> str:
    """The number format of a column, for the cells that nobody has written yet; equal neighbours are stored together."""
    place = openpyxl.utils.column_index_from_string(letter)
    (found,) = [each for each in sheet.column_dimensions.values() if each.min <= place <= each.max]
    return str(found.number_format)


def test_the_files_of_a_new_book_hold_a_header_or_say_what_to_do(tmp_path):
    new_book(tmp_path / "new")
    assert (tmp_path / "new" / "goals.csv").read_bytes() == b"goal,measure,target,by_quarter\n"
    readme = (tmp_path / "new" / "README.md").read_text(encoding="utf-8")
    assert "## Needed tables" in readme and "## Tables that may be left out" in readme and "`sample/`" not in readme
    assert "workbench scenario BOOK" in (tmp_path / "new/scenarios/README.md").read_text(encoding="utf-8")


def test_a_new_book_of_csv_files_filled_in_is_that_book(tmp_path, tiny_book):
    new_book(tmp_path / "new")
    shutil.copytree(tiny_book, tmp_path / "new", dirs_exist_ok=True)
    assert read_book(tmp_path / "new").files == read_book(tiny_book).files
