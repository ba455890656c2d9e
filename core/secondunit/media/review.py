"""Review movies: H.264 in MOV with a slate, burn-in, timecode track and honest colour tags."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.errors import CodecMissing
from secondunit_bridge.timing import to_timecode

from .reading import discard, why_not_written
from .slates import BurnIn, Picture8, SlateText, burn, draw_slate
from .widths import SQUARE

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.video.stream import VideoStream

__all__ = ["BurnIn", "Review", "SlateText", "write_review"]

_BT709, _LIMITED = 1, 1  # ITU-T H.273 primaries, transfer and matrix 1; video range
# Near-transparent at a third of real time on one core; half-second groups, no reordering: scrubs
_H264 = {"crf": "18", "preset": "veryfast", "bf": "0"}
_MPEG4 = {"qscale": "2"}


@dataclass(frozen=True)
class Review:
    """A review movie as written. ``frames`` counts the slate too, which comes first."""

    path: Path
    frames: int
    width: int
    height: int
    codec: str
    remarks: tuple[str, ...] = ()


def write_review(
    path: Path,
    pictures: Iterable[tuple[int, NDArray[np.generic]]],
    *,
    burn_in: BurnIn,
    slate: SlateText,
    rate: Fraction,
    timecode: int | None = None,
    drop: bool = False,
    widest: int = 1920,
    pixel_aspect: Fraction = SQUARE,
) -> Review:
    """Write numbered pictures as a review movie at a constant rate.

    ``pictures`` yields (frame number, pixels): ``(row, column, channel)`` RGB or RGBA, float 0..1
    or uint8, display-referred in "Gamma 2.4 Encoded Rec.709", all of one size. They are taken one
    at a time. What was squeezed (``pixel_aspect``, width over height) is shown as wide as it was;
    wider than ``widest`` is scaled down; odd sizes lose their last column or row. ``timecode`` is
    that of the first picture, in frames since midnight; the slate stands one frame before it.
    Written beside its place: a file of that name is there only when it is whole.

    Raises ValueError without pictures or for sizes that change, CodecMissing, DiskFull,
    NotPermitted, StoreError.
    """
    codec, remarks = _encoder()
    part, frames = path.with_name(f".{path.stem}.part.mov"), iter(pictures)
    if (opening := next(frames, None)) is None:
        raise ValueError("a review movie needs at least one picture")
    size = _size(opening[1], widest, pixel_aspect)
    stamps = _Stamps(rate, timecode, drop)
    shown = _drawn(chain([opening], frames), size, burn_in, slate, stamps)
    whole = False
    try:
        count = _encode(part, shown, size, codec, stamps)
        _into_place(part, path)
        whole = True
    finally:
        if not whole:
            discard(part)
    return Review(path, count, size[0], size[1], codec, remarks)


@dataclass(frozen=True)
class _Stamps:
    """Timecode of the pictures: ``index`` 0 is the first picture, -1 the slate."""

    rate: Fraction
    start: int | None
    drop: bool

    def text(self, index: int) -> str:
        if self.start is None:
            return ""
        return to_timecode(self.start + index, self.rate, drop=self.drop)


def _drawn(
    pictures: Iterable[tuple[int, NDArray[np.generic]]],
    size: tuple[int, int],
    burn_in: BurnIn,
    slate: SlateText,
    stamps: _Stamps,
) -> Iterator[Picture8]:
    given: tuple[int, ...] | None = None
    for index, (number, pixels) in enumerate(pictures):
        if given is not None and pixels.shape != given:
            raise ValueError(f"frame {number} is of shape {pixels.shape}, the others {given}")
        given = pixels.shape
        picture = _picture(pixels, size)
        if index == 0:
            yield draw_slate(size[0], size[1], slate, picture)
        burn(picture, burn_in, frame=str(number), timecode=stamps.text(index))
        yield picture


def _size(pixels: NDArray[np.generic], widest: int, aspect: Fraction) -> tuple[int, int]:
    height, width = pixels.shape[0], float(pixels.shape[1] * aspect)
    scale = min(1.0, widest / width)
    # yuv420p halves both directions: even sizes only
    return max(2, round(width * scale) // 2 * 2), max(2, round(height * scale) // 2 * 2)


def _picture(pixels: NDArray[np.generic], size: tuple[int, int]) -> Picture8:
    """RGB 8 bit of the wanted size, a copy that may be drawn into."""
    import cv2

    width, height = size
    colour = pixels[..., :3]
    if colour.shape[1] - width not in (0, 1) or colour.shape[0] - height not in (0, 1):
        colour = cv2.resize(np.ascontiguousarray(colour), size, interpolation=cv2.INTER_AREA)
    colour = colour[:height, :width]
    if colour.dtype == np.uint8:
        return np.array(colour, np.uint8, order="C")
    held = np.fmax(colour, 0, dtype=np.float32)  # fmax takes the number where the other is NaN
    np.minimum(held, 1, out=held)
    return np.ascontiguousarray(cv2.convertScaleAbs(held, alpha=255))  # rounds


def _encoder() -> tuple[str, tuple[str, ...]]:
    from av.codec import Codec
    from av.error import FFmpegError

    for name in ("libx264", "mpeg4"):
        try:
            Codec(name, "w")
        except (ValueError, FFmpegError):
            continue
        told = () if name == "libx264" else ("H.264 is not installed: written as MPEG-4",)
        return name, told
    raise CodecMissing(
        "this installation cannot write review movies",
        hint="Reinstall the core extra: pip install --force-reinstall av",
    )


def _encode(
    path: Path, pictures: Iterator[Picture8], size: tuple[int, int], codec: str, stamps: _Stamps
) -> int:
    import av

    count = 0
    try:
        with av.open(str(path), "w", format="mov", options={"movflags": "+faststart"}) as container:
            if stamps.start is not None:
                container.metadata["timecode"] = stamps.text(-1)
            stream = _stream(container, codec, size, stamps.rate)
            for picture in pictures:
                container.mux(stream.encode(_yuv(picture, count, stream)))
                count += 1
            container.mux(stream.encode(None))
    except (av.error.FFmpegError, OSError) as error:
        raise why_not_written(path, str(error)) from None
    return count


def _stream(
    container: OutputContainer, codec: str, size: tuple[int, int], rate: Fraction
) -> VideoStream:
    options = dict(_H264 if codec == "libx264" else _MPEG4)
    options["g"] = str(max(1, round(rate / 2)))
    stream: Any = container.add_stream(codec, rate=rate, options=options)
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p"
    context = stream.codec_context
    context.time_base = 1 / rate
    context.color_primaries = context.color_trc = context.colorspace = _BT709
    context.color_range = _LIMITED
    made: VideoStream = stream
    return made


def _yuv(picture: Picture8, index: int, stream: VideoStream) -> Any:
    import av

    frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
    coded = frame.reformat(
        format="yuv420p",
        src_color_range="JPEG",
        dst_colorspace="ITU709",
        dst_color_range="MPEG",
    )
    coded.pts, coded.time_base = index, stream.codec_context.time_base
    return coded


def _into_place(part: Path, path: Path) -> None:
    try:
        part.replace(path)
    except OSError as error:
        raise why_not_written(path, str(error)) from None
