"""What a fork of the warm parent does: it becomes a kernel like any other, or works out a plan and ends."""

from __future__ import annotations

import atexit
import os
import pickle
import random
import signal
import sys
import traceback
from collections.abc import Callable, Iterable
from multiprocessing.connection import Connection
from typing import Any, NoReturn

from workbench.errors import WorkbenchError
from workbench.report.kernels.lifeline import die_with


def begin_child(ends: Iterable[Any], then: Callable[[], object]) -> NoReturn:
    """Cuts what a fork shares with its parent (`ends`, session, signals, standard streams, chance), then does `then`."""
    parent, code = os.getppid(), 1
    try:
        os.setsid()
        die_with(parent)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for end in ends:
            if end is not None:
                os.close(end) if isinstance(end, int) else end.close()
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        os.close(nothing)
        from numpy.random import seed

        random.seed()
        seed()
        then()
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        try:
            atexit._run_exitfuncs()
        finally:
            os._exit(code)


def become_kernel(argv: list[str], environment: dict[str, str], folder: str, anew: bool) -> None:
    """The kernel that `python -m ipykernel_launcher ARGV` would be, in `folder` with `environment`; one that computes
    `anew` holds no plan and no book of the run.
    """
    import ipykernel_launcher  # type: ignore[import-untyped]
    from ipykernel.kernelapp import launch_new_instance

    from workbench.report.kernels.memory import forget

    if anew:
        forget()
    os.environ.clear()
    os.environ.update({**environment, "JPY_PARENT_PID": str(os.getppid())})
    os.chdir(folder)
    sys.argv = [ipykernel_launcher.__file__, *argv]
    launch_new_instance([*argv, f"--IPKernelApp.parent_handle={os.getppid()}"])


def send_plan(sender: Connection, folder: str, book: str, scenario: str, quarter: str) -> None:
    """Sends the plan of a scenario of the book in `folder`, or the WorkbenchError that stands for it; then, pickled, what
    to remember, or nothing.
    """
    from workbench.report.kernels.memory import work_out

    os.chdir(folder)
    try:
        remembered = work_out(book, scenario, quarter)
    except WorkbenchError as error:
        answers = pickle.dumps(error), b""
    else:
        answers = pickle.dumps(remembered.plan), pickle.dumps(remembered)
    for answer in answers:
        sender.send_bytes(answer)
