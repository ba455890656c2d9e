"""The edge between what is photographed and what is put in: pure colours, light wrap, reach.

Arrays are ``(row, column, channel)`` or ``(row, column)`` float32, origin top left, colours in
scene-linear light. ``soft`` is the matte: 1.0 where the picture is replaced, 0.0 where the
foreground stays, between at the edge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..contract.levels import luminance
from ..media.footage import Picture

Map: TypeAlias = NDArray[np.float32]

PURE = 0.02  # of a matte: less of the other side than this is none
HARD = 0.7  # sigma in pixels that a hard matte is softened by: the blur of a sharp lens and sensor
_FEW = 0.35  # soft pixels for each pixel of outline below which a matte is hard
_SPREAD = 2.0  # deviations that a pixel at the middle of an edge may be from the foreground near it
_KNEE = 0.5  # scene-linear; light above it counts with its logarithm when colours are averaged
_STRAIGHT = 1e9  # a knee that presses nothing: what stood behind was mixed as light
_BESIDE = 15  # pixels of the square of pure foreground whose darkest and brightest are the bounds


def is_hard(matte: Map) -> tuple[int, int]:
    """How many pixels of a matte are soft, and how many lie along its outline; sum over frames."""
    inside = matte > 0.5
    soft = int(np.count_nonzero((matte > PURE) & (matte < 1 - PURE)))
    outline = int(np.count_nonzero(inside[1:] != inside[:-1]))
    outline += int(np.count_nonzero(inside[:, 1:] != inside[:, :-1]))
    return soft, outline


def hard(soft: int, outline: int) -> bool:
    """A matte with these counts has no soft edge of its own."""
    return outline > 0 and soft < _FEW * outline


def softened(matte: Map, sigma: float, zone: float) -> Map:
    """The matte blurred by ``sigma`` pixels, 0.0 again ``zone`` pixels outside of it."""
    if sigma <= 0:
        return matte
    import cv2

    blurred = np.asarray(cv2.GaussianBlur(matte, (0, 0), sigma), np.float32)
    blurred[blurred < 1e-3] = 0.0
    blurred *= _within(_distance(matte > 0), zone)
    return blurred


def reach(support: NDArray[np.bool_], zone: float) -> Map:
    """1.0 on the support, falling smoothly to 0.0 ``zone`` pixels outside of it."""
    return _within(_distance(support), zone)


def _distance(support: NDArray[np.bool_]) -> Map:
    """Pixels from each pixel to the nearest one of the support."""
    import cv2

    if not support.any():
        return np.full(support.shape, 1e6, np.float32)
    outside = (~support).astype(np.uint8)
    return np.asarray(
        cv2.distanceTransform(outside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float32
    )


def _within(distance: Map, zone: float) -> Map:
    """1 at distance 0, 0 from one pixel before the end of the zone on."""
    share = np.clip(1.0 - distance / max(zone - 1.0, 1e-3), 0.0, 1.0)
    return np.asarray(share * share * (3.0 - 2.0 * share), np.float32)


@dataclass(frozen=True)
class Foreground:
    """What stands before the matte, without what it was photographed against.

    ``colour`` is exact where the matte is 0; ``near`` is the smooth colour of pure foreground.
    """

    colour: Picture
    near: Picture


def foreground(plate: Picture, soft: Map) -> Foreground:
    """The pure foreground of a plate, everywhere that the matte is below 1.

    ``plate`` is RGB, or RGBA with associated alpha. A mixed pixel is ``plate = colour * (1 - soft)
    + behind * soft``. What stood behind is known from the pixels that are all matte; solved for
    ``colour`` the foreground's own texture stays. Where that leaves the colours found in the pure
    foreground beside it (the matte is not exact, or almost nothing of the foreground is in the
    pixel) it is drawn back to them, and never goes beyond the darkest and brightest of them, nor
    below 0 where the plate is not.
    """
    pure = _away(soft <= PURE)
    behind = _away(soft >= 1 - PURE)
    near, spread = _near(plate, pure, _KNEE)
    if not pure.any():
        return Foreground(plate, near)
    edge = (soft > 0) & (soft < 1 - PURE)
    colour = plate.copy()
    if edge.any():
        back = _near(plate, behind, _STRAIGHT)[0] if behind.any() else near
        part, seen = soft[edge][:, None], plate[edge]
        solved = (seen - part * back[edge]) / np.maximum(1.0 - part, PURE)
        mean, deviation = _pressed(near[edge], _KNEE), spread[edge]
        limit = _SPREAD * deviation * (0.5 / np.maximum(part, 1e-4))
        away = _pressed(solved, _KNEE) - mean
        off = np.clip(away, -limit, limit) * (1.0 - part)
        found = _lifted(mean + off + (away - off) * _trust(part), _KNEE)
        colour[edge] = _held(found, seen, _beside(plate, pure, edge), _trust(part))
    full = soft >= 1 - PURE
    colour[full] = near[full]
    np.maximum(colour, np.minimum(plate, 0.0), out=colour)
    return Foreground(colour, near)


def _held(found: Picture, seen: Picture, beside: tuple[Picture, Picture], trust: Map) -> Picture:
    """Within the darkest and brightest beside it; where the pixel is trusted, within itself too."""
    low, high = beside
    low = low + (np.minimum(low, seen) - low) * trust
    high = high + (np.maximum(high, seen) - high) * trust
    return np.asarray(np.clip(found, low, high), np.float32)


def _beside(
    plate: Picture, pure: NDArray[np.bool_], edge: NDArray[np.bool_]
) -> tuple[Picture, Picture]:
    """The darkest and the brightest of the pure foreground round the pure pixel nearest to each
    pixel of the edge, ``(pixel, channel)``."""
    import cv2

    _, labels = cv2.distanceTransformWithLabels(
        (~pure).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    places = np.zeros(int(labels.max()) + 1, np.int64)
    places[labels[pure]] = np.flatnonzero(pure)
    nearest = places[labels[edge]]
    square = np.ones((_BESIDE, _BESIDE), np.uint8)
    bounds = []
    for grow, none in ((cv2.erode, np.float32(np.inf)), (cv2.dilate, np.float32(-np.inf))):
        known = np.where(pure[..., None], plate, none)
        reached = np.asarray(grow(known, square), np.float32)
        bounds.append(reached.reshape(-1, plate.shape[2])[nearest])
    return bounds[0], bounds[1]


def _trust(part: Map) -> Map:
    """How far a pixel is taken as it is: wholly where almost all of it is foreground."""
    return np.asarray(np.clip(1.0 - part / 0.1, 0.0, 1.0), np.float32)


def _away(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The mask without the pixels at its border: a lens and a codec mix those as well."""
    import cv2

    kept = cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return np.asarray(kept if kept.any() else mask, np.bool_)


