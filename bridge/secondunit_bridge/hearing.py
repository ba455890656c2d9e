"""What a host's panel keeps of what the daemon tells, and what it says to the artist about it.

No host in it: a session in a host adds how its shots are found and what is shown. Nothing here
waits or asks.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, Iterable, List, Mapping, Optional, Set, Tuple

from .announcements import Event, Hello
from .errors import DaemonUnavailable, SecondUnitError, error_from
from .film import Take, Version
from .saying import Said, sentence, told

MOST_SAID = 3  # sentences that stay
_OF_SHOTS = ("turnover", "state", "take", "version", "version_state", "waiver", "cut_in")


class Hearing:
    """The daemon as a panel knows it. ``starts`` says when one is started that does not run."""

    def __init__(self, *, starts: str) -> None:
        self._starts = starts
        self.hello: Optional[Hello] = None
        self.daemon = Said("Looking for the daemon.")
        self.takes: Dict[str, Tuple[Take, ...]] = {}  # by shot
        self.versions: Dict[str, Tuple[Version, ...]] = {}
        self.progress: Dict[str, Tuple[float, str]] = {}  # by take: 0..1, in the generator's words
        self.reasons: Dict[str, Said] = {}  # why a take failed
        self.said: List[Said] = []
        self.stale: Set[str] = set()  # shots whose takes must be asked for again
        self.changed = True

    def say(self, said: Said) -> None:
        """Show a sentence; the newest few stay."""
        older = [old for old in self.said if old.what != said.what]
        self.said, self.changed = [said, *older][:MOST_SAID], True

    def fail(self, error: SecondUnitError) -> None:
        """Show what went wrong."""
        if isinstance(error, DaemonUnavailable):
            self.away(error)
        self.say(told(error))

    def away(self, error: SecondUnitError) -> None:
        """The daemon cannot be asked."""
        said = told(error)
        if isinstance(error, DaemonUnavailable) and not error.data.get("log"):
            said = Said(sentence(error.message or "no daemon runs"), self._starts)
        if self.hello is not None or said != self.daemon:
            self.hello, self.daemon, self.changed = None, said, True

    def hear(self, events: Iterable[Event]) -> None:
        """Take in what the daemon told."""
        for event in events:
            if event.kind == "gone":
                self.away(DaemonUnavailable(str(event.body.get("message", ""))))
            elif event.kind == "back":
                self.hello = None
                self.look_for_daemon()
            elif event.kind == "progress":
                self._progress(event.body)
            elif event.kind == "preview" and event.parts:
                self.preview(str(event.body.get("take")), event.parts[0])
            elif event.kind == "entry" and event.entry is not None:
                self.entry(event.entry.kind, event.entry.subject, event.entry.body)

    def look_for_daemon(self, *, start: bool = False) -> None:
        """Ask who is there. ``start``: a daemon, if none runs. A host's own."""
        raise NotImplementedError

    def preview(self, take: str, jpeg: bytes) -> None:
        """A small picture of a take that is being shot. Not every host makes something of it."""

    def shots_of(self, subject: str, body: Mapping[str, Any]) -> Set[str]:
        """The shots that an entry is about, all when it does not say. A host's own."""
        raise NotImplementedError

    def entry(self, kind: str, subject: str, body: Mapping[str, Any]) -> None:
        """Take in an entry of the ledger."""
        error = body.get("error")
        if kind == "state" and isinstance(error, dict):
            self.reasons[subject] = told(error_from(error))
        if kind in _OF_SHOTS:
            self.stale |= self.shots_of(subject, body)
        if kind == "take":
            self.progress.pop(subject, None)

    def take(self, take_id: str) -> Optional[Take]:
        """A take that is known here."""
        return next((t for takes in self.takes.values() for t in takes if t.id == take_id), None)

    def with_reason(self, take: Take) -> Take:
        """The take with the reason why it failed among its remarks."""
        reason = self.reasons.get(take.id)
        return replace(take, remarks=(*take.remarks, reason.line)) if reason else take

    def _progress(self, body: Mapping[str, Any]) -> None:
        take, done = body.get("take"), body.get("done")
        if isinstance(take, str) and isinstance(done, (int, float)):
            self.progress[take] = (float(done), str(body.get("says") or ""))
            self.changed = True
