"""Imports point down, the model is pure, `import workbench` is light, notebooks hold no logic (README, How it is built)."""

from __future__ import annotations

import ast
import graphlib
import importlib
import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HOUSE = sorted((ROOT / "workbench").rglob("*.py"))
FACES = sorted(".".join(path.parent.relative_to(ROOT).parts) for path in HOUSE
               if path.name == "__init__.py" and len(path.relative_to(ROOT).parts) > 3)  # fmt: skip
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

# The rooms, and those below that each may look into.
BELOW: dict[str, set[str]] = {
    "errors": set(),
    "book": {"errors"},
    "criteria": {"errors", "book"},
    "scenario": {"errors", "book", "criteria"},
    "model": {"errors", "book", "criteria", "scenario"},
    "sources": {"errors", "book", "criteria", "scenario"},
    "view": {"errors", "book", "criteria", "scenario", "model"},
    "report": {"errors", "book", "criteria", "scenario", "model", "sources", "view"},
    "lab": {"errors", "model", "sources", "report"},
    "cli": {"errors", "book", "criteria", "scenario", "model", "sources", "view", "report", "lab"},
    "__main__": {"cli"},
    "__init__": set(),
}
SHELF = "workbench.view.controls.scenario_files"  # alone above the sources and no report: it saves scenarios
# The rooms within rooms, and the siblings that each may look into, always through the face; all other modules of a room
# that has such rooms stand among them.
MODEL_STEPS = {"facts", "growth", "swot", "ranking", "allocation", "asks", "briefs"}
SIBLINGS: dict[str, dict[str, set[str]]] = {
    "model": {
        "results": set(),
        "facts": {"results"},
        "growth": set(),
        "ranking": {"results"},
        "swot": {"results", "ranking"},
        "allocation": {"results", "ranking"},
        "asks": {"results"},
        "plan": {"results"},
        "briefs": {"results", "plan", "facts", "ranking"},
        "comparison": {"plan", "ranking"},
        "quarter": MODEL_STEPS | {"results", "plan"},
    },
    "sources": {
        "tables": set(),
        "imports": {"tables"},
        "new": {"tables"},
        "scenarios": {"tables"},
    },
    "report": {
        "kernels": set(),
        "store": set(),
        "printing": {"kernels"},
        "pages": {"store"},
        "exports": set(),
        "cluster": {"kernels"},
        "run": {"kernels", "store", "printing", "pages", "exports", "cluster"},
    },
}
MOST_ROOMS = {"model": 14, "report": 9, "sources": 9}
NO_FILES = {"os", "io", "pathlib", "shutil", "tempfile", "subprocess", "socket", "urllib", "requests", "csv", "sqlite3"}
NOT_IN_MODEL = NO_FILES | {"time", "random", "altair", "ipywidgets", "IPython", "papermill", "duckdb", "pyarrow"}
PURE = ("errors", "book", "criteria", "scenario", "model")
ACTS = {"open", "print", "input", "exec", "eval"}
CLOCK = {"now", "utcnow", "today"}
FILES = {"read_text", "write_text", "read_bytes", "write_bytes", "to_csv", "to_parquet", "to_excel",
         "to_pickle", "read_csv", "read_parquet", "read_excel", "read_pickle", "tofile", "fromfile", "savetxt",
         "loadtxt"}  # fmt: skip
SEEDED = {"default_rng", "SeedSequence", "Generator", "PCG64"}
PUBLIC = ["allocate", "explore", "load_book", "load_scenario", "plan_quarter", "rank_segments", "score_swot",
          "segment_brief", "segment_facts", "triage_asks"]  # fmt: skip
KERNELS = [("workbench.model.ranking", name) for name in ("smaa", "certificate", "ahp", "average_overlap")]
KERNELS += [("workbench.model.allocation", name) for name in ("respond", "maximise")]
KERNELS += [
    ("workbench.model.asks", "select"),
    ("workbench.model.swot", "kendalls_w"),
    ("workbench.model.growth", "forecast"),
]
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
            whole = base == "workbench" or base in {f"workbench.{room}" for room in BELOW}
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
    if room == goal and room in SIBLINGS:
        own, other = [*module.split("."), "__init__"][2], [*target.split("."), "__init__"][2]
        if own not in {*SIBLINGS[room], "__init__"} or other not in SIBLINGS[room].get(own, set()) | {own}:
            return f"{module} imports its sibling {target}"
    if behind_a_face(module, target):
        return f"{module} passes by the face of {behind_a_face(module, target)} to {target}"
    return None


def behind_a_face(module: str, target: str) -> str | None:
    """The outermost package with a face that `target` lies behind and `module` does not belong to; None where none is."""
    for face in FACES:
        if target.startswith(f"{face}.") and not f"{module}.".startswith(f"{face}."):
            return face
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
        ("workbench.model.swot.swot", "workbench.sources.tables"),
        ("workbench.model.ranking.ranking", "workbench.model.swot"),
        ("workbench.model.swot.swot", "workbench.model.allocation"),
        ("workbench.model.swot.swot", "workbench.model.ranking.weights"),
        ("workbench.model.allocation.limits", "workbench.model.allocation.solver.piecewise"),
        ("workbench.model.quarter", "workbench.model.facts.facts"),
        ("workbench.model.facts", "workbench.model.quarter"),
        ("workbench.model.facts.facts", "workbench.load_book"),
        ("workbench.model.facts.facts", "pathlib"),
        ("workbench.model.growth.growth", "altair"),
        ("workbench.model.cupboard", "workbench.model.results"),
        ("workbench.sources.tables.folder", "workbench.model.quarter"),
        ("workbench.sources.tables.folder", "workbench.sources.imports"),
        ("workbench.view.charts", "workbench.sources.tables"),
        ("workbench.view.charts", "workbench.model.ranking.values"),
        ("workbench.view.controls.panel", "workbench.sources.scenarios"),
        ("workbench.view.charts", "workbench.report.run"),
        ("workbench.report.store.publish", "workbench.report.pages"),
        ("workbench.report.run.run", "workbench.cli"),
        ("workbench.errors", "workbench.book"),
        ("workbench", "workbench.errors"),
        ("workbench.attic.box", "json"),
        ("workbench.model.swot", "workbench.attic"),
    ],
)
def test_a_planted_bad_import_is_seen(module, target):
    assert objection(module, target)


