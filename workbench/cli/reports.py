"""Commands on published reports: make one, look whether it is unchanged, go back to the one before."""

from __future__ import annotations

import argparse
from pathlib import Path

from workbench.cli.common import Commands, command, err, say, say_error, scenarios
from workbench.errors import Problem, RunError, WorkbenchError


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declares these commands."""
    report = command(commands, "report", _report, "run the notebooks and publish reports/<book>/<quarter>/")
    report.add_argument(
        "book", nargs="+", metavar="BOOK", help="folder of a book, or `sample`; several are done one after the other"
    )
    report.add_argument(
        "--quarter",
        help="last closed quarter, such as 2026Q3, or `last` by today's date (default: the latest in the book)",
    )
    scenarios(report, "scenario to run, may be repeated")
    report.add_argument("--reports", default="reports", type=Path, help="folder to publish in (default: reports)")
    report.add_argument("--jobs", type=_positive, help="notebooks at a time (default: one per core)")
    report.add_argument("--dry-run", action="store_true", help="say what would be run, and stop")
    report.add_argument(
        "--resume", action="store_true", help="use again what killed and failed runs have finished, where unchanged"
    )
    report.add_argument("--fresh", action="store_true", help="run every notebook, also where nothing has changed")
    report.add_argument("--keep", type=_positive, default=5, help="whole reports of a quarter that stay (default: 5)")
    report.add_argument("--allow-partial", action="store_true", help="publish, with a banner, though pages are missing")
    report.add_argument(
        "--allow-stale", action="store_true", help="publish, with a banner, on a book older than the quarter's end"
    )
    report.add_argument(
        "--wait", type=float, default=0, metavar="SECONDS", help="for another run of this quarter to end (default: 0)"
    )
    report.add_argument(
        "--deadline", type=float, default=3600, metavar="SECONDS", help="for the whole run (default: 3600)"
    )
    report.add_argument(
        "--cell-timeout", type=_positive, default=600, metavar="SECONDS", help="for one cell (default: 600)"
    )
    report.add_argument(
        "--cluster", default="", metavar="ADDRESS", help="run on a Dask scheduler, such as tcp://10.0.0.5:8786"
    )
    report.add_argument("--plain-kernels", action="store_true", help="start every kernel anew instead of forking it")

    report.add_argument("--no-pdf", action="store_true", help="print no page, though a browser is found")

    verify = command(commands, "verify", _verify, "whether published reports are, byte for byte, what was published")
    verify.add_argument("path", type=Path, metavar="PATH", help="reports/<book>/<quarter>, or a folder of reports")

    rollback = command(commands, "rollback", _rollback, "back to the report that was published before")
    rollback.add_argument("path", type=Path, metavar="PATH", help="reports/<book>/<quarter>")
    rollback.add_argument("--to", metavar="RUN", help="the run to go to, as named in reports/<book>/.runs/")


def _positive(text: str) -> int:
    """A whole number from 1 on; argparse says it otherwise."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"found {text}; allowed: 1 or more")
    return value


def _report(options: argparse.Namespace) -> int:
    """One book after the other, each with its own lock, report and problems; 1 where one of them failed."""
    if len(options.book) == 1:
        return _report_one(options, options.book[0])
    codes = []
    for book in options.book:
        say(f"{book}:")
        try:
            codes.append(_report_one(options, book))
            continue
        except KeyboardInterrupt:
            err(f"Interrupted at {book}; the reports of the {len(codes)} books before stand as told above.")
            return 130
        except WorkbenchError as error:
            if options.debug:
                raise
            say_error(error)
        except OSError as error:
            if options.debug:
                raise
            found = f"{error.strerror or error}" + (f" ({error.filename})" if error.filename else "")
            say_error(RunError([Problem(book, None, None, found, "a disk that takes the report", "look at the disk")]))
        codes.append(1)
    failed = [book for book, code in zip(options.book, codes, strict=True) if code]
    err(
        f"{len(codes) - len(failed)} of {len(codes)} books done"
        + (f"; not whole: {', '.join(failed)}." if failed else ".")
    )
    return max(codes)


def _report_one(options: argparse.Namespace, book: str) -> int:
    from workbench.report.run import Options, dry_run, publish_report

    asked = (book, options.quarter, options.scenario, options.reports)
    how = Options(
        jobs=options.jobs, cell_timeout=options.cell_timeout, deadline=options.deadline, wait=options.wait,
        resume=options.resume, fresh=options.fresh, keep=options.keep, allow_partial=options.allow_partial,
        allow_stale=options.allow_stale, warm=not options.plain_kernels, pdf=not options.no_pdf, cluster=options.cluster,
    )  # fmt: skip
    if options.dry_run:
        for line in dry_run(*asked, how):
            say(line)
        return 0
    done = publish_report(*asked, how)
    for line in done.sentences():
        say(line)
    if done.lacking:
        say_error(RunError(done.lacking))
    return 1 if done.lacking else 0


def _verify(options: argparse.Namespace) -> int:
    from workbench.report.store import verify

    for line in verify(options.path):
        say(line)
    return 0


def _rollback(options: argparse.Namespace) -> int:
    from workbench.report.run import rollback

    for line in rollback(options.path, options.to):
        say(line)
    return 0
