"""What the ledger says of shots and takes, kept up entry by entry for the page.

Nothing is decided here and nothing is kept: thrown away, it is read again from the first entry.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from secondunit_bridge.errors import UnknownId
from secondunit_bridge.film import (
    Answer,
    Entry,
    Project,
    Shot,
    Take,
    TakeState,
    Turnover,
    Version,
    Waiver,
)
from secondunit_bridge.wire import dumps, loads, typed

_SAID = ("state", "reason", "finding", "answer", "role", "text", "frames", "drawn", "kind",
         "version", "name", "record", "number")  # fmt: skip


@dataclass
class TakeNow:
    """One take as it stands. ``answers`` are the last ones to its findings, by finding."""

    id: str
    shot: str
    name: str
    number: int
    seed: int
    turnover: str
    handles: tuple[int, int] = (0, 0)  # as it was asked for: the shot may have others by now
    first: int = 0  # frame of the record where its cut began then
    state: TakeState = TakeState.waiting
    recalled: bool = False  # it was circled, and what it became was taken back
    written: bytes = b""  # the take as the ledger has it, once it is shot
    frames: tuple[int, int] | None = None  # the first and the last that were kept
    asks: dict[str, str] = field(default_factory=dict)  # findings that need an answer: department
    store: str = ""
    receipt: dict[str, Any] = field(default_factory=dict)
    models: tuple[dict[str, Any], ...] = ()  # what it ran: name, files by sha256, tensors_sha256
    seconds: float = 0.0  # that shooting it took
    shot_at: float = 0.0  # when it was shot
    error: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Waiver] = field(default_factory=dict)
    said: list[dict[str, Any]] = field(default_factory=list)  # who did what, in order
    since: float = 0.0  # when it came into its state

    @property
    def open(self) -> tuple[str, ...]:
        """Ids of the findings that keep it from being circled."""
        left = (id for id in self.asks if id not in self.answers)
        again = (id for id in self.asks if id in self.answers)
        return (*left, *(id for id in again if not self.answers[id].answer.accepts))

    @cached_property
    def shown(self) -> Take | None:
        """The take with its media and findings; None before it is shot. Read when it is asked for:
        a show has thousands.
        """
        return typed(Take, loads(self.written)) if self.written else None


@dataclass
class VersionNow:
    """A published version and its state."""

    version: Version
    state: str = "approved"
    why: str = ""  # as the last change of it says
    seal: str = ""
    at: float = 0.0


@dataclass
class ShotNow:
    """One shot as it was last turned over, its takes and versions in order."""

    shot: Shot
    takes: list[TakeNow] = field(default_factory=list)
    versions: list[VersionNow] = field(default_factory=list)


class Reel:
    """Shots by guid. ``absorb`` and the readers may be called from any thread."""

    def __init__(self) -> None:
        self.number = 0  # of the last entry taken in
        self.shots: dict[str, ShotNow] = {}
        self.projects: dict[str, Project] = {}
        self.turnovers: dict[str, Turnover] = {}
        self._takes: dict[str, TakeNow] = {}
        self._versions: dict[str, VersionNow] = {}
        self.rights: list[Entry] = []  # rows of the rights register, in order
        self.judged: dict[str, dict[str, Answer]] = {}  # project -> finding of a take -> last said
        self.cut_answers: dict[str, Waiver] = {}  # to findings of cuts, the last to each
        self.cuts: dict[str, float] = {}  # files of cuts that versions went into, and when last
        self.lock = threading.RLock()

    def absorb(self, entries: Iterable[Entry]) -> set[str]:
        """Take in entries in order, those known already left out; the guids of shots touched."""
        touched: set[str] = set()
        with self.lock:
            for entry in entries:
                if entry.number > self.number:
                    self.number = entry.number
                    change = _CHANGES.get(entry.kind)
                    if change:
                        touched |= change(self, entry)
        return touched

    def take(self, take: str) -> TakeNow:
        """One take. Raises UnknownId."""
        found = self._takes.get(take)
        if found is None:
            raise UnknownId(f"there is no take {take!r:.40}", hint="Load the page again.")
        return found

    def shot(self, guid: str) -> ShotNow:
        """One shot. Raises UnknownId."""
        found = self.shots.get(guid)
        if found is None:
            raise UnknownId(f"there is no shot {guid!r:.40}", hint="Load the page again.")
        return found

    def takes(self) -> tuple[TakeNow, ...]:
        """Every take, in the order they were asked for."""
        with self.lock:
            return tuple(self._takes.values())

    def _project(self, entry: Entry) -> set[str]:
        self.projects[entry.subject] = typed(Project, entry.body)
        return set()

    def _turnover(self, entry: Entry) -> set[str]:
        body: dict[str, Any] = entry.body
        asked = typed(Turnover, body["turnover"])
        self.turnovers[entry.subject] = asked
        now = self.shots.setdefault(asked.shot.guid, ShotNow(asked.shot))
        now.shot = asked.shot
        handles = asked.shot.handles.head, asked.shot.handles.tail
        for one in body["takes"]:
            take = TakeNow(one["id"], asked.shot.guid, asked.shot.name, one["number"], one["seed"],
                           entry.subject, handles, asked.shot.cut.first,
                           since=entry.at)  # fmt: skip
            self._takes[take.id] = take
            now.takes.append(take)
            self._say(take, entry)
        return {asked.shot.guid}

    def _state(self, entry: Entry) -> set[str]:
        body: dict[str, Any] = entry.body
        return self._becomes(entry, TakeState(body["state"]), body.get("error") or {})

    def _attempt(self, entry: Entry) -> set[str]:
        return self._becomes(entry, TakeState.waiting, {})

    def _circled(self, entry: Entry) -> set[str]:
        return self._becomes(entry, TakeState.circled, {})

    def _becomes(self, entry: Entry, state: TakeState, error: dict[str, Any]) -> set[str]:
        take = self._takes.get(entry.subject)
        if take is None:
            return set()
        take.state, take.error, take.since = state, error, entry.at
        self._say(take, entry)
        return {take.shot}

    def _shot(self, entry: Entry) -> set[str]:
        body: dict[str, Any] = entry.body
        touched = self._becomes(entry, TakeState(body["state"]), {})
        for take in (self._takes[entry.subject],) if touched else ():
            take.__dict__.pop("shown", None)
            take.written, take.shot_at, media = dumps(body), entry.at, body.get("media")
            take.frames = (media["frames"]["first"], media["frames"]["last"]) if media else None
            take.asks = {
                one["id"]: one.get("department", "")
                for one in body.get("findings", ())
                if one["outcome"] in ("look", "stop") and not one.get("quiet")
            }
            take.store, take.receipt = str(body.get("store", "")), body.get("receipt") or {}
            take.models = tuple(body.get("models", ()))
            take.seconds = float((body.get("cost") or {}).get("seconds", 0.0))
            take.answers.clear()  # they were about other pictures
        return touched

    def _waiver(self, entry: Entry) -> set[str]:
        body: dict[str, Any] = entry.body
        take = self._takes.get(str(body.get("take", "")))
        if take is None:
            return set()
        said = take.answers[entry.subject] = typed(Waiver, body)
        project = self.shots[take.shot].shot.project
        self.judged.setdefault(project, {})[entry.subject] = said.answer
        self._say(take, entry)
        return {take.shot}

    def _note(self, entry: Entry) -> set[str]:
        take = self._takes.get(entry.subject)
        if take is None:
            return set()
        self._say(take, entry)
        return {take.shot}

    def _version(self, entry: Entry) -> set[str]:
        version = typed(Version, entry.body)
        now = VersionNow(version, seal=entry.seal, at=entry.at)
        self._versions[version.name] = now
        if version.shot in self.shots:
            self.shots[version.shot].versions.append(now)
        if take := self._takes.get(version.take):
            take.state = TakeState.circled
            self._say(take, entry)
        return {version.shot} & self.shots.keys()

    def _version_state(self, entry: Entry) -> set[str]:
        now = self._versions.get(entry.subject)
        if now is None:
            return set()
        now.state, now.at = str(entry.body["state"]), entry.at
        now.why = str(entry.body.get("reason", ""))
        if take := self._takes.get(now.version.take):
            take.recalled = now.state == "recalled"
            self._say(take, entry)
        return {now.version.shot} & self.shots.keys()

    def _right(self, entry: Entry) -> set[str]:
        self.rights.append(entry)
        return set()

    def _answer(self, entry: Entry) -> set[str]:
        self.cut_answers[entry.subject] = typed(Waiver, entry.body)
        return set()

    def _cut_in(self, entry: Entry) -> set[str]:
        self.cuts[str(entry.body["cut"])] = entry.at
        now = self._versions.get(entry.subject)
        return set() if now is None else {now.version.shot} & self.shots.keys()

    def _say(self, take: TakeNow, entry: Entry) -> None:
        told = {name: entry.body[name] for name in _SAID if name in entry.body}
        take.said.append({"number": entry.number, "what": entry.kind, "at": entry.at,
                          "by": entry.by, "seal": entry.seal, "body": told})  # fmt: skip


_CHANGES = {
    "project": Reel._project,
    "turnover": Reel._turnover,
    "state": Reel._state,
    "attempt": Reel._attempt,
    "circled": Reel._circled,
    "take": Reel._shot,
    "waiver": Reel._waiver,
    "note": Reel._note,
    "version": Reel._version,
    "version_state": Reel._version_state,
    "right": Reel._right,
    "answer": Reel._answer,
    "cut_in": Reel._cut_in,
}
