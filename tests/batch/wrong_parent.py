"""A warm parent whose plans have one figure changed: `python -m tests.batch.wrong_parent PRIVATE`."""

from __future__ import annotations

import sys
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from workbench.report.kernels import forkserver
from workbench.report.kernels.children import send_plan

if TYPE_CHECKING:
    from workbench.report.kernels.memory import Remembered


def wrong(known: Remembered) -> Remembered:
    """What is remembered, with a unit of currency more in the revenue of each segment."""
    facts = known.plan.facts
    more = facts.segments.assign(revenue_y=facts.segments["revenue_y"] + 1)
    return replace(known, plan=replace(known.plan, facts=replace(facts, segments=more)))


def send_wrong_plan(sender: Connection, folder: str, book: str, scenario: str, quarter: str) -> None:
    """As `send_plan`, in the process that works the plan out."""
    from workbench.report.kernels import memory

    work_out = memory.work_out
    memory.work_out = lambda *about: wrong(work_out(*about))
    send_plan(sender, folder, book, scenario, quarter)


if __name__ == "__main__":
    del sys.path[0]
    forkserver.send_plan = send_wrong_plan
    forkserver.main(sys.argv[1])
