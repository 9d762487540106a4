"""Imports point down, the model is pure, `import workbench` is light, notebooks hold no logic (README, How it is built)."""

from __future__ import annotations

import ast
import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HOUSE = sorted((ROOT / "workbench").rglob("*.py"))
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

# The rooms, and those below that each may look into.
BELOW: dict[str, set[str]] = {
    "errors": set(),
    "book": {"errors"},
    "scenario": {"errors", "book"},
    "model": {"errors", "book", "scenario"},
    "sources": {"errors", "book", "scenario"},
    "view": {"errors", "book", "scenario", "model"},
    "report": {"errors", "book", "scenario", "model", "sources", "view"},
    "lab": {"errors", "model", "sources", "report"},
    "cli": {"errors", "book", "scenario", "model", "sources", "view", "report", "lab"},
    "__main__": {"cli"},
    "__init__": set(),
}
SHELF = "workbench.view.controls.scenario_files"  # alone above the sources and no report: it saves scenarios
# Steps of the model do not import one another; a step may be spread over parts of its own.
EVERY_STEP = {"quarter", "briefs", "comparison"}
RESULTS = "results"
PARTS: dict[str, set[str]] = {
    "swot": {"diagnosis", "statements", "values", "weights"},
    "ranking": {"choice", "values", "weights"},
    "stability": {"sureness", "values"},
    "robustness": {"acceptability", "certificates", "draws", "sureness"},
    "certificates": {"acceptability"},
    "draws": {"values"},
    "allocation": {
        "alternatives",
        "holding",
        "limits",
        "lines",
        "piecewise",
        "programme",
        "purpose",
        "sensitivity",
        "verdicts",
    },
    "alternatives": {"focus", "piecewise", "programme"},
    "sensitivity": {"choice", "limits", "piecewise", "programme"},
    "holding": {"limits", "piecewise"},
    "verdicts": {"alternatives", "purpose"},
    "purpose": {"lines", "response"},
    "programme": {"limits", "lines", "piecewise", "response"},
    "lines": {"conflict_words", "conflicts", "limits", "piecewise", "response"},
    "conflict_words": {"conflicts", "limits"},
    "conflicts": {"giving_way", "limits"},
    "giving_way": {"limits"},
    "limits": {"piecewise"},
    "focus": {"branches", "envelope", "piecewise", "program", "response"},
    "piecewise": {"branches", "envelope", "program", "response"},
    "branches": {"envelope", "program"},
    "program": {"envelope"},
    "envelope": {"response"},
    "facts": {"left_out", "needs"},
    "growth": {"history", "intervals"},
    "select": {"enumeration", "rules"},
    "asks": {"backlog", "changes", "claims", "preference", "reasons", "select", "turning", "wording"},
    "reasons": {"backlog", "changes", "claims", "preference", "wording"},
    "turning": {"backlog", "changes", "reasons", "wording"},
    "wording": {"backlog"},
    "changes": {"backlog", "beside", "claims", "preference"},
    "beside": {"backlog"},
    "preference": {"backlog", "select"},
    "backlog": {"select"},
}
NO_FILES = {"os", "io", "pathlib", "shutil", "tempfile", "subprocess", "socket", "urllib", "requests", "csv", "sqlite3"}
NOT_IN_MODEL = NO_FILES | {"time", "random", "altair", "ipywidgets", "IPython", "papermill", "duckdb", "pyarrow"}
PURE = ("errors", "book", "scenario", "model")
ACTS = {"open", "print", "input", "exec", "eval"}
CLOCK = {"now", "utcnow", "today"}
FILES = {"read_text", "write_text", "read_bytes", "write_bytes", "to_csv", "to_parquet", "to_excel",
         "to_pickle", "read_csv", "read_parquet", "read_excel", "read_pickle", "tofile", "fromfile", "savetxt",
         "loadtxt"}  # fmt: skip
SEEDED = {"default_rng", "SeedSequence", "Generator", "PCG64"}
PUBLIC = ["allocate", "explore", "load_book", "load_scenario", "plan_quarter", "rank_segments", "score_swot",
          "segment_brief", "segment_facts", "triage_asks"]  # fmt: skip
HEAVY = ["pandas", "numpy", "altair", "scipy", "pydantic", "papermill", "statsmodels", "duckdb", "pyarrow",
         "ipywidgets", "nbformat", "jsonschema"]  # fmt: skip


