"""The neighbours as the timeline shows them, graded: stills of Resolve's own as references.

Only where a person asked for them (``stills`` in the wish): the playhead moves for it, and not
every generator takes more than one reference. A still also shows what is no one piece of media.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import List, Tuple

from secondunit_bridge.errors import MediaOffline, Nested, RateMismatch
from secondunit_bridge.film import Element, Media, Role
from secondunit_bridge.saying import sentence
from secondunit_bridge.timing import FrameRange

from ..collect.places import Beside, beside
from ..collect.reading import Clip, Reading
from ..place.playhead import go_to, kept
from .bench import Bench

OLDEST = "18.5"
# What Resolve calls a timeline's output and what we call it; of others nothing is said.
_SPACES = {
    "Rec.709 Gamma 2.4": "Gamma 2.4 Encoded Rec.709",
    "Rec.709 Gamma 2.2": "Gamma 2.2 Encoded Rec.709",
    "sRGB": "sRGB Encoded Rec.709 (sRGB)",
}


def neighbours(
    bench: Bench, reading: Reading, span: FrameRange
) -> Tuple[Beside, Tuple[Element, ...]]:
    """The clips beside a place, and their stills where they are wanted.

    Raises Nested, MediaOffline, RateMismatch where neither clip nor still can be made use of,
    HostRefused when the playhead does not move.
    """
    if not bench.wish.stills:
        return beside(reading, span), ()
    seen, said = _stills(bench, reading, span)
    try:
        near = beside(reading, span)
    except (Nested, MediaOffline, RateMismatch) as error:
        if not seen:
            raise
        near = Beside(None, None, None, (f"{sentence(error.message)} Its still is used alone.",))
    return replace(near, remarks=(*near.remarks, *said)), seen


def _stills(
    bench: Bench, reading: Reading, span: FrameRange
) -> Tuple[Tuple[Element, ...], Tuple[str, ...]]:
    project = bench.port.project()
    if not bench.port.can(project, "ExportCurrentFrameAsStill"):
        return (), (f"No script gets a still before Resolve {OLDEST}: the media are used alone.",)
    found: List[Element] = []
    said: List[str] = []
    space = _SPACES.get(reading.colour.get("colorSpaceOutput", ""), "")
    with kept(bench.port, reading):
        for frame in (span.first - 1, span.last + 1):
            clip = reading.playing(frame)
            if clip is None or clip.mark or _offline(clip):
                continue  # nothing, ours, or the red picture of what is offline
            go_to(bench.port, reading, frame)
            path = bench.cuts(reading) / "stills" / f"{frame}.png"
            if _exported(bench, project, path):
                one = FrameRange(0, 0, reading.rate)
                media = Media(one, str(path), *reading.size, space=space)
                found.append(Element(Role.reference, media, f"{clip.name}, graded"))
            else:
                said.append(f"Resolve exported no still of {clip.name}: its media are used alone.")
    return tuple(found), tuple(said)


def _offline(clip: Clip) -> bool:
    return clip.source is not None and not clip.source.nested and not clip.source.there


def _exported(bench: Bench, project: object, path: Path) -> bool:
    """Whether the frame at the playhead lies there; what was there before is gone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    bench.port.may(project, "ExportCurrentFrameAsStill", str(path), wanted=bool)
    return path.is_file() and path.stat().st_size > 0
