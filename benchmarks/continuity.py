"""What checks cost: frames a second of one core at 1080p, decoding left out; and a second sweep.

Run: python benchmarks/continuity.py [--footage FILE]
CPU seconds of one thread, so that other work on the machine does not count. Beside each figure that
has one stands the filter of libavfilter that does the nearest job, on the same pictures.
"""

from __future__ import annotations

import argparse
import time
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from secondunit.continuity import examine
from secondunit.hookspecs import Exam, Scope
from secondunit.media.sight import Shows
from secondunit.plugins import Plugins
from secondunit.testing import Reel
from secondunit_bridge.timing import FrameRange
from timed import report

HERE = Path(__file__).resolve().parent
FOOTAGE = HERE.parents[1] / "shared" / "data" / "footage" / "seeking-480i.mp4"
TOGETHER, LEAST = "all frame checks together, frames a second", 15.0
COUNT, SIZE = 48, (1920, 1080)
FILTERS = {  # the nearest job libavfilter does
    "dup.frame": ("freezedetect", "n=-60dB:d=0.05"),
    "flicker.global": ("deflicker", ""),
    "block": ("blockdetect", ""),
    "pse": ("photosensitivity", "bypass=1"),
    "dead.cut": ("scdet", ""),
    "range": ("signalstats", ""),
}


def material(path: Path) -> list[np.ndarray]:
    """Real footage enlarged to 1080p, with grain of its own size; 8-bit RGB."""
    noise = np.random.default_rng(0)
    with av.open(str(path)) as movie:
        shown = (frame.to_ndarray(format="rgb24") for frame in movie.decode(video=0))
        large = [cv2.resize(one, SIZE) for one, _ in zip(shown, range(COUNT), strict=False)]
    return [np.clip(one + noise.normal(0, 2, one.shape), 0, 255).astype(np.uint8) for one in large]


def exam(pictures: list[np.ndarray]) -> Exam:
    """As a sweep shows a movie: codes of a display, as float32."""
    coded = [picture.astype(np.float32) / 255 for picture in pictures]
    frames = FrameRange(0, len(coded) - 1, Fraction(24))
    reel = Reel(frames, *SIZE, lambda number: coded[number])
    shows = Shows(reel, lambda codes: np.power(np.maximum(codes, 0), np.float32(2.4)))
    return Exam(take=reel, asked=frames, cut=frames, shows=shows)


def frames_a_second(checks: dict, looked: Exam) -> float:
    """Frames of one core's second; the first run does not count."""
    examine(looked, checks, "warm")
    start = time.process_time()
    examine(looked, checks, "take")
    return COUNT / (time.process_time() - start)


def filter_a_second(name: str, words: str, pictures: list[np.ndarray]) -> float:
    """The same of a filter, without making or reading the frames."""
    graph = av.filter.Graph()
    source = graph.add_buffer(
        width=SIZE[0], height=SIZE[1], format="yuv420p", time_base=Fraction(1, 24)
    )
    graph.link_nodes(source, graph.add(name, words or None), graph.add("buffersink")).configure()
    frames = [
        av.VideoFrame.from_ndarray(one, format="rgb24").reformat(format="yuv420p")
        for one in pictures
    ]
    for number, frame in enumerate(frames):
        frame.pts, frame.time_base = number, Fraction(1, 24)
    start = time.process_time()
    for frame in frames:
        graph.push(frame)
        while True:
            try:
                graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                break
    return COUNT / (time.process_time() - start)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--footage", type=Path, default=FOOTAGE)
    asked = words.parse_args()
    cv2.setNumThreads(1)
    pictures = material(asked.footage)
    looked = exam(pictures)
    alone = {
        name: check
        for name, check in Plugins().checks.items()
        if check.about.scope is not Scope.pair and name != "frame_count"
    }
    together = frames_a_second(alone, looked)
    figures = {TOGETHER: together}
    for name, check in alone.items():
        figures[f"{name}, frames a second"] = frames_a_second({name: check}, looked)
        if name in FILTERS:
            one, given = FILTERS[name]
            figures[f"  libavfilter's {one}"] = filter_a_second(one, given, pictures)
    report("continuity", figures, {TOGETHER: -1.0} if together < LEAST else {})


if __name__ == "__main__":
    main()
