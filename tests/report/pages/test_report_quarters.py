"""From quarter to quarter: what was published before is found, compared with, and listed."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.batch.company import DIGEST
from tests.stages import slow
from workbench.errors import RunError
from workbench.report.run.options import Options
from workbench.report.run.run import publish_report
from workbench.report.store.earlier import published_before
from workbench.report.store.lock import held
from workbench.report.store.manifest import read_manifest


class Published(NamedTuple):
    """The home of the reports of two quarters, the book and the notebooks."""

    home: Path
    book: Path
    notebooks: Path


@pytest.fixture(scope="module")
def two(
    twin_book: Path, notebooks: Callable[[dict[str, Any]], Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Published]:
    folder = tmp_path_factory.mktemp("quarters")
    book, pages = folder / "twin", notebooks({"0_plan": [DIGEST]})
    shutil.copytree(twin_book, book)
    publish_report(book, "2026Q2", reports=folder / "reports", how=Options(pdf=False), notebooks=pages)
    text = (book / "revenue.csv").read_text(encoding="utf-8")
    text = re.sub(r"007,north,2026Q(\d),(\d+)", lambda row: f"007,north,2026Q{row[1]},{int(row[2]) // 3}", text)
    (book / "revenue.csv").write_text(text, encoding="utf-8")
    publish_report(book, "2026Q3", reports=folder / "reports", how=Options(pdf=False), notebooks=pages)
    yield Published(folder / "reports" / "twin", book, pages)


def test_the_report_of_the_quarter_before_is_found_by_itself(two: Published) -> None:
    found = published_before(two.home, "2026Q3")
    assert found is not None and found.quarter == "2026Q2" and list(found.plans) == ["base"]
    assert found.plans["base"] == json.loads((two.home / "2026Q2/base/plan.json").read_bytes())
    assert published_before(two.home, "2026Q2") is None


def test_the_index_says_what_changed_since_then_as_it_was_published(two: Published) -> None:
    then = {
        row["segment"]: row for row in published_before(two.home, "2026Q3").plans["base"]["tables"]["ranking.order"]
    }  # type: ignore[union-attr]
    now = json.loads((two.home / "2026Q3/base/plan.json").read_bytes())["tables"]["ranking.order"]
    text = (two.home / "2026Q3/index.html").read_text(encoding="utf-8")
    section = text[text.index('id="since"') : text.index('id="pages"')]
    assert [row["segment"] for row in now if row["chosen"]] == ["south"] and then["north"]["chosen"]
    assert "South comes in and" in section and "goes out" in section
    assert "Since the plan published for 2026 Q3, scenario base" in section and "<script>window" not in section
    assert 'id="since"' not in (two.home / "2026Q2/index.html").read_text(encoding="utf-8")


def test_restated_figures_are_said(two: Published) -> None:
    text = (two.home / "2026Q3/index.html").read_text(encoding="utf-8")
    assert "figures were restated" in text


def test_the_list_of_quarters_names_each_decision_newest_first(two: Published) -> None:
    text = (two.home / "index.html").read_text(encoding="utf-8")
    assert text.index("Plan for 2026 Q4") < text.index("Plan for 2026 Q3")
    for quarter in ("2026Q3", "2026Q2"):
        content = read_manifest(two.home / quarter)
        assert content is not None and not content["partial"]
    for link in re.findall(r'href="([^"#:]+)"', text):
        if not link.startswith("data"):
            assert (two.home / link).is_file(), link
    assert "Content-Security-Policy" in text and "&lt;script&gt;window.hit=1&lt;/script&gt;" in text


@slow
def test_a_new_earlier_report_makes_a_new_later_one_without_running_a_notebook(two: Published) -> None:
    (two.book / "scenarios" / "base.toml").open("a", encoding="utf-8").write("\n# a remark\n")
    for quarter in ("2026Q2", "2026Q3"):
        done = publish_report(
            two.book, quarter, reports=two.home.parent, how=Options(pdf=False), notebooks=two.notebooks
        )
        assert done.ran == (1 if quarter == "2026Q2" else 0)  # the restated revenue lies in the earlier quarter


def test_a_run_leaves_with_a_sentence_while_another_holds_the_quarter(two: Published) -> None:
    with held(two.home, "2026Q3"):
        with pytest.raises(RunError, match=r"another run at work \(process \d+ since"):
            publish_report(two.book, "2026Q3", reports=two.home.parent, how=Options(pdf=False), notebooks=two.notebooks)
        publish_report(two.book, "2026Q2", reports=two.home.parent, how=Options(pdf=False), notebooks=two.notebooks)
    publish_report(two.book, "2026Q3", reports=two.home.parent, how=Options(pdf=False), notebooks=two.notebooks)


def test_reports_of_two_companies_do_not_mix(two: Published) -> None:
    told = (two.book / "book.toml").read_text(encoding="utf-8")
    (two.book / "book.toml").write_text(told.replace("Twin & Sons", "Other & Daughters"), encoding="utf-8")
    with pytest.raises(RunError, match="Twin & Sons"):
        publish_report(two.book, "2026Q3", reports=two.home.parent, how=Options(pdf=False), notebooks=two.notebooks)
    (two.book / "book.toml").write_text(told, encoding="utf-8")
