"""A studio's own OpenColorIO configuration through the plate command, whatever the daemon's is."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from plate_material import COUNT, matte, picture, wall, written
from secondunit.colour import PINNED, Colour
from secondunit.media.plates import read_plate

OLDER = "cg-config-v1.0.0_aces-v1.3_ocio-v2.1"  # calls sRGB by another name, has no P3 display

# Of a studio: scene-linear in Rec.709, one space of its own, nothing that screens go by.
SHOW = """ocio_profile_version: 2
environment: {}
search_path: ""
strictparsing: true
roles: {default: raw, scene_linear: show, aces_interchange: aces, cie_xyz_d65_interchange: raw}
file_rules:
  - !<Rule> {name: Default, colorspace: raw}
displays:
  d: [!<View> {name: v, colorspace: raw}]
active_displays: []
active_views: []
colorspaces:
  - !<ColorSpace> {name: raw, isdata: true}
  - !<ColorSpace> {name: aces, encoding: scene-linear}
  - !<ColorSpace>
    name: show
    encoding: scene-linear
    to_scene_reference: !<MatrixTransform> {matrix: [0.5, 0, 0, 0, 0, 0.5, 0, 0, 0, 0, 0.5, 0, 0, 0, 0, 1]}
"""  # noqa: E501 - YAML's flow mapping on one line


@pytest.fixture
def plates(tmp_path: Path) -> Path:
    written(tmp_path / "plates", "box", picture, suffix=".exr")
    written(tmp_path / "plates", "matte", matte)
    written(tmp_path / "plates", "wall", lambda index: wall(), count=1, first=1, suffix=".exr")
    return tmp_path / "plates"


def shot(su, folder: Path, space: str, *more: object):
    return su(
        "plate", "--plate", folder / "box.%04d.exr", "--matte", folder / "matte.%04d.png",
        "--space", space, "--by", "Kim", "--out", folder / "out", "--json", *more,
    )  # fmt: skip


def receipt_of(said) -> dict:
    return json.loads((Path(said.json["version"]["path"]) / "receipt.json").read_text())


def test_the_sessions_configuration_counts_though_the_daemon_was_started_without(
    su, plates: Path, monkeypatch, tmp_path: Path
):
    monkeypatch.delenv("OCIO", raising=False)
    assert su("daemon", "start", "--json").code == 0
    (tmp_path / "show.ocio").write_text(SHOW)
    monkeypatch.setenv("OCIO", str(tmp_path / "show.ocio"))
    said = shot(su, plates, "show")
    assert said.code == 0, said
    told = receipt_of(said)
    assert told["ocio"]["config"] == "show.ocio"
    assert told["ocio"]["sha256"] == Colour(str(tmp_path / "show.ocio")).digest
    assert told["plate"]["space"] == told["result"]["space"] == "show"
    assert len(told["frames"]) == COUNT
    assert Path(said.json["board"]).stat().st_size > 1000  # drawn, though `show` knows no screen


def test_a_project_stays_with_the_configuration_it_was_set_up_with(
    su, plates: Path, monkeypatch, tmp_path: Path
):
    monkeypatch.setenv("OCIO", f"ocio://{OLDER}")
    assert su("project", "init", plates, "--json").json["project"]["ocio"] == OLDER
    monkeypatch.setenv("OCIO", f"ocio://{PINNED}")
    said = shot(su, plates, "ACEScg")
    assert said.code == 0, said
    assert receipt_of(said)["ocio"]["config"] == OLDER
    aloud = su(
        "plate", "--plate", plates / "box.%04d.exr", "--matte", plates / "matte.%04d.png",
        "--space", "ACEScg", "--by", "Kim", "--out", plates / "again",
    )  # fmt: skip
    assert f"$OCIO, ocio://{PINNED}, is not used" in " ".join(aloud.out.split())


def test_a_project_can_name_a_configuration_beside_it(su, tmp_path: Path, monkeypatch):
    monkeypatch.delenv("OCIO", raising=False)
    (tmp_path / "show.ocio").write_text(SHOW)
    made = su("project", "init", tmp_path, "--colour", "show", "--ocio", tmp_path / "show.ocio",
              "--json")  # fmt: skip
    assert made.code == 0, made
    assert made.json["project"]["ocio"] == str(tmp_path / "show.ocio")


def test_a_space_only_the_studio_knows_is_refused_without_its_configuration(
    su, plates: Path, monkeypatch
):
    monkeypatch.delenv("OCIO", raising=False)
    said = shot(su, plates, "show")
    assert (said.code, said.error) == (1, "E_COLOR_UNKNOWN")


def test_light_in_a_studios_space_is_the_same_light(tmp_path: Path):
    (tmp_path / "show.ocio").write_text(SHOW)
    colour = Colour(str(tmp_path / "show.ocio"))
    grey = np.full((2, 2, 3), 0.36, np.float32)
    pinned = Colour(PINNED).convert(grey / 2, "ACES2065-1", "sRGB Encoded Rec.709 (sRGB)")
    assert np.allclose(
        colour.convert(grey, "show", "sRGB Encoded Rec.709 (sRGB)"), pinned, atol=1e-6
    )


def test_the_plate_of_record_is_kept_whichever_configuration_is_used(su, plates: Path, monkeypatch):
    monkeypatch.setenv("OCIO", OLDER)
    said = shot(su, plates, "ACEScg")
    folder = Path(said.json["version"]["path"])
    told = receipt_of(said)
    number, file = next(iter(told["result"]["files"].items()))
    made, plate = read_plate(folder / file), read_plate(folder / told["plate"]["files"][number])
    assert (made.planes["R"] == plate.planes["R"]).mean() > 0.9
