"""Watching takes being shot: a live display for people, a polite stop on Ctrl-C."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from secondunit_bridge.errors import SecondUnitError, TakeFailed, error_from
from secondunit_bridge.film import Take, TakeState
from secondunit_bridge.saying import UNDER_WAY

from .previews import Previews
from .say import Say, console

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID
    from secondunit_bridge.unit import Unit

LOOK_S = 0.05  # how often events are drained
ASK_S = 1.0  # how often the daemon is asked outright, should an event have been lost
STOP_S = 10.0  # how long a stopped take may need to say so
TOLD_S = 5.0  # how long the reason may come after the news that a take failed
LOST = {
    "gone": "The daemon was lost; it is started again.",
    "back": "The daemon is back. Nothing acknowledged was lost.",
}


class Watching:
    """Follows takes from asked to shot."""

    def __init__(
        self, unit: Unit, takes: Sequence[str], say: Say, *, previews: Path | None = None
    ) -> None:
        self._unit, self._say = unit, say
        self._previews = Previews(previews) if previews else None
        self._left = dict.fromkeys(takes)
        self._settled: dict[str, Take] = {}
        self._failed: dict[str, SecondUnitError] = {}

    def until_shot(self, *, by: str) -> tuple[Take, ...]:
        """Every take once it is shot, failed or stopped, in the order asked.

        Ctrl-C stops the takes in the name of ``by`` and is raised again when they have stopped.
        """
        with _Display(self._say, list(self._left)) as display:
            try:
                self._follow(display, time.monotonic() + 10**9)
            except KeyboardInterrupt:
                self._stop(display, by)
                raise
        return tuple(self._settled[take] for take in self._left)

    def why(self, take: str) -> SecondUnitError:
        """Why a take failed."""
        lost = TakeFailed(f"take {take} failed", hint="The daemon's log says more.")
        error = self._failed.get(take, lost)
        last = self._previews.last(take) if self._previews else None
        if last:  # the picture says where it failed, for example what could not be covered
            error.data.setdefault("preview", str(last))
        return error

    def _stop(self, display: _Display, by: str) -> None:
        with _patient():  # a second Ctrl-C must not leave half of them being shot
            display.aside("Stopping the takes ...")
            for take in self._left:
                if take not in self._settled:
                    self._unit.cancel(take=take, by=by)
        self._follow(display, time.monotonic() + STOP_S)

    def _follow(self, display: _Display, until: float) -> None:
        asked = time.monotonic()
        while len(self._settled) < len(self._left) and time.monotonic() < until:
            heard = [self._hear(event, display) for event in self._unit.events()]
            changed = [take for take in heard if take]
            if changed or time.monotonic() - asked > ASK_S:
                asked = time.monotonic()
                self._ask(changed or list(self._left), display)
            time.sleep(LOOK_S)
        self._hear_why(display)

    def _hear_why(self, display: _Display) -> None:
        """A take that was asked outright may have failed before the event that says why is here."""
        until = time.monotonic() + TOLD_S
        while time.monotonic() < until and any(
            take.state is TakeState.failed and name not in self._failed
            for name, take in self._settled.items()
        ):
            for event in self._unit.events():
                self._hear(event, display)
            time.sleep(LOOK_S)

    def _hear(self, event: Any, display: _Display) -> str:
        """The take whose state changed, or nothing."""
        if event.kind in LOST:
            display.aside(LOST[event.kind])
        if event.kind == "progress" and event.body.get("take") in self._left:
            done, says = event.body.get("done") or 0.0, str(event.body.get("says", ""))
            display.progress(event.body["take"], float(done), says)
        if event.kind == "preview" and self._previews and event.body.get("take") in self._left:
            for path in self._previews.keep(event):
                display.aside(f"  what is being made: {path}")
        entry = event.entry
        if entry is None or entry.subject not in self._left:
            return ""
        if entry.kind == "state" and isinstance(entry.body.get("error"), dict):
            self._failed[entry.subject] = error_from(entry.body["error"])
        return str(entry.subject) if entry.kind in ("state", "take") else ""

    def _ask(self, takes: Sequence[str], display: _Display) -> None:
        for name in dict.fromkeys(takes):
            if name in self._settled:
                continue
            take = self._unit.take(name)
            display.state(take)
            if take.state not in UNDER_WAY and take.state is not TakeState.suspended:
                self._settled[name] = take


@contextmanager
def _patient() -> Iterator[None]:
    """Ctrl-C waits until this is done. Only the main thread hears it at all."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class _Display:
    """A bar for each take on a terminal; one line for each change of state elsewhere."""

    def __init__(self, say: Say, takes: list[str]) -> None:
        self._say = say
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._last: dict[str, str] = {}
        if say.live:
            self._bars = _bars()
            for number, take in enumerate(takes, start=1):
                name = f"take {number}  {take}"
                self._tasks[take] = self._bars.add_task(name, total=1.0, says="waiting")

    def __enter__(self) -> _Display:
        if self._bars:
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bars:
            self._bars.stop()

    def progress(self, take: str, done: float, says: str) -> None:
        """How far a take is, 0..1."""
        if self._bars:
            self._bars.update(self._tasks[take], completed=done, says=says)

    def state(self, take: Take) -> None:
        """Where a take stands."""
        words = take.state.value.replace("_", " ")
        if self._last.get(take.id) == words:
            return
        self._last[take.id] = words
        if self._bars:
            done = 1.0 if take.media is not None else None
            self._bars.update(self._tasks[take.id], completed=done, says=words)
        else:
            self.aside(f"  take {take.number}  {take.id}  {words}")

    def aside(self, text: str) -> None:
        """One line beside the display."""
        if self._say.as_json:
            return
        if self._bars:
            self._bars.console.print(text)
        else:
            print(text, file=sys.stderr, flush=True)


def _bars() -> Progress:
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("  {task.description}"),
        BarColumn(bar_width=28, complete_style="white", finished_style="green"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[says]}", style="bright_black"),
        console=console(beside=True),
        refresh_per_second=12,
    )
