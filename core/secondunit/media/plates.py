"""A plate's frame with all it holds, bit for bit: every channel in its own type, both windows.

``read_still`` gives what is seen as float32; a plate that must come back unchanged needs more: half
floats with their NaN payloads, ids that are 32-bit integers, and pixels outside the display window.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.errors import CodecMissing, TurnoverRejected
from secondunit_bridge.wire import dumps

from .delivery import Attributes, describe
from .facts import Facts, Limits
from .frames import digest as one_digest
from .frames import to_half
from .reading import open_library, why_not_written
from .stills import Windows, facts_of, names_of, opened, still_facts, unreadable, windows_of

Half: TypeAlias = NDArray[np.float16]
Plane: TypeAlias = NDArray[Any]
Carried: TypeAlias = tuple[str, str, Any]
"""Name, type and value of an attribute."""
# Of how a file is laid out, or of a frame that is no more once it is changed: not carried on.
_STRUCTURE = ("oiio:", "openexr:", "thumbnail", "secondunit/")
_OURS = ("compression", "PixelAspectRatio", "Software", "ICCProfile", "name", "Orientation")


@dataclass(frozen=True)
class Part:
    """One part of a multi-part EXR: its name, what it holds, and what it says of itself.

    ``stored`` are the channels' names in the file, by the names they go by in ``planes``.
    """

    name: str
    stored: Mapping[str, str]
    carried: tuple[Carried, ...] = ()


@dataclass(frozen=True)
class PlateFrame:
    """One frame of a plate.

    planes
        ``(row, column)`` arrays by channel name, in the file's order, over the whole data window:
        float16, float32 or uint32 as the file stores them. Origin top left.
    """

    planes: Mapping[str, Plane]
    windows: Windows
    space: str = ""
    pixel_aspect: Fraction = Fraction(1)
    attributes: Mapping[str, str] = field(default_factory=dict)
    carried: tuple[Carried, ...] = ()  # to be written again
    parts: tuple[Part, ...] = ()  # in the file's order; empty where it has but one

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of all channels, in order."""
        return tuple(self.planes)

    @property
    def colour(self) -> tuple[str, ...]:
        """``R G B`` and ``A`` where there is one: the channels a generator may change."""
        return tuple(name for name in ("R", "G", "B", "A") if name in self.planes)

    def half(self) -> Half:
        """``colour`` as ``(row, column, channel)`` half over the data window.

        The file's own bits where it stores half; a wider plate is rounded once, within +-65504.
        """
        planes = [self.planes[name] for name in self.colour]
        if all(plane.dtype == np.float16 for plane in planes):
            return np.stack(planes, axis=-1)
        return to_half(np.stack([p.astype(np.float32) for p in planes], axis=-1))[0]

    def with_colour(self, pixels: Half) -> PlateFrame:
        """The same frame with other pixels in ``colour``; all else is passed bit for bit."""
        changed = {name: pixels[..., at] for at, name in enumerate(self.colour)}
        return replace(self, planes={**self.planes, **changed})

    def digest(self) -> str:
        """Sha256 of all channels: as ``frames.digest`` when all are half, else plane by plane.

        ``colour`` comes first, then the other names in their order: a file may hold them, and a
        library may hand them over, in any other.
        """
        planes = list(self.planes.values())
        if all(plane.dtype == np.float16 for plane in planes):
            order = (*self.colour, *sorted(set(self.channels) - set(self.colour)))
            return one_digest(np.stack([self.planes[name] for name in order], axis=-1), order)
        names = sorted(self.channels)
        head = {
            "channels": names,
            "dtypes": [self.planes[name].dtype.name for name in names],
            "shape": list(planes[0].shape),
        }
        hashed = hashlib.sha256(dumps(head))
        for plane in (self.planes[name] for name in names):
            hashed.update(np.ascontiguousarray(plane, plane.dtype.newbyteorder("<")).data)
        return hashed.hexdigest()


