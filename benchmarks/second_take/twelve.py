"""A cut of twenty shots with twelve planted errors, for the report page to be opened on.

Run in the repository's root: python -m benchmarks.second_take.twelve [--to FOLDER] [--page FILE]
Writes lossless movies and ``twelve.otio`` with shot cards, has ``secondunit check`` look at it, and
prints which of the twelve were found, and where in the ranking.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.wire import plain

from .plan import SIZES, takes
from .plants import changed, flickering, repeating, shifted
from .rendering import CACHE
from .scenes import Change, Grained, Scene
from .shots import Shot

FRAMES = 24
Frames = list[NDArray]


@dataclass(frozen=True)
class Planned:
    """One shot of the cut: which take of which scene, what is done to it, what must be found."""

    scene: int  # 0 or 1
    take: str
    check: str = ""  # that must find the error; "" for a clean shot
    error: str = ""
    change: Change | None = None
    grain: Grained | None = None
    run: Callable[[Frames], Frames] | None = None
    card: dict[str, Any] = field(default_factory=dict)


def _pan(picture, number):
    return shifted(picture, 2.0 * number, 0.6 * number, 1.14)


def _stuck(frames: Frames) -> Frames:
    return repeating(frames, 1, np.random.default_rng(4))


def _pumping(frames: Frames) -> Frames:
    return flickering(frames, 0.05, np.random.default_rng(4))


CUT = (
    Planned(0, "A0"),
    Planned(0, "B0"),
    Planned(0, "prop.gone.0", "prop.change", "the book is gone"),
    Planned(0, "C0"),
    Planned(0, "D0", "dup.frame", "a frame is repeated in a pan", change=_pan, run=_stuck),
    Planned(0, "A1", "colour.exposure", "half a stop brighter", change=changed("exposure", 0.5)),
    Planned(0, "F0"),
    Planned(0, "key.yaw.3", "light.side", "the key comes from the other side"),
    Planned(0, "E0", "grain.level", "no grain", grain=Grained(sigma=0.0)),
    Planned(0, "costume.hue.3", "wardrobe.hue", "ana's costume is of another colour"),
    Planned(0, "B1"),
    Planned(1, "A0"),
    Planned(1, "angle.3", "jump.host", "the camera moved by five degrees only"),
    Planned(1, "C0"),
    Planned(1, "axis.0", "axis.host", "the camera crosses the line"),
    Planned(1, "A3", "colour.wb", "cooler by a fifth of a stop",
            change=changed("white balance", -0.2)),
    Planned(1, "B0", "focus.soft", "out of focus", change=changed("soft", 2.0)),
    Planned(1, "prop.move.3", "prop.change", "the glass stands 20 cm away"),
    Planned(1, "F0", "flicker.global", "the light pumps", run=_pumping),
    Planned(1, "C1"),
)  # fmt: skip


def write_cut(scenes: Sequence[Scene], to: Path) -> Path:
    """The movies and the timeline; the timeline's path."""
    to.mkdir(parents=True, exist_ok=True)
    clips = []
    for number, planned in enumerate(CUT, 1):
        name = f"{number:02}"
        shot = scenes[planned.scene].shot(planned.take, change=planned.change,
                                          grain=planned.grain or Grained(seed=number))  # fmt: skip
        frames = [shot.made(n) for n in range(FRAMES)]
        _movie(to / f"{name}.mov", planned.run(frames) if planned.run else frames)
        clips.append(_clip(name, shot))
    cut = to / "twelve.otio"
    cut.write_text(json.dumps(_timeline(clips)))
    return cut


def look_at(cut: Path, page: Path | None) -> dict[str, Any]:
    """What ``secondunit check`` says of it."""
    words = [sys.executable, "-m", "secondunit", "check", str(cut), "--json", "--fresh"]
    words += ["--html", str(page)] if page else []
    said = subprocess.run(words, stdout=subprocess.PIPE, check=False, env=dict(os.environ))
    return json.loads(said.stdout)


def told(answer: dict[str, Any]) -> list[str]:
    """For each of the twelve where in the ranking it was found, then what else was flagged.

    What is folded into another finding counts as no finding: not for the one, nor against it.
    """
    lines, meant, errors = [], set(), 0
    opened = [one for one in answer["findings"] if one["rank"]]
    folded = [one for one in answer["findings"] if one["because"]]
    for number, planned in enumerate(CUT, 1):
        if not planned.check:
            continue
        mine = [one for one in opened
                if one["check"] == planned.check and f"{number:02}" in one["shots"]]  # fmt: skip
        meant |= {one["id"] for one in mine}
        errors += bool(mine)
        where = f"found, place {min(one['rank'] for one in mine)}" if mine else "MISSED"
        more = sum(len(one["explains"]) for one in mine)
        where += f", the cause of {more} more" if more else ""
        lines.append(f"  {number:02}  {planned.error:<40} {planned.check:<16} {where}")
    rest = [one for one in opened if one["id"] not in meant]
    lines.insert(0, f"{errors} of 12 errors found; {len(opened)} findings are open, "
                    f"{len(rest)} of them about something else, {len(folded)} more are folded into "
                    "their cause:")  # fmt: skip
    lines += [f"  {one['rank']:>3}. {' | '.join(one['shots'])}: {one['sentence']}" for one in rest]
    return lines


def _movie(path: Path, frames: Frames) -> None:
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24, options={"qp": "0", "g": "1"})
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv444p"
        codec = stream.codec_context
        codec.color_primaries = codec.color_trc = codec.colorspace = 1
        for picture in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())


def _clip(name: str, shot: Shot) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "Clip.1", "name": name, "source_range": _range(FRAMES),
        "metadata": {"secondunit": {"card": plain(shot.card)}},
        "media_reference": {"OTIO_SCHEMA": "ExternalReference.1", "target_url": f"{name}.mov",
                            "available_range": _range(FRAMES)},
    }  # fmt: skip


def _timeline(clips: list[dict[str, Any]]) -> dict[str, Any]:
    track = {"OTIO_SCHEMA": "Track.1", "name": "V1", "kind": "Video", "children": clips}
    start = {"OTIO_SCHEMA": "RationalTime.1", "rate": 24, "value": 86400}
    return {"OTIO_SCHEMA": "Timeline.1", "name": "twelve", "global_start_time": start,
            "tracks": {"OTIO_SCHEMA": "Stack.1", "children": [track]}}  # fmt: skip


def _range(count: int) -> dict[str, Any]:
    times = {"start_time": 0, "duration": count}
    return {"OTIO_SCHEMA": "TimeRange.1",
            **{name: {"OTIO_SCHEMA": "RationalTime.1", "rate": 24, "value": value}
               for name, value in times.items()}}  # fmt: skip


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--to", type=Path, default=CACHE / "twelve")
    words.add_argument("--page", type=Path)
    asked = words.parse_args()
    folders = sorted(path.parent for path in CACHE.glob("*/scene*/takes.order"))
    if len(folders) < 2:
        sys.exit("Two rendered scenes are needed: python -m benchmarks.second_take --size XS")
    scenes = [Scene(folder, takes(SIZES["S"])) for folder in folders[:2]]
    cut = write_cut(scenes, asked.to)
    print("\n".join(told(look_at(cut, asked.page))))
    print(f"cut: {cut}")


if __name__ == "__main__":
    main()
