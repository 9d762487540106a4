"""Two runs of a quarter started at once: one report, whole, and a sentence for the run that was too late."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.batch.company import ROOT
from tests.stages import slow

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="two runs at once are forked, which this system cannot do"
)


@pytest.mark.parametrize(
    ("times", "how"),
    [
        pytest.param(2, ["--spared"], id="no kernels, two pairs"),
        pytest.param(20, ["--spared"], id="no kernels", marks=slow),
        pytest.param(2, [], id="kernels", marks=slow),
    ],
)
def test_of_two_runs_at_once_one_publishes_and_nothing_is_torn(times: int, how: list[str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.batch.twice", "--times", str(times), *how]
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    run = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": path, "TMPDIR": str(tmp_path)},
                         capture_output=True, text=True, check=False, timeout=600)  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"'published': {times}" in run.stdout
    assert f"'left': {times - times // 2}" in run.stdout and (times < 2 or f"'nothing': {times // 2}" in run.stdout)
