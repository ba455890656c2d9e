"""Plates that are not as plates usually are, and folders that cannot be written."""

from __future__ import annotations

import base64
import json
import os
import re
from pathlib import Path

import cv2
import numpy as np
import OpenImageIO as oiio
import pytest
from plate_material import HIGH, LINEAR, SRGB, WIDE, box, matte, picture, wall, written
from secondunit.media.delivery import Attributes, write_exr
from secondunit.media.movies import Movie
from secondunit.media.plates import read_plate

EMBEDDED = re.compile(r"data:image/(?:png|jpeg);base64,([A-Za-z0-9+/=]+)")

pytestmark = pytest.mark.long  # by the command what tests/core tries in parts


@pytest.fixture
def still(tmp_path: Path) -> Path:
    """A clean picture of the wall, to put in."""
    return Path(str(written(tmp_path / "still", "wall", lambda _: wall(), count=1)) % 1001)


@pytest.fixture
def put_in(su, still: Path, tmp_path: Path):
    """Puts the wall into a plate where the matte lets it; ``words`` are added."""

    def run(plate: object, matte: object, *words: object, out: Path | None = None):
        return su("plate", "--plate", plate, "--matte", matte, "--reference", still,
                  "--reference-space", SRGB, "--option", "follow=off", "--by", "Kim",
                  "--out", out or tmp_path / "out", "--json", *words)  # fmt: skip

    return run


def held(index: int) -> np.ndarray:
    return matte(0)


def by_another(path: Path, pixels: np.ndarray, kind: str = "half", **attributes: object) -> Path:
    """A picture as another program writes it."""
    spec = oiio.ImageSpec(pixels.shape[1], pixels.shape[0], pixels.shape[2], kind)
    for name, value in attributes.items():
        spec.attribute(name.replace("__", ":"), value)
    output = oiio.ImageOutput.create(str(path))
    assert output.open(str(path), spec), output.geterror()
    assert output.write_image(np.ascontiguousarray(pixels, np.float32)), output.geterror()
    assert output.close()
    return path


def refused(said) -> tuple[str, str, str]:
    assert said.code == 1, said
    assert "Traceback" not in said.out + said.err
    error = said.json["error"]
    return error["code"], error["message"], error["hint"]


@pytest.mark.parametrize("turned", [2, 3, 6])
def test_a_plate_that_is_stored_turned_is_refused_in_plain_words(put_in, tmp_path, turned):
    plate = by_another(tmp_path / "plate.0001.exr", picture(0), oiio__ColorSpace=LINEAR,
                       Orientation=turned)  # fmt: skip
    soft = np.zeros((WIDE, HIGH, 1)) if turned > 4 else matte(0)
    soft[40:60, 40:60] = 1
    roto = by_another(tmp_path / "roto.0001.exr", soft)
    code, message, hint = refused(put_in(plate, roto))
    assert code == "E_TURNOVER"
    assert message == f"plate.0001.exr is stored turned: its attribute Orientation is {turned}"
    assert "upright" in hint


def test_a_plate_that_says_it_is_upright_is_taken(put_in, tmp_path: Path):
    plate = by_another(tmp_path / "plate.0001.exr", picture(0), oiio__ColorSpace=LINEAR,
                       Orientation=1)  # fmt: skip
    said = put_in(plate, str(written(tmp_path, "roto", held, count=1)) % 1001)
    assert said.code == 0, said


def test_a_plate_of_one_frame_in_a_folder_with_spaces_and_letters_of_all_kinds(put_in, tmp_path):
    folder = tmp_path / "Drehtag 3, Müllerstraße (夜)"
    plate = written(folder, "plan séquence 01", picture, count=1)
    roto = written(folder, "Maske grün", held, count=1)
    out = folder / "das Ergebnis"
    said = put_in(plate, roto, "--space", SRGB, out=out)
    assert said.code == 0, said
    assert said.json["plate"]["frames"] == [1001, 1001]
    version = Path(said.json["version"]["path"])
    assert version.is_relative_to(out)
    assert all(name.isascii() and " " not in name for name in os.listdir(version / "exr"))
    assert len(list((version / "exr").iterdir())) == 1


