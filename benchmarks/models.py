"""What running a model through Second Unit costs: hooks on its steps, a warm start, a switch.

Run: python benchmarks/models.py
Needs the extra ``models``. The models are the tests' own: real pipelines with random weights, so
that what is measured is our time and hardly theirs.
"""

from __future__ import annotations

import logging
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/models"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests/models/diffusion"))

import torch
from secondunit.generators.diffusion.bench import Bench, Wanted
from secondunit.generators.diffusion.latents import Size
from secondunit.generators.diffusion.loading import quietly
from secondunit.generators.diffusion.previews import Previews
from secondunit.generators.diffusion.steps import running
from secondunit.hookspecs import Preview, Progress
from secondunit.models.pool import Picture
from secondunit.testing.material import Still
from secondunit_bridge.film import Work
from studio import Studio
from timed import report
from tiny.families import Folders

PAIRS = 4  # runs bare and hooked, one after the other
STEPS, SIDE = 40, 128  # a run of two seconds or more of a tiny model


def main() -> None:
    logging.getLogger("transformers").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="su-") as folder:
        os.environ |= {"SECONDUNIT_HOME": folder + "/home", "XDG_RUNTIME_DIR": folder}
        weights = Path(folder) / "weights"
        weights.mkdir()
        studio = Studio(Folders(weights), Path(folder) / "store")
        figures = {
            **over_the_bare_pipeline(studio, Bench(Path(folder)), Path(folder)),
            **warm(studio),
            **switching(studio, Bench(Path(folder))),
        }
    limits = {
        "progress, previews and cancel over the bare pipeline, CPU %": 2.0,
        "warm second take, order until its first step, ms": 100.0,
        "switch between two resident models, ms": 50.0,
    }
    report("models", figures, limits)


def over_the_bare_pipeline(studio: Studio, bench: Bench, home: Path) -> dict[str, float]:
    """The same call of the same pipeline on the same thread count, without and with our hooks."""
    wanted = wanted_of(studio, "sd15", folder="sd15_clear")  # its picture coder can be shown
    with bench.ready(wanted, bench.rungs(wanted)) as held:
        pipeline, denoisers = held.pipeline, wanted.card.denoiser.components

        def work() -> Any:
            noise = torch.Generator("cpu").manual_seed(1)
            with quietly():
                return pipeline(
                    prompt="a red door", height=SIDE, width=SIDE, num_inference_steps=STEPS,
                    generator=noise, output_type="np",
                )  # fmt: skip

        def hooked() -> None:
            eye = Previews(home, "coder", SIDE, SIDE)
            eye.begin(pipeline, Size(SIDE, SIDE, 1), (1001,))
            said = running(pipeline, denoisers, work, Still(), eye.step)
            seen.append(sum(isinstance(word, Preview) for word in said))

        work()
        seen: list[int] = []
        hooked()  # the coder's line is measured once in its life
        pairs = [(seconds(work), seconds(hooked)) for _ in range(PAIRS)]
    bare = statistics.median(bare for (bare, _), _ in pairs)
    ratios = [with_us / alone for (_, alone), (_, with_us) in pairs]
    return {
        "a run of the bare pipeline, s": bare,
        "progress, previews and cancel over the bare pipeline, CPU %": 100
        * (statistics.median(ratios) - 1),
        "previews in a run": statistics.median(seen[1:]),
    }


def warm(studio: Studio) -> dict[str, float]:
    """Orders to the stage's own ``shoot``; the time until the generator says that step 1 begins."""
    studio.model("sdxl")
    ask = studio.turnover("sdxl", Work.previs, steps=2)
    began: list[tuple[float, float]] = []
    inner = studio.plugins.generators["sdxl"]
    run = inner.run

    def watched(*given: Any) -> Any:
        for said in run(*given):
            if isinstance(said, Progress) and said.says.startswith("step 1 "):
                began.append(clocks())
            yield said

    inner.run = watched
    started = []
    for seed in range(8):
        started.append(clocks())
        studio.shoot(ask, seed=seed)
    pairs = list(zip(started, began, strict=True))
    wall = [1000 * (at[0] - start[0]) for start, at in pairs]
    used = [1000 * (at[1] - start[1]) for start, at in pairs]
    return {
        "first take, order until its first step, ms": wall[0],
        "warm second take, order until its first step, ms": statistics.median(wall[1:]),
        "warm second take, the same, CPU ms": statistics.median(used[1:]),
    }


def switching(studio: Studio, bench: Bench) -> dict[str, float]:
    """From asking for the other model's pipeline until it is there, both in memory."""
    pair = [wanted_of(studio, name) for name in ("sd15", "z-image")]
    times = []
    for turn in range(12):
        wanted = pair[turn % 2]
        start = time.perf_counter()
        with bench.ready(wanted, bench.rungs(wanted)):
            times.append(1000 * (time.perf_counter() - start))
    return {
        "opening two models from disk, ms": sum(times[:2]),
        "switch between two resident models, ms": statistics.median(times[2:]),
    }


def wanted_of(studio: Studio, card: str, *, folder: str = "") -> Wanted:
    model = studio.model(card, folder=folder, name=f"{card}-{len(studio.plugins.generators)}")
    return Wanted(model, studio.card(card), (), Picture(64, 64), who="the benchmark", check=never)


def never() -> None:
    """Nobody stops it."""


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds of one call; the CPU's of all threads of this process."""
    before = clocks()
    work()
    after = clocks()
    return after[0] - before[0], after[1] - before[1]


def clocks() -> tuple[float, float]:
    """Wall and CPU seconds, to compare with others of this process."""
    return time.perf_counter(), time.process_time()


if __name__ == "__main__":
    main()
