"""What a report was made from and what it holds: hashes of inputs and outputs, versions; no clock, host or path."""

from __future__ import annotations

import hashlib
import importlib.metadata as metadata
import json
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FORMAT = 2
MANIFEST, RECORD, SEAL = "manifest.json", "run.json", "SHA256SUMS"
JOURNAL = "finished.jsonl"  # while a run is at work
UNHASHED = (MANIFEST, RECORD, SEAL, JOURNAL)  # the seal holds the hashes of the first two
PACKAGES = (
    "altair", "ipykernel", "nbclient", "nbconvert", "numpy", "pandas", "papermill", "portfolio-workbench", "pyarrow",
    "pydantic", "scipy", "statsmodels", "vl-convert-python", "xlsxwriter",
)  # fmt: skip


def file_hash(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def output_hashes(folder: Path) -> dict[str, str]:
    """The hash of each file in a report, by its name inside it; the manifest and the clock's record are left out."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    named = {path.relative_to(folder).as_posix(): path for path in paths}
    return {name: file_hash(path) for name, path in named.items() if name not in UNHASHED}


def versions() -> dict[str, str]:
    """The versions of Python and of the packages that shape a report; `–` where a package is not installed."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "–"
    return found


def manifest(about: Mapping[str, Any], inputs: Mapping[str, str], outputs: Mapping[str, str]) -> bytes:
    """The bytes of `manifest.json`: `about` (company, quarter, scenarios) with hashes and versions, keys sorted."""
    content = {**about, "format": FORMAT, "inputs": inputs, "outputs": outputs, "versions": versions()}
    return as_json(content)


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The content of a report's manifest; None where there is none that can be read."""
    try:
        content = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) and content.get("format") == FORMAT else None


def seal(folder: Path) -> str:
    """The text of a report's `SHA256SUMS`: the hashes of its manifest and of the clock's record, as `sha256sum` reads them."""
    return "".join(f"{file_hash(folder / name)}  {name}\n" for name in (MANIFEST, RECORD))


def as_json(content: Mapping[str, Any]) -> bytes:
    """Readable JSON with sorted keys and a newline at the end."""
    return (json.dumps(content, ensure_ascii=False, sort_keys=True, indent=2) + "\n").encode()
