"""Leader with burnt-in numbers, colour bars and a grey ramp: proves range, handles and colour.

Needs no model and no footage. Everything on it is declared: ``patches`` says where each patch is
and which scene-linear value it has, so that a test, or a person with a colour picker, can tell
whether the line kept every frame, every handle and every value.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.film import Region, Work
from secondunit_bridge.timing import FrameRange, Handles, rate_name, to_timecode

from ..hookspecs import (
    Developed,
    Elements,
    Generator,
    GeneratorAbout,
    Plan,
    Progress,
    Watch,
    hookimpl,
)
from ..media.footage import Picture

GREY = 0.18  # scene-linear mid grey: an 18 % card
BAR = 0.5  # scene-linear; about 75 % of full signal at gamma 2.4, as broadcast bars are
STOPS = range(-6, 5)  # the ramp: mid grey times two to each of these, .0028 to 2.88
_BARS = ("white 111", "yellow 110", "cyan 011", "green 010", "magenta 101", "red 100", "blue 001")
_GROUND = {  # scene-linear ground by part of the delivery: handles can be told at a glance
    "head": (0.012, 0.030, 0.075),
    "cut": (0.022, 0.022, 0.022),
    "tail": (0.075, 0.028, 0.010),
}
_INK, _DIM = (0.75, 0.75, 0.75), (0.26, 0.26, 0.26)


@dataclass(frozen=True)
class Patch:
    """A part of the slate that has one declared colour: RGB, scene-linear working space."""

    name: str
    region: Region
    colour: tuple[float, float, float]


def patches() -> tuple[Patch, ...]:
    """Every patch of the slate: seven bars above eleven greys, one stop apart."""
    bars = []
    for index, text in enumerate(_BARS):
        name, _, bits = text.partition(" ")
        r, g, b = (BAR * int(bit) for bit in bits)
        bars.append(Patch(name, (index / 7, 0.0, 1 / 7, 0.22), (r, g, b)))
    greys = []
    for index, stop in enumerate(STOPS):
        value = GREY * 2.0**stop
        region = (index / len(STOPS), 0.22, 1 / len(STOPS), 0.13)
        greys.append(Patch(f"grey {stop:+d}", region, (value, value, value)))
    return (*bars, *greys)


class Slate:
    """Leader: proves the path from host to host without a model."""

    about = GeneratorAbout(
        name="slate",
        version="1",
        sentence="Leader with frame numbers, timecode, colour bars and a grey ramp.",
        works=tuple(Work),
        placeholder=True,
    )

    def plan(self, plan: Plan, elements: Elements | None) -> Plan:
        """Never refuses."""
        return replace(plan, memory_bytes=plan.width * plan.height * 3 * 4 * 2)

    def run(
        self, plan: Plan, elements: Elements, seed: int, watch: Watch
    ) -> Iterator[Progress | Developed]:
        """Each frame: its number, its timecode in the cut, where it lies, a bar once a second.

        RGB, 0..2.88. The seed is written on it and shifts the bar.
        """
        grounds = {part: _ground(plan, colour) for part, colour in _GROUND.items()}
        for index, number in enumerate(plan.frames):
            watch.check()
            part, words = _part(plan, index)
            picture = grounds[part].copy()
            _write_frame(picture, plan, index, words, seed)
            _move_bar(picture, plan.frames, index, seed)
            yield Developed(number, picture)
            yield Progress((index + 1) / len(plan.frames), f"frame {number}")


def _part(plan: Plan, index: int) -> tuple[str, str]:
    handles, cut = plan.turnover.shot.handles, len(plan.turnover.shot.cut)
    if index < handles.head:
        return "head", f"HEAD HANDLE {index - handles.head}"
    if index < handles.head + cut:
        return "cut", f"CUT {index - handles.head + 1} of {cut}"
    return "tail", f"TAIL HANDLE +{index - handles.head - cut + 1}"


def _ground(plan: Plan, colour: tuple[float, float, float]) -> Picture:
    """What does not move: ground, patches, the strip that shows handles and cut."""
    picture = np.empty((plan.height, plan.width, 3), np.float32)
    picture[:] = colour
    for patch in patches():
        _part_of(picture, patch.region)[:] = patch.colour
    handles = plan.turnover.shot.handles
    for left, width, tint in _strip(handles, len(plan.frames)):
        _part_of(picture, (left, 0.94, width, 0.06))[:] = tint
    return picture


def _strip(handles: Handles, count: int) -> list[tuple[float, float, tuple[float, ...]]]:
    spans = (("head", handles.head), ("cut", count - handles.head - handles.tail),
             ("tail", handles.tail))  # fmt: skip
    strip, left = [], 0
    for part, frames in spans:
        tint = tuple(3 * value for value in _GROUND[part])
        strip.append((left / count, frames / count, tint))
        left += frames
    return strip


def _write_frame(picture: Picture, plan: Plan, index: int, words: str, seed: int) -> None:
    shot, height = plan.turnover.shot, plan.height
    left, number = 0.035 * plan.width, plan.frames.first + index
    record = shot.cut.first - shot.handles.head + index
    rate = shot.cut.rate
    _write(picture, shot.name, left, 0.47 * height, 0.062 * height, _INK, 600)
    _write(picture, str(number), left, 0.76 * height, 0.25 * height, _INK, 800)
    _write(picture, words, left, 0.87 * height, 0.062 * height, _INK, 600)
    right = [
        (to_timecode(record, rate, drop=shot.drop), _INK),
        (f"{rate_name(rate)} fps   {plan.width} x {plan.height}", _DIM),
        (f"seed {seed}", _DIM),
        (plan.turnover.shot.project, _DIM),
    ]
    for line, (text, ink) in enumerate(right):
        down = (0.47 + 0.085 * line) * height
        _write(picture, text, 0.60 * plan.width, down, 0.05 * height, ink, 500)


def _move_bar(picture: Picture, frames: FrameRange, index: int, seed: int) -> None:
    """A white bar along the strip: where this frame is. A dot above it goes round each second."""
    at = (index + 0.5) / len(frames)
    _part_of(picture, (at - 0.004, 0.94, 0.008, 0.06))[:] = _INK
    turn = ((index + 7 * seed) / float(frames.rate)) % 1.0
    _part_of(picture, (turn - 0.012, 0.905, 0.024, 0.022))[:] = _INK


def _part_of(picture: Picture, region: Region) -> Picture:
    """The pixels of a region; at least one, as far as the picture goes."""
    rows, columns = picture.shape[:2]
    x, y, w, h = region
    top, left = min(rows - 1, max(0, round(y * rows))), min(columns - 1, max(0, round(x * columns)))
    bottom, right = max(top + 1, round((y + h) * rows)), max(left + 1, round((x + w) * columns))
    return picture[top:bottom, left:right]


def _write(
    picture: Picture, text: str, left: float, baseline: float, height_px: float,
    colour: Sequence[float], weight: int,
) -> None:  # fmt: skip
    """Draws text over a picture. ``height_px`` is the size of the face; what is outside is cut."""
    mask = _letters(text, max(4, round(height_px)), weight)
    top, start = round(baseline - 0.8 * mask.shape[0]), round(left)
    rows, columns = picture.shape[:2]
    cut = mask[max(0, -top) : max(0, rows - top), max(0, -start) : max(0, columns - start)]
    if not cut.size:
        return
    top, start = max(0, top), max(0, start)
    under = picture[top : top + cut.shape[0], start : start + cut.shape[1]]
    under += (np.asarray(colour, np.float32) - under) * cut[..., None]


def _letters(text: str, size: int, weight: int) -> NDArray[np.float32]:
    """Coverage 0..1 of a line of text, ``(row, column)``; the baseline is at 80 % of the rows."""
    import cv2

    face = cv2.FontFace("sans")
    canvas = np.zeros((round(1.5 * size), max(1, size * (len(text) + 1))), np.uint8)
    base = round(0.8 * canvas.shape[0])
    end, _ = cv2.putText(canvas, text, (0, base), (255,), face, size, weight)
    return canvas[:, : max(1, min(end[0] + 2, canvas.shape[1]))].astype(np.float32) / 255.0


@hookimpl
def secondunit_generators() -> Sequence[Generator]:
    """Adds ``slate``."""
    return [Slate()]
