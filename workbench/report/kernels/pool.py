"""As many worker processes as asked for, with a deadline for all that they do, and one warm parent for their kernels."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Generic, TypeVar

from workbench.report.kernels.environment import allowed, jupyter_folders
from workbench.report.kernels.lifeline import private_folder
from workbench.report.kernels.tasks import set_up

Result = TypeVar("Result")
Call = tuple[int, Callable[..., Any], tuple[Any, ...]]  # place, function, arguments
PROVISIONER = "workbench-warm"  # the entry point in pyproject.toml
PARENT = "workbench.report.kernels.forkserver"  # the module that the warm parent runs
SOCKET = "warm"  # in the private folder
PATIENCE = 8  # seconds for a worker that is told to end


class WorkerLostError(Exception):
    """A worker process ended in the middle of a call, twice."""


class Worker:
    """A process that answers one call after the other."""

    def __init__(self, staging: str, private: str, address: str) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, other = context.Pipe()
        arguments = (other, staging, private, os.getpid(), address)
        self._process = context.Process(target=work, args=arguments, daemon=True)
        with _no_interrupt():
            self._process.start()
        other.close()

    def end(self, *, busy: bool) -> None:
        """Tells the process to end; by a signal where it is at work."""
        if busy:
            self._process.terminate()
        with contextlib.suppress(OSError):
            self.connection.close()

    def gone(self, patience: float) -> None:
        """Returns once the process is gone, killed if need be after `patience` seconds."""
        self._process.join(max(patience, 0))
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def work(connection: Connection, staging: str, private: str, parent: int, address: str) -> None:
    """Answers calls until the connection ends: each with its result, or the exception that stands for it, and with the
    reason why kernels are not forked (blank: they are).
    """
    with contextlib.suppress(EOFError, OSError):  # the run is gone, and with it the connection or the private folder
        set_up(staging, private, parent, address)
        while True:
            function, arguments = connection.recv()
            result: object
            try:
                result = function(*arguments)
            except Exception as error:
                result = error
            warm = sys.modules.get("workbench.report.kernels.warm")
            connection.send((result, warm.trouble() if warm else ""))


class Pool(Generic[Result]):
    """Workers in a staging folder; each call gives its result, or the exception that stands for it.

    `fallback` says why kernels are plain ones; blank where they are forked from the warm parent.
    """

    def __init__(self, staging: str, private: str, jobs: int, ends: float, fallback: str) -> None:
        self.fallback = fallback
        self._about = staging, private, "" if fallback else f"{private}/{SOCKET}"
        self._jobs = jobs
        self._ends = ends
        self._idle: list[Worker] = []
        self._waiting: deque[Call] = deque()
        self._lost: set[int] = set()
        self._busy: dict[Connection, tuple[Worker, Call]] = {}

    def run(
        self, function: Callable[..., Any], calls: Sequence[tuple[Any, ...]],
        done: Callable[[int, Any], object] = lambda place, result: None,
        started: Callable[[int], object] = lambda place: None,
    ) -> list[Any]:  # fmt: skip
        """The result of each call in the order of `calls`, or its exception: TimeoutError where it did not end in time.

        `started` is called as a call is handed to a worker, `done` with its result as it ends. A call whose worker ends
        is handed to another one, once.
        """
        results: list[Any] = [None for _ in calls]
        for place, arguments in enumerate(calls):
            self.put(place, function, arguments)
        while self._waiting or self._busy:
            for place, result in self.step((), started)[0]:
                results[place] = result
                done(place, result)
        return results

    def put(self, place: int, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        """Takes a call on; `place` is what its result will be known by."""
        self._lost.discard(place)
        self._waiting.append((place, function, arguments))

    def step(
        self, others: Sequence[Connection], started: Callable[[int], object] = lambda place: None
    ) -> tuple[list[tuple[int, Any]], list[Connection]]:
        """Hands out what waits, then returns once there is something: results by place, and those of `others` that can be
        read. At the deadline everything ends with a TimeoutError.
        """
        while self._waiting and (worker := self._free()):
            place, function, arguments = call = self._waiting.popleft()
            self._busy[worker.connection] = worker, call
            with contextlib.suppress(OSError):  # a worker that is gone shows below
                worker.connection.send((function, arguments))
            if place not in self._lost:
                started(place)
        ready = wait([*others, *self._busy], max(self._ends - time.monotonic(), 0) if self._busy else None)
        if not ready:
            late = [place for place, *_ in (*(call for _, call in self._busy.values()), *self._waiting)]
            self.stop()
            return [(place, TimeoutError()) for place in late], []
        ended = [self._answer(connection) for connection in [*self._busy] if connection in ready]
        return [each for each in ended if each], [each for each in others if each in ready]

    def _answer(self, connection: Connection) -> tuple[int, Any] | None:
        """What a worker answered; None where it was lost and its call is to be handed out again."""
        worker, call = self._busy.pop(connection)
        place = call[0]
        try:
            result, trouble = connection.recv()
        except (EOFError, OSError):
            worker.end(busy=True)
            worker.gone(0)
            if place not in self._lost:
                self._lost.add(place)
                self._waiting.append(call)
                return None
            return place, WorkerLostError("the worker process ended in the middle of it, twice")
        self._idle.append(worker)
        self.fallback = self.fallback or trouble
        return place, result

    def _free(self) -> Worker | None:
        """An idle worker, a new one where there may be more, else None."""
        if self._idle:
            return self._idle.pop()
        return Worker(*self._about) if len(self._busy) < self._jobs else None

    def stop(self) -> None:
        """Ends every worker, those at work after they have put what they have in order."""
        ends = time.monotonic() + PATIENCE
        self._waiting.clear()
        busy = [worker for worker, _ in self._busy.values()]
        for worker in (*busy, *self._idle):
            worker.end(busy=worker in busy)
        for worker in (*busy, *self._idle):
            worker.gone(ends - time.monotonic())
        self._busy.clear()
        self._idle.clear()


@contextmanager
def open_pool(staging: str, jobs: int, deadline: float, *, warm: bool = True) -> Iterator[Pool[Any]]:
    """A pool of `jobs` processes that ends after `deadline` seconds, and with it every process that it started.

    Kernels are forked from a warm parent, unless `warm` is False or the pool's `fallback` says why not.
    """
    ends = time.monotonic() + deadline
    with private_folder() as private:
        fallback = _why_plain() if warm else "warm kernels are switched off"
        parent = None if fallback else _start_parent(private)
        pool: Pool[Any] = Pool(staging, private, jobs, ends, fallback)
        try:
            yield pool
        finally:
            pool.stop()
            if parent:
                _end_parent(parent)


def _why_plain() -> str:
    """Why kernels cannot be forked here; blank where they can."""
    from importlib.metadata import entry_points

    if not hasattr(os, "fork"):
        return "this system cannot fork processes"
    if not entry_points(group="jupyter_client.kernel_provisioners", name=PROVISIONER):
        return "the workbench was installed before it had warm kernels; install it again"
    return ""


def _start_parent(private: str) -> subprocess.Popen[bytes]:
    """The warm parent, which ends when its standard input does, and the kernelspec that leads to it."""
    spec = Path(private, "jupyter", "kernels", "python3")
    spec.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    about = {"argv": command, "display_name": "Python 3", "language": "python",
             "metadata": {"kernel_provisioner": {"provisioner_name": PROVISIONER}}}  # fmt: skip
    (spec / "kernel.json").write_text(json.dumps(about), encoding="utf-8")
    own = f"{private}/parent"
    Path(own).mkdir()
    return subprocess.Popen(
        [sys.executable, "-m", PARENT, private], cwd=private, start_new_session=True,
        env={**allowed(os.environ), **jupyter_folders(own, own)}, stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def _end_parent(parent: subprocess.Popen[bytes]) -> None:
    """Ends the warm parent, and with it every process that it forked."""
    parent.stdin.close()  # type: ignore[union-attr]
    try:
        parent.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        parent.kill()
        parent.wait()


@contextmanager
def _no_interrupt() -> Iterator[None]:
    """Ctrl-C waits meanwhile, here and in processes that are started, until they take it on themselves."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
