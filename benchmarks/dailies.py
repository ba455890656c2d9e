"""How dailies play: proxies made beside the line, the first pass, scrubbing, stepping, scopes.

Run: python benchmarks/dailies.py
Needs the extra ``core``, a Chromium, and Linux, whose /proc tells processor time. One take of 48
frames of the demo's film, enlarged to 1920x1080 so that reframe has something to look at, is shot
through a daemon and watched in the page at 1280x720. Times in the page are by the clock: upper
bounds on a machine that does other work too.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/material"))

import av
import cv2
from browser import Page, browsing
from secondunit.stage import proxies
from secondunit_bridge.film import Element, Media, Project, Role, Shot, Turnover, Work
from secondunit_bridge.timing import FrameRange, Handles
from secondunit_bridge.unit import Unit
from timed import of_process, report

ROOT = Path(__file__).parents[1]
EXCERPT = ROOT / "core/secondunit/cli/demo/excerpt.mp4"
RATE, FRAMES, WIDE, HIGH = Fraction(24), 48, 1920, 1080
SPACE = "Gamma 2.4 Encoded Rec.709"
ASKS = 40
LONGEST_S = 300
# Each promise resolves with milliseconds; ``shown`` is polled as often as the page draws.
TIMED = """
  const canvas = document.querySelector('canvas'), main = document.getElementById('main');
  const drawn = () => new Promise((go) => requestAnimationFrame(go));
  const until = async (frame) => { while (Number(canvas.dataset.shown) !== frame) await drawn(); };
"""
STEPS = """(async () => {%s
  const took = []; let frame = Number(canvas.dataset.shown);
  for (let i = 0; i < 30; i++) {
    const began = performance.now(); main.dispatchEvent(new KeyboardEvent('keydown',
      {key: 'ArrowRight', bubbles: true})); frame++;
    if (Number(canvas.dataset.shown) !== frame) await until(frame);
    took.push(performance.now() - began); await drawn();
  } window.took = took })()"""
SCRUB = """(async () => {%s
  const track = document.querySelector('.track'), box = track.getBoundingClientRect();
  track.setPointerCapture = () => {};
  const began = performance.now(); let first = 0, count = 0;
  for (let i = 0; i < 60; i++) {
    const share = ((i * 17) %% 48 + 0.5) / 48, x = box.left + share * box.width;
    track.dispatchEvent(new PointerEvent(i ? 'pointermove' : 'pointerdown',
      {clientX: x, buttons: 1, bubbles: true}));
    await until(1001 + (i * 17) %% 48); count++;
  } window.took = [(performance.now() - began) / count] })()"""


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="su-") as folder:
        place = Path(folder)
        os.environ |= {"SECONDUNIT_HOME": folder + "/home", "XDG_RUNTIME_DIR": folder}
        with Unit.connect(host="benchmark", timeout=60) as unit:
            store = place / "store"
            unit.project(Project("hd", RATE, WIDE, HIGH, store=str(store)))
            job = Job(unit, place)
            alone = job.shoot()
            figures = made(unit, store)
            with browsing(place / "profile") as page:
                figures |= watched(page, unit.hello().pid, job.shoot)
            beside = figures.pop("beside")
            extra = beside["daemon"] + beside["page"] - alone["daemon"]
            figures["page and daemon more, of the job's own CPU, %"] = 100 * extra / alone["stage"]
            unit.stop_daemon()
    limits = {
        "frame on, from memory, ms": 50.0,
        "scrubbing at random, first time, ms a frame": 1000 / 15,
        "submit to ack while proxies are made, over that without, ms": 1.0,
        "the page's server and the daemon meanwhile, % of a core": 2.0,
        "page and daemon more, of the job's own CPU, %": 2.0,
    }
    report("dailies", figures, limits)


class Job:
    """The same take, shot as often as asked."""

    def __init__(self, unit: Unit, place: Path) -> None:
        film = enlarged(place / "film.mp4")
        media = Media(FrameRange(0, FRAMES + 15, RATE), path=str(film), space=SPACE)
        record = FrameRange(86400, 86399 + FRAMES, RATE)
        self._unit, self._seed = unit, 0
        self._ask = Turnover(
            Shot("hd", "HD", "0010", "hd-0010", record, Handles(0, 0)), Work.insert, "reframe",
            brief="Closer.", elements=(Element(Role.reference, media),),
        )  # fmt: skip

    def shoot(self, page: int = 0) -> dict[str, float]:
        """CPU seconds of the stage, the daemon and the ``page``'s server until it is shot."""
        self._seed += 1
        pids = {"daemon": self._unit.hello().pid, **({"page": page} if page else {})}
        before = {name: of_process(pid) for name, pid in pids.items()}
        stage = self._unit.status()["stages"].get("stage")
        worked = of_process(stage) if stage else 0.0
        ids = self._unit.turn_over(replace(self._ask, seed=self._seed))
        (take,) = self._unit.wait(ids, timeout=LONGEST_S)
        assert take.media is not None, take
        spent = {name: of_process(pid) - before[name] for name, pid in pids.items()}
        return {**spent, "stage": of_process(self._unit.status()["stages"]["stage"]) - worked}


