"""A generator of narrow limits, through the whole command: any plate and any insert, in full."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from secondunit.cli import main
from secondunit.media.plates import PlateFrame, read_plate, write_plate
from secondunit.media.stills import Windows, read_still

sys.path.insert(0, str(Path(__file__).parent))
from plate_material import written

sys.path.pop(0)

MODEL = '''
import numpy as np
from secondunit.hookspecs import Developed, GeneratorAbout, PixelShape, Port, hookimpl
from secondunit_bridge.film import Role, Work

LIMITS = dict(size_multiple=16, frame_rule=(4, 1), max_frames=17, pixel_shape=PixelShape.square)


class Narrow:
    """Shoots the plate, or grey, turned to green; raises when it is asked for what it cannot."""

    def __init__(self, name, **limits):
        ports = tuple(Port(r, "what it is shown", required=False) for r in (Role.plate, Role.matte))
        works = (Work.plate, Work.insert)
        self.about = GeneratorAbout(
            name, "1", "Turns a plate to green.", works, ports, **LIMITS, **limits
        )

    def plan(self, plan, elements):
        return plan

    def run(self, plan, elements, seed, watch):
        about, count = self.about, len(plan.frames)
        if count % 4 != 1 or count > 17 or plan.width % 16 or plan.height % 16:
            raise ValueError(f"{count} frames of {plan.width} x {plan.height}")
        if about.most_pixels and plan.width * plan.height > about.most_pixels:
            raise ValueError(f"{plan.width} x {plan.height}")
        plate = elements.one(Role.plate)
        for index, number in enumerate(plan.frames):
            watch.check()
            seen = np.full((plan.height, plan.width, 3), 0.01 * (number - 1000), np.float32)
            if plate:
                seen = plate.frame(plate.frames.first + index)[..., :3]
            made = seen * np.float32((0.5, 2, 0.5)) if plate else seen
            yield Developed(number, made)


@hookimpl
def secondunit_generators():
    sizes = {"small": 320 * 320, "tiny": 160 * 160}
    few = [Narrow(name, most_pixels=count) for name, count in sizes.items()]
    return [Narrow("narrow"), *few]
'''


@pytest.fixture
def film(light_film: Path) -> Path:
    return light_film


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home of this module's own whose daemon knows the narrow generators."""
    studio = tmp_path_factory.mktemp("studio")
    (studio / "narrow_unit.py").write_text(MODEL)
    papers = studio / "narrow_unit-1.0.dist-info"
    papers.mkdir()
    (papers / "METADATA").write_text("Metadata-Version: 2.1\nName: narrow-unit\nVersion: 1.0\n")
    (papers / "entry_points.txt").write_text("[secondunit]\nnarrow = narrow_unit\n")
    with tempfile.TemporaryDirectory(prefix="su-") as folder, pytest.MonkeyPatch.context() as patch:
        for name, variable in (("home", "SECONDUNIT_HOME"), ("run", "XDG_RUNTIME_DIR")):
            (Path(folder) / name).mkdir(mode=0o700)
            patch.setenv(variable, str(Path(folder) / name))
        patch.setenv("SECONDUNIT_PLUGINS", "narrow")
        paths = [str(studio), *filter(None, [os.environ.get("PYTHONPATH")])]
        patch.setenv("PYTHONPATH", os.pathsep.join(paths))
        yield Path(folder) / "home"
        main(["daemon", "stop", "--json"])


def squeezed(folder: Path, count: int) -> None:
    """An anamorphic EXR plate of odd size with overscan, ids, and a few NaN."""
    import cv2

    windows = Windows((-5, -3, 253, 109), (0, 0, 241, 101))
    noise = np.random.default_rng(4).random((109, 253 + count, 3)).astype(np.float32)
    soft = np.clip(cv2.GaussianBlur(noise, (0, 0), 3) * 3 - 1, 0.02, 2).astype(np.float16)
    for index in range(count):
        planes = {name: soft[:, index : index + 253, at].copy() for at, name in enumerate("RGB")}
        planes["R"][1, :4] = np.nan
        planes["id"] = np.random.default_rng(index).integers(0, 2**32, (109, 253), np.uint32)
        frame = PlateFrame(planes, windows, "ACEScg", Fraction(2))
        write_plate(folder / f"wide.{1001 + index}.exr", frame)


def hole(index: int) -> np.ndarray:
    made = np.zeros((101, 241, 1), np.float32)
    made[30:70, 40 + 3 * index : 80 + 3 * index] = 1
    return made


def published(su, answer: dict) -> Path:
    """The take circled, whatever continuity says of a green plate; the version's folder."""
    (take,) = answer["takes"]
    by = ("--by", "Kim", "--json")
    for finding in take["findings"]:
        if finding["outcome"] in ("look", "stop"):
            words = ("--answer", "creative_intent", "--reason", "to see what is delivered")
            assert su("waive", finding["id"], *words, *by).code == 0
    circled = su("circle", take["take"], *by)
    assert circled.code == 0, circled
    return Path(circled.json["version"]["path"])


