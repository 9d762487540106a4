"""How sure the order is, in words."""

from __future__ import annotations

import pandas as pd

from workbench.criteria import words
from workbench.model.results import listed
from workbench.scenario import Scenario

WORDS = ((0.99, "near certain"), (0.9, "very likely"), (0.75, "likely"), (0.5, "more likely than not"))
SHOWN = 5e-4  # changes of weight below this are not named
GROUPS, NAMES = 3, 12  # near ties that are named, and segments in each
SPACES = {"around": "weights up to {spread} off", "within": "weights within their intervals", "open": "any weights"}


def word(part: float) -> str:
    """A part of the draws in a word: how sure a decision is that holds in so many of them."""
    return next((text for least, text in WORDS if part >= least), "open")


def draws_percent(part: float) -> str:
    """A part of the draws as a percentage that never rounds to certainty."""
    text = f"{part * 100:.0f} %"
    return "over 99 %" if text == "100 %" and part < 1 else "under 1 %" if text == "0 %" and part > 0 else text


def percents(part: float, other: float) -> tuple[str, str]:
    """Two parts of the draws as percentages with as many decimals as tell them apart."""
    texts = ((f"{part * 100:.{places}f} %", f"{other * 100:.{places}f} %") for places in range(5))
    return next((pair for pair in texts if pair[0] != pair[1]), (draws_percent(part), draws_percent(other)))


def weight_text(weight: float, other: float) -> str:
    """A weight with as many decimals as tell it from the other."""
    places = next((places for places in (2, 3, 4) if round(weight, places) != round(other, places)), 6)
    return f"{weight:.{places}f}"


def draws_said(segments: pd.DataFrame, scenario: Scenario) -> str:
    """In how many draws each chosen segment is chosen."""
    space = SPACES[scenario.weight_space.kind].format(spread=draws_percent(scenario.weight_space.spread))
    head = f"In {scenario.draws:,} draws ({space}; uncertain figures by their intervals)"
    chosen = segments[segments["chosen"]]
    parts = [draws_percent(part) for part in chosen["chosen_probability"]]
    if not parts:
        return f"{head} no segment is chosen."
    names = chosen["name"].tolist()
    rest = [f"{name} in {part}" for name, part in zip(names[1:], parts[1:], strict=True)]
    return f"{head} {listed([f'{names[0]} is chosen in {parts[0]}', *rest])}."


def ties_said(ties: pd.DataFrame) -> list[str]:
    """Which segments cannot be told apart: the first groups, and how many more there are."""
    groups = [part["name"].tolist() for _, part in ties.groupby("group")]
    said = []
    for names in groups[:GROUPS]:
        more = [f"{len(names) - NAMES} more"] if len(names) > NAMES else []
        said.append(f"{listed([*names[:NAMES], *more])} are a near tie.")
    rest = len(groups) - GROUPS
    return [*said, f"Further down {rest} more {'groups are' if rest > 1 else 'group is'}."] if rest > 0 else said


def turn_said(name: str, chosen: bool, criterion: str, weight: float, weight_at: float) -> str:
    """Which weight of one criterion takes a segment in or out; `criterion` blank where none does."""
    if not criterion:
        way = "stays among the chosen whatever" if chosen else "is not chosen whatever"
        return f"{name} {way} a single criterion weighs."
    way = "stays among the chosen until" if chosen else "comes among the chosen when"
    label = words(criterion)
    both = f"{weight_text(weight_at, weight)} instead of {weight_text(weight, weight_at)}"
    return f"{name} {way} {label} weighs {both}."


def smallest_said(change: pd.DataFrame, leaves: str, enters: str) -> str:
    """The smallest change of weights that alters who is chosen; changes below 0.0005 are not named."""
    if not enters:
        return "No weights at all change who is chosen."
    pair = f"{enters} comes in for {leaves}"
    moved = change[change["weight_change"].abs() >= SHOWN]
    if moved.empty:
        return f"The smallest change of weights is enough: {pair}."
    figures = (moved[column].tolist() for column in ("criterion", "weight", "weight_at"))
    each = [f"{words(criterion)} {weight_text(now, then)} → {weight_text(then, now)}"
            for criterion, now, then in zip(*figures, strict=True)]  # fmt: skip
    return f"The smallest change of weights that alters who is chosen: {listed(each)}; beyond it {pair}."
