"""The cast of a shot card, looked for in real portraits: who is not themselves, and who is absent.

The portraits are called Ada, Ben and Cal here. Where the extra ``faces`` is not installed the tests
of its model skip; those of a model of one's own run everywhere.
"""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import portraits
import pytest
from portraits import ADA, BEN, CAL, framed
from secondunit.checks.faces.approved import Actor, Approved
from secondunit.checks.faces.asked import Faces
from secondunit.checks.faces.direction import FaceDirection
from secondunit.checks.faces.face import apart
from secondunit.checks.faces.identity import IdentityFace
from secondunit.checks.faces.missing import FaceMissing
from secondunit.checks.faces.with_dlib import DlibFaces, dlib_faces
from secondunit.continuity.drift import Curves, drifting
from secondunit.continuity.examining import examine
from secondunit.editorial.cards import read_card
from secondunit.editorial.gallery import Gallery, read_gallery
from secondunit.exam import BEFORE, TAKE, Side
from secondunit.hookspecs import Exam
from secondunit.media.sight import Shows
from secondunit.testing import Reel
from secondunit_bridge.film import Outcome
from secondunit_bridge.timing import FrameRange

PEOPLE = {"Ada": ADA, "Ben": BEN, "Cal": CAL}
EMPTY = np.full((270, 480, 3), 90, np.uint8)
needs_dlib = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("dlib", "face_recognition_models"))),
    reason="the extra faces is not installed",
)


@pytest.fixture(scope="module")
def pictures(data: Path) -> dict[str, np.ndarray]:
    return {name: portraits.portrait(data, file) for name, file in PEOPLE.items()}


@pytest.fixture(scope="module")
def gallery(pictures, tmp_path_factory) -> Gallery:
    """One approved picture of each, mirrored: another picture than any that is shown."""
    folder = tmp_path_factory.mktemp("cast")
    for name, picture in pictures.items():
        (folder / name).mkdir()
        size = (480, round(480 * picture.shape[0] / picture.shape[1]))
        small = cv2.resize(picture[:, ::-1], size, interpolation=cv2.INTER_AREA)
        cv2.imwrite(str(folder / name / "approved.png"), small[..., ::-1])
    return read_gallery(folder)


@pytest.fixture(scope="module")
def faces() -> Faces:
    return Faces(dlib_faces, Approved(), "dlib")


def frames(shown) -> tuple[Reel, Shows]:
    coded = [picture.astype(np.float32) / 255 for picture in shown]
    rows, columns = shown[0].shape[:2]
    reel = Reel(FrameRange(0, len(coded) - 1, Fraction(24)), columns, rows, lambda n: coded[n])
    return reel, Shows(reel, lambda codes: np.power(np.maximum(codes, 0), np.float32(2.4)))


def shot(shown, card: dict | None, gallery: Gallery | None) -> Exam:
    reel, shows = frames(shown)
    read, wrong = read_card({"card": card})
    side = Side(shows, "shot", tuple(range(len(shown))), read, wrong)
    return Exam(take=reel, asked=reel.frames, cut=reel.frames, shows=shows, sides={TAKE: side},
                gallery=gallery)  # fmt: skip


def told(check, exam: Exam) -> list:
    return sorted(examine(exam, {check.about.name: check}, "shot"), key=lambda f: f.id)


def at(picture, name: str, **how) -> np.ndarray:
    return framed(picture, PEOPLE[name], **how)


def cast(*names: str, **more) -> dict:
    return {"cast": [{"name": name, **more} for name in names]}


@needs_dlib
def test_the_actor_is_the_actor_and_somebody_else_is_not(pictures, gallery, faces):
    check = IdentityFace(faces)
    ada = [at(pictures["Ada"], "Ada", face=84 + n, dx=n) for n in range(3)]
    (same,) = told(check, shot(ada, cast("Ada"), gallery))
    assert (same.outcome, same.subject) == (Outcome.clear, "Ada")
    assert same.value is not None
    assert same.value < 0.4
    (other,) = told(check, shot(ada, cast("Cal"), gallery))
    assert other.outcome is Outcome.look
    assert other.sentence.startswith("This does not look like Cal: ")
    assert other.sentence.endswith(
        "the limit with one approved picture is 0.55; it does look like Ada."
    )
    assert other.region is not None
    assert 0.35 < other.region[0] < 0.5


@needs_dlib
def test_a_face_in_scene_linear_light_is_read_as_on_a_monitor(pictures, gallery, faces):
    coded = at(pictures["Ada"], "Ada")
    exam = shot([coded], cast("Ada"), gallery)
    light = np.power(coded.astype(np.float32) / 255, np.float32(2.4))
    reel = replace(exam.take, made=lambda number: light)
    linear = replace(exam, take=reel, shows=Shows(reel), _made={})
    (display,), (scene,) = (told(IdentityFace(faces), one) for one in (exam, linear))
    assert scene.outcome is Outcome.clear
    assert scene.value == pytest.approx(display.value, abs=0.03)


