"""A version of ours in a cut: held to its record, and measured against its plate once more."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from plate_material import SRGB, matte, picture, written
from secondunit.media.delivery import Attributes
from secondunit.media.plates import read_plate, write_plate

OURS = ("plate.integrity", "matte.seam")


@pytest.fixture
def version(su, film: Path) -> Path:
    """A box taken out of a plate by the command, published."""
    written(film, "box", picture)
    written(film, "matte", matte)
    said = su("plate", "--plate", film / "box.%04d.png", "--matte", film / "matte.%04d.png",
              "--space", SRGB, "--by", "Kim", "--out", film / "out", "--json")  # fmt: skip
    assert said.code == 0, said
    assert {f["check"]: f["outcome"] for f in said.json["takes"][0]["findings"]
            if f["check"] in OURS} == dict.fromkeys(OURS, "clear")  # fmt: skip
    return Path(said.json["version"]["path"])


def cut_of(cuts, film: Path, version: Path) -> Path:
    first = min((version / "exr").iterdir())
    clip, prefix = cuts.clip("ours", "", 1001, 6), first.name.removesuffix("1001.exr")
    clip["media_reference"] = {
        "OTIO_SCHEMA": "ImageSequenceReference.1", "target_url_base": str(version / "exr"),
        "name_prefix": prefix, "name_suffix": ".exr", "start_frame": 1001, "rate": 24,
        "frame_zero_padding": 4, "frame_step": 1, "missing_frame_policy": "error",
        "available_range": cuts.clip("", "", 1001, 6)["source_range"],
    }  # fmt: skip
    return cuts.write_cut(film / "ours.otio", [clip])


def ours(answer: dict) -> dict[str, str]:
    return {f["check"]: f["outcome"] for f in answer["findings"]
            if f["check"] in OURS or f["check"].startswith("delivery.")}  # fmt: skip


def test_a_version_in_a_cut_is_clear_and_one_changed_pixel_or_missing_frame_stops_it(
    su, film: Path, version: Path, cuts
):
    cut = cut_of(cuts, film, version)
    said = su("check", cut, "--json")
    open_ = [f["sentence"] for f in said.json["findings"] if f["outcome"] != "clear"]
    assert set(ours(said.json).values()) == {"clear"}, open_
    assert len(ours(said.json)) == 15  # nothing of ours is left unsaid

    path = sorted((version / "exr").iterdir())[2]
    frame = read_plate(path)
    frame.planes["R"][2, 2] = np.float16(0.5)
    write_plate(path, frame, Attributes(space=frame.space, rate=24))
    changed = su("check", cut, "--json")
    assert changed.code == 3
    [found] = [f for f in changed.json["findings"] if f["check"] == "plate.integrity"]
    assert (found["outcome"], found["value"], found["frames"]) == ("stop", 1, [[1003, 1003]])
    timecode = next(f for f in changed.json["findings"] if f["check"] == "delivery.timecode")
    assert timecode["codes"] == {"netflix": "Incorrect Timecode", "ebu": "0026W"}

    path.unlink()
    gone = su("check", cut, "--json").json
    assert ours(gone)["delivery.frames"] == "stop"
    assert any(item["check"] == "plate.integrity" for item in gone["not_checked"])
    assert json.dumps(gone).count("1003") >= 2
