"""A generator that misbehaves, through the whole command: refused, or bit-exact outside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from plate_material import HIGH, SRGB, WIDE, grown, matte, picture, written
from secondunit.media.plates import read_plate
from secondunit.media.stills import read_still
from studio_material import studio

HOSTILE = """
from dataclasses import replace
import numpy as np
from secondunit.generators.clean_plate import CleanPlate
from secondunit.hookspecs import Developed, OptionAbout, hookimpl


class Hostile(CleanPlate):
    def __init__(self, name, give, **about):
        self.about = replace(CleanPlate.about, name=name, gives_confidence=False, **about)
        self._give = give

    def plan(self, plan, elements):
        if self.about.name.startswith("greedy"):
            plan.options["edge_zone"] = 100000
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
    opaque, zone = KINDS["opaque"], lambda most: (OptionAbout("edge_zone", most, "All of it."),)
    greedy = [
        Hostile("greedy", opaque, options=zone(100000)),
        Hostile("greedy-later", opaque, options=zone(8)),
        Hostile("greedy-words", opaque, options=zone("all")),
        Hostile("modest", opaque, options=zone(8)),
    ]
    return [Hostile(name, give) for name, give in KINDS.items()] + greedy
"""
OWN_ZONE = 24  # pixels that a generator may change outside a matte by itself


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


def shot(su, plates: Path, generator: str, *words: object):
    return su("plate", "--plate", plates / "box.%04d.exr", "--matte", plates / "matte.%04d.png",
              "--space", SRGB, "--generator", generator, "--takes", 1, "--hold", "--by", "Kim",
              "--out", plates / generator, "--json", *words)  # fmt: skip


def circled(su, answer: dict) -> Path:
    """The take's version, whatever was found."""
    (take,) = answer["takes"]
    for finding in (f["id"] for f in take["findings"] if f["outcome"] in ("look", "stop")):
        words = ("--answer", "creative_intent", "--reason", "to see what is delivered")
        assert su("waive", finding, *words, "--by", "Kim", "--json").code == 0
    said = su("circle", take["take"], "--by", "Kim", "--json")
    assert said.code == 0, said
    return Path(said.json["version"]["path"])


def changed_and_free(plates: Path, version: Path, zone: int):
    """Of each frame what differs, and what the matte's own file allows with so many pixels."""
    for index, path in enumerate(sorted(version.glob("exr/*.exr"))):
        kept, made = (read_plate(p).half() for p in (plates / f"box.{1001 + index}.exr", path))
        mask = next(version.glob(f"qc/matte/*{1001 + index}.exr"))
        free = grown(read_still(plates / f"matte.{1001 + index}.png").pixels, zone)
        yield (kept.view("u2") != made.view("u2")).any(axis=-1), free, read_still(mask).pixels


@pytest.mark.some(2)
@pytest.mark.parametrize(
    "generator", ["noise", "opaque", "nan", "infinite", "negative-alpha", "huge-alpha"]
)
def test_what_a_generator_gives_outside_the_matte_never_reaches_the_plate(su, plates, generator):
    said = shot(su, plates, generator)
    assert said.code in (0, 3), said
    assert said.json["receipt"]["changed_in_protected"] == 0
    version = circled(su, said.json)
    for changed, free, masks in changed_and_free(plates, version, OWN_ZONE):
        assert (~free).sum() > WIDE * HIGH / 2
        assert ((masks[..., 1] > 0.5) == ~free).all()
        assert not (changed & ~free).any()
    assert all(np.isfinite(read_plate(path).half()).all() for path in version.glob("exr/*.exr"))
    assert su("verify", version, "--json").json["ok"]


@pytest.mark.some(2)
@pytest.mark.parametrize(
    ("generator", "words", "zone"),
    [
        ("greedy", (), OWN_ZONE),
        ("greedy-later", (), OWN_ZONE),  # it says 8, and writes 100000 into the plan
        ("modest", (), 8),
        ("modest", ("--option", "edge_zone=0"), 0),
        ("modest", ("--option", "edge_zone=40"), 40),
    ],
)
def test_how_far_outside_the_matte_a_plate_changes_is_a_persons_word(
    su, plates, generator, words, zone
):
    said = shot(su, plates, generator, *words)
    remarks = " ".join(said.json["takes"][0]["remarks"])
    assert ("would change up to 100000 pixels" in remarks) == (generator == "greedy")
    for changed, free, masks in changed_and_free(plates, circled(su, said.json), zone):
        assert (changed == free).mean() > 0.999  # what it paints is hardly ever the plate's own
        assert not (changed & ~free).any()
        assert ((masks[..., 1] > 0.5) == ~free).all()


def test_no_zone_that_is_not_one_and_none_without_end(su, plates):
    said = shot(su, plates, "greedy-words")
    assert (said.code, said.error) == (1, "E_PLUGIN"), said
    said = shot(su, plates, "modest", "--option", "edge_zone=513")
    assert (said.code, said.error) == (1, "E_LIMITS"), said
    assert "matte itself wider" in said.json["error"]["hint"]


@pytest.mark.parametrize("generator", ["small", "grey", "text", "few", "many", "twice"])
def test_frames_of_another_size_kind_or_number_are_refused(su, plates, generator):
    said = shot(su, plates, generator)
    assert (said.code, said.error) == (1, "E_FRAMES"), said
    assert said.json["error"]["hint"]
    assert not list(plates.glob(f"{generator}/store/**/exr"))
