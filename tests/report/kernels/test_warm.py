"""Kernels that are forked from a warm parent are kernels like any other; and nothing of a run outlives it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.processes import TOLD, alive, children, command_line, family
from tests.report.conftest import write_notebook
from tests.stages import later, slow
from tests.waiting import soon
from workbench.report.kernels import lifeline
from workbench.report.kernels.complete import Fault
from workbench.report.kernels.pool import PROVISIONER, Pool, WorkerLostError, open_pool
from workbench.report.kernels.tasks import DEAD, SILENT, Outcome, Task, plan_scenario, run_notebook

DIGEST = "0" * 64
LAST = f'show({{"type": "digest", "digest": "{DIGEST}"}})'
FORKS = hasattr(os, "fork") and bool(entry_points(group="jupyter_client.kernel_provisioners", name=PROVISIONER))
needs_fork = pytest.mark.skipif(not FORKS, reason="no fork on this system, or installed before there were warm kernels")
needs_proc = pytest.mark.skipif(not TOLD, reason="processes are read from /proc")
SECRET = "canary-7f3a"
BROKEN = {
    "raises": (["raise ValueError('no <such> figure')"], "ValueError: no <such> figure"),
    "kills_itself": (["import os, signal; os.kill(os.getpid(), signal.SIGKILL)"], DEAD),
    "leaves_at_once": (["import os; os._exit(0)"], DEAD),
    "exits": (["import sys; sys.exit(0)"], "SystemExit: 0"),
    "hangs": (["import time; time.sleep(600)"], "no result within 5 s"),
    "closes_its_channel": (["get_ipython().kernel.iopub_thread.stop()"], SILENT),
    "closes_its_output": (["import sys; sys.stdout.close()", "print(1)"], "ValueError: I/O operation on closed file"),
}


@pytest.fixture(
    scope="module",
    params=[pytest.param(True, marks=needs_fork, id="warm"), pytest.param(False, marks=slow, id="plain")],
)
def ways(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Pool[Any]]]:
    """A staging folder and a pool of two workers in it, once with warm and once with plain kernels."""
    staging = tmp_path_factory.mktemp("staging")
    (staging / "base").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_DATABASE_URL", SECRET)
        with open_pool(str(staging), 2, 300, warm=request.param) as pool:
            yield staging, pool
            assert bool(pool.fallback) is not request.param


def task(staging: Path, name: str, *cells: str, seconds: int = 60) -> Task:
    """A notebook with these cells, then one that shows the digest."""
    write_notebook(staging / "notebooks" / f"{name}.ipynb", *cells, LAST)
    return Task(f"{name}.ipynb", "base", "base", "2026Q3", DIGEST, 60, seconds)


def printed(staging: Path, name: str) -> str:
    """All that a notebook printed."""
    cells = nbformat.read(staging / "base" / f"{name}.ipynb", as_version=4).cells
    return "".join(output.get("text", "") for cell in cells for output in cell.get("outputs", []))


def run(pool: Pool[Any], *tasks: Task) -> list[Outcome]:
    return pool.run(run_notebook, [(each,) for each in tasks])


def test_no_fault_is_taken_for_a_run_and_each_is_named_rightly_and_in_time(ways: tuple[Path, Pool[Any]]) -> None:
    staging, pool = ways
    started = time.monotonic()
    tasks = [task(staging, name, *cells, seconds=5) for name, (cells, _) in BROKEN.items()]
    ended: dict[int, float] = {}
    results = pool.run(
        run_notebook, [(each,) for each in tasks], lambda place, _: ended.update({place: time.monotonic()})
    )
    for (name, (cells, reason)), outcome in zip(BROKEN.items(), results, strict=True):
        (fault,) = outcome.faults
        assert reason in fault.found, name
        assert f"`{cells[-1][:20]}" in fault.cell, name
        assert (staging / "base" / f"{name}.ipynb").is_file(), name
        assert outcome.seconds < 5 + 10 + 10, name
    assert len(ended) == len(BROKEN) and max(ended.values()) - started < 90


def test_a_kernel_that_dies_once_is_given_a_second_try(ways: tuple[Path, Pool[Any]]) -> None:
    staging, pool = ways
    once = (
        "from pathlib import Path\nimport os\nseen = Path('seen').exists()\nPath('seen').touch()\nseen or os._exit(3)"
    )
    (outcome,) = run(pool, task(staging, "once", once))
    (staging / "seen").unlink()
    assert outcome.faults == ()


def test_an_error_in_a_notebook_is_final(ways: tuple[Path, Pool[Any]]) -> None:
    staging, pool = ways
    (outcome,) = run(pool, task(staging, "final", "open('tries', 'a').write('x')", "1 / 0"))
    assert outcome.faults[0].found == "ZeroDivisionError: division by zero"
    assert (staging / "tries").read_text() == "x"
    (staging / "tries").unlink()


def test_a_secret_of_the_run_reaches_no_kernel(ways: tuple[Path, Pool[Any]]) -> None:
    staging, pool = ways
    cells = (
        "import os\nprint(dict(os.environ))",
        "print(open('/proc/self/environ').read() if os.path.exists('/proc') else '')",
    )
    parent = "print(open(f'/proc/{os.getppid()}/environ').read() if os.path.exists('/proc') else '')"
    (outcome,) = run(pool, task(staging, "secret", *cells, *([] if pool.fallback else [parent])))
    assert outcome.faults == ()
    said = printed(staging, "secret")
    assert "OPENBLAS_NUM_THREADS" in said and SECRET not in said and "WORKBENCH_DATABASE_URL" not in said


def test_a_kernel_is_what_a_plain_one_is(ways: tuple[Path, Pool[Any]]) -> None:
    staging, pool = ways
    cells = (
        "import os, sys, signal, threading\nprint(sys.argv[1:2], sys.path.count(''), __name__, os.getpgid(0) == os.getpid())",
        "print(os.getcwd(), sys.stdin is None or sys.stdin.closed or os.fstat(0).st_size)",
        "print(signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT))",
        "print(os.environ['JPY_PARENT_PID'] == str(os.getppid()))",
        "from concurrent.futures import ThreadPoolExecutor\nprint(*ThreadPoolExecutor(2).map(abs, [-1, -2]))",
        "import subprocess\nprint(subprocess.run([sys.executable, '-c', 'print(2)'], capture_output=True, text=True).stdout)",
    )
    (outcome,) = run(pool, task(staging, "like", *cells))
    assert outcome.faults == ()
    assert printed(staging, "like") == (
        f"['-f'] 1 __main__ True\n{staging} 0\n0 {signal.default_int_handler!r}\nTrue\n1 2\n2\n\n"
    )


def test_no_two_kernels_draw_the_same_chance(ways: tuple[Path, Pool[Any]]) -> None:
    staging, pool = ways
    draw = "import random, uuid\nimport numpy as np\nprint(random.random(), np.random.rand(), uuid.uuid4(), sep='\\n')"
    run(pool, *(task(staging, f"draw{each}", draw) for each in range(3)))
    drawn = [number for each in range(3) for number in printed(staging, f"draw{each}").split()]
    assert len(drawn) == len(set(drawn)) == 9


def test_what_one_kernel_changes_no_other_sees(ways: tuple[Path, Pool[Any]]) -> None:
    staging, pool = ways
    change = "import os, pandas\npandas.options.display.max_rows = 7\nos.environ['MINE'] = 'x'\npandas.mine = 1"
    look = "import os, pandas\nprint(pandas.options.display.max_rows, 'MINE' in os.environ, hasattr(pandas, 'mine'))"
    run(pool, task(staging, "change", change))
    run(pool, *(task(staging, f"look{each}", look) for each in range(2)))
    assert {printed(staging, f"look{each}") for each in range(2)} == {"60 False False\n"}


def test_a_full_disk_is_a_sentence(ways: tuple[Path, Pool[Any]]) -> None:
    staging, pool = ways
    (staging / "nowhere").write_text("")
    lost = Task(**{**vars(task(staging, "lost")), "folder": "nowhere"})
    (outcome,) = run(pool, lost)
    assert outcome.faults == (Fault("", "not a directory (nowhere/lost.ipynb)"),)


@needs_fork
@slow
def test_warm_and_plain_give_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own notebooks, on the sample."""
    monkeypatch.delenv("PYTHONHASHSEED", raising=False)
    root = Path(__file__).resolve().parents[3]
    written: list[dict[str, bytes]] = []
    for warm in (True, False):
        staging = tmp_path / str(warm)
        shutil.copytree(root / "data" / "sample", staging / "book")
        shutil.copytree(root / "notebooks", staging / "notebooks", ignore=shutil.ignore_patterns(".*"))
        (staging / "base").mkdir()
        with open_pool(str(staging), 2, 600, warm=warm) as pool:
            (plan,) = pool.run(plan_scenario, [("base", "2026Q3")])
            names = sorted(path.name for path in (staging / "notebooks").glob("*.ipynb"))
            tasks = [Task(name, "base", "base", "2026Q3", plan.digest, 120, 120, "retail" if name[0] == "5" else None)
                     for name in names]  # fmt: skip
            assert [outcome.faults for outcome in run(pool, *tasks)] == [()] * len(tasks)
            assert bool(pool.fallback) is not warm
        written.append({name: (staging / "base" / name).read_bytes() for name in names})
    assert len(written[0]) >= 6 and written[0] == written[1]


