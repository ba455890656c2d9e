"""The generator ``looks`` by itself: what it does with few passes, alpha, long shots and a stop."""

from __future__ import annotations

import json
import time
import tracemalloc
from fractions import Fraction

import numpy as np
import pytest
from secondunit.generators.looks import Looks
from secondunit.generators.looks.anchors import Anchors
from secondunit.generators.looks.camera import Camera
from secondunit.generators.looks.frame import FAR, Reader
from secondunit.generators.looks.strokes import sheet
from secondunit.hookspecs import Developed, Preview
from secondunit.plugins import BUILT_IN, Plugins
from secondunit.testing import Reel, Still, ask
from secondunit_bridge.errors import Cancelled, FieldError, NeedsModel
from secondunit_bridge.film import Role
from secondunit_bridge.timing import FrameRange, Handles

SIZE = (96, 54)
LOOKS = ("toon", "pencil", "graded")


def ball(number: int, role: Role) -> np.ndarray:
    """A ball before a wall, and sky above it; the ball moves a pixel a frame."""
    wide, high = SIZE
    down, across = np.mgrid[0:high, 0:wide].astype(np.float32)
    x, y = (across - 30 - number % 40) / 16, (down - 30) / 16
    on = x * x + y * y < 1
    out = np.sqrt(np.clip(1 - x * x - y * y, 0, None))
    sky = (down < 8) & ~on
    depth = np.where(on, 5 - out, 8).astype(np.float32)
    depth[sky] = 1e10  # as Blender writes it
    if role is Role.depth:
        return depth[..., None]
    normal = np.where(on[..., None], np.stack([x, -out, -y], -1), np.float32([0, -1, 0]))
    if role is Role.normal:
        return normal.astype(np.float32)
    if role is Role.ids:
        return np.where(on, 2, np.where(sky, 0, 1)).astype(np.float32)[..., None]
    if role is Role.position:
        rays = np.stack([(across - wide / 2) / wide, np.ones_like(across),
                         (high / 2 - down) / wide], -1)  # fmt: skip
        return (rays * np.where(sky, 0, depth)[..., None]).astype(np.float32)
    if role is Role.motion:
        return np.where(on[..., None], np.float32([-1, 0, 0]), np.float32(0)).astype(np.float32)
    paint = np.where(on[..., None], np.float32([0.7, 0.1, 0.08]), np.float32([0.3, 0.35, 0.4]))
    if role is Role.albedo:
        return paint.astype(np.float32)
    light = np.clip(normal @ np.float32([-0.5, -0.6, 0.6]), 0.1, 1)[..., None]
    return np.where(sky[..., None], np.float32([0.4, 0.55, 0.8]), paint * light * 2).astype(
        np.float32
    )


ROLES = (Role.guide, Role.depth, Role.normal, Role.ids, Role.position, Role.motion, Role.albedo)


def footage(*roles: Role, frames: int = 600) -> dict[Role, Reel]:
    span = FrameRange(1, frames, Fraction(24))
    return {
        role: Reel(span, *SIZE, lambda n, role=role: ball(n, role),
                   ("Y",) if role in (Role.depth, Role.ids) else ("R", "G", "B"))
        for role in roles or ROLES
    }  # fmt: skip


def given(reels: dict[Role, Reel], count: int = 3, **options: object):
    return ask(Looks(), frames=count, handles=Handles(0, 0), size=SIZE, footage=reels,
               options=options)  # fmt: skip


def frames(reels: dict[Role, Reel], count: int = 3, *, seed: int = 1, **options: object) -> list:
    one = given(reels, count, **options)
    said = Looks().run(one.plan, one.elements, seed, Still())
    return [word.pixels for word in said if isinstance(word, Developed)]


def test_it_is_found_like_anybodys_plug_in():
    assert "secondunit.generators.looks" in BUILT_IN
    assert Plugins().generators["looks"].about.needs_weights is False


@pytest.mark.parametrize("look", LOOKS)
def test_every_look_gives_its_own_finished_frames(look):
    made = frames(footage(), look=look)
    assert [one.shape for one in made] == [(54, 96, 3)] * 3
    for one in made:
        assert one.dtype == np.float32
        assert np.isfinite(one).all()
        assert 0 <= one.min() <= one.max() <= 1
        assert one.std() > 0.05


def test_the_three_looks_are_three_pictures():
    one, two, three = (frames(footage(), look=look)[2] for look in LOOKS)
    assert (
        min(np.abs(one - two).mean(), np.abs(two - three).mean(), np.abs(one - three).mean()) > 0.02
    )


