"""Runs that are killed: readers see the old report or the new one, the next run ends the work, and nothing is left."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.batch.kills import PUBLISHING, VICTIMS, kill_runs
from tests.processes import TOLD


@pytest.mark.skipif(not TOLD, reason="processes are read from /proc, which this system lacks")
def test_readers_of_runs_that_are_killed_see_the_old_report_or_the_new_one(tmp_path: Path) -> None:
    seen = kill_runs(20, seed=3, folder=tmp_path)
    assert seen.faults == []
    assert seen.reads["neither"] == 0 and seen.reads["old"] > 1_000 and seen.reads["new"] > 100
    assert set(seen.killed) == set(VICTIMS) and seen.phases[PUBLISHING] >= 2
