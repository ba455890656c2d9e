"""Where an insert goes and what lies beside it: In and Out, the gap at the playhead, neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Optional, Tuple

from secondunit_bridge.errors import MediaOffline, Nested, NoPlace, RateMismatch
from secondunit_bridge.timing import FrameRange, rate_name

from ..words import TRACK
from .reading import NESTS, Clip, Reading


@dataclass(frozen=True)
class Beside:
    """The clips that play just before and after a place, and what is to be said of them.

    ``made_from`` is the one an insert can be made from, None when neither can be.
    """

    before: Optional[Clip]
    after: Optional[Clip]
    made_from: Optional[Clip]
    remarks: Tuple[str, ...] = ()


def marked(reading: Reading) -> FrameRange:
    """In to Out. Raises NoPlace when they are not set or may be elsewhere, or a shot of ours is
    there already."""
    if reading.marks is None:
        raise NoPlace(
            "In and Out are not set in this timeline",
            hint="Set In and Out over the place (I and O), then run this again. Where Resolve does"
            " not tell them (before 20), drag a cyan marker over the place; from 21 on selecting"
            " a clip does too.",
        )
    if reading.unsure:
        first = reading.marks.first
        raise NoPlace(
            f"In may be {reading.timecode(first)} or {reading.timecode(first + reading.start)}:"
            " Resolve does not say from where it counts",
            hint="Clear In and Out, drag a cyan marker over the place, then run this again.",
        )
    return _free(reading, reading.marks)


def gap_at_playhead(reading: Reading) -> FrameRange:
    """The frames around the playhead where nothing plays. Raises NoPlace."""
    here = reading.playhead
    if here < reading.start or here >= reading.end or reading.playing(here) is not None:
        what = reading.playing(here)
        raise NoPlace(
            f"there is no gap at {reading.timecode(max(here, 0))}"
            + (f": {what.name} plays there" if what else ""),
            hint="Put the playhead into the gap, or set In and Out and use New insert.",
        )
    seen = {track.index for track in reading.tracks if track.enabled}
    shown = [clip for clip in reading.clips if clip.enabled and clip.track in seen]
    first = max((c.last + 1 for c in shown if c.last < here), default=reading.start)
    last = min((c.first - 1 for c in shown if c.first > here), default=reading.end - 1)
    return _free(reading, FrameRange(first, last, reading.rate))


def ours_at_playhead(reading: Reading) -> Clip:
    """Our shot under the playhead. Raises NoPlace."""
    here = [c for c in reading.clips if c.mark and c.first <= reading.playhead <= c.last]
    if not here:
        raise NoPlace(
            f"no shot of Second Unit plays at {reading.timecode(reading.playhead)}",
            hint="Put the playhead on a clip of the track SU_INSERT.",
        )
    return max(here, key=lambda clip: clip.track)


def beside(reading: Reading, span: FrameRange) -> Beside:
    """What plays just before and after. Raises Nested, MediaOffline, RateMismatch when neither
    neighbour can be made use of, each with the way out."""
    before, after = _under(reading, span.first - 1), _under(reading, span.last + 1)
    usable: List[Clip] = []
    remarks: List[str] = []
    why: List[Exception] = []
    for clip in (before, after):
        if clip is None:
            continue
        trouble = _trouble(reading, clip)
        if trouble is not None:
            why.append(trouble)
            remarks.append(f"{clip.name} is not used: {trouble}.")
            continue
        if clip.source is not None and clip.source.rate != reading.rate:
            remarks.append(
                f"{clip.name} runs at {rate_name(clip.source.rate)} frames a second in a timeline"
                f" of {rate_name(reading.rate)}: frames that the record leaves out are left out."
            )
        if clip.retime not in ("none",):
            remarks.append(
                f"{clip.name} is retimed ({_pace(clip)}): the frames it shows in the record count."
            )
        usable.append(clip)
    if not usable and why:
        raise why[0]
    made_from = next((clip for clip in usable if clip.retime == "none"), None)
    if made_from is None and usable:
        made_from = next((clip for clip in usable if clip.span is not None), None)
    return Beside(
        before if before in usable else None, after if after in usable else None, made_from,
        tuple(remarks),
    )  # fmt: skip


def _trouble(reading: Reading, clip: Clip) -> Optional[Exception]:
    """Why a neighbour cannot be made use of."""
    source = clip.source
    if source is None or source.nested:
        kind = source.kind if source else "generator or title"
        return Nested(
            f"{clip.name} {_called(kind)}: what it shows is no one piece of media",
            hint="Open it in its timeline and work there, or decompose it in place (right-click >"
            " Decompose in Place) in a copy of the timeline.",
            data={"clip": clip.name, "kind": kind, "track": clip.track},
        )
    if not source.there:
        return MediaOffline(
            f"{clip.name}: {source.path or 'its media'} is offline",
            hint="Relink it in the media pool, or mount the disk it lies on.",
            data={"clip": clip.name, "path": source.path},
        )
    if source.rate != reading.rate and source.rate < reading.rate:
        return RateMismatch(
            f"{clip.name} runs at {rate_name(source.rate)} frames a second in a timeline of"
            f" {rate_name(reading.rate)}: frames would have to be repeated",
            hint="Conform it (Clip Attributes > frame rate), or render it interpolated at the"
            " timeline's rate, or leave it.",
            data={"media": str(source.rate), "timeline": str(reading.rate)},
        )
    return None


def _called(kind: str) -> str:
    """What a clip is, in our words where the word is known, else in those of Resolve's menus."""
    known = kind.lower()
    if known.startswith("generator") or any(word in known for word in NESTS):
        return f"is a {known}"
    return f"has no file (Resolve calls it {kind or 'nothing'})"


def shut(reading: Reading) -> Tuple[str, ...]:
    """Tracks of ours that are switched off or locked, and what that does; a sentence for each."""
    said: List[str] = []
    for track in reading.tracks:
        if track.name != TRACK:
            continue
        if not track.enabled:
            said.append(
                f"{TRACK} (V{track.index}) is switched off: nothing of ours on it is seen, played"
                " or rendered. Switch it on at its head (Enable Video Track)."
            )
        if track.locked:
            said.append(
                f"{TRACK} (V{track.index}) is locked: what lies on it cannot be changed, and new"
                " shots get a track above it. Unlock it at its head."
            )
    return tuple(said)


def _under(reading: Reading, frame: int) -> Optional[Clip]:
    """What the editor's own tracks play at a frame; shots of ours are no neighbours."""
    names = {track.index: track for track in reading.tracks if track.enabled}
    over = [
        clip for clip in reading.clips
        if clip.enabled and clip.first <= frame <= clip.last and clip.track in names
        and names[clip.track].name != TRACK
    ]  # fmt: skip
    return max(over, key=lambda clip: clip.track, default=None)


def _pace(clip: Clip) -> str:
    return clip.retime if clip.speed is None else f"{float(clip.speed):g}x"


def _free(reading: Reading, span: FrameRange) -> FrameRange:
    for clip in reading.clips:
        if clip.mark and clip.first <= span.last and clip.last >= span.first:
            raise NoPlace(
                f"{clip.mark.get('code') or clip.name} is there already",
                hint="Use Reshoot for more takes of it, or choose another place.",
                data={"guid": str(clip.mark.get("guid", ""))},
            )
    return span
