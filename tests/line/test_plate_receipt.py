"""A plate's receipt, measured again by ``verify``: every change to what was published is found."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from plate_material import SRGB, wall, with_passes, written
from secondunit.media.plates import read_plate, write_plate


@pytest.fixture
def plates(tmp_path: Path) -> Path:
    """A folder with a still to put in."""
    written(tmp_path / "plates", "wall", lambda index: wall(), count=1, first=1)
    return tmp_path / "plates"


@pytest.fixture
def version(su, plates: Path, tmp_path: Path) -> Path:
    """A published version of an EXR plate, with three passes beside its colour."""
    pattern = with_passes(plates)
    said = su("plate", "--plate", pattern, "--matte", "channel:hold.mask", "--by", "Kim",
              "--reference", plates / "wall.0001.png", "--reference-space", SRGB, "--option",
              "follow=off", "--out", plates / "out", "--json")  # fmt: skip
    return Path(said.json["version"]["path"])


def tampered(path: Path, row: int, column: int, channel: str = "G") -> None:
    """Change the last bit of one pixel of a published frame."""
    frame = read_plate(path)
    plane = frame.planes[channel].copy()
    plane.view("u2")[row, column] ^= 1
    planes = {**frame.planes, channel: plane}
    write_plate(path, type(frame)(planes, frame.windows, frame.space, frame.pixel_aspect,
                                  frame.attributes, frame.carried))  # fmt: skip


def found(su, version: Path) -> dict[str, str]:
    """What ``verify`` says of the receipt, by state."""
    said = su("verify", version, "--json")
    items = [item for item in said.json["items"] if item["what"] == "receipt"]
    assert said.json["ok"] == (said.code == 0)
    return {item["state"]: item["sentence"] for item in items}


def test_one_bit_of_one_protected_pixel_is_found(su, version: Path):
    assert set(found(su, version)) == {"ok"}
    tampered(next(version.glob("exr/*1001.exr")), 2, 3)
    said = su("verify", version)
    assert said.code == 1
    assert "Frame 1001 differs from the plate in 1 protected pixel" in said.out


def test_one_pixel_of_a_pass_is_found_though_it_lies_inside_the_matte(su, version: Path):
    tampered(next(version.glob("exr/*1001.exr")), 40, 20, "Z")
    assert "changed" in found(su, version)


def test_one_pixel_inside_the_matte_is_found_and_is_no_protected_one(su, version: Path):
    tampered(next(version.glob("exr/*1001.exr")), 40, 20)
    said = su("verify", version)
    assert said.code == 1
    assert "Frame 1001 of the result is another one" in said.out
    assert "protected pixels" not in said.out.split("Looked at")[0]


def test_a_receipt_that_was_rewritten_is_found(su, version: Path):
    path = version / "receipt.json"
    told = json.loads(path.read_text())
    told["frames"][0]["changed_inside"] += 1
    path.write_text(json.dumps(told))
    assert "does not measure as its receipt says" in found(su, version)["changed"]
    told["frames"] = told["frames"][:1]
    path.write_text(json.dumps(told))
    assert su("verify", version).code == 1
    path.write_text("{")
    assert "broken" in found(su, version)
    path.unlink()
    assert su("verify", version).code == 1


def test_a_plate_that_has_moved_away_leaves_the_receipt_untrusted(su, version: Path, plates: Path):
    shutil.move(plates / "passes.0001.exr", plates / "elsewhere.exr")
    said = su("verify", version, "--json")
    assert said.code == 0
    (item,) = [item for item in said.json["items"] if item["what"] == "receipt"]
    assert item["state"] == "untrusted"
