"""A live look from the host's side: pictures of the viewport go out, the newest styled one is here.

The host's thread only copies into shared memory and looks at what has come; a thread of our own
asks. One frame is being styled and one waits: whoever offers faster has frames dropped, and never
waits for any.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Deque, Dict, NamedTuple, Optional, Tuple

from .errors import FieldError, SecondUnitError, SlotLost, StageDied, TakeFailed
from .wire import typed

if TYPE_CHECKING:
    from .slots import Slot
    from .unit import Unit

Ask = Callable[..., Dict[str, Any]]

# A frame that is not styled then is given up; the first waits for a process to start.
FRAME_S = 10.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 2.0  # before the next try after something went wrong
LEAVE_S = 2.0
KEPT = 240  # latencies that are remembered


class Styled(NamedTuple):
    """A styled frame: RGBA in display codes, rows in the order they were offered in."""

    number: int
    pixels: memoryview  # bytes; of uint8, or of float32 when the session was opened so
    seconds: float  # from its offer until it was here


@dataclass(frozen=True)
class Counts:
    """What became of the frames that were offered."""

    offered: int = 0
    styled: int = 0
    dropped: int = 0  # a newer one came first, or the session was not open
    failed: int = 0


class _Offer(NamedTuple):
    slot: Slot
    number: int
    view: Dict[str, Any]
    at: float


class Live:
    """A live session of one viewport; ``Unit.live`` makes it. Opens, and opens again, by itself.

    ``trouble`` is what went wrong last, None when the last frame came back. Close it.
    """

    def __init__(self, unit: Unit, ask: Ask, opening: Dict[str, Any]) -> None:
        self._unit, self._ask, self._opening = unit, ask, opening
        self.trouble: Optional[SecondUnitError] = None
        self._news = threading.Condition()
        self._session = ""
        self._given: Tuple[Slot, ...] = ()  # two: one is styled from while the other is written
        self._made: Optional[Slot] = None
        self._waiting: Optional[_Offer] = None
        self._working: Optional[_Offer] = None
        self._newest: Optional[Styled] = None
        self._offered = self._styled = self._dropped = self._failed = 0
        self._latencies: Deque[float] = deque(maxlen=KEPT)
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="secondunit live", daemon=True)
        self._thread.start()

    @property
    def ready(self) -> bool:
        """A frame that is offered now would be styled."""
        return bool(self._given) and not self._closing

    @property
    def counts(self) -> Counts:
        """What became of the frames so far."""
        return Counts(self._offered, self._styled, self._dropped, self._failed)

    @property
    def latencies(self) -> Tuple[float, ...]:
        """Seconds from offer to result of the last frames, oldest first."""
        return tuple(self._latencies)

    def offer(
        self,
        colour: object,
        depth: object,
        number: int,
        *,
        near: float = 0.0,
        far: float = 0.0,
        parallel: bool = False,
    ) -> bool:
        """Copy a frame to where it waits to be styled; never blocks. False when it was dropped.

        ``colour`` is any buffer of RGBA in display codes, ``depth`` one of as many float32:
        distance where ``far`` is 0, else a depth buffer of 0..1 between ``near`` and ``far``,
        ``parallel`` for an orthographic view. A frame that still waits gives way to this one.
        Raises FieldError for buffers of the wrong size.
        """
        planes = self._planes(colour, depth)
        with self._news:
            self._offered += 1
            working = self._working.slot if self._working else None
            slot = next((one for one in self._given if one is not working), None)
            if self._waiting is not None or slot is None or self._closing:
                self._dropped += 1  # the older one, when there is one
            if slot is None or self._closing:
                return False
            self._waiting = None
            if not _copied(planes, slot):
                self._dropped += 1
                self._forget()
                self._news.notify_all()
                return False
            view = {"near": near, "far": far, "parallel": parallel}
            self._waiting = _Offer(slot, number, view, time.monotonic())
            self._news.notify_all()
        return True

    def newest(self) -> Optional[Styled]:
        """The latest styled frame, the same until there is a newer one. Never blocks."""
        return self._newest

    def close(self) -> None:
        """End the session and give its slots back. Waits two seconds at most."""
        with self._news:
            self._closing = True
            self._news.notify_all()
        if threading.current_thread() is not self._thread:
            self._thread.join(LEAVE_S)

    def __enter__(self) -> Live:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _planes(self, colour: object, depth: object) -> Tuple[memoryview, ...]:
        pixels = self._opening["width"] * self._opening["height"]
        item = 4 if self._opening["colour"] == "uint8" else 16
        planes = (_plane("colour", colour), _plane("depth", depth))
        for name, given, wanted in zip(("colour", "depth"), planes, (pixels * item, pixels * 4)):
            if given.nbytes != wanted:
                raise FieldError(f"{name}: expected {wanted} bytes, got {given.nbytes}")
        return planes

    def _run(self) -> None:
        pause = FIRST_PAUSE_S
        while not self._closing:
            try:
                self._step()
            except SecondUnitError as error:
                self.trouble = error
                if isinstance(error, FieldError):  # it would be refused for ever
                    break
                if not isinstance(error, (StageDied, TakeFailed)):
                    self._end()
                with self._news:
                    self._news.wait_for(lambda: self._closing, pause)
                pause = min(2 * pause, LONGEST_PAUSE_S)
            else:
                pause = FIRST_PAUSE_S
        self._end()

    def _step(self) -> None:
        """Open the session, or style the frame that waits. Raises SecondUnitError."""
        if not self._given:
            return self._open()
        with self._news:
            self._news.wait_for(lambda: self._closing or self._waiting or not self._given)
            if self._closing or self._waiting is None:
                return
            self._working, self._waiting = self._waiting, None
        offer, made = self._working, self._made
        try:
            if made is not None:
                self._style(offer, made)
        except SecondUnitError:
            self._failed += 1
            raise
        finally:
            self._working = None

    def _style(self, offer: _Offer, made: Slot) -> None:
        body = {
            "session": self._session, "given": offer.slot.lease, "made": made.lease,
            "number": offer.number, **offer.view,
        }  # fmt: skip
        answer = self._ask("live_frame", body, timeout=FRAME_S)
        if answer.get("state") != "styled":
            self._dropped += 1
            return
        pixels = memoryview(bytes(made.read()))  # copied once: the next frame is written there
        seconds = time.monotonic() - offer.at
        self._newest = Styled(offer.number, pixels, seconds)
        self._styled += 1
        self._latencies.append(seconds)
        self.trouble = None

    def _open(self) -> None:
        answer = self._ask("live_open", self._opening)
        self._session = typed(str, answer.get("session"), "session")
        given, made = (typed(int, answer.get(name), name) for name in ("given", "made"))
        slots = []
        try:
            for nbytes in (made, given, given):
                slots.append(self._unit.lease(nbytes))
        except SecondUnitError:
            for slot in slots:
                with suppress(SecondUnitError):
                    self._unit.release(slot)
            raise
        with self._news:
            self._made, self._given = slots[0], tuple(slots[1:])

    def _end(self) -> None:
        """Let go of the session and its slots, as far as there is still a daemon to tell."""
        with self._news:
            session, slots = self._session, [*self._given, *([self._made] if self._made else [])]
            self._forget()
        with suppress(SecondUnitError):
            if session:
                self._ask("live_close", {"session": session})
            for slot in slots:
                self._unit.release(slot)

    def _forget(self) -> None:
        """The caller holds the lock."""
        if self._waiting is not None:
            self._dropped += 1
        self._session, self._given, self._made, self._waiting = "", (), None, None


def _copied(planes: Tuple[memoryview, ...], slot: Slot) -> bool:
    """Side by side into the slot. False when its lease is over: the daemon ended."""
    try:
        room, at = slot.pixels, 0
    except SlotLost:
        return False
    for plane in planes:
        room[at : at + plane.nbytes] = plane
        at += plane.nbytes
    return True


def _plane(name: str, given: object) -> memoryview:
    try:
        return memoryview(given).cast("B")  # type: ignore[arg-type]  # typing has no word for any buffer before Python 3.12
    except TypeError as error:
        raise FieldError(f"{name}: expected a C-contiguous buffer ({error})") from None
