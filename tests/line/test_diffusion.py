"""A folder of weights dropped in by a person serves the works, by the command, in a real stage."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from secondunit.ledger import Ledger
from secondunit.plugins import Plugins
from secondunit.stage.orders import Shoot
from secondunit.stage.shoot import shoot
from secondunit.testing.material import Still
from secondunit_bridge.film import Turnover
from secondunit_bridge.unit import Unit
from secondunit_bridge.wire import typed

sys.path.insert(0, str(Path(__file__).parents[1] / "models"))
sys.path.insert(0, str(Path(__file__).parent))
from plate_material import SRGB, wall, written
from tiny import families

sys.path.pop(0)

HIGH, WIDE = 64, 96


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> families.Folders:
    return families.Folders(tmp_path_factory.mktemp("weights"))


@pytest.fixture(scope="module", autouse=True)
def one_thread(home: Path):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECONDUNIT_MODEL_THREADS", "1")
        yield


def registered(su, weights: families.Folders, card: str, *more: object) -> str:
    folder = weights.folder(families.ABOUT[card].folder)
    said = su("models", "add", folder, "--name", card, "--card", card, "--licence", "Apache-2.0",
              "--by", "Ada", "--json", *more)  # fmt: skip
    assert said.code == 0, said
    return card


def plates(folder: Path, count: int) -> tuple[Path, Path]:
    """A textured plate and a box for a matte, in a size that every model can make."""

    def matte(index: int) -> np.ndarray:
        made = np.zeros((HIGH, WIDE, 1), np.float32)
        made[16:48, 24 + index : 72] = 1.0
        return made

    plate = written(folder, "wall", lambda index: wall()[:HIGH, index : WIDE + index], count=count)
    return plate, written(folder, "matte", matte, count=count)


def asked(folder: Path, generator: str, plate: Path, matte: Path, *more: object) -> tuple:
    return (
        "plate", "--plate", plate, "--matte", matte, "--space", SRGB, "--by", "Kim",
        "--out", folder / "out", "--generator", generator, "--brief", "a red door",
        "--hold", "--json", *more,
    )  # fmt: skip


def shot_here(take: str) -> tuple[tuple[str, ...], dict]:
    """The same order shot in this process: the digests of its frames; and the take's own entry."""
    import torch

    torch.set_num_threads(1)
    with Unit.connect(host="test") as unit:
        entries, models = unit.entries(0), unit.models()
        projects = {one.name: one for one in unit.projects()}
    kept = next(e.body for e in entries if e.kind == "take" and e.subject == take)
    turned = next(
        e for e in entries
        if e.kind == "turnover" and take in [one["id"] for one in e.body["takes"]]
    )  # fmt: skip
    turnover = typed(Turnover, turned.body["turnover"])
    project = projects[turnover.shot.project]
    order = Shoot(
        take, turned.subject, 1, kept["seed"], 1, turnover, project, project.store, tuple(models)
    )
    made, _ = shoot(order, Plugins(models=models), Still(), lambda *a, **k: None)
    return made.media.digests, kept


def test_a_plate_by_vace_is_shot_in_a_stage_and_is_the_same_frames_here(
    su, home: Path, weights, tmp_path: Path
):
    registered(su, weights, "wan-vace")
    plate, matte = plates(tmp_path / "plates", 5)
    said = su(*asked(tmp_path, "wan-vace", plate, matte, "--option", "steps=2", "--seed", 3))
    assert said.code in (0, 3), said
    answer = said.json
    assert answer["receipt"]["kept"] is True
    assert answer["receipt"]["changed_in_protected"] == 0
    assert answer["receipt"]["changed_inside"] > 0
    digests, kept = shot_here(answer["takes"][0]["take"])
    assert tuple(kept["media"]["digests"]) == digests
    exactly = kept["exactly"]
    assert exactly["threads"] == 1
    assert exactly["seed"] == 3
    assert exactly["model"]["name"] == "wan-vace"
    assert len(exactly["model"]["weights_sha256"]) == 64
    assert exactly["versions"]["diffusers"]
    assert kept["cost"]["device"] == "cpu"


