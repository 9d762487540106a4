"""Slow questions answered in a process of its own, the last one of each kind only.

In a thread the solver would hold the interpreter: beside a plan being made, a quick step that takes 9 ms took up to 65.
"""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

Answer = Callable[[str, Any], Any]  # of a kind of question and the question
Deliver = Callable[[str, int, Any], None]


class Background:
    """Asks a process that `make(*given)` answers in; `deliver(kind, generation, answer)` gets what came of it.

    A new question takes the place of one of its kind that still waits, so that nothing queues. An exception is an
    answer, too; where the process ended, that is an EOFError, and the next question starts another. `deliver` is called
    in a thread of ours. The process ends with this one.
    """

    def __init__(self, make: Callable[..., Answer], *given: Any, deliver: Deliver) -> None:
        self._make, self._given, self._deliver = make, given, deliver
        self._waiting: dict[str, tuple[int, Any]] = {}
        self._news = threading.Condition()
        self._closed = False
        self._process: Any = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def ask(self, kind: str, generation: int, question: Any) -> None:
        """Hands in a question; one of its kind that waits is dropped."""
        with self._news:
            self._waiting.pop(kind, None)
            self._waiting[kind] = (generation, question)
            self._news.notify()

    def close(self) -> None:
        """Ends the process, whatever it is doing."""
        with self._news:
            self._closed = True
            self._waiting.clear()
            self._news.notify()
        if self._process is not None and self._process.pid is not None:
            self._process.terminate()

    def _run(self) -> None:
        line = self._started()
        while not self._closed:
            with self._news:
                self._news.wait_for(lambda: bool(self._waiting) or self._closed)
                if self._closed:
                    break
                kind = next(iter(self._waiting))
                generation, question = self._waiting.pop(kind)
            answer: Any
            line = line or self._started()
            try:
                answer = EOFError() if line is None else _asked(line, kind, question)
            except (EOFError, OSError):
                line, answer = None, EOFError()
            if not self._closed:
                self._deliver(kind, generation, answer)
        if line is not None:
            line.close()

    def _started(self) -> Connection | None:
        """A line to a new process; None where none can be started."""
        try:
            return self._start()
        except (OSError, RuntimeError):
            return None

    def _start(self) -> Connection:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._make, self._given), daemon=True)
        self._process.start()
        theirs.close()
        return ours


def _asked(line: Connection, kind: str, question: Any) -> Any:
    line.send((kind, question))
    return line.recv()


def _serve(line: Connection, make: Callable[..., Answer], given: tuple[Any, ...]) -> None:
    """Answers until the other end is gone; as urgent as any other process, for somebody waits for the answer."""
    answer = make(*given)
    while True:
        try:
            kind, question = line.recv()
        except EOFError:
            return
        try:
            reply = answer(kind, question)
        except Exception as error:
            reply = error
        line.send(reply)
