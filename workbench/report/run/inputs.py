"""What a run works on: the book and scenarios, checked before anything runs, then copied so that they stand still."""

from __future__ import annotations

import ast
import datetime as dt
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.book.book import Book
from workbench.errors import Problem, RunError, WorkbenchError
from workbench.report.run.stale import last_closed
from workbench.report.store import file_hash
from workbench.scenario import Scenario
from workbench.sources.tables import (
    Reading,
    book_folder,
    book_name,
    load_scenario,
    read_book,
    scenario_names,
    write_snapshot,
)

NOTEBOOKS = Path(__file__).resolve().parents[3] / "notebooks"
PARAMETERS = ("book", "scenario", "quarter")
LAST = "last"  # as a quarter: the one closed most lately
SEGMENT = "segment"  # a notebook that declares it as well is run once per segment


@dataclass(frozen=True)
class Inputs:
    """A checked book as it was `read` from `place` (a folder or a file), scenarios by name in the order asked for, the
    quarter and the notebooks; `briefs` are the file names of those notebooks that are run once per segment. `files` are
    those of the scenarios, and of those that were in force `before` them.
    """

    place: Path
    read: Reading
    quarter: str
    scenarios: dict[str, Scenario]
    files: dict[str, Path]
    notebooks: tuple[Path, ...]
    briefs: frozenset[str]

    @property
    def book(self) -> Book:
        """The book."""
        return self.read.book

    @property
    def name(self) -> str:
        """What the book is called among the reports: its folder, or its file where that has a name of its own."""
        return book_name(self.place)


def check_inputs(
    book: str | Path, quarter: str | None, names: Sequence[str] | None, notebooks: Path, today: dt.date
) -> Inputs:
    """The inputs of a run. Raises RunError with every problem of book, scenarios and notebooks at once.

    `quarter` may be left out (the latest of the book) or be `last`: the one closed most lately on `today`.
    """
    problems: list[Problem] = []
    earlier: dict[str, Path] = {}
    loaded, scenarios, files = None, {}, {}
    try:
        loaded = read_book(book)
    except WorkbenchError as error:
        problems += error.problems
    folder = book_folder(book)
    for name in dict.fromkeys(scenario_names(book) if names is None else names):
        path = Path(name) if name.endswith(".toml") else folder / "scenarios" / f"{name}.toml"
        try:
            scenario = load_scenario(name, book)
        except WorkbenchError as error:
            problems += error.problems
            continue
        if path.stem in scenarios:
            problems.append(Problem(str(path), None, None, f"the scenario {path.stem} a second time", "each scenario once",
                                    "rename one of the two files"))  # fmt: skip
        scenarios[path.stem], files[path.stem] = scenario, path
        if scenario.before is not None:
            earlier.setdefault(scenario.before.name, folder / "scenarios" / f"{scenario.before.name}.toml")
    if not scenarios and not problems:
        problems.append(Problem(f"{folder.name}/scenarios", None, None, "no scenario", "at least one TOML file",
                                "write scenarios/base.toml"))  # fmt: skip
    paths = tuple(sorted(notebooks.glob("*.ipynb")))
    briefs, troubles = check_notebooks(paths, notebooks)
    problems += troubles
    if problems or loaded is None:
        raise RunError(problems)
    if quarter == LAST:
        quarter = last_closed(today, loaded.book.settings.fiscal_month)
    place = folder if str(book) == "sample" else Path(book)
    return Inputs(place, loaded, quarter or loaded.book.latest_quarter, scenarios, {**earlier, **files}, paths, briefs)


