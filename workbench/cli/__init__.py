"""The `workbench` command: exit 0 done, 1 data or run failed, 2 wrong usage, 130 interrupted."""

from __future__ import annotations

import argparse
import io
import os
import signal
import sys
from collections.abc import Callable, Sequence

from workbench.cli import books, plans, reports
from workbench.cli.common import err, say_error
from workbench.errors import WorkbenchError
from workbench.report.kernels import skip_grammar


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code of one command; errors are printed as sentences, with `--debug` with their traceback."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))
    signal.signal(signal.SIGTERM, _end)
    skip_grammar()
    _show_any_letter()
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        code = command(options)
        sys.stdout.flush()
        return code
    except WorkbenchError as error:
        if options.debug:
            raise
        say_error(error)
        return 1
    except KeyboardInterrupt:
        err("Interrupted; nothing was published.")
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except OSError as error:
        if options.debug:
            raise
        where = f" ({error.filename})" if error.filename else ", while writing"
        err(f"The workbench stopped: {error.strerror or error}{where}.")
        return 1


def _end(*_: object) -> None:
    """Ends in good order when asked to by the system, as on Ctrl-C."""
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="workbench", description="Rank market segments first, then let them decide the investment in all products."
    )
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for each in (reports, plans, books):
        each.add(commands)
    return parser


def _show_any_letter() -> None:
    """Letters that the terminal lacks are shown as their codes; nothing stops for them."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
