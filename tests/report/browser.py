"""A headless Chromium for tests, driven through a pipe by the DevTools protocol.

No port is opened and nothing is installed: the browser is the system's (``chromium``, or what
``CROSSROADS_BROWSER`` names). See https://chromedevtools.github.io/devtools-protocol/.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = ["Browser", "Page", "browser", "find_browser"]

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--hide-scrollbars",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--remote-debugging-pipe",
)

_WIRED = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(each), fcntl.F_DUPFD, 10) for each in sys.argv[1:3]]
for end, place in zip(ends, (3, 4)):
    os.dup2(end, place)
os.execvp(sys.argv[3], sys.argv[3:])
"""
"""The browser reads commands from file 3 and writes to file 4."""


def find_browser() -> str | None:
    """Return the program of a browser, None if there is none."""
    named = os.environ.get("CROSSROADS_BROWSER")
    return named or next((found for each in _NAMES if (found := shutil.which(each))), None)


class Browser:
    """A running browser; commands and events go through two pipes, ended by null bytes."""

    def __init__(self, process: subprocess.Popen[bytes], into: int, out: int) -> None:
        self.process, self._into, self._out = process, into, out
        self._number, self._rest = 0, b""
        self.events: list[dict[str, Any]] = []

    def send(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """Send a command and return its result; events that come meanwhile are kept."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self._into, json.dumps(message).encode() + b"\0")
        while True:
            told = self._read(120)
            if told.get("id") == self._number:
                assert "error" not in told, f"{method}: {told['error']}"
                result: dict[str, Any] = told["result"]
                return result
            self.events.append(told)

    def wait(self, method: str, session: str) -> None:
        """Wait for an event of a page, unless it has come."""
        while not self.heard(method, session):
            self.events.append(self._read(30))

    def heard(self, method: str, session: str) -> list[dict[str, Any]]:
        """Return the events of a kind that came from a page."""
        return [
            each
            for each in self.events
            if each.get("method") == method and each.get("sessionId") == session
        ]

    def settle(self, seconds: float = 0.3) -> None:
        """Take in events until none has come for a while."""
        while select.select([self._out], [], [], seconds)[0]:
            self.events.append(self._read(1))

    def _read(self, seconds: float) -> dict[str, Any]:
        until = time.monotonic() + seconds
        while b"\0" not in self._rest:
            left = until - time.monotonic()
            assert left > 0, "the browser does not answer"
            if select.select([self._out], [], [], left)[0]:
                data = os.read(self._out, 1 << 20)
                assert data, "the browser has gone"
                self._rest += data
        message, _, self._rest = self._rest.partition(b"\0")
        told: dict[str, Any] = json.loads(message)
        return told


class Page:
    """A page in a browser without network, and what it asks for and complains of."""

    def __init__(self, browser: Browser, width: int, scheme: str, script: bool = True) -> None:
        self.browser = browser
        target = browser.send("Target.createTarget", url="about:blank")["targetId"]
        attached = browser.send("Target.attachToTarget", targetId=target, flatten=True)
        self.session = attached["sessionId"]
        self.target = target
        for domain in ("Page", "Network", "Runtime", "Log", "Security"):
            self.send(f"{domain}.enable")
        offline = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        self.send("Network.emulateNetworkConditions", offline=True, **offline)
        self.size(width)
        self.send(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )
        self.send("Emulation.setScriptExecutionDisabled", value=not script)

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        return self.browser.send(method, self.session, **params)

    def size(self, width: int, height: int = 900) -> None:
        phone = width < 600
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=2 if phone else 1,
            mobile=phone,
        )

    def open(self, url: str) -> None:
        """Load an address and wait until nothing more happens."""
        self.browser.events.clear()
        self.send("Page.navigate", url=url)
        self.browser.wait("Page.loadEventFired", self.session)
        self.browser.settle()

    def asked_for(self) -> list[str]:
        """Return the addresses that the page asked for."""
        return [
            each["params"]["request"]["url"]
            for each in self._events("Network.requestWillBeSent")
            if not each["params"]["request"]["url"].startswith("data:")
        ]

    def complaints(self) -> list[str]:
        """Return errors and warnings of the console, of the log, and what was thrown."""
        logged = [each["params"]["entry"] for each in self._events("Log.entryAdded")]
        said = [each["params"] for each in self._events("Runtime.consoleAPICalled")]
        thrown = [each["params"] for each in self._events("Runtime.exceptionThrown")]
        return [
            *(each["text"] for each in logged if each["level"] in ("warning", "error")),
            *(str(each["args"]) for each in said if each["type"] in ("warning", "error", "assert")),
            *(str(each["exceptionDetails"]) for each in thrown),
        ]

    def run(self, expression: str) -> Any:
        """Return the value of an expression of JavaScript."""
        told = self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def picture(self, path: Path, *, whole: bool = False) -> None:
        """Write a screenshot."""
        told = self.send("Page.captureScreenshot", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(told["data"]))

    def print(self) -> bytes:
        """Return the page as printed."""
        told = self.send("Page.printToPDF", printBackground=False, preferCSSPageSize=True)
        return base64.b64decode(told["data"])

    def close(self) -> None:
        self.browser.send("Target.closeTarget", targetId=self.target)

    def _events(self, method: str) -> list[dict[str, Any]]:
        return self.browser.heard(method, self.session)


@contextmanager
def browser(program: str) -> Iterator[Browser]:
    """Start a browser with a profile of its own, and end it."""
    with tempfile.TemporaryDirectory(prefix="crossroads-browser-") as profile:
        theirs_in, into = os.pipe()
        out, theirs_out = os.pipe()
        process = subprocess.Popen(
            [
                *(sys.executable, "-c", _WIRED, str(theirs_in), str(theirs_out), program),
                *(*_FLAGS, f"--user-data-dir={profile}", "about:blank"),
            ],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        held = Browser(process, into, out)
        try:
            yield held
        finally:
            try:
                held.send("Browser.close")
            except (AssertionError, OSError):
                process.kill()
            process.wait(30)
            os.close(into)
            os.close(out)
