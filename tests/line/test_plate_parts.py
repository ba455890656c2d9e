"""Plates of several parts: changed inside the matte, and every part comes back as it came."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from multipart_material import in_parts, read, rendered, stereo
from plate_material import SRGB, matte, wall, written
from secondunit.media.plates import read_plate, write_plate


def published(su, tmp_path: Path, plate: Path) -> tuple[dict, list[Path]]:
    roto = written(tmp_path / "roto", "roto", matte, count=2)
    still = written(tmp_path / "still", "wall", lambda _: wall(), count=1)
    said = su("plate", "--plate", plate, "--matte", roto, "--reference", str(still) % 1001,
              "--reference-space", SRGB, "--option", "follow=off", "--option", "edge_zone=2",
              "--by", "Kim", "--out", tmp_path / "out", "--json")  # fmt: skip
    assert said.code == 0, said
    return said.json, sorted(Path(said.json["version"]["path"]).glob("exr/*.exr"))


@pytest.mark.parametrize("make", [rendered, stereo])
def test_every_part_of_a_plate_is_published_as_it_came(su, tmp_path: Path, make):
    plate = in_parts(tmp_path / "plate", make)
    answer, frames = published(su, tmp_path, plate)
    for index, path in enumerate(frames):
        before, after = read(Path(str(plate) % (1001 + index))), read(path)
        assert list(after) == list(before)
        free = np.zeros((96, 240), bool)
        rows, columns = np.nonzero(matte(index)[..., 0])
        free[rows.min() - 2 : rows.max() + 3, max(0, columns.min() - 2) : columns.max() + 3] = True
        main = "left" if make is stereo else "rgba"
        for part, planes in before.items():
            assert list(after[part]) == list(planes)
            for name, plane in planes.items():
                bits = f"u{plane.itemsize}"
                differs = plane.copy().view(bits) != after[part][name].copy().view(bits)
                assert differs.any() == (part == main), (part, name)
                assert not (differs & ~free).any(), (part, name)
    assert su("verify", answer["version"]["path"], "--json").json["ok"]


def test_what_each_part_says_of_itself_is_said_again_and_ids_in_a_later_part_are_found(tmp_path):
    source = Path(str(in_parts(tmp_path, rendered, 1)) % 1001)
    frame = read_plate(source)
    assert (frame.attributes["camera"], frame.attributes["lobe"]) == ("A", "soft")
    write_plate(tmp_path / "again.exr", frame)
    again = read_plate(tmp_path / "again.exr")
    assert [part.name for part in again.parts] == ["rgba", "diffuse", "N"]
    said = [{name: value for name, _, value in part.carried} for part in again.parts]
    assert said[0].get("camera") == "A"
    assert (said[1].get("lobe"), said[1].get("camera")) == ("soft", None)


def test_a_frames_digest_does_not_hang_on_the_order_of_its_channels_but_on_every_bit(tmp_path):
    frame = read_plate(Path(str(in_parts(tmp_path, rendered, 1)) % 1001))
    turned = type(frame)(dict(reversed(frame.planes.items())), frame.windows)
    assert turned.digest() == frame.digest()
    frame.planes["N.Y"].view("u2")[3, 4] ^= 1
    assert turned.digest() == frame.digest()  # the very same plane
    other = {**frame.planes, "N.Y": frame.planes["N.Y"].copy()}
    other["N.Y"].view("u2")[3, 4] ^= 1
    assert type(frame)(other, frame.windows).digest() != frame.digest()
    swapped = {**frame.planes, "N.X": frame.planes["N.Y"], "N.Y": frame.planes["N.X"]}
    assert type(frame)(swapped, frame.windows).digest() != frame.digest()
