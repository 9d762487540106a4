"""What a second run uses again, and what an older report is good for."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.batch.company import DIGEST
from tests.batch.spared import spared
from tests.stages import slow
from workbench.errors import RunError
from workbench.report.run.options import Options
from workbench.report.run.rollback import rollback
from workbench.report.run.run import Published, dry_run, publish_report
from workbench.report.store.manifest import RECORD
from workbench.report.store.verify import verify

Publish = Callable[..., Published]
BOLD = "focus = 2\n\n[weights]\nrevenue = 1\n\n[anchors]\nrevenue = { low = 100, neutral = 1000, high = 9000 }\n"


@pytest.fixture
def company(kernels: Any) -> Iterator[Any]:
    """As `kernels`, but no cell is run: all else of a run is as ever."""
    with spared():
        yield kernels


@pytest.fixture
def kernels(twin_book: Path, notebooks: Callable[[dict[str, Any]], Path], tmp_path: Path) -> Any:
    """A book with the scenarios `base` and `bold`, two notebooks, and what publishes them."""
    book = tmp_path / "twin"
    shutil.copytree(twin_book, book)
    (book / "scenarios" / "bold.toml").write_text(BOLD, encoding="utf-8")
    folder = notebooks({"0_plan": [DIGEST], "1_more": ["1 + 1", DIGEST]})

    def run(scenarios: list[str] | None = None, **options: Any) -> Published:
        how = Options(jobs=2, pdf=False, **options)
        return publish_report(book, None, scenarios, tmp_path / "reports", how, notebooks=folder)

    return book, folder, tmp_path / "reports" / "twin" / "2026Q3", run


def ran(link: Path) -> list[str]:
    """The notebooks that the published run ran, not counting those used again."""
    return sorted(json.loads((link / RECORD).read_bytes())["notebooks"])


def test_an_unchanged_second_run_runs_nothing_and_says_so(company: Any) -> None:
    _, _, link, run = company
    first = run()
    target = link.readlink()
    second = run()
    assert (first.ran, second.ran, second.again) == (4, 0, 0) and link.readlink() == target
    assert "Nothing has changed" in second.sentences()[0] and "no notebook was run" in second.sentences()[0]


def test_after_one_scenario_is_touched_only_its_notebooks_run(company: Any) -> None:
    book, _, link, run = company
    run()
    (book / "scenarios" / "bold.toml").write_text(BOLD.replace("focus = 2", "focus = 1"), encoding="utf-8")
    done = run()
    assert (done.ran, done.again) == (2, 2) and ran(link) == ["bold/0_plan.ipynb", "bold/1_more.ipynb"]


def test_after_one_notebook_is_touched_only_that_one_runs(company: Any) -> None:
    _, folder, link, run = company
    run()
    path = folder / "1_more.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("1 + 1", "1 + 2"), encoding="utf-8")
    run()
    assert ran(link) == ["base/1_more.ipynb", "bold/1_more.ipynb"]


def test_after_the_book_is_touched_everything_runs(company: Any) -> None:
    book, _, link, run = company
    run()
    text = (book / "revenue.csv").read_text(encoding="utf-8")
    (book / "revenue.csv").write_text(text.replace("2026Q3,2326", "2026Q3,2327"), encoding="utf-8")
    assert text != (book / "revenue.csv").read_text(encoding="utf-8")
    run()
    assert len(ran(link)) == 4


def test_a_remark_in_a_scenario_makes_a_new_report_without_running_a_notebook(company: Any) -> None:
    book, _, link, run = company
    run()
    (book / "scenarios" / "bold.toml").write_text("# as the board wished\n" + BOLD, encoding="utf-8")
    done = run()
    assert (done.ran, done.again) == (0, 4) and ran(link) == []


@slow
def test_fresh_runs_everything_and_gives_the_same_bytes(kernels: Any) -> None:
    _, _, link, run = kernels
    run()
    before = {path.name: path.read_bytes() for path in link.rglob("*.html")}
    assert run(fresh=True).ran == 4
    assert {path.name: path.read_bytes() for path in link.rglob("*.html")} == before


@slow
def test_what_a_failed_run_finished_is_used_again_on_resume_only(kernels: Any) -> None:
    _, folder, link, run = kernels
    good = (folder / "1_more.ipynb").read_text(encoding="utf-8")
    (folder / "1_more.ipynb").write_text(good.replace("1 + 1", "1 / 0"), encoding="utf-8")
    with pytest.raises(RunError, match="ZeroDivisionError"):
        run()
    (folder / "1_more.ipynb").write_text(good, encoding="utf-8")
    assert "0 unchanged" in dry_run(kernels[0], reports=link.parents[1], notebooks=folder)[1]
    assert "1 unchanged" in dry_run(kernels[0], reports=link.parents[1], how=Options(resume=True), notebooks=folder)[1]
    run(resume=True)
    assert ran(link) == ["base/1_more.ipynb", "bold/1_more.ipynb"]


def test_a_finished_notebook_that_was_changed_since_is_run_again(company: Any) -> None:
    _book, _, link, run = company
    run()
    notebook = link / "base" / "0_plan.ipynb"
    notebook.write_text(notebook.read_text(encoding="utf-8").replace("Page", "Pagan"), encoding="utf-8")
    run()
    assert ran(link) == ["base/0_plan.ipynb"] and verify(link)


def test_a_dry_run_says_what_would_run_and_writes_nothing(company: Any) -> None:
    book, folder, link, _ = company
    lines = dry_run(book, reports=link.parents[1], how=Options(jobs=2), notebooks=folder)
    assert lines[0] == "Twin & Sons, quarter 2026Q3: 4 notebooks, 2 at a time."
    assert lines[1] == "  scenario base: 2 notebooks; 2 to run, 0 unchanged and used again"
    assert not link.parents[1].exists()


def test_verify_finds_each_changed_byte_each_lost_and_each_added_file(company: Any) -> None:
    _, _, link, run = company
    run(scenarios=["base"])
    assert verify(link) == verify(link.parent) == [line for line in verify(link) if "each byte as published" in line]
    for path in sorted(link.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
            with pytest.raises(RunError) as raised:
                verify(link)
            named = {Path(problem.where).name for problem in raised.value.problems}
            assert path.name in named or named & {"SHA256SUMS", "manifest.json"}, path
            path.write_bytes(data)
    (link / "extra.html").write_text("x", encoding="utf-8")
    (link / "index.html").unlink()
    with pytest.raises(RunError) as raised:
        verify(link)
    assert {problem.found for problem in raised.value.problems} == {
        "a file that is gone",
        "a file that was not published",
    }


def test_rollback_goes_back_a_report_and_forward_again_by_name(company: Any) -> None:
    _book, _, link, run = company
    run(scenarios=["base"])
    first = link.resolve().name
    run(scenarios=["bold"])
    second = link.resolve().name
    assert first in rollback(link)[0] and link.resolve().name == first
    with pytest.raises(RunError, match="no run older"):
        rollback(link)
    rollback(link, second)
    assert link.resolve().name == second and "bold" in (link.parent / "index.html").read_text(encoding="utf-8")
    (link.parent / ".runs" / first / "index.html").write_text("x", encoding="utf-8")
    with pytest.raises(RunError, match="other bytes"):
        rollback(link)
    assert link.resolve().name == second


@slow
def test_only_so_many_reports_are_kept(company: Any) -> None:
    _, _, link, run = company
    for _ in range(3):
        run(fresh=True, keep=2)
    assert len([path for path in (link.parent / ".runs").iterdir() if path.is_dir()]) == 2


def test_a_scenario_whose_predecessor_is_not_asked_for_can_be_published_alone(company: Any) -> None:
    book, _, link, run = company
    (book / "scenarios" / "bold.toml").write_text('before = "base"\n' + BOLD, encoding="utf-8")
    run(scenarios=["bold"])
    assert sorted(path.name for path in link.iterdir() if path.is_dir()) == ["bold"]


@slow
def test_a_partial_report_says_so_on_every_page_and_is_not_on_the_list_of_quarters(kernels: Any) -> None:
    _, folder, link, run = kernels
    path = folder / "1_more.ipynb"
    path.write_text(
        path.read_text(encoding="utf-8").replace("1 + 1", "raise ValueError('<b>no</b> figure')"), encoding="utf-8"
    )
    with pytest.raises(RunError):
        run()
    assert not link.exists()
    evidence = next((link.parent / ".runs").glob("*.failed"))
    done = run(allow_partial=True)
    assert len(done.lacking) == 2 and done.sentences()[0].startswith("Published in part 2 scenarios")
    for folder_ in (evidence, link):
        for page in folder_.rglob("*.html"):
            assert "This report is partial: 2 of 4 pages could not be made." in page.read_text(encoding="utf-8"), page
        failed = (folder_ / "base" / "1_more.html").read_text(encoding="utf-8")
        assert (
            "ValueError: &lt;b&gt;no&lt;/b&gt; figure" in failed
            and 'href="1_more.ipynb"' in failed
            and "`raise ValueError(" in failed
        )
    assert "No whole report is published yet." in (link.parent / "index.html").read_text(encoding="utf-8")
    assert run(allow_partial=True).ran == 2  # what is missing is tried again


def test_a_scenario_without_a_plan_stops_the_run_or_is_left_out_with_a_banner(company: Any) -> None:
    book, _, link, run = company
    (book / "scenarios" / "bold.toml").write_text(BOLD + "\n[growth_adjustments]\nmoon = 0.1\n", encoding="utf-8")
    with pytest.raises(RunError, match="moon"):
        run()
    assert not link.exists() and not list((link.parent / ".runs").glob("2026Q3-*"))
    done = run(allow_partial=True)
    page = (link / "index.html").read_text(encoding="utf-8")
    assert done.scenarios == ("base",) and "there is no plan for bold" in page and "moon" in page
