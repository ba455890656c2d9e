"""A generator that misbehaves, through the whole command: refused, or bit-exact outside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from plate_material import HIGH, SRGB, WIDE, matte, picture, written
from secondunit.media.plates import read_plate
from secondunit.media.stills import read_still
from studio_material import studio

HOSTILE = """
from dataclasses import replace
import numpy as np
from secondunit.generators.clean_plate import CleanPlate
from secondunit.hookspecs import Developed, hookimpl


class Hostile(CleanPlate):
    def __init__(self, name, give):
        self.about = replace(CleanPlate.about, name=name, gives_confidence=False)
        self._give = give

    def plan(self, plan, elements):
        return plan

    def run(self, plan, elements, seed, watch):
        noise = np.random.default_rng(seed)
        for number in plan.frames:
            yield from self._give(plan, number, noise.random((plan.height, plan.width, 4), "f4"))


def whole(change):
    return lambda plan, number, made: [Developed(number, change(made))]


def filled(value):
    return whole(lambda made: np.full_like(made, value))


def after(plan, number, made):
    more = [number + 100] if number == plan.frames.last else []
    return [Developed(n, made) for n in [number, *more]]


KINDS = {
    "noise": whole(lambda made: made * 9 - 4),
    "opaque": whole(lambda made: np.concatenate((made[..., :3], np.ones_like(made[..., 3:])), 2)),
    "nan": filled(np.nan),
    "infinite": filled(np.inf),
    "negative-alpha": whole(lambda made: -made),
    "huge-alpha": whole(lambda made: made * 1e30),
    "small": whole(lambda made: made[:-1]),
    "grey": whole(lambda made: made[..., :1]),
    "text": lambda plan, number, made: [Developed(number, "a picture")],
    "few": lambda plan, number, made: [Developed(number, made)][: number < plan.frames.last],
    "many": after,
    "twice": lambda plan, number, made: [Developed(plan.frames.first, made)],
}


@hookimpl
def secondunit_generators():
    return [Hostile(name, give) for name, give in KINDS.items()]
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home of this module's own whose daemon knows the hostile generators."""
    with studio(tmp_path_factory.mktemp("studio"), "hostile", HOSTILE) as place:
        yield place


@pytest.fixture(scope="module")
def plates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plates")
    written(folder, "box", picture, suffix=".exr", count=2)
    written(folder, "matte", matte, count=2)
    return folder


def shot(su, plates: Path, generator: str):
    return su("plate", "--plate", plates / "box.%04d.exr", "--matte", plates / "matte.%04d.png",
              "--space", SRGB, "--generator", generator, "--takes", 1, "--hold", "--by", "Kim",
              "--out", plates / generator, "--json")  # fmt: skip


@pytest.mark.parametrize(
    "generator", ["noise", "opaque", "nan", "infinite", "negative-alpha", "huge-alpha"]
)
def test_what_a_generator_gives_outside_the_matte_never_reaches_the_plate(su, plates, generator):
    said = shot(su, plates, generator)
    assert said.code in (0, 3), said
    answer = said.json
    assert answer["receipt"]["changed_in_protected"] == 0
    (take,) = answer["takes"]
    open_ = [f["id"] for f in take["findings"] if f["outcome"] in ("look", "stop")]
    by = ("--by", "Kim", "--json")
    for finding in open_:
        words = ("--answer", "creative_intent", "--reason", "to see what is delivered")
        assert su("waive", finding, *words, *by).code == 0
    circled = su("circle", take["take"], *by)
    assert circled.code == 0, circled
    version = Path(circled.json["version"]["path"])
    for index, path in enumerate(sorted(version.glob("exr/*.exr"))):
        kept, made = (read_plate(p).half() for p in (plates / f"box.{1001 + index}.exr", path))
        mask = next(version.glob(f"qc/matte/*{1001 + index}.exr"))
        protected = read_still(mask).pixels[..., 1] > 0.5
        assert protected.sum() > WIDE * HIGH / 2
        assert (kept.view("u2") == made.view("u2"))[protected].all()
        assert np.isfinite(made).all()
    assert su("verify", version, "--json").json["ok"]


@pytest.mark.parametrize("generator", ["small", "grey", "text", "few", "many", "twice"])
def test_frames_of_another_size_kind_or_number_are_refused(su, plates, generator):
    said = shot(su, plates, generator)
    assert (said.code, said.error) == (1, "E_FRAMES"), said
    assert said.json["error"]["hint"]
    assert not list(plates.glob(f"{generator}/store/**/exr"))
