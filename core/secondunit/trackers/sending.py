"""Tells a tracker what waits in the outbox, and brings what was said there back as proposals.

A proposal changes nothing: a retake or an approval in a tracker is for a person here to act on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from secondunit_bridge.errors import EngineFailed, EngineOffline, UnknownId
from secondunit_bridge.wire import plain

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
    remote: str = ""  # the tracker's id of what was said


def catch_up(book: Ledger, outbox: Outbox) -> int:
    """Put in what the ledger has and the outbox has not; how many."""
    return sum(put(outbox, entry) for kind in KINDS for entry in book.every(kind))


def push(book: Ledger, outbox: Outbox, kitsu: Kitsu, now: float) -> Told:
    """Tell everything that is due. A server that is away ends it; a refusal is tried again."""
    done = failed = 0
    error = ""
    held = set[str]()  # versions of which something could not be told: the rest waits for it
    for item in outbox.due(now):
        if item.version in held:
            continue
        try:
            outbox.done(item, _tell(book, kitsu, item))
            done += 1
        except (EngineFailed, UnknownId, EngineOffline) as problem:
            outbox.failed(item, problem.message, now)
            held.add(item.version)
            failed, error = failed + 1, problem.message
            if isinstance(problem, EngineOffline):
                break
    return Told(done, failed, error)


def pull(outbox: Outbox, kitsu: Kitsu) -> list[Proposal]:
    """What others said of our versions and nobody was told yet; ``told`` says that somebody was.

    A task holds all versions of a shot: what is said there is about the newest that stood there
    when it was said.
    """
    heard, tasks = outbox.heard(), dict[str, list[str]]()
    for version, task in outbox.tasks().items():
        tasks.setdefault(task, []).append(version)
    return [
        one
        for task, versions in tasks.items()
        for one in _said(kitsu, task, versions)
        if one.remote not in heard
    ]


def told(outbox: Outbox, proposals: Iterable[Proposal]) -> None:
    """A person was told these."""
    for one in proposals:
        outbox.hear(one.remote, plain(one))


def _said(kitsu: Kitsu, task: str, versions: Sequence[str]) -> Iterator[Proposal]:
    standing = versions[0]
    for said in reversed(kitsu.comments(task)):  # the oldest first
        text = str(said.get("text") or said.get("comment") or "")
        if text.startswith(OWN):
            named = text.removeprefix(OWN).strip().partition(" ")[0].rstrip(",")
            standing = named if named in versions else standing
            continue
        person = said.get("person") or {}
        by = f"{person.get('first_name', '')} {person.get('last_name', '')}".strip()
        status = kitsu.ours(str((said.get("task_status") or {}).get("short_name", "")))
        what = status.replace("_", " ") or "a note"
        sentence = f"{by or 'Somebody'} in Kitsu on {standing}: {what}. {text}".strip()
        yield Proposal(standing, status, text, by, sentence, str(said["id"]))


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
    number = item.payload["entry"]  # the same may be said of a version twice, and is told twice
    text = f"{OWN} {version.name} is {state}: {item.payload['reason']} (entry {number})"
    if not any(said.get("text") == text for said in kitsu.comments(task)):
        kitsu.say(task, state if state in ("approved", "final", "recalled") else "pending_review",
                  text)  # fmt: skip
    return task
