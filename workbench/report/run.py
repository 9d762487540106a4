"""The whole way from a book to a published report; whatever fails, the last good report stands."""

from __future__ import annotations

import datetime as dt
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from workbench.book.text import shown
from workbench.errors import Problem, RunError, WorkbenchError
from workbench.model.plan import Plan
from workbench.report import publish
from workbench.report.inputs import NOTEBOOKS, Inputs, check_inputs, take_snapshot
from workbench.report.kernels import Outcome, Task, plan_scenario, run_notebook
from workbench.report.manifest import as_json
from workbench.report.pages import brief_name
from workbench.report.pool import Pool, open_pool
from workbench.report.write import write_report

START_TIMEOUT = 120  # seconds for a kernel to start
CELL_TIMEOUT = 600  # seconds for one cell
DEADLINE = 3600  # seconds for the whole run


@dataclass(frozen=True)
class Published:
    """A report that readers can open: `index` is its entry page, `seconds` what it took."""

    company: str
    quarter: str
    scenarios: tuple[str, ...]
    index: Path
    seconds: float

    def sentences(self) -> list[str]:
        """What was done and where to look."""
        many = len(self.scenarios) > 1
        what = f"{len(self.scenarios)} scenarios" if many else f"scenario {self.scenarios[0]}"
        return [
            f"Published {what} of {self.company}: the plan for {self.quarter}, in {self.seconds:.0f} s.",
            f"Open {self.index}",
        ]


def publish_report(
    book: str | Path,
    quarter: str | None = None,
    scenarios: Sequence[str] | None = None,
    reports: Path = Path("reports"),
    jobs: int | None = None,
    *,
    notebooks: Path = NOTEBOOKS,
    cell_timeout: int = CELL_TIMEOUT,
    deadline: float = DEADLINE,
) -> Published:
    """The published report of a book for `quarter` (default: its latest) and `scenarios` (default: all of the book).

    Raises RunError with every problem; then nothing is published. `jobs` processes (default: one per core), timeouts
    in seconds.
    """
    started, clock = dt.datetime.now(dt.UTC), time.perf_counter()
    inputs = check_inputs(book, quarter, scenarios, Path(notebooks))
    home = Path(reports) / publish.safe_name(inputs.folder.resolve().name)
    run = publish.open_run(home, publish.safe_name(inputs.quarter), started)
    evidence = False
    try:
        taken = take_snapshot(inputs, run.staging)
        count = max(jobs or os.cpu_count() or 1, 1)
        with open_pool(str(run.staging.resolve()), count, deadline) as pool:
            plans = make_plans(pool, inputs)
            tasks = make_tasks(inputs, plans, run.staging, cell_timeout)
            evidence = True
            outcomes = run_tasks(pool, tasks, run, deadline)
        write_report(run.staging, inputs, plans, taken)
        seconds = time.perf_counter() - clock
        times = {f"{each.task.folder}/{each.task.output}": round(each.seconds, 3) for each in outcomes}
        (run.staging / "run.json").write_bytes(as_json(
            {"started": started.isoformat(), "seconds": round(seconds, 3), "jobs": count, "notebooks": times}
        ))  # fmt: skip
        link = publish.publish(run)
    except BaseException:
        publish.fail(run, evidence=evidence)
        raise
    plan = next(iter(plans.values()))
    seconds = time.perf_counter() - clock
    return Published(plan.company, plan.next_quarter, tuple(plans), link / "index.html", seconds)


def make_plans(pool: Pool[Any], inputs: Inputs) -> dict[str, Plan]:
    """The plan of each scenario. Raises RunError with the problems of all."""
    results = pool.run(plan_scenario, [(name, inputs.quarter) for name in inputs.scenarios])
    problems: list[Problem] = []
    for name, result in zip(inputs.scenarios, results, strict=True):
        if isinstance(result, WorkbenchError):
            problems += result.problems
        elif isinstance(result, TimeoutError):
            problems.append(Problem(f"scenario {name}", None, None, "no plan within the deadline", "a plan in time",
                                    "look at the size of the book"))  # fmt: skip
        elif isinstance(result, BaseException):
            raise result
    if problems:
        raise RunError(dict.fromkeys(problems))
    return dict(zip(inputs.scenarios, results, strict=True))


def make_tasks(inputs: Inputs, plans: dict[str, Plan], staging: Path, cell_timeout: int) -> list[Task]:
    """One task per scenario and notebook (a brief: and segment), each scenario in a folder of its own with its
    `plan.json`.
    """
    tasks = []
    for name, plan in plans.items():
        folder = publish.safe_name(name)
        if (staging / folder).exists():
            raise RunError([Problem(f"scenario {name}", None, None, f"a name that gives the folder {folder} again",
                                    "names that differ in letters and digits", "rename the scenario's file")])  # fmt: skip
        (staging / folder).mkdir()
        (staging / folder / "plan.json").write_bytes(plan.to_json())
        digest = plan.digest
        for path in inputs.notebooks:
            task = Task(path.name, name, folder, inputs.quarter, digest, START_TIMEOUT, cell_timeout)
            segments = list(plan.ranking.order["segment"]) if path.name in inputs.briefs else []
            briefs = [replace(task, segment=each, result=f"{brief_name(path.stem, each)}.ipynb") for each in segments]
            tasks += briefs or [task]
    return tasks


def run_tasks(pool: Pool[Any], tasks: list[Task], run: publish.Run, deadline: float) -> list[Outcome]:
    """The outcomes of all notebooks. Raises RunError with every fault and where the notebook lies as evidence."""
    from tqdm import tqdm

    screen = sys.stderr.isatty()
    with tqdm(total=len(tasks), unit="notebook", ascii=not screen, ncols=80, mininterval=0.1 if screen else 15) as bar:
        results = pool.run(run_notebook, [(task,) for task in tasks], lambda place, result: bar.update())
    problems: list[Problem] = []
    for task, result in zip(tasks, results, strict=True):
        where = f"{task.notebook}, scenario {task.scenario}"
        where += "" if task.segment is None else f", segment {shown(task.segment)}"
        advice = f"look at {run.evidence / task.folder / task.output}"
        if isinstance(result, Outcome):
            for fault in result.faults:
                place = f"{where}, {fault.cell}" if fault.cell else where
                found = " ".join(fault.found.split())[:500]
                problems.append(Problem(place, None, None, found, "a notebook that runs to its end", advice))
        else:
            late = isinstance(result, TimeoutError)
            found = f"that it had not ended after {deadline:g} s, the deadline of the run" if late else f"{result!r}"
            problems.append(Problem(where, None, None, found, "a notebook that runs to its end", advice))
    if problems:
        raise RunError(problems)
    return list(results)
