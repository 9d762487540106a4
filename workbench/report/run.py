"""The whole way from a book to a published report; whatever fails, the last good report stands."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from workbench.book.quarters import shift
from workbench.errors import Problem, RunError
from workbench.model.plan import Plan
from workbench.model.results import listed
from workbench.report import journal, publish
from workbench.report.complete import check
from workbench.report.execute import make_plans, refuse, run_jobs
from workbench.report.inputs import NOTEBOOKS, Inputs, check_inputs, table_files, take_snapshot
from workbench.report.journal import Finished, finished
from workbench.report.lock import held
from workbench.report.manifest import read_manifest
from workbench.report.pool import open_pool
from workbench.report.progress import Progress
from workbench.report.schedule import Job, Schedule, in_words, make_schedule
from workbench.report.shelf import write_shelf
from workbench.report.since import Earlier, published_before
from workbench.report.stale import stale
from workbench.report.verify import faults
from workbench.report.write import Content, write_report

CELL_TIMEOUT = 600  # seconds for one cell
DEADLINE = 3600  # seconds for the whole run


@dataclass(frozen=True)
class Options:
    """How a run goes: `jobs` processes; `cell_timeout`, `deadline` and `wait` for the lock in seconds.

    `resume` uses again what killed and failed runs have finished, beside what is published; `fresh` nothing at all;
    `keep` whole runs of the quarter stay; `allow_partial` publishes although pages are missing, `allow_stale` although
    the book is older than the quarter's end, each with a banner; `warm` forks kernels from a parent that has the stack
    imported.
    """

    jobs: int
    cell_timeout: int = CELL_TIMEOUT
    deadline: float = DEADLINE
    wait: float = 0
    resume: bool = False
    fresh: bool = False
    keep: int = publish.KEPT
    allow_partial: bool = False
    allow_stale: bool = False
    warm: bool = True


@dataclass(frozen=True)
class Published:
    """A report that readers can open: `index` is its entry page, `seconds` what it took, `ran` how many notebooks ran
    and `again` how many were used again; `lacking` what it lacks, `notes` what else is to be said.
    """

    company: str
    quarter: str
    scenarios: tuple[str, ...]
    index: Path
    seconds: float
    ran: int = 0
    again: int = 0
    lacking: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()

    def sentences(self) -> list[str]:
        """What was done and where to look."""
        many = len(self.scenarios) > 1
        what = f"{len(self.scenarios)} scenarios" if many else f"scenario {self.scenarios[0]}"
        if not self.ran and not self.again:
            did = f"Nothing has changed since {what} of {self.company} were published" if many else \
                  f"Nothing has changed since {what} of {self.company} was published"  # fmt: skip
            return [
                *self.notes,
                f"{did}: the plan for {self.quarter} stands, and no notebook was run.",
                f"Open {self.index}",
            ]
        used = f"; {self.ran} notebooks ran, {self.again} were unchanged and used again" if self.again else ""
        partly = "in part " if self.lacking else ""
        done = (
            f"Published {partly}{what} of {self.company}: the plan for {self.quarter}, in {self.seconds:.0f} s{used}."
        )
        return [*self.notes, done, f"Open {self.index}"]


def publish_report(
    book: str | Path,
    quarter: str | None = None,
    scenarios: Sequence[str] | None = None,
    reports: Path = Path("reports"),
    jobs: int | None = None,
    *,
    notebooks: Path = NOTEBOOKS,
    **options: Any,
) -> Published:
    """The published report of a book for `quarter` (default: its latest; `last`: the one closed most lately) and
    `scenarios` (default: all of the book). `options` are the fields of Options but for `jobs` (default: one per core).

    Raises RunError with every problem; then nothing is published.
    """
    started, clock = dt.datetime.now(dt.UTC), time.perf_counter()
    how = Options(max(jobs or os.cpu_count() or 1, 1), **options)
    progress = Progress()
    try:
        progress.phase("Checking the book")
        inputs, banner = _checked(book, quarter, scenarios, Path(notebooks), how.allow_stale)
        home = home_of(inputs, Path(reports))
        with held(home, publish.safe_name(inputs.quarter), how.wait):
            earlier = published_before(home, inputs.quarter)
            schedule = make_schedule(inputs, _about(banner, earlier))
            stands = None if how.fresh else _standing(home, inputs, schedule)
            if stands is not None:
                return _published(inputs, home, time.perf_counter() - clock)
            return _run(inputs, schedule, home, how, banner, earlier, started, clock, progress)
    finally:
        progress.close()


def dry_run(
    book: str | Path,
    quarter: str | None = None,
    scenarios: Sequence[str] | None = None,
    reports: Path = Path("reports"),
    jobs: int | None = None,
    *,
    notebooks: Path = NOTEBOOKS,
    resume: bool = False,
    fresh: bool = False,
    allow_stale: bool = False,
) -> list[str]:
    """What a run would do, in sentences; nothing is run or written. Raises RunError where it would stop at the door."""
    inputs, banner = _checked(book, quarter, scenarios, Path(notebooks), allow_stale)
    home = home_of(inputs, Path(reports))
    schedule = make_schedule(inputs, _about(banner, published_before(home, inputs.quarter)))
    known = {} if fresh else finished(home, inputs.quarter, unfinished=resume)
    lines = in_words(inputs, schedule, known, max(jobs or os.cpu_count() or 1, 1))
    there = read_manifest(home / inputs.quarter)
    same = there is not None and there["key"] == schedule.key and not fresh
    lines += [*banner, f"It would be published as {home / inputs.quarter}/index.html"
              + (", where the same report stands already: nothing would be run." if same
                 else ", in the place of the report there now." if there else ".")]  # fmt: skip
    return lines


def home_of(inputs: Inputs, reports: Path) -> Path:
    """The folder of all reports of a book."""
    return reports / publish.safe_name(inputs.folder.resolve().name)


def _checked(
    book: str | Path, quarter: str | None, scenarios: Sequence[str] | None, notebooks: Path, allow_stale: bool
) -> tuple[Inputs, list[str]]:
    """The inputs, and the banner of a report on a book older than the quarter's end."""
    today = dt.date.today()
    inputs = check_inputs(book, quarter, scenarios, notebooks, today)
    old = stale(inputs.book, inputs.quarter, table_files(inputs), today)
    if not allow_stale:
        refuse(old)
    told = "; ".join(f"{each.where}: {each.found}" for each in old)
    return inputs, [f"This plan rests on data older than the end of {inputs.quarter} ({told})."] if old else []


