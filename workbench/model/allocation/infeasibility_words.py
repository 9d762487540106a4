"""A conflict of rules in words, with exact amounts and what would end it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from workbench.errors import Problem
from workbench.model.allocation.infeasibility import Conflict
from workbench.model.allocation.limits import GROWTH, Rule, share_text, spoken
from workbench.model.results import listed

FEW = 3  # segments that a sentence names; of more it gives the number


def problems_of(found: Sequence[Conflict], lines: pd.DataFrame, scenario: str) -> list[Problem]:
    """A Problem for each conflict: the rules with their amounts, and the least change of each that makes a plan possible."""
    problems = []
    for one in found:
        column = one.members[0].column
        where = f"scenario {scenario}" if column.startswith(("budget.", "focus")) else "spend.csv"
        next_step = next_steps(one, lines)
        if len(found) > 1:
            next_step += f", besides what the other conflict{'s need' if len(found) > 2 else ' needs'}"
        problems.append(Problem(where, None, column, f"that {sentence(one, lines)}", "rules that leave room for a plan",
                                next_step))  # fmt: skip
    return problems


def sentence(one: Conflict, lines: pd.DataFrame) -> str:
    """What the rules of a conflict ask for, what they allow, and by how much the one exceeds the other.

    The amounts add up as they are written.
    """
    sides = [[limit for limit in one.members if limit.sense == sense] for sense in ("least", "most")]
    *written, beyond = _written(one)
    rules = [_rule(limit, amount, lines) for limit, amount in zip([*sides[0], *sides[1]], written, strict=False)]
    said = [rules[: len(sides[0])], rules[len(sides[0]) :]]
    together = [f", {text} together," if len(side) > 1 else "" for side, text in zip(said, written[-2:], strict=True)]
    asked = listed(said[0]) or "any spend"
    allowed = listed(said[1]) or "what its lines of spend allow"
    verb = "exceed" if len(said[0]) > 1 or asked.startswith("the minima") else "exceeds"
    return f"{asked}{together[0]} {verb} {allowed}{together[1]} by {beyond}".replace(",,", ",")


def next_steps(one: Conflict, lines: pd.DataFrame) -> str:
    """The least change of each rule that makes a plan possible, one beside the other; and the rules that cannot do it."""
    pairs = list(zip(one.members, one.changes, strict=True))
    steps = list(dict.fromkeys(_step(limit, by, lines) for limit, by in pairs if by is not None))
    cannot = list(dict.fromkeys(f"the {_short(limit, lines)}" for limit, by in pairs if by is None))
    if not steps:
        return "change several of these rules; no change of one alone is enough"
    notes = []
    if any(limit.share is None and by is not None and abs(by) > one.excess + 0.01 for limit, by in pairs):
        notes.append("other rules count, too")
    if cannot:
        notes.append(f"a change of {listed(cannot)} alone is not enough")
    return ", or ".join(steps) + (f" ({'; '.join(notes)})" if notes else "")


def _written(one: Conflict) -> list[str]:
    """The amounts of a conflict in one form: of its members, minima first, of the two sides and of what lies between."""
    sides = [[round(limit.amount, 2) for limit in one.members if limit.sense == sense] for sense in ("least", "most")]
    sums = [sum(side) for side in sides]
    return amounts([*sides[0], *sides[1], *sums, max(round(sums[0] - sums[1], 2), 0.01)])


def amounts(figures: Iterable[float]) -> list[str]:
    """Amounts in one form, the shortest that hides nothing of any: millions, thousands, units or cents."""
    figures = [float(figure) for figure in figures]
    largest = max((abs(figure) for figure in figures), default=0.0)
    shorter = [(1e6, 1, " m"), (1e6, 2, " m"), (1e6, 3, " m")] if largest >= 1e6 else [(1e3, 0, " k")]
    forms = [*(shorter if largest >= 1e3 else []), (1.0, 0, "")]
    for size, digits, unit in forms:
        if all(abs(round(figure / size, digits) * size - figure) < 0.005 for figure in figures):
            return [f"{figure / size:,.{digits}f}{unit}" if figure else "0" for figure in figures]
    return [f"{figure:,.2f}" for figure in figures]


def _rule(limit: Rule, amount: str, lines: pd.DataFrame) -> str:
    """A rule of a conflict with its amount: `the budget of 3.0 m`."""
    if limit.share is not None:
        return f"the {limit.sense} that the {limit.words} allows {_place(limit.at, lines, 'for')}, {amount},"
    if limit.key == GROWTH:
        they = "it" if lines["segment"].iloc[limit.at].nunique() == 1 else "they"
        return f"the spend of {amount} {_place(limit.at, lines, 'for')} (not chosen, so {they} may not grow)"
    if limit.each is not None and not limit.of_a_line:
        return f"the {_plural(limit)} of {amount} on {len(limit.at)} lines {_place(limit.at, lines)}"
    return f"the {limit.words} of {amount}"


def _short(limit: Rule, lines: pd.DataFrame) -> str:
    """A rule without its amount."""
    if limit.each is None or limit.of_a_line or limit.share is not None:
        return limit.words
    if limit.key == GROWTH:
        return "rule of growth in chosen segments only"
    return f"{_plural(limit)} of {len(limit.at)} lines {_place(limit.at, lines)}"


def _plural(limit: Rule) -> str:
    return "minima" if limit.sense == "least" else "maxima"


def _step(limit: Rule, by: float, lines: pd.DataFrame) -> str:
    """The change of a rule as an instruction."""
    if limit.share is not None:
        digits = max(1, int(1 - np.floor(np.log10(max(by, 1e-6) * 100))))
        return f"raise the change limit from {share_text(limit.share)} to {share_text(limit.share + by, digits)}"
    move = "raise" if by > 0 else "lower"
    size, new = amounts([abs(by), limit.amount + by])
    if limit.key == GROWTH:
        return f"let {size} of growth into segments that are not chosen"
    if limit.each is None or limit.of_a_line:
        return f"{move} the {limit.words} by {size} to {new}"
    return f"{move} the {_short(limit, lines)} by {size} together"


def _place(at: np.ndarray, lines: pd.DataFrame, by: str = "of") -> str:
    """Where lines lie: `of Beam in Retail`; more than a few segments by their number."""
    product = spoken(lines, "product", at)
    column = "segment_name" if "segment_name" in lines else "segment"
    segments = [str(name) for name in lines[column].iloc[at].unique()]
    count = "all" if len(segments) == lines[column].nunique() else str(len(segments))
    where = listed(sorted(segments)) if len(segments) <= FEW else f"{count} segments"
    return f"{by} {product} in {where}" if product and lines["product"].nunique() > 1 else f"in {where}"
