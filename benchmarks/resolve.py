"""Resolve: reading a timeline of 2,000 clips, the longest stretch without a pause, and comparing.

The Resolve is that of the tests: its calls cost next to nothing, so this is our own share. Run:
``python benchmarks/resolve.py``. Limits: 2 s to list the shots, 1 s to compare, 100 ms a stretch.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/hosts/resolve"))

from fake_resolve import Media, World, fake  # noqa: E402  the folder must be known first
from fake_resolve.state import Item  # noqa: E402  as above
from secondunit.editorial import read_cut  # noqa: E402  as above
from secondunit.editorial.recut import compare  # noqa: E402  as above
from secondunit_resolve.collect.exported import own_export, plain_cut, save_cut  # noqa: E402  as above
from secondunit_resolve.collect.reading import reading  # noqa: E402  as above
from secondunit_resolve.port import Port  # noqa: E402  as above
from timed import report  # noqa: E402  as above

CLIPS = 2000


def long_timeline(world: World, shift: int = 0) -> None:
    media = [Media(f"reel{n}", f"/rushes/reel{n}.mov", 100_000, start=86400) for n in range(40)]
    items, at = [], 86400
    for number in range(CLIPS):
        length = 24 + number % 37 - (shift if number % 50 == 7 else 0)
        left = number * 48 + (shift if number % 90 == 11 else 0)
        items.append(Item(f"clip {number}", at, length, media[number % 40], left))
        at += length + (3 if number % 100 == 0 else 0)
    world.timeline.tracks["video"][0].items = items


def main() -> None:
    world, handle = fake()
    long_timeline(world)
    port = Port(handle)
    began, longest = time.process_time(), 0.0
    document = own_export(port)
    steps, mark = reading(port, document), time.process_time()
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found = end.value
            break
        finally:
            now = time.process_time()
            longest, mark = max(longest, now - mark), now
    listed = time.process_time() - began
    with tempfile.TemporaryDirectory() as folder:
        cuts = []
        for name, shift in (("old", 0), ("new", 5)):
            long_timeline(world, shift)
            path = save_cut(plain_cut(_read(port)), Path(folder) / f"{name}.otio")
            cuts.append(read_cut(path, open_media=False))
        began = time.process_time()
        told = compare(*cuts)
        compared = time.process_time() - began
    classes = sorted({item.change.value for item in told.items})
    figures = {
        "clips": len(found.clips), "list, CPU s": listed, "longest stretch, CPU ms": longest * 1000,
        "compare, CPU s": compared, "classes": ", ".join(classes),
    }  # fmt: skip
    limits = {"list, CPU s": 2.0, "longest stretch, CPU ms": 100.0, "compare, CPU s": 1.0}
    report("resolve", figures, limits)


def _read(port: Port):  # type: ignore[no-untyped-def]  # a Reading
    from secondunit_resolve.collect.reading import read

    return read(port)


if __name__ == "__main__":
    main()
