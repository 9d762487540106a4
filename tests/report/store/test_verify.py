"""A report counts as published only where its files, its manifest and its seal fit one another, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.errors import RunError
from workbench.report.store.manifest import MANIFEST, RECORD, SEAL, as_json, manifest, output_hashes, seal
from workbench.report.store.verify import faults, verify


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """A small report, sealed as a run seals it."""
    folder = tmp_path / ".runs" / "2026Q3-one"
    folder.mkdir(parents=True)
    (folder / "index.html").write_text("<p>plan</p>", encoding="utf-8")
    (folder / RECORD).write_bytes(as_json({"seconds": 1}))
    (folder / MANIFEST).write_bytes(manifest({"company": "Twin", "quarter": "2026Q3"}, {}, output_hashes(folder)))
    (folder / SEAL).write_text(seal(folder), encoding="utf-8")
    return folder


def test_a_report_as_it_was_published_has_no_fault(report: Path) -> None:
    assert faults(report) == []
    assert verify(report) == [f"{report}: Twin, 2026Q3, 1 files, each byte as published."]


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        (SEAL, None, "a manifest or a record that its seal does not fit"),
        (SEAL, "", "a manifest or a record that its seal does not fit"),
        (RECORD, "{}", "a manifest or a record that its seal does not fit"),
        (RECORD, None, "a manifest or a record that its seal does not fit"),
        (MANIFEST, None, "no manifest that can be read"),
        (MANIFEST, "{}", "no manifest that can be read"),
        ("index.html", None, "a file that is gone"),
        ("index.html", "<p>other</p>", "other bytes than were published"),
        ("more.html", "", "a file that was not published"),
    ],
)
def test_what_was_changed_or_taken_away_is_found(report: Path, name: str, content: str | None, found: str) -> None:
    if content is None:
        (report / name).unlink()
    else:
        (report / name).write_text(content, encoding="utf-8")
    assert [each.found for each in faults(report)] == [found]
    with pytest.raises(RunError, match=found):
        verify(report)
