"""The files of a report, written into staging once the notebooks have run."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from markupsafe import Markup

from workbench.model.plan import Plan
from workbench.report.exports import write_exports
from workbench.report.pages import (
    Leaf,
    Link,
    LinkRow,
    Page,
    about,
    failed_page,
    index_page,
    leaves,
    links_to,
    page_head,
    render_page,
    since_then,
    titles,
)
from workbench.report.printing import print_pages
from workbench.report.run.execute import Failure
from workbench.report.run.inputs import Inputs
from workbench.report.run.progress import Progress
from workbench.report.run.schedule import Schedule
from workbench.report.store import MANIFEST, RECORD, SEAL, Earlier, as_json, manifest, output_hashes, safe_name, seal
from workbench.view.markup import block_html

PDF = "plan.pdf"
WORKING = ("book", "notebooks")  # the snapshot that the notebooks ran on; its hashes stay, it does not


@dataclass(frozen=True)
class Content:
    """What a report is written from: `banner` stands on every page; `failures` by file are shown in place of their pages;
    `unplanned` are the sentences of scenarios without a plan; `earlier` is the report published for a quarter before;
    with `pdf` the first page of each scenario is printed.
    """

    inputs: Inputs
    schedule: Schedule
    plans: Mapping[str, Plan]
    banner: Sequence[str] = ()
    failures: Mapping[str, Failure] = field(default_factory=dict)
    unplanned: Sequence[str] = ()
    earlier: Earlier | None = None
    pdf: bool = False


def write_report(staging: Path, content: Content, record: Mapping[str, Any], progress: Progress) -> str:
    """Pages, exports, index, manifest, `record` of the clock and seal; the snapshot of the inputs is removed.

    Gives the sentence that says which PDF could not be made, blank where all were.
    """
    inputs, settings = content.inputs, content.inputs.book.settings
    names = titles([staging / "notebooks" / path.name for path in inputs.notebooks])
    pages = {name: leaves(inputs.notebooks, inputs.briefs, plan) for name, plan in content.plans.items()}
    progress.phase("Writing pages", [f"{name}/{leaf.file}" for name in pages for leaf in pages[name]])
    links: dict[str, tuple[list[Link], list[LinkRow]]] = {}
    for scenario, plan in content.plans.items():
        folder = staging / safe_name(scenario)
        head = page_head(settings, plan.quarter, plan.next_quarter, scenario, content.banner)
        for leaf in pages[scenario]:
            around, briefs = links_to(pages[scenario], names, plan, here=leaf.file)
            page = Page(head, around, plan.digest, names[leaf.notebook], briefs, leaf.segment)
            html = _page(folder, leaf, page, content.failures.get(f"{folder.name}/{leaf.file}.ipynb"))
            (folder / f"{leaf.file}.html").write_text(html, encoding="utf-8", newline="\n")
            progress.done(f"{scenario}/{leaf.file}")
        around, briefs = links_to(pages[scenario], names, plan, folder=f"{folder.name}/")
        around += [Link(f"{folder.name}/{file}", name) for file, name in write_exports(folder, plan)]
        links[scenario] = around, briefs
    unprinted = _print(staging, content, pages, links, progress) if content.pdf else ""
    progress.phase("Writing the index")
    first = next(iter(content.plans.values()))
    head = page_head(settings, first.quarter, first.next_quarter, banner=content.banner)
    absent = [*content.unplanned, *(each.problem(Path()).sentence() for each in content.failures.values())]
    absent += [unprinted] if unprinted else []
    html = index_page(head, content.plans, links, since=_since(content), absent=absent)
    (staging / "index.html").write_text(html, encoding="utf-8", newline="\n")
    for name in WORKING:
        shutil.rmtree(staging / name)
    _write_manifest(staging, content, pages)
    (staging / RECORD).write_bytes(as_json(record))
    (staging / SEAL).write_text(seal(staging), encoding="utf-8", newline="\n")
    return unprinted


def _page(folder: Path, leaf: Leaf, page: Page, failure: Failure | None) -> str:
    """The HTML of a notebook, or of the words that stand for one that failed."""
    path = folder / f"{leaf.file}.ipynb"
    if failure is None:
        return render_page(path, page)
    return failed_page(page, failure.cell, failure.found, path.name if path.exists() else "")


def _print(
    staging: Path, content: Content, pages: Mapping[str, Sequence[Leaf]], links: Mapping[str, tuple[list[Link], list[LinkRow]]],
    progress: Progress,
) -> str:  # fmt: skip
    """Prints the first page of each scenario that has one and adds the link to it; what could not be printed, in a sentence."""
    progress.phase("Printing the first pages")
    firsts = {name: f"{safe_name(name)}/{leaves_[0].file}" for name, leaves_ in pages.items()}
    whole = {name: file for name, file in firsts.items() if f"{file}.ipynb" not in content.failures}
    said = print_pages([(staging / f"{file}.html", staging / safe_name(name) / PDF) for name, file in whole.items()])
    for name in whole:
        if (staging / safe_name(name) / PDF).exists():
            links[name][0].append(Link(f"{safe_name(name)}/{PDF}", "The first page as PDF"))
    return said


def _since(content: Content) -> list[Markup]:
    """Per scenario that was published before, what changed since."""
    if content.earlier is None:
        return []
    found = [since_then(content.earlier, name, plan) for name, plan in content.plans.items()]
    return [Markup(block_html(block.content, level=3)) for block in found if block]


def _write_manifest(staging: Path, content: Content, pages: Mapping[str, Sequence[Leaf]]) -> None:
    """Writes what the report was made from and what it holds."""
    first = next(iter(content.plans.values()))
    failed = content.failures
    told = {
        "company": first.company,
        "quarter": first.quarter,
        "scenarios": {name: about(plan, safe_name(name), f"{pages[name][0].file}.html")
                      for name, plan in content.plans.items()},
        "key": content.schedule.key,
        "notebooks": {job.file: job.key for job in content.schedule.jobs
                      if job.file not in failed and job.scenario in content.plans},
        "banner": list(content.banner),
        "partial": bool(failed or content.unplanned),
    }  # fmt: skip
    (staging / MANIFEST).write_bytes(manifest(told, content.schedule.hashes, output_hashes(staging)))
