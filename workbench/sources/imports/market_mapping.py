"""The mapping of a market table: its columns, and which industry serves which segment.

Columns are called as the table calls them.

    addressable_rate  a share, a share per segment, or "not declared"
    [table]           industry, year, size (columns), unit (what one of `size` is in the book's currency, such as
                      1e6), kind ("actual" or "forecast") or kind_column, source (text)
    [industries]      "industry" = "segment key": one industry serves one segment
    [[shares]]        industry, segment, share: where an industry serves several
    [[leave_out]]     name, column and one of: blank = true, equals = ["…"], unmapped = true (an industry that
                      is not mapped); when = { column = ["…"] } narrows it
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from workbench.book.settings import Share, Strict
from workbench.sources.imports.mapping import LeaveOut, Text, is_number, read_mapping

NOT_DECLARED = "not declared"
Rate = Share | Literal["not declared"]


class TablePart(Strict):
    """The columns of a long table of industries and years."""

    industry: Text
    year: Text
    size: Text
    unit: Annotated[float, Field(gt=0)]
    kind: Literal["actual", "forecast"] | None = None
    kind_column: Text | None = None
    source: Text

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.kind is None) == (self.kind_column is None):
            raise ValueError('either kind = "actual" (or "forecast") or kind_column, the column that says which')
        return self


class IndustryShare(Strict):
    """The part of an industry that serves a segment."""

    industry: Text
    segment: Text
    share: Annotated[float, Field(gt=0, le=1)]


class MarketMapping(Strict):
    """The mapping of a market table."""

    addressable_rate: Rate | dict[str, Rate] | None = None
    table: TablePart
    industries: dict[str, str] = Field(default_factory=dict)
    shares: list[IndustryShare] = Field(default_factory=list)
    leave_out: list[LeaveOut] = Field(default_factory=list)

    @field_validator("addressable_rate", mode="before")
    @classmethod
    def _rates(cls, value: Any) -> Any:
        rates = list(value.values()) if isinstance(value, dict) else [value]
        if not all(rate == NOT_DECLARED or (is_number(rate) and 0 <= rate <= 1) for rate in rates):
            raise ValueError(f'a share from 0 to 1, such a share per segment, or "{NOT_DECLARED}"')
        return value


def read_market_mapping(path: Path) -> MarketMapping:
    """The mapping of a market table. Raises BookError with every problem in it."""
    return read_mapping(path, MarketMapping, {"leave_out": LeaveOut, "shares": IndustryShare})
