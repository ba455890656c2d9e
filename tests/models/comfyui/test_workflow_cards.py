"""A workflow and its card: what is right, and everything that can be wrong between the two."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import comfy_nodes
import pytest
from comfy_studio import files
from secondunit.cli import main
from secondunit.models import scan
from secondunit.models.presence import absent
from secondunit.models.shelf import Shelf
from secondunit.models.workflow import read
from secondunit.models.workflow_card import is_card, is_workflow, looked_at, pair_at
from secondunit_bridge.errors import CardWrong

CARD = comfy_nodes.PATCH_CARD


def problems(folder: Path, workflow: dict[str, Any], card: str) -> tuple[str, ...]:
    return looked_at(files(folder, workflow, card))[1]


def test_our_own_two_are_sound_and_name_what_they_use(tmp_path: Path):
    for workflow, card in (
        (comfy_nodes.patch(), CARD),
        (comfy_nodes.movie(), comfy_nodes.MOVIE_CARD),
    ):
        assert problems(tmp_path, workflow, card) == ()
    pair = pair_at(tmp_path / "harbour.toml")
    assert pair.workflow.weights == ("studio-movie.safetensors",)
    assert pair.workflow.find("the take") == "9"


def test_the_card_of_the_manual_fits_a_workflow_as_it_stands(tmp_path: Path):
    page = Path(__file__).parents[3] / "docs" / "comfyui.md"
    card = page.read_text(encoding="utf-8").partition("```toml\n")[2].partition("```")[0]
    assert problems(tmp_path, comfy_nodes.patch(), card) == ()


def changed(**more: Any) -> dict[str, Any]:
    """The workflow with other nodes, by id; None takes one away."""
    nodes = {**comfy_nodes.patch(), **{name.strip("n"): node for name, node in more.items()}}
    return {name: node for name, node in nodes.items() if node}


PLATE = 'node = "10"\ninput = "image"\nform = "picture"'
WRONG: dict[str, tuple[str, str, str]] = {
    "a node that is not there": ('node = "10"', 'node = "77"', "no node '77'"),
    "an input that is not there": ('input = "seed"', 'input = "sed"', "it has seed, steps"),
    "an input that is a link": (
        'node = "6"\ninput = "text"', 'node = "3"\ninput = "positive"', "name that node's own value"
    ),
    "a picture where a number goes": (
        PLATE, 'node = "3"\ninput = "cfg"\nform = "picture"', "which is no text"
    ),
    "an option of another kind": ("default = 4\n", 'default = "many"\n', "which is no text"),
    "the same place twice": ('node = "7"', 'node = "6"', "fills in 6.text already"),
    "an output that others take from": ('node = "the take"', 'node = "8"', "no image output"),
    "a form that is none": ('form = "mask"', 'form = "mast"', "is not one of text"),
    "a matte as a picture": ('form = "mask"', 'form = "picture"', "a matte is mask"),
    "a port that is none": ("[ports.plate]", "[ports.plates]", "no such port"),
    "a work that is none": ('works = ["plate"]', "works = []", "name at least one"),
    "no way to say how many": ("still = true", "still = false", "[size] frames"),
    "a licence nobody read": ('checked = "yes"', 'checked = "verify"', "that nobody has read"),
    "a default beyond its limits": ("default = 4\n", "default = 400\n", "is not 1 to 50"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_said_with_its_table(tmp_path: Path, what: str):
    before, after, word = WRONG[what]
    assert before in CARD
    said = problems(tmp_path, comfy_nodes.patch(), CARD.replace(before, after, 1))
    assert any(word in sentence and sentence.startswith("[") for sentence in said), said


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path):
    card = CARD.replace('form = "mask"', 'form = "mast"').replace('input = "seed"', 'input = "sed"')
    assert len(problems(tmp_path, comfy_nodes.patch(), card)) >= 2


@pytest.mark.parametrize(
    ("node", "word"),
    [
        ({"class_type": "KlingImage2VideoNode", "inputs": {}}, "calls a service"),
        ({"class_type": "OpenAIGPTImage1", "inputs": {}}, "calls a service"),
        ({"class_type": "FluxKontextProImageNode", "inputs": {}}, "calls a service"),
        ({"class_type": "WanImageToVideoApi", "inputs": {}}, "calls a service"),
        ({"class_type": "Fetch", "inputs": {"url": "https://a.example/x.png"}}, "names an address"),
    ],
)
def test_a_node_that_sends_pictures_away_is_refused(tmp_path: Path, node: dict, word: str):
    said = problems(tmp_path, changed(n20=node), CARD)
    assert any(word in sentence and "leave this machine" in sentence for sentence in said), said


@pytest.mark.parametrize(
    "kind", ["WanImageToVideo", "WanVaceToVideo", "FluxGuidance", "TripoSRModelLoader", "BRIA_RMBG"]
)
def test_nodes_of_weights_on_this_machine_are_not_taken_for_services(tmp_path: Path, kind: str):
    node = {"class_type": kind, "inputs": {"text": "see https://a.example for the look"}}
    assert problems(tmp_path, changed(n20=node), CARD) == ()


@pytest.mark.parametrize(
    ("text", "word", "hint"),
    [
        (json.dumps({"nodes": [], "links": [], "version": 0.4}), "editor saves", "Export (API)"),
        (json.dumps({"prompt": {"3": {"class_type": "KSampler"}}}), "no class_type", "Export"),
        (json.dumps({"3": {"class_type": "A", "inputs": {"x": ["9", 0]}}}), "not there", "Export"),
        ("[]", "not an object", "Export"),
        ("{", "not JSON", ""),
        ("[" * 5000, "not JSON", ""),
        ('{"a": 1}', "no class_type", "Export"),
    ],
)
def test_a_file_that_is_no_workflow_says_how_to_get_one(text: str, word: str, hint: str):
    with pytest.raises(CardWrong) as raised:
        read(text.encode(), "harbour.json")
    assert word in raised.value.message
    assert hint in raised.value.hint


def test_a_workflow_without_a_card_says_what_is_missing(tmp_path: Path):
    path = files(tmp_path, comfy_nodes.patch(), CARD)
    path.with_suffix(".toml").unlink()
    with pytest.raises(CardWrong, match="no card beside it"):
        pair_at(path)


def test_a_card_does_not_lead_out_of_its_folder(tmp_path: Path):
    card = CARD + '\n[workflow]\nfile = "../other.json"\n'
    files(tmp_path, comfy_nodes.patch(), card)
    with pytest.raises(CardWrong, match="does not lie beside"):
        pair_at(tmp_path / "harbour.toml")


def test_a_registered_workflow_is_two_files_by_their_hashes(tmp_path: Path):
    path = files(tmp_path, comfy_nodes.patch(), CARD)
    model = scan.read_through(scan.look(path, Shelf(tmp_path)), name="", by="Ada")
    assert model.name == "harbour-patch"
    assert is_workflow(model)
    assert len({file.sha256 for file in model.files}) == 2
    assert model.licence.id == "LicenseRef-House"
    assert absent(model) is None
    path.write_text(path.read_text() + " ")
    problem = absent(model)
    assert problem is not None
    assert problem.code == "E_MODEL_UNTRUSTED"


def test_a_card_of_a_pipeline_is_not_one_of_a_workflow():
    for card in Shelf(Path("nowhere")):
        assert card.card.engine == "diffusers"
    assert is_card(CARD.encode())
    assert not is_card(b'[card]\nengine = "diffusers"\n# not engine = "comfyui"\n')


@pytest.fixture
def checked(places: Path, capfd: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, dict]]:
    """``models card FILE --check --json``, and what it says."""

    def run(path: Path) -> tuple[int, dict]:
        code = main(["models", "card", str(path), "--check", "--json"])
        return code, json.loads(capfd.readouterr().out)

    return run


def test_the_command_checks_a_pair_from_either_file(checked, tmp_path: Path):
    path = files(tmp_path, comfy_nodes.patch(), CARD)
    for file in (path, path.with_suffix(".toml")):
        code, said = checked(file)
        assert (code, said["ok"], said["problems"]) == (0, True, [])
        assert said["models"] == ["studio-inpaint.safetensors"]
    files(tmp_path, changed(n10=None, n12=None, n3=None, n8=None), CARD)
    code, said = checked(path)
    assert (code, said["ok"]) == (1, False)
    assert "not there" in said["problems"][0]


def test_half_a_character_in_a_workflow_is_refused_when_it_is_read():
    sound = b'{"1": {"class_type": "A\\ud83c\\udfac", "inputs": {}}}'
    assert read(sound, "x.json").kinds == ("A\U0001f3ac",)
    with pytest.raises(CardWrong, match="surrogates not allowed"):
        read(sound.replace(b"\\udfac", b""), "x.json")
