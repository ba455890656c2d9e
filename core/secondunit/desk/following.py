"""A re-cut and what it does to approvals: each change is an entry of its own, by whoever followed.

An approval is for what a cut showed. While the cut shows that, wherever, it stays; when the cut
shows anything else it is stale, and says which frames were approved all the same; out of the cut it
is omitted, and its takes rest. When the cut shows again what was approved, the approval is back.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from secondunit_bridge.errors import FieldError
from secondunit_bridge.film import TakeState, Version
from secondunit_bridge.recutting import Recutting
from secondunit_bridge.wire import Message, plain, typed

from ..jobs import Jobs
from ..ledger import Draft
from .asks import words_of
from .floor import take_state
from .people import Book, Client, Reply, named

STALE, OMITTED = "stale", "omitted"
PARKED = "its shot is not in"
_APPROVED = ("approved", "final")


class Following:
    """What a changed cut does to versions, and to takes that wait."""

    def __init__(self, book: Book, jobs: Jobs) -> None:
        self._book, self._jobs = book, jobs

    def follow(self, client: Client, message: Message) -> Reply:
        """Have approvals follow a re-cut; said twice, it happened once."""
        body = message.body if isinstance(message.body, dict) else {}
        words = words_of({name: body.get(name, "") for name in ("cut", "by")}, "cut", "by")
        if not words["cut"].strip():
            raise FieldError("follow.cut: expected the name of the new cut")
        by = named(words["by"], "having approvals follow a cut")
        shots = typed(tuple[Recutting, ...], body.get("shots"), "shots")
        drafts = [draft for one in shots for draft in self._follow(one, words["cut"], by)]
        rest = [take for one in shots if not one.now for take in self._waiting(one)]
        back = [take for one in shots if one.now for take in self._parked(one)]
        reason = f"{PARKED} {words['cut']}"
        self._book.write(
            *drafts,
            *(take_state(take, TakeState.suspended, reason, by=by) for take in rest),
            *(take_state(take, TakeState.waiting, "its shot is back", by=by) for take in back),
        )
        for take in rest:
            self._jobs.suspend(take)
        for take in back:
            self._jobs.resume(take)
        changed = [{"version": draft.subject, **draft.body} for draft in drafts]
        states = {v.name: self._book.views.version_state(v.name)
                  for one in shots for v in self._of(one)}  # fmt: skip
        return Reply({"changed": plain(changed), "states": states, "parked": rest, "back": back})

    def _follow(self, one: Recutting, cut: str, by: str) -> Iterator[Draft]:
        """The new state of the version that the cut plays; none when it stays as it is."""
        for version in self._of(one):
            last = self._last("version_state", version.name)
            state = str(last["state"])
            granted, seen = str(last.get("was", state)), str(last.get("approved_for", one.was))
            if granted not in _APPROVED:
                continue  # recalled: nobody stands behind it, in no cut
            now = _state(one, granted, seen)
            if now == state and (now in _APPROVED or one.now in (last["shown"], one.was)):
                continue
            body = {"state": now, "reason": _reason(one, now, cut), "cut": cut}
            if now not in _APPROVED:
                body |= {"was": granted, "approved_for": seen, "shown": one.now,
                         "keep": plain(one.keep), "missing": plain(one.missing)}  # fmt: skip
            yield Draft("version_state", version.name, body, by=by)

    def _waiting(self, one: Recutting) -> list[str]:
        takes = self._book.views.takes(shot=one.shot, state=TakeState.waiting)
        return [take.id for take in takes if self._jobs.waits(take.id)]

    def _parked(self, one: Recutting) -> list[str]:
        """Takes that rest because the shot was not in a cut; a person's own are left to rest."""
        takes = self._book.views.takes(shot=one.shot, state=TakeState.suspended)
        return [t.id for t in takes if self._last("state", t.id)["reason"].startswith(PARKED)]

    def _of(self, one: Recutting) -> tuple[Version, ...]:
        """The version that the cut names, else the newest; none of shots that are not known."""
        there = self._book.views.versions(shot=one.shot)
        return tuple(v for v in there if v.name == one.version) or there[-1:]

    def _last(self, kind: str, subject: str) -> dict[str, Any]:
        return dict(self._book.entries(kind=kind, subject=subject)[-1].body)


def _state(one: Recutting, granted: str, seen: str) -> str:
    if not one.now:
        return OMITTED
    return granted if not seen or one.now == seen else STALE


def _reason(one: Recutting, state: str, cut: str) -> str:
    """Why, as a sentence about the version."""
    if state == OMITTED:
        return f"it is not in {cut}; its files are kept"
    if state != STALE:
        return f"{cut} shows what was approved again"
    kept = sum(last - first + 1 for first, last in one.keep)
    made = sum(last - first + 1 for first, last in one.missing)
    said = f"{one.change.replace('_', ' ')} in {cut}"
    if kept:
        said += f"; frames kept as they were: {kept}"
    return said + (f", to make: {made}" if made else "")
