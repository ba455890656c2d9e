"""A load that is given up half-way leaves nothing held: the next lease has all it wants."""

from __future__ import annotations

from dataclasses import replace

import pytest
from secondunit.models.pool import Appetite, Key, Kit, ModelPool, Part, Picture, Tier
from secondunit.models.pool.simulated import SimulatedDevice
from secondunit_bridge.errors import Cancelled, ModelMissing

GB = 10**9
PICTURE = Picture(512, 512)
WORDS, PAINTER = (Part(name, Key(name, "bfloat16"), 4 * GB) for name in ("words", "painter"))
MODEL = Kit("wan", "Wan", (WORDS, PAINTER), Appetite(GB), ())


class Breaking(SimulatedDevice):
    """Its disk gives one part of a model and then no other, until it is mended."""

    broken = True

    def load(self, kit: Kit, part: Part, tier: Tier) -> None:
        if self.broken and self.loads and part != self.loads[0]:
            raise ModelMissing(f"{part.name} cannot be opened")
        super().load(kit, part, tier)


def is_free_and_whole(pool: ModelPool, model: Kit = MODEL) -> None:
    state = pool.state
    assert not state.claims
    assert all(resident.idle for resident in state.residents), "a part is held by a dead lease"
    with pool.lease(model, PICTURE) as held, held.pipeline.running(held.activation):
        assert pool.state.on(Tier.device) == 8 * GB
    assert pool.release() == 8 * GB


def test_a_take_that_is_stopped_between_two_parts_leaves_the_model_usable() -> None:
    device = SimulatedDevice(10 * GB, 40 * GB)
    pool = ModelPool(device)

    def stop() -> None:
        if device.loads:
            raise Cancelled("the take was stopped")

    with pytest.raises(Cancelled), pool.lease(MODEL, PICTURE, check=stop):
        pass
    assert device.loads, "it was stopped on the way and not before"
    is_free_and_whole(pool)


def test_a_part_that_cannot_be_opened_leaves_the_others_usable() -> None:
    device = Breaking(10 * GB, 40 * GB)
    pool = ModelPool(device)
    with pytest.raises(ModelMissing), pool.lease(MODEL, PICTURE):
        pass
    device.broken = False
    is_free_and_whole(pool)


def test_a_broken_model_does_not_keep_what_it_shares_with_a_sound_one() -> None:
    device = Breaking(10 * GB, 40 * GB)
    pool = ModelPool(device)
    with pool.lease(replace(MODEL, parts=(WORDS,)), PICTURE):
        pass
    bad = replace(MODEL, name="bad", parts=(WORDS, replace(PAINTER, key=Key("bad", "bfloat16"))))
    with pytest.raises(ModelMissing), pool.lease(bad, PICTURE):
        pass
    device.broken = False
    is_free_and_whole(pool)


def test_an_interrupt_from_the_keyboard_is_no_exception_to_that() -> None:
    device = SimulatedDevice(10 * GB, 40 * GB)
    pool = ModelPool(device)

    def interrupt() -> None:
        if device.loads:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), pool.lease(MODEL, PICTURE, check=interrupt):
        pass
    is_free_and_whole(pool)