def _about(banner: Sequence[str], earlier: Earlier | None) -> dict[str, str]:
    return {"banner": " ".join(banner), "earlier": earlier.key if earlier else ""}


def _standing(home: Path, inputs: Inputs, schedule: Schedule) -> Path | None:
    """The folder of a whole run with the same key, each byte as it was written, now published; None where there is none.

    A run that was killed between its last byte and the switch of the link is found here, too.
    """
    for folder in publish.whole_runs(home, inputs.quarter):
        content = read_manifest(folder)
        if content and content["key"] == schedule.key and not content["partial"] and not faults(folder):
            if (home / inputs.quarter).resolve() != folder.resolve() or not (home / "index.html").exists():
                publish.switch(publish.Run(home, inputs.quarter, folder.name))
                write_shelf(home)
            return folder
    return None


def _run(
    inputs: Inputs, schedule: Schedule, home: Path, how: Options, banner: list[str], earlier: Earlier | None,
    started: dt.datetime, clock: float, progress: Progress,
) -> Published:  # fmt: skip
    """A report made and published; a run that stops leaves its evidence, and the last report as it was."""
    run = publish.open_run(home, inputs.quarter, started)
    evidence = False
    try:
        known = {} if how.fresh else finished(home, inputs.quarter, unfinished=how.resume)
        take_snapshot(inputs, schedule.hashes, run.staging)
        with open_pool(str(run.staging.resolve()), how.jobs, how.deadline, warm=how.warm) as pool:
            plans, problems = make_plans(pool, inputs, progress, how.jobs)
            if not plans or not how.allow_partial:
                refuse(problems)
            for name, plan in plans.items():
                (run.staging / publish.safe_name(name)).mkdir()
                (run.staging / publish.safe_name(name) / "plan.json").write_bytes(plan.to_json())
            jobs = [job for job in schedule.jobs if job.scenario in plans]
            evidence = True
            left = [job for job in jobs if not _again(job, known, run.staging, plans)]
            seconds, failures = run_jobs(pool, left, plans, inputs.quarter, run.staging, progress, deadline=how.deadline,
                                         cell_timeout=how.cell_timeout, at_a_time=how.jobs)  # fmt: skip
            notes = [pool.fallback] if pool.fallback else []
        lacking = [*problems, *(each.problem(run.evidence) for each in failures)]
        if lacking:
            without = [name for name in inputs.scenarios if name not in plans]
            banner = [*banner, f"This report is partial: {len(failures)} of {len(jobs)} pages could not be made"
                      + (f", and there is no plan for {listed(without)}." if without else ".")]  # fmt: skip
        content = Content(inputs, schedule, plans, banner, {each.job.file: each for each in failures},
                          [each.sentence() for each in problems], earlier)  # fmt: skip
        record = {"started": started.isoformat(), "seconds": round(time.perf_counter() - clock, 3), "jobs": how.jobs,
                  "notebooks": seconds, "used_again": len(jobs) - len(left)}  # fmt: skip
        if lacking and not how.allow_partial:
            with suppress(OSError):  # the reasons are told in any case
                write_report(run.staging, content, record, progress)
            raise RunError(lacking)
        write_report(run.staging, content, record, progress)
        progress.phase("Checking the report")
        _check_whole(run.staging, content)
        progress.phase("Publishing")
        publish.publish(run, how.keep)
        write_shelf(home)
        progress.phase("Done")
    except BaseException:
        publish.fail(run, evidence=evidence)
        raise
    where = [each.problem(run.target) for each in failures]
    return _published(inputs, home, time.perf_counter() - clock, plans, len(left), len(jobs) - len(left),
                      (*problems, *where), tuple(notes))  # fmt: skip


