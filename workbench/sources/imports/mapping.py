"""Mapping files (TOML): what the mappings of all exports share, and how one is read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

from pydantic import BaseModel, Field, ValidationError, model_validator

from workbench.book.settings import Strict, known_keys, validation_problems
from workbench.errors import BookError, Problem
from workbench.sources.tables import read_toml

Text = Annotated[str, Field(min_length=1)]
Key = Annotated[str, Field(pattern=r"^[^\s\x00-\x1f\x7f]([^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?$")]
M = TypeVar("M", bound=BaseModel)


class LeaveOut(Strict):
    """Rows left out by a name: where `column` is blank, equals a value, or holds a name that is not mapped."""

    name: Text
    column: Text
    blank: bool = False
    equals: list[str] = Field(default_factory=list)
    unmapped: bool = False
    when: dict[str, list[str]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _says_when(self) -> Self:
        if not (self.blank or self.equals or self.unmapped):
            raise ValueError("say which rows: blank = true, equals = [...] or unmapped = true")
        return self


def read_mapping(path: Path, model: type[M], lists: Mapping[str, type[BaseModel]]) -> M:
    """The mapping in a TOML file; `lists` gives the model of each list in it.

    Raises BookError with every problem in it.
    """
    if not path.is_file():
        raise BookError([Problem(path.name, None, None, "no such file", "a mapping file (TOML)", "correct the path")])
    data, problems = read_toml(path)
    if problems:
        raise BookError(problems)
    base = known_keys(model)

    def keys(place: tuple[str, ...]) -> list[str]:
        return list(lists[place[0]].model_fields) if place and place[0] in lists else base(place)

    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise BookError(validation_problems(path.name, error, keys)) from None


def is_number(value: Any) -> bool:
    """True for an int or float, not for true or false."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)
