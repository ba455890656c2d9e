"""Content credentials: every change to a marked file is found, a changed plate below it too."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from secondunit.packet.authority import KeyElsewhere, authority
from secondunit.packet.check import file_items
from secondunit.packet.credentials import (
    Claim,
    Ingredient,
    Marker,
    created,
    edited,
    opened,
    sidecar_of,
)
from secondunit.stage.marking import still_whole
from secondunit_bridge.errors import MediaChanged
from tiny_movie import tiny_movie

SAID = Claim("A title", (created("trainedAlgorithmicMedia"),), {"id": "abcd.1", "n": 7})


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def picture(path: Path, seed: int = 0) -> Path:
    pixels = np.random.default_rng(seed).integers(0, 255, (54, 96, 3), dtype=np.uint8)
    assert cv2.imwrite(str(path), pixels)
    return path


def paper(path: Path) -> Path:
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path))
    canvas.drawString(72, 720, "A page of a packet")
    canvas.save()
    return path


MADE: dict[str, Callable[[Path], Path]] = {
    ".png": picture, ".jpg": picture, ".tif": picture, ".mov": tiny_movie, ".mp4": tiny_movie,
    ".pdf": paper,
}  # fmt: skip


def flipped(path: Path, needle: bytes = b"") -> None:
    """One bit of the file, in its middle or inside what is named."""
    data = bytearray(path.read_bytes())
    data[data.index(needle) if needle else middle(path, data)] ^= 1
    path.write_bytes(data)


def middle(path: Path, data: bytearray) -> int:
    """A byte of the picture itself: credentials lie near one end."""
    marks = {".png": b"IDAT", ".mov": b"mdat", ".mp4": b"mdat", ".pdf": b"/Font"}
    mark = marks.get(path.suffix)
    if path.suffix == ".jpg":
        return data.rindex(b"\xff\xda") + 40
    return data.index(mark) + 12 if mark else len(data) // 2


@pytest.mark.parametrize("suffix", MADE)
def test_one_bit_of_a_marked_file_is_found_in_every_kind(tmp_path: Path, keys: Path, suffix: str):
    marker, path = Marker(keys), MADE[suffix](tmp_path / f"shot{suffix}")
    marker.embed(path, SAID)
    whole = marker.read(path)
    assert (whole.word, whole.facts) == ("trusted", dict(SAID.facts))
    whole_bytes = path.read_bytes()
    flipped(path)
    assert marker.read(path).word == "invalid"
    (item,) = file_items(path, keys)
    changed = f"shot{suffix} cannot be trusted: it was changed after it was signed."
    assert (item.state, item.sentence) == ("changed", changed)
    path.write_bytes(whole_bytes)
    flipped(path, b"abcd.1")
    (item,) = file_items(path, keys)
    assert "what its credential says was changed" in item.sentence


@pytest.mark.parametrize("change", ["one bit", "a byte more", "a byte less"])
def test_an_exr_is_signed_beside_it_and_every_change_is_found(
    tmp_path: Path, keys: Path, change: str
):
    marker, path = Marker(keys), tmp_path / "frame.1001.exr"
    path.write_bytes(b"v/1\x01" + bytes(range(256)) * 16)
    marker.beside(path, SAID)
    assert marker.read(path).word == "trusted"
    data = bytearray(path.read_bytes())
    if change == "one bit":
        data[99] ^= 1
    path.write_bytes({"a byte more": data + b"x", "a byte less": data[:-1]}.get(change, data))
    assert [item.state for item in file_items(sidecar_of(path), keys)] == ["changed"]
    path.unlink()
    assert [item.state for item in file_items(sidecar_of(path), keys)] == ["missing"]


def test_a_picture_made_from_a_changed_plate_is_not_trusted_and_the_plate_is_named(
    tmp_path: Path, keys: Path
):
    marker = Marker(keys)
    for seed, name in enumerate(("whole.png", "changed.png", "a.png", "b.png")):
        picture(tmp_path / name, seed)
    for name in ("whole.png", "changed.png"):
        marker.embed(tmp_path / name, SAID)
    flipped(tmp_path / "changed.png")
    for name, plate in (("a.png", "whole.png"), ("b.png", "changed.png")):
        parent = Ingredient(tmp_path / plate, "parentOf", "plate")
        done = (opened("plate"), edited("compositeWithTrainedAlgorithmicMedia", "in the matte"))
        marker.embed(tmp_path / name, Claim(name, done, {}, (parent,)))
    assert marker.read(tmp_path / "a.png").word == "trusted"
    (item,) = file_items(tmp_path / "b.png", keys)
    assert (item.state, item.sentence) == (
        "changed",
        "b.png cannot be trusted: changed.png, which it was made from, was changed after it was"
        " signed.",
    )


def test_a_damaged_picture_two_generations_back_is_named_too(tmp_path: Path, keys: Path):
    marker = Marker(keys)
    for seed, name in enumerate(("scan.png", "plate.png", "shot.png", "clean.png")):
        picture(tmp_path / name, seed)
    marker.embed(tmp_path / "scan.png", SAID)
    for name, source in (("clean.png", "scan.png"), ("plate.png", "scan.png"),
                         ("shot.png", "plate.png")):  # fmt: skip
        if name == "plate.png":
            flipped(tmp_path / "scan.png")
        parent = Ingredient(tmp_path / source, "parentOf", "plate")
        done = (opened("plate"), edited("compositeWithTrainedAlgorithmicMedia", "in the matte"))
        marker.embed(tmp_path / name, Claim(name, done, {}, (parent,)))
    assert marker.read(tmp_path / "clean.png").word == "trusted"
    (item,) = file_items(tmp_path / "shot.png", keys)
    assert (item.state, "scan.png, which it was made from" in item.sentence) == ("changed", True)


def test_what_was_shot_from_a_plate_that_was_changed_since_is_not_published(
    tmp_path: Path, keys: Path
):
    marker = Marker(keys)
    plate, movie = picture(tmp_path / "plate.png"), tiny_movie(tmp_path / "review.mov")
    marker.embed(plate, SAID)
    done = (opened("plate"), edited("compositeWithTrainedAlgorithmicMedia", "in the matte"))
    claim = Claim("review", done, {}, (Ingredient(plate, "parentOf", "plate"),))
    order = SimpleNamespace(taken={"generation": {"credentials": {str(plate): "Trusted"}}})
    marker.embed(movie, claim)
    still_whole(marker, movie, order)  # type: ignore[arg-type]  # all that is asked of an order
    flipped(plate)
    marker.embed(tiny_movie(movie), claim)
    with pytest.raises(MediaChanged, match=r"plate\.png, which the take was made from"):
        still_whole(marker, movie, order)  # type: ignore[arg-type]  # as above
    known = SimpleNamespace(taken={"generation": {"credentials": {str(plate): "Invalid"}}})
    still_whole(marker, movie, known)  # type: ignore[arg-type]  # the gate was asked of that


def test_another_facilitys_signature_is_whole_but_unknown_and_no_credential_is_said(
    tmp_path: Path, keys: Path
):
    path = picture(tmp_path / "shot.png")
    assert [item.state for item in file_items(path, keys)] == ["untrusted"]
    Marker(tmp_path / "elsewhere").embed(path, SAID)
    verdict = Marker(keys).read(path)
    assert (verdict.word, verdict.whole) == ("unknown", True)
    (item,) = file_items(path, keys)
    assert "whose certificate is not held here" in item.sentence


def test_the_facilitys_keys_are_made_once_and_are_its_owners_alone(tmp_path: Path, keys: Path):
    Marker(keys).embed(picture(tmp_path / "a.png"), SAID)
    held = {path.name: path.read_bytes() for path in (keys / "facility").iterdir()}
    Marker(keys).embed(picture(tmp_path / "b.png"), SAID)
    assert held == {path.name: path.read_bytes() for path in (keys / "facility").iterdir()}
    assert stat.S_IMODE((keys / "facility" / "leaf.key").stat().st_mode) == 0o600
    assert b"PRIVATE" not in held["root.pem"] + held["chain.pem"]


def test_a_studios_key_service_signs_and_its_key_never_comes_here(tmp_path: Path, keys: Path):
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, utils
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    theirs = authority(tmp_path / "studio")
    key = load_pem_private_key(theirs.key, password=None)
    asked = []

    def sign(data: bytes) -> bytes:
        asked.append(len(data))
        r, s = utils.decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    path = picture(tmp_path / "shot.png")
    service = Marker(keys, KeyElsewhere(theirs.root, theirs.chain, sign))
    service.embed(path, SAID)
    assert asked
    assert service.read(path).word == "trusted"
    assert Marker(keys).read(path).word == "unknown"
    assert not keys.exists()


def test_a_damaged_sidecar_never_says_anything_else_than_what_was_signed(
    tmp_path: Path, keys: Path
):
    marker, path = Marker(keys), tmp_path / "list.json"
    path.write_bytes(b'{"files":[]}')
    whole = marker.beside(path, SAID).read_bytes()
    for at in range(0, len(whole), 97):
        data = bytearray(whole)
        data[at] ^= 1
        sidecar_of(path).write_bytes(data)
        verdict = marker.read(path)  # padding is under no signature: there it may stay trusted
        assert not verdict.whole or verdict.facts == dict(SAID.facts), at
    for length in (0, 1, 100, len(whole) - 1):
        sidecar_of(path).write_bytes(whole[:length])
        assert not marker.read(path).whole, length
