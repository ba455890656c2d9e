"""Cryptomatte: mattes of objects chosen by name, from ranked pairs of id and coverage.

After the Cryptomatte specification 1.2.0 (Friedman, Jones: "Fully automatic ID mattes with support
for motion blur and transparency", SIGGRAPH 2015): the id of a name is MurmurHash3 x86_32 of its
UTF-8 bytes with seed 0, read as a float32 whose exponent is never 0 or 255.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.errors import MatteMissing, MediaDamaged

from .footage import Picture

_ATTRIBUTE = re.compile(r"cryptomatte/([0-9a-fA-F]{1,8})/(name|manifest|manif_file)")
_RANK = re.compile(r"(\d+)\.(r|g|b|a|red|green|blue|alpha)", re.IGNORECASE)
_ILLEGAL = re.compile(r"[^A-Za-z0-9_]")  # in a layer's name, for Nuke: it writes _ instead
_MANIFEST_MOST = 64 << 20  # bytes of a manifest beside the picture; real ones are a few MB


def murmur3(data: bytes, seed: int = 0) -> int:
    """MurmurHash3 x86_32 (Appleby, public domain) as an unsigned 32-bit number."""
    state, tail = seed & 0xFFFFFFFF, len(data) & ~3
    for at in range(0, tail, 4):
        state ^= _mixed(int.from_bytes(data[at : at + 4], "little"))
        state = ((state << 13 | state >> 19) * 5 + 0xE6546B64) & 0xFFFFFFFF
    if tail < len(data):
        state ^= _mixed(int.from_bytes(data[tail:], "little"))
    state ^= len(data)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
        state ^= state >> shift
        state = state * factor & 0xFFFFFFFF
    return state


def _mixed(block: int) -> int:
    block = block * 0xCC9E2D51 & 0xFFFFFFFF
    block = (block << 15 | block >> 17) & 0xFFFFFFFF
    return block * 0x1B873593 & 0xFFFFFFFF


def id_of(name: str) -> int:
    """The bits of the float32 that stands for a name."""
    bits = murmur3(name.encode())
    return bits ^ 1 << 23 if bits >> 23 & 0xFF in (0, 0xFF) else bits


@dataclass(frozen=True)
class Layer:
    """One Cryptomatte of a file: its name, and the bits of each object's id by object name."""

    name: str
    manifest: Mapping[str, int] = field(default_factory=dict)

    def pairs(self, channels: Sequence[str]) -> list[tuple[int, int]]:
        """Where ids and coverages lie among these channels, by rank. Raises MatteMissing."""
        at: dict[tuple[int, str], int] = {}
        for index, channel in enumerate(channels):
            found = _RANK.fullmatch(channel[len(self.name) :])
            if channel.startswith((self.name, _ILLEGAL.sub("_", self.name))) and found:
                at[int(found[1]), found[2][0].lower()] = index
        ranks = sorted({rank for rank, _ in at})
        pairs = [
            (at[rank, ident], at[rank, share])
            for rank in ranks
            for ident, share in (("r", "g"), ("b", "a"))
            if (rank, ident) in at and (rank, share) in at
        ]
        if not pairs:
            raise MatteMissing(
                f"the Cryptomatte {self.name} has no ranked channels in this footage",
                hint=f"They are called {self.name}00.R and so on; open the file with all channels.",
                data={"channels": list(channels)},
            )
        return pairs

    def coverage(
        self, picture: Picture, channels: Sequence[str], ids: Sequence[int]
    ) -> NDArray[np.float32]:
        """``(row, column)`` float32, 0..1: how much of each pixel these objects cover."""
        covered = np.zeros(picture.shape[:2], np.float32)
        wanted = np.array(sorted(ids), np.uint32)
        for ident, share in self.pairs(channels):
            bits = np.ascontiguousarray(picture[..., ident], np.float32).view(np.uint32)
            covered += np.where(np.isin(bits, wanted), picture[..., share], np.float32(0))
        return np.clip(covered, 0, 1)


def layers(attributes: Mapping[str, str], path: str | Path = "") -> tuple[Layer, ...]:
    """The Cryptomattes a file's attributes (``Facts.attributes``) tell of.

    A manifest in a file of its own is read when it lies beside ``path``. Raises MediaDamaged for a
    manifest that cannot be read; none for a file without Cryptomatte.
    """
    said: dict[str, dict[str, str]] = {}
    for key, text in attributes.items():
        found = _ATTRIBUTE.fullmatch(key)
        if found:
            said.setdefault(found[1], {})[found[2]] = text
    return tuple(
        Layer(one["name"], _manifest(one, Path(path))) for one in said.values() if "name" in one
    )


def select(
    found: Sequence[Layer], names: Sequence[str], *, layer: str = ""
) -> tuple[Layer, tuple[int, ...]]:
    """The layer that has these objects, and the bits of their ids.

    ``*`` and ``?`` stand for any letters where there is a manifest; without one, names are hashed
    as they are. Raises MatteMissing with names near to the one that is not there.
    """
    usable = [one for one in found if layer in ("", one.name)]
    if not usable or not names:
        listed = ", ".join(one.name for one in found) or "none"
        asked = f"Cryptomatte {layer!r}" if layer else "Cryptomatte"
        raise MatteMissing(
            f"the file has no {asked}" if not usable else "no object was named",
            hint=f"Cryptomattes in the file: {listed}. Name at least one object.",
        )
    for one in usable:
        ids = [_ids(one, name) for name in names]
        if all(ids):
            return one, tuple(sorted({bits for group in ids for bits in group}))
    raise _unknown(usable, names)


def _ids(layer: Layer, name: str) -> list[int]:
    if not layer.manifest:
        return [id_of(name)]
    if name in layer.manifest:
        return [layer.manifest[name]]
    return [bits for known, bits in layer.manifest.items() if fnmatchcase(known, name)]


def _unknown(usable: Sequence[Layer], names: Sequence[str]) -> MatteMissing:
    known = sorted({name for one in usable for name in one.manifest})
    lacking = [name for name in names if not any(_ids(one, name) for one in usable)] or list(names)
    near = difflib.get_close_matches(lacking[0], known, n=5, cutoff=0.4)
    return MatteMissing(
        f"no Cryptomatte here has {', '.join(map(repr, lacking))}",
        hint=f"Near to it: {', '.join(near or known[:8])}",
        data={"names": known[:200]},
    )


def _manifest(said: Mapping[str, str], path: Path) -> dict[str, int]:
    text = said.get("manifest", "")
    if not text and said.get("manif_file"):
        text = _beside(path, said["manif_file"])
    if not text:
        return {}
    try:
        read = json.loads(text)
        return {str(name): int(str(bits), 16) & 0xFFFFFFFF for name, bits in read.items()}
    except (ValueError, AttributeError, RecursionError):
        raise MediaDamaged(
            f"the manifest of the Cryptomatte {said.get('name', '')} cannot be read",
            hint="It must be JSON: object names and their ids in hex. Render the file again.",
        ) from None


def _beside(path: Path, name: str) -> str:
    """A manifest's text; empty when it is not there. Never from another folder."""
    file = path.parent / Path(name.replace("\\", "/")).name
    try:
        if not str(path) or file.stat().st_size > _MANIFEST_MOST:
            return ""
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
