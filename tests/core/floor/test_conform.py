from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from secondunit.contract import Conformed
from secondunit.testing import Reel, scene
from secondunit_bridge.errors import MediaDamaged, RateMismatch
from secondunit_bridge.timing import FrameRange


def reel(picture, *, count=10, rate=Fraction(24), channels=("R", "G", "B"), first=1):
    rows, columns = picture.shape[:2]
    span = FrameRange(first, first + count - 1, rate)
    return Reel(span, columns, rows, lambda number: picture, channels, "code")


def test_a_picture_that_fits_is_passed_on_bit_for_bit_but_as_the_callers_own():
    source = scene()
    shared = source.frame(3)
    held = Reel(source.frames, source.width, source.height, lambda number: shared)
    conformed = Conformed(held, space="ACEScg", size=(source.width, source.height))
    got = conformed.frame(3)
    assert (got == shared).all()
    got[:] = -1
    assert (shared >= 0).all()


def test_the_whole_picture_is_kept_at_its_proportions_and_centred():
    white = np.ones((100, 100, 3), np.float32)
    got = Conformed(reel(white), space="w", size=(200, 100)).frame(1)
    assert got.shape == (100, 200, 3)
    assert np.allclose(got[:, 50:150], 1.0)
    assert (got[:, :50] == 0).all()
    assert (got[:, 150:] == 0).all()


def test_enlarging_makes_no_light_below_zero_or_above_the_brightest():
    edges = np.zeros((20, 20, 3), np.float32)
    edges[:, 10:] = 50.0
    got = Conformed(reel(edges), space="w", size=(97, 97)).frame(1)
    assert got.min() >= 0
    assert got.max() <= 50


def test_reducing_keeps_the_light_there_is():
    noise = np.random.default_rng(0).random((120, 160, 3)).astype(np.float32)
    got = Conformed(reel(noise), space="w", size=(40, 30)).frame(1)
    assert np.allclose(got.mean(), noise.mean(), atol=1e-3)


def test_colour_is_converted_without_alpha_and_unpremultiplied():
    picture = np.empty((4, 4, 4), np.float32)
    picture[..., :3], picture[..., 3] = 0.1, 0.25
    picture[0, 0] = 0.0
    seen = []

    def convert(rgb, space):
        seen.append((rgb.shape, space, float(rgb[1, 1, 0])))
        return rgb * 2

    got = Conformed(reel(picture, channels=("R", "G", "B", "A")), space="w", convert=convert)
    out = got.frame(1)
    assert got.channels == ("R", "G", "B", "A")
    assert seen == [((4, 4, 3), "code", pytest.approx(0.4))]
    assert out[1, 1] == pytest.approx([0.8, 0.8, 0.8, 0.25])
    assert (out[0, 0] == 0).all()
    picture[0, 1] = (3, 2, 1, 0)  # a flame: light without cover is mapped as it is
    assert got.frame(1)[0, 1].tolist() == [6, 4, 2, 0]


@pytest.mark.parametrize(
    ("names", "kept"),
    [
        (("B", "G", "R"), ("R", "G", "B")),
        (("Z", "R", "G", "B", "id"), ("R", "G", "B")),
        (("Y",), ("Y",)),
        (("Y", "A"), ("Y",)),
        (("left.R", "left.G", "left.B"), ("R", "G", "B")),
    ],
)
def test_channels_are_picked_by_name(names, kept):
    picture = np.zeros((4, 4, len(names)), np.float32)
    for index, name in enumerate(names):
        picture[..., index] = ord(name[-1])
    got = Conformed(reel(picture, channels=names), space="w")
    assert got.channels == kept
    assert got.frame(1)[0, 0].tolist() == [ord(name) for name in kept]


@given(
    source=st.sampled_from([24, 25, 30, 48, 50, 60, Fraction(30000, 1001), Fraction(60000, 1001)]),
    count=st.integers(1, 500),
    first=st.integers(-100, 5000),
)
def test_faster_media_gives_frames_at_the_floor_none_twice_and_never_one_too_many(
    source, count, first
):
    asked = []
    span = FrameRange(first, first + count - 1, Fraction(source))

    def made(number):
        assert number in span
        asked.append(number)
        return np.zeros((2, 2, 3), np.float32)

    conformed = Conformed(Reel(span, 2, 2, made), space="w", rate=Fraction(24))
    for number in conformed.frames:
        conformed.frame(number)
    assert conformed.frames.first == first
    assert len(set(asked)) == len(asked) == len(conformed.frames)
    if source == 48:
        assert asked == list(range(first, first + count, 2))


def test_slower_media_would_repeat_frames_and_is_refused():
    slow = reel(np.zeros((2, 2, 3), np.float32), rate=Fraction(10))
    with pytest.raises(RateMismatch, match="would have to be repeated") as caught:
        Conformed(slow, space="w", rate=Fraction(24))
    assert caught.value.hint


def test_23976_and_24_go_frame_for_frame():
    picture = np.zeros((2, 2, 3), np.float32)
    conformed = Conformed(
        reel(picture, count=3000, rate=Fraction(24000, 1001)), space="w", rate=Fraction(24)
    )
    assert len(conformed.frames) == 3000


def test_a_frame_of_a_strange_shape_is_said():
    conformed = Conformed(reel(np.zeros((4, 4, 2), np.float32)), space="w")
    with pytest.raises(MediaDamaged, match="shape"):
        conformed.frame(1)
