"""What the daemon adds to a model's own pipeline, watched all along; and how soon it begins.

Run: python benchmarks/watched.py
Needs the extra ``models``, and Linux, whose /proc tells how much the daemon and the stage have
computed. The model is one of the tests' own, a real pipeline of Stable Diffusion 1.5 with a picture
coder that can be shown, so that previews are made. Through the daemon everything is on: progress,
previews, cancel, ledger, the frame's file, its checks. Both ways run on one thread.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import statistics
import sys
import tempfile
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/models"))

import torch
from secondunit.cli import main as command
from secondunit_bridge.film import Project, Shot, Turnover, Work
from secondunit_bridge.timing import FrameRange, Handles
from secondunit_bridge.unit import Unit
from timed import of_process, report
from tiny.families import Folders

PAIRS = 5  # bare and through the daemon, one after the other
STEPS, SIDE = 40, 128  # more than two seconds of a tiny model
LONGEST_S = 300


@dataclass
class Watched:
    """One take as a client sees it: seconds from its submit, and what was heard."""

    began: float = 0.0
    ended: float = 0.0
    heard: Counter[str] = field(default_factory=Counter)


def main() -> None:
    logging.getLogger("transformers").setLevel(logging.ERROR)
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory(prefix="su-") as folder:
        told = {"HOME": folder + "/home", "MODEL_THREADS": "1"}
        os.environ |= {f"SECONDUNIT_{name}": value for name, value in told.items()}
        os.environ["XDG_RUNTIME_DIR"] = folder
        (Path(folder) / "weights").mkdir()
        folders = Folders(Path(folder) / "weights")
        names = {"first": "sd15_clear", "second": "sd15"}
        for name, one in names.items():
            register(name, folders.folder(one))
        with Unit.connect(host="benchmark") as unit:
            project = Project("default", Fraction(24), 1920, 1080, store=folder + "/store")
            unit.project(project)
            figures = {**overhead(unit, folders.folder("sd15_clear")), **begins(unit)}
            unit.stop_daemon()
    limits = {
        "daemon, stage and client over the bare pipeline, CPU %": 2.0,
        "warm second take, submit until its first step, ms": 100.0,
        "the same after a take of another resident model, ms": 150.0,
    }
    report("watched", figures, limits)


def register(name: str, folder: Path) -> None:
    """As a person does it."""
    add = ("models", "add", str(folder), "--name", name, "--card", "sd15")
    clear = ("models", "clear", name, "--reason", "random weights of our own")
    for words in ((*add, "--licence", "Apache-2.0"), clear):
        with contextlib.redirect_stdout(io.StringIO()) as said:
            code = command([*words, "--by", "Ada", "--json"])
        assert code == 0, said.getvalue()


def overhead(unit: Unit, folder: Path) -> dict[str, Any]:
    """CPU of every process that takes part, over that of the pipeline alone in this process."""
    import diffusers

    pipeline: Any = diffusers.StableDiffusionPipeline.from_pretrained(
        str(folder), local_files_only=True, use_safetensors=True
    )
    pipeline.set_progress_bar_config(disable=True)

    def bare(seed: int) -> tuple[float, float]:
        wall, cpu = time.perf_counter(), time.process_time()
        pipeline(
            "a red door", width=SIDE, height=SIDE, num_inference_steps=STEPS, guidance_scale=7.5,
            generator=torch.Generator("cpu").manual_seed(seed), output_type="np",
        )  # fmt: skip
        return time.perf_counter() - wall, time.process_time() - cpu

    watch(unit, ask("first", 0, STEPS, SIDE))
    bare(0)
    pairs, heard = [], Counter()
    for seed in range(1, PAIRS + 1):
        alone = bare(seed)
        before = computed(unit)
        one = watch(unit, ask("first", seed, STEPS, SIDE))
        after = computed(unit)
        pairs.append((alone, (one.ended, {who: after[who] - before[who] for who in after})))
        heard += one.heard
    return {
        "the bare pipeline, s": statistics.median(alone[0] for alone, _ in pairs),
        "the bare pipeline, CPU s": statistics.median(alone[1] for alone, _ in pairs),
        "through the daemon, submit until it ended, s": statistics.median(p[1][0] for p in pairs),
        "daemon, stage and client over the bare pipeline, CPU %": 100
        * (statistics.median(sum(ours[1].values()) / alone[1] for alone, ours in pairs) - 1),
        **{
            f"of that the {who}, CPU %": 100
            * statistics.median(ours[1][who] / alone[1] - (who == "stage") for alone, ours in pairs)
            for who in ("stage", "daemon", "client")
        },
        "previews a take": heard["preview"] / PAIRS,
        "words of progress a take": heard["progress"] / PAIRS,
    }


def begins(unit: Unit) -> dict[str, float]:
    """Wall time from the submit to the word, here, that the first step began."""
    first = [watch(unit, ask("second", 0, 4, 64)).began]
    again = [watch(unit, ask("second", seed, 4, 64)).began for seed in range(1, 8)]
    other = [
        watch(unit, ask(("first", "second")[seed % 2], seed, 4, 64)).began for seed in range(8)
    ]
    return {
        "another model's first take, submit until its first step, ms": 1000 * first[0],
        "warm second take, submit until its first step, ms": 1000 * statistics.median(again),
        "the same after a take of another resident model, ms": 1000 * statistics.median(other),
    }


def ask(name: str, seed: int, steps: int, side: int) -> Turnover:
    shot = Shot("default", "BENCH", uuid.uuid4().hex[:6], uuid.uuid4().hex,
                FrameRange(0, 0, Fraction(24)), Handles(0, 0))  # fmt: skip
    options = {"steps": steps, "guidance": 7.5}
    return Turnover(
        shot, Work.previs, name, brief="a red door", width=side, height=side, seed=seed,
        options=options,
    )  # fmt: skip


def watch(unit: Unit, turnover: Turnover) -> Watched:
    """One take, its events drained as a panel does."""
    seen, start = Watched(), time.perf_counter()
    (take,) = unit.turn_over(turnover)
    while not seen.ended:
        assert time.perf_counter() - start < LONGEST_S, "the take did not end"
        for event in unit.events():
            hear(event, take, seen, time.perf_counter() - start)
        time.sleep(0.001 if not seen.began else 0.02)
    return seen


def hear(event: Any, take: str, seen: Watched, at: float) -> None:
    seen.heard[event.kind] += 1
    if event.kind == "progress" and str(event.body.get("says", "")).startswith("step 1 "):
        seen.began = seen.began or at
    entry = event.entry
    if entry is not None and entry.subject == take:
        assert entry.body.get("state") != "failed", entry.body
        if entry.kind == "take":
            seen.ended = at


def computed(unit: Unit) -> dict[str, float]:
    """CPU seconds of this process, of the daemon and of its stages, so far."""
    daemon = unit.hello().pid
    shot = sum(of_process(pid) for pid in stages(daemon))
    return {"stage": shot, "daemon": of_process(daemon), "client": time.process_time()}


def stages(daemon: int) -> list[int]:
    """The daemon's children."""
    tasks = Path(f"/proc/{daemon}/task").glob("*/children")
    return [int(pid) for task in tasks for pid in task.read_text().split()]


if __name__ == "__main__":
    main()
