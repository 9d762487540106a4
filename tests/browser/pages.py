"""A published page in a real browser, with the network off, and what it did that it should not do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


@dataclass
class Seen:
    """What a page did that it should not do."""

    requests: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)


@contextmanager
def launched() -> Iterator[Browser]:
    """A headless browser; where there is none the test fails in CI and is skipped, loudly, elsewhere."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        said = f"no browser found ({', '.join(BROWSERS)}): the pages were not tested; apt-get install chromium"
        pytest.fail(said) if os.environ.get("CI") == "true" else pytest.skip(said)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, path: Path, **options: Any) -> Iterator[tuple[Page, Seen]]:
    """The page of a file with the network off, and what it did; charts are drawn when it is handed over."""
    seen = Seen()
    context = browser.new_context(**{"offline": True, "viewport": {"width": 1200, "height": 900}, **options})
    page = context.new_page()
    address = path.resolve().as_uri()
    page.route("**/*", lambda route: route.continue_() if route.request.url == address else route.abort())
    page.on("request", lambda request: seen.requests.append(request.url) if request.url != address else None)
    page.on("console", lambda message: seen.console.append(message.text))
    page.on("pageerror", lambda error: seen.console.append(str(error)))
    page.on("dialog", lambda dialog: (seen.dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(address)
    if options.get("java_script_enabled", True):
        page.wait_for_function(
            "[...document.querySelectorAll('figure.chart')].filter(each => !each.closest('details:not([open])'))"
            ".every(each => each.querySelector('svg')"
            " || !each.querySelector('p.undrawn').hidden)"
        )
    yield page, seen
    context.close()


QUIET = """async () => {
  const turn = () => new Promise(done => setTimeout(() => setTimeout(() => setTimeout(done))));
  const come = each => new Promise(done => {
    ["load", "error"].forEach(name => each.addEventListener(name, done));
    setTimeout(done, 1000);  // a picture may never be asked for
  });
  for (let turns = 0, before = -1; turns < 20; turns++) {
    const now = document.querySelectorAll("*").length;
    if (now === before) return;
    before = now;
    await Promise.all([...document.images].filter(each => !each.complete && each.loading !== "lazy").map(come));
    await turn();
  }
}"""


def quiet(page: Page) -> None:
    """Returns once every picture was asked for, every timer that is due had its turn and nothing new is drawn."""
    page.evaluate(QUIET)


def unfolded(page: Page) -> None:
    """Opens every fold and waits for the charts in it."""
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    page.wait_for_function(
        "[...document.querySelectorAll('figure.chart')].every(each => each.querySelector('svg.marks'))"
    )


def grave(page: Page) -> dict[str, list[Any]]:
    """What axe-core finds that is serious or critical: the rule and where."""
    found = Axe().run(page).response["violations"]
    return {each["id"]: [node["target"] for node in each["nodes"]] for each in found
            if each["impact"] in ("serious", "critical")}  # fmt: skip
