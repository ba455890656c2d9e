"""Opening media as footage: sequences, held stills and movies, each in its own colour space."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

import numpy as np
from secondunit_bridge.errors import (
    ColorUnknown,
    FramesMissing,
    MediaDamaged,
    MediaOffline,
    TurnoverRejected,
)
from secondunit_bridge.film import Media
from secondunit_bridge.timing import FrameRange

from .facts import Facts
from .footage import Picture
from .layers import ReadStill, read_alone
from .movies import Movie
from .patterns import FramePattern, gaps, is_pattern
from .reading import first_bytes, offline
from .stills import UNSAID, is_still, still_facts

Decide: TypeAlias = Callable[[Facts, str, str], tuple[str, str]]
"""``(facts, declared space, movie space) -> (space, remark)``: ``Colour.space_of``."""

_KEPT = 3  # frames kept: a comparison of neighbours asks for the same few again


class OpenFootage:
    """Media that is open: a Footage. A context manager; frames may be asked for from any thread.

    ``facts`` are the file's, ``remarks`` say what was assumed. Numbers outside ``frames`` can be
    asked for as long as the media has them. The next frame of a sequence is read ahead while the
    last one is looked at.
    """

    def __init__(
        self,
        facts: Facts,
        frames: FrameRange,
        channels: tuple[str, ...],
        space: tuple[str, str],
        read: Callable[[int], Picture],
        *,
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self.facts, self.frames, self.channels = facts, frames, channels
        self.space, remark = space
        self.remarks = (*facts.remarks, *([remark] if remark else []))
        self._read, self._close = read, close
        self._cache: OrderedDict[int, Future[Picture]] = OrderedDict()
        self._lock = threading.Lock()
        self._reader = ThreadPoolExecutor(1, "footage")  # starts its thread at the first frame

    def __enter__(self) -> OpenFootage:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def width(self) -> int:
        """Columns."""
        return self.facts.width

    @property
    def height(self) -> int:
        """Rows."""
        return self.facts.height

    def close(self) -> None:
        """Give the files back. Waits for the frame that is being read."""
        self._reader.shutdown(cancel_futures=True)
        self._cache.clear()
        self._close()

    def frame(self, number: int) -> Picture:
        """One frame, read-only: it may be given again. Raises FramesMissing, MediaOffline,
        MediaDamaged."""
        key = self.frames.first if self.facts.kind == "still" else number
        with self._lock:
            found = self._slot(key)
            if key - 1 in self._cache and key + 1 in self.frames:
                self._slot(key + 1)
            while len(self._cache) > _KEPT:
                self._cache.popitem(last=False)
        return found.result()

    def _slot(self, number: int) -> Future[Picture]:
        """The frame that is there, being read, or now asked for."""
        slot = self._cache.get(number)
        if slot is None or (slot.done() and slot.exception() is not None):
            slot = self._cache[number] = self._reader.submit(self._load, number)
        self._cache.move_to_end(number)
        return slot

    def _load(self, number: int) -> Picture:
        picture = self._read(number)
        picture.flags.writeable = False
        return picture


def open_footage(
    media: Media,
    *,
    movie_space: str = "",
    decide: Decide | None = None,
    search: Sequence[Path] = (),
    read_still: ReadStill = read_alone,
) -> OpenFootage:
    """Media as footage in its own colour space, its frames numbered as ``media.frames`` numbers.

    ``media.path`` is a pattern, one file of a sequence, a folder, a still (held for every frame)
    or a movie (numbered by its timecode when ``media.frames`` lies there, else from 0).
    ``media.channels`` are given in that order; one-channel pictures serve any of R, G, B. Pass
    ``Colour.space_of`` as ``decide``; without it the declared space, the file's own word, and
    ``movie_space`` for untagged movies are taken as they are. ``read_still`` reads one picture.

    Raises MediaOffline (with candidates from ``search``), FramesMissing (with the exact gaps),
    ColorUnknown, MediaDamaged, NotPermitted, OverLimits, TurnoverRejected.
    """
    if not media.path:
        raise MediaOffline(
            "this media has no path: its frames are in a project's vault",
            hint="Open the vault's files with open_stills.",
        )
    chosen = decide or _as_said
    path = Path(media.path)
    if not is_pattern(media.path) and not os.path.isdir(path):
        first_bytes(path, search=search)
        if not is_still(path):
            return _open_movie(media, chosen, movie_space)
    files = files_of(media, search)
    return open_stills(
        files, media.frames, media.channels, space=media.space, decide=chosen,
        read_still=read_still,
    )  # fmt: skip


def open_stills(
    files: Mapping[int, Path],
    frames: FrameRange,
    channels: Sequence[str] = ("R", "G", "B"),
    *,
    space: str = "",
    decide: Decide | None = None,
    read_still: ReadStill = read_alone,
) -> OpenFootage:
    """Pictures by frame number as footage, for example the vault's. ``space`` is what is declared.

    Raises FramesMissing when ``files`` lacks some of ``frames``, and as open_footage.
    """
    holes = gaps(files, frames.first, frames.last)
    if holes:
        raise _missing(holes, f"{frames.first} to {frames.last}")
    facts = still_facts(files[frames.first])
    first, last = min(files), max(files)
    kind = "sequence" if len(set(files.values())) > 1 else "still"
    heard = tuple(said for said in facts.remarks if said != UNSAID)  # ``frames`` say the rate
    facts = replace(facts, kind=kind, frames=FrameRange(first, last, frames.rate), remarks=heard)
    wanted, picks = _picks(tuple(channels), facts)
    size = (facts.height, facts.width)

    def read(number: int) -> Picture:
        if number not in files:
            raise _missing([[number, number]], f"{first} to {last}")
        picture = read_still(files[number], picks)
        if picture.shape[:2] != size:
            raise MediaDamaged(
                f"{files[number].name} is {picture.shape[1]}x{picture.shape[0]}, "
                f"the others are {size[1]}x{size[0]}",
                hint="All frames of a sequence must have one size.",
            )
        return picture if len(picks) == len(wanted) else np.repeat(picture, len(wanted), axis=2)

    decided = (decide or _as_said)(facts, space, "")
    return OpenFootage(facts, frames, wanted, decided, read)


def files_of(media: Media, search: Sequence[Path] = ()) -> dict[int, Path]:
    """Which file each frame is in: the pattern's, or the one still for all of them."""
    path = Path(media.path)
    if os.path.isfile(path):
        pattern = _sequence_of(path, media.frames)
        if pattern is None:
            return dict.fromkeys(media.frames, path)
    else:
        pattern = FramePattern.parse(media.path)
    have = pattern.numbers() if os.path.isdir(pattern.folder) else ()
    if not have:
        raise offline(pattern.path(media.frames.first), search)
    holes = gaps(have, media.frames.first, media.frames.last)
    if holes:
        raise _missing(holes, pattern.name)
    return {number: pattern.path(number) for number in have}


