"""``secondunit previs`` without a model, on files as Blender writes them: passes to a board."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest
import quay
from secondunit.media.stills import read_still

pytestmark = pytest.mark.timeout(600)  # the first run renders the set: half a minute of CPU


@pytest.fixture(scope="module")
def wide(blender: Path, request: pytest.FixtureRequest) -> quay.Quay:
    return quay.cached(blender, request.config.cache, "wide")


def asked(out: Path, passes: Path, *more: object) -> tuple[object, ...]:
    return ("previs", "--out", out, "--passes", passes, "--by", "Kim", "--json", *more)


def rewritten(
    source: Path, folder: Path, *, views: tuple[str, ...] = ("ViewLayer",), parts: bool = False
) -> Path:
    """Two frames once more: with several view layers, or as Blender 5 lays them out, a part for
    each pass and the object index under its new name."""
    folder.mkdir(parents=True)
    for number in (1, 2):
        image = oiio.ImageBuf(str(source) % number)
        names, pixels = image.spec().channelnames, image.get_pixels(oiio.FLOAT)
        own = [(k, name.split(".", 1)[1]) for k, name in enumerate(names) if "Crypto" not in name]
        made = [(k, f"{view}.{name}") for view in views for k, name in own]
        if parts:
            made = [(k, name.replace("IndexOB", "Object Index")) for k, name in made]
        layers = sorted({name.rpartition(".")[0] for _, name in made}) if parts else [""]
        groups = [[one for one in made if one[1].rpartition(".")[0] == layer or not layer]
                  for layer in layers]  # fmt: skip
        write(folder / f"again.{number:04}.exr", groups, layers, pixels, names)
    return folder / "again.%04d.exr"


def write(path: Path, groups: list, layers: list[str], pixels: np.ndarray, _: object) -> None:
    specs = []
    for group, layer in zip(groups, layers, strict=True):
        spec = oiio.ImageSpec(pixels.shape[1], pixels.shape[0], len(group), oiio.FLOAT)
        spec.channelnames = tuple(name for _, name in group)
        spec.attribute("oiio:subimagename", layer or "all")
        spec.attribute("BlenderMultiChannel", "Blender V2.55.1 and newer")
        specs.append(spec)
    output = oiio.ImageOutput.create(str(path))
    assert output.open(str(path), tuple(specs)), output.geterror()
    for at, group in enumerate(groups):
        assert not at or output.open(str(path), specs[at], "AppendSubimage"), output.geterror()
        picked = np.ascontiguousarray(pixels[..., [k for k, _ in group]])
        assert output.write_image(picked), output.geterror()
    output.close()


def test_a_blender_render_becomes_a_published_toon_with_its_board(su, wide, tmp_path: Path):
    said = su(*asked(tmp_path / "out", wide.pattern, "--frames", "2-4", "--option", "line=1.2"))
    assert said.code == 0, said
    answer = said.json
    assert answer["generator"] == "looks"
    assert list(answer["passes"]) == [
        "guide", "depth", "normal", "ids", "position", "motion", "albedo",
    ]  # fmt: skip
    assert answer["passes"]["ids"][1:] == ["ViewLayer.CryptoObject00.r"]
    assert any("Blender wrote the picture" in words for words in answer["said"])
    assert answer["takes"][0]["remarks"] == []
    folder = Path(answer["version"]["path"])
    frames = sorted((folder / "exr").glob("*.exr"))
    assert len(frames) == 3
    drawn = read_still(frames[1])
    assert drawn.pixels.shape == (quay.HIGH, quay.WIDE, 4)  # the render has alpha
    assert list((folder / "review").glob("*.mov"))
    record = json.loads((folder / "record.json").read_bytes())
    assert record["turnover"]["options"] == {"line": 1.2}
    assert record["software"]["looks"] == "1"
    assert read_still(Path(answer["board"])).pixels.shape[1] == 2000
    direct = quay.drawn(wide.footage(), 4, look="toon", line=1.2)
    assert np.abs(direct[3] - _codes(drawn.pixels)).mean() < 0.05  # nothing lost on the way


def _codes(pixels: np.ndarray) -> np.ndarray:
    """Display codes of the delivered scene-linear ACEScg."""
    from secondunit.colour import Colour

    rgb = np.ascontiguousarray(pixels[..., :3])
    return np.clip(Colour().convert(rgb, "ACEScg", "sRGB Encoded Rec.709 (sRGB)"), 0, 1)


def test_a_part_for_each_pass_and_the_new_names_are_read_as_well(su, wide, tmp_path: Path):
    again = rewritten(wide.pattern, tmp_path / "five", parts=True)
    said = su(*asked(tmp_path / "out", again, "--hold", "--option", "look=graded"))
    assert said.code == 0, said
    assert said.json["passes"]["ids"][1:] == ["ViewLayer.Object Index.X"]
    assert said.json["passes"]["motion"][1:] == [f"ViewLayer.Vector.{axis}" for axis in "XYZ"]


def test_of_several_view_layers_one_is_taken_and_said(su, wide, tmp_path: Path):
    again = rewritten(wide.pattern, tmp_path / "two", views=("Front", "Back"))
    said = su(*asked(tmp_path / "one", again, "--hold"))
    assert said.code == 0, said
    assert any("--layer" in words for words in said.json["said"])
    assert said.json["passes"]["depth"][1:] == ["Back.Depth.Z"]  # an EXR sorts its channels
    chosen = su(*asked(tmp_path / "other", again, "--hold", "--layer", "Front"))
    assert chosen.json["passes"]["depth"][1:] == ["Front.Depth.Z"]
    wrong = su(*asked(tmp_path / "three", again, "--layer", "Side"))
    assert wrong.error == "E_TURNOVER"
    assert "Back, Front" in wrong.json["error"]["hint"]


def test_a_models_look_is_refused_with_the_way_to_it(su, wide, tmp_path: Path):
    said = su(*asked(tmp_path / "out", wide.pattern, "--option", "look=model"))
    assert said.code == 1
    assert "--generator CARD" in said.json["error"]["hint"]


def test_passes_by_name_and_a_camera_from_a_file(su, wide, tmp_path: Path):
    given = ("--hold", "--option", "look=pencil", "--without", "position", "--frames", "1-2")
    told = su(*asked(tmp_path / "a", wide.pattern, *given))
    assert "swim when the camera moves" in " ".join(told.json["takes"][0]["remarks"])
    places = json.loads((wide.folder / "camera.json").read_text())["projections"][:2]
    camera = tmp_path / "camera.json"
    camera.write_text(json.dumps({"projections": places}))
    said = su(*asked(tmp_path / "b", wide.pattern, *given, "--camera", camera))
    assert said.json["takes"][0]["remarks"] == []
    wrong = su(*asked(tmp_path / "c", wide.pattern, "--camera", tmp_path / "none.json"))
    assert wrong.error == "E_MEDIA_OFFLINE"
    assert su(*asked(tmp_path / "d", wide.pattern, "--pass", "mist=x.exr")).code == 2
