"""A Blender with the extension installed from its zip, and a daemon of the tests' own."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
STUCK = '''
import numpy as np
from secondunit.hookspecs import Developed, GeneratorAbout, Port, hookimpl
from secondunit_bridge.film import Role, Work


class Stuck:
    """A picture that moves, and stands still from its tenth frame to its fifteenth."""

    about = GeneratorAbout(
        "stuck", "1", "Stands still in between.", (Work.previs,),
        (Port(Role.guide, "the grey picture", required=False),),
    )

    def plan(self, plan, elements):
        return plan

    def run(self, plan, elements, seed, watch):
        wide = np.random.default_rng(3).random((plan.height, plan.width + 200, 3))
        for index, number in enumerate(plan.frames):
            at = 3 * (10 if 10 <= index < 16 else index)
            yield Developed(number, wide[:, at : at + plan.width].astype(np.float32))


@hookimpl
def secondunit_generators():
    return [Stuck()]
'''


@dataclass(frozen=True)
class Ended:
    """What a Blender answered, and how it ended."""

    answer: Any
    code: int
    seconds: float
    out: str


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The extension as `secondunit host pack` writes it."""
    from secondunit.cli.host.packing import contents, zipped

    path = tmp_path_factory.mktemp("zip") / "secondunit.zip"
    path.write_bytes(zipped(contents()))
    return path


@pytest.fixture(scope="module")
def studio() -> Iterator[dict[str, str]]:
    """The environment of a home, a runtime folder and a Blender profile of this module's own."""
    yield from _studio()


@pytest.fixture
def studio_alone() -> Iterator[dict[str, str]]:
    """The same for one test, where no daemon runs."""
    yield from _studio()


def _studio() -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory(prefix="su-") as folder:
        for name in ("home", "run", "profile"):
            (Path(folder) / name).mkdir(mode=0o700)
        places = {
            "SECONDUNIT_HOME": f"{folder}/home",
            "XDG_RUNTIME_DIR": f"{folder}/run",
            "BLENDER_USER_RESOURCES": f"{folder}/profile",
        }
        yield {**os.environ, **places}


@pytest.fixture(scope="module")
def daemon(
    studio: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """The same, with a daemon that runs and has a generator whose takes continuity flags."""
    from secondunit.cli import main

    plugin = tmp_path_factory.mktemp("plugin")
    (plugin / "stuck_unit.py").write_text(STUCK)
    papers = plugin / "stuck_unit-1.0.dist-info"
    papers.mkdir()
    (papers / "METADATA").write_text("Metadata-Version: 2.1\nName: stuck-unit\nVersion: 1.0\n")
    (papers / "entry_points.txt").write_text("[secondunit]\nstuck = stuck_unit\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECONDUNIT_PLUGINS", "stuck")
        paths = [str(plugin), *filter(None, [os.environ.get("PYTHONPATH")])]
        patch.setenv("PYTHONPATH", os.pathsep.join(paths))
        for name in ("SECONDUNIT_HOME", "XDG_RUNTIME_DIR"):
            patch.setenv(name, studio[name])
        assert main(["daemon", "start", "--json"]) == 0
        yield studio
        main(["daemon", "stop", "--json"])


@pytest.fixture(scope="session")
def in_blender(blender: Path) -> Callable[..., Ended]:
    """Runs a function of a script beside this in a Blender that has nothing of ours on its path."""
    return partial(_run, blender)


@pytest.fixture(scope="session")
def in_newest_blender(newest_blender: Path) -> Callable[..., Ended]:
    """The same in the newest Blender, with a profile of its own."""

    def run(environ: dict[str, str], name: str, *words: object) -> Ended:
        profile = environ["BLENDER_USER_RESOURCES"] + "-newest"
        Path(profile).mkdir(exist_ok=True)
        return _run(newest_blender, {**environ, "BLENDER_USER_RESOURCES": profile}, name, *words)

    return run


def _run(
    python: Path,
    environ: dict[str, str],
    name: str,
    *words: object,
    script: str = "in_blender.py",
) -> Ended:
    clean = {**environ, "PYTHONPATH": ""}
    begun = time.monotonic()
    with subprocess.Popen(
        [python, HERE / script, name, *map(str, words)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=clean,
    ) as child:  # fmt: skip
        try:
            out, _ = child.communicate(timeout=400)
        except subprocess.TimeoutExpired:
            child.kill()
            out, _ = child.communicate()
            pytest.fail(f"{name} did not end:\n{out[-3000:]}")
    lines = [line for line in out.splitlines() if line.startswith("answer ")]
    assert lines, out[-6000:]
    answer = json.loads(lines[-1].removeprefix("answer "))
    return Ended(answer, child.returncode, time.monotonic() - begun, out)
