"""Shots, takes and the queue as JSON for the page: short rows for all, everything for one shot."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from secondunit_bridge.film import Element, Finding, Role, TakeState, Turnover
from secondunit_bridge.timing import can_drop, rate_name, to_timecode
from secondunit_bridge.wire import plain

from .reel import Reel, ShotNow, TakeNow, VersionNow

_BUSY = (TakeState.shooting, TakeState.checking)
SEEN = (Role.plate, Role.reference, Role.first, Role.last)  # what a person can look at
_COUNTED = re.compile(r"%0?(\d?)d")
_GRANTED = ("approved", "final")


def standing(now: ShotNow) -> str:
    """Where a shot stands, in one word: what its newest decision or its most urgent take says."""
    states = {take.state for take in now.takes if not take.recalled}
    live = [one.state for one in now.versions if one.state != "recalled"]
    if live and set(live) == {"omitted"}:
        return "omitted"
    if "final" in live:
        return "final"
    if states & set(_BUSY):
        return "busy"
    if live and live[-1] not in (*_GRANTED, "omitted"):
        return live[-1]  # what the daemon says of the newest, such as stale after a re-cut
    if live or (TakeState.circled in states and not now.versions):  # else it was recalled
        return "approved"
    for state, word in (
        (TakeState.waiting, "waiting"),
        (TakeState.pending_review, "watch"),
        (TakeState.blocked, "blocked"),
        (TakeState.failed, "failed"),
        (TakeState.rejected, "rejected"),
    ):
        if state in states:
            return word
    return "recalled" if now.versions else "none"


def _why(now: ShotNow) -> str:
    """Why the newest version that was not recalled is no longer what was approved."""
    live = [one for one in now.versions if one.state != "recalled"]
    return live[-1].why if live and live[-1].state not in _GRANTED else ""


def shot_row(now: ShotNow) -> dict[str, Any]:
    """One shot of the strip. Frames are delivered ones, from 1001; ``cut`` counts record frames."""
    shot, cut = now.shot, now.shot.cut
    drop = shot.drop and can_drop(cut.rate)
    return {
        "guid": shot.guid,
        "name": shot.name,
        "sequence": shot.sequence,
        "code": shot.code,
        "scene": shot.scene,
        "project": shot.project,
        "cut": [cut.first, cut.last],
        "tc": to_timecode(cut.first, cut.rate, drop=drop),
        "drop": drop,
        "rate": [cut.rate.numerator, cut.rate.denominator],
        "fps": rate_name(cut.rate),
        "handles": [shot.handles.head, shot.handles.tail],
        "standing": standing(now),
        "why": _why(now),
        "takes": [take_row(take) for take in now.takes],
        "versions": [one.version.name for one in now.versions if one.state != "recalled"],
        "departments": sorted({t.asks[id] for t in now.takes for id in t.open} - {""}),
    }


def take_row(take: TakeNow) -> dict[str, Any]:
    """One take in short."""
    return {
        "id": take.id,
        "number": take.number,
        "state": "recalled" if take.recalled else take.state.value,
        "open": len(take.open),
        "since": take.since,
        "frames": take.frames,
        "handles": take.handles,
        "first": take.first,
        "error": {name: take.error.get(name, "") for name in ("message", "hint", "code")}
        if take.error
        else None,
    }


def shot_whole(reel: Reel, now: ShotNow) -> dict[str, Any]:
    """Everything about one shot."""
    return {
        **shot_row(now),
        "takes": [take_whole(reel, take) for take in now.takes],
        "versions": [version_row(one) for one in now.versions],
    }


def take_whole(reel: Reel, take: TakeNow) -> dict[str, Any]:
    """Everything about one take, with what was asked and who said what."""
    shown, asked = take.shown, reel.turnovers[take.turnover]
    media = shown.media if shown else None
    return {
        **take_row(take),
        "seed": str(take.seed),  # beyond what a browser counts exactly
        "turnover": take.turnover,
        "size": [media.width, media.height] if media else None,
        "space": media.space if media else "",
        "confidence": shown.confidence if shown else None,
        "remarks": list(dict.fromkeys(shown.remarks)) if shown else [],
        "junk": shown.junk_reason if shown else "",
        "seconds": shown.cost.seconds if shown else 0,
        "device": shown.cost.device if shown else "",
        "receipt": bool(take.receipt.get("frames")),
        "findings": [_finding(take, f) for f in shown.findings] if shown else [],
        "said": take.said,
        "asked": ask_row(asked),
    }


def ask_row(asked: Turnover) -> dict[str, Any]:
    """What was asked, in short."""
    return {
        "brief": asked.brief,
        "generator": asked.generator,
        "work": asked.work.value,
        "seed": str(asked.seed),
        "takes": asked.takes,
        "artist": asked.artist,
        "options": dict(asked.options),
        "elements": [e.role.value for e in asked.elements if e.role is not Role.before],
        "handed": [
            {"index": n, "role": e.role.value, "name": name_of(e), "frames": len(e.media.frames)}
            for n, e in enumerate(asked.elements)
            if e.role in SEEN
        ],
    }


def name_of(element: Element) -> str:
    """What an element is called: as it was handed over, else as its file is; numbers of a sequence
    as people write them, ``sky.####.exr``."""
    file = _COUNTED.sub(lambda found: "#" * int(found[1] or 1), Path(element.media.path).name)
    return element.name or file or element.role.value


def version_row(now: VersionNow) -> dict[str, Any]:
    """A version: who circled which take, and the hash of its record."""
    one = now.version
    return {"name": one.name, "take": one.take, "kind": one.kind.value, "by": one.by,
            "state": now.state, "why": now.why, "record": one.record, "seal": now.seal,
            "at": now.at, "path": one.path}  # fmt: skip


def _finding(take: TakeNow, finding: Finding) -> dict[str, Any]:
    answer = take.answers.get(finding.id)
    return {
        **plain(finding),
        "open": finding.id in take.open,
        "asks": finding.open,
        "answered": {"answer": answer.answer.value, "by": answer.by, "reason": answer.reason}
        if answer
        else None,
    }


def by_place(row: dict[str, Any]) -> tuple[Any, ...]:
    """Cut order: sequence, then where the shot begins."""
    return row["project"], row["sequence"], row["cut"][0], row["code"]
