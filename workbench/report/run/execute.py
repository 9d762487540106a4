"""The plans and notebooks of a run, made in worker processes; what failed as problems, the rest goes on."""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from workbench.errors import Problem, RunError, WorkbenchError
from workbench.model.plan import Plan
from workbench.report.kernels import Outcome, Task, WorkerLostError, plan_scenario, run_notebook
from workbench.report.run.inputs import Inputs
from workbench.report.run.progress import Progress
from workbench.report.run.schedule import Job
from workbench.report.store import journal

START_TIMEOUT = 120  # seconds for a kernel to start
WHOLE = "a notebook that runs to its end"
SAME = "the digest of the plan that pages and exports are made from"


class Workers(Protocol):
    """What does the calls of a run, wherever it does them: as `pool.Pool` says."""

    fallback: str

    def run(
        self, function: Callable[..., Any], calls: Sequence[tuple[Any, ...]], done: Callable[[int, Any], object],
        started: Callable[[int], object],
    ) -> list[Any]: ...  # fmt: skip


@dataclass(frozen=True)
class Ran:
    """What jobs gave: the seconds of each notebook by its file, what failed, and by scenario the file of the whole notebook
    that computed its plan anew.
    """

    seconds: Mapping[str, float]
    failures: Sequence[Failure]
    anew: Mapping[str, str]


@dataclass(frozen=True)
class Failure:
    """A job that gave no whole notebook: which cell (blank: none in particular) and what was found, in words. Where its plan
    `differs` from the run's, one of the two is wrong.
    """

    job: Job
    cell: str
    found: str
    differs: bool = False

    def problem(self, evidence: Path) -> Problem:
        """The failure as a problem; `evidence` is the run's folder as people will find it."""
        where = f"{self.job.where}, {self.cell}" if self.cell else self.job.where
        allowed = SAME if self.differs else WHOLE
        return Problem(where, None, None, self.found, allowed, f"look at {evidence / self.job.file}")


def make_plans(pool: Workers, inputs: Inputs, progress: Progress) -> tuple[dict[str, Plan], list[Problem]]:
    """The plan of each scenario that has one, and the problems of the others."""
    names = list(inputs.scenarios)
    progress.phase("Planning", names)
    results = pool.run(plan_scenario, [(name, inputs.quarter) for name in names],
                       lambda place, _: progress.done(names[place]), lambda place: progress.begin(names[place]))  # fmt: skip
    plans: dict[str, Plan] = {}
    problems: list[Problem] = []
    for name, result in zip(names, results, strict=True):
        if isinstance(result, WorkbenchError):
            problems += result.problems
        elif isinstance(result, BaseException):
            problems.append(Problem(f"scenario {name}", None, None, in_words(result, 0), "a plan within the run's deadline",
                                    "look at the size of the book, or raise --deadline"))  # fmt: skip
        else:
            plans[name] = result
    return plans, list(dict.fromkeys(problems))


def run_jobs(
    pool: Workers,
    jobs: Sequence[Job],
    plans: Mapping[str, Plan],
    quarter: str,
    staging: Path,
    progress: Progress,
    *,
    cell_timeout: int,
    deadline: float,
) -> Ran:
    """What the jobs give; each that is whole is noted in the run's journal.

    The first job of each scenario computes its plan anew, and comes before those that are given the run's.
    """
    first = {job.scenario: job for job in reversed(jobs)}
    ordered = sorted(jobs, key=lambda job: first[job.scenario] is not job)
    digests = {name: plan.digest for name, plan in plans.items()}
    tasks = [Task(job.notebook, job.scenario, job.folder, quarter, digests[job.scenario], START_TIMEOUT, cell_timeout,
                  job.segment, Path(job.file).name, first[job.scenario] is job) for job in ordered]  # fmt: skip
    progress.phase("Running notebooks", [job.file for job in ordered])
    broken: list[OSError] = []
    found: dict[str, list[Failure]] = {}

    def done(place: int, result: Any) -> None:
        job = ordered[place]
        progress.done(job.file)
        found[job.file] = _failures(job, result, digests[job.scenario], deadline)
        if not found[job.file]:
            try:
                journal.note(staging, job.file, job.key, sealed=tasks[place].anew)
            except OSError as error:
                broken.append(error)

    results = pool.run(
        run_notebook, [(task,) for task in tasks], done, lambda place: progress.begin(ordered[place].file)
    )
    if broken:
        raise broken[0]
    ran = zip(ordered, results, strict=True)
    seconds = {job.file: round(result.seconds, 3) for job, result in ran if isinstance(result, Outcome)}
    return Ran(seconds, [each for job in jobs for each in found[job.file]],
               {name: job.file for name, job in first.items() if not found[job.file]})  # fmt: skip


def _failures(job: Job, result: Any, digest: str, deadline: float) -> list[Failure]:
    """Why what came of a job does not count; the digest that its last cell shows is compared with the plan's here."""
    if not isinstance(result, Outcome):
        return [Failure(job, "", in_words(result, deadline))]
    if result.shown not in (None, digest):
        how = " of the plan as it computed it anew," if result.task.anew else ""
        found = f"the digest {str(result.shown)[:12]}…{how} instead of the plan's {digest[:12]}…"
        return [Failure(job, "last cell", found, differs=True)]
    return [Failure(job, fault.cell, " ".join(fault.found.split())[:500]) for fault in result.faults]


def in_words(error: BaseException, deadline: float) -> str:
    """Why a call gave nothing, for someone who does not know the machinery."""
    if isinstance(error, TimeoutError):
        return f"that it had not ended after {deadline:g} s, the deadline of the run" if deadline else "no plan in time"
    if isinstance(error, WorkerLostError):
        return "that the process at work on it was ended from outside, twice (out of memory, or killed)"
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "no space left on the disk"
    return f"{type(error).__name__}: {error}"


def refuse(problems: Sequence[Problem]) -> None:
    """Raises RunError where there are problems, each once."""
    if problems:
        raise RunError(dict.fromkeys(problems))
