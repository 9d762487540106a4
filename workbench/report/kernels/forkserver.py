"""The warm parent: a process that has imported everything once and forks a kernel per request, each from this clean state.

It holds no ZeroMQ context, no database connection, no event loop and no thread. Requests come over a private socket; a
connection stays open for as long as its child lives, and when the worker that holds it is gone, the child goes.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pickle
import pkgutil
import signal
import socket
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import Any

from workbench.report.kernels.children import become_kernel, begin_child, send_plan
from workbench.report.kernels.lifeline import remove
from workbench.report.kernels.startup import allow_grammar, skip_grammar

ADDRESS = "warm"  # the socket, in the run's private folder
STACK = (
    "numpy.random", "pandas", "altair", "scipy.optimize", "scipy.stats", "pyarrow", "statsmodels.tsa.holtwinters",
    "statsmodels.tsa.forecasting.theta", "ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell",
    "ipykernel.debugger", "IPython.core.completerlib", "IPython.core.debugger", "IPython.display",
    "IPython.core.oinspect", "IPython.extensions.storemagic", "IPython.utils.wildcard", "faulthandler", "sqlite3",
    "tornado.platform.asyncio", "workbench.report.kernels.memory",
)  # fmt: skip
ROOMS = ("workbench.model", "workbench.view")  # all modules of these


@dataclass
class Child:
    """A forked process; the worker that asked for it, and the pipe on which a plan comes back (none for a kernel)."""

    pid: int
    asker: Connection | None
    result: Connection | None = None


def main(private: str) -> None:
    """Serves until standard input ends, which is when the run does; then ends every child and clears the folder."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    usual = os.umask(0o177)
    server = socket.socket(socket.AF_UNIX)
    server.bind(f"{private}/{ADDRESS}")
    os.umask(usual)
    server.listen(128)
    skip_grammar()
    import_stack()
    allow_grammar()  # a notebook may want it
    gc.collect()
    gc.freeze()  # a child's garbage collector leaves alone what it shares with its parent
    Server(server).serve()
    remove(private)


def import_stack() -> None:
    """Imports what notebooks import; what is not installed is left to the notebook that needs it."""
    names = [*STACK]
    for room in ROOMS:
        folder = importlib.import_module(room).__path__
        names += [f"{room}.{module.name}" for module in pkgutil.iter_modules(folder) if not module.ispkg]
    for name in names:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


class Server:
    """Forks on request, tells how each child ended, passes signals on."""

    def __init__(self, server: socket.socket) -> None:
        self._server = server
        self._waiting: list[Connection] = []  # workers that have not asked yet
        self._children: list[Child] = []
        self._wake, self._woken = os.pipe()
        os.set_blocking(self._woken, False)
        signal.set_wakeup_fd(self._woken, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)

    def serve(self) -> None:
        """Answers until standard input ends."""
        while True:
            askers = {child.asker: child for child in self._children if child.asker}
            results = {child.result: child for child in self._children if child.result}
            ready = wait([0, self._wake, self._server, *self._waiting, *askers, *results])
            if 0 in ready:
                for child in self._children:
                    _kill(child, signal.SIGKILL)
                return
            if self._wake in ready:
                os.read(self._wake, 4096)
            if self._server in ready:
                self._waiting.append(Connection(self._server.accept()[0].detach()))
            for each in (end for end in ready if isinstance(end, Connection)):
                if each in results:
                    self._pass_on(results[each])
                elif each in askers:
                    self._signal(askers[each])
                elif each in self._waiting:
                    self._waiting.remove(each)
                    self._start(each)
            self._reap()

    def _start(self, asker: Connection) -> None:
        """Forks what a worker asks for."""
        request = _heard(asker)
        if request is None:
            asker.close()
        elif "plan" in request:
            result, sender = Pipe(duplex=False)
            self._fork(Child(0, asker, result), lambda: send_plan(sender, *request["plan"]), sender)
            sender.close()
        else:
            child = self._fork(Child(0, asker), lambda: become_kernel(**request["kernel"]))
            _tell(child, {"pid": child.pid})

    def _fork(self, child: Child, then: Callable[[], object], keep: Connection | None = None) -> Child:
        """`child` with the process that does `then`."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of threads, which this process does not have
            child.pid = os.fork()
        if child.pid == 0:
            begin_child([self._wake, self._woken, self._server, *self._waiting, child.asker, child.result,
                         *(end for each in self._children for end in (each.asker, each.result))], then)  # fmt: skip
        self._children.append(child)
        return child

    def _signal(self, child: Child) -> None:
        """Passes a signal on; where the worker is gone, the child is killed."""
        request = _heard(child.asker)
        if request is not None:
            _kill(child, request["signal"])
        else:
            _kill(child, signal.SIGKILL)
            child.asker.close()  # type: ignore[union-attr]
            child.asker = None

    def _pass_on(self, child: Child) -> None:
        """Remembers the plan that a child made, and hands it to the worker that asked for it."""
        from workbench.report.kernels.memory import remember

        try:
            answer, remembered = child.result.recv_bytes(), child.result.recv_bytes()  # type: ignore[union-attr]
        except (OSError, EOFError):
            pass  # the child ended without: its exit tells
        else:
            if remembered:
                remember(pickle.loads(remembered))
            if child.asker:
                with contextlib.suppress(OSError):
                    child.asker.send_bytes(answer)
        child.result.close()  # type: ignore[union-attr]
        child.result = None

    def _reap(self) -> None:
        """Tells the workers of children that have ended; what is in the pipe of a child comes first."""
        for child in [child for child in self._children if child.result is None]:
            pid, status = os.waitpid(child.pid, os.WNOHANG)
            if pid:
                self._children.remove(child)
                _tell(child, {"exit": os.waitstatus_to_exitcode(status)})
                if child.asker:
                    child.asker.close()


def _heard(asker: Connection | None) -> dict[str, Any] | None:
    """What a worker asks; None where it is gone."""
    try:
        return json.loads(asker.recv_bytes()) if asker else None
    except (OSError, EOFError, ValueError):
        return None


def _tell(child: Child, answer: dict[str, int]) -> None:
    """Tells the worker that asked for a child, where it is still there."""
    if child.asker:
        with contextlib.suppress(OSError):
            child.asker.send_bytes(json.dumps(answer).encode())


def _kill(child: Child, number: int) -> None:
    """Sends a signal to a child and what it started; it was not reaped, so the number is still its own."""
    try:
        os.killpg(child.pid, number)
    except ProcessLookupError:  # it has just been forked and is not yet at the head of its group
        os.kill(child.pid, number)


if __name__ == "__main__":
    del sys.path[0]  # the working folder; each kernel adds its own
    main(sys.argv[1])
