"""Frames of takes as a screen shows them: made when they are asked for, the latest kept in memory.

A frame is read from the vault, made small, exposed, and seen through the project's OpenColorIO
view. Nothing is written to disk: pictures are confidential.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.errors import CodecMissing, FieldError, FramesMissing

from ..colour import Colour
from ..media.footage import Picture
from ..media.plates import read_plate
from ..stage.frames import KeptFootage
from ..vault import Vault
from .outside import Outside
from .reel import Reel, TakeNow

WIDTHS = (240, 640, 1280, 1920)  # proxies that are made; 1280 is the player's
MOST_STOPS = 8.0
SHOWS = ("take", "plate", "outside")
_KEPT = 192 << 20  # bytes of pictures kept
_QUALITY = 88

Shown = NDArray[np.uint8]


@dataclass(frozen=True)
class Look:
    """How a frame is shown. ``view`` is an index into the configuration's views."""

    width: int = 1280
    stops: float = 0.0
    view: int = 0
    show: str = "take"

    def __post_init__(self) -> None:
        if self.width not in WIDTHS or self.show not in SHOWS or not 0 <= self.view < 100:
            raise FieldError("a picture of that form is not made", hint="Load the page again.")
        if not abs(self.stops) <= MOST_STOPS:
            raise FieldError(f"exposure: expected at most {MOST_STOPS:g} stops either way")


class Pictures:
    """JPEG of frames. Any thread may ask; one frame is made once at a time."""

    def __init__(self, reel: Reel, home: Path) -> None:
        self._reel, self._home = reel, home
        self._colours: dict[str, Colour] = {}
        self._kept: OrderedDict[tuple[Any, ...], bytes] = OrderedDict()
        self._bytes, self._lock = 0, threading.Lock()
        self._making: dict[tuple[Any, ...], threading.Lock] = {}

    def views(self, project: str) -> tuple[str, ...]:
        """Names of the views of a project's configuration. Raises what loading it raises."""
        return self._colour(project).views

    def jpeg(self, take: str, number: int, look: Look) -> bytes:
        """One delivered frame of a take. Raises UnknownId, FramesMissing, MediaOffline ..."""
        now = self._reel.take(take)
        media = now.shown.media if now.shown else None
        if media is None or number not in media.frames:
            raise FramesMissing(f"take {take} has no frame {number}", hint="Load the page again.")
        key = (media.digests[number - media.frames.first], take, number, look)
        with self._lock:
            mine = self._making.setdefault(key, threading.Lock())
        with mine:
            found = self._held(key)
            if found is None:
                found = jpeg_of(self._made(now, number, look))
                self._hold(key, found)
        with self._lock:
            self._making.pop(key, None)
        return found

    def _made(self, now: TakeNow, number: int, look: Look) -> Shown:
        project = self._reel.shot(now.shot).shot.project
        colour, vault = self._colour(project), Vault(self._store(now, project) / "vault")
        assert now.shown is not None  # asked above
        assert now.shown.media is not None
        footage = KeptFootage(now.shown.media, vault)
        if look.show == "take":
            return self._screen(footage.frame(number), footage.space, colour, look)
        outside = Outside(now.receipt, vault, number)
        if look.show == "plate":
            return self._screen(outside.plate(), outside.space, colour, look)
        result = read_plate(vault.path(now.shown.media.digests[number - footage.frames.first]))
        under = self._screen(outside.displayed(result), footage.space, colour, look)
        return outside.coloured(under, result)

    def _screen(self, picture: Picture, space: str, colour: Colour, look: Look) -> Shown:
        import cv2

        rgb = np.nan_to_num(np.ascontiguousarray(picture[..., :3], dtype=np.float32))
        if rgb.shape[2] != 3:
            rgb = np.repeat(rgb[..., :1], 3, axis=2)
        if look.width < rgb.shape[1]:
            high = max(1, round(rgb.shape[0] * look.width / rgb.shape[1]))
            rgb = np.asarray(cv2.resize(rgb, (look.width, high), interpolation=cv2.INTER_AREA))
        seen = colour.seen(rgb * np.float32(2.0**look.stops), space, _view(colour, look.view))
        return (np.clip(np.nan_to_num(seen), 0, 1) * 255 + 0.5).astype(np.uint8)

    def _colour(self, project: str) -> Colour:
        config = self._reel.projects[project].ocio if project in self._reel.projects else ""
        with self._lock:
            if config not in self._colours:
                self._colours[config] = Colour(config)
            return self._colours[config]

    def _store(self, now: TakeNow, project: str) -> Path:
        said = now.store or (self._reel.projects[project].store if project else "")
        return Path(said) if said else self._home / "projects" / project

    def _held(self, key: tuple[Any, ...]) -> bytes | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _hold(self, key: tuple[Any, ...], data: bytes) -> None:
        with self._lock:
            self._kept[key] = data
            self._bytes += len(data)
            while self._bytes > _KEPT:
                self._bytes -= len(self._kept.popitem(last=False)[1])


def _view(colour: Colour, index: int) -> str:
    views = colour.views
    return views[min(index, len(views) - 1)]


def jpeg_of(shown: Shown) -> bytes:
    """A picture for a screen, ``(row, column, RGB)`` uint8, as JPEG. Raises CodecMissing."""
    import cv2

    done, data = cv2.imencode(".jpg", shown[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not done:
        raise CodecMissing("this installation cannot write JPEG", hint="Reinstall the core extra.")
    return data.tobytes()