def _sequence_of(path: Path, frames: FrameRange) -> FramePattern | None:
    """The sequence that a named file stands for; None when it is a still to hold."""
    if len(frames) == 1:
        return None
    try:
        pattern = FramePattern.parse(path)
    except TurnoverRejected:
        return None
    have = pattern.numbers()
    return pattern if sum(number in frames for number in have) > 1 else None


def _open_movie(media: Media, decide: Decide, movie_space: str) -> OpenFootage:
    with ExitStack() as stack:
        movie = stack.enter_context(Movie(Path(media.path)))
        first = _numbering(media.frames, movie.facts)
        last = first + len(movie) - 1
        facts = replace(movie.facts, frames=FrameRange(first, last, movie.facts.frames.rate))
        holes = gaps(range(first, last + 1), media.frames.first, media.frames.last)
        if holes:
            raise _missing(holes, Path(media.path).name)
        wanted, picks = _picks(media.channels, facts)
        at = [facts.channels.index(name) for name in picks]
        same = at == list(range(len(facts.channels)))

        def read(number: int) -> Picture:
            picture = movie.frame(number - first)
            return picture if same else np.ascontiguousarray(picture[..., at])

        space = decide(facts, media.space, movie_space)
        close = stack.pop_all().close
    return OpenFootage(facts, media.frames, wanted, space, read, close=close)


def _numbering(asked: FrameRange, facts: Facts) -> int:
    """The number of a movie's first frame, as the asked range counts: from 0, or by timecode."""
    count, start = len(facts.frames), facts.timecode
    from_zero = asked.first >= 0 and asked.last < count
    if start is None or from_zero:
        return 0
    overlaps = asked.first < start + count and asked.last >= start
    return start if overlaps else 0


def _picks(wanted: tuple[str, ...], facts: Facts) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Channel names to give and to read; a picture of one channel serves all of R, G and B."""
    if not wanted:
        return facts.channels, facts.channels
    if len(facts.channels) == 1 and set(wanted) <= {"R", "G", "B", "Y"}:
        return wanted, facts.channels
    lacking = [name for name in wanted if name not in facts.channels]
    if lacking:
        raise TurnoverRejected(
            f"{Path(facts.path).name} has no channel {', '.join(lacking)}",
            hint=f"It has: {', '.join(facts.channels)}",
            data={"channels": list(facts.channels)},
        )
    return wanted, wanted


def _missing(holes: list[list[int]], where: str) -> FramesMissing:
    count = sum(last - first + 1 for first, last in holes)
    listed = ", ".join(f"{a}-{b}" if a != b else str(a) for a, b in holes[:12])
    more = "" if len(holes) <= 12 else f" and {len(holes) - 12} more gaps"
    return FramesMissing(
        f"{count} frame{'s are' if count > 1 else ' is'} missing of {where}: {listed}{more}",
        hint="Render or copy the missing frames, or ask for a range that is there.",
        data={"missing": holes},
    )


def _as_said(facts: Facts, declared: str, movie_space: str) -> tuple[str, str]:
    """The space without a configuration to look names up in."""
    if declared or facts.space:
        return declared or facts.space, ""
    name = Path(facts.path).name
    if facts.kind == "movie" and movie_space and not (facts.primaries or facts.transfer):
        return movie_space, f"{name} carries no colour tag; read as {movie_space}, the project's"
    raise ColorUnknown(
        f"nothing says which colour space {name} is in",
        hint=f"Declare its space. It may be {' or '.join(facts.guesses)}.",
        data={"path": facts.path, "guesses": list(facts.guesses)},
    )
