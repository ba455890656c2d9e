"""Frames in memory that two processes share: one mapped file each, used again and again.

A slot file is a header page, then the pixels. The daemon makes the files and hands them out; its
memory says who owns one, the header only mirrors it. The generation rises with every hand-out, so
that whoever comes late is found out. A slot is never trusted: copy out of it once, then hash and
use that copy.
"""

from __future__ import annotations

import errno
import mmap
import os
import re
import struct
import sys
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from types import TracebackType
from typing import Optional, Tuple, Type

from .errors import DiskFull, FieldError, NotPermitted, SecondUnitError, SlotLost
from .processes import process_started
from .wire import dumps, loads, plain, typed

HEADER = 4096  # bytes before the pixels: one page, so that the pixels are aligned to pages
LAYOUT = 1
SMALLEST = 4 << 20  # bytes; see size_class
LARGEST = 4 << 30
ITEM_BYTES = {"uint8": 1, "uint16": 2, "float16": 2, "float32": 4}

_MAGIC = b"2UNITSLT"
# magic, layout, state, generation, bytes for pixels, bytes of the description
_HEAD = struct.Struct("<8sIIQQI")
_WORDS = 64  # the description (JSON) starts here
_NAME = re.compile(r"slot-(\d{1,10})-([\w.:]{1,40})-[0-9a-f]{16}")
_NO_ROOM = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_POPULATE_WRITE = 23  # MADV_POPULATE_WRITE, Linux 5.14: faults pages in without changing them


class State(IntEnum):
    """Whose turn it is: free, the host writes, the stage may take it, it works, the result lies."""

    free = 0
    writing = 1
    ready = 2
    stage = 3
    result = 4


@dataclass(frozen=True)
class Frame:
    """What the bytes of a slot are: rows from the top, channels side by side, no padding.

    ``shape`` is ``(row, column, channel)``; ``dtype`` one of uint8, uint16, float16, float32,
    little-endian; ``space`` an OpenColorIO name; windows are ``(x, y, w, h)`` in pixels.
    """

    shape: Tuple[int, int, int]
    dtype: str = "float16"
    channels: Tuple[str, ...] = ("R", "G", "B", "A")
    space: str = ""
    number: int = 0
    timecode: str = ""
    pixel_aspect: float = 1.0
    data_window: Optional[Tuple[int, int, int, int]] = None
    display_window: Optional[Tuple[int, int, int, int]] = None

    def __post_init__(self) -> None:
        if self.dtype not in ITEM_BYTES:
            raise ValueError(f"dtype is {self.dtype!r}, not one of {', '.join(ITEM_BYTES)}")
        if len(self.shape) != 3 or not all(0 < side <= 1 << 16 for side in self.shape):
            raise ValueError(f"shape {self.shape} is not (row, column, channel)")
        if len(self.channels) != self.shape[2]:
            raise ValueError(f"{len(self.channels)} channel names for {self.shape[2]} channels")

    @property
    def nbytes(self) -> int:
        """Bytes of the pixels."""
        rows, columns, channels = self.shape
        return rows * columns * channels * ITEM_BYTES[self.dtype]


@dataclass(frozen=True)
class Lease:
    """A slot as messages name it: which file, which hand-out, how many bytes of pixels it holds."""

    path: str
    generation: int
    nbytes: int


