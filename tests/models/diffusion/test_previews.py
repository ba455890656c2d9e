"""A model's take can be watched while it denoises; the frames are those of one nobody watched."""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest
import torch
from secondunit.generators.diffusion import latents, previews, projection, steps
from secondunit.generators.diffusion.bench import Bench
from secondunit.generators.diffusion.pictures import stretched
from secondunit.hookspecs import Preview
from secondunit_bridge.errors import Cancelled
from secondunit_bridge.film import Work
from studio import Studio
from test_equal import count_of, elements, size_of
from tiny.families import ABOUT

MANY = 24  # steps, so that little noise is left in the last


@pytest.fixture
def every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture at every step that one can be made of, whatever the coder says of itself."""
    monkeypatch.setattr(previews, "PACE_S", 0.0)
    monkeypatch.setattr(previews, "IN_TIME_S", 0.0)
    monkeypatch.setattr(projection, "HONEST", -np.inf)


def ask_of(studio: Studio, name: str, count: int) -> Any:
    studio.model(name)
    card = studio.card(name)
    size = (size_of(card), size_of(card))
    given = elements(studio, card, studio.reel)
    return studio.turnover(
        name, card.card.works[0], *given, count=count_of(card), size=size, steps=count
    )


def watched(studio: Studio, ask: Any, **more: Any) -> tuple[np.ndarray, list[Preview]]:
    """The frames, and every picture on the way."""
    seen: list[Preview] = []
    look = previews.Previews.step

    def kept(self, *at):
        made = look(self, *at)
        if made is not None:
            seen.append(made)
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(previews.Previews, "step", kept)
        return studio.run(ask, **more), seen


def alike(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


@pytest.mark.some(4)
@pytest.mark.usefixtures("small_edits")
@pytest.mark.parametrize("name", ABOUT)
def test_the_frames_are_bit_for_bit_those_of_a_take_without_previews(
    studio: Studio, every_step, monkeypatch, name: str
):
    ask = ask_of(studio, name, 4)
    with_them, seen = watched(studio, ask, seed=5)
    assert seen
    assert not [one.says for one in seen if one.says]
    assert all(one.pixels.std() > 0 and one.pixels.dtype == np.float32 for one in seen)
    again, _ = watched(studio, ask, seed=5)  # the coder's line is known by now
    monkeypatch.setattr(previews.Previews, "step", lambda self, *at: None)
    without = studio.run(ask, seed=5)
    assert np.array_equal(with_them, without)
    assert np.array_equal(again, without)


@pytest.mark.some(4)
@pytest.mark.usefixtures("small_edits")
@pytest.mark.parametrize("name", ABOUT)
def test_what_is_looked_at_is_what_the_picture_coder_is_given(
    studio: Studio, monkeypatch, name: str
):
    """In the last step little noise is left: another layout, scale or frame would not be alike."""
    ask = ask_of(studio, name, MANY)
    seen: list[torch.Tensor] = []

    def look(self, step, total, module, given, named):
        at = latents.point(self._of, module, given, named, self._size)
        seen.append(latents.as_coded(self._of, at.latents))

    monkeypatch.setattr(previews.Previews, "step", look)
    decoded: list[torch.Tensor] = []
    ready = Bench.ready

    @contextmanager
    def heard(self, *given):
        with ready(self, *given) as held:
            if held.pipeline.vae is None:  # its text encoders alone, which read the brief first
                yield held
                return
            decode = held.pipeline.vae.decode

            def kept(latents, *rest, **more):
                decoded.append(latents.float())
                return decode(latents, *rest, **more)

            monkeypatch.setattr(held.pipeline.vae, "decode", kept)
            yield held

    monkeypatch.setattr(Bench, "ready", heard)
    studio.run(ask, seed=5)
    coded = seen[-1]
    final = decoded[-1][0]
    final = final[:, final.shape[1] // 2] if final.ndim == 4 else final
    assert coded.shape == final.shape
    assert alike(coded.numpy(), final.numpy()) > 0.9
    assert alike(coded.transpose(1, 2).numpy(), final.numpy()) < 0.8
    scale = float(final.std() / coded.std())
    assert 0.7 < scale < 1.4


def known(size: int) -> torch.Tensor:
    """``(1, 3, row, column)``, -1 to 1: a bright disc before a dark wall with a coloured sky."""
    rows, columns = torch.meshgrid(*[torch.linspace(-1, 1, size)] * 2, indexing="ij")
    sky = torch.stack([0.2 + 0.3 * rows, 0.1 * columns, 0.5 - 0.5 * rows])
    disc = ((rows + 0.2) ** 2 + (columns - 0.3) ** 2 < 0.25)[None]
    wall = (rows > 0.45)[None]
    made = torch.where(disc, torch.tensor([0.9, 0.6, -0.3])[:, None, None], sky)
    return torch.where(wall, torch.tensor([-0.7, -0.6, -0.5])[:, None, None], made)[None]


def softened(latents: torch.Tensor, noise: float) -> torch.Tensor:
    """What can be made out of the picture behind so much noise."""
    kernel = 2 * min(6, int(3 * noise)) + 1
    return torch.nn.functional.avg_pool2d(
        latents, kernel, stride=1, padding=kernel // 2, count_include_pad=False
    )


def unet_that_knows(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """A UNet that is sure of a picture, and surer the less noise there is."""
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000) ** 2
    kept = torch.cumprod(1 - betas, 0)
    there = torch.cat([known(size), torch.zeros(1, 1, size, size)], 1)

    def forward(self, sample, timestep, *given, **named):
        a = kept[int(timestep)]
        wanted = softened(there, float(((1 - a) / a) ** 0.5))
        return ((sample - a**0.5 * wanted) / (1 - a) ** 0.5,)

    monkeypatch.setattr(diffusers.UNet2DConditionModel, "forward", forward)


def transformer_that_knows(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    there = torch.cat([known(size), torch.zeros(1, 13, size, size)], 1)

    def forward(self, x, t, *given, **named):
        left = 1 - float(t.flatten()[0])
        wanted = softened(there, left / max(1 - left, 1e-3))[0][:, None]
        return ([(wanted - one) / left for one in x],)

    monkeypatch.setattr(diffusers.ZImageTransformer2DModel, "forward", forward)


@pytest.mark.parametrize(
    ("name", "folder", "knows"),
    [
        ("sd15", "sd15_clear", unet_that_knows),
        ("sdxl", "sdxl_clear", unet_that_knows),
        ("z-image", "z_image_clear", transformer_that_knows),
    ],
)
def test_a_preview_is_the_picture_that_comes_and_gets_sharper(
    studio: Studio, monkeypatch, name: str, folder: str, knows
):
    """Nothing of the noise is in it, early as it may be: it is what the model believes in then."""
    monkeypatch.setattr(previews, "PACE_S", 0.0)
    monkeypatch.setattr(previews, "IN_TIME_S", 0.0)
    studio.model(name, folder=folder)
    knows(monkeypatch, 32)
    ask = studio.turnover(name, Work.previs, size=(64, 64), steps=12, guidance=1.0)
    frames, seen = watched(studio, ask, seed=3)
    assert len(seen) == 11  # a line needs two points
    final = frames[0]
    assert seen[-1].pixels.shape == (32, 32, 3), (
        "a pixel for each place, until its colours are made"
    )
    large = [stretched(one.pixels, 64, 64) for one in seen]
    likeness = [alike(one, final) for one in large]
    assert likeness[-1] > 0.97
    assert np.abs(large[-1] - final).mean() < 0.03
    assert likeness[0] > 0.4  # a soft picture at once, where the latents are nearly all noise
    assert likeness[5] > 0.8
    assert likeness[-1] > likeness[0]


def test_a_picture_of_noise_is_never_shown_as_a_preview(studio: Studio, monkeypatch):
    """Random weights: four latents say next to nothing of this coder's colours."""
    monkeypatch.setattr(previews, "PACE_S", 0.0)
    monkeypatch.setattr(previews, "IN_TIME_S", 0.0)
    studio.model("sd15")
    ask = studio.turnover("sd15", Work.previs, size=(64, 64), steps=6)
    _, (only,) = watched(studio, ask, seed=3)
    assert only.says.startswith("No preview: its latents say ")
    assert np.ptp(only.pixels) == 0