@pytest.mark.parametrize("look", LOOKS)
def test_the_same_seed_gives_the_same_frames_to_the_bit(look):
    first, again = frames(footage(), look=look, seed=5), frames(footage(), look=look, seed=5)
    assert all((a == b).all() for a, b in zip(first, again, strict=True))


@pytest.mark.parametrize("look", ["pencil", "graded"])
def test_another_seed_lays_other_strokes_and_grain(look):
    assert (frames(footage(), 1, look=look)[0] != frames(footage(), 1, look=look, seed=9)[0]).any()


def test_a_person_sees_the_first_frame_before_the_second_is_made():
    one = given(footage())
    words = [type(word) for word in Looks().run(one.plan, one.elements, 1, Still())]
    assert words.index(Preview) < words.index(Developed)


@pytest.mark.parametrize("look", LOOKS)
def test_a_stop_is_heard_within_a_frame(look):
    one = given(footage(), 600, look=look)
    watch, started = Still(stop_at=25), time.process_time()
    with pytest.raises(Cancelled):
        list(Looks().run(one.plan, one.elements, 1, watch))
    assert time.process_time() - started < 5


@pytest.mark.long
@pytest.mark.timeout(300)
def test_memory_does_not_grow_over_five_hundred_frames():
    one = given(footage(), 500, look="toon")
    said = Looks().run(one.plan, one.elements, 1, Still())
    count, early = 0, 0
    tracemalloc.start()
    try:
        for word in said:
            count += isinstance(word, Developed)
            if count == 50 and not early:
                early, _ = tracemalloc.get_traced_memory()
        late, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 500
    assert late < early + 500_000


def test_alpha_comes_along_and_ink_lies_on_it():
    def cut(number: int) -> np.ndarray:
        ids = ball(number, Role.ids)
        picture = ball(number, Role.guide)
        return np.concatenate([picture * (ids == 2), (ids == 2).astype(np.float32)], axis=2)

    reels = footage()
    one = reels[Role.guide]
    reels[Role.guide] = Reel(one.frames, *SIZE, cut, ("R", "G", "B", "A"))
    toon, graded = (frames(reels, look=look)[1] for look in ("toon", "graded"))
    assert toon.shape[2] == graded.shape[2] == 4
    covered = ball(2, Role.ids)[..., 0] == 2
    assert (graded[..., 3] == covered).all()
    assert toon[..., 3][covered].min() == 1
    assert toon[..., 3][0, 0] == 0


@pytest.mark.parametrize(
    ("roles", "says"),
    [
        ((Role.guide,), ("no normals", "no depth", "no object ids", "no motion")),
        ((Role.guide, Role.depth), ("made from the depth", "no object ids")),
        ((Role.depth, Role.normal), ("lit as clay",)),
        ((Role.guide, Role.depth, Role.normal, Role.ids), ("no motion",)),
    ],
)
@pytest.mark.parametrize("look", LOOKS)
def test_missing_passes_are_made_up_for_in_words(look, roles, says):
    one = given(footage(*roles), look=look)
    told = " ".join(one.plan.remarks)
    for words in says:
        expected = not (words == "no object ids" and look == "graded") and words != "no normals"
        assert (words in told) is expected or words == "no normals"
    made = frames(footage(*roles), 2, look=look)
    assert all(np.isfinite(picture).all() and picture.std() > 0.01 for picture in made)


def test_pencil_says_when_its_strokes_lie_on_the_paper():
    told = " ".join(given(footage(Role.guide, Role.depth), look="pencil").plan.remarks)
    assert "swim when the camera moves" in told
    assert "--camera" in told
    assert "swim" not in " ".join(given(footage(), look="pencil").plan.remarks)


def test_nothing_to_draw_from_is_refused():
    one = given(footage(Role.motion))
    assert "Hand over the rendered picture" in one.plan.refusals[0]
    with pytest.raises(NeedsModel):
        list(Looks().run(one.plan, one.elements, 1, Still()))


def test_a_models_look_points_to_its_card():
    with pytest.raises(FieldError) as error:
        given(footage(), look="model")
    assert "--generator CARD" in error.value.hint


@pytest.mark.parametrize("text", ["{", '{"projections": [[1, 2]]}', "[[0,0,0,0,0,0,0,0,0,0,0,0]]"])
def test_a_camera_that_is_none_is_refused(text):
    with pytest.raises(FieldError, match="camera"):
        given(footage(), camera=text)


