"""The exports of `../shared/data` (beside the repo, never in it) and mappings changed for a test."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "data"
MAPPINGS = Path(__file__).parent / "mappings"


def shared(folder: str) -> Path:
    """The folder of `../shared/data`; the test is skipped, loudly, where it is absent."""
    path = SHARED / folder
    if not path.is_dir():
        pytest.skip(f"../shared/data is absent: {path} holds the exports that this test imports")
    return path


def changed(mapping: str, target: Path, *changes: tuple[str, str]) -> Path:
    """A copy of a kept mapping with each text replaced by another; a text that does not occur is a mistake."""
    text = (MAPPINGS / mapping).read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    target.write_text(text, encoding="utf-8")
    return target


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file, as text."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def tables(book: Path) -> dict[str, bytes]:
    """The bytes of each table of a book and of its settings."""
    return {path.name: path.read_bytes() for path in sorted(book.glob("*")) if path.is_file()}
