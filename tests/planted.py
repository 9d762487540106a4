"""Faults planted in our own code, each with the test that catches it: `python -m tests.planted`.

The faults go into a copy of the project, one at a time. On the copy as it is every test is green; with its fault each of
a fault's tests fails. A fault that is not caught, or no longer fits the code, makes the command fail.
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
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENDED = (0, 1, 5)  # of pytest: all passed, some failed, none were there
COPIED = ("workbench", "tests", "notebooks", "data", "docs", "benchmarks", "reports", ".ci", "pyproject.toml", "README.md",
          "CHANGELOG.md", "Makefile", "requirements.lock", "environment.yml")  # fmt: skip
WATCH = '''\
"""Notes the tests that failed in their own words, of a package that is the copy's and no other."""

import json
import os
from pathlib import Path

import workbench

HERE = Path(__file__).resolve().parent
assert Path(workbench.__file__).resolve().parent == HERE / "workbench", workbench.__file__
calls = {}


def pytest_runtest_logreport(report):
    if report.when == "call":
        calls[report.nodeid] = report.outcome
    elif report.failed:
        calls[report.nodeid] = "error"


def pytest_sessionfinish(session):
    Path(os.environ["WATCHED"]).write_text(json.dumps(calls), encoding="utf-8")
'''


@dataclass(frozen=True)
class Fault:
    """A fault: in `file`, whose text `old` stands there once, `new` in its place; `tests` catch it, each of them."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


SPARED = "tests/batch/test_spared.py::"
SEAL = "tests/report/run/test_seal.py::"
PUBLISH = "tests/report/store/test_report_publish.py::"
FOLDER = "tests/sources/tables/test_folder.py::"
FAULTS = (
    Fault("one template does not escape a name", "workbench/report/pages/templates/shelf.html.j2",
          '<th scope="row">{{ row.name }}</th>', '<th scope="row">{{ row.name | safe }}</th>',
          (f"{SPARED}test_the_name_of_a_segment_is_text_on_every_page_that_shows_it",)),
    Fault("blocks of a notebook are not escaped", "workbench/view/markup.py",
          "jinja2.Environment(autoescape=True,", "jinja2.Environment(autoescape=False,",
          (f"{SPARED}test_the_name_of_a_segment_is_text_on_every_page_that_shows_it",)),
    Fault("pages without a content security policy", "workbench/report/pages/templates/base.html.j2",
          '<meta http-equiv="Content-Security-Policy" content="{{ policy }}">', "",
          (f"{SPARED}test_every_page_forbids_all_that_is_not_its_own",)),
    Fault("the switch comes without the check of the whole", "workbench/report/run/make.py",
          "        _check_whole(run.staging, content)\n", "",
          (f"{SPARED}test_a_report_that_is_not_whole_is_not_published[cut short]",)),
    Fault("the switch comes before the check of the whole", "workbench/report/run/make.py",
          "        _check_whole(run.staging, content)\n        progress.phase(\"Publishing\")\n"
          "        with shelved(order.home, run.quarter, run.staging):\n"
          "            publish(run, order.how.keep)\n",
          "        progress.phase(\"Publishing\")\n        with shelved(order.home, run.quarter, run.staging):\n"
          "            publish(run, order.how.keep)\n        _check_whole(run.target, content)\n",
          (f"{SPARED}test_a_report_that_is_not_whole_is_not_published[gone]",)),
    Fault("the run's plan of one scenario is handed out for another", "workbench/model/quarter.py",
          "parts = book_digest(book), hashlib.sha256(scenario.model_dump_json().encode()).hexdigest(), quarter",
          "parts = book_digest(book), quarter",
          ("tests/report/kernels/test_memory.py::test_a_plan_is_handed_out_only_where_all_that_it_is_made_of_is_the_same",)),
    Fault("no notebook computes its plan anew", "workbench/report/run/execute.py",
          "first[job.scenario] is job)", "False)",
          (f"{SEAL}test_a_plan_that_is_wrong_in_the_memory_of_the_run_is_caught_before_it_is_published",)),
    Fault("a kernel that is to compute anew keeps the plans of the run", "workbench/report/kernels/children.py",
          "    if anew:\n        forget()\n", "",
          (f"{SEAL}test_a_plan_that_is_wrong_in_the_memory_of_the_run_is_caught_before_it_is_published",)),
    Fault("a plan that no second computing gives is published in part", "workbench/report/run/make.py",
          "if results.wrong or (lacking", "if (lacking",
          (f"{SEAL}test_a_plan_that_differs_stops_a_partial_report_too",)),
    Fault("no lock", "workbench/report/store/lock.py", "fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)", "pass",
          (f"{SPARED}test_a_second_run_of_a_quarter_leaves_with_a_sentence",)),
    Fault("files are not on disk before the rename", "workbench/report/store/publish.py",
          "            _to_disk(Path(folder) / name)\n", "            pass\n",
          (f"{PUBLISH}test_all_of_a_report_is_on_disk_before_readers_are_led_to_it",)),
    Fault("the link is taken away before the new one is there", "workbench/report/store/publish.py",
          "    fresh.replace(run.link)\n", "    run.link.unlink(missing_ok=True)\n    fresh.rename(run.link)\n",
          (f"{PUBLISH}test_at_no_moment_is_there_no_report",)),
    Fault("a finished notebook is used again without a look at its hash", "workbench/report/store/journal.py",
          "if file_hash(goal) == known.digest:", "if known.digest:",
          (f"{SPARED}test_a_finished_notebook_is_used_again_only_with_the_bytes_written_down",)),
    Fault("a cell that never ran counts as run (sys.exit(0))", "workbench/report/kernels/complete.py",
          "if cell.execution_count is None:", "if cell.execution_count == -1:",
          ("tests/report/pages/test_report_outputs.py::test_a_notebook_counts_as_run_only_with_every_cell_and_the_digest",)),
    Fault("the whole environment is handed to kernels", "workbench/report/kernels/environment.py",
          "if name.upper() in ALLOWED or name.upper().startswith(FAMILIES)", "if name",
          (f"{SPARED}test_no_variable_that_is_not_on_the_list_is_handed_on",)),
    Fault("text in the spreadsheet may be a formula", "workbench/report/exports/workbook.py",
          'text = safe_cell(FORBIDDEN.sub("", text))', 'text = FORBIDDEN.sub("", text)',
          ("tests/report/exports/test_workbook.py::"
           "test_text_that_a_spreadsheet_would_take_for_a_formula_is_neutralised_everywhere[=]",)),
    Fault("NA is read as missing", "workbench/sources/tables/tablefiles.py",
          "return RawTable(path.name, lines[0], lines[1:]), problems",
          'return RawTable(path.name, lines[0], [["" if c == "NA" else c for c in row] for row in lines[1:]]), problems',
          (f"{FOLDER}test_a_region_called_na_and_a_product_called_007_stay_text",)),
    Fault("a key loses its leading zeros", "workbench/sources/tables/tablefiles.py",
          "return RawTable(path.name, lines[0], lines[1:]), problems",
          'return RawTable(path.name, lines[0], [[c.lstrip("0") or c for c in row] for row in lines[1:]]), problems',
          (f"{FOLDER}test_a_region_called_na_and_a_product_called_007_stay_text",)),
    Fault("amounts are rounded line by line and miss the budget by cents", "workbench/model/allocation/solver/piecewise.py",
          "cents = np.round(exact) if answer.x is None else down + np.round(answer.x)", "cents = np.round(exact)",
          ("tests/model/allocation/solver/test_piecewise.py::test_rounding_to_cents_keeps_every_rule_over_segments_products_and_the_budget",)),
    Fault("the better score ranks lower", "workbench/model/ranking/ranking.py",
          "(scores[None, :] > scores[:, None])", "(scores[None, :] < scores[:, None])",
          ("tests/model/ranking/test_ranking.py::test_better_on_one_criterion_never_ranks_lower[growth]",)),
)  # fmt: skip


def misfits() -> list[str]:
    """Faults whose text does not stand in their file once, or that name a test that is not there."""
    found = [
        f"{fault.name}: its text stands {_count(fault)} times in {fault.file}" for fault in FAULTS if _count(fault) != 1
    ]
    for fault in FAULTS:
        for test in fault.tests:
            file, _, name = test.partition("::")
            tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
            if name.partition("[")[0] not in {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}:
                found.append(f"{fault.name}: no test {test}")
    return found


def _count(fault: Fault) -> int:
    return (ROOT / fault.file).read_text(encoding="utf-8").count(fault.old)


def copied(folder: Path) -> Path:
    """A copy of the project, with what notes how its tests end."""
    for name in COPIED:
        source, target = ROOT / name, folder / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        else:
            shutil.copy2(source, target)
    (folder / "watched.py").write_text(WATCH, encoding="utf-8")
    return folder


def outcomes(folder: Path, tests: Sequence[str], seconds: float | None = None) -> dict[str, str]:
    """How the tests of a copy ended, those that began; raises AssertionError where none could be run, or not within
    `seconds`.
    """
    if not tests:
        return {}
    told, home = folder / "watched.json", folder / "tmp"
    told.unlink(missing_ok=True)
    home.mkdir(exist_ok=True)
    known = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COVERAGE", "COV_"))}
    known |= {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1", "WATCHED": str(told), "TMPDIR": str(home)}
    plugins = ["-p", "watched", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:nbval"]
    place = ["--rootdir", str(folder), "-c", str(folder / "pyproject.toml"), "-o", "addopts="]
    command = [sys.executable, "-m", "pytest", *plugins, *place, "--tb=short", "-q", *tests]
    try:
        run = subprocess.run(
            command, cwd=folder, env=known, capture_output=True, text=True, check=False, timeout=seconds
        )
    except subprocess.TimeoutExpired as error:
        raise AssertionError(f"no end within {seconds} s") from error
    if not told.exists() or run.returncode not in ENDED:
        raise AssertionError(run.stdout + run.stderr)
    return dict(json.loads(told.read_text(encoding="utf-8")))


def caught(fault: Fault, folder: Path) -> tuple[list[str], float]:
    """The tests of a fault that fail once it is planted in a copy, and the seconds that it took."""
    clock, path = time.monotonic(), folder / fault.file
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(fault.old, fault.new), encoding="utf-8")
    try:
        ends = outcomes(folder, fault.tests)
    finally:
        path.write_text(text, encoding="utf-8")
    return [
        test for test in fault.tests if ends.get(test) == "failed" or _any_failed(test, ends)
    ], time.monotonic() - clock


def _any_failed(test: str, ends: dict[str, str]) -> bool:
    """True where a test of several cases failed in one."""
    return any(name.startswith(f"{test}[") and how == "failed" for name, how in ends.items())


def main(arguments: list[str] | None = None) -> int:
    """Prints a line for each fault; 1 where one was not caught, does not fit, or its test fails without it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", help="faults with this in their name")
    options = parser.parse_args(arguments)
    lines = misfits()
    faults = [fault for fault in FAULTS if (options.only or "") in fault.name and _count(fault) == 1]
    clock = time.monotonic()
    with tempfile.TemporaryDirectory() as place, ThreadPoolExecutor(options.jobs) as threads:
        copies = [copied(Path(place) / str(number)) for number in range(options.jobs)]
        tests = list(dict.fromkeys(test for fault in faults for test in fault.tests))
        green = {}
        for ends in threads.map(outcomes, copies, [tests[number :: options.jobs] for number in range(options.jobs)]):
            green |= ends
        lines += [f"{name} {how} without a fault" for name, how in green.items() if how != "passed"]
        lines += [f"{test} did not run without a fault" for test in tests
                  if test not in green and not any(name.startswith(f"{test}[") for name in green)]  # fmt: skip
        print(f"{len(green)} tests on the code as it is: {sum(how == 'passed' for how in green.values())} passed")  # noqa: T201

        def planted(fault: Fault) -> tuple[list[str], float]:
            copy = copies.pop()
            try:
                return caught(fault, copy)
            finally:
                copies.append(copy)

        for fault, (found, seconds) in zip(faults, threads.map(planted, faults), strict=True):
            print(f"{'caught' if found else 'NOT CAUGHT'}  {fault.name}  ({fault.file}, {seconds:.0f} s)")  # noqa: T201
            for test in fault.tests:
                print(f"        {'by ' if test in found else 'not by '}{test}", flush=True)  # noqa: T201
            lines += [f"{fault.name}: not caught by {test}" for test in fault.tests if test not in found]
    print(f"{len(faults)} faults in {time.monotonic() - clock:.0f} s", *(f"FAULT {line}" for line in lines), sep="\n")  # noqa: T201
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
