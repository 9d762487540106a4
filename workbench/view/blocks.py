"""What a notebook shows beside charts: an answer, figures, a table, a list, the digest; each escaped on its way to HTML.

A block travels as JSON in its own mime type, so that a page can be made from it without trusting any HTML.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import jinja2

BLOCK_MIME = "application/vnd.workbench.block+json"
TEMPLATE = """
{%- macro cell(value) -%}
{%- if value is mapping and value.bar is defined -%}
<svg class="bar" width="{{ value.width }}" height="12" role="img" aria-label="{{ value.text }}">
{%- for part in value.bar -%}
<rect class="k{{ loop.index0 }}" x="{{ part[0] }}" y="0" width="{{ part[1] }}" height="12"/>{%- endfor -%}
</svg><span class="sc">{{ value.text }}</span>
{%- elif value is mapping -%}<span class="{{ value.tone }}">{{ value.text }}</span>
{%- else -%}{{ value }}{%- endif -%}
{%- endmacro -%}
{%- if block.type == "answer" -%}
<section class="answer"><h1>{% for part in block.parts %}{% if part[1] %}<em>{{ part[0] }}</em>{% else -%}
{{ part[0] }}{% endif %}{% endfor %}</h1>{% if block.sub %}<p class="sub">{{ block.sub }}</p>{% endif %}</section>
{%- elif block.type == "figures" -%}
<section class="figures">{% for item in block["items"] -%}
<div><b>{{ item.figure }}</b><span>{{ item.text }}</span></div>{% endfor %}</section>
{%- elif block.type == "table" -%}
<section class="table"><h2>{{ block.title }}</h2>{% if block.caption %}<p class="cap">{{ block.caption }}</p>{% endif -%}
<div class="scroll"><table><thead><tr>{% for column in block.columns -%}
<th class="{{ column.align }}" scope="col">{{ column.label }}</th>{% endfor %}</tr></thead><tbody>{% for row in block.rows -%}
<tr{% if row.mark %} class="{{ row.mark }}"{% endif %}>{% for value in row.cells -%}
{% if loop.index0 == block.head %}<th scope="row">{{ cell(value) }}{% if row.mark == "chosen" -%}
<span class="pill">chosen</span>{% endif %}</th>{% else -%}
<td class="{{ block.columns[loop.index0].align }}">{{ cell(value) }}</td>{% endif %}{% endfor %}</tr>{% endfor -%}
</tbody></table></div>{% if block.key %}<p class="key">{% for each in block.key -%}
<span><i class="k{{ loop.index0 }}"></i>{{ each }}</span>{% endfor %}</p>{% endif %}</section>
{%- elif block.type == "list" -%}
<section class="list"><h2>{{ block.title }}</h2>{% if block["items"] %}<ul class="said">{% for item in block["items"] -%}
<li>{{ item }}</li>{% endfor %}</ul>{% else %}<p class="cap">{{ block.empty }}</p>{% endif %}</section>
{%- elif block.type == "digest" -%}
<p class="digest">Plan {{ block.digest }}</p>
{%- endif -%}
"""


@cache
def _template() -> jinja2.Template:
    return jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(TEMPLATE)


def block_html(block: dict[str, Any]) -> str:
    """The HTML of a block; every text in it is escaped."""
    return _template().render(block=block).strip()


@dataclass(frozen=True)
class Block:
    """A block that shows itself in JupyterLab and travels as JSON into a report."""

    content: dict[str, Any]

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        html = f'<div class="workbench">{block_html(self.content)}</div>'
        return {BLOCK_MIME: self.content, "text/html": html, "text/plain": self.text()}

    def text(self) -> str:
        """The block as plain text, for terminals and stored outputs."""
        content = self.content
        if content["type"] == "answer":
            return str(content["text"])
        if content["type"] == "figures":
            return "\n".join(f"{item['figure']}  {item['text']}" for item in content["items"])
        if content["type"] == "table":
            return f"{content['title']}: {len(content['rows'])} rows"
        if content["type"] == "list":
            return "\n".join([content["title"], *(content["items"] or [content["empty"]])])
        return str(content["digest"])

    def lines(self) -> str:
        """The block as text with its tables written out, for a terminal."""
        content = self.content
        if content["type"] != "table":
            return self.text()
        heads = [column["label"] for column in content["columns"]]
        rows = [
            [each["text"] if isinstance(each, dict) else str(each) for each in row["cells"]] for row in content["rows"]
        ]
        wide = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
        right = [column["align"] == "n" for column in content["columns"]]
        written = ["  ".join(cell.rjust(size) if flush else cell.ljust(size)
                             for cell, size, flush in zip(row, wide, right, strict=True)).rstrip()
                   for row in (heads, *rows)]  # fmt: skip
        return "\n".join([content["title"], *(f"  {line}" for line in written)])


def answer(text: str, sub: str = "", chosen: Sequence[str] = ()) -> Block:
    """The answer in a sentence, the names of the chosen marked in it, with a second sentence below."""
    names = sorted({name for name in chosen if name}, key=lambda name: (-len(name), name))
    pieces = re.split(f"({'|'.join(map(re.escape, names))})", text) if names else [text]
    parts = [[piece, piece in names] for piece in pieces if piece]
    return Block({"type": "answer", "text": text, "sub": sub, "parts": parts})


def figures(items: Sequence[tuple[str, str]]) -> Block:
    """Up to four figures, each with what it counts and its unit."""
    return Block({"type": "figures", "items": [{"figure": figure, "text": text} for figure, text in items]})


def table(
    title: str,
    columns: Sequence[tuple[str, str]],
    rows: Sequence[Sequence[Any]],
    *,
    caption: str = "",
    head: int = 0,
    marks: Sequence[str] = (),
    key: Sequence[str] = (),
) -> Block:
    """A table: `columns` pairs of label and alignment (`l` or `n`); `head` the column that names the row."""
    lines = [{"cells": list(cells), "mark": marks[index] if marks else ""} for index, cells in enumerate(rows)]
    heads = [{"label": label, "align": align} for label, align in columns]
    return Block({"type": "table", "title": title, "caption": caption, "columns": heads, "rows": lines, "head": head,
                  "key": list(key)})  # fmt: skip


def said(title: str, items: Sequence[str], empty: str) -> Block:
    """A list of sentences, or the sentence `empty` where there are none."""
    return Block({"type": "list", "title": title, "items": list(items), "empty": empty})


def digest(value: str) -> Block:
    """The digest of the plan, which the report compares with its own."""
    return Block({"type": "digest", "digest": value})


def bar(parts: Sequence[float], text: str, width: int = 110) -> dict[str, Any]:
    """A table cell with a stacked bar of `parts` (each 0–1, together at most 1) and its figure."""
    place, pieces = 0.0, []
    for part in parts:
        size = max(part, 0.0) * width
        pieces.append([f"{place:.1f}", f"{size:.1f}"])
        place += size
    return {"bar": pieces, "text": text, "width": width}


def toned(text: str, tone: str) -> dict[str, str]:
    """A table cell in a tone: `up`, `down` or `same`."""
    return {"text": text, "tone": tone}
