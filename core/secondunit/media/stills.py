"""One picture in, one picture out: EXR, DPX, PNG, TIFF and JPEG, through OpenImageIO.

Pixels are what the file holds: never converted between colour spaces here, never premultiplied or
unpremultiplied (an EXR's alpha is premultiplied by custom, a PNG's is not), NaN and infinity kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from secondunit_bridge.errors import CodecMissing, MediaDamaged, OverLimits, TurnoverRejected
from secondunit_bridge.timing import FrameRange, exact_rate

from .delivery import Attributes, write_exr, write_still
from .exr_time import unpack_timecode
from .facts import Facts, Limits
from .footage import Picture
from .patterns import STILL_SUFFIXES
from .reading import first_bytes, open_library
from .tags import of_still

__all__ = [
    "UNSAID_RATE",
    "Attributes",
    "Still",
    "Windows",
    "is_still",
    "read_still",
    "still_facts",
    "write_exr",
    "write_still",
]

Box = tuple[int, int, int, int]

_MAGIC = {
    b"\x76\x2f\x31\x01": "openexr",
    b"SDPX": "dpx",
    b"XPDS": "dpx",
    b"\x89PNG": "png",
    b"II*\0": "tiff",
    b"MM\0*": "tiff",
    b"II+\0": "tiff",
    b"MM\0+": "tiff",
    b"\xff\xd8\xff": "jpeg",
    b"\x80\x2a\x5f\xd7": "cineon",
    b"#?RA": "hdr",
}
_DTYPES = {"half": "float16", "float": "float32", "double": "float64"}
UNSAID_RATE = Fraction(24)  # what a file without a rate is counted at; always said in a remark
UNSAID = f"no frame rate in the file; counted at {UNSAID_RATE}"


@dataclass(frozen=True)
class Windows:
    """Where the stored pixels lie (``data``) in the picture that is meant to be seen (``display``).

    ``(x, y, width, height)`` in pixels, origin top left of the file's own pixel space.
    """

    data: Box
    display: Box

    @property
    def overscan(self) -> bool:
        """Some stored pixels lie outside the picture; they are not in ``Still.pixels``."""
        x, y, w, h = self.data
        dx, dy, dw, dh = self.display
        return x < dx or y < dy or x + w > dx + dw or y + h > dy + dh


@dataclass(frozen=True)
class Still:
    """One picture as read.

    pixels
        ``(row, column, channel)`` float32 of the display window; 0 where the file stores nothing.
        Integer files are scaled to 0..1, float files are as they are. Origin top left.
    channels
        Their names: ``R``, ``left.G``, ``Z``; parts of a multi-part EXR keep their part's name.
    """

    pixels: Picture
    channels: tuple[str, ...]
    facts: Facts
    windows: Windows
    attributes: dict[str, str] = field(default_factory=dict)

    @property
    def space(self) -> str | None:
        """OpenColorIO name the file says it is in, or None."""
        return self.facts.space or None


def read_still(path: Path, *, channels: Sequence[str] = (), limits: Limits | None = None) -> Still:
    """A picture file. With ``channels`` only those, in that order.

    Raises MediaOffline, NotPermitted, MediaDamaged, OverLimits, CodecMissing (deep pictures), and
    TurnoverRejected when it has no such channel.
    """
    path = Path(path)
    with opened(path, limits or Limits()) as (source, parts):
        windows = windows_of(parts)
        facts = facts_of(path, source.format_name(), parts)
        names = tuple(channels) or facts.channels
        lacking = [name for name in names if name not in facts.channels]
        if lacking:
            raise TurnoverRejected(
                f"{path.name} has no channel {', '.join(lacking)}",
                hint=f"It has: {', '.join(facts.channels)}",
                data={"channels": list(facts.channels)},
            )
        pixels = _assemble(source, parts, names, windows.display, path)
    turned = _turn(pixels, int(parts[0].get_int_attribute("Orientation", 1)))
    return Still(turned, names, facts, windows, facts.attributes)


def still_facts(path: Path, *, limits: Limits | None = None) -> Facts:
    """What the header says; pixels are not read. Raises as read_still."""
    with opened(Path(path), limits or Limits()) as (source, parts):
        return facts_of(Path(path), source.format_name(), parts)


def is_still(path: Path) -> bool:
    """The file begins as a picture that can be read here does. Raises MediaOffline, NotPermitted,
    MediaDamaged."""
    return _format(first_bytes(path)) != ""


def _format(head: bytes) -> str:
    return next((name for magic, name in _MAGIC.items() if head.startswith(magic)), "")


@contextmanager
def opened(path: Path, limits: Limits) -> Iterator[tuple[Any, list[Any]]]:
    """The file and its parts' headers, checked. What libraries throw becomes MediaDamaged."""
    kind = _format(first_bytes(path))
    if not kind or path.suffix.lower() not in STILL_SUFFIXES:
        what = f"a {kind} picture without its proper extension" if kind else "no picture"
        raise MediaDamaged(
            f"{path.name} is {what}",
            hint="Pictures are EXR, DPX, PNG, TIFF, JPEG, Cineon or Radiance files, so named.",
        )
    source = None
    try:
        source = _source(path, open_library(limits))
        parts: list[Any] = []
        while len(parts) < limits.channels and source.seek_subimage(len(parts), 0):
            parts.append(source.spec())
        _check(path, parts, limits)
        yield source, parts
    except UnicodeDecodeError:
        raise unreadable(path, "a name in its header is not text") from None
    except MemoryError:
        raise OverLimits(
            f"{path.name} needs more memory than there is", hint="Use a smaller picture."
        ) from None
    finally:
        if source is not None:
            source.close()


