"""Colours with one meaning each, number formats, and the Altair theme and renderer."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import altair as alt
import pandas as pd

DIGITS = 9  # significant ones of a number in a chart: those beyond differ between processors

# Blue against brown and orange, and greys: told apart by those who see no red or no green, and never by colour alone.
PALETTE = {  # name on the page: colour by day, in charts too, and in the dark
    "ink": ("#1b1f24", "#e8eaed"),
    "soft": ("#5b6470", "#a3abb5"),
    "line": ("#e3e5e8", "#333941"),
    "paper": ("#ffffff", "#15181c"),
    "band": ("#f6f7f8", "#1d2126"),
    "grey": ("#b8c0c9", "#59636e"),
    "mist": ("#eceef0", "#262b31"),
    "blue": ("#0b62a8", "#6fb1ea"),
    "blue2": ("#6ba6d6", "#3d7db3"),
    "blue3": ("#bcd7ec", "#28506f"),
    "haze": ("#dce9f5", "#1e3346"),
    "brown": ("#b54708", "#f0955a"),
    "amber": ("#e0913f", "#8a5520"),
}
DAY = {name: day for name, (day, _) in PALETTE.items()}
INK, SOFT, LINE, PAPER = DAY["ink"], DAY["soft"], DAY["line"], DAY["paper"]
POSITION, MARKET, JUDGEMENT = DAY["blue"], DAY["blue2"], DAY["blue3"]  # parts of a score
CHOSEN, OTHER = DAY["blue"], DAY["grey"]
MORE, LESS, SAME = DAY["blue"], DAY["brown"], DAY["soft"]  # money, moves
WIDER = DAY["haze"]  # an interval outside another
KINDS = {"strength": DAY["blue"], "opportunity": DAY["blue2"], "revenue at risk": DAY["amber"], "leave": DAY["mist"],
         "not judged": PAPER}  # fmt: skip
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


def _values(data: Any) -> Any:
    """The data of a chart as it holds them: numbers rounded, so that every machine gives the same chart."""
    if isinstance(data, pd.DataFrame):
        data = data.assign(**{str(name): data[name].map(rounded) for name in data.select_dtypes("float")})
    return alt.default_data_transformer(data)


alt.data_transformers.register("workbench", _values)
alt.data_transformers.enable("workbench")


def rounded(value: Any) -> Any:
    """A number to nine significant digits, and so each number in a list or a mapping.

    >>> rounded({"domain": [0, 2.783527067792634]})
    {'domain': [0, 2.78352707]}
    """
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, dict):
        return {name: rounded(each) for name, each in value.items()}
    return [rounded(each) for each in value] if isinstance(value, list) else value


def _render(spec: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A chart as the mime type that JupyterLab draws offline: the same bytes for the same data.

    A chart that ranks in the browser keeps its numbers whole: it has to give the order that Python gives.
    """
    made = spec if "live" in spec.get("usermeta", {}).get("workbench", {}) else rounded(spec)
    return {VEGALITE_MIME: {**made, "$schema": VEGALITE_SCHEMA}, "text/plain": spec.get("description", "chart")}


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
.workbench .k2 {{ fill: {JUDGEMENT}; background: {JUDGEMENT}; }}
.workbench .g0 {{ background: {DAY["blue"]}; }} .workbench .g1 {{ background: {DAY["blue2"]}; }}
.workbench .g2 {{ background: {DAY["amber"]}; }} .workbench .g3 {{ background: {DAY["brown"]}; }}
.workbench .rests {{ display: flex; height: 14px; gap: 2px; max-width: 720px; }} .workbench .rests i {{ display: block; }}
.workbench .grades {{ list-style: none; padding: 0; }} .workbench .grades i {{ display: inline-block; width: 10px;
height: 10px; margin-right: 6px; }} .workbench .turn {{ border-left: 3px solid {DAY["amber"]}; padding-left: 14px; }}
.workbench .key i {{ display: inline-block; width: 10px;
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


class Figure(str):
    """A number as people read it, with the number itself as `raw`: tables sort by it. None where it is missing."""

    raw: float | None

    def __new__(cls, text: str, raw: float | None = None) -> Figure:
        made = super().__new__(cls, text)
        made.raw = None if raw is None or _gone(raw) else float(raw)
        return made


def amount(value: float, unit: Unit = MILLION) -> Figure:
    """Money in the unit with one decimal and a separator for thousands, `–` where missing."""
    return Figure("–" if _gone(value) else f"{value / unit.one:,.1f}", value)


def signed(value: float, digits: int = 1, unit: Unit = MILLION) -> Figure:
    """A change in the unit with its sign; a change that rounds to nothing is ±0."""
    if _gone(value):
        return Figure("–")
    text = f"{abs(value) / unit.one:,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        return Figure("±0", value)
    return Figure(f"{'+' if value > 0 else '−'}{text}", value)


def percent(value: float, digits: int = 1, sign: bool = False) -> Figure:
    """A share as a percentage, `–` where missing."""
    if _gone(value):
        return Figure("–")
    return Figure(f"{value * 100:{'+' if sign else ''},.{digits}f}".replace("-", "−"), value)


def number(value: float, digits: int = 0) -> Figure:
    """A plain number with separators, `–` where missing."""
    return Figure("–" if _gone(value) else f"{value:,.{digits}f}".replace("-", "−"), value)


def _gone(value: float) -> bool:
    return value is None or not math.isfinite(float(value))
