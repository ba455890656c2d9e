"""An EXR plate with a Cryptomatte, written by the published specification 1.2.0, not by us."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
from plate_material import HIGH, LINEAR, WIDE, matte, picture

OBJECTS = ("crate_hero", "crate_spare", "back wall", "Straße")
LAYER = "CryptoObject"


def with_cryptomatte(folder: Path, count: int = 3, *, manifest: str = "inside") -> Path:
    """The crossing box is ``crate_hero``; half of each edge pixel is ``back wall``.

    ``manifest`` is ``inside`` the header, ``beside`` the picture or ``none``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = ["R", "G", "B", *(f"{LAYER}{rank:02}.{part}" for rank in range(2) for part in "RGBA")]
    listed = json.dumps({name: f"{ident(name):08x}" for name in OBJECTS}, ensure_ascii=False)
    if manifest == "beside":
        (folder / "crypto_manifest.json").write_text(listed, "utf-8")
    for index in range(count):
        spec = oiio.ImageSpec(WIDE, HIGH, len(names), "float")
        spec.channelnames = tuple(names)
        spec.channelformats = ("half",) * 3 + ("float",) * 8
        key = f"cryptomatte/{hashed(LAYER.encode()):08x}"[: len("cryptomatte/") + 7]
        spec.attribute(f"{key}/name", LAYER)
        spec.attribute(f"{key}/hash", "MurmurHash3_32")
        spec.attribute(f"{key}/conversion", "uint32_to_float32")
        if manifest == "inside":
            spec.attribute(f"{key}/manifest", listed)
        if manifest == "beside":
            spec.attribute(f"{key}/manif_file", "crypto_manifest.json")
        spec.attribute("compression", "zip")
        spec.attribute("oiio:ColorSpace", LINEAR)
        spec.attribute("FramesPerSecond", oiio.TypeDesc("rational"), (24, 1))
        path = folder / f"crypto.{1001 + index:04}.exr"
        output = oiio.ImageOutput.create(str(path))
        assert output.open(str(path), spec), output.geterror()
        assert output.write_image(np.dstack((picture(index), _ranks(index))).astype(np.float32))
        assert output.close()
    return folder / "crypto.%04d.exr"


def edge(index: int) -> np.ndarray:
    """``(row, column)``: the outermost pixels of the crate, which half cover their pixel."""
    import cv2

    solid = matte(index)[..., 0].astype(np.uint8)
    return (solid > 0) & (cv2.erode(solid, np.ones((3, 3), np.uint8)) == 0)


def _ranks(index: int) -> np.ndarray:
    ranks = np.zeros((HIGH, WIDE, 8), np.float32)
    crate, half = matte(index)[..., 0] > 0, edge(index)
    ranks[..., 0], ranks[..., 1] = _float("back wall"), 1
    ranks[crate, 0] = _float("crate_hero")
    ranks[half, 1], ranks[half, 2], ranks[half, 3] = 0.5, _float("back wall"), 0.5
    return ranks


def _float(name: str) -> np.float32:
    return np.array([ident(name)], np.uint32).view(np.float32)[0]


def ident(name: str) -> int:
    """The id's bits: the hash with an exponent that is neither 0 nor 255."""
    bits = hashed(name.encode())
    return bits ^ 1 << 23 if (bits >> 23) % 256 in (0, 255) else bits


def hashed(data: bytes) -> int:
    """MurmurHash3_x86_32, seed 0, in whole-word arithmetic of numpy: not the product's."""
    whole = len(data) // 4
    u4 = np.uint32
    with np.errstate(over="ignore"):
        state = u4(0)
        for word in np.frombuffer(data[: whole * 4], "<u4"):
            state = _turned(state ^ _word(word), 13) * u4(5) + u4(0xE6546B64)
        rest = data[whole * 4 :]
        if rest:
            state ^= _word(np.frombuffer(rest.ljust(4, b"\0"), "<u4")[0])
        state ^= u4(len(data))
        state = (state ^ state >> u4(16)) * u4(0x85EBCA6B)
        state = (state ^ state >> u4(13)) * u4(0xC2B2AE35)
        return int(state ^ state >> u4(16))


def _word(word: np.uint32) -> np.uint32:
    return _turned(word * np.uint32(0xCC9E2D51), 15) * np.uint32(0x1B873593)


def _turned(word: np.uint32, by: int) -> np.uint32:
    return word << np.uint32(by) | word >> np.uint32(32 - by)