@needs_dlib
def test_two_people_are_told_apart_by_whom_they_look_like_or_by_their_regions(
    pictures, gallery, faces
):
    two = np.hstack([at(pictures[n], n, size=(320, 270)) for n in ("Ada", "Cal")])
    both = told(IdentityFace(faces), shot([two] * 2, cast("Cal", "Ada"), gallery))
    assert [(f.subject, f.outcome.value) for f in both] == [("Cal", "clear"), ("Ada", "clear")]
    halves = {"Ada": [0.5, 0, 0.5, 1], "Cal": [0, 0, 0.5, 1]}  # each where the other one is
    swapped = {"cast": [{"name": name, "region": region} for name, region in halves.items()]}
    found = told(IdentityFace(faces), shot([two] * 2, swapped, gallery))
    assert [f.outcome for f in found] == [Outcome.look, Outcome.look]
    assert found[0].region is not None
    assert found[0].region[0] > 0.5
    (which,) = told(IdentityFace(faces), shot([two] * 2, cast("Ben"), gallery))
    assert which.reason == "who is who cannot be told"


@needs_dlib
def test_what_cannot_be_known_is_not_checked_and_says_why(pictures, gallery, faces):
    check = IdentityFace(faces)
    one = [at(pictures["Ada"], "Ada")]
    small = [at(pictures["Ada"], "Ada", face=48)]
    cases = {
        "no shot card": shot(one, None, gallery),
        "not on the shot card": shot(one, {"scene": "12"}, gallery),
        "the shot card cannot be read": shot(one, {"cast": [{"nome": "Ada"}]}, gallery),
        "no approved pictures": shot(one, cast("Eve"), gallery),
        "no face found": shot([EMPTY], cast("Ada"), gallery),
        "the face is too small": shot(small, cast("Ada"), gallery),
    }
    for reason, exam in cases.items():
        (found,) = told(check, exam)
        assert (found.outcome, found.reason) == (Outcome.not_checked, reason)
        assert len(found.sentence.split()) > 4
    (none,) = told(check, shot(one, cast("Ada"), None))
    assert none.reason == "no approved pictures"
    (meant,) = told(check, shot(one, {**cast("Ada"), "allowed": ["identity.face"]}, gallery))
    assert meant.outcome is Outcome.clear


def test_without_a_model_nothing_is_said_of_faces_and_how_to_have_one(gallery):
    without = Faces(lambda: None, Approved())
    checks = IdentityFace(without), FaceMissing(without)
    for check in checks:
        (found,) = told(check, shot([EMPTY], cast("Ada"), gallery))
        assert (found.outcome, found.reason) == (Outcome.not_checked, "no face model")
        assert "pip install" in found.sentence


@needs_dlib
def test_somebody_who_should_be_seen_and_is_found_only_elsewhere_is_looked_for(
    pictures, gallery, faces
):
    check = FaceMissing(faces)
    leaves = [at(pictures["Ada"], "Ada")] * 4 + [EMPTY] * 4
    (gone,) = told(check, shot(leaves, cast("Ada", frames=[[4, 7]]), gallery))
    assert (gone.outcome, gone.frames) == (Outcome.look, ((4, 7),))
    assert gone.sentence.startswith("Ada should be seen in frames 4-7, and is found only in ")
    (there,) = told(check, shot(leaves, cast("Ada", frames=[[0, 3]]), gallery))
    assert there.outcome is Outcome.clear
    (whole,) = told(check, shot(leaves, cast("Ada"), gallery))
    assert whole.outcome is Outcome.clear
    (other,) = told(check, shot(leaves, cast("Cal", frames=[[0, 3]]), gallery))
    assert other.reason == "who is who cannot be told"  # a face, but not the face of Cal
    (never,) = told(check, shot([EMPTY] * 8, cast("Ada", frames=[[4, 7]]), gallery))
    assert (never.outcome, never.reason) == (Outcome.not_checked, "no face found")


def two_shots(ours, theirs, names=("Cal", "Ada"), **axis) -> Exam:
    """Two singles that meet: the earlier of ``names[1]``, the later of ``names[0]``."""
    line = {"axis": axis or {"left": names[0], "right": names[1]}}
    sides, reels = {}, {}
    for side, picture, name in ((TAKE, ours, names[0]), (BEFORE, theirs, names[1])):
        reels[side], shows = frames([picture])
        card, _ = read_card({"card": {**cast(name), **line}})
        sides[side] = Side(shows, side, (0,), card)
    take = reels[TAKE]
    return Exam(take=take, asked=take.frames, cut=take.frames, before=reels[BEFORE], sides=sides)


