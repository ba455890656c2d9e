"""The quay of ``quay_set.py`` as tests use it: rendered once with Blender, read, judged.

``wide`` is a moving camera and a man who walks, ``close`` a push-in over his shoulder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import cv2
import numpy as np
import OpenImageIO as oiio
import pytest
from secondunit.generators.looks import Looks
from secondunit.generators.looks.tones import encoded
from secondunit.hookspecs import Developed
from secondunit.testing import Reel, Still, ask
from secondunit_bridge.film import Role
from secondunit_bridge.timing import FrameRange, Handles

try:
    import fcntl
except ImportError:  # Windows: there tests that render run in one process
    fcntl = None

HERE = Path(__file__).parent
COUNT, WIDE, HIGH, SAMPLES = 8, 640, 268, 4
LINEAR = "Linear Rec.709 (sRGB)"
NAMES = {
    Role.guide: ("Combined", "RGB"),
    Role.depth: ("Depth", "Z"),
    Role.normal: ("Normal", "XYZ"),
    Role.ids: ("CryptoObject00", "r"),
    Role.position: ("Position", "XYZ"),
    Role.motion: ("Vector", "XYZ"),
    Role.albedo: ("Denoising Albedo", "RGB"),
}
Frame = Mapping[Role, np.ndarray]


@dataclass(frozen=True)
class Quay:
    """One rendered shot: a multilayer EXR for each frame in ``folder``, and ``camera.json``."""

    folder: Path
    shot: str

    @property
    def pattern(self) -> Path:
        return self.folder / f"{self.shot}.%04d.exr"

    @property
    def count(self) -> int:
        return len(list(self.folder.glob("*.exr")))

    def frame(self, index: int) -> Frame:
        """Every pass of a frame, ``(row, column, channel)`` float32, as Blender wrote it."""
        return _read(self.folder / f"{self.shot}.{index + 1:04}.exr")

    def footage(
        self, *, without: tuple[Role, ...] = (), scale: int = 1, still: bool = False
    ) -> dict[Role, Reel]:
        """The passes as a generator gets them; ``scale`` times as large, with the same pixels."""

        def made(role: Role) -> Callable[[int], np.ndarray]:
            return lambda number: grown(self.frame(0 if still else number - 1)[role], role, scale)

        span = FrameRange(1, self.count, Fraction(24))
        size = self.frame(0)[Role.depth].shape[:2]
        return {
            role: Reel(span, size[1] * scale, size[0] * scale, made(role),
                       ("R", "G", "B") if len(parts) == 3 else ("Y",), LINEAR)
            for role, (_, parts) in NAMES.items() if role not in without
        }  # fmt: skip


def grown(plane: np.ndarray, role: Role, scale: int) -> np.ndarray:
    """A pass at a whole multiple of its size: data by its nearest pixel, colours smoothly."""
    if scale == 1:
        return plane.copy()
    how = cv2.INTER_NEAREST if role in (Role.ids, Role.depth, Role.motion) else cv2.INTER_LINEAR
    large = cv2.resize(plane, None, fx=scale, fy=scale, interpolation=how)
    large = large.reshape(*large.shape[:2], -1)
    return large * np.float32(scale) if role is Role.motion else large


@lru_cache(maxsize=24)
def _read(path: Path) -> Frame:
    image = oiio.ImageBuf(str(path))
    names, pixels = list(image.spec().channelnames), image.get_pixels(oiio.FLOAT)
    assert pixels is not None, f"{path} cannot be read"
    return {
        role: np.ascontiguousarray(
            pixels[..., [names.index(f"ViewLayer.{name}.{part}") for part in parts]], np.float32
        )
        for role, (name, parts) in NAMES.items()
    }


@contextmanager
def one_at_a_time(lock: Path) -> Iterator[None]:
    """Tests run side by side: the second waits for what the first renders, and renders nothing."""
    with lock.open("w") as file:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX)  # let go when the file is closed
        yield


def rendered(python: Path, folder: Path, shot: str, size: tuple[int, int] = (WIDE, HIGH)) -> Quay:
    """The shot, rendered by Blender into ``folder`` unless this very set was rendered before."""
    stamp = python.parents[1] / "stamp.json"
    sets = [HERE / "quay_set.py", HERE / "quay_figures.py"]
    told = b"".join(path.read_bytes() for path in (*sets, stamp) if path.exists())
    numbers = [str(number) for number in (COUNT, *size, SAMPLES)]
    key = sha256(told + " ".join(numbers).encode()).hexdigest()[:16]
    place = folder / f"{shot}-{key}"
    with one_at_a_time(folder / f".{shot}.lock"):
        if not place.exists():
            for old in folder.glob(f"{shot}-*"):
                shutil.rmtree(old)
            fresh = place.with_suffix(".new")
            done = subprocess.run(
                [python, sets[0], fresh, shot, *numbers], capture_output=True, text=True,
                check=False, env={**os.environ, "PYTHONPATH": ""},
            )  # fmt: skip
            assert done.returncode == 0, done.stderr[-2000:]
            fresh.rename(place)
    return Quay(place, shot)


def cached(blender: Path, cache: pytest.Cache, shot: str) -> Quay:
    return rendered(blender, cache.mkdir("quay"), shot)


def drawn(footage: dict[Role, Reel], count: int, *, seed: int = 1, **options: object) -> list:
    """Frames of the generator as display codes 0..1, ``(row, column, 3)`` float32."""
    one = next(iter(footage.values()))
    given = ask(
        Looks(), frames=count, handles=Handles(0, 0), size=(one.width, one.height),
        footage=footage, options=options,
    )  # fmt: skip
    said = Looks().run(given.plan, given.elements, seed, Still())
    return [encoded(one.pixels[..., :3]) for one in said if isinstance(one, Developed)]


def flicker(before: np.ndarray, after: np.ndarray, motion: np.ndarray) -> float:
    """Mean difference, of 255, after the frame before was moved along the motion pass.

    Uncovered ground counts as well. The sign of the pass is found by trying; the frame's edge,
    which nothing moves onto, is left out.
    """
    high, wide = motion.shape[:2]
    down, across = np.mgrid[0:high, 0:wide].astype(np.float32)
    tried = []
    for x, y in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
        moved = cv2.remap(
            before, across + x * motion[..., 0], down + y * motion[..., 1], cv2.INTER_LINEAR
        )
        tried.append(float(np.abs(moved - after)[20:-20, 40:-40].mean() * 255))
    return min(tried)


def unsteadiness(shot: Quay, frames: list) -> float:
    """The mean of ``flicker`` over the shot."""
    pairs = range(1, len(frames))
    return float(np.mean([
        flicker(frames[i - 1], frames[i], shot.frame(i)[Role.motion]) for i in pairs
    ]))  # fmt: skip
