"""The same plate again and again: takes and versions go up, and nothing is overwritten."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from plate_material import LINEAR, SRGB, matte, picture, wall, written
from secondunit.media.plates import read_plate, write_plate


@pytest.fixture
def plates(tmp_path: Path) -> Path:
    """An EXR plate of three frames, its matte and a still to put in."""
    folder = tmp_path / "plates"
    written(folder, "box", picture, suffix=".exr", count=3)
    written(folder, "roto", matte, count=3)
    written(folder, "wall", lambda _: wall(), count=1, first=1)
    return folder


@pytest.fixture
def put_in(su, plates: Path):
    """Puts the wall in."""

    def run(*words: object):
        said = su("plate", "--plate", plates / "box.%04d.exr", "--matte", plates / "roto.%04d.png",
                  "--space", LINEAR, "--reference", plates / "wall.0001.png", "--reference-space",
                  SRGB, "--option", "follow=off", "--by", "Kim", "--out", plates / "out", "--json",
                  *words)  # fmt: skip
        assert said.code == 0, said
        return said.json

    return run


def content(folder: Path) -> dict[str, str]:
    """Sha256 of every file of a version."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.slow
def test_every_run_is_a_new_version_and_the_old_ones_stay(put_in):
    one = put_in()
    first = Path(one["version"]["path"])
    before = content(first)
    two = put_in("--option", "match=0.9", "--seed", 7)
    three = put_in("--takes", 2)
    numbers = [answer["version"]["name"][-4:] for answer in (one, two, three)]
    assert numbers == ["v001", "v002", "v003"]
    assert one["shot"] == two["shot"] == three["shot"]
    assert [t["number"] for a in (one, two, three) for t in a["takes"]] == [1, 2, 3, 4]
    assert content(first) == before
    exr = [sorted(Path(a["version"]["path"]).glob("exr/*"))[0] for a in (one, two)]
    assert read_plate(exr[0]).digest() != read_plate(exr[1]).digest()


def test_takes_and_versions_of_a_plate_are_listed_circled_and_recalled(su, put_in):
    held = put_in("--hold", "--takes", 2)
    first, second = (take["take"] for take in held["takes"])
    listed = {take["take"]: take for take in su("takes", "--json").json["takes"]}
    assert {listed[first]["state"], listed[second]["state"]} == {"pending_review"}
    assert first in su("takes").out
    circled = su("circle", second, "--by", "Ada", "--json").json["version"]
    assert (Path(circled["path"]) / "receipt.json").is_file()
    assert (Path(circled["path"]) / "qc" / "receipt.png").is_file()
    said = su("recall", circled["name"], "--by", "Ada", "--reason", "the wrong wall", "--json")
    assert said.code == 0, said
    assert Path(circled["path"]).is_dir()  # recalled, never deleted
    assert su("recall", circled["name"], "--by", "Ada", "--reason", "again", "--json").code == 1
    again = su("circle", first, "--by", "Ada", "--json").json["version"]
    assert again["name"] > circled["name"]


def test_one_changed_byte_outside_the_matte_is_found_by_frame_and_file(su, put_in):
    version = Path(put_in()["version"]["path"])
    clean = su("verify", version)
    assert clean.code == 0, clean
    path = sorted(version.glob("exr/*"))[1]
    frame = read_plate(path)
    plane = frame.planes["B"].copy()
    plane.view("u1")[5, 11] ^= 1
    write_plate(path, type(frame)({**frame.planes, "B": plane}, frame.windows, frame.space,
                                  frame.pixel_aspect, frame.attributes, frame.carried))  # fmt: skip
    said = su("verify", version)
    assert said.code == 1
    assert "Frame 1002 differs from the plate in 1 protected pixel" in said.out
    assert path.name in said.out
    told = su("verify", version, "--json").json
    assert not told["ok"]
    wrong = [item for item in told["items"] if item["state"] != "ok"]
    assert any(item["path"].endswith(path.name) for item in wrong)
    assert "1002" in json.dumps(wrong)
    assert not any("1001" in item["sentence"] or "1003" in item["sentence"] for item in wrong)


def test_a_plate_whose_takes_wait_to_be_looked_at_ends_with_one_but_with_zero_when_held(
    su, plates: Path
):
    written(plates, "box", lambda _: picture(0), suffix=".exr", count=8)
    written(plates, "roto", lambda _: matte(0), count=8)
    words = ("plate", "--plate", plates / "box.%04d.exr", "--matte", plates / "roto.%04d.png",
             "--space", LINEAR, "--reference", plates / "wall.0001.png", "--reference-space", SRGB,
             "--option", "follow=off", "--option", "grain=0.0", "--by", "Kim", "--out",
             plates / "out", "--json")  # fmt: skip
    said = su(*words)
    outcomes = {f["outcome"] for f in said.json["takes"][0]["findings"]}
    assert "look" in outcomes
    assert "stop" not in outcomes
    assert (said.code, said.json["version"]) == (1, None)
    assert "open findings" in said.json["sentence"]
    assert su(*words, "--hold").code == 0
