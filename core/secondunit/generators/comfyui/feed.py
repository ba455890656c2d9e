"""What a server tells of our prompt while it runs: how far it is, and what it looks like so far."""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Iterator
from typing import Any

from ...hookspecs import Preview, Progress
from ...models.workflow import Workflow
from .pictures import preview
from .server import Server
from .websocket import Broken, Socket

PREVIEW_S = 0.25  # between two previews; what comes faster is let go before it is decoded
# Kinds of binary message: the first four bytes, big-endian.
_IMAGE, _IMAGE_OF = 1, 4
_ENDS = ("execution_success", "execution_error", "execution_interrupted")


class Feed:
    """One prompt's news. Losable: without a connection there is only silence.

    ``moved`` is when the prompt was last heard of, in seconds of the monotonic clock; ``over`` says
    that the server told of its end.
    """

    def __init__(self, server: Server, client: str, workflow: Workflow) -> None:
        self._workflow, self._done, self._share = workflow, set[str](), 0.0
        self._node, self._prompt, self._running, self._shown = "", "", False, 0.0
        self.moved, self.over = time.monotonic(), False
        self._socket: Socket | None = None
        try:
            self._socket = Socket(server.host, server.port, f"/ws?clientId={client}")
            wishes = {"supports_preview_metadata": True}
            self._socket.say(json.dumps({"type": "feature_flags", "data": wishes}))
        except Broken:
            self.close()

    def about(self, prompt: str) -> None:
        """From now on news are of this prompt."""
        self._prompt, self._done, self._share = prompt, set(), 0.0
        self._node, self._running, self.over = "", False, False
        self.moved = time.monotonic()

    def news(self, frame: int, within_s: float) -> Iterator[Progress | Preview]:
        """What came within that time, about our prompt; previews are said to be of ``frame``."""
        if self._socket is None:
            time.sleep(within_s)
            return
        try:
            for is_text, data in self._socket.heard(within_s):
                said = self._told(data) if is_text else self._shows(data, frame)
                if said is not None:
                    yield said
        except Broken:
            self.close()

    def close(self) -> None:
        """Listen no longer."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    def _told(self, text: bytes) -> Progress | None:
        try:
            message = json.loads(text)
            kind, data = message["type"], message["data"]
        except (ValueError, RecursionError, KeyError, TypeError):
            return None  # news are losable, and so is nonsense
        if not isinstance(data, dict) or data.get("prompt_id") != self._prompt:
            return None  # somebody else's
        self.moved, self._running = time.monotonic(), True
        if kind in _ENDS:
            self.over, self._running = True, False
        elif kind == "executing":
            self._began(data.get("node"))
        elif kind == "executed":
            self._done.add(str(data.get("node")))
        elif kind == "execution_cached" and isinstance(data.get("nodes"), list):
            self._done |= {str(node) for node in data["nodes"]}
        elif kind == "progress":
            return self._stepped(data)
        elif kind == "progress_state" and isinstance(data.get("nodes"), dict):
            return self._stated(data["nodes"])
        return None

    def _began(self, node: Any) -> None:
        if self._node:
            self._done.add(self._node)
        self._node, self._share = str(node or ""), 0.0
        self.over = self.over or node is None  # older servers end a prompt so

    def _stepped(self, data: dict[str, Any]) -> Progress | None:
        steps = _steps(data)
        if steps is None:
            return None
        value, most = steps
        self._share = min(1.0, max(0.0, value / most))
        node = str(data.get("node") or self._node)
        return self._progress(f"{self._words(node)}: step {value:g} of {most:g}")

    def _stated(self, nodes: dict[str, Any]) -> Progress | None:
        for name, state in nodes.items():
            if not isinstance(state, dict):
                continue
            if state.get("state") == "finished":
                self._done.add(str(name))
            elif (steps := _steps(state)) is not None and steps[1] > 1:
                return self._stepped({**state, "node": name})
        return None

    def _progress(self, says: str) -> Progress:
        known = len(self._done & set(self._workflow.nodes))
        return Progress(min(1.0, (known + self._share) / len(self._workflow.nodes)), says)

    def _words(self, node: str) -> str:
        return self._workflow.words(node) if node in self._workflow.nodes else "ComfyUI"

    def _shows(self, data: bytes, frame: int) -> Preview | None:
        """A preview of our prompt, at most four a second. Of the plain kind, which names no prompt,
        only while ours runs: servers send it to the client whose prompt that is."""
        if len(data) < 8:
            return None
        kind, size = struct.unpack(">II", data[:8])
        if kind == _IMAGE_OF:
            about, picture = _metadata(data[8 : 8 + size]), data[8 + size :]
            if about.get("prompt_id") != self._prompt:
                return None
        elif kind == _IMAGE and self._running:
            picture = data[8:]
        else:
            return None
        self.moved = time.monotonic()
        if self.moved - self._shown < PREVIEW_S:
            return None
        pixels = preview(picture)
        if pixels is None:
            return None
        self._shown = self.moved
        return Preview(frame, pixels)


def _steps(data: dict[str, Any]) -> tuple[float, float] | None:
    """How many of how many; None where that is not said."""
    value, most = data.get("value"), data.get("max")
    if not isinstance(value, (int, float)) or not isinstance(most, (int, float)) or not most > 0:
        return None
    return value, most


def _metadata(text: bytes) -> dict[str, Any]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
