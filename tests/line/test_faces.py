"""Faces in a cut: somebody else is seen to be somebody else, with a box, and nobody is accused."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from portraits import ADA, BEN, CAL, lit, moving, portrait
from tiny_faces import shelf

PEOPLE = {"Ada": ADA, "Ben": BEN, "Cal": CAL}
needs_dlib = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("dlib", "face_recognition_models"))),
    reason="the extra faces is not installed",
)


def carded(item: dict, *names: str) -> dict:
    card = {"cast": [{"name": name} for name in names]}
    return {**item, "metadata": {"secondunit": {"card": card}}}


def with_gallery(path: Path, gallery: str = "cast") -> Path:
    """The bible of the cut names the folder of approved pictures."""
    document = json.loads(path.read_text())
    document["metadata"] = {"secondunit": {"bible": {"gallery": gallery}}}
    path.write_text(json.dumps(document))
    return path


@pytest.fixture
def shot(film: Path, data: Path, cuts) -> Callable[..., dict]:
    """Approved pictures of Ada and Ben, and shots of all three: ``shot(name, whom)``."""
    for name in ("Ada", "Ben"):
        folder = film / "cast" / name
        folder.mkdir(parents=True)
        whole = portrait(data, PEOPLE[name])
        small = cv2.resize(whole, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        cv2.imwrite(str(folder / "still.jpg"), small[..., ::-1])

    def made(name: str, whom: str, gain: float = 1.0) -> dict:
        pictures = moving(portrait(data, PEOPLE[whom]), PEOPLE[whom], 4)
        cuts.write_movie(film / f"{name}.mov", [lit(one, gain) for one in pictures])
        return cuts.clip(name, f"{name}.mov", 0, 4, has=4)

    return made


def said(answer: dict) -> dict[str, dict]:
    return {f["shots"][-1]: f for f in answer["findings"] if f["check"] == "identity.face"}


def why_not(answer: dict) -> list[str]:
    return [i["reason"] for i in answer["not_checked"] if i["check"] == "identity.face"]


@needs_dlib
def test_somebody_else_is_flagged_with_a_box_and_the_actor_in_another_light_is_not(
    su, film: Path, cuts, shot
):
    items = [shot("a", "Ada"), shot("b", "Ada", gain=0.6), shot("c", "Ben")]
    items = [carded(item, "Ada") for item in items]
    cut = with_gallery(cuts.write_cut(film / "who.otio", items))
    answer = su("check", cut, "--json").json
    found = said(answer)
    assert {name: one["outcome"] for name, one in found.items()} == {
        "a": "clear", "b": "clear", "c": "look",
    }  # fmt: skip
    assert found["c"]["sentence"].startswith("This does not look like Ada: ")
    assert found["c"]["sentence"].endswith("it does look like Ben.")
    x, y, wide, high = found["c"]["region"]
    assert x < 0.5 < x + wide
    assert y < 0.45 < y + high
    (curve,) = answer["drift"]
    assert (curve["name"], [p["shot"] for p in curve["curve"]]) == ("Ada", list("abc"))
    again = su("check", cut, "--json").json
    assert (again["drift"], again["findings"]) == (answer["drift"], answer["findings"])
    assert again["frames"] == 0


def test_a_gallery_or_a_model_that_is_not_there_is_said(su, film: Path, cuts, shot, monkeypatch):
    plain = cuts.write_cut(film / "one.otio", [carded(shot("a", "Ada"), "Ada")])
    monkeypatch.setenv("SECONDUNIT_FACE_MODEL", str(film / "nothing.toml"))
    answer = su("check", with_gallery(plain), "--json").json
    assert why_not(answer) == [f"no face model: there is no card of a face model at"
                               f" {film / 'nothing.toml'}"]  # fmt: skip
    monkeypatch.setenv("SECONDUNIT_FACE_MODEL", str(shelf(film / "models")))
    answer = su("check", with_gallery(plain, "nobody"), "--json").json
    assert why_not(answer) == ["no approved pictures"]
    assert su("check", plain).code == 0


def test_a_model_of_ones_own_looks_at_the_cut_and_its_licence_is_shown(
    su, film: Path, cuts, monkeypatch
):
    monkeypatch.setenv("SECONDUNIT_FACE_MODEL", str(shelf(film / "models", licence="MIT")))
    colours = {"Ada": (255, 230, 150), "Ben": (150, 230, 255)}
    for name, colour in colours.items():
        picture = np.full((352, 640, 3), 20, np.uint8)
        picture[96:128, 64:96] = colour  # what the tiny model takes for a face
        (film / "cast" / name).mkdir(parents=True)
        cv2.imwrite(str(film / "cast" / name / "1.png"), picture[..., ::-1])
        cuts.write_movie(film / f"{name}.mov", [picture] * 3)
    items = [cuts.clip(name, f"{name}.mov", 0, 3, has=3) for name in colours]
    cut = cuts.write_cut(film / "tiny.otio", [carded(item, "Ada") for item in items])
    found = said(su("check", with_gallery(cut), "--json").json)
    assert {name: one["outcome"] for name, one in found.items()} == {"Ada": "clear", "Ben": "look"}
    assert found["Ben"]["sentence"].endswith("like Ben. Looked at with Tiny, MIT.")
