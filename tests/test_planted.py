"""The planted faults still fit the code; that each is caught is what `python -m tests.planted` tells."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests import planted
from tests.planted import FAULTS, ROOT, Fault, caught, copied, misfits


def test_every_planted_fault_fits_and_names_tests_that_are_there() -> None:
    assert (
        len(FAULTS) >= 10
        and len({fault.name for fault in FAULTS}) == len(FAULTS)
        and all(fault.tests for fault in FAULTS)
    )
    assert misfits() == []


def test_every_planted_fault_is_python_that_can_be_read() -> None:
    for fault in FAULTS:
        if fault.file.endswith(".py"):
            ast.parse((ROOT / fault.file).read_text(encoding="utf-8").replace(fault.old, fault.new))


def test_a_fault_that_no_longer_fits_and_a_test_that_is_gone_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = Fault("gone", "workbench/errors.py", "no such line", "", ("tests/test_planted.py::test_that_is_gone",))
    monkeypatch.setattr(planted, "FAULTS", (gone,))
    assert misfits() == ["gone: its text stands 0 times in workbench/errors.py",
                         "gone: no test tests/test_planted.py::test_that_is_gone"]  # fmt: skip


def test_a_fault_is_caught_in_a_copy_and_the_work_tree_stays_as_it_is(tmp_path: Path) -> None:
    fault = next(each for each in FAULTS if "used again" in each.name)
    before = (ROOT / fault.file).read_bytes()
    found, _ = caught(fault, copied(tmp_path))
    assert found == list(fault.tests)
    assert (ROOT / fault.file).read_bytes() == before == (tmp_path / fault.file).read_bytes()