class SlotFile:
    """One mapped slot file. The daemon makes it, host and stage attach to it."""

    def __init__(self, path: Path, mapping: mmap.mmap) -> None:
        self.path, self._map = path, mapping
        self.nbytes = len(mapping) - HEADER

    @classmethod
    def create(cls, folder: Path, nbytes: int) -> SlotFile:
        """A new file with room for at least ``nbytes`` (see ``size_class``), reserved and touched.

        Raises DiskFull when it does not fit, NotPermitted when it may not be made there.
        """
        started = process_started(os.getpid()) or "unknown"
        path = folder / f"slot-{os.getpid()}-{started}-{os.urandom(8).hex()}"
        room = size_class(nbytes)
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _FLAGS, 0o600)
        except OSError as error:
            raise _no_slot(path, room, error) from error
        try:
            _reserve(handle, HEADER + room)
            mapping = _mapped(handle, HEADER + room)
        except OSError as error:
            os.unlink(path)
            raise _no_slot(path, room, error) from error
        finally:
            os.close(handle)
        _HEAD.pack_into(mapping, 0, _MAGIC, LAYOUT, State.free, 0, room, 0)
        return cls(path, mapping)

    @classmethod
    def attach(cls, path: Path) -> SlotFile:
        """Map a file somebody else made. Raises SlotLost when it is gone or is no slot."""
        try:
            handle = os.open(path, os.O_RDWR | _FLAGS | getattr(os, "O_NOFOLLOW", 0))
        except FileNotFoundError:
            raise SlotLost(f"the slot {path.name} is gone", hint="Lease a new one.") from None
        except OSError as error:
            raise _no_slot(path, 0, error) from error
        try:
            size = os.fstat(handle).st_size
            head = _HEAD.unpack(os.read(handle, _HEAD.size)) if size > HEADER else None
            # A file shorter than it says would end the process at the first touch of its end.
            if head is None or head[:2] != (_MAGIC, LAYOUT) or head[4] != size - HEADER:
                raise SlotLost(f"{path.name} is not a slot of this version")
            return cls(path, _mapped(handle, size))
        except OSError as error:
            raise _no_slot(path, 0, error) from error
        finally:
            os.close(handle)

    @property
    def generation(self) -> int:
        """The hand-out the header shows."""
        return int(_HEAD.unpack_from(self._map)[3])

    @property
    def state(self) -> State:
        """Whose turn the header shows. Raises SlotLost when it shows nothing known."""
        try:
            return State(_HEAD.unpack_from(self._map)[2])
        except ValueError:
            raise SlotLost(f"the header of slot {self.path.name} is damaged") from None

    @property
    def pixels(self) -> memoryview:
        """All bytes for pixels, writable. numpy: ``np.frombuffer(pixels, np.float16, count)``."""
        return memoryview(self._map)[HEADER:]

    def mark(self, generation: int, state: State) -> None:
        """Show a new hand-out or turn; the description stays."""
        words = _HEAD.unpack_from(self._map)[5]
        _HEAD.pack_into(self._map, 0, _MAGIC, LAYOUT, state, generation, self.nbytes, words)

    def check(self, generation: int, *states: State) -> None:
        """Raises SlotLost unless this hand-out still holds and it is one of these turns."""
        if self.generation != generation:
            raise SlotLost(
                f"the lease of slot {self.path.name} is over"
                f" (hand-out {generation}, now {self.generation})",
                hint="Lease a new one and write the frame again.",
            )
        if states and self.state not in states:
            wanted = " or ".join(state.name for state in states)
            raise SlotLost(f"slot {self.path.name} is {self.state.name}, not {wanted}")

    def describe(self, frame: Frame) -> None:
        """Write into the header what the pixels are. Raises FieldError when they do not fit."""
        words = dumps(plain(frame))
        if frame.nbytes > self.nbytes or len(words) > HEADER - _WORDS:
            raise FieldError(
                f"a frame of {frame.nbytes} bytes does not fit a slot of {self.nbytes}",
                hint="Lease a slot for the size of the frame.",
            )
        self._map[_WORDS : _WORDS + len(words)] = words
        _, _, state, generation, _, _ = _HEAD.unpack_from(self._map)
        _HEAD.pack_into(self._map, 0, _MAGIC, LAYOUT, state, generation, self.nbytes, len(words))

    def described(self) -> Frame:
        """What the header says the pixels are, checked against the room. Raises SlotLost."""
        words = min(int(_HEAD.unpack_from(self._map)[5]), HEADER - _WORDS)
        try:
            frame = typed(Frame, loads(self._map[_WORDS : _WORDS + words]))
        except SecondUnitError as error:
            raise SlotLost(f"the header of slot {self.path.name} is damaged: {error}") from error
        if frame.nbytes > self.nbytes:
            raise SlotLost(f"the header of slot {self.path.name} names more bytes than it has")
        return frame

    def close(self) -> None:
        """Let go of the mapping; views that are still in use keep it alive until they are gone."""
        try:
            self._map.close()
        except BufferError:
            return  # a view (an array of the host) lives on: the mapping ends with it

    def remove(self) -> None:
        """Take the file down; whoever has it mapped keeps the memory until they let go."""
        self.mark(self.generation + 1, State.free)
        self.close()
        _unlink(self.path)


