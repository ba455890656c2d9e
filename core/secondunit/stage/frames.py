"""Frames between the stage and the vault: kept as half-float EXR named by their pixels."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.errors import FramesMissing, SecondUnitError
from secondunit_bridge.film import Media
from secondunit_bridge.timing import FrameRange

from ..media.delivery import write_exr
from ..media.footage import Footage, Picture
from ..media.frames import digest
from ..media.open import OpenFootage
from ..media.plates import read_plate
from ..media.stills import read_still, still_facts
from ..media.widths import SQUARE
from ..vault import Vault


def keep_frame(vault: Vault, pixels: NDArray[np.float16], channels: tuple[str, ...]) -> str:
    """Keep one frame; returns the digest of its pixels. Raises DiskFull, NotPermitted.

    ``pixels`` is ``(row, column, channel)`` half, scene-linear working space.
    """
    name = digest(pixels, channels)

    def write(path: Path) -> None:
        write_exr(path, pixels, channels)

    vault.keep(name, write, sound=lambda path: is_whole(path, name))
    return name


def is_whole(path: Path, name: str) -> bool:
    """A kept picture is still the one of that digest; False when it cannot be read any more."""
    try:
        return read_plate(path).digest() == name
    except SecondUnitError:
        return False


class KeptFootage:
    """A take's frames as the vault holds them. Implements ``Footage``."""

    def __init__(self, media: Media, vault: Vault) -> None:
        self._media, self._vault = media, vault

    @property
    def frames(self) -> FrameRange:
        """As delivered, from 1001."""
        return self._media.frames

    @property
    def width(self) -> int:
        """Columns."""
        return self._media.width

    @property
    def height(self) -> int:
        """Rows."""
        return self._media.height

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the channels."""
        return self._media.channels

    @property
    def space(self) -> str:
        """Scene-linear working space of the project."""
        return self._media.space

    def frame(self, number: int) -> Picture:
        """One frame as float32. Raises FramesMissing when the vault has lost it."""
        return np.asarray(self._pixels(number), np.float32)

    def half(self, number: int) -> NDArray[np.float16]:
        """One frame exactly as it is kept. Raises FramesMissing."""
        return self._pixels(number).astype(np.float16)

    def pixel_aspect(self) -> Fraction:
        """How wide a stored pixel is over its height, the same in all frames; 1 but for scope.

        The first frame that is still there says it. Raises FramesMissing, MediaDamaged.
        """
        names = dict(zip(self.frames, self._media.digests, strict=True))
        held = (number for number, name in names.items() if self._vault.holds(name))
        return still_facts(self._path(next(held, self.frames.first))).pixel_aspect

    def _pixels(self, number: int) -> NDArray[np.floating[Any]]:
        """As they are read: what a half says a float says too, so nothing is rounded."""
        return read_still(self._path(number), channels=self._media.channels).pixels

    def _path(self, number: int) -> Path:
        name = self._media.digests[number - self._media.frames.first]
        if not self._vault.holds(name):
            raise FramesMissing(
                f"frame {number} is no longer in the vault",
                hint="Restore the project's store from its backup, or shoot the take again.",
                data={"missing": [[number, number]]},
            )
        return self._vault.path(name)


def aspect_of(footage: Footage) -> Fraction:
    """How wide a pixel of this footage is over its height; 1 where nobody says it.

    Raises as ``KeptFootage.pixel_aspect``.
    """
    if isinstance(footage, OpenFootage):
        return footage.facts.pixel_aspect
    return footage.pixel_aspect() if isinstance(footage, KeptFootage) else SQUARE
