"""What readers see: one report, whole, before and after the switch."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Any

import pytest

from workbench.errors import RunError
from workbench.report.store.names import safe_name
from workbench.report.store.publish import EVIDENCE, Run, clean, fail, open_run, publish, whole_runs


def made(home: Path, text: str, minute: int = 0) -> Run:
    run = open_run(home, "2026Q3", dt.datetime(2026, 11, 5, 12, minute, tzinfo=dt.UTC))
    (run.staging / "base").mkdir()
    (run.staging / "base" / "page.html").write_text(text, encoding="utf-8")
    return run


def test_the_link_switches_from_one_whole_report_to_the_next(tmp_path: Path) -> None:
    first = publish(made(tmp_path, "first"))
    second = made(tmp_path, "second", 1)
    assert (first / "base" / "page.html").read_text() == "first"
    assert publish(second) == first == tmp_path / "2026Q3"
    assert (first / "base" / "page.html").read_text() == "second"
    assert not first.readlink().is_absolute() and first.readlink().parts[0] == ".runs"
    assert [path.name for path in tmp_path.iterdir() if path.name != ".runs"] == ["2026Q3"]


def test_all_of_a_report_is_on_disk_before_readers_are_led_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: set[int] = set()
    missing: list[str] = []
    sync, replace = os.fsync, os.replace

    def note(descriptor: int) -> None:
        synced.add(os.fstat(descriptor).st_ino)
        sync(descriptor)

    def turn(source: Any, target: Any) -> None:
        if Path(target).name == "2026Q3":
            report = Path(target).parent / Path(source).readlink()
            missing.extend(str(path) for path in (report, *report.rglob("*"), report.parent)
                           if path.stat().st_ino not in synced)  # fmt: skip
            synced.add(0)
        replace(source, target)

    run = made(tmp_path, "first")
    monkeypatch.setattr(os, "fsync", note)
    monkeypatch.setattr(os, "replace", turn)
    publish(run)
    assert 0 in synced and missing == []


def test_at_no_moment_is_there_no_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = publish(made(tmp_path, "first"))
    seen: list[str] = []

    def watched(call: Any) -> Any:
        def done(*arguments: Any, **options: Any) -> Any:
            result = call(*arguments, **options)
            seen.append((link / "base" / "page.html").read_text() if link.exists() else "none")
            return result

        return done

    for name in ("replace", "rename", "unlink", "remove", "symlink"):
        monkeypatch.setattr(os, name, watched(getattr(os, name)))
    publish(made(tmp_path, "second", 1))
    monkeypatch.undo()
    assert list(dict.fromkeys(seen)) == ["first", "second"]


def test_a_failed_run_is_evidence_and_changes_nothing(tmp_path: Path) -> None:
    link = publish(made(tmp_path, "good"))
    run = made(tmp_path, "half", 1)
    fail(run)
    assert (link / "base" / "page.html").read_text() == "good"
    assert (run.evidence / "base" / "page.html").read_text() == "half" and not run.staging.exists()


def test_only_the_newest_few_runs_stay_and_never_less_than_what_is_read(tmp_path: Path) -> None:
    link = publish(made(tmp_path, "read"))
    reading = link.readlink()
    killed_before = made(tmp_path, "killed", 1)
    for minute in range(2, 9):
        run = made(tmp_path, "newer", minute)
        run.staging.rename(run.target)
        fail(made(tmp_path, "failed", minute))
    killed_after = made(tmp_path, "killed", 59)
    clean(tmp_path, "2026Q3", 3)
    names = sorted(path.name for path in (tmp_path / ".runs").iterdir() if not path.name.startswith("."))
    assert reading.name in names and killed_after.staging.name in names and killed_before.staging.name not in names
    assert sum(name.endswith(".failed") for name in names) == EVIDENCE
    assert len(names) == 3 + EVIDENCE + 1 == len(whole_runs(tmp_path, "2026Q3")) + EVIDENCE + 1


def test_another_quarters_runs_are_left_alone(tmp_path: Path) -> None:
    other = open_run(tmp_path, "2026Q2", dt.datetime(2026, 8, 5, 12, tzinfo=dt.UTC))
    for minute in range(4):
        publish(made(tmp_path, "newer", minute), keep=1)
    assert other.staging.is_dir() and len(whole_runs(tmp_path, "2026Q3")) == 1


def test_a_folder_in_the_links_place_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "2026Q3").mkdir()
    with pytest.raises(RunError, match="a folder where the link"):
        made(tmp_path, "new")


@pytest.mark.parametrize(
    ("name", "safe"),
    [("sample", "sample"), ("../up", "up"), ("a b/c", "a-b-c"), (".runs", "runs"), ("Süd", "Süd"), ("..", "book"),
     ("{scenario}", "scenario")],
)  # fmt: skip
def test_a_name_becomes_one_plain_folder(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_of_failed_runs_the_newest_are_kept(tmp_path: Path) -> None:
    runs = [made(tmp_path, "failed", minute) for minute in range(EVIDENCE + 3)]
    for run in runs:
        fail(run)
    assert {path.name for path in (tmp_path / ".runs").iterdir()} == {run.evidence.name for run in runs[-EVIDENCE:]}


def test_of_killed_runs_the_newest_are_kept(tmp_path: Path) -> None:
    runs = [made(tmp_path, "killed", minute) for minute in range(EVIDENCE + 3)]
    clean(tmp_path, "2026Q3", 3)
    assert {path.name for path in (tmp_path / ".runs").iterdir()} == {run.staging.name for run in runs[-EVIDENCE:]}
