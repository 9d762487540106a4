"""The whole way from a book to a published report; whatever fails, the last good report stands."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from pathlib import Path

from workbench.book.quarters import shift
from workbench.errors import Problem, RunError
from workbench.report.printing import find_browser
from workbench.report.run.inputs import NOTEBOOKS, Inputs, check_inputs, table_files
from workbench.report.run.options import USUAL, Options, Published
from workbench.report.run.progress import Progress
from workbench.report.run.schedule import Schedule, in_words, make_schedule
from workbench.report.run.stale import stale
from workbench.report.store import (
    Earlier,
    Run,
    behind,
    faults,
    finished,
    held,
    published_before,
    read_manifest,
    safe_name,
    switch,
    whole_runs,
)


def publish_report(
    book: str | Path,
    quarter: str | None = None,
    scenarios: Sequence[str] | None = None,
    reports: Path = Path("reports"),
    how: Options = USUAL,
    *,
    notebooks: Path = NOTEBOOKS,
) -> Published:
    """The published report of a book for `quarter` (default: its latest; `last`: the one closed most lately) and
    `scenarios` (default: all of the book).

    Raises RunError with every problem; then nothing is published.
    """
    started, clock = dt.datetime.now(dt.UTC), time.perf_counter()
    progress = Progress()
    try:
        progress.phase("Checking the book")
        inputs, banner = _checked(book, quarter, scenarios, Path(notebooks), how.allow_stale)
        home = home_of(inputs, Path(reports))
        with held(home, safe_name(inputs.quarter), how.wait):
            earlier = published_before(home, inputs.quarter)
            schedule = make_schedule(inputs, _about(banner, earlier, how.pdf))
            stands = None if how.fresh else _standing(home, inputs, schedule)
            if stands is not None:
                return Published(inputs.book.settings.company, shift(inputs.quarter, 1), tuple(inputs.scenarios),
                                 home / inputs.quarter / "index.html", time.perf_counter() - clock)  # fmt: skip
            from workbench.report.run.make import (  # draws and renders: nothing that an unchanged report needs
                Order,
                make,
            )

            return make(Order(inputs, schedule, home, how, banner, earlier, started, clock), progress)
    finally:
        progress.close()


def dry_run(
    book: str | Path,
    quarter: str | None = None,
    scenarios: Sequence[str] | None = None,
    reports: Path = Path("reports"),
    how: Options = USUAL,
    *,
    notebooks: Path = NOTEBOOKS,
) -> list[str]:
    """What a run would do, in sentences; nothing is run or written. Raises RunError where it would stop at the door."""
    inputs, banner = _checked(book, quarter, scenarios, Path(notebooks), how.allow_stale)
    home = home_of(inputs, Path(reports))
    schedule = make_schedule(inputs, _about(banner, published_before(home, inputs.quarter), how.pdf))
    known = {} if how.fresh else finished(home, inputs.quarter, unfinished=how.resume)
    at_a_time = f"on the workers of {how.cluster}" if how.cluster else f"{how.at_a_time} at a time"
    lines = in_words(inputs, schedule, known, at_a_time)
    there = read_manifest(home / inputs.quarter)
    same = there is not None and there["key"] == schedule.key and not how.fresh
    lines += [*banner, f"It would be published as {home / inputs.quarter}/index.html"
              + (", where the same report stands already: nothing would be run." if same
                 else ", in the place of the report there now." if there else ".")]  # fmt: skip
    return lines


def home_of(inputs: Inputs, reports: Path) -> Path:
    """The folder of all reports of a book. Raises RunError where it holds those of another company."""
    home = reports / safe_name(inputs.name)
    for link in home.glob("*"):
        content = read_manifest(link) if link.is_symlink() else None
        if content is not None and content["company"] != inputs.book.settings.company:
            found = f"a report of {content['company']!r} where those of {inputs.book.settings.company!r} belong"
            raise RunError([Problem(str(link), None, None, found, "one company in a folder of reports",
                                    "rename the book's folder, or publish elsewhere by --reports")])  # fmt: skip
    return home


def _checked(
    book: str | Path, quarter: str | None, scenarios: Sequence[str] | None, notebooks: Path, allow_stale: bool
) -> tuple[Inputs, list[str]]:
    """The inputs, and the banner of a report on a book older than the quarter's end."""
    today = dt.date.today()
    inputs = check_inputs(book, quarter, scenarios, notebooks, today)
    old = stale(inputs.book, inputs.quarter, table_files(inputs), today)
    if old and not allow_stale:
        raise RunError(old)
    told = "; ".join(f"{each.where}: {each.found}" for each in old)
    return inputs, [f"This plan rests on data older than the end of {inputs.quarter} ({told})."] if old else []


def _about(banner: Sequence[str], earlier: Earlier | None, pdf: bool) -> dict[str, str]:
    """What a report depends on beside its notebooks."""
    printed = "yes" if pdf and find_browser() else ""
    return {"banner": " ".join(banner), "earlier": earlier.key if earlier else "", "printed": printed}


def _standing(home: Path, inputs: Inputs, schedule: Schedule) -> Path | None:
    """The folder of a whole run with the same key, each byte as it was written, now published; None where there is none.

    A run that was killed between its last byte and the switch of the link is found here, too.
    """
    for folder in whole_runs(home, inputs.quarter):
        content = read_manifest(folder)
        if content and content["key"] == schedule.key and not content["partial"] and not faults(folder):
            if (home / inputs.quarter).resolve() != folder.resolve() or behind(home):
                from workbench.report.pages import shelved

                with shelved(home, inputs.quarter, folder):
                    switch(Run(home, inputs.quarter, folder.name))
            return folder
    return None
