"""The receipt: measured from the frames, written beside them, and measured again from the files."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from secondunit.contract import receipt as receipts
from secondunit.contract.matte import merge, protect
from secondunit.contract.receipt import NAME, Receipt, measure_frames
from secondunit.contract.recheck import recheck
from secondunit.media.delivery import Attributes
from secondunit.media.plates import PlateFrame, read_plate, write_plate
from secondunit.media.stills import Windows

BOX = (0, 0, 48, 32)


def plate_frame(seed: int, **wider) -> PlateFrame:
    rng = np.random.default_rng(seed)
    planes = {name: rng.random((32, 48)).astype(np.float16) for name in ("R", "G", "B", "A")}
    planes["Z"] = rng.normal(size=(32, 48)).astype(np.float16)
    planes["Z"][0, 0] = np.nan
    return PlateFrame({**planes, **wider}, Windows(BOX, BOX), "ACEScg")


def version(folder: Path, count: int = 3) -> tuple[Path, Receipt]:
    """A version of a small plate in which a square was replaced, as publishing leaves it."""
    made = folder / "A_0010_v001"
    for part in ("plate", "A_0010_v001/exr", "A_0010_v001/matte"):
        (folder / part).mkdir(parents=True)
    soft = np.zeros((32, 48), np.float32)
    soft[10:20, 10:30] = 0.75
    protected, frames, files = protect(soft, 3), [], ({}, {}, {})
    for number in range(1001, 1001 + count):
        plate = plate_frame(number)
        half = merge(plate.half(), plate.colour, np.ones((32, 48, 3), np.float32), soft, protected)
        result = plate.with_colour(half)
        paths = (folder / "plate" / f"p.{number}.exr", made / "exr" / f"{made.name}.{number}.exr",
                 made / "matte" / f"{made.name}.{number}.exr")  # fmt: skip
        write_plate(paths[0], plate)
        write_plate(paths[1], result)
        receipts.write_mask(paths[2], soft, protected)
        files[0][number] = str(paths[0])
        for at in (1, 2):
            files[at][number] = paths[at].relative_to(made).as_posix()
        frames.append(measure_frames(plate, result, protected, soft, frame=number))
    where = dict(plate_files=files[0], result_files=files[1], matte_files=files[2])
    receipt = Receipt("ACEScg", "ACEScg", tuple(frames), ("Z",), edge_zone=3, **where)
    receipt.write(made)
    return made, receipt


def test_a_receipt_holds_what_others_rely_on_and_measures_again_from_the_files(tmp_path: Path):
    made, receipt = version(tmp_path)
    told = json.loads((made / NAME).read_bytes())
    assert {"plate", "result", "matte", "frames", "channels_passed", "clipped", "ocio",
            "versions"} <= set(told)  # fmt: skip
    assert {"digest", "space"} <= set(told["plate"])
    assert {"digest", "space"} <= set(told["result"])
    assert {"frame", "protected_pixels", "changed_in_protected", "max_difference_in_protected",
            "changed_inside", "share"} <= set(told["frames"][0])  # fmt: skip
    assert receipt.kept
    assert told["kept"] is True
    assert told["frames"][0]["changed_in_protected"] == 0
    assert told["frames"][0]["changed_inside"] == 200
    assert told["frames"][0]["share"] == pytest.approx(200 / (32 * 48))
    assert told["channels_passed"] == ["Z"]
    assert recheck(made) == ()


def changed(path: Path, name: str, row: int, column: int) -> None:
    frame = read_plate(path)
    plane = frame.planes[name].copy()
    plane.view(np.uint16)[row, column] ^= 1
    write_plate(path, replace(frame, planes={**frame.planes, name: plane}))


def test_one_bit_changed_outside_the_matte_is_found(tmp_path: Path):
    made, _ = version(tmp_path)
    changed(made / "exr" / f"{made.name}.1002.exr", "G", 0, 0)
    said = " ".join(problem.sentence for problem in recheck(made))
    assert "Frame 1002 differs from the plate in 1 protected pixels" in said
    assert "1001" not in said


def test_one_bit_changed_in_a_passed_channel_inside_the_matte_is_found(tmp_path: Path):
    made, _ = version(tmp_path)
    changed(made / "exr" / f"{made.name}.1001.exr", "Z", 15, 15)
    assert any("1 protected pixels" in problem.sentence for problem in recheck(made))


def test_another_plate_mask_or_receipt_is_found(tmp_path: Path):
    made, receipt = version(tmp_path)
    changed(Path(receipt.plate_files[1001]), "R", 0, 0)
    assert {p.what for p in recheck(made)} == {"plate", "result"}
    changed(Path(receipt.plate_files[1001]), "R", 0, 0)
    assert recheck(made) == ()
    receipts.write_mask(
        made / receipt.matte_files[1002], np.ones((32, 48)), np.zeros((32, 48), bool)
    )
    assert {p.what for p in recheck(made)} == {"matte"}
    made, _ = version(tmp_path / "again")
    told = json.loads((made / NAME).read_bytes())
    told["frames"][0]["changed_inside"] = 0
    (made / NAME).write_text(json.dumps(told))
    assert "changed_inside" in recheck(made)[0].sentence


def test_files_that_are_gone_are_named_and_a_plate_that_is_gone_leaves_the_rest_untrusted(
    tmp_path: Path,
):
    made, receipt = version(tmp_path)
    Path(receipt.plate_files[1003]).unlink()
    assert [(p.what, p.state) for p in recheck(made)] == [("plate", "untrusted")]
    (made / receipt.result_files[1001]).unlink()
    assert ("result", "missing") in [(p.what, p.state) for p in recheck(made)]
    (made / receipt.matte_files[1002]).write_bytes(b"no picture")
    assert ("matte", "broken") in [(p.what, p.state) for p in recheck(made)]
    for text in ("{}", "[]", "null", "{"):
        (made / NAME).write_text(text)
        assert recheck(made)[0].state == "broken"
    (made / NAME).unlink()
    assert recheck(made)[0].state == "missing"


def test_what_is_protected_is_recomputed_from_the_matte_and_the_edge_zone(tmp_path: Path):
    made, receipt = version(tmp_path)
    path = made / receipt.matte_files[1002]
    soft, protected = receipts.read_mask(path)
    protected[0, 0] = False
    receipts.write_mask(path, soft, protected)
    said = [problem.sentence for problem in recheck(made)]
    assert any("1002: 1 pixels are protected otherwise" in sentence for sentence in said)
    made, _ = version(tmp_path / "again")
    told = json.loads((made / NAME).read_bytes())
    for zone, state in ((4, "changed"), (2, "changed"), (100000, "broken"), (True, "broken")):
        (made / NAME).write_text(json.dumps({**told, "edge_zone": zone}))
        assert {problem.state for problem in recheck(made)} == {state}
    (made / NAME).write_text(json.dumps(told))
    assert recheck(made) == ()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kept": False}, "verdict"),
        ({"channels_passed": []}, "other channels"),
        ({"channels_passed": ["Z", "id"]}, "other channels"),
    ],
)
def test_every_word_of_a_receipt_that_can_be_measured_is(changes: dict, said: str, tmp_path: Path):
    made, _ = version(tmp_path)
    told = json.loads((made / NAME).read_bytes())
    (made / NAME).write_text(json.dumps({**told, **changes}))
    (problem,) = recheck(made)
    assert said in problem.sentence
    assert problem.state == "changed"


def test_a_matte_other_than_the_one_handed_over_is_found(tmp_path: Path):
    made, receipt = version(tmp_path)
    soft = receipts.read_mask(made / receipt.matte_files[1001])[0]
    assert recheck(made, handed=lambda number: soft) == ()
    other = soft.copy()
    other[15, 15] = 1
    said = recheck(made, handed=lambda number: other if number == 1003 else soft)
    assert [p.sentence for p in said] == [
        "Frame 1003: the matte is not the one that was handed over."
    ]

    def unknown(number):
        raise LookupError(number)

    assert recheck(made, handed=unknown) == ()


def test_frames_without_their_plate_are_counted_and_all_else_of_them_is_checked(tmp_path: Path):
    made, receipt = version(tmp_path)
    for number in (1001, 1003):
        Path(receipt.plate_files[number]).unlink()
    (problem,) = recheck(made)
    assert problem.sentence.startswith("2 frames could not be compared: the plate is not there")
    changed(made / receipt.result_files[1003], "G", 15, 15)
    assert "Frame 1003 of the result is another one." in [p.sentence for p in recheck(made)]


def test_a_plate_of_record_in_the_versions_own_folder_is_found_there(tmp_path: Path):
    made, receipt = version(tmp_path)
    (made / "plate").mkdir()
    files = {}
    for number, path in receipt.plate_files.items():
        files[number] = f"plate/{Path(path).name}"
        Path(path).rename(made / files[number])
    replace(receipt, plate_files=files).write(made)
    assert recheck(made) == ()


def test_a_receipt_that_points_out_of_its_folder_is_not_followed(tmp_path: Path):
    made, _ = version(tmp_path)
    told = json.loads((made / NAME).read_bytes())
    told["result"]["files"]["1001"] = "../plate/p.1001.exr"
    (made / NAME).write_text(json.dumps(told))
    assert "outside its own folder" in recheck(made)[0].sentence


def of_red(red: np.ndarray) -> PlateFrame:
    """A frame of 2 x 2 whose red is given and whose other colours are 0."""
    zeros, box = np.zeros((2, 2), np.float16), (0, 0, 2, 2)
    return PlateFrame({"R": red, "G": zeros, "B": zeros}, Windows(box, box), "ACEScg")


def test_a_changed_nan_and_a_changed_sign_of_zero_count_as_changes():
    red = np.zeros((2, 2), np.float16)
    red[0, 0] = np.nan
    other = red.copy()
    other.view(np.uint16)[0, 0] ^= 1
    other.view(np.uint16)[1, 1] = 0x8000
    masks = np.ones((2, 2), bool), np.zeros((2, 2), np.float32)
    found = measure_frames(of_red(red), of_red(other), *masks)
    assert found.changed_in_protected == 2
    assert found.max_difference_in_protected == 131008
    assert json.dumps(found.max_difference_in_protected)
    same = measure_frames(of_red(red), of_red(red.copy()), *masks)
    assert (same.changed_in_protected, same.share) == (0, 0)


def test_the_share_that_changed_is_of_the_picture_that_is_shown():
    stored, shown = (-4, -4, 24, 24), (0, 0, 32, 32)  # overscan left and above, empty on the right
    zeros = {name: np.zeros((24, 24), np.float16) for name in "RGB"}
    plate = PlateFrame(zeros, Windows(stored, shown), "ACEScg")
    red = zeros["R"].copy()
    red[:8, :8] = 1  # sixteen of these pixels are seen, the others lie in the overscan
    made = replace(plate, planes={**zeros, "R": red})
    free, soft = np.zeros((24, 24), bool), np.ones((24, 24), np.float32)
    found = measure_frames(plate, made, free, soft)
    assert found.changed_inside == 64
    assert found.share == 16 / 32**2


def test_a_frame_of_another_size_or_type_cannot_be_measured():
    plate, box = of_red(np.zeros((2, 2), np.float16)), (0, 0, 3, 2)
    masks = np.ones((2, 2), bool), np.zeros((2, 2), np.float32)
    wide = {name: np.zeros((2, 3), np.float16) for name in "RGB"}
    with pytest.raises(ValueError, match="display window"):
        measure_frames(plate, PlateFrame(wide, Windows(box, box), "ACEScg"), *masks)
    with pytest.raises(ValueError, match="channel R is float32, not float16"):
        measure_frames(plate, of_red(np.zeros((2, 2), np.float32)), *masks)
    with pytest.raises(ValueError, match="other channels"):
        measure_frames(plate_frame(1), plate_frame(1, X=np.zeros((32, 48), np.float16)),
                       np.ones((32, 48), bool), np.zeros((32, 48), np.float32))  # fmt: skip


@pytest.mark.parametrize("kind", ["float32", "uint32", "both"])
def test_planes_of_other_types_are_written_and_read_bit_for_bit(kind: str, tmp_path: Path):
    rng, wider = np.random.default_rng(7), {}
    if kind != "uint32":
        wider["crypto00.R"] = rng.integers(0, 2**31, (32, 48), np.uint32).view(np.float32)
    if kind != "float32":
        wider["id"] = rng.integers(0, 2**32, (32, 48), np.uint32)
    for cleaned in (False, True):
        frame = plate_frame(1, **wider)
        if cleaned:
            frame.planes["Z"][0, 0] = 0
        write_plate(tmp_path / "p.exr", frame)
        back = read_plate(tmp_path / "p.exr")
        assert set(back.channels) == set(frame.channels)
        assert {n: p.dtype for n, p in back.planes.items()} == {
            n: p.dtype for n, p in frame.planes.items()
        }
        assert back.digest() == frame.digest()


EDGE_CASES = [
    *("AllHalfValues", "BrightRingsNanInf", "WideColorGamut", "WideFloatRange"),
    *("GrayRampsHorizontal", "display_window_t01", "display_window_t04", "display_window_t08"),
    *("display_window_t09", "display_window_t13"),
]


@pytest.mark.parametrize("name", EDGE_CASES)
def test_windows_ranges_and_every_half_value_come_back_from_disk(name, data: Path, tmp_path: Path):
    frame = read_plate(data / "exr" / "edge_cases" / f"{name}.exr")
    write_plate(tmp_path / "p.exr", frame)
    back = read_plate(tmp_path / "p.exr")
    assert back.digest() == frame.digest()
    assert back.windows == frame.windows
    assert back.pixel_aspect == frame.pixel_aspect


def test_pixel_aspect_overscan_and_space_are_kept(tmp_path: Path):
    frame = replace(plate_frame(2), pixel_aspect=2, windows=Windows((-8, -4, 48, 32),
                    (0, 0, 32, 24)))  # fmt: skip
    write_plate(tmp_path / "p.exr", frame)
    back = read_plate(tmp_path / "p.exr")
    assert (back.pixel_aspect, back.windows, back.space) == (2, frame.windows, "ACEScg")
    assert back.digest() == frame.digest()


def test_what_a_camera_wrote_of_a_plate_is_kept_and_what_we_say_comes_first(
    data: Path, tmp_path: Path
):
    frame = read_plate(data / "exr" / "plates" / "MtTamWest.exr")
    write_plate(
        tmp_path / "p.exr", frame, Attributes(space="ACEScg", rate=Fraction(24), timecode=86400)
    )
    back = read_plate(tmp_path / "p.exr")
    assert back.space == "ACEScg"
    for name in ("altitude", "latitude", "utcOffset", "DateTime", "Copyright", "ImageDescription"):
        assert back.attributes[name] == frame.attributes[name]
    assert back.attributes["secondunit/timecode"] == "01:00:00:00"
    assert "thumbnail_width" not in back.attributes
