"""The settings of a book (`book.toml`): company, currency, fiscal year, and the defaults that stand in."""

from __future__ import annotations

import datetime as dt
import types
import typing
from collections.abc import Callable
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from workbench.book.text import nearest
from workbench.errors import Problem

Share = Annotated[float, Field(ge=0, le=1)]
Money = Annotated[float, Field(ge=0, allow_inf_nan=False)]


CURRENCY = "^[A-Z]{3}$"
NAME = "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
VARIABLE = "^[A-Za-z_][A-Za-z0-9_]*$"
SCHEMA = r"^[^\x00-\x1f\x7f]{1,63}$"
PATTERNS = {
    CURRENCY: "three capital letters such as EUR",
    NAME: "letters, digits, - and _, at most 64 of them",
    VARIABLE: "the name of an environment variable, such as PLANNING_DATABASE",
    SCHEMA: "the name of a schema",
}


class Strict(BaseModel):
    """A frozen model that knows its keys and converts nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class ByLever(Strict):
    """One share for each lever; together at most 1."""

    product: Share
    marketing: Share
    sales: Share

    @model_validator(mode="after")
    def _at_most_all(self) -> Self:
        total = self.product + self.marketing + self.sales
        if not 0 < total <= 1 + 1e-12:
            raise fault(f"{total:g} over the three levers", "more than 0 and at most 1 together", "correct the shares")
        return self


class BookSettings(Strict):
    """`book.toml`. Where a table is silent the defaults below stand in, and the figure is marked *assumed*.

    `reach` is the part of an addressable market that one company can win; `erosion` the part of a cell's revenue
    that a year without a lever's spend would lose; `half_saturation_y` (currency a year) the spend at which half
    the effect is reached where nothing is spent today; `lever_split` how a cell's runway divides over the levers:
    its `product` part counts only where needs and coverage do not tell the gap. `data_from` is the first day that
    the data cover: a first quarter that starts before it is cut short; `data_until` the last: no report is published
    for a quarter that ends after it.
    """

    company: Annotated[str, Field(min_length=1)]
    currency: Annotated[str, Field(pattern=CURRENCY)]
    fiscal_month: Annotated[int, Field(ge=1, le=12)] = 1
    data_from: dt.date | None = None
    data_until: dt.date | None = None
    reach: Share = 0.3
    erosion: ByLever = ByLever(product=0.10, marketing=0.06, sales=0.14)
    lever_split: ByLever = ByLever(product=0.4, marketing=0.25, sales=0.35)
    half_saturation_y: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 250_000.0


class Database(Strict):
    """`[database]` of `book.toml`: tables in PostgreSQL, in one schema; the address stands in an environment variable."""

    url_from: Annotated[str, Field(pattern=VARIABLE)]
    schema_: Annotated[str, Field(pattern=SCHEMA, alias="schema")]


class BookFile(BookSettings):
    """All that `book.toml` may say: the settings of the book, and where its tables are."""

    database: Database | None = None

    @property
    def settings(self) -> BookSettings:
        """The settings alone: a book does not know where it was read from."""
        return BookSettings(**{name: getattr(self, name) for name in BookSettings.model_fields})


def validation_problems(
    where: str, error: ValidationError, known: Callable[[tuple[str, ...]], list[str]]
) -> list[Problem]:
    """The problems of a rejected TOML file; `known` gives the keys allowed at a place in it."""
    problems = []
    for item in error.errors():
        location = tuple(str(part) for part in item["loc"])
        found, advice = f"the value {item['input']!r}", "correct the value"
        if location[:1] == ("database",):
            found = "a value that cannot be used"  # whatever it is, it is not repeated: it may be a secret
        said = item["msg"].removeprefix("Input should be ").removeprefix("String should have ")
        allowed = PATTERNS.get(str(item.get("ctx", {}).get("pattern")), said)
        if item["type"] == "fault":
            context = item["ctx"]
            found, allowed, advice = context["found"], context["allowed"], context["next"]
        elif item["type"] == "extra_forbidden":
            keys = known(location[:-1])
            near = nearest(location[-1], keys)
            found, allowed = "an unknown key", ", ".join(keys)
            advice = f"write {near!r}" if near else "remove the key"
        elif item["type"] == "missing":
            found, allowed, advice = "nothing", "a value", f"add the key {location[-1]!r}"
        problems.append(Problem(where, None, ".".join(location) or None, found, allowed, advice))
    return problems


def fault(found: str, allowed: str, advice: str) -> PydanticCustomError:
    """The error that a check of several keys raises: what was found, what is allowed, what to do next."""
    context = {"found": found, "allowed": allowed, "next": advice}
    return PydanticCustomError("fault", "found {found}; allowed: {allowed}", context)


def known_keys(model: type[BaseModel]) -> Callable[[tuple[str, ...]], list[str]]:
    """A function that gives the keys that `model` allows at a place such as `("anchors", "size")`."""

    def at(place: tuple[str, ...]) -> list[str]:
        current: Any = model
        for part in place:
            if isinstance(current, _ByName):
                current = current.value
                continue
            if not _is_model(current) or part not in current.model_fields:
                return []
            current = _inner(current.model_fields[part].annotation)
        return [field.alias or name for name, field in current.model_fields.items()] if _is_model(current) else []

    return at


class _ByName:
    """Stands for a table of TOML whose keys are names of segments or products."""

    def __init__(self, value: Any) -> None:
        self.value = value


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _inner(annotation: Any) -> Any:
    """The model inside `Model | None`, the dict whose values are models as such a model, or the annotation itself."""
    if typing.get_origin(annotation) is dict:
        return _ByName(typing.get_args(annotation)[1])
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return next((arg for arg in typing.get_args(annotation) if _is_model(arg)), annotation)
    return annotation
