"""A notebook that takes a segment is run once for each: a page of its own, whatever its key, linked in rank order."""

from __future__ import annotations

import itertools
import json
import re
import shutil
from collections.abc import Callable, Sequence
from html import unescape
from pathlib import Path
from typing import Any

import papermill
import pytest

from tests.report.conftest import NASTY, PARAMETERS, write_notebook
from workbench.errors import RunError
from workbench.report.run.inputs import NOTEBOOKS, check_notebooks, declared
from workbench.report.run.options import Options
from workbench.report.run.run import publish_report
from workbench.report.store.names import LONGEST, brief_name
from workbench.view.blocks import answer

DIGEST = """\
import hashlib, pathlib

digest = hashlib.sha256(pathlib.Path(scenario, "plan.json").read_bytes()).hexdigest()
show({"type": "digest", "digest": digest})
"""
SHOWN = f"show({{**{answer('x').content!r}, 'parts': [['About ' + segment, False]]}})"
FOR_EACH = PARAMETERS + 'segment: str = "north"  # key of the segment\n'
KEYS = {"north": "NA", "south": '../na & "<b>"'}  # a key that a path, a sheet or a page could trip over
Write = Callable[[dict[str, Sequence[Any]]], Path]


def test_no_two_keys_give_one_file_name_in_any_capitals_and_no_name_leaves_the_folder() -> None:
    letters = ["a", "A", "_", "-", " ", "/", ".", "ä", "<"]
    keys = ["".join(each) for length in (1, 2, 3) for each in itertools.product(letters, repeat=length)]
    keys += ["a" * length for length in range(4, 3 * LONGEST)] + [f"{'b' * LONGEST}{end}" for end in "cd"]
    names = [brief_name("5_segment_brief", key) for key in keys]
    assert len({name.casefold() for name in names}) == len(keys)
    assert all(re.fullmatch(r"5_segment_brief_[a-z0-9_]*(-[0-9a-f]{12})?", name) and len(name) < 80 for name in names)
    assert brief_name("5_segment_brief", "public_sector") == "5_segment_brief_public_sector"


@pytest.fixture(scope="module")
def published(twin_book: Path, notebooks: Write, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("books") / "keys"
    shutil.copytree(twin_book, folder)
    for path in folder.glob("*.csv"):
        text = path.read_text(encoding="utf-8")
        for plain, key in KEYS.items():
            quoted = '"' + key.replace('"', '""') + '"'
            text = re.sub(rf"(^|,){plain}(?=,)", lambda found, quoted=quoted: found[1] + quoted, text, flags=re.M)
        path.write_text(text, encoding="utf-8")
    pages = notebooks({"0_plan": [DIGEST]})
    write_notebook(pages / "5_brief.ipynb", SHOWN, DIGEST, parameters=FOR_EACH, opening="# Brief")
    done = publish_report(
        folder, reports=tmp_path_factory.mktemp("reports"), how=Options(jobs=2, pdf=False), notebooks=pages
    )
    return done.index.parent


def test_each_segment_has_a_page_that_ran_for_it_and_bears_its_name(published: Path) -> None:
    for key, name in zip(KEYS.values(), (NASTY, "South"), strict=True):
        page = (published / "base" / f"{brief_name('5_brief', key)}.html").read_text(encoding="utf-8")
        assert f"About {key}" in unescape(page) and "<b>" not in page.partition("<h1>")[2].partition("</h1>")[0]
        title = page.partition("<title>")[2].partition("</title>")[0]
        assert f"Brief: {name}," in unescape(title) and "<" not in title
        assert "<script" not in page and 'class="brief"' in page


def test_every_page_and_the_index_link_to_the_briefs_the_chosen_first(published: Path) -> None:
    order = json.loads((published / "base" / "plan.json").read_bytes())["tables"]["ranking.order"]
    ranked = sorted(order, key=lambda row: not row["chosen"])
    files = [f"{brief_name('5_brief', row['segment'])}.html" for row in ranked]
    for page in published.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        links = [unescape(link) for link in re.findall(r'<a href="([^"#]+)"', text)]
        assert [Path(link).name for link in links if "5_brief" in link] == files, page
        assert all((page.parent / link).is_file() for link in links)
        assert text.index(files[0]) < text.index("not chosen") < text.index(files[1])
    here = (published / "base" / files[1]).read_text(encoding="utf-8")
    assert re.findall(r'<a href="([^"]*)" aria-current="page"', here) == [files[1]]


def test_the_manifest_holds_every_brief(published: Path) -> None:
    outputs = json.loads((published / "manifest.json").read_bytes())["outputs"]
    for key in KEYS.values():
        assert {f"base/{brief_name('5_brief', key)}.{ending}" for ending in ("html", "ipynb")} <= set(outputs)


def test_a_brief_that_fails_is_named_with_its_segment(twin_book: Path, notebooks: Write, tmp_path: Path) -> None:
    pages = notebooks({"0_plan": [DIGEST]})
    fails = "assert segment != 'south', 'no brief'"
    write_notebook(pages / "5_brief.ipynb", fails, DIGEST, parameters=FOR_EACH)
    with pytest.raises(RunError) as raised:
        publish_report(twin_book, reports=tmp_path, notebooks=pages)
    (problem,) = raised.value.problems
    assert "segment 'south'" in problem.where and "no brief" in problem.found
    assert Path(problem.next.removeprefix("look at ")).is_file()


def test_a_segment_is_demanded_of_no_notebook_and_allowed_in_any(notebooks: Write) -> None:
    folder = notebooks({"0_plan": [DIGEST]})
    write_notebook(folder / "5_brief.ipynb", DIGEST, parameters=FOR_EACH)
    write_notebook(folder / "6_other.ipynb", DIGEST, parameters=FOR_EACH.replace("segment:", "segmnt:"))
    briefs, problems = check_notebooks(sorted(folder.glob("*.ipynb")), folder)
    assert briefs == {"5_brief.ipynb"}
    assert [(problem.where, problem.found) for problem in problems] == [
        ("6_other.ipynb", "the unknown parameter segmnt")
    ]


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_the_parameters_of_our_notebooks_are_those_that_papermill_finds(path: Path) -> None:
    assert declared(path) == list(papermill.inspect_notebook(path))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("no JSON", "Expecting value"),
        ("[]", "no list of cells in notebook format 4"),
        ('{"nbformat": 3, "worksheets": []}', "no list of cells in notebook format 4"),
        ('{"nbformat": 4, "cells": [{"metadata": {"tags": ["parameters"]}, "source": "%time"}]}', "invalid syntax"),
    ],
)
def test_a_file_that_is_no_notebook_is_said(text: str, found: str, tmp_path: Path) -> None:
    path = tmp_path / "0_plan.ipynb"
    path.write_text(text, encoding="utf-8")
    _, (problem,) = check_notebooks([path], tmp_path)
    assert problem.where == "0_plan.ipynb" and found in problem.found and "no readable notebook" in problem.found
