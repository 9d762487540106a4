"""Lines of our own code changed by a seed, and whether a test notices: `python -m tests.mutants --seed 1`.

Each change goes alone into a copy of the project: a comparison, a sign, a bound, a condition, a number, an order. Then
the tests that belong to the changed file run until one fails. What no test noticed is listed with its line: it is a
promise that nobody holds, or a change that changes nothing.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.planted import ROOT, copied, outcomes

ROOMS = ("model", "book", "sources", "report")
MOST = 600  # seconds for the tests of one change
WHOLE = ("tests/test_sample.py", "tests/test_same_plan.py")  # what holds the plan as a whole: run last
QUICK = "tests/book/test_quarters.py"  # is tried on the code as it is
COMPARED: dict[type[ast.cmpop], str] = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==",
    ast.In: "not in", ast.NotIn: "in", ast.Is: "is not", ast.IsNot: "is",
}  # fmt: skip
REVERSED: dict[type[ast.cmpop], str] = {ast.Lt: ">", ast.LtE: ">=", ast.Gt: "<", ast.GtE: "<="}
COUNTED: dict[type[ast.operator], str] = {ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*"}
CALLED = {"min": "max", "max": "min", "any": "all", "all": "any", "floor": "ceil", "ceil": "floor",
          "idxmax": "idxmin", "idxmin": "idxmax", "argmax": "argmin", "argmin": "argmax", "minimum": "maximum",
          "maximum": "minimum", "head": "tail", "tail": "head"}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """`old` in `line` of `file` becomes `new`; `start` and `end` are places in the file's bytes."""

    file: str
    line: int
    start: int
    end: int
    old: str
    new: str

    def apply(self, content: bytes) -> bytes:
        """The file with the change."""
        return content[: self.start] + self.new.encode() + content[self.end :]

    def told(self) -> str:
        """The change in a line."""
        return f"{self.file}:{self.line}  {self.old}  →  {self.new}"


def mutants_of(file: str) -> list[Mutant]:
    """Every change of a file, each of which still is Python, by place."""
    content = (ROOT / file).read_bytes()
    starts = [0]
    for line in content.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found = []
    for node, new in _changes(ast.parse(content)):
        assert node.end_lineno is not None and node.end_col_offset is not None
        start, end = starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset
        found.append(Mutant(file, node.lineno, start, end, content[start:end].decode(), new))
    return sorted(found, key=lambda each: (each.start, each.end, each.new))


def _changes(tree: ast.Module) -> Iterator[tuple[ast.expr, str]]:
    """Expressions of the code that runs, each with another in its place."""
    for node in _running(tree):
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            for others in (COMPARED, REVERSED):
                if type(node.ops[0]) in others:
                    left, right = ast.unparse(node.left), ast.unparse(node.comparators[0])
                    yield node, f"({left} {others[type(node.ops[0])]} {right})"
        elif isinstance(node, ast.BinOp) and type(node.op) in COUNTED and not _is_text(node):
            yield node, f"({_inner(node.left)} {COUNTED[type(node.op)]} {_inner(node.right)})"
        elif isinstance(node, ast.BoolOp):
            word = " and " if isinstance(node.op, ast.Or) else " or "
            yield node, f"({word.join(_inner(each) for each in node.values)})"
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
            yield node, _inner(node.operand)
        elif isinstance(node, ast.IfExp):
            yield node, f"({_inner(node.orelse)} if {_inner(node.test)} else {_inner(node.body)})"
        elif isinstance(node, ast.Constant) and type(node.value) in (int, bool):
            yield node, repr(not node.value) if isinstance(node.value, bool) else repr(node.value + 1)
        elif isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in CALLED:
                other = ast.unparse(node.func).removesuffix(name) + CALLED[name]
                yield node.func, other


def _running(tree: ast.Module) -> Iterator[ast.AST]:
    """The nodes of a module but for decorators, annotations, formats, numbers declared by name, and what only the type
    checker reads.
    """
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):
        aside: list[ast.AST | None] = []
        if isinstance(node, ast.FunctionDef):
            aside = [*node.decorator_list, node.returns]
            aside += [each.annotation for each in ast.walk(node.args) if isinstance(each, ast.arg)]
        elif isinstance(node, ast.ClassDef):
            aside = [*node.decorator_list]
        elif isinstance(node, ast.keyword) and node.arg == "sort":  # the order of groups that are put in order later
            aside = [node.value]
        elif isinstance(node, ast.AnnAssign):
            aside = [node.annotation]
        elif isinstance(node, ast.Assign) and node in tree.body and isinstance(node.value, ast.Constant | ast.Tuple):
            aside = [node.value]
        elif isinstance(node, ast.FormattedValue):
            aside = [node.format_spec]
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            aside = [node]
        for each in aside:
            skipped |= set(ast.walk(each)) if each else set()
    for node in ast.walk(tree):
        inside_text = any(isinstance(each, ast.JoinedStr) for each in ast.walk(node)) and isinstance(node, ast.Constant)
        if node not in skipped and not inside_text and hasattr(node, "col_offset"):
            yield node


