"""What the two checks of a plate say: nothing outside the matte, and no edge that shows."""

from __future__ import annotations

import json
import time
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from secondunit.checks.plate_kept import MatteSeam, PlateIntegrity
from secondunit.contract import receipt as receipts
from secondunit.contract.kept import kept_in
from secondunit.contract.matte import merge, protect
from secondunit.contract.receipt import NAME, Receipt, measure_frames
from secondunit.contract.seam import seam
from secondunit.exam import Exam
from secondunit.media.own import own_version
from secondunit.media.plates import PlateFrame, read_plate, write_plate
from secondunit.media.stills import Windows
from secondunit.testing.material import scene
from secondunit_bridge.errors import MediaDamaged, MediaOffline
from secondunit_bridge.film import Media, Outcome, Shot
from secondunit_bridge.timing import FrameRange
from secondunit_bridge.wire import plain


def same(rgb: np.ndarray) -> np.ndarray:
    return rgb


@pytest.fixture(scope="module")
def desk(data: Path) -> PlateFrame:
    """A real photograph in scene-linear light, 644 by 874."""
    return read_plate(data / "exr" / "plates" / "Desk.exr")


def square(plate: PlateFrame, zone: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A hard matte in the middle, and what it protects."""
    _, _, width, height = plate.windows.display
    soft = np.zeros((height, width), np.float32)
    soft[300:520, 180:460] = 1.0
    return soft, protect(soft, zone)


def replaced(plate: PlateFrame, gain: float, noise: float = 0.0) -> PlateFrame:
    soft, protected = square(plate)
    half = plate.half()[..., :3].astype(np.float32) * gain
    half *= 1 + np.random.default_rng(1).normal(0, noise, half.shape).astype(np.float32)
    return plate.with_colour(merge(plate.half(), plate.colour, half, soft, protected))


def test_a_seam_grows_with_the_step_and_grain_is_none(desk: PlateFrame):
    soft, protected = square(desk)
    read = {stops: seam(desk, replaced(desk, 2**stops), protected, soft, same)
            for stops in (0.0, 0.02, 0.05, 0.1, 0.2)}  # fmt: skip
    assert read[0.0] == 0.0
    assert list(read.values()) == sorted(read.values())
    assert read[0.02] < 1 < read[0.05] < 4
    assert seam(desk, replaced(desk, 1.0, noise=0.05), protected, soft, same) < 0.5


def removed(gain: float) -> tuple[PlateFrame, PlateFrame, np.ndarray, np.ndarray]:
    """Somebody dark before a shaded wall, taken out; what is put there is feathered outside."""
    rows, columns = np.mgrid[0:240, 0:320].astype(np.float32)
    wall = np.stack([0.3 + columns / 900, 0.3 + rows / 900, np.full_like(rows, 0.35)], -1)
    wall *= 1 + np.random.default_rng(2).normal(0, 0.01, wall.shape).astype(np.float32)
    soft = np.zeros(rows.shape, np.float32)
    soft[60:200, 110:200] = 1
    whole = wall.copy()
    whole[64:196, 114:196] = 0.02
    free = ~protect(soft, 12)
    amount = np.maximum(soft, cv2.GaussianBlur(soft, (0, 0), 2) * free)[..., None]
    windows = Windows((0, 0, 320, 240), (0, 0, 320, 240))
    put = whole * (1 - amount) + wall * gain * amount
    frames = [PlateFrame({n: half.astype(np.float16)[..., at] for at, n in enumerate("RGB")},
                         windows, "ACEScg") for half in (whole, put)]  # fmt: skip
    return frames[0], frames[1], ~free, soft


def test_a_contour_that_the_feather_leaves_is_found_and_a_good_removal_is_not():
    plate, good, protected, soft = removed(1.0)
    assert seam(plate, good, protected, soft, same) < 0.5
    plate, ghost, protected, soft = removed(1.08)
    assert seam(plate, ghost, protected, soft, same) > 1


def test_a_matte_without_an_edge_has_no_seam(desk: PlateFrame):
    soft, shape = square(desk)[0], square(desk)[1].shape
    for protected in (np.ones(shape, bool), np.zeros(shape, bool)):
        assert seam(desk, replaced(desk, 2), protected, soft, same) is None


def test_a_seam_is_read_around_the_matte_only_and_fast(desk: PlateFrame):
    soft, protected = square(desk)
    result = replaced(desk, 1.1)
    began = time.process_time()
    for _ in range(5):
        seam(desk, result, protected, soft, same)
    assert (time.process_time() - began) / 5 < 0.25  # a third of a megapixel


def published(folder: Path, plate: PlateFrame, gain: float, spoil: int = 0) -> Path:
    """A version of one plate frame as publishing leaves it; ``spoil`` protected pixels changed."""
    made = folder / "TCC_0010_v001"
    for part in ("exr", "qc"):
        (made / part).mkdir(parents=True)
    soft, protected = square(plate)
    result = replaced(plate, gain)
    frame = measure_frames(plate, result, protected, soft, frame=1001)
    result.planes["G"].flags.writeable = True
    result.planes["G"][3, :spoil] += np.float16(0.25)
    write_plate(folder / "p.1001.exr", plate)
    write_plate(made / "exr" / f"{made.name}.1001.exr", result)
    receipts.write_mask(made / "qc" / "m.1001.exr", soft, protected)
    Receipt("ACEScg", "ACEScg", (frame,), plate_files={1001: str(folder / "p.1001.exr")},
            result_files={1001: f"exr/{made.name}.1001.exr"},
            matte_files={1001: "qc/m.1001.exr"}).write(made)  # fmt: skip
    return made


def told(made: Path, check, *, put_in: bool = False):
    take = scene(2)
    kept = dict(enumerate(kept_in(made, [1001], same), 1001))
    exam = Exam(take=take, asked=take.frames, cut=take.frames, kept=lambda: kept,
                put_in=put_in)  # fmt: skip
    [finding] = check.examine(exam)
    return finding


@pytest.fixture(scope="module")
def small(desk: PlateFrame) -> PlateFrame:
    """The same, colour only: what passes through is tested elsewhere."""
    planes = {name: desk.planes[name].copy() for name in "RGB"}
    return PlateFrame(planes, Windows(desk.windows.data, desk.windows.display), "ACEScg")


def test_a_version_that_kept_its_plate_is_clear_in_both(tmp_path: Path, small):
    made = published(tmp_path, small, 1.0)
    assert told(made, PlateIntegrity()).outcome is Outcome.clear
    assert told(made, MatteSeam()).outcome is Outcome.clear


def test_pixels_changed_outside_the_matte_stop_with_their_number_and_size(tmp_path: Path, small):
    found = told(published(tmp_path, small, 1.0, spoil=7), PlateIntegrity())
    assert (found.outcome, found.value, found.frames) == (Outcome.stop, 7, ((1001, 1001),))
    assert "7 pixels" in found.sentence
    assert "0.25" in found.sentence


def test_an_edge_that_shows_is_asked_about(tmp_path: Path, small):
    found = told(published(tmp_path, small, 1.08), MatteSeam())
    assert found.outcome is Outcome.look
    assert found.value > 1
    assert told(tmp_path / "TCC_0010_v001", PlateIntegrity()).outcome is Outcome.clear


def test_a_thing_put_in_has_an_outline_of_its_own_and_is_not_judged(tmp_path: Path, small):
    found = told(published(tmp_path, small, 2.0), MatteSeam())
    assert (found.outcome, found.reason) == (Outcome.not_checked, "an outline of its own")


def test_what_was_put_in_from_a_reference_is_judged_in_no_cut(tmp_path: Path, small):
    made = published(tmp_path, small, 1.08)
    found = told(made, MatteSeam(), put_in=True)
    assert (found.outcome, found.reason) == (Outcome.not_checked, "an outline of its own")


@pytest.mark.parametrize(("roles", "put_in"), [(["plate", "matte"], False),
                                              (["plate", "matte", "reference"], True)])  # fmt: skip
def test_a_version_says_itself_whether_something_was_put_in(tmp_path: Path, roles, put_in):
    shot = Shot("film", "TCC", "0010", "g", FrameRange(1, 2, Fraction(24)))
    media = Media(FrameRange(1001, 1002, Fraction(24)))
    asked = {"shot": plain(shot), "work": "plate", "elements": [{"role": one} for one in roles]}
    (tmp_path / "record.json").write_text(json.dumps({
        "schema": "secondunit.record/1", "version": {"name": "v", "path": "/x/v"},
        "take": {"media": plain(media)}, "turnover": asked, "frames": [],
    }))  # fmt: skip
    own = own_version(tmp_path / "exr" / "v.1001.exr")
    assert own is not None
    assert own.put_in is put_in


def test_a_take_of_no_plate_is_not_checked():
    take = scene(2)
    for check in (PlateIntegrity(), MatteSeam()):
        [said] = check.examine(Exam(take=take, asked=take.frames, cut=take.frames))
        assert (said.outcome, said.reason) == (Outcome.not_checked, "no plate to compare with")


def test_a_plate_that_is_gone_or_a_receipt_that_leads_astray_says_so(tmp_path: Path, small):
    made = published(tmp_path, small, 1.0)
    (tmp_path / "p.1001.exr").rename(tmp_path / "away.exr")
    with pytest.raises(MediaOffline):
        kept_in(made, [1001], same)
    said = json.loads((made / NAME).read_text())
    said["matte"]["files"]["1001"] = "../../m.exr"
    (made / NAME).write_text(json.dumps(said))
    with pytest.raises(MediaDamaged):
        kept_in(made, [1001], same)
