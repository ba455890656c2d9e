"""Movies made for the tests: small, every frame different, in every shape that trips a reader."""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

WIDTH, HEIGHT = 160, 96


class Lab:
    """Makes movies in a folder and knows what is in them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def picture(self, index: int) -> np.ndarray:
        """A recognisable picture, another one for every index: uint8 RGB."""
        y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
        rgb = np.stack([x + 5 * index, y + 3 * index, x // 2 + y // 2 + index], -1) % 200 + 20
        left = (index * 3) % (WIDTH - 30)
        rgb[30:60, left : left + 30] = (230, 30 + index, 120)
        return rgb.astype(np.uint8)

    def make(
        self,
        name: str,
        *,
        codec: str = "libx264",
        form: str = "yuv420p",
        options: dict[str, str] | None = None,
        muxing: dict[str, str] | None = None,
        rate: Fraction = Fraction(24000, 1001),
        clock: int = 24000,
        ticks: list[int] | None = None,
        count: int = 48,
        timecode: str = "",
        tags: tuple[int, int, int, int] | None = None,
        frames: list[av.VideoFrame] | None = None,
        aspect: Fraction | None = None,
    ) -> Path:
        """A movie. ``ticks`` are time stamps in 1/clock seconds, ``tags`` are primaries, transfer,
        matrix and range; ``frames`` replaces the usual pictures."""
        path, base = self.folder / name, Fraction(1, clock)
        with av.open(str(path), "w", options=dict(muxing or {})) as container:
            if timecode:
                container.metadata["timecode"] = timecode
            chosen = {"threads": "1", **(options or {})}
            stream = container.add_stream(codec, rate=rate, options=chosen)
            context = stream.codec_context
            stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, form
            context.time_base = base
            if aspect:
                context.sample_aspect_ratio = aspect
            if tags:
                context.color_primaries, context.color_trc = tags[:2]
                context.colorspace, context.color_range = tags[2:]
            for index in range(len(frames) if frames else count):
                frame = frames[index] if frames else self._frame(index, form)
                frame.pts = ticks[index] if ticks else round(index * clock / rate)
                frame.time_base = base
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return path

    def _frame(self, index: int, form: str) -> av.VideoFrame:
        return av.VideoFrame.from_ndarray(self.picture(index), format="rgb24").reformat(format=form)

    def edit(self, path: Path, edits: list[tuple[int, int]]) -> None:
        """Give an MP4 whose ``moov`` is last another edit list: (length in ms, start in ticks).

        Boxes grow in place; nothing before them moves, so the sample offsets stay right.
        """
        data = bytearray(path.read_bytes())
        entries = b"".join(struct.pack(">IiI", length, start, 1 << 16) for length, start in edits)
        elst = struct.pack(">I4sII", 16 + len(entries), b"elst", 0, len(edits)) + entries
        edts = struct.pack(">I4s", 8 + len(elst), b"edts") + elst
        moov = data.rindex(b"moov") - 4
        trak = data.index(b"trak", moov) - 4
        at = data.index(b"edts", trak) - 4
        old = struct.unpack_from(">I", data, at)[0]
        data[at : at + old] = edts
        for box in (moov, trak):
            size = struct.unpack_from(">I", data, box)[0]
            struct.pack_into(">I", data, box, size + len(edts) - old)
        path.write_bytes(data)

    def content(self, frame: av.VideoFrame) -> str:
        """A decoded frame by its samples, padding left out."""
        parts = hashlib.sha256()
        for plane in frame.planes:
            rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, -1)
            wide = plane.width * (2 if frame.format.components[0].bits > 8 else 1)
            parts.update(np.ascontiguousarray(rows[:, :wide]).data)
        return parts.hexdigest()

    def truth(self, path: Path) -> list[str]:
        """The frames in the order a player shows them: what every reader must agree with."""
        with av.open(str(path)) as container:
            return [self.content(frame) for frame in container.decode(video=0)]

    def cut(self, path: Path, share: float) -> Path:
        """A copy that ends early, as an interrupted copy does."""
        data = path.read_bytes()
        short = path.with_name("cut_" + path.name)
        short.write_bytes(data[: int(len(data) * share)])
        return short


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


@pytest.fixture
def powerless() -> Callable[[], object]:
    """A context in which this process may not read or write what the tests made closed."""
    if os.name == "nt":
        pytest.skip("file permissions are other on Windows")

    @contextmanager
    def context() -> Iterator[None]:
        if os.geteuid() != 0:
            yield
            return
        os.seteuid(65534)
        try:
            yield
        finally:
            os.seteuid(0)

    return context
