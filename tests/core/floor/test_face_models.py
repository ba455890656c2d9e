"""A face model of one's own: ONNX files and their card, read, refused and looked with for real."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from secondunit.checks.faces.choosing import chosen_model, which_model
from secondunit.checks.faces.with_onnx import onnx_faces
from secondunit_bridge.errors import CardWrong, ModelMissing, ModelUntrusted, RightsRefused
from tiny_faces import shelf

WARM, COOL = (255, 230, 150), (150, 230, 255)


def square(colour: tuple[int, int, int], x: int = 64) -> np.ndarray:
    """A picture with a "face" of the tiny model's kind in it."""
    picture = np.full((352, 640, 3), 20, np.uint8)
    picture[96:128, x : x + 32] = colour
    return picture


@pytest.fixture(autouse=True)
def one_thread():
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    yield
    cv2.setNumThreads(before)


def test_a_model_of_ones_own_finds_faces_and_tells_them_apart(tmp_path: Path):
    model = onnx_faces(shelf(tmp_path), "commercial")
    (warm,), (again,), (cool,) = (
        model.find(picture, 3, 1280) for picture in (square(WARM), square(WARM, 320), square(COOL))
    )
    assert (warm.frame, warm.wide) == (3, 160)  # of the frame, which is twice as wide
    assert warm.region == pytest.approx((0.0625, 0.2045, 0.125, 0.2273), abs=1e-3)
    assert np.linalg.norm(warm.embedding) == pytest.approx(1)
    assert np.linalg.norm(warm.embedding - again.embedding) < 0.05
    assert np.linalg.norm(warm.embedding - cool.embedding) > model.limit
    assert model.find(np.full((352, 640, 3), 20, np.uint8), 0, 640) == []
    assert model.credit == "Looked at with Tiny, Apache-2.0."


def test_shots_looked_at_beside_each_other_see_what_each_sees_alone(tmp_path: Path):
    model = onnx_faces(shelf(tmp_path), "commercial")
    pictures = [square((WARM, COOL)[n % 2], 64 + 32 * (n % 8)) for n in range(120)]
    pictures = [np.ascontiguousarray(one[: 352 - 64 * (n % 3)]) for n, one in enumerate(pictures)]
    alone = [model.find(picture, 0, 640) for picture in pictures]
    assert all(alone)
    with ThreadPoolExecutor(8) as several:
        beside = list(several.map(lambda picture: model.find(picture, 0, 640), pictures))
    assert beside == alone
    for (one,), (other,) in zip(beside, alone, strict=True):
        assert np.array_equal(one.embedding, other.embedding)


@pytest.mark.parametrize(
    ("changes", "use", "error", "words"),
    [
        ({"licence": ""}, "commercial", CardWrong, "says no licence"),
        ({"licence": None}, "commercial", CardWrong, "licence"),
        ({"limit": 7}, "commercial", CardWrong, "0..2"),
        ({"find_sha256": "0" * 64}, "commercial", ModelUntrusted, "its sha256 is"),
        ({"licence": "CC-BY-NC-4.0"}, "commercial", RightsRefused, "excludes commercial use"),
    ],
)
def test_a_card_that_is_not_in_order_is_refused_in_plain_words(
    tmp_path: Path, changes, use, error, words
):
    with pytest.raises(error, match=words) as refused:
        onnx_faces(shelf(tmp_path, **changes), use)
    assert refused.value.hint


def test_what_may_not_be_sold_may_be_used_where_nothing_is(tmp_path: Path):
    model = onnx_faces(shelf(tmp_path, licence="CC-BY-NC-4.0"), "non-commercial")
    assert model.credit == "Looked at with Tiny, CC-BY-NC-4.0."


def test_a_card_or_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(CardWrong, match="no card of a face model"):
        onnx_faces(tmp_path / "faces.toml", "commercial")
    card = shelf(tmp_path)
    (tmp_path / "embed.onnx").unlink()
    with pytest.raises(ModelMissing, match=r"embed\.onnx"):
        onnx_faces(card, "commercial")


def test_a_file_that_is_no_model_is_refused(tmp_path: Path):
    import hashlib

    junk = b"this is no network" * 40
    card = shelf(tmp_path, embed_sha256=hashlib.sha256(junk).hexdigest())
    (tmp_path / "embed.onnx").write_bytes(junk)
    with pytest.raises(ModelUntrusted, match="cannot be read as a face model"):
        onnx_faces(card, "commercial")


def test_the_setting_chooses_the_model_and_names_it_before_it_is_loaded(
    tmp_path, places, monkeypatch
):
    monkeypatch.setenv("SECONDUNIT_FACE_MODEL", str(shelf(tmp_path)))
    model = chosen_model()
    assert model is not None
    assert model.name.startswith("Tiny ")
    one = which_model()
    shelf(tmp_path, limit=0.3)
    assert (len(one), which_model() == one) == (12, False)  # another card, another version
