"""Multi-part EXR plates as renderers write them: colour, passes and ids in parts of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio
from plate_material import LINEAR, picture

KINDS = {"float16": oiio.HALF, "float32": oiio.FLOAT, "uint32": oiio.UINT32}
Parts = list[tuple[str, tuple[str, ...], np.ndarray, dict[str, str]]]


def rendered(index: int) -> Parts:
    """All half: the picture, a pass of the same channel names, and a pass of other names."""
    light, normal = (np.random.default_rng(7 * index + n).random((96, 240, 3)) for n in (1, 2))
    return [
        ("rgba", ("R", "G", "B"), picture(index).astype("f2"), {"camera": "A"}),
        ("diffuse", ("diffuse.R", "diffuse.G", "diffuse.B"), light.astype("f2"), {"lobe": "soft"}),
        ("N", ("N.X", "N.Y", "N.Z"), normal.astype("f2"), {}),
    ]


def stereo(index: int) -> Parts:
    """Two views whose channels are called alike, ids of 32 bits and a depth of 32-bit float."""
    depth = np.random.default_rng(index).random((96, 240, 1)).astype("f4")
    ids = np.random.default_rng(index).integers(0, 2**32, (96, 240, 1), "u4")
    return [
        ("depth", ("Z",), depth, {}),
        ("left", ("R", "G", "B"), picture(index).astype("f2"), {"view": "left"}),
        ("right", ("R", "G", "B"), (picture(index) * 1.1).astype("f2"), {"view": "right"}),
        ("id", ("id",), ids, {}),
    ]


def in_parts(folder: Path, make: Any, count: int = 2) -> Path:
    """``make(index)`` for each frame as files with their parts; the pattern they go by."""
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        write(folder / f"parts.{1001 + index}.exr", make(index))
    return folder / "parts.%04d.exr"


def write(path: Path, parts: Parts) -> None:
    """A multi-part EXR, by the library alone."""
    specs = []
    for name, channels, pixels, attributes in parts:
        spec = oiio.ImageSpec(240, 96, len(channels), KINDS[pixels.dtype.name])
        spec.channelnames = channels
        spec.attribute("oiio:subimagename", name)
        spec.attribute("oiio:ColorSpace", LINEAR)
        for key, text in attributes.items():
            spec.attribute(key, text)
        specs.append(spec)
    output = oiio.ImageOutput.create(str(path))
    assert output.open(str(path), tuple(specs)), output.geterror()
    for at, (_, _, pixels, _) in enumerate(parts):
        assert not at or output.open(str(path), specs[at], "AppendSubimage"), output.geterror()
        assert output.write_image(np.ascontiguousarray(pixels)), output.geterror()
    assert output.close()


def read(path: Path) -> dict[str, dict[str, np.ndarray]]:
    """Planes by part and channel, in their own types, by the library alone."""
    source, found = oiio.ImageInput.open(str(path)), {}
    while source.seek_subimage(len(found), 0):
        at, spec = len(found), source.spec()
        planes = source.read_image(at, 0, 0, spec.nchannels, spec.format)
        name = spec.get_string_attribute("oiio:subimagename")
        found[name] = {one: planes[..., n] for n, one in enumerate(spec.channelnames)}
    source.close()
    return found
