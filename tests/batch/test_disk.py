"""A full disk and a folder that may not be written: a sentence and exit 1; the old report stands, and the next run works."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.batch.company import QUARTER, key, report, start, write_company
from tests.batch.disk import fill_up, make_room, rights_bind, small_disk, take_names
from tests.batch.spared import spared_report
from tests.stages import later, slow
from workbench.report.pages.shelf import shelf_page
from workbench.report.run.progress import Progress
from workbench.report.store.publish import Run
from workbench.report.store.verify import verify

PHASES = ("Checking the book", "Planning", "Running notebooks", "Writing pages", "Writing the index", "Checking the report",
          "Publishing")  # fmt: skip
Fault = Callable[[Path], None]
publish = importlib.import_module("workbench.report.store.publish")  # by its name the room hands out a function


@pytest.fixture(scope="module")
def companies(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A company with a published report, and the same one with other revenue, not published yet."""
    old, new = tmp_path_factory.mktemp("old"), tmp_path_factory.mktemp("new")
    write_company(old)
    write_company(new, revenue=1.7)
    assert spared_report(old) == 0
    return old, new


@pytest.fixture
def root(companies: tuple[Path, Path], tmp_path: Path) -> Iterator[Path]:
    """The company with its old report on a small disk, its new revenue not published yet; `root/disk` is the disk."""
    old, new = companies
    (tmp_path / "disk").mkdir()
    with small_disk(tmp_path / "disk") as disk:
        shutil.copytree(old / "reports", disk / "reports", symlinks=True)
        shutil.copytree(new / "twin", tmp_path / "twin")
        shutil.copytree(new / "notebooks", tmp_path / "notebooks")
        (tmp_path / "reports").symlink_to(disk / "reports", target_is_directory=True)
        yield tmp_path


def seen(root: Path) -> dict[str, bytes | str]:
    """All that readers see of the company's reports: the link, each byte of what it leads to, the page over all quarters."""
    home = root / "reports" / "twin"
    files = {path.as_posix(): path.read_bytes() for path in sorted((home / QUARTER).rglob("*")) if path.is_file()}
    return {**files, "link": str((home / QUARTER).readlink()), "shelf": (home / "index.html").read_bytes()}


def refused(root: Path, said: str, reason: str) -> None:
    """Asserts that a run said in sentences what was in its way and where, and nothing else."""
    lines = [line for line in said.splitlines() if not line[:2].isdigit()]  # without the time of day
    assert lines and reason in " ".join(lines).lower(), said
    assert "Traceback" not in said and all(line.rstrip().endswith(".") for line in lines), said
    assert "reports" in " ".join(lines) or "2026Q3" in " ".join(lines), said


def works_again(root: Path) -> None:
    """Asserts that the next run publishes the new report, whole, with a page over all quarters that tells of it."""
    before = key(root)
    assert spared_report(root) == 0
    assert key(root) != before and verify(root / "reports")
    home = root / "reports" / "twin"
    assert (home / "index.html").read_text(encoding="utf-8") == shelf_page(home, {})


@pytest.mark.parametrize(
    ("phase", "taken"),
    later(
        [*((phase, fill_up) for phase in reversed(PHASES)), ("Planning", take_names), ("Publishing", take_names)],
        3,
        names=2,
    ),
)
def test_a_disk_that_is_full_from_a_phase_on_leaves_the_old_report(root, phase, taken, capfd) -> None:
    before, told, begin = seen(root), [], Progress.phase

    def then_full(self: Progress, words: str, pieces=()) -> None:
        begin(self, words, pieces)
        told.append(words)
        if words == phase:
            taken(root / "disk")

    capfd.readouterr()
    with patch.object(Progress, "phase", then_full):
        code = spared_report(root)
    refused(root, "".join(capfd.readouterr()), "no space left")
    assert code == 1 and phase in told and "Done" not in told
    assert seen(root) == before
    make_room(root / "disk")
    works_again(root)


def full(root: Path) -> None:
    take_names(root / "disk")
    fill_up(root / "disk")


def closed(root: Path) -> None:
    (root / "disk" / "reports" / "twin").chmod(0o555)


@pytest.mark.parametrize(("fault", "reason"), [(full, "no space left"), (closed, "permission denied")])
def test_a_switch_that_does_not_succeed_leaves_the_old_report(root, fault: Fault, reason, capfd) -> None:
    before, switch = seen(root), publish.switch

    def in_vain(run: Run) -> None:
        fault(root)
        switch(run)

    capfd.readouterr()
    with patch.object(publish, "switch", in_vain), rights_bind():
        assert spared_report(root) == 1
    refused(root, "".join(capfd.readouterr()), reason)
    assert seen(root) == before
    make_room(root / "disk")
    (root / "disk" / "reports" / "twin").chmod(0o755)
    works_again(root)


@pytest.mark.parametrize("place", ["reports/twin", "reports/twin/.runs", "reports/twin/.runs/.2026Q3.lock"])
def test_a_folder_of_reports_that_may_not_be_written_is_told(root, place, capfd) -> None:
    (root / "disk" / place).chmod(0o444 if place.endswith("lock") else 0o555)
    before = seen(root)
    capfd.readouterr()
    with rights_bind():
        assert spared_report(root) == 1
    refused(root, "".join(capfd.readouterr()), "permission denied")
    assert seen(root) == before
    (root / "disk" / place).chmod(0o755)
    works_again(root)


def test_a_first_report_where_nothing_may_be_written_is_told(root, capfd) -> None:
    shutil.rmtree(root / "disk" / "reports" / "twin")
    (root / "disk" / "reports").chmod(0o555)
    capfd.readouterr()
    with rights_bind():
        assert spared_report(root) == 1
    refused(root, "".join(capfd.readouterr()), "permission denied")
    assert list((root / "reports").iterdir()) == []


@slow
def test_a_disk_that_fills_while_kernels_are_at_work_leaves_the_old_report(root) -> None:
    before = seen(root)
    run = start(root, "--no-pdf")
    lines = []
    for line in run.stderr or ():
        lines.append(line)
        if "Running notebooks" in line:
            fill_up(root / "disk")
    assert run.wait(300) == 1
    refused(root, "".join(lines), "no space left")
    assert seen(root) == before
    make_room(root / "disk")
    code, said = report(root, "--no-pdf", "--resume")
    assert code == 0, said
    assert verify(root / "reports") and seen(root) != before