@needs_fork
@needs_proc
def test_when_the_warm_parent_dies_the_notebook_is_run_by_a_plain_kernel_and_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    mortal = "import os, signal, time\nPath = __import__('pathlib').Path\nfirst = not Path('shot').exists()\n" \
        "Path('shot').touch()\nfirst and (os.kill(os.getppid(), signal.SIGKILL), time.sleep(60))"  # fmt: skip
    with open_pool(str(tmp_path), 1, 120) as pool:
        (outcome,) = run(pool, task(tmp_path, "mortal", mortal))
        assert outcome.faults == ()
        assert "did not answer" in pool.fallback
        assert run(pool, task(tmp_path, "next"))[0].faults == ()


def test_without_its_entry_point_kernels_are_plain_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.report.kernels.pool.PROVISIONER", "not-installed")
    with open_pool(str(tmp_path), 1, 60) as pool:
        assert "install it again" in pool.fallback


def test_a_worker_that_is_killed_costs_its_call_a_second_try_and_the_others_nothing(tmp_path: Path) -> None:
    done: list[int] = []
    with open_pool(str(tmp_path), 1, 60, warm=False) as pool:
        results = pool.run(os.kill, [(0, 0)], lambda place, _: done.append(place))
        assert results == [None]
        results = pool.run(
            _leave,
            [(f"{tmp_path}/once",), (f"{tmp_path}/{'no' * 2}/such",), ("",)],
            lambda place, _: done.append(place),
        )
    assert results[0] == "fine"
    assert isinstance(results[1], FileNotFoundError)
    assert isinstance(results[2], WorkerLostError)
    assert sorted(done) == [0, 0, 1, 2]


