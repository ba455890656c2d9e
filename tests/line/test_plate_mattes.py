"""Every way to say what may change: Cryptomatte, a movie, a channel, the plate's own alpha."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest
from cryptomatte_material import edge, hashed, with_cryptomatte
from multipart_material import write
from plate_material import COUNT, HIGH, LINEAR, SRGB, WIDE, box, matte, picture, wall, written
from secondunit.generators.slate import Slate
from secondunit.media.delivery import Attributes, write_exr
from secondunit.media.open import open_footage
from secondunit.media.plates import read_plate
from secondunit.media.stills import read_still
from secondunit.stage.mattes import matte_of
from secondunit.testing import ask
from secondunit_bridge.film import Element, Media, Role
from secondunit_bridge.timing import FrameRange


@pytest.fixture
def still(tmp_path: Path) -> Path:
    """A clean picture of the wall, to put in."""
    return Path(str(written(tmp_path / "still", "wall", lambda _: wall(), count=1)) % 1001)


@pytest.fixture
def put_in(su, still: Path, tmp_path: Path):
    """Puts the wall into a plate where the matte lets it; ``words`` are added."""

    def run(plate: object, matte: object, *words: object):
        return su("plate", "--plate", plate, "--matte", matte, "--reference", still,
                  "--reference-space", SRGB, "--option", "follow=off", "--by", "Kim",
                  "--out", tmp_path / "out", "--json", *words)  # fmt: skip

    return run


def mattes_of(answer: dict) -> list[np.ndarray]:
    """The soft mattes that were kept beside the version, ``(row, column)``."""
    folder = Path(answer["version"]["path"]) / "qc" / "matte"
    return [read_still(path).pixels[..., 0] for path in sorted(folder.glob("*.exr"))]


def refused(said) -> tuple[int, str, str, str]:
    assert said.code == 1, said
    error = said.json["error"]
    assert "Traceback" not in said.out + said.err
    return said.code, error["code"], error["message"], error["hint"]


def test_the_hash_of_the_material_is_the_published_one():
    assert hashed(b"hello") == 0x248BFA47
    assert hashed(b"The quick brown fox jumps over the lazy dog") == 0x2E4FF723


@pytest.mark.some(3)
@pytest.mark.parametrize("manifest", ["inside", "beside", "none"])
def test_an_object_of_a_cryptomatte_is_replaced_and_its_ids_pass(put_in, tmp_path, manifest):
    plate = with_cryptomatte(tmp_path / "render", manifest=manifest)
    said = put_in(plate, "cryptomatte:crate_hero")
    assert said.code == 0, said
    answer = said.json
    assert answer["receipt"]["kept"]
    for index, (soft, path) in enumerate(
        zip(mattes_of(answer), sorted(Path(answer["version"]["path"]).glob("exr/*")), strict=True)
    ):
        crate, half = matte(index)[..., 0] > 0, edge(index)
        assert (soft[crate & ~half] == 1).all()
        assert (soft[half] == 0.5).all()
        assert not soft[~crate].any()
        made, kept = read_plate(path), read_plate(Path(str(plate) % (1001 + index)))
        for name in kept.channels[3:]:
            assert (made.planes[name].view("u4") == kept.planes[name].view("u4")).all()
        seen = made.half()[box(index)].astype(np.float32)
        assert np.abs(seen - kept.half()[box(index)].astype(np.float32)).mean() > 0.05
    told = json.loads((Path(answer["version"]["path"]) / "receipt.json").read_text())
    assert told["matte"]["source"] == "Cryptomatte CryptoObject: crate_hero"


@pytest.mark.long
def test_two_objects_of_a_cryptomatte_of_a_file_of_its_own(put_in, tmp_path: Path):
    crypto = with_cryptomatte(tmp_path / "render", 2)
    plate = written(tmp_path / "plate", "box", picture, count=2)
    said = put_in(plate, crypto, "--matte-channel", "cryptomatte:crate_hero,back *", "--space",
                  SRGB)  # fmt: skip
    assert said.code == 0, said
    assert all((soft == 1).all() for soft in mattes_of(said.json))
    assert "W_MATTE_FULL" in json.dumps(said.json["takes"][0]["remarks"])


def test_a_misspelt_object_is_answered_with_the_names_near_it(put_in, tmp_path: Path):
    plate = with_cryptomatte(tmp_path / "render")
    _, code, message, hint = refused(put_in(plate, "cryptomatte:crate_hreo"))
    assert code == "E_MATTE_MISSING"
    assert "crate_hreo" in message
    assert "crate_hero, crate_spare" in hint
    _, code, message, hint = refused(put_in(plate, "cryptomatte[CryptoAsset]:crate_hero"))
    assert "no Cryptomatte 'CryptoAsset'" in message
    assert "CryptoObject" in hint
    _, code, message, hint = refused(put_in(plate, "cryptomatte:crate_hero,Strasse"))
    assert "Strasse" in message
    assert "crate_hero" not in message
    assert "Straße" in hint
    assert refused(put_in(plate, "cryptomatte:"))[1] == "E_MATTE_MISSING"
    assert refused(put_in(plate, "cryptomatte:crate_spare"))[1] == "E_MATTE_MISSING"  # not seen


def test_a_plate_without_cryptomatte_says_so(put_in, tmp_path: Path):
    plate = written(tmp_path / "plate", "box", picture, suffix=".exr", count=1)
    _, code, message, _ = refused(put_in(plate, "cryptomatte:crate", "--space", LINEAR))
    assert (code, "no Cryptomatte" in message) == ("E_MATTE_MISSING", True)
    png = written(tmp_path / "plate", "box", picture, count=1)
    _, code, message, _ = refused(put_in(png, "cryptomatte:crate", "--space", SRGB))
    assert (code, "no Cryptomatte" in message) == ("E_MATTE_MISSING", True)


def grey(index: int) -> np.ndarray:
    return np.repeat((matte(index) * 255).astype(np.uint8), 3, axis=2)


@pytest.mark.some(2)
@pytest.mark.parametrize("suffix", ["mov", "mp4"])
def test_a_matte_may_be_a_grey_movie(put_in, cuts, tmp_path: Path, suffix):
    plate = written(tmp_path / "plate", "box", picture)
    movie = cuts.write_movie(tmp_path / f"roto.{suffix}", [grey(n) for n in range(COUNT)])
    said = put_in(plate, movie, "--space", SRGB)
    assert said.code == 0, said
    answer = said.json
    assert answer["plate"]["matte"]["frames"] == [0, COUNT - 1]
    assert "its frame 0 is laid on frame 1001" in " ".join(answer["said"])
    for index, soft in enumerate(mattes_of(answer)):
        inner = tuple(slice(s.start - 2, s.stop + 2) for s in box(index))
        assert (soft[inner] > 0.99).all()
        assert not soft[matte(index)[..., 0] == 0].any()


@pytest.mark.long
def test_a_movie_of_colours_is_no_matte_until_a_channel_is_named(put_in, cuts, tmp_path: Path):
    plate = written(tmp_path / "plate", "box", picture, count=2)
    red = [grey(n) * np.array([1, 0, 0], np.uint8) for n in range(2)]
    movie = cuts.write_movie(tmp_path / "roto.mov", red)
    _, code, message, hint = refused(put_in(plate, movie, "--space", SRGB))
    assert (code, "R, G, B" in hint) == ("E_MATTE_MISSING", True)
    assert "which channel" in message
    said = put_in(plate, movie, "--space", SRGB, "--matte-channel", "R")
    assert said.code == 0, said
    assert said.json["plate"]["matte"]["channel"] == "channel:R"


def test_a_matte_movie_of_another_length_is_refused_in_plain_words(put_in, cuts, tmp_path: Path):
    plate = written(tmp_path / "plate", "box", picture)
    movie = cuts.write_movie(tmp_path / "roto.mov", [grey(n) for n in range(COUNT - 2)])
    _, code, message, hint = refused(put_in(plate, movie, "--space", SRGB))
    assert code == "E_FRAMES_MISSING"
    assert message == (
        "the matte has 4 frames (0 to 3), and 1001 to 1006 of the plate are asked for"
    )
    assert hint
    wide = [np.pad(grey(n), ((0, 0), (0, 16), (0, 0))) for n in range(COUNT)]
    movie = cuts.write_movie(tmp_path / "wide.mov", wide)
    _, code, message, _ = refused(put_in(plate, movie, "--space", SRGB))
    assert code == "E_TURNOVER"
    assert message == f"the matte is {WIDE + 16} x {HIGH} and the plate {WIDE} x {HIGH}"


def test_a_matte_that_ends_too_soon_is_named_with_the_frames_it_lacks(put_in, tmp_path: Path):
    plate = written(tmp_path / "plate", "box", picture)
    late = written(tmp_path / "late", "roto", matte, first=1003)
    _, code, message, _ = refused(put_in(plate, late, "--space", SRGB))
    assert code == "E_FRAMES_MISSING"
    assert "roto.%04d.png" in message
    assert "1001-1002" in message
    said = put_in(plate, late, "--space", SRGB, "--frames", "1003-1006")
    assert said.code == 0, said


def test_the_plates_own_alpha_is_the_matte(put_in, tmp_path: Path):
    plate = tmp_path / "keyed.0001.exr"
    soft = matte(0)
    pixels = np.dstack((picture(0) * soft, soft)).astype(np.float16)
    write_exr(plate, pixels, ("R", "G", "B", "A"), Attributes(space=LINEAR))
    said = put_in(plate, "alpha")
    assert said.code == 0, said
    assert (mattes_of(said.json)[0] == soft[..., 0]).all()
    plain = written(tmp_path / "plain", "box", picture, suffix=".exr", count=1)
    _, code, message, hint = refused(put_in(plain, "alpha", "--space", LINEAR))
    assert (code, "'A'" in message, "R, G, B" in hint) == ("E_MATTE_MISSING", True, True)


def test_footage_is_put_in_frame_for_frame(su, cuts, tmp_path: Path):
    plate = written(tmp_path / "plate", "box", picture, count=3)
    roto = written(tmp_path / "roto", "roto", matte, count=3)
    clean = [(wall() * 255 * (0.6 + 0.1 * n)).astype(np.uint8) for n in range(10)]
    movie = cuts.write_movie(tmp_path / "clean.mov", clean)
    words = ("plate", "--plate", plate, "--matte", roto, "--space", SRGB, "--option", "follow=off",
             "--option", "match=0.0", "--by", "Kim", "--json")  # fmt: skip
    said = su(*words, "--reference", f"{movie}:2-4", "--out", tmp_path / "out")
    assert said.code == 0, said
    levels = [
        read_still(path, channels=("R", "G", "B")).pixels[box(n)].mean()
        for n, path in enumerate(sorted(Path(said.json["version"]["path"]).glob("exr/*")))
    ]
    assert levels[0] < levels[1] < levels[2]
    said = su(*words, "--reference", f"{movie}:8-12", "--out", tmp_path / "other")
    _, code, message, _ = refused(said)
    assert code == "E_FRAMES_MISSING"
    assert "0 to 9, not 12" in message


@pytest.mark.long
def test_plate_and_matte_may_be_the_very_same_media(put_in, tmp_path: Path):
    plate = tmp_path / "keyed.0001.exr"
    soft = matte(0)
    write_exr(plate, np.dstack((picture(0) * soft, soft)).astype(np.float16), ("R", "G", "B", "A"),
              Attributes(space=LINEAR))  # fmt: skip
    said = put_in(plate, "alpha", "--space", LINEAR, "--matte-space", LINEAR)
    assert said.code == 0, said
    assert (mattes_of(said.json)[0] == soft[..., 0]).all()
    made = read_plate(next(Path(said.json["version"]["path"]).glob("exr/*"))).half()
    assert (made[..., :3] != read_plate(plate).half()[..., :3])[box(0)].any()


@pytest.mark.long
def test_a_matte_that_comes_for_one_frame_only_is_a_matte(put_in, tmp_path: Path):
    plate = written(tmp_path / "plate", "box", picture, count=10)
    shown = written(
        tmp_path / "roto", "roto", lambda n: matte(1) * (n == 1), count=10
    )  # no frame at a quarter, the middle, three quarters or an end
    said = put_in(plate, shown, "--space", SRGB)
    assert said.code == 0, said
    assert "empty in 9 frames" in " ".join(said.json["takes"][0]["remarks"])
    told = json.loads((Path(said.json["version"]["path"]) / "receipt.json").read_text())
    changed = [one["frame"] for one in told["frames"] if one["changed_inside"]]
    assert changed == [1002]


@pytest.mark.parametrize("covers", [True, False])
def test_one_full_frame_is_remarked_on_wherever_it_is(put_in, tmp_path: Path, covers: bool):
    plate = written(tmp_path / "plate", "box", picture, count=10)
    roto = written(tmp_path / "roto", "roto", lambda n: matte(0) if n != 3 or not covers
                   else np.ones((HIGH, WIDE, 1), np.float32), count=10)  # fmt: skip
    said = put_in(plate, roto, "--space", SRGB)
    assert said.code == 0, said
    words = " ".join(said.json["takes"][0]["remarks"])
    assert ("W_MATTE_FULL" in words) == covers
    assert ("in frame 1004;" in words) == covers


@pytest.mark.long
def test_the_colour_of_a_matte_is_nobodys_business_but_its_range_is(put_in, tmp_path: Path):
    plate = written(tmp_path / "plate", "box", picture, suffix=".exr", count=1)
    for scale in (1, 255):
        roto = tmp_path / f"roto{scale}.exr"
        write_exr(roto, (matte(0) * scale).astype(np.float16), ("Y",), Attributes(space="ACEScg"))
        said = put_in(str(plate) % 1001, roto, "--space", LINEAR)
        assert said.code == 0, said
        words = " ".join(said.json["takes"][0]["remarks"])
        assert "ACEScg" not in words
        assert ("holds values up to 255" in words) == (scale == 255)
    for name, pixels in (("roto", matte(0)), ("other", 1 - matte(0))):
        untagged = str(written(tmp_path, name, lambda _, made=pixels: made, count=1)) % 1001
        said = put_in(str(plate) % 1001, untagged, "--space", LINEAR)
        words = " ".join(said.json["takes"][0]["remarks"])
        assert "1001.png" not in words
        assert ("is it inverted?" in words) == (name == "other")


def test_no_more_of_a_plate_is_read_for_its_matte_than_the_matte(put_in, tmp_path: Path):
    plate = with_cryptomatte(tmp_path / "render", 2)
    seen: dict[str, tuple[str, ...]] = {}
    for words in ("cryptomatte:crate_hero", "channel:G"):
        element = Element(Role.matte, Media(FrameRange(1001, 1002, 24), str(plate)), words)
        asked = replace(ask(Slate()).plan.turnover, elements=(element,))
        found = matte_of(asked, lambda media: open_footage(media, decide=lambda *_: ("Raw", "")))
        seen[words] = tuple(found.footage.channels)
        assert found.source.soft(1001).shape == (HIGH, WIDE)
        found.footage.close()
    ranks = tuple(f"CryptoObject0{rank}.{part}" for rank in range(2) for part in "RGBA")
    assert seen == {"cryptomatte:crate_hero": ranks, "channel:G": ("G",)}


@pytest.mark.long
def test_a_cryptomatte_in_a_part_of_its_own_is_found(put_in, tmp_path: Path):
    source = with_cryptomatte(tmp_path / "render", 2)
    for index in range(2):
        whole = oiio.ImageInput.open(str(source) % (1001 + index))
        spec = whole.spec()
        ranks = whole.read_image(0, 0, 3, 11, "float")
        said = {a.name: a.value for a in spec.extra_attribs if a.name.startswith("cryptomatte/")}
        whole.close()
        write(tmp_path / f"parts.{1001 + index}.exr", [
            ("rgba", ("R", "G", "B"), picture(index).astype("f2"), {}),
            ("crypto", tuple(spec.channelnames[3:]), ranks, said),
        ])  # fmt: skip
    said = put_in(tmp_path / "parts.%04d.exr", "cryptomatte:crate_hero")
    assert said.code == 0, said
    for index, soft in enumerate(mattes_of(said.json)):
        assert (soft[matte(index)[..., 0] > 0] >= 0.5).all()
        assert not soft[matte(index)[..., 0] == 0].any()
