"""What others measure, on the same samples: whole-frame figures and libavfilter's filters.

VBench's weight-free formula is written from its paper (Huang and others, CVPR 2024): temporal
flickering is 255 less the mean absolute difference of frames that follow each other, over 255.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .looking import Looked
from .samples import CLIP, Sample

OF_PAIRS = ("whole-frame difference", "whole-frame SSIM")
OF_RUNS = ("VBench temporal flickering", "freezedetect", "blockdetect", "photosensitivity")
_BLUR = "blurdetect"
_META = {  # filter: its options, the key of the figure it leaves on a frame
    "freezedetect": ("n=-60dB:d=0.045", "lavfi.freezedetect.freeze_start"),
    "blockdetect": ("", "lavfi.block"),
    "blurdetect": ("", "lavfi.blur"),
    "photosensitivity": ("bypass=1", "lavfi.photosensitivity.badness"),
}


def read(sample: Sample) -> dict[str, float]:
    """Every baseline's score of a sample, larger for more suspicious."""
    if sample.context == CLIP:
        frames = [_eight(sample.shots[0].made(n)) for n in range(sample.shots[0].count)]
        return {"VBench temporal flickering": 1 - temporal_flickering(frames),
                **{name: _filtered(name, frames) for name in OF_RUNS[1:]}}  # fmt: skip
    before, after = sample.shots
    one, other = _eight(before.made(before.count - 1)), _eight(after.made(0))
    if one.shape != other.shape:
        return {}
    return {
        "whole-frame difference": float(np.abs(one.astype(np.float32) - other).mean()),
        "whole-frame SSIM": 1 - ssim(one, other),
        _BLUR: _filtered(_BLUR, [other]),
    }


def temporal_flickering(frames: Sequence[NDArray[np.uint8]]) -> float:
    """VBench's figure, 0..1, 1 for a still picture; from 8-bit RGB."""
    steps = [float(np.abs(a.astype(np.float32) - b).mean()) for a, b in pairwise(frames)]
    return (255 - float(np.mean(steps))) / 255


def ssim(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Structural similarity of luma, mean over the picture (Wang and others, 2004)."""
    import cv2

    x, y = (cv2.cvtColor(p, cv2.COLOR_RGB2GRAY).astype(np.float64) for p in (one, other))

    def smooth(picture: NDArray) -> NDArray:
        return cv2.GaussianBlur(picture, (11, 11), 1.5)

    mx, my = smooth(x), smooth(y)
    vx, vy, both = smooth(x * x) - mx**2, smooth(y * y) - my**2, smooth(x * y) - mx * my
    a, b = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    whole = ((2 * mx * my + a) * (2 * both + b)) / ((mx**2 + my**2 + a) * (vx + vy + b))
    return float(whole.mean())


def _filtered(name: str, frames: Sequence[NDArray[np.uint8]]) -> float:
    """The largest figure a filter leaves on the frames; of freezedetect whether it froze."""
    import av

    options, key = _META[name]
    rows, columns = (side // 2 * 2 for side in frames[0].shape[:2])
    graph = av.filter.Graph()
    source = graph.add_buffer(width=columns, height=rows, format="yuv420p",
                              time_base=Fraction(1, 24))  # fmt: skip
    graph.link_nodes(source, graph.add(name, options or None), graph.add("buffersink")).configure()
    most = 0.0
    for number, picture in enumerate(frames):
        frame = av.VideoFrame.from_ndarray(
            np.ascontiguousarray(picture[:rows, :columns]), format="rgb24"
        ).reformat(format="yuv420p")
        frame.pts, frame.time_base = number, Fraction(1, 24)
        graph.push(frame)
        most = max(most, _pulled(graph, key, name))
    return most


def _pulled(graph, key: str, name: str) -> float:
    import av

    most = 0.0
    while True:
        try:
            said = graph.pull().metadata.get(key)
        except (av.error.BlockingIOError, av.error.EOFError):
            return most
        if said is not None:
            most = max(most, 1.0 if name == "freezedetect" else float(said))


def as_looked(sample: Sample, scores: dict[str, float]) -> dict[str, Looked]:
    """A baseline's scores in the shape of ours, to be counted by the same code."""
    return {
        name: Looked(replace(sample, check=sample.check and name), {name: score}, {name: 0})
        for name, score in scores.items()
    }


def _eight(frame: NDArray) -> NDArray[np.uint8]:
    if frame.dtype == np.uint8:
        return frame
    return np.asarray(np.clip(np.nan_to_num(frame) * 255, 0, 255), np.uint8)


Reader = Callable[[Sample], dict[str, float]]
