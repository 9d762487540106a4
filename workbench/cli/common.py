"""What the commands share: how a command is declared, its usual arguments, and how it speaks."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from workbench.errors import WorkbenchError

SHOWN = 200  # problems printed before the rest is counted
Commands = argparse._SubParsersAction  # as argparse calls what holds the commands


def command(
    commands: Commands[argparse.ArgumentParser], name: str, run: Callable[[argparse.Namespace], int], text: str
) -> argparse.ArgumentParser:
    """The parser of a new command; `run` gives its exit code."""
    parser = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    parser.set_defaults(command=run)
    return parser


def book(parser: argparse.ArgumentParser) -> None:
    """The book that a command works on."""
    parser.add_argument("book", metavar="BOOK", help="folder of the book, or `sample` for the sample company")


def quarter(parser: argparse.ArgumentParser) -> None:
    """The quarter, which can be left out."""
    parser.add_argument("--quarter", help="last closed quarter, such as 2026Q3 (default: the latest in the book)")


def scenario(parser: argparse.ArgumentParser) -> None:
    """One scenario, `base` where none is named."""
    parser.add_argument(
        "--scenario", default="base", help="name in the book's scenarios/, or a TOML file (default: base)"
    )


def scenarios(parser: argparse.ArgumentParser, text: str) -> None:
    """Several scenarios, all of the book where none is named."""
    parser.add_argument("--scenario", action="append", help=f"{text} (default: all of the book)")


def say(line: str) -> None:
    """Prints a line."""
    sys.stdout.write(line + "\n")


def err(line: str) -> None:
    """Prints a line to standard error."""
    sys.stderr.write(line + "\n")


def say_error(error: WorkbenchError) -> None:
    """Prints an error with its problems, a line each."""
    count = len(error.problems)
    err(f"{error.title}: {count} problem{'' if count == 1 else 's'}.")
    for problem in error.problems[:SHOWN]:
        err(f"  {problem.sentence()}")
    if count > SHOWN:
        err(f"  … and {count - SHOWN:,} more.")
