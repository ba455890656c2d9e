"""The slate before a review movie and the burn-in over its frames. Display-referred 8 bit RGB."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from .text import CAP_HEIGHT, Anchor, Colour8, draw, fitted, measure

Picture8: TypeAlias = NDArray[np.uint8]
"""``(row, column, RGB)`` uint8, display-referred, origin top left."""

_PAPER: Colour8 = (23, 24, 26)
_RULE: Colour8 = (66, 68, 72)
_INK: Colour8 = (238, 238, 236)
_QUIET: Colour8 = (146, 149, 154)
_ACCENT: Colour8 = (240, 180, 70)
_STATUS: dict[str, Colour8] = {
    "approved": (128, 216, 144),
    "final": (128, 216, 144),
    "blocked": (244, 132, 116),
    "recalled": (244, 132, 116),
    "rejected": (244, 132, 116),
}
# 75 % colour bars in the order of SMPTE EG 1: grey, yellow, cyan, green, magenta, red, blue
_BARS = [(191, 191, 191), (191, 191, 0), (0, 191, 191), (0, 191, 0), (191, 0, 191), (191, 0, 0),
         (0, 0, 191)]  # fmt: skip
_PLATE = 0.32  # what is left of the picture under a burn-in label: white reads 8:1 even on white


@dataclass(frozen=True)
class BurnIn:
    """Words over every frame; frame number and timecode are added by the writer."""

    shot: str
    version: str
    status: str = ""


@dataclass(frozen=True)
class SlateText:
    """Words of the slate. ``fields`` are (label, value) in reading order; about ten fit."""

    shot: str
    version: str
    project: str = ""
    status: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    note: str = ""


def burn(picture: Picture8, words: BurnIn, *, frame: str, timecode: str) -> None:
    """Draw the burn-in into a picture, in its corners, on plates that keep it legible anywhere."""
    height, width = picture.shape[:2]
    size = max(11, round(height * 0.026))
    margin = round(height * 0.035)
    top, bottom = margin + size, height - margin - round(size * (1 - CAP_HEIGHT))
    room = width - 2 * margin
    name = fitted(words.shot, round(room * 0.5), size, weight=600)
    taken = _label(picture, name, (margin, top), size, weight=600)
    if words.version:
        _label(picture, words.version, (margin + taken + size // 3, top), size)
    if words.status:
        text, colour = words.status.replace("_", " ").upper(), _status(words.status)
        _label(picture, text, (width - margin, top), size, "right", colour=colour, weight=600)
    if timecode:
        _label(picture, timecode, (margin, bottom), size)
    _label(picture, frame, (width - margin, bottom), size, "right", weight=600)


def _label(
    picture: Picture8,
    text: str,
    at: tuple[int, int],
    size: int,
    anchor: Anchor = "left",
    *,
    colour: Colour8 = (255, 255, 255),
    weight: int = 400,
) -> int:
    """Text on a darkened plate whose outer edge is at ``at``; the width of the plate."""
    import cv2

    pad = round(size * 0.45)
    width = measure(text, size, weight=weight) + 2 * pad
    left = at[0] - (width if anchor == "right" else 0)
    above, below = round(size * (CAP_HEIGHT + 0.38)), round(size * 0.38)
    plate = picture[max(at[1] - above, 0) : at[1] + below, max(left, 0) : left + width]
    if plate.size:
        plate[:] = cv2.convertScaleAbs(plate, alpha=_PLATE)
    draw(picture, text, (left + pad, at[1]), size, colour=colour, weight=weight)
    return width


def draw_slate(width: int, height: int, words: SlateText, thumbnail: Picture8 | None) -> Picture8:
    """The slate: what this is, on one picture of its own, with bars, a ramp and a thumbnail.

    Laid out for 16:9 and centred in pictures of another shape.
    """
    whole: Picture8 = np.empty((height, width, 3), np.uint8)
    whole[:] = _PAPER
    wide, tall = min(width, round(height * 16 / 9)), min(height, round(width * 9 / 16))
    left, top = (width - wide) // 2, (height - tall) // 2
    slate: Picture8 = np.ascontiguousarray(whole[top : top + tall, left : left + wide])
    unit = wide / 1920
    margin = round(96 * unit)
    _heading(slate, words, unit, margin)
    rule = round(322 * unit)
    slate[rule : rule + max(1, round(2 * unit)), margin : wide - margin] = _RULE
    column = wide - 2 * margin
    if thumbnail is not None:
        column = round(column * 0.5)
        _thumbnail(slate, thumbnail, unit, (margin + column + round(40 * unit), rule))
    _table(slate, words, unit, (margin, rule), column)
    _test_strip(slate, unit, margin)
    whole[top : top + tall, left : left + wide] = slate
    return whole


def _heading(slate: Picture8, words: SlateText, unit: float, margin: int) -> None:
    width = slate.shape[1]
    small, large = round(30 * unit), round(118 * unit)
    row = round(112 * unit)
    status = words.status.replace("_", " ").upper()
    side = measure(status, small, weight=600) + round(40 * unit)
    x = margin + draw(slate, "SECOND UNIT", (margin, row), small, colour=_ACCENT, weight=600)
    x += round(22 * unit)
    project = fitted(words.project, width - margin - side - x, small)
    draw(slate, project, (x, row), small, colour=_QUIET)
    status = fitted(status, width - margin - x, small, weight=600)
    at = (width - margin, row)
    draw(slate, status, at, small, colour=_status(words.status), weight=600, anchor="right")
    row = round(262 * unit)
    version = fitted(words.version, width // 3, large, weight=300)
    room = width - 2 * margin - measure(version, large, weight=300) - round(60 * unit)
    size = large
    while size > large // 3 and measure(words.shot, size, weight=600) > room:
        size -= 2
    shot = fitted(words.shot, room, size, weight=600)
    draw(slate, shot, (margin, row), size, colour=_INK, weight=600)
    draw(slate, version, (width - margin, row), large, colour=_INK, weight=300, anchor="right")


def _table(
    slate: Picture8, words: SlateText, unit: float, at: tuple[int, int], column: int
) -> None:
    label, value = max(9, round(22 * unit)), max(11, round(32 * unit))
    indent = round(200 * unit)
    top, bottom = at[1] + round(72 * unit), round(822 * unit)
    step = min(round(58 * unit), (bottom - top) // max(len(words.fields) - 1, 1))
    row = top
    for name, text in words.fields:
        draw(slate, name.upper(), (at[0], row), label, colour=_QUIET, weight=500)
        shown = fitted(text, column - indent, value)
        draw(slate, shown, (at[0] + indent, row + round(2 * unit)), value, colour=_INK)
        row += step
    if words.note:
        row, room = round(884 * unit), slate.shape[1] - 2 * at[0] - indent
        draw(slate, "NOTE", (at[0], row), label, colour=_QUIET, weight=500)
        shown = fitted(words.note, room, value)
        draw(slate, shown, (at[0] + indent, row + round(2 * unit)), value, colour=_INK)


def _thumbnail(slate: Picture8, picture: Picture8, unit: float, at: tuple[int, int]) -> None:
    import cv2

    width = slate.shape[1]
    room = width - round(96 * unit) - at[0]
    top = at[1] + round(42 * unit)
    tall = round(836 * unit) - top
    scale = min(room / picture.shape[1], tall / picture.shape[0])
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    left = width - round(96 * unit) - size[0]
    edge = max(1, round(2 * unit))
    slate[top - edge : top + size[1] + edge, left - edge : left + size[0] + edge] = _RULE
    slate[top : top + size[1], left : left + size[0]] = small


def _test_strip(slate: Picture8, unit: float, margin: int) -> None:
    """Bars and an eleven-step ramp of 8 bit codes: enough to see a wrong range or matrix."""
    width = slate.shape[1] - 2 * margin
    top, tall = round(926 * unit), max(2, round(44 * unit))
    half = (width - round(24 * unit)) // 2
    _steps(slate, (margin, top), (half, tall), _BARS)
    greys = [(round(255 * n / 10),) * 3 for n in range(11)]
    _steps(slate, (margin + width - half, top), (half, tall), greys)
    size = max(9, round(20 * unit))
    row = top + tall + round(38 * unit)
    left, right = "75 % bars", "0 to 100 % in steps of 10"
    draw(slate, left, (margin, row), size, colour=_QUIET)
    draw(slate, right, (margin + width - half, row), size, colour=_QUIET)


def _steps(
    slate: Picture8, at: tuple[int, int], size: tuple[int, int], colours: list[Colour8]
) -> None:
    for index, colour in enumerate(colours):
        left = at[0] + size[0] * index // len(colours)
        right = at[0] + size[0] * (index + 1) // len(colours)
        slate[at[1] : at[1] + size[1], left:right] = colour


def _status(status: str) -> Colour8:
    return _STATUS.get(status.split()[0].lower(), _ACCENT) if status.split() else _ACCENT
