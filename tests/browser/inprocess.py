"""The pages of a plan without kernels: notebooks run in this process, rendered as the report renders them."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat

from workbench.model.plan import Plan
from workbench.report.pages.index import index_page
from workbench.report.pages.leaves import leaves, links_to
from workbench.report.pages.render import Page, PageExporter, page_head, titles
from workbench.report.run.inputs import NOTEBOOKS
from workbench.view import theme
from workbench.view.blocks import BLOCK_MIME, Block

BRIEF = "5_segment_brief.ipynb"


def ran(path: Path, given: Mapping[str, Any]) -> Any:
    """The notebook with the outputs of its cells: `given` stands for parameters, book, scenario and plan."""
    theme.use_theme()
    notebook, known = nbformat.read(path, as_version=4), dict(given)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
            tags = cell.metadata.get("tags", [])
            if "parameters" not in tags and "interactive" not in tags:
                cell.outputs = _shown(cell.source, known)
    return notebook


def _shown(source: str, known: dict[str, Any]) -> list[Any]:
    """What a cell shows; of the cell that makes the plan only its imports run."""
    lines = ast.parse(source).body
    if "plan_quarter(" in source:
        lines = [line for line in lines if isinstance(line, ast.Import | ast.ImportFrom)]
    last = lines.pop() if lines and isinstance(lines[-1], ast.Expr) else None
    exec(compile(ast.Module(lines, []), "cell", "exec"), known)
    if not isinstance(last, ast.Expr):
        return []
    shown = eval(compile(ast.Expression(last.value), "cell", "eval"), known)
    bundle = {BLOCK_MIME: shown.content} if isinstance(shown, Block) else _bundle(shown)
    return [nbformat.v4.new_output("display_data", data=bundle)]


def _bundle(shown: Any) -> dict[str, Any]:
    """A chart by its specification, anything else as JupyterLab would get it."""
    return {theme.VEGALITE_MIME: shown.to_dict()} if hasattr(shown, "to_dict") else dict(shown._repr_mimebundle_())


def write_pages(folder: Path, plan: Plan, book: Any, paths: Sequence[Path] = ()) -> Path:
    """The pages of `plan` in `folder`, by the notebooks at `paths` (all of ours where none is named)."""
    paths = paths or sorted(NOTEBOOKS.glob("*.ipynb"))
    names, keys = titles(paths), dict(zip(plan.ranking.order["name"], plan.ranking.order["segment"], strict=True))
    pages = leaves(paths, frozenset({BRIEF}), plan)
    head = page_head(book.settings, plan.quarter, plan.next_quarter, "base")
    for leaf in pages:
        links, rows = links_to(pages, names, plan, here=leaf.file)
        page = Page(head, links, plan.digest, names[leaf.notebook], rows, leaf.segment)
        given = {"plan": plan, "company": book, "assumptions": plan.scenario, "quarter": plan.quarter,
                 "segment": keys.get(leaf.segment, "")}  # fmt: skip
        path = next(path for path in paths if path.stem == leaf.notebook)
        html, _ = PageExporter().from_notebook_node(ran(path, given), {"page": page})
        (folder / f"{leaf.file}.html").write_text(html, encoding="utf-8", newline="\n")
    return folder


def write_report(folder: Path, plan: Plan, book: Any) -> Path:
    """The pages of `plan` in `folder/base` and the page that opens the report, `folder/index.html`."""
    (folder / "base").mkdir()
    write_pages(folder / "base", plan, book)
    paths = sorted(NOTEBOOKS.glob("*.ipynb"))
    around = links_to(leaves(paths, frozenset({BRIEF}), plan), titles(paths), plan, folder="base/")
    html = index_page(page_head(book.settings, plan.quarter, plan.next_quarter), {"base": plan}, {"base": around})
    (folder / "index.html").write_text(html, encoding="utf-8", newline="\n")
    return folder
