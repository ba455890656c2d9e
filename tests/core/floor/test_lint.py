"""Delivery lint: a broken delivery is caught by the check meant for it, a whole one by none."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest
from secondunit.checks import lint
from secondunit.editorial.handed import Delivery
from secondunit.exam import Exam
from secondunit.media.delivery import Attributes, write_exr, write_still
from secondunit.media.exr_time import pack_timecode
from secondunit.media.filed import Clerk, clerk
from secondunit.media.own import own_version
from secondunit.media.tags import CHROMATICITIES
from secondunit.testing.material import scene
from secondunit_bridge.film import Media, Outcome, Project, Shot, Turnover, Work
from secondunit_bridge.timing import FrameRange, Handles
from secondunit_bridge.wire import plain

RATE, FIRST, COUNT = Fraction(24), 1001, 6
SIZE = (64, 36)
CHECKS = {one.about.name: one for one in lint.secondunit_checks()}
HOUR = 86400  # frames


@pytest.fixture(scope="module")
def looks() -> Iterator[Clerk]:
    with clerk() as one:
        yield one


def pixels(width: int = SIZE[0], height: int = SIZE[1]) -> np.ndarray:
    return scene(1, width, height).made(1).astype(np.float16)


def write(folder: Path, number: int, *, name: str = "plate", size: tuple[int, int] = SIZE, **said):
    facts = {"space": "ACEScg", "rate": RATE, "timecode": HOUR + number - FIRST, **said}
    write_exr(folder / f"{name}.{number}.exr", pixels(*size), attributes=Attributes(**facts))


def by_hand(path: Path, **said) -> None:
    """An EXR with whatever header is asked for."""
    spec = oiio.ImageSpec(
        *said.pop("size", SIZE), said.pop("channels", 3), said.pop("kind", "half")
    )
    for name, value in said.pop("windows", {}).items():
        setattr(spec, name, value)
    for name, (kind, value) in said.pop("typed", {}).items():
        spec.attribute(name, oiio.TypeDesc(kind), value)
    for name, value in said.items():
        spec.attribute(name, value)
    file = oiio.ImageOutput.create(str(path))
    data = np.full((spec.height, spec.width, spec.nchannels), 0.25, np.float32)
    assert file.open(str(path), spec)
    assert file.write_image(data)
    assert file.close()


@pytest.fixture
def plate(tmp_path: Path) -> Path:
    """A clean sequence of somebody else's."""
    folder = tmp_path / "plates"
    folder.mkdir()
    for number in range(FIRST, FIRST + COUNT):
        write(folder, number)
    return folder


def handed(looks: Clerk, folder: Path, name: str = "plate.%04d.exr", **said) -> Delivery:
    media = str(folder / name)
    facts = {
        "media": media, "filed": looks.file(media), "shown": tuple(range(FIRST, FIRST + COUNT)),
        "numbering": "file", "available": (FIRST, FIRST + COUNT - 1), "starts": FIRST,
        "rate": RATE, "cut_rate": RATE, "drop": False, "own": own_version(Path(media)),
        "project": Project("film", RATE, *SIZE, store="store"), **said,
    }  # fmt: skip
    return Delivery(**facts)


def judged(delivery: Delivery) -> dict[str, list]:
    frames = FrameRange(min(delivery.shown), max(delivery.shown), RATE)
    exam = Exam(take=scene(2), asked=frames, cut=frames, delivery=delivery)
    return {name: list(check.examine(exam)) for name, check in CHECKS.items()}


def wrong(found: dict[str, list]) -> set[str]:
    return {name for name, some in found.items() if any(one.open for one in some)}


def only(found: dict[str, list], name: str):
    """The one finding of the one check that says something."""
    assert wrong(found) == {name}, {n: [f.sentence for f in found[n]] for n in wrong(found)}
    [one] = [finding for finding in found[name] if finding.open]
    assert one.frames
    assert one.sentence.count(";") >= 1  # what is seen; what is expected
    assert "expected: " in one.sentence
    return one


def test_a_whole_sequence_of_somebody_elses_is_clear(looks, plate: Path):
    found = judged(handed(looks, plate))
    assert not wrong(found)
    clear = {name for name, some in found.items() if some[0].outcome is Outcome.clear}
    assert clear == set(CHECKS) - {"delivery.name"}  # nobody says how it should be called


