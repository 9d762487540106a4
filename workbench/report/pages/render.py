"""A notebook as one HTML file that works with the network off, under a strict content security policy."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import nbformat
from markupsafe import Markup
from nbconvert.exporters.exporter import Exporter
from nbconvert.preprocessors import TagRemovePreprocessor

from workbench.book.quarters import last_day
from workbench.book.settings import BookSettings
from workbench.report.pages.leaves import Link, LinkRow
from workbench.report.pages.outputs import Fold, Part, Row, Text, contents, page_parts, page_title
from workbench.report.pages.style import style_sheet
from workbench.view.live import script_of

SCRIPTS = ("tables.js", "folds.js", "charts.js", "live.js")  # of ours, run in this order once Vega is there
LIGHT = ("tables.js", "folds.js")  # what a page without charts needs of them


@dataclass(frozen=True)
class Head:
    """What stands above every page: whose plan, for when, on which data, in which money; `banner`: what to mind first."""

    company: str
    quarter: str
    until: str
    currency: str
    scenario: str = ""
    banner: Sequence[str] = ()

    @property
    def title(self) -> str:
        """The page's subject in a line."""
        return f"Portfolio plan for {self.quarter}"


@dataclass(frozen=True)
class Page:
    """What a notebook's page shows beside the notebook; `segment`, a name, where the page is that of one segment."""

    head: Head
    links: Sequence[Link] = ()
    digest: str = ""
    name: str = field(default="Notebook")
    briefs: Sequence[LinkRow] = ()
    segment: str = ""


def page_head(
    settings: BookSettings, quarter: str, next_quarter: str, scenario: str = "", banner: Sequence[str] = ()
) -> Head:
    """The head of the pages of a plan; quarters and dates as people write them."""
    day = last_day(quarter, settings.fiscal_month)
    until = f"{day.day} {day:%B} {day.year}"
    return Head(settings.company, spoken(next_quarter), until, settings.currency, scenario, banner)


def spoken(quarter: str) -> str:
    """A quarter as people write it: `2026 Q4`."""
    return f"{quarter[:4]} {quarter[4:]}"


class PageExporter(Exporter):  # type: ignore[misc]
    """An nbconvert exporter with our own template: code hidden, outputs by allow-list, everything escaped."""

    export_from_notebook = "Portfolio Workbench page"
    output_mimetype = "text/html"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.file_extension = ".html"
        self.register_preprocessor(TagRemovePreprocessor(remove_cell_tags={"interactive"}), enabled=True)

    def from_notebook_node(self, nb: Any, resources: Any = None, **options: Any) -> tuple[str, Any]:
        """The page as HTML, and the resources; `resources["page"]` is the Page."""
        notebook, kept = super().from_notebook_node(nb, resources, **options)
        page = (resources or {}).get("page") or Page(Head("", "", "", ""))
        parts = page_parts(notebook.cells)
        inside = [*parts, *(each for part in parts if isinstance(part, Fold) for each in part.parts)]
        scripts = SCRIPTS if any(isinstance(part, Row) for part in inside) else LIGHT if _has_table(inside) else ()
        name = page_title(notebook.cells, page.name)
        name = f"{name}: {page.segment}" if page.segment else name
        return fill("page.html.j2", scripts, page=page, name=name, parts=parts, contents=contents(parts)), kept


def render_page(path: Path, page: Page) -> str:
    """The HTML of an executed notebook."""
    html, _ = PageExporter().from_notebook_node(nbformat.read(path, as_version=4), {"page": page})
    return str(html)


def failed_page(page: Page, cell: str, found: str, notebook: str) -> str:
    """The HTML that stands for a notebook that did not run to its end: which cell, what was found, where it lies."""
    return fill("failed.html.j2", (), page=page, cell=cell, found=found, notebook=notebook, contents=[])


def titles(paths: Sequence[Path]) -> dict[str, str]:
    """The name of each notebook's page by the notebook's file name without its ending."""
    return {
        path.stem: page_title(
            nbformat.read(path, as_version=4).cells, path.stem.lstrip("0123456789_").replace("_", " ")
        )
        for path in paths
    }


def fill(template: str, scripts: Sequence[str], **values: Any) -> str:
    """A template of ours, filled in with everything escaped; with our `scripts`, and Vega where one draws charts."""
    script = joined(tuple(scripts)) if scripts else None
    policy = [
        "default-src 'none'",
        *([f"script-src {_source(script)}"] if script else []),
        "style-src 'unsafe-inline'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    return environment().get_template(template).render(policy="; ".join(policy), script=script, **values)


@cache
def environment() -> jinja2.Environment:
    """Our templates, escaping everything; a name that is not given is an error."""
    loader = jinja2.PackageLoader("workbench.report.pages", "templates")
    made = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
                              lstrip_blocks=True)  # fmt: skip
    made.globals["css"] = Markup(style_sheet(lambda name: loader.get_source(made, name)[0]))
    made.tests["row"] = lambda part: isinstance(part, Row)
    made.tests["fold"] = lambda part: isinstance(part, Fold)
    return made


@cache
def joined(scripts: tuple[str, ...]) -> Markup:
    """Our scripts as one, each for itself; Vega, Vega-Lite and Vega-Embed stand around them where charts are drawn."""
    loader = environment().loader
    assert loader is not None
    own = {name: loader.get_source(environment(), name)[0] for name in scripts}
    if "live.js" in own:
        own["live.js"] = script_of("order.js") + own["live.js"]
    script = "\n".join(f"(() => {{\n{text}}})();" for text in own.values())
    if "charts.js" in scripts:
        from vl_convert import javascript_bundle

        script = javascript_bundle(script)
    return Markup(script.replace("\r\n", "\n").replace("</script", "<\\/script"))


def _has_table(parts: Sequence[Part]) -> bool:
    """True where a table can be sorted or a part folds."""
    return any(isinstance(part, Fold) or (isinstance(part, Text) and "<table" in part.html) for part in parts)


def _source(script: str) -> str:
    """A script's entry in the content security policy."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
