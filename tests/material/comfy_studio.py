"""What tests of ComfyUI workflows share: files, asks, waiting, a prompt of somebody else."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

import comfy_nodes
import cv2
import numpy as np
from comfy_server import Comfy
from plate_material import SRGB, wall, written
from secondunit_bridge.unit import Unit

HIGH, WIDE, COUNT = 64, 96, 2


def files(folder: Path, workflow: dict, card: str, name: str = "harbour") -> Path:
    """A workflow and its card, side by side."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.toml").write_text(card)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(workflow))
    return path


def asked(plates: Path, *more: object) -> tuple[object, ...]:
    return ("plate", "--plate", plates / "wall.%04d.png", "--matte", plates / "matte.%04d.png",
            "--space", SRGB, "--by", "Kim", "--out", plates / "out", "--takes", 1,
            "--generator", "harbour-patch", "--hold", "--json", "--brief", "a red door",
            *more)  # fmt: skip


def until(holds: Callable[[], object], seconds: float = 20) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def beside(work: Callable[[], None]) -> threading.Thread:
    """Do something while a command runs."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def stop_the_newest() -> None:
    """What the stop button of a host does."""
    with Unit.connect(host="test") as unit:
        newest = [entry for entry in unit.entries(0) if entry.kind == "turnover"][-1]
        unit.cancel(turnover=newest.subject, by="Kim")


def taken(take: str) -> dict:
    """The take's own entry in the ledger."""
    with Unit.connect(host="test") as unit:
        entries = unit.entries(0)
    return next(e.body for e in entries if e.kind == "take" and e.subject == take)


def picture_of_theirs(server: Comfy) -> dict:
    """A prompt of somebody else loads pictures of their own."""
    png = cv2.imencode(".png", np.full((HIGH, WIDE, 3), 90, np.uint8))[1].tobytes()
    nodes = {}
    for name, node in (("theirs.png", "10"), ("hole.png", "11")):
        server.files["input", "", name] = png
        graph = comfy_nodes.patch()[node]
        nodes[node] = {**graph, "inputs": {**graph["inputs"], "image": name}}
    return nodes


def plates_in(folder: Path) -> Path:
    """A textured plate, and a box for a matte that goes along."""

    def matte(index: int) -> np.ndarray:
        made = np.zeros((HIGH, WIDE, 1), np.float32)
        made[16:48, 24 + index : 72] = 1.0
        return made

    written(folder, "wall", lambda i: wall()[:HIGH, i : WIDE + i], suffix=".png", count=COUNT)
    written(folder, "matte", matte, count=COUNT)
    return folder


def add_both(folder: Path) -> None:
    """Both workflows, registered as a person would."""
    from secondunit.cli import main

    patch = files(folder, comfy_nodes.patch(), comfy_nodes.PATCH_CARD, "patch")
    movie = files(folder, comfy_nodes.movie(), comfy_nodes.MOVIE_CARD, "movie")
    for path in (patch, movie):
        assert main(["models", "add", str(path), "--by", "Ada", "--json"]) == 0
