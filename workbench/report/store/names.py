"""Names of folders and files that a system takes, for whatever a book calls its scenarios and segments."""

from __future__ import annotations

import hashlib
import re

LONGEST = 40  # characters of a segment's key in a file name


def safe_name(name: str) -> str:
    """`name` as one plain folder name: letters, digits, `-`, `_` and dots inside; never empty, never hidden."""
    return re.sub(r"[^\w.-]+", "-", name).strip(".-_") or "book"


def brief_name(stem: str, segment: str) -> str:
    """The file name, without ending, of a notebook's page for a segment: no two keys give the same, in any capitals.

    A key of small letters, digits and `_` stands as it is; any other gets a part of its hash after a dash.
    """
    if re.fullmatch(f"[a-z0-9_]{{1,{LONGEST}}}", segment):
        return f"{stem}_{segment}"
    plain = re.sub(r"[^a-z0-9_]+", "_", segment.lower()).strip("_")[:LONGEST]
    return f"{stem}_{plain}-{hashlib.sha256(segment.encode()).hexdigest()[:12]}"
