"""How fast a clip plays: from the timeline's OTIO export, else from what of its media it spans.

The calls of Resolve do not say the speed of a clip on any version.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Dict, Optional, Tuple

from ..port import Port

if TYPE_CHECKING:
    from .reading import Source


@dataclass(frozen=True)
class Spoken:
    """What the export says of one clip. ``left`` are media frames before the first that plays."""

    speed: Optional[Fraction]
    retime: str
    left: Optional[int]


def spoken_speeds(
    document: Dict[str, Any], start: int, rate: Fraction
) -> Dict[Tuple[int, int], Spoken]:
    """By picture track from 1 and first record frame. Transitions take no time of a track."""
    found: Dict[Tuple[int, int], Spoken] = {}
    index = 0
    for track in (document.get("tracks") or {}).get("children") or ():
        if track.get("kind", "Video") != "Video":
            continue
        index, at = index + 1, Fraction(start)
        for child in track.get("children") or ():
            schema = str(child.get("OTIO_SCHEMA", "")).partition(".")[0]
            if schema == "Transition":
                continue
            if schema == "Clip":
                found[index, round(at)] = _spoken(child)
            at += _length(child, rate)
    return found


def _spoken(clip: Dict[str, Any]) -> Spoken:
    effects = clip.get("effects") or ()
    speed, retime = Fraction(1), "none"
    for effect in effects:
        kind = str(effect.get("OTIO_SCHEMA", "")).partition(".")[0]
        if kind == "FreezeFrame":
            return Spoken(Fraction(0), "freeze", _left(clip))
        if kind == "LinearTimeWarp":
            speed *= Fraction(effect.get("time_scalar", 1)).limit_denominator(100_000)
        elif kind == "TimeEffect":
            return Spoken(None, "curve", _left(clip))
    if speed == 0:
        return Spoken(speed, "freeze", _left(clip))
    if speed != 1:
        retime = "reverse" if speed < 0 else "constant"
    return Spoken(speed, retime, _left(clip))


def _left(clip: Dict[str, Any]) -> Optional[int]:
    media = (clip.get("media_references") or {}).get(clip.get("active_media_reference_key"))
    there, played = (media or {}).get("available_range"), clip.get("source_range")
    if not there or not played:
        return None
    return int(played["start_time"]["value"] - there["start_time"]["value"])


def _length(item: Dict[str, Any], rate: Fraction) -> Fraction:
    long = (item.get("source_range") or {}).get("duration") or {"value": 0, "rate": 1}
    return Fraction(long["value"]) * rate / Fraction(long["rate"]).limit_denominator(1001)


def speed_by_span(
    port: Port, item: Any, source: Optional[Source], length: int, rate: Fraction
) -> Tuple[Optional[Fraction], str]:
    """Where no export is: the media's frames that are spanned against those that are recorded.

    Which way it runs, and whether evenly, cannot be told from that; a span that is nearly the
    length is a plain clip.
    """
    if source is None or not source.count:
        return Fraction(1), "none"
    left = port.may(item, "GetLeftOffset", wanted=(int, float))
    right = port.may(item, "GetRightOffset", wanted=(int, float))
    if left is None or right is None:
        return None, "unknown"
    plain = length * source.rate / rate
    span = source.count - int(left) - int(right)
    if abs(span - plain) <= 1:
        return Fraction(1), "none"
    return None, "unknown"
