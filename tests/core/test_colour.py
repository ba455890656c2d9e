"""Colour by name: numbers that come back, spaces that are said, and none that are guessed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import PyOpenColorIO as ocio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from secondunit.colour import PINNED, STANDARD, Colour
from secondunit.media.stills import read_still
from secondunit.media.tags import CHROMATICITIES, SRGB, VIDEO, of_movie, of_still
from secondunit_bridge.errors import ColorUnknown, SettingWrong

COLOUR = Colour(environ={})
RNG = np.random.default_rng(1)


@dataclass(frozen=True)
class Tagged:
    path: str = "/show/plate.exr"
    kind: str = "sequence"
    space: str = ""
    primaries: str = ""
    transfer: str = ""
    guesses: tuple[str, ...] = ()


def test_the_built_in_configuration_is_pinned_by_its_full_name():
    assert COLOUR.name == PINNED == "studio-config-v4.0.0_aces-v2.0_ocio-v2.5"
    assert Colour("ocio://" + PINNED, environ={}).digest == COLOUR.digest
    assert len(COLOUR.digest) == 64


def test_spaces_are_known_by_name_alias_and_role():
    assert COLOUR.canonical("lin_ap1_scene") == "ACEScg"
    assert COLOUR.canonical("scene_linear") == "ACEScg"
    assert COLOUR.canonical("Gamma 2.4 Rec.709 - Texture") == VIDEO
    assert COLOUR.known("sRGB - Texture")
    assert not COLOUR.known("sRGB of my own")
    assert not COLOUR.known("")
    assert COLOUR.is_data("Raw")
    assert not COLOUR.is_data("ACEScg")


def test_an_unknown_space_names_those_near_to_it():
    with pytest.raises(ColorUnknown) as caught:
        COLOUR.convert(np.zeros((1, 1, 3), np.float32), "ACESgc", "ACEScg")
    assert "ACEScg" in caught.value.data["guesses"]


def test_video_becomes_light_by_a_power_of_two_point_four():
    grey = np.full((2, 3, 3), 0.5, np.float32)
    light = COLOUR.convert(grey, VIDEO, "Linear Rec.709 (sRGB)")
    assert np.allclose(light, 0.5**2.4, atol=1e-5)
    white = COLOUR.convert(np.ones((1, 1, 3), np.float32), VIDEO, "ACEScg")
    assert np.allclose(white, 1, atol=1e-4)  # D65 white is the working space's white
    red = COLOUR.convert(np.array([[[1, 0, 0]]], np.float32), VIDEO, "ACEScg")
    assert np.allclose(red, [0.61309, 0.07020, 0.02062], atol=2e-4)  # Rec.709 red in AP1


def test_srgb_follows_its_curve():
    code = np.array([[[0.02, 0.5, 1]]], np.float32)
    light = COLOUR.convert(code, SRGB, "lin_rec709")[0, 0]
    assert np.allclose(light, [0.02 / 12.92, ((0.5 + 0.055) / 1.055) ** 2.4, 1], atol=4e-5)


@pytest.mark.parametrize(
    "space", [VIDEO, SRGB, "ACEScct", "ARRI LogC4", "Linear Rec.2020", "ACES2065-1", "ADX10"]
)
def test_a_space_and_back_is_within_a_quarter_of_an_eight_bit_code(space):
    codes = RNG.random((64, 64, 3), np.float32)
    back = COLOUR.convert(COLOUR.convert(codes, space, "ACEScg"), "ACEScg", space)
    # near black a power curve is steep: one float32 step of light is a thousandth of a code
    assert np.abs(back - codes).max() < 0.25 / 255 * (2 if space in (VIDEO, "ADX10") else 1)
    assert np.sqrt(np.mean((back - codes) ** 2)) < 1e-4


@pytest.mark.parametrize("name", ["Desk", "MtTamWest", "CandleGlass"])
def test_real_plates_go_to_log_and_linear_spaces_and_back_with_their_highlights(name, data: Path):
    plate = read_still(data / "exr" / "plates" / f"{name}.exr").pixels[..., :3]
    scale = np.maximum(np.abs(plate), 0.01)
    for space, slack in (("lin_rec709", 2e-5), ("ACES2065-1", 2e-5), ("ACEScct", 2e-3)):
        away = COLOUR.convert(plate, "ACEScg", space)
        back = COLOUR.convert(away, space, "ACEScg")
        assert (np.abs(back - plate) / scale).max() < slack, space
    assert plate.max() > 4  # there are highlights to lose


@given(
    st.lists(st.floats(-10, 60000, width=32), min_size=4, max_size=40),
    st.sampled_from(["lin_rec709", "ACES2065-1", "Linear P3-D65"]),
)
def test_linear_light_of_any_strength_comes_back(values, space):
    pixels = np.array(values[: len(values) // 4 * 4], np.float32).reshape(1, -1, 4)
    back = COLOUR.convert(COLOUR.convert(pixels, "ACEScg", space), space, "ACEScg")
    assert np.allclose(back[..., :3], pixels[..., :3], rtol=1e-5, atol=np.abs(pixels).max() * 1e-5)
    assert (back[..., 3] == pixels[..., 3]).all()


def test_alpha_is_never_touched_nan_stays_and_the_input_is_left_alone():
    pixels = RNG.random((8, 8, 4), np.float32) * 2 - 0.5
    pixels[0, 0, 1] = np.nan
    pixels[1, 1, 3] = np.inf
    kept = pixels.copy()
    light = COLOUR.convert(pixels, VIDEO, "ACEScg")
    assert np.array_equal(pixels, kept, equal_nan=True)
    assert np.array_equal(light[..., 3], kept[..., 3])
    assert np.isnan(light[0, 0]).any()
    assert np.isfinite(light[2:, :, :3]).all()  # negative codes too
    assert light.dtype == np.float32


def test_a_read_only_or_strided_picture_converts_like_any_other():
    pixels = RNG.random((8, 8, 3), np.float32)
    pixels.flags.writeable = False
    turned = np.asfortranarray(pixels)
    same = COLOUR.convert(pixels, VIDEO, "ACEScg")
    assert (COLOUR.convert(turned, VIDEO, "ACEScg") == same).all()
    assert (COLOUR.convert(pixels[::2], VIDEO, "ACEScg") == same[::2]).all()


def test_to_the_same_space_or_a_data_space_nothing_changes():
    pixels = RNG.random((4, 4, 3), np.float32)
    for before, after in (("ACEScg", "lin_ap1"), ("Raw", "ACEScg"), ("ACEScg", "Raw")):
        out = COLOUR.convert(pixels, before, after)
        assert (out == pixels).all()
        assert out is not pixels


def test_only_rgb_and_rgba_can_be_converted():
    for shape in ((4, 4), (4, 4, 1), (4, 4, 5)):
        with pytest.raises(ValueError, match="RGB"):
            COLOUR.convert(np.zeros(shape, np.float32), VIDEO, "ACEScg")


def test_the_persons_word_comes_first_and_a_contradiction_is_told():
    assert COLOUR.space_of(Tagged(), "lin_ap1") == ("ACEScg", "")
    space, remark = COLOUR.space_of(Tagged(space="ACES2065-1"), "ACEScg")
    assert space == "ACEScg"
    assert "ACES2065-1" in remark
    assert COLOUR.space_of(Tagged(space="lin_ap1_scene"), "ACEScg") == ("ACEScg", "")
    with pytest.raises(ColorUnknown):
        COLOUR.space_of(Tagged(), "Kodak Whatever")


def test_the_files_own_word_comes_next():
    assert COLOUR.space_of(Tagged(space="lin_ap1_scene")) == ("ACEScg", "")


def test_an_exr_that_says_nothing_is_unknown_whatever_the_built_in_rules_would_say():
    with pytest.raises(ColorUnknown) as caught:
        COLOUR.space_of(Tagged(guesses=("ACEScg", "not a space")), movie_space=VIDEO)
    assert caught.value.data["guesses"] == ["ACEScg"]
    assert "ACEScg" in caught.value.hint


def test_a_space_the_configuration_lacks_is_unknown_and_named():
    with pytest.raises(ColorUnknown, match="My Log"):
        COLOUR.space_of(Tagged(space="My Log"))


def test_a_movie_without_tags_is_in_the_projects_movie_space_with_a_remark():
    movie = Tagged("/show/edit.mov", "movie", guesses=(VIDEO, SRGB))
    space, remark = COLOUR.space_of(movie, movie_space=VIDEO)
    assert space == VIDEO
    assert "edit.mov carries no usable colour tag" in remark
    with pytest.raises(ColorUnknown):
        COLOUR.space_of(movie)


def test_an_hdr_movie_is_never_taken_for_the_projects_movie_space():
    said = of_movie("bt2020", "smpte2084")
    movie = Tagged("a.mov", "movie", said.space, "bt2020", "smpte2084", said.guesses)
    with pytest.raises(ColorUnknown) as caught:
        COLOUR.space_of(movie, movie_space=VIDEO)
    assert caught.value.data["guesses"] == ["Rec.2100-PQ - Display"]


@pytest.mark.parametrize(
    ("primaries", "transfer", "space"),
    [
        ("bt709", "bt709", VIDEO),
        ("bt709", "", VIDEO),
        ("", "bt709", VIDEO),
        ("smpte170m", "smpte170m", VIDEO),
        ("bt709", "iec61966-2-1", SRGB),
        ("bt709", "linear", "Linear Rec.709 (sRGB)"),
        ("smpte432", "iec61966-2-1", "sRGB Encoded P3-D65"),
        ("bt2020", "bt2020-10", ""),
        ("", "", ""),
    ],
)
def test_movie_tags_amount_to_spaces_that_exist(primaries, transfer, space):
    assert of_movie(primaries, transfer).space == space
    assert space == "" or COLOUR.known(space)


def test_what_tags_call_a_guess_exists_too():
    for said in (of_movie("", ""), of_movie("", "", rgb=True), of_movie("bt2020", "arib-std-b67"),
                 of_still("openexr", {}), of_still("dpx", {}), of_still("tiff", {})):  # fmt: skip
        assert said.space == ""
        assert said.guesses
        assert all(COLOUR.known(guess) for guess in said.guesses)


def test_chromaticities_of_an_exr_name_its_linear_space_and_agree_with_ocio():
    for space, numbers in CHROMATICITIES.items():
        assert COLOUR.known(space)
        assert of_still("openexr", {}, [n + 4e-4 for n in numbers]).space == space
    assert of_still("openexr", {}, (0.6, 0.3, 0.2, 0.7, 0.1, 0.1, 0.3, 0.3)).space == ""


@pytest.mark.parametrize("space", CHROMATICITIES)
def test_our_chromaticities_are_the_primaries_that_ocio_uses(space):
    def matrix(name: str) -> np.ndarray:
        """RGB to XYZ by SMPTE RP 177, from the table's numbers."""
        x, y = np.array(CHROMATICITIES[name]).reshape(4, 2).T
        columns = np.stack([x / y, np.ones(4), (1 - x - y) / y])
        return columns[:, :3] * np.linalg.solve(columns[:, :3], columns[:, 3])

    unit = np.eye(3, dtype=np.float32).reshape(1, 3, 3)
    seen = COLOUR.convert(unit, space, "ACEScg").reshape(3, 3).T
    same_white = CHROMATICITIES[space][6:] == CHROMATICITIES["ACEScg"][6:]
    if same_white:
        wanted = np.linalg.solve(matrix("ACEScg"), matrix(space))
        assert np.allclose(seen, wanted, atol=2e-4)
    else:  # adapted to another white: primaries are compared within their own white instead
        seen = COLOUR.convert(unit, space, "Linear Rec.709 (sRGB)").reshape(3, 3).T
        wanted = np.linalg.solve(matrix("Linear Rec.709 (sRGB)"), matrix(space))
        assert np.allclose(seen, wanted, atol=2e-4)