def _is_text(node: ast.BinOp) -> bool:
    """True where a text, a list or a path is put together, or a negative zero made plain: another operator only raises or
    changes nothing.
    """
    kinds = (ast.JoinedStr, ast.List, ast.ListComp, ast.Tuple)
    sides = (node.left, node.right)
    return any(isinstance(each, kinds) or (isinstance(each, ast.Constant) and isinstance(each.value, str))
               for each in sides)  # fmt: skip


def _inner(node: ast.expr) -> str:
    return (
        f"({ast.unparse(node)})" if not isinstance(node, ast.Name | ast.Constant | ast.Attribute) else ast.unparse(node)
    )


def chosen(seed: int, count: int) -> list[Mutant]:
    """`count` changes drawn by a seed, no two in one line; a file comes by the changes that it has room for."""
    files = [
        str(path.relative_to(ROOT)) for room in ROOMS for path in sorted((ROOT / "workbench" / room).rglob("*.py"))
    ]
    every = [each for file in files for each in mutants_of(file)]
    random.Random(seed).shuffle(every)
    by_line = {(each.file, each.line): each for each in reversed(every)}
    return sorted(list(reversed(by_line.values()))[:count], key=lambda each: (each.file, each.line))


def tests_of(file: str) -> list[str]:
    """The test files that belong to a file: of its own name first, then those of its room, then those that import it."""
    parts = Path(file).with_suffix("").parts
    module, face = ".".join(parts), ".".join(parts[:-1])
    own = Path("tests", *parts[1:-1])
    every = sorted(path for path in (ROOT / "tests").rglob("test_*.py") if path.parent.name not in ("browser", "batch"))
    texts = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in every}
    named = [name for name in texts if Path(name).stem.removeprefix("test_").startswith(parts[-1])]
    room = [name for name in texts if Path(name).parent == own or (own in Path(name).parents and len(own.parts) > 2)]
    users = [name for name, text in texts.items() if f"{module} " in text or f"{face} import" in text]
    spared = ["tests/batch/test_spared.py"] if parts[1] in ("report", "sources") else []
    spared += ["tests/batch/test_cluster.py"] if parts[2] == "cluster" else []
    return list(dict.fromkeys([*named, *room, *users, *spared, *WHOLE]))


def noticed(mutant: Mutant, folder: Path) -> str:
    """The test that failed first with the change in a copy; blank where none did."""
    path = folder / mutant.file
    content = path.read_bytes()
    path.write_bytes(mutant.apply(content))
    try:
        for stage in ("not slow", "slow"):
            ends = outcomes(folder, ["-x", "-m", stage, *tests_of(mutant.file)], seconds=MOST)
            if failed := [name for name, how in ends.items() if how in ("failed", "error")]:
                return failed[0]
    except AssertionError:  # not even collected, or without end
        return "no test could begin or end"
    finally:
        path.write_bytes(content)
    return ""


def main(arguments: list[str] | None = None) -> int:
    """Prints a line for each change and what noticed it; 1 where fewer than nine in ten were noticed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--list", action="store_true", help="only say which changes would be made")
    options = parser.parse_args(arguments)
    mutants = chosen(options.seed, options.count)
    if options.list:
        print(*(each.told() for each in mutants), sep="\n")  # noqa: T201
        return 0
    clock, found = time.monotonic(), 0
    with tempfile.TemporaryDirectory() as place, ThreadPoolExecutor(options.jobs) as threads:
        if (ROOT.parent / "shared").is_dir():
            Path(place, "shared").symlink_to(ROOT.parent / "shared")
        copies = [copied(Path(place) / str(number)) for number in range(options.jobs)]

        begun = outcomes(copies[0], [QUICK])
        assert begun and set(begun.values()) == {"passed"}, begun  # else every change would count as noticed

        def tried(mutant: Mutant) -> str:
            copy = copies.pop()
            try:
                return noticed(mutant, copy)
            finally:
                copies.append(copy)

        for mutant, by in zip(mutants, threads.map(tried, mutants), strict=True):
            found += bool(by)
            print(f"{'noticed' if by else 'UNNOTICED'}  {mutant.told()}" + (f"  ({by})" if by else ""), flush=True)  # noqa: T201
    print(f"{found} of {len(mutants)} noticed in {time.monotonic() - clock:.0f} s")  # noqa: T201
    return 0 if found >= 0.9 * len(mutants) else 1


if __name__ == "__main__":
    sys.exit(main())
