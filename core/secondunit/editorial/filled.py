"""Lays pickups into a re-cut: where a clip of ours shows frames that were never made, they play.

The clip is cut where its own frames end, and the pickup stands beside it on the same track: as long
together as the clip was, so nothing ripples and nobody else's clip is touched.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Any

from .conforming import clip_at
from .counting import the_timeline
from .cut import Cut, CutShot, Document
from .insert import Inserted, clip_of, span_of
from .items import children
from .numbering import active_reference
from .recut import Change, Item, Recut, numbered
from .retime import part, rate_of


@dataclass(frozen=True)
class Pick:
    """A published pickup. ``missing`` are the frames it brings, numbers of the shot's version."""

    missing: tuple[int, int]
    version: Inserted


def filled(
    document: Document, cut: Cut, recut: Recut, picks: Mapping[str, Sequence[Pick]]
) -> tuple[str, ...]:
    """Put pickups, by the GUID of the shot they belong to, into a document of ``cut``.

    What is done and what cannot be, a sentence for each clip. The document is changed.
    """
    uses = [
        (item, use) for item in recut.items
        if item.guid in picks and item.old and item.change is not Change.source_swapped
        for use in item.new
    ]  # fmt: skip
    uses.sort(key=lambda pair: -pair[1].index)  # from behind: places before stay what they are
    return tuple(_said(document, cut, item, use, picks[str(item.guid)]) for item, use in uses)


def _said(document: Document, cut: Cut, item: Item, use: CutShot, picks: Sequence[Pick]) -> str:
    clip = clip_at(document, use)
    if clip is None or use.retime != "none" or use.dissolves != (0, 0) or not use.frames:
        return (
            f"{item.name}: its pickups are not laid in, for it is retimed, nested or in a"
            " transition: cut them in by hand"
        )
    assert item.old is not None
    numbers = [numbered(item.old, (frame,))[0] for frame in use.frames]
    pieces = list(_pieces(cut, clip, numbers, picks))
    track = children(the_timeline(document)["tracks"])[use.layer]["children"]
    track[use.index : use.index + 1] = pieces
    names = ", ".join(str(one["name"]) for one in pieces if one["name"] != clip.get("name"))
    return f"{item.name}: {names or 'no pickup'} laid in beside its own frames"


def _pieces(
    cut: Cut, clip: dict[str, Any], numbers: Sequence[int], picks: Sequence[Pick]
) -> Iterator[dict[str, Any]]:
    """The clip's own frames and those of pickups, in the order they play."""
    runs = groupby(enumerate(numbers), key=lambda pair: _bringing(pair[1], picks))
    for pick, run in runs:
        places = list(run)
        if pick is None:
            yield _part(clip, cut.rate, places[0][0], len(places))
        else:
            made = clip_of(pick.version, cut.written)
            first = pick.version.frames.first + pick.version.handles.head
            start = first + places[0][1] - pick.missing[0]
            made["source_range"] = span_of(start, len(places), cut.written)
            yield made


def _bringing(number: int, picks: Sequence[Pick]) -> Pick | None:
    return next((one for one in picks if one.missing[0] <= number <= one.missing[1]), None)


def _part(clip: dict[str, Any], rate: Fraction, offset: int, count: int) -> dict[str, Any]:
    """A stretch of a clip, in the rates that it is written in."""
    copy: dict[str, Any] = json.loads(json.dumps(clip))
    times = copy.get("source_range") or active_reference(copy).get("available_range")
    copy["source_range"] = {**json.loads(json.dumps(times))}
    start, length = (dict(part(copy["source_range"], one)) for one in ("start_time", "duration"))
    start["value"] = start["value"] + float(offset * rate_of(start) / rate)
    length["value"] = float(count * rate_of(length) / rate)
    copy["source_range"] |= {"start_time": start, "duration": length}
    return copy
