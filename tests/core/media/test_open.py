"""Media opened as footage: the right frames, channels, numbers and space, or a plain refusal."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from secondunit.colour import Colour
from secondunit.media.open import open_footage, open_stills
from secondunit.media.stills import Attributes, write_exr, write_still
from secondunit_bridge.errors import (
    ColorUnknown,
    FramesMissing,
    MediaDamaged,
    MediaOffline,
    NotPermitted,
    TurnoverRejected,
)
from secondunit_bridge.film import Media
from secondunit_bridge.timing import FrameRange

RATE = Fraction(24)
VIDEO = "Gamma 2.4 Encoded Rec.709"


@pytest.fixture(scope="module")
def colour() -> Colour:
    return Colour(environ={})


def run(first: int, last: int) -> FrameRange:
    return FrameRange(first, last, RATE)


def sequence(folder: Path, numbers, *, space: str = "ACEScg", channels=("R", "G", "B")) -> Path:
    """EXR frames whose every pixel is their number."""
    for number in numbers:
        pixels = np.full((6, 8, len(channels)), number, np.float16)
        path = folder / f"plate.{number:04}.exr"
        write_exr(path, pixels, channels, Attributes(space=space))
    return folder / "plate.%04d.exr"


def test_a_sequence_gives_each_frame_by_its_file_number(tmp_path):
    path = sequence(tmp_path, range(1001, 1011))
    with open_footage(Media(run(1002, 1008), str(path))) as footage:
        assert (footage.width, footage.height) == (8, 6)
        assert footage.channels == ("R", "G", "B")
        assert footage.space == "ACEScg"
        assert footage.frames == run(1002, 1008)
        for number in (1002, 1003, 1004, 1008, 1002, 1007, 1010):
            assert (footage.frame(number) == number).all()
        assert (footage.facts.frames.first, footage.facts.frames.last) == (1001, 1010)
        with pytest.raises(FramesMissing):
            footage.frame(1011)


@pytest.mark.parametrize("text", ["plate.####.exr", "plate.[1001-1005].exr", "plate.1003.exr", ""])
def test_every_way_to_name_it_opens_the_same_sequence(text, tmp_path):
    sequence(tmp_path, range(1001, 1006))
    with open_footage(Media(run(1001, 1005), str(tmp_path / text))) as footage:
        assert [footage.frame(n)[0, 0, 0] for n in footage.frames] == list(range(1001, 1006))


def test_gaps_are_listed_exactly_before_anything_is_read(tmp_path):
    path = sequence(tmp_path, [1001, 1002, 1005, 1009])
    for asked in (path, tmp_path / "plate.1002.exr"):
        with pytest.raises(FramesMissing) as caught:
            open_footage(Media(run(1000, 1010), str(asked)))
        assert caught.value.data["missing"] == [
            [1000, 1000],
            [1003, 1004],
            [1006, 1008],
            [1010, 1010],
        ]
        assert "1003-1004" in caught.value.message


def test_a_frame_that_vanishes_later_is_offline_and_may_come_back(tmp_path):
    path = sequence(tmp_path, range(1, 6))
    with open_footage(Media(run(1, 5), str(path))) as footage:
        gone = tmp_path / "plate.0004.exr"
        kept = gone.read_bytes()
        gone.unlink()
        with pytest.raises(MediaOffline):
            footage.frame(4)
        gone.write_bytes(kept)
        assert (footage.frame(4) == 4).all()


def test_a_still_is_held_for_every_frame_and_read_once(tmp_path):
    write_still(tmp_path / "ref.png", np.full((4, 4, 3), 0.5, np.float32))
    with open_footage(Media(run(1001, 1100), str(tmp_path / "ref.png"))) as footage:
        (tmp_path / "ref.png").rename(tmp_path / "moved.png")
        with pytest.raises(MediaOffline):
            footage.frame(1001)
        (tmp_path / "moved.png").rename(tmp_path / "ref.png")
        assert footage.frame(1001) is footage.frame(1100)
        assert footage.space == "sRGB Encoded Rec.709 (sRGB)"
        assert any("without a colour tag" in remark for remark in footage.remarks)


def test_one_numbered_file_without_neighbours_is_a_still(tmp_path):
    sequence(tmp_path, [7])
    with open_footage(Media(run(1001, 1003), str(tmp_path / "plate.0007.exr"))) as footage:
        assert (footage.frame(1002) == 7).all()
    sequence(tmp_path, range(1, 9))
    with open_footage(Media(run(0, 0), str(tmp_path / "plate.0007.exr"))) as footage:
        assert (footage.frame(0) == 7).all()


def test_channels_come_in_the_order_asked_for_and_grey_serves_all(tmp_path):
    sequence(tmp_path, [1], channels=("R", "G", "B", "A"))
    media = Media(run(1, 1), str(tmp_path / "plate.0001.exr"), channels=("A",))
    with open_footage(media) as footage:
        assert footage.frame(1).shape == (6, 8, 1)
    with pytest.raises(TurnoverRejected, match="no channel Z") as caught:
        open_footage(replace(media, channels=("Z",)))
    assert caught.value.data["channels"] == ["R", "G", "B", "A"]
    write_exr(tmp_path / "grey.exr", np.full((6, 8, 1), 3, np.float16), ("Y",))
    with open_footage(Media(run(1, 1), str(tmp_path / "grey.exr"), space="Raw")) as footage:
        assert footage.channels == ("R", "G", "B")
        assert (footage.frame(1) == 3).all()
    with open_footage(replace(media, channels=())) as footage:
        assert footage.channels == ("R", "G", "B", "A")


def test_frames_of_another_size_are_damaged(tmp_path):
    path = sequence(tmp_path, [1, 2])
    write_exr(tmp_path / "plate.0003.exr", np.zeros((4, 8, 3), np.float16))
    with (
        open_footage(Media(run(1, 3), str(path))) as footage,
        pytest.raises(MediaDamaged, match="8x4, the others are 8x6"),
    ):
        footage.frame(3)


def test_a_movie_is_numbered_from_zero_or_by_its_timecode_as_the_cut_asks(lab):
    path = lab.make("a.mov", rate=RATE, timecode="01:00:00:00", tags=(1, 1, 1, 1))
    zero = open_footage(Media(run(10, 20), str(path)))
    coded = open_footage(Media(run(86410, 86420), str(path)))
    with zero, coded:
        assert (zero.frame(12) == coded.frame(86412)).all()
        assert not (zero.frame(12) == coded.frame(86413)).all()
        assert coded.facts.frames == run(86400, 86447)
        assert zero.space == VIDEO
        with pytest.raises(FramesMissing):
            coded.frame(12)


def test_frames_beyond_a_movie_are_missing_in_the_numbers_that_were_asked(lab):
    path = lab.make("a.mov", rate=RATE, timecode="01:00:00:00", tags=(1, 1, 1, 1))
    for asked, missing in (((40, 55), [48, 55]), ((86440, 86450), [86448, 86450])):
        with pytest.raises(FramesMissing) as caught:
            open_footage(Media(run(*asked), str(path)))
        assert caught.value.data["missing"] == [missing]


def test_a_movie_without_tags_takes_the_projects_space_and_says_so(lab, colour):
    media = Media(run(0, 5), str(lab.make("a.mp4")))
    for decide in (None, colour.space_of):
        with open_footage(media, movie_space=VIDEO, decide=decide) as footage:
            assert footage.space == VIDEO
            assert any("the project's" in remark for remark in footage.remarks)
        with pytest.raises(ColorUnknown) as caught:
            open_footage(media, decide=decide)
        assert VIDEO in caught.value.data["guesses"]
    with open_footage(replace(media, space="sRGB - Texture"), decide=colour.space_of) as footage:
        assert footage.space == "sRGB Encoded Rec.709 (sRGB)"


def test_an_exr_that_says_nothing_is_not_taken_for_scene_linear(tmp_path, colour):
    path = sequence(tmp_path, [1, 2], space="")
    media = Media(run(1, 2), str(path))
    for decide in (None, colour.space_of):
        with pytest.raises(ColorUnknown) as caught:
            open_footage(media, movie_space=VIDEO, decide=decide)
        assert caught.value.data["guesses"]
    with open_footage(replace(media, space="lin_ap1"), decide=colour.space_of) as footage:
        assert footage.space == "ACEScg"


def test_offline_media_names_where_a_file_of_that_name_is(tmp_path):
    other = tmp_path / "archive" / "day3"
    other.mkdir(parents=True)
    write_still(other / "ref.png", np.zeros((2, 2, 3), np.float32))
    sequence(other, [1001])
    for name in ("ref.png", "plate.%04d.exr"):
        with pytest.raises(MediaOffline) as caught:
            open_footage(Media(run(1001, 1001), str(tmp_path / "gone" / name)), search=[tmp_path])
        found = caught.value.data["candidates"]
        assert found == [str(other / name.replace("%04d", "1001"))]
        assert found[0] in caught.value.hint
    with pytest.raises(MediaOffline, match="vault"):
        open_footage(Media(run(1, 2)))


def test_media_this_user_may_not_read_is_not_called_offline(tmp_path, powerless):
    path = tmp_path / "a.png"
    write_still(path, np.zeros((2, 2, 3), np.float32))
    os.chmod(path, 0)
    with powerless(), pytest.raises(NotPermitted):
        open_footage(Media(run(1, 1), str(path)))


def test_frames_given_are_read_only_and_may_be_asked_for_by_many_threads(tmp_path):
    path = sequence(tmp_path, range(1, 41))
    wrong: list[int] = []
    with open_footage(Media(run(1, 40), str(path))) as footage:
        with pytest.raises(ValueError, match="read-only"):
            footage.frame(1)[0, 0, 0] = 9

        def look(step: int) -> None:
            for number in range(1, 41, step):
                if not (footage.frame(number) == number).all():
                    wrong.append(number)

        threads = [threading.Thread(target=look, args=(step,)) for step in (1, 1, 2, 3, 7)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert wrong == []


def test_pictures_by_number_are_footage_too(tmp_path):
    sequence(tmp_path, [3, 5])
    files = {1001: tmp_path / "plate.0003.exr", 1002: tmp_path / "plate.0005.exr"}
    with open_stills(files, run(1001, 1002), space="ACEScg") as footage:
        assert (footage.frame(1002) == 5).all()
    with pytest.raises(FramesMissing):
        open_stills(files, run(1001, 1003), space="ACEScg")


def test_real_footage_and_plates_open(data: Path, colour):
    bunny = Media(run(700, 719), str(data / "footage" / "big-buck-bunny-480p-30s.mp4"))
    with open_footage(bunny, movie_space=VIDEO, decide=colour.space_of) as footage:
        assert footage.frame(719).shape == (480, 854, 3)
    left, plates = ("left.R", "left.G", "left.B"), data / "exr" / "plates"
    ball = Media(run(1, 4), str(plates / "beachball.%04d.exr"), channels=left, space="lin_rec709")
    with open_footage(ball, decide=colour.space_of) as footage:
        assert footage.frame(3).shape == (1556, 2048, 3)
        assert footage.frame(3).any()
