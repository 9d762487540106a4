"""A book of two segments and notebooks of a few cells, so that a run takes seconds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import nbformat
import pytest

PARAMETERS = """\
book: str = "sample"  # folder of the book
scenario: str = "base"  # name of the scenario
quarter: str = "2026Q3"  # last closed quarter
"""
SHOW = """\
from IPython.display import display


def show(block):
    display({"application/vnd.workbench.block+json": block, "text/html": "<b>raw</b>"}, raw=True)
"""
NASTY = "<script>window.hit=1</script>"
BOOK = {
    "book.toml": 'company = "Twin & Sons"\ncurrency = "EUR"\ndata_until = 2026-09-30\n',
    "segments.csv": f'segment,name,owner,description\nnorth,"{NASTY}",Ana,\nsouth,South,Ben,\n',
    "products.csv": "product,name,owner,category,gross_margin\n007,Agent,Dee,,0.7\n",
    "revenue.csv": "product,segment,quarter,revenue\n"
    + "".join(f"007,{where},{year}Q{q},{100 * q + year}\n" for where in ("north", "south") for year in (2025, 2026)
              for q in (1, 2, 3, 4) if (year, q) <= (2026, 3)),
    "market.csv": "segment,category,year,size,kind,low,high,addressable_rate,source\n"
    + "".join(f"{where},,{year},{9000 + year},actual,,,0.5,Census\n" for where in ("north", "south")
              for year in range(2018, 2026)),
    "scenarios/base.toml": 'description = "As it is"\nfocus = 1\n\n[weights]\nrevenue = 1\n\n[anchors]\n'
    "revenue = { low = 100, neutral = 1000, high = 9000 }\n",
}  # fmt: skip


def write_notebook(path: Path, *cells: str, parameters: str = PARAMETERS, opening: str = f"# Page\n\n{NASTY}") -> None:
    """Writes a notebook: opening words, parameters, helper, then `cells`."""
    made = [
        nbformat.v4.new_markdown_cell(opening),
        nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}),
    ]
    made += [nbformat.v4.new_code_cell(source) for source in (SHOW, *cells)]
    for place, cell in enumerate(made):
        cell.id = f"cell-{place}"
    path.parent.mkdir(parents=True, exist_ok=True)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=made, metadata={"kernelspec": kernel}), path)


@pytest.fixture(scope="module")
def twin_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a book with two segments, one product, eleven quarters and the scenario `base`."""
    folder = tmp_path_factory.mktemp("books") / "twin"
    for name, text in BOOK.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def notebooks(tmp_path_factory: pytest.TempPathFactory) -> Callable[[dict[str, Sequence[Any]]], Path]:
    """`notebooks({"0_name": cells})` writes notebooks and gives their folder."""

    def write(content: dict[str, Sequence[Any]]) -> Path:
        folder = tmp_path_factory.mktemp("notebooks")
        for name, cells in content.items():
            write_notebook(folder / f"{name}.ipynb", *cells)
        return folder

    return write
