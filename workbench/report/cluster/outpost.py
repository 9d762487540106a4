"""A process beside a Dask worker, one for each run: it keeps the run's snapshot in a folder of its own and answers calls
there by a pool of processes, until its standard input ends.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError
from workbench.report.kernels import (
    Outcome,
    Pool,
    Task,
    has_warm_parent,
    open_pool,
    plan_scenario,
    private_folder,
    run_notebook,
)

FILES, CALL = "files", "call"  # the two kinds of message


def main(jobs: int, left: float, warm: bool) -> None:
    """Serves for at most `left` seconds of work, `jobs` calls at a time; then nothing of it is left."""
    inbox, outbox = Connection(os.dup(0), writable=False), Connection(os.dup(1), readable=False)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):  # processes that are started from here neither hold nor disturb the two pipes
        os.dup2(nothing, stream)
    os.close(nothing)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))
    with private_folder() as place:
        staging = Path(place, "staging")
        staging.mkdir()
        with open_pool(str(staging), jobs, left, warm=warm) as pool, suppress(EOFError, OSError):
            serve(pool, staging, inbox, outbox)


def serve(pool: Pool[Any], staging: Path, inbox: Connection, outbox: Connection) -> None:
    """Writes files into `staging` and answers calls as they come; ends by EOFError with `inbox`, OSError with `outbox`.

    An answer is the number of the call and, pickled, its result, the pool's `fallback` and the notebook it wrote.
    """
    tasks: dict[int, tuple[Any, ...]] = {}
    while True:
        results, heard = pool.step([inbox])
        for place, result in results:
            answer = pickle.dumps((result, pool.fallback, written(staging, tasks.pop(place))))
            outbox.send((place, answer))
        if not heard:
            continue
        kind, *told = pickle.loads(inbox.recv_bytes())
        if kind == FILES:
            for name, data in told[0].items():
                (staging / name).parent.mkdir(parents=True, exist_ok=True)
                (staging / name).write_bytes(data)
            continue
        place, (function, arguments) = told[0], pickle.loads(told[1])
        tasks[place] = arguments
        pool.put(place, run_planned if function is run_notebook else function, arguments)


def written(staging: Path, arguments: tuple[Any, ...]) -> bytes | None:
    """The bytes of the notebook that a call was to write, as far as it came; None where there is none."""
    task = arguments[0] if arguments else None
    if isinstance(task, Task):
        with suppress(OSError):
            return Path(staging, task.folder, task.output).read_bytes()
    return None


_planned: set[tuple[str, str]] = set()


def run_planned(task: Task) -> Outcome:
    """As `run_notebook`; before the first notebook that is given its scenario's plan the plan is made, which the warm parent
    remembers.
    """
    about = task.scenario, task.quarter
    if has_warm_parent() and not task.anew and about not in _planned:
        _planned.add(about)
        with suppress(WorkbenchError):  # the notebook will come upon it
            plan_scenario(*about)
    return run_notebook(task)


if __name__ == "__main__":
    del sys.path[0]  # the working folder
    main(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3] == "warm")
