"""Working copies of the notebooks for one book, opened in JupyterLab."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.errors import BookError, Problem
from workbench.report.run import NOTEBOOKS
from workbench.report.store import safe_name
from workbench.sources.tables import book_name, load_book, scenario_names

FIRST = "0_quarterly_plan.ipynb"


def prepare(book: str, home: Path, notebooks: Path = NOTEBOOKS) -> Path:
    """The folder under `home` with a copy of every notebook that is told of `book`, its first scenario and its latest quarter.

    A copy that is there already stays as it is: it is the analyst's. Raises BookError where the book cannot be used or has
    no scenario.
    """
    loaded = load_book(book)
    names = scenario_names(book)
    if not names:
        raise BookError([Problem(book, None, None, "no scenario", "a scenario to start from",
                                 f"run: workbench scenario {book}")])  # fmt: skip
    place = Path(book).resolve()
    told = {"book": book if book == "sample" else str(place), "scenario": names[0], "quarter": loaded.latest_quarter,
            "segment": str(loaded.table("segments")["segment"].iloc[0])}  # fmt: skip
    folder = home / safe_name(book_name(book))
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(notebooks.glob("*.ipynb")):
        copy = folder / path.name
        if not copy.exists():
            text = json.dumps(_told(json.loads(path.read_text(encoding="utf-8")), told), ensure_ascii=False, indent=1)
            copy.write_text(text + "\n", encoding="utf-8", newline="\n")
    return folder


def open_lab(folder: Path) -> None:
    """Turns this process into JupyterLab on the folder, its first notebook open."""
    arguments = [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={folder.resolve()}",
        str(folder.resolve() / FIRST),
    ]
    os.execv(sys.executable, arguments)


def _told(notebook: dict[str, Any], told: Mapping[str, str]) -> dict[str, Any]:
    """The notebook without outputs, its parameters' values those of `told`."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
        if "parameters" in cell["metadata"].get("tags", []):
            cell["source"] = "".join(cell["source"])
            for name, value in told.items():
                line = f"{name}: str = {json.dumps(value)}".replace("\\", "\\\\")  # as a pattern's replacement
                cell["source"] = re.sub(rf'^{name}: str = "[^"]*"', line, cell["source"], flags=re.MULTILINE)
    return notebook
