"""Working copies of the notebooks are told of the book, and are the analyst's from then on."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path

import pytest

from workbench import lab
from workbench.cli import main
from workbench.errors import WorkbenchError
from workbench.report.run.inputs import NOTEBOOKS


def parameters(path: Path) -> dict[str, str]:
    """What the parameters cell of a notebook says."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    (cell,) = [each for each in cells if "parameters" in each["metadata"].get("tags", [])]
    return {node.target.id: ast.literal_eval(node.value) for node in ast.parse("".join(cell["source"])).body}


def test_every_notebook_is_copied_and_told_of_the_book(tiny_book, tmp_path):
    odd = tiny_book.rename(tiny_book.parent / 'a "quoted" \\ book')
    folder = lab.prepare(str(odd), tmp_path / "lab")
    assert sorted(path.name for path in folder.iterdir()) == sorted(path.name for path in NOTEBOOKS.glob("*.ipynb"))
    told = {"book": str(odd.resolve()), "scenario": "base", "quarter": "2026Q3"}
    for path in folder.iterdir():
        found = parameters(path)
        assert found == told | ({"segment": "NA"} if "segment" in found else {})
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        assert not any(cell.get("outputs") for cell in cells)


def test_a_copy_that_is_there_stays_as_it_is(tiny_book, tmp_path):
    folder = lab.prepare(str(tiny_book), tmp_path)
    (folder / "2_ranking.ipynb").write_text("mine", encoding="utf-8")
    (folder / "3_allocation.ipynb").unlink()
    lab.prepare(str(tiny_book), tmp_path)
    assert (folder / "2_ranking.ipynb").read_text(encoding="utf-8") == "mine" and (
        folder / "3_allocation.ipynb"
    ).exists()


def test_a_book_without_a_scenario_or_with_problems_is_refused_and_nothing_is_copied(tiny_book, tmp_path):
    (tiny_book / "scenarios" / "base.toml").unlink()
    with pytest.raises(WorkbenchError, match="workbench scenario"):
        lab.prepare(str(tiny_book), tmp_path / "lab")
    with pytest.raises(WorkbenchError, match="no such folder"):
        lab.prepare(str(tmp_path / "nowhere"), tmp_path / "lab")
    assert not (tmp_path / "lab").exists()


def test_the_command_opens_jupyterlab_on_the_first_notebook(tiny_book, tmp_path, monkeypatch, capsys):
    ran = []
    monkeypatch.setattr("os.execv", lambda *given: ran.append(given))
    assert main(["lab", str(tiny_book), "--folder", str(tmp_path / "lab")]) == 0
    ((program, arguments),) = ran
    assert program == sys.executable and arguments[1:3] == ["-m", "jupyterlab"]
    assert Path(arguments[-1]).is_file() and Path(arguments[-1]).name == "0_quarterly_plan.ipynb"
    assert str(tmp_path / "lab") in capsys.readouterr().out
    assert main(["lab", str(tiny_book), "--folder", str(tmp_path / "lab"), "--no-open"]) == 0 and len(ran) == 1