def module_of(path: Path) -> str:
    """`workbench/model/swot/swot.py` as `workbench.model.swot.swot`."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def room_of(module: str) -> str:
    """The room a module of the workbench lies in; `__init__` for the front door itself."""
    return [*module.split("."), "__init__"][1]


def imports(module: str, tree: ast.AST) -> Iterator[str]:
    """Every module that the code imports, wherever in the file; names taken from a package count as its modules."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = module.split(".")[: -node.level] if node.level else []
            base = ".".join([*package, *([node.module] if node.module else [])])
            whole = base in ("workbench", "workbench.model")
            yield from (f"{base}.{alias.name}" for alias in node.names) if whole else (base,)


def objection(module: str, target: str) -> str | None:
    """Why `module` may not import `target`; None where it may."""
    room, top = room_of(module), target.split(".")[0]
    if room not in BELOW:
        return f"{module} lies in no room of the drawing"
    if top != "workbench":
        return f"{module} imports {target}" if room == "model" and top in NOT_IN_MODEL else None
    goal = room_of(target)
    if goal not in BELOW:
        return f"{module} imports {target}, which lies in no room of the drawing"
    if goal not in BELOW[room] | {room} | ({"sources"} if module == SHELF else set()):
        return f"{module} looks up or sideways to {target}"
    if room == goal == "model":
        step, other = [*module.split("."), "__init__"][2], [*target.split("."), "__init__"][2]
        if step not in EVERY_STEP and other not in {step, RESULTS} | PARTS.get(step, set()):
            return f"{module} imports its sibling {target}"
    return None


def impurities(module: str, tree: ast.AST) -> Iterator[str]:
    """What the code does to the world outside: files, clock, print, chance without a seed."""
    for node in ast.walk(tree):
        name = node.func if isinstance(node, ast.Call) else None
        if isinstance(name, ast.Name) and name.id in ACTS:
            yield f"{module}:{node.lineno} calls {name.id}"
        if isinstance(name, ast.Attribute) and name.attr in CLOCK | FILES:
            yield f"{module}:{node.lineno} calls {name.attr}"
        if (
            isinstance(node, ast.Attribute)
            and ast.unparse(node.value) in ("np.random", "numpy.random", "random")
            and (node.attr not in SEEDED)
        ):
            yield f"{module}:{node.lineno} draws from {ast.unparse(node)}, which has no seed"
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("default_rng") and not node.args:
            yield f"{module}:{node.lineno} draws without a seed"


def at_the_top(tree: ast.Module) -> Iterator[str]:
    """The modules imported when the file is imported, not within a function."""
    inner = [set(ast.walk(node)) for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom) and not any(node in part for part in inner):
            yield from imports("", node)


LOGIC = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.TryStar,
         ast.Lambda)  # fmt: skip


def logic(source: str) -> list[str]:
    """The kinds of statement in a notebook cell that do not belong there."""
    return [type(node).__name__ for node in ast.walk(ast.parse(source)) if isinstance(node, LOGIC)]


@pytest.mark.parametrize("path", HOUSE, ids=[module_of(path) for path in HOUSE])
def test_imports_point_down_only(path):
    module = module_of(path)
    found = [objection(module, target) for target in imports(module, ast.parse(path.read_text(encoding="utf-8")))]
    assert [reason for reason in [objection(module, module), *found] if reason] == []


@pytest.mark.parametrize("path", HOUSE, ids=[module_of(path) for path in HOUSE])
def test_the_lower_rooms_touch_no_file_clock_or_chance(path):
    module = module_of(path)
    if room_of(module) in PURE:
        assert list(impurities(module, ast.parse(path.read_text(encoding="utf-8")))) == []


def test_statsmodels_is_imported_within_a_function_of_growth_only():
    for path in HOUSE:
        module, tree = module_of(path), ast.parse(path.read_text(encoding="utf-8"))
        everywhere = [name for name in imports(module, tree) if name.startswith("statsmodels")]
        assert module == "workbench.model.growth.growth" or not everywhere, module
        assert not [name for name in at_the_top(tree) if name.startswith("statsmodels")], module


