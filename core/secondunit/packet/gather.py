"""Everything a packet needs of a cut, read from the cut, the ledger and the versions' folders.

A shot of ours whose record is gone, or is another than was published, ends the work and is named:
a packet that leaves something out is worse than none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from secondunit_bridge.errors import Locked, RecordMissing, UnknownId
from secondunit_bridge.film import Entry, Model, Note, Take, Turnover, Version, Waiver

from ..editorial import Cut, CutShot
from ..ledger import Ledger
from ..rights import Register
from ..rights.register import KIND
from ..rights.sweep import used_of, why_gone
from .canonical import canonical
from .cost import NOTHING, Known
from .marks import untouched
from .ours import Ours

RECORD = "record.json"


@dataclass(frozen=True)
class Made:
    """One clip of the cut that is ours, with everything on record about it."""

    clip: CutShot
    version: Version
    state: str  # approved, final or recalled; (stale), (rights withdrawn)
    take: Take
    turnover: Turnover
    taken: dict[str, Any] = field(hash=False)  # body of the take's entry
    record: dict[str, Any] = field(hash=False)  # record.json of the version
    generation: dict[str, Any] = field(hash=False)  # the take's generation record
    hash_list: str = ""  # sha256 of the frames' list
    marks: str = "on"
    unmarked: str = ""  # why it is not marked
    waivers: tuple[Waiver, ...] = ()
    notes: tuple[Note, ...] = ()
    history: tuple[Entry, ...] = field(default=(), hash=False)  # of the version's state
    tries: tuple[Take, ...] = ()  # every take of the shot
    when: Mapping[tuple[str, str], float] = field(default_factory=dict, hash=False)  # see _moments
    plays: str = ""  # the file that the cut shows in its place, where it is another

    @property
    def unlike(self) -> str:
        """What is other than it was approved, where the state is stale."""
        last = self.history[-1].body if self.history else {}
        if last.get("state") == "stale":
            return f"the cut no longer shows it as it was approved: {last['reason']}"
        return "its frames are not those that were approved"


@dataclass(frozen=True)
class Gathered:
    """A cut and its record."""

    cut: Cut
    made: tuple[Made, ...]
    foreign: tuple[CutShot, ...]
    register: Register
    models: tuple[Model, ...]
    project: str
    head: tuple[int, str]
    checkpoint: str
    known: Known = NOTHING  # of takes: who looked how long, and what was expected of them


def gathered(cut: Cut, book: Ledger, checkpoint: str) -> Gathered:
    """What is on record of a cut. Raises RecordMissing naming every shot without its record."""
    register = Register.of(book.every(KIND))
    known = Ours.of(book.views.versions())
    named = {id(clip): known.version(clip) for clip in cut.shots}
    ours = [clip for clip in cut.shots if named[id(clip)]]
    ours.sort(key=lambda clip: clip.record.first)
    made, missing = [], []
    for clip in ours:
        try:
            one = _made(clip, named[id(clip)], book, register)
            made.append(replace(one, plays=_stranger(clip, one.version, known)))
        except (RecordMissing, UnknownId) as error:
            missing.append(f"{clip.name}: {error.message}")
    if missing:
        raise RecordMissing(
            f"{len(missing)} of {len(ours)} shots of ours have no record: " + "; ".join(missing),
            hint="Bring the version's folder and the ledger's home back, or take the shot out of"
            " the cut.",
            data={"shots": missing},
        )
    projects = {one.turnover.shot.project for one in made}
    return Gathered(
        cut=cut,
        made=tuple(made),
        foreign=tuple(clip for clip in cut.shots if not named[id(clip)]),
        register=register,
        models=book.views.models(),
        project=" + ".join(sorted(projects)) or cut.name,
        head=book.head(),
        checkpoint=checkpoint,
    )


def _stranger(clip: CutShot, version: Version, known: Ours) -> str:
    """The file that a clip plays instead of the version it names, where that can be told."""
    if not clip.media or known.played(clip) == version.name:
        return ""
    return "" if Path(clip.media).name.startswith(f"{version.name}.") else Path(clip.media).name


def _made(clip: CutShot, name: str, book: Ledger, register: Register) -> Made:
    views = book.views
    version = views.version(name)
    record = _record(version, str(clip.marks.get("record", "")))
    take = views.take(version.take)
    taken = dict(book.entries(kind="take", subject=take.id)[-1].body)
    turnover, marks = views.turnover(take.turnover), record.get("marks", {})
    folder, state = Path(version.path), views.version_state(version.name)
    history = tuple(book.every("version_state", version.name))
    if state == "stale":  # the cut has changed since, as the entry says
        state = f"{history[-1].body['was']} (stale)"
    elif state in ("approved", "final") and not untouched(folder, marks, _published(book, name)):
        state = f"{state} (stale)"
    state = with_rights(state, taken, register)
    return Made(
        clip=clip,
        version=version,
        state=state,
        take=take,
        turnover=turnover,
        taken=taken,
        record=record,
        generation=generation_record(take.id, taken),
        hash_list=str(marks.get("hashlist_sha256", "")),
        marks=str(marks.get("state", "off")),
        unmarked=str(marks.get("reason", "it was published before versions were marked")),
        waivers=views.waivers(take.id),
        notes=views.notes(take.id),
        history=history,
        tries=views.takes(shot=version.shot),
        when=_moments(book, take, views.waivers(take.id)),
    )


def _moments(book: Ledger, take: Take, waivers: Sequence[Waiver]) -> dict[tuple[str, str], float]:
    """When people asked for a take, chose it, spoke of it (by their name) and answered its findings
    (by the finding), in seconds since the epoch."""
    about = [("turnover", take.turnover, ""), ("circled", take.id, "")]
    about += [("waiver", one.finding, one.finding) for one in waivers]
    found = {
        (kind, key): entry.at
        for kind, subject, key in about
        for entry in book.entries(kind=kind, subject=subject)
    }
    return found | {("note", one.by): one.at for one in book.every("note", take.id)}


def with_rights(state: str, taken: Mapping[str, Any], register: Register) -> str:
    """A version's state as it is told: also that something it was made with was withdrawn."""
    gone = any(why_gone(asset, register) for asset in used_of(taken, register))
    return f"{state} (rights withdrawn)" if gone else state


