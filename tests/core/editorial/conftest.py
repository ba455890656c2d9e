"""Documents to cut from: OpenTimelineIO JSON put together by hand, in frames."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from secondunit.editorial import Cut, Document, Inserted, flattened
from secondunit_bridge.film import Version, VersionClass
from secondunit_bridge.timing import FrameRange, Handles

NTSC = 24000 / 1001


def time(value: float, rate: float = 24) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": value}


def span(start: float, length: float, rate: float = 24) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "duration": time(length, rate),
        "start_time": time(start, rate),
    }


def warp(speed: float) -> dict[str, Any]:
    schema = "FreezeFrame.1" if speed == 0 else "LinearTimeWarp.1"
    name = schema.partition(".")[0]
    return {
        "OTIO_SCHEMA": schema,
        "metadata": {},
        "name": "",
        "effect_name": name,
        "time_scalar": speed,
    }


def item(schema: str, name: str, source: Any, *speeds: float, **more: Any) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": schema,
        "metadata": {},
        "name": name,
        "source_range": source,
        "effects": [warp(speed) for speed in speeds],
        "markers": [],
        "enabled": True,
        **more,
    }


def media(url: str = "", available: Any = None, **more: Any) -> dict[str, Any]:
    schema = "ExternalReference.1" if url else "MissingReference.1"
    return {
        "OTIO_SCHEMA": schema,
        "metadata": {},
        "name": "",
        "available_range": available,
        "available_image_bounds": None,
        **({"target_url": url} if url else {}),
        **more,
    }


def files(prefix: str, start: int, available: Any, **more: Any) -> dict[str, Any]:
    return media(
        available=available,
        OTIO_SCHEMA="ImageSequenceReference.1",
        target_url_base=more.pop("base", "/plates"),
        name_prefix=prefix,
        name_suffix=".exr",
        start_frame=start,
        frame_step=more.pop("step", 1),
        rate=more.pop("rate", 24.0),
        frame_zero_padding=4,
        missing_frame_policy="error",
    )


def clip(name: str, source: Any, *speeds: float, ref: Any = None, **more: Any) -> dict[str, Any]:
    return item(
        "Clip.2",
        name,
        source,
        *speeds,
        media_references={"DEFAULT_MEDIA": ref or media()},
        active_media_reference_key="DEFAULT_MEDIA",
        **more,
    )


def gap(length: float, rate: float = 24) -> dict[str, Any]:
    return item("Gap.1", "", span(0, length, rate))


def track(*items: Any, name: str = "V1", kind: str = "Video", **more: Any) -> dict[str, Any]:
    source = more.pop("source", None)
    return item("Track.1", name, source, children=list(items), kind=kind, **more)


def stack(name: str, source: Any, *speeds: float, inside: Any = ()) -> dict[str, Any]:
    return item("Stack.1", name, source, *speeds, children=list(inside))


def timeline(*tracks: Any, start: float | None = 86400, rate: float = 24, **more: Any) -> Document:
    tracks = tracks if tracks and "children" in tracks[0] else (track(*tracks),)
    return Document(
        OTIO_SCHEMA="Timeline.1",
        metadata=more.pop("metadata", {}),
        name="TCC",
        global_start_time=None if start is None else time(start, rate),
        tracks=stack("tracks", more.pop("source", None), inside=tracks),
    )


def write(folder: Path, document: Any, name: str = "cut.otio") -> Path:
    path = folder / name
    path.write_text(document if isinstance(document, str) else json.dumps(document, indent=4))
    return path


def inserted(length: int, *, rate: Fraction = Fraction(24), number: int = 3) -> Inserted:
    frames = FrameRange(1001, 1000 + length + 16, rate)
    name = f"TCC_0010_v{number:03}"
    version = Version(
        name=name,
        shot="5f0c",
        take="ab12cd34.1",
        number=number,
        kind=VersionClass.temp,
        by="demo",
        path=f"/show/TCC/TCC_0010/v{number:03}",
        frames=frames,
        handles=Handles(8, 8),
        record="ee" * 32,
    )
    return Inserted.of(version, shot="TCC_0010")


@pytest.fixture(scope="session")
def make() -> SimpleNamespace:
    """Builders of document parts; lengths and starts in frames, rates as numbers."""
    names = (time, span, warp, item, media, files, clip, gap, track, stack, timeline, write)
    return SimpleNamespace(**{f.__name__: f for f in (*names, inserted)}, NTSC=NTSC)


@pytest.fixture
def cut(make: SimpleNamespace) -> Cut:
    """Ten seconds: sh1, a hole of a second, sh2 and a second sh2."""
    clips = (
        make.clip("sh1", make.span(0, 96)),
        make.gap(24),
        make.clip("sh2", make.span(0, 72)),
        make.clip("sh2", make.span(100, 48)),
    )
    return flattened(make.timeline(*clips))
