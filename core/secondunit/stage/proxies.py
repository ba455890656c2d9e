"""Proxies of takes: small JPEGs that play at rate, in the vault until somebody deletes them.

They are no state. A frame's proxy is named by the digest of its pixels and by how it is seen, so
that another configuration makes others, and one that is missing is made when it is looked at.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

from secondunit_bridge.film import Media

from ..colour import Colour
from ..disk import private_folder, saying_why
from ..hookspecs import Watch
from ..media.widths import SQUARE, small
from ..vault import Vault
from .frames import KeptFootage
from .orders import MakeProxies
from .shown import jpeg_of, on_screen

WIDTH = 1280  # columns: 720p of a 16:9 picture
LEAST_PIXELS = 600_000  # smaller frames are read from the vault quickly enough
QUALITY = 86
_END = b"\xff\xd9"  # of a JPEG that is whole
_BEAT = 24  # frames between two signs of life
_FORM = 1  # of what is below; another number makes all of them anew


@dataclass(frozen=True)
class Made:
    """What making the proxies of a take has cost: new frames, their bytes, seconds of processor."""

    frames: int
    bytes: int
    cpu_s: float


class Proxies:
    """Those of one store, through the first view of a configuration."""

    def __init__(self, store: Path, colour: Colour) -> None:
        self._root, self._colour = folder(store), colour

    def path(self, digest: str, space: str, aspect: Fraction = SQUARE) -> Path:
        """Where the proxy of a frame lies, whether it is there or not.

        ``aspect`` is that of its pixels, width over height; the proxy's own are square.
        """
        said = f"{_FORM} {WIDTH} {QUALITY} {self._colour.digest} {self._colour.views[0]} {space}"
        said += f" {aspect}" if aspect != SQUARE else ""
        return self._root / sha256(said.encode()).hexdigest()[:16] / digest[:2] / f"{digest}.jpg"

    def held(self, digest: str, space: str, aspect: Fraction = SQUARE) -> bytes | None:
        """The JPEG; None when there is none, or half of one."""
        try:
            data = self.path(digest, space, aspect).read_bytes()
        except OSError:
            return None
        return data if data.endswith(_END) else None

    def keep(self, digest: str, space: str, data: bytes, aspect: Fraction = SQUARE) -> None:
        """Keep one. It is not waited for until the disk has it: what is lost is made again.

        Raises DiskFull, NotPermitted, StoreError.
        """
        final = self.path(digest, space, aspect)
        private_folder(final.parent)
        draft = final.with_name(f".{final.name}.{os.urandom(4).hex()}.part")
        with saying_why(final):
            try:
                draft.write_bytes(data)
                draft.chmod(0o600)
                os.replace(draft, final)
            finally:
                draft.unlink(missing_ok=True)


def folder(store: Path) -> Path:
    """Where the proxies of a store lie. It may be deleted at any time."""
    return store / "vault" / "proxies"  # where no sequence can have its versions


def wanted(media: Media | None) -> bool:
    """Its frames are so large that they would not play at rate from the vault."""
    return media is not None and media.width * media.height > LEAST_PIXELS


def make(order: MakeProxies, watch: Watch, alive: Callable[[], object] = lambda: None) -> Made:
    """Make what is missing of a take's proxies; ``alive`` is called now and then.

    Raises what reading its frames raises, DiskFull.
    """
    began, frames, size = time.process_time(), 0, 0
    colour, media = Colour(order.ocio), order.media
    proxies = Proxies(Path(order.store), colour)
    footage = KeptFootage(media, Vault(Path(order.store) / "vault"))
    aspect = footage.pixel_aspect()
    for number in media.frames:
        watch.check()
        if number % _BEAT == 0:
            alive()
        digest = media.digests[number - media.frames.first]
        if proxies.held(digest, media.space, aspect) is None:
            rgb = small(footage.frame(number), WIDTH, aspect)
            data = jpeg_of(on_screen(rgb, media.space, colour, colour.views[0]), QUALITY)
            proxies.keep(digest, media.space, data, aspect)
            frames, size = frames + 1, size + len(data)
    return Made(frames, size, round(time.process_time() - began, 3))


def told(store: Path) -> dict[str, Any]:
    """How many proxies a store has, and the bytes they take."""
    files = size = 0
    for path in folder(store).rglob("*.jpg"):
        with suppress(FileNotFoundError):  # deleted while we count
            size, files = size + path.stat().st_size, files + 1
    return {"frames": files, "bytes": size}
