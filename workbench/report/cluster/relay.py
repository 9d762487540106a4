"""What a Dask worker does for a run: it starts an outpost beside itself, hands calls to it and passes on the answers.

Functions here run within the Dask worker, whose folder, environment and threads belong to others: nothing is changed
there. An outpost ends with its run, with its Dask worker, and where nobody has renewed its lease.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import pickle
import platform
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import version
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any

from workbench.report.cluster.outpost import CALL, FILES
from workbench.report.kernels import PATIENCE, allowed, code_on_disk, private_place, remove_forsaken

TOPIC = "workbench"  # under which Dask passes on that a call has begun
LACKING, LOST, DONE = "lacking", "lost", "done"


class Post:
    """An outpost as seen from its Dask worker; `digest` names the snapshot that it holds."""

    def __init__(self, jobs: int, left: float, warm: bool, lease: float) -> None:
        self.digest = ""
        self._lease = lease
        self._until = time.monotonic() + lease
        self._numbers = itertools.count()
        self._answers: dict[int, SimpleQueue[bytes | None]] = {}
        self._sending, self._ending = threading.Lock(), threading.Lock()
        self.ended = False  # the outpost and all that it started are gone
        (ours_in, out), (heard, ours_out) = os.pipe(), os.pipe()
        command = [
            sys.executable,
            "-m",
            "workbench.report.cluster.outpost",
            str(jobs),
            f"{left:.3f}",
            "warm" if warm else "plain",
        ]
        self._process = subprocess.Popen(command, cwd="/", env=allowed(os.environ), start_new_session=True,
                                         stdin=ours_in, stdout=ours_out, stderr=subprocess.DEVNULL)  # fmt: skip
        os.close(ours_in)
        os.close(ours_out)
        self._to, self._from = Connection(out, readable=False), Connection(heard, writable=False)
        threading.Thread(target=self._listen, daemon=True).start()

    def renew(self) -> None:
        """The run is still there."""
        self._until = time.monotonic() + self._lease

    def receive(self, digest: str, files: Mapping[str, bytes]) -> None:
        """Adds files to the snapshot, which is `digest` from now on."""
        self._send((FILES, dict(files)))
        self.digest = digest

    def call(self, call: bytes) -> bytes | None:
        """The answer to a pickled call; None where the outpost ended before it."""
        place, answer = next(self._numbers), SimpleQueue[bytes | None]()
        self._answers[place] = answer
        with suppress(OSError):
            self._send((CALL, place, call))
        if self.ended:
            answer.put(None)
        return answer.get()

    def end(self) -> None:
        """Returns once the outpost and all that it started are gone."""
        with self._ending:
            if self.ended:
                return
            self._to.close()
            try:
                self._process.wait(PATIENCE + 4)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
                remove_forsaken(private_place())
            self.ended = True
        for answer in list(self._answers.values()):
            answer.put(None)

    def _send(self, message: tuple[Any, ...]) -> None:
        with self._sending:
            self._to.send_bytes(pickle.dumps(message))

    def _listen(self) -> None:
        """Passes answers on until the outpost ends, or the lease."""
        with suppress(EOFError, OSError):
            while time.monotonic() < self._until:
                if self._from.poll(1):
                    place, answer = self._from.recv()
                    self._answers.pop(place).put(answer)
        self.end()
        self._from.close()


_posts: dict[str, Post] = {}


def _post_of(run: str) -> Post | None:
    """The outpost of a run, None where it has none; those of any run that have ended are forgotten."""
    for each in [each for each, post in list(_posts.items()) if post.ended]:
        _posts.pop(each, None)
    return _posts.get(run)


def about() -> tuple[str, str, str]:
    """What must be the same everywhere: the key of the code as it lies on the disk; workbench and Python for the eye."""
    return code_on_disk(), version("portfolio-workbench"), platform.python_version()


async def receive(
    run: str, digest: str, files: dict[str, bytes], left: float, warm: bool, lease: float, dask_worker: Any = None
) -> None:
    """Takes the files of a run's snapshot in; the first ones start its outpost, with `left` seconds to work."""
    post = _post_of(run)
    if post is None:
        post = _posts[run] = Post(dask_worker.state.nthreads, left, warm, lease)
    await asyncio.to_thread(post.receive, digest, files)


def renew(run: str) -> None:
    """Tells the outpost of a run that the run is still there."""
    post = _post_of(run)
    if post is not None:
        post.renew()


async def end(run: str) -> None:
    """Ends the outpost of a run."""
    post = _post_of(run)
    if post is not None:
        await asyncio.to_thread(post.end)
        _post_of(run)


def work(run: str, digest: str, place: int, call: bytes) -> tuple[str, str, bytes]:
    """What came of a pickled call: one of the three words above, this Dask worker's address, and the answer, pickled."""
    from distributed import get_worker

    worker = get_worker()
    post = _post_of(run)
    if post is None or post.digest != digest:
        return LACKING, worker.address, b""
    worker.log_event(TOPIC, [run, digest, place])
    answer = post.call(call)
    if answer is None:
        return LOST, worker.address, b""
    return DONE, worker.address, answer
