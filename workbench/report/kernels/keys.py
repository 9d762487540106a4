"""What a notebook's result depends on, as one hash: the same key gives the same bytes, so the result can be used again."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parents[2]
CODE = {".py", ".js", ".css", ".j2"}


def key_of(**parts: Any) -> str:
    """SHA-256 of named parts, as hexadecimal digits; their order does not matter."""
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def code_key() -> str:
    """As `code_on_disk`, looked up once: a run has one code from its start to its end."""
    return code_on_disk()


def code_on_disk() -> str:
    """The hash of what computes: this package's files, every installed package with its version, Python, the machine's kind."""
    own = {path.relative_to(PACKAGE).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
           for path in sorted(PACKAGE.rglob("*")) if path.suffix in CODE}  # fmt: skip
    return key_of(own=own, packages=installed(), python=platform.python_version(), machine=platform.machine(),
                  system=platform.system())  # fmt: skip


def installed() -> list[str]:
    """Every installed package with its version, as the folders of their metadata are named."""
    kinds = (".dist-info", ".egg-info")
    return sorted(
        {path.name.lower() for place in sys.path for path in Path(place).glob("*-info") if path.suffix in kinds}
    )


def files_key(hashes: Mapping[str, str], below: Iterable[str]) -> str:
    """The hash of those of the files in `hashes` (name to hash) whose name starts with one of `below`."""
    starts = tuple(below)
    return key_of(**{name: value for name, value in hashes.items() if name.startswith(starts)})
