"""Weights are loaded in the numbers they are kept in, and the pool counts what they then take."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from secondunit.generators.diffusion.kits import kit_of, weighed
from secondunit_bridge.film import Model, Work
from studio import Studio, called, noise, opened, registered


@pytest.fixture(scope="module")
def kept_in(folders, tmp_path_factory: pytest.TempPathFactory):
    """A tiny pipeline's folder with its weights in these numbers, by torch's name for them."""
    import torch

    def made(numbers: str, name: str = "sd15", kind: str = "StableDiffusionPipeline") -> Path:
        place = tmp_path_factory.mktemp(numbers) / name
        pipeline = opened(folders.folder(name), kind, dtype=getattr(torch, numbers))
        pipeline.save_pretrained(str(place), safe_serialization=True)
        return place

    return made


def taken(studio: Studio, name: str) -> dict[str, tuple[int, int]]:
    """Each part that lies in memory: what the pool counts for it and what its weights take."""
    pool = studio.plugins.generators[name]._bench.pool
    return {
        resident.part.name: (resident.part.nbytes, sum(map(nbytes, loaded.values())))
        for resident in pool.state.residents
        if (loaded := pool._device._loaded[resident.part.key])
    }


def nbytes(module: Any) -> int:
    return sum(weight.numel() * weight.element_size() for weight in module.parameters())


def test_bfloat16_weights_stay_so_and_give_what_diffusers_gives(studio: Studio, kept_in):
    import torch

    place = kept_in("bfloat16")
    model = registered(place, "half", "sd15")
    assert model.facts["dtype"] == "BF16"
    studio.meet(model)
    made = studio.shoot(studio.turnover("half", Work.previs, steps=2), seed=4)
    assert set(made.exactly["dtypes"].values()) == {"bfloat16"}
    direct = opened(place, "StableDiffusionPipeline", dtype=torch.bfloat16)
    wanted = called(
        direct, prompt="a red door", width=64, height=64, num_inference_steps=2,
        guidance_scale=7.5, generator=noise(4),
    )  # fmt: skip
    assert np.array_equal(made.frames, wanted)


def test_a_movie_model_in_bfloat16_is_shot_with(studio: Studio, kept_in):
    studio.meet(registered(kept_in("bfloat16", "wan_t2v", "WanPipeline"), "half", "wan-t2v"))
    ask = studio.turnover("half", Work.previs, count=5, size=(32, 32), steps=2)
    made = studio.shoot(ask, seed=1)
    assert made.exactly["dtypes"]["transformer"] == "bfloat16"
    assert made.frames.shape == (5, 32, 32, 3)
    assert made.frames.std() > 0


@pytest.mark.parametrize("numbers", ["float32", "bfloat16", "float16"])
def test_the_pool_counts_what_the_weights_take_in_memory(studio: Studio, kept_in, numbers: str):
    model = registered(kept_in(numbers), "one", "sd15")
    studio.meet(model)
    studio.run(studio.turnover("one", Work.previs, steps=1))
    for name, (counted, took) in taken(studio, "one").items():
        assert took <= counted < 1.05 * took + 4096, name


def test_weights_in_eight_bits_are_counted_in_the_numbers_they_are_opened_in(
    studio: Studio, kept_in, tmp_path: Path
):
    import torch
    from safetensors.torch import load_file, save_file

    place = tmp_path / "eight"
    shutil.copytree(kept_in("bfloat16"), place)
    weights = place / "unet" / "diffusion_pytorch_model.safetensors"
    small = {name: value.to(torch.float8_e4m3fn) for name, value in load_file(str(weights)).items()}
    save_file(small, str(weights), metadata={"format": "pt"})
    model = registered(place, "eight", "sd15")
    studio.meet(model)
    made = studio.shoot(studio.turnover("eight", Work.previs, steps=1))
    assert set(made.exactly["dtypes"].values()) == {"bfloat16"}
    counted, took = taken(studio, "eight")["unet"]
    assert took <= counted < 1.05 * took + 4096


def test_a_model_mostly_in_eight_bits_is_opened_in_sixteen(studio: Studio, kept_in):
    model = registered(kept_in("bfloat16"), "one", "sd15")
    small = replace(model, facts={**model.facts, "dtype": "F8_E4M3"})
    parts = kit_of(small, studio.card("sd15"), (), "cuda").parts
    assert {part.key.dtype for part in parts} == {"bfloat16"}


def test_half_floats_take_twice_as_much_where_they_must_be_widened(studio: Studio, kept_in):
    card, model = studio.card("sd15"), registered(kept_in("float16"), "half", "sd15")
    there, here = (sum(p.nbytes for p in kit_of(model, card, (), of).parts) for of in DEVICES)
    assert here == 2 * there
    assert weighed(model, card) == there
    assert there <= disk(model)


DEVICES = ("cuda", "cpu")


def disk(model: Model) -> int:
    return sum(file.bytes for file in model.files if file.path.endswith(".safetensors"))


WAN = {"prompt": "a red door", "width": 32, "height": 32, "num_frames": 5, "guidance_scale": 5.0}
MIXED = {
    "wan-t2v": ("wan_t2v", "WanPipeline", {"vae": "float32", "text_encoder": "float32"}, WAN),
    "z-image": (
        "z_image", "ZImagePipeline", {"vae": "float32"},
        {"prompt": "a red door", "width": 64, "height": 64, "guidance_scale": 0.0},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MIXED)
def test_parts_that_are_kept_in_other_numbers_stay_so_where_the_pipeline_allows_it(
    studio: Studio, folders, tmp_path: Path, name: str
):
    import torch

    folder, kind, own, arguments = MIXED[name]
    numbers = {"default": torch.bfloat16} | {part: torch.float32 for part in own}
    place = tmp_path / "mixed"
    opened(folders.folder(folder), kind, dtype=numbers).save_pretrained(
        str(place), safe_serialization=True
    )
    model = registered(place, "mixed", name)
    # Of a tiny model the words are most of it; of a real one it is the denoiser.
    model = replace(
        model, facts=model.facts | {"dtype": "BF16"} | {f"dtype:{p}": "F32" for p in own}
    )
    studio.meet(model)
    size, count = (arguments["width"],) * 2, arguments.get("num_frames", 1)
    ask = studio.turnover("mixed", Work.previs, count=count, size=size, steps=4)
    made = studio.shoot(ask, seed=4)
    for part, dtype in made.exactly["dtypes"].items():
        assert dtype == own.get(part, "bfloat16"), part
    direct = opened(place, kind, dtype=numbers)
    wanted = called(direct, num_inference_steps=4, generator=noise(4), **arguments)
    assert np.array_equal(made.frames, wanted)


def test_a_scan_says_which_parts_are_kept_in_other_numbers(studio: Studio, folders, tmp_path: Path):
    import torch

    place = tmp_path / "mixed"
    numbers = {"default": torch.float32, "vae": torch.bfloat16}
    pipeline = opened(folders.folder("sd15"), "StableDiffusionPipeline", dtype=numbers)
    pipeline.save_pretrained(str(place), safe_serialization=True)
    model = registered(place, "mixed", "sd15")
    assert model.facts["dtype"] == "F32"
    assert {n: v for n, v in model.facts.items() if n.startswith("dtype:")} == {"dtype:vae": "BF16"}
    parts = {p.name: p.key.dtype for p in kit_of(model, studio.card("sd15"), (), "cpu").parts}
    assert set(parts.values()) == {"float32"}  # this pipeline wants one type throughout