def _source(path: Path, oiio: Any) -> Any:
    config = oiio.ImageSpec()
    config.attribute("oiio:UnassociatedAlpha", 1)  # as stored: nothing is premultiplied on the way
    source = oiio.ImageInput.open(str(path), config)
    if source is None:
        raise unreadable(path, oiio.geterror())
    return source


def _check(path: Path, parts: list[Any], limits: Limits) -> None:
    if not parts:
        raise MediaDamaged(f"{path.name} holds no picture", hint="Copy the file again.")
    if any(part.deep or part.depth > 1 for part in parts):
        raise CodecMissing(
            f"{path.name} is a deep or volume picture",
            hint="Flatten it first; only flat pictures can be used.",
        )
    first = parts[0]
    count = sum(part.nchannels for part in parts)
    pixels = first.full_width * first.full_height
    if (
        max(first.full_width, first.full_height) > limits.side
        or count > limits.channels
        or pixels * count * 4 > limits.picture_mb << 20
    ):
        raise OverLimits(
            f"{path.name} is {first.full_width}x{first.full_height} with {count} channels",
            hint=f"The limits are {limits.side} pixels a side, {limits.channels} channels and "
            f"{limits.picture_mb} MB of float pixels.",
            data={"width": first.full_width, "height": first.full_height, "channels": count},
        )
    if first.full_width < 1 or first.full_height < 1:
        raise MediaDamaged(f"{path.name} has an empty picture", hint="Render it again.")


def unreadable(path: Path, says: str) -> MediaDamaged | OverLimits:
    says = (says or "its pixels cannot be decoded").strip().splitlines()[0]
    says = says.replace(str(path), path.name)
    if "limits:" in says or ("limit" in says and "exceed" in says):
        return OverLimits(f"{path.name} is too large: {says}", hint="Use a smaller picture.")
    return MediaDamaged(
        f"{path.name} is damaged: {says}",
        hint="Copy or render the file again.",
        data={"path": str(path)},
    )


def windows_of(parts: list[Any]) -> Windows:
    first = parts[0]
    left, top = min(p.x for p in parts), min(p.y for p in parts)
    right = max(p.x + p.width for p in parts)
    low = max(p.y + p.height for p in parts)
    return Windows(
        (left, top, right - left, low - top),
        (first.full_x, first.full_y, first.full_width, first.full_height),
    )


def names_of(parts: list[Any]) -> list[tuple[str, ...]]:
    """Channel names of each part; a name that is taken gets its part's name in front."""
    taken: set[str] = set()
    named: list[tuple[str, ...]] = []
    for index, part in enumerate(parts):
        layer = part.get_string_attribute("oiio:subimagename") or f"part{index}"
        names = tuple(n if n not in taken else f"{layer}.{n}" for n in part.channelnames)
        taken.update(names)
        named.append(names)
    return named


