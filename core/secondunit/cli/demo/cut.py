"""The demo's material: the excerpt, and a cut of it with a hole."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

from ..asking import HANDLES

NAME = "BBB"
RATE = 24
FRAMES = 214  # of the excerpt; frames 60 to 169 are the bird, see ATTRIBUTION.txt
FOOTAGE = "big_buck_bunny_excerpt.mp4"
HOLE = 24  # frames
AT = "01:00:03:00"
BRIEF = "Close on the bird while it sings."

# Name, first and last frame of the excerpt. Where the hole is, the bird sings on: its frames 108
# to 131 with handles are what the wide shots leave out.
CLIPS: tuple[tuple[str, int, int] | None, ...] = (
    ("garden path", 12, 43),
    ("bird wide 1", 68, 107),
    None,
    ("bird wide 2", 108 + HOLE, 131 + HOLE + HANDLES.tail),
    ("burrow", 176, 207),
)


def lay_out(folder: Path) -> Path:
    """Put the excerpt, its attribution and the cut with the hole in a folder; returns the cut."""
    package = files(__package__)
    (folder / FOOTAGE).write_bytes(package.joinpath("excerpt.mp4").read_bytes())
    (folder / "ATTRIBUTION.txt").write_bytes(package.joinpath("ATTRIBUTION.txt").read_bytes())
    cut = folder / f"{NAME}.otio"
    cut.write_text(_timeline().to_json_string(indent=2) + "\n", encoding="utf-8")
    return cut


def credit() -> str:
    """One line that says whose pictures these are."""
    return (
        "Footage: Big Buck Bunny, © 2008 Blender Foundation, www.bigbuckbunny.org,"
        " licensed CC BY 3.0; excerpt, re-encoded."
    )


def _timeline() -> Any:
    import opentimelineio as otio

    def span(first: int, count: int) -> Any:
        return otio.opentime.TimeRange(
            otio.opentime.RationalTime(first, RATE), otio.opentime.RationalTime(count, RATE)
        )

    track = otio.schema.Track(name="V1", kind=otio.schema.TrackKind.Video)
    for clip in CLIPS:
        if clip is None:
            track.append(otio.schema.Gap(name="hole", source_range=span(0, HOLE)))
            continue
        name, first, last = clip
        media = otio.schema.ExternalReference(FOOTAGE, span(0, FRAMES))
        track.append(otio.schema.Clip(name, media, span(first, last - first + 1)))
    start = otio.opentime.from_timecode("01:00:00:00", RATE)
    timeline = otio.schema.Timeline(NAME, global_start_time=start)
    timeline.tracks.append(track)
    return timeline
