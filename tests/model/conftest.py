"""The sample company, and the tiny book changed row by row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.model.raw import Row, rows, write
from workbench.sources.tables.folder import SAMPLE, load_book


@pytest.fixture(scope="session")
def sample_book():
    """The sample company."""
    return load_book("sample")


@pytest.fixture(scope="session")
def sample_folder() -> Path:
    return SAMPLE


@pytest.fixture
def change(tiny_book: Path) -> Callable[[str, Callable[[Row], Row | None]], None]:
    """`change(table, function)` puts each row of the tiny book's table through `function`; None drops the row."""

    def apply(table: str, function: Callable[[Row], Row | None]) -> None:
        write(tiny_book, table, [new for row in rows(tiny_book, table) if (new := function(dict(row))) is not None])

    return apply


@pytest.fixture
def scene(tiny_book: Path) -> Callable[[str], None]:
    """`scene(text)` writes lines of TOML before the first table of the tiny book's scenario `base`."""

    def apply(text: str) -> None:
        path = tiny_book / "scenarios" / "base.toml"
        head, rest = path.read_text(encoding="utf-8").split("[weights]", 1)
        path.write_text(f"{head}{text}\n\n[weights]{rest}", encoding="utf-8")

    return apply
