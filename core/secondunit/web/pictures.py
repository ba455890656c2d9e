"""Frames of takes as a screen shows them: made when they are asked for, the latest kept in memory.

A frame is read from the vault, made small, exposed, and seen through the project's OpenColorIO
view. As it is first seen, unexposed and through the first view, a large frame has a proxy in
the vault: it is sent as it is, and made when it is missing. All else is kept in memory only.
Frames are made by a few threads that stand behind what is being shot.
"""

from __future__ import annotations

import os
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.errors import FieldError, FramesMissing, StoreError, UnknownId
from secondunit_bridge.film import Element, Media, Project

from ..colour import Colour
from ..media.footage import Picture
from ..media.plates import read_plate
from ..media.widths import SQUARE, small
from ..stage import proxies
from ..stage.frames import KeptFootage
from ..stage.shown import Shown, jpeg_of, narrower, on_screen
from ..vault import Vault
from .beside import SIDES, Beside
from .outside import Outside
from .reel import Reel, TakeNow

WIDTHS = (240, 640, 1280, 1920)  # 1280 is the player's and that of proxies
MOST_STOPS = 8.0
GAMMAS = (0.25, 4.0)
SHOWS = ("take", "plate", "outside", *SIDES)
_KEPT = 192 << 20  # bytes of pictures kept
_READ = 96 << 20  # bytes of frames kept before they are exposed: exposure is turned again and again
_QUALITY = 88
_MAKERS = min(4, max(2, (os.cpu_count() or 2) // 2))
_KINDLY = 10  # how far behind others who makes frames stands in line for a processor


@dataclass(frozen=True)
class Look:
    """How a frame is shown. ``view`` is an index into the configuration's views."""

    width: int = 1280
    stops: float = 0.0
    view: int = 0
    show: str = "take"
    gamma: float = 1.0

    def __post_init__(self) -> None:
        if self.width not in WIDTHS or self.show not in SHOWS or not 0 <= self.view < 100:
            raise FieldError("a picture of that form is not made", hint="Load the page again.")
        if not abs(self.stops) <= MOST_STOPS:
            raise FieldError(f"exposure: expected at most {MOST_STOPS:g} stops either way")
        if not GAMMAS[0] <= self.gamma <= GAMMAS[1]:
            raise FieldError(f"gamma: expected {GAMMAS[0]:g} to {GAMMAS[1]:g}")

    @property
    def plain(self) -> bool:
        """As proxies show it."""
        return (self.stops, self.view, self.show, self.gamma) == (0, 0, "take", 1)


class Pictures:
    """JPEG of frames. Any thread may ask; one frame is made once at a time."""

    def __init__(self, reel: Reel, home: Path) -> None:
        self._reel, self._home = reel, home
        self._colours: dict[str, Colour] = {}
        self._kept: OrderedDict[tuple[Any, ...], bytes] = OrderedDict()
        self._read: OrderedDict[tuple[str, int], NDArray[np.float16]] = OrderedDict()
        self._bytes, self._lock = 0, threading.Lock()
        self._making: dict[tuple[Any, ...], threading.Lock] = {}
        self._beside = Beside()
        self._aspects: dict[str, Fraction] = {}  # by the digest of a first frame
        self._makers = ThreadPoolExecutor(_MAKERS, "pictures", _stand_back)

    def views(self, project: str) -> tuple[str, ...]:
        """Names of the views of a project's configuration. Raises what loading it raises."""
        return self._colour(project).views

    def jpeg(self, take: str, number: int, look: Look) -> bytes:
        """One delivered frame of a take. Raises UnknownId, FramesMissing, MediaOffline ..."""
        now = self._reel.take(take)
        media = now.shown.media if now.shown else None
        if look.show in SIDES:
            key: tuple[Any, ...] = ("", now.turnover, number, look)
        elif media is None or number not in media.frames:
            raise FramesMissing(f"take {take} has no frame {number}", hint="Load the page again.")
        else:
            key = (media.digests[number - media.frames.first], take, number, look)
        return self._once(key, lambda: self._made(now, number, look))

    def handed(self, take: str, index: int) -> bytes:
        """A small picture of an element of a take's turnover. Raises UnknownId, MediaOffline ..."""
        now = self._reel.take(take)
        elements = self._reel.turnovers[now.turnover].elements
        if not 0 <= index < len(elements):
            raise UnknownId(f"take {take} has no element {index}", hint="Load the page again.")
        key = ("", now.turnover, index, "handed")
        return self._once(key, lambda: self._handed(now, elements[index]))

    def beside(self, take: str) -> dict[str, Any]:
        """Which frames play before and after a take's shot, as it was handed over."""
        now = self._reel.take(take)
        return self._beside.told(self._reel.turnovers[now.turnover], *self._there(now))

    def _once(self, key: tuple[Any, ...], make: Callable[[], bytes]) -> bytes:
        with self._lock:
            mine = self._making.setdefault(key, threading.Lock())
        try:
            with mine:
                found = self._held(key)
                if found is None:
                    found = self._makers.submit(make).result()
                    self._hold(key, found)
        finally:
            with self._lock:
                self._making.pop(key, None)
        return found

    def _handed(self, now: TakeNow, element: Element) -> bytes:
        project, colour, vault = self._there(now)
        seen, space, aspect = self._beside.poster(element, project, colour, vault)
        return jpeg_of(_shown(small(seen, WIDTHS[0], aspect), space, colour, Look()), _QUALITY)

    def _made(self, now: TakeNow, number: int, look: Look) -> bytes:
        project, colour, vault = self._there(now)
        if look.show in SIDES:
            asked = self._reel.turnovers[now.turnover]
            seen, space, aspect = self._beside.frame(
                look.show, number, asked, project, colour, vault
            )
            return jpeg_of(_shown(small(seen, look.width, aspect), space, colour, look), _QUALITY)
        assert now.shown is not None  # asked above
        media = now.shown.media
        assert media is not None
        if look.show == "take":
            return self._take(media, number, look, colour, vault)
        outside = Outside(now.receipt, vault, number)
        if look.show == "plate":
            plate = small(outside.plate(), look.width, self._aspect(media, vault))
            return jpeg_of(_shown(plate, outside.space, colour, look), _QUALITY)
        result = read_plate(vault.path(media.digests[number - media.frames.first]))
        under = small(outside.displayed(result), look.width, self._aspect(media, vault))
        coloured = outside.coloured(_shown(under, media.space, colour, look), result)
        return jpeg_of(coloured, _QUALITY)

    def _take(self, media: Media, number: int, look: Look, colour: Colour, vault: Vault) -> bytes:
        digest = media.digests[number - media.frames.first]
        large = look.plain and look.width <= proxies.WIDTH and proxies.wanted(media)
        if not large:
            rgb = self._frame(media, number, look, vault)
            return jpeg_of(_shown(rgb, media.space, colour, look), _QUALITY)
        kept = proxies.Proxies(vault.store, colour)
        aspect = self._aspect(media, vault)
        found = kept.held(digest, media.space, aspect)
        if found is None:
            rgb = self._frame(media, number, Look(proxies.WIDTH), vault)
            found = jpeg_of(_shown(rgb, media.space, colour, Look()), proxies.QUALITY)
            with suppress(StoreError):  # a full disk keeps nobody from looking
                kept.keep(digest, media.space, found, aspect)
        return found if look.width == proxies.WIDTH else narrower(found, look.width, _QUALITY)

    def _frame(self, media: Media, number: int, look: Look, vault: Vault) -> Picture:
        """A frame made small, RGB float32 in its own space. The latest are kept, as half."""
        key = (media.digests[number - media.frames.first], look.width)
        with self._lock:
            held = self._read.get(key)
        if held is not None:
            return held.astype(np.float32)
        seen = KeptFootage(media, vault).frame(number)
        rgb = small(seen, look.width, self._aspect(media, vault))
        if not look.plain:  # who turns the exposure once turns it again
            with self._lock:
                self._read[key] = np.clip(rgb, -65504, 65504).astype(np.float16)
                while sum(one.nbytes for one in self._read.values()) > _READ:
                    self._read.popitem(last=False)
        return rgb

    def _aspect(self, media: Media, vault: Vault) -> Fraction:
        """How wide a pixel of a take is over its height; 1 when its frames are gone."""
        first = media.digests[0]
        if first not in self._aspects:
            with suppress(FramesMissing):
                self._aspects[first] = KeptFootage(media, vault).pixel_aspect()
        return self._aspects.get(first, SQUARE)

    def _there(self, now: TakeNow) -> tuple[Project, Colour, Vault]:
        name = self._reel.shot(now.shot).shot.project
        store = Vault(self._store(now, name) / "vault")
        known = self._reel.projects.get(name) or Project(name, Fraction(24), 0, 0)
        return known, self._colour(name), store

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


def _stand_back() -> None:
    """Give way to the daemon and to what is being shot, as far as this system has it by thread."""
    import cv2

    cv2.setNumThreads(1)  # its own threads would not give way
    if sys.platform == "linux":  # elsewhere it is for a whole process, and what that starts
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _KINDLY)


def _view(colour: Colour, index: int) -> str:
    views = colour.views
    return views[min(index, len(views) - 1)]


def _shown(rgb: Picture, space: str, colour: Colour, look: Look) -> Shown:
    view = _view(colour, look.view)
    return on_screen(rgb, space, colour, view, stops=look.stops, gamma=look.gamma)
