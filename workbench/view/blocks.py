"""What a notebook shows beside charts: an answer, figures, a table, a list, the digest and the like, each escaped in HTML.

A block travels as JSON in its own mime type, so that a page can be made from it without trusting any HTML.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workbench.view.markup import block_html
from workbench.view.theme import Figure

__all__ = ["BLOCK_MIME", "Block", "answer", "bar", "block_html", "digest", "figures", "grades", "grid", "said", "table",
           "toned", "turn"]  # fmt: skip
BLOCK_MIME = "application/vnd.workbench.block+json"


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
        if content["type"] == "turn":
            return "\n".join(filter(None, [content["title"], content["text"], content["more"]]))
        if content["type"] == "grades":
            return "\n".join([content["title"], *(f"{each['count']} {each['grade']}" for each in content["grades"])])
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


def answer(text: str, sub: str = "", chosen: Sequence[str] = (), note: str = "") -> Block:
    """The answer in a sentence, the names of the chosen marked in it, a second sentence below, and a quiet third."""
    names = sorted({name for name in chosen if name}, key=lambda name: (-len(name), name))
    pieces = re.split(f"({'|'.join(map(re.escape, names))})", text) if names else [text]
    parts = [[piece, piece in names] for piece in pieces if piece]
    return Block({"type": "answer", "text": text, "sub": sub, "note": note, "parts": parts})


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
    """A table: `columns` pairs of label and alignment (`l` or `n`); `head` the column that names the row.

    A row's `values` are the numbers behind its cells, None where there is none: a page sorts by them.
    """
    return Block({"key": list(key), **grid(title, columns, rows, caption, head, marks), "type": "table"})


def grid(
    title: str,
    columns: Sequence[tuple[str, str]],
    rows: Sequence[Sequence[Any]],
    caption: str = "",
    head: int = 0,
    marks: Sequence[str] = (),
) -> dict[str, Any]:
    """The content of a table without a heading (`title` is read aloud), of type `grid`."""
    lines = [{"cells": list(cells), "mark": marks[index] if marks else "", "values": [_raw(cell) for cell in cells]}
             for index, cells in enumerate(rows)]  # fmt: skip
    heads = [{"label": label, "align": align} for label, align in columns]
    return {"type": "grid", "title": title, "caption": caption, "columns": heads, "rows": lines, "head": head}


def turn(title: str, text: str, more: str = "") -> Block:
    """The one change that would alter the answer, in a sentence, and a quiet second one."""
    return Block({"type": "turn", "title": title, "text": text, "more": more})


def grades(title: str, caption: str, parts: Sequence[tuple[str, int, str, str]]) -> Block:
    """How many figures rest on what: per grade its name, the count, what it means, and which they are."""
    rows = [{"grade": grade, "count": count, "words": words, "names": names, "tone": tone}
            for tone, (grade, count, words, names) in enumerate(parts)]  # fmt: skip
    return Block({"type": "grades", "title": title, "caption": caption, "grades": rows})


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


def _raw(cell: Any) -> float | int | None:
    """The number behind a cell, to nine digits; None where it is text or missing."""
    value = cell.get("text") if isinstance(cell, dict) else cell
    value = value.raw if isinstance(value, Figure) else value
    if isinstance(value, bool | str) or value is None or not math.isfinite(value):
        return None
    rounded = float(f"{float(value):.9g}")
    return int(rounded) if rounded.is_integer() else rounded
