"""The settings of a book (`book.toml`): company, currency, fiscal year, and the defaults that stand in."""

from __future__ import annotations

import datetime as dt
import difflib
import types
import typing
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workbench.errors import Problem

Share = Annotated[float, Field(ge=0, le=1)]
Money = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Strict(BaseModel):
    """A frozen model that knows its keys and converts nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class ByLever(Strict):
    """One share for each lever; together at most 1."""

    product: Share
    marketing: Share
    sales: Share


class BookSettings(Strict):
    """`book.toml`. Where a table is silent the defaults below stand in, and the figure is marked *assumed*.

    `reach` is the part of an addressable market that one company can win; `erosion` the part of a cell's revenue
    that a year without a lever's spend would lose; `half_saturation_y` (currency a year) the spend at which half
    the effect is reached where nothing is spent today; `lever_split` how a cell's runway divides over the levers:
    its `product` part counts only where needs and coverage do not tell the gap. `data_from` is the first day that
    the data cover: a first quarter that starts before it is cut short.
    """

    company: Annotated[str, Field(min_length=1)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    fiscal_month: Annotated[int, Field(ge=1, le=12)] = 1
    data_from: dt.date | None = None
    reach: Share = 0.3
    erosion: ByLever = ByLever(product=0.10, marketing=0.06, sales=0.14)
    lever_split: ByLever = ByLever(product=0.4, marketing=0.25, sales=0.35)
    half_saturation_y: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 250_000.0


def validation_problems(
    where: str, error: ValidationError, known: Callable[[tuple[str, ...]], list[str]]
) -> list[Problem]:
    """The problems of a rejected TOML file; `known` gives the keys allowed at a place in it."""
    problems = []
    for item in error.errors():
        location = tuple(str(part) for part in item["loc"])
        found = f"the value {item['input']!r}"
        allowed, advice = item["msg"].removeprefix("Value error, "), "correct the value"
        if item["type"] == "extra_forbidden":
            keys = known(location[:-1])
            near = difflib.get_close_matches(location[-1], keys, 1)
            found, allowed = "an unknown key", ", ".join(keys)
            advice = f"write {near[0]!r}" if near else "remove the key"
        elif item["type"] == "missing":
            found, allowed, advice = "nothing", "a value", f"add the key {location[-1]!r}"
        problems.append(Problem(where, None, ".".join(location) or None, found, allowed, advice))
    return problems


def known_keys(model: type[BaseModel]) -> Callable[[tuple[str, ...]], list[str]]:
    """A function that gives the keys that `model` allows at a place such as `("anchors", "size")`."""

    def at(place: tuple[str, ...]) -> list[str]:
        current: Any = model
        for part in place:
            if not _is_model(current) or part not in current.model_fields:
                return []
            current = _inner(current.model_fields[part].annotation)
        return list(current.model_fields) if _is_model(current) else []

    return at


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _inner(annotation: Any) -> Any:
    """The model inside `Model | None`, or the annotation itself."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return next((arg for arg in typing.get_args(annotation) if _is_model(arg)), annotation)
    return annotation
