"""The live chart as a widget: chart, table and sentence drawn in the browser from the sliders beside it."""

from __future__ import annotations

from functools import cache
from typing import Any

import anywidget
import ipywidgets as widgets
import traitlets

from workbench.view.live import script_of


class LiveOrder(anywidget.AnyWidget):  # type: ignore[misc, unused-ignore]
    """`spec` of the live chart; `sliders` by criterion, which it listens to; `weights` as they exactly are; `places`, how many
    segments are chosen by rank; `before`, key and name of those chosen at the start; `first` of `count` segments are shown.

    A JupyterChart hears of a slider from the kernel alone: two ways over the wire, and the kernel's turn, before each picture.
    """

    _esm = ""
    spec = traitlets.Dict().tag(sync=True)
    sliders = traitlets.Dict().tag(sync=True, **widgets.widget_serialization)
    weights = traitlets.Dict().tag(sync=True)
    before = traitlets.List().tag(sync=True)
    places = traitlets.Int().tag(sync=True)
    first = traitlets.Int().tag(sync=True)
    count = traitlets.Int().tag(sync=True)

    def __init__(self, **given: Any) -> None:
        type(self)._esm = script()
        super().__init__(**given)


@cache
def script() -> str:
    """Our scripts with Vega, Vega-Lite and Vega-Embed around them: nothing is loaded from a network."""
    from vl_convert import javascript_bundle

    return str(javascript_bundle(script_of("order.js") + script_of("panel.js")))
