"""The command in this process and without kernels: all of a run is as ever, but no cell is run and no process started."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import nbformat

from workbench.cli import main
from workbench.report.kernels import tasks
from workbench.report.kernels.complete import BLOCK_MIME
from workbench.report.kernels.tasks import Task
from workbench.report.run import make, run


class Here:
    """Stands for a pool: does each call in this process, in the staging folder."""

    fallback = ""

    def __init__(self, staging: str) -> None:
        self._staging = staging

    def run(
        self, function: Callable[..., Any], calls: Sequence[tuple[Any, ...]],
        done: Callable[[int, Any], object] = lambda place, result: None,
        started: Callable[[int], object] = lambda place: None,
    ) -> list[Any]:  # fmt: skip
        """As Pool.run."""
        before, results = Path.cwd(), []
        for place, arguments in enumerate(calls):
            started(place)
            os.chdir(self._staging)
            try:
                results.append(function(*arguments))
            except Exception as error:
                results.append(error)
            finally:
                os.chdir(before)
            done(place, results[-1])
        return results


@contextmanager
def here(staging: str, jobs: int, deadline: float, *, warm: bool = True) -> Iterator[Here]:
    """As open_pool."""
    yield Here(staging)


def as_if_run(task: Task) -> tuple[Any, None]:
    """The notebook as if its cells had run and the last one had shown the digest of the plan."""
    notebook = nbformat.read(Path("notebooks", task.notebook), as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, cell in enumerate(code, 1):
        cell.execution_count = number
    shown = {BLOCK_MIME: {"type": "digest", "digest": task.digest}}
    code[-1].outputs = [nbformat.v4.new_output("display_data", data=shown)]
    return notebook, None


@contextmanager
def spared() -> Iterator[None]:
    """Within it runs are as ever, but no cell is run and no process started."""
    with patch.object(make, "open_pool", here), patch.object(tasks, "_execute", as_if_run):
        yield


def spared_report(root: Path, *more: str) -> int:
    """The exit code of `workbench report` on the company at `root`; what it says goes to this process's streams."""
    notebooks = {**(run.publish_report.__kwdefaults__ or {}), "notebooks": root / "notebooks"}
    command = ["report", str(root / "twin"), "--reports", str(root / "reports"), "--jobs", "1", "--no-pdf", *more]
    before = signal.getsignal(signal.SIGTERM)
    try:
        with spared(), patch.object(run.publish_report, "__kwdefaults__", notebooks):
            return main(command)
    finally:
        signal.signal(signal.SIGTERM, before)
