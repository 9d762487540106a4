"""The sample company's plans, each made once for a whole run of the tests and shared by its workers."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

from workbench import load_book, load_scenario, plan_quarter
from workbench.model.plan import Plan

QUARTER = "2026Q3"


class SamplePlans:
    """Called with a scenario's name it gives the plan. Plans lie in `folder`; who comes second waits for the first.

    A plan cannot be changed, so that tests may share it. Where planning itself is what a test is about, it plans anew.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, Plan] = {}

    def __call__(self, scenario: str) -> Plan:
        """The plan of the sample's last quarter."""
        if scenario not in self._known:
            with (self._folder / f"plan-{scenario}.lock").open("w") as lock:
                _wait_for(lock)
                self._known[scenario] = self._stored(scenario)
        return self._known[scenario]

    def _stored(self, scenario: str) -> Plan:
        path = self._folder / f"plan-{scenario}.pickle"
        if path.is_file():
            plan: Plan = pickle.loads(path.read_bytes())
            return plan
        plan = plan_quarter(load_book("sample"), load_scenario(scenario, "sample"), QUARTER)
        part = path.with_suffix(f".{os.getpid()}")
        part.write_bytes(pickle.dumps(plan))
        part.replace(path)
        return plan


def _wait_for(lock: Any) -> None:
    """Takes the lock of an open file until it is closed; a system without such locks plans twice."""
    try:
        import fcntl
    except ImportError:
        return
    fcntl.flock(lock, fcntl.LOCK_EX)
