"""How far a run is: a bar with the time left and what is at work on a screen, lines with the time of day in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import Any

SHOWN = 3  # names of what is at work
EVERY = 15  # seconds between two lines of a log
BAR = "{desc} {n_fmt}/{total_fmt} |{bar:20}| {elapsed}, {remaining} left{postfix}"


class Progress:
    """Tells on standard error; `phase` starts a part of the run, `done` counts one of its pieces."""

    def __init__(self) -> None:
        self._screen = sys.stderr.isatty()
        self._bar: Any = None
        self._open: list[str] = []
        self._at_work: list[str] = []
        self._count, self._began, self._told = 0, 0.0, 0.0

    def phase(self, words: str, pieces: Sequence[str] = ()) -> None:
        """Starts a part of the run, of `pieces` by name where it can be counted."""
        self.close()
        self._open, self._at_work, self._count = list(pieces), [], len(pieces)
        self._began = self._told = time.monotonic()
        if not self._screen:
            self._line(words + (f" ({len(pieces)})" if pieces else ""))
        elif pieces:
            from tqdm import tqdm

            self._bar = tqdm(total=len(pieces), desc=words, bar_format=BAR, leave=False, dynamic_ncols=True)
        else:
            sys.stderr.write(f"{words} …")
            sys.stderr.flush()

    def begin(self, piece: str) -> None:
        """Names a piece that is at work now."""
        self._at_work.append(piece)
        if self._bar is not None:
            self._bar.set_postfix_str(self._names())

    def done(self, piece: str) -> None:
        """Counts a piece that has ended."""
        for names in (self._open, self._at_work):
            if piece in names:
                names.remove(piece)
        now = time.monotonic()
        if self._bar is not None:
            self._bar.set_postfix_str(self._names(), refresh=False)
            self._bar.update()
        elif not self._screen and self._open and now - self._told >= EVERY:
            self._told, ended = now, self._count - len(self._open)
            left = (now - self._began) / ended * len(self._open)
            at_work = f"; at work: {self._names()}" if self._at_work else ""
            self._line(f"{ended} of {self._count} done, about {left:.0f} s left{at_work}")

    def close(self) -> None:
        """Takes the bar, or the line, from the screen."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
        if self._screen:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()

    def _names(self) -> str:
        """What is at work, the first few."""
        return ", ".join(self._at_work[:SHOWN])

    def _line(self, words: str) -> None:
        sys.stderr.write(f"{time.strftime('%H:%M:%S')} {words}\n")
        sys.stderr.flush()
