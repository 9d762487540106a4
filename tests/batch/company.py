"""A small company on disk with its notebooks, for runs as people start them: by the command, in a process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.processes import parents
from tests.report.conftest import BOOK, PARAMETERS, write_notebook
from workbench.report.store.manifest import MANIFEST, UNHASHED

ROOT = Path(__file__).resolve().parents[2]
DIGEST = """\
import hashlib, pathlib

digest = hashlib.sha256(pathlib.Path(scenario, "plan.json").read_bytes()).hexdigest()
show({"type": "digest", "digest": digest})
"""
COMMAND = """\
import sys
from pathlib import Path

from workbench.cli import main
from workbench.report.run import inputs, run

run.publish_report.__kwdefaults__["notebooks"] = run.dry_run.__kwdefaults__["notebooks"] = Path(sys.argv[1])
sys.exit(main(sys.argv[2:]))
"""
QUARTER = "2026Q3"


def write_company(root: Path, revenue: float = 1.0) -> Path:
    """Writes the book `root/twin` (its revenue times `revenue`) and four notebooks, one of them a brief; the book's folder."""
    book = root / "twin"
    for name, text in BOOK.items():
        (book / name).parent.mkdir(parents=True, exist_ok=True)
        (book / name).write_text(text, encoding="utf-8")
    lines = (book / "revenue.csv").read_text(encoding="utf-8").splitlines()
    rows = [line.rsplit(",", 1) for line in lines[1:]]
    scaled = [f"{first},{float(last) * revenue:.2f}" for first, last in rows]
    (book / "revenue.csv").write_text("\n".join([lines[0], *scaled]) + "\n", encoding="utf-8")
    folder = root / "notebooks"
    for number in range(3):
        write_notebook(folder / f"{number}_page.ipynb", f"import time; time.sleep(0.2); show({number})", DIGEST)
    with_segment = PARAMETERS + 'segment: str = "north"  # key of the segment\n'
    write_notebook(folder / "5_brief.ipynb", DIGEST, parameters=with_segment)
    return book


def start(root: Path, *more: str, **options: object) -> subprocess.Popen[str]:
    """`workbench report` on the company at `root`, in a process group of its own; standard error can be read."""
    command = [sys.executable, "-c", COMMAND, str(root / "notebooks"), "report", str(root / "twin"), "--reports",
               str(root / "reports"), "--no-pdf", *more]  # fmt: skip
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    return subprocess.Popen(command, cwd=root, env={**os.environ, "PYTHONPATH": path}, start_new_session=True, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)  # type: ignore[call-overload] # fmt: skip


def report(root: Path, *more: str) -> tuple[int, str]:
    """The exit code of `workbench report` and all that it printed."""
    run = start(root, *more)
    out, err = run.communicate(timeout=300)
    return run.returncode, out + err


def published(root: Path) -> dict[str, bytes]:
    """The files that readers of the company's report see, but for those of the clock."""
    folder = root / "reports" / "twin" / QUARTER
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*"))
            if path.is_file() and (path.name == MANIFEST or path.name not in UNHASHED)}  # fmt: skip


def key(root: Path) -> str:
    """The key of the report that readers see."""
    return str(json.loads((root / "reports" / "twin" / QUARTER / MANIFEST).read_bytes())["key"])


def working(root: Path) -> dict[int, int]:
    """The processes that work below `root`, each with its parent."""
    return {process: parent for process, parent in parents().items() if _works_in(process, str(root.resolve()))}


def _works_in(process: int, root: str) -> bool:
    try:
        return Path(f"/proc/{process}/cwd").readlink().as_posix().startswith(root)
    except OSError:  # it has just ended
        return False
