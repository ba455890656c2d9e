"""From a plate and a matte to a version whose receipt can be measured again, by the command."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from plate_material import (
    BOX,
    COUNT,
    HIGH,
    LINEAR,
    SRGB,
    WIDE,
    box,
    matte,
    picture,
    wall,
    with_passes,
    written,
)
from secondunit.colour import Colour
from secondunit.media.delivery import Attributes, write_exr
from secondunit.media.plates import read_plate
from secondunit.media.stills import read_still

MOVIE = "Gamma 2.4 Encoded Rec.709"
RECEIPT = {
    "frames", "protected_pixels", "changed_in_protected", "max_difference_in_protected",
    "changed_inside", "share", "kept", "path",
}  # fmt: skip
KEYS = {
    "shot", "guid", "turnover", "plan", "takes", "circled", "version", "receipt", "plate", "out",
    "said", "sheet", "board", "places", "frames",
}  # fmt: skip


@pytest.fixture
def plates(tmp_path: Path) -> Path:
    """A folder with a PNG plate and its matte, six frames from 1001, and a still to put in."""
    folder = tmp_path / "plates"
    written(folder, "box", picture)
    written(folder, "matte", matte)
    written(folder, "wall", lambda index: wall(), count=1, first=1)
    return folder


def asked(folder: Path, *more: object, suffix: str = ".png") -> tuple[object, ...]:
    """The words of a command that takes the box out of the plate."""
    return (
        "plate", "--plate", folder / f"box.%04d{suffix}", "--matte", folder / "matte.%04d.png",
        "--space", SRGB, "--by", "Kim", "--out", folder / "out", "--json", *more,
    )  # fmt: skip


def frames_of(answer: dict) -> list[Path]:
    return sorted(Path(answer["version"]["path"]).glob("exr/*.exr"))


def outside_is_the_plate(answer: dict) -> None:
    """Measured here once more, apart from the product: the plate of record beside the result."""
    folder = Path(answer["version"]["path"])
    receipt = json.loads((folder / "receipt.json").read_text())
    changed = 0
    for number, file in receipt["result"]["files"].items():
        kept = read_plate(folder / receipt["plate"]["files"][number])
        made = read_plate(folder / file)
        protected = read_still(folder / receipt["matte"]["files"][number]).pixels[..., 1] > 0.5
        left, top, *_ = made.windows.data
        x, y, w, h = kept.windows.data
        near = (slice(y - top, y - top + h), slice(x - left, x - left + w))
        assert set(made.channels) == set(kept.channels)
        for name, plane in kept.planes.items():
            same = plane.view(f"u{plane.itemsize}") == made.planes[name][near].view(
                f"u{plane.itemsize}"
            )
            assert same[protected[near]].all(), (number, name)
            changed += int((~same).sum())
    assert changed > 0


def test_a_box_is_taken_out_of_a_plate_circled_published_and_shown(su, plates: Path):
    said = su(*asked(plates))
    assert said.code == 0, said
    answer = said.json
    assert set(answer) == KEYS
    assert set(answer["receipt"]) == RECEIPT
    assert answer["takes"][0]["media"]["frames"] == {"first": 1001, "last": 1006, "rate": "24"}
    assert answer["circled"] == answer["takes"][0]["take"]
    assert answer["version"]["by"] == "Kim"
    assert (answer["version"]["frames"], answer["version"]["handles"]) == ([1001, 1006], [0, 0])
    assert answer["receipt"]["kept"] is True
    assert answer["receipt"]["changed_in_protected"] == 0
    assert answer["receipt"]["changed_inside"] > COUNT * BOX * BOX * 0.9
    assert answer["plate"]["matte"] == {
        "path": str(plates / "matte.%04d.png"), "channel": None, "frames": [1001, 1006],
    }  # fmt: skip
    out = plates / "out"
    assert Path(answer["version"]["path"]).is_relative_to(out / "store")
    page = (out / "contact_sheet.html").read_text()
    assert "1001  ·  00:00:41:17  ·  before" in page  # frame 1001 of a plate without timecode
    for name in ("contact_sheet.html", "contact_sheet.png", "where.txt"):
        assert (out / name).stat().st_size > 100
    assert answer["version"]["path"] in (out / "where.txt").read_text()
    outside_is_the_plate(answer)
    the_box_is_gone(answer)
    assert Path(answer["places"]["receipt to look at"]).read_bytes()[:4] == b"\x89PNG"
    found = answer["takes"][0]["findings"]
    assert {one["outcome"] for one in found} <= {"clear", "not_checked"}
    unchecked = {one["check"]: one["reason"] for one in found if one["outcome"] == "not_checked"}
    assert "no neighbour" not in unchecked.values()  # a plate has no neighbour to miss
    assert set(unchecked) <= {"flicker.global", "flicker.boil"}, unchecked
    assert not [r for r in answer["takes"][0]["remarks"] if "frame rate" in r]  # one was decided
    assert [one["frame"] for one in answer["frames"]] == list(range(1001, 1007))
    assert all(one["coverage"] == 1 and one["confidence"] > 0.5 for one in answer["frames"])
    assert "Share of the matte whose background" in (out / "contact_sheet.html").read_text()
    checked = su("verify", answer["version"]["path"], "--json")
    assert checked.code == 0
    assert {item["state"] for item in checked.json["items"]} == {"ok"}


def the_box_is_gone(answer: dict) -> None:
    colour = Colour()
    for index, path in enumerate(frames_of(answer)):
        made = read_still(path, channels=("R", "G", "B"))
        shown = colour.convert(made.pixels, made.facts.space, SRGB)
        error = np.abs(shown - wall())[box(index)]
        assert error.mean() * 255 < 4
        assert np.percentile(error, 95) * 255 < 14


def test_people_read_what_was_done_and_that_nothing_else_was(su, plates: Path):
    words = [word for word in asked(plates) if word != "--json"]
    said = su(*words, "--frames", "1001-1003")
    assert said.code == 0, said
    for part in (
        "The plate says no frame rate, and there is no project: 24.",
        "Turned over box_", "3 frames (1001 to 1003)", "Circled take 1 as temp in the name of Kim",
        "Outside the matte nothing changed", "Where everything is", "contact_sheet.html",
    ):  # fmt: skip
        assert part in said.out
    assert "what is being made" in said.err
    checked = su("verify", next(plates.glob("out/store/*/*/v*")))
    assert "Measured again from the files. Outside the matte nothing changed" in checked.out


def test_held_takes_are_shown_and_wait_for_a_person(su, plates: Path):
    said = su(*asked(plates, "--hold", "--takes", 2, "--frames", "1001-1002"))
    assert said.code == 0, said
    answer = said.json
    assert (answer["circled"], answer["version"]) == (None, None)
    assert "the choice is yours" in answer["sentence"]
    assert answer["receipt"]["kept"]
    assert (plates / "out" / "contact_sheet.html").is_file()
    take = answer["takes"][1]["take"]
    circled = su("circle", take, "--by", "Ada", "--json")
    assert circled.code == 0, circled
    assert su("verify", circled.json["version"]["path"], "--json").json["ok"]


def test_the_same_plate_is_the_same_shot_and_a_named_shot_goes_on_with_other_frames(
    su, plates: Path
):
    few = ("--frames", "1001-1002")
    one, two = (su(*asked(plates, *few)).json for _ in range(2))
    assert one["guid"] == two["guid"]
    assert two["version"]["number"] == one["version"]["number"] + 1
    other = su(*asked(plates, "--frames", "1003-1004")).json
    assert other["guid"] != one["guid"]
    named = [su(*asked(plates, "--shot", "WALL_0040", "--frames", f)).json
             for f in ("1001-1002", "1001-1003")]  # fmt: skip
    assert {answer["shot"] for answer in named} == {"WALL_0040"}
    assert [answer["version"]["number"] for answer in named] == [1, 2], named


def test_a_plate_of_a_project_is_kept_in_its_store_and_runs_at_its_rate(su, plates: Path):
    (plates / "secondunit.toml").write_text(
        'name = "walls"\nrate = "25"\nwidth = 1920\nheight = 1080\nspace = "ACEScg"\n'
        'movie_space = "Gamma 2.4 Encoded Rec.709"\nstore = "kept"\n'
    )
    answer = su(*asked(plates, "--frames", "1001-1002")).json
    assert answer["plate"]["rate"] == "25"
    assert "25, project walls's" in " ".join(answer["said"])
    assert Path(answer["version"]["path"]).is_relative_to(plates / "kept")


@pytest.mark.parametrize("suffix", [".dpx", ".exr"])
def test_dpx_and_exr_sequences_are_plates_too(su, plates: Path, suffix: str):
    written(plates, "box", picture, suffix=suffix)
    said = su(*asked(plates, "--frames", "1001-1004", suffix=suffix))
    assert said.code == 0, said
    outside_is_the_plate(said.json)
    own = suffix == ".exr"
    assert su("verify", said.json["version"]["path"], "--json").json["ok"]
    made = read_still(frames_of(said.json)[0])
    assert made.facts.space == (Colour().canonical(SRGB) if own else "ACEScg")


def test_a_reference_is_put_in_through_the_plates_own_alpha(su, plates: Path):
    written(plates, "cut", lambda i: np.dstack((picture(i), matte(i))), suffix=".exr", count=2)
    said = su("plate", "--plate", plates / "cut.%04d.exr", "--matte", "alpha", "--space", LINEAR,
              "--reference", plates / "wall.0001.png", "--reference-space", SRGB, "--by", "Kim",
              "--option", "follow=off", "--out", plates / "out", "--json")  # fmt: skip
    assert said.code == 0, said
    assert said.json["plate"]["matte"]["channel"] == "alpha"
    assert said.json["receipt"]["changed_inside"] > 0
    outside_is_the_plate(said.json)


def test_a_channel_of_the_plate_is_the_matte_and_all_channels_come_back(su, plates: Path):
    pattern = with_passes(plates)
    said = su("plate", "--plate", pattern, "--matte", "channel:hold.mask", "--by", "Kim",
              "--reference", plates / "wall.0001.png", "--reference-space", SRGB, "--option",
              "follow=off", "--out", plates / "out", "--json")  # fmt: skip
    assert said.code == 0, said
    outside_is_the_plate(said.json)
    for index, path in enumerate(frames_of(said.json), start=1):
        kept, made = read_plate(plates / f"passes.{index:04}.exr"), read_plate(path)
        for name in ("Z", "id", "hold.mask"):
            assert (kept.planes[name].view("u2") == made.planes[name].view("u2")).all()


def test_a_channel_that_is_not_there_is_said_with_those_that_are(su, plates: Path):
    pattern = with_passes(plates)
    said = su("plate", "--plate", pattern, "--matte", "channel:roto", "--out", plates / "out",
              "--json")  # fmt: skip
    assert (said.code, said.error) == (1, "E_MATTE_MISSING")
    assert "hold.mask" in said.json["error"]["hint"]


def test_an_empty_matte_is_refused_and_one_that_covers_all_is_remarked(su, plates: Path):
    written(plates, "matte", lambda index: np.zeros((HIGH, WIDE, 1), np.float32))
    said = su(*asked(plates))
    assert (said.code, said.error) == (1, "E_MATTE_MISSING")
    assert not list(plates.glob("out/store/**/*.exr"))
    written(plates, "matte", lambda index: np.ones((HIGH, WIDE, 1), np.float32))
    said = su(*asked(plates, "--reference", plates / "wall.0001.png", "--reference-space", SRGB,
                     "--option", "follow=off", "--frames", "1001-1002"))  # fmt: skip
    assert said.code == 0, said
    assert "W_MATTE_FULL" in json.dumps(said.json["takes"][0]["remarks"])


def test_missing_frames_are_named_and_a_matte_of_another_size_or_length_is_refused(
    su, plates: Path
):
    (plates / "box.1003.png").unlink()
    said = su(*asked(plates))
    assert (said.code, said.error) == (1, "E_FRAMES_MISSING")
    assert said.json["error"]["data"]["missing"] == [[1003, 1003]]
    written(plates, "box", picture)
    (plates / "matte.1004.png").unlink()
    assert su(*asked(plates)).json["error"]["data"]["missing"] == [[1004, 1004]]
    written(plates, "matte", lambda index: matte(index)[:, :-2])
    said = su(*asked(plates))
    assert (said.code, said.error) == (1, "E_TURNOVER")
    assert said.json["error"]["data"] == {"matte": [WIDE - 2, HIGH], "plate": [WIDE, HIGH]}
    short = written(plates / "short", "roto", matte, count=4, first=1)
    words = ["--matte" if w == "--matte" else short if "matte" in str(w) else w
             for w in asked(plates)]  # fmt: skip
    said = su(*words)
    assert (said.code, said.error) == (1, "E_FRAMES_MISSING")
    assert "4 frames" in said.json["error"]["message"]


def test_a_matte_with_other_numbers_is_laid_by_place_and_one_frame_is_held(su, plates: Path):
    roto = written(plates / "roto", "roto", matte, first=1)
    words = [roto if "matte.%" in str(w) else w for w in asked(plates, "--frames", "1003-1004")]
    answer = su(*words).json
    assert answer["plate"]["matte"]["frames"] == [3, 4]
    assert "its frame 3 is laid on frame 1003" in " ".join(answer["said"])
    still = written(plates / "one", "held", lambda index: matte(0), count=1)
    put_in = ("--reference", plates / "wall.0001.png", "--option", "follow=off")
    words = [
        str(still) % 1001 if "matte.%" in str(w) else w
        for w in asked(plates, "--frames", "1001-1003", "--reference-space", SRGB, *put_in)
    ]
    answer = su(*words).json
    assert answer["plate"]["matte"]["frames"] == [1001, 1001]


def test_what_no_frame_ever_shows_needs_a_model_and_nothing_is_published(su, plates: Path):
    written(plates, "box", lambda index: picture(index, 2))
    written(plates, "matte", lambda index: matte(2))
    said = su(*asked(plates))
    assert (said.code, said.error) == (1, "E_NEEDS_MODEL")
    told = said.json["error"]
    assert set(told["data"]["coverage"]) == {str(1001 + index) for index in range(COUNT)}
    assert all(share < 1 for share in told["data"]["coverage"].values())
    assert not list(plates.glob("out/store/**/exr"))
    red_where_nothing_was_seen(Path(told["data"]["picture"]), plates / "out")
    words = [word for word in asked(plates) if word != "--json"]
    said = su(*words)
    assert said.code == 1
    for part in ("No frame ever shows", "of the matte", "coverage.png", "Hand over a clean frame"):
        assert part in said.err, said
    assert "Traceback" not in said.err
    said = su(*asked(plates, "--clean", plates / "wall.0001.png"))
    assert said.code == 0, said
    the_box_is_gone_at(said.json, 2)


def red_where_nothing_was_seen(path: Path, out: Path) -> None:
    """The coverage picture lies where the command was told to put things, and shows the hole."""
    import cv2

    assert path == out / "coverage.png"
    picture = cv2.imread(str(path))[..., ::-1].astype(np.float32)
    times = picture.shape[1] // WIDE
    rows, columns = box(2)
    red = picture[..., 0] > 2 * picture[..., 1:].max(axis=-1)
    hole = (slice(rows.start * times, rows.stop * times),
            slice(columns.start * times, columns.stop * times))  # fmt: skip
    assert red[hole].mean() > 0.9
    red[hole] = False
    assert red[: HIGH * times].mean() < 0.1
    assert picture[HIGH * times :].max() > 150  # the caption under it


def the_box_is_gone_at(answer: dict, place: int) -> None:
    made = read_still(frames_of(answer)[0], channels=("R", "G", "B"))
    shown = Colour().convert(made.pixels, made.facts.space, SRGB)
    assert np.abs(shown - wall())[box(place)].mean() * 255 < 4


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (("--frames", "9"), 1, "E_FRAMES_MISSING"),
        (("--frames", "b-a"), 2, "E_FIELD"),
        (("--option", "zoom"), 2, "E_FIELD"),
        (("--option", "zoom=1"), 1, "E_FIELD"),
        (("--generator", "magic"), 1, "E_GENERATOR"),
        (("--generator", "reframe"), 1, "E_NEEDS_MODEL"),
        (("--reference", "gone.exr"), 1, "E_MEDIA_OFFLINE"),
        (("--space", "Mars"), 1, "E_COLOR_UNKNOWN"),
        (("--shot", "../x"), 1, "E_PATH"),
    ],
)
def test_what_cannot_be_done_has_a_code_a_sentence_and_a_next_step(su, plates, words, code, error):
    said = su(*asked(plates, *words))
    assert (said.code, said.error) == (code, error), said
    assert said.json["error"]["message"]
    assert said.json["error"]["hint"]
    assert "Traceback" not in said.out + said.err


@pytest.mark.long
def test_every_channel_of_a_stereo_sequence_comes_back_bit_for_bit(su, data: Path, tmp_path):
    source = data / "exr" / "plates"
    roto = tmp_path / "roto"
    roto.mkdir()
    for number in (1, 2):
        x, y, width, height = read_plate(source / f"beachball.{number:04}.exr").windows.data
        soft = np.zeros((1556, 2048, 1), np.float16)
        soft[y + 300 : y + height - 300, x + 300 : x + width - 300] = 1
        write_exr(roto / f"roto.{number:04}.exr", soft, ("Y",), Attributes())
    said = su("plate", "--plate", source / "beachball.%04d.exr", "--matte", roto, "--frames", "1-2",
              "--reference", source / "Desk.exr", "--space", LINEAR, "--reference-space", LINEAR,
              "--option", "follow=off", "--out", tmp_path / "out", "--json")  # fmt: skip
    assert said.code == 0, said
    assert len(said.json["plate"]["channels"]) == 20
    outside_is_the_plate(said.json)
    assert said.json["receipt"]["changed_in_protected"] == 0


@pytest.fixture(scope="module")
def people(data: Path) -> np.ndarray:
    """Frames 0 to 119 of a locked camera, gamma-encoded 0..1: a person comes up at frame 60."""
    import av

    with av.open(str(data / "footage" / "one-by-one-person.mp4")) as movie:
        frames = []
        for frame in movie.decode(video=0):
            frames.append(frame.to_ndarray(format="rgb24"))
            if len(frames) == 120:
                return np.stack(frames).astype(np.float32) / 255
    raise AssertionError("the movie is too short")


FIRST, LAST = 100, 105


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_person_is_taken_out_of_a_movie_and_what_is_behind_is_what_was_there(
    su, capfd, data: Path, people: np.ndarray, tmp_path: Path
):
    movie = data / "footage" / "one-by-one-person.mp4"
    truth = empty_room(people)
    roto = difference_matte(people, truth, tmp_path / "roto")
    said = su("plate", "--plate", movie, "--matte", tmp_path / "roto", "--frames",
              f"{FIRST}-{LAST}", "--clean", f"{movie}:0-20", "--by", "Kim", "--out",
              tmp_path / "out", "--json")  # fmt: skip
    assert said.code == 0, said
    answer = said.json
    assert answer["plate"]["rate"] == "10"
    outside_is_the_plate(answer)
    shown = [as_movie(path) for path in frames_of(answer)]
    errors = np.concatenate([np.abs(a - b)[m] for a, b, m in zip(shown, truth, roto, strict=True)])
    mean, p95 = errors.mean() * 255, np.percentile(errors, 95) * 255
    with capfd.disabled():
        print(f"removed person: mean {mean:.2f}/255, p95 {p95:.2f}/255")
    assert mean <= 4
    assert p95 <= 14
    assert su("verify", answer["version"]["path"], "--json").json["ok"]


def empty_room(people: np.ndarray) -> list[np.ndarray]:
    """The room without anybody, as it looks in each frame: the camera's exposure curve drifts.

    A curve for each channel, from columns that nobody walks through.
    """
    room = np.median(people[42:58], axis=0)
    aside = np.r_[0:200, 600:768]
    levels, wanted = room[:, aside].reshape(-1, 3).astype(np.float64), range(FIRST, LAST + 1)
    seen = [people[n][:, aside].reshape(-1, 3) for n in wanted]
    return [
        np.stack(
            [np.polyval(np.polyfit(levels[:, c], one[:, c], 3), room[..., c]) for c in range(3)], -1
        )
        for one in seen
    ]


def difference_matte(people: np.ndarray, truth: list[np.ndarray], folder: Path) -> list[np.ndarray]:
    """Mattes of whoever is not in the empty room, grown generously."""
    import cv2

    masks = []
    for number, room in zip(range(FIRST, LAST + 1), truth, strict=True):
        differs = cv2.GaussianBlur(np.abs(people[number] - room).mean(axis=-1), (0, 0), 2) > 0.05
        whole = cv2.morphologyEx(differs.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((25, 25)))
        _, labels, sizes, _ = cv2.connectedComponentsWithStats(whole)
        person = labels == 1 + int(np.argmax(sizes[1:, cv2.CC_STAT_AREA]))
        masks.append(cv2.dilate(person.astype(np.uint8), np.ones((25, 25), np.uint8)) > 0)
    written(folder, "roto", lambda i: masks[i][..., None].astype(np.float32), count=len(masks),
            first=1)  # fmt: skip
    return masks


def as_movie(path: Path) -> np.ndarray:
    made = read_still(path, channels=("R", "G", "B"))
    return Colour().convert(made.pixels, made.facts.space, MOVIE)
