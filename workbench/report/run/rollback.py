"""Back to an older report of a quarter, by the same one switch that publishes."""

from __future__ import annotations

from pathlib import Path

from workbench.book.quarters import is_quarter
from workbench.errors import Problem, RunError
from workbench.report.store import Run, faults, held, switch, whole_runs


def rollback(path: Path, to: str | None = None) -> list[str]:
    """What was done, in sentences: the quarter's link at `path` leads to the whole report before, or to the run `to`.

    Raises RunError where there is none, or where its bytes are no longer those that were published.
    """
    from workbench.report.pages import shelved  # draws pages: nothing that the other commands need

    home, quarter = path.parent, path.name
    if not path.is_symlink() or not is_quarter(quarter):
        raise RunError([Problem(str(path), None, None, "no published report", "reports/<book>/<quarter>",
                                "correct the path")])  # fmt: skip
    with held(home, quarter):
        now = path.resolve().name
        others = [each for each in whole_runs(home, quarter) if each.name != now]
        older = [each for each in others if (each.name == to if to else each.name < now)]
        if not older:
            kept = ", ".join(each.name for each in others) or "none"
            found = f"no run {to}" if to else f"no run older than {now}"
            raise RunError([Problem(str(path), None, None, found, f"the runs that are kept beside it: {kept}",
                                    "name one with --to, or publish again")])  # fmt: skip
        problems = faults(older[0])
        if problems:
            raise RunError(problems)
        with shelved(home, quarter, older[0]):
            switch(Run(home, quarter, older[0].name))
    return [f"{path} now leads to {older[0].name}; before, to {now}, which is kept.",
            f"Forward again: workbench rollback {path} --to {now}"]  # fmt: skip
