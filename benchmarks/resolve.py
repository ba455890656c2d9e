"""Resolve: reading a cut of 2,000 clips, the longest stretch without a pause, and comparing.

The Resolve is that of the tests. Its calls cost next to nothing, so the CPU time is our own share;
for how long Resolve is held up each call is counted with what it costs from a script's own process
(`fake_resolve/long_cut.py`: 0.2 ms, assumed, as nobody measured it). Before 18.5 there is no export
to read, and what clips play of their media is asked for only where a command needs it. Run:
``python benchmarks/resolve.py``. Limits: 2 s to list, 1 s to compare, 100 ms a stretch.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/hosts/resolve"))

from fake_resolve import cutting, fake  # noqa: E402  the folder must be known first
from fake_resolve.long_cut import Costly, long_timeline  # noqa: E402  as above
from secondunit.editorial import read_cut  # noqa: E402  as above
from secondunit.editorial.recut import compare  # noqa: E402  as above
from secondunit_resolve.collect.exported import own_export, plain_cut, save_cut  # noqa: E402  as above
from secondunit_resolve.collect.reading import read  # noqa: E402  as above
from secondunit_resolve.pacing import Pace  # noqa: E402  as above
from secondunit_resolve.port import Port  # noqa: E402  as above
from timed import report  # noqa: E402  as above

CLIPS = 2000


class Stretch:
    """The longest CPU time between two looks."""

    def __init__(self) -> None:
        self.longest, self._since = 0.0, time.process_time()

    def look(self) -> None:
        now = time.process_time()
        self.longest, self._since = max(self.longest, now - self._since), now


def own_share(folder: Path) -> dict[str, float]:
    """What reading and writing a cut cost us, in CPU, and the longest of it at once."""
    world, handle = fake()
    long_timeline(world, CLIPS)
    text = cutting.otio(world.timeline)
    cutting.otio = lambda _: text  # the fake's own time to write it is none of ours
    stretch = Stretch()
    began = time.process_time()
    port = Port(handle, Pace(pause=stretch.look, clock=time.process_time))
    found = read(port, own_export(port))
    listed = time.process_time() - began
    stretch.look()
    save_cut(found, folder / "as_exported.otio", port.pace)
    stretch.look()
    save_cut(plain_cut(found), folder / "plain.otio", port.pace)
    stretch.look()
    assert len(found.clips) == CLIPS
    return {"list, CPU s": listed, "longest stretch of ours, CPU ms": stretch.longest * 1000}


def with_costly_calls(version: str, *, whole: bool = True) -> tuple[float, float, float]:
    """Seconds until read, the longest time without a pause in ms, and the calls of a clip."""
    world, handle = fake(version)
    long_timeline(world, CLIPS)
    clock = Costly(world)
    pace = Pace(pause=clock.pause, clock=clock.now)
    port = Port(handle, pace)
    read(port, own_export(port), whole=whole)
    return clock.now(), pace.longest * 1000, round(len(world.calls) / CLIPS, 1)


def compared(folder: Path) -> tuple[float, str]:
    """CPU seconds of the comparison of two long cuts, and the classes in it."""
    world, handle = fake()
    cuts = []
    for name, shift in (("old", 0), ("new", 5)):
        long_timeline(world, CLIPS, shift)
        path = save_cut(plain_cut(read(Port(handle))), folder / f"{name}.otio")
        cuts.append(read_cut(path, open_media=False))
    began = time.process_time()
    told = compare(*cuts)
    took = time.process_time() - began
    return took, ", ".join(sorted({item.change.value for item in told.items}))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        figures: dict[str, object] = {"clips": CLIPS, **own_share(Path(folder))}
        seconds, longest, calls = with_costly_calls("20.3.2")
        figures |= {"calls a clip": calls, "list with costly calls, s": seconds,
                    "longest without a pause, ms": longest}  # fmt: skip
        for version in ("17", "18"):  # which have no export
            seconds, longest, calls = with_costly_calls(version, whole=False)
            figures |= {f"calls a clip, {version}": calls, f"list, {version}, s": seconds}
            seconds, longest, calls = with_costly_calls(version)
            figures |= {f"calls a clip and what it plays, {version}": calls,
                        f"list with what they play, {version}, s": seconds,
                        f"longest, {version}, ms": longest}  # fmt: skip
        figures["compare, CPU s"], figures["classes"] = compared(Path(folder))
    limits = {"list, CPU s": 2.0, "list with costly calls, s": 2.0, "compare, CPU s": 1.0,
              "longest stretch of ours, CPU ms": 100.0, "longest without a pause, ms": 100.0,
              "longest, 17, ms": 100.0, "list, 17, s": 2.0, "list, 18, s": 2.0}  # fmt: skip
    report("resolve", figures, limits)


if __name__ == "__main__":
    main()
