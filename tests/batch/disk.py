"""A small disk of its own for a test, which can be filled up, and rights that are not there even for root."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import pytest

DAC_OVERRIDE = 1 << 1  # root's right to write where the rights of a file say no
CAPABILITIES = 0x20080522  # version 3 of the call
FILES = 2000  # that the disk takes


@contextmanager
def small_disk(place: Path, size: str = "4m") -> Iterator[Path]:
    """A new file system of `size` at `place`; the test fails in CI where there can be none, elsewhere it is skipped, loudly."""
    who = [] if os.getuid() == 0 else ["sudo", "-n"]
    options = f"size={size},nr_inodes={FILES},mode=755,uid={os.getuid()},gid={os.getgid()}"
    mount = [*who, "mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
    said = "only Linux knows tmpfs"
    if sys.platform == "linux":
        try:
            run = subprocess.run(mount, capture_output=True, text=True, check=False)
            said = run.stderr if run.returncode else ""
        except OSError as error:
            said = str(error)
    if said:
        said = f"no small disk could be made, so that a full one was not tested: {said.strip()}"
        pytest.fail(said) if os.environ.get("CI") == "true" else pytest.skip(said)
    try:
        yield place
    finally:
        subprocess.run([*who, "umount", "--lazy", str(place)], check=True)


def fill_up(disk: Path) -> None:
    """Takes every byte that is left on the disk."""
    with suppress(OSError), (disk / "ballast").open("ab", buffering=0) as file:
        for size in (4096, 1):
            with suppress(OSError):
                while file.write(b"\0" * size):
                    pass


def take_names(disk: Path) -> None:
    """Takes every file that the disk could still hold."""
    with suppress(OSError):
        for number in count():
            (disk / f"ballast-{number}").touch()


def make_room(disk: Path) -> None:
    """Gives back what was taken."""
    for path in disk.glob("ballast*"):
        path.unlink()


@contextmanager
def rights_bind() -> Iterator[None]:
    """The rights of files bind this thread, as they do everybody but root."""
    if os.getuid() != 0:
        yield
        return
    before = _effective()
    _effective(before & ~DAC_OVERRIDE)
    try:
        yield
    finally:
        _effective(before)


def _effective(wanted: int | None = None) -> int:
    """The low 32 effective capabilities of this thread; set to those `wanted`."""
    libc = ctypes.CDLL(None, use_errno=True)
    head, data = (ctypes.c_uint32 * 2)(CAPABILITIES, 0), (ctypes.c_uint32 * 6)()
    if libc.capget(head, data):
        raise OSError(ctypes.get_errno(), "capget")
    if wanted is not None:
        data[0] = wanted
        if libc.capset(head, data):
            raise OSError(ctypes.get_errno(), "capset")
    return int(data[0])
