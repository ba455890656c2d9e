"""A LoRA is held to the base it is put on by the widths of its layers; what it names is a hint."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from secondunit.models import scan
from secondunit.models.likeness import unlike
from secondunit.models.shelf import Shelf
from secondunit_bridge.film import Model
from secondunit_bridge.unit import Unit
from test_list import listed
from test_registering import added, ask
from tiny import families
from written import lora


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> families.Folders:
    return families.Folders(tmp_path_factory.mktemp("bases"))


def read(path: Path, name: str) -> Model:
    return scan.read_through(scan.look(path, Shelf(path.parent)), name=name, by="Ada")


@pytest.mark.parametrize("form", ["peft", "kohya", "old"])
def test_widths_tell_whether_it_was_made_for_this_base(bases, tmp_path: Path, form: str):
    base = read(bases.folder("sd15"), "small")
    layer = "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k"
    for width, high, said in ((32, 16, ""), (768, 16, "768 numbers in, and there are 32"),
                              (32, 320, "320 numbers out, and there are 16")):  # fmt: skip
        file = lora(tmp_path / f"{width}-{high}.safetensors", form, width, layer=layer, high=high)
        told = unlike(read(file, "rain"), base)
        assert said in told
        assert bool(told) is bool(said)


def test_names_of_another_dialect_tell_nothing(bases, tmp_path: Path):
    base = read(bases.folder("sd15"), "small")
    file = lora(tmp_path / "x.safetensors", layer="input_blocks.1.1.proj_in", high=7)
    assert unlike(read(file, "rain"), base) == ""


def test_a_lora_of_another_model_is_said_when_added_and_refused_when_asked_for(
    su, bases, tmp_path: Path
):
    folder = tmp_path / "foreign"
    layer = "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k"
    lora(folder / "adapter_model.safetensors", width=768, layer=layer, high=16)
    (folder / "adapter_config.json").write_text(
        json.dumps({"base_model_name_or_path": "somebody/another-model"})
    )
    for name, path in (("small", bases.folder("sd15")), ("rain", folder)):
        model = added(su, path, "--name", name, "--licence", "MIT")
        su("models", "clear", name, "--by", "Ada", "--reason", "ours")
    assert model.facts["base named"] == "somebody/another-model"
    (said,) = listed(su)["rain"]["against"]
    assert "rain was made for another model than small" in said
    with Unit.connect() as unit:
        assert unit.plan(ask("small"))["refusals"] == []
        (refused,) = unit.plan(ask("small", **{"lora:rain": 0.5}))["refusals"]
        assert refused == said
    good = tmp_path / "good" / "adapter_model.safetensors"
    lora(good, width=32, layer=layer, high=16)
    (good.parent / "adapter_config.json").write_text(
        json.dumps({"base_model_name_or_path": "somebody/another-model"})
    )
    added(su, good.parent, "--name", "mist", "--card", "sd15", "--licence", "MIT")
    su("models", "clear", "mist", "--by", "Ada", "--reason", "ours")
    assert listed(su)["mist"]["against"] == [], "the name is a hint, and its layers fit"
    assert "its trainer names somebody/another-model" in su("models", "list")[1]