def made(unit: Unit, store: Path) -> dict[str, Any]:
    """The take's proxies, and what making them does to those who ask meanwhile."""
    busy = asked(unit)
    maker = unit.status()["stages"]["proxies"]
    end = time.monotonic() + LONGEST_S
    while proxies.told(store)["frames"] < FRAMES:
        assert time.monotonic() < end, "the proxies were not made"
        time.sleep(0.2)
    spent = of_process(maker)
    told = proxies.told(store)
    idle = asked(unit)
    kept = sum(path.stat().st_size for path in (store / "vault").rglob("*.exr"))
    return {
        "proxies, CPU ms a frame, its process started for 48": 1000 * spent / FRAMES,
        "proxies, kB a frame": told["bytes"] / FRAMES / 1000,
        "proxies, share of the take's own frames, %": 100 * told["bytes"] / kept,
        "submit to ack without, ms": idle,
        "submit to ack while proxies are made, over that without, ms": busy - idle,
    }


def asked(unit: Unit) -> float:
    """Median milliseconds from a submit until its takes are known."""
    took = []
    for _ in range(ASKS):
        shot = Shot("hd", "Q", uuid.uuid4().hex[:6], uuid.uuid4().hex, FrameRange(0, 0, RATE),
                    Handles(0, 0))  # fmt: skip
        ask = Turnover(shot, Work.insert, "slate", width=96, height=54)
        began = time.perf_counter()
        ids = unit.turn_over(ask)
        took.append(1000 * (time.perf_counter() - began))
        unit.cancel(take=ids[0], by="benchmark")
    return statistics.median(took)


def watched(page: Page, daemon: int, shoot: Callable[[int], dict[str, float]]) -> dict[str, Any]:
    """The take in the page; at last another is shot while it plays."""
    words = [sys.executable, "-m", "secondunit", "review", "--no-open"]
    review = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
    assert review.stdout is not None
    link = next(line for line in iter(review.stdout.readline, "") if "http://" in line).split()[-1]
    try:
        page.size(1280, 720)
        page.open(link)
        page.until(
            "[...document.querySelectorAll('.card b')].some((b) => b.textContent === 'HD_0010')"
        )
        page.press("/")
        page.write("HD_0010")
        page.press("Enter")
        page.until("document.querySelector('canvas')?.dataset.shown === '1001'")
        before = of_process(review.pid)
        scrubbed = timed(page, SCRUB)
        first = of_process(review.pid) - before
        page.press("Home")
        page.until("document.querySelector('canvas').dataset.shown === '1001'")
        stepped = timed(page, STEPS)
        page.press("y", "Home")
        page.until("Number(document.querySelector('.scopes').dataset.ms) > 0")
        with_scopes = timed(page, STEPS)
        scopes = float(page.tell("document.querySelector('.scopes').dataset.ms"))
        page.press("y", "Home")
        exposed = [_exposed(page, review.pid) for _ in range(2)]
        page.press("0", "l")
        page.until("document.querySelector('canvas').dataset.look === 'take 0.00'")
        time.sleep(2)
        before, began = of_process(review.pid) + of_process(daemon), time.perf_counter()
        played = frames_in(page, 8)
        spent = of_process(review.pid) + of_process(daemon) - before
        loop = 100 * spent / (time.perf_counter() - began)
        return {
            "beside": shoot(review.pid),
            "scrubbing at random, first time, ms a frame": statistics.mean(scrubbed),
            "the page's server for it, CPU ms a frame": 1000 * first / FRAMES,
            "frame on, from memory, ms": statistics.median(stepped),
            "the longest of 30, ms": max(stepped),
            "with scopes on, ms": statistics.median(with_scopes),
            "scopes of a frame, ms, when the page is idle": scopes,
            "another exposure of a frame, the page's server, CPU ms": exposed[0],
            "and once more, CPU ms": exposed[1],
            "frames a second in a loop, of 24": played,
            "the page's server and the daemon meanwhile, % of a core": loop,
        }
    finally:
        review.terminate()
        review.wait()
        review.stdout.close()


def _exposed(page: Page, review: int) -> float:
    """CPU milliseconds of the server for a third of a stop, the frames asked for ahead included."""
    before, at = of_process(review), page.tell("document.querySelector('canvas').dataset.look")
    page.press("e")
    page.until(f"document.querySelector('canvas').dataset.look !== {at!r}")
    time.sleep(1.5)
    return 1000 * (of_process(review) - before) / 4


def timed(page: Page, script: str) -> list[float]:
    """What a script measured."""
    page.tell("window.took = null")
    page.tell(f"void {script % TIMED}")
    page.until("window.took !== null")
    return [float(one) for one in json.loads(page.tell("JSON.stringify(window.took)"))]


def frames_in(page: Page, seconds: float) -> float:
    """Frames that were drawn in so long, by the second."""
    page.tell("""void (() => { const c = document.querySelector('canvas'); let last = '';
      window.drawn = 0; const look = () => { if (c.dataset.shown !== last) { window.drawn++;
      last = c.dataset.shown; } requestAnimationFrame(look); }; look(); })()""")
    time.sleep(1)
    began, count = time.perf_counter(), page.tell("window.drawn")
    time.sleep(seconds)
    return float(page.tell("window.drawn") - count) / (time.perf_counter() - began)


def enlarged(path: Path) -> Path:
    """The demo's film at 1920x1080."""
    with av.open(str(EXCERPT)) as film, av.open(str(path), "w") as out:
        stream: Any = out.add_stream("libx264", rate=24, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = WIDE, HIGH, "yuv420p"
        for frame, _ in zip(film.decode(video=0), range(FRAMES + 16), strict=False):
            large = cv2.resize(frame.to_ndarray(format="rgb24"), (WIDE, HIGH))
            out.mux(stream.encode(av.VideoFrame.from_ndarray(large, format="rgb24")))
        out.mux(stream.encode(None))
    return path


if __name__ == "__main__":
    main()
