"""What plates cost: seconds of one core a frame, how fast colour goes in and out, and memory.

Run: python benchmarks/plates.py [--footage FILE] [--long]
CPU seconds of one thread, so that other work on the machine does not count. The plate is real
footage (an empty room, with its grain) enlarged to 1920x804, through a window that travels four
pixels a frame: a moving camera. What is removed is as large as a person and crosses the picture.
``--long`` adds plates of up to 400 frames, one in 4K, and one of 1,000 frames in 4K with a camera
that stands still, each in a process of its own: two hours.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from secondunit.colour import Colour
from secondunit.colour.codes import code_space
from secondunit.generators.clean_plate import CleanPlate
from secondunit.generators.plate_in import PlateIn
from secondunit.hookspecs import Developed
from secondunit.media.delivery import Attributes, write_exr, write_still
from secondunit.testing import Reel, Still, ask
from secondunit_bridge.film import Role
from secondunit_bridge.timing import FrameRange, Handles
from timed import report

HERE = Path(__file__).resolve().parent
FOOTAGE = HERE.parents[1] / "shared" / "data" / "footage" / "one-by-one-person.mp4"
LINEAR = "Linear Rec.709 (sRGB)"
FRAMES = range(44, 57)  # of the footage, in which the room is empty
LIMITS = {
    "clean_plate, once for 24 frames, s": 6.0,
    "clean_plate, once for 100 frames, s": 6.0,
    "clean_plate, a frame, s": 4.0,
    "plate_in, a frame, s": 1.0,
    "clean_plate, 4K, peak, GB": 4.0,
    "clean_plate, 4K, 1,000 frames, locked, peak, GB": 4.0,
    "plate_in, 4K, peak, GB": 4.0,
    "clean_plate, 400 frames over 200, peak": 1.1,
    "plate_in, 400 frames over 200, peak": 1.1,
}
FASTER = {"colour in, Mpx/s": 8.0, "colour out, Mpx/s": 8.0}


class Material:
    """Footage of any length and size: the real one there and back, seen through a moving window.

    With ``travel`` 0 the window stands still, otherwise it is pixels a frame of a 1920 wide plate.
    """

    def __init__(self, path: Path, width: int, height: int, travel: int = 4) -> None:
        self.width, self.height, self._travel = width, height, travel
        self._light = ((np.arange(256) / 255) ** 2.4).astype(np.float32)
        self._held: dict[int, np.ndarray] = {}
        with av.open(str(path)) as movie:
            shown = (f.to_ndarray(format="rgb24") for f in movie.decode(video=0))
            self._frames = [one for number, one in zip(range(FRAMES.stop), shown, strict=False)
                            if number in FRAMES]  # fmt: skip

    def _window(self, picture: np.ndarray, index: int) -> np.ndarray:
        grown = cv2.resize(picture, (self.width * 5 // 4, self.height * 8 // 5))
        room = self.width // 4
        left = _there_and_back(self._travel * self.width // 1920 * index, room)
        return grown[self.height // 4 : self.height // 4 + self.height, left : left + self.width]

    def ready(self, count: int) -> None:
        """Hold so many frames in memory, so that making them does not count."""
        self._held = {number: self.plate(number) for number in range(1, count + 1)}

    def plate(self, number: int) -> np.ndarray:
        """Scene-linear float32, frames from 1."""
        if number in self._held:
            return self._held[number]
        frame = self._frames[_there_and_back(number - 1, len(self._frames) - 1)]
        seen = self._window(frame, number - 1)
        return self._light[seen]

    def matte(self, number: int) -> np.ndarray:
        """1 over what is as large as a person, and crosses the picture in 50 frames."""
        mask = np.zeros((self.height, self.width, 1), np.float32)
        across, down = self.width // 7, self.height * 2 // 3
        at = self.width // 8 + _there_and_back((number - 1) * self.width // 60, self.width * 5 // 8)
        mask[self.height - down : self.height * 9 // 10, at : at + across] = 1
        return mask

    def board(self, number: int) -> np.ndarray:
        """1 over a part of the wall, which the camera passes."""
        mask = np.zeros((432, 768), np.uint8)
        mask[110:220, 260:520] = 255
        return (self._window(mask, number - 1) > 127).astype(np.float32)[..., None]


def _there_and_back(step: int, end: int) -> int:
    at = step % (2 * end)
    return at if at <= end else 2 * end - at


def given(generator, material: Material, count: int, method: str = "moving"):
    """The generator's plan and elements for so many frames."""
    span, size = FrameRange(1, count, Fraction(24)), (material.width, material.height)
    removes = generator.about.name == "clean_plate"
    footage = {
        Role.plate: Reel(span, *size, material.plate),
        Role.matte: Reel(span, *size, material.matte if removes else material.board, ("A",)),
    }
    if not removes:
        still = material.plate(1)
        footage[Role.reference] = Reel(FrameRange(1, 1, Fraction(24)), *size, lambda _: still)
    options = {"method": method} if removes else {}
    return ask(
        generator, frames=count, handles=Handles(0, 0), size=size, footage=footage, options=options
    )


def timed(
    generator, material: Material, count: int, made: int | None = None
) -> tuple[float, float]:
    """CPU seconds once for the shot, and for each frame after the first, by the first ``made``."""
    one = given(generator, material, count)
    marks = [time.process_time()]
    for said in generator.run(one.plan, one.elements, 1, Still()):
        if isinstance(said, Developed):
            marks.append(time.process_time())
            if len(marks) - 1 == made:
                break
    frame = (marks[-1] - marks[1]) / (len(marks) - 2)
    return max(0.0, marks[1] - marks[0] - frame), frame


