"""A real Blender for the tests of its host layer, a file with a previs in it, and its passes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
PACKAGES = ("bridge", "hosts/blender")  # what Blender may see of us: never the core

sys.path[:0] = [str(ROOT / name) for name in PACKAGES]

PATIENCE_S = 300

Inside = Callable[..., Any]


def surroundings() -> dict[str, str]:
    """The environment of a Blender: our packages, and one thread so that others can work."""
    path = os.pathsep.join([*(str(ROOT / name) for name in PACKAGES), str(HERE)])
    return {**os.environ, "PYTHONPATH": path}


class Kept:
    """A Blender that stays open and does one thing after another, since most of each is its start.

    What is asked of it begins with the factory's settings or with a file, so it starts afresh.
    """

    def __init__(self, python: Path) -> None:
        self._python, self._child = python, None

    def __call__(self, name: str, *words: object) -> Any:
        """What a function of ``inside.py`` returned; fails the test with all that Blender said."""
        child = self._running()
        late = threading.Timer(PATIENCE_S, child.kill)
        late.start()
        try:
            child.stdin.write(json.dumps([name, *map(str, words)]) + "\n")
            child.stdin.flush()
            heard = list(_until_answer(child.stdout))
        finally:
            late.cancel()
        kind, _, told = heard[-1].partition(" ") if heard else ("", "", "")
        assert kind == "answer", f"{name}{words}: " + "".join(heard)[-4000:]
        return json.loads(told)

    def close(self) -> None:
        if self._child is not None:
            self._child.communicate(timeout=60)

    def _running(self) -> Any:
        if self._child is None or self._child.poll() is not None:
            self._child = subprocess.Popen(
                [self._python, HERE / "inside.py"], env=surroundings(), text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
        return self._child


def _until_answer(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield line
        if line.startswith(("answer ", "failed ")):
            return


@pytest.fixture(scope="session")
def inside(blender: Path) -> Iterator[Inside]:
    """Calls a function of ``inside.py`` in a Blender and gives back what it returned."""
    kept = Kept(blender)
    yield kept
    kept.close()


@dataclass(frozen=True)
class Rendered:
    """What a background render left: its last progress, and the frames as arrays."""

    folder: Path
    answer: dict[str, Any]
    file_before: str = ""  # sha256 of the .blend when the render was ordered

    @cached_property
    def cameras(self) -> list[dict[str, Any]]:
        return json.loads((self.folder / "cameras.json").read_text())["rows"]

    @cached_property
    def scene(self) -> dict[str, Any]:
        return json.loads((self.folder / "scene.json").read_text())

    def path(self, role: str, number: int) -> Path:
        return Path(self.answer["files"][role]["pattern"] % number)

    def values(self, role: str, number: int) -> np.ndarray:
        """``(row, column, channel)`` float32 of a pass, its channels in their order."""
        import OpenImageIO as oiio

        image = oiio.ImageBuf(str(self.path(role, number)))
        names = image.spec().channelnames
        wanted = [names.index(name) for name in self.answer["files"][role]["channels"]]
        return image.get_pixels(oiio.FLOAT)[..., wanted]

    def mask(self, name: str, number: int) -> np.ndarray:
        """The pixels that carry the number of a thing."""
        own = next(int(n) for n, known in self.scene["ids"].items() if known == name)
        return self.values("ids", number)[..., 0] == own


@pytest.fixture(scope="session")
def as_rendered() -> type[Rendered]:
    """Makes a Rendered of a folder and the answer that came with it."""
    return Rendered


@pytest.fixture(scope="session")
def greybox(inside: Inside, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of ``greybox.py``, its shots kept."""
    folder = tmp_path_factory.mktemp("greybox")
    inside("save_greybox", folder)
    return folder / "greybox.blend"


@pytest.fixture(scope="session")
def rendered(
    inside: Inside, greybox: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, str], Rendered]:
    """Renders a shot of the greybox with an engine, once a session."""
    done: dict[tuple[str, str], Rendered] = {}

    def render(code: str, backend: str) -> Rendered:
        if (code, backend) not in done:
            folder = tmp_path_factory.mktemp(f"{code}-{backend}")
            before = sha256(greybox.read_bytes()).hexdigest()
            answer = inside("render", greybox, code, backend, folder)
            _or_skip(answer)
            done[code, backend] = Rendered(folder, answer, before)
        return done[code, backend]

    return render


def _or_skip(answer: dict[str, Any]) -> None:
    """A machine that cannot draw at all skips; one that must be able to fails."""
    failure = answer["failure"]
    if failure and failure["code"] == "E_RENDER_BACKEND" and os.environ.get("CI") != "true":
        pytest.skip(f"{failure['message']}: Workbench needs the packages of EGL and Mesa")
    assert not failure, failure
