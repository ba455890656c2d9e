"""Cryptomatte: objects by name, from ids that must survive the disk bit for bit."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from secondunit.contract.matte import MatteSource
from secondunit.media.cryptomatte import Layer, id_of, layers, murmur3, select
from secondunit.media.open import open_footage
from secondunit.media.plates import read_plate, write_plate
from secondunit.media.stills import still_facts
from secondunit_bridge.errors import MatteMissing, MediaDamaged
from secondunit_bridge.film import Media
from secondunit_bridge.timing import FrameRange

NAMES = ("hero_door", "hero_lamp", "floor", "Straße 7")
RANKS = tuple(f"CryptoObject{rank:02}.{part}" for rank in range(2) for part in "RGBA")


@pytest.mark.parametrize(
    ("text", "seed", "is_hash"),
    [
        ("", 0, 0),
        ("", 1, 0x514E28B7),
        ("hello", 0, 0x248BFA47),
        ("hello, world", 0, 0x149BBB7F),
        ("The quick brown fox jumps over the lazy dog", 0, 0x2E4FF723),
        ("aaaa", 0x9747B28C, 0x5A97808A),
        ("a", 0x9747B28C, 0x7FA09EA6),
    ],
)
def test_the_hash_is_murmur_three(text, seed, is_hash):
    assert murmur3(text.encode(), seed) == is_hash


@given(st.text())
def test_an_id_is_always_a_plain_float(name):
    value = np.array([id_of(name)], np.uint32).view(np.float32)
    assert np.isfinite(value[0])
    assert abs(value[0]) >= np.finfo(np.float32).tiny


def test_names_whose_hash_would_be_no_number_get_another_exponent():
    found = [n for n in map(str, range(2000)) if murmur3(n.encode()) >> 23 & 255 in (0, 255)]
    assert found  # about one in 128
    assert all(id_of(name) != murmur3(name.encode()) for name in found)


def picture() -> np.ndarray:
    """Four objects in quarters; in column 4 two of them share each pixel."""
    pixels = np.zeros((6, 9, 8), np.float32)
    ids = np.array([id_of(name) for name in NAMES], np.uint32).view(np.float32)
    pixels[:3, :4, 0], pixels[:3, 5:, 0] = ids[0], ids[1]
    pixels[3:, :4, 0], pixels[3:, 5:, 0] = ids[2], ids[3]
    pixels[..., 1] = 1
    pixels[:3, 4, 0], pixels[:3, 4, 1] = ids[0], 0.75
    pixels[:3, 4, 2], pixels[:3, 4, 3] = ids[1], 0.25
    pixels[3:, 4, 0], pixels[3:, 4, 1] = ids[2], 0.5
    pixels[3:, 4, 4], pixels[3:, 4, 5] = ids[3], 0.5
    return pixels


def written(folder: Path, *, manifest: bool = True, beside: bool = False) -> Path:
    path = folder / "render.0001.exr"
    half = ("R", "G", "B")
    spec = oiio.ImageSpec(9, 6, 11, "float")
    spec.channelnames = (*half, *RANKS)
    spec.channelformats = (oiio.TypeDesc("half"),) * 3 + (oiio.TypeDesc("float"),) * 8
    spec.attribute("cryptomatte/f834d0a/name", "CryptoObject")
    spec.attribute("cryptomatte/f834d0a/hash", "MurmurHash3_32")
    spec.attribute("cryptomatte/f834d0a/conversion", "uint32_to_float32")
    told = json.dumps({name: f"{id_of(name):08x}" for name in NAMES})
    if manifest and not beside:
        spec.attribute("cryptomatte/f834d0a/manifest", told)
    if beside:
        spec.attribute("cryptomatte/f834d0a/manif_file", "names.json")
        (folder / "names.json").write_text(told, "utf-8")
    output = oiio.ImageOutput.create(str(path))
    output.open(str(path), spec)
    output.write_image(np.concatenate([np.full((6, 9, 3), 0.5, np.float32), picture()], 2))
    output.close()
    return path


def matte(path: Path, *names: str, layer: str = "") -> np.ndarray:
    media = Media(FrameRange(1, 1, 24), str(path), channels=(), space="ACEScg")
    with open_footage(media) as footage:
        found = layers(still_facts(path).attributes, path)
        return MatteSource.cryptomatte(footage, names, found, layer=layer).soft(1)


@pytest.mark.parametrize("how", ["in the file", "beside it", "nowhere"])
def test_an_object_is_chosen_by_name_with_its_soft_edge(how, tmp_path: Path):
    path = written(tmp_path, manifest=how == "in the file", beside=how == "beside it")
    door = matte(path, "hero_door")
    assert (door[:3, :4] == 1).all()
    assert (door[:3, 4] == 0.75).all()
    assert not door[3:].any()
    assert not door[:, 5:].any()
    street = matte(path, "Straße 7")
    assert (street[3:, 4] == 0.5).all()
    assert street.sum() == 3 * 4 + 1.5


def test_several_objects_and_patterns_add_up(tmp_path: Path):
    path = written(tmp_path)
    assert np.array_equal(matte(path, "hero_*"), matte(path, "hero_door", "hero_lamp"))
    assert (matte(path, "hero_*")[:3] == 1).all()
    assert (matte(path, "*") == 1).all()


def test_an_object_that_is_not_there_names_those_near_to_it(tmp_path: Path):
    with pytest.raises(MatteMissing) as caught:
        matte(written(tmp_path), "hero_dor")
    assert "hero_door" in caught.value.hint
    assert caught.value.code == "E_MATTE_MISSING"
    with pytest.raises(MatteMissing, match="no Cryptomatte 'CryptoAsset'"):
        matte(written(tmp_path), "floor", layer="CryptoAsset")


def test_a_name_nobody_has_is_an_empty_matte_where_there_is_no_manifest(tmp_path: Path):
    path = written(tmp_path, manifest=False)
    media = Media(FrameRange(1, 1, 24), str(path), channels=(), space="ACEScg")
    with open_footage(media) as footage:
        found = layers(still_facts(path).attributes)
        source = MatteSource.cryptomatte(footage, ["nobody"], found)
        with pytest.raises(MatteMissing, match="Cryptomatte CryptoObject: nobody"):
            source.check_covers([1])


def test_a_picture_without_cryptomatte_or_a_broken_manifest_is_refused():
    assert layers({"PixelAspectRatio": "1"}) == ()
    with pytest.raises(MatteMissing, match="has no Cryptomatte"):
        select((), ("door",))
    with pytest.raises(MatteMissing, match="no object was named"):
        select((Layer("CryptoObject"),), ())
    for text in ("{", "[1]", '{"a": "xyz"}', "[" * 100_000):
        with pytest.raises(MediaDamaged):
            layers({"cryptomatte/1/name": "A", "cryptomatte/1/manifest": text})


def test_a_manifest_is_never_read_from_another_folder(tmp_path: Path):
    (tmp_path / "secret.json").write_text('{"door": "1"}')
    (tmp_path / "in").mkdir()
    said = {"cryptomatte/1/name": "A", "cryptomatte/1/manif_file": "../secret.json"}
    assert not layers(said, tmp_path / "in" / "p.exr")[0].manifest


def test_ids_and_manifest_come_through_a_delivered_plate_bit_for_bit(tmp_path: Path):
    path = written(tmp_path)
    plate = read_plate(path)
    assert plate.planes[RANKS[0]].dtype == np.float32
    changed = plate.with_colour(np.zeros((6, 9, 3), np.float16))
    write_plate(tmp_path / "out.exr", changed)
    assert np.array_equal(matte(tmp_path / "out.exr", "hero_*"), matte(path, "hero_*"))
    back = read_plate(tmp_path / "out.exr")
    for name in RANKS:
        assert back.planes[name].tobytes() == plate.planes[name].tobytes()