def test_a_sampler_that_throws_dice_at_each_step_has_no_preview_and_says_so(
    studio: Studio, every_step, monkeypatch, tmp_path: Path
):
    place = studio.folders.folder("sd15_clear")
    other = shutil.copytree(place, tmp_path / "ancestral")
    index = json.loads((other / "model_index.json").read_text())
    index["scheduler"] = ["diffusers", "EulerAncestralDiscreteScheduler"]
    (other / "model_index.json").write_text(json.dumps(index))
    monkeypatch.setattr(studio.folders, "folder", lambda name: other)
    studio.model("sd15")
    ask = studio.turnover("sd15", Work.previs, size=(64, 64), steps=6)
    _, (only,) = watched(studio, ask, seed=3)
    assert only.says == (
        "No preview: its sampler (EulerAncestralDiscreteScheduler) draws new noise at every step."
    )


@pytest.mark.parametrize("name", ["sd15-inpaint", "wan-vace", "z-image"])
def test_a_watched_take_is_stopped_at_once_and_the_next_is_as_if_nothing_had_been(
    studio: Studio, every_step, monkeypatch, name: str
):
    ask = ask_of(studio, name, 8)
    wanted, _ = watched(studio, ask, seed=5)
    calls: list[int] = []
    counted = steps.Steps._count

    class Watch:
        def check(self) -> None:
            if len(calls) == 5:
                raise Cancelled("a person stopped the take")

    def count_calls(self, module, given, named):
        calls.append(self.step)
        counted(self, module, given, named)

    monkeypatch.setattr(steps.Steps, "_count", count_calls)
    with pytest.raises(Cancelled):
        watched(studio, ask, seed=5, watch=Watch())
    assert len(calls) == 5
    monkeypatch.setattr(steps.Steps, "_count", counted)
    again, _ = watched(studio, ask, seed=5)
    assert np.array_equal(again, wanted)


