"""The plan: the results of every step, and its bytes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench.book.frozen import Frozen
from workbench.book.quarters import shift
from workbench.criteria import decimals
from workbench.model.results import Allocation, Facts, Ranking, Robustness, Stability, Swot, Triage
from workbench.scenario import Scenario

FORMAT = 1
SCORES = (
    "swot.values",
    "ranking.contributions",
    "ranking.values",
    "robustness.central_weights",
)  # columns are criteria
STEPS = ("facts", "swot", "ranking", "robustness", "stability", "allocation", "asks")


@dataclass(frozen=True, eq=False)
class Plan(Frozen):
    """The results of every step for one book, scenario and quarter."""

    company: str
    currency: str
    scenario: Scenario
    quarter: str
    facts: Facts
    swot: Swot
    ranking: Ranking
    robustness: Robustness
    stability: Stability
    allocation: Allocation
    asks: Triage

    @property
    def answer(self) -> str:
        """The decision in a sentence; where no money can be allocated, the pecking order."""
        return self.ranking.answer if self.allocation.spend.empty else self.allocation.answer

    @property
    def missing(self) -> tuple[str, ...]:
        """What was left out in any step, in sentences."""
        return tuple(dict.fromkeys(said for step in STEPS for said in getattr(self, step).missing))

    @property
    def next_quarter(self) -> str:
        """The quarter that the plan decides."""
        return shift(self.quarter, 1)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table of every step, named `step.table`."""
        pairs = ((f"{step}.{name}", table) for step in STEPS for name, table in getattr(self, step).tables().items())
        return dict(pairs)

    def to_json(self) -> bytes:
        """The plan as bytes (`docs/plan.md`): sorted keys, no spaces, money 2 decimals, scores 9, others 6; a newline."""
        content = {
            "format": FORMAT,
            "company": self.company,
            "currency": self.currency,
            "quarter": self.quarter,
            "scenario": _plain(self.scenario.model_dump(mode="json")),
            "answers": {step: getattr(self, step).answer for step in STEPS[1:]} | {"plan": self.answer},
            "missing": list(self.missing),
            "tables": {name: _records(table, name in SCORES) for name, table in self.tables().items()},
        }
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return (text + "\n").encode()

    @property
    def digest(self) -> str:
        """SHA-256 of `to_json()`, as hexadecimal digits."""
        return hashlib.sha256(self.to_json()).hexdigest()


def _records(table: pd.DataFrame, scores: bool) -> list[dict[str, Any]]:
    places = {name: 9 if scores else decimals(str(name)) for name in table.columns}
    columns = {str(name): [_cell(value, places[name]) for value in table[name]] for name in table.columns}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _cell(value: Any, places: int) -> Any:
    """A JSON value: numbers rounded half to even, missing as null, no negative zero."""
    if value is None or value is pd.NA or (isinstance(value, float) and not np.isfinite(value)):
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return round(float(value), places) + 0.0
    return str(value)


def _plain(value: Any) -> Any:
    """Nested settings with whole numbers where the TOML has whole numbers or floats alike."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value + 0.0 if isinstance(value, float) else value
