"""*Go to next*: the playhead to the next place that waits for the editor, and what it is.

A finding of the last sweep, a question whether to shoot, or a shot of ours whose takes can be
looked at; after the last of them the first again.
"""

from __future__ import annotations

from typing import Dict, Iterator, List, Tuple

from secondunit_bridge.saying import counted

from ..collect.ours import ours_of
from ..collect.reading import Reading
from ..place.playhead import go_to
from ..port import Port
from ..words import STALE, WARNS, Said
from .bench import Bench
from .estimating import KIND as QUESTION
from .sweeping import KIND as FINDING

# What a clip of ours waits for, by its colour; on other colours it waits for nobody.
_WAITS: Dict[str, str] = {
    "Lime": "its takes can be looked at",
    WARNS: "something was found in its takes",
    STALE: "it needs work, the cut has changed",
}


def go_to_next(bench: Bench) -> Said:
    """Put the playhead to the next such place behind it. Raises HostRefused."""
    reading = bench.listing()
    waiting = sorted({*_marked(bench.port, reading), *_ours(bench.port, reading)})
    if not waiting:
        return Said((f"Nothing waits for you in {reading.name}.",
                     "Run Sweep sequence or Bring in takes to see what is new."),
                    {"waiting": 0})  # fmt: skip
    later = [one for one in waiting if one[0] > reading.playhead]
    frame = (later or waiting)[0][0]
    go_to(bench.port, reading, frame)
    here = [sentence for at, sentence in waiting if at == frame]
    number = 1 + sum(at < frame for at, _ in waiting)
    lines: List[str] = [f"{reading.timecode(frame)}  {sentence}" for sentence in here]
    lines.append(f"{number} of {counted(len(waiting), 'place')}.")
    return Said(tuple(lines), {"frame": frame, "here": here, "waiting": len(waiting)})


def _marked(port: Port, reading: Reading) -> Iterator[Tuple[int, str]]:
    markers = port.may(reading.timeline, "GetMarkers", wanted=dict) or {}
    for offset, marker in markers.items():
        if ours_of(marker).get("kind") in (FINDING, QUESTION):
            yield reading.start + int(offset), f"{marker.get('name')}: {marker.get('note')}"


def _ours(port: Port, reading: Reading) -> Iterator[Tuple[int, str]]:
    for clip in reading.clips:
        colour = port.may(clip.item, "GetClipColor", wanted=str) if clip.mark else None
        if colour in _WAITS:
            yield clip.first, f"{clip.name}: {_WAITS[colour]}."
