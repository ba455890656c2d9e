"""A file of many passes is decoded once for all that ask for some of its channels."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
from secondunit_bridge.film import Media

from .footage import Picture
from .stills import read_still

ReadStill: TypeAlias = Callable[[Path, Sequence[str]], Picture]
"""``(file, channels) -> (row, column, channel)`` float32. Raises as ``read_still``."""

_KEPT = 2  # decoded files: the one in use and the one that is read ahead


def read_alone(path: Path, channels: Sequence[str]) -> Picture:
    """The channels of one file."""
    return read_still(path, channels=channels).pixels


class Layers:
    """Knows which channels of a sequence are wanted in all. Asked from several threads."""

    def __init__(self) -> None:
        self._wanted: dict[str, tuple[str, ...]] = {}
        self._decoded: OrderedDict[Path, Picture] = OrderedDict()
        self._lock = threading.Lock()

    def expect(self, media: Iterable[Media]) -> None:
        """These will be opened. Media that share their files, each with channels named, count."""
        groups: dict[str, list[tuple[str, ...]]] = {}
        for one in media:
            groups.setdefault(one.path, []).append(one.channels)
        for path, channels in groups.items():
            if path and len(set(channels)) > 1 and all(channels):
                self._wanted[path] = tuple(dict.fromkeys(n for some in channels for n in some))

    def reader(self, media: Media) -> ReadStill:
        """What reads the files of this media."""
        wanted = self._wanted.get(media.path)
        if wanted is None or not set(media.channels) <= set(wanted):
            return read_alone

        def read(path: Path, channels: Sequence[str]) -> Picture:
            if not set(channels) <= set(wanted):
                return read_alone(path, channels)
            whole = self._whole(path, wanted)
            return np.ascontiguousarray(whole[..., [wanted.index(name) for name in channels]])

        return read

    def _whole(self, path: Path, wanted: tuple[str, ...]) -> Picture:
        with self._lock:  # whoever comes second waits, and finds it decoded
            if path not in self._decoded:
                while len(self._decoded) >= _KEPT:
                    self._decoded.popitem(last=False)
                self._decoded[path] = read_alone(path, wanted)
            return self._decoded[path]
