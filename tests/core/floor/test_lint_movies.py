"""Delivery lint of movies: what a movie says, and what the cut says of it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from secondunit.checks import lint
from secondunit.editorial.handed import Delivery
from secondunit.exam import Exam
from secondunit.media.filed import Clerk, clerk
from secondunit.testing.material import scene
from secondunit_bridge.film import Outcome, Project
from secondunit_bridge.timing import FrameRange

RATE, COUNT, HOUR = Fraction(24), 12, 86400
CHECKS = {one.about.name: one for one in lint.secondunit_checks()}


@pytest.fixture(scope="module")
def looks() -> Iterator[Clerk]:
    with clerk() as one:
        yield one


def movie(path: Path, *, timecode: str = "", tags=(1, 1, 1), jitter=(), rate=RATE) -> Path:
    """A short movie 64 by 36. ``tags`` are H.273 primaries, transfer and matrix."""
    with av.open(str(path), "w") as container:
        if timecode:
            container.metadata["timecode"] = timecode
        stream = container.add_stream("libx264", rate=rate, options={"g": "1"})
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        context = stream.codec_context
        context.color_primaries, context.color_trc, context.colorspace = tags
        base = Fraction(1, 30000) if rate.denominator > 1 else Fraction(1, 600)
        context.time_base, at = base, 0
        for index in range(COUNT):
            frame = av.VideoFrame.from_ndarray(np.full((36, 64, 3), 20 * index, np.uint8), "rgb24")
            frame.pts, frame.time_base = at, base
            at += int(1 / rate / base) + (jitter[index % len(jitter)] if jitter else 0)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def judged(looks: Clerk, path: Path, **said) -> dict[str, list]:
    facts = {
        "media": str(path), "filed": looks.file(str(path)), "shown": tuple(range(COUNT)),
        "numbering": "zero", "available": (0, COUNT - 1), "starts": 0, "rate": RATE,
        "cut_rate": RATE, "drop": False, "project": Project("film", RATE, 64, 36, store="s"),
    }  # fmt: skip
    delivery = Delivery(**{**facts, **said})
    frames = FrameRange(0, COUNT - 1, RATE)
    exam = Exam(take=scene(2), asked=frames, cut=frames, delivery=delivery)
    return {name: list(check.examine(exam)) for name, check in CHECKS.items()}


def wrong(found: dict[str, list]) -> dict[str, str]:
    return {f.check: f.sentence for some in found.values() for f in some if f.open}


def test_a_movie_that_says_what_the_cut_says_is_clear(looks, tmp_path: Path):
    path = movie(tmp_path / "fine.mov", timecode="01:00:00:00")
    found = judged(looks, path, starts=HOUR)
    assert not wrong(found)
    unsaid = {name for name, some in found.items() if some[0].outcome is Outcome.not_checked}
    assert unsaid == {"delivery.name", "delivery.compression", "delivery.windows"}


def test_a_movie_that_starts_elsewhere_than_the_cut_says_is_found(looks, tmp_path: Path):
    path = movie(tmp_path / "other.mov", timecode="01:00:10:00")
    said = wrong(judged(looks, path, starts=HOUR))
    assert set(said) == {"delivery.timecode"}
    assert "01:00:10:00" in said["delivery.timecode"]
    assert "01:00:00:00" in said["delivery.timecode"]


def test_drop_frame_where_the_cut_counts_every_frame_is_found(looks, tmp_path: Path):
    rate = Fraction(30000, 1001)
    path = movie(tmp_path / "drop.mov", timecode="01:00:00;00", rate=rate)
    said = wrong(judged(looks, path, rate=rate, cut_rate=rate))
    assert set(said) == {"delivery.timecode"}
    assert not wrong(judged(looks, path, rate=rate, cut_rate=rate, drop=True))


def test_a_movie_cut_short_of_what_the_cut_says_stops_only_when_it_plays(looks, tmp_path: Path):
    path = movie(tmp_path / "short.mov")
    found = judged(looks, path, available=(0, 29), shown=tuple(range(20)))
    assert [f.outcome for f in found["delivery.frames"]] == [Outcome.stop]
    found = judged(looks, path, available=(0, 29), shown=(1, 2))
    assert [f.outcome for f in found["delivery.frames"]] == [Outcome.look]


@pytest.mark.parametrize(
    ("tags", "names"),
    [
        ((1, 16, 1), {"delivery.colour", "delivery.depth"}),  # PQ in Rec.709, and in 8 bits
        ((9, 1, 1), {"delivery.colour"}),  # primaries of BT.2020 with the matrix of BT.709
    ],
)
def test_tags_that_contradict_each_other_are_found(looks, tmp_path: Path, tags, names):
    assert set(wrong(judged(looks, movie(tmp_path / "tags.mov", tags=tags)))) == names


def test_a_movie_without_tags_is_not_checked_and_not_blamed(looks, tmp_path: Path):
    found = judged(looks, movie(tmp_path / "plain.mov", tags=(2, 2, 2)))
    assert not wrong(found)
    assert found["delivery.colour"][0].outcome is Outcome.not_checked


def test_frames_that_come_unevenly_are_found(looks, tmp_path: Path):
    said = wrong(judged(looks, movie(tmp_path / "phone.mov", jitter=(0, 9, -7))))
    assert set(said) == {"delivery.rate"}
    assert "unevenly" in said["delivery.rate"]


def test_a_damaged_movie_is_found(looks, tmp_path: Path):
    path = movie(tmp_path / "torn.mov")
    path.write_bytes(path.read_bytes()[:300])
    assert "delivery.whole" in wrong(judged(looks, path))
