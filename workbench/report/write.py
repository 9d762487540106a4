"""The files of a report, written into staging once every notebook has run."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from workbench.model.plan import Plan
from workbench.report.exports import write_exports
from workbench.report.index import index_page
from workbench.report.inputs import Inputs
from workbench.report.manifest import file_hash, manifest, output_hashes
from workbench.report.pages import leaves, links_to
from workbench.report.publish import safe_name
from workbench.report.render import Link, LinkRow, Page, page_head, render_page, titles

WORKING = ("book", "notebooks")  # the snapshot that the notebooks ran on; its hashes stay, it does not


def write_report(staging: Path, inputs: Inputs, plans: Mapping[str, Plan], taken: Mapping[str, Path]) -> None:
    """Pages, index and manifest of executed notebooks; the snapshot of the inputs is removed."""
    names = titles([staging / "notebooks" / path.name for path in inputs.notebooks])
    settings = inputs.book.settings
    links: dict[str, tuple[list[Link], list[LinkRow]]] = {}
    for scenario, plan in plans.items():
        folder = staging / safe_name(scenario)
        head = page_head(settings, plan.quarter, plan.next_quarter, scenario)
        pages = leaves(inputs.notebooks, inputs.briefs, plan)
        for leaf in pages:
            around, briefs = links_to(pages, names, plan, here=leaf.file)
            page = Page(head, around, plan.digest, names[leaf.notebook], briefs, leaf.segment)
            html = render_page(folder / f"{leaf.file}.ipynb", page)
            (folder / f"{leaf.file}.html").write_text(html, encoding="utf-8", newline="\n")
        around, briefs = links_to(pages, names, plan, folder=f"{folder.name}/")
        around += [Link(f"{folder.name}/{file}", name) for file, name in write_exports(folder, plan)]
        links[scenario] = around, briefs
    first = next(iter(plans.values()))
    head = page_head(settings, first.quarter, first.next_quarter)
    (staging / "index.html").write_text(index_page(head, plans, links), encoding="utf-8", newline="\n")
    about = {
        "company": first.company,
        "quarter": first.quarter,
        "scenarios": {name: {"digest": plan.digest, "folder": safe_name(name)} for name, plan in plans.items()},
    }
    hashes = {name: file_hash(path) for name, path in taken.items()}
    for name in WORKING:
        shutil.rmtree(staging / name)
    (staging / "manifest.json").write_bytes(manifest(about, hashes, output_hashes(staging)))
