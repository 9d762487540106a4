"""The full case on a Dask cluster: `python -m tests.batch.cluster` prints what two workers gave beside a local run.

A company of 40 segments, made from the sample: for each of three scenarios 40 briefs and the five other notebooks, 135 in
all, made here in two processes and on two Dask workers that are started as people start them. Every published byte but
that of the clock's record must be the same.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.batch.company import ROOT
from tests.waiting import until
from workbench.report.store.manifest import MANIFEST, UNHASHED

SAMPLE = ROOT / "data" / "sample"
SCENARIOS = ("base", "growth", "defend")
ONCE = {"asks", "efforts", "impacts", "capacity"}  # tables whose rows stay as they are
READY = 60  # seconds for scheduler and workers to answer


def write_large(book: Path, copies: int) -> Path:
    """Writes the sample with each segment `copies` times, the further ones smaller, and its scenarios with as many times
    the money; the book's folder.
    """
    shutil.copytree(SAMPLE, book)
    for path in sorted(book.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as text:
            rows = list(csv.DictReader(text))
        if "segment" not in rows[0] or path.stem in ONCE:
            continue
        made = [copied(row, number) for number in range(copies) for row in rows if row["segment"] or not number]
        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(made)
    for path in sorted((book / "scenarios").glob("*.toml")):
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"(?m)^total_y = ([\d.e_]+)", lambda found: f"total_y = {float(found[1]) * copies}", text)
        path.write_text(text, encoding="utf-8")
    return book


def copied(row: dict[str, str], number: int) -> dict[str, str]:
    """A row for the copy `number` of its segment; copy 0 is the segment itself."""
    if not number:
        return row
    changed = {"segment": f"{row['segment']}_{number + 1}"}
    if "description" in row:
        changed["name"] = f"{row['name']} {number + 1}"
    if row.get("revenue"):
        changed["revenue"] = f"{float(row['revenue']) * 0.9**number:.2f}"
    return {**row, **changed}


@contextmanager
def scheduler() -> Iterator[str]:
    """The address of a Dask scheduler on this machine, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "scheduler.json"
        with dask("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(told)):
            until(lambda: told.is_file() and told.read_text().endswith("}"), READY)
            yield str(json.loads(told.read_text())["address"])


@contextmanager
def dask(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process `dask …`, ended at the end."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    with tempfile.TemporaryDirectory() as folder:
        known = {**os.environ, "PYTHONPATH": path, **environment}
        process = subprocess.Popen([sys.executable, "-m", "dask", *arguments], cwd=folder, env=known,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def two_workers(threads: int = 1) -> Iterator[str]:
    """The address of a scheduler with two workers, each a process of its own, as people start them."""
    with ExitStack() as started:
        address = started.enter_context(scheduler())
        for _ in range(2):
            started.enter_context(dask("worker", address, "--nthreads", str(threads), "--no-dashboard"))
        ready(address, 2)
        yield address


def ready(address: str, workers: int) -> None:
    """Returns once the scheduler is there with so many workers."""
    from distributed import Client

    with Client(address, timeout=READY, set_as_default=False) as client:
        if workers:
            client.wait_for_workers(workers, timeout=READY)


def run(book: Path, reports: Path, *more: str) -> float:
    """The seconds that `workbench report` took."""
    clock = time.perf_counter()
    command = [sys.executable, "-m", "workbench", "report", str(book), "--reports", str(reports), *more]
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": path})
    return time.perf_counter() - clock


def outputs(reports: Path) -> dict[str, bytes]:
    """What readers see, but for the clock's record."""
    (manifest,) = reports.glob(f"*/2*/{MANIFEST}")
    folder = manifest.parent
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*"))
            if path.is_file() and (path.name == MANIFEST or path.name not in UNHASHED)}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the figures; 1 where a byte differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--copies", type=int, default=5, help="of the sample's eight segments (default: 5)")
    parser.add_argument("--scenario", action="append", choices=SCENARIOS, help="default: all three")
    options = parser.parse_args(arguments)
    names = [word for name in options.scenario or SCENARIOS for word in ("--scenario", name)]
    with tempfile.TemporaryDirectory() as folder:
        book = write_large(Path(folder) / "large", options.copies)
        with two_workers() as address:
            far = run(book, Path(folder) / "far", *names, "--no-pdf", "--cluster", address)
        print(f"on two Dask workers: {far:.0f} s", flush=True)  # noqa: T201
        local = run(book, Path(folder) / "local", *names, "--no-pdf", "--jobs", "2")
        one, other = outputs(Path(folder) / "local"), outputs(Path(folder) / "far")
        differ = sorted(name for name in {*one, *other} if one.get(name) != other.get(name))
        record = json.loads(one[MANIFEST])
        print(f"here in two processes: {local:.0f} s")  # noqa: T201
        print(f"{len(record['notebooks'])} notebooks, {len(one)} files; {len(differ)} differ {differ[:5]}")  # noqa: T201
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