@needs_dlib
def test_two_who_face_each_other_and_look_the_same_way_are_found(pictures, faces):
    def found(theirs, **more):
        exam = two_shots(at(pictures["Cal"], "Cal"), theirs, **more)
        return next(f for f in told(FaceDirection(faces), exam) if f.reason != "no neighbour")

    turned, front = at(pictures["Cal"], "Cal"), at(pictures["Ada"], "Ada")
    same, other = found(turned), found(np.ascontiguousarray(turned[:, ::-1]))
    assert (same.outcome, other.outcome) == (Outcome.look, Outcome.clear)
    assert same.sentence.startswith("Cal and Ada both look to the right of the picture")
    assert found(front).reason == "which way the head is turned is not plain"
    assert found(EMPTY).reason == "no face found"
    far = framed(pictures["Cal"], CAL, face=36)
    assert found(far).reason == "the face is too small"
    assert found(turned, left="Cal", right="Dan").reason == "not on the shot card"


@needs_dlib
def test_an_actor_who_turns_into_somebody_else_over_the_shots_drifts(pictures, gallery, faces):
    one, two = (at(pictures[name], name).astype(float) for name in ("Ada", "Cal"))
    check, curves, steady = IdentityFace(faces), Curves(), Curves()
    for number, share in enumerate((0.0, 0.15, 0.3, 0.4, 0.5)):
        mixed = (one * (1 - share) + two * share).astype(np.uint8)
        curves.add(f"s{number}", told(check, shot([mixed], cast("Ada"), gallery)))
        light = np.clip(one * (1.1 - 0.3 * (number % 2)), 0, 255).astype(np.uint8)
        steady.add(f"s{number}", told(check, shot([light], cast("Ada"), gallery)))
    (curve,), (clean,) = curves.all(), steady.all()
    assert [name for name, _ in curve.points] == ["s0", "s1", "s2", "s3", "s4"]
    found = drifting(curve)
    assert found is not None
    assert found.sentence.startswith("Ada drifts away over 5 shots: ")
    assert (found.shots, found.subject) == (("s0", "s1", "s2", "s3", "s4"), "Ada")
    assert drifting(clean) is None
    assert drifting(replace(curve, points=curve.points[:4])) is None


def test_the_limit_of_an_actor_comes_from_their_own_pictures():
    def actor(*places: float) -> Actor:
        return Actor("Ada", tuple(np.array([p, 0], np.float32) for p in places), 5, 0.55)

    assert actor(0.0).limit == 0.55
    assert actor(0.0, 0.05, 0.1).limit == pytest.approx(0.495)  # alike: no tighter than this
    assert actor(0.0, 0.43, 0.86).limit == pytest.approx(0.55)
    assert actor(0.0, 0.9, 1.8).limit == pytest.approx(0.616)  # nor wider
    assert "3 approved pictures" in actor(0.0, 0.05, 0.1).source


def test_a_gallery_is_known_by_the_pictures_of_those_who_are_asked_for(tmp_path):
    for name in ("Ada", "Ben"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.jpg").write_bytes(b"one")
    (tmp_path / "Ada" / "notes.txt").write_text("no picture")
    before = read_gallery(tmp_path)
    assert [picture.name for picture in before.people["Ada"]] == ["1.jpg"]
    (tmp_path / "Ben" / "2.jpg").write_bytes(b"two")
    after = read_gallery(tmp_path)
    assert after.digest(["Ada"]) == before.digest(["Ada"])
    assert after.digest(["Ada", "Ben"]) != before.digest(["Ada", "Ben"])
    assert "cannot be read" in read_gallery(tmp_path / "nowhere").wrong


@needs_dlib
def test_only_the_two_free_model_files_are_opened(tmp_path, pictures):
    import dlib

    spec = importlib.util.find_spec("face_recognition_models")
    assert spec is not None
    assert spec.origin is not None
    for name in (
        "shape_predictor_5_face_landmarks.dat",
        "dlib_face_recognition_resnet_model_v1.dat",
    ):
        (tmp_path / name).symlink_to(Path(spec.origin).parent / "models" / name)
    (face,) = DlibFaces(dlib, tmp_path).find(at(pictures["Ben"], "Ben"), 7, 960)
    assert (face.frame, len(face.points), face.embedding.shape) == (7, 3, (128,))
    assert face.wide == pytest.approx(face.region[2] * 960)
    (left, right, nose) = face.points
    assert left[0] < nose[0] < right[0]
    assert apart(face.embedding, face.embedding) == 0