def read_plate(path: Path, *, limits: Limits | None = None) -> PlateFrame:
    """Every channel of a picture as it is stored. Integer pictures become half, 0..1.

    Parts that store different windows are laid into the one that holds them all, 0 elsewhere.
    Raises MediaOffline, NotPermitted, MediaDamaged, OverLimits, CodecMissing, and TurnoverRejected
    for a picture that is stored turned.
    """
    path = Path(path)
    with opened(path, limits or Limits()) as (source, parts):
        windows = windows_of(parts)
        facts = facts_of(path, source.format_name(), parts)
        _check_upright(facts)
        planes: dict[str, Plane] = {}
        for part, names in enumerate(names_of(parts)):
            planes.update(_planes(source, part, parts[part], names, windows, path))
    return PlateFrame(
        {name: planes[name] for name in facts.channels},
        windows,
        facts.space,
        facts.pixel_aspect,
        facts.attributes,
        _carried(parts[0]),
        _parts(parts) if len(parts) > 1 else (),
    )


def _parts(parts: Sequence[Any]) -> tuple[Part, ...]:
    return tuple(
        Part(
            str(part.get_string_attribute("oiio:subimagename")),
            dict(zip(names, part.channelnames, strict=True)),
            _carried(part),
        )
        for part, names in zip(parts, names_of(list(parts)), strict=True)
    )


def _carried(spec: Any) -> tuple[Carried, ...]:
    return tuple(
        (a.name, str(a.type), a.value)
        for a in spec.extra_attribs
        if a.name not in _OURS and not a.name.startswith(_STRUCTURE)
    )


def check_upright(path: Path) -> None:
    """See by the header alone that ``read_plate`` will take the picture. Raises as it does."""
    _check_upright(still_facts(path))


def _check_upright(facts: Facts) -> None:
    """Turning a plate would move its windows, and mattes and other passes lie as it is stored."""
    turned = facts.attributes.get("Orientation", "1")
    if turned != "1":
        raise TurnoverRejected(
            f"{Path(facts.path).name} is stored turned: its attribute Orientation is {turned}",
            hint="Write the plate upright, with Orientation 1 or without it.",
            data={"path": facts.path, "orientation": turned},
        )


def _planes(
    source: Any, part: int, spec: Any, names: Sequence[str], windows: Windows, path: Path
) -> dict[str, Plane]:
    oiio = open_library()
    kinds = [str(kind) for kind in spec.channelformats] or [str(spec.format)] * len(names)
    found: dict[str, Plane] = {}
    start = 0
    while start < len(names):  # runs of one type are read together, without a conversion
        end = start
        while end < len(names) and kinds[end] == kinds[start]:
            end += 1
        wanted = {"float": oiio.FLOAT, "uint": oiio.UINT32, "uint32": oiio.UINT32}
        read = source.read_image(part, 0, start, end, wanted.get(kinds[start], oiio.HALF))
        if read is None:
            raise unreadable(path, source.geterror())
        read = read.reshape(spec.height, spec.width, end - start)
        for at in range(start, end):
            found[names[at]] = _laid(read[..., at - start], spec, windows)
        start = end
    return found


def _laid(plane: Plane, spec: Any, windows: Windows) -> Plane:
    x, y, width, height = windows.data
    if (spec.x, spec.y, spec.width, spec.height) == windows.data:
        return plane
    whole = np.zeros((height, width), plane.dtype)
    whole[spec.y - y : spec.y - y + spec.height, spec.x - x : spec.x - x + spec.width] = plane
    return whole


