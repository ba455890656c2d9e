"""Which frames a movie has and where each can be found: its packets' time stamps, read once.

Frame n is the n-th shown frame in order of time. The index is made without decoding where a packet
is known to hold one shown frame, else by decoding once; where neither is certain it is an error.
Key frames are kept even when an edit list hides them: decoding starts there.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from secondunit_bridge.errors import CodecMissing, MediaDamaged

if TYPE_CHECKING:
    from av.container import InputContainer

# Codecs whose packets hold one shown frame each in the containers that time them. Others (VP8 and
# its hidden frames, VC-1, Cinepak ...) are counted by decoding.
_ONE_FRAME_A_PACKET = frozenset(
    (
        "h264", "hevc", "av1", "vp9", "prores", "prores_raw", "dnxhd", "cfhd", "mjpeg", "jpeg2000",
        "mpeg4", "mpeg2video", "mpeg1video", "ffv1", "rawvideo", "v210", "v410", "r210", "r10k",
        "png", "qtrle", "dvvideo", "huffyuv", "ffvhuff", "utvideo", "hap", "exr", "dpx", "tiff",
    )
)  # fmt: skip
# Containers that store each frame's time stamp, so that it is the same after a seek. Transport and
# program streams may leave stamps out, and the reader then guesses them from where it landed: in
# those, and in any other, a frame is found by decoding from the start.
SEEKABLE = ("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "mxf", "avi", "nut")
_TRUE_LENGTH = ("avi", "mxf")  # their headers tell the length; others' is estimated from the file
_INTERLACED = (2, 3, 4, 5)  # AVFieldOrder beyond unknown (0) and progressive (1)


@dataclass(frozen=True)
class Index:
    """Time stamps in units of ``time_base`` seconds: of the shown frames, and of key frames."""

    stamps: tuple[int, ...]
    keys: tuple[int, ...]
    time_base: Fraction
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Entry:
    pts: int
    key: bool
    shown: bool
    corrupt: bool
    duration: int


def open_movie(path: Path) -> InputContainer:
    """The file, open, with at least one picture stream. Raises MediaDamaged, CodecMissing."""
    import av

    try:
        container = av.open(str(path))
    except av.error.FFmpegError as error:
        raise MediaDamaged(
            f"{path.name} cannot be opened as a movie: {_reason(error)}",
            hint="Copy the file again; it may be cut short or still being written.",
            data={"path": str(path), "last_readable": None},
        ) from None
    if not container.streams.video:
        container.close()
        raise MediaDamaged(f"{path.name} has no picture", hint="Choose a movie with a picture.")
    try:
        container.streams.video[0].codec_context.name  # noqa: B018 absent when nothing decodes it
    except (AttributeError, ValueError):
        container.close()
        raise CodecMissing(
            f"no decoder is installed for {path.name}", hint="Export it as ProRes or H.264."
        ) from None
    return container


def read_index(path: Path) -> Index:
    """The index of a movie's first picture stream. Blocks for one pass over the file.

    Raises MediaDamaged: cut short (naming the last readable frame), frames without time stamps,
    or time stamps out of order.
    """
    with open_movie(path) as container:
        entries, clean = _entries(path, container)
        stream = container.streams.video[0]
        base = Fraction(stream.time_base or 1)
        if not clean or _cut_short(path, container, entries, base):
            raise _truncated(path, entries, int(stream.frames))
        doubtful = _doubtful(container, entries)
    keys = tuple(sorted({entry.pts for entry in entries if entry.key}))
    shown = sorted(entry.pts for entry in entries if entry.shown)
    if not shown or not keys:
        raise MediaDamaged(f"{path.name} has no frames", hint="Export the movie again.")
    if doubtful:
        return Index(_by_decoding(path), keys, base)
    first = _first_decoded(path)
    whole = tuple(stamp for stamp in shown if stamp >= first)
    if len(whole) == len(shown):
        return Index(whole, keys, base)
    left = f"{len(shown) - len(whole)} frames at the start cannot be decoded and are not counted"
    return Index(whole, keys, base, (left,))


def readable(path: Path, start: int) -> list[int]:
    """Time stamps that decode without error from the key frame at or before ``start``, in order.

    Stops at the first damage: what comes after it may show a picture, but not the right one.
    """
    import av

    good: list[int] = []
    with open_movie(path) as container:
        stream = container.streams.video[0]
        stream.thread_type, stream.codec_context.thread_count = "NONE", 1
        try:
            container.seek(start, stream=stream, backward=True, any_frame=False)
            for packet in container.demux(stream):
                if packet.is_corrupt:
                    break
                for frame in packet.decode():
                    if frame.is_corrupt:
                        return good
                    good.append(int(frame.pts or 0))
            good.extend(int(f.pts or 0) for f in stream.decode(None) if not f.is_corrupt)
        except av.error.FFmpegError:
            good.extend(_drained(stream))
    return sorted(good)


def _drained(stream: Any) -> list[int]:
    """What the decoder still holds after a damaged packet: frames that came before it."""
    import av

    try:
        return [int(frame.pts or 0) for frame in stream.decode(None) if not frame.is_corrupt]
    except av.error.FFmpegError:
        return []


def _entries(path: Path, container: InputContainer) -> tuple[list[_Entry], bool]:
    """Every packet's entry, and whether the file could be read to its end."""
    import av

    entries: list[_Entry] = []
    try:
        for packet in container.demux(container.streams.video[0]):
            if not packet.size:
                continue
            if packet.pts is None:
                raise MediaDamaged(
                    f"{path.name} gives its frames no time stamps, so none can be found exactly",
                    hint="Rewrap it as MOV or MKV, for example: ffmpeg -i in -c copy out.mov",
                )
            entries.append(_entry(packet))
    except av.error.FFmpegError:
        return entries, False
    return entries, True


