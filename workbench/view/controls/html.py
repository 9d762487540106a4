"""What a panel shows at once: the answer, the order with its moves, problems; as HTML in which everything is escaped."""

from __future__ import annotations

from collections.abc import Mapping

from workbench.errors import WorkbenchError
from workbench.model.results import Ranking
from workbench.view import blocks
from workbench.view.blocks import Block, block_html
from workbench.view.controls.groups import escaped
from workbench.view.robustness import move_text
from workbench.view.theme import LAB_CSS, LESS, LINE, SOFT

PANEL_CSS = f"""
.wb-panel .widget-html-content {{ line-height: 1.4; height: auto; overflow: visible; }}
.wb-panel .workbench h1 {{ font-size: 18px; margin: 4px 0; }} .wb-panel .workbench h2 {{ font-size: 15px; }}
.wb-panel .widget-html, .wb-panel .widget-html-content {{ min-width: 0; max-width: 100%; }}
.wb-panel figure {{ margin: 12px 0; }} .wb-panel figure svg {{ max-width: 100%; height: auto; }}
.wb-panel .workbench .scroll {{ overflow-x: auto; }}
.wb-panel .workbench .figures {{ grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); }}
.wb-panel .workbench .answer ~ .answer h1 {{ font: 13px/1.4 sans-serif; }}
.wb-panel .workbench table {{ border-collapse: collapse; }}
.wb-panel .workbench td, .wb-panel .workbench th {{ padding: 2px 8px; border-bottom: 1px solid {LINE}; }}
.wb-panel .wb-problems {{ color: {LESS}; border-left: 3px solid {LESS}; padding-left: 8px; max-width: 60em; }}
.wb-panel .noUi-origin, .wb-panel .noUi-connect {{ will-change: auto; }}
.wb-panel .wb-now {{ display: flex; flex-flow: row wrap; gap: 0 24px; align-items: flex-start; overflow: visible; }}
.wb-panel .wb-sheet {{ display: contents; }} .wb-panel .answer {{ order: 1; flex: 1 0 100%; }}
.wb-panel .wb-chart {{ order: 2; flex: 0 0 auto; }} .wb-panel .order {{ order: 3; flex: 1 1 280px; }}
.wb-panel .wb-now > .widget-checkbox {{ order: 4; }}
.wb-panel .wb-share {{ height: 28px; line-height: 28px; margin: 2px 0 4px; text-align: right; white-space: nowrap; }}
.wb-panel .wb-status {{ color: {SOFT}; }}
.wb-panel .wb-stale {{ opacity: 0.35; }}
"""
STYLE = f"<style>{LAB_CSS}{PANEL_CSS}</style>"


def framed(*parts: Block) -> str:
    """Blocks as HTML in our letters and colours."""
    return f'<div class="workbench">{"".join(block_html(part.content) for part in parts)}</div>'


def order_block(ranking: Ranking, moves: Mapping[str, int], first: int | None = None) -> Block:
    """The order with the places gained and lost against the starting scenario: all of it, or the `first` and the chosen."""
    order = ranking.order
    columns = [order[name].tolist() for name in ("rank", "segment", "name", "score", "chosen")]
    shown = [row for place, row in enumerate(zip(*columns, strict=True)) if first is None or place < first or row[-1]]
    rows = [[rank, move_text(moves[segment]), name, f"{score:.3f}"] for rank, segment, name, score, _ in shown]
    caption = "Move: places against the starting scenario."
    if len(shown) < len(order):
        caption += f" The first {first} of {len(order)} and the chosen."
    heads = [("Rank", "n"), ("Move", "n"), ("Segment", "l"), ("Score, 0–1", "n")]
    return blocks.table("The order", heads, rows, head=2, marks=["chosen" if row[-1] else "" for row in shown],
                        caption=caption)  # fmt: skip


def problems_html(error: WorkbenchError) -> str:
    """Every problem as a sentence."""
    said = "".join(f"<div>{escaped(problem.sentence())}</div>" for problem in error.problems)
    return f'<div class="wb-problems" role="alert"><b>This cannot be:</b>{said}</div>'