def drop_frame(folder: Path) -> None:
    (folder / "plate.1003.exr").unlink()


def empty(folder: Path) -> None:
    (folder / "plate.1004.exr").write_bytes(b"")


def cut_short(folder: Path) -> None:
    path = folder / "plate.1004.exr"
    path.write_bytes(path.read_bytes()[:-600])


def other_size(folder: Path) -> None:
    write(folder, 1005, size=(96, 54))


def other_type(folder: Path) -> None:
    again(folder, 1005, kind="float")


def again(folder: Path, number: int, **said) -> None:
    bits = pack_timecode(HOUR + number - FIRST, RATE)
    typed = {
        "smpte:TimeCode": ("timecode", (bits, 0)),
        "FramesPerSecond": ("rational", (24, 1)),
        "chromaticities": ("float[8]", CHROMATICITIES["ACEScg"]),
    } | said.pop("typed", {})  # fmt: skip
    said = {"compression": "zip", "secondunit/space": "ACEScg"} | said
    by_hand(folder / f"plate.{number}.exr", typed=typed, **said)


def lossy_one(folder: Path) -> None:
    again(folder, 1005, compression="dwaa")


def squeezed_one(folder: Path) -> None:
    again(folder, 1005, PixelAspectRatio=2.0)


def more_channels(folder: Path) -> None:
    again(folder, 1005, channels=4)


def jumped(folder: Path) -> None:
    write(folder, 1004, timecode=HOUR + 300)


def stood_still(folder: Path) -> None:
    for number in range(FIRST, FIRST + COUNT):
        write(folder, number, timecode=HOUR)


def timecode_lost(folder: Path) -> None:
    write(folder, 1006, timecode=None)


def other_space(folder: Path) -> None:
    write(folder, 1006, space="Linear Rec.709 (sRGB)")


def false_primaries(folder: Path) -> None:
    for number in range(FIRST, FIRST + COUNT):
        again(folder, number, typed={"chromaticities": ("float[8]", CHROMATICITIES["ACES2065-1"])})


def padded_again(folder: Path) -> None:
    shutil.copy(folder / "plate.1002.exr", folder / "plate.01002.exr")


def copied(folder: Path) -> None:
    shutil.copy(folder / "plate.1002.exr", folder / "plate.1002 (1).exr")


def half_sent(folder: Path) -> None:
    shutil.copy(folder / "plate.1002.exr", folder / "plate.1002.exr.part")


def strange_pixels(folder: Path) -> None:
    for number in range(FIRST, FIRST + COUNT):
        again(folder, number, PixelAspectRatio=3.7)


def left_over_squeeze(folder: Path) -> None:
    for number in range(FIRST, FIRST + COUNT):
        again(folder, number, PixelAspectRatio=2.0)


def stored_elsewhere(folder: Path) -> None:
    for number in range(FIRST, FIRST + COUNT):
        again(
            folder, number, windows={"full_x": 400, "full_width": SIZE[0], "full_height": SIZE[1]}
        )


def black_border(folder: Path) -> None:
    for number in range(FIRST, FIRST + COUNT):
        again(folder, number, size=(60, 30), windows={"x": 2, "y": 3, "full_x": 0, "full_y": 0,
              "full_width": SIZE[0], "full_height": SIZE[1]})  # fmt: skip


def twenty_five(folder: Path) -> None:
    for number in range(FIRST, FIRST + COUNT):
        again(folder, number, typed={"FramesPerSecond": ("rational", (25, 1))})


