"""What a worker process does; light to import, for it starts with each process."""

from __future__ import annotations

import os
import secrets
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.report.complete import SKIPPED, Fault, check, last_started, tidy

if TYPE_CHECKING:
    from workbench.model.plan import Plan

ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",  # figures that are published must not depend on the number of cores
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "JUPYTER_PREFER_ENV_PATH": "1",  # this environment's kernel, not one of the user's
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}


@dataclass(frozen=True)
class Task:
    """A notebook to run for a scenario: `folder` takes the result, `digest` is the plan's, timeouts in seconds; a
    `segment` where it is run once for each, the result then under the name `result`.
    """

    notebook: str
    scenario: str
    folder: str
    quarter: str
    digest: str
    start_timeout: int
    cell_timeout: int
    segment: str | None = None
    result: str = ""

    @property
    def output(self) -> str:
        """The file in `folder` that takes the result."""
        return self.result or self.notebook

    @property
    def parameters(self) -> dict[str, str]:
        """What the notebook is told."""
        told = {"book": "book", "scenario": self.scenario, "quarter": self.quarter}
        return told if self.segment is None else {**told, "segment": self.segment}


@dataclass(frozen=True)
class Outcome:
    """A notebook that ran, or the faults why it does not count; `seconds` by the clock."""

    task: Task
    faults: tuple[Fault, ...]
    seconds: float


def set_up(staging: str, private: str, parent: int) -> None:
    """Makes this process a worker in `staging`: one BLAS thread, and Jupyter's files in `private`, not the user's."""
    os.environ.update(ENVIRONMENT)
    own = f"{private}/{os.getpid()}"
    Path(own).mkdir()
    os.environ.update({"IPYTHONDIR": own, "JUPYTER_CONFIG_DIR": own, "JUPYTER_RUNTIME_DIR": own})
    os.chdir(staging)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    """Ends this worker once its parent is gone: a run that was killed leaves no process behind."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def plan_scenario(scenario: str, quarter: str) -> Plan:
    """The plan of the snapshot in the working folder. Raises a WorkbenchError with every problem."""
    from workbench.model.quarter import plan_quarter
    from workbench.sources.folder import load_book, load_scenario

    return plan_quarter(load_book("book"), load_scenario(scenario, "book"), quarter)


def run_notebook(task: Task) -> Outcome:
    """The outcome of a notebook: run by papermill, checked as it stands on disk, and tidied where it is complete."""
    import nbformat
    from papermill import PapermillException, execute_notebook
    from traitlets.config import Config

    started = time.perf_counter()
    path = f"{task.folder}/{task.output}"
    stopped = ""
    try:
        execute_notebook(
            f"notebooks/{task.notebook}", path, task.parameters,
            kernel_name="python3", progress_bar=False, start_timeout=task.start_timeout,
            execution_timeout=task.cell_timeout, config=Config(KernelManager=sockets()),
            extra_arguments=["--log-level=CRITICAL"], skip_cells_with_tag=SKIPPED,
        )  # fmt: skip
    except PapermillException as error:
        stopped = f"{getattr(error, 'ename', type(error).__name__)}: {getattr(error, 'evalue', error)}"
    except Exception as error:  # timeouts, dead kernels and start-up errors are families of their own
        stopped = in_words(error, task.cell_timeout)
    faults: tuple[Fault, ...]
    try:
        notebook = nbformat.read(path, as_version=4)
    except (OSError, ValueError) as error:
        faults = (Fault("", stopped or f"no readable result ({error})"),)
    else:
        faults = (Fault(last_started(notebook.cells), stopped),) if stopped else check(notebook.cells, task.digest)
        if not faults:
            nbformat.write(tidy(notebook), path)
    return Outcome(task, faults, time.perf_counter() - started)


def sockets() -> dict[str, str]:
    """How to talk to a kernel: sockets in the worker's private folder, so that there is no port to collide on."""
    return {"transport": "ipc", "ip": f"{os.environ['JUPYTER_RUNTIME_DIR']}/{secrets.token_hex(4)}"}


def in_words(error: Exception, cell_timeout: int) -> str:
    """What stopped a notebook, for someone who does not know the machinery."""
    kind = type(error).__name__
    if kind == "CellTimeoutError":
        return f"no result within {cell_timeout} s"
    if kind == "DeadKernelError":
        return "that its Python process ended (out of memory, or a call that ends it)"
    return f"{kind}: {error}"
