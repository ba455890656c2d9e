"""Finds how every frame of a shot lies over every other: one homography for each pair.

A camera that does not move is found first, exactly, from a few frames. Otherwise points of key
frames, outside the matte, are followed into the others, and found by SIFT features after a jump;
MAGSAC does the rest. A key frame is chosen anew when the view has moved on. Memory does not grow
with the length but for nine numbers a frame.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..contract.levels import BRIGHTEST
from ..hookspecs import Watch
from ..media.footage import Footage, Picture
from .following import Points, Tones, followed, points_of, tones
from .shifts import Shifts, grey, level_free, shifts

Seen = NDArray[np.bool_]
"""``(row, column)``, true where a picture may be looked at."""

Marks = NDArray[np.float32]
"""``(feature, 128)`` SIFT."""

Matrix = NDArray[np.float64]
"""3 x 3, takes ``(x, y, 1)`` of pixel centres of one picture to another's, up to a factor."""

HIDDEN = 0.02  # of a matte, above which a pixel is not background
_PROXY = 960  # columns that registration looks at; finer differences are measured where needed
_LOOKS = 10  # frames that tell whether the camera moves
STILL = 0.35  # pixels of the proxy below which a camera is locked; a tenth is measured
_BLOCKS = 12  # with texture, below which shifts say nothing
_ASTRAY = 1.5  # pixels; a block further off has moved, or is not the same thing
_MOST = 0.7  # share of blocks that must not
_CHANGED = 0.02  # of a textureless picture's tone, beyond which something moved in it
_ALIKE = 0.5  # correlation of fine detail below which two pictures do not show the same
_FEATURES = 1500
_RATIO = 0.75  # Lowe's ratio test
_PIXELS = 2.0  # MAGSAC's threshold, of the proxy
LEAST = 15  # matched features below which a frame is not laid over another
_AGAIN = 0.55  # share of the view that a key frame must still cover
_KEYS = 24  # key frames kept; a pan across more goes without the oldest
_MARGIN = 7  # pixels around the matte, of the proxy, where features see its edge


@dataclass(frozen=True)
class Motion:
    """How the frames of a shot lie over each other, by the footage's own frame numbers.

    ``poses`` takes each frame's pixels to one common picture. A frame that could not be laid over
    the others is not in it. ``static`` says that nothing moved: every warp is the identity.
    """

    poses: dict[int, Matrix]
    static: bool
    sure: dict[int, float]  # share of a frame's matches that agree on where it lies, 0..1

    def __contains__(self, number: object) -> bool:
        return number in self.poses

    def warp(self, from_frame: int, to_frame: int) -> Matrix:
        """Takes pixels of one frame to the same things in another. Raises KeyError: not laid."""
        if self.static:
            return np.eye(3)
        moved = np.linalg.inv(self.poses[to_frame]) @ self.poses[from_frame]
        return np.asarray(moved / moved[2, 2], np.float64)


@dataclass(frozen=True)
class _View:
    """A frame to be laid over others: small, grey, and where it may be looked at."""

    picture: Picture
    allowed: Seen

    @property
    def size(self) -> tuple[int, int]:
        """Columns, rows."""
        return self.picture.shape[1], self.picture.shape[0]

    @cached_property
    def tones(self) -> Tones:
        """What is followed from frame to frame."""
        return tones(self.picture)

    @cached_property
    def features(self) -> tuple[Points, Marks]:
        """What is found again after a jump."""
        return _features(self.picture, self.allowed)


@dataclass(frozen=True)
class _Key(_View):
    """A frame that others are laid over, and where it lies."""

    pose: Matrix

    @cached_property
    def points(self) -> Points:
        """What is followed into other frames."""
        return points_of(self.tones, self.allowed)


def register(
    footage: Footage, mattes: Footage | None, watch: Watch, method: str = "auto"
) -> Motion:
    """How the frames lie over each other, the matte left out of account.

    ``mattes`` has a frame for each of the footage's, in order, or one for all. ``method`` is
    ``auto``, ``static`` (taken at its word) or ``moving``. Raises Cancelled and what reading does.
    """
    numbers = list(footage.frames)
    if method == "static" or (method == "auto" and is_still(footage, mattes, watch)):
        return Motion({n: np.eye(3) for n in numbers}, True, dict.fromkeys(numbers, 1.0))
    return _followed(footage, mattes, watch)


