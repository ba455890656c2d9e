"""A real browser without a window, for pages: opens one, presses keys, asks what is there.

It speaks the browser's own debugging protocol over one WebSocket; nothing has to be installed
beside Chromium.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from secondunit.generators.comfyui.websocket import Socket

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
PATIENCE_S = 30.0
_CODES = {"Enter": ("Enter", 13, "\r"), "Escape": ("Escape", 27, ""), " ": ("Space", 32, " "),
          "ArrowLeft": ("ArrowLeft", 37, ""), "ArrowRight": ("ArrowRight", 39, ""),
          "ArrowUp": ("ArrowUp", 38, ""), "ArrowDown": ("ArrowDown", 40, ""),
          "Home": ("Home", 36, ""), "End": ("End", 35, ""), "Tab": ("Tab", 9, ""),
          "PageUp": ("PageUp", 33, ""), "PageDown": ("PageDown", 34, ""),
          "Backspace": ("Backspace", 8, "")}  # fmt: skip


class Left(Exception):
    """The page that was asked is no longer there: another is being loaded."""


class Page:
    """One page. ``said`` is what its console and its policy complained of; ``pid`` the browser."""

    def __init__(self, socket: Socket, pid: int) -> None:
        self._socket, self._last, self.said, self.pid = socket, 0, list[str](), pid
        for domain in ("Page", "Runtime", "Log"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **values: Any) -> dict[str, Any]:
        """One command of the protocol, and its answer. Raises Left."""
        self._last += 1
        self._socket.say(json.dumps({"id": self._last, "method": method, "params": values}))
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            for _, data in self._socket.heard(1.0):
                message = json.loads(data)
                self._hear(message)
                if message.get("id") == self._last:
                    if "navigated" in message.get("error", {}).get("message", ""):
                        raise Left(method)
                    assert "error" not in message, message["error"]
                    return dict(message["result"])
        raise TimeoutError(f"the browser did not answer {method}")

    def open(self, address: str) -> None:
        """Go there, and wait until it is loaded."""
        self.tell("window.left = true")
        self.ask("Page.navigate", url=address)
        self.until("document.readyState === 'complete' && !window.left")

    def reload(self) -> None:
        """Load the page anew, and wait until it is there."""
        self.tell("window.left = true")
        self.ask("Page.reload")
        self.until("document.readyState === 'complete' && !window.left")

    def size(self, wide: int, high: int) -> None:
        self.ask("Emulation.setDeviceMetricsOverride", width=wide, height=high,
                 deviceScaleFactor=1, mobile=False)  # fmt: skip

    def tell(self, script: str) -> Any:
        """What an expression is, as JSON values."""
        said = self.ask("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in said, said["exceptionDetails"]
        return said["result"].get("value")

    def until(self, script: str) -> None:
        """Wait for an expression to be true."""
        end = time.monotonic() + PATIENCE_S
        while not self._is(script):
            assert time.monotonic() < end, f"it never was: {script}"
            time.sleep(0.05)

    def _is(self, script: str) -> bool:
        try:
            return bool(self.tell(script))
        except Left:
            return False

    def press(self, *keys: str) -> None:
        for key in keys:
            code, number, text = _CODES.get(key, (f"Key{key.upper()}", ord(key.upper()[0]), key))
            shift = 8 if len(key) == 1 and key.isupper() else 0
            common = {"key": key, "code": code, "windowsVirtualKeyCode": number, "modifiers": shift}
            self.ask("Input.dispatchKeyEvent", type="keyDown", text=text, **common)
            self.ask("Input.dispatchKeyEvent", type="keyUp", **common)

    def drag(self, *points: tuple[float, float]) -> None:
        """Press the pointer at the first place, take it over the others, lift it at the last. In
        pixels of the page from top left."""
        kinds = ["mousePressed", *["mouseMoved"] * (len(points) - 1), "mouseReleased"]
        for kind, (x, y) in zip(kinds, (*points, points[-1]), strict=True):
            self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=1,
                     clickCount=1)  # fmt: skip

    def write(self, text: str) -> None:
        """Type into what has the focus."""
        self.ask("Input.insertText", text=text)

    def picture(self, path: Path) -> Path:
        """A screenshot, PNG."""
        path.write_bytes(base64.b64decode(self.ask("Page.captureScreenshot")["data"]))
        return path

    def _hear(self, message: dict[str, Any]) -> None:
        values = message.get("params", {})
        if message.get("method") == "Log.entryAdded":
            self.said.append(str(values["entry"]["text"]))
        if message.get("method") == "Runtime.exceptionThrown":
            self.said.append(str(values["exceptionDetails"]))


@contextmanager
def browsing(folder: Path) -> Iterator[Page]:
    """A browser with a profile of its own in the folder; the test skips where there is none."""
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip("no Chromium is installed to open the page with")
    running = subprocess.Popen(
        [program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
         "--remote-debugging-port=0", "--remote-allow-origins=*", f"--user-data-dir={folder}",
         "--no-first-run", "--disable-background-networking", "about:blank"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        port = _port(folder / "DevToolsActivePort")
        socket = Socket("127.0.0.1", port, _target(port))
        try:
            yield Page(socket, running.pid)
        finally:
            socket.close()
    finally:
        running.terminate()
        running.wait(20)


def _port(file: Path) -> int:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if file.is_file() and (lines := file.read_text().splitlines()):
            return int(lines[0])
        time.sleep(0.05)
    raise TimeoutError("the browser did not start")


def _target(port: int) -> str:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list") as answer:
            pages = [one for one in json.load(answer) if one["type"] == "page"]
        if pages:
            return str(pages[0]["webSocketDebuggerUrl"]).partition(f":{port}")[2]
        time.sleep(0.05)
    raise TimeoutError("the browser opened no page")
