"""Pictures to and from a ComfyUI server: PNG of 16 bits out, PNG of 8 or 16 in, nothing else."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from secondunit_bridge.errors import BrokenFrames

from ...media.footage import Picture

_PNG = b"\x89PNG\r\n\x1a\n"
_SAVER = "Have the workflow's output node save PNG files of the size it was given."
PREVIEW_SIDE = 4096  # pixels; a larger one is no preview


def png16(rgb: Picture, clear: Picture | None = None) -> bytes:
    """Codes 0..1, ``(row, column, 3)`` float32, as a PNG of 16 bits a channel.

    ``clear`` is ``(row, column)``, 1 where the picture is to be transparent: it becomes an alpha of
    0 there. Always of three or four channels: one of 16-bit grey is clipped by some readers.
    """
    import cv2

    planes = [rgb[..., 2], rgb[..., 1], rgb[..., 0]]
    if clear is not None:
        planes.append(1.0 - clear)
    codes = np.clip(np.stack(planes, axis=-1), 0.0, 1.0)
    made, data = cv2.imencode(
        ".png", (codes * 65535.0 + 0.5).astype(np.uint16), [cv2.IMWRITE_PNG_COMPRESSION, 1]
    )
    assert made  # there is nothing in such a picture that cannot be written
    return data.tobytes()


def mask16(matte: Picture) -> bytes:
    """A matte ``(row, column)``, 1 where the picture may change, as a PNG that is white there."""
    return png16(np.repeat(matte[..., None], 3, axis=2))


def most_bytes(width: int, height: int) -> int:
    """What a PNG of that size can have at most, with the workflow that ComfyUI writes into it."""
    return width * height * 8 + (height << 4) + (16 << 20)


def picture(data: bytes, width: int, height: int) -> tuple[Picture, int]:
    """A result: codes ``(row, column, 3)`` float32 0..1, alpha left out; and its bits a channel.

    The size is read from the header first: nothing of another size is decoded. Raises BrokenFrames.
    """
    found = size_of(data)
    if found is None or not data.startswith(_PNG):
        raise _broken("what the ComfyUI server gave is no PNG")
    if found != (width, height):
        asked = f"{width} x {height} were asked for"
        raise _broken(f"the ComfyUI server gave {found[0]} x {found[1]} pixels where {asked}")
    codes = _decoded(data)
    if codes is None or codes.shape[:2] != (height, width):
        raise _broken("the ComfyUI server gave a PNG that is damaged")
    return codes, 16 if data[24] == 16 else 8  # the bit depth in the header's first block


def preview(data: bytes) -> Picture | None:
    """A JPEG or PNG of moderate size as codes; None for anything else."""
    size = size_of(data)
    if size is None or not 0 < max(size) <= PREVIEW_SIDE or min(size) < 1:
        return None
    return _decoded(data)


def size_of(data: bytes) -> tuple[int, int] | None:
    """Width and height as the header of a PNG or JPEG says them."""
    if data.startswith(_PNG) and data[12:16] == b"IHDR" and len(data) > 33:
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    return _jpeg_size(data) if data.startswith(b"\xff\xd8") else None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):  # the frame headers
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return None


def _decoded(data: bytes) -> Picture | None:
    """RGB codes 0..1 of a compressed picture; grey becomes RGB. None when it is damaged."""
    import cv2

    flags = cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        found: Any = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:
        return None
    if found is None or found.dtype not in (np.uint8, np.uint16):
        return None
    planes = found if found.ndim == 3 else found[..., None]
    if planes.shape[2] < 3:
        planes = np.repeat(planes[..., :1], 3, axis=2)
    scale = np.float32(65535.0 if found.dtype == np.uint16 else 255.0)
    return np.ascontiguousarray(planes[..., 2::-1].astype(np.float32) / scale)


def _broken(what: str) -> BrokenFrames:
    return BrokenFrames(what, hint=_SAVER)
