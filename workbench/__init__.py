"""Portfolio Workbench: rank market segments first, then let them decide the investment in all products together.

The public names are loaded when they are first used, so that `import workbench` stays light; it changes nothing outside itself.
"""

from __future__ import annotations

import importlib
from typing import Any

_HOMES = {
    "load_book": "workbench.sources.tables.folder",
    "load_scenario": "workbench.sources.tables.folder",
    "plan_quarter": "workbench.model.quarter",
    "segment_facts": "workbench.model.quarter",
    "score_swot": "workbench.model.swot.swot",
    "rank_segments": "workbench.model.ranking.ranking",
    "allocate": "workbench.model.allocation.allocation",
    "triage_asks": "workbench.model.asks.triage",
    "segment_brief": "workbench.model.briefs.briefs",
    "explore": "workbench.view.controls",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'workbench' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
