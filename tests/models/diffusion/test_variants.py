"""Weights kept as ``fp16``, beside the full ones or in shards, open as what they are."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from secondunit.cli import main
from secondunit.generators.diffusion.exact import weights_digest
from secondunit.generators.diffusion.kits import coder_digest, weighed, words_digest
from secondunit.models import scan, variants
from secondunit.models.shelf import Shelf
from secondunit_bridge.errors import ModelMissing
from secondunit_bridge.film import Role, Work
from studio import Studio, called, noise, opened

STEM = {
    "unet": "diffusion_pytorch_model",
    "vae": "diffusion_pytorch_model",
    "text_encoder": "model",
}


@pytest.fixture(scope="module")
def halves(folders, tmp_path_factory) -> Path:
    """The small Stable Diffusion with half-size weights only, as its maker would save it."""
    from secondunit.generators.diffusion.loading import quietly

    place = tmp_path_factory.mktemp("halves") / "sd15"
    with quietly():
        made = opened(folders.folder("sd15"), "StableDiffusionPipeline")
        for part in STEM:
            getattr(made, part).half()
        made.save_pretrained(str(place), safe_serialization=True, variant="fp16")
    return place


def in_shards(part: Path, stem: str, *, late: bool, index: str) -> None:
    """Its one fp16 file becomes two, with the kind's name in either place."""
    from safetensors.torch import load_file, save_file

    file = part / f"{stem}.fp16.safetensors"
    weights, where = load_file(file), {}
    names = sorted(weights)
    for number, some in ((1, names[::2]), (2, names[1::2])):
        count = f"-0000{number}-of-00002"
        name = f"{stem}{count}.fp16.safetensors" if late else f"{stem}.fp16{count}.safetensors"
        save_file({one: weights[one] for one in some}, part / name, {"format": "pt"})
        where |= dict.fromkeys(some, name)
    (part / index).write_text(json.dumps({"metadata": {"total_size": 1}, "weight_map": where}))
    file.unlink()


def shot(studio: Studio, folder: Path, name: str, **more: str):
    found = scan.look(folder, Shelf(folder), card="sd15")
    model = scan.read_through(found, name=name, by="Ada", licence="Apache-2.0", **more)
    studio.meet(model)
    guide = studio.pictures(Role.guide, 1)
    made = studio.shoot(studio.turnover(name, Work.previs, guide, steps=2))
    return model, made.frames


def test_a_folder_of_half_size_weights_only_opens_and_is_what_diffusers_gives(
    studio: Studio, halves: Path
):
    model, frames = shot(studio, halves, "halves")
    assert model.facts["dtype"] == "F16"
    assert variants.said_of(model) == "opened as fp16"
    import torch

    pipeline = opened(halves, "StableDiffusionPipeline", variant="fp16", dtype=torch.float32)
    card = studio.card("sd15")
    plain = dict(card.call) | {option.argument: option.default for option in card.options.values()}
    plain["num_inference_steps"] = 2
    direct = called(pipeline, prompt="a red door", width=64, height=64, generator=noise(), **plain)
    assert np.array_equal(frames, direct)


@pytest.mark.parametrize(
    ("late", "index"),
    [
        (False, "{stem}.safetensors.index.fp16.json"),
        (True, "{stem}.safetensors.index.fp16.json"),
        (True, "{stem}.safetensors.fp16.index.json"),
        (False, "{stem}.fp16.safetensors.index.json"),
    ],
)
def test_shards_of_a_variant_open_whichever_way_they_are_named(
    studio: Studio, halves: Path, tmp_path: Path, late: bool, index: str
):
    _, whole = shot(studio, halves, "halves")
    copy = Path(shutil.copytree(halves, tmp_path / "a.folder" / "sd15"))
    for part, stem in STEM.items():
        in_shards(copy / part, stem, late=late, index=index.format(stem=stem))
    model, frames = shot(studio, copy, "shards")
    assert np.array_equal(frames, whole)
    assert model.facts["bytes"] == scan.read_through(
        scan.look(halves, Shelf(halves)), name="x", by="a"
    ).facts["bytes"]  # fmt: skip


def test_of_several_kinds_one_is_opened_and_the_other_named(
    studio: Studio, folders, halves: Path, tmp_path: Path, capsys
):
    mixed = Path(shutil.copytree(folders.folder("sd15"), tmp_path / "mixed"))
    shutil.copytree(halves, mixed, dirs_exist_ok=True)
    full = Path(folders.folder("sd15"))
    alone, there = shot(studio, full, "full"), shot(studio, mixed, "mixed")
    assert np.array_equal(alone[1], there[1])
    assert variants.said_of(there[0]) == "opened as full size; fp16 lies beside it unused"
    assert there[0].facts["bytes"] == alone[0].facts["bytes"]
    card = studio.card("sd15")
    assert weighed(there[0], card) == weighed(alone[0], card), "what is not opened takes no memory"
    small, frames = shot(studio, mixed, "small", variant="fp16")
    assert variants.said_of(small) == "opened as fp16; full size lies beside it unused"
    assert np.array_equal(frames, shot(studio, halves, "halves")[1])
    assert small.facts["dtype"] == "F16"
    assert main(["models", "add", str(mixed), "--help"]) == 0
    assert "--variant" in capsys.readouterr().out


def test_shards_that_are_not_all_there_are_refused_at_once(halves: Path, tmp_path: Path):
    copy = Path(shutil.copytree(halves, tmp_path / "sd15"))
    in_shards(copy / "unet", STEM["unet"], late=False, index="lost.json")
    with pytest.raises(ModelMissing, match="shards or the index of them are missing"):
        scan.look(copy, Shelf(copy))


def test_a_kind_that_is_not_there_is_refused_with_those_that_are(halves: Path):
    found = scan.look(halves, Shelf(halves))
    with pytest.raises(ModelMissing, match="are kept as 'fp61'") as refused:
        scan.read_through(found, name="x", by="Ada", variant="fp61")
    assert refused.value.hint.startswith("There is: fp16.")
    assert scan.read_through(found, name="x", by="Ada", variant="fp16").facts["dtype"] == "F16"


def test_what_lies_beside_unused_decides_nothing_that_is_kept_by_a_digest(
    studio: Studio, folders, halves: Path, tmp_path: Path
):
    card = studio.card("sd15")

    def digests(folder: Path, **more: str) -> list[str]:
        model = scan.read_through(scan.look(folder, Shelf(folder)), name="x", by="Ada", **more)
        return [weights_digest(model), words_digest(model, card), coder_digest(model, card)]

    mixed = Path(shutil.copytree(folders.folder("sd15"), tmp_path / "mixed"))
    shutil.copytree(halves, mixed, dirs_exist_ok=True)
    alone = Path(shutil.copytree(mixed, tmp_path / "alone"))
    for file in alone.rglob("*.fp16.safetensors"):
        file.unlink()
    assert digests(mixed) == digests(alone)
    assert not set(digests(mixed)) & set(digests(mixed, variant="fp16"))
