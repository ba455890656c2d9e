"""The items of an OpenTimelineIO document, of any schema version, as plain questions."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from secondunit_bridge.errors import CutUnreadable
from secondunit_bridge.timeline import KEY

from .numbering import active_reference
from .retime import frames_of, part

_OLD_NAMES = {
    "Sequence": "Track",
    "Filler": "Gap",
    "SerializeableCollection": "SerializableCollection",
}


def kind_of(item: Mapping[str, Any]) -> str:
    """Schema name without its version, old names made new: ``Clip``, ``Gap``, ``Track`` ..."""
    kind = str(item.get("OTIO_SCHEMA", "")).partition(".")[0]
    return _OLD_NAMES.get(kind, kind)


def name_of(item: Mapping[str, Any]) -> str:
    """The item's name, empty when it has none."""
    return str(item.get("name") or "")


def is_enabled(item: Mapping[str, Any]) -> bool:
    """The item is switched on; items of old documents always are."""
    return item.get("enabled") is not False


def children(item: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The items inside a stack, track or collection."""
    found = item.get("children")
    return [c for c in found if isinstance(c, dict)] if isinstance(found, list) else []


def start_of(item: Mapping[str, Any], rate: Fraction) -> Fraction:
    """Where the item's own trim starts, in timeline frames; 0 without a trim.

    A clip without a source range shows all of its media, from the start of its available range.
    """
    times = item.get("source_range")
    if not times and kind_of(item) == "Clip":
        times = active_reference(item).get("available_range")
    return frames_of(part(times, "start_time"), rate) if isinstance(times, Mapping) else Fraction(0)


def marks_of(item: Mapping[str, Any]) -> dict[str, Any]:
    """What this product wrote into the item's metadata; empty when it is not ours."""
    metadata = item.get("metadata")
    marks = metadata.get(KEY) if isinstance(metadata, Mapping) else None
    return dict(marks) if isinstance(marks, Mapping) else {}


class Lengths:
    """How long items last on the timeline, in frames at one rate. Each is worked out once."""

    def __init__(self, rate: Fraction) -> None:
        self._rate = rate
        self._known: dict[int, Fraction] = {}

    def of(self, item: Mapping[str, Any]) -> Fraction:
        """Frames an item lasts: of its trim, else of its media or of what it holds.

        Raises CutUnreadable when it says no length, or a negative one.
        """
        key = id(item)
        if key not in self._known:
            self._known[key] = self._worked_out(item)
        return self._known[key]

    def _worked_out(self, item: Mapping[str, Any]) -> Fraction:
        times = item.get("source_range")
        kind = kind_of(item)
        if not times and kind == "Clip":
            times = active_reference(item).get("available_range")
        if isinstance(times, Mapping):
            length = frames_of(part(times, "duration"), self._rate)
        elif kind == "Track":
            length = sum(
                (self.of(c) for c in children(item) if kind_of(c) != "Transition"), Fraction()
            )
        elif kind == "Stack":
            length = max((self.of(c) for c in children(item)), default=Fraction(0))
        elif kind == "Clip":
            raise CutUnreadable(
                f"the clip {name_of(item)!r} says neither which frames it shows nor how many its "
                "media has",
                hint="Relink the clip in the editing software and export again.",
            )
        else:
            length = Fraction(0)
        if length < 0:
            raise CutUnreadable(
                f"{name_of(item) or kind!r} lasts {float(length):g} frames",
                hint="Export the cut again from the editing software.",
            )
        return length
