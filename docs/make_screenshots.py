"""Writes the pictures of docs/: the board's page by day, dark, on paper and on a phone, and each panel in JupyterLab.

    python docs/make_screenshots.py

The sample's scenario `base` is published, and JupyterLab started, in a temporary folder; it takes about two minutes.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent))

from tests.browser.lab import open_notebook, run_all, running_lab  # noqa: E402
from tests.browser.pages import launched, opened  # noqa: E402
from workbench.lab import prepare  # noqa: E402
from workbench.report.run.run import publish_report  # noqa: E402

PANELS = {"1_swot": "swot", "2_ranking": "ranking", "3_allocation": "allocation", "4_asks": "asks"}
DESK, PHONE, PAPER = 1200, 390, 696  # pixels; paper: A4 between its margins
READY = "/digest [0-9a-f]{64}/.test(document.querySelector('.wb-panel')?.textContent)"


def take_pages(browser: Browser, page: Path, out: Path) -> None:
    """The page by day as a whole, its first screens in the dark, on paper and on a phone, and its what-if opened."""
    with opened(browser, page) as (tab, _):
        _take(tab, out / "plan.png", DESK)
    with opened(browser, page, color_scheme="dark") as (tab, _):
        _take(tab, out / "plan-dark.png", DESK, 1700)
    with opened(browser, page) as (tab, _):
        tab.emulate_media(media="print")
        _take(tab, out / "plan-printed.png", PAPER, 1050)
    with opened(browser, page) as (tab, _):
        _take(tab, out / "plan-phone.png", PHONE, 1900)
    with opened(browser, page) as (tab, _):
        tab.set_viewport_size({"width": DESK, "height": 900})
        tab.locator("details.fold summary", has_text="What if?").click()
        tab.get_by_label("growth", exact=True).press("End")
        tab.wait_for_timeout(500)
        tab.locator("details.fold[open]").screenshot(path=out / "plan-what-if.png")


def _take(tab: Any, path: Path, width: int, height: int | None = None) -> None:
    tab.set_viewport_size({"width": width, "height": 900})
    tab.wait_for_timeout(500)
    whole = int(tab.evaluate("document.documentElement.scrollHeight"))
    clip = {"x": 0, "y": 0, "width": width, "height": min(height or whole, whole)}
    tab.screenshot(path=path, full_page=True, clip=clip)


def take_panels(browser: Browser, home: Path, out: Path) -> None:
    """Each panel in JupyterLab, once its whole plan is there; in that of the ranking a weight was moved."""
    with running_lab(prepare("sample", home / "copies"), home / "private") as address:
        for notebook, step in PANELS.items():
            with open_notebook(browser, address, f"{notebook}.ipynb") as lab:
                run_all(lab.page)
                lab.page.wait_for_function(READY, timeout=60_000)
                panel = lab.page.locator(".wb-panel")
                if step == "ranking":
                    slider = panel.locator(".widget-slider", has_text="growth").first.locator(".noUi-handle")
                    slider.press("End")
                    lab.page.wait_for_timeout(1000)
                    lab.page.wait_for_function(READY, timeout=60_000)
                panel.evaluate("each => each.scrollIntoView({block: 'start'})")
                lab.page.wait_for_timeout(500)
                lab.page.screenshot(path=out / f"lab-{step}.png")


def main(out: Path = DOCS) -> None:
    """Takes all pictures."""
    with tempfile.TemporaryDirectory() as folder, launched() as browser:
        home = Path(folder)
        done = publish_report("sample", scenarios=["base"], reports=home / "reports")
        take_pages(browser, done.index.parent / "base" / "0_quarterly_plan.html", out)
        take_panels(browser, home / "lab", out)
    sys.stdout.write(f"Wrote the pictures in {out}\n")


if __name__ == "__main__":
    main()
