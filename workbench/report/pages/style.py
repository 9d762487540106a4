"""The style sheet of every page: colours from the theme, then our few files by topic."""

from __future__ import annotations

from collections.abc import Callable

from workbench.view.theme import PALETTE

SHEETS = ("page.css", "parts.css", "tables.css", "charts.css", "live.css", "phone.css", "print.css")  # the later wins


def style_sheet(read: Callable[[str], str]) -> str:
    """All of it as CSS; `read` gives the text of a file of ours by its name."""
    return "\n".join([variables(), *(read(name).rstrip() for name in SHEETS[:4]), chart_colours(),
                      *(read(name).rstrip() for name in SHEETS[4:])])  # fmt: skip


def variables() -> str:
    """The colours of the theme as CSS variables, by day and, on a screen, in the dark."""
    day = " ".join(f"--{name}: {colour};" for name, (colour, _) in PALETTE.items())
    dark = " ".join(f"--{name}: {colour};" for name, (_, colour) in PALETTE.items())
    return (
        f":root {{ color-scheme: light dark; {day} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}"
    )


def chart_colours() -> str:
    """Charts are drawn in the colours of the day; these rules turn them with the page."""
    rules = [f'  & [{how}="{day}"] {{ {how}: var(--{name}); }}'
             for name, (day, _) in PALETTE.items() for how in ("fill", "stroke")]  # fmt: skip
    return "\n".join(["figure.chart:not(.plain) {", *rules, "}"])
