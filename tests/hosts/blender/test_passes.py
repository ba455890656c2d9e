"""Passes that a background Blender rendered, pixel by pixel against what is in the scene."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from secondunit.cli.passes import passes_in
from secondunit.media.cryptomatte import layers, select
from secondunit.media.probe import probe
from secondunit_blender.collect.passes import order_passes
from secondunit_blender.collect.projection import pixel_of
from secondunit_blender.collect.shots import SceneShot
from secondunit_blender.collect.written import is_whole
from secondunit_bridge.film import Role, Turnover
from secondunit_bridge.timing import FrameRange, exact_rate
from secondunit_bridge.wire import typed

SHOT, COUNT = "0010", 14  # twelve frames and a handle at each end
WALL_AHEAD = 15.0  # metres along the lens of Cam Wide
ENGINES = ("workbench", "cycles")


@pytest.fixture(params=ENGINES)
def wide(request: pytest.FixtureRequest, rendered):
    """The wide shot's passes from each engine."""
    return rendered(SHOT, request.param)


def test_every_frame_is_rendered_with_its_handles_and_counted_from_1001(wide):
    answer = wide.answer
    assert (answer["state"], answer["exit"], answer["failure"]) == ("done", 0, None)
    assert answer["done"] == list(range(1001, 1001 + COUNT))
    for role in ("guide", "depth", "normal", "ids", "position", "motion", "albedo", "cryptomatte"):
        assert all(wide.path(role, number).is_file() for number in answer["done"])
    assert [row["frame"] for row in wide.cameras] == list(range(0, COUNT))
    assert not list(wide.folder.glob("*.part*"))


def test_depth_is_the_distance_along_the_lens_to_a_wall_that_stands_square(wide):
    wall = wide.mask("Wall", 1003)
    depth = wide.values("depth", 1003)[..., 0]
    assert wall.sum() > 3000
    assert np.abs(depth[wall] - WALL_AHEAD).max() < 1e-3


def test_normals_are_the_world_s(wide):
    normal = wide.values("normal", 1003)
    for name, expected in (("Wall", (0, -1, 0)), ("Floor", (0, 0, 1))):
        mask = inner(wide.mask(name, 1003))
        assert mask.sum() > 500
        assert np.abs(normal[mask] - np.float32(expected)).max() < 2e-3


def test_object_numbers_and_the_cryptomatte_s_names_mean_the_same_pixels(wide):
    path = wide.path("cryptomatte", 1003)
    facts = probe(path)
    found = layers(facts.attributes, path)
    people = {"Anna": ["Anna Body", "Anna Head"], "Ben": ["Ben Body", "Ben Head"],
              "Glass": ["Glass"], "Wall": ["Wall"]}  # fmt: skip
    for entity, objects in people.items():
        layer, ids = select(found, objects)
        channels = wide.answer["files"]["cryptomatte"]["channels"]
        assert channels[0] == f"{layer.name}00.r"
        covered = layer.coverage(wide.values("cryptomatte", 1003), channels, ids)
        own = wide.mask(entity, 1003)
        assert own.sum() > 3
        assert (covered[inner(own)] == pytest.approx(1, abs=1e-4)) if inner(own).any() else True
        outside = inner(~own)
        assert not covered[outside].any()


def test_the_rows_of_cameras_json_project_every_seen_point_onto_its_own_pixel(wide):
    most = 0.02 if wide.answer["facts"]["backend"] == "workbench" else 1.0  # of the filter's width
    assert furthest(wide, 1003) < most


def test_a_moving_camera_is_right_in_every_frame_and_no_marker_takes_over_in_the_handles(rendered):
    moving = rendered("0020", "workbench")
    for number in (1001, 1002, 1008, 1014):
        assert furthest(moving, number) < 0.02
    places = [row["world"][0][3] for row in moving.cameras]
    assert places[0] == pytest.approx(1.6)
    assert places[-1] == pytest.approx(1.9)
    assert len(set(places)) == 12  # it stands still in the handles and moves in between


def test_odd_lenses_project_as_blender_renders_them(inside, as_rendered, tmp_path: Path):
    for name, answer in inside("lenses", tmp_path).items():
        assert answer["state"] == "done", (name, answer)
        assert furthest(as_rendered(tmp_path / name, answer), 1001) < 0.02, name


