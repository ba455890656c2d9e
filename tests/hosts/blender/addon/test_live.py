"""The live look in a real Blender: the view off screen, through a daemon, and over the view."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("live")


@pytest.fixture(scope="module")
def seen(archive, daemon, in_blender, place):
    ended = in_blender(daemon, "a_view_in_toon", archive, place, script="in_live.py")
    assert ended.code == 0, ended.out[-3000:]
    assert "Traceback" not in ended.out, ended.out[-5000:]
    return ended.answer


@pytest.fixture(scope="module")
def view(seen, place):
    return np.load(place / "view.npz")


def silhouettes(depth: np.ndarray) -> np.ndarray:
    """Where what stands near ends before what lies far behind it."""
    metres = 2 * 0.1 * 1000 / (1000.1 - (2 * depth - 1) * 999.9)
    people = (metres < 7.5).astype(np.uint8)
    people[120:] = 0  # below lies the floor, which meets them
    edge = cv2.morphologyEx(people, cv2.MORPH_GRADIENT, np.ones((3, 3))) > 0
    edge[118:122] = False
    return edge


def inked(picture: np.ndarray, edge: np.ndarray) -> float:
    return float((cv2.erode(picture[..., :3].max(-1), np.ones((3, 3))) < 60)[edge].mean())


@pytest.mark.timeout(420)
def test_the_view_comes_back_with_ink_on_its_silhouettes(seen, view):
    assert seen["pressed"] == ""
    assert seen["taken"] is True
    edge = silhouettes(view["depth"])
    assert edge.sum() > 100
    assert inked(view["drawn"], edge) > 0.9
    assert inked(view["colour"], edge) < 0.2  # the grey box has no ink there
    far = cv2.distanceTransform((~edge).astype(np.uint8), cv2.DIST_L2, 3)[:90] > 12
    assert (view["drawn"][:90, :, :3].max(-1)[far] < 60).mean() < 0.03  # nor the wall in the toon


def test_the_artists_own_overlays_stay_on(seen):
    assert seen["overlays"] is True


def test_it_lies_over_the_whole_view_the_right_way_up(view):
    codes = view["laid"][..., :3] / 255  # off screen nothing encodes: they are light, not codes
    encoded = np.where(codes < 0.0031308, codes * 12.92, 1.055 * codes ** (1 / 2.4) - 0.055)
    small = cv2.resize(encoded * 255, (320, 180), interpolation=cv2.INTER_AREA)
    assert np.abs(small - view["drawn"][..., :3]).mean() < 2
    upside_down = np.abs(small[::-1] - view["drawn"][..., :3]).mean()
    assert upside_down > 10


def test_frames_that_come_too_fast_are_dropped(seen):
    fast = seen["fast"]
    assert fast["offered"] == 61
    assert fast["styled"] + fast["dropped"] == 61
    assert fast["dropped"] > 30
    assert fast["failed"] == 0


def test_the_panel_says_how_it_goes(seen):
    names = [name for kind, name, _ in seen["panel"] if kind == "operator"]
    assert names == ["secondunit.live_look"]
    props = [name for kind, name, _ in seen["panel"] if kind == "prop"]
    assert props == ["live_width", "look_bands", "look_line"]


def test_the_file_stays_as_it_is(seen):
    assert seen["datablocks"] == []
    assert seen["same file"] is True


def test_nothing_hangs_on_when_it_stops_or_another_file_is_opened(seen):
    all_of_it = {"handlers": ["depsgraph_update_post", "load_pre", "draw"]}
    nothing = {"handlers": [], "threads": []}
    assert {"handlers": seen["on"]["handlers"]} == all_of_it
    assert seen["on"]["threads"] == ["secondunit live"]
    assert seen["off"] == nothing
    assert seen["look"] is True
    assert {"handlers": seen["again"]["on"]["handlers"]} == all_of_it
    assert seen["again"]["opened"] == nothing
    assert seen["again"]["disabled"] == nothing
    assert seen["again"]["modules"] == []


@pytest.mark.timeout(240)
def test_without_a_daemon_it_says_what_to_do(archive, studio_alone, in_blender, tmp_path):
    seen = in_blender(studio_alone, "without_daemon", archive, tmp_path, script="in_live.py").answer
    assert "SECONDUNIT_PYTHON" in " ".join(seen["said"])
    assert seen["off"] == {"handlers": [], "threads": []}
