"""Markers into a cut: ours are written anew, everybody else's stay as they were.

The document is changed as JSON, as inserts are. A marker is ours when its metadata says of which
finding it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from secondunit_bridge.timeline import KEY
from secondunit_bridge.timing import FrameRange

from .counting import the_timeline
from .cut import Cut, Document
from .items import marks_of, start_of
from .retime import as_written

# One colour for each department, of the names that OpenTimelineIO has. Anything else is white.
COLOURS = {
    "Props": "GREEN",
    "Wardrobe": "MAGENTA",
    "Script": "CYAN",
    "Camera": "BLUE",
    "Lighting/DI": "YELLOW",
    "VFX": "PURPLE",
    "Editorial": "ORANGE",
    "Delivery": "RED",
    "Layout": "PINK",
}
OTHER = "WHITE"
FINDING = "finding"  # of the marker's metadata, under KEY: the id of the finding


@dataclass(frozen=True)
class Mark:
    """A finding as a marker: its line, where it is in the record, and what people answered."""

    finding: str
    line: str
    department: str
    record: FrameRange
    note: str = ""
    said: dict[str, Any] | None = None  # more for the metadata


def marked(cut: Cut, marks: Iterable[Mark]) -> Document:
    """A new document with these markers on the whole timeline, and no others of ours."""
    document = Document(json.loads(json.dumps(cut.document)))
    document.source = cut.document.source
    for item in _items(document):
        if any(_ours(marker) for marker in item["markers"]):
            item["markers"] = [marker for marker in item["markers"] if not _ours(marker)]
    stack = the_timeline(document)["tracks"]
    start = start_of(stack, as_written(cut.written))
    made = [_marker(mark, mark.record.first - cut.start + start, cut.written) for mark in marks]
    if made:
        stack["markers"] = [*(stack.get("markers") or []), *made]
    return document


def _items(node: Any) -> Iterator[dict[str, Any]]:
    """Everything in a document that has markers."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if isinstance(one.get("markers"), list):
                yield one
            waiting += [value for key, value in one.items() if key != "metadata"]
        elif isinstance(one, list):
            waiting += one


def _ours(marker: Any) -> bool:
    return isinstance(marker, dict) and FINDING in marks_of(marker)


def _marker(mark: Mark, first: Any, rate: float) -> dict[str, Any]:
    def time(value: float) -> dict[str, Any]:
        return {"OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": value}

    return {
        "OTIO_SCHEMA": "Marker.2",
        "metadata": {KEY: {FINDING: mark.finding, **(mark.said or {})}},
        "name": mark.line,
        "color": COLOURS.get(mark.department, OTHER),
        "marked_range": {
            "OTIO_SCHEMA": "TimeRange.1",
            "duration": time(float(len(mark.record))),
            "start_time": time(float(first)),
        },
        "comment": mark.note,
    }
