"""The sample company's pages, made once for the tests that look at them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.inprocess import write_report
from workbench import load_book
from workbench.model.plan import Plan


@pytest.fixture(scope="session")
def sample_report(tmp_path_factory: pytest.TempPathFactory, sample_plan: Plan) -> Path:
    """The folder of its index and, in `base`, of every page."""
    return write_report(tmp_path_factory.mktemp("sample"), sample_plan, load_book("sample"))