def test_part_of_a_plate_says_which_frame_of_it_comes_first(put_in, tmp_path: Path):
    plate = written(tmp_path / "plate", "box", picture, suffix=".exr")
    roto = written(tmp_path / "roto", "roto", matte)
    said = put_in(plate, roto, "--frames", "1003-1004", "--space", LINEAR)
    assert said.code == 0, said
    made = sorted(Path(said.json["version"]["path"]).glob("exr/*"))
    assert [path.name[-8:] for path in made] == ["1001.exr", "1002.exr"]
    assert "its frame 1001 is frame 1003 of the plate" in " ".join(said.json["said"])
    for number, path in zip((1003, 1004), made, strict=True):
        kept, got = read_plate(Path(str(plate) % number)).half(), read_plate(path).half()
        assert (kept[:8].view("u2") == got[:8].view("u2")).all()
        assert (kept[box(number - 1001)] != got[box(number - 1001)]).any()
    for text in ("1001-1007", "1000", "7-9"):
        assert refused(put_in(plate, roto, "--frames", text))[0] == "E_FRAMES_MISSING"


def test_an_anamorphic_plate_stays_anamorphic(put_in, tmp_path: Path):
    pixels = picture(0).astype(np.float16)
    write_exr(tmp_path / "scope.0001.exr", pixels, ("R", "G", "B"),
              Attributes(space=LINEAR, pixel_aspect=2))  # fmt: skip
    roto = str(written(tmp_path, "roto", held, count=1)) % 1001
    said = put_in(tmp_path / "scope.0001.exr", roto)
    assert said.code == 0, said
    (made,) = Path(said.json["version"]["path"]).glob("exr/*")
    frame = read_plate(made)
    assert frame.pixel_aspect == 2
    assert frame.windows.display == (0, 0, WIDE, HIGH)
    assert said.json["receipt"]["kept"]
    (review,) = Path(said.json["version"]["path"]).glob("review/*")
    with Movie(review) as movie:  # watched as wide as it was in front of the lens
        assert (movie.facts.width, movie.facts.height) == (2 * WIDE, HIGH)
    page = Path(said.json["sheet"]).read_text()
    shown = [shape(base64.b64decode(data)) for data in EMBEDDED.findall(page)]
    assert shown == [(HIGH, 2 * WIDE)] * 4  # before, after, difference, matte
    (preview,) = Path(said.json["places"]["last previews"]).glob("*.jpg")
    assert shape(preview.read_bytes()) == (HIGH, 2 * WIDE)


def test_a_log_scan_says_no_colour_space_and_is_asked_for_one(put_in, tmp_path: Path):
    plate = by_another(tmp_path / "scan.0001.dpx", picture(0), "uint16", oiio__BitsPerSample=10,
                       dpx__Transfer="Printing density")  # fmt: skip
    roto = str(written(tmp_path, "roto", held, count=1)) % 1001
    code, message, hint = refused(put_in(plate, roto))
    assert code == "E_COLOR_UNKNOWN"
    assert "scan.0001.dpx" in message
    assert "ADX10" in hint
    said = put_in(plate, roto, "--space", "ADX10")
    assert said.code == 0, said
    assert "--space" in hint or "space" in hint.lower()
    assert said.json["receipt"]["kept"]


def shape(data: bytes) -> tuple[int, ...]:
    """Rows and columns of a picture."""
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE).shape


@pytest.fixture
def closed(tmp_path: Path, small_disk) -> Path:
    """A folder that nobody may write in, root neither."""
    small_disk.lock()
    return small_disk.folder


def test_an_out_folder_that_cannot_be_written_is_named(put_in, tmp_path: Path, closed: Path):
    plate = str(written(tmp_path / "plate", "box", picture, count=1)) % 1001
    roto = str(written(tmp_path / "plate", "roto", held, count=1)) % 1001
    code, message, hint = refused(put_in(plate, roto, "--space", SRGB, out=closed / "out"))
    assert code == "E_PERMISSION"
    assert str(closed) in message
    assert "folder" in hint
    code, message, _ = refused(put_in(plate, roto, "--space", SRGB, out=closed))
    assert code == "E_PERMISSION"


def test_a_full_disk_is_told_with_the_name_of_what_was_to_be_written(
    put_in, tmp_path: Path, small_disk
):
    plate = written(tmp_path / "plate", "box", picture)
    roto = written(tmp_path / "plate", "roto", matte)
    out = small_disk.folder / "out"
    code, message, hint = refused(put_in(plate, roto, "--space", SRGB, out=out))
    assert code == "E_DISK"
    assert ".part" not in message
    assert "room" in message
    assert "space" in hint
    left = [path for path in out.rglob("*") if ".part" in path.name or path.name.startswith("v0")]
    assert not left


