"""Waiting for what a test expects: always for a thing that happens, never for ever, and told where it did not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Any

LONG = 240  # seconds; a busy machine takes ten times as long as an idle one


def soon(holds: Callable[[], Any], seconds: float, step: float = 0.1) -> Any:
    """What `holds` gives, asked until it is true or the seconds are over."""
    ends = time.monotonic() + seconds
    while not (told := holds()) and time.monotonic() < ends:
        time.sleep(step)
    return told


def until(holds: Callable[[], Any], seconds: float = LONG) -> Any:
    """What `holds` gives once it is true; an AssertionError where it never is."""
    told = soon(holds, seconds, 0.01)
    assert told, f"it did not come within {seconds:g} s"
    return told


async def later_on(holds: Callable[[], Any], seconds: float = LONG) -> Any:
    """As `until`, while an event loop goes on."""
    ends = time.monotonic() + seconds
    while not (told := holds()):
        assert time.monotonic() < ends, f"it did not come within {seconds:g} s"
        await asyncio.sleep(0.05)
    return told


def line_with(words: str, lines: Iterable[str]) -> str:
    """The first line that holds the words; an AssertionError with all lines where none does."""
    seen = []
    for line in lines:
        if words in line:
            return line
        seen.append(line)
    raise AssertionError(f"{words!r} was never said: {''.join(seen)}")
