"""Second Take: how well planted continuity errors are told from clean retakes.

Run in the repository's root: python -m benchmarks.second_take --size S [--part tune|held|all]
Renders what is not rendered yet (Blender as a Python module), plants the rest, has the checks look
at everything as a sweep would, and prints a table beside the goals. Rendered scenes with an even
number, and the later stretches of real footage, are kept for the final figure: ``held``.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import cv2

from . import baselines, report
from .footage import of_footage
from .looking import Looked, look
from .plan import SIZES, Size, held_out, takes
from .rendering import CACHE, ROOT, NoBlender, rendered
from .running import of_run, windows
from .samples import LIVE, RENDERED, Sample
from .scenes import Grained, Scene
from .staged import of_scene

FOOTAGE = ROOT.parent / "shared" / "data" / "footage"
WINDOWS = 4
PARTS = {"tune": (False,), "held": (True,), "all": (False, True)}


def scenes_of(size: Size, cache: Path, *, only_there: bool) -> list[Scene]:
    """Scenes that are rendered; what is not is rendered now, unless only those there are wanted."""
    if only_there:
        folders = sorted(path.parent for path in cache.glob("*/scene*/takes.order"))
    else:
        folders = rendered(size, cache)
    return [Scene(folder, takes(size)) for folder in folders]


def samples_of(scenes: Iterable[Scene], size: Size, footage: Path) -> Iterator[Sample]:
    """Rendered pairs and runs, then the real footage."""
    for scene in scenes:
        yield from of_scene(scene)
        for seed in range(2):
            frames = scene.clip(size.frames, Grained(seed=seed))
            for n, part in enumerate(windows(frames, WINDOWS) if frames else []):
                name = f"{scene.folder.name}/clip{seed}{n}"
                yield from of_run(name, part, held_out(scene.seed), seed=seed * 10 + n)
    yield from of_footage(footage)


def run(samples: Iterable[Sample], parts: tuple[bool, ...], kinds: set[str], *, beside: bool = True
        ) -> tuple[list[Looked], dict[str, list[Looked]]]:  # fmt: skip
    """What the checks and the baselines say of the samples of these parts and classes."""
    ours: list[Looked] = []
    others: dict[str, list[Looked]] = defaultdict(list)
    wanted = (
        one
        for one in samples
        if one.held in parts and (not kinds or one.clean or one.kind in kinds)
    )
    for looked in look(wanted):
        ours.append(looked)
        if beside:
            told = baselines.as_looked(looked.sample, baselines.read(looked.sample))
            for name, one in told.items():
                others[name].append(one)
        if len(ours) % 100 == 0 and sys.stderr.isatty():
            print(f"\r{len(ours)} samples", end="", file=sys.stderr)
    return ours, others


def answer(ours: list[Looked], others: dict[str, list[Looked]]) -> dict[str, Any]:
    """The sections of rendered and real material."""
    said = {}
    for source in (RENDERED, LIVE):
        mine = [one for one in ours if one.sample.source == source]
        beside = {
            name: [one for one in ones if one.sample.source == source]
            for name, ones in others.items()
        }
        if mine:
            said[source] = report.sections(mine, beside)
    return said


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--size", choices=sorted(SIZES), default="S")
    words.add_argument("--part", choices=sorted(PARTS), default="held")
    words.add_argument("--cache", type=Path, default=CACHE)
    words.add_argument("--footage", type=Path, default=FOOTAGE)
    words.add_argument("--only", nargs="*", default=[], help="classes to look at; all when left out")
    words.add_argument("--only-there", action="store_true", help="render nothing")
    words.add_argument("--no-baselines", action="store_true")
    asked = words.parse_args()
    cv2.setNumThreads(1)
    size = SIZES[asked.size]
    try:
        scenes = scenes_of(size, asked.cache, only_there=asked.only_there)
    except NoBlender as error:
        sys.exit(f"{error}. Make one: python3 installers/run.py blender, or say --only-there.")
    start = time.process_time()
    samples = samples_of(scenes, size, asked.footage)
    ours, others = run(samples, PARTS[asked.part], set(asked.only), beside=not asked.no_baselines)
    said = answer(ours, others)
    used = time.process_time() - start
    head = (f"# Second Take, size {size.name}, {asked.part}: {len(scenes)} scenes, {len(ours)} samples, "
            f"{used:.0f} s of CPU\n")  # fmt: skip
    page = "\n".join([head, *(report.markdown(source, one) for source, one in said.items())])
    print(page)
    for source, one in said.items():
        for missed in one["missed targets"]:
            print(f"missed, {source}: {missed}")
    where = report.write(asked.cache / "figures", f"{size.name}-{asked.part}", said, page)
    print(f"written: {where}")


if __name__ == "__main__":
    main()
