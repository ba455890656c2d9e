"""``secondunit replay``: the same take again, or what differs; planted in both ways."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from secondunit.cli.replay import sentence
from secondunit.stage.replay import compared
from secondunit_bridge.errors import Cancelled
from secondunit_bridge.unit import Unit

sys.path.insert(0, str(Path(__file__).parent))
import renders
import tiny_models

sys.path.pop(0)

DICE = '''
"""A generator that throws dice from its second frame on: it never makes the same take twice."""
import time
import numpy as np
from secondunit.hookspecs import Developed, GeneratorAbout, OptionAbout, hookimpl
from secondunit_bridge.film import Work

class Dice:
    slow = OptionAbout("slow", False, "Takes a second.")
    about = GeneratorAbout(
        "dice", "1", "Throws dice.", (Work.previs,), options=(slow,), deterministic=False
    )

    def plan(self, plan, elements):
        return plan

    def run(self, plan, elements, seed, watch):
        for index, frame in enumerate(plan.frames):
            for _ in range(10 if plan.turnover.options.get("slow") else 0):
                watch.check()
                time.sleep(0.05)
            dice = np.random.default_rng(seed if index == 0 else None)
            yield Developed(frame, dice.random((plan.height, plan.width, 3), np.float32))

@hookimpl
def secondunit_generators():
    return [Dice()]
'''


@pytest.fixture(scope="module", autouse=True)
def dice(home: Path, tmp_path_factory: pytest.TempPathFactory):
    place = tmp_path_factory.mktemp("dice")
    (place / "dice_unit.py").write_text(DICE)
    info = place / "dice_unit-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: dice-unit\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[secondunit]\ndice = dice_unit\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(place), prepend=":")
        patch.setenv("SECONDUNIT_PLUGINS", "dice")
        patch.setenv("SECONDUNIT_MODEL_THREADS", "1")
        yield


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> tiny_models.Folders:
    return tiny_models.Folders(tmp_path_factory.mktemp("weights"))


def rough(su, folder: Path, generator: str, *more: object) -> str:
    """A take of a small render in ``folder``; its id."""
    if not (folder / "render").exists():
        renders.written(folder / "render")
    said = su("previs", "--passes", folder / "render" / "ball.%04d.exr", "--brief", "a red ball",
              "--generator", generator, "--out", folder / "out", "--hold", "--json",
              "--by", "Kim", *more)  # fmt: skip
    assert said.code in (0, 3), said
    return said.json["takes"][0]["take"]


def entries(kind: str) -> list:
    with Unit.connect(host="test") as unit:
        return [entry for entry in unit.entries(0) if entry.kind == kind]


def test_a_take_without_a_model_comes_out_the_same_and_no_take_is_added(su, tmp_path: Path):
    take = rough(su, tmp_path, "slate")
    before = su("takes", "--json").json["takes"]
    said = su("replay", take, "--by", "Ada", "--json")
    assert said.code == 0, said
    assert said.json["equal"] is True
    assert said.json["facts"] == []
    assert su("takes", "--json").json["takes"] == before
    last = entries("replay")[-1]
    assert (last.subject, last.by, last.body["equal"]) == (take, "Ada", True)
    assert "came out the same: 2 frames, bit for bit" in su("replay", take).out


def test_a_take_that_cannot_be_repeated_says_which_frames(su, tmp_path: Path):
    take = rough(su, tmp_path, "dice")
    said = su("replay", take, "--json")
    assert said.code == 1
    assert said.json["differ"] == [[1002, 1002]]
    assert "its generator does not repeat it" in said.json["sentence"]
    assert entries("replay")[-1].body["equal"] is False


def test_a_replay_is_stopped_in_its_step_and_in_line_and_the_stage_goes_on(su, tmp_path: Path):
    slow, quick = rough(su, tmp_path, "dice", "--option", "slow=true"), rough(su, tmp_path, "slate")
    with Unit.connect(host="test") as unit, ThreadPoolExecutor(2) as asking:
        first = asking.submit(unit.replay, slow)
        while f"replay {slow}" not in str([event.body for event in unit.events()]):
            time.sleep(0.02)  # until its progress is told: it is under way
        second = asking.submit(unit.replay, quick)
        deadline = time.monotonic() + 10
        while not unit.cancel(take=f"replay {quick}"):
            assert time.monotonic() < deadline
        assert unit.cancel(take=f"replay {slow}") == 1
        for stopped in (first, second):
            with pytest.raises(Cancelled):
                stopped.result(20)
        assert unit.replay(quick)["equal"] is True


@pytest.mark.slow
def test_a_model_comes_out_the_same_and_its_threads_are_told(su, weights, tmp_path, monkeypatch):
    tiny_models.registered(su, weights, "sd15-depth")
    take = rough(su, tmp_path, "sd15-depth", "--option", "steps=2", "--seed", 5)
    said = su("replay", take, "--json")
    assert said.code == 0, said
    assert said.json["equal"] is True
    assert said.json["facts"] == []
    su("daemon", "stop")
    monkeypatch.setenv("SECONDUNIT_MODEL_THREADS", "2")
    again = su("replay", take, "--json").json
    su("daemon", "stop")
    assert again["ran"] is True
    assert {"what": "threads", "was": 1, "now": 2} in again["facts"]


def test_a_source_that_was_rendered_anew_is_told_before_anything_runs(su, tmp_path: Path):
    take = rough(su, tmp_path, "sd15-depth", "--option", "steps=1")
    count = len(entries("replay"))
    renders.written(tmp_path / "render", count=1, first=2)  # the first frame's picture as second
    said = su("replay", take, "--json")
    assert said.code == 1
    assert said.json["ran"] is False
    (changed,) = [c for c in said.json["changed"] if c["source"].endswith("Depth.Z")]
    assert changed["frames"] == [[2, 2]]
    assert len(entries("replay")) == count
    (tmp_path / "render" / "ball.0002.exr").unlink()
    assert su("replay", take, "--json").error == "E_FRAMES_MISSING"


def test_other_weights_under_the_same_name_are_told_before_anything_runs(
    su, weights, tmp_path: Path
):
    take = rough(su, tmp_path, "sd15-depth", "--option", "steps=1")
    other = weights.folder("sd15_control")
    import numpy as np
    from safetensors.numpy import load_file, save_file

    (file,) = other.glob("*.safetensors")
    tensors = load_file(file)
    name = sorted(tensors)[0]
    tensors[name] = tensors[name] + np.float32(0.5)
    save_file(tensors, file, metadata={"format": "pt"})
    tiny_models.registered(su, weights, "sd15-depth")
    said = su("replay", take, "--json")
    assert said.code == 1
    assert said.json["changed"] == [{"model": "sd15-depth"}]
    assert "was not shot again" in said.json["sentence"]


def test_a_take_that_is_not_there_is_said(su):
    assert su("replay", "0000.1", "--json").error == "E_UNKNOWN_ID"


def test_facts_that_differ_are_named_one_by_one():
    kept = {
        "media": {"frames": {"first": 1001}, "digests": ["a", "b", "c", "d"]},
        "exactly": {"versions": {"torch": "2.1"}, "threads": 4, "remarks": ["x"]},
    }
    now = {"digests": ["a", "x", "y", "d"],
           "exactly": {"versions": {"torch": "2.2"}, "threads": 4, "remarks": []}}  # fmt: skip
    told = compared(kept, now)
    assert told["differ"] == [[1002, 1003]]
    assert told["facts"] == [{"what": "versions.torch", "was": "2.1", "now": "2.2"}]
    assert "1002 to 1003" in sentence({"take": "t", "ran": True, **told})