class Slot:
    """A slot that is leased to this client: write the frame, rehearse, read the result."""

    def __init__(self, file: SlotFile, lease: Lease) -> None:
        self._file, self.lease = file, lease

    @property
    def nbytes(self) -> int:
        """Bytes there is room for."""
        return self._file.nbytes

    @property
    def pixels(self) -> memoryview:
        """All bytes for pixels, writable. Raises SlotLost when the lease is over."""
        self._file.check(self.lease.generation)
        return self._file.pixels

    @property
    def frame(self) -> Frame:
        """What lies in the slot. Raises SlotLost when the lease is over."""
        self._file.check(self.lease.generation)
        return self._file.described()

    def write(self, frame: Frame, pixels: object = None) -> None:
        """Say what the pixels are, and copy them in unless they were painted there already.

        ``pixels`` is any C-contiguous buffer of exactly ``frame.nbytes``. Raises SlotLost when the
        lease is over, FieldError when sizes do not agree.
        """
        self._file.check(self.lease.generation)
        self._file.describe(frame)
        self._file.mark(self.lease.generation, State.writing)
        if pixels is not None:
            _copy(pixels, self._file.pixels, frame.nbytes)
        self._file.mark(self.lease.generation, State.ready)

    def read(self) -> memoryview:
        """The bytes of the frame that lies there, without copying. Raises SlotLost."""
        return self.pixels[: self.frame.nbytes]

    def check(self, *states: State) -> None:
        """Raises SlotLost unless the lease holds and it is one of these turns."""
        self._file.check(self.lease.generation, *states)

    def close(self) -> None:
        """Let go of the mapping; the lease itself ends with ``Unit.release``."""
        self._file.close()

    def __enter__(self) -> Slot:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.close()


def size_class(nbytes: int) -> int:
    """The size of file that holds so many bytes: from 4 MiB, four sizes to each doubling.

    Few sizes, so that a slot fits the next frame too; at most a quarter is wasted. Raises
    FieldError beyond 4 GiB.
    """
    if not 0 < nbytes <= LARGEST:
        raise FieldError(f"a slot of {nbytes} bytes: expected 1 to {LARGEST}")
    step = max(SMALLEST, 1 << (nbytes - 1).bit_length()) // 8
    return max(SMALLEST, -(-nbytes // step) * step)


def sweep(folder: Path) -> int:
    """Remove slot files whose maker has ended; how many they were."""
    gone = 0
    for path in folder.iterdir() if folder.is_dir() else ():
        named = _NAME.fullmatch(path.name)
        if named and process_started(int(named[1])) != named[2]:
            _unlink(path)
            gone += 1
    return gone


def _unlink(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except PermissionError:
        if sys.platform != "win32":
            raise
        return  # Windows keeps a file that somebody has mapped; the next sweep takes it


_FLAGS = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


def _reserve(handle: int, size: int) -> None:
    """Have the bytes now: a full disk must say so here, not end the host at its first write."""
    if sys.platform != "win32" and hasattr(os, "posix_fallocate"):
        os.posix_fallocate(handle, 0, size)
        return
    zeros = bytes(1 << 20)
    for at in range(0, size, len(zeros)):
        os.write(handle, zeros[: size - at])


def _mapped(handle: int, size: int) -> mmap.mmap:
    mapping = mmap.mmap(handle, size)
    if sys.platform == "linux":
        try:
            mapping.madvise(_POPULATE_WRITE)
            return mapping
        except OSError as error:
            if error.errno != errno.EINVAL:  # an old kernel does not know it: touch by hand
                mapping.close()
                raise
    mapping[HEADER :: mmap.PAGESIZE] = mapping[HEADER :: mmap.PAGESIZE]
    return mapping


def _copy(pixels: object, room: memoryview, nbytes: int) -> None:
    try:
        given = memoryview(pixels)  # type: ignore[arg-type]  # typing has no word for any buffer before Python 3.12
        source = given.cast("B") if given.c_contiguous else None
    except TypeError:
        source = None
    if source is None or source.nbytes != nbytes:
        raise FieldError(
            f"pixels: expected a C-contiguous buffer of {nbytes} bytes",
            hint="Pass an array in rows from the top, without padding.",
        )
    room[:nbytes] = source


def _no_slot(path: Path, room: int, error: OSError) -> SecondUnitError:
    if error.errno in _NO_ROOM or error.errno == errno.ENOMEM:
        return DiskFull(
            f"there is no room for a slot of {room >> 20} MiB in {path.parent}",
            hint="Close other programs that use shared memory, or ask for smaller frames.",
            data={"folder": str(path.parent), "bytes": room},
        )
    return NotPermitted(
        f"the slot {path.name} cannot be opened: {error.strerror}",
        hint=f"Check who owns {path.parent}.",
    )
