"""A real JupyterLab on a folder of notebooks, with the network off but for this machine."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, TimeoutError

from tests.waiting import until

STARTS = 120  # seconds that JupyterLab may take to answer
RUNS = 120_000  # milliseconds that all cells of a notebook may take
SETTINGS = {  # every cell in the page, whether in sight or not; no question about news
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}


@dataclass
class Opened:
    """A notebook in JupyterLab: its page, and what it asked of other machines or complained of."""

    page: Page
    elsewhere: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@contextmanager
def running_lab(folder: Path, private: Path) -> Iterator[str]:
    """The address of a JupyterLab on `folder`, its token in `{}`'s place; settings and state lie in `private`."""
    token = secrets.token_hex(16)
    for name, values in SETTINGS.items():
        path = private / "config" / "lab" / "user-settings" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")
    own = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "run", "IPYTHONDIR": "ipython",
           "HOME": "home"}  # fmt: skip
    environment = {**os.environ, **{name: str(private / part) for name, part in own.items()}}
    with (private / "lab.log").open("w") as log:
        lab = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0", "--allow-root",
             f"--IdentityProvider.token={token}", "--LabApp.news_url=None", "--LabApp.extension_manager=readonly",
             ],
            cwd=folder, env=environment, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            address = f"http://127.0.0.1:{_port(private / 'run', lab)}"
            _wait(f"{address}/api?token={token}", lab)
            yield f"{address}/lab/tree/{{}}?reset&token={token}"
        finally:
            lab.terminate()
            with suppress(subprocess.TimeoutExpired):
                lab.wait(20)
            lab.kill()


def _port(folder: Path, lab: subprocess.Popen[bytes]) -> int:
    """The port that JupyterLab was given, as it writes it down itself."""

    def told() -> int:
        assert lab.poll() is None, "JupyterLab ended as soon as it began"
        for path in folder.glob("jpserver-*.json"):
            with suppress(ValueError):  # it is just being written
                return int(json.loads(path.read_text(encoding="utf-8"))["port"])
        return 0

    return int(until(told, STARTS))


def _wait(address: str, lab: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + STARTS
    while time.monotonic() < ends:
        assert lab.poll() is None, "JupyterLab ended as soon as it began"
        with suppress(urllib.error.URLError, OSError), urllib.request.urlopen(address, timeout=5):
            return
        time.sleep(0.2)
    raise AssertionError(f"JupyterLab did not answer within {STARTS} s")


@contextmanager
def open_notebook(browser: Browser, address: str, name: str, **options: Any) -> Iterator[Opened]:
    """A notebook of a running JupyterLab, not run yet; requests to other machines are noted and refused."""
    context = browser.new_context(viewport={"width": 1500, "height": 1100}, **options)
    page = context.new_page()
    seen = Opened(page)

    def route(request: Any) -> None:
        if request.request.url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")):
            request.continue_()
        else:
            seen.elsewhere.append(request.request.url)
            request.abort()

    page.route("**/*", route)
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.goto(address.format(name))
    page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]', timeout=RUNS)
    page.wait_for_function(
        "document.querySelector('.jp-Toolbar-kernelName')?.textContent.includes('Python 3')", timeout=RUNS
    )
    yield seen
    context.close()


def run_all(page: Page) -> None:
    """Runs every cell and waits until the last has run."""
    prompts = (
        "[...document.querySelectorAll('.jp-Notebook .jp-CodeCell .jp-InputPrompt')].map(each => each.textContent)"
    )
    for _ in range(5):  # a command given while the kernel is still starting is lost
        menu(page, "Run", "runmenu:run-all")
        with suppress(TimeoutError):
            page.wait_for_function(f"() => {prompts}.some(text => /\\[(\\*|\\d+)\\]/.test(text))", timeout=4000)
            break
    page.wait_for_function(f"() => {prompts}.every(text => /\\[\\d+\\]/.test(text))", timeout=RUNS)
    page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]', timeout=RUNS)


def menu(page: Page, title: str, command: str) -> None:
    """Chooses a command of a menu."""
    page.locator(".lm-MenuBar-itemLabel", has_text=title).first.click()
    page.locator(f'.lm-Menu [data-command="{command}"]').first.click()


def copied(notebooks: Path, folder: Path) -> Path:
    """The notebooks in a folder of their own, so that running them changes nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in notebooks.glob("*.ipynb"):
        shutil.copyfile(path, folder / path.name)
    return folder