PLANTED: list[tuple[Callable[[Path], None], str, Outcome, tuple[tuple[int, int], ...]]] = [
    (drop_frame, "frames", Outcome.stop, ((1003, 1003),)),
    (empty, "whole", Outcome.stop, ((1004, 1004),)),
    (cut_short, "whole", Outcome.stop, ((1004, 1004),)),
    (other_size, "mixed", Outcome.stop, ((1005, 1005),)),
    (other_type, "mixed", Outcome.look, ((1005, 1005),)),
    (lossy_one, "mixed", Outcome.look, ((1005, 1005),)),
    (squeezed_one, "mixed", Outcome.look, ((1005, 1005),)),
    (more_channels, "mixed", Outcome.look, ((1005, 1005),)),
    (jumped, "timecode", Outcome.look, ((1004, 1004),)),
    (stood_still, "timecode", Outcome.look, ((1001, 1006),)),
    (timecode_lost, "timecode", Outcome.look, ((1006, 1006),)),
    (other_space, "colour", Outcome.look, ((1006, 1006),)),
    (false_primaries, "colour", Outcome.look, ((1001, 1006),)),
    (padded_again, "frames", Outcome.look, ((1001, 1006),)),
    (copied, "frames", Outcome.look, ((1001, 1006),)),
    (half_sent, "frames", Outcome.look, ((1001, 1006),)),
    (strange_pixels, "aspect", Outcome.look, ((1001, 1006),)),
    (left_over_squeeze, "aspect", Outcome.look, ((1001, 1006),)),
    (stored_elsewhere, "windows", Outcome.stop, ((1001, 1006),)),
    (black_border, "windows", Outcome.look, ((1001, 1006),)),
    (twenty_five, "rate", Outcome.look, ((1001, 1006),)),
]  # fmt: skip


@pytest.mark.parametrize(("plant", "name", "outcome", "frames"), PLANTED)
def test_each_planted_fault_is_found_by_its_own_check_and_no_other(
    looks, plate: Path, plant, name: str, outcome: Outcome, frames
):
    plant(plate)
    found = judged(handed(looks, plate))
    if plant in (
        strange_pixels,
    ):  # a picture nearly four times as wide is too large, not too small
        found = {n: some for n, some in found.items() if n != "delivery.size"}
    one = only(found, f"delivery.{name}")
    assert (one.outcome, one.frames) == (outcome, frames)


def test_frames_the_cut_does_not_play_are_asked_about_and_do_not_stop(looks, plate: Path):
    drop_frame(plate)
    (plate / "plate.1005.exr").write_bytes(b"")
    shown = (1001, 1002)
    found = judged(handed(looks, plate, shown=shown))
    assert wrong(found) == {"delivery.frames", "delivery.whole"}
    outcomes = {f.outcome for some in found.values() for f in some if f.open}
    assert outcomes == {Outcome.look}


@pytest.mark.parametrize(
    ("said", "name", "words"),
    [
        ({"space": "Linear Rec.2020"}, "colour", "as the cut says"),
        ({"project": Project("film", RATE, 1920, 1080, store="s")}, "size", "blown up 30.00 times"),
        ({"rate": Fraction(25)}, "rate", "as the cut says"),
        ({"cut_rate": Fraction(30)}, "rate", "the cut's"),
        ({"available": (FIRST, FIRST + 9)}, "frames", "which the cut does not play"),
    ],
)
def test_what_contradicts_the_cut_or_the_project_is_found(looks, plate, said, name, words):
    one = only(judged(handed(looks, plate, **said)), f"delivery.{name}")
    assert words in one.sentence


@pytest.mark.parametrize(
    ("folder", "file", "words"),
    [
        ("v003", "plate_v002.%04d.exr", "v003"),
        ("v003", "plate_v003_1920x1080.%04d.exr", "1920x1080"),
    ],
)
def test_a_name_that_says_what_is_not_so_is_found(looks, tmp_path: Path, folder, file, words):
    place = tmp_path / folder
    place.mkdir()
    for number in range(FIRST, FIRST + COUNT):
        write(place, number, name=file.split(".")[0])
    assert words in only(judged(handed(looks, place, file)), "delivery.name").sentence
    for path in place.iterdir():
        path.rename(place / path.name.replace("_v002", "_v003").replace("1920x1080", "64x36"))
    fine = judged(
        handed(looks, place, file.replace("_v002", "_v003").replace("1920x1080", "64x36"))
    )
    assert not wrong(fine)
    assert fine["delivery.name"][0].outcome is Outcome.clear


def test_light_in_eight_bits_is_found(looks, tmp_path: Path):
    for number in range(FIRST, FIRST + COUNT):
        write_still(tmp_path / f"plate.{number}.tif", pixels().astype(np.float32), bits=8)
    declared = handed(looks, tmp_path, "plate.%04d.tif", space="Linear Rec.709 (sRGB)")
    assert "8 bits hold" in only(judged(declared), "delivery.depth").sentence