def _leave(path: str) -> str:
    """Ends the process, the first time; always, where no path is given."""
    if not path or not Path(path).exists():
        if path:
            Path(path).touch()
        os._exit(9)
    return "fine"


RUN = """
import sys
from pathlib import Path
from workbench.report.kernels.tasks import Task, run_notebook
from workbench.report.kernels.pool import open_pool
def main():
    with open_pool(sys.argv[1], 2, 300, warm=sys.argv[2] == "True") as pool:
        task = lambda name: Task(name, "base", "base", "2026Q3", "", 60, 300, result=name)
        pool.run(run_notebook, [(task("a.ipynb"),), (task("b.ipynb"),)])
if __name__ == "__main__":
    main()
"""


@pytest.fixture
def own_place() -> Iterator[Path]:
    """A folder with a short name for the private folders of one run, so that those of others are let alone."""
    with tempfile.TemporaryDirectory(prefix="own-", dir="/tmp") as place:
        yield Path(place)


@needs_proc
@pytest.mark.parametrize("warm", [pytest.param(True, marks=needs_fork, id="warm"), pytest.param(False, id="plain")])
@pytest.mark.parametrize("how", later(["run", "group", "interrupt"]))
def test_no_process_and_no_private_folder_outlives_a_run(warm: bool, how: str, tmp_path: Path, own_place: Path) -> None:
    """Killed alone, with its process group, or interrupted from the keyboard, while cells hang."""
    (tmp_path / "base").mkdir()
    (tmp_path / "run.py").write_text(RUN)
    for name in "ab":
        task(tmp_path, name, f"import time, os\nopen('{name}.pid', 'w').write(str(os.getpid()))\ntime.sleep(600)")
    command = [sys.executable, str(tmp_path / "run.py"), str(tmp_path), str(warm)]
    process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.PIPE, text=True,
                               env={**os.environ, "TMPDIR": str(own_place)})  # fmt: skip
    assert soon(lambda: all((tmp_path / f"{name}.pid").exists() for name in "ab"), 60)
    started = family(process.pid)
    assert len(started) >= (6 if warm else 5)  # run, resource tracker, two workers, two kernels; the warm parent
    folders = list(own_place.glob(f"{lifeline.PREFIX}*"))
    if how == "run":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL if how == "group" else signal.SIGINT)
    assert soon(lambda: not any(map(alive, started)), 10), [command_line(pid) for pid in started if alive(pid)]
    said = process.communicate()[1]
    if how == "interrupt":
        assert said.count("Traceback") == 1 and said.strip().endswith("KeyboardInterrupt")
    assert folders
    if not (warm or how == "interrupt"):  # nobody was left to do it
        lifeline.remove_forsaken(own_place)
    assert soon(lambda: not any(path.exists() for path in folders), 5)


