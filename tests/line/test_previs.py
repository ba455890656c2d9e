"""``secondunit previs`` as a person runs it: from a render's passes to a published rough."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from secondunit.cli.passes import only, passes_in, views_in
from secondunit.media.stills import read_still
from secondunit_bridge.film import Role

sys.path.insert(0, str(Path(__file__).parent))
import renders
import tiny_models

sys.path.pop(0)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> tiny_models.Folders:
    return tiny_models.Folders(tmp_path_factory.mktemp("weights"))


@pytest.fixture(scope="module", autouse=True)
def one_thread(home: Path):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECONDUNIT_MODEL_THREADS", "1")
        yield


def asked(out: Path, *more: object) -> tuple[object, ...]:
    return ("previs", "--out", out, "--brief", "a red ball on a beach", "--by", "Kim", "--json",
            *more)  # fmt: skip


def test_without_a_model_it_is_drawn(su, tmp_path: Path):
    render = renders.written(tmp_path / "render")
    said = su(*asked(tmp_path / "out", "--passes", render))
    assert said.code == 0, said
    assert said.json["generator"] == "looks"
    assert said.json["version"]["class"] == "previs"
    assert Path(said.json["board"]).exists()


def test_a_render_of_many_passes_becomes_a_published_rough(su, weights, tmp_path: Path):
    tiny_models.registered(su, weights, "sd15-depth")
    other = su("models", "add", weights.folder("sd15"), "--name", "another", "--card", "sd15-depth",
               "--part", f"controlnet={weights.folder('sd15_control')}", "--by", "Ada")  # fmt: skip
    assert other.code == 0, "nobody cleared it, so it is not taken though it looks at as much"
    render, out = renders.written(tmp_path / "render", first=101), tmp_path / "out"
    said = su(*asked(out, "--passes", render, "--option", "steps=2", "--seed", 3, "--takes", 2))
    assert said.code == 0, said
    answer = said.json
    assert answer["generator"] == "sd15-depth"
    assert answer["frames"] == [101, 102]
    assert list(answer["passes"]) == ["guide", "depth", "normal", "ids"]
    assert answer["passes"]["depth"][1:] == ["ViewLayer.Depth.Z"]
    assert [take["seed"] for take in answer["takes"]] == [3, 4]
    words = " ".join(answer["takes"][0]["remarks"])
    assert "sd15-depth does not look at the guide and the normal and the ids." in words
    assert "declared" not in words, "values that are no colours have no colour space to remark on"
    assert "The normals" not in words
    assert answer["version"]["class"] == "previs"
    board = read_still(Path(answer["board"]))
    assert board.pixels.shape[1] == 2000
    assert "a red ball on a beach" in Path(answer["sheet"]).read_text(encoding="utf-8")
    folder = Path(answer["version"]["path"])
    assert len(list((folder / "exr").glob("*.exr"))) == 2
    assert list((folder / "review").glob("*.mov"))
    record = json.loads((folder / "record.json").read_bytes())
    assert record["turnover"]["work"] == "previs"
    assert f"{render}:ViewLayer.Depth.Z" in record["used"]
    assert [model["name"] for model in record["models"]] == ["sd15-depth"]
    picture = read_still(next((folder / "exr").glob("*.exr"))).pixels
    assert picture.std() > 0


def test_another_depth_makes_another_picture_and_the_same_one_the_same(su, weights, tmp_path: Path):
    def shot(name: str, *more: object) -> list[str]:
        said = su(*asked(tmp_path / name, "--option", "steps=2", "--hold", *more))
        assert said.code in (0, 3), said
        return said.json["takes"][0]["media"]["digests"]

    render, apart = renders.written(tmp_path / "one"), renders.apart(tmp_path / "two")
    whole = shot("a", "--passes", render)
    assert shot("b", "--depth", apart["depth"]) == whole
    moved = renders.written(tmp_path / "three", first=1, count=3)
    assert shot("c", "--passes", moved, "--frames", "2-3") != whole


def test_passes_of_two_sizes_and_too_few_frames_are_refused(su, tmp_path: Path):
    apart = renders.apart(tmp_path / "apart")
    names = tuple("RGB")
    large = np.zeros((32, 64, 3), np.float16)
    for number in (1, 2):
        renders.write_exr(tmp_path / f"large.{number:04}.exr", large, names)
    said = su(*asked(tmp_path / "out", "--guide", apart["guide"], "--normal",
                     tmp_path / "large.%04d.exr"))  # fmt: skip
    assert said.error == "E_TURNOVER"
    assert "64 x 32" in said.out
    (tmp_path / "apart" / "depth.0002.exr").rename(tmp_path / "apart" / "depth.0007.exr")
    said = su(*asked(tmp_path / "out", "--depth", apart["depth"], "--guide", apart["guide"],
                     "--frames", "3-4"))  # fmt: skip
    assert said.error == "E_FRAMES_MISSING"


def test_leaving_every_pass_out_is_said_as_what_it_is(su, tmp_path: Path):
    render = renders.written(tmp_path / "render")
    without = [word for role in ("guide", "depth", "normal", "ids") for word in ("--without", role)]
    said = su(*asked(tmp_path / "out", "--passes", render, *without))
    assert said.error == "E_TURNOVER"
    assert "is left out" in said.out
    assert "guide, depth, normal, ids" in said.out


def test_a_picture_without_a_known_pass_is_refused_with_the_names_that_are(su, tmp_path: Path):
    flat = np.zeros((16, 16, 1), np.float16)
    renders.write_exr(tmp_path / "mist.exr", flat, ("ViewLayer.Mist.Z",))
    said = su(*asked(tmp_path / "out", "--passes", tmp_path / "mist.exr"))
    assert said.error == "E_TURNOVER"
    assert "IndexOB" in said.json["error"]["hint"]
    assert su("previs", "--out", tmp_path / "out", "--json").code == 2


@pytest.mark.parametrize(
    ("channels", "roles"),
    [
        (("R", "G", "B", "A", "Z"), {Role.guide: ("R", "G", "B", "A"), Role.depth: ("Z",)}),
        (("Depth.V", "Normal.X", "Normal.Y", "Normal.Z"),
         {Role.depth: ("Depth.V",), Role.normal: ("Normal.X", "Normal.Y", "Normal.Z")}),
        (("A.Combined.R", "A.Combined.G", "A.Combined.B", "B.Combined.R", "A.IndexOB.X"),
         {Role.guide: ("A.Combined.R", "A.Combined.G", "A.Combined.B"),
          Role.ids: ("A.IndexOB.X",)}),
        (("Position.X", "Position.Y", "Position.Z", "CryptoObject00.r", "Mist.Z"),
         {Role.ids: ("CryptoObject00.r",), Role.position: ("Position.X", "Position.Y",
                                                           "Position.Z")}),
        (("V.Object Index.X", "V.Vector.X", "V.Vector.Y", "V.Vector.Z", "V.Vector.W"),
         {Role.ids: ("V.Object Index.X",), Role.motion: ("V.Vector.X", "V.Vector.Y",
                                                         "V.Vector.Z")}),
        (("V.IndexOB.X", "V.CryptoObject00.r", "V.Denoising Albedo.R", "V.Denoising Albedo.G",
          "V.Denoising Albedo.B"),
         {Role.ids: ("V.CryptoObject00.r",), Role.albedo: (
             "V.Denoising Albedo.R", "V.Denoising Albedo.G", "V.Denoising Albedo.B")}),
    ],
)  # fmt: skip
def test_passes_are_known_by_the_names_that_renderers_give(channels, roles):
    assert passes_in(channels) == roles


def test_of_several_view_layers_one_counts():
    channels = ("A.Combined.R", "A.Combined.G", "A.Combined.B", "B.Depth.Z")
    assert views_in(channels) == ("A", "B")
    assert set(passes_in(channels)) == {Role.guide}
    assert passes_in(channels, "B") == {Role.depth: ("B.Depth.Z",)}


def test_a_pass_alone_in_its_file_needs_no_name():
    assert only(Role.depth, ("Y",)) == ("Y",)
    assert only(Role.normal, ("R", "G", "B", "A")) == ("R", "G", "B")
    assert only(Role.depth, ("R", "G", "B", "Depth.Z")) == ("Depth.Z",)


def test_passes_that_exclude_each_other_are_not_both_handed_to_the_model_chosen(
    su, weights, tmp_path: Path
):
    tiny_models.registered(su, weights, "wan-vace")  # looks at the depth or at the guide
    render = renders.written(tmp_path / "render")
    words = [*asked(tmp_path / "out", "--passes", render, "--option", "steps=2")]
    words.remove("--json")
    said = su(*words)
    assert "take 1" in said.out, said  # random weights: whether it is any good is not asked here
    assert "generator wan-vace" in said.out
    assert "The guide is left out: wan-vace looks at it or at another, not at both." in said.out
    named = su(*asked(tmp_path / "named", "--passes", render, "--generator", "wan-vace"))
    assert named.code == 1
    assert "not both: leave one out" in named.out
