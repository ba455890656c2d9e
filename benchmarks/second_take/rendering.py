"""Has scenes rendered by Blender and keeps them: one folder a scene, by what rendered it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Collection
from hashlib import sha256
from pathlib import Path

from .plan import Job, Size, takes

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CACHE = HERE / ".cache"
BLENDER = ROOT / ".venv-blender" / "bin" / "python"


class NoBlender(RuntimeError):
    """There is no Blender to render with, and the pictures are not there yet."""


def rendered(
    size: Size, numbers: Collection[int] = (), cache: Path = CACHE, python: Path = BLENDER
) -> list[Path]:
    """Every scene's folder, and every clip in it, rendered where they are not there yet.

    ``numbers``: of these scenes, whichever they are, and of all of the size when left out.
    """
    wanted = sorted(numbers) or range(size.first, size.first + size.scenes)
    folders = [_scene(Job(seed, takes(size), 0, **_picture(size)), cache, python)
               for seed in wanted]  # fmt: skip
    for seed in wanted:
        if seed < size.first + size.clips:
            moving = (seed - size.first) % 2 == 0
            _scene(Job(seed, (), size.frames, moving, **_picture(size)), cache, python)
    return folders


def _picture(size: Size) -> dict[str, int]:
    return {"width": size.width, "height": size.height, "samples": size.samples}


def _scene(job: Job, cache: Path, python: Path) -> Path:
    look = b"".join(file.read_bytes() for file in sorted((HERE / "render").glob("*.py")))
    made_by = sha256(look + str((job.width, job.height, job.samples)).encode()).hexdigest()[:12]
    folder = cache / made_by / f"scene{job.seed:03}"
    order = folder / ("clip.order" if job.frames else "takes.order")
    words = json.dumps(job.words())
    if order.is_file() and order.read_text() == words:
        return folder
    if not python.exists():
        raise NoBlender(f"scene {job.seed} is not rendered, and there is no {python}")
    folder.mkdir(parents=True, exist_ok=True)
    asked = order.with_suffix(".asked")
    asked.write_text(words)
    script = HERE / "render" / "shoot.py"
    with (folder / "log.txt").open("w") as log:
        subprocess.run(
            ["nice", "-n", "19", str(python), str(script), str(asked), str(folder)],
            check=True, stdout=log, stderr=log, env={**os.environ, "PYTHONPATH": ""},
        )  # fmt: skip
    asked.rename(order)
    return folder
