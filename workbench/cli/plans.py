"""Commands that plan on the spot: the plan, one impulse ask, scenarios side by side, the notebooks in JupyterLab."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import BinaryIO

from workbench.cli.common import Commands, book, command, err, quarter, say, scenario, scenarios


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declares these commands."""
    plan = command(commands, "plan", _plan, "the whole plan as text, or as JSON for other tools")
    book(plan)
    quarter(plan)
    scenario(plan)
    plan.add_argument("--json", metavar="FILE", help="write plan.json to FILE, - for standard output")

    triage = command(commands, "triage", _triage, "one impulse ask against the plan, before it costs a meeting")
    book(triage)
    triage.add_argument(
        "asks", metavar="ASK.toml", nargs="+", type=Path, help="TOML file with an ask (docs/impulse.toml)"
    )
    quarter(triage)
    scenario(triage)

    compare = command(commands, "compare", _compare, "two or three scenarios side by side, the differences named")
    book(compare)
    quarter(compare)
    scenarios(compare, "scenario, given twice or three times")

    lab = command(commands, "lab", _lab, "JupyterLab on working copies of the notebooks, told of the book")
    lab.add_argument("book", metavar="BOOK", nargs="?", default="sample", help="folder of the book (default: sample)")
    lab.add_argument("--folder", default="lab", type=Path, help="where the copies lie (default: lab)")
    lab.add_argument("--no-open", action="store_true", help="make the copies, and say where they are")


def _plan(options: argparse.Namespace) -> int:
    from workbench.model.quarter import plan_quarter
    from workbench.sources.tables import load_book, load_scenario

    out = _only_ours() if options.json == "-" else sys.stdout.buffer
    book = load_book(options.book)
    scenario = load_scenario(options.scenario, options.book)
    plan = plan_quarter(book, scenario, options.quarter or book.latest_quarter)
    if options.json == "-":
        out.write(plan.to_json())
        out.close()
    elif options.json:
        Path(options.json).write_bytes(plan.to_json())
        say(f"Wrote {options.json}, digest {plan.digest}.")
    else:
        say(f"{plan.company}, plan for {plan.next_quarter}, scenario {plan.scenario.name}, money in {plan.currency}")
        for answer in dict.fromkeys((plan.answer, plan.ranking.answer, plan.asks.answer)):
            say(answer)
        for said in plan.missing:
            say(f"Left out or to mind: {said}")
        say(f"Digest {plan.digest}")
    return 0


def _triage(options: argparse.Namespace) -> int:
    from workbench.model.asks import triage_one
    from workbench.model.quarter import plan_quarter
    from workbench.sources.imports import read_impulses
    from workbench.sources.tables import load_book, load_scenario

    book = load_book(options.book)
    scenario = load_scenario(options.scenario, options.book)
    impulses = read_impulses(options.asks, book)
    plan = plan_quarter(book, scenario, options.quarter or book.latest_quarter)
    say(f"{plan.company}, plan for {plan.next_quarter}, scenario {scenario.name}, money in {plan.currency}")
    for extended, ask in impulses:
        for line in triage_one(plan.ranking, plan.allocation, extended, scenario, ask):
            say(line)
    if len(impulses) > 1:
        say(f"Each of the {len(impulses)} asks is judged on its own against the plan, without the others.")
    return 0


def _compare(options: argparse.Namespace) -> int:
    from workbench.model.comparison import compare_plans
    from workbench.model.quarter import plan_quarter
    from workbench.sources.tables import load_book, load_scenario, scenario_names
    from workbench.view.comparison import comparison_blocks

    book = load_book(options.book)
    names = list(dict.fromkeys(options.scenario or scenario_names(options.book)))
    if len(names) < 2:
        err(f"Found {len(names)} scenario; two are needed: workbench compare {options.book} --scenario A --scenario B")
        return 2
    quarter = options.quarter or book.latest_quarter
    plans = {name: plan_quarter(book, load_scenario(name, options.book), quarter) for name in names}
    for block in comparison_blocks(compare_plans(plans), book.settings.currency):
        say(block.lines())
    return 0


def _lab(options: argparse.Namespace) -> int:
    from workbench.lab import open_lab, prepare

    folder = prepare(options.book, options.folder)
    say(f"The notebooks for this book are in {folder}; they are yours to change.")
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
