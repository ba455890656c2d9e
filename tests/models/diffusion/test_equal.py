"""What the stage shoots with a model is what the pipeline itself gives, bit for bit: every card."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

import direct
import numpy as np
import pytest
from secondunit.generators.diffusion.pictures import stretched
from secondunit.generators.diffusion.readers import reader_at
from secondunit.models.card import Card
from secondunit_bridge.film import Element, Role, Work
from studio import Shooting, Studio, called, noise, opened
from tiny.families import ABOUT

TORCHVISION = importlib.util.find_spec("torchvision") is not None
EDITS = ("qwen-image-edit", "qwen-image-edit-inpaint")
# A port that cannot be used beside another, or needs a part these models have not got.
LEFT_OUT = {"wan-vace": {"guide", "first", "last"}, "sdxl-union": {"guide", "ids"}}


def steps_of(card: str) -> int:
    return 4 if card in direct.EIGHT_STEPS else 2


def size_of(card: Card) -> int:
    return 64 if card.limits.still else 32


def count_of(card: Card) -> int:
    return 1 if card.limits.still else card.limits.frame_rule[0] + 1


def elements(studio: Studio, card: Card, make: Callable[..., Element]) -> list[Element]:
    """Something for every port, made by ``make``, but those that need an IP-Adapter."""
    size, count = size_of(card), count_of(card)
    made = []
    for seed, (name, port) in enumerate(card.ports.items(), 1):
        if port.form in ("text", "ip_adapter") or name in LEFT_OUT.get(card.name, ()):
            continue
        role = Role(name)
        frames = 1 if role in (Role.first, Role.last, Role.reference) else count
        made.append(make(role, frames, size=(size, size), seed=seed))
    return made


def shot(studio: Studio, name: str, folder: str = "") -> tuple[Card, Shooting]:
    """Every port of a card's model used, by the stage."""
    studio.model(name, folder=folder)
    card = studio.card(name)
    size, count = size_of(card), count_of(card)
    given = elements(studio, card, studio.pictures)
    ask = studio.turnover(
        name, card.card.works[0], *given, count=count, size=(size, size), steps=steps_of(name)
    )  # fmt: skip
    return card, studio.shoot(ask, seed=7)


def by_the_pipeline(studio: Studio, card: Card, made: Shooting, folder: str = "") -> np.ndarray:
    """The same with diffusers alone."""
    import diffusers

    about = ABOUT[card.name]
    parts = {
        part: diffusers.AutoModel.from_pretrained(
            str(studio.folders.folder(one)), local_files_only=True
        )
        for part, one in about.parts.items()
    }
    place = studio.folders.folder(folder or about.folder)
    if card.name in EDITS and not TORCHVISION:  # diffusers alone cannot make it
        parts["processor"] = reader_at(str(place / "processor"))
    pipeline = opened(place, card.card.pipeline, **parts)
    given = made.given
    arguments = direct.call(card.name, given, steps_of(card.name), size_of(card))
    wanted = called(pipeline, **arguments, generator=noise(7))
    return np.stack([stretched(one, *made.frames.shape[2:0:-1]) for one in wanted])


@pytest.mark.some(3)
@pytest.mark.usefixtures("small_edits")
@pytest.mark.parametrize("name", ABOUT)
def test_every_cards_model_gives_what_its_pipeline_gives(studio: Studio, name: str):
    card, made = shot(studio, name)
    wanted = by_the_pipeline(studio, card, made)
    assert np.abs(made.frames - wanted).max() == 0
    assert made.frames.std() > 0.01
    assert made.exactly["model"]["name"] == name
    assert made.exactly["seed"] == 7


@pytest.mark.parametrize("folder", ["wan_i2v", "wan_flf22"])
def test_wan_with_one_eye_and_with_two_experts_gives_what_its_pipeline_gives(
    studio: Studio, folder: str
):
    size = (32, 32)
    studio.model("wan-flf", folder=folder)
    ends = [studio.pictures(Role.first, 1, size=size)]
    ends += [studio.pictures(Role.last, 1, size=size, seed=2)] if folder == "wan_flf22" else []
    ask = studio.turnover("wan-flf", Work.insert, *ends, count=5, size=size, steps=2)
    made = studio.shoot(ask, seed=7)
    given = made.given
    arguments = direct.WAN | {"image": direct.tensor(direct.one(given, "first"))}
    if "last" in given:
        arguments |= {"last_image": direct.tensor(direct.one(given, "last"))}
    pipeline = opened(studio.folders.folder(folder), "WanImageToVideoPipeline")
    wanted = called(
        pipeline, prompt=direct.WORDS, width=32, height=32, num_inference_steps=2,
        generator=noise(7), **arguments,
    )  # fmt: skip
    assert np.array_equal(made.frames, wanted)


def test_an_inpainting_unet_of_nine_channels_gives_what_its_pipeline_gives(studio: Studio):
    card, made = shot(studio, "sd15-inpaint", folder="sd15_nine")
    assert np.array_equal(made.frames, by_the_pipeline(studio, card, made, "sd15_nine"))
