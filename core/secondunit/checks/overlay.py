"""Two shots of one set-up laid over each other, pixel on pixel, with what moves masked out.

The shared points give a first placement; correlation of edges makes it exact. Edges by the root of
their steepness: a key light that was moved changes which edges are steep, hardly where they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..exam import BEFORE, TAKE, Exam, Near
from ..media.footage import Footage, Picture
from ..media.setup import Matrix, SetupMatch
from ..media.sight import Plane, Shows, Sight, coded, fitted

WIDTH = 512  # columns
BESIDE = (6, 12, 18, 24)  # frames from the cut that are looked at for what moves
MOVES = 10.0  # codes by which a pixel, or its colour, changes where somebody moves
FAINT = 16.0  # codes of a channel, below which a change of it is noise and no colour
SPECK = 20  # pixels of 512; less than that is no person, but noise in what shines
BODY = 150  # pixels of 512; less than that throws no shadow: light that plays on a plate, a flame
EDGE = 7  # pixels of 512 by which that is grown, for soft edges
UNSURE = 13  # the same where a shot shows too little of itself to know all that moves
SHADOW = 31  # the same, for shadows: there lightness says little, colour still does
EXACT = 0.9  # correlation of edges from which a placement is exact
_WHOLE = 0.999
_FAR = 0.1  # widths of the picture by which the exact placement may leave the first one

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Overlay:
    """``ours`` and ``theirs`` are ``(row, column, 3)`` scene-linear, laid over each other.

    ``covered`` is where both have a picture. Of that, ``inside`` is where nothing moves and no
    shadow of what moves falls, ``beside`` where such shadows may fall. ``agreement`` is how well
    edges correlate (-1..1).
    """

    ours: Picture
    theirs: Picture
    inside: Mask
    agreement: float
    beside: Mask
    covered: Mask

    @property
    def seen(self) -> float:
        """The share of the picture that can be compared."""
        return float(self.inside.mean())


def overlay(exam: Exam, near: Near, match: SetupMatch | None) -> Overlay | None:
    """The two frames at the cut, laid over each other; None when they cannot be.

    ``match`` None: they are declared to be one set-up, and begin where they are.
    """
    return exam.once(("overlay", near.side), lambda: _overlay(exam, near, match))


def _overlay(exam: Exam, near: Near, match: SetupMatch | None) -> Overlay | None:
    import cv2

    one, other = near.at_cut
    ours, theirs = one.small_light(WIDTH), other.small_light(WIDTH)
    rows, columns = ours.shape[:2]
    beside = exam.before if near.side == BEFORE else exam.after
    assert beside is not None
    onward = 1 if near.side == BEFORE else -1  # away from the cut, in the take
    moves, lighter = moving(exam.side(TAKE).shows or Shows(exam.take), exam.take, one, onward)
    their_moves, _ = moving(exam.side(near.side).shows or Shows(beside), beside, other, -onward)
    bodies, their_bodies = _large(moves > 0, BODY), _large(their_moves > 0, BODY)
    back, agreement = _placed(one, other, match, without(lighter, SHADOW))
    if back is None:
        return None

    def laid(picture: NDArray[np.float32]) -> NDArray[np.float32]:
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(cv2.warpPerspective(picture, back, (columns, rows), flags=flags))

    def free(mine: NDArray[np.uint8], their: NDArray[np.uint8], grown: int) -> Mask:
        there = laid(without(their, grown)) > _WHOLE
        return np.asarray(there & (without(mine, grown) > _WHOLE))

    known = min(
        sum(sight.number + way * far in shot.frames for far in BESIDE)
        for sight, shot, way in ((one, exam.take, onward), (other, beside, -onward))
    )
    near_it = free(moves, their_moves, EDGE if known >= len(BESIDE) - 1 else UNSURE)
    inside = free(bodies, their_bodies, SHADOW) & near_it
    covered = laid(np.ones(theirs.shape[:2], np.float32)) > _WHOLE
    return Overlay(ours, laid(theirs), inside, agreement, near_it & ~inside, covered)


def _placed(
    one: Sight, other: Sight, match: SetupMatch | None, still: Plane
) -> tuple[Matrix | None, float]:
    """The matrix from our pixels to theirs, and how well edges agree under it.

    Begun from the shared points, and from the place where pictures of a camera that was not touched
    lie anyhow; the better one counts.
    """
    ours, theirs = edges(one.small_luma(WIDTH)), edges(other.small_luma(WIDTH))
    width, their_width = ours.shape[1], theirs.shape[1]
    starts = [np.diag([their_width / width, their_width / width, 1.0])]
    if match is not None:
        matched = np.linalg.inv(match.pixels(width, their_width))
        starts = [matched, _upright(matched, ours), *starts]
    best: tuple[Matrix | None, float] = (None, 0.0)
    for start in starts:
        if min(_apart(one, start, ours) for one in starts[:2]) > _FAR:
            continue
        found, agreement = _correlated(
            ours, theirs, start / start[2, 2], still, affine=match is None
        )
        if found is not None and agreement > best[1] and (
            match is None or min(_apart(one, found, ours) for one in starts[:2]) <= _FAR
        ):  # fmt: skip
            best = found, agreement
    return best if best[0] is not None or match is None else (starts[0], 0.0)


def _upright(matrix: NDArray[Any], picture: Plane) -> Matrix:
    """The nearest shift, turn and scale in the middle of the picture.

    Points at several depths bend a homography towards the corners, so far that nothing that is
    corrected from there comes back.
    """
    import cv2

    rows, columns = picture.shape
    spots = np.array([[x * columns, y * rows] for x in (0.3, 0.7) for y in (0.3, 0.7)], np.float32)
    seen = cv2.perspectiveTransform(spots[None], matrix)[0]
    found, _ = cv2.estimateAffinePartial2D(spots, seen, method=cv2.LMEDS)
    return matrix if found is None else np.vstack([found, [0, 0, 1]])


def _correlated(
    ours: Plane, theirs: Plane, start: Matrix, still: Plane, *, affine: bool
) -> tuple[Matrix | None, float]:
    import cv2

    kind = cv2.MOTION_AFFINE if affine else cv2.MOTION_HOMOGRAPHY
    begun = np.asarray(start[:2] if affine else start, np.float32)
    stop = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 80, 1e-5)
    mask = (still > _WHOLE).astype(np.uint8) * 255
    try:
        agreement, found = cv2.findTransformECC(ours, theirs, begun, kind, stop, mask, 5)
    except cv2.error:  # it does not converge
        return None, 0.0
    whole = np.vstack([found, [0, 0, 1]]) if affine else found
    return np.asarray(whole, np.float64), float(agreement)


def _apart(one: Matrix, other: Matrix, picture: Plane) -> float:
    """How far corners lie apart under two matrices, in widths of the picture."""
    rows, columns = picture.shape
    corners = np.array([[0, 0, 1], [columns, 0, 1], [0, rows, 1], [columns, rows, 1]], float).T
    seen = [matrix @ corners for matrix in (one, other)]
    return float(np.abs(seen[0][:2] / seen[0][2] - seen[1][:2] / seen[1][2]).max() / columns)


def edges(luma: Plane) -> Plane:
    """The root of how steep a picture is, 0..1: where its edges are, whatever the light."""
    import cv2

    smooth = cv2.GaussianBlur(luma, (0, 0), 1.5)
    across, down = cv2.Sobel(smooth, -1, 1, 0), cv2.Sobel(smooth, -1, 0, 1)
    # Not cv2.magnitude: its last digit depends on where in memory the pictures lie.
    root = cv2.GaussianBlur(np.sqrt(np.sqrt(across * across + down * down)), (0, 0), 2)
    return np.asarray(root / max(float(root.max()), 1e-3), np.float32)


def moving(
    shows: Shows, shot: Footage, at: Sight, onward: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """1 where something moves beside the cut, in one shot; and where its lightness does."""

    now = _smooth(at)
    most = np.zeros(now.shape, np.float32)
    for far in BESIDE:
        number = at.number + onward * far
        if number in shot.frames:
            np.maximum(most, np.abs(_smooth(Sight(shows, number)) - now), out=most)
    return _large(most.max(2) > MOVES, SPECK), _large(most[..., 0] > MOVES, SPECK)


def _large(changes: NDArray[np.bool_], least: int) -> NDArray[np.uint8]:
    """1 where so many pixels that hang together change, or more; specks are opened away first."""
    import cv2

    opened = cv2.morphologyEx(changes.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    _, places, stats, _ = cv2.connectedComponentsWithStats(opened)
    large = stats[:, cv2.CC_STAT_AREA] >= least
    large[0] = False  # what does not move
    return np.asarray(large[places], np.uint8)


def without(moves: NDArray[np.uint8], grown: int) -> Plane:
    """1 where nothing moves within half of so many pixels."""
    import cv2

    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (grown, grown))
    return np.asarray(1 - cv2.dilate(moves, around), np.float32)


def _smooth(sight: Sight) -> Picture:
    """``(row, column, 3)``: luma in codes, and by how much red and blue differ from it: a coat
    before a wall that is as light moves too."""
    import cv2

    luma = sight.small_luma(WIDTH)
    if sight.codes is None:
        shown = coded(sight.small_light(WIDTH))
    else:
        shown = fitted(sight.codes[..., :3], WIDTH) * np.float32(255)
    colours = [np.maximum(shown[..., channel], FAINT) - luma for channel in (0, -1)]
    smooth = cv2.GaussianBlur(np.dstack([luma, *colours]), (0, 0), 1.5)
    return np.asarray(smooth, np.float32)
