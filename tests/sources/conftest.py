"""A PostgreSQL server for the tests of books in a database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sources.server import Server, started


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A running PostgreSQL server, stopped at the end."""
    with started() as server:
        yield server
