"""What waits for the second stage of the tests: `make test` runs the first, `make test-rest` the second."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

slow = pytest.mark.slow


def later(values: Iterable[Any], now: int = 1, *, names: int = 1) -> list[Any]:
    """The parameters of a test (`names` for each call): the first `now` as they are, the others in the second stage."""
    given = list(values)
    return [*given[:now], *(pytest.param(*((each,) if names == 1 else each), marks=slow) for each in given[now:])]
