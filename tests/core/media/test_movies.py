"""Any frame of a movie, exactly: compared by content with a decode from the first to the last."""

from __future__ import annotations

import os
import random
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from secondunit.media.movies import Movie
from secondunit_bridge.errors import (
    CodecMissing,
    FramesMissing,
    MediaDamaged,
    MediaOffline,
    NotPermitted,
)

GROUPS = {"g": "12", "bf": "2", "preset": "veryfast"}
OPEN = {"g": "12", "preset": "veryfast", "x264-params": "open-gop=1:bframes=3:b-adapt=0"}

HOUR = [86486400 + 1001 * n for n in range(48)]
EARLY = [1001 * n - 5005 for n in range(48)]


def uneven(count: int) -> list[int]:
    """Time stamps of a phone: frames held, doubled and early."""
    rng, at, ticks = random.Random(1), 0, []
    for _ in range(count):
        ticks.append(at)
        at += rng.choice((1001, 1001, 2002, 500))
    return ticks


MPEG2 = {"codec": "mpeg2video", "rate": Fraction(25), "clock": 25, "options": {"bf": "2"}}
JPEG = {"codec": "mjpeg", "form": "yuvj420p", "rate": Fraction(24), "clock": 24}
HEVC = {"x265-params": "keyint=12:log-level=none:pools=1"}
VP8 = {"auto-alt-ref": "1", "lag-in-frames": "16"}
PIECES = {"movflags": "frag_keyframe+empty_moov"}

SHAPES = {
    "constant rate": ("a.mp4", {"options": GROUPS}),
    "every frame a key": ("a.mov", {"options": {"g": "1"}}),
    "no edit list": ("a.mp4", {"options": GROUPS, "muxing": {"use_editlist": "0"}}),
    "variable rate": ("a.mp4", {"options": GROUPS, "ticks": uneven(48)}),
    "variable rate in milliseconds": ("a.mkv", {"options": GROUPS, "ticks": uneven(48)}),
    "starts at one hour": ("a.mp4", {"options": GROUPS, "ticks": HOUR}),
    "starts late in a transport stream": ("a.ts", {"options": GROUPS}),
    "starts late in matroska": ("a.mkv", {"options": GROUPS, "ticks": HOUR}),
    "starts before zero": ("a.mp4", {"options": GROUPS, "ticks": EARLY}),
    "open groups": ("a.mp4", {"options": OPEN}),
    "open groups in matroska": ("a.mkv", {"options": OPEN}),
    "open groups in a transport stream": ("a.ts", {"options": OPEN}),
    "fragmented": ("a.mp4", {"options": GROUPS, "muxing": PIECES}),
    "prores": ("a.mov", {"codec": "prores_ks", "form": "yuv422p10le"}),
    "hevc": ("a.mp4", {"codec": "libx265", "options": HEVC}),
    "hidden frames of vp8": ("a.webm", {"codec": "libvpx", "options": VP8}),
    "motion jpeg in avi": ("a.avi", JPEG),
    "mpeg-2 in a program stream": ("a.mpg", MPEG2),
    "mxf": ("a.mxf", MPEG2),
}


@pytest.mark.some(2)
@pytest.mark.parametrize("shape", SHAPES)
def test_every_frame_is_the_one_a_player_shows(shape, lab):
    name, how = SHAPES[shape]
    path = lab.make(name, **how)
    truth = lab.truth(path)
    order = list(range(len(truth)))
    random.Random(2).shuffle(order)
    with Movie(path) as movie:
        assert len(movie) == len(truth)
        assert [n for n in order if lab.content(movie.decoded(n)) != truth[n]] == []
        assert lab.content(movie.decoded(5)) == lab.content(movie.decoded(5)) == truth[5]
    if shape != "starts before zero":  # there the edit list hides the five frames before zero
        assert len(truth) == 48


EDITS = {
    "the head is hidden": [(1000, 7007)],
    "the head is hidden in mid group": [(1500, 15015)],
    "a hole is cut out": [(500, 2002), (700, 2002 + 24024)],
    "the parts are swapped": [(500, 26026), (500, 2002)],
    "the picture starts late": [(1000, -1), (1200, 2002)],
    "the tail is hidden": [(800, 2002)],
}


@pytest.mark.parametrize("shape", EDITS)
@pytest.mark.parametrize("options", [GROUPS, OPEN], ids=["closed", "open"])
def test_an_edit_list_shows_what_it_shows_in_a_player_or_is_refused(shape, options, lab):
    path = lab.make("a.mp4", options=options)
    lab.edit(path, EDITS[shape])
    truth = lab.truth(path)
    order = list(range(len(truth)))
    random.Random(3).shuffle(order)
    assert 10 < len(truth) < 48
    with Movie(path) as movie:
        assert len(movie) == len(truth)
        assert [n for n in order if lab.content(movie.decoded(n)) != truth[n]] == []


