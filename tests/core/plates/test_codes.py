"""Code spaces: light that goes to a generator and comes back, within the figures we promise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from secondunit.colour import CODE_SPACES, Colour, Range, code_space
from secondunit.media.plates import read_plate
from secondunit_bridge.errors import ColorUnknown

COLOUR = Colour(environ={})
BANDS = ((2**-6, 0.18), (0.18, 1), (1, 8), (8, 64), (64, 128))
FITTED = CODE_SPACES[1:]


def fitted(name, *sample, working="ACEScg"):
    return code_space(name, COLOUR, working, sample)


@pytest.fixture(scope="module")
def colours():
    """Colours from 2^-10 to 2^7, half a stop of spread between their channels."""
    rng = np.random.default_rng(0)
    light = 2 ** rng.uniform(-10, 7, (400, 250))
    spread = 2 ** rng.normal(0, 0.5, (400, 250, 3))
    return light, (light[..., None] * spread).astype(np.float32)


def bf16(code):
    """Codes as a bfloat16 tensor in -1..1 would hold them: rounded to the nearest, ties to even."""
    bits = np.ascontiguousarray(code * 2 - 1, np.float32).view(np.uint32)
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) & np.uint32(0xFFFF0000)
    return rounded.view(np.float32) / 2 + np.float32(0.5)


def stops_off(space, colours, store):
    light, rgb = colours
    back = np.maximum(space.decode(store(space.encode(rgb))), 1e-6)
    off = np.abs(np.log2(back / np.maximum(rgb, 1e-6))).max(-1)
    return [float(np.percentile(off[(light >= a) & (light < b)], 99)) for a, b in BANDS]


@pytest.mark.parametrize(("name", "most"), [("acescct-fit", 0.02), ("shoulder-srgb", 0.075)])
def test_a_model_in_bfloat16_gives_light_back_within_the_promised_part_of_a_stop(
    name, most, colours
):
    space = fitted(name, colours[1])
    assert max(stops_off(space, colours, bf16)) <= most
    assert max(stops_off(space, colours, np.asarray)) < 1e-4
    crushed = stops_off(space, colours, lambda code: np.round(code * 15) / 15)
    assert max(crushed) > most  # the measure sees a loss


def halves_apart(a, b):
    """How many half floats lie between two half pictures."""

    def order(half):
        bits = half.view(np.int16).astype(np.int32)
        return np.where(bits < 0, -32768 - bits, bits)

    return int(np.abs(order(a) - order(b)).max())


@pytest.mark.parametrize("picture", ["Desk", "MtTamWest", "CandleGlass"])
def test_real_plates_come_back_from_log_to_the_very_half_float(picture, data: Path):
    plate = read_plate(data / "exr" / "plates" / f"{picture}.exr").half()[..., :3]
    light = plate.astype(np.float32)
    for name, most in (("linear", 0), ("acescct-fit", 0), ("shoulder-srgb", 1)):
        space = fitted(name, light)
        back = space.decode(space.encode(light)).astype(np.float16)
        assert halves_apart(back, plate) <= most, name
    assert light.max() > 4


def test_every_half_float_comes_back_from_log_and_what_is_no_number_is_counted(data: Path):
    edge = data / "exr" / "edge_cases"
    plate = read_plate(edge / "AllHalfValues.exr").half()
    space = fitted("acescct-fit", plate.astype(np.float32))
    back = space.decode(space.encode(plate.astype(np.float32)))
    there = np.isfinite(plate)
    assert np.isfinite(back[there]).all()
    assert halves_apart(back[there].astype(np.float16), plate[there]) == 0
    found = space.range_of(plate.astype(np.float32))
    assert found.above == pytest.approx(1 - there.all(-1).mean(), abs=1e-4)
    rings = read_plate(edge / "BrightRingsNanInf.exr").half().astype(np.float32)
    for name in CODE_SPACES:
        assert fitted(name, rings).range_of(rings).above > 0


@pytest.mark.parametrize("working", ["ACEScg", "Linear Rec.709 (sRGB)", "ACES2065-1"])
@pytest.mark.parametrize("name", CODE_SPACES)
def test_negative_light_of_a_wide_gamut_comes_back(name, working, data: Path):
    wide = read_plate(data / "exr" / "edge_cases" / "WideColorGamut.exr").half().astype(np.float32)
    space = fitted(name, wide, working=working)
    back = space.decode(space.encode(wide))
    assert wide.min() < -1
    assert np.abs(back - wide).max() <= 2e-4 * np.abs(wide).max()


@settings(max_examples=60)
@given(
    st.lists(st.floats(-1000, 65504, width=32), min_size=3, max_size=30),
    st.sampled_from(CODE_SPACES),
)
def test_any_light_comes_back_as_a_half_would_hold_it(values, name):
    light = np.array(values[: len(values) // 3 * 3], np.float32).reshape(1, -1, 3)
    space = fitted(name, light)
    back = space.decode(space.encode(light))
    assert np.abs(back - light).max() <= 2e-4 * max(1, np.abs(light).max())


@pytest.mark.parametrize("name", CODE_SPACES)
def test_alpha_is_passed_bit_for_bit_and_the_picture_given_is_left_alone(name):
    rgba = np.random.default_rng(1).random((9, 7, 4), np.float32)
    rgba[0, 0, 3] = np.nan
    kept = rgba.copy()
    space = fitted(name, rgba)
    code = space.encode(rgba)
    assert (code[..., 3].view(np.uint32) == kept[..., 3].view(np.uint32)).all()
    back = space.decode(code)
    assert (back[..., 3].view(np.uint32) == kept[..., 3].view(np.uint32)).all()
    assert (rgba.view(np.uint32) == kept.view(np.uint32)).all()
    assert np.allclose(back[..., :3], kept[..., :3], atol=1e-5)


def test_exposure_is_fitted_to_the_shot_and_the_brightest_light_is_the_last_code():
    rng = np.random.default_rng(2)
    shot = (0.18 * 2 ** rng.normal(0, 1, (60, 60, 1)) * np.ones(3)).astype(np.float32)
    shot[0, 0] = 300
    for stops in (-5, 0, 4):
        light = shot * np.float32(2.0**stops)
        space = fitted("shoulder-srgb", light)
        white = np.full((1, 1, 3), 2.0**stops, np.float32)
        assert space.encode(white)[0, 0, 0] == pytest.approx(0.7977, abs=0.03)  # sRGB code of .6
        assert space.encode(light).max() == pytest.approx(1, abs=1e-3)
        assert space.decode(np.full((1, 1, 3), 1.5, np.float32)).max() == pytest.approx(
            300 * 2.0**stops, rel=1e-3
        )


@pytest.mark.parametrize("name", FITTED)
def test_what_is_brighter_than_the_sample_is_reported_with_its_share(name):
    dim = np.full((10, 10, 3), 0.5, np.float32)
    space = fitted(name, dim)
    assert space.range_of(dim).sentence(name) == ""
    bright = dim.copy()
    bright[:2] = 60000
    found = space.range_of(bright)
    assert found.above == pytest.approx(0.2)
    said = found.sentence(name)
    assert said.startswith("W_RANGE_CLIPPED: 20.00 % of the pixels lie above")
    assert "6e+04" in said


def test_ranges_of_frames_add_up():
    a, b = Range(-1, 2, 0.5, 0.0, 100), Range(0, 9, 0.0, 1.0, 300)
    assert (a | b) == Range(-1, 9, 0.125, 0.75, 400)
    assert (a | b).facts == {"minimum": -1, "maximum": 9, "above": 0.125, "below": 0.75}


def test_black_shots_and_empty_samples_still_give_a_map():
    for name in FITTED:
        for sample in ((), (np.zeros((4, 4, 3), np.float32),)):
            space = code_space(name, COLOUR, "ACEScg", sample)
            light = np.full((1, 1, 3), 0.4, np.float32)
            assert np.allclose(space.decode(space.encode(light)), light, rtol=1e-4)
            assert space.facts["name"] == name


def test_a_code_space_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(ColorUnknown) as caught:
        code_space("logc3", COLOUR, "ACEScg", ())
    assert "acescct-fit" in caught.value.hint
