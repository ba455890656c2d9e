"""The matte contract: bit for bit outside, whatever the plate holds and the generator gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from secondunit.contract.matte import Coverage, MatteSource, merge, protect
from secondunit.media.footage import Picture
from secondunit.media.plates import PlateFrame, read_plate
from secondunit_bridge.errors import BrokenFrames, MatteMissing, TurnoverRejected
from secondunit_bridge.timing import FrameRange

RGB = ("R", "G", "B")


def bits(pixels):
    return np.ascontiguousarray(pixels).view(f"u{pixels.dtype.itemsize}")


def all_halves(rows: int = 256) -> np.ndarray:
    """Every half float there is, NaN payloads and negative zeros too, as RGBA."""
    every = np.arange(65536, dtype=np.uint16).view(np.float16)
    return np.stack([np.roll(every, shift) for shift in (0, 1, 2, 3)], -1).reshape(rows, -1, 4)


def disc(rows: int, columns: int, radius: float) -> np.ndarray:
    y, x = np.mgrid[:rows, :columns]
    far = np.hypot(y - rows / 2, x - columns / 2)
    return np.clip((radius - far) / 4 + 0.5, 0, 1).astype(np.float32)


HOSTILE = {
    "nothing but NaN": lambda rows, columns: np.full((rows, columns, 3), np.nan, np.float32),
    "infinity": lambda rows, columns: np.full((rows, columns, 3), -np.inf, np.float32),
    "changed everywhere": lambda rows, columns: np.full((rows, columns, 3), 7e30, np.float32),
    "negative alpha": lambda rows, columns: np.full((rows, columns, 4), -3, np.float32),
    "alpha of NaN": lambda rows, columns: np.full((rows, columns, 4), np.nan, np.float32),
    "alpha without end": lambda rows, columns: np.full((rows, columns, 4), np.inf, np.float32),
    "noise": lambda rows, columns: (
        np.random.default_rng(3).normal(size=(rows, columns, 4)).astype(np.float32)
    ),
}


@pytest.mark.parametrize("zone", [0, 8])
@pytest.mark.parametrize("kind", HOSTILE)
def test_outside_the_matte_every_bit_is_the_plates_whatever_the_generator_gives(kind, zone):
    plate, soft = all_halves(), disc(256, 256, 60)
    protected = protect(soft, zone)
    merged = merge(plate, ("R", "G", "B", "A"), HOSTILE[kind](256, 256), soft, protected)
    assert (bits(merged) == bits(plate))[protected].all()
    assert protected.sum() > 256 * 256 / 2
    changed = (bits(merged) != bits(plate)).any(-1)
    assert np.isfinite(merged[changed][..., :3]).all()
    assert changed.any() or kind in ("negative alpha", "alpha of NaN")


def test_a_full_matte_takes_the_generated_picture_and_a_soft_one_mixes():
    plate = np.full((1, 4, 3), 1.0, np.float16)
    soft = np.array([[0, 0.25, 0.5, 1]], np.float32)
    merged = merge(plate, RGB, np.full((1, 4, 3), 3.0, np.float32), soft, soft == 0)
    assert merged[0, :, 0].tolist() == [1.0, 1.5, 2.0, 3.0]


def test_a_plate_of_nan_can_be_repaired_where_the_matte_is_full_and_mixes_as_black_where_soft():
    plate = np.full((1, 2, 3), np.nan, np.float16)
    soft = np.array([[1, 0.5]], np.float32)
    merged = merge(plate, RGB, np.full((1, 2, 3), 2.0, np.float32), soft, soft == 0)
    assert merged[0, :, 0].tolist() == [2.0, 1.0]


def test_channels_the_generator_does_not_make_pass_bit_for_bit_inside_the_matte_too():
    plate = all_halves()
    merged = merge(
        plate, ("Z", "R", "G", "B"), np.ones((256, 256, 3), np.float32),
        np.ones((256, 256), np.float32), np.zeros((256, 256), bool),
    )  # fmt: skip
    assert (bits(merged[..., 0]) == bits(plate[..., 0])).all()
    assert (merged[..., 1:] == 1).all()


def test_what_is_generated_is_opaque_over_a_transparent_plate_and_stays_opaque_over_a_full_one():
    plate = np.zeros((1, 2, 4), np.float16)
    plate[0, 1, 3] = 1
    soft = np.full((1, 2), 0.7, np.float32)
    merged = merge(plate, (*RGB, "A"), np.ones((1, 2, 3), np.float32), soft, soft == 0)
    assert merged[0, :, 3].tolist() == [np.float16(0.7), 1.0]
    assert merged[0, 0, 0] == np.float16(0.7)  # associated: as much light as coverage


def test_a_finished_picture_is_as_opaque_as_it_says():
    plate = np.zeros((1, 4, 4), np.float16)
    plate[0, 2:, 3] = 1
    soft = np.ones((1, 4), np.float32)
    says = np.array([[0, 0.5, np.nan, 7]], np.float32)
    picture = np.full((1, 4, 3), 0.2, np.float32)
    merged = merge(plate, (*RGB, "A"), picture, soft, soft == 0, says)
    assert merged[0, :, 3].tolist() == [0, 0.5, 1, 1]
    with pytest.raises(BrokenFrames):
        merge(plate, (*RGB, "A"), picture, soft, soft == 0, says[:, :3])


def test_shapes_that_do_not_lie_over_each_other_are_refused():
    plate, soft = np.zeros((4, 4, 3), np.float16), np.ones((4, 4), np.float32)
    for picture in (np.zeros((4, 5, 3)), np.zeros((4, 4, 2)), np.zeros((4, 4))):
        with pytest.raises(BrokenFrames):
            merge(plate, RGB, picture.astype(np.float32), soft, soft == 0)
    with pytest.raises(TurnoverRejected, match="no channel R"):
        merge(plate, ("X", "G", "B"), np.zeros((4, 4, 3), np.float32), soft, soft == 0)


def test_the_edge_zone_reaches_equally_far_in_every_direction():
    soft = np.zeros((41, 41), np.float32)
    soft[20, 20] = 0.01
    free = ~protect(soft, 8)
    y, x = np.mgrid[:41, :41]
    assert (free == (np.hypot(y - 20, x - 20) <= 8)).all()
    assert (~protect(soft, 0)).sum() == 1
    assert protect(np.zeros((4, 4), np.float32), 8).all()
    assert protect(np.full((4, 4), np.nan, np.float32), 8).all()
    assert not protect(np.ones((4, 4), np.float32), 0).any()
    with pytest.raises(TurnoverRejected):
        protect(soft, -1)


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(0, 5), st.booleans())
def test_any_plate_matte_and_picture_keep_the_contract(seed, zone, own_alpha):
    rng = np.random.default_rng(seed)
    plate = rng.integers(0, 65536, (23, 31, 5), np.uint16).view(np.float16)
    soft = np.where(rng.random((23, 31)) < 0.1, rng.random((23, 31)), 0).astype(np.float32)
    picture = rng.integers(0, 2**32, (23, 31, 3 + own_alpha), np.uint32).view(np.float32)
    protected = protect(soft, zone)
    merged = merge(plate, ("R", "G", "B", "A", "Z"), picture, soft, protected)
    assert (bits(merged) == bits(plate))[protected].all()
    assert (bits(merged[..., 4]) == bits(plate[..., 4])).all()


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_the_beach_ball_keeps_all_twenty_channels_outside_the_matte(number, data: Path):
    plate = read_plate(data / "exr" / "plates" / f"beachball.{number:04}.exr")
    half = plate.half()
    soft = disc(*half.shape[:2], 120)
    protected = protect(soft, 6)
    gone = merge(half, plate.colour, np.full((*half.shape[:2], 3), 0.2, np.float32), soft,
                 protected)  # fmt: skip
    result = plate.with_colour(gone)
    assert len(plate.channels) == 20
    for name in plate.channels:
        same = bits(result.planes[name]) == bits(plate.planes[name])
        assert same[protected].all()
        assert same.all() or name in plate.colour
    assert not (bits(result.planes["G"]) == bits(plate.planes["G"])).all()


class Frames:
    """Footage of arrays. Implements ``Footage``."""

    space = "Raw"

    def __init__(self, pictures, channels, first: int = 1) -> None:
        self.pictures, self.channels = [np.asarray(p, np.float32) for p in pictures], channels
        self.frames = FrameRange(first, first + len(pictures) - 1, 24)
        self.height, self.width = self.pictures[0].shape[:2]

    def frame(self, number: int) -> Picture:
        return self.pictures[number - self.frames.first]


def test_a_matte_comes_from_alpha_a_channel_or_a_sequence_of_its_own():
    ramp = np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4, 1)
    rgba = np.concatenate([np.ones((3, 4, 3)), ramp], 2)
    assert np.allclose(MatteSource.alpha(Frames([rgba], (*RGB, "A"))).soft(1), ramp[..., 0])
    named = Frames([rgba], ("a", "b", "c", "roto.matte"))
    assert np.allclose(MatteSource.channel(named, "roto.matte").soft(1), ramp[..., 0])
    assert np.allclose(MatteSource.separate(named).soft(1), ramp[..., 0])
    assert np.allclose(MatteSource.separate(Frames([ramp], ("Y",))).soft(1), ramp[..., 0])
    grey = Frames([np.repeat(ramp, 3, 2)], RGB)
    assert np.allclose(MatteSource.separate(grey).soft(1), ramp[..., 0])
    assert np.allclose(MatteSource.separate(Frames([rgba], (*RGB, "A"))).soft(1), ramp[..., 0])


def test_a_picture_of_colours_or_a_channel_that_is_not_there_is_no_matte():
    colours = Frames([np.random.default_rng(0).random((3, 4, 3))], RGB)
    with pytest.raises(MatteMissing, match="picture of colours"):
        MatteSource.separate(colours)
    with pytest.raises(MatteMissing) as caught:
        MatteSource.alpha(colours)
    assert caught.value.data["channels"] == ["R", "G", "B"]


def test_a_matte_is_made_whole_and_noise_below_a_code_is_nothing():
    values = np.array([[[np.nan], [-1], [2], [0.0005], [0.002], [np.inf]]])
    soft = MatteSource.separate(Frames([values], ("Y",))).soft(1)
    assert soft.tolist() == [[0, 0, 1, 0, np.float32(0.002), 1]]


def test_an_empty_matte_is_an_error_and_never_the_whole_frame():
    with pytest.raises(MatteMissing, match="is empty in all 2 frames") as caught:
        MatteSource.separate(Frames([np.zeros((3, 4, 1))] * 2, ("Y",))).check_covers([1, 2])
    assert caught.value.code == "E_MATTE_MISSING"
    assert caught.value.data["coverage"] == 0


def test_a_matte_over_the_whole_frame_and_frames_without_one_are_remarked_on():
    found = Coverage({1: 1.0, 2: 0.0, 3: 0.25})
    assert found.remarks[0].startswith("W_MATTE_FULL: the matte covers 100% of the picture")
    assert "empty in frame 2" in found.remarks[1]
    assert not Coverage({3: 0.25}).remarks


def test_a_zone_that_leaves_hardly_anything_protected_is_remarked_on_though_the_matte_is_small():
    (said,) = Coverage({1: 0.25, 2: 0.2}, {1: 0.97, 2: 0.6}, 24).remarks
    assert said == (
        "W_MATTE_FULL: the matte covers 25%, 97% with its edge zone of 24 pixels, of the picture in"
        " frame 1; hardly anything is protected there"
    )
    assert not Coverage({1: 0.25, 2: 0.2}, {1: 0.5, 2: 0.6}, 24).remarks


def test_one_frame_with_a_matte_is_enough_and_no_more_frames_are_read_than_must_be():
    pictures = Frames([np.zeros((3, 4, 1)), np.eye(4)[:3, :, None], np.zeros((3, 4, 1))], ("Y",))
    MatteSource.separate(pictures).check_covers([3, 1, 2])
    MatteSource.separate(pictures).check_covers(iter([2, 9]))  # there is no frame 9


def test_a_matte_of_0_to_255_or_with_black_and_white_exchanged_is_remarked_on():
    wide = np.zeros((6, 8, 1))
    wide[2:4, 2:5] = 255
    source = MatteSource.separate(Frames([wide, wide / 255], ("Y",)))
    source.soft(2)
    assert not source.remarks
    source.soft(1)
    (said,) = source.remarks
    assert "holds values up to 255" in said
    source = MatteSource.separate(Frames([1 - wide / 255], ("Y",)))
    source.soft(1)
    (said,) = source.remarks
    assert "is it inverted?" in said
    whole = MatteSource.separate(Frames([np.ones((6, 8, 1))], ("Y",)))
    whole.soft(1)
    assert not whole.remarks  # W_MATTE_FULL says it


def test_a_matte_of_one_frame_is_held():
    source = MatteSource.separate(Frames([np.ones((3, 4, 1))], ("Y",)))
    assert (source.soft(77) == 1).all()


def test_a_plate_of_floats_is_rounded_once_and_its_ids_are_not(data: Path):
    plate = read_plate(data / "exr" / "plates" / "beachball.0001.exr")
    wide = PlateFrame(
        {**plate.planes, "R": plate.planes["R"].astype(np.float32),
         "id": np.full(plate.planes["R"].shape, 2**32 - 2, np.uint32)},
        plate.windows,
    )  # fmt: skip
    assert (bits(wide.half()) == bits(plate.half())).all()
    assert wide.with_colour(wide.half()).planes["id"][0, 0] == 2**32 - 2
