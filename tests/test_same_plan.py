"""The same book, scenario and quarter give the same plan, to the last byte, whichever way it was asked for."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from workbench.model.quarter import plan_quarter
from workbench.sources.tables.folder import SAMPLE, load_book, load_scenario

ROOT = Path(__file__).resolve().parents[1]
GERMAN = ("de_DE.UTF-8", "de_DE.utf8", "de_DE")


def shuffled(folder: Path, target: Path) -> Path:
    """A copy of a book with the rows and the columns of every file in another order."""
    shutil.copytree(folder, target)
    chance = random.Random(7)
    for path in sorted(target.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            header, *lines = csv.reader(file)
        columns = chance.sample(range(len(header)), len(header))
        chance.shuffle(lines)
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([[line[place] for place in columns] for line in [header, *lines]])
    return target


def installed_locale() -> str:
    """German where the machine has it (decimal commas), else C."""
    try:
        known = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout.split()
    except FileNotFoundError:
        known = []
    return next((name for name in GERMAN if name in known), "C")


def plan_bytes(book: Path | str, folder: Path, **environment: str) -> bytes:
    """What `workbench plan … --json -` writes, run in `folder` in a process of its own."""
    command = [
        sys.executable,
        "-m",
        "workbench",
        "plan",
        str(book),
        "--quarter",
        "2026Q3",
        "--scenario",
        "base",
        "--json",
        "-",
    ]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=120,
                          env={**inherited, "PYTHONPATH": str(ROOT), **environment})  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.fixture(scope="module")
def plan(sample_plan):
    """The plan of the sample company as a process of ours made it."""
    return sample_plan


def test_the_command_gives_the_same_bytes_in_other_surroundings(plan, tmp_path):
    other = shuffled(SAMPLE, tmp_path / "book")
    ways = [
        ("sample", ROOT, {"PYTHONHASHSEED": "1", "OPENBLAS_NUM_THREADS": "1", "TZ": "UTC", "LC_ALL": "C.UTF-8"}),
        (SAMPLE, tmp_path, {"PYTHONHASHSEED": "2", "OPENBLAS_NUM_THREADS": "2", "TZ": "Pacific/Auckland",
                            "LC_ALL": installed_locale()}),
        (other, tmp_path, {"PYTHONHASHSEED": "3", "OPENBLAS_NUM_THREADS": "2", "TZ": "America/New_York", "LC_ALL": "POSIX"}),
    ]  # fmt: skip
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda way: plan_bytes(way[0], way[1], **way[2]), ways))
    for each in found:
        assert each == plan.to_json()
        assert hashlib.sha256(each).hexdigest() == plan.digest


def test_a_second_plan_in_one_process_is_the_same(plan):
    again = plan_quarter(load_book(SAMPLE), load_scenario("base", SAMPLE), "2026Q3")
    assert again.to_json() == plan.to_json()


def test_planning_leaves_book_and_scenario_alone(plan):
    book, scenario = load_book("sample"), load_scenario("base", "sample")
    before = {name: table.to_csv() for name, table in book.tables().items()}
    for table in plan_quarter(book, scenario, "2026Q3").tables().values():
        if len(table):
            table.iloc[0, :] = table.iloc[-1, :]
    assert {name: table.to_csv() for name, table in book.tables().items()} == before
    assert plan_quarter(book, scenario, "2026Q3").digest == plan.digest


def test_the_json_is_the_contracts(plan):
    """Sorted keys, no spaces, a newline at the end, no NaN, no negative zero, no path and no host."""
    text = plan.to_json().decode("utf-8")
    assert text.endswith("}\n") and text.count("\n") == 1 and not text.startswith("\ufeff")
    data = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} in the JSON"))
    assert json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n" == text
    numbers = json.loads(
        text, parse_float=lambda digits: pytest.fail(digits) if digits in ("-0.0", "-0") else float(digits)
    )
    assert numbers["quarter"] == "2026Q3" and str(ROOT) not in text and os.uname().nodename not in text
    assert all(len(str(row["plan_y"]).partition(".")[2]) <= 2 for row in data["tables"]["allocation.spend"])
