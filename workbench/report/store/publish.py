"""Staging beside the published reports, and the one switch of a link that readers see."""

from __future__ import annotations

import datetime as dt
import os
import secrets
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import Problem, RunError
from workbench.report.store.journal import FAILED, PART
from workbench.report.store.lock import RUNS
from workbench.report.store.manifest import JOURNAL

KEPT = 5  # whole runs of a quarter that stay, the published one among them
EVIDENCE = 3  # failed runs of a quarter that stay
INDEX = "index.html"  # of a book's reports, over all quarters
FRESH = f".{INDEX}"  # among the runs: the page before it takes its place


@dataclass(frozen=True)
class Run:
    """A report in the making: its folder is `home/.runs/<name>`, its readers look at `home/<quarter>`."""

    home: Path
    quarter: str
    name: str

    @property
    def staging(self) -> Path:
        """Where the run works."""
        return self.home / RUNS / f"{self.name}{PART}"

    @property
    def evidence(self) -> Path:
        """Where the run lies once it has failed."""
        return self.home / RUNS / f"{self.name}{FAILED}"

    @property
    def target(self) -> Path:
        """Where the run lies once it is published."""
        return self.home / RUNS / self.name

    @property
    def link(self) -> Path:
        """What readers open."""
        return self.home / self.quarter


def open_run(home: Path, quarter: str, now: dt.datetime) -> Run:
    """A new run with an empty staging folder on the file system of the published reports."""
    run = Run(home, quarter, f"{quarter}-{now:%Y%m%dT%H%M%S%fZ}-{secrets.token_hex(3)}")
    if run.link.exists() and not run.link.is_symlink():
        found = "a folder where the link to the published report belongs"
        advice = "move it away, it was not made by the workbench"
        raise RunError([Problem(str(run.link), None, None, found, "a symbolic link or nothing", advice)])
    run.staging.mkdir(parents=True)
    return run


def fail(run: Run, keep: int = KEPT, *, evidence: bool = True) -> None:
    """Keeps the staging of a failed run under a name that says so, or removes it; nothing that readers see changes."""
    with suppress(OSError):  # what made the run fail is told, not this
        if not evidence:
            shutil.rmtree(run.staging, ignore_errors=True)
        elif run.staging.exists():
            run.staging.rename(run.evidence)
        clean(run.home, run.quarter, keep)


def publish(run: Run, keep: int = KEPT) -> Path:
    """The link that readers open, now on this run: everything on disk first, then one rename; `keep` whole runs stay."""
    for folder, _, files in os.walk(run.staging):
        for name in files:
            _to_disk(Path(folder) / name)
        _to_disk(Path(folder))
    run.staging.rename(run.target)
    (run.target / JOURNAL).unlink(missing_ok=True)
    _to_disk(run.target.parent)
    switch(run)
    with suppress(OSError):  # published; what is left is tidying
        clean(run.home, run.quarter, keep)
    return run.link


def switch(run: Run) -> None:
    """Turns the link that readers open to this run, by renaming a new link over it."""
    fresh = run.home / RUNS / f".{run.quarter}.link"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(Path(RUNS) / run.name, target_is_directory=True)
    fresh.replace(run.link)
    with suppress(OSError):  # switched; some file systems do not sync folders
        _to_disk(run.home)


def behind(home: Path) -> bool:
    """True where the page over all quarters may not tell of what the links lead to."""
    return not (home / INDEX).exists() or (home / RUNS / FRESH).exists()


def whole_runs(home: Path, quarter: str) -> list[Path]:
    """The folders of a quarter's whole runs, newest first."""
    paths = sorted((home / RUNS).glob(f"{quarter}-*"), reverse=True)
    return [path for path in paths if path.is_dir() and path.suffix not in (PART, FAILED)]


def clean(home: Path, quarter: str, keep: int) -> None:
    """Removes what a quarter no longer needs; for who holds its lock.

    Of whole runs the newest `keep` stay, and always the one that readers see; of failed ones the newest few, and of those
    that were killed after the last whole run, so that they can be resumed.
    """
    seen = (home / quarter).resolve()
    whole = whole_runs(home, quarter)
    old = [path for path in whole if path != seen][max(keep - (seen in whole), 0) :]
    old += sorted((home / RUNS).glob(f"{quarter}-*{FAILED}"), reverse=True)[EVIDENCE:]
    newest = whole[0].name if whole else ""
    killed = sorted((home / RUNS).glob(f"{quarter}-*{PART}"), reverse=True)
    old += [path for place, path in enumerate(killed) if path.name < newest or place >= EVIDENCE]
    for path in old:
        shutil.rmtree(path, ignore_errors=True)


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
