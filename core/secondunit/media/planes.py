"""A decoded movie frame's own planes as RGB, at the bit depth the file has.

The matrix and range arithmetic is ours, in float32, so nothing passes through 8 bits and no
library guesses a matrix. Chroma is interpolated linearly: sited left and centred vertically, as
MPEG-2, H.264 and HEVC have it unless they say otherwise, and centred both ways for JPEG.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.errors import CodecMissing

from .footage import Picture

if TYPE_CHECKING:
    from av import VideoFrame

# Weights of red and blue in luma: ITU-T H.273 (07/2021), table 4.
_WEIGHTS = {
    "bt709": (0.2126, 0.0722),
    "fcc": (0.30, 0.11),
    "bt470bg": (0.299, 0.114),
    "smpte170m": (0.299, 0.114),
    "smpte240m": (0.212, 0.087),
    "bt2020nc": (0.2627, 0.0593),
}


def to_rgb(frame: VideoFrame, *, matrix: str, full: bool, centred: bool = False) -> Picture:
    """``(row, column, channel)`` float32, RGB or RGBA, 0..1, display-referred, origin top left.

    ``matrix`` is an H.273 name, ``full`` says that codes use the whole range, ``centred`` that
    chroma lies between the columns (JPEG). Codes beyond legal black and white are held at 0 and 1.
    Alpha is not premultiplied. Raises CodecMissing for matrices and sample forms that cannot be
    undone exactly.
    """
    import cv2

    planar = _planar(frame)
    parts = planar.format.components
    planes = [_samples(planar, index) for index in range(len(parts))]
    both = list(zip(planes, parts, strict=True))
    if planar.format.is_rgb:
        return _stack([_whole(plane, part) for plane, part in both])
    alpha = [_whole(plane, part) for plane, part in both if part.is_alpha]
    y = _scaled(planes[0], parts[0].bits, full=full, span=219, zero=16)
    # chroma at full size is not marked as chroma by the library: it is neither luma nor alpha
    chroma = [plane for plane, part in both if not (part.is_luma or part.is_alpha)]
    if not chroma:
        return _stack([y, y, y, *alpha])
    cb, cr = (
        _upsampled(_chroma(plane, parts[1].bits, full=full), y.shape, centred=centred)
        for plane in chroma[:2]
    )
    colour: Any = cv2.transform(cv2.merge([y, cb, cr]), _weighted(matrix))
    if alpha:
        return _stack([*cv2.split(colour), *alpha])
    rgb: Picture = np.clip(colour, 0.0, 1.0, out=colour)
    return rgb


def bits_of(pixel_format: Any) -> int:
    """Bits of one sample in a pixel format."""
    return max(int(component.bits) for component in pixel_format.components)


def has_alpha(pixel_format: Any) -> bool:
    """The pixel format carries an alpha channel."""
    return any(component.is_alpha for component in pixel_format.components)


def _weighted(matrix: str) -> NDArray[np.float32]:
    """Rows R, G, B over columns Y, Cb, Cr."""
    if matrix not in _WEIGHTS:
        raise CodecMissing(
            f"a movie with the colour matrix {matrix or 'unknown'} cannot be decoded exactly",
            hint="Export it again as Rec.709, or as an EXR sequence.",
        )
    red, blue = _WEIGHTS[matrix]
    green, of_red, of_blue = 1 - red - blue, 2 * (1 - red), 2 * (1 - blue)
    rows = [[1, 0, of_red], [1, -of_blue * blue / green, -of_red * red / green], [1, of_blue, 0]]
    return np.array(rows, np.float32)


def _stack(channels: list[NDArray[np.float32]]) -> Picture:
    import cv2

    stacked = np.asarray(cv2.merge([np.ascontiguousarray(c) for c in channels]), np.float32)
    return np.clip(stacked, 0.0, 1.0, out=stacked)


def _scaled(
    codes: NDArray[np.generic], bits: int, *, full: bool, span: int, zero: int
) -> NDArray[np.float32]:
    """Codes as 0..1: ITU-R BT.709-6 item 5.4 (limited), the whole code range (full)."""
    values = codes.astype(np.float32)
    if codes.dtype.kind == "f":
        return values
    if full:
        values *= np.float32(1 / ((1 << bits) - 1))
        return values
    step = 1 << (bits - 8)
    values -= np.float32(zero * step)
    values *= np.float32(1 / (span * step))
    return values


def _chroma(codes: NDArray[np.generic], bits: int, *, full: bool) -> NDArray[np.float32]:
    if not full:
        return _scaled(codes, bits, full=False, span=224, zero=128)
    values = codes.astype(np.float32)
    values -= np.float32(1 << (bits - 1))
    values *= np.float32(1 / ((1 << bits) - 1))
    return values


def _upsampled(
    plane: NDArray[np.float32], shape: tuple[int, ...], *, centred: bool
) -> NDArray[np.float32]:
    import cv2

    height, width = shape
    grown: Any = plane
    if plane.shape[0] < height:  # twice the rows, each a quarter of the way from its neighbour
        grown = cv2.resize(grown, (plane.shape[1], plane.shape[0] * 2))
    while grown.shape[1] < width:
        wide = (grown.shape[1] * 2, grown.shape[0])
        grown = cv2.resize(grown, wide) if centred else _between(grown)
    return np.ascontiguousarray(grown[:height, :width])


def _between(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """Twice the columns: every other one as it is, those between them the mean of the two."""
    out = np.empty((plane.shape[0], plane.shape[1] * 2), np.float32)
    out[:, 0::2] = plane
    out[:, -1] = plane[:, -1]
    between = out[:, 1:-1:2]
    np.add(plane[:, :-1], plane[:, 1:], out=between)
    between *= np.float32(0.5)
    return out


def _whole(codes: NDArray[np.generic], component: Any) -> NDArray[np.float32]:
    """Codes that use their whole range: RGB and alpha."""
    return _scaled(codes, int(component.bits), full=True, span=0, zero=0)


def _planar(frame: VideoFrame) -> VideoFrame:
    """The same samples, one plane for each channel; only their layout in memory changes."""
    form = frame.format
    parts = form.components
    planes = {part.plane for part in parts}
    if len(planes) == len(parts) and not form.has_palette:
        return frame
    bits, wide = bits_of(form), "" if bits_of(form) <= 8 else f"{bits_of(form)}le"
    if form.is_rgb or form.has_palette:
        alpha = "a" if has_alpha(form) or form.has_palette else ""
        return frame.reformat(format=f"gbr{alpha}p{'16le' if bits > 8 else ''}")
    across, down = frame.width // parts[1].width, frame.height // parts[1].height
    name = {(2, 2): "420", (2, 1): "422", (1, 1): "444", (4, 1): "411"}.get((across, down))
    if name is None or has_alpha(form):
        raise CodecMissing(
            f"movies of the sample form {form.name} cannot be read",
            hint="Export it again as ProRes, H.264 or an EXR sequence.",
        )
    return frame.reformat(format=f"yuv{name}p{wide}")


def _samples(frame: VideoFrame, index: int) -> NDArray[np.generic]:
    """One channel as the decoder left it: ``(row, column)`` of the format's own codes."""
    part = frame.format.components[index]
    order = ">" if frame.format.is_big_endian else "<"
    kind = np.dtype(f"{order}f4" if part.bits == 32 else "u1" if part.bits <= 8 else f"{order}u2")
    plane = frame.planes[part.plane]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, abs(plane.line_size))
    samples: NDArray[np.generic] = rows[:, : plane.width * kind.itemsize].view(kind)
    return samples
