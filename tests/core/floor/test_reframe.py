from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st
from secondunit.contract.levels import Level, level, luminance
from secondunit.generators.framing import Window, around, ease, path
from secondunit.generators.grade import LEAN, Gain, between
from secondunit.generators.reframe import MOVES, Reframe, confidence
from secondunit.generators.sampling import through
from secondunit.hookspecs import Developed
from secondunit.testing import Reel, Still, ask, scene
from secondunit_bridge.errors import NeedsModel, RateMismatch
from secondunit_bridge.film import Role
from secondunit_bridge.timing import FrameRange, Handles

REGION = "0.2,0.2,0.6,0.6"


def shoot(source, seed=0, *, before=None, after=None, **asked):
    footage = {Role.reference: source, Role.before: before, Role.after: after}
    asked.setdefault("size", (source.width, source.height))
    given = ask(
        Reframe(), footage={role: one for role, one in footage.items() if one is not None}, **asked
    )
    assert not given.plan.refusals
    said = given.generator.run(given.plan, given.elements, seed, Still())
    return [word for word in said if isinstance(word, Developed)]


def test_frames_of_the_source_go_one_for_one_and_only_those_that_were_handed_over():
    source, read = scene(60, first=101), []
    noted = replace(source, made=lambda number: read.append(number) or source.made(number))
    frames = shoot(noted, seed=3, frames=20, handles=Handles(8, 8))
    assert len(frames) == 36
    assert set(read) <= set(source.frames)
    run = read[-36:]
    assert run == list(range(run[0], run[0] + 36)), "in order, none left out, none twice"


def test_a_source_that_is_just_long_enough_is_used_whole():
    assert len(shoot(scene(13), frames=8, handles=Handles(3, 2))) == 13


@pytest.mark.parametrize("count", [1, 12])
def test_a_source_that_is_too_short_is_refused_and_never_frozen(count):
    given = ask(Reframe(), frames=8, handles=Handles(3, 2), footage={Role.before: scene(count)})
    (refusal,) = given.plan.refusals
    assert f"has {count} frames and 13 are needed (8 in the cut, handles of 3 and 2)" in refusal
    assert "never repeated" in refusal
    with pytest.raises(NeedsModel, match="13 are needed") as caught:
        list(given.generator.run(given.plan, given.elements, 0, Still()))
    assert caught.value.hint


def test_an_enlargement_that_would_be_soft_is_refused():
    given = ask(Reframe(), size=(640, 360), footage={Role.before: scene()})
    assert "enlarged 4.4 times" in given.plan.refusals[0]
    assert not ask(Reframe(), size=(192, 108), footage={Role.before: scene()}).plan.refusals


def test_takes_differ_in_tightness_and_a_small_source_gives_only_loose_ones():
    roomy = [shoot(scene(20, 320, 180), seed, size=(320, 180))[0].confidence for seed in range(3)]
    assert len(set(roomy)) == 3
    small = ask(Reframe(), size=(240, 136), footage={Role.before: scene(20, 192, 108)})
    assert not small.plan.refusals
    (remark,) = [words for words in small.plan.remarks if "Enlarged" in words]
    assert "at most 2.07" in remark  # 1.85 would leave less than half of the detail


def test_what_conform_enlarged_is_not_counted_as_sharp():
    """A neighbour comes at the plan's size; the insert is made from, and judged by, its own."""
    given = ask(Reframe(), size=(192, 108), footage={Role.before: scene(48, 96, 54)})
    assert given.elements.one(Role.before).width == 192
    assert "enlarged 2.7 times" in given.plan.refusals[0]


def test_a_larger_source_is_reduced_and_nothing_is_lost():
    frames = shoot(scene(20, 640, 360), size=(160, 90))
    assert {frame.confidence for frame in frames} == {1.0}


def test_confidence_falls_with_enlargement_as_measured():
    values = [confidence(factor) for factor in (0.5, 1.0, 1.3, 1.6, 2.0, 2.5, 3.0, 4.0)]
    assert values[0] == values[1] == 1.0
    assert all(a > b for a, b in pairwise(values[1:]))


