"""The `workbench` command: exit 0 done, 1 data or run failed, 2 wrong usage, 130 interrupted."""

from __future__ import annotations

import argparse
import io
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from workbench.errors import Problem, WorkbenchError

SHOWN = 200  # problems printed before the rest is counted


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code of one command; errors are printed as sentences, with `--debug` with their traceback."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))
    signal.signal(signal.SIGTERM, _end)
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
        _say_error(error)
        return 1
    except KeyboardInterrupt:
        _err("Interrupted; nothing was published.")
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except OSError as error:
        if options.debug:
            raise
        where = f" ({error.filename})" if error.filename else ", while writing"
        _err(f"The workbench stopped: {error.strerror or error}{where}.")
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

    report = _command(commands, "report", _report, "run the notebooks and publish reports/<book>/<quarter>/")
    _book(report)
    report.add_argument("--quarter", help="last closed quarter, such as 2026Q3 (default: the latest in the book)")
    report.add_argument(
        "--scenario", action="append", help="scenario to run, may be repeated (default: all of the book)"
    )
    report.add_argument("--reports", default="reports", type=Path, help="folder to publish in (default: reports)")
    report.add_argument("--jobs", type=int, help="notebooks at a time (default: one per core)")

    plan = _command(commands, "plan", _plan, "the whole plan as text, or as JSON for other tools")
    _book(plan)
    plan.add_argument("--quarter", help="last closed quarter, such as 2026Q3 (default: the latest in the book)")
    plan.add_argument(
        "--scenario", default="base", help="name in the book's scenarios/, or a TOML file (default: base)"
    )
    plan.add_argument("--json", metavar="FILE", help="write plan.json to FILE, - for standard output")

    triage = _command(commands, "triage", _triage, "one impulse ask against the plan, before it costs a meeting")
    _book(triage)
    triage.add_argument(
        "asks", metavar="ASK.toml", nargs="+", type=Path, help="TOML file with an ask (docs/impulse.toml)"
    )
    triage.add_argument("--quarter", help="last closed quarter, such as 2026Q3 (default: the latest in the book)")
    triage.add_argument(
        "--scenario", default="base", help="name in the book's scenarios/, or a TOML file (default: base)"
    )

    compare = _command(commands, "compare", _compare, "two or three scenarios side by side, the differences named")
    _book(compare)
    compare.add_argument("--quarter", help="last closed quarter, such as 2026Q3 (default: the latest in the book)")
    compare.add_argument(
        "--scenario", action="append", help="scenario, given twice or three times (default: all of the book)"
    )

    lab = _command(commands, "lab", _lab, "JupyterLab on working copies of the notebooks, told of the book")
    lab.add_argument("book", metavar="BOOK", nargs="?", default="sample", help="folder of the book (default: sample)")
    lab.add_argument("--folder", default="lab", type=Path, help="where the copies lie (default: lab)")
    lab.add_argument("--no-open", action="store_true", help="make the copies, and say where they are")

    check = _command(commands, "check", _check, "every problem in the book and its scenarios")
    _book(check)

    new = _command(commands, "new", _new, "an empty book with its codebook")
    new.add_argument("folder", metavar="DIR", type=Path, help="folder to write the book to")
    new.add_argument("--excel", action="store_true", help="one Excel workbook to fill in, instead of CSV files")

    scenario = _command(commands, "scenario", _scenario, "a starting scenario for a book that has none")
    _book(scenario)
    scenario.add_argument("--name", default="base", help="name of the new scenario (default: base)")

    crm = _command(commands, "import-crm", _import_crm, "a CRM export to the tables of a book")
    crm.add_argument("export", type=Path, metavar="EXPORT", help="folder of the export's CSV files")
    market = _command(commands, "import-market", _import_market, "a long table of industries and years to `market`")
    market.add_argument("table", type=Path, metavar="TABLE", help="CSV file, one row per industry and year")
    for each in (crm, market):
        each.add_argument("--mapping", type=Path, required=True, help="TOML file that says what the columns mean")
        each.add_argument("--out", type=Path, required=True, metavar="BOOK", help="folder of the book to write to")
    return parser


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: Callable[[argparse.Namespace], int],
    text: str,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    parser.set_defaults(command=run)
    return parser


