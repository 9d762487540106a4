"""A Chromium without a window, spoken to through a pipe: no port is open, and it ends when we do."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, Self

from workbench.report.kernels import private_folder

FLAGS = (
    "--headless", "--remote-debugging-pipe", "--no-first-run", "--no-default-browser-check", "--disable-gpu",
    "--disable-dev-shm-usage", "--disable-extensions", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-breakpad", "--disable-quic", "--hide-scrollbars", "--mute-audio", "--lang=en-US",
    "--disable-background-timer-throttling", "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows",
    "--password-store=basic", "--use-mock-keychain", "--proxy-server=127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>", "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip
UNSAFE = "--no-sandbox"  # its sandbox does not start as root, nor in some containers; it loads our own pages only
GIVEN = ("PATH", "LANG", "LC_ALL", "FONTCONFIG_FILE", "FONTCONFIG_PATH")  # of our environment; no secret is
PLACED = ("HOME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")  # in a folder with a short name: it holds a socket
OFFLINE = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
ENDING = 3  # seconds for a good end
LAUNCH = """import fcntl, os, sys
ends = [fcntl.fcntl(int(each), fcntl.F_DUPFD, 5) for each in sys.argv[1:3]]
os.dup2(ends[0], 3), os.dup2(ends[1], 4)
os.closerange(5, max(ends) + 1)
os.execv(sys.argv[3], sys.argv[3:])"""


class BrowserError(Exception):
    """Why the browser did not do it, in words."""


class Browser:
    """A browser with a profile of its own, which is removed afterwards. Raises BrowserError where it does not start."""

    def __init__(self, command: str, seconds: float) -> None:
        self._command, self._seconds = command, seconds
        self._heard, self._last = bytearray(), 0

    def __enter__(self) -> Self:
        with ExitStack() as ending:
            self._home = ending.enter_context(private_folder())
            tries = [[UNSAFE]] if os.geteuid() == 0 else [[], [UNSAFE]]
            for place, more in enumerate(tries, 1):
                self._start(more)
                try:
                    self.ask("Browser.getVersion", time.monotonic() + self._seconds)
                    break
                except BrowserError:
                    self._stop()
                    if place == len(tries):
                        raise
            self._ending = ending.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        with self._ending:
            with suppress(BrowserError):
                self.ask("Browser.close", time.monotonic() + ENDING)
            self._stop()

    @contextmanager
    def page(self, address: str, room: tuple[int, int], until: float) -> Iterator[BrowserPage]:
        """A page in a process of its own, laid out for paper with `room` (pixels), the network off; it may still be loading."""
        context = self.ask("Target.createBrowserContext", until)["browserContextId"]
        target = self.ask("Target.createTarget", until, url="about:blank", browserContextId=context)["targetId"]
        session = self.ask("Target.attachToTarget", until, targetId=target, flatten=True)["sessionId"]
        page = BrowserPage(self, session)
        try:
            page.ask("Network.enable", until)
            page.ask("Network.emulateNetworkConditions", until, **OFFLINE)
            page.ask("Emulation.setEmulatedMedia", until, media="print")
            wide, high = room
            page.ask(
                "Emulation.setDeviceMetricsOverride", until, width=wide, height=high, deviceScaleFactor=1, mobile=False
            )
            failed = page.ask("Page.navigate", until, url=address).get("errorText")
            if failed:
                raise BrowserError(f"the browser cannot open it: {failed}")
            yield page
        finally:
            with suppress(BrowserError):
                self.ask("Target.disposeBrowserContext", time.monotonic() + ENDING, browserContextId=context)

    def ask(self, method: str, until: float, session: str | None = None, **given: Any) -> dict[str, Any]:
        """The browser's answer. Raises BrowserError where it refuses, ends, or is silent until `until`."""
        self._last += 1
        call = {"id": self._last, "method": method, "params": given} | ({"sessionId": session} if session else {})
        try:
            self._to.write(json.dumps(call).encode() + b"\0")
            self._to.flush()
        except OSError:
            raise BrowserError("the browser ended") from None
        heard = self._hear(until)
        while heard.get("id") != self._last:  # news of a page, which nobody asked for
            heard = self._hear(until)
        if "error" in heard:
            raise BrowserError(f"the browser refused: {heard['error'].get('message', method)}")
        answer: dict[str, Any] = heard["result"]
        return answer

    def _hear(self, until: float) -> dict[str, Any]:
        """The next message. Raises BrowserError."""
        while b"\0" not in self._heard:
            ready, _, _ = select.select([self._from], [], [], max(until - time.monotonic(), 0))
            if not ready:
                raise BrowserError("the browser did not answer in time")
            part = os.read(self._from, 1 << 16)
            if not part:
                raise BrowserError("the browser ended")
            self._heard += part
        end = self._heard.index(b"\0")
        text = bytes(self._heard[:end])
        del self._heard[: end + 1]
        message: dict[str, Any] = json.loads(text)
        return message

    def _start(self, more: list[str]) -> None:
        """Starts the browser; it reads from its file 3 and writes to its file 4."""
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        home = dict.fromkeys(PLACED, self._home)
        given = {name: os.environ[name] for name in GIVEN if name in os.environ}
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", LAUNCH, str(theirs_in), str(theirs_out), self._command, *FLAGS, *more,
                 f"--user-data-dir={self._home}/profile"],
                pass_fds=(theirs_in, theirs_out), env=given | home, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        except OSError as error:
            os.close(ours_in)
            os.close(ours_out)
            raise BrowserError(f"the browser does not start: {error.strerror}") from None
        finally:
            os.close(theirs_in)
            os.close(theirs_out)
        self._to, self._from = os.fdopen(ours_out, "wb"), ours_in
        self._heard.clear()

    def _stop(self) -> None:
        """Ends the browser and every process it started."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(ENDING)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        with suppress(OSError):
            self._to.close()
        os.close(self._from)


class BrowserPage:
    """A page of a browser."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser, self._session = browser, session

    def ask(self, method: str, until: float, **given: Any) -> dict[str, Any]:
        """The page's answer. Raises BrowserError."""
        return self._browser.ask(method, until, self._session, **given)
