"""What goes into a prompt, form by form, at a server that keeps what it is given."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import comfy_nodes
import cv2
import numpy as np
import pytest
from comfy_server import Comfy, comfy
from comfy_studio import files
from secondunit.generators.comfyui.filling import Filling
from secondunit.generators.comfyui.generator import Comfy as Workflow
from secondunit.generators.comfyui.looking import Glance, Looked
from secondunit.generators.comfyui.planning import planned
from secondunit.generators.comfyui.server import Server
from secondunit.models import scan
from secondunit.models.shelf import Shelf
from secondunit.models.workflow_card import Pair, pair_at
from secondunit.testing import material
from secondunit_bridge.errors import OverLimits
from secondunit_bridge.film import Role
from secondunit_bridge.timing import Handles

SIZE = (96, 64)
ANY_BRIEF = ('required = true\nsentence = "What', 'sentence = "What')


@pytest.fixture(scope="module")
def server() -> Iterator[Comfy]:
    with comfy() as made:
        yield made


def asked(
    folder: Path, workflow: dict, card: str, *, frames: int, **more
) -> tuple[Pair, material.Ask]:
    """A pair, and an ask of everything that its ports take."""
    path = files(folder, workflow, card.replace(*ANY_BRIEF))
    model = scan.read_through(scan.look(path, Shelf(folder)), name="", by="Ada")
    pair = pair_at(path)
    generator = Workflow(model, pair, Glance(), folder, "http://127.0.0.1:9", 60.0)
    ask = material.ask(generator, frames=frames, handles=Handles(0, 0), size=SIZE, **more)
    return pair, ask


def filled(server: Comfy, pair: Pair, ask: material.Ask, index: int = 0, seed: int = 5) -> dict:
    server.files.clear()
    filling = Filling(pair, ask.plan, ask.elements, Server(server.address))
    return filling.call(index, seed, "mark").prompt


def shown(server: Comfy, name: str) -> np.ndarray:
    folder, _, file = name.rpartition("/")
    return cv2.imdecode(np.frombuffer(server.files["input", folder, file], np.uint8), -1)


def test_a_matte_travels_as_the_clear_part_of_its_plate(server: Comfy, tmp_path: Path):
    card = comfy_nodes.PATCH_CARD.replace(
        'node = "11"\ninput = "image"\nform = "mask"', 'form = "alpha"\nof = "plate"'
    )
    pair, ask = asked(tmp_path, comfy_nodes.patch(), card, frames=3)
    prompt = filled(server, pair, ask, index=1)
    plate = shown(server, prompt["10"]["inputs"]["image"])
    assert plate.shape == (SIZE[1], SIZE[0], 4)
    footage = ask.elements.one(Role.matte)
    matte = footage.frame(footage.frames.first + 1)[..., 0]
    assert 0 < (plate[..., 3] < 30000).sum() < plate[..., 3].size
    assert ((plate[..., 3] < 30000) == (matte > 0.55)).mean() > 0.99
    assert prompt["11"]["inputs"]["image"] == "hole.png"  # left as the workflow has it


def folders() -> tuple[dict, str]:
    """A workflow of moving pictures that reads plates and masks from folders."""
    workflow = comfy_nodes.patch()
    for node, kind in (("10", "LoadImagesFromFolder"), ("11", "LoadMasksFromFolder")):
        workflow[node] = {"class_type": kind, "inputs": {"folder": "somewhere"}}
    card = (
        comfy_nodes.PATCH_CARD.replace("still = true", "frame_rule = [4, 1]\nmax_frames = 33")
        .replace('input = "image"\nform = "picture"', 'input = "folder"\nform = "folder"')
        .replace('input = "image"\nform = "mask"', 'input = "folder"\nform = "masks"')
    )
    return workflow, card


def test_many_frames_go_into_folders_of_their_own_in_order(server: Comfy, tmp_path: Path):
    pair, ask = asked(tmp_path, *folders(), frames=5)
    prompt = filled(server, pair, ask)
    for node, port in (("10", "plate"), ("11", "matte")):
        folder = prompt[node]["inputs"]["folder"]
        assert folder == f"secondunit/mark-{port}"
        names = sorted(name for _, where, name in server.files if where == folder)
        assert names == [f"{number:06}.png" for number in range(1, 6)]
    first, last = (shown(server, f"secondunit/mark-plate/{n:06}.png") for n in (1, 5))
    assert (first != last).any()


def test_the_same_picture_is_put_there_under_the_same_name(server: Comfy, tmp_path: Path):
    pair, ask = asked(tmp_path, comfy_nodes.patch(), comfy_nodes.PATCH_CARD, frames=2)
    once, again = (filled(server, pair, ask) for _ in range(2))
    assert once["10"] == again["10"]
    assert filled(server, pair, ask, index=1)["10"] != once["10"]


@pytest.mark.parametrize("seed", [0, 5, 2**64 - 1, 2**64 + 3, -1])
def test_a_seed_is_one_that_samplers_take(server: Comfy, tmp_path: Path, seed: int):
    pair, ask = asked(tmp_path, comfy_nodes.patch(), comfy_nodes.PATCH_CARD, frames=1)
    sent = filled(server, pair, ask, seed=seed)["3"]["inputs"]["seed"]
    assert 0 <= sent < 2**64
    assert sent == seed % 2**64


def test_sizes_and_counts_go_where_the_card_says(server: Comfy, tmp_path: Path):
    pair, ask = asked(tmp_path, comfy_nodes.movie(), comfy_nodes.MOVIE_CARD, frames=9)
    assert filled(server, pair, ask)["12"]["inputs"]["amount"] == 9


def test_two_of_what_a_port_takes_once_are_refused(server: Comfy, tmp_path: Path):
    pair, ask = asked(tmp_path, comfy_nodes.movie(), comfy_nodes.MOVIE_CARD, frames=5)

    class Twice:
        already = None

        def all(self, role):
            return [*ask.elements.all(role)] * 2

        def one(self, role):
            return ask.elements.one(role)

    filling = Filling(pair, ask.plan, Twice(), Server(server.address))
    with pytest.raises(OverLimits, match="takes one first"):
        filling.call(0, 1, "mark")


def test_what_a_workflow_needs_and_does_not_take_is_said(tmp_path: Path):
    pair, ask = asked(tmp_path, comfy_nodes.movie(), comfy_nodes.MOVIE_CARD, frames=5, footage={})
    said = planned(ask.plan, "harbour-move", pair, Looked(("it is far",))).refusals
    assert any("needs a first" in one for one in said), said
    assert "it is far" in said
