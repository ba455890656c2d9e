"""What a generator's code space cannot hold is told; what it holds comes back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from plate_material import BOX, HIGH, LINEAR, WIDE, box, picture
from secondunit.media.delivery import Attributes, write_exr
from secondunit.media.plates import read_plate
from studio_material import studio

MIRROR = """
from dataclasses import replace
import numpy as np
from secondunit.generators.clean_plate import CleanPlate
from secondunit.hookspecs import Developed, hookimpl
from secondunit_bridge.film import Role


class Mirror(CleanPlate):
    about = replace(CleanPlate.about, name="mirror", space="shoulder-srgb", gives_confidence=False)

    def plan(self, plan, elements):
        return plan

    def run(self, plan, elements, seed, watch):
        plate = elements.one(Role.plate)
        for number in plan.frames:
            seen = plate.frame(number - plan.frames.first + plate.frames.first)[..., :3]
            yield Developed(number, np.ascontiguousarray(np.clip(seen, 0, 1)))


@hookimpl
def secondunit_generators():
    return [Mirror()]
"""
FRAMES = 6
INSIDE = (slice(36, 36 + BOX), slice(100, 100 + BOX))
AREA = BOX * BOX


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with studio(tmp_path_factory.mktemp("studio"), "mirror", MIRROR) as place:
        yield place


@pytest.fixture
def shot(su, tmp_path: Path):
    """Shoots a plate with patches of light ``(index, where, value)`` through the mirror."""

    def run(*patches: tuple[int, tuple[slice, slice], float], as_json: bool = True):
        for index in range(FRAMES):
            pixels = np.dstack((picture(index), np.zeros((HIGH, WIDE)))).astype(np.float16)
            pixels[INSIDE][..., 3] = 1
            for at, where, value in patches:
                if at == index:
                    pixels[..., :3][where] = value
            path = tmp_path / f"lamp.{1001 + index}.exr"
            write_exr(path, pixels, ("R", "G", "B", "hold.mask"), Attributes(space=LINEAR))
        more = ("--json",) if as_json else ()
        return su("plate", "--plate", tmp_path / "lamp.%04d.exr", "--matte", "channel:hold.mask",
                  "--generator", "mirror", "--option", "edge_zone=0", "--by", "Kim", "--out",
                  tmp_path / "out", *more)  # fmt: skip

    return run


def part(rows: int) -> tuple[slice, slice]:
    """The first so many rows of what the matte lets change."""
    return slice(INSIDE[0].start, INSIDE[0].start + rows), INSIDE[1]


def receipt_of(answer: dict) -> dict:
    return json.loads((Path(answer["version"]["path"]) / "receipt.json").read_text())


def test_light_beyond_the_codes_is_told_by_frame_and_by_how_much(shot):
    said = shot((1, part(6), 60.0), (3, part(3), -0.25))
    assert said.code == 0, said
    told = receipt_of(said.json)
    clipped = told["clipped"]
    assert (clipped["above_pixels"], clipped["below_pixels"]) == (6 * BOX, 3 * BOX)
    assert clipped["replaced_pixels"] == FRAMES * AREA
    assert clipped["above"] == pytest.approx(6 * BOX / (FRAMES * AREA))
    assert (clipped["minimum"], clipped["maximum"]) == (-0.25, 60.0)
    assert clipped["codes"] == "shoulder-srgb"
    by_frame = {one["frame"]: (one["above_pixels"], one["below_pixels"]) for one in told["frames"]}
    assert by_frame.pop(1002) == (6 * BOX, 0)
    assert by_frame.pop(1004) == (0, 3 * BOX)
    assert set(by_frame.values()) == {(0, 0)}
    (remark,) = [r for r in said.json["takes"][0]["remarks"] if "W_RANGE_CLIPPED" in r]
    assert remark == clipped["sentence"]
    assert remark == (
        "W_RANGE_CLIPPED: 12.50 % of the replaced pixels lie above and 6.25 % below what"
        " shoulder-srgb holds (values from -0.25 to 60), in 2 frames from 1002 to 1004"
    )
    assert told["generator"]["name"] == "mirror"
    assert told["generator"]["codes"]["name"] == "shoulder-srgb"


def test_the_words_of_the_command_say_it_too(shot):
    said = shot((1, part(6), 60.0), as_json=False)
    assert said.code == 0, said
    assert "W_RANGE_CLIPPED: 25.00 % of the replaced pixels lie above" in said.out
    assert "in frame 1002" in said.out


def test_light_that_the_codes_hold_comes_back_and_nothing_is_told(shot):
    said = shot((0, part(6), 20.0), (2, part(6), 55.0))  # both are frames the codes are fitted to
    assert said.code == 0, said
    answer = said.json
    told = receipt_of(answer)
    assert (told["clipped"]["above_pixels"], told["clipped"]["below_pixels"]) == (0, 0)
    assert told["clipped"]["sentence"] == ""
    assert "W_RANGE" not in json.dumps(answer)
    frames = sorted(Path(answer["version"]["path"]).glob("exr/*.exr"))
    for index, value in ((0, 20.0), (2, 55.0)):
        made = read_plate(frames[index]).half()[..., :3][part(6)].astype(np.float32)
        assert np.abs(made / value - 1).max() < 0.01


def test_light_that_is_nowhere_replaced_is_no_loss(shot):
    said = shot((1, box(5), 60.0), (3, box(0), -0.25))  # outside the matte
    found = said.json["takes"][0]["findings"]
    assert said.code == 0, [f["sentence"] for f in found if f["outcome"] in ("look", "stop")]
    assert "W_RANGE" not in json.dumps(said.json)
    assert said.json["receipt"]["kept"]
    made = sorted(Path(said.json["version"]["path"]).glob("exr/*.exr"))[1]
    assert (read_plate(made).half()[..., :3][box(5)] == 60).all()