def _record(version: Version, expected: str) -> dict[str, Any]:
    path = Path(version.path) / RECORD
    try:
        data = path.read_bytes()
        found: dict[str, Any] = json.loads(data)
    except (OSError, ValueError) as error:
        raise RecordMissing(
            f"{version.name} has no record that can be read at {path}", hint="Bring it back."
        ) from error
    digest = sha256(data).hexdigest()
    if digest != version.record or (expected and digest != expected):
        raise RecordMissing(
            f"the record of {version.name} is not the one that was written when it was published",
            hint="Bring the folder back from its backup.",
        )
    return found


def generation_record(take: str, taken: dict[str, Any]) -> dict[str, Any]:
    """A take's generation record, as its entry names it. Raises RecordMissing."""
    told = taken.get("generation") or {}
    path = Path(str(taken.get("store", ""))) / "vault" / "records" / f"{take}.json"
    hint = "A take shot before there were generation records must be shot again."
    if not told:
        raise RecordMissing(f"take {take} has no generation record", hint=hint)
    try:
        data = path.read_bytes()
        record: dict[str, Any] = json.loads(data)
    except (OSError, ValueError) as error:
        raise RecordMissing(f"the record of take {take} is not at {path}", hint=hint) from error
    if sha256(canonical(record)).hexdigest() != told["sha256"]:
        raise RecordMissing(
            f"the record of take {take} is not the one that the ledger names", hint=hint
        )
    return record


def check_untouched(version: Version, published: float) -> None:
    """Raises Locked where a version's frames are not those that were approved, RecordMissing where
    its record is gone. ``published`` is when its folder was complete, in seconds since the epoch.
    """
    if not untouched(Path(version.path), _record(version, "").get("marks", {}), published):
        raise Locked(
            f"the frames of {version.name} are not those that were approved",
            hint=f"See which: secondunit verify {version.path}. Bring them back from a backup, or"
            " circle another take.",
        )


def _published(book: Ledger, version: str) -> float:
    """When a version's folder was complete, in seconds since the epoch."""
    return book.entries(kind="version", subject=version)[-1].at
