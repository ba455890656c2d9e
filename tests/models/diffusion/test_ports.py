"""Every declared port of every card changes the picture when something else is handed over."""

from __future__ import annotations

import numpy as np
import pytest
from secondunit_bridge.film import Role, Work
from studio import Studio
from test_equal import count_of, elements, size_of, steps_of
from tiny.families import ABOUT

PASSES = {"wan-vace": ("guide", "first", "last"), "sdxl-union": ("guide", "ids")}


def shot(studio: Studio, card, given, brief="a red door", **options) -> np.ndarray:
    size = size_of(card)
    ask = studio.turnover(
        card.name, card.card.works[0], *given, count=count_of(card), size=(size, size),
        brief=brief, steps=steps_of(card.name), **options,
    )  # fmt: skip
    return studio.run(ask, seed=3)


@pytest.mark.some(3)
@pytest.mark.usefixtures("small_edits")
@pytest.mark.parametrize("name", ABOUT)
def test_each_port_changes_the_picture(studio: Studio, name: str):
    studio.model(name)
    card = studio.card(name)
    given = elements(studio, card, studio.reel)
    base = shot(studio, card, given)
    assert np.array_equal(base, shot(studio, card, given)), "the same ask is the same picture"
    unmoved = []
    for index, element in enumerate(given):
        size, frames = size_of(card), len(element.media.frames)
        other = studio.reel(element.role, frames, size=(size, size), seed=90 + index)
        changed = [*given[:index], other, *given[index + 1 :]]
        if np.array_equal(base, shot(studio, card, changed)):
            unmoved.append(element.role.value)
    if np.array_equal(base, shot(studio, card, given, brief="a blue car in the rain")):
        unmoved.append("brief")
    guided = card.call.get("guidance_scale", 9.0) > 1 or "true_cfg_scale" in card.call
    if "negative" in card.ports and guided:
        told = {"negative": "blurred, text, a red door"}
        if np.array_equal(base, shot(studio, card, given, **told)):
            unmoved.append("negative")
    assert not unmoved


@pytest.mark.parametrize(("name", "role"), [(n, r) for n, roles in PASSES.items() for r in roles])
def test_ports_that_exclude_each_other_change_it_too(studio: Studio, name: str, role: str):
    studio.model(name)
    card = studio.card(name)
    size, count = size_of(card), count_of(card)
    frames = 1 if role in ("first", "last") else count

    def made(seed: int) -> np.ndarray:
        one = studio.reel(Role(role), frames, size=(size, size), seed=seed)
        ask = studio.turnover(
            name, Work.previs, one, count=count, size=(size, size), steps=steps_of(name)
        )
        return studio.run(ask, seed=3)

    assert not np.array_equal(made(1), made(2))


def test_a_reference_through_an_ip_adapter_changes_the_picture(studio: Studio):
    from studio import registered

    folder = studio.folders.folder("sd15_ip")
    studio.meet(registered(folder, "sd15", "sd15"))

    def made(seed: int) -> np.ndarray:
        reference = studio.reel(Role.reference, 1, seed=seed)
        return studio.run(studio.turnover("sd15", Work.previs, reference, steps=2))

    one, other = made(1), made(2)
    assert not np.array_equal(one, other)
    assert np.array_equal(one, made(1))
    plain = studio.run(studio.turnover("sd15", Work.previs, steps=2))
    assert not np.array_equal(plain, one)
