"""Two runs started at once, again and again: `python -m tests.batch.twice --times 20` tells what came of them.

Each time the book has changed, so that both have work. Two processes are forked from one that has all imported, and wait
for each other at the start. One publishes; the other leaves with the sentence of the lock, or waits and finds nothing left
to do. With `--spared` no cell is run and no kernel started: lock, staging, checks and publishing are as ever.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

from tests.batch.company import QUARTER, key, published, write_company
from tests.batch.spared import spared_report
from workbench.cli import main as workbench
from workbench.errors import RunError
from workbench.report.pages.shelf import shelf_page
from workbench.report.run import run
from workbench.report.store.journal import PART
from workbench.report.store.manifest import RECORD, SEAL
from workbench.report.store.verify import verify

TAKEN = "another run at work"
NOTHING = "Nothing has changed"
Command = Callable[..., int]


def with_kernels(root: Path, *more: str) -> int:
    """The exit code of `workbench report` on the company at `root`, by kernels of its own."""
    notebooks = {**(run.publish_report.__kwdefaults__ or {}), "notebooks": root / "notebooks"}
    with patch.object(run.publish_report, "__kwdefaults__", notebooks):
        return workbench(["report", str(root / "twin"), "--reports", str(root / "reports"), "--no-pdf", *more])


def run_twice(times: int, folder: Path, command: Command) -> tuple[Counter[str], list[str]]:
    """How the runs ended, over `times` pairs in `folder`, and what must not be; each other pair may wait."""
    ends: Counter[str] = Counter()
    faults: list[str] = []
    write_company(folder)
    spared_report(folder)  # and with it all is imported that the forked ones need
    before = key(folder)
    for number in range(times):
        write_company(folder, revenue=1.1 + number / 10)
        pair = _pair(folder, command, ["--wait", "120"] if number % 2 else [])
        for code, said in pair:
            how = (
                "published"
                if "Published" in said
                else "left"
                if TAKEN in said
                else "nothing"
                if NOTHING in said
                else ""
            )
            ends[how] += 1
            if not how or "Traceback" in said or code != (1 if how == "left" else 0):
                faults.append(f"pair {number}: exit code {code}: {said}")
        faults += [f"pair {number}: {fault}" for fault in _faults(folder)]
        if sum("Published" in said for _, said in pair) != 1:
            faults.append(f"pair {number}: not one of the two published: {pair}")
        now = key(folder)
        if now == before:
            faults.append(f"pair {number}: the report before still stands")
        before = now
    return ends, faults


def _pair(root: Path, command: Command, more: list[str]) -> list[tuple[int, str]]:
    """Exit code and words of two runs started at once."""
    ready, go = os.pipe(), os.pipe()
    runs = []
    for number in range(2):
        said = root / f"said-{number}"
        pid = os.fork()
        if not pid:
            _one(root, command, more, said, (ready[1], go[0]), (ready[0], go[1]))
        runs.append((pid, said))
    for end in (ready[1], go[0]):
        os.close(end)
    for _ in runs:
        os.read(ready[0], 1)
    for end in (go[1], ready[0]):  # the start: both see the end of the pipe
        os.close(end)
    return [(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), said.read_text(encoding="utf-8")) for pid, said in runs]


def _one(
    root: Path, command: Command, more: list[str], said: Path, own: tuple[int, int], others: tuple[int, int]
) -> None:
    """A run in a process of its own, which ends with it."""
    code = 70
    try:
        for end in others:
            os.close(end)
        out = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for stream in (1, 2):
            os.dup2(out, stream)
        sys.stdout, sys.stderr = os.fdopen(1, "w", encoding="utf-8"), os.fdopen(2, "w", encoding="utf-8")
        os.write(own[0], b".")
        os.read(own[1], 1)
        code = command(root, *more)
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


def _faults(root: Path) -> list[str]:
    """What is wrong with the reports after a pair: a changed or torn file, a run left half, a page that tells of another."""
    home = root / "reports" / "twin"
    try:
        verify(root / "reports")
    except RunError as error:
        return [str(error)]
    left = [path.name for path in (home / ".runs").iterdir() if path.name.endswith(PART)]
    found = [f"{', '.join(left)} was left"] if left else []
    names = set(published(root)) | {RECORD, SEAL}
    torn = [path.name for path in (home / QUARTER).rglob("*.json") if not _whole(path)]
    found += [f"torn: {', '.join(torn)}"] if torn else []
    if {path.relative_to(home / QUARTER).as_posix() for path in (home / QUARTER).rglob("*") if path.is_file()} != names:
        found.append("files that were not published")
    if (home / "index.html").read_text(encoding="utf-8") != shelf_page(home, {}):
        found.append("the page over all quarters tells of another report")
    return found


def _whole(path: Path) -> bool:
    try:
        json.loads(path.read_bytes())
    except ValueError:
        return False
    return True


def main(arguments: list[str] | None = None) -> int:
    """Prints what came of the runs; 1 where something was that must not be."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--spared", action="store_true")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        ends, faults = run_twice(options.times, Path(folder), spared_report if options.spared else with_kernels)
    print(f"{options.times} times two runs at once: {dict(ends)}", *(f"FAULT {fault}" for fault in faults), sep="\n")  # noqa: T201
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
