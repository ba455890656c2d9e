"""The contact sheet as one HTML page: pictures embedded, no network, no scripts."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

from . import CutPiece, Display, Sheet
from .filled import filled

JPEG_QUALITY = 90


def write_page(sheet: Sheet, path: Path) -> None:
    """Write the page, UTF-8. Every text is escaped. Raises OSError when it cannot be written."""
    first = min((piece.first for piece in sheet.pieces), default=0)
    count = max((piece.last for piece in sheet.pieces), default=0) - first + 1

    def left(piece: CutPiece) -> str:
        return f"{100 * (piece.first - first) / count:.4f}"

    def width(piece: CutPiece) -> str:
        return f"{100 * (piece.last - piece.first + 1) / count:.4f}"

    words: dict[str, Callable[..., str]] = {
        "embedded": embedded, "left": left, "width": width, "spoken": spoken,
    }  # fmt: skip
    path.write_text(filled("page.html", words, sheet=sheet), encoding="utf-8")


def embedded(pixels: Display) -> str:
    """A picture as a ``data:`` address (JPEG)."""
    import cv2

    _, data = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return "data:image/jpeg;base64," + base64.b64encode(data.tobytes()).decode("ascii")


def spoken(word: str) -> str:
    """A state or outcome as people read it: ``pending_review`` is "pending review"."""
    return word.replace("_", " ")
