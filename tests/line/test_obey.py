"""Did a previs take keep to its scene? Through the daemon, on files as Blender writes them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import quay

pytestmark = pytest.mark.timeout(600)  # the first run renders the set: half a minute of CPU

OBEY = ("obey.silhouette", "obey.missing", "obey.camera", "obey.eyeline")


@pytest.fixture(scope="module")
def wide(blender: Path, request: pytest.FixtureRequest) -> quay.Quay:
    return quay.cached(blender, request.config.cache, "wide")


def noted(wide: quay.Quay, folder: Path) -> Path:
    """The passes with the notes beside them that the extension writes."""
    folder.mkdir()
    for index in range(1, wide.count + 1):
        os.symlink(wide.folder / f"wide.{index:04}.exr", folder / f"wide.{index:04}.exr")
    him = {"position": [0, 0, 0], "eyes": [0, 0, 1.7], "looks_at": [1, 0, 1.7], "region": None}
    rows = [
        {"frame": n, "number": n, "people": {"Anton": {**him, "eyeline": 40.0 + n}}, "props": {}}
        for n in range(1, wide.count + 1)
    ]
    objects = {"barrel": ["prop", "Barrel"], "crate": ["prop", "Crates"],
               "crate.001": ["prop", "Crates"], "coat": ["character", "Anton"],
               "coat below": ["character", "Anton"], "beret": ["character", "Her"]}  # fmt: skip
    notes = {"scene": "Quay", "cast": ["Anton", "Her"], "objects": objects, "rows": rows}
    (folder / "scene.json").write_text(json.dumps(notes))
    return folder / "wide.%04d.exr"


def findings(su, *words: object) -> dict[str, list[dict]]:
    said = su("previs", "--by", "Kim", "--json", *words)
    assert said.code == 0, said
    (take,) = said.json["takes"]
    found: dict[str, list[dict]] = {}
    for one in take["findings"]:
        found.setdefault(one["check"], []).append(one)
    return found


def test_a_toon_is_said_to_keep_to_its_scene(su, wide, tmp_path: Path):
    passes = noted(wide, tmp_path / "render")
    found = findings(su, "--out", tmp_path / "out", "--passes", passes, "--option", "look=toon")
    assert set(OBEY) <= set(found)
    outcomes = {one["outcome"] for check in OBEY for one in found[check]}
    assert "look" not in outcomes, [found[check] for check in OBEY]
    silhouette = found["obey.silhouette"][0]
    assert silhouette["outcome"] == "clear"
    assert silhouette["value"] == 1.0
    assert "every 6th frame" in silhouette["sentence"]
    assert found["obey.camera"][0]["value"] < 0.1
    her = "The character 'Her' was not looked for: it is too small in the picture."
    assert her in [one["sentence"] for one in found["obey.missing"]]
    eyeline = found["obey.eyeline"][0]
    assert eyeline["sentence"].startswith("In the scene Anton looks 45 degrees to the right")
    assert eyeline["frames"] == [[1001, 1008]]


def test_without_numbers_of_objects_nobody_asks(su, wide, tmp_path: Path):
    words = ("--out", tmp_path / "out", "--passes", wide.pattern, "--without", "ids",
             "--frames", "1-2", "--option", "look=graded")  # fmt: skip
    assert not set(OBEY) & set(findings(su, *words))
