"""The report that was published for a quarter before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.book.quarters import is_quarter
from workbench.report.store.manifest import read_manifest


@dataclass(frozen=True)
class Earlier:
    """The newest whole report published for a quarter before: its plans by scenario, as in `plan.json`, and its key."""

    quarter: str
    plans: Mapping[str, Mapping[str, Any]]
    key: str


def published_before(home: Path, quarter: str) -> Earlier | None:
    """The report of the latest earlier quarter that stands published in `home`, whole; None where there is none."""
    for link in sorted((path for path in home.glob("*") if path.is_symlink() and is_quarter(path.name)), reverse=True):
        content = read_manifest(link) if link.name < quarter else None
        if content is None or content["partial"]:
            continue
        try:
            plans = {name: json.loads((link / about["folder"] / "plan.json").read_bytes())
                     for name, about in content["scenarios"].items()}  # fmt: skip
        except (OSError, ValueError):
            continue
        return Earlier(link.name, plans, content["key"])
    return None
