"""How a run goes, and what came of it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import Problem
from workbench.report.store import KEPT

CELL_TIMEOUT = 600  # seconds for one cell
DEADLINE = 3600  # seconds for the whole run


@dataclass(frozen=True)
class Options:
    """How a run goes: `jobs` processes (None: one per core); `cell_timeout`, `deadline` and `wait` for the lock in seconds.

    `resume` uses again what killed and failed runs have finished, beside what is published; `fresh` nothing at all;
    `keep` whole runs of the quarter stay; `allow_partial` publishes although pages are missing, `allow_stale` although
    the book is older than the quarter's end, each with a banner; `warm` forks kernels from a parent that has the stack
    imported; `pdf` prints the first page of each scenario where a browser is found; `cluster` is the address of a
    Dask scheduler on whose workers plans and notebooks are made (blank: in processes here).
    """

    jobs: int | None = None
    cell_timeout: int = CELL_TIMEOUT
    deadline: float = DEADLINE
    wait: float = 0
    resume: bool = False
    fresh: bool = False
    keep: int = KEPT
    allow_partial: bool = False
    allow_stale: bool = False
    warm: bool = True
    pdf: bool = True
    cluster: str = ""

    @property
    def at_a_time(self) -> int:
        """How many processes work at the same time."""
        return max(self.jobs or os.cpu_count() or 1, 1)


USUAL = Options()


@dataclass(frozen=True)
class Published:
    """A report that readers can open: `index` is its entry page, `seconds` what it took, `ran` how many notebooks ran
    and `again` how many were used again; `lacking` what it lacks, `notes` what else is to be said.
    """

    company: str
    quarter: str
    scenarios: tuple[str, ...]
    index: Path
    seconds: float
    ran: int = 0
    again: int = 0
    lacking: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()

    def sentences(self) -> list[str]:
        """What was done and where to look."""
        many = len(self.scenarios) > 1
        what = f"{len(self.scenarios)} scenarios" if many else f"scenario {self.scenarios[0]}"
        if not self.ran and not self.again:
            did = f"Nothing has changed since {what} of {self.company} were published" if many else \
                  f"Nothing has changed since {what} of {self.company} was published"  # fmt: skip
            return [
                *self.notes,
                f"{did}: the plan for {self.quarter} stands, and no notebook was run.",
                f"Open {self.index}",
            ]
        used = f"; {self.ran} notebooks ran, {self.again} were unchanged and used again" if self.again else ""
        partly = "in part " if self.lacking else ""
        done = (
            f"Published {partly}{what} of {self.company}: the plan for {self.quarter}, in {self.seconds:.0f} s{used}."
        )
        return [*self.notes, done, f"Open {self.index}"]
