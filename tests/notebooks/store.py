"""Runs the notebooks and stores their outputs, as strict nbval compares them: `python -m tests.notebooks.store`."""

from __future__ import annotations

from pathlib import Path

import workbench  # noqa: F401  (first, so that the imports below start fast)

import nbformat  # isort: skip
from nbclient import NotebookClient  # isort: skip

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


def store(path: Path) -> None:
    """Executes a notebook in its folder; panels are left out, since they are alive only in JupyterLab."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=120,
        resources={"metadata": {"path": str(path.parent)}},
        record_timing=False,
        skip_cells_with_tag="interactive",
    )
    client.execute()
    notebook.metadata = {"kernelspec": notebook.metadata["kernelspec"], "language_info": {"name": "python"}}
    nbformat.write(notebook, path)


if __name__ == "__main__":
    for each in sorted(NOTEBOOKS.glob("*.ipynb")):
        store(each)