def _book(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("book", metavar="BOOK", help="folder of the book, or `sample` for the sample company")


def _plan(options: argparse.Namespace) -> int:
    from workbench.model.quarter import latest_quarter, plan_quarter
    from workbench.sources.folder import load_book, load_scenario

    out = _only_ours() if options.json == "-" else sys.stdout.buffer
    book = load_book(options.book)
    scenario = load_scenario(options.scenario, options.book)
    plan = plan_quarter(book, scenario, options.quarter or latest_quarter(book))
    if options.json == "-":
        out.write(plan.to_json())
        out.close()
    elif options.json:
        Path(options.json).write_bytes(plan.to_json())
        _say(f"Wrote {options.json}, digest {plan.digest}.")
    else:
        _say(f"{plan.company}, plan for {plan.next_quarter}, scenario {plan.scenario.name}, money in {plan.currency}")
        for answer in dict.fromkeys((plan.answer, plan.ranking.answer, plan.asks.answer)):
            _say(answer)
        for said in plan.missing:
            _say(f"Left out or to mind: {said}")
        _say(f"Digest {plan.digest}")
    return 0


def _triage(options: argparse.Namespace) -> int:
    from workbench.model.asks import triage_one
    from workbench.model.quarter import latest_quarter, plan_quarter
    from workbench.sources.folder import load_book, load_scenario
    from workbench.sources.impulse import read_impulses

    book = load_book(options.book)
    scenario = load_scenario(options.scenario, options.book)
    impulses = read_impulses(options.asks, book)
    plan = plan_quarter(book, scenario, options.quarter or latest_quarter(book))
    _say(f"{plan.company}, plan for {plan.next_quarter}, scenario {scenario.name}, money in {plan.currency}")
    for extended, ask in impulses:
        for line in triage_one(plan.ranking, plan.allocation, extended, scenario, ask):
            _say(line)
    if len(impulses) > 1:
        _say(f"Each of the {len(impulses)} asks is judged on its own against the plan, without the others.")
    return 0


def _compare(options: argparse.Namespace) -> int:
    from workbench.model.comparison import compare_plans
    from workbench.model.quarter import latest_quarter, plan_quarter
    from workbench.sources.folder import load_book, load_scenario, scenario_names
    from workbench.view.comparison import comparison_blocks

    book = load_book(options.book)
    names = list(dict.fromkeys(options.scenario or scenario_names(options.book)))
    if len(names) < 2:
        _err(f"Found {len(names)} scenario; two are needed: workbench compare {options.book} --scenario A --scenario B")
        return 2
    quarter = options.quarter or latest_quarter(book)
    plans = {name: plan_quarter(book, load_scenario(name, options.book), quarter) for name in names}
    for block in comparison_blocks(compare_plans(plans), book.settings.currency):
        _say(block.lines())
    return 0


def _lab(options: argparse.Namespace) -> int:
    from workbench.lab import open_lab, prepare

    folder = prepare(options.book, options.folder)
    _say(f"The notebooks for this book are in {folder}; they are yours to change.")
    if not options.no_open:
        sys.stdout.flush()
        open_lab(folder)
    return 0


def _only_ours() -> BinaryIO:
    """Standard output for us alone: what native libraries print goes to standard error, never into the JSON."""
    sys.stdout.flush()
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return out


def _check(options: argparse.Namespace) -> int:
    from workbench.book.book import Book
    from workbench.model.quarter import latest_quarter, plan_quarter
    from workbench.sources.folder import load_book, load_scenario, scenario_names

    problems: list[Problem] = []
    book: Book | None = None
    try:
        book = load_book(options.book)
    except WorkbenchError as error:
        problems += error.problems
    names = scenario_names(options.book)
    for name in names:
        try:
            scenario = load_scenario(name, options.book)
            if book is not None:
                plan_quarter(book, scenario, latest_quarter(book))
        except WorkbenchError as error:
            problems += error.problems
    if problems or book is None:
        _say_error(WorkbenchError(problems))
        return 1
    rows = sum(len(table) for table in book.tables().values())
    quarters = book.table("revenue")["quarter"]
    _say(f"{book.settings.company}: no problem in {len(book.tables())} tables with {rows:,} rows, revenue from "
         f"{quarters.min()} to {quarters.max()}, scenarios {', '.join(names) or 'none'}.")  # fmt: skip
    return 0


def _new(options: argparse.Namespace) -> int:
    from workbench.sources.new import new_book

    for line in new_book(options.folder, options.excel):
        _say(line)
    return 0


def _scenario(options: argparse.Namespace) -> int:
    from workbench.model.quarter import latest_quarter, segment_facts
    from workbench.model.values import FACT_OF
    from workbench.scenario import CRITERIA, make_scenario
    from workbench.sources.folder import load_book
    from workbench.sources.template import scenario_toml, write_scenario

    book = load_book(options.book)
    quarter = latest_quarter(book)
    scenario = make_scenario({"name": options.name, "weights": {"judgement": 1}}, "--name")
    segments = segment_facts(book, scenario, quarter).segments
    figures = {name: list(segments[FACT_OF.get(name, name)].dropna()) for name in CRITERIA[:-1]}
    figures["judgement"] = [1.0] if book.has("statements") else []
    path = write_scenario(options.book, options.name, scenario_toml(figures, book.settings.currency, quarter))
    _say(f"Wrote {path}. Review its anchors, then: workbench plan {options.book} --scenario {options.name}")
    return 0


def _report(options: argparse.Namespace) -> int:
    from workbench.report.run import publish_report

    done = publish_report(
        options.book, quarter=options.quarter, scenarios=options.scenario, reports=options.reports, jobs=options.jobs
    )
    for line in done.sentences():
        _say(line)
    return 0


def _import_crm(options: argparse.Namespace) -> int:
    from workbench.sources.crm import import_crm

    for line in import_crm(options.export, options.mapping, options.out).sentences():
        _say(line)
    return 0


def _import_market(options: argparse.Namespace) -> int:
    from workbench.sources.market import import_market

    for line in import_market(options.table, options.mapping, options.out).sentences():
        _say(line)
    return 0


def _say_error(error: WorkbenchError) -> None:
    count = len(error.problems)
    _err(f"{error.title}: {count} problem{'' if count == 1 else 's'}.")
    for problem in error.problems[:SHOWN]:
        _err(f"  {problem.sentence()}")
    if count > SHOWN:
        _err(f"  … and {count - SHOWN:,} more.")


def _show_any_letter() -> None:
    """Letters that the terminal lacks are shown as their codes; nothing stops for them."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def _err(line: str) -> None:
    sys.stderr.write(line + "\n")
