"""The street of ``moving_set.py`` as tests use it: rendered once, read, judged as on a screen."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import cv2
import numpy as np
import OpenImageIO as oiio
import pytest
from secondunit.media.delivery import Attributes, write_exr, write_still

SET = Path(__file__).with_name("moving_set.py")
COUNT, WIDE, HIGH, SAMPLES = 13, 512, 214, 8
LINEAR = "Linear Rec.709 (sRGB)"
SOFT = 2.0  # pixels: what is compared is low-passed, grain is not an error


@dataclass(frozen=True)
class Street:
    """The rendered frames: ``walker`` with somebody in it, ``empty`` the same without."""

    folder: Path

    @cached_property
    def told(self) -> dict:
        return json.loads((self.folder / "camera.json").read_text())

    def picture(self, which: str, index: int) -> np.ndarray:
        """``(row, column, 3)`` float32 scene-linear."""
        return self._channels(which, index)[0]

    def ids(self, which: str, index: int) -> np.ndarray:
        """``(row, column)``: whose pixel it is."""
        return self._channels(which, index)[1]

    def _channels(self, which: str, index: int) -> tuple[np.ndarray, np.ndarray]:
        image = oiio.ImageBuf(str(self.folder / which / f"street.{index + 1:04}.exr"))
        names = [name.split(".", 1)[1] for name in image.spec().channelnames]
        pixels = image.get_pixels(oiio.FLOAT)
        colour = [names.index(f"Combined.{channel}") for channel in "RGB"]
        return pixels[..., colour], pixels[..., names.index("IndexOB.X")].round().astype(int)

    def plate(self, folder: Path, *, first: int = 1001) -> Path:
        """The frames with the walker as half EXR with the depth and ids beside the colour."""
        folder.mkdir(parents=True)
        for index in range(COUNT):
            passes = np.dstack([self.picture("walker", index), self.ids("walker", index)])
            where = folder / f"street.{first + index:04}.exr"
            write_exr(where, passes.astype(np.float16), ("R", "G", "B", "id"),
                      Attributes(space=LINEAR))  # fmt: skip
        return folder / "street.%04d.exr"

    def matte(self, folder: Path, masks: list[np.ndarray], *, first: int = 1001) -> Path:
        """Masks as pictures, 1 where the plate may change."""
        folder.mkdir(parents=True)
        for index, mask in enumerate(masks):
            pixels = mask[..., None].astype(np.float32)
            write_still(folder / f"matte.{first + index:04}.png", pixels, ("Y",))
        return folder / "matte.%04d.png"

    def projected(self, points: np.ndarray, index: int) -> np.ndarray:
        """Points ``(n, 3)`` in metres to pixels ``(n, 2)`` of a frame."""
        matrix = np.array(self.told["projections"][index])
        seen = np.concatenate([points, np.ones((len(points), 1))], 1) @ matrix.T
        return seen[:, :2] / seen[:, 2:]


def rendered(python: Path, cache: pytest.Cache) -> Street:
    """The street, rendered by Blender unless this very set was rendered before."""
    version = python.parents[1] / "stamp.json"
    told = SET.read_bytes() + version.read_bytes() + str((COUNT, WIDE, HIGH, SAMPLES)).encode()
    folder = cache.mkdir("street") / sha256(told).hexdigest()[:16]
    if not folder.exists():
        for old in folder.parent.iterdir():
            shutil.rmtree(old)
        fresh = folder.with_suffix(".new")
        numbers = [str(number) for number in (COUNT, WIDE, HIGH, SAMPLES)]
        environment = {**os.environ, "PYTHONPATH": ""}
        done = subprocess.run(
            [python, SET, fresh, *numbers], capture_output=True, text=True, check=False,
            env=environment,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        fresh.rename(folder)
    return Street(folder)


def grown(mask: np.ndarray, by: int) -> np.ndarray:
    ball = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * by + 1,) * 2)
    return cv2.dilate(mask.astype(np.uint8), ball) > 0


def display(picture: np.ndarray) -> np.ndarray:
    """Scene-linear as an eye sees it on a screen, 0..255: exposure, a filmic curve, sRGB."""
    light = np.clip(picture.astype(np.float32), 0, None) * 1.6
    shown = light * (2.51 * light + 0.03) / (light * (2.43 * light + 0.59) + 0.14)
    shown = np.clip(shown, 0, 1)
    code = np.where(shown <= 0.0031308, 12.92 * shown, 1.055 * shown ** (1 / 2.4) - 0.055)
    return (code * 255).astype(np.float32)


def soft(picture: np.ndarray) -> np.ndarray:
    """Display values without grain."""
    return cv2.GaussianBlur(display(picture), (0, 0), SOFT)
