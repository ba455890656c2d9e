"""A movie of a few frames, each a shade of its own."""

from __future__ import annotations

from pathlib import Path


def tiny_movie(path: Path, frames: int = 4) -> Path:
    """H.264 of 96 x 54 at 24 a second; the container is what the name says."""
    import av
    import numpy as np

    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 96, 54, "yuv420p"
        for number in range(frames):
            pixels = np.full((54, 96, 3), number * 240 // frames, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    return path
