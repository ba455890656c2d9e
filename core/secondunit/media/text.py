"""Words drawn into pictures, antialiased, with OpenCV's own embedded variable font.

The font is Rubik; its digits are of one width, so a running timecode stands still.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Colour8: TypeAlias = tuple[int, int, int]
"""Red, green, blue, 0..255, display-referred."""

Anchor: TypeAlias = Literal["left", "middle", "right"]

CAP_HEIGHT = 0.70  # of the font size: a capital letter, by the font's own metrics (OS/2 table)
_FACE = "sans"


def draw(
    picture: NDArray[np.uint8],
    text: str,
    at: tuple[int, int],
    height_px: int,
    *,
    colour: Colour8 = (255, 255, 255),
    weight: int = 400,
    anchor: Anchor = "left",
) -> int:
    """Draw one line into ``picture`` (row, column, RGB; uint8, changed in place); its width in px.

    ``at`` is column and row of the baseline's left end, middle or right end as ``anchor`` says.
    ``height_px`` is the font size; capitals are 0.7 of it. ``weight`` runs from 200 to 800.
    What lies outside the picture is left out. Raises ValueError for other pictures.
    """
    import cv2

    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3:
        raise ValueError(f"text is drawn into 8 bit RGB, not {picture.dtype} {picture.shape}")
    width = measure(text, height_px, weight=weight)
    left = at[0] - {"left": 0, "middle": width // 2, "right": width}[anchor]
    line = " ".join(text.split("\n"))
    if line.strip():
        cv2.putText(picture, line, (left, at[1]), colour, cv2.FontFace(_FACE), height_px, weight)
    return width


def measure(text: str, height_px: int, *, weight: int = 400) -> int:
    """Width in pixels that ``draw`` takes for one line."""
    import cv2

    line = " ".join(text.split("\n"))
    if not line.strip():
        return 0
    face = cv2.FontFace(_FACE)
    return int(cv2.getTextSize((1 << 14, 1 << 14), line, (0, 0), face, height_px, weight)[2])


def coverage(text: str, height_px: int, *, weight: int = 400) -> NDArray[np.float32]:
    """One line as ``(row, column)`` float32, 1 where ink is, for pictures that are not 8 bit.

    Rows run from the ascender to below the descender, 1.3 times ``height_px`` in all.
    """
    width = measure(text, height_px, weight=weight)
    canvas = np.zeros((round(height_px * 1.3), max(width, 1) + 2, 3), np.uint8)
    draw(canvas, text, (1, height_px), height_px, weight=weight)
    return canvas[..., 0].astype(np.float32) / np.float32(255)


def fitted(text: str, room_px: int, height_px: int, *, weight: int = 400) -> str:
    """The text, shortened with an ellipsis when it is wider than the room; empty without room."""
    if measure(text, height_px, weight=weight) <= room_px:
        return text
    shown = len(text)
    while shown and measure(text[:shown].rstrip() + "…", height_px, weight=weight) > room_px:
        shown -= 1
    return text[:shown].rstrip() + "…" if shown else ""