def _assemble(
    source: Any, parts: list[Any], wanted: Sequence[str], display: Box, path: Path
) -> Picture:
    oiio = open_library()
    x0, y0, width, height = display
    out: Picture | None = None
    for index, names in enumerate(names_of(parts)):
        picked = [i for i, name in enumerate(names) if name in wanted]
        if not picked:
            continue
        low, high, spec = min(picked), max(picked) + 1, parts[index]
        read = source.read_image(index, 0, low, high, oiio.FLOAT)
        if read is None:
            raise unreadable(path, source.geterror())
        read = read.reshape(spec.height, spec.width, high - low)
        whole = (spec.x, spec.y, spec.width, spec.height) == display
        if whole and names[low:high] == tuple(wanted):
            return np.ascontiguousarray(read, np.float32)
        if out is None:
            out = np.zeros((height, width, len(wanted)), np.float32)
        left, top = max(spec.x, x0), max(spec.y, y0)
        right, down = min(spec.x + spec.width, x0 + width), min(spec.y + spec.height, y0 + height)
        if left >= right or top >= down:
            continue
        seen = read[top - spec.y : down - spec.y, left - spec.x : right - spec.x]
        into = out[top - y0 : down - y0, left - x0 : right - x0]
        for i in picked:
            into[..., list(wanted).index(names[i])] = seen[..., i - low]
    assert out is not None  # read_still has made sure that every wanted channel exists
    return out


def _turn(pixels: Picture, orientation: int) -> Picture:
    """Upright, by the eight orientations of Exif 2.32, section 4.6.4."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def facts_of(path: Path, format_name: str, parts: list[Any]) -> Facts:
    first = parts[0]
    attributes = _attributes(parts)
    given = next(filter(None, (part.getattribute("chromaticities") for part in parts)), None)
    said = of_still(format_name, attributes, given if isinstance(given, tuple) else ())
    windows, remarks = windows_of(parts), list(said.remarks)
    if windows.overscan:
        attributes["secondunit/overscan"] = "{} {} {} {}".format(*windows.data)
        remarks.append("pixels outside the display window are left out")
    width, height = first.full_width, first.full_height
    if int(first.get_int_attribute("Orientation", 1)) >= 5:
        width, height = height, width
    bits = int(first.get_int_attribute("oiio:BitsPerSample", 0))
    kind = str(first.format)
    rate, timecode = _time(first)
    if rate is None:
        remarks.append(UNSAID)
    facts = Facts(
        path=str(path),
        kind="still",
        frames=FrameRange(0, 0, rate or UNSAID_RATE),
        width=width,
        height=height,
        channels=tuple(name for names in names_of(parts) for name in names),
        dtype=_DTYPES.get(kind, f"uint{bits}" if bits and kind.startswith("uint") else kind),
        space=said.space,
        guesses=said.guesses,
        codec=format_name,
        pixel_aspect=_aspect(first),
        attributes=attributes,
        remarks=tuple(remarks),
    )
    return facts if timecode is None else replace(facts, timecode=timecode[0], drop=timecode[1])


def _attributes(parts: list[Any]) -> dict[str, str]:
    """What the first part says of itself, and what only later ones say: ids often lie apart."""
    return {
        one.name: str(one.value)
        for part in reversed(parts)
        for one in part.extra_attribs
        if one.name != "ICCProfile"
    }


def _time(spec: Any) -> tuple[Fraction | None, tuple[int, bool] | None]:
    given = spec.getattribute("FramesPerSecond")
    rate = None
    if isinstance(given, tuple) and len(given) == 2 and given[0] > 0 and given[1] > 0:
        fraction = Fraction(int(given[0]), int(given[1]))
        rate = exact_rate(fraction) if fraction <= 1000 else None
    packed = spec.getattribute("smpte:TimeCode")
    if not isinstance(packed, tuple) or not packed:
        return rate, None
    return rate, unpack_timecode(int(packed[0]), rate or UNSAID_RATE)


def _aspect(spec: Any) -> Fraction:
    given = float(spec.get_float_attribute("PixelAspectRatio", 1.0))
    return Fraction(given).limit_denominator(1000) if 0.05 < given < 20 else Fraction(1)