def test_a_pixel_on_an_edge_is_of_one_thing_or_the_other_never_between(wide):
    """Distances and numbers are not averaged: an edge has no third value."""
    depth, ids = wide.values("depth", 1003)[..., 0], wide.values("ids", 1003)[..., 0]
    known = {0, *(int(number) for number in wide.scene["ids"])}
    assert set(np.unique(ids).astype(int)) <= known
    assert np.array_equal(ids, ids.round())
    anna = wide.mask("Anna", 1003)
    assert 5.6 < depth[anna].min() < depth[anna].max() < 6.4


def test_albedo_is_the_paint_without_light(wide):
    albedo = wide.values("albedo", 1003)
    for name, paint in (("Wall", (0.4, 0.4, 0.4)), ("Anna", (0.7, 0.35, 0.2))):
        assert np.abs(albedo[inner(wide.mask(name, 1003))].mean(0) - np.float32(paint)).max() < 0.05


def test_motion_says_where_each_point_was_in_the_frame_before(rendered):
    """The second shot's camera moves and nothing else does: the points' own pixels tell."""
    moving = rendered("0020", "workbench")
    before, row = moving.cameras[4], moving.cameras[5]
    points, motion = moving.values("position", 1006), moving.values("motion", 1006)
    wall = inner(moving.mask("Wall", 1006))
    off, size = [], []
    for y, x in zip(*np.nonzero(wall), strict=True):
        was, now = (pixel_of(one, [float(v) for v in points[y, x]]) for one in (before, row))
        step = (was[0] - now[0], now[1] - was[1])  # motion counts y upwards
        off.append(np.abs(motion[y, x, :2] - step).max())
        size.append(np.hypot(*step))
    assert np.mean(size) > 0.3
    assert max(off) < 0.05


def test_the_picture_shows_the_set_and_not_a_flat_field(wide):
    picture = wide.values("guide", 1003)
    anna, wall = picture[inner(wide.mask("Anna", 1003))], picture[wide.mask("Wall", 1003)]
    assert (anna[:, 0].mean() / anna[:, 2].mean()) > 1.5  # she is warm
    assert abs(wall[:, 0].mean() / wall[:, 2].mean() - 1) < 0.25  # the wall is grey
    assert np.isfinite(picture).all()


def test_the_daemon_s_own_reading_of_channel_names_finds_the_same_passes(wide):
    found = {}
    for path in {wide.path(role, 1003) for role in ("guide", "depth")}:
        for role, channels in passes_in(probe(path).channels).items():
            if role is not Role.guide or path == wide.path("guide", 1003):
                found[role] = channels
    asked = typed(Turnover, wide.answer["turnover"])
    for element in asked.elements:
        told = element.media.channels
        assert found[element.role] == (told[:3] if element.role is Role.motion else told)


def test_the_file_on_disk_is_not_touched(wide, greybox: Path):
    assert sha256(greybox.read_bytes()).hexdigest() == wide.file_before


def test_the_turnover_carries_each_pass_in_its_role_and_its_own_space(wide):
    asked = typed(Turnover, wide.answer["turnover"])
    spaces = {element.role: element.media.space for element in asked.elements}
    colour = "Linear Rec.709 (sRGB)"
    assert spaces == {
        Role.guide: colour, Role.depth: "Raw", Role.normal: "Raw", Role.ids: "Raw",
        Role.position: "Raw", Role.motion: "Raw", Role.albedo: colour,
    }  # fmt: skip
    assert {len(element.media.frames) for element in asked.elements} == {COUNT}
    assert (asked.shot.name, asked.options["look"], asked.takes) == ("GREY_0010", "toon", 2)
    assert (asked.width, asked.height) == (160, 90)


def test_rows_asked_in_the_open_file_leave_the_artist_s_frame_and_camera(inside, greybox: Path):
    told = inside("rows_now", greybox, "0020")
    assert (told["frame"], told["camera"]) == (5, "Cam Ben")
    assert [row["number"] for row in told["rows"]] == list(range(1001, 1015))
    assert told["rows"][0]["world"][0][3] == pytest.approx(1.6)
    assert told["rows"][-1]["world"][0][3] == pytest.approx(1.9)


