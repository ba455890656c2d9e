"""A brief is read once by each text encoder, and what is kept of it is bit for bit and private."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import numpy as np
import pytest
import torch
from secondunit.generators.diffusion.embeddings import FOLDER, Embeddings
from secondunit_bridge.film import Work
from studio import Studio
from tiny.families import ABOUT

KEY = "ab" * 32


def encoders(studio: Studio, name: str) -> list[torch.nn.Module]:
    """The text encoders that lie on the bench."""
    shells = studio.plugins.generators[name]._bench.pool._device._shells.values()
    parts = [part for shell in shells for part in shell.pipeline.components.items()]
    return [m for n, m in parts if n.startswith("text_encoder") and m is not None]


@pytest.mark.parametrize("name", ["sd15", "sdxl", "wan-t2v", "z-image"])
def test_the_second_take_of_a_brief_asks_no_text_encoder_and_is_the_same(
    studio: Studio, places: Path, name: str
):
    studio.model(name)
    card = studio.card(name)
    still = card.limits.still
    size, count = (64, 1) if still else (32, card.limits.frame_rule[0] + 1)
    ask = studio.turnover(name, card.card.works[0], count=count, size=(size, size), steps=2)
    first = studio.shoot(ask, seed=3)
    asked: list[int] = []
    for encoder in encoders(studio, name):
        encoder.register_forward_pre_hook(lambda *given: asked.append(1))
    assert np.array_equal(studio.shoot(ask, seed=3).frames, first.frames)
    assert not asked
    other = studio.turnover(
        name, card.card.works[0], count=count, size=(size, size), steps=2, brief="a blue door"
    )
    assert not np.array_equal(studio.shoot(other, seed=3).frames, first.frames)
    assert asked


def test_without_what_was_kept_the_frames_are_the_same(studio: Studio, places: Path):
    studio.model("sd15")
    ask = studio.turnover("sd15", Work.previs, size=(64, 64), steps=2)
    with_it = [studio.shoot(ask, seed=3).frames for _ in range(2)]
    for file in (places / FOLDER).iterdir():
        file.unlink()
    assert np.array_equal(studio.shoot(ask, seed=3).frames, with_it[1])


def test_nothing_of_the_brief_is_on_disk_and_only_this_user_can_read_it(
    studio: Studio, places: Path
):
    studio.model("sd15")
    ask = studio.turnover("sd15", Work.previs, size=(64, 64), steps=2, brief="the secret ending")
    studio.shoot(ask)
    files = list((places / FOLDER).iterdir())
    assert files
    assert not [file for file in files if b"secret" in file.read_bytes() or "secret" in file.name]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_a_damaged_file_is_no_file(tmp_path: Path):
    kept = Embeddings(tmp_path)
    kept.keep(KEY, (torch.ones(3), None, [torch.zeros(2)]))
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    assert kept.kept(KEY)[0].sum() == 3
    for damage in (
        b"",
        whole[:40],
        b"\xff" * 8 + whole[8:],
        whole.replace(KEY.encode(), b"c" * 64),
    ):
        file.write_bytes(damage)
        assert kept.kept(KEY) is None


def test_lists_tuples_and_nothing_come_back_as_they_were(tmp_path: Path):
    kept = Embeddings(tmp_path)
    made = ([torch.arange(4.0), torch.arange(2)], None, torch.ones(2, dtype=torch.bfloat16))
    kept.keep(KEY, made)
    found = kept.kept(KEY)
    assert isinstance(found, tuple)
    assert isinstance(found[0], list)
    assert found[1] is None
    assert torch.equal(found[0][0], made[0][0])
    assert found[2].dtype is torch.bfloat16


def test_what_was_used_longest_ago_goes_when_there_is_too_much(tmp_path: Path):
    kept = Embeddings(tmp_path, most_bytes=3 * 4400)
    keys = [f"{n}" * 64 for n in range(4)]
    for at, key in enumerate(keys[:3]):
        kept.keep(key, torch.ones(1000))
        os.utime(tmp_path / f"{key}.safetensors", (at, at))
    kept.kept(keys[0])
    kept.keep(keys[3], torch.ones(1000))
    assert [kept.kept(key) is not None for key in keys] == [True, False, True, True]


def test_every_family_on_the_shelf_is_one_whose_words_are_kept():
    from secondunit.generators.diffusion.embeddings import FAMILIES
    from secondunit.models.shelf import Shelf

    shelf = {card.name: card for card in Shelf(Path("nowhere"))}
    assert all(shelf[name].card.pipeline.startswith(FAMILIES) for name in ABOUT)
