"""Finds where two pictures of one set-up show the same thing, so that like is compared with like.

Exposure and white balance of differently framed pictures differ by stops for good reasons; on
matched pixels they agree within hundredths. So pictures are first laid over each other, in log
luminance, where a change of exposure is a constant and correlation does not see it. Two ways: the
tighter picture is searched for in the wider one at many sizes, which finds every punch-in and every
locked-off set-up; and SIFT with MAGSAC finds the rest. Both are believed only when the laid-over
pictures correlate.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..media.footage import Picture
from .levels import DARKEST, Level, luminance, proxy, stops

WIDTH = 320  # columns of the pictures compared; detail below that is grain and codec
# Correlation of laid-over pictures that are believed to show the same thing: 126 pairs of
# different shots of real footage reached at most .72, like framings a second apart .81 and more.
AGREES = 0.80
HALF_AGREES = 0.70  # enough when in addition most matched pixels say the same:
_SAME = 0.30  # stops around the median within which a pixel is called matched
_MOST = 0.42  # share of matched pixels; different shots with HALF_AGREES reached .13
_SEARCHED = 160  # columns for the search by size
_SIZES = tuple(2 ** (-step / 8) for step in range(0, 15))  # 1 down to .30 of the wider picture
_SURE = 0.93  # no better placement is looked for
_RATIO = 0.75  # Lowe's ratio test
_PIXELS = 2.0  # MAGSAC's threshold
_INLIERS = 12
_SHARE = 0.12  # of the picture that must be covered by the other

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Pairing:
    """Matched pixels of two pictures: ``ours`` and ``theirs`` are ``(pixel, 3)`` scene-linear."""

    ours: NDArray[np.float32]
    theirs: NDArray[np.float32]
    agreement: float  # correlation of log luminance, -1..1
    share: float  # of the pixels laid over each other that are matched

    @property
    def believed(self) -> bool:
        """The two pictures show the same thing."""
        most = self.agreement >= HALF_AGREES and self.share >= _MOST
        return self.agreement >= AGREES or most

    @property
    def difference(self) -> Level:
        """Ours over theirs in stops: medians over matched pixels."""
        exposure = float(np.median(_log(self.ours) - _log(self.theirs)))
        logs = np.log2(np.maximum(self.ours, DARKEST) / np.maximum(self.theirs, DARKEST))
        red, blue = np.median(logs[:, 0] - logs[:, 1]), np.median(logs[:, 2] - logs[:, 1])
        return Level(exposure, float(red), float(blue))


def pair(ours: Picture, theirs: Picture) -> Pairing | None:
    """Matched pixels of two pictures of one set-up, or None when they cannot be told to be one."""
    a, b = proxy(ours, WIDTH), proxy(theirs, WIDTH)
    if min(*a.shape[:2], *b.shape[:2]) < 16:
        return None
    best: Pairing | None = None
    for matrix in _placements(a, b):
        found = _laid_over(a, b, matrix)
        if found is not None and (best is None or found.agreement > best.agreement):
            best = found
        if best is not None and best.agreement > _SURE:
            break
    return best if best is not None and best.believed else None


def _log(colours: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.log2(np.maximum(luminance(colours), DARKEST))


def _placements(a: Picture, b: Picture) -> Iterator[Matrix]:
    """Guesses of the 3 x 3 matrix that takes pixels of ``b`` to pixels of ``a``, best first."""
    yield _scaling(a.shape[1] / b.shape[1], 0.0, 0.0)
    yield from _by_size(a, b)
    found = _by_features(a, b)
    if found is not None:
        yield found


def _scaling(scale: float, x: float, y: float) -> Matrix:
    """About pixel corners, as areas scale; pixel centres lie at halves."""
    half = 0.5 * scale - 0.5
    return np.array([[scale, 0, x + half], [0, scale, y + half], [0, 0, 1]], float)


def _by_size(a: Picture, b: Picture) -> Iterator[Matrix]:
    """One picture searched for in the other at many sizes; both ways round."""
    import cv2

    small = [np.ascontiguousarray(_flat(stops(proxy(p, _SEARCHED)))) for p in (a, b)]
    for inner, outer, swapped in ((0, 1, False), (1, 0, True)):
        best = (-1.0, 0.0, 0, 0)
        for size in _SIZES:
            shape = [max(8, round(size * small[outer].shape[1]))]
            shape.append(max(8, round(shape[0] * small[inner].shape[0] / small[inner].shape[1])))
            if shape[0] > small[outer].shape[1] or shape[1] > small[outer].shape[0]:
                continue
            template = cv2.resize(small[inner], tuple(shape), interpolation=cv2.INTER_AREA)
            score = cv2.matchTemplate(small[outer], template, cv2.TM_CCOEFF_NORMED)
            _, top, _, (x, y) = cv2.minMaxLoc(np.nan_to_num(score, posinf=0.0, neginf=0.0))
            best = max(best, (top, shape[0] / small[inner].shape[1], x, y))
        if best[0] < 0.5:
            continue
        pictures = (a, b)
        grow = pictures[outer].shape[1] / small[outer].shape[1]
        shrink = small[inner].shape[1] / pictures[inner].shape[1]
        into = _scaling(grow * best[1] * shrink, grow * best[2], grow * best[3])
        yield into if swapped else np.asarray(np.linalg.inv(into), np.float64)


def _by_features(a: Picture, b: Picture) -> Matrix | None:
    import cv2

    sift = cv2.SIFT.create(1500, contrastThreshold=0.02)
    (points, marks), (others, their_marks) = (
        sift.detectAndCompute(_grey(picture), None) for picture in (a, b)
    )
    if marks is None or their_marks is None or min(len(points), len(others)) < _INLIERS:
        return None
    pairs = cv2.BFMatcher().knnMatch(their_marks, marks, k=2)
    good = [m[0] for m in pairs if len(m) == 2 and m[0].distance < _RATIO * m[1].distance]
    if len(good) < _INLIERS:
        return None
    theirs = np.array([others[m.queryIdx].pt for m in good], np.float32)
    ours = np.array([points[m.trainIdx].pt for m in good], np.float32)
    matrix, kept = cv2.findHomography(theirs, ours, cv2.USAC_MAGSAC, _PIXELS, maxIters=2000)
    if matrix is None or np.count_nonzero(kept) < _INLIERS:
        return None
    return np.asarray(matrix, float)


def _grey(picture: Picture) -> NDArray[np.uint8]:
    """Log luminance stretched to 8 bits between its own percentiles: blind to exposure."""
    import cv2

    logs = stops(picture)
    low, high = np.percentile(logs, (1, 99))
    stretched = np.clip((logs - low) / max(high - low, 1e-3), 0, 1) * 255
    grey: NDArray[np.uint8] = cv2.createCLAHE(2.0, (8, 8)).apply(stretched.astype(np.uint8))
    return grey


def _flat(logs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Without the darkest darks, whose logarithms would outweigh the picture."""
    return np.maximum(logs, np.float32(np.median(logs) - 6.0))


