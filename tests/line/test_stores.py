"""Stores: one whose disk is away is not made anew, and a damaged frame heals when shot again."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from plate_material import LINEAR, SRGB, matte, picture, wall, written
from secondunit.media.plates import read_plate


@pytest.fixture
def plates(tmp_path: Path) -> Path:
    """A project on one disk, whose store is on another; an EXR plate, its matte, a still."""
    folder = tmp_path / "show"
    written(folder, "box", picture, suffix=".exr", count=2)
    written(folder, "roto", matte, count=2)
    written(folder, "wall", lambda _: wall(), count=1, first=1)
    (tmp_path / "disk").mkdir()
    (folder / "secondunit.toml").write_text(
        f'name = "{tmp_path.name}"\nrate = "24"\nwidth = 240\nheight = 96\nspace = "ACEScg"\n'
        'movie_space = "Gamma 2.4 Encoded Rec.709"\n'
        f"store = '{tmp_path / 'disk' / 'store'}'\n"
    )
    return folder


@pytest.fixture
def put_in(su, plates: Path):
    def run(*words: object):
        return su("plate", "--plate", plates / "box.%04d.exr", "--matte", plates / "roto.%04d.png",
                  "--space", LINEAR, "--reference", plates / "wall.0001.png", "--reference-space",
                  SRGB, "--option", "follow=off", "--by", "Kim", "--out", plates / "out", "--json",
                  *words)  # fmt: skip

    return run


def test_a_store_whose_disk_is_away_is_not_made_anew_under_its_mount_point(
    su, put_in, plates: Path, tmp_path: Path
):
    first = put_in()
    assert first.code == 0, first
    store = tmp_path / "disk" / "store"
    assert (store / "secondunit.store").is_file()
    held = put_in("--hold").json["takes"][0]["take"]
    (tmp_path / "disk").rename(tmp_path / "away")
    (tmp_path / "disk").mkdir()  # what a mount point looks like
    said = put_in("--seed", 3)
    assert (said.code, said.error) == (1, "E_STORE_OFFLINE"), said
    assert str(store) in said.json["error"]["message"]
    assert "Mount" in said.json["error"]["hint"]
    said = su("circle", held, "--by", "Kim", "--json")
    assert (said.code, said.error) == (1, "E_STORE_OFFLINE"), said
    assert not list((tmp_path / "disk").iterdir())
    (tmp_path / "disk").rmdir()
    (tmp_path / "away").rename(tmp_path / "disk")
    assert put_in("--seed", 3).code == 0
    assert su("circle", held, "--by", "Kim", "--json").code == 0


def test_a_store_that_was_removed_on_purpose_is_begun_anew_as_the_hint_says(put_in, tmp_path):
    assert put_in().code == 0
    shutil.rmtree(tmp_path / "disk" / "store")
    refused = put_in("--seed", 3)
    assert refused.error == "E_STORE_OFFLINE"
    hint, store = refused.json["error"]["hint"], Path(refused.json["error"]["data"]["path"])
    (store / "vault").mkdir(parents=True)
    assert put_in("--seed", 4).error == "E_STORE_OFFLINE", "a vault folder is nobody's word"
    (store / hint.rpartition("called ")[2].rstrip(".")).touch()
    assert put_in("--seed", 4).code == 0


def test_a_damaged_frame_heals_when_it_is_shot_again(su, put_in, tmp_path: Path):
    first = put_in("--hold").json["takes"][0]
    vault = tmp_path / "disk" / "store" / "vault"
    digest = first["media"]["digests"][0]
    path = vault / digest[:2] / f"{digest}.exr"
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 64] = bytes(64)
    path.write_bytes(data)
    refused = su("circle", first["take"], "--by", "Kim", "--json")
    assert (refused.code, refused.error) == (1, "E_MEDIA_DAMAGED"), refused
    again = put_in()
    assert again.code == 0, again
    assert read_plate(path).digest() == digest
    assert su("verify", again.json["version"]["path"], "--json").json["ok"]
    assert su("circle", first["take"], "--by", "Kim", "--json").code == 0


def test_a_frame_that_is_whole_is_not_written_again(put_in, tmp_path: Path):
    digest = put_in("--hold").json["takes"][0]["media"]["digests"][0]
    path = tmp_path / "disk" / "store" / "vault" / digest[:2] / f"{digest}.exr"
    before = path.stat()
    assert put_in("--hold").json["takes"][0]["media"]["digests"][0] == digest
    assert path.stat().st_ino == before.st_ino
    assert np.isclose(path.stat().st_mtime, before.st_mtime)
