"""The parts of a page from a notebook's cells: an allow-list of two kinds of output, and our own Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import mistune
from markupsafe import Markup

from workbench.report.pages.figures import chart_grids
from workbench.view.blocks import BLOCK_MIME
from workbench.view.markup import block_html

VEGALITE_MIME = "application/vnd.vegalite.v5+json"
DRAWN_WITH = "https://vega.github.io/schema/vega-lite/v6.json"  # what vl-convert bundles; it draws version 5 as well
ROOM = {"left": 0, "top": 5, "right": 30, "bottom": 5}  # to the right for the figures beside the longest bars
BLOCKS = ("answer", "figures", "table", "list", "turn", "grades")  # the digest stands in the footer
LEADS = frozenset({"href", "url", "bind"})  # of a specification: what opens, loads or takes in what is not in it
DATA = frozenset({"values", "datasets"})  # rows, whose columns may have any name
UNSHOWN = "This part of the notebook cannot be shown here."
UNSAFE = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


@dataclass(frozen=True)
class Text:
    """HTML that is safe as it stands: a block, or Markdown of ours (`prose`). `heading`: what the contents call it."""

    html: Markup
    prose: bool = False
    answer: bool = False
    heading: str = ""
    place: str = ""


@dataclass(frozen=True)
class Chart:
    """A chart: title, finding and caption for the page, `label` for those who cannot see it, `spec` as JSON for a script tag.

    `plain`: its colours are a scale, so that it stays on light paper in the dark. `tables`: the figures behind it. `live`:
    sliders move its parameters.
    """

    title: str
    finding: str
    caption: str
    label: str
    spec: Markup
    plain: bool
    tables: tuple[Markup, ...] = ()
    place: str = ""
    live: bool = False


@dataclass(frozen=True)
class Row:
    """Charts that follow one another, side by side where there is room."""

    charts: tuple[Chart, ...]


@dataclass(frozen=True)
class Fold:
    """Parts that a reader opens: closed on a screen, open in print. `words`: what is in it, in a sentence."""

    title: str
    words: str
    place: str
    parts: list[Text | Row]


Part = Text | Row | Fold


def page_parts(cells: Iterable[Any]) -> list[Part]:
    """What of a notebook's cells enters the page, in order, the answer first; what is not on the allow-list is dropped.

    A Markdown cell tagged `folded` with a heading `## Title` and a sentence below it opens a fold: it takes in all that
    follows, up to the next Markdown cell without that tag. Tagged, but without a heading, a cell is prose in the fold.
    """
    parts: list[Part] = []
    fold: Fold | None = None
    places = (f"part-{number}" for number in count(1))
    for cell in cells:
        if cell.cell_type == "markdown":
            tagged = "folded" in cell.metadata.get("tags", [])
            fold = fold if tagged else None
            if tagged and cell.source.startswith("## "):
                title, _, words = cell.source[3:].partition("\n")
                fold = Fold(title.strip(), " ".join(words.split()), next(places), [])
                parts.append(fold)
            else:
                _add(parts, fold, Text(markdown(cell.source), prose=True))
        for output in cell.get("outputs", []):
            _add(parts, fold, _part(output.get("data", {}), places, level=3 if fold else 2))
    parts = [part for part in parts if not isinstance(part, Fold) or part.parts]
    return sorted(parts, key=lambda part: not (isinstance(part, Text) and part.answer))


def contents(parts: Iterable[Part]) -> list[tuple[str, str]]:
    """Place and heading of each part of a page that has one, in order."""
    found = []
    for part in parts:
        if isinstance(part, Row):
            found += [(chart.place, chart.title) for chart in part.charts if chart.title]
        elif isinstance(part, Fold):
            found.append((part.place, part.title))
        elif part.heading:
            found.append((part.place, part.heading))
    return found


def _add(parts: list[Part], fold: Fold | None, part: Text | Chart | None) -> None:
    """Puts a part at the end, or into the fold that is open; a chart beside the chart before it."""
    into: list[Any] = fold.parts if fold else parts
    if isinstance(part, Chart) and into and isinstance(into[-1], Row) and not _alone(part, into[-1]):
        into[-1] = Row((*into[-1].charts, part))
    elif part is not None:
        into.append(Row((part,)) if isinstance(part, Chart) else part)


def page_title(cells: Iterable[Any], otherwise: str) -> str:
    """The first heading of the notebook, without its mark; `otherwise` where there is none."""
    for cell in cells:
        if cell.cell_type == "markdown" and cell.source.startswith("# "):
            return str(cell.source.splitlines()[0][2:].strip())
    return otherwise


def markdown(source: str) -> Markup:
    """The HTML of Markdown: raw HTML escaped, no picture, no link but to pages and mail; the title stands elsewhere."""
    text = source.partition("\n")[2] if source.startswith("# ") else source
    return Markup(str(_MARKDOWN(text)).strip())


def chart(spec: dict[str, Any], place: str = "") -> Chart:
    """The chart of a Vega-Lite specification, its width that of the page, its title in the page's letters.

    Where the specification has a name (`usermeta.workbench.name`), that is the heading and its title the finding below.
    What would load something, or lead away on a click, is left out of it.
    """
    own = _own(spec)
    spec = _inert(spec)
    spec = {**spec, "$schema": DRAWN_WITH, "background": "transparent", "padding": ROOM, "usermeta": {"workbench": own}}
    title = spec.pop("title", "")
    parts = title if isinstance(title, dict) else {"text": title}
    text, under = _joined(parts.get("text")), _joined(parts.get("subtitle"))
    if isinstance(spec.get("width"), int | float) and "live" not in own:  # whose script fits it in
        spec["width"] = "container"
    named = str(own.get("name", ""))
    label = str(spec.get("description") or text or "Chart")
    grids = [] if "live" in own else chart_grids(spec, named or text or label)
    return Chart(named or text, text if named else "", under, label, script_json(spec), _has_scale(spec),
                 tuple(Markup(block_html(each)) for each in grids), place, "live" in own)  # fmt: skip


def script_json(value: Any) -> Markup:
    """JSON that cannot end the script tag it stands in."""
    return Markup(json.dumps(value, ensure_ascii=False, allow_nan=False).translate(UNSAFE))


def _own(spec: dict[str, Any]) -> dict[str, Any]:
    """What the workbench noted in a specification for itself; nothing else of `usermeta` reaches the page."""
    noted = spec.get("usermeta")
    own = noted.get("workbench") if isinstance(noted, dict) else None
    return own if isinstance(own, dict) else {}


def _inert(spec: Any) -> Any:
    """A specification without what leads out of it; its rows stay as they are."""
    if isinstance(spec, list):
        return [_inert(each) for each in spec]
    if not isinstance(spec, dict):
        return spec
    return {name: value if name in DATA else _inert(value) for name, value in spec.items() if name not in LEADS}


def _part(data: dict[str, Any], places: Iterator[str], level: int) -> Text | Chart | None:
    """The part of an output; a sentence where its content has not the shape that its kind promises."""
    block, spec = data.get(BLOCK_MIME), data.get(VEGALITE_MIME)
    try:
        if isinstance(block, dict) and block.get("type") in BLOCKS:
            return _text(json.loads(json.dumps(block)), next(places), level)
        return chart(spec, next(places)) if isinstance(spec, dict) else None
    except Exception:  # whatever a foreign notebook puts there, the page stands
        return Text(Markup('<p class="cap">{}</p>').format(UNSHOWN))


def _text(block: dict[str, Any], place: str, level: int) -> Text:
    html = Markup(block_html(block, level=level, place=place))
    return Text(html, answer=block["type"] == "answer", heading=str(block.get("title", "")), place=place)


def _alone(chart: Chart, row: Row) -> bool:
    """True where a chart does not stand beside those of a row: its sliders, or theirs, need the room."""
    return chart.live or any(other.live for other in row.charts)


def _joined(text: Any) -> str:
    """The lines of a title as one, an amount and its unit kept together."""
    joined = " ".join(map(str, text)) if isinstance(text, list) else str(text or "")
    return re.sub(r"(?<=\d) (?=[mk%]\b|%)", "\u00a0", joined)


def _has_scale(spec: Any) -> bool:
    """True where a colour stands for a number anywhere in the specification."""
    if isinstance(spec, list):
        return any(map(_has_scale, spec))
    if not isinstance(spec, dict):
        return False
    color = spec.get("color")
    if isinstance(color, dict) and color.get("type") == "quantitative":
        return True
    return any(_has_scale(value) for name, value in spec.items() if name not in ("data", "datasets"))


class _Quiet(mistune.HTMLRenderer):
    """Markdown without pictures, for a page that loads nothing."""

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return text


_MARKDOWN = mistune.create_markdown(renderer=_Quiet(escape=True), plugins=["table"])
