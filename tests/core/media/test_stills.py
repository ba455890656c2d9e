"""Pictures in and out: every format, every window, nothing lost and nothing invented."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from secondunit.media.exr_time import pack_timecode, unpack_timecode
from secondunit.media.facts import Limits
from secondunit.media.stills import Attributes, read_still, still_facts, write_exr, write_still
from secondunit_bridge.errors import (
    BrokenFrames,
    CodecMissing,
    DiskFull,
    MediaDamaged,
    MediaOffline,
    NotPermitted,
    OverLimits,
    StoreError,
    TurnoverRejected,
)

RNG = np.random.default_rng(1)
RGB = ("R", "G", "B")


def foreign(path: Path, parts: list[dict]) -> Path:
    """An EXR as other programs write them: parts with their own windows, names and attributes."""
    specs = []
    for part in parts:
        pixels = part["pixels"]
        spec = oiio.ImageSpec(pixels.shape[1], pixels.shape[0], pixels.shape[2], oiio.HALF)
        spec.channelnames = part["names"]
        spec.x, spec.y = part.get("at", (0, 0))
        spec.full_x, spec.full_y, spec.full_width, spec.full_height = part.get(
            "display", (0, 0, pixels.shape[1], pixels.shape[0])
        )
        for name, value in part.get("attributes", {}).items():
            spec.attribute(name, value)
        specs.append(spec)
    out = oiio.ImageOutput.create(str(path))
    assert out.open(str(path), specs) if len(specs) > 1 else out.open(str(path), specs[0])
    for index, part in enumerate(parts):
        if index:
            assert out.open(str(path), specs[index], "AppendSubimage")
        assert out.write_image(part["pixels"])
    out.close()
    return path


def test_an_exr_comes_back_bit_for_bit_with_its_time_reel_and_colour(tmp_path):
    pixels = (RNG.standard_normal((45, 80, 4)) * 100).astype(np.float16)
    told = Attributes(
        space="ACEScg",
        rate=Fraction(24000, 1001),
        timecode=90262,
        reel="A001C003",
        notes={"take": "1f2e.1", "version": "TCC_0010_v003"},
    )
    write_exr(tmp_path / "a.1001.exr", pixels, ("R", "G", "B", "A"), told)
    still = read_still(tmp_path / "a.1001.exr")
    assert still.channels == ("R", "G", "B", "A")
    assert (still.pixels.astype(np.float16).view(np.uint16) == pixels.view(np.uint16)).all()
    assert still.space == "ACEScg"
    facts = still.facts
    assert (facts.timecode, facts.drop, facts.frames.rate) == (90262, False, Fraction(24000, 1001))
    assert (facts.dtype, facts.codec, facts.remarks) == ("float16", "openexr", ())
    attributes = still.attributes
    assert attributes["compression"] == "zip"
    assert attributes["reelName"] == "A001C003"
    assert attributes["FramesPerSecond"] == "(24000, 1001)"
    assert attributes["secondunit/take"] == "1f2e.1"
    assert attributes["secondunit/version"] == "TCC_0010_v003"
    assert attributes["secondunit/timecode"] == "01:02:40:22"
    assert attributes["chromaticities"].startswith("(0.7129999")


def test_nan_and_infinity_are_never_written(tmp_path):
    for bad in (np.nan, np.inf, -np.inf):
        pixels = np.zeros((4, 4, 3), np.float16)
        pixels[1, 1, 1] = bad
        with pytest.raises(BrokenFrames):
            write_exr(tmp_path / "a.exr", pixels)
    assert list(tmp_path.iterdir()) == []


def test_only_half_frames_of_named_channels_are_written_as_exr(tmp_path):
    with pytest.raises(ValueError, match="half float"):
        write_exr(tmp_path / "a.exr", np.zeros((4, 4, 3), np.float32))
    with pytest.raises(ValueError, match="channel names"):
        write_exr(tmp_path / "a.exr", np.zeros((4, 4, 3), np.float16), ("Y",))


@given(
    hour=st.integers(0, 23),
    rest=st.integers(0, 86399),
    rate=st.sampled_from(["24", "24000/1001", "25", "30000/1001", "30", "50", "60000/1001", "60"]),
)
def test_packed_timecode_comes_back_at_every_rate(hour, rest, rate):
    exact = Fraction(rate)
    frame = (hour * 3600 * 60 + rest) % (86400 * -(-exact.numerator // exact.denominator))
    for drop in {False, exact.denominator == 1001 and exact > 24}:
        assert unpack_timecode(pack_timecode(frame, exact, drop=drop), exact) in (
            (frame, drop),
            (frame % (24 * 6 * 17982 * (2 if exact > 30 else 1)), drop),  # a drop-frame day
        )


def test_bits_that_are_no_timecode_are_none():
    assert unpack_timecode(0xFFFFFFFF, Fraction(24)) is None
    assert unpack_timecode(0x0000000A, Fraction(24)) is None


@pytest.mark.parametrize(
    ("name", "bits", "slack"),
    [
        ("a.png", 8, 0.5 / 255),
        ("a.png", 16, 0.51 / 65535),
        ("a.tif", 8, 0.5 / 255),
        ("a.tif", 16, 0.51 / 65535),
        ("a.tif", 32, 0),
        ("a.dpx", 10, 1.01 / 1023),
        ("a.dpx", 16, 0.51 / 65535),
        ("a.jpg", 8, 0.06),
    ],
)
def test_display_formats_come_back_within_their_depth(name, bits, slack, tmp_path):
    y, x = np.mgrid[0:40, 0:64]
    pixels = np.stack([x / 63, y / 39, (x + y) / 102], -1).astype(np.float32)
    write_still(tmp_path / name, pixels, bits=bits)
    still = read_still(tmp_path / name)
    assert still.channels == RGB
    assert np.abs(still.pixels - pixels).max() <= slack + 1e-7


def test_alpha_of_a_png_is_not_multiplied_in(tmp_path):
    pixels = np.full((4, 4, 4), 0.8, np.float32)
    pixels[..., 3] = 0.25
    write_still(tmp_path / "a.png", pixels, ("R", "G", "B", "A"))
    assert np.allclose(read_still(tmp_path / "a.png").pixels, pixels, atol=1e-4)


def test_values_outside_and_nan_are_held_in_display_formats(tmp_path):
    pixels = np.array([[[-1, 2, np.nan]]], np.float32)
    write_still(tmp_path / "a.png", pixels)
    assert read_still(tmp_path / "a.png").pixels.tolist() == [[[0, 1, 0]]]


def test_a_format_or_depth_that_cannot_be_written_says_which_can(tmp_path):
    for name, bits in (("a.webp", 0), ("a", 0), ("a.jpg", 16), ("a.exr", 0)):
        with pytest.raises(CodecMissing) as caught:
            write_still(tmp_path / name, np.zeros((2, 2, 3), np.float32), bits=bits)
        assert "PNG" in caught.value.hint


def test_the_display_window_is_what_is_seen(tmp_path):
    inner = RNG.random((6, 8, 3)).astype(np.float16)
    part = {"pixels": inner, "names": RGB, "at": (4, 2), "display": (0, 0, 16, 10)}
    still = read_still(foreign(tmp_path / "a.exr", [part]))
    assert still.pixels.shape == (10, 16, 3)
    assert (still.pixels[2:8, 4:12].astype(np.float16) == inner).all()
    assert still.pixels.sum() == pytest.approx(inner.astype(np.float32).sum(), rel=1e-6)
    assert still.windows.data == (4, 2, 8, 6)
    assert not still.windows.overscan


def test_overscan_is_left_out_and_told(tmp_path):
    pixels = RNG.random((10, 16, 3)).astype(np.float16)
    part = {"pixels": pixels, "names": RGB, "at": (-3, -2), "display": (0, 0, 10, 6)}
    still = read_still(foreign(tmp_path / "a.exr", [part]))
    assert still.windows.overscan
    assert (still.pixels.astype(np.float16) == pixels[2:8, 3:13]).all()
    assert still.attributes["secondunit/overscan"] == "-3 -2 16 10"
    assert any("outside the display window" in remark for remark in still.facts.remarks)


def test_parts_of_a_multi_part_exr_are_joined_by_their_names(tmp_path):
    beauty, depth = RNG.random((4, 6, 3)), RNG.random((4, 6, 1)) * 40
    again = RNG.random((4, 6, 3))
    path = foreign(
        tmp_path / "a.exr",
        [
            {"pixels": beauty.astype(np.float16), "names": RGB,
             "attributes": {"oiio:subimagename": "beauty"}},
            {"pixels": depth.astype(np.float16), "names": ("Z",),
             "attributes": {"oiio:subimagename": "depth"}},
            {"pixels": again.astype(np.float16), "names": RGB,
             "attributes": {"oiio:subimagename": "left"}},
        ],
    )  # fmt: skip
    still = read_still(path)
    assert still.channels == ("R", "G", "B", "Z", "left.R", "left.G", "left.B")
    assert np.allclose(still.pixels[..., 3:4], depth.astype(np.float16))
    picked = read_still(path, channels=("left.B", "Z", "R"))
    assert picked.channels == ("left.B", "Z", "R")
    assert np.allclose(picked.pixels[..., 0], again.astype(np.float16)[..., 2])
    assert np.allclose(picked.pixels[..., 2], beauty.astype(np.float16)[..., 0])


def test_a_channel_that_is_not_there_is_named_beside_those_that_are(tmp_path):
    write_exr(tmp_path / "a.exr", np.zeros((2, 2, 3), np.float16))
    with pytest.raises(TurnoverRejected, match="no channel matte") as caught:
        read_still(tmp_path / "a.exr", channels=("matte",))
    assert "R, G, B" in caught.value.hint


def test_a_turned_photograph_is_upright(tmp_path):
    path = tmp_path / "a.png"
    pixels = RNG.random((4, 6, 3)).astype(np.float32)
    write_still(path, pixels)
    stored = read_still(path).pixels
    for orientation, upright in {
        1: stored, 2: stored[:, ::-1], 3: stored[::-1, ::-1], 4: stored[::-1],
        5: stored.transpose(1, 0, 2), 6: np.rot90(stored, -1), 7: np.rot90(stored[:, ::-1], -1),
        8: np.rot90(stored, 1),
    }.items():  # fmt: skip
        spec = oiio.ImageSpec(6, 4, 3, oiio.FLOAT)
        spec.attribute("Orientation", orientation)
        out = oiio.ImageOutput.create(str(tmp_path / "b.tif"))
        assert out.open(str(tmp_path / "b.tif"), spec)
        assert out.write_image(stored)
        out.close()
        still = read_still(tmp_path / "b.tif")
        assert still.pixels.shape == upright.shape, orientation
        assert (still.pixels == upright).all(), orientation
        assert (still.facts.height, still.facts.width) == upright.shape[:2]


def test_what_is_absent_closed_empty_or_misnamed_is_told_apart(tmp_path, powerless):
    with pytest.raises(MediaOffline):
        read_still(tmp_path / "absent.exr")
    (tmp_path / "empty.exr").write_bytes(b"")
    (tmp_path / "text.exr").write_text("no picture")
    write_exr(tmp_path / "good.exr", np.zeros((2, 2, 3), np.float16))
    (tmp_path / "misnamed").write_bytes((tmp_path / "good.exr").read_bytes())
    for name in ("empty.exr", "text.exr", "misnamed"):
        with pytest.raises(MediaDamaged):
            read_still(tmp_path / name)
    with pytest.raises(MediaDamaged, match="not a file"):
        read_still(tmp_path)
    os.chmod(tmp_path / "good.exr", 0)
    with powerless(), pytest.raises(NotPermitted):
        read_still(tmp_path / "good.exr")


def test_an_exr_cut_short_is_damaged_not_black(tmp_path):
    write_exr(tmp_path / "a.exr", RNG.random((64, 64, 3)).astype(np.float16))
    whole = (tmp_path / "a.exr").read_bytes()
    for share in (0.2, 0.6, 0.95):
        (tmp_path / "a.exr").write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(MediaDamaged):
            read_still(tmp_path / "a.exr")


def test_a_picture_beyond_the_limits_is_refused_before_it_is_read(tmp_path):
    small = np.zeros((2, 2, 3), np.float16)
    part = {"pixels": small, "names": RGB, "display": (0, 0, 16000, 16000)}
    with pytest.raises(OverLimits, match="16000x16000"):
        read_still(foreign(tmp_path / "a.exr", [part]))
    write_exr(tmp_path / "b.exr", np.zeros((200, 300, 3), np.float16))
    for limits in (Limits(side=256), Limits(channels=2), Limits(picture_mb=0)):
        with pytest.raises(OverLimits):
            read_still(tmp_path / "b.exr", limits=limits)
    assert read_still(tmp_path / "b.exr").pixels.shape == (200, 300, 3)


def test_a_full_disk_is_told_and_nothing_half_written_stays(small_disk):
    noise = RNG.standard_normal((400, 400, 3)).astype(np.float16)
    small_disk.fill(leave=100_000)
    with pytest.raises(DiskFull):
        write_exr(small_disk.folder / "a.exr", noise)
    with pytest.raises(DiskFull):
        write_still(small_disk.folder / "a.tif", noise.astype(np.float32), bits=32)
    assert [p.name for p in small_disk.folder.iterdir()] == ["stopper"]


def test_what_is_lost_as_the_file_is_closed_is_a_full_disk_too(small_disk):
    small_disk.fill(leave=4096)  # the picture fits in the library's buffer, not on the disk
    with pytest.raises(DiskFull):
        write_exr(small_disk.folder / "a.exr", RNG.standard_normal((30, 30, 3)).astype(np.float16))
    assert [p.name for p in small_disk.folder.iterdir()] == ["stopper"]


def test_a_device_without_room_is_a_full_disk(tmp_path):
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full on this system")
    (tmp_path / "a.exr").symlink_to("/dev/full")
    with pytest.raises(DiskFull):
        write_exr(tmp_path / "a.exr", np.ones((8, 8, 3), np.float16))


def test_a_folder_that_may_not_be_written_or_is_absent_is_told(tmp_path, powerless):
    pixels = np.zeros((2, 2, 3), np.float16)
    os.chmod(tmp_path, 0o500)
    with powerless(), pytest.raises(NotPermitted):
        write_exr(tmp_path / "a.exr", pixels)
    os.chmod(tmp_path, 0o700)
    with pytest.raises(StoreError):
        write_exr(tmp_path / "absent" / "a.exr", pixels)


def test_real_plates_keep_their_channels_windows_and_values(data: Path):
    ball = read_still(data / "exr" / "plates" / "beachball.0001.exr")
    assert ball.pixels.shape == (1556, 2048, 20)
    assert ball.channels[:5] == ("R", "G", "B", "A", "Z")
    assert {"left.R", "disparityL.x", "whitebarmask.right.mask"} <= set(ball.channels)
    assert ball.windows.data == (654, 245, 911, 876)
    assert not ball.pixels[:245].any()
    left = read_still(data / "exr" / "plates" / "beachball.0001.exr", channels=("left.G",))
    assert (left.pixels[..., 0] == ball.pixels[..., ball.channels.index("left.G")]).all()
    desk = read_still(data / "exr" / "plates" / "Desk.exr")
    assert desk.pixels.max() > 5  # highlights are there


def test_nan_every_half_and_wide_ranges_are_read_as_they_are(data: Path):
    cases = data / "exr" / "edge_cases"
    rings = read_still(cases / "BrightRingsNanInf.exr").pixels
    assert np.isnan(rings).sum() == 6
    assert np.isinf(rings).any()
    every = read_still(cases / "AllHalfValues.exr").pixels.astype(np.float16).view(np.uint16)
    finite = (every & 0x7C00) != 0x7C00
    assert len(np.unique(every[finite])) == 2 * 0x7C00
    wide = read_still(cases / "WideFloatRange.exr")
    assert wide.facts.dtype == "float32"
    assert np.nanmax(np.abs(wide.pixels)) > 1e30


@pytest.mark.parametrize(
    ("name", "size", "overscan"),
    [("01", (300, 400), False), ("04", (280, 370), True), ("08", (401, 501), False),
     ("09", (300, 200), True), ("13", (101, 101), True)],
)  # fmt: skip
def test_windows_of_real_files(name, size, overscan, data: Path):
    still = read_still(data / "exr" / "edge_cases" / f"display_window_t{name}.exr")
    assert still.pixels.shape == (*size, 3)
    assert still.windows.overscan == overscan


def test_a_real_plate_goes_out_and_back_unchanged(data: Path, tmp_path):
    plate = read_still(data / "exr" / "plates" / "MtTamWest.exr")
    half = plate.pixels.astype(np.float16)
    write_exr(tmp_path / "a.exr", half, plate.channels)
    assert (read_still(tmp_path / "a.exr").pixels == plate.pixels).all()


def test_facts_of_a_header_need_no_pixels(tmp_path):
    write_exr(tmp_path / "a.exr", RNG.random((64, 64, 3)).astype(np.float16))
    whole = (tmp_path / "a.exr").read_bytes()
    (tmp_path / "a.exr").write_bytes(whole[: len(whole) // 2])
    assert still_facts(tmp_path / "a.exr").width == 64
