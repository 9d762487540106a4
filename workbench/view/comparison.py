"""Plans side by side, as tables with the differences marked."""

from __future__ import annotations

from workbench.model.comparison import Comparison
from workbench.model.results import listed
from workbench.view import blocks
from workbench.view.blocks import Block, toned
from workbench.view.theme import amount, signed, unit_of


def comparison_blocks(found: Comparison, currency: str) -> list[Block]:
    """What the plans decide, the order in each, the assumptions that differ and the asks that are decided otherwise."""
    return [_figures(found, currency), _order(found), _assumptions(found), _asks(found)]


def _figures(found: Comparison, currency: str) -> Block:
    unit = unit_of(found.figures["spend_y"], found.figures["gain_y"])
    rows = []
    for _, row in found.figures.iterrows():
        chosen = found.order.loc[found.order[f"chosen {row['plan']}"], "name"]
        rows.append([row["plan"], listed(list(chosen)) or "–", amount(row["spend_y"], unit), signed(row["gain_y"], 1, unit),
                     f"{row['funded']} of {row['asks']}", row["digest"][:12]])  # fmt: skip
    money = f"{currency} {unit.letter} a year"
    columns = [("Scenario", "l"), ("Chosen segments", "l"), (f"Spend, {money}", "n"),
               (f"Gross profit against today, {money}", "n"), ("Asks funded", "n"), ("Plan", "l")]  # fmt: skip
    return blocks.table("Side by side", columns, rows)


def _order(found: Comparison) -> Block:
    first, *others = found.names
    rows = []
    for _, row in found.order.iterrows():
        cells = [row["name"], _place(row, first)]
        for name in others:
            text = _place(row, name)
            moved = int(row[f"rank {first}"]) - int(row[f"rank {name}"])
            mark = f"▲{moved}" if moved > 0 else f"▼{-moved}" if moved < 0 else ""
            tone = "up" if moved > 0 else "down" if moved < 0 else "same"
            cells.append(toned(f"{text} {mark}".strip(), tone) if mark or text != cells[1] else text)
        rows.append(cells)
    columns = [("Segment", "l"), *((f"{name}: rank, score", "l") for name in found.names)]
    caption = f"▲ and ▼: places gained and lost against {first}; ● chosen."
    return blocks.table("The pecking order in each", columns, rows, caption=caption)


def _place(row: object, name: str) -> str:
    chosen = " ●" if row[f"chosen {name}"] else ""  # type: ignore[index]
    return f"{row[f'rank {name}']} · {row[f'score {name}']:.2f}{chosen}"  # type: ignore[index]


def _assumptions(found: Comparison) -> Block:
    if found.assumptions.empty:
        return blocks.said("Assumptions that differ", [], "None: the scenarios assume the same.")
    columns = [("Assumption", "l"), *((name, "n") for name in found.names)]
    rows = found.assumptions.to_numpy().tolist()
    return blocks.table(
        "Assumptions that differ", columns, rows, caption="Keys as in the scenario's file; weights as shares."
    )


def _asks(found: Comparison) -> Block:
    if found.asks.empty:
        return blocks.said("Asks decided otherwise", [], "None: every ask is decided alike.")
    columns = [("Ask", "l"), *((name, "l") for name in found.names)]
    rows = found.asks.drop(columns="ask").to_numpy().tolist()
    return blocks.table("Asks decided otherwise", columns, rows)