def matte_of(mattes: Footage | None, footage: Footage, number: int) -> Picture | None:
    """The matte of a frame of the footage: the one for all, or the one at its place in order."""
    if mattes is None:
        return None
    count = len(mattes.frames)
    place = 0 if count == 1 else number - footage.frames.first
    if place >= count:
        return np.ones((footage.height, footage.width, 1), np.float32)  # nothing is known of it
    return mattes.frame(mattes.frames.first + place)


def _proxy(footage: Footage, mattes: Footage | None, number: int) -> tuple[Picture, Seen]:
    """A small grey picture of a frame and where it may be looked at."""
    matte = matte_of(mattes, footage, number)
    picture = footage.frame(number)
    clear = np.ones(picture.shape[:2], bool) if matte is None else matte[..., 0] <= HIDDEN
    return _small(picture, clear)


def _small(picture: Picture, clear: Seen) -> tuple[Picture, Seen]:
    import cv2

    rows, columns = picture.shape[:2]
    step = max(1.0, columns / _PROXY)
    size = (max(8, round(columns / step)), max(8, round(rows / step)))
    reduced = cv2.resize(picture[..., :3], size, interpolation=cv2.INTER_AREA)
    small = np.nan_to_num(np.asarray(reduced, np.float32), nan=0.0, posinf=BRIGHTEST, neginf=0.0)
    covered = np.where(clear, np.uint8(0), np.uint8(255))
    part = cv2.resize(covered, size, interpolation=cv2.INTER_AREA)
    hidden = (np.asarray(part) > 0).astype(np.uint8)
    wide = np.ones((2 * _MARGIN + 1,) * 2, np.uint8)
    return grey(small), np.asarray(cv2.dilate(hidden, wide) == 0)


def is_still(footage: Footage, mattes: Footage | None, watch: Watch) -> bool:
    """Whether nothing outside the matte moves between frames spread over the shot.

    Raises Cancelled and what reading does.
    """
    numbers = list(footage.frames)
    picks = np.unique(np.linspace(0, len(numbers) - 1, _LOOKS).round().astype(int))
    first: tuple[Picture, Seen] | None = None
    for pick in picks:
        watch.check()
        picture, seen = _proxy(footage, mattes, numbers[pick])
        view = (level_free(picture), seen)
        first = first or view
        if view is not first and not _still(first, view):
            return False
    return True


def lies_still(ours: Picture, theirs: Picture, our_clear: Seen, their_clear: Seen) -> bool:
    """Whether two pictures of one size show the same view, unmoved, where both are clear."""
    a, b = _small(ours, our_clear), _small(theirs, their_clear)
    first, second = ((level_free(picture), seen) for picture, seen in (a, b))
    both = a[1] & b[1]
    if np.count_nonzero(both) < 64:
        return False
    alike = float(np.corrcoef(first[0][both], second[0][both])[0, 1])
    return alike > _ALIKE and _still(first, second)


def _still(ours: tuple[Picture, Seen], theirs: tuple[Picture, Seen]) -> bool:
    both = ours[1] & theirs[1]
    found = shifts(ours[0], theirs[0], both)
    if len(found) < _BLOCKS:  # too little texture to measure: did anything change?
        return not (both.any() and np.abs(ours[0] - theirs[0])[both].mean() > _CHANGED)
    return _moved(found) <= STILL


def _moved(found: Shifts) -> float:
    """Pixels that the picture moved by, going by all blocks together.

    Single blocks err by tenths of a pixel under grain and codec; a camera moves them in concert.
    """
    if (np.hypot(*found.by.T) < _ASTRAY).mean() < _MOST:
        return float("inf")
    return float(np.percentile(np.hypot(*(found.affine(found.at) - found.at).T), 90))


def _followed(footage: Footage, mattes: Footage | None, watch: Watch) -> Motion:
    poses: dict[int, Matrix] = {}
    sure: dict[int, float] = {}
    keys: list[_Key] = []
    last = np.eye(3)
    for number in footage.frames:
        watch.check()
        view = _View(*_proxy(footage, mattes, number))
        scale = _to_proxy(footage, view.size)
        if not keys:
            keys.append(_Key(view.picture, view.allowed, np.eye(3)))
            poses[number], sure[number] = scale, 1.0
            continue
        found = _placed(view, _by_cover(keys, last, view.size), last)
        if found is None:
            continue
        last, sure[number], cover = found
        poses[number] = last @ scale
        if cover < _AGAIN:
            keys = [*keys[-_KEYS + 1 :], _Key(view.picture, view.allowed, last)]
    return Motion(poses, False, sure)


