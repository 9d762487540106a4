"""The figures behind a chart, as a table: what its tooltips tell of each mark, for those who read rather than look."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from workbench.view.blocks import grid
from workbench.view.theme import Figure

MOST = 200  # rows shown
PLACES = ("facet", "row", "column", "y", "x", "x2", "y2", "size", "color", "text")  # read where no mark has a tooltip
FORMAT = re.compile(r"[+]?,?(\.\d)?[df%]")

Column = tuple[str, str, str]  # field, label, format of the numbers


def chart_grids(spec: dict[str, Any], title: str) -> list[dict[str, Any]]:
    """The tables behind a chart as content of type `grid`: one per set of columns, marks that tell the same in one."""
    units = list(_units(spec, {}, {}))
    told = [(rows, _tooltips(encoding)) for rows, encoding in units]
    if not any(columns for _, columns in told):
        told = [(rows, _places(encoding)) for rows, encoding in units]
    tables: dict[tuple[Column, ...], dict[tuple[Any, ...], None]] = {}
    for rows, columns in told:
        if rows and columns:
            table = tables.setdefault(tuple(columns), {})
            table.update(dict.fromkeys(tuple(_plain(row.get(field)) for field, _, _ in columns) for row in rows))
    fields = [{field for field, _, _ in columns} for columns in tables]
    return [_grid(title, columns, list(rows)) for columns, rows in tables.items()
            if not any({field for field, _, _ in columns} < other for other in fields)]  # fmt: skip


def _units(
    spec: dict[str, Any], above: dict[str, Any], encoding: dict[str, Any]
) -> Iterator[tuple[list[dict[str, Any]], dict[str, Any]]]:
    """The rows and the encoding of each layer or panel, with what it takes over from above; `datasets` stand at the top."""
    datasets = {**above.get("datasets", {}), **spec.get("datasets", {})}
    data = spec.get("data", above.get("data", {}))
    encoding = {**encoding, **spec.get("encoding", {})}
    if isinstance(spec.get("facet"), dict):
        encoding["facet"] = spec["facet"]
    parts = [part for name in ("layer", "hconcat", "vconcat", "concat") for part in spec.get(name, [])]
    for part in [*parts, *([spec["spec"]] if isinstance(spec.get("spec"), dict) else [])]:
        yield from _units(part, {"datasets": datasets, "data": data}, encoding)
    if "mark" in spec:
        rows = datasets.get(data.get("name"), data.get("values", []))
        yield [row for row in rows if isinstance(row, dict)], encoding


def _tooltips(encoding: dict[str, Any]) -> list[Column]:
    found = encoding.get("tooltip", [])
    return _columns([found] if isinstance(found, dict) else found)


def _places(encoding: dict[str, Any]) -> list[Column]:
    return _columns([encoding[name] for name in PLACES if isinstance(encoding.get(name), dict)])


def _columns(channels: list[dict[str, Any]]) -> list[Column]:
    """Field, label and format of each channel that shows a field; each field once."""
    found = [(str(each["field"]), str(each.get("title") or each["field"]).replace("_", " "), str(each.get("format", "")))
             for each in channels if "field" in each]  # fmt: skip
    return list({column[0]: column for column in found}.values())


def _grid(title: str, columns: tuple[Column, ...], rows: list[tuple[Any, ...]]) -> dict[str, Any]:
    numbers = [any(_is_number(row[at]) for row in rows) and all(row[at] is None or _is_number(row[at]) for row in rows)
               for at in range(len(columns))]  # fmt: skip
    heads = [(label, "n" if number else "l") for (_, label, _), number in zip(columns, numbers, strict=True)]
    cells = [[_cell(value, how) for value, (_, _, how) in zip(row, columns, strict=True)] for row in rows[:MOST]]
    caption = f"The first {MOST} of {len(rows):,} rows." if len(rows) > MOST else ""
    return grid(title, heads, cells, caption)


def _cell(value: Any, how: str) -> str:
    """A value as its tooltip shows it; sensible digits where the chart names no format; `–` where it is missing."""
    if value is None:
        return "–"
    if not _is_number(value):
        return str(value)
    if not FORMAT.fullmatch(how):
        size = abs(value)
        how = ",.0f" if float(value).is_integer() or size >= 100 else ",.2f" if size >= 1 else ",.3f"
    text = format(int(value) if how.endswith("d") else float(value), how).replace("-", "−")
    return Figure(text.replace("%", "\u00a0%"), value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _plain(value: Any) -> Any:
    """A value that can stand in a row: text, number, None."""
    return value if value is None or isinstance(value, str | int | float) else str(value)
