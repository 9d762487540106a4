"""What docs/production.md tells people to type exists: commands and options of the command line, and code that can be read."""

from __future__ import annotations

import argparse
import ast
import configparser
import re
from pathlib import Path

import pytest
import yaml

from workbench.cli import _parser

TEXT = (Path(__file__).resolve().parents[1] / "docs" / "production.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", TEXT, re.DOTALL)
COMMAND = re.compile(r"(?:^|[\s`/])workbench ([a-z][a-z-]*)((?: +[^\s`\"';|&]+)*)")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
OTHERS = {  # options of other programs, by the words they stand beside
    "--now", "--priority", "--quiet", "--require-hashes", "--no-build-isolation", "--no-deps", "--editable", "--host",
    "--port", "--nthreads", "--nworkers", "--no-dashboard",
}  # fmt: skip


def commands() -> dict[str, argparse.ArgumentParser]:
    """The subcommands of `workbench` by name."""
    action = next(each for each in _parser()._actions if isinstance(each, argparse._SubParsersAction))
    return dict(action.choices)


def lines() -> list[tuple[str, str]]:
    """Each `workbench …` of the text: the subcommand and the rest of what is typed."""
    prose = re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL)
    spans = [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose)]
    code = "\n".join([*(code for _, code in BLOCKS), *spans])
    code = re.sub(r'"\s*\n\s*"', "", code)  # a string that goes on in the next line
    return [(found[1], found[2]) for found in COMMAND.finditer(code)]


def test_the_document_names_commands():
    assert {name for name, _ in lines()} >= {"report", "check", "verify", "rollback"}


@pytest.mark.parametrize(("name", "rest"), lines(), ids=lambda each: each.strip()[:40] or "alone")
def test_every_command_line_of_the_document_can_be_typed(name, rest):
    known = commands()
    assert name in known
    unknown = set(OPTION.findall(rest)) - set(known[name]._option_string_actions)
    assert not unknown, f"workbench {name} has no {sorted(unknown)}"


@pytest.mark.parametrize("option", sorted(set(OPTION.findall(TEXT)) - OTHERS))
def test_every_option_of_the_document_exists(option):
    assert any(option in each._option_string_actions for each in commands().values())


def test_a_command_or_option_that_does_not_exist_would_be_seen():
    found = COMMAND.search("run `workbench repor BOOK --quater 2026Q3`")
    assert found and found[1] not in commands() and OPTION.findall(found[2]) == ["--quater"]


def test_its_python_its_units_and_its_workflow_can_be_read():
    kinds = [kind for kind, _ in BLOCKS]
    assert kinds.count("ini") == 3 and kinds.count("python") == 3 and "yaml" in kinds and "cron" in kinds
    for kind, code in BLOCKS:
        if kind == "python":
            ast.parse(code)
        elif kind == "yaml":
            assert "report" in yaml.safe_load(code)["jobs"]
        elif kind == "ini":
            unit = configparser.ConfigParser(strict=True, interpolation=None)
            unit.read_string(code)
            assert {"Service", "Timer"} & set(unit.sections())
