from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from secondunit.generators import slate
from secondunit.generators.slate import BAR, GREY, Slate, patches
from secondunit.hookspecs import Developed
from secondunit.testing import Still, ask
from secondunit_bridge.timing import FrameRange, Handles


def shoot(seed=0, **asked):
    given = ask(Slate(), footage={}, **asked)
    said = given.generator.run(given.plan, given.elements, seed, Still())
    return [word for word in said if isinstance(word, Developed)]


@pytest.mark.parametrize("size", [(854, 480), (320, 180), (1998, 1080), (512, 512)])
def test_every_patch_has_its_declared_linear_value_in_every_frame(size):
    for frame in shoot(size=size)[::4]:
        height, width = frame.pixels.shape[:2]
        for patch in patches():
            x, y, w, h = patch.region
            seen = frame.pixels[
                int((y + 0.2 * h) * height) : int((y + 0.8 * h) * height),
                int((x + 0.2 * w) * width) : int((x + 0.8 * w) * width),
            ]
            assert np.allclose(seen, patch.colour, atol=1e-6), patch.name


def test_the_ramp_goes_a_stop_a_step_through_mid_grey_to_beyond_white():
    greys = [patch.colour[0] for patch in patches() if patch.name.startswith("grey")]
    assert np.allclose(np.diff(np.log2(greys)), 1.0)
    assert GREY in greys
    assert max(greys) > 1.0
    assert {patch.colour for patch in patches()} >= {(BAR, 0.0, 0.0), (0.0, 0.0, BAR)}


def test_handles_are_told_from_the_cut_at_a_glance():
    frames = shoot(frames=6, handles=Handles(3, 2), size=(320, 180))
    grounds = [tuple(frame.pixels[140, 300]) for frame in frames]
    head, cut, tail = set(grounds[:3]), set(grounds[3:9]), set(grounds[9:])
    assert [len(part) for part in (head, cut, tail)] == [1, 1, 1]
    assert len(head | cut | tail) == 3
    (h,), (t,) = head, tail
    assert h[2] > 2 * h[0], "the head is blue"
    assert t[0] > 2 * t[2], "the tail is warm"


def test_no_two_frames_are_alike_and_seeds_differ():
    frames = shoot(frames=60, size=(320, 180))
    assert len({frame.pixels.tobytes() for frame in frames}) == len(frames)
    assert shoot(seed=1)[0].pixels.tobytes() != shoot(seed=2)[0].pixels.tobytes()


@pytest.mark.parametrize("size", [(1, 1), (2, 400), (400, 2), (17, 13)])
def test_any_size_can_be_shot(size):
    assert all(frame.pixels.shape == (size[1], size[0], 3) for frame in shoot(size=size))


@pytest.mark.parametrize(("drop", "timecode"), [(True, "01:00:01;10"), (False, "00:59:57:22")])
def test_the_timecode_counts_as_the_cut_counts(monkeypatch, drop, timecode):
    written = []
    monkeypatch.setattr(slate, "_write", lambda picture, text, *_: written.append(text))
    given = ask(Slate(), footage={}, size=(320, 180))
    cut = FrameRange(107932, 107951, Fraction(30000, 1001))
    shot = replace(given.plan.turnover.shot, cut=cut, drop=drop, handles=Handles(0, 0))
    plan = replace(given.plan, turnover=replace(given.plan.turnover, shot=shot))
    next(w for w in Slate().run(plan, given.elements, 0, Still()) if isinstance(w, Developed))
    assert timecode in written
