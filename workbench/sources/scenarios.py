"""A scenario written as the TOML file that every way of planning reads; what was explained in its file stays explained."""

from __future__ import annotations

import os
import re
import tempfile
import tomllib
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

import tomlkit

from workbench.book.settings import NAME
from workbench.errors import Problem, ScenarioError
from workbench.scenario import Scenario, make_scenario
from workbench.sources.tables import book_folder, load_scenario, scenario_names


def save_scenario(
    scenario: Scenario, name: str, book: str | Path, *, start: str | None = None, replace: bool = False
) -> Path:
    """The path of `scenario`, saved as `name` under the book's `scenarios/`.

    The file is that of the scenario `start` with what differs written over it, so that its remarks stay; without `start`
    it says what differs from the defaults. Raises ScenarioError, and writes nothing, where the name cannot be one, or
    is taken and `replace` is not given, or where the file could not say the same.
    """
    path = _free_path(name, book, replace)
    document = tomlkit.document()
    before: str | None = None
    if start is not None:
        source = book_folder(book) / "scenarios" / f"{start}.toml"
        document = tomlkit.parse(source.read_text(encoding="utf-8"))
        before = document.get("before")
        if before == name:
            found, advice = f"a scenario with before = {name!r}, itself", "choose another name, or change before"
            raise ScenarioError([Problem(path.name, None, "before", found, "another scenario", advice)])
    known = _plain(load_scenario(start, book)) if start is not None else {}
    _write_over(document, known, _plain(scenario))
    if "name" in document:
        document["name"] = name
    text = tomlkit.dumps(document)
    _check(text, scenario, name, before, book)
    path.parent.mkdir(exist_ok=True)
    _put(path, text, replace)
    return path


def _free_path(name: str, book: str | Path, replace: bool) -> Path:
    if not re.fullmatch(NAME, name):
        allowed = "letters, digits, - and _, at most 64 of them, the first no sign"
        raise ScenarioError([Problem("scenario", None, "name", repr(name), allowed, "choose another name")])
    path = book_folder(book) / "scenarios" / f"{name}.toml"
    taken = next((each for each in scenario_names(book) if each.lower() == name.lower()), None)
    if taken is not None and not (replace and taken == name):
        raise ScenarioError([_taken(taken)])
    return path


def _taken(name: str) -> Problem:
    return Problem(f"{name}.toml", None, None, "a scenario of that name", "a new name", "choose another, or replace it")


def _plain(scenario: Scenario) -> dict[str, Any]:
    """What a file says of a scenario: without name, and without the one before, which stands there as a name."""
    return scenario.model_dump(mode="json", exclude={"name", "before"}, exclude_defaults=True)


def _write_over(table: MutableMapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Changes in a TOML table, at every depth, what differs between two scenarios."""
    for key in old:
        if key not in new:
            table.pop(key, None)
    for key, value in new.items():
        former = old.get(key)
        if value == former:
            continue
        if isinstance(value, Mapping) and isinstance(table.get(key), MutableMapping):
            _write_over(table[key], former if isinstance(former, Mapping) else {}, value)
        else:
            table[key] = _item(value)


def _item(value: Any) -> Any:
    """A value as TOML; whole numbers without a point."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return {key: _item(each) for key, each in value.items()} if isinstance(value, Mapping) else value


def _check(text: str, scenario: Scenario, name: str, before: str | None, book: str | Path) -> None:
    """Raises ScenarioError where the text would not be read as the scenario it stands for."""
    data = tomllib.loads(text)
    if before is not None:
        data["before"] = load_scenario(before, book).model_dump(exclude={"before"})
    read = make_scenario({**data, "name": name}, f"{name}.toml")
    if _comparable(read) != _comparable(scenario):
        found = "assumptions that a scenario file cannot hold (such as another scenario before)"
        raise ScenarioError(
            [Problem(f"{name}.toml", None, None, found, "what a file can say", "save it from its own file")]
        )


def _comparable(scenario: Scenario) -> dict[str, Any]:
    return scenario.model_dump(exclude={"name"})


def _put(path: Path, text: str, replace: bool) -> None:
    """The file, whole or not at all; one that appeared in the meantime stays."""
    handle, draft = tempfile.mkstemp(prefix=".scenario-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        Path(draft).chmod(0o644)
        if replace:
            Path(draft).replace(path)
        else:
            os.link(draft, path)
    except FileExistsError:
        raise ScenarioError([_taken(path.stem)]) from None
    finally:
        Path(draft).unlink(missing_ok=True)
