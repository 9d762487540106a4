"""One colour, one meaning: notebooks and pages share the palette."""

from __future__ import annotations

from pathlib import Path

import workbench
from workbench.view import theme

CSS = Path(workbench.__file__).parent / "report" / "templates" / "page.css"


def test_the_page_knows_every_colour_that_charts_use():
    css = CSS.read_text(encoding="utf-8").lower()
    used = {theme.POSITION, theme.MARKET, theme.JUDGEMENT, theme.MORE, theme.LESS, theme.INK, theme.SOFT, theme.LINE}
    assert [colour for colour in sorted(used) if colour.lower() not in css] == []
