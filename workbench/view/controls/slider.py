"""A slider whose value is what was given to it, even where its handle can only stand nearby."""

from __future__ import annotations

import ipywidgets as widgets
import traitlets

NAMED = {"description_width": "124px"}
WIDE = {"width": "316px"}
DIGITS = 10  # significant digits of a value moved by hand: the browser adds steps up in binary


class Slider(widgets.FloatSlider):  # type: ignore[misc, unused-ignore]
    """A slider whose moves are not sent back to the browser they come from: one message less before the new order."""

    value = traitlets.CFloat(0.0).tag(sync=True, echo_update=False)


class ExactSlider:
    """A slider that speaks while it moves.

    The browser rounds what it is given to the slider's step and sends that back as if it had been moved; `heard` tells the
    two apart, so that an assumption nobody touched keeps its last digit. `value` is the true one.
    """

    def __init__(self, name: str, value: float, low: float, high: float, step: float, text: str = ".2f") -> None:
        self.value = value
        self.widget = Slider(min(max(value, low), high), min=low, max=high, step=step, description=name,
                                          readout_format=text, style=NAMED, layout=WIDE)  # fmt: skip

    def put(self, value: float) -> None:
        """Sets the value; the handle stands at the end of the slider where the value lies beyond it."""
        self.value = value
        self.widget.value = min(max(value, self.widget.min), self.widget.max)

    def heard(self, value: float) -> bool:
        """Whether a value from the slider is a move by hand, which is then the slider's value."""
        stands = min(max(self.value, self.widget.min), self.widget.max)
        if abs(value - stands) <= self.widget.step * 0.500001:
            return False
        self.value = float(f"{value:.{DIGITS}g}")
        return True