@pytest.mark.parametrize(
    ("module", "target"),
    [
        ("workbench.book.check", "workbench.scenario"),
        ("workbench.model.swot.swot", "workbench.sources.tables.folder"),
        ("workbench.model.swot.swot", "workbench.model.ranking.ranking"),
        ("workbench.model.swot.swot", "workbench.model.allocation.solver.piecewise"),
        ("workbench.model.facts.facts", "workbench.load_book"),
        ("workbench.model.facts.facts", "pathlib"),
        ("workbench.model.growth.growth", "altair"),
        ("workbench.sources.tables.folder", "workbench.model.quarter"),
        ("workbench.view.charts", "workbench.sources.tables.folder"),
        ("workbench.view.controls.panel", "workbench.sources.scenarios"),
        ("workbench.view.charts", "workbench.report.run.run"),
        ("workbench.report.run.run", "workbench.cli"),
        ("workbench.errors", "workbench.book"),
        ("workbench", "workbench.errors"),
        ("workbench.attic.box", "json"),
        ("workbench.model.swot.swot", "workbench.attic"),
    ],
)
def test_a_planted_bad_import_is_seen(module, target):
    assert objection(module, target)


@pytest.mark.parametrize(
    ("module", "target"),
    [
        ("workbench.model.quarter", "workbench.model.ranking.ranking"),
        ("workbench.model.briefs.briefs", "workbench.model.allocation.allocation"),
        ("workbench.model.swot.swot", "workbench.model.results"),
        ("workbench.model.swot.swot", "datetime"),
        ("workbench.report.run.run", "workbench.sources.tables.folder"),
        ("workbench.sources.tables.folder", "pathlib"),
        ("workbench.__main__", "workbench.cli"),
        (SHELF, "workbench.sources.scenarios"),
    ],
)
def test_an_import_within_the_drawing_is_let_through(module, target):
    assert objection(module, target) is None


def test_every_way_to_write_an_import_is_read():
    code = "import a.b\nfrom c import d\nfrom workbench import cli\nfrom . import swot\ndef f(): from ..view import x\n"
    found = set(imports("workbench.model.facts.facts", ast.parse(code)))
    assert found == {"a.b", "c", "workbench.cli", "workbench.model.swot.swot", "workbench.view"}


@pytest.mark.parametrize(
    "code",
    ["open('x')", "print(1)", "dt.date.today()", "frame.to_csv('x')", "np.random.rand(3)", "np.random.default_rng()"],
)
def test_a_planted_impurity_is_seen(code):
    assert list(impurities("workbench.model.x", ast.parse(code)))
    assert not list(impurities("workbench.model.x", ast.parse("np.random.default_rng(np.random.SeedSequence([1, 2]))")))


def test_importing_the_workbench_is_light():
    code = "import sys; before = set(sys.modules); import workbench; print(*(set(sys.modules) - before))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = run.stdout.split()
    assert "workbench" in loaded
    assert [name for name in loaded if name.split(".")[0] in HEAVY] == []
    assert len(loaded) < 25


def test_the_start_up_trap_is_shut():
    code = "import workbench, altair, sys; print(sys.modules['rfc3987_syntax'], 'lark' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert run.stdout.split() == ["None", "False"]


def test_the_public_names_are_these():
    assert dir(importlib.import_module("workbench")) == PUBLIC


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_can_be_called_and_says_what_comes_back(name):
    function = getattr(importlib.import_module("workbench"), name)
    assert callable(function)
    assert function.__doc__


def test_an_unknown_name_of_the_workbench_is_an_attribute_error():
    with pytest.raises(AttributeError, match="plan_quartr"):
        _ = importlib.import_module("workbench").plan_quartr


def test_there_are_notebooks_to_look_at():
    assert len(NOTEBOOKS) >= 5


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_notebooks_hold_no_logic(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert code
    assert [found for source in code for found in logic(source)] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_a_notebook_shows_nothing_twice(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert len(code) == len(set(code))


def test_planted_logic_in_a_notebook_is_seen():
    code = (
        "def f(): pass",
        "class A: pass",
        "for a in b: pass",
        "while a: pass",
        "try: a\nexcept B: pass",
        "f(lambda a: a)",
    )
    assert all(logic(source) for source in code)
    assert logic("plan = plan_quarter(book, scenario, quarter)\nplan.ranking") == []
