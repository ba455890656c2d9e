"""Puts what a shot of ours knows of itself back into a re-cut that lost it on the way."""

from __future__ import annotations

import json
from typing import Any

from secondunit_bridge.timeline import KEY

from .counting import the_timeline
from .cut import Cut, CutShot, Document
from .items import children, marks_of
from .numbering import active_reference
from .recut import Item, Recut


def conformed(old: Cut, new: Cut, recut: Recut) -> tuple[Document, tuple[str, ...]]:
    """The new cut's document with the marks and media of our shots as the old cut had them, and a
    sentence for each clip that was mended. Ranges, order and everything of others stay."""
    document = Document(json.loads(json.dumps(new.document)))
    document.source = new.document.source
    said = [
        sentence
        for item in recut.items if item.guid and item.old
        for use in item.new
        for sentence in _mended(item, clip_at(old.document, item.old), clip_at(document, use), use)
    ]  # fmt: skip
    return document, tuple(said)


def _mended(
    item: Item, before: dict[str, Any] | None, now: dict[str, Any] | None, use: CutShot
) -> list[str]:
    if before is None or now is None:
        return []
    said = []
    if not marks_of(now).get("guid"):
        metadata = now.get("metadata")
        now["metadata"] = {**metadata} if isinstance(metadata, dict) else {}
        now["metadata"][KEY] = marks_of(before)
        said.append(f"{item.name}: marked as our shot again")
    if not active_reference(now).get("target_url") and use.media is None:
        for key in ("media_reference", "media_references", "active_media_reference_key"):
            if key in before:
                now[key] = json.loads(json.dumps(before[key]))
        said.append(f"{item.name}: linked to its frames again")
    return said


def clip_at(document: dict[str, Any], shot: CutShot) -> dict[str, Any] | None:
    """The clip of a shot that is in no nest; None of others."""
    if shot.nested:
        return None
    tracks = children(the_timeline(document)["tracks"])
    items = children(tracks[shot.layer]) if shot.layer < len(tracks) else []
    return items[shot.index] if shot.index < len(items) else None
