"""The live room: pictures of a viewport, styled while the artist moves. Nothing is written down.

Of each session only the newest waiting frame is styled; an older one is answered as dropped. The
stage for it is a process of its own, so that neither a take that is shot for minutes holds up the
viewport nor the viewport a take.
"""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from secondunit_bridge.errors import (
    FieldError,
    QueueFull,
    SecondUnitError,
    StageDied,
    UnknownId,
    error_from,
)
from secondunit_bridge.film import Option
from secondunit_bridge.slots import ITEM_BYTES
from secondunit_bridge.wire import Message, typed

from ..stage.crew import Crew, Report
from ..stage.orders import LIVE, LiveFrame
from .people import Client, Later, Reply
from .slots import SlotRoom

AWAY_S = 30.0  # a session without a frame for so long is closed
MOST_SESSIONS = 16
MOST_PIXELS = 4096 * 2160
# What each look may be told, from and to; whole numbers where both are.
LOOKS: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "toon": {"bands": (1, 6), "line": (0.0, 4.0)},
}


@dataclass(frozen=True)
class LiveAsk:
    """What a session is opened with."""

    look: str
    width: int
    height: int
    options: dict[str, Option] = field(default_factory=dict)
    colour: str = "uint8"
    result: str = "uint8"


@dataclass(frozen=True)
class _Waiting:
    """A frame, and the work its answer is known by."""

    work: str
    frame: LiveFrame


@dataclass
class _Session:
    """One viewport of one client."""

    owner: Client
    ask: LiveAsk
    heard: float
    waiting: _Waiting | None = None


