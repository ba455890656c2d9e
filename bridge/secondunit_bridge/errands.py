"""Work that the core does beside a host: a command in a process of its own, its answer in a file.

A script of a host's menu may end at once, so an errand outlives it: whoever asks next finds the
answer, or that it still runs.
"""

from __future__ import annotations

import json
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Optional, Sequence

from .core_python import NO_WINDOW, SETTING, core_python, environ_of
from .errors import DaemonUnavailable, SecondUnitError, error_from
from .processes import process_started

_LOOK_S = 0.02


@dataclass(frozen=True)
class Errand:
    """One command of the core and the folder of its order and answer."""

    folder: Path

    def start(self, words: Sequence[str], *, about: str) -> None:
        """Begin; an older answer is gone. ``about`` tells one order from another.

        Raises DaemonUnavailable when there is no Python that has the core.
        """
        python = core_python()
        if python is None:
            raise DaemonUnavailable(
                "nobody said which Python has Second Unit in it",
                hint=f"Run `secondunit host install` once more, or set {SETTING} to that Python.",
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self._answer, "wb") as out, open(self.folder / "said.txt", "wb") as said:
            child = subprocess.Popen(
                [python, "-m", "secondunit", *words, "--json"], stdin=subprocess.DEVNULL,
                stdout=out, stderr=said, env=environ_of(python), start_new_session=True,
                creationflags=NO_WINDOW,
            )  # fmt: skip
        _running[child.pid] = child
        order = {"about": about, "pid": child.pid, "began": process_started(child.pid) or ""}
        self._order.write_text(json.dumps(order), encoding="utf-8")

    def about(self) -> str:
        """What the latest order was for; empty when there was none."""
        return str(self._told().get("about", ""))

    def running(self) -> bool:
        """It has not ended yet."""
        told = self._told()
        pid = told.get("pid")
        if not isinstance(pid, int):
            return False
        child = _running.get(pid)
        if child is not None:
            return child.poll() is None
        return bool(told.get("began")) and process_started(pid) == told.get("began")

    def answer(self, patience_s: float = 0.0) -> Optional[Dict[str, Any]]:
        """What it found; None while it runs. Waits for ``patience_s`` at most.

        Raises what the command said went wrong; the same order can then be given again.
        """
        end = time.monotonic() + patience_s
        while self.running():
            if time.monotonic() >= end:
                return None
            time.sleep(_LOOK_S)
        try:
            found: Any = json.loads(self._answer.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            self.forget()
            raise SecondUnitError(
                "the work beside this program ended without an answer",
                hint=f"What it said lies in {self.folder / 'said.txt'}.",
            ) from error
        if isinstance(found, dict) and isinstance(found.get("error"), dict):
            self.forget()
            raise error_from(found["error"])
        return dict(found)

    def forget(self) -> None:
        """The answer was heard: the same order, given again, is a new one."""
        self._order.unlink(missing_ok=True)

    @property
    def _answer(self) -> Path:
        return self.folder / "answer.json"

    @property
    def _order(self) -> Path:
        return self.folder / "order.json"

    def _told(self) -> Dict[str, Any]:
        try:
            found: Any = json.loads(self._order.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


_running: Dict[int, subprocess.Popen[bytes]] = {}  # children of this process, to be waited for
