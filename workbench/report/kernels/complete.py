"""Whether a notebook really ran: a killed one looks complete, so nothing but its own marks is trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

BLOCK_MIME = "application/vnd.workbench.block+json"  # as in view.blocks, which would load the model into every worker

# Sliders are not run in a batch: no page shows them, and an Output widget under nbclient now and then waits until the
# cell's timeout (its messages go out on the very socket on which the reply to the cell is awaited).
SKIPPED = "interactive"


@dataclass(frozen=True)
class Fault:
    """Why a notebook does not count as run: `cell` in words (blank: the notebook as a whole), what was found."""

    cell: str
    found: str


def check(cells: Sequence[Any], digest: str) -> tuple[Fault, ...]:
    """The faults of a notebook that claims to be complete; none where every cell ran and the last shows the digest."""
    for place, cell in _to_run(cells):
        for output in cell.outputs:
            if output.output_type == "error":
                return (Fault(named(place, cell), f"{output.ename}: {output.evalue}"),)
        if cell.execution_count is None:
            return (Fault(named(place, cell), "that it never ran"),)
    shown = last_digest(cells)
    if shown is None:
        return (Fault("last cell", "no digest of the plan"),)
    if shown != digest:
        return (Fault("last cell", f"the digest {shown[:12]}… instead of the plan's {digest[:12]}…"),)
    return ()


def last_digest(cells: Sequence[Any]) -> str | None:
    """The digest that the last cell that is run shows: the seal of a page; None where it shows none."""
    code = _to_run(cells)
    for output in code[-1][1].outputs if code else ():
        block = output.get("data", {}).get(BLOCK_MIME)
        if isinstance(block, dict) and block.get("type") == "digest":
            return str(block.get("digest"))
    return None


def _to_run(cells: Sequence[Any]) -> list[tuple[int, Any]]:
    """The cells that a run has to run, each with its place."""
    return [(place, cell) for place, cell in enumerate(cells, 1) if cell.cell_type == "code" and cell.source.strip()
            and SKIPPED not in cell.metadata.get("tags", [])]  # fmt: skip


def named(place: int, cell: Any) -> str:
    """A cell as its place and the first line of its code."""
    line = cell.source.strip().splitlines()[0]
    return f"cell {place} `{line[:60]}{'…' if len(line) > 60 else ''}`"


def tidy(notebook: Any) -> Any:
    """The notebook without clock, path and random names, so that the same run gives the same bytes."""
    for name in ("papermill", "widgets"):
        notebook.metadata.pop(name, None)
    for place, cell in enumerate(notebook.cells):
        cell.metadata = {name: value for name, value in cell.metadata.items() if name not in ("papermill", "execution")}
        tags = cell.metadata.get("tags", [])
        if "injected-parameters" in tags:
            cell.id = f"given-{place}"
        if cell.cell_type == "code" and SKIPPED in tags:
            cell.outputs = []
    return notebook
