"""Real footage in scene-linear light, and takes cut out of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from secondunit.hookspecs import Exam
from secondunit.media.footage import Picture
from secondunit.testing import Reel
from secondunit.testing.material import RATE
from secondunit_bridge.timing import FrameRange

# Linear Rec.709 to ACEScg (AP1), Bradford from D65 to ACES white
AP1 = np.array(
    [[0.6131, 0.3395, 0.0474], [0.0702, 0.9164, 0.0134], [0.0206, 0.1096, 0.8698]], np.float32
)
LINEAR = ((np.arange(256) / 255.0) ** 2.4).astype(np.float32)

SHOTS = {  # between hard cuts and dissolves
    "meadow": ("big-buck-bunny-480p-30s.mp4", 60, 284),
    "brook": ("big-buck-bunny-480p-30s.mp4", 285, 377),
    "bird": ("big-buck-bunny-480p-30s.mp4", 378, 488),
    "bough": ("big-buck-bunny-480p-30s.mp4", 503, 552),
    "burrow": ("big-buck-bunny-480p-30s.mp4", 553, 719),
    "runners": ("seeking-480i.mp4", 0, 149),
    "table": ("one-by-one-person.mp4", 0, 300),
}


class Film:
    """The shots of the real footage; decoded once, kept as 8 bit."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._kept = folder, {}

    def shot(self, name: str) -> list[np.ndarray]:
        if name not in self._kept:
            file = SHOTS[name][0]
            with av.open(str(self._folder / "footage" / file)) as movie:
                for number, frame in enumerate(movie.decode(video=0)):
                    for key, (owner, start, end) in SHOTS.items():
                        if owner == file and start <= number <= end:
                            self._kept.setdefault(key, []).append(frame.to_ndarray(format="rgb24"))
                    if number >= max(end for owner, _, end in SHOTS.values() if owner == file):
                        break
        return self._kept[name]

    def reel(
        self, name: str, start: int, count: int, *, first: int = 1,
        change: Callable[[Picture, int], Picture] = lambda picture, index: picture,
    ) -> Reel:  # fmt: skip
        pictures = self.shot(name)[start : start + count]
        assert len(pictures) == count
        height, width = pictures[0].shape[:2]

        def made(number: int) -> Picture:
            linear = LINEAR[pictures[number - first]] @ AP1.T
            return np.asarray(change(linear, number - first), np.float32)

        return Reel(FrameRange(first, first + count - 1, RATE), width, height, made)


@pytest.fixture(scope="session")
def film(data: Path) -> Film:
    return Film(data)


def exam(take, before=None, after=None, *, handles: int = 0, **facts) -> Exam:
    asked = take.frames
    cut = FrameRange(asked.first + handles, asked.last - handles, asked.rate)
    return Exam(take=take, asked=asked, cut=cut, before=before, after=after, **facts)


@pytest.fixture(scope="session", name="exam")
def exam_fixture():
    return exam