def _laid_over(a: Picture, b: Picture, matrix: Matrix) -> Pairing | None:
    """The two pictures' pixels where the matrix says they show the same, and how well they do."""
    import cv2

    rows, columns = a.shape[:2]
    scale = np.sqrt(abs(np.linalg.det(matrix[:2, :2])))
    if not 0.2 <= scale <= 5.0:
        return None
    if scale < 0.9:  # b is seen smaller: take out the detail that a cannot have
        b = _soft(b, 1 / scale)
    over: Picture = np.asarray(
        cv2.warpPerspective(b, matrix, (columns, rows), flags=cv2.INTER_LINEAR), np.float32
    )
    inside = cv2.warpPerspective(np.ones(b.shape[:2], np.uint8), matrix, (columns, rows)) > 0
    if scale > 1.1:
        a = _soft(a, scale)
    ours, theirs = luminance(a), luminance(over)
    inside &= (ours > DARKEST) & (theirs > DARKEST)
    if np.count_nonzero(inside) < _SHARE * inside.size:
        return None
    agreement = _correlation(_flat(np.log2(ours[inside])), _flat(np.log2(theirs[inside])))
    difference = np.log2(ours[inside] / theirs[inside])
    matched = np.abs(difference - np.median(difference)) < _SAME
    share = float(matched.mean())
    return Pairing(a[inside][matched], over[inside][matched], agreement, share)


def _soft(picture: Picture, scale: float) -> Picture:
    """Without the detail that is lost when it is seen this many times smaller."""
    import cv2

    sigma = 0.5 * np.sqrt(scale**2 - 1)  # half a pixel of the smaller picture, less its own
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.float32)


def _correlation(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Pearson's, in -1..1; 0 for pictures without contrast."""
    a, b = a - a.mean(), b - b.mean()
    power = float(np.sqrt((a * a).mean() * (b * b).mean()))
    return float((a * b).mean()) / power if power > 0.05**2 else 0.0
