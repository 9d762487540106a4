"""What a run promises: all of it or nothing, the same bytes, and sentences about what failed."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.processes import TOLD, alive, children
from tests.stages import slow
from tests.waiting import soon
from workbench.errors import RunError
from workbench.model.quarter import plan_quarter
from workbench.report.kernels.pool import open_pool
from workbench.report.run.options import Options
from workbench.report.run.run import Published, publish_report
from workbench.report.store import verify
from workbench.sources.tables.folder import load_book, load_scenario
from workbench.view.blocks import answer

DIGEST = """\
import hashlib, pathlib

digest = hashlib.sha256(pathlib.Path(scenario, "plan.json").read_bytes()).hexdigest()
show({"type": "digest", "digest": digest})
"""
ANSWER = f"show({answer('The <b>answer</b>', 'A sub').content!r})"
CHART = """\
values = [{"a": "</script><script>window.hit=1</script>"}]
spec = {"title": "<i>Bars</i>", "description": "Bars", "mark": "bar", "width": 300, "data": {"values": values}}
display({"application/vnd.vegalite.v5+json": spec, "text/html": "<b>raw</b>"}, raw=True)
"""
BROKEN = {
    "0_raises": ["raise ValueError('no <such> figure')", DIGEST],
    "1_leaves": ["import sys; sys.exit(0)", DIGEST],
    "2_other_plan": ['show({"type": "digest", "digest": "0" * 64})'],
    "3_no_digest": ["1 + 1"],
    "4_sleeps": ["import time; time.sleep(60)", DIGEST],
    "5_dies": ["import os; os._exit(0)", DIGEST],
}
Write = Callable[[dict[str, Any]], Path]


class Twice(NamedTuple):
    """The same report made twice, in two places."""

    first: Path
    second: Path
    done: Published
    reports: Path


@pytest.fixture(scope="module")
def twice(twin_book: Path, notebooks: Write, tmp_path_factory: pytest.TempPathFactory) -> Twice:
    folder = notebooks({"0_plan": [ANSWER, CHART, "print('told aside')", DIGEST]})
    homes = [tmp_path_factory.mktemp("reports") / "deep {in} here", tmp_path_factory.mktemp("reports")]
    done = [publish_report(twin_book, reports=home, how=Options(jobs=1, pdf=False), notebooks=folder) for home in homes]
    return Twice(homes[0] / "twin" / "2026Q3", homes[1] / "twin" / "2026Q3", done[0], homes[0])


def files(report: Path) -> dict[str, bytes]:
    return {
        path.relative_to(report).as_posix(): path.read_bytes() for path in sorted(report.rglob("*")) if path.is_file()
    }


def test_two_runs_give_the_same_bytes_but_for_the_clocks_record(twice: Twice) -> None:
    first, second = files(twice.first), files(twice.second)
    assert list(first) == [
        "SHA256SUMS",
        "base/0_plan.html",
        "base/0_plan.ipynb",
        "base/plan.json",
        "base/plan.xlsx",
        "index.html",
        "manifest.json",
        "run.json",
    ]
    assert [name for name in first if first[name] != second[name]] == ["SHA256SUMS", "run.json"]


def test_what_a_run_published_verifies_and_one_changed_byte_does_not(twice: Twice, tmp_path: Path) -> None:
    (line,) = verify(twice.first)
    assert line.endswith("each byte as published.")
    copy = tmp_path / "copy"
    shutil.copytree(twice.second, copy)
    (copy / "index.html").write_bytes((copy / "index.html").read_bytes().replace(b"</body>", b" </body>"))
    with pytest.raises(RunError, match="other bytes than were published"):
        verify(copy)


def test_the_sentences_say_what_was_published_and_where(twice: Twice) -> None:
    said = twice.done.sentences()
    assert re.fullmatch(r"Published scenario base of Twin & Sons: the plan for 2026Q4, in \d+ s\.", said[0])
    assert said[1] == f"Open {twice.first / 'index.html'}"


def test_the_manifest_tells_the_truth_about_inputs_and_outputs(twice: Twice, twin_book: Path) -> None:
    content = json.loads((twice.first / "manifest.json").read_bytes())
    plan = plan_quarter(load_book(twin_book), load_scenario("base", twin_book), "2026Q3")
    assert (twice.first / "base/plan.json").read_bytes() == plan.to_json()
    told = content["scenarios"]["base"]
    assert (told["digest"], told["folder"], told["page"]) == (plan.digest, "base", "0_plan.html")
    assert told["order"] == [
        [name, rank, chosen]
        for name, rank, chosen in plan.ranking.order[["name", "rank", "chosen"]].to_numpy().tolist()
    ]
    for name, found in content["inputs"].items():
        if name.startswith("book/"):
            assert found == hashlib.sha256((twin_book / name.removeprefix("book/")).read_bytes()).hexdigest()
    assert "book/revenue.csv" in content["inputs"] and "notebooks/0_plan.ipynb" in content["inputs"]
    outputs = {name: hashlib.sha256(data).hexdigest() for name, data in files(twice.first).items()}
    assert content["outputs"] == {
        name: outputs[name] for name in outputs if name not in ("manifest.json", "run.json", "SHA256SUMS")
    }


def test_no_path_and_no_clock_stands_in_what_is_hashed(twice: Twice) -> None:
    for name, data in files(twice.first).items():
        assert str(twice.reports).encode() not in data, name
        if name not in ("run.json", "SHA256SUMS"):
            assert b"start_time" not in data and b"iopub" not in data, name


def test_a_page_holds_what_is_allowed_escaped_and_nothing_else(twice: Twice) -> None:
    page = (twice.first / "base/0_plan.html").read_text(encoding="utf-8")
    assert "The &lt;b&gt;answer&lt;/b&gt;" in page and "&lt;i&gt;Bars&lt;/i&gt;" in page
    assert "\\u003c/script\\u003e\\u003cscript\\u003ewindow.hit=1" in page
    assert "<script>window.hit" not in page and "<b>raw</b>" not in page and "told aside" not in page
    assert "Twin &amp; Sons" in page and "data to 30 September 2026" in page and "money in EUR" in page
    assert page.count("window.vegaEmbed") <= 1 and 'http-equiv="Content-Security-Policy"' in page


def test_the_index_compares_and_says_what_was_left_out(twice: Twice) -> None:
    page = (twice.first / "index.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;window.hit=1&lt;/script&gt;" in page and page.count("<script") == 1  # ours
    plan = json.loads((twice.first / "base/plan.json").read_bytes())
    assert plan["missing"] and page.count("<li>") >= len(plan["missing"])


@slow
def test_a_failed_run_names_every_fault_and_leaves_the_published_report(
    twice: Twice, twin_book: Path, notebooks: Write
) -> None:
    before, target = files(twice.first), twice.first.readlink()
    with pytest.raises(RunError) as raised:
        publish_report(twin_book, reports=twice.reports, how=Options(cell_timeout=8), notebooks=notebooks(BROKEN))
    said = {problem.where.partition(".")[0]: problem for problem in raised.value.problems}
    assert sorted(said) == sorted(BROKEN)
    assert (
        "ValueError: no <such> figure" in said["0_raises"].found
        and "cell 7 `raise ValueError" in said["0_raises"].where
    )
    assert "instead of the plan's" in said["2_other_plan"].found
    assert "no digest" in said["3_no_digest"].found
    assert "within 8 s" in said["4_sleeps"].found and "time.sleep" in said["4_sleeps"].where
    assert "process ended" in said["5_dies"].found
    for name, problem in said.items():
        evidence = Path(problem.next.removeprefix("look at "))
        assert evidence.name == f"{name}.ipynb" and evidence.parent.parent.name.endswith(".failed")
        assert evidence.is_file(), name
    assert twice.first.readlink() == target and files(twice.first) == before


def test_a_parameter_that_is_missing_or_misspelt_stops_before_anything_runs(
    twin_book: Path, notebooks: Write, tmp_path: Path
) -> None:
    folder = notebooks({"0_plan": [DIGEST]})
    path = folder / "0_plan.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("scenario: str", "scenaro: str"), encoding="utf-8")
    with pytest.raises(RunError) as raised:
        publish_report(twin_book, reports=tmp_path, notebooks=folder)
    found = [problem.found for problem in raised.value.problems]
    assert found == ["no parameter scenario", "the unknown parameter scenaro"]
    assert list(tmp_path.iterdir()) == []


def test_problems_of_book_scenarios_and_notebooks_come_at_once(twin_book: Path, tmp_path: Path) -> None:
    with pytest.raises(RunError) as raised:
        publish_report(tmp_path / "none", scenarios=["base", "bold"], reports=tmp_path / "out", notebooks=tmp_path)
    assert len(raised.value.problems) == 4
    assert not (tmp_path / "out").exists()


def test_a_quarter_that_the_book_does_not_hold_publishes_nothing_and_leaves_nothing(
    twin_book: Path, notebooks: Write, tmp_path: Path
) -> None:
    with pytest.raises(RunError, match="2031Q1"):
        publish_report(twin_book, "2031Q1", reports=tmp_path, notebooks=notebooks({"0_plan": [DIGEST]}))
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(RunError, match="2031Q1"):
        publish_report(
            twin_book,
            "2031Q1",
            reports=tmp_path,
            how=Options(allow_stale=True),
            notebooks=notebooks({"0_plan": [DIGEST]}),
        )
    assert not [path for path in (tmp_path / "twin").rglob("*") if not path.name.startswith(".")]


def test_the_deadline_ends_the_workers(tmp_path: Path) -> None:
    started = time.monotonic()
    with open_pool(str(tmp_path), 1, 1.5) as pool:
        results = pool.run(time.sleep, [(60,), (60,)])
    assert [type(result) for result in results] == [TimeoutError, TimeoutError]
    assert time.monotonic() - started < 15


@pytest.mark.skipif(not TOLD, reason="processes are read from /proc, which this system lacks")
def test_a_killed_run_leaves_no_process_behind(tmp_path: Path) -> None:
    """The workers end by themselves once the run that started them is gone."""
    command = [sys.executable, "-m", "workbench", "report", "sample", "--scenario", "base", "--reports", str(tmp_path)]
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    workers = soon(lambda: found if len(found := children(run.pid)) >= 2 else [], 30)
    run.kill()
    run.wait()
    assert workers and soon(lambda: not any(map(alive, workers)), 20)
    assert not (tmp_path / "sample" / "2026Q3").exists()
