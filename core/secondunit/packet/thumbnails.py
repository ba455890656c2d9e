"""One small picture of each version, from its review movie, for the shot map."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .gather import Made

WIDTH = 320  # pixels
SLATE = 1  # frames before the first picture of a review movie
_THREADS = 4
_JPEG = 82


def thumbnails(made: Iterable[Made]) -> dict[str, bytes]:
    """A JPEG of each version's middle frame, by its name; one that cannot be read is left out."""
    wanted = {one.version.name: _movie(one) for one in made}
    with ThreadPoolExecutor(_THREADS) as readers:
        pictures = readers.map(_picture, wanted.values())
    return {name: data for name, data in zip(wanted, pictures, strict=True) if data}


def _movie(made: Made) -> Path:
    return Path(made.version.path) / "review" / f"{made.version.name}.mov"


def _picture(movie: Path) -> bytes:
    import av
    import cv2

    try:
        with av.open(str(movie)) as container:
            stream = container.streams.video[0]
            middle = (stream.frames or 2) // 2 + SLATE
            rate, base = stream.average_rate, stream.time_base
            if rate is None or base is None:
                return b""
            wanted = int(middle / rate / base) + (stream.start_time or 0)
            container.seek(wanted, stream=stream)
            frame = next(
                (one for one in container.decode(stream) if (one.pts or 0) >= wanted), None
            )
            if frame is None:
                return b""
            height = max(2, round(WIDTH * frame.height / frame.width / 2) * 2)
            rgb = frame.reformat(WIDTH, height, "bgr24").to_ndarray()
    except (av.FFmpegError, OSError, IndexError):
        return b""
    good, data = cv2.imencode(".jpg", rgb, [cv2.IMWRITE_JPEG_QUALITY, _JPEG])
    return data.tobytes() if good else b""
