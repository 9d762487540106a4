"""The order in which tests and notebooks run, and which of them one worker runs together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.longest import SECONDS, SPLIT

ROOT = Path(__file__).resolve().parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, so that none is alone at the end."""
    items.sort(key=lambda item: -SECONDS.get(item.path.relative_to(ROOT).as_posix(), 0))


class ByFile(LoadScopeScheduling):  # type: ignore[misc, unused-ignore]
    """A file is one worker's, whose fixtures it shares and whose cells need one another, unless it may be split."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return nodeid if file in SPLIT else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Files go to whichever worker is free."""
    return ByFile(config, log)
