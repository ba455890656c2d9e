"""The receipt as one picture: plate, version and what differs, with the figures that count."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.errors import CodecMissing

from ..media.footage import Picture
from ..media.text import draw, fitted
from ..media.widths import SQUARE

Picture8: TypeAlias = NDArray[np.uint8]
Shown = Callable[[int], tuple[Picture, Picture, NDArray[np.bool_]]]
"""Plate and version ``(row, column, 3)`` float32 0..1 display; ``(row, column)``: the protected
pixels whose stored bits differ."""

WIDTH, MARGIN, GAP = 1600, 56, 16
GAIN = 8.0  # differences are shown so many times as large, or nobody would see them
_PAPER, _INK, _QUIET, _RULE = (24, 24, 24), (228, 228, 228), (150, 150, 150), (58, 58, 58)
_GOOD, _BAD, _LOOK = (134, 184, 145), (232, 128, 111), (224, 185, 92)
_HEAD, _LABEL, _LINE = 250, 46, 30


def receipt_page(
    name: str,
    told: Mapping[str, Any],
    frames: Mapping[int, str],
    shown: Shown,
    aspect: Fraction = SQUARE,
) -> Picture8:
    """``(row, column, RGB)`` uint8. ``told`` is the receipt's JSON; ``frames`` the ones to show,
    each with the words under it, as wide as they were (``aspect`` of a pixel) before a lens
    squeezed them.
    """
    first, lines = shown(next(iter(frames)))[0], _foot_lines(told)
    each = (WIDTH - 2 * MARGIN - 2 * GAP) // 3
    rows = round(each * first.shape[0] / float(first.shape[1] * aspect))
    height = _HEAD + len(frames) * (rows + _LABEL + GAP) + _LINE * len(lines) + MARGIN + 14
    page: Picture8 = np.empty((height, WIDTH, 3), np.uint8)
    page[:] = _PAPER
    _head(page, name, told, each)
    top, by_frame = _HEAD, {one["frame"]: one for one in told["frames"]}
    for number, words in frames.items():
        plate, version, broken_at = shown(number)
        pictures = (plate, version, _difference(plate, version, broken_at))
        for column, picture in enumerate(pictures):
            left = MARGIN + column * (each + GAP)
            page[top : top + rows, left : left + each] = _small(picture, each, rows)
        draw(page, words, (MARGIN, top + rows + 27), 18, colour=_INK)
        one = by_frame[number]
        broken = one["changed_in_protected"]
        says = f"{one['share']:.1%} changed  ·  {broken:,} of {one['protected_pixels']:,} protected"
        left = MARGIN + 2 * (each + GAP)
        draw(page, says, (left, top + rows + 27), 18, colour=_BAD if broken else _QUIET)
        top += rows + _LABEL + GAP
    for index, (line, tone) in enumerate(lines):
        words = fitted(line, WIDTH - 2 * MARGIN, 18)
        draw(page, words, (MARGIN, top + 26 + _LINE * index), 18, colour=tone)
    return page


def write_page(path: Path, page: Picture8) -> Path:
    """Write the page as PNG. Raises CodecMissing, OSError."""
    import cv2

    good, data = cv2.imencode(".png", page[..., ::-1])
    if not good:
        raise CodecMissing("the receipt's page cannot be written as PNG", hint="Reinstall OpenCV.")
    path.write_bytes(data.tobytes())
    return path


def _head(page: Picture8, name: str, told: Mapping[str, Any], each: int) -> None:
    kept = bool(told["kept"])
    draw(page, "SECOND UNIT   FIDELITY RECEIPT", (MARGIN, 60), 17, colour=_QUIET, weight=600)
    draw(page, name, (MARGIN, 112), 44, colour=_INK, weight=600)
    words = "Outside the matte nothing changed" if kept else "The plate changed outside the matte"
    draw(page, words, (MARGIN, 160), 26, colour=_GOOD if kept else _BAD, weight=600)
    frames = told["frames"]
    protected = sum(one["protected_pixels"] for one in frames)
    broken = sum(one["changed_in_protected"] for one in frames)
    figures = f"{broken:,} of {protected:,} protected pixels differ in {len(frames)} frames"
    draw(page, figures, (WIDTH - MARGIN, 160), 22, colour=_INK, anchor="right")
    page[186:188, MARGIN : WIDTH - MARGIN] = _RULE
    says = ("PLATE", "VERSION", f"DIFFERENCE, {GAIN:g} TIMES ENLARGED")
    for column, words in enumerate(says):
        left = MARGIN + column * (each + GAP)
        draw(page, words, (left, _HEAD - 18), 16, colour=_QUIET, weight=600)


def _foot_lines(told: Mapping[str, Any]) -> list[tuple[str, tuple[int, int, int]]]:
    """What stands under the pictures, each line with its tone."""
    mean = float(np.mean([one["share"] for one in told["frames"]]))
    clipped = str(told["clipped"].get("sentence", ""))
    lines = [(clipped, _LOOK)] if clipped else []
    passed = ", ".join(told["channels_passed"])
    quiet = (
        f"{mean:.1%} of the picture changed, as a mean of all frames.   "
        f"Matte: {told['matte']['source']}.   Edge zone: {told['edge_zone']} pixels.   "
        f"Colour space: {told['plate']['space']}.   "
        + (f"Passed untouched: {passed}." if passed else "There are no other channels."),
        f"sha256 of all frames   plate {told['plate']['digest'][:16]}…   "
        f"version {told['result']['digest'][:16]}…   matte {told['matte']['digest'][:16]}…",
        "Black is the plate, bit for bit; a protected pixel that differs would be red. "
        "Measured again by: secondunit verify",
    )
    return [*lines, *((line, _QUIET) for line in quiet)]


def _difference(plate: Picture, version: Picture, broken_at: NDArray[np.bool_]) -> Picture:
    with np.errstate(invalid="ignore"):  # infinity beside infinity
        apart = np.nan_to_num(version - plate, nan=0.0, posinf=1.0, neginf=1.0)
    far = np.clip(np.abs(apart).max(axis=-1, keepdims=True) * np.float32(GAIN), 0, 1)
    red = np.array([1.0, 0.1, 0.1], np.float32)
    grey = far.repeat(3, axis=-1)
    return np.where(broken_at[..., None], red, grey).astype(np.float32)


def _small(picture: Picture, width: int, height: int) -> Picture8:
    import cv2

    shown = cv2.resize(np.clip(np.nan_to_num(picture), 0, 1), (width, height), interpolation=3)
    return np.asarray(shown * 255 + 0.5, np.float32).astype(np.uint8)
