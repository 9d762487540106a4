"""What keeps money from a segment: a maximum, the change limit, or nothing but better places for it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.model.allocation.limits import BUDGET, CEILING, Rule
from workbench.model.allocation.solver import Rules
from workbench.model.results import listed, millions

ROOM = 1.0  # currency a year below its bound from which a line has room to grow


def room_to_grow(lines: pd.DataFrame, rules: Rules, prices: np.ndarray) -> np.ndarray:
    """(lines,) of bool: whether more spend may go to a line that has potential: its own bound leaves room, and no rule
    over segments or products that holds it has a price (rows,).
    """
    spend = lines["plan_y"].to_numpy(dtype=float)
    held = np.zeros(len(spend), dtype=bool)
    for row in np.flatnonzero(prices[1:] > 0) + 1:
        held |= rules.matrix[[row]].toarray()[0] > 0
    return np.asarray((rules.high - spend > ROOM) & (lines["potential_y"].to_numpy(dtype=float) > 0) & ~held)


def what_holds(lines: pd.DataFrame, limits: tuple[Rule, ...], chosen: tuple[str, ...]) -> dict[str, str]:
    """By chosen segment, the rules that leave none of its lines `room`, in words; blank where one has room."""
    spend = lines["plan_y"].to_numpy(dtype=float)
    texts = dict.fromkeys(chosen, "")
    for segment in chosen:
        own = np.flatnonzero((lines["segment"] == segment).to_numpy() & (lines["potential_y"] > 0).to_numpy())
        if not lines["room"].to_numpy()[own].any():
            texts[segment] = _words(own, lines, limits, spend) if len(own) else "it has no potential left"
    return texts


def _words(own: np.ndarray, lines: pd.DataFrame, limits: tuple[Rule, ...], spend: np.ndarray) -> str:
    """The maxima over segments and products that bind, then what binds its lines one by one."""
    holding = [limit for limit in limits if limit.sense == "most" and np.isin(own, limit.binding(spend)).any()]
    sums = [limit for limit in holding if limit.each is None and limit.key != BUDGET]
    if sums:
        return f"held by the {listed([f'{limit.words} of {millions(limit.amount)}' for limit in sums])}"
    change = [limit.words for limit in holding if limit.key == CEILING]
    if change and (lines["current_y"].to_numpy()[own] == 0).all():
        return f"nothing is spent there today, and the {change[0]} lets nothing start"
    kinds = [f"the {words}" for words in change]
    kinds += ["their own maxima"] if any(limit.of_a_line for limit in holding) else []
    return f"its lines are at {listed(kinds) or 'their limits'}"