def test_an_interlaced_movie_is_used_as_it_is_and_said_so(put_in, cuts, tmp_path: Path):
    import av

    movie = tmp_path / "fields.mov"
    with av.open(str(movie), "w") as container:
        fields = {"flags": "+ildct+ilme", "qp": "0", "x264-params": "tff=1"}
        stream = container.add_stream("libx264", rate=25, options=fields)
        stream.width, stream.height, stream.pix_fmt = WIDE, HIGH, "yuv420p"
        for index in range(3):
            pixels = (picture(index) * 255).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    roto = written(tmp_path, "roto", matte, count=3)
    said = put_in(movie, roto, "--space", "Gamma 2.4 Encoded Rec.709")
    assert said.code == 0, said
    assert any("interlaced" in remark for remark in said.json["takes"][0]["remarks"])


@pytest.mark.parametrize(
    ("names", "layers"),
    [(("r", "g", "b"), ""), (("Z", "beauty.R", "beauty.G", "beauty.B"), "Its layers: beauty. "),
     (("Y",), ""), (("G",), "")],
)  # fmt: skip
def test_a_plate_without_red_green_and_blue_is_refused_with_what_it_has(
    put_in, tmp_path, names, layers
):
    pixels = np.dstack((picture(0), matte(0)))[..., : len(names)].astype(np.float16)
    write_exr(tmp_path / "plate.0001.exr", pixels, names, Attributes(space=LINEAR))
    roto = str(written(tmp_path, "roto", held, count=1)) % 1001
    code, message, hint = refused(put_in(tmp_path / "plate.0001.exr", roto))
    lacking = [name for name in "RGB" if name not in names]
    assert (code, message) == ("E_TURNOVER", f"the plate has no channel {', '.join(lacking)}")
    assert hint == f"{layers}Write what is the picture as R, G and B; it has: {', '.join(names)}."


def changing(folder: Path, second: tuple[str, ...]) -> Path:
    """Two frames, the first of R, G, B and Z; the second of other channels."""
    for index, names in enumerate((("R", "G", "B", "Z"), second)):
        extra = np.repeat(np.ones((HIGH, WIDE, 1)), len(names) - 3, axis=2)
        pixels = np.dstack((picture(index), extra)).astype(np.float16)
        write_exr(folder / f"plate.{1001 + index}.exr", pixels, names, Attributes(space=LINEAR))
    return folder / "plate.%04d.exr"


def test_a_sequence_whose_alpha_comes_and_goes_is_refused_and_one_with_more_passes_told_whole(
    put_in, su, tmp_path: Path
):
    roto = written(tmp_path, "roto", matte, count=2)
    code, message, hint = refused(put_in(changing(tmp_path, ("R", "G", "B", "A", "Z")), roto))
    assert (code, message) == (
        "E_TURNOVER", "frame 1002 of the plate has R, G, B, A, those before it R, G, B",
    )  # fmt: skip
    assert "same channels" in hint
    code, message, _ = refused(put_in(changing(tmp_path, ("R", "G", "B")), roto))
    assert message == "plate.1002.exr has no channel Z"
    said = put_in(changing(tmp_path, ("R", "G", "B", "Z", "id")), roto)
    assert said.code == 0, said
    version = Path(said.json["version"]["path"])
    assert json.loads((version / "receipt.json").read_text())["channels_passed"] == ["Z", "id"]
    assert su("verify", version, "--json").json["ok"]


@pytest.mark.parametrize("opaque", [True, False])
def test_the_alpha_of_a_picture_that_is_no_exr_is_left_out_and_said_so(put_in, tmp_path, opaque):
    pixels = picture(0) if opaque else np.dstack((picture(0), matte(0)))
    plate = str(written(tmp_path, "cut", lambda _: pixels, count=1)) % 1001
    roto = str(written(tmp_path, "roto", held, count=1)) % 1001
    said = put_in(plate, roto, "--space", SRGB)
    assert said.code == 0, said
    assert ("alpha is left out" in " ".join(said.json["said"])) == (not opaque)