@pytest.mark.parametrize(("scripts", "word"), [(True, "--enable-autoexec"), (False, "--disable-")])
def test_drivers_may_run_in_the_background_as_they_may_in_front(
    greybox: Path, tmp_path: Path, scripts: bool, word: str
):
    shot = SceneShot("guid", SHOT, "wide", "Cam Wide", FrameRange(1, 12, exact_rate(24)))
    asked = {"binary": "/opt/blender", "options": {"scripts": scripts}}
    command = order_passes(str(greybox), "Scene", shot, str(tmp_path), **asked).command
    before_the_file = command[: command.index(str(greybox))]
    assert any(one.startswith(word) for one in before_the_file)
    assert "--factory-startup" not in command


def test_a_stopped_render_leaves_whole_frames_and_says_so(inside, greybox: Path, tmp_path: Path):
    answer = inside("render_stopped", greybox, tmp_path)
    assert (answer["state"], answer["exit"], answer["failure"]) == ("stopped", 3, None)
    assert 2 <= len(answer["done"]) < COUNT
    whole = sorted(path.name for path in tmp_path.glob("*.exr"))
    assert whole == [f"passes.{number}.exr" for number in answer["done"]]


def test_a_killed_render_is_told_from_one_that_goes_on(inside, greybox: Path, tmp_path: Path):
    answer = inside("render_killed", greybox, tmp_path)
    assert (answer["state"], answer["failure"]["code"]) == ("failed", "E_RENDER")
    assert "of 14 frames" in answer["failure"]["message"]
    assert all((tmp_path / f"passes.{number}.exr").is_file() for number in answer["done"])


def test_a_full_disk_ends_a_render_in_plain_words(inside, greybox: Path, small_disk):
    small_disk.mount("remount,size=600k")
    answer = inside("render", greybox, SHOT, "cycles", small_disk.folder / "passes")
    assert (answer["state"], answer["failure"]["code"]) == ("failed", "E_RENDER"), answer
    assert len(answer["done"]) < COUNT
    assert all(probe(path).width == 160 for path in small_disk.folder.glob("*/passes.????.exr"))


def test_a_picture_is_whole_or_it_is_not(wide, tmp_path: Path):
    for role in ("guide", "depth"):
        whole = wide.path(role, 1003).read_bytes()
        assert is_whole(wide.path(role, 1003))
        spoilt = tmp_path / "spoilt.exr"
        for cut in (0, 3, 200, len(whole) // 2, len(whole) - 1):
            spoilt.write_bytes(whole[:cut])
            assert not is_whole(spoilt), cut


FAILING = {
    "camera gone": ("E_RENDER", "Nobody is not in the file on disk"),
    "no file": ("E_RENDER", "gone.blend"),
    "cannot write": ("E_RENDER", "frame 2"),
    "no graphics": ("E_RENDER_BACKEND", "EEVEE needs a graphics card"),
}


@pytest.mark.parametrize("how", FAILING)
def test_a_render_that_cannot_work_ends_in_plain_words(
    inside, greybox: Path, tmp_path: Path, how: str
):
    answer = inside("render_failing", greybox, tmp_path, how)
    code, sentence = FAILING[how]
    if how == "no graphics" and answer["state"] == "done":
        pytest.skip("there is a graphics card here, and EEVEE renders")
    failure = answer["failure"]
    assert (answer["state"], answer["exit"]) == ("failed", 1), answer
    assert failure["code"] == code
    assert sentence in failure["message"]
    assert "Traceback" not in json.dumps(failure)
    assert failure["hint"]
    if how == "cannot write":
        assert answer["done"] == [1001, 1002]


def inner(mask: np.ndarray) -> np.ndarray:
    """Pixels whose neighbours are of the same thing two pixels around."""
    import cv2

    return cv2.erode(mask.astype(np.uint8), np.ones((5, 5)), borderValue=0) > 0


def furthest(render, number: int) -> float:
    """Pixels between where points of the position pass are seen and where their row puts them."""
    row = render.cameras[number - 1001]
    assert row["number"] == number
    points = render.values("position", number)
    seen = render.values("depth", number)[..., 0] < 1e9
    assert seen.mean() > 0.5
    off = [
        max(abs(at[0] - x), abs(at[1] - y))
        for y, x in zip(*np.nonzero(seen), strict=True)
        if (at := pixel_of(row, [float(v) for v in points[y, x]])) is not None
    ]
    assert len(off) == seen.sum()
    return max(off)
