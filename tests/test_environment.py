"""What has to be installed is said once, in pyproject.toml; the lock and the conda file agree with it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = [
    text
    for texts in PROJECT["optional-dependencies"].values()
    for text in texts
    if not text.startswith(PROJECT["name"])
]  # one extra that takes in others
DIRECT = {canonicalize_name(need.name): need.specifier for need in map(Requirement, PROJECT["dependencies"] + EXTRAS)}
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
ENTRIES = re.split(r"\n(?=\S)", LOCK.strip())

# Where conda-forge calls a package otherwise than PyPI does.
CONDA_NAMES = {"duckdb": "python-duckdb", "playwright": "playwright-python"}


def conda_ranges() -> dict[str, SpecifierSet]:
    """The names and ranges in environment.yml."""
    lines = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    from_pip = [Requirement(text) for text in lines.pop()["pip"]]
    pairs = [line.partition(" ")[::2] for line in lines] + [(need.name, str(need.specifier)) for need in from_pip]
    assert len({name for name, _ in pairs}) == len(pairs)
    return {name: SpecifierSet(limits) for name, limits in pairs}


def locked() -> dict[str, list[str]]:
    """The versions in the lock, by name; several where they differ by marker."""
    versions: dict[str, list[str]] = {}
    for entry in ENTRIES:
        need = Requirement(entry.split("\\")[0].strip())
        (pin,) = need.specifier
        assert pin.operator == "=="
        versions.setdefault(canonicalize_name(need.name), []).append(pin.version)
    return versions


def test_the_conda_file_holds_the_names_and_ranges_of_the_project():
    expected = {CONDA_NAMES.get(name, name): limits for name, limits in DIRECT.items()}
    expected |= {"python": SpecifierSet(PROJECT["requires-python"]), "pip": SpecifierSet()}
    assert conda_ranges() == expected


def test_the_conda_file_says_that_it_was_never_solved():
    assert "never been solved" in (ROOT / "environment.yml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(DIRECT))
def test_a_direct_dependency_is_locked_within_its_range(name):
    assert [version for version in locked()[name] if version not in DIRECT[name]] == []


def test_every_entry_of_the_lock_has_a_hash():
    assert len(ENTRIES) > len(DIRECT)
    assert [entry.splitlines()[0] for entry in ENTRIES if not re.search(r"--hash=sha256:[0-9a-f]{64}", entry)] == []


def test_the_lock_holds_no_address():
    assert re.findall(r"https?:|file:|git\+|--(?:extra-)?index-url|--find-links|@ ", LOCK) == []