@needs_proc
@needs_fork
@slow
def test_a_kernel_ends_with_its_worker(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "pids").mkdir()
    hang = "import os, time\nopen(f'pids/{os.getpid()}', 'w')\ntime.sleep(600)"
    hanging = task(tmp_path, "hang", hang)

    def kill_the_worker() -> None:
        soon(lambda: list((tmp_path / "pids").iterdir()), 30)
        for worker in children(os.getpid()):
            if "spawn_main" in command_line(worker):
                os.kill(worker, signal.SIGKILL)

    with open_pool(str(tmp_path), 1, 20) as pool:
        threading.Thread(target=kill_the_worker).start()
        assert isinstance(pool.run(run_notebook, [(hanging,)])[0], TimeoutError)  # in the second try
        kernels = [int(path.name) for path in (tmp_path / "pids").iterdir()]
    assert len(kernels) == 2 and soon(lambda: not any(map(alive, kernels)), 5)


def test_only_private_folders_of_runs_that_are_gone_are_removed(tmp_path: Path) -> None:
    for name in ("wb-gone", "wb-at-work", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / lifeline.OWNER).touch()
    (tmp_path / "wb-starting").mkdir()
    (tmp_path / "wb-link").symlink_to(tmp_path / "other")
    with (tmp_path / "wb-at-work" / lifeline.OWNER).open("w") as owner:
        assert lifeline._lock(owner)
        lifeline.remove_forsaken(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "wb-at-work", "wb-link", "wb-starting"]
    assert (tmp_path / "other" / lifeline.OWNER).exists()
