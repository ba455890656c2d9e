"""Hears the daemon and tells every open page: entries, progress, previews."""

from __future__ import annotations

import json
import queue
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from secondunit_bridge.errors import DaemonUnavailable, SecondUnitError

from .door import LET_GO
from .reel import Reel
from .told import shot_row

if TYPE_CHECKING:
    from secondunit_bridge.announcements import Event
    from secondunit_bridge.film import Entry
    from secondunit_bridge.unit import Unit

PAGE = 200  # entries in one answer: the daemon is not kept from others for long
_OFTEN_S = 0.1  # between two looks for news
_TROUBLED_S = 1.0  # before the daemon is asked again
_BEHIND = 500  # messages a page may leave unread; then it is let go, and asks for all again
_PREVIEWS = 64

Listener = queue.Queue[str]


class Watch:
    """A thread that keeps the reel up to date. A context manager."""

    def __init__(self, unit: Unit, reel: Reel) -> None:
        self._unit, self._reel = unit, reel
        self._listeners: set[Listener] = set()
        self._lock, self._end = threading.Lock(), threading.Event()
        self._previews: OrderedDict[str, bytes] = OrderedDict()
        self._progress: dict[str, dict[str, Any]] = {}
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self.reachable = True

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join(5)

    def catch_up(self) -> None:
        """Read every entry that is new, and tell it as it comes. Raises what asking raises."""
        while not self._end.is_set():
            page = self._unit.entries(self._reel.number, PAGE)
            self._absorb(page)
            if not page:
                return

    def preview(self, take: str) -> bytes | None:
        """The latest preview of a take, JPEG."""
        with self._lock:
            return self._previews.get(take)

    def progress(self) -> list[dict[str, Any]]:
        """How far each take is that is being shot."""
        with self._lock:
            return list(self._progress.values())

    @contextmanager
    def listening(self) -> Iterator[Listener]:
        """A queue of messages of the event stream, until left."""
        mine: Listener = queue.Queue(_BEHIND)
        with self._lock:
            self._listeners.add(mine)
        try:
            yield mine
        finally:
            with self._lock:
                self._listeners.discard(mine)

    def packet(self, standing: dict[str, Any]) -> None:
        """Tell every page how far a packet is."""
        self._tell("packet", standing)

    def _run(self) -> None:
        behind, rest_s = True, 0.0  # from the first entry on; the page fills meanwhile
        while not self._end.wait(rest_s):
            rest_s = _OFTEN_S
            try:
                if behind:
                    self.catch_up()
                    self._link(up=True)
                    behind = False
                events = list(self._unit.events())
                self._hear(events)
            except SecondUnitError as error:
                behind, rest_s = True, _TROUBLED_S  # what was on its way is asked for
                if isinstance(error, DaemonUnavailable):
                    self._link(up=False)
                else:
                    self._tell("trouble", {"message": error.message, "hint": error.hint})

    def _hear(self, events: list[Event]) -> None:
        entries = [e.entry for e in events if e.kind == "entry" and e.entry]
        fresh = [one for one in entries if one.number > self._reel.number]
        if [one.number for one in fresh] == [self._reel.number + n + 1 for n in range(len(fresh))]:
            self._absorb(fresh)  # what was told in full is not asked for: the daemon has others
        else:
            self.catch_up()  # asked for, so that none is missed
        for event in events:
            if event.kind == "progress":
                self._advance(event.body)
            elif event.kind == "preview" and event.parts:
                self._picture(str(event.body["take"]), event.parts[0])
            elif event.kind in ("gone", "back"):
                if event.kind == "back":
                    self.catch_up()
                self._link(up=event.kind == "back")

    def _link(self, *, up: bool) -> None:
        if up != self.reachable:
            self.reachable = up
            self._tell("link", {"up": up})

    def _absorb(self, entries: Sequence[Entry]) -> None:
        touched = self._reel.absorb(entries)
        if touched:
            self._tell("shots", self._rows(touched))

    def _rows(self, guids: set[str]) -> list[dict[str, Any]]:
        with self._reel.lock:
            rows = [shot_row(self._reel.shots[guid]) for guid in sorted(guids)]
        busy = {t["id"] for row in rows for t in row["takes"] if t["state"] == "shooting"}
        done = {t["id"] for row in rows for t in row["takes"]} - busy
        with self._lock:
            for take in done:
                self._progress.pop(take, None)
        return rows

    def _advance(self, body: dict[str, Any]) -> None:
        with self._lock:
            self._progress[str(body["take"])] = body
        self._tell("progress", body)

    def _picture(self, take: str, jpeg: bytes) -> None:
        with self._lock:
            self._previews[take] = jpeg
            self._previews.move_to_end(take)
            while len(self._previews) > _PREVIEWS:
                self._previews.popitem(last=False)
        self._tell("preview", {"take": take})

    def _tell(self, what: str, body: Any) -> None:
        text = f"event: {what}\ndata: {json.dumps(body, ensure_ascii=False)}\n\n"
        with self._lock:
            for one in list(self._listeners):
                try:
                    one.put_nowait(text)
                except queue.Full:
                    self._listeners.discard(one)
                    with suppress(queue.Empty):
                        one.get_nowait()
                    one.put_nowait(LET_GO)  # nobody else puts anything in: there is room
