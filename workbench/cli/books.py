"""Commands on a company's data: check it, start a scenario, import exports."""

from __future__ import annotations

import argparse
from pathlib import Path

from workbench.cli.common import Commands, book, command, say, say_error
from workbench.errors import Problem, WorkbenchError


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declares these commands."""
    check = command(commands, "check", _check, "every problem in the book and its scenarios")
    book(check)

    new = command(commands, "new", _new, "an empty book with its codebook")
    new.add_argument("folder", metavar="DIR", type=Path, help="folder to write the book to")
    new.add_argument("--excel", action="store_true", help="one Excel workbook to fill in, instead of CSV files")

    scenario = command(commands, "scenario", _scenario, "a starting scenario for a book that has none")
    book(scenario)
    scenario.add_argument("--name", default="base", help="name of the new scenario (default: base)")

    crm = command(commands, "import-crm", _import_crm, "a CRM export to the tables of a book")
    crm.add_argument("export", type=Path, metavar="EXPORT", help="folder of the export's CSV files")
    market = command(commands, "import-market", _import_market, "a long table of industries and years to `market`")
    market.add_argument("table", type=Path, metavar="TABLE", help="CSV file, one row per industry and year")
    for each in (crm, market):
        each.add_argument("--mapping", type=Path, required=True, help="TOML file that says what the columns mean")
        each.add_argument("--out", type=Path, required=True, metavar="BOOK", help="folder of the book to write to")


def _check(options: argparse.Namespace) -> int:
    from workbench.book.book import Book
    from workbench.model.quarter import plan_quarter
    from workbench.sources.tables import load_book, load_scenario, scenario_names

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
                plan_quarter(book, scenario, book.latest_quarter)
        except WorkbenchError as error:
            problems += error.problems
    if problems or book is None:
        say_error(WorkbenchError(problems))
        return 1
    rows = sum(len(table) for table in book.tables().values())
    quarters = book.table("revenue")["quarter"]
    say(f"{book.settings.company}: no problem in {len(book.tables())} tables with {rows:,} rows, revenue from "
         f"{quarters.min()} to {quarters.max()}, scenarios {', '.join(names) or 'none'}.")  # fmt: skip
    return 0


def _new(options: argparse.Namespace) -> int:
    from workbench.sources.new import new_book

    for line in new_book(options.folder, options.excel):
        say(line)
    return 0


def _scenario(options: argparse.Namespace) -> int:
    from workbench.criteria import ANCHORED, CRITERIA
    from workbench.model.quarter import segment_facts
    from workbench.scenario import make_scenario
    from workbench.sources.new import scenario_toml, write_scenario
    from workbench.sources.tables import load_book

    book = load_book(options.book)
    quarter = book.latest_quarter
    scenario = make_scenario({"name": options.name, "weights": {"judgement": 1}}, "--name")
    segments = segment_facts(book, scenario, quarter).segments
    figures = {name: list(segments[CRITERIA[name].fact].dropna()) for name in ANCHORED}
    figures["judgement"] = [1.0] if book.has("statements") else []
    path = write_scenario(options.book, options.name, scenario_toml(figures, book.settings.currency, quarter))
    say(f"Wrote {path}. Review its anchors, then: workbench plan {options.book} --scenario {options.name}")
    return 0


def _import_crm(options: argparse.Namespace) -> int:
    from workbench.sources.imports import import_crm

    for line in import_crm(options.export, options.mapping, options.out).sentences():
        say(line)
    return 0


def _import_market(options: argparse.Namespace) -> int:
    from workbench.sources.imports import import_market

    for line in import_market(options.table, options.mapping, options.out).sentences():
        say(line)
    return 0
