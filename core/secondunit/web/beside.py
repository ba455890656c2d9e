"""The media that came with a turnover: what plays before and after its shot, what it is made of."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any, TypeAlias

from secondunit_bridge.errors import FramesMissing, SecondUnitError
from secondunit_bridge.film import Element, Media, Project, Role, Turnover
from secondunit_bridge.timing import FrameRange, rate_name

from ..colour import Colour
from ..media.footage import Footage, Picture
from ..media.open import OpenFootage, open_footage
from ..media.probe import probe
from ..stage.frames import KeptFootage, aspect_of
from ..vault import Vault

SIDES = {"before": Role.before, "after": Role.after}
REACH_S = 1  # how far into a neighbour is played: turnovers name only the few frames at the cut
_OPEN = 6  # media kept open

Opening: TypeAlias = Callable[[Media, Project, Colour], Footage]


class Beside:
    """The neighbours of shots. Any thread may ask."""

    def __init__(self) -> None:
        self._open: OrderedDict[Media, Footage] = OrderedDict()
        self._lock = threading.Lock()

    def told(
        self, turnover: Turnover, project: Project, colour: Colour, vault: Vault
    ) -> dict[str, Any]:
        """First and last frame of each neighbour that is there, and why one cannot be shown."""
        said: dict[str, Any] = {}
        for side in SIDES:
            try:
                footage = self._footage(side, turnover, project, colour, vault)
            except SecondUnitError as error:
                said[side] = {"frames": None, "why": error.message}
                continue
            if footage is not None:
                reach = footage.frames
                fps = float(reach.rate)
                said[side] = {"frames": [reach.first, reach.last], "fps": fps, "why": "",
                              "rate": rate_name(reach.rate)}  # fmt: skip
        return said

    def frame(
        self, side: str, number: int, turnover: Turnover, project: Project, colour: Colour,
        vault: Vault,
    ) -> tuple[Picture, str, Fraction]:  # fmt: skip
        """One frame, its space, its pixels' aspect. Raises FramesMissing, MediaOffline ..."""
        footage = self._footage(side, turnover, project, colour, vault)
        if footage is None or number not in footage.frames:
            raise FramesMissing(
                f"frame {number} of what plays {side} is not known",
                hint="Only what was handed over with the shot can be shown.",
            )
        return footage.frame(number), footage.space, aspect_of(footage)

    def poster(
        self, element: Element, project: Project, colour: Colour, vault: Vault
    ) -> tuple[Picture, str, Fraction]:
        """The middle frame of what was handed over, its space, its pixels' aspect.

        Of a long movie no more is read than that frame. Raises FramesMissing, MediaOffline ...
        """
        footage = self._opened(element.media, project, colour, vault, _as_handed)
        frames = element.media.frames
        return footage.frame((frames.first + frames.last) // 2), footage.space, aspect_of(footage)

    def _footage(
        self, side: str, turnover: Turnover, project: Project, colour: Colour, vault: Vault
    ) -> Footage | None:
        found = [one.media for one in turnover.elements if one.role is SIDES[side]]
        if not found:
            return None
        return self._opened(found[0], project, colour, vault, partial(_reaching, side))

    def _opened(
        self, media: Media, project: Project, colour: Colour, vault: Vault, opening: Opening
    ) -> Footage:
        with self._lock:
            if media not in self._open:
                if media.path:
                    probe(media.path)  # a damaged file ends a limited child, not the page
                    self._hold(media, opening(media, project, colour))
                else:
                    self._hold(media, KeptFootage(media, vault))
            self._open.move_to_end(media)
            return self._open[media]

    def _hold(self, media: Media, footage: Footage) -> None:
        self._open[media] = footage
        while len(self._open) > _OPEN:
            _, old = self._open.popitem(last=False)
            if isinstance(old, OpenFootage):
                old.close()


def _as_handed(media: Media, project: Project, colour: Colour) -> Footage:
    return open_footage(media, movie_space=project.movie_space, decide=colour.space_of)


def _reaching(side: str, media: Media, project: Project, colour: Colour) -> Footage:
    """The neighbour with as much of its media as there is, up to a second from the cut."""
    frames, count = media.frames, max(1, round(REACH_S * media.frames.rate))
    if side == "before":
        wide = FrameRange(min(frames.first, max(0, frames.last - count + 1)), frames.last,
                          frames.rate)  # fmt: skip
    else:
        wide = FrameRange(frames.first, max(frames.last, frames.first + count - 1), frames.rate)
    try:
        return _as_handed(replace(media, frames=wide), project, colour)
    except FramesMissing:
        return _as_handed(media, project, colour)  # its media ends where it was handed over