class Beat:
    """Steps of a known length before an eye that makes a picture of anything."""

    def __init__(self, tmp_path, monkeypatch, each: float) -> None:
        self.now, self._each = 100.0, each
        self.looked = 0
        self.eye = previews.Previews(tmp_path, "key", 64, 64, clock=lambda: self.now)
        monkeypatch.setattr(previews, "point", self._point)
        monkeypatch.setattr(previews, "as_coded", lambda pipeline, seen: seen)
        line = projection.Projection(((1.0, 1.0, 1.0),), (0.0, 0.0, 0.0), 1.0)
        monkeypatch.setattr(projection.Projections, "of", lambda *given: line)

    def _point(self, *given):
        self.looked += 1
        return latents.Point(torch.zeros(1, 4, 4), 0, 1.0 / self.looked)

    def run(self, count: int) -> list[float]:
        """When pictures were shown, seconds from the start."""
        self.eye.begin(None, latents.Size(64, 64, 1), (1001,))
        start, shown = self.now, []
        for step in range(1, count + 1):
            self.now += self._each
            if self.eye.step(step, count, None, (), {}) is not None:
                shown.append(self.now - start)
        return shown


@pytest.mark.parametrize("each", [0.004, 0.05, 0.24, 0.26, 0.9])
def test_there_are_never_more_than_four_pictures_a_second(tmp_path, monkeypatch, each: float):
    beat = Beat(tmp_path, monkeypatch, each)
    shown = beat.run(int(12 / each))
    assert np.diff(shown).min() >= 0.25
    assert len(shown) >= 12 / max(0.55, 1.01 * each) - 2
    assert shown[0] >= 0.25
    assert beat.looked <= 2 * len(shown) + 4 or each > 0.1  # fast steps are not looked at in vain


def test_nothing_is_made_that_nobody_could_see_in_time(tmp_path, monkeypatch):
    beat = Beat(tmp_path, monkeypatch, 0.02)
    assert beat.run(12) == []
    assert beat.looked == 0
    beat = Beat(tmp_path, monkeypatch, 0.02)
    (shown,) = beat.run(20)  # the last of them with less than a tenth of a second left
    assert shown < 0.3
