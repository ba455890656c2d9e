"""A desk one can speak to without sockets: a real ledger, real stages, verbs by their names."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from secondunit.desk.desk import Desk
from secondunit.desk.disks import NotYet
from secondunit.desk.people import Client, Later, Reply
from secondunit.ledger import Ledger
from secondunit.plugins import Plugins
from secondunit.settings import Settings
from secondunit_bridge import errors
from secondunit_bridge.film import Take, TakeState, Turnover, Version
from secondunit_bridge.wire import Message, plain, typed

NUKE = Client(b"nuke", "nuke", events=True)
OVER = {TakeState.pending_review, TakeState.blocked, TakeState.failed, TakeState.cancelled}


class Office:
    """The desk of a home, answered in this very thread."""

    def __init__(self, home: Path) -> None:
        self.settings = Settings.load()
        self.ledger = Ledger(home / "ledger.sqlite")
        self.desk = Desk(self.ledger, Plugins(), self.settings, lambda: None)
        self.late: dict[str, Any] = {}

    def ask(self, kind: str, body: Any = None, *, id: str = "") -> dict[str, Any]:
        """The body of the answer, also of one that comes late. Raises what the desk refuses."""
        answer = self._answer(Message(kind, id or uuid.uuid4().hex, plain(body)))
        if isinstance(answer, Later):
            self.until(lambda: answer.work in self.late)
            said = self.late.pop(answer.work)
            if isinstance(said, errors.SecondUnitError):
                raise said
            answer = said
        assert isinstance(answer, Reply)
        return answer.body

    def _answer(self, message: Message) -> Reply | Later:
        """As the daemon's loop: what hangs on a disk that takes its time is asked again."""
        while True:
            try:
                return self.desk.answer(NUKE, message)
            except NotYet as put_off:
                while not put_off.ready:
                    time.sleep(0.005)

    def until(self, done: Callable[[], bool], *, seconds: float = 30) -> None:
        """Let the desk work until something is so."""
        deadline = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < deadline, "it never happened"
            self.desk.tick()
            self.late.update(self.desk.late_answers())
            time.sleep(0.005)

    def take(self, take: str) -> Take:
        """The take as it is now."""
        return typed(Take, self.ask("take", {"take": take})["take"])

    def shot_take(self, ask: Turnover) -> Take:
        """A turnover's only take, once it is over."""
        (take,) = self.ask("turn_over", ask)["takes"]
        self.until(lambda: self.take(take).state in OVER)
        return self.take(take)

    def circle(self, take: Take) -> Version:
        """The version that a take is published as."""
        return typed(Version, self.ask("circle", {"take": take.id, "by": "Kim"})["version"])

    def kinds(self, subject: str) -> list[str]:
        """What the ledger holds of a subject, in order."""
        return [entry.kind for entry in self.ledger.entries(subject=subject)]

    def close(self) -> None:
        """Let go of ledger and stages."""
        self.desk.close()
        self.ledger.close()
