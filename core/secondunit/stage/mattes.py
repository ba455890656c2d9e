"""A turnover's matte as footage of one channel, whichever way the turnover names it.

The element's ``name`` says where the matte is when its media has more than one channel:
``alpha``, ``channel:<name>``, or ``cryptomatte:<object>,<object>`` (``*`` and ``?`` allowed), where
``cryptomatte[<layer>]:`` says which of the file's Cryptomattes is meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from secondunit_bridge.errors import MatteMissing
from secondunit_bridge.film import Element, Media, Role, Turnover
from secondunit_bridge.timing import FrameRange

from ..contract.matte import MatteSource
from ..media.cryptomatte import layers
from ..media.footage import Footage, Picture
from ..media.patterns import FramePattern, is_pattern
from ..media.plates import read_plate

Open = Callable[[Media], Footage]
DATA = "Raw"  # the space of values that are no colours, as OpenColorIO's configurations call it
CHANNEL, ALPHA = "channel:", "alpha"
_CRYPTOMATTE = re.compile(r"cryptomatte(?:\[([^\]]*)\])?:(.*)", re.DOTALL)


class MatteFootage:
    """The matte, soft, one channel, 1.0 where the picture may change. Implements ``Footage``."""

    channels = ("matte",)
    space = DATA

    def __init__(self, source: MatteSource, footage: Footage) -> None:
        self.source, self.footage = source, footage

    @property
    def frames(self) -> FrameRange:
        """The frames there are; a matte of one frame is held."""
        return self.footage.frames

    @property
    def width(self) -> int:
        """Columns."""
        return self.footage.width

    @property
    def height(self) -> int:
        """Rows."""
        return self.footage.height

    def frame(self, number: int) -> Picture:
        """``(row, column, 1)`` float32, 0..1."""
        return self.source.soft(number)[..., None]


def matte_of(turnover: Turnover, opener: Open) -> MatteFootage:
    """The turnover's matte, with no more channels than it is made of.

    Raises MatteMissing when there is none, and what opening it raises.
    """
    element = next((e for e in turnover.elements if e.role is Role.matte), None)
    if element is None:
        raise MatteMissing(
            "there is no matte: nothing says what may change",
            hint="Hand over a matte; 1.0 is where the picture may change.",
        )
    media = element.media
    whole = opener(replace(media, channels=()) if media.path else media)
    source = _source(element, whole)
    if source.needs == tuple(whole.channels):
        return MatteFootage(source, whole)
    only = opener(replace(media, channels=source.needs))  # a plate has many more channels
    return MatteFootage(source.of(only), only)


def _source(element: Element, footage: Footage) -> MatteSource:
    name = element.name
    named = _CRYPTOMATTE.fullmatch(name)
    if named:
        wanted = [word.strip() for word in named[2].split(",")]
        path = _first_file(element.media)
        found = layers(read_plate(path).attributes, path)
        return MatteSource.cryptomatte(footage, wanted, found, layer=named[1] or "")
    if name == ALPHA:
        return MatteSource.alpha(footage)
    if name.startswith(CHANNEL):
        return MatteSource.channel(footage, name.removeprefix(CHANNEL))
    return MatteSource.separate(footage)


def _first_file(media: Media) -> Path:
    if is_pattern(media.path):
        return FramePattern.parse(media.path).path(media.frames.first)
    return Path(media.path)
