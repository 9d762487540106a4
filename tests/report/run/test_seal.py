"""A plan is published only where a second computing gives it alike; the memory of a run can be seen, and replaces nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any
from unittest.mock import patch

import nbformat
import pytest

from tests.batch.company import published, write_company
from tests.batch.spared import as_if_run, spared_report
from workbench.errors import RunError
from workbench.report.kernels import pool, tasks
from workbench.report.kernels.complete import BLOCK_MIME, Fault
from workbench.report.run import seal
from workbench.report.run.options import Options
from workbench.report.run.run import Published, publish_report
from workbench.report.store.manifest import RECORD

ROOT = Path(__file__).resolve().parents[3]
PLANNED = """\
import workbench
from workbench import load_book, load_scenario, plan_quarter
from workbench.model import quarter as home
from workbench.sources.tables import folder

plan = plan_quarter(load_book(book), load_scenario(scenario, book), quarter)
"""
SEEN = """\
print(plan in home.PLANS.values(), len(folder.BOOKS))
print(workbench.plan_quarter is home.plan_quarter, workbench.load_book is folder.load_book)
"""
DIGEST = 'show({"type": "digest", "digest": plan.digest})'
FORKS = hasattr(os, "fork") and bool(entry_points(group="jupyter_client.kernel_provisioners", name=pool.PROVISIONER))
needs_fork = pytest.mark.skipif(not FORKS, reason="no fork on this system, or installed before there were warm kernels")
OTHER = "f" * 64


@pytest.fixture(scope="module")
def planning(
    twin_book: Path, notebooks: Callable[[dict[str, Any]], Path], tmp_path_factory: pytest.TempPathFactory
) -> Any:
    """A published report whose notebooks plan by the public functions, and what publishes it."""
    folder = notebooks({"0_plan": [PLANNED, SEEN, DIGEST], "1_more": [PLANNED, SEEN, DIGEST]})
    reports = tmp_path_factory.mktemp("reports")

    def run(**options: Any) -> Published:
        return publish_report(twin_book, reports=reports, how=Options(jobs=2, pdf=False, **options), notebooks=folder)

    return run().index.parent, run


def record(link: Path) -> dict[str, Any]:
    """What the published run says of itself."""
    return dict(json.loads((link / RECORD).read_bytes()))


def printed(notebook: Path) -> str:
    """What a notebook printed."""
    cells = nbformat.read(notebook, as_version=4).cells
    return "".join(
        output.text for cell in cells for output in cell.get("outputs", ()) if output.output_type == "stream"
    )


@needs_fork
def test_in_a_forked_kernel_every_public_name_is_its_own_and_what_was_handed_out_can_be_seen(planning: Any) -> None:
    link, _ = planning
    assert printed(link / "base" / "0_plan.ipynb") == "False 0\nTrue True\n"  # computed anew: nothing is held
    assert printed(link / "base" / "1_more.ipynb") == "True 1\nTrue True\n"
    assert record(link)["computed_anew"] == {"base": "base/0_plan.ipynb"}


@needs_fork
@pytest.mark.parametrize("partial", [False, True], ids=["whole", "partial"])
def test_a_plan_that_is_wrong_in_the_memory_of_the_run_is_caught_before_it_is_published(
    planning: Any, partial: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, run = planning
    before = {path: path.read_bytes() for path in sorted(link.rglob("*")) if path.is_file()}
    right = json.loads((link / "manifest.json").read_bytes())["scenarios"]["base"]["digest"]
    monkeypatch.setattr(pool, "PARENT", "tests.batch.wrong_parent")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    with pytest.raises(RunError) as raised:
        run(fresh=True, allow_partial=partial)
    (problem,) = raised.value.problems  # the other notebook was handed the wrong plan, and agrees with the run
    assert problem.where == "0_plan.ipynb, scenario base, last cell"
    assert f"the digest {right[:12]}… of the plan as it computed it anew, instead of the plan's " in problem.found
    wrong = problem.found.partition("the plan's ")[2].strip("…")
    evidence = Path(problem.next.removeprefix("look at ")).parent
    assert evidence.parent.suffix == ".failed" and evidence.parent.is_dir()
    assert (
        printed(evidence / "1_more.ipynb").startswith("True 1\n") and wrong in (evidence / "1_more.ipynb").read_text()
    )
    assert {path: path.read_bytes() for path in sorted(link.rglob("*")) if path.is_file()} == before


@needs_fork
def test_without_the_fault_the_same_run_is_published(planning: Any) -> None:
    link, run = planning
    before = (link / "base" / "plan.json").read_bytes()
    assert run(fresh=True).ran == 2 and (link / "base" / "plan.json").read_bytes() == before


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """A company with a published report, and other revenue that is not published yet; no kernel is started."""
    write_company(tmp_path)
    assert spared_report(tmp_path) == 0
    write_company(tmp_path, revenue=1.7)
    return tmp_path


def showing(digest: str, when: Callable[[tasks.Task], bool]) -> Callable[[tasks.Task], Any]:
    """As `as_if_run`, with another digest for some."""

    def run(task: tasks.Task) -> Any:
        notebook, fault = as_if_run(task)
        if when(task):
            notebook.cells[-1].outputs[0].data[BLOCK_MIME]["digest"] = digest
        return notebook, fault

    return run


def failing(name: str) -> Callable[[tasks.Task], Any]:
    """As `as_if_run`; a notebook whose name begins so fails."""
    return lambda task: (as_if_run(task)[0], Fault("a cell", "no luck") if task.notebook.startswith(name) else None)


def again(root: Path, execute: Callable[[tasks.Task], Any], *more: str) -> int:
    """The exit code of a report with notebooks that go as `execute` says."""
    with patch("tests.batch.spared.as_if_run", execute):
        return spared_report(root, *more)


@pytest.mark.parametrize("who", ["anew", "given"])
def test_a_plan_that_differs_stops_a_partial_report_too(company: Path, who: str, capfd: Any) -> None:
    before = published(company)
    other = showing(OTHER, lambda task: task.anew if who == "anew" else task.notebook.startswith("1_"))
    assert again(company, other, "--allow-partial") == 1 and published(company) == before
    said = "".join(capfd.readouterr())
    where = "0_page.ipynb" if who == "anew" else "1_page.ipynb"
    assert (
        f"{where}, scenario base, last cell: found the digest {OTHER[:12]}…" in said and "instead of the plan's" in said
    )
    assert "the digest of the plan that pages and exports are made from" in said


def test_where_the_notebook_that_computes_anew_fails_a_worker_does_it_for_a_partial_report(
    company: Path, capfd: Any
) -> None:
    before, right = published(company), tasks.plan_anew
    with patch.object(seal, "plan_anew", lambda *about: _renamed(right(*about))):
        assert again(company, failing("0_"), "--allow-partial") == 1
    assert published(company) == before and "when computed anew, instead of the plan's" in "".join(capfd.readouterr())
    assert again(company, failing("0_"), "--allow-partial") == 1
    assert published(company) != before and "no luck" in "".join(capfd.readouterr())


def _renamed(plan: Any) -> Any:
    """The plan of another company."""
    from dataclasses import replace

    return replace(plan, company="Other")


def test_of_what_is_left_after_a_failed_run_one_computes_anew(company: Path) -> None:
    assert again(company, failing("1_")) == 1
    assert spared_report(company, "--resume") == 0
    told = record(company / "reports" / "twin" / "2026Q3")
    assert told["computed_anew"] == {"base": "base/1_page.ipynb"} and told["used_again"] == 4


def test_where_all_is_used_again_and_none_had_computed_anew_a_worker_does_it(company: Path) -> None:
    assert again(company, failing("0_")) == 1
    (company / "notebooks" / "0_page.ipynb").unlink()
    asked: list[tuple[str, ...]] = []
    right = tasks.plan_anew
    with patch.object(seal, "plan_anew", lambda *about: asked.append(about) or right(*about)):
        assert spared_report(company, "--resume") == 0
    assert asked == [("base", "2026Q3")]
    assert record(company / "reports" / "twin" / "2026Q3")["notebooks"] == {}


def test_what_a_whole_report_holds_needs_no_second_computing(company: Path) -> None:
    assert spared_report(company) == 0
    (company / "twin" / "scenarios" / "base.toml").open("a", encoding="utf-8").write("# a remark\n")
    with patch.object(seal, "plan_anew", None):
        assert spared_report(company) == 0
    assert record(company / "reports" / "twin" / "2026Q3")["used_again"] == 5
