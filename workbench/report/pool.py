"""As many worker processes as asked for, with a deadline for all that they do."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Generic, TypeVar

from workbench.report.kernels import set_up

Result = TypeVar("Result")


class Pool(Generic[Result]):
    """Workers in a staging folder; each call gives its result, or the exception that stands for it."""

    def __init__(self, executor: ProcessPoolExecutor, ends: float) -> None:
        self._executor = executor
        self._ends = ends
        self.fallback = ""

    def run(
        self,
        function: Callable[..., Any],
        calls: Sequence[tuple[Any, ...]],
        done: Callable[[int, Any], object] = lambda place, result: None,
    ) -> list[Any]:
        """The result of each call in the order of `calls`, or its exception; `done` is called as each one ends."""
        futures = [self._executor.submit(function, *call) for call in calls]
        places = {future: place for place, future in enumerate(futures)}
        try:
            for future in as_completed(futures, timeout=max(self._ends - time.monotonic(), 0)):
                done(places[future], _result(future))
        except TimeoutError:
            for future in futures:
                future.cancel()
        return [_result(future) for future in futures]


@contextmanager
def open_pool(staging: str, jobs: int, deadline: float, *, warm: bool = True) -> Iterator[Pool[Any]]:
    """A pool of `jobs` processes that ends after `deadline` seconds, and with it every process that it started."""
    context = multiprocessing.get_context("spawn")
    short = "/tmp" if Path("/tmp").is_dir() else None  # a socket's path has at most 104 characters
    private = tempfile.mkdtemp(prefix="wb-", dir=short)
    executor = ProcessPoolExecutor(jobs, context, initializer=set_up, initargs=(staging, private, os.getpid()))
    try:
        yield Pool(executor, time.monotonic() + deadline)
    finally:
        workers: Iterable[Any] = list((executor._processes or {}).values())
        busy = bool(executor._pending_work_items)
        executor.shutdown(wait=not busy, cancel_futures=True)
        if busy:
            for worker in workers:
                worker.terminate()
            for worker in workers:
                worker.join(10)
        shutil.rmtree(private, ignore_errors=True)


def _result(future: Future[Any]) -> Any:
    """What a call gave, or the exception that stands for it: TimeoutError where it did not end in time."""
    if not future.done():
        return TimeoutError()
    try:
        return future.exception() or future.result()
    except CancelledError:
        return TimeoutError()
