"""What drawing previs costs: CPU seconds of one thread a frame, steadiness, the viewport.

Run: python benchmarks/looks.py [--blender PYTHON]
Frames are 1920x804: the quay that the tests render with Blender, enlarged threefold. Its noise
and borders are those of a small render, which is harder. Reading and publishing do not count.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import cv2
import numpy as np
from timed import report

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "material"))
import quay  # noqa: E402 - lies beside the tests
from secondunit.generators.looks import Looks  # noqa: E402 - after quay, which finds its folder
from secondunit.generators.looks.live import Session, toon  # noqa: E402 - likewise
from secondunit.hookspecs import Developed  # noqa: E402 - likewise
from secondunit.testing import Still, ask  # noqa: E402 - likewise
from secondunit_bridge.film import Role  # noqa: E402 - likewise
from secondunit_bridge.timing import Handles  # noqa: E402 - likewise

LIMITS = {
    "toon, a frame, s": 1.0,
    "pencil, a frame, s": 1.2,
    "graded, a frame, s": 3.0,
    "toon, unsteadiness of 255": 4.4,
    "pencil, unsteadiness of 255": 10.0,
    "graded, unsteadiness of 255": 2.9,
    "viewport, 640x360, ms": 60.0,
}
FRAMES = 5


def timed(shot: quay.Quay, look: str) -> tuple[float, float]:
    """CPU seconds before the first frame is done, and for each one after it."""
    reels = {role: held(reel) for role, reel in shot.footage(scale=3).items()}
    size = (reels[Role.guide].width, reels[Role.guide].height)
    given = ask(Looks(), frames=FRAMES, handles=Handles(0, 0), size=size, footage=reels,
                options={"look": look})  # fmt: skip
    marks = [time.process_time()]
    for said in Looks().run(given.plan, given.elements, 1, Still()):
        if isinstance(said, Developed):
            marks.append(time.process_time())
    return marks[1] - marks[0], float(np.median(np.diff(marks[1:])))


def held(reel):
    """The footage with its frames in memory, so that making them does not count."""
    frames = {number: reel.made(number) for number in range(1, FRAMES + 1)}
    return type(reel)(reel.frames, reel.width, reel.height, frames.__getitem__, reel.channels,
                      reel.space)  # fmt: skip


def viewport(shot: quay.Quay) -> float:
    """Milliseconds of CPU for a frame of 640x360."""
    frame = shot.frame(0)
    picture = cv2.resize(np.clip(frame[Role.guide], 0, 1) ** (1 / 2.2), (640, 360))
    depth = cv2.resize(frame[Role.depth], (640, 360), interpolation=cv2.INTER_NEAREST)
    codes, session, spent = (picture * 255).astype(np.uint8), Session(), []
    for _ in range(20):
        started = time.process_time()
        toon(codes, depth, session)
        spent.append(time.process_time() - started)
    return float(np.median(spent) * 1000)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--blender", type=Path, default=HERE.parent / ".venv-blender/bin/python")
    words.add_argument("--folder", type=Path, default=HERE.parent / ".pytest_cache/d/quay")
    asked = words.parse_args()
    cv2.setNumThreads(1)
    asked.folder.mkdir(parents=True, exist_ok=True)
    shots = [quay.rendered(asked.blender, asked.folder, name) for name in ("wide", "close")]
    figures: dict[str, float] = {}
    for look in ("toon", "pencil", "graded"):
        once, each = timed(shots[0], look)
        figures |= {f"{look}, a frame, s": each, f"{look}, until the first frame, s": once}
        steady = [
            quay.unsteadiness(shot, quay.drawn(shot.footage(), shot.count, look=look))
            for shot in shots
        ]
        figures[f"{look}, unsteadiness of 255"] = max(steady)
    raw = [np.clip(shots[0].frame(i)[Role.guide], 0, 1) ** (1 / 2.2) for i in range(quay.COUNT)]
    figures["the render itself, unsteadiness of 255"] = quay.unsteadiness(shots[0], raw)
    figures["viewport, 640x360, ms"] = viewport(shots[0])
    report("looks", figures, LIMITS)


if __name__ == "__main__":
    main()
