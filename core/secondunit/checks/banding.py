"""Do smooth parts break into bands? After the idea of CAMBI (Tandon and others, PCS 2021).

Around a pixel of a band there is much of its own level and much of a level just above or below, and
nothing in between; on a smooth ramp there is a little of every level. Written from the paper, with
three differences: levels are quarters of a code, so that a smooth picture of light, which has no
codes, is not cut into bands by the check itself; steps of up to eight codes count when there is a
stair, a step up on one side and down on the other; and the scale is our own. Coarser steps are told
by how even they are, from the codes that the picture has at all.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..hookspecs import AnyCheck, CheckAbout, Codes, Exam, Scope, Viewing, hookimpl
from ..media.sight import Plane, Sight
from .sampled import Sampled

WIDTH = 480  # columns that are kept, by leaving pixels out: averaging would smooth bands away
WINDOW = 31  # pixels of these
LEVELS = 4  # to a code
EVERY = 24  # frames
SCALES = (1, 3)  # wide bands are seen from further away
ONE_CODE = 0.25  # how much a step of one code counts, which is at the edge of what is seen
_CODE = (3, 4, 5)  # a step of one code, in quarters, as rounding leaves it
_STAIRS = tuple((4 * code - 1, 4 * code, 4 * code + 1) for code in range(2, 9))
_FLAT = 0.6  # of the 7 x 7 pixels around that equal their right and lower neighbours
_POOLED = 0.1  # the share of the picture that is banded most counts
# Where the scale of CAMBI ends. Clean 8-bit film reads up to 11 here, 7 bits 16, 6 bits 20.
_SCALE = 24.0
_COVERED = 0.97  # of the picture: what a few levels hold of it, each with its neighbours
_LEVELS_OF_FEW = 40
_BY_CHANCE = 1e-3  # that so many levels are multiples of one step, to a code, and meant nothing


class Banding:
    """How clearly bands show, from 0 to 24."""

    about = CheckAbout(
        name="band",
        version="2",
        sentence="Skies and walls do not break into bands.",
        scope=Scope.shot,
        unit="of 24",
        look=12.0,
        stop=None,
        source="after CAMBI, PCS 2021, own scale; measured: clean film up to 11, 7 bits 16",
        department="Delivery",
        codes=Codes(netflix="Conversion Error - Banding"),
        bounds=(4, 22),
    )

    def watch(self, exam: Exam) -> Viewing:
        """Begin with a take."""
        return Sampled(
            self.about, exam, _read, EVERY, 3 * WINDOW,
            clear="Smooth parts are smooth: banding {value:.1f} of 24.",
            found="Smooth parts break into bands ({value:.1f} of 24), seen in {frames}.",
        )  # fmt: skip


def _read(sight: Sight) -> float:
    """Of codes of a display the green ones: a mixture of three channels' steps is no stair."""
    codes = sight.codes
    read = sight.luma if codes is None else codes[..., codes.shape[2] // 2] * 255
    return bands(np.asarray(read, np.float32))


def bands(luma: Plane) -> float:
    """The index of display codes ``(row, column)``, 0..255: 0 is smooth, 24 is bands all over."""
    step = max(1, round(luma.shape[1] / WIDTH))
    if _few_levels(luma[::step, ::step]):
        return _SCALE
    return max(_bands(luma[:: step * by, :: step * by]) for by in SCALES)


def _few_levels(luma: Plane) -> bool:
    """Nearly all of the picture is of a few codes, evenly far apart: 4 bits and fewer.

    There bands are so wide that none has a stair beside it. A picture that was photographed has
    codes next to each other; a drawing's few are not even.
    """
    left = np.bincount(np.clip(np.rint(luma), 0, 255).astype(np.int32).ravel(), minlength=256)
    enough, levels = _COVERED * left.sum(), list[int]()
    while enough > 0 and len(levels) < _LEVELS_OF_FEW:
        level = int(left.argmax())
        near = slice(max(0, level - 1), level + 2)
        enough -= left[near].sum()
        left[near] = 0
        levels.append(level)
    if enough > 0 or len(levels) < 2:
        return False
    first = min(levels)
    gap = int(np.diff(sorted(levels)).min())
    even = all(min((one - first) % gap, -(one - first) % gap) <= 1 for one in levels)
    return even and (3 / gap) ** (len(levels) - 1) < _BY_CHANCE


def _bands(luma: Plane) -> float:
    levels = np.rint(luma * LEVELS).astype(np.int32)
    flat = _flat(levels)
    if np.count_nonzero(flat) < 0.01 * flat.size:
        return 0.0
    shares = _shares(levels, flat)
    strength = np.zeros(levels.shape, np.float32)
    nothing = np.zeros(levels.shape, np.float32)
    for level, own in shares.items():
        here = (levels == level) & flat
        up, down = (_near(shares, level, way, _CODE, nothing)[here] for way in (1, -1))
        found = ONE_CODE * _both(own[here], np.maximum(up, down))
        for stair in _STAIRS:
            up, down = (_near(shares, level, way, stair, nothing)[here] for way in (1, -1))
            found = np.maximum(found, 2 * _both(own[here], np.minimum(up, down)))
        strength[here] = found
    most = np.sort(strength, axis=None)[-max(1, int(_POOLED * strength.size)) :]
    return min(24.0, _SCALE * 2 * float(most.mean()))


def _flat(levels: NDArray[np.int32]) -> NDArray[np.bool_]:
    import cv2

    equal = np.zeros(levels.shape, np.float32)
    equal[:-1, :-1] = (levels[:-1, :-1] == levels[1:, :-1]) & (levels[:-1, :-1] == levels[:-1, 1:])
    return np.asarray(cv2.blur(equal, (7, 7)) >= _FLAT)


def _shares(levels: NDArray[np.int32], flat: NDArray[np.bool_]) -> dict[int, NDArray[np.float32]]:
    """Of each level that fills some of the picture: its share of the window around each pixel."""
    import cv2

    found, counts = np.unique(levels[flat], return_counts=True)
    wanted = found[counts >= 0.002 * levels.size]
    return {
        int(level): np.asarray(
            cv2.blur(((levels == level) & flat).astype(np.float32), (WINDOW, WINDOW))
        )
        for level in wanted
    }


def _near(
    shares: dict[int, NDArray[np.float32]],
    level: int,
    way: int,
    steps: tuple[int, ...],
    nothing: NDArray[np.float32],
) -> NDArray[np.float32]:
    """The share of the window that is about so many quarters of a code above or below."""
    near = [shares[level + way * n] for n in steps if level + way * n in shares]
    return near[0] if len(near) == 1 else sum(near, nothing)


def _both(own: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """Large where there is much of both levels: half when they fill the window."""
    both = 2 * own * other / np.maximum(own + other, 1e-6)
    return np.asarray(np.minimum(both, 0.5), np.float32)


@hookimpl
def secondunit_checks() -> Sequence[AnyCheck]:
    """Adds ``band``."""
    return [Banding()]
