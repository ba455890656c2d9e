"""Are there flashes that can harm? Luminance and red flashes after ITU-R BT.1702 and WCAG 2.3.1.

A help to find them early. It is not a certified test and takes no broadcaster's place.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.film import Finding, Outcome

from ..hookspecs import AnyCheck, CheckAbout, Codes, Exam, Scope, Viewing, hookimpl
from ..media.sight import GAMMA, Sight
from .answers import finding, named, spans

WIDTH = 160  # columns; flashes are large
PEAK = 200.0  # cd/m2 of display white, ITU-R BT.1702-2 for standard range
STEP = 20.0  # cd/m2 that the light must change by, BT.1702
DARKER = 160.0  # cd/m2 that the darker picture must be below, BT.1702
AREA = 0.25  # of the picture, BT.1702
FEW = 3  # frames within which a quarter of the picture must have turned
FLASHES = 3  # a second that are permitted: a flash is a pair of opposing changes
MORE = FLASHES + 0.5  # one change more than three pairs within a second is more than three flashes
# Red flashes, WCAG 2.3.1: saturated red is R / (R + G + B) >= .8; the change is of (R - G - B) 320
RED, RED_STEP = 0.8, 20.0


class Flashes:
    """Flashes a second, at the worst."""

    about = CheckAbout(
        name="pse",
        version="2",
        sentence="No more than three flashes a second. This is not a certified Harding test.",
        scope=Scope.shot,
        unit="flashes a second",
        look=None,
        stop=MORE,
        source="ITU-R BT.1702-2 (20 cd/m2, darker below 160, a quarter of the area); WCAG 2.3.1",
        department="Delivery",
        codes=Codes(netflix="PSE Test Fail"),
    )

    def watch(self, exam: Exam) -> Viewing:
        """Begin with a take."""
        return _Flashes(self.about, exam)


class _Flashes:
    def __init__(self, about: CheckAbout, exam: Exam) -> None:
        self._about = about
        self._window = max(1, round(exam.take.frames.rate))
        self._kinds = {"": _Turns(self._window), "red ": _Turns(self._window)}

    def see(self, sight: Sight) -> None:
        share = np.clip(sight.small_luma(WIDTH) / 255, 0, 1)
        light = np.asarray(share**GAMMA * PEAK, np.float32)
        self._kinds[""].see(sight.number, light, light < DARKER, STEP)
        red, saturated = _red(sight.small_light(WIDTH))
        self._kinds["red "].see(sight.number, red, saturated, RED_STEP)

    def told(self) -> Sequence[Finding]:
        about, limit = self._about, MORE
        found = []
        for kind, turns in self._kinds.items():
            if turns.most < limit:
                continue
            runs = spans(turns.within)
            says = (
                f"{turns.most:g} {kind}flashes within a second, in {named(runs)}: more than "
                f"{FLASHES} can harm people. (Not a certified Harding test.)"
            )
            found.append(
                finding(about, Outcome.stop, says, value=turns.most, limit=limit, frames=runs)
            )
        if found:
            return found
        most = max(turns.most for turns in self._kinds.values())
        says = f"At most {most:g} flashes within a second. (Not a certified Harding test.)"
        return [finding(about, Outcome.clear, says, value=most, limit=limit)]


class _Turns:
    """Counts when a quarter of the picture turns from getting brighter to darker, and back.

    Each pixel remembers its last extreme. A change that takes several frames counts in the frame
    in which enough of the picture has made it.
    """

    def __init__(self, window: int) -> None:
        self._window = window
        self._extreme: NDArray[np.float32] | None = None
        self._way: NDArray[np.int8] = np.zeros((0, 0), np.int8)
        self._lately: dict[int, list[NDArray[np.bool_]]] = {1: [], -1: []}
        self._turns: list[tuple[int, int]] = []  # frame, 1 up or -1 down
        self.most, self.within = 0.0, set[int]()

    def see(
        self, number: int, level: NDArray[np.float32], counts: NDArray[np.bool_], step: float
    ) -> None:
        """The next frame: its level in units of ``step``, and where a change counts."""
        if self._extreme is None or self._extreme.shape != level.shape:
            self._extreme, self._way = level.copy(), np.zeros(level.shape, np.int8)
            self._could = counts.copy()
            return
        could = self._could | counts
        up = (level - self._extreme >= step) & could & (self._way <= 0)
        down = (self._extreme - level >= step) & could & (self._way >= 0)
        self._way[up], self._way[down] = 1, -1
        turned = up | down
        onward = np.where(self._way > 0, np.maximum(self._extreme, level), self._extreme)
        onward = np.where(self._way < 0, np.minimum(onward, level), onward)
        self._could = np.where(turned | (onward == level), counts, self._could | counts)
        self._extreme = np.where(turned, level, onward).astype(np.float32)
        self._count(number, up, down)

    def _count(self, number: int, up: NDArray[np.bool_], down: NDArray[np.bool_]) -> None:
        for way, turned in ((1, up), (-1, down)):
            lately = self._lately[way] = [*self._lately[way][1 - FEW :], turned]
            area = float(np.any(np.stack(lately), axis=0).mean())
            if area > AREA and (not self._turns or self._turns[-1][1] != way):
                self._turns.append((number, way))
                self._lately[way] = []
        self._turns = [one for one in self._turns if one[0] > number - self._window]
        flashes = len(self._turns) / 2
        self.most = max(self.most, flashes)
        if flashes > FLASHES:
            self.within |= set(range(self._turns[0][0], number + 1))


def _red(light: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """How red each pixel is, (R - G - B) 320 at least 0, and where it is saturated red."""
    red, green, blue = (light[..., n] for n in range(3))
    total = red + green + blue
    saturated = red >= RED * np.maximum(total, 1e-6)
    return np.maximum(red - green - blue, 0) * np.float32(320), saturated & (total > 1e-3)


@hookimpl
def secondunit_checks() -> Sequence[AnyCheck]:
    """Adds ``pse``."""
    return [Flashes()]
