"""Whoever moves stands a little otherwise in every take: their outline is no prop.

What moves is known by its moving, and the even middle of a coat or an arm does not seem to. So a
difference beside it is theirs when, in one of the two pictures, it has the colour of what moves and
not that of what stands still around it. In the other picture it is the wall behind them. The even
part of the coat itself, that it hangs together with, is nothing that stands still.

A leg or a shoulder may stand still all through a shot, and colour alone does not tell them. But a
body hangs together: the even part of a picture that the difference is a piece of goes on beyond it,
to where somebody moves. A thing that came or went is all of what differs, and hangs together with
nothing; a wall is larger than anybody.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..media.footage import Picture
from .oklab import oklab
from .overlay import Mask, Overlay

FAINT = 60.0  # differences below this are told nobody, and need no explanation
LIKE = 4.0  # OKLab times 100 within which colours are alike; lightness counts half
THEIRS, STILL = 0.25, 0.2  # shares of what moves, and of what stands still, that are of one colour
BODY = 0.06  # share of the picture; a coat that is larger is no coat, but a wall
HANGS = 0.25  # of what surrounds it that moves
_AROUND = 21  # pixels across in which neighbours are asked
_TOUCH = 9  # across, within which a difference lies beside what moves
_LARGE = 400  # pixels of somebody; what is smaller has no outline to speak of
_SMOOTH = 9  # pixels across of gaps in what moves that are closed
_LEAST = 12  # pixels to ask


class Outlines:
    """What moves in two pictures laid over each other, and whether a difference is its outline."""

    def __init__(self, laid: Overlay) -> None:
        self._laid = laid
        self._moves = _large(laid.covered & ~laid.inside & ~laid.beside)
        self._body = _filled(self._moves)
        self._colours: list[Picture] | None = None

    def explain(self, difference: Mask, score: float) -> bool:
        """The difference is somebody who stands otherwise."""
        if score < FAINT:
            return False
        if any(self._piece(colour, difference) for colour in self._pictures()):
            return True
        if not np.any(_grown(difference, _TOUCH) & self._moves):
            return False
        around = _grown(difference, _AROUND) & ~difference & self._laid.covered
        return any(self._theirs(colour, difference, around) for colour in self._pictures())

    def _piece(self, colour: Picture, difference: Mask) -> bool:
        """In this picture it is a piece of a body: of an even part that is larger than it, smaller
        than a wall, and surrounded by what moves as no thing is that merely stands beside it."""
        import cv2

        own = np.median(colour[difference], axis=0)
        alike = (np.linalg.norm(colour - own, axis=2) < LIKE) & self._laid.covered
        _, places = cv2.connectedComponents((alike | difference).astype(np.uint8))
        part = np.asarray(places == np.bincount(places[difference]).argmax())
        beyond = int((part & ~difference).sum()) >= int(difference.sum())
        if not beyond or part.sum() > BODY * part.size:
            return False
        ring = _grown(part, _TOUCH) & ~part & self._laid.covered
        return bool((ring & self._moves).sum() >= HANGS * ring.sum())

    def _theirs(self, colour: Picture, difference: Mask, around: Mask) -> bool:
        """In this picture it is of the colour of what moves, and of nothing else around it."""
        own = np.median(colour[difference], axis=0)
        if _share(colour[around & self._moves], own) < THEIRS:
            return False
        still = around & ~self._body & ~self._even(colour, difference, own)
        return _share(colour[still], own) < STILL

    def _even(self, colour: Picture, difference: Mask, own: NDArray[np.float32]) -> Mask:
        """The even part of a body, to which the difference belongs by its colour: it touches what
        moves, and is too small to be a wall."""
        import cv2

        alike = (np.linalg.norm(colour - own, axis=2) < LIKE) & self._laid.covered & ~self._moves
        _, places = cv2.connectedComponents((alike | difference).astype(np.uint8))
        part = np.asarray(places == np.bincount(places[difference]).argmax())
        ring = _grown(part, _TOUCH) & ~part
        hangs = (ring & self._moves).sum() >= HANGS * ring.sum()
        return part & bool(hangs and part.sum() <= BODY * part.size)

    def _pictures(self) -> list[Picture]:
        if self._colours is None:
            self._colours = [oklab(one) for one in (self._laid.ours, self._laid.theirs)]
            for one in self._colours:
                one[..., 0] *= np.float32(0.5)
        return self._colours


def _share(colours: NDArray[np.float32], own: NDArray[np.float32]) -> float:
    """The share of pixels that have a colour; none of none."""
    if len(colours) < _LEAST:
        return 0.0
    return float((np.linalg.norm(colours - own, axis=1) < LIKE).mean())


def _large(moves: Mask) -> Mask:
    import cv2

    _, places, stats, _ = cv2.connectedComponentsWithStats(moves.astype(np.uint8))
    large = stats[:, cv2.CC_STAT_AREA] >= _LARGE
    large[0] = False
    return np.asarray(large[places])


def _filled(moves: Mask) -> Mask:
    """With its gaps closed and what it surrounds."""
    import cv2

    closed = cv2.morphologyEx(moves.astype(np.uint8), cv2.MORPH_CLOSE, _disc(_SMOOTH))
    padded = cv2.copyMakeBorder(closed, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    outside = padded.copy()
    cv2.floodFill(outside, None, (0, 0), 1)
    return np.asarray(((outside == 0) | (padded > 0))[1:-1, 1:-1])


def _grown(mask: Mask, size: int) -> Mask:
    import cv2

    return np.asarray(cv2.dilate(mask.astype(np.uint8), _disc(size)) > 0)


def _disc(size: int) -> NDArray[np.uint8]:
    import cv2

    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)
