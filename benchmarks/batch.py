"""Papermill's command, its API in turn and in two processes, and ours on the same notebooks, side by side in one run.

`python -m benchmarks.batch [--times 20] [--json -]`. On `stack.ipynb` (imports pandas, altair and scipy, then works for
0.15 s): seconds for all, with everything that has to start. On our own notebooks (the sample, one scenario, two
processes): milliseconds a notebook over the same cells without Jupyter, forked from the same warm state.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.processes import family

HERE = Path(__file__).resolve().parent
STACK = HERE / "stack.ipynb"
JOBS = 2
QUARTER, SCENARIO = "2026Q3", "base"
TOLD = {"book": "book", "scenario": SCENARIO, "quarter": QUARTER}
DIGEST = "0" * 64  # what the last cell of the stack notebook shows
CELL = 600


def cli(folder: Path, times: int) -> dict[str, float]:
    """Seconds for papermill's command in a loop."""
    told = [word for name, value in TOLD.items() for word in ("-p", name, value)]
    started = time.perf_counter()
    for each in range(times):
        command = [sys.executable, "-m", "papermill", str(STACK), str(folder / f"{each}.ipynb"), "-k", "python3", *told]
        subprocess.run([*command, "--no-progress-bar"], check=True, stderr=subprocess.DEVNULL)
    return {"cli_s": time.perf_counter() - started}


def api(folder: Path, times: int) -> dict[str, float]:
    """Seconds for papermill's API in turn, in a fresh process."""
    started = time.perf_counter()
    alone(run_api, folder, times)
    return {"api_s": time.perf_counter() - started}