def test_the_confidence_is_honest_on_real_footage(film):
    """Detail left after enlarging, against a native crop, is what the table says, within .1."""
    import cv2

    for factor in (1.4, 1.8, 2.5):
        kept = []
        for name in ("meadow", "brook", "bird", "bough", "burrow", "runners", "table"):
            native = film.reel(name, 20, 1).frame(1)
            rows, columns = native.shape[:2]
            size = (round(columns / factor), round(rows / factor))
            small = cv2.resize(native, size, interpolation=cv2.INTER_AREA)
            window = Window(size[0] / 4 + 0.4, size[1] / 4 + 0.4, size[0] / 2, size[1] / 2)
            seen = through(small, window, columns // 2, rows // 2)
            top, left = round(window.y * rows / size[1]), round(window.x * columns / size[0])
            truth = native[top : top + rows // 2, left : left + columns // 2]
            kept.append(_detail(seen) / _detail(truth))
        assert np.median(kept) == pytest.approx(confidence(factor), abs=0.1)


def _detail(picture):
    import cv2

    seen = np.clip(luminance(picture), 0, 4) ** (1 / 2.4)
    return float(np.abs(cv2.Laplacian(seen.astype(np.float32), cv2.CV_32F)).mean())


def test_seeds_give_usefully_different_takes():
    source = scene(80, 384, 216)
    firsts = [shoot(source, seed, size=(192, 108))[0].pixels for seed in range(4)]
    for index, one in enumerate(firsts):
        for other in firsts[index + 1 :]:
            assert np.abs(one - other).mean() > 0.02


def test_no_edge_rings_and_nothing_turns_negative():
    edges = np.zeros((90, 160, 3), np.float32)
    edges[30:60, 50:110] = 40.0
    edges[::7] += 3.0
    for shift in np.linspace(0, 1, 7):
        seen = through(edges, Window(20 + shift, 11 + shift, 100, 56.25), 320, 180)
        assert seen.min() >= 0
        assert seen.max() <= edges.max()


def test_alpha_is_resampled_but_never_graded():
    picture = np.full((108, 192, 4), 0.2, np.float32)
    picture[..., 3] = np.linspace(0, 1, 192, dtype=np.float32)
    span = FrameRange(1, 20, Fraction(24))
    reel = Reel(span, 192, 108, lambda number: picture, ("R", "G", "B", "A"))
    dark = Reel(span, 192, 108, lambda number: np.full((108, 192, 3), 0.4, np.float32))
    for frame in shoot(reel, before=dark, options={"move": "hold", "region": REGION})[::5]:
        assert frame.pixels.shape[2] == 4
        assert np.allclose(frame.pixels[..., 3], frame.pixels[0, :, 3], atol=1e-5)
        assert 0 <= frame.pixels[..., 3].min() <= frame.pixels[..., 3].max() <= 1
        assert frame.pixels[..., 0].mean() > 0.3


@pytest.mark.parametrize("move", [*MOVES, "hold"])
def test_a_move_is_smooth_to_a_fraction_of_a_pixel(move):
    tight = around((0.3, 0.3, 0.4, 0.4), 854, 480, 854 / 480)
    way = path(move, tight, 0.1, (854, 480), 1)
    at = np.array([[w.x, w.y, w.w] for w in (way.at(t) for t in np.linspace(0, 1, 97))])
    speed = np.diff(at, axis=0)
    assert np.abs(np.diff(speed, axis=0)).max() < 0.08, "pixels a frame, from frame to frame"
    assert (np.sign(speed).min(axis=0) * np.sign(speed).max(axis=0) >= 0).all(), "never back"
    if move == "hold":
        assert not speed.any()
    else:
        assert np.abs(speed).max() > 0.1


@over(
    x=st.floats(0, 0.9), y=st.floats(0, 0.9), w=st.floats(0.02, 1), h=st.floats(0.02, 1),
    move=st.sampled_from([*MOVES, "hold"]), amount=st.floats(0, 0.5), seed=st.integers(0, 9),
    aspect=st.floats(0.5, 2.6),
)  # fmt: skip
def test_no_move_leaves_the_picture(x, y, w, h, move, amount, seed, aspect):
    region = (x, y, min(w, 1 - x), min(h, 1 - y))
    way = path(move, around(region, 854, 480, aspect), amount, (854, 480), seed)
    for share in np.linspace(0, 1, 11):
        window = way.at(float(share))
        assert window.x > -0.01
        assert window.y > -0.01
        assert window.x + window.w < 854.01
        assert window.y + window.h < 480.01
        assert window.w / window.h == pytest.approx(aspect, rel=1e-6)


@over(st.floats(0, 1), st.floats(0, 1))
def test_easing_never_goes_back(a, b):
    assert ease(min(a, b)) <= ease(max(a, b)) + 1e-12
    assert ease(0.0) == 0.0
    assert ease(1.0) == 1.0


def test_a_source_with_nan_and_infinity_gives_clean_frames():
    clean = scene(20)

    def made(number):
        picture = clean.made(number)
        picture[20:24, 30:60] = np.nan
        picture[40:44, 30:60] = np.inf
        picture[60:64, 30:60] = -np.inf
        return picture

    for frame in shoot(replace(clean, made=made), frames=8):
        assert np.isfinite(frame.pixels).all()
        assert frame.pixels.min() >= 0


def test_a_given_region_is_in_the_picture_at_the_tight_end():
    source = scene(20, 400, 225)
    marked = replace(source, made=lambda number: _marked(source.made(number)))
    options = {"region": "0.5,0.5,0.4,0.4", "move": "push_in", "grade": 0.0}
    frames = shoot(marked, size=(160, 90), options=options)
    spot = frames[-1].pixels[:, :, 0] > 50
    rows, columns = np.nonzero(spot)
    assert columns.mean() / 160 == pytest.approx(0.5, abs=0.03)
    assert rows.mean() / 90 == pytest.approx(0.5, abs=0.03)


def _marked(picture):
    rows, columns = picture.shape[:2]
    picture[int(0.68 * rows) : int(0.72 * rows), int(0.68 * columns) : int(0.72 * columns)] = 99.0
    return picture


@pytest.mark.some(2)
@pytest.mark.parametrize("stop", [-1.5, -0.6, 0.6, 1.5])
def test_an_insert_from_elsewhere_is_graded_towards_its_neighbours(film, stop):
    count, region = 20, {"region": "0.2,0.1,0.6,0.6", "move": "hold"}
    source = film.reel("bird", 40, count, change=lambda p, _: p * np.float32(2.0**stop))
    before, after = film.reel("bird", 20, 12), film.reel("bird", 70, 12)
    plain = shoot(source, before=before, after=after, size=(427, 240), options=region)
    off = shoot(source, size=(427, 240), options=region)
    gain = level(plain[5].pixels).exposure - level(off[5].pixels).exposure
    assert gain == pytest.approx(-np.clip(stop, -1, 1), abs=0.1), "bounded to one stop"


def test_an_insert_from_a_neighbour_keeps_its_light_when_the_other_is_another_scene(film):
    before, after = film.reel("bird", 40, 20), film.reel("burrow", 0, 12)
    plain = shoot(before, before=before, after=after, size=(427, 240), options={"grade": 1.0})
    off = shoot(before, size=(427, 240))
    gain = level(plain[5].pixels).exposure - level(off[5].pixels).exposure
    assert abs(gain) < 0.02


@over(st.floats(-4, 4), st.floats(-4, 4))
def test_the_gain_never_goes_past_the_neighbours_nor_beyond_a_stop(one, other):
    low, high = min(one, other), max(one, other)
    gain = between([Level(one, 0.0, 0.0), Level(other, 0.0, 0.0)], 1.0).exposure
    assert abs(gain) <= 1.0 + LEAN + 1e-6
    if low <= 0 <= high:
        assert low - 1e-6 <= gain <= high + 1e-6
        assert abs(gain) <= LEAN + 1e-6
    else:
        assert gain * (low + high) >= 0, "towards them"
        assert min(abs(low), abs(high), 1.0) - 1e-6 <= abs(gain) <= max(abs(low), abs(high)) + 1e-6


def test_without_neighbours_nothing_is_graded():
    assert between([], 1.0) == Gain()


def test_nothing_to_make_it_from_is_refused_before_anything_is_opened():
    given = ask(Reframe(), footage={})
    assert "no shot to make the insert from" in given.plan.refusals[0]


def test_a_slower_source_is_refused_before_anything_is_opened():
    slow = replace(scene(48), frames=FrameRange(1, 48, Fraction(10)))
    with pytest.raises(RateMismatch, match="would have to be repeated") as caught:
        ask(Reframe(), footage={Role.before: slow})
    assert caught.value.data == {"media": "10", "shot": "24"}


def test_a_start_that_leaves_too_few_frames_is_refused():
    given = ask(Reframe(), frames=8, options={"start": 40}, footage={Role.before: scene(48)})
    assert "From frame 40 on, 13 frames are needed" in given.plan.refusals[0]
    good = shoot(scene(48), options={"start": 5}, frames=8)
    assert len(good) == 13


def test_memory_does_not_grow_with_the_length():
    import tracemalloc

    def peak(count):
        source = scene(count + 8, 96, 54)
        flat = replace(source, made=lambda number: np.full((54, 96, 3), 0.2, np.float32))
        given = ask(
            Reframe(), frames=count, handles=Handles(), size=(96, 54),
            footage={Role.before: flat},
        )  # fmt: skip
        tracemalloc.start()
        for _ in given.generator.run(given.plan, given.elements, 0, Still()):
            pass
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    assert peak(400) < 1.5 * peak(40)


@settings(max_examples=20)
@over(st.floats(-2, 2), st.floats(0.2, 0.9))
def test_a_hundredth_of_a_pixel_changes_the_picture_by_as_little(shift, size):
    picture = scene().frame(1)
    here = Window(40 + shift, 20 + shift / 2, 100 * size, 56.25 * size)
    there = here.moved(0.01, 0.0)
    step = np.abs(through(picture, here, 96, 54) - through(picture, there, 96, 54)).max()
    assert step < 0.02
