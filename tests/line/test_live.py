"""The live look through a real daemon: styled at once, dropped rather than queued, never kept."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest
from secondunit_bridge import errors
from secondunit_bridge.live import Live
from secondunit_bridge.unit import Unit

WIDE, HIGH = 320, 180
Shown = tuple[np.ndarray, np.ndarray]


def ball(at: float = 0.5) -> Shown:
    """A lit ball before nothing: RGBA of 8 bits, and metres (0 is nothing)."""
    down, across = np.mgrid[0:HIGH, 0:WIDE].astype(np.float32)
    x, y = (across - at * WIDE) / 50, (down - HIGH / 2) / 50
    on = x * x + y * y < 1
    out = np.sqrt(np.clip(1 - x * x - y * y, 0, None))
    grey = np.where(on, 90 + 130 * np.clip(out - 0.4 * x, 0, 1), 160)
    picture = np.dstack([grey, grey * 0.9, grey * 0.8, np.full_like(grey, 255)]).astype(np.uint8)
    return picture, np.where(on, 6 - out, 0).astype(np.float32)


def until(done: Callable[[], object], seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.005)


def styled(live: Live, number: int, shown: Shown, **view: object) -> np.ndarray:
    """Offers until that frame came back: ``(row, column, 4)``."""
    until(lambda: live.ready)
    assert live.offer(*shown, number, **view)
    until(lambda: (got := live.newest()) is not None and got.number == number)
    newest = live.newest()
    assert newest is not None
    return np.frombuffer(newest.pixels, np.uint8).reshape(HIGH, WIDE, 4)


def inked(picture: np.ndarray, depth: np.ndarray) -> float:
    """Share of the silhouette that has ink on it."""
    edge = cv2.morphologyEx((depth > 0).astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3))) > 0
    dark = cv2.erode(picture[..., :3].max(-1), np.ones((3, 3))) < 90
    return float(dark[edge].mean())


@pytest.fixture
def unit(places: Path) -> Iterator[Unit]:
    with Unit.connect(host="test", timeout=20) as made:
        yield made
        daemon = psutil.Process(made.status()["pid"])
        made.stop_daemon()
        psutil.wait_procs([daemon], timeout=15)


@pytest.fixture
def live(unit: Unit) -> Iterator[Live]:
    with unit.live("toon", WIDE, HIGH) as made:
        yield made


def test_a_frame_comes_back_with_ink_on_its_silhouette_and_nothing_is_written_down(
    unit: Unit, live: Live
) -> None:
    before, (picture, depth) = len(unit.entries(0)), ball()
    drawn = styled(live, 7, (picture, depth))
    assert inked(drawn, depth) > 0.9
    assert inked(picture, depth) < 0.1  # it was not there before
    assert (drawn[..., 3] == 255).all()
    assert len(unit.entries(0)) == before
    assert live.trouble is None


def test_a_depth_buffer_and_options_are_understood(unit: Unit) -> None:
    picture, depth = ball()
    near, far = 0.1, 100.0
    clip = (far + near - 2 * near * far / np.maximum(depth, near)) / (far - near)
    buffer = np.where(depth > 0, (clip + 1) / 2, 1).astype(np.float32)
    with unit.live("toon", WIDE, HIGH, options={"line": 0.0}) as plain:
        assert inked(styled(plain, 1, (picture, buffer), near=near, far=far), depth) < 0.1
    with unit.live("toon", WIDE, HIGH) as lined:
        assert inked(styled(lined, 1, (picture, buffer), near=near, far=far), depth) > 0.9
        even = np.where(depth > 0, depth / 100, 1).astype(np.float32)
        shown = styled(lined, 2, (picture, even), near=-50.0, far=50.0, parallel=True)
        assert inked(shown, depth) > 0.9


def test_frames_that_come_too_fast_are_dropped_and_the_newest_is_shown(live: Live) -> None:
    styled(live, 1, ball())  # the process has started
    views = [ball(0.2 + 0.6 * step / 119) for step in range(120)]
    longest = 0.0
    for number, view in enumerate(views, 2):
        begun = time.thread_time()
        live.offer(*view, number)
        longest = max(longest, time.thread_time() - begun)
    until(lambda: live.newest().number == 121)
    counts = live.counts
    assert counts.offered == 121
    assert counts.styled + counts.dropped == 121
    assert counts.dropped > 30
    assert longest < 0.05
    drawn = np.frombuffer(live.newest().pixels, np.uint8).reshape(HIGH, WIDE, 4)
    assert inked(drawn, views[-1][1]) > 0.9


def test_what_cannot_be_drawn_live_is_said_once_and_not_tried_for_ever(unit: Unit) -> None:
    for look, options in (("pencil", {}), ("toon", {"hatch": 1.0}), ("toon", {"bands": 9})):
        with unit.live(look, WIDE, HIGH, options=options) as refused:
            until(lambda live=refused: live.trouble is not None)
            assert isinstance(refused.trouble, errors.FieldError)
            assert not refused.offer(*ball(), 1)
    with unit.live("toon", WIDE, HIGH) as live, pytest.raises(errors.FieldError, match="depth"):
        live.offer(ball()[0], np.zeros(5, np.float32), 1)


def test_a_lost_stage_is_told_and_the_next_frame_starts_it_again(unit: Unit, live: Live) -> None:
    styled(live, 1, ball())
    child = psutil.Process(unit.status()["stages"]["live"])
    child.suspend()  # it has the frame when it is killed
    live.offer(*ball(), 2)
    time.sleep(0.3)
    child.kill()
    until(lambda: live.trouble is not None)
    assert isinstance(live.trouble, errors.StageDied)
    assert live.trouble.hint
    assert inked(styled(live, 3, ball(0.4)), ball(0.4)[1]) > 0.9
    assert live.counts.failed == 1
    assert live.trouble is None


def test_a_client_that_is_killed_leaves_no_session_and_no_slot(unit: Unit) -> None:
    words = (
        "import sys, time; from secondunit_bridge.unit import Unit\n"
        "unit = Unit.connect(host='killed'); live = unit.live('toon', 320, 180)\n"
        "while not live.ready: time.sleep(0.01)\n"
        "print('open', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", words], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    ) as client:
        assert client.stdout is not None
        assert client.stdout.readline() == "open\n"
        assert unit.status()["live"] == 1
        client.kill()
    until(lambda: unit.status()["live"] == 0, 10)


def test_closing_ends_the_session_and_its_thread(unit: Unit) -> None:
    live = unit.live("toon", WIDE, HIGH)
    styled(live, 1, ball())
    assert unit.status()["live"] == 1
    live.close()
    assert unit.status()["live"] == 0
    assert not live.offer(*ball(), 2)
