"""The parts of a page from a notebook's cells: an allow-list of two kinds of output, and our own Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import mistune
from markupsafe import Markup

from workbench.view.blocks import BLOCK_MIME, block_html

VEGALITE_MIME = "application/vnd.vegalite.v5+json"
DRAWN_WITH = "https://vega.github.io/schema/vega-lite/v6.json"  # what vl-convert bundles; it draws version 5 as well
ROOM = {"left": 0, "top": 5, "right": 30, "bottom": 5}  # to the right for the figures beside the longest bars
BLOCKS = ("answer", "figures", "table", "list")  # the digest stands in the footer
UNSAFE = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


@dataclass(frozen=True)
class Text:
    """HTML that is safe as it stands: a block, or Markdown of ours (`prose`)."""

    html: Markup
    prose: bool = False


@dataclass(frozen=True)
class Chart:
    """A chart: title and caption for the page, `label` for those who cannot see it, `spec` as JSON for a script tag.

    `plain`: its colours are a scale, so that it stays on light paper in the dark; `live`: sliders move its parameters.
    """

    title: str
    caption: str
    label: str
    spec: Markup
    plain: bool
    live: bool = False


@dataclass(frozen=True)
class Row:
    """Charts that follow one another, side by side where there is room."""

    charts: tuple[Chart, ...]


Part = Text | Row


def page_parts(cells: Iterable[Any]) -> list[Part]:
    """What of a notebook's cells enters the page, in order; everything not on the allow-list is dropped."""
    parts: list[Part] = []
    for cell in cells:
        if cell.cell_type == "markdown":
            parts.append(Text(markdown(cell.source), prose=True))
        for output in cell.get("outputs", []):
            part = _part(output.get("data", {}))
            if isinstance(part, Chart) and parts and isinstance(parts[-1], Row) and not _alone(part, parts[-1]):
                parts[-1] = Row((*parts[-1].charts, part))
            elif part is not None:
                parts.append(Row((part,)) if isinstance(part, Chart) else part)
    return parts


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


def chart(spec: dict[str, Any]) -> Chart:
    """The chart of a Vega-Lite specification, its width that of the page, its title in the page's letters."""
    spec = {**spec, "$schema": DRAWN_WITH, "background": "transparent", "padding": ROOM}
    title = spec.pop("title", "")
    parts = title if isinstance(title, dict) else {"text": title}
    text, under = _joined(parts.get("text")), _joined(parts.get("subtitle"))
    if isinstance(spec.get("width"), int | float) and not _is_live(spec):  # whose script fits it in
        spec["width"] = "container"
    label = str(spec.get("description") or text or "Chart")
    return Chart(text, under, label, script_json(spec), _has_scale(spec), _is_live(spec))


def script_json(value: Any) -> Markup:
    """JSON that cannot end the script tag it stands in."""
    return Markup(json.dumps(value, ensure_ascii=False, allow_nan=False).translate(UNSAFE))


def _part(data: dict[str, Any]) -> Text | Chart | None:
    block, spec = data.get(BLOCK_MIME), data.get(VEGALITE_MIME)
    if isinstance(block, dict) and block.get("type") in BLOCKS:
        return Text(Markup(block_html(block)))
    return chart(spec) if isinstance(spec, dict) else None


def _alone(chart: Chart, row: Row) -> bool:
    """True where a chart does not stand beside those of a row: its sliders, or theirs, need the room."""
    return chart.live or any(other.live for other in row.charts)


def _is_live(spec: dict[str, Any]) -> bool:
    """True where the specification says what sliders it takes (view/live.py)."""
    meta = spec.get("usermeta")
    ours = meta.get("workbench") if isinstance(meta, dict) else None
    return isinstance(ours, dict) and isinstance(ours.get("live"), dict)


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
