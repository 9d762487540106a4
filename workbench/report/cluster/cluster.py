"""The calls of a run on the workers of a Dask scheduler that is already there, with the face of a pool of processes.

Scheduler and workers share no disk with the run: the snapshot goes to each Dask worker once, as bytes, and an executed
notebook comes back as bytes, into the local staging folder. What is checked, noted and published is so here.
"""

from __future__ import annotations

import asyncio
import gc
import hashlib
import logging
import os
import pickle
import secrets
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from workbench.errors import Problem, RunError
from workbench.report.cluster import relay
from workbench.report.kernels import Task, WorkerLostError, key_of

REACHED = 10  # seconds for the scheduler to answer
TOLD = 30  # seconds for every Dask worker to answer
LEASE = 120  # seconds after which a Dask worker ends what it does for a run that it no longer hears of
RENEWED = 5  # seconds between two signs of life
GRACE = 9  # seconds after the deadline for what was at work to come back as evidence
TRIES = 2  # for a call whose Dask worker is lost

Update = tuple[str, int, Any]  # what happened, to which call, and the future


@contextmanager
def open_cluster(address: str, staging: str, deadline: float, *, warm: bool = True) -> Iterator[Cluster]:
    """The workers of the Dask scheduler at `address` for calls in the folder `staging`, for `deadline` seconds; at the end
    nothing of the run is left on them. Raises RunError where they cannot be reached or are not like this machine.
    """
    ends = time.monotonic() + deadline
    silent = logging.root.manager.disable
    logging.disable()  # Dask's own words; what matters is told in ours
    try:
        client = _client(address)
        try:
            cluster = Cluster(client, address, Path(staging), ends, warm)
            cluster.check()
            stop = threading.Event()
            threading.Thread(target=cluster.live, args=(stop,), daemon=True).start()
            try:
                yield cluster
            finally:
                stop.set()
                cluster.stop()
        finally:
            client.close(timeout=5)
    finally:
        logging.disable(silent)


