"""Which segments are chosen: the pinned, then the first in order that are not banned."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.scenario import Scenario


def chosen_of(keys: Sequence[str], scenario: Scenario) -> list[bool]:
    """Whether each of `keys`, best first, is chosen: the pinned, then the first that are not banned, `focus` in all."""
    open_places = scenario.focus - len(scenario.pins)
    free = [key for key in keys if key not in scenario.pins and key not in scenario.bans]
    picked = {*scenario.pins, *free[:open_places]}
    return [key in picked for key in keys]
