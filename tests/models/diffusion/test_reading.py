"""Text encoders are in memory only while a new brief is read, and not at all for a known one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from secondunit.generators.diffusion import bench as benches
from secondunit.generators.diffusion.devices import CpuDevice
from studio import Studio
from test_equal import EDITS, count_of, elements, size_of, steps_of
from tiny.families import ABOUT

# Readers that are shown the picture as well, and a control that is made out of the denoiser.
WHOLE = (*EDITS, "z-image-depth", "z-image-inpaint-depth")


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The parts that are loaded from disk, as they are."""
    names: list[str] = []
    load = CpuDevice.load

    def kept(self, kit, part, tier):
        names.append(part.name)
        load(self, kit, part, tier)

    monkeypatch.setattr(CpuDevice, "load", kept)
    return names


def ask_of(studio: Studio, name: str, brief: str) -> Any:
    card = studio.card(name)
    size = (size_of(card), size_of(card))
    given = elements(studio, card, studio.reel)
    return studio.turnover(
        name, card.card.works[0], *given, count=count_of(card), size=size, steps=steps_of(name),
        brief=brief,
    )  # fmt: skip


def readers(names: list[str]) -> list[str]:
    return [name for name in names if name.startswith("text_encoder")]


def afresh(studio: Studio, name: str, limit: int = 0) -> Any:
    """The generator on a bench with nothing in memory."""
    generator = studio.plugins.generators[name]
    generator._bench = benches.Bench(generator._home, lambda: CpuDevice(limit=limit))
    return generator._bench


@pytest.mark.some(4)
@pytest.mark.usefixtures("small_edits")
@pytest.mark.parametrize("name", ABOUT)
def test_a_brief_is_read_alone_and_when_it_is_known_no_text_encoder_is_loaded(
    studio: Studio, opened: list[str], name: str
):
    studio.model(name)
    ask = ask_of(studio, name, "a red door")
    afresh(studio, name)
    first = studio.run(ask, seed=7)
    if name in WHOLE:
        return
    words = readers(opened)
    assert words
    assert opened[: len(words)] == words  # before everything else, and once each
    opened.clear()
    afresh(studio, name)
    assert np.array_equal(studio.run(ask, seed=7), first)
    assert opened
    assert not readers(opened)
    other = studio.run(ask_of(studio, name, "a blue door"), seed=7)
    assert readers(opened)
    assert not np.array_equal(other, first)


@pytest.mark.parametrize("name", ["sdxl", "wan-t2v"])
def test_where_memory_is_short_readers_and_denoiser_are_never_there_together(
    studio: Studio, opened: list[str], monkeypatch, name: str
):
    studio.model(name)
    ask = ask_of(studio, name, "a red door")
    generator = studio.plugins.generators[name]
    whole = sum(part.nbytes for part in parts_of(generator, ask))
    words = sum(p.nbytes for p in parts_of(generator, ask) if p.name.startswith("text_encoder"))
    assert min(words, whole - words) > 1000
    wanted = studio.run(ask, seed=7)
    for file in (generator._home / "cache/embeddings").iterdir():
        file.unlink()
    monkeypatch.setattr("secondunit.models.pool.pool.History.expected", lambda *given: 0)
    pool = afresh(studio, name, limit=max(words, whole - words) + 8).pool
    assert np.array_equal(studio.run(ask, seed=7), wanted)
    assert not [r for r in pool.state.residents if r.part.name.startswith("text_encoder")]


def parts_of(generator: Any, ask: Any) -> Any:
    from secondunit.generators.diffusion.kits import kit_of

    return kit_of(generator._model, generator._card, (), "cpu").parts


def test_what_was_foreseen_wrongly_is_read_when_it_is_asked(
    studio: Studio, opened: list[str], monkeypatch
):
    from secondunit.generators.diffusion import generator

    studio.model("sd15")
    ask = ask_of(studio, "sd15", "a red door")
    wanted = studio.run(ask, seed=7)
    place = studio.plugins.generators["sd15"]._home / "cache/embeddings"
    for file in place.iterdir():
        file.unlink()
    real = generator.asked_of
    monkeypatch.setattr(
        generator, "asked_of",
        lambda *given: [one | {"num_images_per_prompt": 2} for one in real(*given)],
    )  # fmt: skip
    afresh(studio, "sd15")
    opened.clear()
    assert np.array_equal(studio.run(ask, seed=7), wanted)
    assert len(readers(opened)) == 1
    assert len(list(place.iterdir())) == 2


def test_the_record_tells_the_number_type_of_every_part_whether_it_was_loaded_or_not(
    studio: Studio,
):
    from secondunit_bridge.film import Work

    studio.model("sd15")
    ask = studio.turnover("sd15", Work.previs, size=(64, 64), steps=2)
    first, second = (studio.shoot(ask, seed=3).exactly for _ in range(2))
    assert first["dtypes"] == second["dtypes"]
    assert set(first["dtypes"]) == {"unet", "vae", "text_encoder"}
