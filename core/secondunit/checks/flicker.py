"""Does the light pump? Global flicker and local boil, measured along the motion of the picture.

A difference of frames cannot tell flicker from a moving camera: a clean dolly reads worse than a
still picture that pumps by two per cent. So light is compared along the optical flow. What counts
is how the change of light changes (a second difference): a fade, an iris pull and a cloud are none.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.film import Finding, Outcome, Region

from ..hookspecs import AnyCheck, CheckAbout, Exam, Scope, Viewing, hookimpl
from ..media.sight import GAMMA, Sight
from .answers import finding, no_picture, not_checked
from .motion import WIDTH, Step, step

LEAST = 6  # frames; a second difference of fewer says nothing
LASTING = 12  # frames; what shimmers does so again and again, a lamp that moves does not
# Tiles across the picture over which light is averaged for boil. Finer shimmer is what grain and
# few samples a pixel make of every frame: over tiles of 8 pixels clean renders read 4 to 5.
ACROSS = 20
LEAST_TILE = 8  # pixels
PARTS = 0.15  # share of the tiles that must be followed
FOLLOWED = 0.1  # share of a tile that must be usable, 58 pixels of 24 x 24
SMOOTH = 65  # pixels of 480 columns over which motion is averaged for boil
STEEP = 0.05  # stops a pixel; an error of half a pixel then reads as 2 % of a stop
DARK, BRIGHT = 9.8, 19.0  # stops over one code: codes 16 and 240


class FlickerGlobal:
    """Per cent of a stop by which the whole picture pumps from frame to frame."""

    about = CheckAbout(
        name="flicker.global",
        version="1",
        sentence="The light of the whole picture does not pump, in per cent of a stop.",
        scope=Scope.shot,
        unit="% of a stop",
        look=0.8,
        stop=None,
        source="measured: clean film reads up to .65, 1 % of exposure 1.0 and more",
        department="Lighting/DI",
        bounds=(0.3, 10),
    )

    def watch(self, exam: Exam) -> Viewing:
        """Begin with a take."""
        return _Pump(self.about, exam)


class FlickerBoil:
    """Per cent of a stop by which parts of the picture shimmer against each other."""

    about = CheckAbout(
        name="flicker.boil",
        version="2",
        sentence="No part of the picture shimmers against the rest, in per cent of a stop.",
        scope=Scope.shot,
        unit="% of a stop",
        look=4.5,
        stop=None,
        source="measured: clean film reads up to .9, a crowded street in fields 3.5, renders of few"
        " samples 3.4; 2 % planted 5.6 and more, 5 % 12",
        department="VFX",
        bounds=(1, 20),
    )

    def watch(self, exam: Exam) -> Viewing:
        """Begin with a take."""
        return _Boil(self.about, exam)


class _Pump:
    def __init__(self, about: CheckAbout, exam: Exam) -> None:
        self._about, self._exam = about, exam
        self._gains: list[float] = []

    def see(self, sight: Sight) -> None:
        seen = step(sight)
        if seen is not None:
            self._gains.append(seen.gain)

    def told(self) -> Sequence[Finding]:
        about = self._about
        why = too_little(about, self._exam, LEAST)
        if why:
            return [why]
        value = 100 * spread(np.diff(self._gains))
        if value < (about.look or 0):
            says = f"The light is steady: {value:.1f} % of a stop from frame to frame."
            return [finding(about, Outcome.clear, says, value=value, limit=about.look)]
        says = f"The light of the whole picture pumps by {value:.1f} % of a stop."
        frames = ((self._exam.take.frames.first, self._exam.take.frames.last),)
        return [finding(about, Outcome.look, says, value=value, limit=about.look, frames=frames)]


class _Boil:
    def __init__(self, about: CheckAbout, exam: Exam) -> None:
        self._about, self._exam = about, exam
        self._tiles: list[NDArray[np.float32]] = []

    def see(self, sight: Sight) -> None:
        seen = step(sight)
        if seen is not None:
            self._tiles.append(_tiles(sight, seen))

    def told(self) -> Sequence[Finding]:
        about = self._about
        why = too_little(about, self._exam, LASTING)
        if why:
            return [why]
        value, region = _worst(self._tiles)
        if np.isnan(value):
            says = "Too little of the picture could be followed from frame to frame."
            return [not_checked(about, "motion could not be followed", says)]
        if value < (about.look or 0):
            says = f"Nothing shimmers: {value:.1f} % of a stop between neighbouring parts."
            return [finding(about, Outcome.clear, says, value=value, limit=about.look)]
        says = f"Parts of the picture shimmer by {value:.1f} % of a stop against the rest."
        frames = ((self._exam.take.frames.first, self._exam.take.frames.last),)
        return [
            finding(
                about, Outcome.look, says, value=value, limit=about.look, frames=frames,
                region=region,
            )
        ]  # fmt: skip


def too_little(about: CheckAbout, exam: Exam, least: int) -> Finding | None:
    """A finding that says why motion in this take says nothing, or None."""
    if len(exam.take.frames) < least:
        return not_checked(about, "too short", f"Fewer than {least} frames say nothing of it.")
    return no_picture(about, exam)


def spread(values: NDArray[np.float64]) -> float:
    """The size of what comes back again and again: root mean square without the largest tenth.

    The largest tenth is what happens once or twice: a lamp is switched on, a car passes. Made up
    for as if the values were normally distributed.
    """
    sizes = np.sort(np.abs(values))[: max(3, int(np.ceil(0.9 * len(values))))]
    return float(np.sqrt((sizes**2).mean()) / 0.79 / np.sqrt(6))


def _tiles(sight: Sight, seen: Step) -> NDArray[np.float32]:
    """Mean log light change of each tile against the whole picture; NaN where it says nothing.

    Shimmer makes dense flow fail just where it is, so motion is taken from around: the flow,
    smoothed over several tiles. Edges are left out, where a motion that is off by a part of a pixel
    reads like a change of light.
    """
    import cv2

    before = sight.before
    assert before is not None
    old, new = (_logs(one) for one in (before, sight))
    flow = cv2.blur(seen.flow, (SMOOTH, SMOOTH))
    rows, columns = new.shape
    x, y = np.meshgrid(np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32))
    x, y = x + flow[..., 0], y + flow[..., 1]
    change = new - cv2.remap(old, x, y, cv2.INTER_LINEAR) - np.float32(seen.gain)
    steep = np.maximum(np.abs(cv2.Sobel(new, -1, 1, 0)), np.abs(cv2.Sobel(new, -1, 0, 1))) / 8
    usable = (x >= 0) & (y >= 0) & (x <= columns - 1) & (y <= rows - 1) & (steep < STEEP)
    usable &= (new > DARK) & (new < BRIGHT)
    tile = max(LEAST_TILE, columns // ACROSS)
    size = (max(1, columns // tile), max(1, rows // tile))
    share = cv2.resize(usable.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    mean = cv2.resize(np.where(usable, change, 0), size, interpolation=cv2.INTER_AREA)
    tiles = np.full(share.shape, np.nan, np.float32)
    enough = share >= FOLLOWED
    tiles[enough] = mean[enough] / share[enough]
    return tiles


def _logs(sight: Sight) -> NDArray[np.float32]:
    """log2 of light, grain smoothed away; stops."""
    import cv2

    smooth = cv2.GaussianBlur(sight.small_luma(WIDTH), (0, 0), 1.5)
    return np.asarray(GAMMA * np.log2(smooth + 1), np.float32)


def _worst(tiles: list[NDArray[np.float32]]) -> tuple[float, Region]:
    """How much the shimmering part shimmers, in per cent of a stop, and the box around it."""
    changes = np.abs(np.diff(np.stack(tiles), axis=0))
    seen = np.isfinite(changes).sum(0)
    known = seen >= max(3, 0.5 * len(changes))
    if np.count_nonzero(known) < PARTS * known.size:
        return float("nan"), (0.0, 0.0, 1.0, 1.0)
    each = np.full(known.shape, 0.0)
    each[known] = np.nanmedian(changes[:, known], axis=0) / 0.954  # of |a - 2b + c| to a spread
    value = float(np.percentile(each[known], 90))
    rows, columns = np.nonzero(each >= 0.7 * value)
    high, wide = known.shape
    top, left = rows.min() / high, columns.min() / wide
    box = (left, top, (columns.max() + 1) / wide - left, (rows.max() + 1) / high - top)
    x, y, w, h = (round(float(side), 4) for side in box)
    return 100 * value, (x, y, w, h)


@hookimpl
def secondunit_checks() -> Sequence[AnyCheck]:
    """Adds ``flicker.global`` and ``flicker.boil``."""
    return [FlickerGlobal(), FlickerBoil()]