def _client(address: str) -> Any:
    """A connection to the scheduler."""
    try:
        from distributed import Client
    except ImportError:
        advice = "install it here and on the workers: pip install 'portfolio-workbench[cluster]'"
        problem = Problem(f"--cluster {address}", None, None, "no package distributed", "the extra `cluster`", advice)
        raise RunError([problem]) from None
    try:
        if not hasattr(os, "fork"):
            raise OSError("this system")
        _check_address(address)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of versions, which are compared below
            return Client(address, timeout=REACHED, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        found = f"no Dask scheduler there ({_short(error)})"
    gc.collect()  # half a connection ends here: within the making of the next one Dask would wait for itself
    raise RunError([Problem(f"--cluster {address}", None, None, found,
                            f"one that answers within {REACHED} s, such as tcp://10.0.0.5:8786",
                            "look whether it runs and can be reached from here")])  # fmt: skip


def _check_address(address: str) -> None:
    """Raises ValueError for what can be no address of a scheduler: before there is any connection to be ended."""
    from distributed.comm.addressing import parse_address, parse_host_port
    from distributed.comm.registry import get_backend

    scheme, place = parse_address(address)
    get_backend(scheme)
    parse_host_port(place)


class Cluster:
    """Dask workers that answer calls as a `pool.Pool` does; `fallback` says why kernels are plain ones."""

    def __init__(self, client: Any, address: str, staging: Path, ends: float, warm: bool) -> None:
        self.fallback = "" if warm else "warm kernels are switched off"
        self._client, self._address, self._staging, self._ends, self._warm = client, address, staging, ends, warm
        self._run = secrets.token_hex(8)
        self._digest = ""
        self._files: dict[str, bytes] = {}  # the snapshot, by name
        self._hashes: dict[str, str] = {}
        self._sent: dict[str, set[str]] = {}  # by Dask worker, the names and hashes of the files it has
        self._fit: set[str] = set()
        self._submitted = 0
        self._news: SimpleQueue[Update] = SimpleQueue()
        client.subscribe_topic(relay.TOPIC, self._begun)

    def check(self) -> None:
        """Raises RunError where there is no Dask worker, or one with other code than this machine."""
        answers = self._ask(relay.about)
        if not answers:
            raise self._error("a scheduler without workers", "at least one worker", "start some: dask worker ADDRESS")
        own = relay.about()
        problems = [
            self._problem(f"worker {address}: {_unlike(told, own)}", f"the same as here: {_versions(own)}, from the same lock",
                          "install the same on it (`pip install --require-hashes -r requirements.lock`), start it again")
            for address, told in sorted(answers.items()) if told != own
        ]  # fmt: skip
        if problems:
            raise RunError(problems)
        self._fit |= set(answers)

    def live(self, stop: threading.Event) -> None:
        """Tells the Dask workers again and again that the run is still there."""
        while not stop.wait(RENEWED):
            with suppress(Exception):  # the next sign may arrive
                self._ask(relay.renew, self._run)

    def run(
        self, function: Callable[..., Any], calls: Sequence[tuple[Any, ...]],
        done: Callable[[int, Any], object] = lambda place, result: None,
        started: Callable[[int], object] = lambda place: None,
    ) -> list[Any]:  # fmt: skip
        """As `pool.Pool.run`; a call whose Dask worker is lost is done by another one, once."""
        if not calls:
            return []
        self._pack()
        return Round(self, [pickle.dumps((function, call)) for call in calls], calls, done, started).results()

    def submit(self, place: int, call: bytes) -> Any:
        """The future of a call."""
        self._submitted += 1
        future = self._client.submit(
            relay.work, self._run, self._digest, place, call, pure=False, priority=-place,
            workers=sorted(self._fit), allow_other_workers=True, key=f"workbench-{self._run}-{self._submitted}",
        )  # fmt: skip
        future.add_done_callback(lambda future: self._news.put(("ended", place, future)))
        return future

    def cancel(self, futures: list[Any]) -> None:
        """Takes back calls that are still out."""
        if futures:
            with suppress(Exception):  # of a scheduler that is gone
                self._client.cancel(futures, force=True)

    def news(self, patience: float) -> Update | None:
        """What has happened, None where nothing has within `patience` seconds. Raises RunError where the scheduler is gone."""
        try:
            return self._news.get(timeout=min(max(patience, 0), RENEWED))
        except Empty:
            if self._client.status == "closed":
                raise self.gone() from None
            return None

    def supply(self, address: str) -> Exception | None:
        """Sends the snapshot to a Dask worker that has come, or has lost it; what kept it from taking it, if anything."""
        self._sent.pop(address, None)
        told = self._ask(relay.about, workers=[address]).get(address)
        if told != relay.about():
            return OSError(f"worker {address}: {_unlike(told, relay.about())}")
        self._fit.add(address)
        return self._send([address]).get(address)

    def gone(self) -> RunError:
        """The scheduler no longer knows the calls."""
        return self._error("a scheduler that went away or dropped the run's calls", "one that lasts as long as the run",
                           "look at its log, then run again with --resume")  # fmt: skip

    def take(self, call: tuple[Any, ...], answer: bytes) -> Any:
        """The result in an answer; its notebook is written to staging."""
        result, trouble, notebook = pickle.loads(answer)
        self.fallback = self.fallback or trouble
        if notebook is not None and isinstance(call[0], Task):
            try:
                Path(self._staging, call[0].folder, call[0].output).write_bytes(notebook)
            except OSError as error:
                return error
        return result

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return self._ends - time.monotonic()

    def stop(self) -> None:
        """Ends what the Dask workers still do for the run."""
        if self._client.status == "running":
            with suppress(Exception):  # those that cannot be reached end by their lease
                self._ask(relay.end, self._run)

    def _pack(self) -> None:
        """Brings the snapshot to every Dask worker, as it now lies in staging."""
        paths = [
            path for pattern in ("book/**/*", "notebooks/*", "*/plan.json") for path in self._staging.glob(pattern)
        ]
        self._files = {
            path.relative_to(self._staging).as_posix(): path.read_bytes() for path in sorted(paths) if path.is_file()
        }
        self._hashes = {name: hashlib.sha256(data).hexdigest() for name, data in self._files.items()}
        self._digest = key_of(**self._hashes)
        self._send(sorted(self._fit))

    def _send(self, workers: Iterable[str]) -> dict[str, Exception]:
        """Sends each of `workers` the files that it lacks; what kept one from taking them."""
        groups: dict[frozenset[str], list[str]] = {}
        for address in workers:
            groups.setdefault(frozenset(self._sent.get(address, ())), []).append(address)
        faults = {}
        for known, group in groups.items():
            files = {name: data for name, data in self._files.items() if name + self._hashes[name] not in known}
            told = self._ask(relay.receive, self._run, self._digest, files, self.left, self._warm, LEASE, workers=group)
            for address in group:
                if address in told and told[address] is None:
                    self._sent[address] = {name + digest for name, digest in self._hashes.items()}
                else:
                    self._sent.pop(address, None)
                    faults[address] = told.get(address) or OSError(f"worker {address} is not there")
        return faults

    def _ask(self, function: Callable[..., Any], *arguments: Any, workers: list[str] | None = None) -> dict[str, Any]:
        """What a function of `relay` gives on each of `workers` (None: all), beside their calls; or its exception."""

        async def ask() -> dict[str, Any]:
            told: dict[str, Any] = await self._client.run(function, *arguments, workers=workers, on_error="return")
            return told

        try:
            return dict(self._client.sync(ask, callback_timeout=TOLD))
        except TimeoutError:
            raise self._error(f"a worker that did not answer within {TOLD} s", "workers that answer",
                              "look at their logs, and end those that hang") from None  # fmt: skip
        except OSError:
            raise self.gone() from None

    def _begun(self, event: tuple[float, Any]) -> None:
        run, digest, place = event[1]
        if (run, digest) == (self._run, self._digest):
            self._news.put(("begun", place, None))

    def _problem(self, found: str, allowed: str, advice: str) -> Problem:
        return Problem(f"--cluster {self._address}", None, None, found, allowed, advice)

    def _error(self, found: str, allowed: str, advice: str) -> RunError:
        return RunError([self._problem(found, allowed, advice)])


class Round:
    """Calls that are out at the same time, until each has its result."""

    def __init__(
        self, cluster: Cluster, packed: Sequence[bytes], calls: Sequence[tuple[Any, ...]],
        done: Callable[[int, Any], object], started: Callable[[int], object],
    ) -> None:  # fmt: skip
        self._cluster, self._packed, self._calls, self._done, self._started = cluster, packed, calls, done, started
        self._results: list[Any] = [TimeoutError() for _ in calls]
        self._tries: Counter[int] = Counter()
        self._futures = {place: cluster.submit(place, call) for place, call in enumerate(packed)}

    def results(self) -> list[Any]:
        """The result of each call, or the exception that stands for it."""
        try:
            while self._futures:
                late = self._cluster.left <= 0
                if late:
                    self._drop([place for place in self._futures if not self._tries[place]])
                news = self._cluster.news(self._cluster.left + (GRACE if late else 0))
                if news is None and self._cluster.left <= -GRACE:
                    break
                if news is not None and news[1] in self._futures:
                    self._hear(*news)
        finally:
            self._drop(list(self._futures))
        return self._results

    def _hear(self, what: str, place: int, future: Any) -> None:
        """Something has happened to a call."""
        if what == "begun":
            self._tries[place] += 1
            if self._tries[place] == 1:
                self._started(place)
            elif self._tries[place] > TRIES:
                self._end(place, WorkerLostError("the worker was lost in the middle of it, twice"))
        elif future is self._futures[place]:
            self._ended(place, future)

    def _ended(self, place: int, future: Any) -> None:
        """A call has come back: with its result, or without having been done."""
        if future.status == "error":
            error = future.exception()
            lost = type(error).__name__ == "KilledWorker"
            self._end(place, WorkerLostError(str(error)) if lost else error)
            return
        if future.status != "finished":
            raise self._cluster.gone()
        try:
            what, address, answer = future.result(timeout=max(self._cluster.left, 0) + GRACE)
        except TimeoutError as error:
            self._end(place, error)
            return
        except asyncio.CancelledError:
            raise self._cluster.gone() from None
        if what == relay.DONE:
            self._end(place, self._cluster.take(self._calls[place], answer))
            return
        fault = self._cluster.supply(address) if what == relay.LACKING else None
        self._tries[place] += fault is not None
        if self._tries[place] >= TRIES:
            self._end(place, fault or WorkerLostError("the outpost on the worker was lost, twice"))
        else:
            self._futures[place] = self._cluster.submit(place, self._packed[place])

    def _end(self, place: int, result: Any) -> None:
        self._drop([place])
        self._results[place] = result
        self._done(place, result)

    def _drop(self, places: Sequence[int]) -> None:
        """The calls are no longer waited for, nor their answers kept."""
        futures = [self._futures.pop(place) for place in places]
        self._cluster.cancel([future for future in futures if future.status == "pending"])
        for future in futures:
            future.release()


def _unlike(told: Any, own: tuple[str, str, str]) -> str:
    """How the answer of a Dask worker differs from this machine's own."""
    if isinstance(told, tuple):
        same = told[1:] == own[1:]
        return f"{_versions(told)}" + (", but other files or packages" if same else "")
    return f"no workbench that can be used ({_short(told)})" if told else "no answer"


def _versions(about: tuple[str, str, str]) -> str:
    return f"workbench {about[1]} with Python {about[2]}"


def _short(error: object) -> str:
    """An exception in one line."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
