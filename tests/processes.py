"""The processes of this machine as the system's /proc tells of them; one that has ended but is not yet collected is none."""

from __future__ import annotations

from pathlib import Path

TOLD = Path("/proc").is_dir()  # else tests that ask are left out


def parents() -> dict[int, int]:
    """Every process with the one that it belongs to."""
    found = {int(path.name): _parent(path) for path in Path("/proc").glob("[0-9]*")}
    return {process: parent for process, parent in found.items() if parent is not None}


def _parent(folder: Path) -> int | None:
    try:
        state, parent = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[:2]
    except OSError:  # it has just ended
        return None
    return None if state in "ZX" else int(parent)


def alive(process: int) -> bool:
    """True while the process is there and no zombie."""
    return _parent(Path(f"/proc/{process}")) is not None


def children(process: int) -> list[int]:
    """The processes that a process started."""
    return [each for each, parent in parents().items() if parent == process]


def family(process: int) -> set[int]:
    """A process, those that it started, and those that they started."""
    above, found = parents(), {process}
    while more := {each for each, parent in above.items() if parent in found} - found:
        found |= more
    return found


def command_line(process: int) -> str:
    """What a process was started as; nothing where it has ended."""
    try:
        return Path(f"/proc/{process}/cmdline").read_text(encoding="utf-8", errors="replace").replace("\0", " ")
    except OSError:
        return ""
