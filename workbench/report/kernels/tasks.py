"""What a worker process does; light to import, for it starts with each process."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.report.kernels.complete import SKIPPED, Fault, check, last_digest, named, tidy
from workbench.report.kernels.environment import narrow
from workbench.report.kernels.lifeline import end_with
from workbench.report.kernels.startup import skip_grammar

if TYPE_CHECKING:
    from workbench.model.plan import Plan

BOOK = "book"  # the snapshot's folder within the staging folder
DEAD = "that its Python process ended (out of memory, or a call that ends it)"
SILENT = "that it closed its output: what the cells show no longer arrives"
ARGUMENTS = ("--log-level=CRITICAL", "--HistoryManager.enabled=False")
IOPUB_TIMEOUT = 8  # seconds for what a cell showed to arrive after the cell has ended
TRIES = 2  # for a kernel that dies; an error in a notebook is final


@dataclass(frozen=True)
class Task:
    """A notebook to run for a scenario: `folder` takes the result, `digest` is the plan's, timeouts in seconds; a
    `segment` where it is run once for each, the result then under the name `result`. Its kernel computes the plan `anew`,
    or is given the one that was computed for the run.
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
    anew: bool = False

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
    """A notebook that ran, or the faults why it does not count; `seconds` by the clock, and the digest that is `shown` as
    its seal.
    """

    task: Task
    faults: tuple[Fault, ...]
    seconds: float
    shown: str | None = None


def set_up(staging: str, private: str, parent: int, address: str) -> None:
    """Makes this process a worker in `staging`: the allowed environment, Jupyter's files in `private`, kernels from the
    warm parent at `address` (blank: plain ones).
    """
    global _address
    _address = address
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the business of the process that started the run
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))  # what is at work is left in good order
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    own = f"{private}/{os.getpid()}"
    Path(own).mkdir()
    narrow(own, f"{private}/jupyter" if address else own)
    os.chdir(staging)
    end_with(parent)
    skip_grammar()
    logging.disable()  # what goes wrong is told in words, by the process that started the run
    import papermill  # noqa: F401  # while the first call is still on its way


_address = ""


def has_warm_parent() -> bool:
    """True where kernels and plans of this worker come from a warm parent."""
    return bool(_address)


def plan_scenario(scenario: str, quarter: str) -> Plan:
    """The plan of the snapshot in the working folder. Raises a WorkbenchError with every problem."""
    if _address:
        from workbench.report.kernels.warm import plan_from

        plan: Plan | None = plan_from(_address, [str(Path.cwd()), BOOK, scenario, quarter])
        if plan is not None:
            return plan
    return plan_anew(scenario, quarter)


def plan_anew(scenario: str, quarter: str) -> Plan:
    """As `plan_scenario`, computed in this very process."""
    from workbench.model.quarter import plan_quarter
    from workbench.sources.tables import load_book, load_scenario

    return plan_quarter(load_book(BOOK), load_scenario(scenario, BOOK), quarter)


def run_notebook(task: Task) -> Outcome:
    """The outcome of a notebook: run by papermill, checked, and written, tidied where it is complete.

    A kernel that dies is given a second try. The notebook as far as it came is written in any case.
    """
    started = time.perf_counter()
    for rest in reversed(range(TRIES)):
        notebook, fault = _execute(task)
        if not (fault and fault.found == DEAD and rest):
            break
    faults = (fault,) if fault else check(notebook.cells, task.digest)
    shown = None if fault else last_digest(notebook.cells)
    try:
        _write(task, notebook if faults else tidy(notebook))
    except OSError as error:
        faults = faults or (Fault("", in_words(error, task.cell_timeout)),)
    return Outcome(task, faults, time.perf_counter() - started, shown)


def _execute(task: Task) -> tuple[Any, Fault | None]:
    """The notebook as far as it ran (None where it never began), and what stopped it."""
    from papermill import PapermillException, execute_notebook
    from traitlets.config import Config

    notebooks, cells = [None], [None]
    try:
        execute_notebook(
            f"notebooks/{task.notebook}", None, task.parameters, kernel_name="python3", progress_bar=False,
            start_timeout=task.start_timeout, execution_timeout=task.cell_timeout, config=Config(settings(_address, task.anew)),
            extra_arguments=[*ARGUMENTS], skip_cells_with_tag=SKIPPED, shutdown_kernel="immediate",
            iopub_timeout=IOPUB_TIMEOUT, raise_on_iopub_timeout=True, record_timing=False, store_widget_state=False,
            on_notebook_start=lambda notebook: notebooks.append(notebook),
            on_cell_execute=lambda cell, cell_index: cells.append(cell),
        )  # fmt: skip
    except PapermillException as error:
        stopped = f"{getattr(error, 'ename', type(error).__name__)}: {getattr(error, 'evalue', error)}"
    except Exception as error:  # timeouts, dead kernels and start-up errors are families of their own
        stopped = in_words(error, task.cell_timeout)
    except SystemExit:  # the run ends: what there is stays as evidence
        _write(task, notebooks[-1])
        raise
    else:
        return notebooks[-1], None
    return notebooks[-1], Fault(_place(notebooks[-1], cells[-1]), stopped)


def _place(notebook: Any, last: Any) -> str:
    """The cell that was started last, in words; blank where none was."""
    cells = enumerate(notebook.cells if notebook else [], 1)
    return next((named(place, cell) for place, cell in cells if cell is last), "")


def _write(task: Task, notebook: Any) -> None:
    """Writes a notebook to its place; the one that was to be run where none is given."""
    import nbformat

    path = Path(task.folder, task.output)
    if notebook is None:
        shutil.copyfile(Path("notebooks", task.notebook), path)
    else:
        nbformat.write(notebook, path)


def settings(address: str, anew: bool) -> dict[str, dict[str, Any]]:
    """How to start and talk to a kernel, which computes `anew` or not: sockets in the worker's private folder, so that there
    is no port to collide on.
    """
    return {
        "KernelManager": {
            "transport": "ipc", "ip": f"{os.environ['JUPYTER_RUNTIME_DIR']}/{secrets.token_hex(4)}",
            "client_class": "workbench.report.kernels.warm.ReadyClient",
        },
        "WarmProvisioner": {"address": address, "anew": anew},
    }  # fmt: skip


def in_words(error: Exception, cell_timeout: int) -> str:
    """What stopped a notebook, for someone who does not know the machinery."""
    kind = type(error).__name__
    if kind == "CellTimeoutError":
        return SILENT if "IOPub" in str(error) else f"no result within {cell_timeout} s"
    if kind == "DeadKernelError" or "Kernel died" in str(error):
        return DEAD
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror[:1].lower()}{error.strerror[1:]}" + (f" ({error.filename})" if error.filename else "")
    return f"{kind}: {error}"
