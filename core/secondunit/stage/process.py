"""One stage process as the daemon sees it: start, talk, listen, kill.

The child lives only as long as its standard input: when the daemon dies in any way, the pipe
closes and the child ends itself, so no orphan is left.
"""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from secondunit_bridge.wire import dumps, plain

MAX_LINE = 16 << 20  # bytes; a preview is a few hundred kB
Heard = Callable[["StageProcess", dict[str, Any]], None]


class StageProcess:
    """A running child. ``heard`` is called on a thread, last with ``{"say": "died"}``."""

    def __init__(self, name: str, log: Path, heard: Heard) -> None:
        self.name = name
        self.last_heard = time.monotonic()
        self._heard = heard
        with open(log, "ab") as errors:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "secondunit.stage", name],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,  # Ctrl-C in a terminal is for the daemon to answer
            )
        self._orders: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._listener = threading.Thread(target=self._listen, name=f"{name} ear", daemon=True)
        self._speaker = threading.Thread(target=self._speak, name=f"{name} mouth", daemon=True)
        self._listener.start()
        self._speaker.start()

    @property
    def pid(self) -> int:
        """Process id of the child."""
        return self._child.pid

    def tell(self, do: str, body: Any) -> None:
        """Give an order; never blocks. A child that is gone is reported by ``died``, not here."""
        self._orders.put(dumps({"do": do, "body": plain(body)}) + b"\n")

    def kill(self) -> None:
        """End the child now; it cannot refuse. ``died`` follows."""
        self._child.kill()

    def close(self, *, grace_s: float = 2.0) -> None:
        """Ask the child to end, and make it so after ``grace_s`` seconds."""
        self._orders.put(None)
        try:
            self._child.wait(grace_s)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._listener.join()
        self._speaker.join()

    def _speak(self) -> None:
        mouth = self._child.stdin
        assert mouth is not None
        try:
            while (line := self._orders.get()) is not None:
                mouth.write(line)
                mouth.flush()
            mouth.close()
        except (BrokenPipeError, OSError):
            return  # the listener sees the end of its output and says so

    def _listen(self) -> None:
        output = self._child.stdout
        assert output is not None
        while line := output.readline(MAX_LINE):
            self.last_heard = time.monotonic()
            try:
                said = json.loads(line)
            except ValueError:
                break  # it can no longer be trusted to say what it means
            if isinstance(said, dict):
                self._heard(self, said)
        self._child.kill()
        status = self._child.wait()
        output.close()
        self._orders.put(None)
        self._heard(self, {"say": "died", "status": status})