def _again(job: Job, known: Mapping[str, Finished], staging: Path, plans: Mapping[str, Plan]) -> bool:
    """True where the job's result was found among those `known`, copied, and shows this plan's digest."""
    goal = staging / job.file
    if job.key not in known or not journal.take(known[job.key], goal):
        return False
    if check(nbformat.read(goal, as_version=4).cells, plans[job.scenario].digest):
        goal.unlink()
        return False
    journal.note(staging, job.file, job.key)
    return True


def _check_whole(staging: Path, content: Content) -> None:
    """Raises RunError where a byte is not what the manifest says, or a page of a job is not there."""
    problems = faults(staging)
    for job in content.schedule.jobs:
        page = (staging / job.file).with_suffix(".html")
        if job.scenario in content.plans and not (
            page.exists() and (job.file in content.failures or (staging / job.file).exists())
        ):
            problems.append(Problem(job.where, None, None, "no page of it", "a page for every notebook", "run again"))
    refuse(problems)


def _published(
    inputs: Inputs, home: Path, seconds: float, plans: Mapping[str, Plan] | None = None, ran: int = 0, again: int = 0,
    lacking: tuple[Problem, ...] = (), notes: tuple[str, ...] = (),
) -> Published:  # fmt: skip
    names = tuple(plans or inputs.scenarios)
    return Published(inputs.book.settings.company, shift(inputs.quarter, 1), names, home / inputs.quarter / "index.html",
                     seconds, ran, again, lacking, notes)  # fmt: skip