def _pressed(light: Any, knee: float) -> Any:
    """Light with its highlights pressed together: in proportion below the knee, a log above."""
    return np.copysign(knee * np.log1p(np.abs(light) / knee), light)


def _lifted(pressed: Any, knee: float) -> Any:
    """The light that ``_pressed`` was made of."""
    return np.copysign(knee * np.expm1(np.abs(pressed) / knee), pressed)


def _near(picture: Picture, known: NDArray[np.bool_], knee: float) -> tuple[Picture, Picture]:
    """Mean of the known pixels near each pixel, and their deviation, pressed: from its own
    surroundings where there are any, else from as far as it takes. At half size, where smooth
    colours live. A lamp says little of what is beside it, so light beyond the knee is pressed."""
    import cv2

    rows, columns = known.shape
    half = (max(1, columns // 2), max(1, rows // 2))
    weight = known.astype(np.float32)
    lit = cv2.resize(picture * weight[..., None], half, interpolation=cv2.INTER_AREA)
    share = cv2.resize(weight, half, interpolation=cv2.INTER_AREA)
    value = _pressed(lit / np.maximum(share, 1e-6)[..., None], knee)
    pressed = value * share[..., None]
    mean = _pulled(pressed, share)
    square = _pulled(pressed * value, share)
    spread = np.sqrt(np.maximum(square - mean * mean, 0.0))
    spread = np.maximum(spread, 0.04 * np.abs(mean))
    both = [cv2.resize(of, (columns, rows), interpolation=cv2.INTER_LINEAR)
            for of in (mean, spread)]  # fmt: skip
    return np.asarray(_lifted(both[0], knee), np.float32), np.asarray(both[1], np.float32)


def _pulled(sums: Any, weight: Any) -> Any:
    """Weighted sums to means: coarser and coarser until every pixel has a neighbour, and back."""
    import cv2

    sums, weight = cv2.GaussianBlur(sums, (0, 0), 1.0), cv2.GaussianBlur(weight, (0, 0), 1.0)
    if min(weight.shape) <= 2 or float(weight.min()) > 0.9:
        return sums / np.maximum(weight, 1e-6)[..., None]
    columns, rows = weight.shape[1], weight.shape[0]
    half = (max(1, columns // 2), max(1, rows // 2))
    coarse = _pulled(
        cv2.resize(sums, half, interpolation=cv2.INTER_AREA),
        cv2.resize(weight, half, interpolation=cv2.INTER_AREA),
    )
    rest = cv2.resize(coarse, (columns, rows), interpolation=cv2.INTER_LINEAR)
    own = np.minimum(1.0, 8.0 * weight)[..., None]
    return sums / np.maximum(weight, 1e-6)[..., None] * own + rest * (1.0 - own)


def wrapped(before: Picture, put_in: Picture, soft: Map, amount: float, zone: float) -> Picture:
    """The light that the new background throws round the foreground's edges, to be added.

    ``before`` is the smooth foreground colour. Bounded by the foreground itself: light ``g`` on a
    foreground of luminance ``f`` adds ``amount * g * f / (f + g)``, never more than ``amount * f``,
    so that a dark edge stays dark instead of turning milky. Gone at ``zone`` pixels.
    """
    import cv2

    rows, columns = soft.shape
    small = (max(1, columns // 4), max(1, rows // 4))
    light = cv2.resize(put_in * soft[..., None], small, interpolation=cv2.INTER_AREA)
    light = cv2.GaussianBlur(light, (0, 0), max(0.6, zone / 10.0), borderType=cv2.BORDER_REPLICATE)
    light = cv2.resize(light, (columns, rows), interpolation=cv2.INTER_LINEAR)
    glow = np.asarray(np.maximum(light, 0.0), np.float32)
    own = np.maximum(luminance(before), 0.0)
    share = amount * own / np.maximum(own + luminance(glow), 1e-6)
    share = share * reach(soft > 0, zone) * (1.0 - soft)
    return np.asarray(glow * share[..., None], np.float32)