def changed_only_inside(plate: str, version: Path, first: int, count: int) -> float:
    """How much greener the matte's inside is than the plate; the rest is the plate, or it fails."""
    greener = []
    files = sorted(version.glob("exr/*.exr"))
    assert len(files) == count
    for index, path in enumerate(files):
        before, after = read_plate(Path(plate % (first + index))), read_plate(path)
        mask = next(version.glob(f"qc/matte/*{1001 + index}.exr"))
        soft, protected = np.moveaxis(read_still(mask).pixels[..., :2], -1, 0)
        protected = protected > 0.5
        assert after.windows == before.windows
        assert after.pixel_aspect == before.pixel_aspect
        for name, plane in before.planes.items():
            bits = f"u{plane.itemsize}"
            assert (plane.view(bits) == after.planes[name].view(bits))[protected].all(), name
        inside = soft >= 1
        if inside.any():
            was, now = (f.planes["G"][inside].astype(float) for f in (before, after))
            greener.append(float(np.median(now[was > 0] / was[was > 0])))
    return float(np.median(greener))


@pytest.mark.parametrize(("generator", "says"), [("narrow", "mirrored"), ("tiny", "Shot smaller")])
def test_an_odd_anamorphic_plate_is_shot_in_runs_and_comes_back_frame_for_frame(
    su, home: Path, tmp_path: Path, generator: str, says: str
):
    squeezed(tmp_path, 22)
    written(tmp_path, "matte", hole, count=22)
    plate = tmp_path / "wide.%04d.exr"
    said = su("plate", "--plate", plate, "--matte", tmp_path / "matte.%04d.png",
              "--space", "ACEScg", "--generator", generator, "--hold", "--by", "Kim",
              "--out", tmp_path / "out", "--json")  # fmt: skip
    assert said.code in (0, 3), said
    answer = said.json
    assert answer["plan"]["frames"] == [1001, 1022]
    assert (answer["plan"]["width"], answer["plan"]["height"]) == (241, 101)
    runs = answer["plan"]["shooting"]["runs"]
    assert [run["asked"] for run in runs] == [17, 13]
    assert answer["plan"]["shooting"]["framing"] is None  # nobody had opened the plate yet
    remarks = " ".join(answer["takes"][0]["remarks"])
    assert "Shot in 2 runs of 13 to 17 frames that share 8, with one seed." in remarks
    assert "Desqueezed by 2 for the generator, and back." in remarks
    assert says in remarks
    version = published(su, answer)
    assert changed_only_inside(str(plate), version, 1001, 22) == pytest.approx(2, abs=0.05)
    assert su("verify", version, "--json").json["ok"]


@pytest.mark.long
@pytest.mark.slow
def test_a_real_plate_is_cropped_to_its_matte_and_people_are_told_how(su, home, data, tmp_path):
    plate = data / "exr" / "plates" / "beachball.%04d.exr"
    words = ("plate", "--plate", plate, "--matte", "channel:whitebarmask.right.mask", "--space",
             "ACEScg", "--generator", "small", "--by", "Kim", "--out", tmp_path)  # fmt: skip
    told = su(*words, "--hold")
    assert told.code in (0, 3), told
    assert "Shot in a run of 5 frames: 1 frame more than asked is shot and dropped." in told.out
    assert "Only the part around the matte is shot, as 102,400 pixels at most" in told.out
    assert told.out.index("Only the part") < told.out.index("Take 1")
    take = su("takes", "--json").json["takes"][-1]
    assert "Of 2048 x 1556 pixels the" in " ".join(take["remarks"])
    version = published(su, {"takes": [take]})
    assert changed_only_inside(str(plate), version, 1, 4) > 1.5


def test_an_insert_has_its_own_length_and_size_whatever_the_generator_shoots(su, home, film, cuts):
    items = [
        cuts.clip("bird 1", "bbb.mp4", 68, 24),
        cuts.hole(6),
        cuts.clip("bird 2", "bbb.mp4", 98, 24),
    ]
    cut = cuts.write_cut(film / "cut.otio", items)
    said = su("insert", cut, "--at", "01:00:01:00", "--frames", 6, "--generator", "small", "--by",
              "Ada", "--hold", "--out", film / "new.otio", "--json")  # fmt: skip
    assert said.code in (0, 3), said
    plan, (take, *_) = said.json["plan"], said.json["takes"]
    assert plan["frames"] == [1001, 1022]
    assert [run["asked"] for run in plan["shooting"]["runs"]] == [17, 13]
    assert plan["shooting"]["framing"]["height"] == 192
    assert plan["remarks"] == take["remarks"][: len(plan["remarks"])]
    version = published(su, {"takes": [take]})
    frames = [read_still(path).pixels for path in sorted(version.glob("exr/*.exr"))]
    assert [frame.shape for frame in frames] == [(180, 320, 3)] * 22
    levels = [float(frame.mean()) for frame in frames]
    assert levels == pytest.approx([0.01 * (at + 1) for at in range(22)], abs=1e-4)
