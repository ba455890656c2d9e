"""A plate's receipt, measured again by ``verify``: every change to what was published is found."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import asdict, replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from plate_material import SRGB, matte, picture, wall, with_passes, written
from secondunit.cli import main
from secondunit.contract import receipt as receipts
from secondunit.media.plates import read_plate, write_plate


@pytest.fixture
def plates(tmp_path: Path) -> Path:
    """A folder with a still to put in."""
    written(tmp_path / "plates", "wall", lambda index: wall(), count=1, first=1)
    return tmp_path / "plates"


@pytest.fixture(scope="module")
def passes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An EXR plate with three passes beside its colour, for all tests that leave it as it is."""
    folder = tmp_path_factory.mktemp("passes")
    written(folder, "wall", lambda index: wall(), count=1, first=1)
    with_passes(folder)
    return folder


@pytest.fixture(scope="module")
def published(home: Path, passes: Path) -> tuple[Path, Path]:
    """Where that plate was published, once, and a copy that nobody touches."""
    words = ("plate", "--plate", passes / "passes.%04d.exr", "--matte", "channel:hold.mask",
             "--by", "Kim", "--reference", passes / "wall.0001.png", "--reference-space", SRGB,
             "--option", "follow=off", "--out", passes / "out", "--json")  # fmt: skip
    with redirect_stdout(StringIO()) as said:
        assert main([str(word) for word in words]) == 0
    version = Path(json.loads(said.getvalue())["version"]["path"])
    return version, Path(shutil.copytree(version, passes / "untouched"))


@pytest.fixture
def version(published: tuple[Path, Path]) -> Iterator[Path]:
    """The published version; what a test does to it is undone."""
    version, untouched = published
    yield version
    shutil.rmtree(version)
    shutil.copytree(untouched, version)


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


def test_a_plate_that_has_moved_away_is_said_and_has_an_exit_code_of_its_own(
    su, version: Path, passes: Path
):
    shutil.move(passes / "passes.0001.exr", passes / "elsewhere.exr")
    said = su("verify", version, "--json")
    assert (said.code, said.json["ok"]) == (4, False)
    (item,) = [item for item in said.json["items"] if item["state"] != "ok"]
    assert (item["what"], item["state"]) == ("plate", "untrusted")
    assert item["sentence"].startswith("1 frame could not be compared: the plate is not there")
    words = su("verify", version)
    assert words.code == 4
    assert "1 frame could not be compared" in words.out
    assert "All as recorded" not in words.out
    tampered(next(version.glob("exr/*1001.exr")), 40, 20)
    assert su("verify", version).code == 1  # what is changed comes first
    shutil.move(passes / "elsewhere.exr", passes / "passes.0001.exr")


def forged(version: Path, *, protect: bool, zone: int = 0) -> None:
    """Every frame half as bright, and all papers rewritten so that they say it is all right."""
    told = json.loads((version / "receipt.json").read_text())
    frames = []
    for entry in told["frames"]:
        number = str(entry["frame"])
        result = version / told["result"]["files"][number]
        masks = version / told["matte"]["files"][number]
        frame = read_plate(result)
        colour = {name: frame.planes[name] * np.float16(0.5) for name in frame.colour}
        made = replace(frame, planes={**frame.planes, **colour})
        write_plate(result, made)
        soft, protected = receipts.read_mask(masks)
        soft = soft if protect else np.ones_like(soft)
        protected = np.zeros_like(protected)
        receipts.write_mask(masks, soft, protected)
        plate = read_plate(Path(told["plate"]["files"][number]))
        frames.append(receipts.measure_frames(plate, made, protected, soft, frame=entry["frame"]))
    told |= {"frames": [asdict(one) for one in frames], "edge_zone": zone or told["edge_zone"]}
    for what in ("plate", "result", "matte"):
        digests = "\n".join(getattr(one, what) for one in frames)
        told[what]["digest"] = hashlib.sha256(digests.encode()).hexdigest()
    (version / "receipt.json").write_text(json.dumps(told))
    record = json.loads((version / "record.json").read_text())
    for entry in (*record["files"], *record["frames"]):
        entry["sha256"] = hashlib.sha256((version / entry["file"]).read_bytes()).hexdigest()
    (version / "record.json").write_text(json.dumps(record))


