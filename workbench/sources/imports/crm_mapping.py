"""The mapping of a CRM export: its columns, names and rules, as an analyst writes them.

Columns are called as the export calls them.

    [book]           company, currency, fiscal_month; data_from (first day covered; else found in the data)
    [segments]       key = "Name": the segments an account can belong to
    [accounts]       file, account (its key), segment (column); [accounts.segment_aliases] found = "segment key"
    [products]       file, product (its key), name, category (may be left out), gross_margin: one share for all
                     products, which is the analyst's assumption, or the column that holds it
    [opportunities]  file, opportunity (its key), account, product, stage, closed (day won or lost), opened (may be
                     left out), date_format such as "MM/DD/YYYY", value
    [opportunities.stages]            won, lost, open: lists of the values of the stage column
    [opportunities.product_aliases]   "found" = "product key"; account_aliases likewise
    [[leave_out]]    name, table, column and one of: blank = true, equals = ["…"], unmapped = true (a name that is
                     unknown); when = { column = ["…"] } narrows it. Rows are left out by the first rule that fits.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from workbench.book.settings import Strict
from workbench.sources.imports.mapping import Key, LeaveOut, Text, is_number, read_mapping


class CrmLeaveOut(LeaveOut):
    """A rule for one of the three files."""

    table: Literal["accounts", "products", "opportunities"]


class BookPart(Strict):
    """What `book.toml` says of the company."""

    company: Text
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    fiscal_month: Annotated[int, Field(ge=1, le=12)] = 1
    data_from: dt.date | None = None


class AccountsPart(Strict):
    """The file of accounts, one row per account."""

    file: Text
    account: Text
    segment: Text
    segment_aliases: dict[str, str] = Field(default_factory=dict)


class ProductsPart(Strict):
    """The file of products, one row per product."""

    file: Text
    product: Text
    name: Text
    category: Text | None = None
    gross_margin: float | str

    @field_validator("gross_margin", mode="before")
    @classmethod
    def _share_or_column(cls, value: Any) -> Any:
        if (isinstance(value, str) and value) or (is_number(value) and 0 <= value <= 1):
            return value
        raise ValueError("a share from 0 to 1, or the name of a column that holds one")


class Stages(Strict):
    """Which values of the stage column mean won, lost and open."""

    won: Annotated[list[str], Field(min_length=1)]
    lost: list[str]
    open: list[str]

    @model_validator(mode="after")
    def _apart(self) -> Self:
        every = [*self.won, *self.lost, *self.open]
        twice = sorted({value for value in every if every.count(value) > 1})
        if twice:
            raise ValueError(f"a stage is won, lost or open, once; named twice: {', '.join(twice)}")
        return self


class OpportunitiesPart(Strict):
    """The file of opportunities, one row per opportunity."""

    file: Text
    opportunity: Text
    account: Text
    product: Text
    stage: Text
    opened: Text | None = None
    closed: Text
    date_format: str
    value: Text
    stages: Stages
    product_aliases: dict[str, str] = Field(default_factory=dict)
    account_aliases: dict[str, str] = Field(default_factory=dict)

    @field_validator("date_format")
    @classmethod
    def _a_date(cls, value: str) -> str:
        parts = re.split(r"[-/. ]", value)
        if sorted(part[0] + part[-1] for part in parts if part) != ["DD", "MM", "YY"] or not all(
            re.fullmatch("YYYY|MM?|DD?", part) for part in parts
        ):
            raise ValueError('year YYYY, month MM and day DD with - / . or a space between, such as "MM/DD/YYYY"')
        return value


class CrmMapping(Strict):
    """The mapping of a CRM export."""

    book: BookPart
    segments: Annotated[dict[Key, Text], Field(min_length=1)]
    accounts: AccountsPart
    products: ProductsPart
    opportunities: OpportunitiesPart
    leave_out: list[CrmLeaveOut] = Field(default_factory=list)


def read_crm_mapping(path: Path) -> CrmMapping:
    """The mapping of a CRM export. Raises BookError with every problem in it."""
    return read_mapping(path, CrmMapping, {"leave_out": CrmLeaveOut})
