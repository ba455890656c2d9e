"""Pictures written to disk: delivered EXR with its time and colour, and stills of other formats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.errors import BrokenFrames, CodecMissing
from secondunit_bridge.timing import to_timecode

from .exr_time import FASTEST, pack_timecode
from .reading import open_library, why_not_written
from .tags import CHROMATICITIES

# Bits a still is written with unless asked otherwise: the most the format holds in common use.
_BITS = {".png": 16, ".tif": 16, ".tiff": 16, ".dpx": 10, ".jpg": 8, ".jpeg": 8, ".tga": 8}


@dataclass(frozen=True)
class Attributes:
    """What an EXR says of itself beside its pixels.

    ``space`` is the OpenColorIO name of the pixels' space; when it is a known linear space its
    chromaticities are written too. ``notes`` become ``secondunit/<name>`` strings.
    """

    space: str = ""
    rate: Fraction | None = None
    timecode: int | None = None  # frames since midnight
    drop: bool = False
    reel: str = ""
    pixel_aspect: Fraction = Fraction(1)
    notes: Mapping[str, str] = field(default_factory=dict)


def write_exr(
    path: Path,
    pixels: NDArray[np.float16],
    channels: Sequence[str] = ("R", "G", "B"),
    attributes: Attributes | None = None,
) -> None:
    """Write half pixels ``(row, column, channel)`` as a ZIP-compressed EXR, lossless.

    Raises BrokenFrames for NaN or infinity (``frames.to_half`` removes them), ValueError for
    other dtypes or shapes, DiskFull, NotPermitted, StoreError. Nothing is left behind on failure.
    """
    _expect(pixels, channels)
    if pixels.dtype != np.float16:
        raise ValueError(f"EXR frames are half float, got {pixels.dtype}")
    if not np.isfinite(pixels).all():
        raise BrokenFrames(
            f"{path.name} would hold NaN or infinity",
            hint="Clean the frame first; a delivery never holds them.",
        )
    oiio = open_library()
    spec = _spec(oiio, pixels, channels, oiio.HALF)
    spec.attribute("compression", "zip")
    describe(oiio, spec, attributes or Attributes())
    _write(oiio, Path(path), spec, pixels)


def write_still(
    path: Path,
    pixels: NDArray[np.floating],
    channels: Sequence[str] = ("R", "G", "B"),
    *,
    bits: int = 0,
    space: str = "",
) -> None:
    """Write float pixels ``(row, column, channel)``, 0..1, in the format the name asks for.

    ``bits`` per channel: 8 or 16 for PNG and TIFF (32 is float TIFF), 10 or 16 for DPX, 8 for
    JPEG; 0 means the format's usual. Values outside 0..1 are clipped, NaN is 0, except in float
    TIFF. ``.exr`` is written by write_exr. Raises CodecMissing for other suffixes or bits,
    ValueError for other shapes, DiskFull, NotPermitted, StoreError.
    """
    path = Path(path)
    _expect(pixels, channels)
    suffix = path.suffix.lower()
    depth = bits or _BITS.get(suffix, 0)
    oiio = open_library()
    kinds = {8: oiio.UINT8, 10: oiio.UINT16, 16: oiio.UINT16, 32: oiio.FLOAT}
    if suffix not in _BITS or depth not in _depths(suffix):
        raise CodecMissing(
            f"{path.name}: a {suffix or 'nameless'} file of {depth or '?'} bits cannot be written",
            hint="PNG and TIFF take 8 or 16 bits, DPX 10 or 16, JPEG 8; or write an EXR.",
        )
    values = np.asarray(pixels, np.float32)
    if depth != 32:
        values = np.clip(np.nan_to_num(values, nan=0.0), 0.0, 1.0)
    spec = _spec(oiio, values, channels, kinds[depth])
    spec.attribute("oiio:UnassociatedAlpha", 1)
    spec.attribute("oiio:BitsPerSample", depth)
    spec.attribute("compression", {".jpg": "jpeg:95", ".jpeg": "jpeg:95"}.get(suffix, "zip"))
    if space:
        spec.attribute("oiio:ColorSpace", space)
    _write(oiio, path, spec, values)


def _depths(suffix: str) -> tuple[int, ...]:
    if suffix in (".tif", ".tiff"):
        return (8, 16, 32)
    return {".png": (8, 16), ".dpx": (10, 16)}.get(suffix, (8,))


def _expect(pixels: NDArray[Any], channels: Sequence[str]) -> None:
    if pixels.ndim != 3 or pixels.shape[2] != len(channels) or not pixels.size:
        raise ValueError(f"{len(channels)} channel names for pixels of shape {pixels.shape}")


def _spec(oiio: Any, pixels: NDArray[Any], channels: Sequence[str], kind: Any) -> Any:
    height, width, count = pixels.shape
    spec = oiio.ImageSpec(width, height, count, kind)
    spec.channelnames = tuple(channels)
    if "A" in channels:
        spec.alpha_channel = list(channels).index("A")
    return spec


def describe(oiio: Any, spec: Any, attributes: Attributes) -> None:
    """Put what an EXR says of itself into its header before it is opened for writing."""
    spec.attribute("Software", "Second Unit")
    spec.attribute("PixelAspectRatio", float(attributes.pixel_aspect))
    if attributes.space:
        spec.attribute("oiio:ColorSpace", attributes.space)
        spec.attribute("secondunit/space", attributes.space)
    if attributes.space in CHROMATICITIES:
        kind = oiio.TypeDesc("float[8]")
        spec.attribute("chromaticities", kind, CHROMATICITIES[attributes.space])
    rate = attributes.rate
    if rate is not None:
        pair = (rate.numerator, rate.denominator)
        spec.attribute("FramesPerSecond", oiio.TypeDesc("rational"), pair)
    if rate is not None and attributes.timecode is not None:
        text = to_timecode(attributes.timecode, rate, drop=attributes.drop)
        spec.attribute("secondunit/timecode", text)
        if rate <= FASTEST:
            bits = pack_timecode(attributes.timecode, rate, drop=attributes.drop)
            spec.attribute("smpte:TimeCode", oiio.TypeDesc("timecode"), (bits, 0))
    if attributes.reel:
        spec.attribute("reelName", attributes.reel)
    for name, text in sorted(attributes.notes.items()):
        spec.attribute(f"secondunit/{name}", text)


def _write(oiio: Any, path: Path, spec: Any, pixels: NDArray[Any]) -> None:
    output = oiio.ImageOutput.create(str(path))
    if output is None:
        raise CodecMissing(
            f"{path.name}: this installation writes no such pictures",
            hint="Name it .exr, .dpx, .png, .tif or .jpg.",
        )
    done = output.open(str(path), spec) and output.write_image(np.ascontiguousarray(pixels))
    says = "" if done else output.geterror()
    closed = output.close()
    if not (done and closed and _ends(oiio, path)):
        raise why_not_written(path, says or output.geterror())


def _ends(oiio: Any, path: Path) -> bool:
    """The last row is on disk: what fails to be written when the file is closed is not reported."""
    written = oiio.ImageInput.open(str(path))
    if written is None:
        oiio.geterror()  # taken, or it would be printed at exit
        return False
    low = written.spec().height
    last = written.read_scanlines(0, 0, low - 1, low, 0, 0, 1, oiio.UNKNOWN)
    written.close()
    return last is not None
