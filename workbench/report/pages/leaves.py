"""The pages of a scenario: one per notebook, and one per notebook and segment where it is run for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.report.store import brief_name

if TYPE_CHECKING:
    from workbench.model.plan import Plan


@dataclass(frozen=True)
class Link:
    """A page to go to: file and name; `here` for the page itself."""

    file: str
    name: str
    here: bool = False


@dataclass(frozen=True)
class LinkRow:
    """The pages of one kind by segment, in rank order: those of the chosen segments, then the others."""

    name: str
    chosen: Sequence[Link]
    others: Sequence[Link]


@dataclass(frozen=True)
class Leaf:
    """One page: the executed notebook's file without its ending, its notebook's name, and the segment's name if any."""

    file: str
    notebook: str
    segment: str = ""


def leaves(notebooks: Sequence[Path], briefs: frozenset[str], plan: Plan) -> list[Leaf]:
    """The pages of a plan in the order of the notebooks; those of segments with the chosen first, each in rank order."""
    order = plan.ranking.order.sort_values("chosen", ascending=False, kind="stable")
    named = list(zip(order["segment"], order["name"], strict=True))
    pages = []
    for path in notebooks:
        if path.name in briefs:
            pages += [Leaf(brief_name(path.stem, key), path.stem, name) for key, name in named]
        else:
            pages.append(Leaf(path.stem, path.stem))
    return pages


def links_to(
    pages: Sequence[Leaf], titles: Mapping[str, str], plan: Plan, *, folder: str = "", here: str = ""
) -> tuple[list[Link], list[LinkRow]]:
    """The links to the pages of whole plans, and a row of links for each notebook that has a page per segment."""
    links = [Link(f"{folder}{leaf.file}.html", titles[leaf.notebook], leaf.file == here) for leaf in pages
             if not leaf.segment]  # fmt: skip
    rows = []
    chosen = set(plan.ranking.order.loc[plan.ranking.order["chosen"], "name"])
    for notebook in dict.fromkeys(leaf.notebook for leaf in pages if leaf.segment):
        own = [(leaf.segment in chosen, Link(f"{folder}{leaf.file}.html", leaf.segment, leaf.file == here))
               for leaf in pages if leaf.notebook == notebook]  # fmt: skip
        rows.append(LinkRow(titles[notebook], [link for first, link in own if first],
                            [link for first, link in own if not first]))  # fmt: skip
    return links, rows
