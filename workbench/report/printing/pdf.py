"""Pages of a report as PDF, printed by a Chromium of this machine; without one there is none, and the reason is said."""

from __future__ import annotations

import base64
import os
import re
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from workbench.report.printing.chromium import Browser, BrowserError

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
STARTING, DRAWING, PRINTING = 60, 20, 60  # seconds at most for the browser, for the charts and for each page
ROOM = (695, 1016)  # pixels of an A4 page within the margins of print.css: the width that charts are drawn for
PAPER = {"paperWidth": 210 / 25.4, "paperHeight": 297 / 25.4, "printBackground": True, "generateTaggedPDF": True}  # A4
READY = """new Promise((done) => {
  const end = Date.now() + %d;
  const drawn = () => [...document.querySelectorAll("figure.chart")].every((each) => each.querySelector("svg.marks"));
  const look = () => drawn() || Date.now() > end ? done(drawn()) : setTimeout(look, 50);
  const start = () => { dispatchEvent(new Event("beforeprint")); look(); };
  document.readyState === "complete" ? start() : addEventListener("load", () => setTimeout(start, 0));
})"""  # the charts are drawn when the page is about to be printed
STAMP = re.compile(rb"(?<=/CreationDate \(D:)\d{14}|(?<=/ModDate \(D:)\d{14}")  # when it was made
NUMBER = re.compile(rb"(?<=/ID \[<)[0-9A-Fa-f]+(?=>)|(?<=> <)[0-9A-Fa-f]{32}(?=>\])")
DAY = b"20000101000000"
NODE = re.compile(rb"(?<=\(node)\d{8}(?=\))")  # elements, named by what the browser happened to do before
NAMED = re.compile(rb"(?<=/Names \[)\(node\d{8}\) \d+ 0 R(?: \(node\d{8}\) \d+ 0 R)*(?=\])")  # names and their objects
LIMITS = re.compile(rb"(?<=/Limits \[)\(node\d{8}\) \(node\d{8}\)(?=\])")  # the first and the last name


def print_pages(pages: Sequence[tuple[Path, Path]]) -> str:
    """Prints each HTML file to its PDF, A4, in one start of the browser; "" once all are there, else why not, in a sentence.

    Never raises for what a browser does; a PDF is written whole or not at all. The same page gives the same bytes with the
    same browser and fonts.
    """
    command = find_browser()
    if command is None:
        return "No PDF of the pages: no Chromium or Chrome was found on this machine."
    if os.name != "posix":
        return "No PDF of the pages: printing is done on Linux and macOS only; on Windows use WSL."
    missing = []
    try:
        with Browser(command, STARTING) as browser:
            for html, pdf in pages:
                try:
                    content = _printed(browser, html)
                except BrowserError as error:
                    missing.append(f"{html.parent.name}/{html.name} ({error})")
                else:
                    pdf.write_bytes(content)
    except BrowserError as error:
        return f"No PDF of the pages: {error}."
    return f"No PDF of {', '.join(missing)}." if missing else ""


def find_browser() -> str | None:
    """The Chromium or Chrome of this machine, None where there is none."""
    found = (shutil.which(name) for name in (*COMMANDS, *PLACES))
    return next((path for path in found if path), None)


def without_chance(content: bytes) -> bytes:
    """The PDF with dates, number and names of its elements as any print would have them; every length stays."""
    content = NUMBER.sub(lambda found: b"0" * len(found[0]), STAMP.sub(DAY, content))
    tree = NAMED.search(content)
    if tree is None:
        return content
    pairs = re.findall(rb"\(node(\d{8})\) (\d+)", tree[0])
    ordered = sorted(pairs, key=lambda pair: int(pair[1]))
    names = {name: b"%08d" % place for place, (name, _) in enumerate(ordered, 1)}
    content = NODE.sub(lambda found: names.get(found[0], found[0]), content)
    content = NAMED.sub(b" ".join(b"(node%s) %s 0 R" % (names[name], own) for name, own in ordered), content, count=1)
    return LIMITS.sub(b"(node%08d) (node%08d)" % (1, len(ordered)), content, count=1)


def _printed(browser: Browser, html: Path) -> bytes:
    """A page on paper, its charts drawn first. Raises BrowserError."""
    until = time.monotonic() + PRINTING
    with browser.page(html.resolve().as_uri(), ROOM, until) as page:
        drawn = page.ask(
            "Runtime.evaluate", until, expression=READY % (1000 * DRAWING), awaitPromise=True, returnByValue=True
        )
        if drawn.get("result", {}).get("value") is not True:
            raise BrowserError("its charts were not drawn")
        content = base64.b64decode(page.ask("Page.printToPDF", until, **PAPER)["data"])
    if not (content.startswith(b"%PDF-") and content.rstrip().endswith(b"%%EOF")):
        raise BrowserError("the browser gave no whole PDF")
    return without_chance(content)
