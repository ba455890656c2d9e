"""Do two pictures show the same set-up? Only then may they be laid over each other and compared.

A later take of one set-up shares dozens of points with the first, all over the picture; another
angle on the same room shares none, or a handful in one corner. Nothing lies between. (A key light
that was moved to the other side breaks this: such a pair must be declared to be one set-up.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .sight import Plane, Sight

# Columns at which points are looked for. Fewer where more do not do: strong compression leaves
# detail of its own in the finest, which is in no other frame.
WIDTHS = (960, 480, 384)
ENOUGH = 0.5  # cover with which no fewer columns are tried
POINTS = 25  # shared points from which it is one set-up
COVER = 0.30  # share of 6 x 4 cells of the picture that have one of them
SCALE = (0.8, 1.25)  # a picture seen larger or smaller than this is another set-up
_MOST = 3000  # points of a picture
_FEW, _SKETCHED = 500, 480  # points of a sketch, and the columns they are found in
_LEAST = 12
_RATIO = 0.75  # Lowe's ratio test
_PIXELS = 2.0  # MAGSAC's threshold
_CELLS = (6, 4)

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class SetupMatch:
    """How one picture lies over another.

    ``matrix`` is the 3 x 3 homography that takes their picture to ours, both in widths of the
    picture from its top left corner. ``points`` agree on it, ``cover`` (0..1) is how much of our
    picture they are spread over, ``scale`` how much larger ours shows what theirs does.
    """

    points: int
    cover: float
    scale: float
    matrix: Matrix
    height: float  # of our picture, in its widths

    @property
    def same(self) -> bool:
        """It is one set-up: pixels may be compared."""
        return self.points >= POINTS and self.cover >= COVER and SCALE[0] < self.scale < SCALE[1]

    @property
    def shift(self) -> float:
        """How far the middle of the picture has moved, in widths of the picture."""
        middle = np.array([0.5, self.height / 2, 1.0])
        x, y, w = self.matrix @ middle
        return float(np.hypot(x / w - 0.5, y / w - self.height / 2))

    def pixels(self, ours: int, theirs: int) -> Matrix:
        """The same for pixels (centres at whole numbers) of pictures these many columns wide."""
        half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]], float)
        back = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1]], float)
        into, out = np.diag([1 / theirs, 1 / theirs, 1.0]), np.diag([float(ours), float(ours), 1.0])
        return np.asarray(back @ out @ self.matrix @ into @ half, np.float64)

    def laid(self, theirs: NDArray[np.float32], like: NDArray[Any]) -> NDArray[np.float32]:
        """Their picture as it lies over ours, in the size of ``like``; NaN beside its edges."""
        import cv2

        rows, columns = like.shape[:2]
        matrix = self.pixels(columns, theirs.shape[1])
        over = cv2.warpPerspective(
            theirs, matrix, (columns, rows), flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT, borderValue=(float("nan"),) * 4,
        )  # fmt: skip
        return np.asarray(over, np.float32)


@dataclass(frozen=True)
class Sketch:
    """A few hundred points of a picture, to find again cheaply where it was seen before.

    ``places`` ``(n, 2)`` float32, in widths of the picture; ``marks`` ``(n, 128)`` uint8, SIFT's
    descriptors; ``high`` is the picture's height in its widths.
    """

    places: Plane
    marks: NDArray[np.uint8]
    high: float

    @classmethod
    def of(cls, sight: Sight) -> Sketch:
        """The points of one frame."""
        luma = sight.small_luma(_SKETCHED)
        places, marks = _found(luma, _FEW)
        return cls(places, marks.astype(np.uint8), luma.shape[0] / luma.shape[1])

    @classmethod
    def empty(cls) -> Sketch:
        """Of a picture that cannot be seen: like nothing."""
        return cls(np.zeros((0, 2), np.float32), np.zeros((0, 128), np.uint8), 1.0)

    def like(self, other: Sketch) -> bool:
        """Both may be of one set-up. ``setup_match`` knows."""
        return self.under(other) is not None

    def under(self, other: Sketch) -> SetupMatch | None:
        """How the other picture lies over ours, roughly; None where they are not alike."""
        both = [(one.places, one.marks.astype(np.float32)) for one in (self, other)]
        found = _matched(both[0], both[1], (round(self.high * _SKETCHED), _SKETCHED))
        alike = found is not None and found.points >= _LEAST and SCALE[0] < found.scale < SCALE[1]
        return found if alike else None


def setup_match(ours: Sight, theirs: Sight) -> SetupMatch | None:
    """How their picture lies over ours; None when they share nothing."""
    best: SetupMatch | None = None
    for width in WIDTHS:
        size = ours.small_luma(width).shape[:2]
        found = _matched(_points(ours, width), _points(theirs, width), (size[0], size[1]))
        if found and (best is None or found.points * found.cover > best.points * best.cover):
            best = found
        if best is not None and best.same and best.cover >= ENOUGH:
            break
    return best


def detail(sight: Sight) -> bool:
    """There is enough in the picture to recognise it by."""
    return any(len(_points(sight, width)[0]) >= _LEAST for width in WIDTHS)


_Points: TypeAlias = tuple[Plane, Plane]
"""Points ``(n, 2)`` in widths of the picture, and their descriptors ``(n, 128)``."""


def _matched(ours: _Points, theirs: _Points, size: tuple[int, int]) -> SetupMatch | None:
    import cv2

    if min(len(ours[0]), len(theirs[0])) < _LEAST:
        return None
    pairs = cv2.BFMatcher().knnMatch(theirs[1], ours[1], k=2)
    good = [m[0] for m in pairs if len(m) == 2 and m[0].distance < _RATIO * m[1].distance]
    if len(good) < _LEAST:
        return None
    others = theirs[0][[m.queryIdx for m in good]]
    points = ours[0][[m.trainIdx for m in good]]
    rows, columns = size
    matrix, kept = cv2.findHomography(
        others, points, cv2.USAC_MAGSAC, _PIXELS / columns, maxIters=5000, confidence=0.999
    )
    if matrix is None or not kept.any():
        return None
    held = points[kept.ravel() > 0]
    high = rows / columns
    cells = {(int(x * _CELLS[0]), int(y / high * _CELLS[1])) for x, y in held}
    scale = _scale(np.asarray(matrix, np.float64), others[kept.ravel() > 0].mean(0))
    cover = len(cells) / (_CELLS[0] * _CELLS[1])
    return SetupMatch(len(held), cover, scale, np.asarray(matrix, np.float64), high)


def _scale(matrix: Matrix, at: Plane) -> float:
    """How much larger a homography makes what lies at a place: the root of the area's.

    Points at several depths bend a homography, so that it says little of where no points are.
    """
    x, y = (float(side) for side in at)
    w = abs(float(matrix[2] @ (x, y, 1.0)))
    return float(np.sqrt(abs(np.linalg.det(matrix)) / max(w, 1e-6) ** 3))


def _points(sight: Sight, width: int) -> _Points:
    return sight.once(("points", width), lambda: _found(sight.small_luma(width)))


def _found(luma: Plane, most: int = _MOST) -> _Points:
    import cv2

    nothing = np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32)
    if min(luma.shape) < 16:
        return nothing
    codes = np.clip(luma, 0, 255).astype(np.uint8)
    grey = cv2.createCLAHE(2.0, (8, 8)).apply(codes)
    points, marks = cv2.SIFT.create(most, contrastThreshold=0.02).detectAndCompute(grey, None)
    if marks is None or not len(points):
        return nothing
    places = np.array([(*p.pt, p.size, p.angle) for p in points], np.float32)
    order = np.lexsort(places.T[::-1])  # threads find them in any order; MAGSAC draws by order
    where = (places[order, :2] + np.float32(0.5)) / np.float32(luma.shape[1])
    return np.asarray(where, np.float32), np.asarray(marks[order], np.float32)
