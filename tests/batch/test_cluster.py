"""The same report from the workers of a Dask scheduler as from processes here, and a sentence where there is none."""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.batch.cluster import dask, ready, scheduler, two_workers
from tests.batch.company import COMMAND, published, report, start, write_company
from tests.processes import alive, children, command_line, family
from tests.report.conftest import write_notebook
from tests.stages import slow
from tests.waiting import line_with, soon
from workbench.errors import RunError
from workbench.report.cluster import relay
from workbench.report.cluster.cluster import open_cluster
from workbench.report.kernels.tasks import DEAD, Task, run_notebook

pytest.importorskip("distributed")

MORE = ("east", "west", "middle")


def write_larger(root: Path) -> None:
    """The small company with five segments, so that five briefs are to be shared out."""
    book = write_company(root)
    for name in ("segments", "revenue", "market"):
        path = book / f"{name}.csv"
        lines = path.read_text(encoding="utf-8").splitlines()
        south = [line for line in lines[1:] if "south" in line]
        more = [line.replace("south", each).replace("South", each.title()) for each in MORE for line in south]
        path.write_text("\n".join([*lines, *more]) + "\n", encoding="utf-8")


def outposts() -> set[int]:
    """The processes beside the Dask workers that were started here, by number."""
    return {each for each in family(os.getpid()) if "workbench.report.cluster.outpost" in command_line(each)}


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """A scheduler with two workers, started by Dask's own command."""
    with two_workers() as address:
        yield address


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The larger company, its report published by a local run."""
    root = tmp_path_factory.mktemp("local")
    write_larger(root)
    code, said = report(root, "--no-pdf")
    assert code == 0, said
    return root


def unpublished(company: Path, root: Path) -> Path:
    """A copy of the company without its reports."""
    shutil.copytree(company, root, ignore=shutil.ignore_patterns("reports"))
    return root


def staged(folder: Path, *cells: str) -> Task:
    """A staging folder with one notebook of `cells`; the task to run it."""
    (folder / "book").mkdir(parents=True)
    (folder / "book" / "book.toml").write_text("", encoding="utf-8")
    write_notebook(folder / "notebooks" / "0_page.ipynb", *cells)
    (folder / "base").mkdir()
    (folder / "base" / "plan.json").write_bytes(b"{}\n")
    return Task("0_page.ipynb", "base", "base", "2026Q3", "", 60, 60)


@slow
def test_two_dask_workers_give_the_bytes_of_a_local_run_and_keep_nothing(cluster, company, tmp_path):
    root, before = unpublished(company, tmp_path / "far"), outposts()
    code, said = report(root, "--no-pdf", "--cluster", cluster)
    assert code == 0, said
    assert published(root) == published(company)
    assert len(list((root / "reports").glob("twin/2026Q3/base/5_brief*.ipynb"))) == 5
    assert soon(lambda: outposts() <= before, 30)


@slow
def test_a_worker_killed_in_the_middle_leaves_the_report_whole(company, tmp_path):
    root = unpublished(company, tmp_path / "far")
    with scheduler() as address, dask("worker", address, "--no-dashboard"), \
         dask("worker", address, "--no-dashboard", "--no-nanny") as victim:  # fmt: skip
        ready(address, 2)
        run = start(root, "--no-pdf", "--cluster", address)
        (outpost,) = soon(lambda: [each for each in children(victim.pid) if each in outposts()], 60)
        line_with("Running notebooks", run.stderr)
        time.sleep(0.5)
        victim.kill()
        out, err = run.communicate(timeout=200)
        assert run.returncode == 0, out + err
        assert published(root) == published(company)
        assert soon(lambda: not alive(outpost), 30)


@slow
def test_a_scheduler_that_goes_away_is_a_sentence_and_the_run_can_go_on(company, cluster, tmp_path):
    root = unpublished(company, tmp_path / "far")
    with scheduler() as address, dask("worker", address, "--no-dashboard", "--no-nanny"):
        ready(address, 1)
        run = start(root, "--no-pdf", "--cluster", address)
        line_with("Running notebooks", run.stderr)
        (head,) = soon(lambda: [each for each in children(os.getpid()) if " scheduler " in command_line(each)][-1:], 30)
        os.kill(head, signal.SIGKILL)
        out, err = run.communicate(timeout=120)
    assert run.returncode == 1 and "went away" in err and "Traceback" not in err, out + err
    code, said = report(root, "--no-pdf", "--resume", "--cluster", cluster)
    assert code == 0, said
    assert published(root) == published(company)


@slow
def test_a_cell_that_hangs_ends_with_the_deadline(cluster, tmp_path):
    task = staged(tmp_path, "import time; time.sleep(600)")
    clock = time.monotonic()
    with open_cluster(cluster, str(tmp_path), 15) as pool:
        (result,) = pool.run(run_notebook, [(task,)])
    assert isinstance(result, TimeoutError)
    assert time.monotonic() - clock < 15 + 10 + 10  # ten more for what the other tests leave of the machine
    assert (tmp_path / "base" / "0_page.ipynb").exists()  # as far as it came


@slow
def test_errors_dead_kernels_and_the_environment_are_told_as_in_a_local_run(tmp_path):
    raising = staged(tmp_path, "1 / 0")
    write_notebook(tmp_path / "notebooks" / "1_dead.ipynb", "import os; os._exit(1)")
    write_notebook(
        tmp_path / "notebooks" / "2_secret.ipynb", "import os; raise KeyError(os.environ.get('CANARY', 'none'))"
    )
    calls = [
        (raising,),
        *((Task(name, *list(vars(raising).values())[1:]),) for name in ("1_dead.ipynb", "2_secret.ipynb")),
    ]
    with scheduler() as address, dask("worker", address, "--nthreads", "2", "--no-dashboard", CANARY="k3y"):
        ready(address, 1)
        with open_cluster(address, str(tmp_path), 120) as pool:
            results = pool.run(run_notebook, calls)
            assert pool.fallback == ""
    found = [result.faults[0].found for result in results]
    assert found[0].startswith("ZeroDivisionError") and found[1] == DEAD and found[2] == "KeyError: 'none'"


@slow
def test_ctrl_c_ends_what_the_workers_do(cluster, tmp_path):
    write_company(tmp_path)
    write_notebook(tmp_path / "notebooks" / "0_page.ipynb", "import time; time.sleep(600)")
    before = outposts()
    run = start(tmp_path, "--no-pdf", "--cluster", cluster)
    line_with("Running notebooks", run.stderr)
    assert outposts() > before
    os.kill(run.pid, signal.SIGINT)
    assert run.wait(60) == 130
    assert soon(lambda: outposts() <= before, 30)


def test_a_run_that_was_killed_is_forgotten_when_its_lease_ends():
    post = relay.Post(1, 600, warm=False, lease=2)
    process = post._process.pid
    assert alive(process)
    assert post.call(pickle.dumps((time.sleep, (600,)))) is None  # answered by its end
    assert soon(lambda: not alive(process), 30)


@slow
def test_without_a_scheduler_there_is_a_sentence_within_a_quarter_of_a_minute(tmp_path):
    write_company(tmp_path)
    code, said = report(tmp_path, "--cluster", "tcp://127.0.0.1:9", "--no-pdf")
    assert code == 1 and "no Dask scheduler there" in said and "Traceback" not in said
    assert list((tmp_path / "reports" / "twin" / ".runs").glob("2026*")) == []


@pytest.mark.parametrize("address", ["nowhere", "gopher://127.0.0.1:1", "tcp://127.0.0.1"])
def test_an_address_that_is_none_is_a_sentence(tmp_path, address):
    with pytest.raises(RunError, match="no Dask scheduler there"), open_cluster(address, str(tmp_path), 60):
        pass


def test_without_the_extra_there_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(RunError, match="the extra `cluster`"), open_cluster("tcp://127.0.0.1:9", str(tmp_path), 60):
        pass


@slow
def test_a_scheduler_without_workers_and_a_worker_with_other_code_are_sentences(tmp_path):
    root = Path(__file__).resolve().parents[2]
    other = tmp_path / "other"
    shutil.copytree(root / "workbench", other / "workbench", ignore=shutil.ignore_patterns("__pycache__"))
    with (other / "workbench" / "errors.py").open("a", encoding="utf-8") as out:
        out.write("# another version\n")
    with scheduler() as address:
        ready(address, 0)
        with pytest.raises(RunError, match="a scheduler without workers"), open_cluster(address, str(tmp_path), 60):
            pass
        with dask("worker", address, "--no-dashboard", PYTHONPATH=str(other)):
            ready(address, 1)
            with pytest.raises(RunError, match="other files or packages"), open_cluster(address, str(tmp_path), 60):
                pass
        (other / "workbench" / "report" / "cluster" / "relay.py").unlink()
        with dask("worker", address, "--no-dashboard", PYTHONPATH=str(other)):
            ready(address, 1)
            with (
                pytest.raises(RunError, match="no workbench that can be used"),
                open_cluster(address, str(tmp_path), 60),
            ):
                pass


@slow
def test_of_several_books_the_others_go_on_and_all_problems_are_told(company, tmp_path):
    root = unpublished(company, tmp_path / "both")
    shutil.copytree(root / "twin", root / "second")
    (root / "twin" / "products.csv").unlink()
    books = [str(root / name) for name in ("twin", "second")]
    command = [sys.executable, "-c", COMMAND, str(root / "notebooks"), "report", *books, "--reports",
               str(root / "reports"), "--no-pdf"]  # fmt: skip
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=200)
    assert done.returncode == 1 and "1 of 2 books done; not whole: " in done.stderr
    assert "products" in done.stderr and (root / "reports" / "second" / "2026Q3" / "index.html").exists()
    assert not (root / "reports" / "twin").exists()