def test_frames_without_time_stamps_are_an_error_and_never_guessed(lab):
    with pytest.raises(MediaDamaged, match="no time stamps") as caught:
        Movie(lab.make("a.h264", options=GROUPS))
    assert "ffmpeg" in caught.value.hint


def test_an_avi_that_counts_reordered_frames_is_an_error_and_never_the_nearest_frame(lab):
    with pytest.raises(MediaDamaged, match="do not follow the order"):
        Movie(lab.make("a.avi", options=GROUPS, clock=24000 * 1001, rate=Fraction(24000, 1001)))


def test_a_number_the_movie_does_not_have_is_missing_and_says_which_there_are(lab):
    with Movie(lab.make("a.mp4")) as movie:
        for number in (-1, 48, 10**9):
            with pytest.raises(FramesMissing) as caught:
                movie.frame(number)
            assert caught.value.data == {"missing": [[number, number]], "have": [0, 47]}


@pytest.mark.parametrize(
    ("name", "muxing"),
    [("a.mp4", {"movflags": "faststart"}), ("a.mkv", {}), ("a.avi", {})],
)
@pytest.mark.parametrize("share", [0.3, 0.62, 0.97])
def test_a_movie_cut_short_is_damaged_and_names_the_last_readable_frame(name, muxing, share, lab):
    how = JPEG if name == "a.avi" else {"options": GROUPS}
    whole = lab.make(name, muxing=muxing, **how)
    with pytest.raises(MediaDamaged, match="cut short") as caught:
        Movie(lab.cut(whole, share))
    last = caught.value.data["last_readable"]
    assert 0 <= last < 48
    assert str(last) in caught.value.message


def test_a_movie_without_its_index_at_the_end_cannot_be_opened_and_says_so(lab):
    short = lab.cut(lab.make("a.mov"), 0.7)
    with pytest.raises(MediaDamaged, match="cannot be opened"):
        Movie(short)


def test_damage_in_the_middle_costs_only_the_frames_that_need_it(lab):
    path = lab.make("a.mp4", options={**GROUPS, "bf": "0"})
    truth = lab.truth(path)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        for _ in container.demux(stream):
            pass
        hit = list(stream.index_entries)[28]
    data = bytearray(path.read_bytes())
    data[hit.pos + 6 : hit.pos + hit.size] = bytes((31 * n) % 251 for n in range(hit.size - 6))
    path.write_bytes(data)
    with Movie(path) as movie:
        fine = [*range(24), *range(36, 48)]
        assert all(lab.content(movie.decoded(n)) == truth[n] for n in fine)
        with pytest.raises(MediaDamaged) as caught:
            movie.decoded(28)
        assert caught.value.data["frame"] == 28
        assert caught.value.data["last_readable"] == 27
        assert lab.content(movie.decoded(27)) == truth[27]


