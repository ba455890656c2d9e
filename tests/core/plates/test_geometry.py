"""Windows, crops, padding and pixel aspect, there and back."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from secondunit.contract.geometry import (
    box_of,
    crop_around,
    displayed,
    fit,
    holding,
    stored,
    whole,
)
from secondunit.contract.matte import merge, protect
from secondunit.media.plates import PlateFrame, read_plate
from secondunit.media.stills import Windows, read_still
from secondunit_bridge.errors import BrokenFrames, OverLimits

SIDE = st.integers(1, 90)


@pytest.mark.parametrize("number", ["01", "04", "08", "09", "13"])
def test_what_is_seen_of_a_plate_is_what_the_reader_shows(number, data: Path):
    path = data / "exr" / "edge_cases" / f"display_window_t{number}.exr"
    frame = read_plate(path)
    seen = displayed(frame.half(), frame.windows)
    assert np.array_equal(seen.astype(np.float32), read_still(path).pixels)
    back = stored(seen, frame.windows)
    assert back.shape == frame.half().shape
    assert np.array_equal(displayed(back, frame.windows), seen)


def test_overscan_is_protected_and_comes_back_bit_for_bit():
    rng = np.random.default_rng(4)
    windows = Windows((-8, -8, 80, 56), (0, 0, 64, 40))
    planes = {n: rng.random((56, 80)).astype(np.float16) for n in ("R", "G", "B", "Z")}
    frame = PlateFrame(planes, windows)
    soft = np.ones((40, 64), np.float32)
    protected = stored(protect(soft, 4), windows, outside=True)
    generated = stored(np.full((40, 64, 3), 9, np.float32), windows)
    merged = merge(frame.half(), frame.colour, generated, stored(soft, windows), protected)
    assert (displayed(merged, windows) == 9).all()
    outside = stored(np.zeros((40, 64), bool), windows, outside=True)
    assert np.array_equal(merged[outside], frame.half()[outside])
    assert outside.sum() == 80 * 56 - 64 * 40


def test_an_element_that_stores_part_of_the_picture_grows_only_as_far_as_it_must(data: Path):
    frame = read_plate(data / "exr" / "plates" / "beachball.0001.exr")
    free = np.zeros((1556, 2048), bool)
    free[300:400, 700:800] = True
    assert holding(frame, free) is frame
    free[1400:1500, 100:120] = True
    grown = holding(frame, free)
    assert grown.windows.data == (100, 245, 1465, 1255)
    assert grown.windows.display == frame.windows.display
    for name in frame.channels:
        before = displayed(frame.planes[name], frame.windows)
        assert before.tobytes() == displayed(grown.planes[name], grown.windows).tobytes()
    assert holding(frame, np.zeros((1556, 2048), bool)) is frame


def test_the_box_of_mattes_holds_all_of_them():
    a, b = np.zeros((20, 30)), np.zeros((20, 30))
    a[3, 4] = 0.1
    b[10:12, 20:29] = 1
    assert box_of([a]) == (4, 3, 1, 1)
    assert box_of([a, b, np.zeros((20, 30))]) == (4, 3, 25, 9)
    assert box_of([np.zeros((20, 30))]) is None
    assert box_of([]) is None


@settings(max_examples=200)
@given(
    st.tuples(SIDE, SIDE), st.tuples(*[st.floats(0, 1)] * 4), st.sampled_from([1, 2, 8, 16, 32]),
    st.sampled_from([0.0, 0.25, 1.0]), st.integers(1, 64), st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_a_crop_is_undone_bit_for_bit(size, at, multiple, context, least, seed):
    width, height = size
    x, y = int(at[0] * (width - 1)), int(at[1] * (height - 1))
    box = (x, y, 1 + int(at[2] * (width - x - 1)), 1 + int(at[3] * (height - y - 1)))
    crop = crop_around(box, size, context=context, multiple=multiple, least=least)
    frame = np.random.default_rng(seed).integers(0, 65536, (height, width, 3), np.uint16)
    part = crop.cut(frame)
    assert part.shape[0] % multiple == 0
    assert part.shape[1] % multiple == 0
    assert part.shape[1::-1] == crop.padded
    left, top, wide, high = crop.box
    assert left <= x
    assert top <= y
    assert x + box[2] <= left + wide <= width
    assert y + box[3] <= top + high <= height
    assert np.array_equal(crop.restore(part, np.zeros_like(frame))[y : y + box[3], x : x + box[2]],
                          frame[y : y + box[3], x : x + box[2]])  # fmt: skip
    assert np.array_equal(crop.restore(part, frame), frame)


def test_a_large_plate_is_cropped_at_native_scale_with_a_quarter_of_context():
    crop = crop_around((1000, 800, 400, 240), (4096, 2160), multiple=16)
    assert crop.box == (896, 736, 608, 368)
    assert crop.padded == (608, 368)
    assert crop.waste == 0
    at_the_edge = crop_around((0, 0, 100, 100), (4096, 2160), multiple=16)
    assert at_the_edge.box == (0, 0, 160, 160)


def test_real_pixels_are_taken_before_padding_and_padding_mirrors_the_edge():
    crop = whole((5, 3), 4)
    frame = np.arange(15).reshape(3, 5)
    assert crop.padded == (8, 4)
    assert crop.cut(frame)[3].tolist() == [*frame[2], *frame[2, ::-1][:3]]
    assert whole((1920, 1080), 16).padded == (1920, 1088)
    assert whole((1280, 720), 16).waste == 0


def test_a_picture_of_another_size_is_refused():
    crop = whole((8, 8), 4)
    for part in (np.zeros((8, 9)), np.zeros((4, 8))):
        with pytest.raises(BrokenFrames):
            crop.cut(part)
        with pytest.raises(BrokenFrames):
            crop.restore(part, np.zeros((8, 8)))
    with pytest.raises(BrokenFrames):
        fit((8, 8)).back(np.zeros((9, 8, 3), np.float32))
    with pytest.raises(BrokenFrames):
        displayed(np.zeros((9, 8)), Windows((0, 0, 8, 8), (0, 0, 8, 8)))


@pytest.mark.parametrize(
    ("size", "aspect", "model", "padded"),
    [
        ((3840, 2160), 1, (1280, 720), (1280, 720)),
        ((1920, 1080), 1, (1280, 720), (1280, 720)),
        ((2048, 858), 1, (1472, 617), (1472, 624)),
        ((3424, 2202), 2, (1680, 540), (1680, 544)),
        ((1080, 1920), 1, (720, 1280), (720, 1280)),
        ((640, 268), 1, (640, 268), (640, 272)),
    ],
)
def test_plates_are_desqueezed_and_fitted_to_the_budget(size, aspect, model, padded):
    found = fit(size, aspect=Fraction(aspect), multiple=16, budget=1280 * 720)
    assert (found.model, found.padded) == (model, padded)
    assert 0 <= found.waste < 0.05
    assert found.padded[0] * found.padded[1] <= 1280 * 720


@given(
    size=st.tuples(st.integers(1, 9000), st.integers(1, 9000)),
    aspect=st.sampled_from([Fraction(1), Fraction(2), Fraction(9, 10), Fraction(4, 3)]),
    multiple=st.sampled_from([1, 8, 16, 32]),
    least=st.sampled_from([1, 64, 250]),
    budget=st.sampled_from([0, 256 * 256, 1280 * 720]),
)
def test_every_limit_is_kept_whatever_the_size_of_the_plate(size, aspect, multiple, least, budget):
    found = fit(size, aspect=aspect, multiple=multiple, least=least, budget=budget)
    for side, model in zip(found.padded, found.model, strict=True):
        assert side % multiple == 0
        assert side >= max(least, model)
    assert not budget or found.padded[0] * found.padded[1] <= budget
    assert found.model[1] <= size[1]


def test_limits_that_leave_no_size_at_all_are_refused():
    with pytest.raises(OverLimits, match="cannot shoot 256 x 256"):
        fit((640, 480), multiple=32, least=250, budget=65535)


def test_scaled_pictures_keep_their_colour_at_edges_and_a_bad_pixel_stays_where_it_is():
    picture = np.zeros((40, 40, 4), np.float32)
    picture[:, 20:] = (1, 0.5, 0.25, 1)
    small = fit((40, 40), budget=15 * 15)
    seen = small.into(picture)
    edge = seen[..., 3] > 0
    assert np.allclose(seen[edge][:, :3], (1, 0.5, 0.25), atol=1e-5)
    seen[0, 0, 0] = np.nan
    back = small.back(seen)
    assert np.isnan(back).any()
    assert np.isfinite(back[10:]).all()


def test_ids_are_never_averaged():
    ids = np.random.default_rng(1).choice([0.0, 3e9, 7.0], (50, 60, 1)).astype(np.float32)
    assert set(np.unique(fit((60, 50), budget=500).into(ids, nearest=True))) <= {0.0, 3e9, 7.0}


def test_a_plate_that_fits_comes_back_bit_for_bit_and_a_squeezed_one_in_its_own_size():
    rng = np.random.default_rng(5)
    picture = rng.random((45, 61, 3), np.float32)
    same = fit((61, 45), multiple=16)
    assert same.exact
    assert np.array_equal(same.back(same.into(picture)), picture)
    soft = np.repeat(np.linspace(0, 1, 40, dtype=np.float32)[None, :, None], 20, 0)
    squeezed = fit((40, 20), aspect=Fraction(2), multiple=16)
    assert squeezed.model == (80, 20)
    back = squeezed.back(squeezed.into(soft))
    assert back.shape == soft.shape
    assert np.abs(back - soft).max() < 0.02
    assert not squeezed.exact
