"""The benchmark of batches measures notebooks that ran, and bare cells that show what the notebook shows."""

from __future__ import annotations

import json
import os
from pathlib import Path

import nbformat
import pytest

from benchmarks import batch
from workbench.report.kernels.tasks import Task


def test_the_notebook_of_the_benchmark_runs_by_our_pool(tmp_path: Path) -> None:
    batch.run_ours(tmp_path / "staging", 2)
    for each in range(2):
        cells = nbformat.read(tmp_path / "staging" / "base" / f"{each}.ipynb", as_version=4).cells
        assert cells[-1].outputs and all(cell.execution_count for cell in cells if cell.cell_type == "code")


def test_the_floor_runs_the_cells_with_what_the_notebook_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = {"cells": [
        {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": ["book = 'none'"]},
        {"cell_type": "markdown", "metadata": {}, "source": ["no code"]},
        {"cell_type": "code", "metadata": {"tags": ["interactive"]}, "source": ["1 / 0"]},
        {"cell_type": "code", "metadata": {}, "source": ["from pathlib import Path\n", "Path('told').write_text(book)"]},
    ]}  # fmt: skip
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "a.ipynb").write_text(json.dumps(source))
    monkeypatch.chdir(tmp_path)
    batch.bare(Task("a.ipynb", "base", "base", "2026Q3", "", 1, 1))
    assert (tmp_path / "told").read_text() == "book"


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="memory is read from /proc")
def test_memory_is_summed_over_all_that_descend_from_a_process() -> None:
    assert os.getpid() in batch.family(os.getpid()) and batch.proportional(os.getpid()) > 10
