"""Tells a tracker what waits in the outbox, and brings what was said there back as proposals.

A proposal changes nothing: a retake or an approval in a tracker is for a person here to act on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from secondunit_bridge.errors import EngineFailed, EngineOffline, UnknownId

from ..ledger import Ledger
from .kitsu import Kitsu
from .kitsu_plugin import KINDS, put
from .outbox import Item, Outbox


@dataclass(frozen=True)
class Told:
    """What became of one push."""

    done: int = 0
    failed: int = 0
    error: str = ""


@dataclass(frozen=True)
class Proposal:
    """Something said in the tracker about a version of ours. Nothing follows from it by itself."""

    version: str
    status: str  # our word; empty for a mere note
    text: str
    by: str
    sentence: str


def catch_up(book: Ledger, outbox: Outbox) -> int:
    """Put in what the ledger has and the outbox has not; how many."""
    return sum(put(outbox, entry) for kind in KINDS for entry in book.every(kind))


def push(book: Ledger, outbox: Outbox, kitsu: Kitsu, now: float) -> Told:
    """Tell everything that is due. A server that is away ends it; a refusal is tried again."""
    done = failed = 0
    error = ""
    for item in outbox.due(now):
        try:
            outbox.done(item, _tell(book, kitsu, item))
            done += 1
        except (EngineFailed, UnknownId, EngineOffline) as problem:
            outbox.failed(item, problem.message, now)
            failed, error = failed + 1, problem.message
            if isinstance(problem, EngineOffline):
                break
    return Told(done, failed, error)


def pull(outbox: Outbox, kitsu: Kitsu, own: str) -> Iterator[Proposal]:
    """What others said of our versions since the last time. ``own`` marks what we said."""
    for version, task in outbox.tasks().items():
        for said in kitsu.comments(task):
            text = str(said.get("text") or said.get("comment") or "")
            if text.startswith(own) or not outbox.hear(str(said["id"]), {"version": version}):
                continue
            person = said.get("person") or {}
            by = f"{person.get('first_name', '')} {person.get('last_name', '')}".strip()
            status = kitsu.ours(str((said.get("task_status") or {}).get("short_name", "")))
            what = status.replace("_", " ") or "a note"
            sentence = f"{by or 'Somebody'} in Kitsu on {version}: {what}. {text}".strip()
            yield Proposal(version, status, text, by, sentence)


OWN = "Second Unit:"  # how everything begins that we say there


def _tell(book: Ledger, kitsu: Kitsu, item: Item) -> str:
    """One thing told; the id of the task there. Twice is once."""
    version = book.views.version(item.payload["version"])
    turnover = book.views.turnover(book.views.take(version.take).turnover)
    shot, frames = turnover.shot, (version.frames.first, version.frames.last)
    task = kitsu.task(shot.project, shot.sequence, shot.code, frames)
    if item.op == "publish":
        movie = Path(version.path) / "review" / f"{version.name}.mov"
        text = f"{OWN} {version.name}, {version.kind.value}, record {version.record[:16]}"
        if not movie.is_file():
            raise EngineFailed(f"{movie} is gone", hint="Bring the version's folder back.")
        kitsu.publish(task, "pending_review", text, movie, version.record)
        return task
    state = str(item.payload["state"])
    text = f"{OWN} {version.name} is {state}: {item.payload['reason']}"
    if not any(said.get("text") == text for said in kitsu.comments(task)):
        kitsu.say(task, state if state in ("approved", "final", "recalled") else "pending_review",
                  text)  # fmt: skip
    return task