def _entry(packet: Any) -> _Entry:
    return _Entry(
        pts=int(packet.pts or 0),
        key=bool(packet.is_keyframe),
        shown=not packet.is_discard,
        corrupt=bool(packet.is_corrupt),
        duration=int(packet.duration or 0),
    )


def _cut_short(
    path: Path, container: InputContainer, entries: list[_Entry], base: Fraction
) -> bool:
    """The file ends before its header says it does."""
    if any(entry.corrupt for entry in entries):
        return True
    stream, size = container.streams.video[0], os.path.getsize(path)
    if "matroska" in container.format.name and _segment_end(path) > size:
        return True
    if "mov" in container.format.name:  # what an edit list hides is not missing: ask the bytes
        return any(entry.pos + entry.size > size for entry in stream.index_entries)
    stamps = sorted(entry.pts for entry in entries)
    told = _told_seconds(stream.metadata.get("DURATION", ""))
    if container.format.name in _TRUE_LENGTH and stream.duration:
        told = (int(stream.start_time or 0) + int(stream.duration)) * base
    if told is None or len(stamps) < 2:
        return False
    longest = max(b - a for a, b in pairwise(stamps))
    last = max(longest, max(entry.duration for entry in entries))
    return told > (stamps[-1] + last * Fraction(3, 2)) * base


def _segment_end(path: Path) -> int:
    """Where a Matroska file's one segment ends by its own header; 0 when it does not tell.

    RFC 8794, 4: an element's size is a number whose first byte's leading zeros count its bytes.
    """
    with open(path, "rb") as file:
        head = file.read(256)
    at = head.find(b"\x18\x53\x80\x67") + 4
    if at < 4 or at >= len(head) or not head[at]:
        return 0
    length = 9 - head[at].bit_length()
    size = int.from_bytes(head[at : at + length], "big") & ((1 << 7 * length) - 1)
    return 0 if size == (1 << 7 * length) - 1 else at + length + size


def _told_seconds(text: str) -> Fraction | None:
    """``00:00:02.503000000``, as Matroska files tell the length of a stream."""
    try:
        hours, minutes, seconds = text.split(":")
        return int(hours) * 3600 + int(minutes) * 60 + Fraction(seconds)
    except ValueError:
        return None


def _doubtful(container: InputContainer, entries: list[_Entry]) -> bool:
    """One packet may not be one shown frame, or its time stamp may not be the true one."""
    stream = container.streams.video[0]
    context = stream.codec_context
    stamps = [entry.pts for entry in entries if entry.shown]
    in_order = len(stamps) > 2 and stamps == sorted(stamps)
    return (
        context.name not in _ONE_FRAME_A_PACKET
        or len(set(stamps)) != len(stamps)
        # Frames are reordered, yet the stamps are not: AVI counts packets instead of timing frames
        or (in_order and int(context.reorder_depth) > 0)
        or (int(context.field_order) in _INTERLACED and "mov" not in container.format.name)
    )


def _by_decoding(path: Path) -> tuple[int, ...]:
    import av

    stamps: list[int] = []
    with open_movie(path) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        try:
            for frame in container.decode(stream):
                if frame.pts is None or (stamps and frame.pts <= stamps[-1]):
                    raise MediaDamaged(
                        f"{path.name} has time stamps that do not follow the order of its frames",
                        hint="Rewrap or export it again as MOV; AVI cannot time reordered frames.",
                        data={"path": str(path), "frame": len(stamps)},
                    )
                stamps.append(int(frame.pts))
        except av.error.FFmpegError as error:
            raise damaged(path, len(stamps), len(stamps) - 1, _reason(error)) from None
    return tuple(stamps)


def _first_decoded(path: Path) -> int:
    import av

    with open_movie(path) as container:
        try:
            for frame in container.decode(container.streams.video[0]):
                if frame.pts is not None:
                    return int(frame.pts)
        except av.error.FFmpegError as error:
            raise damaged(path, 0, None, _reason(error)) from None
    raise damaged(path, 0, None, "no frame can be decoded")


def damaged(path: Path, frame: int, last: int | None, reason: str) -> MediaDamaged:
    """The error for a frame that cannot be decoded; ``last`` is the last readable one before it."""
    until = "no frame before it is readable" if last is None else f"readable up to frame {last}"
    return MediaDamaged(
        f"{path.name} is damaged at frame {frame}: {reason}; {until}",
        hint="Copy or export the file again"
        + (f", or use frames up to {last}." if last is not None else "."),
        data={"path": str(path), "frame": frame, "last_readable": last},
    )


def _truncated(path: Path, entries: list[_Entry], told: int) -> MediaDamaged:
    shown = sorted({entry.pts for entry in entries if entry.shown and not entry.corrupt})
    keys = sorted({entry.pts for entry in entries if entry.key})
    last: int | None = None
    for key in reversed(keys):
        good = set(readable(path, key))
        whole = [n for n, stamp in enumerate(shown) if stamp in good]
        if whole:
            last = max(whole)
            break
    says = f"it tells of {told} frames, " if told > len(shown) else ""
    return MediaDamaged(
        f"{path.name} is cut short: {says}"
        + ("no frame is readable" if last is None else f"the last readable frame is {last}"),
        hint="Copy the file again from its source; it may still be being written.",
        data={"path": str(path), "last_readable": last, "told": told},
    )


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", "") or error).lower()