def check_notebooks(paths: Sequence[Path], folder: Path) -> tuple[frozenset[str], list[Problem]]:
    """The names of those that take a segment, and what is wrong with the notebooks' parameters: papermill itself would
    only log a misspelt name.
    """
    if not paths:
        problem = Problem(str(folder), None, None, "no notebook", "at least one", "look for them in notebooks/")
        return frozenset(), [problem]
    briefs, problems = set(), []
    for path in paths:
        try:
            known = declared(path)
        except (ValueError, SyntaxError) as error:
            problems.append(Problem(path.name, None, None, f"no readable notebook ({_first_line(error)})", "a notebook",
                                    "save it again in JupyterLab"))  # fmt: skip
            continue
        if SEGMENT in known:
            briefs.add(path.name)
        allowed = f'the parameters {", ".join(PARAMETERS)} (and {SEGMENT}), each as `name: str = "value"  # help`'
        for name in PARAMETERS:
            if name not in known:
                problems.append(Problem(path.name, None, None, f"no parameter {name}", allowed,
                                        "write it in the cell tagged `parameters`"))  # fmt: skip
        for name in known:
            if name not in (*PARAMETERS, SEGMENT):
                problems.append(Problem(path.name, None, None, f"the unknown parameter {name}", allowed,
                                        "correct or remove it in the cell tagged `parameters`"))  # fmt: skip
    return frozenset(briefs), problems


def declared(notebook: Path) -> list[str]:
    """The names set in the cell tagged `parameters`, the first of them if there are several, as papermill takes it.

    Raises ValueError where the file is no notebook of format 4, SyntaxError where the cell is no Python. Papermill and
    nbformat would read it alike, but take half a second to import, which a run that finds nothing to do has not.
    """
    content = json.loads(notebook.read_text(encoding="utf-8"))
    cells = content.get("cells") if isinstance(content, dict) and content.get("nbformat") == 4 else None
    if not isinstance(cells, list) or not all(isinstance(each, dict) for each in cells):
        raise ValueError("no list of cells in notebook format 4")
    tagged = [each for each in cells if "parameters" in (each.get("metadata") or {}).get("tags", ())]
    source = tagged[0].get("source", "") if tagged else ""
    lines = ast.parse(source if isinstance(source, str) else "".join(source)).body
    targets = [name for line in lines for name in getattr(line, "targets", [getattr(line, "target", None)])]
    return [name.id for name in targets if isinstance(name, ast.Name)]


def table_files(inputs: Inputs) -> dict[str, Path]:
    """The file of each of the book's tables, where it lies in one; a workbook is that of all its tables."""
    folder = inputs.place if inputs.place.is_dir() else inputs.place.parent
    shared = [inputs.place] if folder != inputs.place else sorted(folder.glob("book.[xd]*"))
    found = {}
    for path in map(Path, inputs.read.files):
        if (folder / path).exists():
            found[path.stem] = folder / path
        elif shared:
            found[path.stem] = shared[0]
    return found


def input_hashes(inputs: Inputs) -> dict[str, str]:
    """SHA-256 of each input file by its name in the manifest."""
    copied = {name: file_hash(path) for name, path in _copied(inputs).items()}
    return {f"book/{name}": value for name, value in inputs.read.hashes.items()} | copied


def take_snapshot(inputs: Inputs, hashes: Mapping[str, str], staging: Path) -> None:
    """Writes the inputs into `staging/book` and `staging/notebooks`. Raises RunError where a file has changed since
    `hashes` (by name in the manifest) were taken.
    """
    problems = []
    write_snapshot(inputs.read, staging / "book")
    for name, path in _copied(inputs).items():
        (staging / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, staging / name)
        if file_hash(staging / name) != hashes.get(name):
            problems.append(Problem(name, None, None, "a file that changed while the run was starting",
                                    "a file that stands still", "run again once it is written"))  # fmt: skip
    if problems:
        raise RunError(problems)


def _copied(inputs: Inputs) -> dict[str, Path]:
    """The files that are copied as they are, by their name in the manifest."""
    named = {f"book/scenarios/{name}.toml": path for name, path in inputs.files.items()}
    return named | {f"notebooks/{path.name}": path for path in inputs.notebooks}


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
