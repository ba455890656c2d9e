"""Footage: a run of frames that can be asked for one at a time, wherever they come from."""

from __future__ import annotations

from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.timing import FrameRange

Picture: TypeAlias = NDArray[np.float32]
"""``(row, column, channel)`` float32, origin top left, in the space its footage names."""


class Footage(Protocol):
    """Frames by number. Memory does not grow with the length: frames are read when asked for."""

    @property
    def frames(self) -> FrameRange:
        """The frames there are, in the media's own numbering."""
        ...

    @property
    def width(self) -> int:
        """Columns."""
        ...

    @property
    def height(self) -> int:
        """Rows."""
        ...

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the channels, for example ``("R", "G", "B")``."""
        ...

    @property
    def space(self) -> str:
        """OpenColorIO name of the colour space the pixels are in."""
        ...

    def frame(self, number: int) -> Picture:
        """One frame. Raises FramesMissing, MediaOffline, MediaDamaged."""
        ...


class Through:
    """Footage seen through something: all as it is there, until ``frame`` says otherwise."""

    def __init__(self, footage: Footage) -> None:
        self._footage = footage

    @property
    def frames(self) -> FrameRange:
        """The frames there are."""
        return self._footage.frames

    @property
    def width(self) -> int:
        """Columns."""
        return self._footage.width

    @property
    def height(self) -> int:
        """Rows."""
        return self._footage.height

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the channels."""
        return self._footage.channels

    @property
    def space(self) -> str:
        """OpenColorIO name of the colour space the pixels are in."""
        return self._footage.space

    def frame(self, number: int) -> Picture:
        """One frame, as it is there. Raises what reading raises."""
        return self._footage.frame(number)


@runtime_checkable
class Part(Protocol):
    """Footage that shows some frames of a take: those of one run."""

    @property
    def whole(self) -> Footage:
        """The same with every frame of the take, for what must hold for all of them."""
        ...
