"""Staging beside the published reports, and the one switch of a link that readers see."""

from __future__ import annotations

import datetime as dt
import os
import re
import secrets
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import Problem, RunError

RUNS = ".runs"
PART, FAILED = ".part", ".failed"  # a run at work, and the evidence of one that failed; a published run has neither
KEPT = 3  # published runs of a quarter that stay, and failed ones of a book
STALE = dt.timedelta(days=1)  # a run at work that is older than this was killed


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


def safe_name(name: str) -> str:
    """`name` as one plain folder name: letters, digits, `-`, `_` and dots inside; never empty, never hidden."""
    return re.sub(r"[^\w.-]+", "-", name).strip(".-_") or "book"


def open_run(home: Path, quarter: str, now: dt.datetime) -> Run:
    """A new run with an empty staging folder on the file system of the published reports."""
    run = Run(home, quarter, f"{quarter}-{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}")
    if run.link.exists() and not run.link.is_symlink():
        found = "a folder where the link to the published report belongs"
        advice = "move it away, it was not made by the workbench"
        raise RunError([Problem(str(run.link), None, None, found, "a symbolic link or nothing", advice)])
    run.staging.mkdir(parents=True)
    return run


def fail(run: Run, *, evidence: bool = True) -> None:
    """Keeps the staging of a failed run under a name that says so, or removes it; nothing that readers see changes."""
    if not evidence:
        shutil.rmtree(run.staging, ignore_errors=True)
    elif run.staging.exists():
        run.staging.rename(run.evidence)
    clean(run.home)


def publish(run: Run) -> Path:
    """The link that readers open, now on this run: everything on disk first, then one rename."""
    for folder, _, files in os.walk(run.staging):
        for name in files:
            _to_disk(Path(folder) / name)
        _to_disk(Path(folder))
    run.staging.rename(run.target)
    _to_disk(run.target.parent)
    fresh = run.home / f".{run.name}.link"
    fresh.symlink_to(Path(RUNS) / run.name, target_is_directory=True)
    fresh.replace(run.link)
    with suppress(OSError):  # published; what is left is tidying
        _to_disk(run.home)
        clean(run.home)
    return run.link


def clean(home: Path) -> None:
    """Removes what is older than the newest few runs; never what a link points to, never a run that may be at work."""
    linked = {path.resolve() for path in home.iterdir() if path.is_symlink()}
    groups: dict[str, list[Path]] = {}
    for path in sorted((home / RUNS).iterdir(), reverse=True):
        age = 0.0
        if path.suffix == PART:
            with suppress(FileNotFoundError):  # a run beside this one may just have finished it
                age = dt.datetime.now().timestamp() - path.stat().st_mtime
            group = "killed" if age > STALE.total_seconds() else "at work"
        else:
            group = FAILED if path.suffix == FAILED else path.name.partition("-")[0]
        groups.setdefault(group, []).append(path)
    for group, paths in groups.items():
        old = [] if group == "at work" else paths if group == "killed" else paths[KEPT:]
        for path in old:
            if path.resolve() not in linked:
                shutil.rmtree(path, ignore_errors=True)


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