def colours(material: Material) -> dict[str, float]:
    """Millions of pixels a second into a model's code space and back."""
    picture, space = material.plate(1), "shoulder-srgb"
    code = code_space(space, Colour(), LINEAR, [picture])
    figures = {}
    coded = code.encode(picture)
    for name, work, on in (("in", code.encode, picture), ("out", code.decode, coded)):
        start = time.process_time()
        for _ in range(5):
            work(on)
        figures[f"colour {name}, Mpx/s"] = (
            5 * picture.shape[0] * picture.shape[1] / (time.process_time() - start) / 1e6
        )
    return figures


def line(material: Material, count: int) -> float:
    """CPU seconds a frame of the whole command: reading, shooting, keeping, checks, publishing."""
    import psutil

    with tempfile.TemporaryDirectory(prefix="su-") as folder:
        place = Path(folder)
        os.environ |= {"SECONDUNIT_HOME": folder + "/home", "XDG_RUNTIME_DIR": folder}
        for number in range(1, count + 1):
            half = material.plate(number).astype(np.float16)
            write_exr(place / f"plate.{number:04}.exr", half, ("R", "G", "B"), Attributes())
            write_still(place / f"matte.{number:04}.png", material.board(number), ("Y",))
        write_exr(place / "still.exr", material.plate(1).astype(np.float16), ("R", "G", "B"),
                  Attributes())  # fmt: skip
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        run = [sys.executable, "-m", "secondunit"]
        asked = {"--plate": "plate.%04d.exr", "--matte": "matte.%04d.png",
                 "--reference": "still.exr", "--out": "out"}  # fmt: skip
        words = ["plate", "--space", LINEAR, "--reference-space", LINEAR, "--json"]
        for option, name in asked.items():
            words += [option, f"{folder}/{name}"]
        done = subprocess.run([*run, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        told = subprocess.run(
            [*run, "daemon", "status", "--json"], capture_output=True, check=False
        )
        daemon = psutil.Process(json.loads(told.stdout)["pid"])
        for process in (daemon, *daemon.children(recursive=True)):
            spent += sum(process.cpu_times()[:4])
        subprocess.run([*run, "daemon", "stop"], capture_output=True, check=False)
    return spent / count


def peak_gb(name: str, count: int, size: tuple[int, int], path: Path, camera: str) -> float:
    """Peak memory of a process that makes such a plate; the camera is moving or static."""
    words = [name, str(count), *map(str, size), str(path), camera]
    done = subprocess.run(
        [sys.executable, __file__, "--peak", *words], capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def peak(name: str, count: int, size: tuple[int, int], path: str, camera: str) -> None:
    """In a process of its own: make the plate, print gigabytes."""
    generator = {"clean_plate": CleanPlate, "plate_in": PlateIn}[name]()
    travel = 4 if camera == "moving" else 0
    one = given(generator, Material(Path(path), *size, travel), count, camera)
    for _ in generator.run(one.plan, one.elements, 1, Still()):
        pass
    unit = 1 if sys.platform == "darwin" else 1024
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9)


def long(path: Path) -> dict[str, float]:
    """Peaks of long plates, and of one in 4K."""
    figures = {}
    for name, size in (("plate_in", (960, 402)), ("clean_plate", (640, 268))):
        short, whole = (peak_gb(name, count, size, path, "moving") for count in (200, 400))
        figures[f"{name}, {size[0]}x{size[1]}, 400 frames, peak, GB"] = whole
        figures[f"{name}, 400 frames over 200, peak"] = whole / short
    size = (3840, 2160)
    figures["plate_in, 4K, peak, GB"] = peak_gb("plate_in", 40, size, path, "moving")
    figures["clean_plate, 4K, peak, GB"] = peak_gb("clean_plate", 40, size, path, "moving")
    figures["clean_plate, 4K, 1,000 frames, locked, peak, GB"] = peak_gb(
        "clean_plate", 1000, size, path, "static"
    )
    return figures


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--footage", type=Path, default=FOOTAGE)
    words.add_argument("--long", action="store_true")
    words.add_argument("--peak", nargs=6)
    asked = words.parse_args()
    cv2.setNumThreads(1)
    if asked.peak:
        name, count, width, height, path, camera = asked.peak
        peak(name, int(count), (int(width), int(height)), path, camera)
        return
    material = Material(asked.footage, 1920, 804)
    material.ready(100)
    once, frame = timed(CleanPlate(), material, 24)
    figures = {"clean_plate, once for 24 frames, s": once, "clean_plate, a frame, s": frame}
    figures["clean_plate, once for 100 frames, s"], _ = timed(CleanPlate(), material, 100, 4)
    material.ready(24)
    once, frame = timed(PlateIn(), material, 12)
    figures |= {"plate_in, once for 12 frames, s": once, "plate_in, a frame, s": frame}
    figures |= colours(material)
    figures["secondunit plate with plate_in, all of it, a frame, s"] = line(material, 12)
    if asked.long:
        figures |= long(asked.footage)
    slow = [name for name, least in FASTER.items() if figures[name] < least]
    for name in slow:
        print(f"{name} is {figures[name]:.1f}, below {FASTER[name]:g}")
    report("plates", figures, LIMITS | {name: -1.0 for name in slow})


if __name__ == "__main__":
    main()
