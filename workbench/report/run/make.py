"""A report made in staging and published: plans, notebooks, pages, the check of the whole, the switch."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path

import nbformat

from workbench.book.quarters import shift
from workbench.errors import Problem, RunError
from workbench.model.plan import Plan
from workbench.model.results import listed
from workbench.report.kernels import check, open_pool
from workbench.report.pages import shelved
from workbench.report.run.execute import Failure, Workers, make_plans, refuse, run_jobs
from workbench.report.run.inputs import Inputs, take_snapshot
from workbench.report.run.options import Options, Published
from workbench.report.run.progress import Progress
from workbench.report.run.schedule import Job, Schedule
from workbench.report.run.seal import unsealed
from workbench.report.run.write import Content, write_report
from workbench.report.store import Earlier, Finished, fail, faults, finished, journal, open_run, publish, safe_name


@dataclass(frozen=True)
class Order:
    """What is to be made, where (`home`) and how; `banner` stands on every page; when the run `started`, by the date and
    by the `clock` that counts seconds.
    """

    inputs: Inputs
    schedule: Schedule
    home: Path
    how: Options
    banner: Sequence[str]
    earlier: Earlier | None
    started: dt.datetime
    clock: float

    @property
    def seconds(self) -> float:
        """What the run has taken so far."""
        return time.perf_counter() - self.clock


@dataclass(frozen=True)
class Results:
    """What the worker processes gave: plans by scenario and the `problems` of those without, the seconds of each notebook
    that ran, how many were used `again`, what failed, which notebook computed each plan `anew`, what keeps a plan
    `unsealed`, and what is to be said of the kernels.
    """

    plans: Mapping[str, Plan]
    problems: Sequence[Problem]
    seconds: Mapping[str, float]
    again: int
    failures: Sequence[Failure]
    anew: Mapping[str, str]
    unsealed: Sequence[Problem]
    note: str

    @property
    def wrong(self) -> bool:
        """True where a plan is not what a second computing gives: nothing of it may be published, not in part either."""
        return bool(self.unsealed) or any(each.differs for each in self.failures)

    def lacking(self, folder: Path) -> tuple[Problem, ...]:
        """What keeps the report from being whole; `folder` is where people find it."""
        return (*self.problems, *(each.problem(folder) for each in self.failures), *self.unsealed)


def make(order: Order, progress: Progress) -> Published:
    """The report, published; a run that stops leaves its evidence, and the last report as it was.

    Raises RunError with all that failed, OSError where the disk does not take it.
    """
    run = open_run(order.home, order.inputs.quarter, order.started)
    planned: list[Plan] = []
    try:
        take_snapshot(order.inputs, order.schedule.hashes, run.staging)
        results = _results(order, run.staging, progress, planned)
        content, lacking = _content(order, results), results.lacking(run.evidence)
        record = {"started": order.started.isoformat(), "seconds": round(order.seconds, 3), "jobs": order.how.at_a_time,
                  "notebooks": results.seconds, "used_again": results.again, "computed_anew": results.anew}  # fmt: skip
        if results.wrong or (lacking and not order.how.allow_partial):
            with suppress(OSError):  # the reasons are told in any case
                write_report(run.staging, content, record, progress)
            raise RunError(lacking)
        unprinted = write_report(run.staging, content, record, progress)
        progress.phase("Checking the report")
        _check_whole(run.staging, content)
        progress.phase("Publishing")
        with shelved(order.home, run.quarter, run.staging):
            publish(run, order.how.keep)
        progress.phase("Done")
    except BaseException as error:
        fail(run, order.how.keep, evidence=bool(planned))
        if isinstance(error, OSError) and error.filename is None:  # as where the disk is full
            error.filename = str(order.home)
        raise
    plan = next(iter(results.plans.values()))
    return Published(plan.company, shift(plan.quarter, 1), tuple(results.plans), run.link / "index.html", order.seconds,
                     len(results.seconds), results.again, results.lacking(run.target),
                     tuple(filter(None, (results.note, unprinted))))  # fmt: skip


def _results(order: Order, staging: Path, progress: Progress, planned: list[Plan]) -> Results:
    """Plans and executed notebooks in staging; `planned` takes the plans as soon as they are there: evidence worth keeping."""
    inputs, how = order.inputs, order.how
    with _workers(how, str(staging.resolve())) as pool:
        plans, problems = make_plans(pool, inputs, progress)
        if not plans or not how.allow_partial:
            refuse(problems)
        planned += plans.values()
        for name, plan in plans.items():
            folder = staging / safe_name(name)
            folder.mkdir()
            (folder / "plan.json").write_bytes(plan.to_json())
        known = {} if how.fresh else finished(order.home, inputs.quarter, unfinished=how.resume)
        jobs = [job for job in order.schedule.jobs if job.scenario in plans]
        digests = {name: plan.digest for name, plan in plans.items()}
        again = [job for job in jobs if _again(job, known, staging, digests)]
        left = [job for job in jobs if job not in again]
        ran = run_jobs(pool, left, plans, inputs.quarter, staging, progress, deadline=how.deadline,
                       cell_timeout=how.cell_timeout)  # fmt: skip
        sealed = {*ran.anew, *(job.scenario for job in again if known[job.key].sealed)}
        stops = any(each.differs or not how.allow_partial for each in ran.failures)
        waiting = [] if stops else [name for name in plans if name not in sealed]
        lacking = unsealed(pool, plans, waiting, inputs.quarter, progress)
        note = (
            f"Every kernel was started anew, which takes longer: {pool.fallback}." if how.warm and pool.fallback else ""
        )
        return Results(plans, problems, ran.seconds, len(again), ran.failures, ran.anew, lacking, note)


def _workers(how: Options, staging: str) -> AbstractContextManager[Workers]:
    """What does the calls: processes here, or the workers of a Dask scheduler."""
    if not how.cluster:
        return open_pool(staging, how.at_a_time, how.deadline, warm=how.warm)
    from workbench.report.cluster import open_cluster

    return open_cluster(how.cluster, staging, how.deadline, warm=how.warm)


def _content(order: Order, results: Results) -> Content:
    """What the pages are written from; a report with a gap says so at the top of every page."""
    banner = list(order.banner)
    if results.problems or results.failures:
        without = [name for name in order.inputs.scenarios if name not in results.plans]
        many = f"{len(results.failures)} of {results.again + len(results.seconds)} pages could not be made"
        banner.append(
            f"This report is partial: {many}" + (f", and there is no plan for {listed(without)}." if without else ".")
        )
    return Content(order.inputs, order.schedule, results.plans, banner, {each.job.file: each for each in results.failures},
                   [each.sentence() for each in results.problems], order.earlier, order.how.pdf)  # fmt: skip


def _again(job: Job, known: Mapping[str, Finished], staging: Path, digests: Mapping[str, str]) -> bool:
    """True where the job's result was found among those `known`, copied, and shows this plan's digest."""
    goal = staging / job.file
    if job.key not in known or not journal.take(known[job.key], goal):
        return False
    if check(nbformat.read(goal, as_version=4).cells, digests[job.scenario]):
        goal.unlink()
        return False
    journal.note(staging, job.file, job.key, sealed=known[job.key].sealed)
    return True


def _check_whole(staging: Path, content: Content) -> None:
    """Raises RunError where a byte is not what the manifest says, or a page of a job is not there."""
    problems = faults(staging)
    for job in content.schedule.jobs:
        notebook = staging / job.file
        there = notebook.with_suffix(".html").exists() and (notebook.exists() or job.file in content.failures)
        if job.scenario in content.plans and not there:
            problems.append(Problem(job.where, None, None, "no page of it", "a page for every notebook", "run again"))
    refuse(problems)