def api2(folder: Path, times: int) -> dict[str, float]:
    """Seconds for papermill's API in two fresh processes."""
    started = time.perf_counter()
    threads = [
        threading.Thread(target=alone, args=(run_api, folder / str(each), times // JOBS)) for each in range(JOBS)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return {"api2_s": time.perf_counter() - started}


def ours(folder: Path, times: int) -> dict[str, float]:
    """Seconds for ours in two processes, started by a fresh process."""
    started = time.perf_counter()
    alone(run_ours, folder, times)
    return {"ours_s": time.perf_counter() - started}


def run_api(folder: Path, times: int) -> dict[str, float]:
    """Papermill's API, one notebook after the other."""
    from papermill import execute_notebook

    folder.mkdir(parents=True, exist_ok=True)
    for each in range(times):
        execute_notebook(STACK, folder / f"{each}.ipynb", TOLD, kernel_name="python3", progress_bar=False)
    return {}


def run_ours(folder: Path, times: int) -> dict[str, float]:
    """The stack notebook by our pool, which starts and ends here."""
    from workbench.report.kernels.pool import open_pool
    from workbench.report.kernels.tasks import Task, run_notebook

    (folder / "notebooks").mkdir(parents=True)
    (folder / SCENARIO).mkdir()
    shutil.copy(STACK, folder / "notebooks")
    tasks = [
        Task(STACK.name, SCENARIO, SCENARIO, QUARTER, DIGEST, CELL, CELL, result=f"{each}.ipynb")
        for each in range(times)
    ]
    with open_pool(str(folder), JOBS, 3600) as pool:
        complain(pool.run(run_notebook, [(task,) for task in tasks]), pool.fallback)
    return {}


def complain(outcomes: list[Any], fallback: str) -> None:
    """Stops where a notebook did not run, or not in a forked kernel."""
    wrong = [each for each in outcomes if isinstance(each, Exception) or each.faults]
    if wrong or fallback:
        raise SystemExit(f"{fallback} {wrong[:1]}")


def run_own(folder: Path, rounds: int) -> dict[str, float]:
    """Our own notebooks: milliseconds a notebook over the bare cells, the best of `rounds`, and the peak of memory."""
    from workbench.report.kernels.pool import open_pool
    from workbench.report.kernels.tasks import plan_scenario, run_notebook

    started = time.perf_counter()
    stage(folder)
    figures: dict[str, float] = {}
    with open_pool(str(folder), JOBS, 3600) as pool:
        [plan] = pool.run(plan_scenario, [(SCENARIO, QUARTER)])
        tasks = own_tasks(plan)
        figures["own_plan_s"] = time.perf_counter() - started
        for each in range(rounds):
            begun = time.perf_counter()
            outcomes = pool.run(run_notebook, [(task,) for task in tasks])
            wall = time.perf_counter() - begun
            complain(outcomes, pool.fallback)
            mean = sum(outcome.seconds for outcome in outcomes) / len(tasks)
            if not each or mean < figures["own_notebook_s"]:
                figures |= {"own_notebook_s": mean, "own_s": wall}
        with memory_watched() as peak:
            complain(pool.run(run_notebook, [(task,) for task in tasks]), pool.fallback)
        figures["peak_mib"] = peak[0]
    figures["own_notebooks"] = len(tasks)
    return figures


def run_floor(folder: Path, rounds: int) -> dict[str, float]:
    """The cells of our own notebooks without Jupyter: a fork a notebook, two at a time, from a parent that has imported
    the same and remembers the same plan; the best of `rounds`.
    """
    from workbench.report.kernels.environment import FIXED
    from workbench.report.kernels.forkserver import import_stack
    from workbench.report.kernels.memory import remember

    os.environ.update(FIXED)
    stage(folder)
    os.chdir(folder)
    import_stack()
    known = plan_of(folder)
    remember(known)
    tasks = own_tasks(known.plan)
    best: list[float] = []
    for _ in range(rounds):
        seconds = two_at_a_time([lambda task=task: bare(task) for task in tasks])
        best.append(sum(seconds) / len(seconds))
    return {"floor_notebook_s": min(best)}


def plan_of(folder: Path) -> Any:
    """The plan to remember, worked out by a process of its own, so that this one stays as clean as the warm parent."""
    import pickle

    from workbench.report.kernels.children import send_plan

    class Sent(list[bytes]):
        send_bytes = list.append

    reader, writer = os.pipe()
    if os.fork() == 0:
        sent = Sent()
        send_plan(sent, str(folder), "book", SCENARIO, QUARTER)  # type: ignore[arg-type]
        with os.fdopen(writer, "wb") as file:
            file.write(sent[1])
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as file:
        data = file.read()
    os.wait()
    return pickle.loads(data)


def two_at_a_time(works: list[Callable[[], None]]) -> list[float]:
    """Seconds of each work, done in a fork of this process, JOBS at once."""
    begun: dict[int, float] = {}
    seconds: list[float] = []
    waiting = list(reversed(works))
    while waiting or begun:
        while waiting and len(begun) < JOBS:
            work, started = waiting.pop(), time.perf_counter()
            pid = os.fork()
            if pid == 0:
                code = 1
                try:
                    work()
                    code = 0
                finally:
                    os._exit(code)
            begun[pid] = started
        pid, status = os.wait()
        if status:
            raise SystemExit("a cell of the floor failed")
        seconds.append(time.perf_counter() - begun.pop(pid))
    return seconds


def bare(task: Any) -> None:
    """The cells of a notebook, one after the other, each shown as a kernel would show it."""
    from IPython.core.formatters import DisplayFormatter

    shown = DisplayFormatter()
    names: dict[str, Any] = {"__name__": "__main__"}
    for cell in json.loads(Path("notebooks", task.notebook).read_text(encoding="utf-8"))["cells"]:
        tags = cell["metadata"].get("tags", [])
        if cell["cell_type"] == "code" and "interactive" not in tags:
            tree = ast.parse("".join(cell["source"]))
            last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
            exec(compile(tree, "cell", "exec"), names)
            if last is not None:
                json.dumps(shown.format(eval(compile(ast.Expression(last.value), "cell", "eval"), names)))
            if "parameters" in tags:
                names |= task.parameters


def stage(folder: Path) -> None:
    """The snapshot of the sample that a run works on."""
    root = HERE.parent
    shutil.copytree(root / "data" / "sample", folder / "book")
    shutil.copytree(root / "notebooks", folder / "notebooks", ignore=shutil.ignore_patterns(".*"))
    (folder / SCENARIO).mkdir()


def own_tasks(plan: Any) -> list[Any]:
    """Our notebooks and briefs, as a run has them."""
    from workbench.report.kernels.tasks import Task

    tasks = []
    for path in sorted((HERE.parent / "notebooks").glob("*.ipynb")):
        brief = "segment" in path.name
        for segment in list(plan.ranking.order["segment"]) if brief else [None]:
            name = f"{path.stem}_{segment}.ipynb"
            tasks.append(Task(path.name, SCENARIO, SCENARIO, QUARTER, plan.digest, CELL, CELL, segment, name))
    return tasks


@contextmanager
def memory_watched() -> Iterator[list[float]]:
    """A list whose one entry is the peak of resident memory (MiB, shared pages by halves) of this process and all below."""
    peak, stop = [0.0], threading.Event()

    def watch() -> None:
        while not stop.wait(0.2):
            peak[0] = max(peak[0], sum(map(proportional, family(os.getpid()))))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peak
    finally:
        stop.set()
        thread.join()


def proportional(pid: int) -> float:
    """Resident memory of a process in MiB, pages it shares divided among those who share them."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def alone(part: Callable[[Path, int], dict[str, float]], folder: Path, count: int) -> dict[str, float]:
    """The figures of a part that runs in a fresh process."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.batch",
        "--part",
        part.__name__,
        "--folder",
        str(folder),
        "--times",
        str(count),
    ]
    run = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=HERE.parent)
    figures: dict[str, float] = json.loads(run.stdout.splitlines()[-1])
    return figures


def main() -> None:
    """Prints the figures, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--json", metavar="-", help="print one JSON object")
    parser.add_argument("--part", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        print(json.dumps(globals()[options.part](options.folder, options.times)))
        return
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        for part in (ours, cli, api, api2):
            folder = Path(name, part.__name__)
            folder.mkdir()
            figures |= part(folder, options.times)
        for own in (run_own, run_floor):
            figures |= alone(own, Path(name, own.__name__), options.rounds)
    for peer in ("cli", "api", "api2"):
        figures[f"vs_{peer}"] = figures[f"{peer}_s"] / figures["ours_s"]
    figures["over_floor_ms"] = 1000 * (figures["own_notebook_s"] - figures["floor_notebook_s"])
    figures = {key: round(figure, 3) for key, figure in figures.items()}
    if options.json:
        print(json.dumps(figures))
    else:
        for key, figure in figures.items():
            print(f"{key:20} {figure:>10,}")


if __name__ == "__main__":
    main()