def test_every_damaged_file_is_found_and_nothing_crashes(looks, data: Path, tmp_path: Path):
    sources = sorted((data / "exr" / "damaged").iterdir())
    for number, source in enumerate(sources, FIRST):
        shutil.copyfile(source, tmp_path / f"plate.{number}.exr")
    shown = tuple(range(FIRST, FIRST + len(sources)))
    found = judged(handed(looks, tmp_path, shown=shown, available=(FIRST, shown[-1])))
    stopped = {n for f in found["delivery.whole"] for low, high in f.frames
               for n in range(low, high + 1)}  # fmt: skip
    assert stopped == set(shown)


def test_real_exrs_of_others_are_judged_kindly(looks, data: Path):
    plates, shown = data / "exr" / "plates", (1, 2, 3, 4)
    ball = handed(looks, plates, "beachball.%04d.exr", shown=shown, available=(1, 4), project=None)
    assert not wrong(judged(ball))
    for name in ("Desk.exr", "MtTamWest.exr", "CandleGlass.exr"):
        assert not wrong(judged(handed(looks, plates, name, shown=(0,), project=None)))
    odd = handed(looks, data / "exr" / "edge_cases", "display_window_t09.exr", shown=(0,),
                 project=None)  # fmt: skip
    assert only(judged(odd), "delivery.windows").outcome is Outcome.stop
    cropped = handed(looks, data / "exr" / "edge_cases", "display_window_t08.exr", shown=(0,),
                     project=None)  # fmt: skip
    assert only(judged(cropped), "delivery.windows").outcome is Outcome.look


@pytest.fixture
def version(tmp_path: Path) -> Path:
    """A published version of ours, as far as its files and its record go."""
    folder = tmp_path / "TCC_0010_v001"
    (folder / "exr").mkdir(parents=True)
    cut = FrameRange(HOUR + 2, HOUR + 3, RATE)
    shot = Shot("film", "TCC", "0010", "guid", cut, Handles(2, 2))
    media = Media(FrameRange(FIRST, FIRST + COUNT - 1, RATE), "", *SIZE, space="ACEScg")
    for number in media.frames:
        write(folder / "exr", number, name=folder.name)
    frames = [{"frame": n, "file": f"exr/{folder.name}.{n}.exr"} for n in media.frames]
    said = {
        "schema": "secondunit.record/1",
        "version": {"name": folder.name, "path": f"/mnt/show/{folder.name}"},
        "turnover": plain(Turnover(shot, Work.plate, "clean_plate")),
        "take": {"media": plain(media)},
        "frames": frames,
    }
    (folder / "record.json").write_text(json.dumps(said))
    return folder


def of_ours(looks: Clerk, version: Path) -> dict[str, list]:
    delivery = handed(looks, version / "exr", f"{version.name}.%04d.exr")
    assert delivery.own is not None
    return judged(replace(delivery, own=own_version(Path(delivery.media))))


def test_a_version_of_ours_that_is_as_its_record_says_is_clear_in_everything(looks, version):
    found = of_ours(looks, version)
    assert {f.outcome for some in found.values() for f in some} == {Outcome.clear}


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"timecode": HOUR + 50}, "timecode"),
        ({"space": "Linear Rec.709 (sRGB)"}, "colour"),
        ({"size": (96, 54)}, "size"),
        ({"rate": Fraction(25)}, "rate"),
    ],
)
def test_a_version_of_ours_is_held_to_its_record(looks, version: Path, said, name):
    for number in range(FIRST, FIRST + COUNT):
        facts = dict(said)
        if "timecode" in said:
            facts["timecode"] += number - FIRST
        write(version / "exr", number, name=version.name, **facts)
    found = of_ours(looks, version)
    assert only(found, f"delivery.{name}").outcome is Outcome.stop


def test_a_version_of_ours_with_a_frame_too_many_or_another_name_says_so(looks, version: Path):
    write(version / "exr", FIRST + COUNT, name=version.name)
    assert "beyond the version" in only(of_ours(looks, version), "delivery.frames").sentence
    renamed = version.rename(version.with_name("TCC_0010_v002"))
    assert "delivery.name" in wrong(
        judged(handed(looks, renamed / "exr", "TCC_0010_v001.%04d.exr"))
    )