def _to_proxy(footage: Footage, size: tuple[int, int]) -> Matrix:
    """Pixel centres of the footage to pixel centres of its proxy."""
    x, y = size[0] / footage.width, size[1] / footage.height
    return np.array([[x, 0, x / 2 - 0.5], [0, y, y / 2 - 0.5], [0, 0, 1.0]])


def _features(picture: Picture, allowed: Seen) -> tuple[Points, Marks]:
    """SIFT features of the picture, grain taken out first, where they may be looked at."""
    import cv2

    eight = np.asarray(np.clip(picture, 0, 1) * 255, np.uint8)
    eight = np.asarray(cv2.bilateralFilter(cv2.medianBlur(eight, 3), 5, 25, 5), np.uint8)
    sift = cv2.SIFT.create(_FEATURES, contrastThreshold=0.015)
    points, marks = sift.detectAndCompute(eight, allowed.astype(np.uint8) * 255)
    if marks is None:
        return np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32)
    return np.array([p.pt for p in points], np.float32), np.asarray(marks, np.float32)


def _by_cover(keys: Iterable[_Key], pose: Matrix, size: tuple[int, int]) -> list[_Key]:
    """The key frames that cover most of a view at that pose, the best three, best first."""
    ranked = sorted(enumerate(keys), key=lambda k: (-_cover(k[1], pose, size), -k[0]))
    return [key for _, key in ranked[:3]]


def _cover(key: _Key, pose: Matrix, size: tuple[int, int]) -> float:
    """Share of a view that a key frame shows, counted on a grid of points."""
    x, y = np.meshgrid(np.linspace(0, size[0] - 1, 9), np.linspace(0, size[1] - 1, 9))
    points = np.stack([x.ravel(), y.ravel(), np.ones(x.size)])
    seen = np.linalg.inv(key.pose) @ pose @ points
    with np.errstate(divide="ignore", invalid="ignore"):
        u, v = seen[0] / seen[2], seen[1] / seen[2]
    inside = (u >= 0) & (v >= 0) & (u < key.size[0]) & (v < key.size[1]) & (seen[2] > 0)
    return float(inside.mean())


def _placed(view: _View, keys: list[_Key], last: Matrix) -> tuple[Matrix, float, float] | None:
    """Where a frame lies by the first key frame that it matches: pose, sureness, cover.

    ``last`` is where the frame before it lies. From there it is followed; after a jump, features
    are looked for.
    """
    best, guess = keys[0], np.asarray(np.linalg.inv(keys[0].pose) @ last, np.float64)
    found = followed(best.tones, best.points, view.tones, view.allowed, guess)
    if found is not None:
        pose = best.pose @ found[0]
        return pose, found[1], _cover(best, pose, best.size)
    for key in keys:
        found = homography(*view.features, *key.features)
        if found is not None:
            pose = key.pose @ found[0]
            return pose, found[1], _cover(key, pose, key.size)
    return None


def homography(
    points: NDArray[np.float32],
    marks: NDArray[np.float32],
    others: NDArray[np.float32],
    their_marks: NDArray[np.float32],
) -> tuple[Matrix, float] | None:
    """The matrix that takes ``points`` to ``others``, and the share of matches that agree.

    None when fewer than LEAST do, or when the picture would be turned inside out.
    """
    import cv2

    if min(len(points), len(others)) < LEAST:
        return None
    which, nearest = _matched(marks, their_marks)
    if len(which) < LEAST:
        return None
    ours, theirs = points[which], others[nearest]
    matrix, kept = cv2.findHomography(ours, theirs, cv2.USAC_MAGSAC, _PIXELS, maxIters=4000)
    if matrix is None or np.count_nonzero(kept) < LEAST:
        return None
    if not 0.1 < np.linalg.det(matrix[:2, :2]) < 10:
        return None
    return np.asarray(matrix, np.float64), float(np.mean(kept))


def _matched(
    marks: NDArray[np.float32], their_marks: NDArray[np.float32]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Which features have one clear match (Lowe), and which of the others' it is.

    One matrix product: exact, for SIFT's marks are whole numbers, and much faster than a search.
    """
    squares = (their_marks**2).sum(1)[None] - 2 * (marks @ their_marks.T)
    squares += (marks**2).sum(1)[:, None]
    nearest, every = squares.argmin(1), np.arange(len(squares))
    first = squares[every, nearest]
    squares[every, nearest] = np.inf
    clear = np.flatnonzero(first < _RATIO**2 * squares.min(1))
    return clear, nearest[clear]
