"""Takes as image strips on the channel above the scene strips; a better one takes the same place.

A strip is found by the shot's GUID that it carries. It holds all frames, handles too, trimmed to
the shot: an editor can slip it or open it by as much as was shot.
"""

from __future__ import annotations

from typing import Any, Iterable, Sequence, Tuple

from secondunit_bridge.film import CutIn
from secondunit_bridge.timing import FrameRange

from .edit import (
    FRAMES,
    GUID,
    LOOK,
    MOST_CHANNELS,
    RECORD,
    SPACE,
    TAKE,
    VERSION,
    Piece,
    free_channel,
    grey_strip,
    look_strips,
    name_channel,
    strips_of,
)
from .footage import Footage

# OpenColorIO's names of spaces, as Blender's own configuration calls them
_SPACES = {"Linear Rec.709 (sRGB)": "Linear Rec.709", "ACES2065-1": "ACES2065-1"}


def cut_in(edit: Any, layout: Any, piece: Piece, footage: Footage) -> Tuple[Any, bool]:
    """The strip that now plays the footage, and whether it replaced an older take in place.

    Each frame plays where its scene frame plays. Where an editor moved or trimmed the strip, it
    stays so, as far as the new frames reach.
    """
    editor = edit.sequence_editor or edit.sequence_editor_create()
    first, end = _range(piece, footage)
    there = next(look_strips(edit, piece.guid), None)
    if there is not None:
        _swap(there, footage, first, end)
        return there, True
    grey = grey_strip(edit, layout, piece)
    channel = free_channel(edit, first, end, 1 if grey is None else grey.channel + 1)
    strip = strips_of(editor).new_image(
        name=_name(footage),
        filepath=str(footage.folder / footage.files[0]),
        channel=MOST_CHANNELS,  # where nothing is: Blender moves strips that overlap
        frame_start=footage.start,
    )
    try:
        for file in footage.files[1:]:
            strip.elements.append(file)
        _dress(strip, footage, first, end)
        _trim(strip, footage.start, first, end)
        strip.channel = channel
        strip.blend_type = "REPLACE"
    except BaseException:
        strips_of(editor).remove(strip)
        raise
    name_channel(editor, channel, LOOK)
    return strip, False


def refit(edit: Any, layout: Any, moves: Sequence[Tuple[Piece, Tuple[int, int]]]) -> int:
    """Have the strips of shots whose markers moved follow them, grey and takes; how many.

    ``moves`` are shots as they are now, each with the first and last frame it had. A strip that an
    editor trimmed or moved stays, and so does one whose shot shares no frame with what it was.
    """
    found = []
    for piece, (first, last) in moves:
        now, before = (piece.frames.first, piece.frames.last + 1), (first, last + 1)
        for strip in (grey_strip(edit, layout, piece), next(look_strips(edit, piece.guid), None)):
            if strip is None or (strip.frame_final_start, strip.frame_final_end) != before:
                continue
            start = int(strip.frame_start)
            low, high = max(now[0], start), min(now[1], start + int(strip.frame_duration))
            if max(low, first) < min(high, last + 1):
                found.append((strip, low, high))
    for strip, low, high in found:  # first shorter, then longer: Blender moves strips that overlap
        now = max(low, strip.frame_final_start), min(high, strip.frame_final_end)
        _cut(strip, *now)
    for strip, low, high in found:
        _cut(strip, low, high)
        if strip.get(FRAMES) is not None:
            strip[FRAMES] = [*list(strip[FRAMES])[:4], low, high]
    return len(found)


def show(edit: Any, *, look: bool, guid: str = "") -> int:
    """Play the takes (``look``) or the grey scenes below them, of one shot or all; how many."""
    count = 0
    for strip in look_strips(edit, guid):
        strip.mute = not look
        count += 1
    return count


def looks_shown(edit: Any, guid: str = "") -> bool:
    """Some take is played, of one shot or of any."""
    return any(not strip.mute for strip in look_strips(edit, guid))


def as_cut_in(strip: Any, edit: Any, rate_of: FrameRange, by: str) -> CutIn:
    """What the ledger is told of a version's strip; ``rate_of`` is a range at the edit's rate."""
    record = FrameRange(strip.frame_final_start, strip.frame_final_end - 1, rate_of.rate)
    return CutIn(
        version=strip[VERSION], shot=strip[GUID], host="blender", cut=edit.name,
        track=channel_name(edit, strip.channel), record=record, by=by,
    )  # fmt: skip


def channel_name(edit: Any, channel: int) -> str:
    """What a channel of the sequencer is called."""
    channels = edit.sequence_editor.channels
    return channels[channel].name if channel < len(channels) else f"Channel {channel}"


def space_in_blender(space: str, known: Iterable[str]) -> str:
    """What Blender calls a colour space; empty when it does not know it."""
    name = _SPACES.get(space, space)
    return name if name in set(known) else ""


def _range(piece: Piece, footage: Footage) -> Tuple[int, int]:
    """Scene frames at which the footage plays, the last excluded: the shot's, if they were shot."""
    first = max(piece.frames.first, footage.start)
    end = min(piece.frames.last + 1, footage.end)
    if end <= first:
        return footage.shot.cut.first, footage.shot.cut.last + 1
    return first, end


def _swap(strip: Any, footage: Footage, first: int, end: int) -> None:
    """Other files in the same place: what plays at a frame of the edit is still that frame."""
    _, _, head, cut, placed_first, placed_end = strip[FRAMES]
    now = (strip.frame_final_start, strip.frame_final_end)
    moved = int(strip.frame_start) - (cut - head)  # by the editor, in frames
    kept = (
        (first + moved, end + moved) if now == (placed_first + moved, placed_end + moved) else now
    )
    channel, strip.channel = strip.channel, MOST_CHANNELS  # where it can grow without being moved
    elements = strip.elements
    strip.directory = str(footage.folder)
    while len(elements) > len(footage.files):
        elements.pop(index=len(elements) - 1)
    for element, file in zip(elements, footage.files):
        element.filename = file
    for file in footage.files[len(elements) :]:
        elements.append(file)
    start, stop = footage.start + moved, footage.end + moved
    low, high = max(kept[0], start), min(kept[1], stop)
    if high <= low:  # what the editor plays there was not shot this time
        low, high = first + moved, end + moved
    _dress(strip, footage, first, end)
    _trim(strip, start, low, high)
    strip.channel = channel


def _dress(strip: Any, footage: Footage, first: int, end: int) -> None:
    strip.name = _name(footage)
    strip[GUID], strip[TAKE] = footage.shot.guid, footage.take
    strip[VERSION], strip[RECORD] = footage.version, footage.record
    strip[SPACE] = footage.space
    last = footage.first + len(footage.files) - 1
    strip[FRAMES] = [footage.first, last, footage.head, footage.shot.cut.first, first, end]
    settings = strip.colorspace_settings
    known = settings.bl_rna.properties["name"].enum_items.keys()
    name = space_in_blender(footage.space, known)
    if name:
        settings.name = name


def _trim(strip: Any, start: int, first: int, end: int) -> None:
    """The strip's first file at a frame, and what of it plays; ``end`` is excluded."""
    strip.frame_offset_start = strip.frame_offset_end = 0
    strip.frame_start = start
    _cut(strip, first, end)


def _cut(strip: Any, first: int, end: int) -> None:
    start = int(strip.frame_start)
    strip.frame_offset_start = first - start
    strip.frame_offset_end = start + int(strip.frame_duration) - end


def _name(footage: Footage) -> str:
    return f"{footage.shot.code} {footage.label}"
