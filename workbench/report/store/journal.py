"""What a run has finished, written down as it goes, so that a later run can use it again after a kill."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.report.store.lock import RUNS
from workbench.report.store.manifest import JOURNAL, file_hash, read_manifest

PART, FAILED = ".part", ".failed"  # a run at work or killed, and the evidence of one that failed


@dataclass(frozen=True)
class Finished:
    """An executed notebook that passed its check: where it lies, and the hash of its bytes. `sealed`: it computed its plan
    anew, or lies in a whole run, where another notebook did.
    """

    path: Path
    digest: str
    sealed: bool = False


def note(staging: Path, file: str, key: str, *, sealed: bool) -> None:
    """Writes down that `file` of a run is finished, under the key of what it depends on, and whether it computed its plan
    anew; on disk when this returns.
    """
    line = json.dumps({"file": file, "key": key, "sha256": file_hash(staging / file), "sealed": sealed}) + "\n"
    with (staging / JOURNAL).open("a", encoding="utf-8") as out:
        out.write(line)
        out.flush()
        os.fsync(out.fileno())


def finished(home: Path, quarter: str, *, unfinished: bool) -> dict[str, Finished]:
    """By key, the executed notebooks of the quarter's whole runs; with `unfinished` those of killed and failed ones, too."""
    found: dict[str, Finished] = {}
    for folder in sorted((home / RUNS).glob(f"{quarter}-*")):
        if folder.suffix in (PART, FAILED):
            found |= dict(_journal(folder)) if unfinished else {}
        else:
            found |= dict(_whole(folder))
    return found


def take(known: Finished, goal: Path) -> bool:
    """True where the finished notebook was copied to `goal`; False where its bytes are not those written down."""
    try:
        shutil.copyfile(known.path, goal)
        if file_hash(goal) == known.digest:
            return True
    except OSError:
        pass
    goal.unlink(missing_ok=True)
    return False


def _journal(folder: Path) -> Iterator[tuple[str, Finished]]:
    """What a run wrote down; a line that a kill cut short ends it."""
    try:
        lines = (folder / JOURNAL).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return
    for line in lines:
        try:
            told = json.loads(line)
            yield told["key"], Finished(folder / told["file"], told["sha256"], told.get("sealed") is True)
        except (ValueError, KeyError, TypeError):
            return


def _whole(folder: Path) -> Iterator[tuple[str, Finished]]:
    content = read_manifest(folder) or {}
    for file, key in content.get("notebooks", {}).items():
        yield key, Finished(folder / file, content["outputs"].get(file, ""), sealed=True)
