"""Whether a report is, byte for byte, what was published."""

from __future__ import annotations

from pathlib import Path

from workbench.book.quarters import is_quarter
from workbench.errors import Problem, RunError
from workbench.report.store.lock import RUNS
from workbench.report.store.manifest import MANIFEST, SEAL, output_hashes, read_manifest, seal

WHOLE = "the report as it was published"
AGAIN = "publish it again, or go back to an older one with workbench rollback"


def faults(folder: Path) -> list[Problem]:
    """What in a report differs from its manifest and its seal: changed, missing and added files."""
    content = read_manifest(folder)
    if content is None:
        return [Problem(str(folder / MANIFEST), None, None, "no manifest that can be read", WHOLE, AGAIN)]
    written, found = content["outputs"], output_hashes(folder)
    problems = [Problem(str(folder / name), None, None, "a file that is gone", WHOLE, AGAIN)
                for name in sorted(written.keys() - found.keys())]  # fmt: skip
    problems += [Problem(str(folder / name), None, None, "a file that was not published", WHOLE, "move it away")
                 for name in sorted(found.keys() - written.keys())]  # fmt: skip
    problems += [Problem(str(folder / name), None, None, "other bytes than were published", WHOLE, AGAIN)
                 for name in sorted(written.keys() & found.keys()) if written[name] != found[name]]  # fmt: skip
    try:
        sealed = (folder / SEAL).read_bytes() == seal(folder).encode()
    except OSError:
        sealed = False
    if not sealed:
        found_ = "a manifest or a record that its seal does not fit"
        problems.append(Problem(str(folder / SEAL), None, None, found_, WHOLE, AGAIN))
    return problems


def reports_at(path: Path) -> list[Path]:
    """The reports at a path: itself, or those of all quarters of a book, or of all books.

    Raises RunError where there is none.
    """
    if (path / MANIFEST).exists() or (path.is_symlink() and is_quarter(path.name)) or path.parent.name == RUNS:
        return [path]
    for pattern in ("*", "*/*"):
        found = sorted(each for each in path.glob(pattern) if each.is_symlink() and is_quarter(each.name))
        if found:
            return found
    raise RunError([Problem(str(path), None, None, "no published report", "reports/<book>/<quarter>, or a folder of them",
                            "correct the path")])  # fmt: skip


def verify(path: Path) -> list[str]:
    """A sentence for each report at a path that is as it was published. Raises RunError with all that is not."""
    problems, lines = [], []
    for folder in reports_at(path):
        found = faults(folder)
        content = read_manifest(folder) or {}
        count = len(content.get("outputs", {}))
        lines.append(f"{folder}: {content.get('company')}, {content.get('quarter')}, {count} files, "
                     "each byte as published.")  # fmt: skip
        problems += found
    if problems:
        raise RunError(problems)
    return lines
