"""Runs killed at random moments while somebody reads: `python -m tests.batch.kills --times 100` tells what was seen.

The run itself, a kernel or the whole process group gets SIGKILL; every third time while the run is publishing. After each
kill the report is the old or the new one, whole; nothing that the run started is left after ten seconds; `--resume` gives
the bytes of a run that nobody killed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.batch.company import QUARTER, key, published, report, start, working, write_company
from tests.waiting import soon
from workbench.report.store.lock import held
from workbench.report.store.manifest import MANIFEST

PUBLISHING = "Publishing"
VICTIMS = ("run", "kernel", "group")
GONE = 10  # seconds


@dataclass
class Seen:
    """What the kills and the reader saw; `faults` is what must not be."""

    killed: Counter[str] = field(default_factory=Counter)
    phases: Counter[str] = field(default_factory=Counter)
    reads: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slowest_end: float = 0.0


class Reader(threading.Thread):
    """Reads the published report again and again: each file of it, against the hashes in its manifest."""

    def __init__(self, link: Path, known: dict[str, str], seen: Seen) -> None:
        super().__init__(daemon=True)
        self.link, self.known, self.seen, self.ends = link, known, seen, threading.Event()

    def run(self) -> None:
        while not self.ends.is_set():
            try:
                self.read()
            except Exception as error:
                self.seen.faults.append(f"a reader was stopped: {error!r}")
            time.sleep(0.002)

    def read(self) -> None:
        """One look: which report it is, and whether it is whole."""
        folder = self.link.parent / self.link.readlink()
        content = json.loads((folder / MANIFEST).read_bytes())
        self.seen.reads[self.known.get(content["key"], "neither")] += 1
        for name, digest in content["outputs"].items():
            if hashlib.sha256((folder / name).read_bytes()).hexdigest() != digest:
                self.seen.faults.append(f"a reader saw other bytes in {name}")


class Kills:
    """Runs killed one after the other at moments drawn from `seed`, in `folder`; `seen` is what was seen of all."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.seen, self.number = Seen(), 0
        self._chance, self._folder = random.Random(seed), folder
        self._old, self._new = folder / "old", folder / "new"
        write_company(self._old)
        write_company(self._new, revenue=1.7)
        both = zip(_timed(self._old), _timed(self._new), strict=True)
        self._whole, self._publishing = (min(times) for times in both)
        self._known = {key(self._old): "old", key(self._new): "new"}
        assert len(self._known) == 2

    def kill(self) -> None:
        """One run more, killed and then taken up again."""
        seen, inside = self.seen, self.number % 3 == 0
        victim = ("run", "group")[self.number % 2] if inside else VICTIMS[self.number // 2 % 3]
        moment = self._chance.random() * (self._publishing if inside else self._whole)
        root = self._folder / "killed"
        shutil.copytree(self._old, root, symlinks=True)
        shutil.copy2(self._new / "twin" / "revenue.csv", root / "twin" / "revenue.csv")
        reader = Reader(root / "reports" / "twin" / QUARTER, self._known, seen)
        reader.start()
        _kill_one(root, victim, self._chance, moment, inside, seen)
        code, said = report(root, "--resume")
        reader.ends.set()
        reader.join()
        if code != 0:
            seen.faults.append(f"--resume ended with {code}: {said}")
        elif published(root) != published(self._new):
            other = [name for name, data in published(self._new).items() if published(root).get(name) != data]
            seen.faults.append(f"--resume gave other bytes in {other[:5]}")
        shutil.rmtree(root)
        self.number += 1


def _timed(root: Path) -> tuple[float, float]:
    """The seconds that a whole run takes, and those that it publishes for."""
    began: dict[str, float] = {}
    run, clock = start(root), time.monotonic()
    for line in run.stderr or ():
        began[_phase(line)] = time.monotonic()
    assert run.wait(120) == 0
    return time.monotonic() - clock, began["Done"] - began[PUBLISHING]


def _phase(line: str) -> str:
    """The phase of a run that a line of its log tells."""
    return line.strip().partition(" ")[2].partition(" (")[0]


def _kill_one(root: Path, victim: str, chance: random.Random, moment: float, inside: bool, seen: Seen) -> None:
    """One run, killed `moment` seconds after its start, or after it began to publish where `inside`."""
    run, phase, publishing = start(root), [""], threading.Event()

    def listen() -> None:
        for line in run.stderr or ():
            phase[0] = _phase(line)
            if phase[0] == PUBLISHING:
                publishing.set()

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    if inside:
        publishing.wait(60)
    time.sleep(moment)
    seen.phases[phase[0] or "starting"] += 1
    seen.killed[victim] += 1
    _strike(root, run.pid, victim, chance)
    try:
        run.wait(120)
    except Exception:
        seen.faults.append(f"the run was still there two minutes after its {victim} was killed")
        run.kill()
    clock = time.monotonic()
    soon(lambda: not working(root), GONE + 5)
    took = time.monotonic() - clock
    seen.slowest_end = max(seen.slowest_end, took)
    if took > GONE:
        seen.faults.append(f"{len(working(root))} processes were left {GONE} s after the end of the run")
    with suppress(FileNotFoundError), held(root / "reports" / "twin", QUARTER):
        pass  # raises where a lock is left standing


def _strike(root: Path, pid: int, victim: str, chance: random.Random) -> None:
    """SIGKILL to the run, to one of its kernels, or to its process group."""
    with suppress(ProcessLookupError):
        if victim == "group":
            os.killpg(pid, signal.SIGKILL)
        elif victim == "run":
            os.kill(pid, signal.SIGKILL)
        else:
            tree = working(root)
            kernels = [
                each for each, parent in tree.items() if parent != pid and each != pid and each not in tree.values()
            ]
            if kernels:
                os.kill(chance.choice(kernels), signal.SIGKILL)


def main(arguments: list[str] | None = None) -> int:
    """Prints what was seen; 1 where something was that must not be."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        kills = Kills(options.seed, Path(folder))
        for _ in range(options.times):
            kills.kill()
        seen = kills.seen
    print(f"{options.times} runs killed: {dict(seen.killed)}")  # noqa: T201
    print(f"in the phases: {dict(seen.phases)}")  # noqa: T201
    print(f"{sum(seen.reads.values())} reads: {dict(seen.reads)}")  # noqa: T201
    print(f"last process gone {seen.slowest_end:.1f} s after the end of the run")  # noqa: T201
    for fault in seen.faults:
        print(f"FAULT {fault}")  # noqa: T201
    return 1 if seen.faults or seen.reads["neither"] else 0


if __name__ == "__main__":
    sys.exit(main())
