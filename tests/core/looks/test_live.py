"""The viewport's toon: from a picture and a depth, small and at once."""

from __future__ import annotations

import time

import cv2
import numpy as np
import pytest
from secondunit.generators.looks.live import Session, distance, toon


def view(shift: int = 0, light: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """A grey ball before a wall as a viewport shows it: RGBA of 8 bits, and metres."""
    down, across = np.mgrid[0:360, 0:640].astype(np.float32)
    x, y = (across - 300 - shift) / 110, (down - 180) / 110
    on = x * x + y * y < 1
    out = np.sqrt(np.clip(1 - x * x - y * y, 0, None))
    shade = np.clip(0.75 * out - 0.45 * x - 0.3 * y, 0.1, 1)
    grey = np.where(on, shade, 0.55) * 200 * light
    picture = np.dstack([grey, grey * 0.9, grey * 0.8, np.full_like(grey, 255)]).astype(np.uint8)
    return picture, np.where(on, 6 - out, 11).astype(np.float32)


def test_it_takes_no_more_than_sixty_milliseconds_of_one_core():
    cv2.setNumThreads(1)
    session, (picture, depth) = Session(), view()
    for _ in range(3):
        toon(picture, depth, session)
    spent = []
    for _ in range(5):
        started = time.process_time()
        toon(picture, depth, session)
        spent.append(time.process_time() - started)
    assert min(spent) < 0.06


def test_the_ball_has_an_outline_and_flat_tones():
    picture, depth = view()
    made = toon(picture, depth, Session())
    assert made.shape == (360, 640, 3)
    assert made.dtype == np.float32
    assert 0 <= made.min() <= made.max() <= 1
    grey = made.mean(axis=-1)
    edge = cv2.Canny((depth < 10).astype(np.uint8) * 255, 50, 100) > 0
    dark = cv2.erode(grey, np.ones((5, 5))) < 0.3
    assert dark[edge].mean() > 0.9
    inside = (depth < 5.9) & (cv2.erode((depth < 10).astype(np.uint8), np.ones((15, 15))) > 0)
    before = np.histogram(picture[..., :3].mean(axis=-1)[inside] / 255, 40, (0, 1))[0]
    after = np.histogram(grey[inside], 40, (0, 1))[0]
    most = [np.sort(one)[-5:].sum() / inside.sum() for one in (before, after)]
    assert most[0] < 0.5 < 0.75 < most[1]


def test_without_lines_there_are_none_and_floats_are_taken_like_bytes():
    picture, depth = view()
    plain = toon(picture, depth, Session(), line=0.0)
    lined = toon(picture, depth, Session())
    assert lined.min() < plain.min() - 0.02
    floats = toon(picture.astype(np.float32) / 255, depth, Session())
    assert np.abs(floats - lined).max() < 0.01


def test_tones_do_not_pump_when_the_light_wavers():
    session = Session()
    for k in range(4):
        toon(*view(k), session)
    held = session.low, session.high
    toon(*view(4, light=0.93), session)
    assert abs(session.low - held[0]) < 0.01
    toon(*view(4, light=0.2), session)  # another shot: believed at once
    assert session.high < 0.5 * held[1]


def test_a_depth_buffer_becomes_distances():
    metres = np.float32([[0.5, 3, 40]])
    near, far = 0.1, 100.0
    clip = (far + near) / (far - near) - 2 * far * near / ((far - near) * metres)
    made = distance((clip + 1) / 2, near, far)
    assert np.allclose(made, metres, rtol=1e-2)
    assert distance(np.float32([[1.0]]), near, far)[0, 0] == 0


def test_a_depth_of_another_size_is_refused():
    picture, depth = view()
    with pytest.raises(ValueError, match="the depth is"):
        toon(picture, depth[::2], Session())