@pytest.fixture
def bird(film: Path, cuts) -> Path:
    """A cut of a small project: the bird, a hole of 5 frames, the bird again."""
    (film / "secondunit.toml").write_text(
        'name = "small"\nrate = "24"\nwidth = 64\nheight = 32\nspace = "ACEScg"\n'
        'movie_space = "Gamma 2.4 Encoded Rec.709"\nstore = "store"\n'
    )
    items = [
        cuts.clip("bird 1", "bbb.mp4", 68, 24), cuts.hole(5), cuts.clip("bird 2", "bbb.mp4", 98, 24)
    ]  # fmt: skip
    return cuts.write_cut(film / "cut.otio", items)


def inserted(su, cut: Path, generator: str, *more: object):
    """The answer of ``insert`` into the hole."""
    return su("insert", cut, "--at", "01:00:01:00", "--frames", 5, "--generator", generator,
              "--brief", "a bird lands", "--by", "Ada", "--out", cut.with_name("new.otio"),
              "--json", *more)  # fmt: skip


def test_an_insert_by_first_frame_is_shot_as_it_would_be_here(su, weights, bird: Path):
    registered(su, weights, "wan-flf")
    said = inserted(su, bird, "wan-flf", "--option", "steps=2", "--hold")
    assert said.code in (0, 3), said
    (take,) = said.json["takes"]
    digests, kept = shot_here(take["take"])
    assert tuple(kept["media"]["digests"]) == digests
    assert len(digests) == 21
    words = " ".join(kept["remarks"])
    assert "first picture is the first frame of the reference" in words
    assert "trained at 16 frames a second" in words


def test_an_insert_by_a_model_is_circled_published_and_cut_in(su, home: Path, weights, bird: Path):
    """What the checks find in pictures of random weights is answered by a person first."""
    registered(su, weights, "wan-flf")
    before, out = bird.read_bytes(), bird.with_name("new.otio")
    answer = inserted(su, bird, "wan-flf", "--option", "steps=2").json
    (take,) = answer["takes"]
    open_ = [one["id"] for one in take["findings"] if one["outcome"] in ("look", "stop")]
    for finding in open_:
        su("waive", finding, "--answer", "creative_intent", "--by", "Ada", "--reason", "random")
    version = answer["version"]
    assert bool(version) is not bool(open_), "with nothing open it is circled at once"
    if not version:
        said = su("circle", take["take"], "--by", "Ada", "--cut", bird, "--out", out, "--json")
        assert said.code == 0, said
        version = said.json["version"]
    assert version["frames"] == [1001, 1021]
    exr = sorted((Path(version["path"]) / "exr").glob("*.exr"))
    assert len(exr) == 21
    record = json.loads((Path(version["path"]) / "record.json").read_bytes())
    assert [model["name"] for model in record["models"]] == ["wan-flf"]
    assert record["turnover"]["generator"] == "wan-flf"
    (ours,) = (shot for shot in su("shots", out, "--json").json["shots"] if shot["guid"])
    assert (ours["record"], ours["online"]) == ([86424, 86428], True)
    assert su("verify", out, "--json").json["ok"]
    assert su("verify", version["path"]).code == 0
    assert bird.read_bytes() == before
    with Ledger(home / "ledger.sqlite", reading=True) as ledger:
        (placed,) = ledger.views.cut_ins(version["name"])
    assert (placed.cut, placed.track, placed.by) == (str(out), "SU_INSERT", "Ada")


def test_a_wrong_model_is_refused_in_words_a_producer_understands(su, weights, tmp_path: Path):
    registered(su, weights, "z-image-inpaint")
    plate, matte = plates(tmp_path / "plates", 5)
    more = ("--reference", tmp_path / "plates" / "wall.1001.png", "--reference-space", SRGB)
    said = su(*asked(tmp_path, "z-image-inpaint", plate, matte, *more))
    assert said.code == 1
    assert "E_NEEDS_MODEL" in said.out
    assert "takes no reference" in said.out
    assert "wan-vace" in said.out


def test_the_daemon_itself_has_no_model_library_in_memory(su):
    """What it has loaded is told by the system, not by itself."""
    pid = su("daemon", "status", "--json").json["pid"]
    mapped = Path(f"/proc/{pid}/maps")
    if not mapped.exists():
        pytest.skip("this system does not tell what a process has loaded")
    assert "torch" not in mapped.read_text()
