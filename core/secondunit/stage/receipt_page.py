"""The receipt as one picture: plate, version and what differs, with the figures that count."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.errors import CodecMissing

from ..media.footage import Picture
from ..media.text import draw, fitted

Picture8: TypeAlias = NDArray[np.uint8]
Shown = Callable[[int], tuple[Picture, Picture, NDArray[np.bool_]]]
"""Plate and version ``(row, column, 3)`` float32 0..1 display, protection ``(row, column)``."""

WIDTH, MARGIN, GAP = 1600, 56, 16
GAIN = 8.0  # differences are shown so many times as large, or nobody would see them
_PAPER, _INK, _QUIET = (23, 24, 26), (238, 238, 236), (146, 149, 154)
_GOOD, _BAD = (104, 190, 120), (226, 104, 88)
_HEAD, _LABEL, _FOOT = 208, 34, 120


def receipt_page(
    name: str, told: Mapping[str, Any], frames: Sequence[int], shown: Shown
) -> Picture8:
    """``(row, column, RGB)`` uint8. ``told`` is the receipt's JSON; ``frames`` the ones to show."""
    first = shown(frames[0])[0]
    each = (WIDTH - 2 * MARGIN - 2 * GAP) // 3
    rows = round(each * first.shape[0] / first.shape[1])
    height = _HEAD + len(frames) * (rows + _LABEL + GAP) + _FOOT
    page: Picture8 = np.empty((height, WIDTH, 3), np.uint8)
    page[:] = _PAPER
    _head(page, name, told)
    top = _HEAD
    for number in frames:
        plate, version, protected = shown(number)
        pictures = (plate, version, _difference(plate, version, protected))
        for column, picture in enumerate(pictures):
            left = MARGIN + column * (each + GAP)
            page[top : top + rows, left : left + each] = _small(picture, each, rows)
        says = ("plate", "version", f"difference x{GAIN:g}; red would be outside the matte")
        for column, words in enumerate(says):
            left = MARGIN + column * (each + GAP)
            draw(page, f"{number}   {words}", (left, top + rows + 24), 17, colour=_QUIET)
        top += rows + _LABEL + GAP
    _foot(page, told, top)
    return page


def write_page(path: Path, page: Picture8) -> Path:
    """Write the page as PNG. Raises CodecMissing, OSError."""
    import cv2

    good, data = cv2.imencode(".png", page[..., ::-1])
    if not good:
        raise CodecMissing("the receipt's page cannot be written as PNG", hint="Reinstall OpenCV.")
    path.write_bytes(data.tobytes())
    return path


def _head(page: Picture8, name: str, told: Mapping[str, Any]) -> None:
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


def _foot(page: Picture8, told: Mapping[str, Any], top: int) -> None:
    mean = float(np.mean([one["share"] for one in told["frames"]]))
    lines = (
        f"Changed: {mean:.1%} of the picture on average.   Matte: {told['matte']['source']}.   "
        f"Edge zone: {told['edge_zone']} pixels.   Space: {told['plate']['space']}.",
        f"Plate {told['plate']['digest'][:24]}   Version {told['result']['digest'][:24]}   "
        f"Passed untouched: {', '.join(told['channels_passed']) or 'no other channels'}",
        "Measure it again with: secondunit verify, on the version's folder",
    )
    for index, line in enumerate(lines):
        words = fitted(line, WIDTH - 2 * MARGIN, 18)
        draw(page, words, (MARGIN, top + 26 + 30 * index), 18, colour=_QUIET)


def _difference(plate: Picture, version: Picture, protected: NDArray[np.bool_]) -> Picture:
    far = np.abs(version - plate).max(axis=-1, keepdims=True) * np.float32(GAIN)
    red = np.array([1.0, 0.1, 0.1], np.float32)
    broken = protected[..., None] & (version != plate).any(axis=-1, keepdims=True)
    return np.where(broken, red, np.clip(far, 0, 1).repeat(3, axis=-1)).astype(np.float32)


def _small(picture: Picture, width: int, height: int) -> Picture8:
    import cv2

    shown = cv2.resize(np.clip(np.nan_to_num(picture), 0, 1), (width, height), interpolation=3)
    return np.asarray(shown * 255 + 0.5, np.float32).astype(np.uint8)
