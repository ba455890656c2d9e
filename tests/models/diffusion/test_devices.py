"""Real pipelines through the pool: parts shared, gone and back again, steps down, retries."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from secondunit.generators.diffusion.bench import Bench
from secondunit.generators.diffusion.devices import CpuDevice
from secondunit.generators.diffusion.eightbit import EightBitLinear, in_eight_bits
from secondunit.generators.diffusion.kits import kit_of
from secondunit_bridge.errors import OutOfMemory
from secondunit_bridge.film import Role, Work
from studio import Shooting, Studio

GB = 10**9


def bench(studio: Studio, places: Path, *names: str, limit: int = 0) -> Bench:
    """A bench of this test's own, with so many bytes, under these models."""
    made = Bench(places, lambda: CpuDevice(limit=limit))
    for name in names:
        studio.plugins.generators[name]._bench = made
    return made


def shoot(studio: Studio, name: str, brief: str = "a red door") -> Shooting:
    return studio.shoot(
        studio.turnover(name, Work.previs, size=(64, 64), steps=2, brief=brief), seed=5
    )


def weights(studio: Studio, name: str) -> int:
    (model,) = [m for m in studio._models if m.name == name]
    return sum(part.nbytes for part in kit_of(model, studio.card(name), (), "cpu").parts)


def run_of(studio: Studio, name: str) -> int:
    """Bytes that its card says a run takes beside the weights."""
    memory = studio.card(name).memory
    return int(memory.bytes_fixed + memory.bytes_per_pixel_frame * 64 * 64)


def test_two_cards_on_one_folder_share_every_part(studio: Studio, places: Path):
    studio.model("sd15")
    studio.model("sd15-img2img")
    made = bench(studio, places, "sd15", "sd15-img2img")
    shoot(studio, "sd15")
    there = {r.part.key for r in made.pool.state.residents}
    rough = studio.pictures(Role.guide, 1)
    studio.shoot(studio.turnover("sd15-img2img", Work.previs, rough, size=(64, 64), steps=2))
    assert {r.part.key for r in made.pool.state.residents} == there


def test_a_model_that_had_to_go_comes_back_the_same(studio: Studio, places: Path):
    for name in ("sd15", "sdxl"):
        studio.model(name)
    one = max(weights(studio, n) + run_of(studio, n) for n in ("sd15", "sdxl"))
    made = bench(studio, places, "sd15", "sdxl", limit=one + 1000)
    first = shoot(studio, "sd15").frames
    shoot(studio, "sdxl")
    assert made.pool.state.committed <= one + 1000
    assert np.array_equal(shoot(studio, "sd15").frames, first)


def test_a_run_that_runs_out_is_made_again_and_the_take_says_how(studio: Studio, places: Path):
    studio.model("sd15")
    made = bench(studio, places, "sd15")
    whole = shoot(studio, "sd15").frames
    unet = made.pool._device._shells.popitem()[1].pipeline.unet
    failed: list[int] = []

    def full(*given: object) -> None:
        if not failed:
            failed.append(1)
            raise torch.OutOfMemoryError("out of memory")

    handle = unet.register_forward_pre_hook(full)
    again = None
    try:
        again = shoot(studio, "sd15")
    finally:
        handle.remove()
    assert failed
    first = studio.card("sd15").memory.steps_down[0]
    assert again.exactly["steps_down"] == [first]
    assert any(f"({first})" in remark for remark in again.take.remarks)
    assert again.frames.shape == whole.shape
    assert not made.pool.state.claims


def test_what_cannot_fit_is_refused_before_anything_is_opened(studio: Studio, places: Path):
    studio.model("sd15")
    made = bench(studio, places, "sd15", limit=1000)
    with pytest.raises(OutOfMemory) as refused:
        shoot(studio, "sd15")
    assert refused.value.data["need"] > refused.value.data["free"]
    assert refused.value.data["plans"]
    assert not made.pool.state.residents


def test_eight_bits_take_half_of_sixteen_and_stay_within_half_a_step():
    torch.manual_seed(0)
    full = torch.nn.Sequential(torch.nn.Linear(256, 128, dtype=torch.bfloat16))
    weight = full[0].weight.detach().float().clone()
    small = in_eight_bits(full)[0]
    assert isinstance(small, EightBitLinear)
    taken = small.eight.nbytes + small.scale.nbytes
    assert taken < 0.51 * weight.numel() * 2 + 128 * 2
    step = weight.abs().amax(dim=1, keepdim=True) / 127
    assert ((small.weight.float() - weight).abs() <= 1.5 * step).all()  # half a step and bfloat16
    assert small(torch.ones(1, 256, dtype=torch.bfloat16)).shape == (1, 128)


def test_what_leads_in_and_out_of_a_denoiser_keeps_its_weights():
    class Denoiser(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.time_embedding = torch.nn.Linear(4, 4)
            self.block = torch.nn.Linear(4, 4)
            self.proj_out = torch.nn.Linear(4, 4)

    made = in_eight_bits(Denoiser())
    assert [type(m) is EightBitLinear for m in made.children()] == [False, True, False]
