"""The contact sheet as one HTML page: pictures embedded, no network, no scripts."""

from __future__ import annotations

import base64
from importlib.resources import files
from pathlib import Path

from . import CutPiece, Display, Sheet

JPEG_QUALITY = 90


def write_page(sheet: Sheet, path: Path) -> None:
    """Write the page, UTF-8. Every text is escaped. Raises OSError when it cannot be written."""
    from jinja2 import Environment, StrictUndefined

    first = min((piece.first for piece in sheet.pieces), default=0)
    count = max((piece.last for piece in sheet.pieces), default=0) - first + 1
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )

    def left(piece: CutPiece) -> str:
        return f"{100 * (piece.first - first) / count:.4f}"

    def width(piece: CutPiece) -> str:
        return f"{100 * (piece.last - piece.first + 1) / count:.4f}"

    environment.filters.update(embedded=embedded, left=left, width=width, spoken=spoken)
    template = files(__package__).joinpath("page.html").read_text(encoding="utf-8")
    path.write_text(environment.from_string(template).render(sheet=sheet), encoding="utf-8")


def embedded(pixels: Display) -> str:
    """A picture as a ``data:`` address (JPEG)."""
    import cv2

    _, data = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return "data:image/jpeg;base64," + base64.b64encode(data.tobytes()).decode("ascii")


def spoken(word: str) -> str:
    """A state or outcome as people read it: ``pending_review`` is "pending review"."""
    return word.replace("_", " ")
