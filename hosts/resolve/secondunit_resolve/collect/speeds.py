"""What the timeline's OTIO export says of its clips, first of all how fast they play.

The calls of Resolve do not say the speed of a clip on any version; without an export it is told
from what of its media it spans.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Dict, Optional, Tuple, Union

from ..port import Port

if TYPE_CHECKING:
    from .reading import Source


@dataclass(frozen=True)
class Spoken:
    """What the export says of one clip. ``left`` are media frames before the first that plays,
    ``length`` record frames, None where it is no whole number; ``media`` tells one from another."""

    speed: Optional[Fraction]
    retime: str
    left: Optional[int]
    name: str = ""
    length: Optional[int] = None
    enabled: bool = True
    media: str = ""


def spoken_clips(
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
            long = _length(child, rate)
            if schema == "Clip":
                found[index, round(at)] = _spoken(child, long)
            at += long
    return found


def _spoken(clip: Dict[str, Any], long: Fraction) -> Spoken:
    speed, retime = _pace(clip)
    media = (clip.get("media_references") or {}).get(clip.get("active_media_reference_key"))
    return Spoken(
        speed, retime, _left(clip), str(clip.get("name") or ""),
        int(long) if long.denominator == 1 else None, clip.get("enabled") is not False,
        str((media or {}).get("target_url") or ""),
    )  # fmt: skip


def _pace(clip: Dict[str, Any]) -> Tuple[Optional[Fraction], str]:
    effects = clip.get("effects") or ()
    speed, retime = Fraction(1), "none"
    for effect in effects:
        kind = str(effect.get("OTIO_SCHEMA", "")).partition(".")[0]
        if kind == "FreezeFrame":
            return Fraction(0), "freeze"
        if kind == "LinearTimeWarp":
            speed *= Fraction(effect.get("time_scalar", 1)).limit_denominator(100_000)
        elif kind == "TimeEffect":
            return None, "curve"
    if speed == 0:
        return speed, "freeze"
    if speed != 1:
        retime = "reverse" if speed < 0 else "constant"
    return speed, retime


def _left(clip: Dict[str, Any]) -> Optional[int]:
    media = (clip.get("media_references") or {}).get(clip.get("active_media_reference_key"))
    there, played = (media or {}).get("available_range"), clip.get("source_range")
    if not there or not played:
        return None
    first, base = played["start_time"], there["start_time"]  # each at a rate of its own
    return int(first["value"] * base["rate"] / first["rate"] - base["value"] + 1e-6)


def _length(item: Dict[str, Any], rate: Fraction) -> Fraction:
    long = (item.get("source_range") or {}).get("duration") or {"value": 0, "rate": 1}
    return Fraction(long["value"]) * rate / Fraction(long["rate"]).limit_denominator(1001)


def speed_by_span(
    port: Port, item: Any, source: Optional[Source], length: int, rate: Fraction,
    left: Union[int, float, None],
) -> Tuple[Optional[Fraction], str]:  # fmt: skip
    """Where no export is: the media's frames that are spanned against those that are recorded.

    Which way it runs, and whether evenly, cannot be told from that; a span that is nearly the
    length is a plain clip.
    """
    if source is None or not source.count:
        return Fraction(1), "none"
    right = port.may(item, "GetRightOffset", wanted=(int, float))
    if left is None or right is None:
        return None, "unknown"
    plain = length * source.rate / rate
    span = source.count - int(left) - int(right)
    if abs(span - plain) <= 1:
        return Fraction(1), "none"
    return None, "unknown"