def write_plate(path: Path, frame: PlateFrame, attributes: Attributes | None = None) -> None:
    """Write every channel bit for bit, ZIP-compressed, with both windows and the pixel aspect.

    What the plate said of itself (camera, lens, timecode, Cryptomatte ...) is said again, but
    where ``attributes`` says otherwise.

    NaN and infinities that are the plate's own are written: the contract is that they come back.
    Parts are written as they came. Channels of one type go in one part; mixed types too where that
    is exact, else in a part a type. Raises CodecMissing, DiskFull, NotPermitted, StoreError.
    """
    path = Path(path)
    said = attributes or Attributes(space=frame.space)
    said = replace(said, pixel_aspect=frame.pixel_aspect)
    oiio = open_library()
    groups = _groups(frame)
    specs = []
    for group in groups:
        spec = _spec(oiio, frame, group)
        for key, kind, value in group.carried:
            spec.attribute(key, oiio.TypeDesc(kind), value)
        describe(oiio, spec, said)
        if len(groups) > 1:
            spec.attribute("oiio:subimagename", group.name)
        specs.append(spec)
    _write(oiio, path, specs, [_stack(frame, group) for group in groups])


@dataclass(frozen=True)
class _Group:
    """What is written as one part: channels by their names in the file, handed over as ``kind``."""

    name: str
    stored: Mapping[str, str]
    kind: type[Any]
    carried: tuple[Carried, ...]


def _groups(frame: PlateFrame) -> list[_Group]:
    if not frame.parts:
        own = Part("rgba", {name: name for name in frame.channels}, frame.carried)
        return _by_type(frame, own)
    return [group for part in frame.parts for group in _by_type(frame, part)]


def _by_type(frame: PlateFrame, part: Part) -> list[_Group]:
    """A part as it is, or in a part a type where one would not hold its values exactly."""
    planes = {name: frame.planes[name] for name in part.stored}
    kinds = {name: plane.dtype.type for name, plane in planes.items()}
    if len(set(kinds.values())) == 1:
        return [_Group(part.name, part.stored, next(iter(kinds.values())), part.carried)]
    halves = [plane for plane in planes.values() if plane.dtype == np.float16]
    exact = not any(np.isnan(plane).any() for plane in halves)  # float32 would quieten a NaN
    if np.uint32 not in kinds.values() and exact:
        return [_Group(part.name, part.stored, np.float32, part.carried)]
    split = []
    for at, kind in enumerate(dict.fromkeys(kinds.values())):
        names = {name: name for name in part.stored if kinds[name] is kind}
        named = f"{part.name}.{kind.__name__}" if at else part.name
        split.append(_Group(named, names, kind, part.carried))
    return split


def _stack(frame: PlateFrame, group: _Group) -> Plane:
    planes = [frame.planes[name].astype(group.kind, copy=False) for name in group.stored]
    return np.stack(planes, axis=-1)


def _spec(oiio: Any, frame: PlateFrame, group: _Group) -> Any:
    names, stored = list(group.stored), group.kind
    kinds = {np.float16: oiio.HALF, np.float32: oiio.FLOAT, np.uint32: oiio.UINT32}
    (x, y, width, height), display = frame.windows.data, frame.windows.display
    spec = oiio.ImageSpec(width, height, len(names), kinds[stored])
    spec.x, spec.y = x, y
    spec.full_x, spec.full_y, spec.full_width, spec.full_height = display
    spec.channelnames = tuple(group.stored.values())
    if "A" in spec.channelnames:
        spec.alpha_channel = list(spec.channelnames).index("A")
    if any(frame.planes[name].dtype != stored for name in names):
        spec.channelformats = tuple(
            oiio.TypeDesc(kinds[frame.planes[name].dtype.type]) for name in names
        )
    spec.attribute("compression", "zip")
    return spec


def _write(oiio: Any, path: Path, specs: list[Any], pixels: list[Plane]) -> None:
    output = oiio.ImageOutput.create(str(path))
    if output is None or path.suffix.lower() != ".exr":
        raise CodecMissing(
            f"{path.name}: a plate with all its channels is written as EXR", hint="Name it .exr."
        )
    done = bool(output.open(str(path), tuple(specs)) if len(specs) > 1
                else output.open(str(path), specs[0]))  # fmt: skip
    for at, stacked in enumerate(pixels):
        if at and done:
            done = output.open(str(path), specs[at], "AppendSubimage")
        done = done and output.write_image(np.ascontiguousarray(stacked))
    says = "" if done else output.geterror()
    if not (output.close() and done):
        raise why_not_written(path, says or output.geterror())