@pytest.fixture
def copied(version: Path, tmp_path: Path) -> Path:
    """The version where no ledger knows it, as a house it was delivered to would have it."""
    return Path(shutil.copytree(version, tmp_path / "delivered" / version.name))


def test_a_copy_that_nobody_touched_is_whole_and_only_its_record_has_no_witness(su, copied: Path):
    said = su("verify", copied, "--json")
    assert said.code == 0
    (item,) = [item for item in said.json["items"] if item["state"] != "ok"]
    assert (item["what"], item["state"]) == ("record", "untrusted")
    assert "not known to this machine's ledger" in item["sentence"]
    assert "nobody vouches for: 1" in su("verify", copied).out


def test_a_forged_version_whose_papers_all_agree_is_found_by_its_own_matte(su, copied: Path):
    forged(copied, protect=True)
    said = su("verify", copied, "--json")
    assert (said.code, said.json["ok"]) == (1, False)
    words = " ".join(item["sentence"] for item in said.json["items"])
    assert "are protected otherwise than its matte and an edge zone of 12 pixels say" in words
    assert "differs from the plate in" in words
    assert "Nothing is protected in any frame" in words


def test_a_zone_so_wide_that_nothing_is_protected_is_no_receipt(su, copied: Path):
    forged(copied, protect=True, zone=100000)
    said = su("verify", copied, "--json")
    assert said.code == 1
    assert "not a receipt that can be read" in " ".join(i["sentence"] for i in said.json["items"])


def test_a_forged_matte_is_found_by_the_one_that_was_handed_over(su, copied: Path):
    forged(copied, protect=False)
    said = su("verify", copied, "--json")
    assert said.code == 1
    words = " ".join(item["sentence"] for item in said.json["items"])
    assert "the matte is not the one that was handed over" in words
    assert "Nothing is protected in any frame" in words


def test_a_forged_version_in_its_own_place_is_found_by_the_ledger(su, version: Path):
    forged(version, protect=False)
    said = su("verify", version, "--json")
    assert said.code == 1
    records = [item["state"] for item in said.json["items"] if item["what"] == "record"]
    assert "changed" in records


def test_a_receipt_the_record_does_not_name_vouches_for_nothing(su, copied: Path):
    record = json.loads((copied / "record.json").read_text())
    record["files"] = [entry for entry in record["files"] if entry["file"] != "receipt.json"]
    (copied / "record.json").write_text(json.dumps(record))
    assert "The record does not name receipt.json" in found(su, copied)["changed"]


@pytest.mark.parametrize("name", ["roto.1001.png", "box.1001.png"])
def test_mattes_in_files_of_their_own_are_compared_while_they_are_the_same_files(
    su, plates: Path, tmp_path: Path, name: str
):
    written(plates, "box", picture, count=2)
    roto = written(plates, "roto", matte, count=2)
    said = su("plate", "--plate", plates / "box.%04d.png", "--matte", roto, "--space", SRGB,
              "--reference", plates / "wall.0001.png", "--reference-space", SRGB, "--option",
              "follow=off", "--by", "Kim", "--out", plates / "out", "--json")  # fmt: skip
    assert said.code == 0, said
    version = Path(said.json["version"]["path"])
    assert su("verify", version).code == 0
    copied = Path(shutil.copytree(version, tmp_path / "delivered" / version.name))
    told = json.loads((copied / "receipt.json").read_text())
    told["plate"]["files"] = {n: str(version / f) for n, f in told["plate"]["files"].items()}
    (copied / "receipt.json").write_text(json.dumps(told))
    forged(copied, protect=False)
    said = su("verify", copied, "--json")
    words = " ".join(item["sentence"] for item in said.json["items"])
    assert "not the one that was handed over" in words
    shutil.copy(plates / "roto.1002.png", plates / name)
    words = " ".join(i["sentence"] for i in su("verify", copied, "--json").json["items"])
    assert ("Frame 1001: the matte is not the one" in words) == (name == "box.1001.png")
    assert su("verify", version).code == 0  # the plate of record lies in the version
