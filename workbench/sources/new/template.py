"""A starting scenario for a book that has none: its anchors are written down once, to be reviewed, then left alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from workbench.criteria import ANCHORED, CRITERIA
from workbench.errors import Problem, ScenarioError
from workbench.sources.tables import book_folder

HEAD = """# A starting point, written by `workbench scenario` from the figures of {quarter}. Review it once: the anchors are
# declared and stay as they are, so that adding a segment never reorders the others.
horizon = 3     # years ahead for which market growth counts
focus = 3       # how many segments are chosen; only they may receive more money than today
tilt = 0.5      # how much more a unit of gross profit counts in a segment with a high score; 0: the same everywhere
specific_preference = 0.2  # where a team is full, specific asks win that are worth this part less; 0: never

# How much each criterion counts; only the proportions matter. Criteria without data in the book are left out.
[weights]
"""

TAIL = """
# The money: no line of spend moves by more than this part in a year; total_y is left out: as much as today.
[budget]
change_limit = 0.5

# More can be said here: pins, bans, reach, growth_adjustments, win_rate_prior, significance, limits on segments and
# products, comparisons in pairs instead of weights, the weight_space of the draws, the scenario in force
# before. The scenarios of the sample company show each with a line of explanation.
"""


def scenario_toml(figures: Mapping[str, Sequence[float]], currency: str, quarter: str) -> str:
    """The text of a starting scenario for the criteria in `figures` (criterion to the segments' figures today).

    Weights are equal. Anchors of money criteria lie at round numbers around today's smallest and largest segment,
    the neutral point at their geometric middle; those of shares and rates are the same for every company.
    """
    present = [name for name in CRITERIA if figures.get(name)]
    lines = [HEAD.format(quarter=quarter) + "\n".join(f"{name} = 1" for name in present)]
    lines.append("\n# What a figure is worth: 0 at low, 1 at high, neither good nor bad at neutral.\n[anchors]")
    for name in (name for name in ANCHORED if name in present):
        start, unit = CRITERIA[name].start, CRITERIA[name].means
        if start is None:
            low, high = _around(figures[name])
            text = f'low = {low:g}, high = {high:g}, neutral = {_round(math.sqrt(low * high)):g}, scale = "log"'
            unit += f", {currency} a year"
        else:
            text = f"low = {start.low!r}, high = {start.high!r}, neutral = {start.neutral!r}"
        lines.append(f"{name} = {{ {text} }}  # {unit}".replace("e+0", "e").replace("e+", "e"))
    return "\n".join(lines) + "\n" + TAIL


def write_scenario(book: str | Path, name: str, text: str) -> Path:
    """The path of the new scenario file. Raises ScenarioError where there is one already: it is never overwritten."""
    path = book_folder(book) / "scenarios" / f"{name}.toml"
    path.parent.mkdir(exist_ok=True)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        found, advice = "a scenario of that name", "choose another --name, or edit the file"
        raise ScenarioError([Problem(path.name, None, None, found, "a new name", advice)]) from None
    return path


def _around(values: Sequence[float]) -> tuple[float, float]:
    """Round numbers below half the smallest and above twice the largest figure."""
    known = [value for value in values if value > 0] or [1.0]
    return _round(min(known) / 2), _round(max(known) * 2)


def _round(value: float) -> float:
    """The nearest of 1, 2, 5 × 10ⁿ, by ratio."""
    power = 10.0 ** math.floor(math.log10(value))
    return min((step * power for step in (1.0, 2.0, 5.0, 10.0)), key=lambda each: abs(math.log(each / value)))
