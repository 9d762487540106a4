"""Runs that are killed: readers see the old report or the new one, the next run ends the work, and nothing is left."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.batch.kills import PUBLISHING, VICTIMS, Kills, Seen
from tests.processes import TOLD
from tests.stages import slow

pytestmark = pytest.mark.skipif(not TOLD, reason="processes are read from /proc, which this system lacks")
TIMES = 20


@pytest.fixture(scope="module")
def kills(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kills]:
    """Two companies with a report each, and how long their runs take."""
    yield Kills(3, tmp_path_factory.mktemp("kills"))


def whole(seen: Seen, times: int) -> None:
    """Each look of the reader met the old report or the new one, and both were there to be met."""
    assert seen.faults == []
    assert seen.reads["neither"] == 0 and seen.reads["old"] > 50 * times and seen.reads["new"] > 5 * times
    assert sum(seen.killed.values()) == times


def test_readers_of_a_run_that_is_killed_see_the_old_report_or_the_new_one(kills: Kills) -> None:
    kills.kill()
    whole(kills.seen, 1)


@slow
@pytest.mark.timeout(900)
def test_readers_of_runs_that_are_killed_see_the_old_report_or_the_new_one(kills: Kills) -> None:
    while kills.number < TIMES:
        kills.kill()
    whole(kills.seen, TIMES)
    assert set(kills.seen.killed) == set(VICTIMS) and kills.seen.phases[PUBLISHING] >= 2
