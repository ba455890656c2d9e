"""Second Take: how well planted continuity errors are told from clean retakes.

Run in the repository's root: python -m benchmarks.second_take --size S [--part tune|held|all]
Renders what is not rendered yet (Blender as a Python module), plants the rest, has the checks look
at everything as a sweep would, and prints a table beside the goals. Rendered scenes with an even
number, and the later stretches of real footage, are kept for the final figure: ``held``.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

import cv2

from . import baselines, readings, report
from .footage import of_footage
from .looking import Looked, look
from .plan import SIZES, Size, held_out, takes
from .rendering import CACHE, ROOT, NoBlender, rendered
from .running import of_run, windows
from .samples import LIVE, RENDERED, Sample
from .scenes import Grained, Scene
from .staged import clean_of, errors_of

FOOTAGE = ROOT.parent / "shared" / "data" / "footage"
WINDOWS = 4
PARTS = {"tune": (False,), "held": (True,), "all": (False, True)}


def scenes_of(
    size: Size, cache: Path, numbers: Collection[int] = (), *, only_there: bool
) -> list[Scene]:
    """Scenes that are rendered; what is not is rendered now, unless only those there are wanted.

    ``numbers``: these scenes, shot as this size's are, and all of the size when left out.
    """
    if only_there:
        folders = sorted(path.parent for path in cache.glob("*/scene*/takes.order"))
    else:
        folders = rendered(size, numbers, cache)
    scenes = [Scene(folder, takes(size)) for folder in folders]
    return [scene for scene in scenes if not numbers or scene.seed in numbers]


def samples_of(scenes: Iterable[Scene], size: Size, footage: Path) -> Iterator[Sample]:
    """Errors first: what a run that is cut short has read is what it was made for."""
    for scene in scenes:
        yield from errors_of(scene)
    yield from of_footage(footage)
    for scene in scenes:
        for seed in range(2):
            frames = scene.clip(size.frames, Grained(seed=seed))
            for n, part in enumerate(windows(frames, WINDOWS) if frames else []):
                name = f"{scene.folder.name}/clip{seed}{n}"
                yield from of_run(name, part, held_out(scene.seed), seed=seed * 10 + n)
    for scene in scenes:
        yield from clean_of(scene)


def run(samples: Iterable[Sample], parts: tuple[bool, ...], kinds: set[str], to: Path,
        only: Collection[str] = (), *, beside: bool = True) -> None:  # fmt: skip
    """What checks and baselines say of the samples of these parts and classes, to a file.

    ``only``: these checks; what the file says by others is kept.
    """
    wanted = (one for one in samples if one.held in parts and (not kinds or one.kind in kinds))
    to.parent.mkdir(parents=True, exist_ok=True)
    old = to.read_text(encoding="utf-8").splitlines() if only and to.exists() else []
    now = to.with_suffix(".now") if only else to
    with now.open("w", encoding="utf-8") as file:
        for looked in look(wanted, only):
            told = baselines.read(looked.sample) if beside and not only else {}
            print(readings.line(looked, told), file=file, flush=True)
    if only:
        new = now.read_text(encoding="utf-8").splitlines()
        to.write_text("".join(f"{line}\n" for line in readings.renewed(old, new)))
        now.unlink()


def counted(files: Iterable[Path]) -> tuple[list[Looked], dict[str, list[Looked]]]:
    """Our readings, and each baseline's in the same shape."""
    ours: list[Looked] = []
    others: dict[str, list[Looked]] = defaultdict(list)
    for looked, beside in readings.read(files):
        ours.append(looked)
        for name, one in baselines.as_looked(looked.sample, beside).items():
            others[name].append(one)
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
    words.add_argument(
        "--only", nargs="*", default=[], help="classes to look at; all when left out"
    )
    words.add_argument("--checks", nargs="*", default=[],
                       help="read only these again, and keep what is known by others")  # fmt: skip
    words.add_argument("--scenes", nargs="*", type=int, default=[],
                       help="these numbers; all of the size when left out")  # fmt: skip
    words.add_argument("--only-there", action="store_true", help="render nothing")
    words.add_argument("--readings", nargs="*", type=Path, default=[],
                       help="make the table of these, and look at nothing")  # fmt: skip
    words.add_argument("--no-baselines", action="store_true")
    asked = words.parse_args()
    cv2.setNumThreads(1)
    size = SIZES[asked.size]
    try:
        scenes = (
            []
            if asked.readings
            else scenes_of(size, asked.cache, asked.scenes, only_there=asked.only_there)
        )
    except NoBlender as error:
        sys.exit(f"{error}. Make one: python3 installers/run.py blender, or say --only-there.")
    figures = asked.cache / "figures"
    files = asked.readings
    if not files:
        files = [figures / f"{size.name}-{asked.part}.jsonl"]
        samples = samples_of(scenes, size, asked.footage)
        run(samples, PARTS[asked.part], set(asked.only), files[0], asked.checks,
            beside=not asked.no_baselines)  # fmt: skip
    ours, others = counted(files)
    said = answer(ours, others)
    head = f"# Second Take, size {size.name}, {asked.part}: {len(ours):,} samples\n"
    page = "\n".join([head, *(report.markdown(source, one) for source, one in said.items())])
    print(page)
    for source, one in said.items():
        for missed in one["missed targets"]:
            print(f"missed, {source}: {missed}")
    where = report.write(figures, f"{size.name}-{asked.part}", said, page)
    print(f"written: {where}")


if __name__ == "__main__":
    main()
