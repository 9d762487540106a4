"""One colour, one meaning: notebooks and pages share the palette, and it is told apart without red and green."""

from __future__ import annotations

import colorsys
import re
from pathlib import Path

import workbench
from workbench.report.pages.style import SHEETS, style_sheet
from workbench.view import theme

TEMPLATES = Path(workbench.__file__).parent / "report" / "pages" / "templates"
VIEWS = sorted((Path(workbench.__file__).parent / "view").glob("*.py"))


def read(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def test_the_page_turns_every_colour_that_charts_use():
    css = style_sheet(read)
    for name, (day, dark) in theme.PALETTE.items():
        assert f"--{name}: {day};" in css and f"--{name}: {dark};" in css
        assert f'[fill="{day}"] {{ fill: var(--{name}); }}' in css


def test_a_colour_is_written_once():
    for name in SHEETS:
        found = set(re.findall(r"#[0-9a-f]{3,6}\b", read(name))) - {"#fff"}  # light paper under a scale of colours
        assert not found, name
    for path in VIEWS:
        if path.name != "theme.py":
            found = set(re.findall(r'"(#[0-9a-f]{6})"', path.read_text(encoding="utf-8")))
            assert found <= {"#ffffff", "#f6f7f8", "#eef4fa"}, path.name  # ends of a scale of colours


def test_no_colour_is_green_or_red():
    for name, colours in theme.PALETTE.items():
        for colour in colours:
            hue, _, saturation = colorsys.rgb_to_hls(*(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)))
            assert saturation < 0.2 or 0.04 <= hue <= 0.15 or 0.54 <= hue <= 0.62, name  # brown, orange; blue
