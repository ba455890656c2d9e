"""Review movies: what a supervisor opens. Slate, burn-in, timecode, tags, and honest failure."""

from __future__ import annotations

import os
from fractions import Fraction

import av
import numpy as np
import pytest
from secondunit.media.movies import Movie
from secondunit.media.review import write_review
from secondunit.media.slates import BurnIn, SlateText, burn, draw_slate
from secondunit.media.text import coverage, draw, fitted, measure
from secondunit_bridge.errors import DiskFull, NotPermitted, StoreError

WORDS = BurnIn("TCC_0010", "v003", "pending_review")
SLATE = SlateText("TCC_0010", "v003", "The Crossing", "pending_review", (("Frames", "1001-1010"),))


def pictures(count: int = 10, *, size=(90, 160), level=None):
    y, x = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float32)
    for index in range(count):
        rgb = np.stack([x / size[1], y / size[0], np.full_like(x, index / max(count, 2))], -1)
        yield 1001 + index, (np.full_like(rgb, level) if level is not None else rgb)


def written(path, frames, **how):
    told = {"burn_in": WORDS, "slate": SLATE, "rate": Fraction(24), **how}
    return write_review(path, frames, **told)


def test_the_movie_has_a_slate_first_and_then_every_picture(tmp_path):
    review = written(tmp_path / "a.mov", pictures())
    assert (review.frames, review.width, review.height) == (11, 160, 90)
    with Movie(tmp_path / "a.mov") as movie:
        assert len(movie) == 11
        assert movie.facts.codec == review.codec.replace("libx264", "h264")
        middle = [movie.frame(n)[40:50, 60:100].mean((0, 1)) for n in range(11)]
    for index, (_, picture) in enumerate(pictures()):
        wanted = picture[40:50, 60:100].mean((0, 1))
        assert np.abs(middle[index + 1] - wanted).max() < 0.02
    assert list(tmp_path.iterdir()) == [tmp_path / "a.mov"]


