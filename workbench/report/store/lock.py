"""One run at a time for a book and quarter, by a lock that the system takes back however its holder ends."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from workbench.errors import Problem, RunError

RUNS = ".runs"
PAUSE = 0.2  # seconds between two tries


@contextmanager
def held(home: Path, name: str, wait: float = 0) -> Iterator[None]:
    """The lock `name` of the reports in `home`, tried for `wait` seconds. Raises RunError where another run holds it.

    The file stays, empty, when the lock is given back: what counts is the system's lock on it (flock), which ends with
    the process that holds it. Where a system knows no such lock, none is held.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    path = home / RUNS / f".{name}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        ends = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= ends:
                    raise RunError([_taken(path, name, wait)]) from None
                time.sleep(PAUSE)
        with suppress(OSError):  # held all the same where the disk is full
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"process {os.getpid()} since {time.strftime('%Y-%m-%d %H:%M:%S')}".encode())
        try:
            yield
        finally:
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _taken(path: Path, name: str, wait: float) -> Problem:
    """Who holds the lock."""
    holder = path.read_text(encoding="utf-8", errors="replace") or "a process that is just starting or ending"
    found = f"another run at work ({holder})" + (f", still after {wait:g} s" if wait else "")
    return Problem(f"{path.parent.parent.name}, {name}", None, None, found, "one run at a time for a book and quarter",
                   "wait for it, or let this run wait with --wait SECONDS")  # fmt: skip
