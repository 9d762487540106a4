"""Nothing outlives the run: processes that end with their parent, and private folders that the next run clears."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PREFIX = "wb-"
OWNER = "owner"  # a file that the run holds locked for as long as it lives
SHORT = 50  # letters; a socket's path has at most 104, and what lies in a private folder needs some of them
AGE = 3600  # seconds after which a folder without that file belongs to nobody
PR_SET_PDEATHSIG = 1


@contextlib.contextmanager
def private_folder() -> Iterator[str]:
    """A folder for this run alone, removed at its end; those of runs that were killed are removed first."""
    place = private_place()
    remove_forsaken(place)
    folder = tempfile.mkdtemp(prefix=PREFIX, dir=place)
    with (Path(folder) / OWNER).open("w") as owner:
        _lock(owner)
        try:
            yield folder
        finally:
            remove(folder)


def private_place() -> Path:
    """Where private folders lie: among temporary files, or in /tmp where that name is too long for a socket's path."""
    given = Path(tempfile.gettempdir()).resolve()
    return given if len(str(given)) <= SHORT or not Path("/tmp").is_dir() else Path("/tmp")


def remove_forsaken(place: Path) -> None:
    """Removes this user's private folders in `place` whose run is gone: the lock on their owner's file is free, or there has
    been no such file for a while.
    """
    for folder in place.glob(f"{PREFIX}*"):
        if folder.is_symlink() or not hasattr(os, "getuid") or folder.lstat().st_uid != os.getuid():
            continue  # not ours to remove
        with contextlib.suppress(OSError):
            if not (folder / OWNER).exists() and time.time() - folder.stat().st_mtime > AGE:
                remove(str(folder))
            with (folder / OWNER).open("r+") as owner:
                if _lock(owner):
                    remove(str(folder))


def remove(folder: str) -> None:
    """Removes a private folder, also where a process that is just ending still writes to it."""
    for _ in range(20):
        shutil.rmtree(folder, ignore_errors=True)
        if not Path(folder).exists():
            return
        time.sleep(0.05)


def _lock(file: Any) -> bool:
    """True where this process now holds the lock on `file`; it goes with the process, however that ends."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def end_with(parent: int) -> None:
    """Ends this process within a second once `parent` is no longer its parent, whatever its main thread does."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def die_with(parent: int) -> None:
    """On Linux: the kernel of the system kills this process the moment `parent`, which forked it, ends."""
    if sys.platform.startswith("linux"):
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it ended before this line
            os._exit(1)