@pytest.mark.parametrize(
    ("aspect", "widest", "size"),
    [
        ("2", 1920, (320, 90)),
        ("2", 200, (200, 56)),
        ("1/2", 1920, (80, 90)),
        ("1", 1920, (160, 90)),
    ],
)
def test_a_squeezed_picture_is_shown_as_wide_as_it_was(aspect, widest, size, tmp_path):
    review = written(tmp_path / "a.mov", pictures(2), pixel_aspect=Fraction(aspect), widest=widest)
    assert (review.width, review.height) == size
    with Movie(tmp_path / "a.mov") as movie:  # the ramp from left to right is whole, and even
        row = movie.frame(2)[size[1] // 2, :, 0]
    wanted = np.linspace(0.5 / size[0], 1 - 0.5 / size[0], size[0])
    assert np.abs(row - wanted).max() < 0.04


@pytest.mark.parametrize("rate", ["24", "24000/1001", "25", "30000/1001", "60000/1001", "10"])
def test_the_rate_is_constant_and_exact_and_the_tags_say_rec_709(rate, tmp_path):
    written(tmp_path / "a.mov", pictures(5), rate=Fraction(rate))
    with Movie(tmp_path / "a.mov") as movie:
        facts = movie.facts
    assert (facts.frames.rate, facts.variable) == (Fraction(rate), False)
    assert (facts.primaries, facts.transfer, facts.matrix) == ("bt709", "bt709", "bt709")
    assert (facts.range, facts.space) == ("limited", "Gamma 2.4 Encoded Rec.709")
    with av.open(str(tmp_path / "a.mov")) as container:
        assert container.streams.video[0].codec_context.pix_fmt == "yuv420p"
        assert container.format.name.startswith("mov")


@pytest.mark.parametrize(
    ("rate", "start", "drop"),
    [(Fraction(24), 86652, False), (Fraction(30000, 1001), 1800, True), (Fraction(25), 0, False)],
)
def test_timecode_of_the_first_picture_is_right_and_the_slate_is_one_before(
    rate, start, drop, tmp_path
):
    written(tmp_path / "a.mov", pictures(3), rate=rate, timecode=start, drop=drop)
    with Movie(tmp_path / "a.mov") as movie:
        day = 24 * 3600 * round(rate)
        assert movie.facts.timecode == (start - 1) % day
        assert movie.facts.drop == drop


def test_colours_come_back_as_they_were_given(tmp_path):
    patches = [(0.75, 0, 0), (0, 0.75, 0), (0, 0, 0.75), (0.5, 0.5, 0.5), (0.8, 0.6, 0.45)]
    frames = [(1001 + n, np.full((90, 160, 3), p, np.float32)) for n, p in enumerate(patches)]
    written(tmp_path / "a.mov", frames)
    with Movie(tmp_path / "a.mov") as movie:
        for index, patch in enumerate(patches):
            seen = movie.frame(index + 1)[40:50, 60:100].mean((0, 1))
            assert np.abs(seen - patch).max() < 0.012, patch


def test_odd_sizes_become_even_and_wide_ones_are_scaled(tmp_path):
    assert written(tmp_path / "a.mov", pictures(2, size=(91, 161))).width == 160
    review = written(tmp_path / "b.mov", pictures(2, size=(90, 160)), widest=80)
    assert (review.width, review.height) == (80, 44)
    assert written(tmp_path / "c.mov", pictures(2, size=(64, 2))).width == 2


def test_eight_bit_alpha_nan_and_infinity_are_taken(tmp_path):
    eight = np.full((90, 160, 3), 128, np.uint8)
    wild = np.full((90, 160, 3), 0.5, np.float32)
    wild[40:44] = (np.nan, np.inf, -np.inf)
    written(tmp_path / "a.mov", [(1, eight), (2, eight)])
    four = np.concatenate([wild, wild[..., :1]], -1)
    written(tmp_path / "b.mov", [(1, four), (2, four)])
    with Movie(tmp_path / "b.mov") as movie:
        red, green, blue = movie.frame(1)[41:43, 60:100].mean((0, 1))
    assert red < 0.15 < 0.8 < green
    assert blue < 0.15


def test_pictures_of_another_size_or_none_at_all_are_refused_and_leave_nothing(tmp_path):
    with pytest.raises(ValueError, match="at least one"):
        written(tmp_path / "a.mov", [])
    frames = [*pictures(2), (1003, np.zeros((50, 160, 3), np.float32))]
    with pytest.raises(ValueError, match="frame 1003"):
        written(tmp_path / "a.mov", frames)
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_who_gives_the_pictures_comes_through_and_leaves_nothing(tmp_path):
    def broken():
        yield from pictures(3)
        raise RuntimeError("the vault is on fire")

    with pytest.raises(RuntimeError, match="on fire"):
        written(tmp_path / "a.mov", broken())
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_and_no_half_movie_stays(small_disk):
    rng = np.random.default_rng(1)
    noise = [(n, rng.random((360, 640, 3), np.float32)) for n in range(12)]
    small_disk.fill(leave=200_000)
    with pytest.raises(DiskFull):
        written(small_disk.folder / "a.mov", noise)
    assert [path.name for path in small_disk.folder.iterdir()] == ["stopper"]


def test_the_last_bytes_of_a_movie_are_not_lost_in_silence(small_disk):
    for leave in (0, 4096, 8192):
        stopper = small_disk.fill(leave=leave)
        with pytest.raises(DiskFull):
            written(small_disk.folder / "a.mov", pictures(24))
        stopper.unlink()
        assert list(small_disk.folder.iterdir()) == []


def test_a_folder_that_is_closed_or_absent_is_told(tmp_path, powerless):
    os.chmod(tmp_path, 0o500)
    with powerless(), pytest.raises(NotPermitted):
        written(tmp_path / "a.mov", pictures(2))
    os.chmod(tmp_path, 0o700)
    with pytest.raises(StoreError):
        written(tmp_path / "absent" / "a.mov", pictures(2))


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
def test_the_burn_in_is_legible_on_any_brightness_and_leaves_the_middle_alone(level):
    picture = np.full((540, 960, 3), round(level * 255), np.uint8)
    before = picture.copy()
    burn(picture, BurnIn("TCC_0010", "v003", "approved"), frame="1009", timecode="01:00:10:12")
    assert (picture[80:460] == before[80:460]).all()
    for corner in (picture[10:50, 10:130], picture[10:50, -130:-10],
                   picture[-50:-10, 10:130], picture[-50:-10, -80:-10]):  # fmt: skip
        bright, dark = np.percentile(corner.max(-1), [99.5, 30])
        ink, plate = ((v / 255) ** 2.4 for v in (bright, min(dark, 0.32 * 255 * level + 2)))
        assert (ink + 0.05) / (plate + 0.05) > 4.5  # WCAG 2.2 contrast for text, 1.4.3


@pytest.mark.parametrize(
    "size", [(2160, 3840), (1080, 1920), (480, 854), (300, 300), (160, 900), (64, 96), (2, 2)]
)
def test_slate_and_burn_in_fit_pictures_of_any_size(size):
    fields = tuple((f"Field {n}", "value " * 30) for n in range(14))
    words = SlateText("A" * 60, "v1234", "project " * 12, "changes_requested", fields, "note " * 60)
    thumbnail = np.full((*size, 3), 90, np.uint8)
    slate = draw_slate(size[1], size[0], words, thumbnail)
    assert slate.shape == (*size, 3)
    assert slate.dtype == np.uint8
    if size[0] > 100:  # smaller ones hold no words, but must do no harm
        edge = size[0] // 60
        assert (slate[:edge] == slate[0, 0]).all()
        assert (slate[:, -edge:] == slate[0, 0]).all()
    burn(thumbnail, BurnIn("A" * 60, "v1234", "changes_requested"), frame="100123", timecode="")


def test_the_slate_carries_bars_and_a_ramp_of_exact_codes():
    slate = draw_slate(1920, 1080, SLATE, None)
    row = slate[948]
    assert {(191, 191, 0), (0, 191, 191), (0, 0, 191)} <= {tuple(p) for p in row}
    greys = {int(p[0]) for p in row[980:1820] if p[0] == p[1] == p[2]}
    assert {0, 26, 51, 76, 102, 128, 153, 178, 204, 230, 255} <= greys


def test_text_is_drawn_where_it_was_asked_and_as_wide_as_it_was_measured():
    canvas = np.zeros((100, 400, 3), np.uint8)
    width = draw(canvas, "TCC_0010", (200, 60), 32, anchor="middle")
    columns, rows = np.nonzero(canvas.max(-1).T)
    assert width == measure("TCC_0010", 32)
    assert abs((columns.min() + columns.max()) / 2 - 200) < 4
    assert columns.max() - columns.min() == pytest.approx(width, abs=6)
    assert rows.max() < 68
    assert rows.min() > 60 - 32
    assert 100 < len(np.unique(canvas)) <= 256  # antialiased


def test_digits_have_one_width_so_a_running_timecode_stands_still():
    assert len({measure(f"01:00:{n:02}:{n:02}", 30) for n in range(60)}) == 1


def test_text_of_other_scripts_empty_lines_and_edges_do_no_harm():
    canvas = np.zeros((40, 60, 3), np.uint8)
    for text in ("", " ", "Łódź 日本 \u202e", "a\nb", "x" * 500):
        draw(canvas, text, (-20, 20), 18)
        draw(canvas, text, (55, 300), 18)
    assert fitted("x" * 500, 100, 18).endswith("…")
    assert measure(fitted("x" * 500, 100, 18), 18) <= 100
    with pytest.raises(ValueError, match="8 bit"):
        draw(np.zeros((4, 4, 3), np.float32), "a", (0, 0), 10)


def test_coverage_serves_pictures_that_are_not_eight_bit():
    ink = coverage("1001", 40, weight=600)
    assert ink.dtype == np.float32
    assert (ink.min(), ink.max()) == (0, 1)
    assert ink.shape[0] == 52