class LiveRoom:
    """Used from the daemon's loop only; ``clock`` gives seconds that never go back."""

    def __init__(
        self, crew: Crew, slots: SlotRoom, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._crew, self._slots, self._clock = crew, slots, clock
        self._sessions: dict[str, _Session] = {}
        self._serial = itertools.count(1)
        self._styling: _Waiting | None = None
        self._answers: list[tuple[str, Reply | SecondUnitError]] = []

    @property
    def open(self) -> int:
        """How many sessions there are."""
        return len(self._sessions)

    def live_open(self, client: Client, message: Message) -> Reply:
        """A session of this client. Raises FieldError, QueueFull."""
        ask = _sound(typed(LiveAsk, message.body, "live_open"))
        if len(self._sessions) >= MOST_SESSIONS:
            raise QueueFull(
                f"{MOST_SESSIONS} live looks are open already",
                hint="Close the live look in another view or program.",
            )
        name = secrets.token_hex(8)
        self._sessions[name] = _Session(client, ask, self._clock())
        pixels = ask.width * ask.height
        return Reply(
            {
                "session": name,
                "given": pixels * (4 * ITEM_BYTES[ask.colour] + 4),
                "made": pixels * 4 * ITEM_BYTES[ask.result],
            }
        )

    def live_frame(self, client: Client, message: Message) -> Later:
        """Style one frame. Answered when it is styled, or dropped for a newer one.

        Raises FieldError, SlotLost, UnknownId.
        """
        body = message.body if isinstance(message.body, dict) else {}
        name, session = self._known(client, body)
        ask = session.ask
        told = {
            "session": name, "look": ask.look, "width": ask.width, "height": ask.height,
            "colour": ask.colour, "result": ask.result, "options": ask.options,
        }  # fmt: skip
        frame = typed(LiveFrame, {**body, **told}, "live_frame")
        if frame.far and not (frame.parallel or 0 < frame.near < frame.far):
            raise FieldError(f"live_frame: near {frame.near:g} and far {frame.far:g} are no view")
        for lease in (frame.given, frame.made):
            self._slots.leased(client, lease)
        work = f"live {name} {next(self._serial)}"
        session.heard = self._clock()
        self._drop(session)
        session.waiting = _Waiting(work, frame)
        return Later(work)

    def live_close(self, client: Client, message: Message) -> Reply:
        """End a session. Twice is once."""
        body = message.body if isinstance(message.body, dict) else {}
        try:
            name, _ = self._known(client, body)
        except UnknownId:
            return Reply({})
        self._close(name)
        return Reply({})

    def tick(self) -> None:
        """Give the stage the frame that has waited longest."""
        now = self._clock()
        for name in [n for n, s in self._sessions.items() if now - s.heard > AWAY_S]:
            self._close(name)
        waiting = [name for name, session in self._sessions.items() if session.waiting]
        if waiting and self._crew.free(LIVE):
            session = self._sessions.pop(waiting[0])
            self._sessions[waiting[0]] = session  # the last in line now
            given, session.waiting = session.waiting, None
            assert given is not None
            self._give(session.owner, given)

    def hear(self, report: Report) -> None:
        """What the stage said of the frame it had."""
        word, styling = report.body.get("say"), self._styling
        if word == "died":
            answer: Reply | SecondUnitError = StageDied(
                "the process that draws the live look was lost",
                hint="It starts again with the next frame. When it is lost again and again,"
                " `secondunit doctor` says where its log is.",
                data={"status": report.body.get("status"), "stage": LIVE},
            )
        elif word == "failed":
            answer = error_from(report.body["error"])
        elif word == "styled":
            answer = Reply({"state": "styled", "ms": report.body["ms"]})
        else:
            return
        self._crew.finished(LIVE)
        self._styling = None
        if styling is not None:
            self._answer(styling, answer)

    def answers(self) -> list[tuple[str, Reply | SecondUnitError]]:
        """Late answers since the last call, by the work they answer."""
        said, self._answers = self._answers, []
        return said

    def keep_only(self, clients: list[Client]) -> None:
        """Close the sessions of clients that are gone."""
        here = {client.who for client in clients}
        for name in [n for n, s in self._sessions.items() if s.owner.who not in here]:
            self._close(name)

    def _known(self, client: Client, body: dict[str, Any]) -> tuple[str, _Session]:
        name = typed(str, body.get("session"), "session")
        session = self._sessions.get(name)
        if session is None or session.owner.who != client.who:
            raise UnknownId(
                f"the live session {name[:40]!r} is not open",
                hint="It ends when no frame comes for half a minute: open a new one.",
            )
        return name, session

    def _give(self, owner: Client, given: _Waiting) -> None:
        try:
            for lease in (given.frame.given, given.frame.made):
                self._slots.leased(owner, lease).work = given.work
        except SecondUnitError as error:  # it was released while the frame waited
            return self._answer(given, error)
        self._styling = given
        self._crew.give(LIVE, "live", given.work, given.frame)

    def _close(self, name: str) -> None:
        self._drop(self._sessions.pop(name))

    def _drop(self, session: _Session) -> None:
        dropped, session.waiting = session.waiting, None
        if dropped is not None:
            self._answer(dropped, Reply({"state": "dropped", "ms": 0.0}))

    def _answer(self, whom: _Waiting, answer: Reply | SecondUnitError) -> None:
        if isinstance(answer, Reply):
            answer = replace(answer, body={"number": whom.frame.number, **answer.body})
        self._answers.append((whom.work, answer))


def _sound(ask: LiveAsk) -> LiveAsk:
    """The same, when it can be drawn. Raises FieldError."""
    if ask.look not in LOOKS:
        raise FieldError(
            f"live_open.look: {ask.look!r} cannot be drawn live", hint=f"Live: {', '.join(LOOKS)}."
        )
    if min(ask.width, ask.height) < 16 or ask.width * ask.height > MOST_PIXELS:
        raise FieldError(f"live_open: {ask.width} x {ask.height} is not 16 x 16 to 4096 x 2160")
    for name, dtype in (("colour", ask.colour), ("result", ask.result)):
        if dtype not in ("uint8", "float32"):
            raise FieldError(f"live_open.{name}: expected uint8 or float32, got {dtype!r:.40}")
    known = LOOKS[ask.look]
    for name, value in ask.options.items():
        if name not in known:
            raise FieldError(
                f"live_open.options: {ask.look} has no {name!r:.40} when it is live",
                hint=f"Live it has {', '.join(known)}.",
            )
        low, high = known[name]
        kind: tuple[type, ...] = (int,) if isinstance(low, int) else (int, float)
        if isinstance(value, (bool, str)) or not (isinstance(value, kind) and low <= value <= high):
            raise FieldError(f"live_open.options.{name}: expected {low} to {high}")
    return ask