CONFIG = """ocio_profile_version: 2
environment: {}
search_path: ""
strictparsing: true
roles: {default: raw, scene_linear: lin, aces_interchange: lin, cie_xyz_d65_interchange: raw}
file_rules:
  - !<Rule> {name: Plates, colorspace: lin, pattern: "*plate*", extension: "exr"}
  - !<Rule> {name: Default, colorspace: raw}
displays:
  d: [!<View> {name: v, colorspace: raw}]
active_displays: []
active_views: []
colorspaces:
  - !<ColorSpace> {name: raw, isdata: true}
  - !<ColorSpace> {name: lin, encoding: scene-linear}
"""


def test_the_studios_configuration_and_its_file_rules_are_honoured(tmp_path):
    (tmp_path / "show.ocio").write_text(CONFIG)
    studio = Colour(environ={"OCIO": str(tmp_path / "show.ocio")})
    assert studio.name == "show.ocio"
    assert studio.known("lin")
    space, remark = studio.space_of(Tagged("/show/plate.1001.exr"))
    assert space == "lin"
    assert "file rules" in remark
    with pytest.raises(ColorUnknown):  # the default rule is no knowledge
        studio.space_of(Tagged("/show/ref.exr"))


@pytest.mark.parametrize("config", list(ocio.BuiltinConfigRegistry()))
def test_what_files_and_screens_go_by_is_never_missing(config):
    colour, light = Colour(config), np.array([[[0.18, 0.5, 2.0]]], np.float32)
    for space in STANDARD:
        there = colour.convert(light, "ACEScg", space)
        assert np.allclose(there, COLOUR.convert(light, "ACEScg", space), rtol=2e-4), space
        assert np.allclose(colour.convert(there, space, "ACEScg"), light, rtol=2e-4), space
    assert colour.canonical("lin_ap1_scene") == "ACEScg"  # as image files say it


def test_a_space_that_only_another_configuration_has_is_not_borrowed():
    with pytest.raises(ColorUnknown):
        Colour("cg-config-v1.0.0_aces-v1.3_ocio-v2.1").convert(
            np.ones((1, 1, 3), np.float32), "ARRI LogC4", "ACEScg"
        )


def test_a_built_in_named_by_the_environment_brings_no_rules_of_its_own():
    built_in = Colour(environ={"OCIO": "ocio://" + PINNED})
    with pytest.raises(ColorUnknown):
        built_in.space_of(Tagged())


@pytest.mark.parametrize("text", ["", "ocio_profile_version: 2\n", "not a configuration"])
def test_a_broken_configuration_is_a_wrong_setting(text, tmp_path):
    (tmp_path / "bad.ocio").write_text(text)
    for environ in ({"OCIO": str(tmp_path / "bad.ocio")}, {"OCIO": str(tmp_path / "absent.ocio")}):
        with pytest.raises(SettingWrong) as caught:
            Colour(environ=environ)
        assert PINNED in caught.value.hint
