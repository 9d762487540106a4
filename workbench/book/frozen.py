"""The base of everything that holds tables: frozen, its tables handed out as copies."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import pandas as pd


@dataclass(frozen=True, eq=False)
class Frozen:
    """A frozen object whose DataFrames are handed out as (lazy) copies: changing one changes nothing here."""

    def __getattribute__(self, name: str) -> Any:
        value = super().__getattribute__(name)
        return value.copy(deep=False) if isinstance(value, pd.DataFrame) else value


@dataclass(frozen=True, eq=False)
class Result(Frozen):
    """What a step of the chain returns: tables and scalars; `missing` lists what was left out, in sentences."""

    missing: tuple[str, ...]

    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables of the result by field name."""
        pairs = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: value for name, value in pairs if isinstance(value, pd.DataFrame)}