@pytest.mark.parametrize(
    ("module", "target"),
    [
        ("workbench.model.quarter", "workbench.model.ranking"),
        ("workbench.model.briefs.briefs", "workbench.model.ranking"),
        ("workbench.model.ranking.ranking", "workbench.model.ranking.values"),
        ("workbench.model.ranking", "workbench.model.ranking.ranking"),
        ("workbench.model.allocation.limits", "workbench.model.allocation.solver"),
        ("workbench.model.swot.swot", "workbench.model.results"),
        ("workbench.model.swot.swot", "datetime"),
        ("workbench.report.run.run", "workbench.sources.tables"),
        ("workbench.sources.tables.folder", "pathlib"),
        ("workbench.__main__", "workbench.cli"),
        (SHELF, "workbench.sources.scenarios"),
    ],
)
def test_an_import_within_the_drawing_is_let_through(module, target):
    assert objection(module, target) is None


@pytest.mark.parametrize("room", MOST_ROOMS)
def test_a_room_opens_on_few_rooms(room):
    doors = [path for path in (ROOT / "workbench" / room).iterdir() if path.stem not in ("__init__", "__pycache__")]
    assert {path.stem for path in doors} == set(SIBLINGS[room])
    assert len(doors) <= MOST_ROOMS[room]


def test_what_is_taken_from_a_face_is_what_it_hands_out():
    for path in HOUSE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.ImportFrom)
                and node.module in FACES
                and not module_of(path).startswith(node.module)
            ):
                handed = importlib.import_module(node.module).__all__
                assert {alias.name for alias in node.names} <= set(handed), (path, node.module)


def test_no_modules_import_one_another_in_a_circle():
    trees = {module_of(path): ast.parse(path.read_text(encoding="utf-8")) for path in HOUSE}
    graph = {module: set(at_the_top(tree)) & set(trees) - {module} for module, tree in trees.items()}
    faces = {face: targets for face, targets in graph.items() if face in FACES}
    inside = {module: {target for target in targets if target not in faces or not module.startswith(f"{target}.")}
              for module, targets in graph.items()}  # fmt: skip
    assert list(graphlib.TopologicalSorter(inside).static_order())


def test_two_classes_never_share_a_name():
    classes = [node.name for path in HOUSE for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
               if isinstance(node, ast.ClassDef)]  # fmt: skip
    assert sorted(name for name in set(classes) if classes.count(name) > 1) == []


def test_every_way_to_write_an_import_is_read():
    code = (
        "import a.b\nfrom c import d\nfrom workbench import cli\nfrom . import needs\ndef f(): from ...view import x\n"
    )
    found = set(imports("workbench.model.facts.facts", ast.parse(code)))
    assert found == {"a.b", "c", "workbench.cli", "workbench.model.facts", "workbench.view.x"}


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


def said(code):
    """What Python prints in a process of its own."""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return run.stdout.split()


def test_the_start_up_trap_is_shut_in_our_own_processes_and_nowhere_else():
    whole = "before = dict(sys.modules); import workbench; print(*{name.partition('.')[0] for name, module in " \
        "sys.modules.items() if before.get(name, module) is not module or module is None})"  # fmt: skip
    assert said(f"import sys; {whole}; import rfc3987_syntax") == []
    ours = "from workbench.report.kernels import skip_grammar; skip_grammar(); import altair, nbformat, papermill"
    assert said(f"{ours}; import sys; print('jsonschema' in sys.modules, 'lark' in sys.modules)") == ["True", "False"]
    command = "import sys; from workbench.cli import main; main(['check', 'sample']); import altair"
    assert said(f"{command}; print('lark' in sys.modules)")[-1] == "False"


def test_the_public_names_are_these():
    assert dir(importlib.import_module("workbench")) == PUBLIC


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_can_be_called_and_says_what_comes_back(name):
    function = getattr(importlib.import_module("workbench"), name)
    assert callable(function)
    assert function.__doc__


@pytest.mark.parametrize("name", [*(("workbench", name) for name in PUBLIC), *KERNELS], ids=".".join)
def test_a_public_docstring_gives_each_parameter_and_what_comes_back(name):
    function = getattr(importlib.import_module(name[0]), name[1])
    said = inspect.getdoc(function)
    opening, _, sections = said.partition("\n\nParameters\n----------\n")
    given = [part.strip() for line in sections.splitlines() if " : " in line and not line.startswith(" ")
             for part in line.partition(" : ")[0].split(",")]  # fmt: skip
    assert opening and given == list(inspect.signature(function).parameters)
    assert "\n\nReturns\n-------\n" in sections


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