def test_a_camera_finds_the_points_that_it_sees():
    matrix = [[100.0, 0, 48, 10], [0, 100.0, 27, 20], [0, 0, 1, 3]]
    camera = Camera.parse(json.dumps({"projections": [[*matrix[0], *matrix[1], *matrix[2]]]}), 5)
    near = np.full((54, 96), 1 / 7, np.float32)
    points = camera.points(3, near).reshape(-1, 3)
    seen = np.concatenate([points, np.ones((len(points), 1))], 1) @ np.array(matrix).T
    assert np.allclose(seen[:, 2], 7, atol=1e-3)
    down, across = np.mgrid[0:54, 0:96]
    assert np.allclose(seen[:, 0] / seen[:, 2], across.ravel(), atol=1e-2)
    assert np.allclose(seen[:, 1] / seen[:, 2], down.ravel(), atol=1e-2)


def test_the_sky_has_no_depth_and_broken_pixels_do_no_harm():
    def broken(number: int) -> np.ndarray:
        picture = ball(number, Role.guide)
        picture[20:24, 20:24] = np.nan
        picture[30, 30] = np.inf
        return picture

    reels = footage()
    reels[Role.guide] = Reel(reels[Role.guide].frames, *SIZE, broken)
    one = given(reels)
    passes = Reader(one.elements).frame(0)
    assert (passes.near[:8, 60:] == 0).all()
    assert passes.near.max() <= 1
    assert passes.light.max() <= FAR
    for look in LOOKS:
        assert np.isfinite(np.array(frames(reels, 2, look=look))).all()


def test_an_object_that_comes_late_is_measured_when_it_comes():
    def late(number: int, role: Role) -> np.ndarray:
        ids = ball(number, Role.ids)
        return np.where((number in (3, 4)) & (ids == 2), np.float32(9), ids)

    reels = footage(frames=8)
    reels[Role.ids] = Reel(reels[Role.ids].frames, *SIZE, lambda n: late(n, Role.ids), ("Y",))
    made = frames(reels, 8, look="toon")
    red = [one[24:36, 30 + n : 36 + n].mean(axis=(0, 1)) for n, one in enumerate(made)]
    assert np.ptp(np.array(red), axis=0).max() < 0.12  # the same red, whatever its number


def test_more_objects_than_anybody_can_tell_apart_take_no_longer_and_share_their_tones():
    def noise(number: int) -> np.ndarray:
        return np.random.default_rng(number).random((54, 96, 1), np.float32)

    reels = footage(frames=6)
    reels[Role.ids] = Reel(reels[Role.ids].frames, *SIZE, noise, ("Y",))
    started = time.process_time()
    made = frames(reels, 6, look="toon", line=0.0)
    assert time.process_time() - started < 6
    assert all(np.isfinite(one).all() for one in made)


def test_bands_are_as_many_as_asked_for():
    plain = {"look": "toon", "line": 0.0, "texture": 0.0}
    for bands in (1, 2, 4):
        ball_only = frames(footage(), 1, bands=bands, **plain)[0][18:44, 20:44]
        seen = np.unique((ball_only[..., 0] * 60).astype(int).ravel(), return_counts=True)[1]
        assert (seen > 25).sum() <= bands + 1
    assert Anchors.__dataclass_params__.frozen is False


def test_a_reference_gives_graded_its_colours():
    warm = (
        np.broadcast_to(np.float32([0.9, 0.35, 0.08]), (40, 60, 3))
        * np.linspace(0.02, 1, 60, dtype=np.float32)[None, :, None]
    )
    reels = footage()
    plain = frames(reels, 1, look="graded")[0]
    reels[Role.reference] = Reel(FrameRange(1, 1, Fraction(24)), 60, 40, lambda _: warm.copy())
    graded = frames(reels, 1, look="graded", grade=1.0)[0]
    rather = lambda picture: picture[..., 0].mean() / picture[..., 2].mean()  # noqa: E731 - two uses
    assert rather(graded) > 1.15 * rather(plain)
    assert "not looked at by toon" in " ".join(given(reels, look="toon").plan.remarks)


def test_the_sheet_of_strokes_shows_any_tone_and_has_no_seams():
    one = sheet(0)
    for tone in (0.1, 0.5, 0.9):
        assert abs(float((one < tone).mean()) - tone) < 1e-3
    inside = np.abs(np.diff(one, axis=1)).mean()
    assert np.abs(one[:, 0] - one[:, -1]).mean() < 1.5 * inside


def test_denser_strokes_are_finer_and_shorter_ones_still_have_no_seams():
    def borders(density: float) -> float:
        return float(np.diff(sheet(0, density=density) < 0.4, axis=0).mean())

    assert borders(2.0) > 1.3 * borders(1.0) > 1.3 * 1.2 * borders(0.5)
    short = sheet(0, 60.0)
    assert np.abs(short[0] - short[-1]).mean() < 1.5 * np.abs(np.diff(short, axis=0)).mean()
