"""One numbering for each shot: what the cut's times mean as frame numbers of the media.

Sequences count by the number in the file name; movies by their embedded timecode when the cut
refers to it, else from 0; a still has one frame, 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from secondunit_bridge.errors import CutUnreadable

from .media_search import Found, MediaSearch, file_number, is_still, sequence_name
from .retime import as_written, frames_of, part, rate_of, run_of

TimecodeOf = Callable[[Path], "int | None"]
"""Embedded start timecode of a movie, as frames at its own rate; None when it has none."""

_FRAME_RATES_TO = 1000  # times at higher rates count samples or ticks, not frames


@dataclass(frozen=True)
class Reel:
    """The media of a clip and how to number it.

    The cut's position ``p`` (in media frames) is file frame
    ``base + floor(p - zero) // every * every``.
    """

    found: Found
    rate: Fraction  # of the media, as written
    start: Fraction  # where the clip's source range starts, in media frames as the cut counts
    length: Fraction  # of the clip on the timeline, in timeline frames
    zero: Fraction = Fraction(0)
    base: int = 0
    every: int = 1
    available: tuple[Fraction, Fraction] | None = None  # start, length, as the cut counts
    numbering: str = "zero"
    starts: int | None = None  # first frame of the media as the cut writes it

    def number(self, position: Fraction) -> int:
        """Frame number of a position."""
        return self.base + math.floor(position - self.zero) // self.every * self.every

    @property
    def span(self) -> tuple[int, int] | None:
        """First and last frame number the media has, None when nobody says."""
        if self.numbering == "still":
            return 0, 0
        if self.available and self.available[1] > 0:
            start, length = self.available
            return self.number(start), self.number(Fraction(math.ceil(start + length) - 1))
        return self.found.span


def reel(
    clip: Mapping[str, Any], rate: Fraction, search: MediaSearch, timecode_of: TimecodeOf | None
) -> Reel:
    """What a clip's active media reference says, resolved. ``rate`` is the timeline's.

    Raises CutUnreadable when the clip has no length, RateMismatch for a rate that is none.
    """
    reference = active_reference(clip)
    source = clip.get("source_range") or reference.get("available_range")
    if not isinstance(source, Mapping):
        raise CutUnreadable(
            f"the clip {clip.get('name')!r} says neither which frames it shows nor how many its "
            "media has",
            hint="Relink the clip in the editing software and export again.",
        )
    own = _media_rate(reference, source, rate)
    available = reference.get("available_range")
    said = run_of(available, own) if isinstance(available, Mapping) else None
    plain = Reel(
        found=Found(None, False, "the cut names no file"),
        rate=own,
        start=frames_of(part(source, "start_time"), own),
        length=frames_of(part(source, "duration"), rate),
        available=said,
        starts=math.floor(said[0]) if said else None,
    )
    schema = str(reference.get("OTIO_SCHEMA", "")).partition(".")[0]
    if schema == "ImageSequenceReference":
        return _sequence(plain, reference, search)
    url = _url(reference, schema)
    return _file(plain, url, search, timecode_of) if url else _as_movie(plain)


def active_reference(clip: Mapping[str, Any]) -> Mapping[str, Any]:
    """The media reference a clip uses, of new (Clip.2) and old (Clip.1) clips; may be empty."""
    many = clip.get("media_references")
    if isinstance(many, Mapping):
        found = many.get(str(clip.get("active_media_reference_key")))
    else:
        found = clip.get("media_reference")
    return found if isinstance(found, Mapping) else {}


def _media_rate(
    reference: Mapping[str, Any], source: Mapping[str, Any], rate: Fraction
) -> Fraction:
    available = reference.get("available_range")
    said = reference.get("rate")
    if isinstance(said, (int, float)) and 0 < said <= _FRAME_RATES_TO:
        return as_written(said)
    for times in (available, source):
        if isinstance(times, Mapping):
            own = rate_of(part(times, "start_time"))
            if own <= _FRAME_RATES_TO:
                return own
    return rate


def _url(reference: Mapping[str, Any], schema: str) -> str:
    if schema != "MissingReference":
        return str(reference.get("target_url") or "")
    metadata = reference.get("metadata")
    resolve = metadata.get("Resolve_OTIO") if isinstance(metadata, Mapping) else None
    return str(resolve.get("Media Url") or "") if isinstance(resolve, Mapping) else ""


def _holds(base: Fraction | int, plain: Reel) -> bool:
    """The clip's start lies in the media, if the media's first frame counts as ``base``."""
    return plain.available is None or base <= plain.start <= base + plain.available[1]


def _sequence(plain: Reel, reference: Mapping[str, Any], search: MediaSearch) -> Reel:
    folder = str(reference.get("target_url_base") or "")
    digits = max(int(reference.get("frame_zero_padding") or 0), 1)
    name = f"{reference.get('name_prefix', '')}%0{digits}d{reference.get('name_suffix', '')}"
    joint = "" if not folder or folder.endswith(("/", "\\")) else "/"
    first = int(reference.get("start_frame") or 0)
    found = search.find(f"{folder}{joint}{name}", sequence=True)
    if plain.available is None:
        zero = Fraction(first if plain.start >= first else 0)
    else:
        # Resolve and Hiero write a range that starts at 0 beside a source that starts at the
        # file's number, or the reverse.
        bases = (plain.available[0], Fraction(first), Fraction(0))
        zero = next((base for base in bases if _holds(base, plain)), bases[0])
        plain = replace(plain, available=(zero, plain.available[1]))
    every = max(int(reference.get("frame_step") or 1), 1)
    return replace(plain, found=found, zero=zero, base=first, every=every, numbering="file")


def _file(plain: Reel, url: str, search: MediaSearch, timecode_of: TimecodeOf | None) -> Reel:
    numbered = sequence_name(url) if _is_run(plain, url) else None
    found = search.find(numbered or url, sequence=bool(numbered))
    if numbered or (is_still(url) and "%" in (found.path or "")):
        return _pattern(replace(plain, found=found), url if numbered else "")
    if is_still(url):
        return replace(plain, found=found, available=None, numbering="still")
    return _as_movie(replace(plain, found=found), timecode_of)


def _is_run(plain: Reel, url: str) -> bool:
    """A numbered picture stands for its sequence when the cut sees more than one frame in it."""
    number = file_number(url)
    if not is_still(url) or number is None:
        return False
    if plain.available is not None:
        return plain.available[1] > 1
    return plain.start == number


def _pattern(plain: Reel, first_file: str) -> Reel:
    """Frames of a pattern count as the cut writes them, unless that is not what is on disk."""
    first = file_number(first_file) if first_file else None
    span = plain.found.span
    whole = math.floor(plain.start)
    if first is None and span and not span[0] <= whole <= span[1]:
        first = span[0]
    if first is None or plain.available is None:
        return replace(plain, numbering="file")
    zero = next(
        (b for b in (plain.available[0], Fraction(first)) if _holds(b, plain)), plain.available[0]
    )
    available = (zero, plain.available[1])
    return replace(plain, zero=zero, base=first, available=available, numbering="file")


def _as_movie(plain: Reel, timecode_of: TimecodeOf | None = None) -> Reel:
    path = plain.found.path if plain.found.online else None
    says = timecode_of(Path(path)) if timecode_of and path else None
    known = bool(timecode_of and path)
    if plain.available is None or not _holds(plain.available[0], plain):
        return _movie_of_unsure_start(plain, says, known=known)
    start = plain.available[0]
    if start == 0:
        return plain
    if known and says != math.floor(start):
        return replace(plain, zero=start)  # no such timecode in the movie: count from 0
    return replace(plain, numbering="timecode")


def _movie_of_unsure_start(plain: Reel, says: int | None, *, known: bool) -> Reel:
    """The source range is not in the available range, or there is none."""
    if plain.available and plain.available[0] > 0 and _holds(0, plain):
        # The media has timecode but this clip counts from its first frame.
        shifted = replace(plain, zero=Fraction(0), base=math.floor(plain.available[0]))
        return replace(shifted, available=(Fraction(0), plain.available[1]), numbering="timecode")
    if known:
        counted = bool(says) and plain.start >= (says or 0)
        return replace(plain, available=None, numbering="timecode" if counted else "zero")
    return replace(plain, available=None, numbering="cut")
