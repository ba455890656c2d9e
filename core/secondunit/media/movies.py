"""One frame of a movie, exactly: the frame that was asked for or an error, never the nearest."""

from __future__ import annotations

import bisect
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from secondunit_bridge.errors import FramesMissing, MediaDamaged

from .facts import Facts
from .footage import Picture
from .headers import movie_facts
from .index import SEEKABLE, damaged, open_movie, read_index, readable
from .planes import to_rgb
from .reading import first_bytes

if TYPE_CHECKING:
    from av import VideoFrame

# Decode forward instead of seeking when the target is this close (measured: performance page 4.1)
_NEAR = 24


class Movie:
    """A movie file as frames 0 and up, whatever its rate, edit list or first time stamp.

    Opening reads the file once to index it. One reader at a time: calls from other threads wait.
    ``threads`` of the decoder: 0 means one for each core. A context manager.

    Raises MediaOffline, NotPermitted, MediaDamaged, CodecMissing.
    """

    def __init__(self, path: Path, *, threads: int = 0) -> None:
        self.path, self._threads = Path(path), threads
        first_bytes(self.path)
        self._index = read_index(self.path)
        self._open()
        self._seekable = self._container.format.name in SEEKABLE
        self.facts: Facts = movie_facts(self.path, self._container, self._index)
        self._decoded: Iterator[VideoFrame] = iter(())
        self._at: int | None = None  # number of the frame the decoder gave last
        self._lock = threading.Lock()

    def __enter__(self) -> Movie:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __len__(self) -> int:
        return len(self._index.stamps)

    @property
    def timestamps(self) -> tuple[int, ...]:
        """When each frame is shown, in units of ``time_base``."""
        return self._index.stamps

    def close(self) -> None:
        """Give the file back. The movie cannot be read afterwards."""
        self._container.close()

    def _open(self) -> None:
        self._container = open_movie(self.path)
        self._stream = self._container.streams.video[0]
        self._stream.thread_type = "AUTO"
        self._stream.codec_context.thread_count = self._threads

    def frame(self, number: int) -> Picture:
        """Frame ``number`` from 0: ``(row, column, channel)`` float32 RGB or RGBA, 0..1,
        display-referred, at the file's own bit depth.

        Raises FramesMissing for numbers the movie has not, MediaDamaged when that very frame
        cannot be decoded.
        """
        decoded = self.decoded(number)
        full, centred = self.facts.range == "full", self.facts.codec == "mjpeg"
        return to_rgb(decoded, matrix=self.facts.matrix, full=full, centred=centred)

    def decoded(self, number: int) -> VideoFrame:
        """The same frame as the decoder left it, in the file's own sample form."""
        import av

        if not 0 <= number < len(self):
            raise FramesMissing(
                f"{self.path.name} has frames 0 to {len(self) - 1}, not {number}",
                hint="Check the range, and whether the cut counts by the movie's timecode.",
                data={"missing": [[number, number]], "have": [0, len(self) - 1]},
            )
        with self._lock:
            try:
                found = self._find(number)
            except av.error.FFmpegError:
                found = None
            if found is None or found.is_corrupt:
                self._at = None
                raise self._damaged(number)
            return found

    def _find(self, number: int) -> VideoFrame | None:
        """The frame with exactly the indexed time stamp, or None."""
        want, ahead = self._index.stamps[number], number - (self._at or 0)
        if self._at is not None and ahead > 0 and (ahead <= _NEAR or not self._seekable):
            found = self._forward(want)
        elif self._seekable:
            found = self._seek(want)
        else:
            found = self._from_the_start(want)
        self._at = number if found is not None else None
        return found

    def _seek(self, want: int) -> VideoFrame | None:
        keys = self._index.keys
        at = bisect.bisect_right(keys, want) - 1
        while at >= 0:
            stream = self._stream
            self._container.seek(keys[at], stream=stream, backward=True, any_frame=False)
            self._decoded = self._container.decode(stream)
            first = next(self._decoded, None)
            if first is not None and first.pts is not None and first.pts <= want:
                return first if first.pts == want else self._forward(want)
            at -= 1  # leading frames of an open group: they need the group before
        return self._from_the_start(want)

    def _from_the_start(self, want: int) -> VideoFrame | None:
        """Where seeking cannot reach: some containers only ever land late."""
        self._container.close()
        self._open()
        self._decoded = self._container.decode(self._stream)
        return self._forward(want)

    def _forward(self, want: int) -> VideoFrame | None:
        for decoded in self._decoded:
            if decoded.pts is None or decoded.pts > want:
                return None
            if decoded.pts == want:
                return decoded
        return None

    def _damaged(self, number: int) -> MediaDamaged:
        """What can still be read before the frame, found without threads so that it is exact."""
        stamps, keys = self._index.stamps, self._index.keys
        key = keys[max(bisect.bisect_right(keys, stamps[number]) - 1, 0)]
        good = readable(self.path, key)
        before = [stamp for stamp in good if stamp < stamps[number]]
        last = bisect.bisect_right(stamps, before[-1]) - 1 if before else None
        if last is None and number > 0 and key > stamps[0]:
            last = bisect.bisect_left(stamps, key) - 1
        return damaged(self.path, number, last, "its data cannot be decoded")
