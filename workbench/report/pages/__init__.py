"""The pages that readers open, drawn from notebooks and plans."""

from workbench.report.pages.index import index_page
from workbench.report.pages.leaves import Leaf, Link, LinkRow, leaves, links_to
from workbench.report.pages.render import Page, failed_page, page_head, render_page, titles
from workbench.report.pages.shelf import about, shelved
from workbench.report.pages.since import since_then

__all__ = [
    "Leaf",
    "Link",
    "LinkRow",
    "Page",
    "about",
    "failed_page",
    "index_page",
    "leaves",
    "links_to",
    "page_head",
    "render_page",
    "shelved",
    "since_then",
    "titles",
]
