"""Faces in a cut: somebody else is seen to be somebody else, with a box, and nobody is accused."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest
from portraits import ADA, BEN, CAL, lit, moving, portrait

pytestmark = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("dlib", "face_recognition_models"))),
    reason="the extra faces is not installed",
)


@pytest.fixture
def cast(film: Path, data: Path, cuts) -> Callable[..., dict]:
    """Approved pictures of Ada and Ben, and shots of all three: ``shot(name, whom, card...)``."""
    people = {"Ada": ADA, "Ben": BEN, "Cal": CAL}
    for name in ("Ada", "Ben"):
        folder = film / "cast" / name
        folder.mkdir(parents=True)
        whole = portrait(data, people[name])
        small = cv2.resize(whole, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        cv2.imwrite(str(folder / "still.jpg"), small[..., ::-1])

    def shot(name: str, whom: str, *, card: dict | None, gain: float = 1.0, count: int = 8):
        pictures = moving(portrait(data, people[whom]), people[whom], count)
        cuts.write_movie(film / f"{name}.mov", [lit(one, gain) for one in pictures])
        item = cuts.clip(name, f"{name}.mov", 0, count, has=count)
        return {**item, "metadata": {"secondunit": {"card": card}}} if card else item

    return shot


def with_gallery(path: Path, gallery: str = "cast") -> Path:
    """The bible of the cut names the folder of approved pictures."""
    import json

    document = json.loads(path.read_text())
    document["metadata"] = {"secondunit": {"bible": {"gallery": gallery}}}
    path.write_text(json.dumps(document))
    return path


def said(answer: dict, check: str) -> dict[str, dict]:
    return {f["shots"][-1]: f for f in answer["findings"] if f["check"] == check}


def why_not(answer: dict, check: str) -> dict[str, str]:
    return {i["shots"][-1]: i["reason"] for i in answer["not_checked"] if i["check"] == check}


def test_somebody_else_is_flagged_with_a_box_and_the_actor_in_another_light_is_not(
    su, film: Path, cuts, cast
):
    ada = {"cast": [{"name": "Ada"}]}
    items = [
        cast("a", "Ada", card=ada),
        cast("b", "Ada", card=ada, gain=0.6),
        cast("c", "Cal", card=ada),
        cast("d", "Ben", card=ada),
    ]
    cut = with_gallery(cuts.write_cut(film / "who.otio", items))
    answer = su("check", cut, "--json").json
    found = said(answer, "identity.face")
    assert {name: one["outcome"] for name, one in found.items()} == {
        "a": "clear", "b": "clear", "c": "look", "d": "look",
    }  # fmt: skip
    assert found["c"]["sentence"].startswith("This does not look like Ada: ")
    assert "it does look like Ben" in found["d"]["sentence"]
    x, y, wide, high = found["c"]["region"]
    assert (0.3 < x < 0.45, 0.15 < wide < 0.3) == (True, True)
    assert y + high / 2 == pytest.approx(0.45, abs=0.1)
    (curve,) = answer["drift"]
    assert (curve["name"], [p["shot"] for p in curve["curve"]]) == ("Ada", list("abcd"))
    again = su("check", cut, "--json").json
    assert (again["drift"], again["findings"]) == (answer["drift"], answer["findings"])