def test_random_bytes_in_a_movie_never_give_a_wrong_frame_or_anything_but_our_errors(lab):
    path = lab.make("a.mp4", options=GROUPS)
    whole, rng = path.read_bytes(), random.Random(5)
    for _ in range(25):
        data = bytearray(whole)
        for _ in range(rng.choice((1, 4, 40))):
            data[rng.randrange(40, len(data))] = rng.randrange(256)
        path.write_bytes(data)
        try:
            with Movie(path) as movie:
                for number in (0, len(movie) // 2, len(movie) - 1):
                    movie.frame(number)
        except (MediaDamaged, CodecMissing):
            continue


@pytest.mark.parametrize(
    ("rate", "name"),
    [
        (Fraction(24000, 1001), "a.mp4"),
        (Fraction(24000, 1001), "a.mkv"),
        (Fraction(24), "a.mkv"),
        (Fraction(25), "a.mov"),
        (Fraction(30000, 1001), "a.ts"),
        (Fraction(30), "a.mkv"),
        (Fraction(48), "a.mp4"),
        (Fraction(60000, 1001), "a.mkv"),
        (Fraction(60), "a.ts"),
        (Fraction(10), "a.mp4"),
        (Fraction(25, 2), "a.mp4"),
    ],
)
def test_the_rate_is_exact_in_every_container(rate, name, lab):
    with Movie(lab.make(name, rate=rate, clock=120000)) as movie:
        assert movie.facts.frames.rate == rate
        assert not movie.facts.variable
        assert (movie.facts.frames.first, movie.facts.frames.last) == (0, 47)


def test_a_variable_rate_is_told(lab):
    with Movie(lab.make("a.mp4", ticks=uneven(48))) as movie:
        assert movie.facts.variable
        assert any("variable rate" in remark for remark in movie.facts.remarks)


def test_one_frame_is_a_movie_too(lab):
    with Movie(lab.make("a.mp4", count=1)) as movie:
        assert (len(movie), movie.facts.variable) == (1, False)
        assert movie.facts.frames.rate == Fraction(24000, 1001)


@pytest.mark.parametrize(
    ("text", "rate", "frames", "drop"),
    [
        ("01:00:00:00", Fraction(24000, 1001), 86400, False),
        ("01:00:10:12", Fraction(25), 90262, False),
        ("00:01:00;02", Fraction(30000, 1001), 1800, True),
    ],
)
def test_embedded_timecode_is_read_as_frames(text, rate, frames, drop, lab):
    with Movie(lab.make("a.mov", rate=rate, clock=120000, timecode=text)) as movie:
        assert (movie.facts.timecode, movie.facts.drop) == (frames, drop)


def test_a_movie_without_timecode_says_none(lab):
    with Movie(lab.make("a.mov")) as movie:
        assert movie.facts.timecode is None


def test_colour_tags_and_pixel_aspect_are_told(lab):
    path = lab.make("a.mov", tags=(1, 1, 1, 2), aspect=Fraction(4, 3))
    with Movie(path) as movie:
        facts = movie.facts
        assert (facts.primaries, facts.transfer) == ("bt709", "bt709")
        assert (facts.matrix, facts.range) == ("bt709", "full")
        assert facts.space == "Gamma 2.4 Encoded Rec.709"
        assert facts.pixel_aspect == Fraction(4, 3)


def test_an_untagged_movie_says_which_matrix_was_assumed(lab):
    with Movie(lab.make("a.mp4")) as movie:
        assert (movie.facts.matrix, movie.facts.space) == ("smpte170m", "")
        assert any("BT.601 by its 96 lines" in remark for remark in movie.facts.remarks)


def coded(form: str, codes: tuple[int, int, int]) -> av.VideoFrame:
    """A frame of one colour, by its codes."""
    frame = av.VideoFrame(160, 96, form)
    for plane, code in zip(frame.planes, codes, strict=True):
        wide = "<u2" if frame.format.components[0].bits > 8 else "u1"
        plane.update(np.full(plane.buffer_size // np.dtype(wide).itemsize, code, wide).tobytes())
    return frame


WEIGHTS = {1: (0.2126, 0.0722), 6: (0.299, 0.114), 9: (0.2627, 0.0593)}


@pytest.mark.parametrize("form", ["yuv420p", "yuv422p10le", "yuv444p12le", "yuv444p16le"])
@pytest.mark.parametrize("matrix", WEIGHTS)
@pytest.mark.parametrize("reach", [1, 2])
def test_codes_become_rgb_by_the_tagged_matrix_and_range_at_full_depth(form, matrix, reach, lab):
    bits = av.VideoFormat(form, 16, 16).components[0].bits
    step = 1 << (bits - 8)
    codes = (97 * step + step // 3, 140 * step + step // 5, 117 * step)
    tags = (1, 1, matrix, reach)
    path = lab.make("a.mkv", codec="ffv1", form=form, tags=tags, frames=[coded(form, codes)])
    whole = (1 << bits) - 1
    if reach == 2:
        y, cb, cr = codes[0] / whole, *((c - (1 << (bits - 1))) / whole for c in codes[1:])
    else:
        y = (codes[0] - 16 * step) / (219 * step)
        cb, cr = ((c - 128 * step) / (224 * step) for c in codes[1:])
    red, blue = WEIGHTS[matrix]
    r, b = y + 2 * (1 - red) * cr, y + 2 * (1 - blue) * cb
    g = (y - red * r - blue * b) / (1 - red - blue)
    with Movie(path) as movie:
        pixels = movie.frame(0)
        assert movie.facts.dtype == f"uint{bits}"
    assert pixels.dtype == np.float32
    assert pixels.shape == (96, 160, 3)
    np.testing.assert_allclose(pixels, np.broadcast_to([r, g, b], pixels.shape), atol=2e-6)


def test_ten_bit_prores_does_not_go_through_eight_bits(lab):
    frame = av.VideoFrame(160, 96, "yuv422p10le")
    ramp = np.linspace(200, 359, 160).round().astype("<u2")
    rows = np.zeros((96, frame.planes[0].line_size // 2), "<u2")
    rows[:, :160] = ramp
    frame.planes[0].update(rows.tobytes())
    for plane in frame.planes[1:]:
        plane.update(np.full(plane.buffer_size // 2, 512, "<u2").tobytes())
    path = lab.make("a.mov", codec="prores_ks", form="yuv422p10le", frames=[frame],
                    options={"profile": "4", "qscale": "1"})  # fmt: skip
    with Movie(path) as movie:
        row = movie.frame(0)[48, :, 1]
    assert len(np.unique(np.round(row * 876))) > 120  # 8 bits could hold 40 of these levels
    np.testing.assert_allclose(row, (ramp - 64) / 876, atol=2.5 / 876)


def test_planar_rgb_and_packed_forms_are_read_exactly(lab):
    codes = np.stack(np.meshgrid(np.arange(160), np.arange(96)), -1)
    rgb = np.concatenate([codes, codes[..., :1]], -1).astype(np.uint8)
    for form in ("rgb24", "bgr0", "gbrp"):
        frame = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format=form)
        codec = {"rgb24": "png", "bgr0": "ffv1", "gbrp": "utvideo"}[form]
        name = {"png": "a.mov", "ffv1": "a.mkv", "utvideo": "a.avi"}[codec]
        how = {"codec": codec, "form": form, "rate": Fraction(24), "clock": 24}
        with Movie(lab.make(name, frames=[frame], **how)) as movie:
            assert movie.facts.range == "full"
            np.testing.assert_allclose(movie.frame(0), rgb / 255, atol=1e-6)


def test_alpha_of_prores_4444_is_kept_as_a_channel(lab):
    path = lab.make("a.mov", codec="prores_ks", form="yuva444p10le",
                    options={"profile": "4", "alpha_bits": "16"}, count=2)  # fmt: skip
    with Movie(path) as movie:
        assert movie.facts.channels == ("R", "G", "B", "A")
        pixels = movie.frame(1)
    assert pixels.shape == (96, 160, 4)
    assert np.allclose(pixels[..., 3], 1, atol=1e-3)


def test_chroma_is_sited_left_so_that_a_coloured_edge_stays_where_it_was(lab):
    frame = coded("yuv420p", (128, 128, 128))
    plane = frame.planes[2]
    rows = np.full((plane.height, plane.line_size), 128, np.uint8)
    rows[:, 40:80] = 170  # from luma column 80 on
    plane.update(rows.tobytes())
    path = lab.make("a.mkv", codec="ffv1", form="yuv420p", frames=[frame], tags=(1, 1, 1, 1))
    with Movie(path) as movie:
        red = movie.frame(0)[48, :, 0]
    assert red[78] < red[79] < red[80]
    assert red[79] == pytest.approx((red[78] + red[80]) / 2)
    assert red[80] == pytest.approx(red[81])


def test_a_matrix_that_cannot_be_undone_exactly_is_refused(lab):
    path = lab.make("a.mkv", codec="ffv1", tags=(9, 14, 10, 1), count=1)
    with Movie(path) as movie, pytest.raises(CodecMissing, match="bt2020c"):
        movie.frame(0)


def test_what_is_no_movie_is_told_apart(tmp_path, powerless):
    (tmp_path / "text.mov").write_text("this is not a movie at all, whatever its name says")
    (tmp_path / "empty.mov").write_bytes(b"")
    for name in ("text.mov", "empty.mov"):
        with pytest.raises(MediaDamaged):
            Movie(tmp_path / name)
    with pytest.raises(MediaOffline):
        Movie(tmp_path / "absent.mov")
    os.chmod(tmp_path / "text.mov", 0)
    with powerless(), pytest.raises(NotPermitted):
        Movie(tmp_path / "text.mov")


@pytest.mark.parametrize(
    ("name", "count", "rate"),
    [
        ("big-buck-bunny-480p-30s.mp4", 720, 24),
        ("one-by-one-person.mp4", 1394, 10),
        ("seeking-480i.mp4", 150, 25),
    ],
)
def test_real_footage_is_indexed_whole_and_found_exactly(name, count, rate, data: Path, lab):
    path = data / "footage" / name
    rng = random.Random(name)
    wanted = sorted(rng.sample(range(count), 8))
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        shown = {n: f for n, f in enumerate(container.decode(video=0)) if n in wanted}
    truth = {n: lab.content(frame) for n, frame in shown.items()}
    rng.shuffle(wanted)
    with Movie(path) as movie:
        assert len(movie) == count
        assert movie.facts.frames.rate == rate
        assert {n: lab.content(movie.decoded(n)) for n in wanted} == truth
