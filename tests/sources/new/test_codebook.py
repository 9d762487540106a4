"""The codebook is made from the declarations, and the one in the repo is the present one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from workbench.book.settings import BookSettings
from workbench.book.tables import DECLARED
from workbench.criteria import CRITERIA
from workbench.sources.new.codebook import KINDS, codebook, with_criteria

ROOT = Path(__file__).resolve().parents[3]
WRITTEN = ROOT / "data" / "README.md"


def section(name: str) -> str:
    """The part of the codebook about one table."""
    return codebook().split(f"\n### {name}\n", 1)[1].split("\n##", 1)[0]


def test_the_codebook_in_the_repo_is_the_present_one():
    """If not: python -m workbench.sources.new.codebook > data/README.md"""
    assert WRITTEN.read_text(encoding="utf-8") == codebook()


def test_the_module_writes_the_codebook():
    run = subprocess.run(
        [sys.executable, "-m", "workbench.sources.new.codebook"], capture_output=True, check=True, cwd=ROOT
    )
    assert run.stdout.decode("utf-8") == codebook()


@pytest.mark.parametrize("table", DECLARED, ids=[table.name for table in DECLARED])
def test_every_table_is_there_with_every_column_its_meaning_and_its_choices(table):
    text = section(table.name)
    assert f"One row per {table.row}." in text
    assert table.needed == ("Needed." in text)
    for column in table.columns:
        (line,) = [line for line in text.splitlines() if line.startswith(f"| `{column.name}` |")]
        assert column.meaning.replace("|", "\\|") in line
        assert column.unit in line
        assert all(f"`{choice}`" in line for choice in column.choices)
        assert column.blank == ("| yes" in line)


def test_the_criteria_in_the_method_are_the_present_ones():
    """If not: make docs"""
    page = (ROOT / "docs" / "method.md").read_text(encoding="utf-8")
    assert with_criteria(page) == page
    assert all(f"| `{name}` |" in page for name in CRITERIA)


def test_every_setting_of_book_toml_is_there():
    assert [name for name in BookSettings.model_fields if f"| `{name}` |" not in codebook()] == []


def test_every_kind_of_column_has_a_word():
    assert {column.kind for table in DECLARED for column in table.columns} - {"choice"} == KINDS.keys()


def test_every_link_has_its_heading():
    text = codebook()
    targets = {part.split(")")[0] for part in text.split("](#")[1:]}
    assert targets == {table.name for table in DECLARED}
