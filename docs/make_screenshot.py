"""Writes docs/plan.png: the board's page of the sample company, as a browser shows it.

    python docs/make_screenshot.py [--page PAGE.html] [--out FILE.png]

Without `--page` the report of the sample's scenario `base` is run first, in a temporary folder.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import sync_playwright

from workbench.report.run import publish_report

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
DRAWN = ("[...document.querySelectorAll('figure.chart')].every(each => each.querySelector('svg.marks')"
         " || each.closest('details:not([open])'))")  # fmt: skip


def take_picture(page: Path, out: Path, *, width: int = 1200) -> None:
    """Writes the whole page as a picture `width` pixels wide, with the network off."""
    browser_path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser_path is None:
        sys.exit(f"No browser found ({', '.join(BROWSERS)}); next: apt-get install chromium.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        view = browser.new_context(offline=True, viewport={"width": width, "height": 900}).new_page()
        view.goto(page.resolve().as_uri())
        view.wait_for_function(DRAWN)
        view.screenshot(path=out, full_page=True)
        browser.close()


def main(arguments: Sequence[str] | None = None) -> None:
    """Takes the picture that the README shows."""
    parser = argparse.ArgumentParser(description="Write docs/plan.png, the board's page of the sample company.")
    parser.add_argument("--page", type=Path, help="page of a published report (default: run the sample)")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "plan.png", help="file to write")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        page = options.page
        if page is None:
            done = publish_report("sample", scenarios=["base"], reports=Path(folder))
            page = done.index.parent / "base" / "0_quarterly_plan.html"
        take_picture(page, options.out)
    sys.stdout.write(f"Wrote {options.out}\n")


if __name__ == "__main__":
    main()
