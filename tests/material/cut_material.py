"""Cuts, movies and a small project made for tests, as the command line meets them."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

EXCERPT = Path(__file__).parents[2] / "core/secondunit/cli/demo/excerpt.mp4"


def small_excerpt(folder: Path) -> Path:
    """The excerpt at half its size: a take of it costs half, and it shows the same film."""
    import av

    path, size = folder / "small excerpt.mp4", (428, 240)
    with av.open(str(EXCERPT)) as film, av.open(str(path), "w") as small:
        shown = film.streams.video[0]
        made = small.add_stream("libx264", rate=shown.average_rate, options={"crf": "12"})
        made.width, made.height, made.pix_fmt = *size, "yuv420p"
        for name in ("color_primaries", "color_trc", "colorspace", "color_range"):
            setattr(made.codec_context, name, getattr(shown.codec_context, name))
        for frame in film.decode(shown):
            one = frame.reformat(*size, "yuv420p")
            one.pts, one.time_base, one.pict_type = frame.pts, frame.time_base, 0
            small.mux(made.encode(one))
        small.mux(made.encode())
    return path


def film_folder(folder: Path, width: int, height: int, excerpt: Path = EXCERPT) -> Path:
    """A project of 24 frames a second, with the excerpt in it as ``bbb.mp4``."""
    folder.mkdir()
    os.symlink(excerpt, folder / "bbb.mp4")
    (folder / "secondunit.toml").write_text(
        f'name = "film"\nrate = "24"\nwidth = {width}\nheight = {height}\nspace = "ACEScg"\n'
        'movie_space = "Gamma 2.4 Encoded Rec.709"\nstore = "store"\n'
    )
    return folder


def clip(
    name: str, media: object, first: int, count: int, *, speed: float = 1.0, has: int = 214
) -> dict[str, Any]:
    """A clip of a cut; ``has`` frames of media from 0."""
    warp = {"OTIO_SCHEMA": "LinearTimeWarp.1", "name": "", "metadata": {}}
    warp |= {"effect_name": "LinearTimeWarp", "time_scalar": speed}
    return {
        "OTIO_SCHEMA": "Clip.1",
        "name": name,
        "source_range": _range(first, count),
        "effects": [warp] if speed != 1 else [],
        "media_reference": {
            "OTIO_SCHEMA": "ExternalReference.1",
            "target_url": str(media),
            "available_range": _range(0, has),
        },
    }


def hole(count: int) -> dict[str, Any]:
    """A gap."""
    return {"OTIO_SCHEMA": "Gap.1", "name": "", "source_range": _range(0, count)}


def write_cut(path: Path, items: Sequence[dict[str, Any]], *, rate: float = 24) -> Path:
    """A cut of one track that starts at 01:00:00:00."""
    for item in items:
        for time in item["source_range"].values():
            if isinstance(time, dict):
                time["rate"] = rate
    document = {
        "OTIO_SCHEMA": "Timeline.1",
        "name": path.stem,
        "global_start_time": {
            "OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": round(rate) * 3600,
        },
        "tracks": {
            "OTIO_SCHEMA": "Stack.1",
            "children": [
                {"OTIO_SCHEMA": "Track.1", "name": "V1", "kind": "Video", "children": list(items)}
            ],
        },
    }  # fmt: skip
    path.write_text(json.dumps(document))
    return path


def write_movie(path: Path, pictures: Sequence[np.ndarray], *, rate: int | Fraction = 24) -> Path:
    """Pictures, uint8 RGB, as a lossless movie tagged BT.709."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options={"qp": "0", "g": "1"})
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv444p"
        context = stream.codec_context
        context.color_primaries = context.color_trc = context.colorspace = 1
        for picture in pictures:
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def _range(start: int, count: int) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "start_time": {"OTIO_SCHEMA": "RationalTime.1", "rate": 24, "value": start},
        "duration": {"OTIO_SCHEMA": "RationalTime.1", "rate": 24, "value": count},
    }
