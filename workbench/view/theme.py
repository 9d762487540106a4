"""Colours with one meaning each, number formats, and the Altair theme and renderer."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import altair as alt

INK, SOFT, LINE = "#1b1f24", "#5b6470", "#e3e5e8"
POSITION, MARKET, JUDGEMENT = "#0b62a8", "#6ba6d6", "#bcd7ec"  # parts of a score
CHOSEN, OTHER = "#0b62a8", "#b8c0c9"
MORE, LESS, SAME = "#00795c", "#b54708", "#5b6470"  # money, moves
KINDS = {"strength": "#0b62a8", "opportunity": "#7fc4a8", "revenue at risk": "#e0913f", "leave": "#eceef0",
         "not judged": "#ffffff"}  # fmt: skip
SIGNS = {"strength": "S", "opportunity": "O", "revenue at risk": "R", "leave": "–", "not judged": "?"}
VEGALITE_MIME = "application/vnd.vegalite.v5+json"
VEGALITE_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"


@alt.theme.register("workbench", enable=True)  # type: ignore[untyped-decorator, unused-ignore]
def _theme() -> alt.theme.ThemeConfig:
    font = 'system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif'
    return alt.theme.ThemeConfig(
        config={
            "font": font,
            "background": "#ffffff",
            "view": {"stroke": None, "continuousWidth": 560},
            "title": {"anchor": "start", "fontSize": 15, "fontWeight": 600, "color": INK, "subtitleColor": SOFT,
                      "subtitleFontSize": 12.5, "offset": 12, "subtitlePadding": 5},
            "axis": {"labelColor": INK, "titleColor": SOFT, "titleFontWeight": "normal", "labelFontSize": 12,
                     "titleFontSize": 12, "gridColor": LINE, "domain": False, "ticks": False, "labelPadding": 6,
                     "labelLimit": 220, "tickCount": 6},
            "legend": {"labelColor": INK, "titleColor": SOFT, "titleFontWeight": "normal", "labelFontSize": 12,
                       "orient": "top", "titleFontSize": 12},
            "header": {"labelColor": INK, "titleColor": SOFT},
            "text": {"color": INK, "fontSize": 12},
        }
    )  # fmt: skip


def _render(spec: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A chart as the mime type that JupyterLab draws offline: the same bytes for the same data."""
    return {VEGALITE_MIME: {**spec, "$schema": VEGALITE_SCHEMA}, "text/plain": spec.get("description", "chart")}


LAB_CSS = f"""
.workbench h1 {{ font: 600 24px/1.3 Georgia, serif; max-width: 34em; }}
.workbench h1 em {{ font-style: normal; color: {CHOSEN}; }}
.workbench h2 {{ font: 600 18px/1.3 Georgia, serif; margin: 8px 0 2px; }} .workbench .sub, .workbench .cap {{ color: {SOFT}; }}
.workbench .figures {{ display: grid; grid-template-columns: repeat(4, 1fr); gap: 12px; max-width: 900px; }}
.workbench .figures b {{ display: block; font: 600 22px Georgia, serif; }}
.workbench .n {{ text-align: right !important; }} .workbench .l, .workbench tbody th {{ text-align: left !important; }}
.workbench td {{ vertical-align: top; max-width: 360px; white-space: normal !important; }}
.workbench .pill {{ color: {CHOSEN}; border: 1px solid; border-radius: 9px; padding: 0 6px;
margin-left: 8px; font-size: 11px; }}
.workbench .k0 {{ fill: {POSITION}; background: {POSITION}; }} .workbench .k1 {{ fill: {MARKET}; background: {MARKET}; }}
.workbench .k2 {{ fill: {JUDGEMENT}; background: {JUDGEMENT}; }} .workbench .key i {{ display: inline-block; width: 10px;
height: 10px; margin: 0 5px 0 12px; }} .workbench .sc {{ margin-left: 8px; }}
.workbench .up {{ color: {MORE}; }} .workbench .down {{ color: {LESS}; }}
"""


@dataclass(frozen=True)
class Style:
    """The styles of blocks in JupyterLab, shown once at the top of a notebook."""

    css: str

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/html": f"<style>{self.css}</style>", "text/plain": ""}


def use_theme() -> Style:
    """The styles for JupyterLab; makes the renderer and the theme the ones that notebooks use."""
    alt.renderers.register("workbench", _render)
    alt.renderers.enable("workbench")
    alt.theme.enable("workbench")
    return Style(LAB_CSS)


class Unit(NamedTuple):
    """What money is shown in: `letter` and `word` of the unit, and the amount that is one of it."""

    letter: str
    word: str
    one: float


MILLION, THOUSAND = Unit("m", "million", 1e6), Unit("k", "thousand", 1e3)


def unit_of(*amounts: Iterable[float]) -> Unit:
    """Millions, or thousands where the largest of the amounts is below two million."""
    known = [abs(float(value)) for part in amounts for value in part if not _gone(value)]
    return MILLION if max(known, default=2e6) >= 2e6 else THOUSAND


def amount(value: float, unit: Unit = MILLION) -> str:
    """Money in the unit with one decimal and a separator for thousands, `–` where missing."""
    return "–" if _gone(value) else f"{value / unit.one:,.1f}"


def signed(value: float, digits: int = 1, unit: Unit = MILLION) -> str:
    """A change in the unit with its sign; a change that rounds to nothing is ±0."""
    if _gone(value):
        return "–"
    text = f"{abs(value) / unit.one:,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        return "±0"
    return f"{'+' if value > 0 else '−'}{text}"


def percent(value: float, digits: int = 1, sign: bool = False) -> str:
    """A share as a percentage, `–` where missing."""
    if _gone(value):
        return "–"
    return f"{value * 100:{'+' if sign else ''},.{digits}f}".replace("-", "−")


def number(value: float, digits: int = 0) -> str:
    """A plain number with separators, `–` where missing."""
    return "–" if _gone(value) else f"{value:,.{digits}f}".replace("-", "−")


def _gone(value: float) -> bool:
    return value is None or not math.isfinite(float(value))
