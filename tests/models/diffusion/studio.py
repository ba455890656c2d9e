"""Turnovers, elements and a stage in this process; what a generator was given and gave is kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from secondunit.contract import ConformedElements, plan_for
from secondunit.generators.diffusion.loading import quietly
from secondunit.hookspecs import Developed, Exactly, Preview, Progress
from secondunit.media.delivery import Attributes, write_exr
from secondunit.models import scan
from secondunit.models.card import Card
from secondunit.models.shelf import Shelf
from secondunit.plugins import Plugins
from secondunit.stage.orders import Shoot
from secondunit.stage.shoot import shoot
from secondunit.testing.material import Reel, Still
from secondunit_bridge.film import (
    Element,
    Media,
    Model,
    Project,
    Role,
    Shot,
    Take,
    Turnover,
    Work,
)
from secondunit_bridge.timing import FrameRange, Handles
from tiny import families

RATE = Fraction(24)
SPACE = "ACEScg"


@dataclasses.dataclass
class Shooting:
    """What came of one take: the generator's own frames, what it was given, what it said."""

    take: Take
    more: dict[str, Any]
    frames: np.ndarray  # (frame, row, column, 3) float32 codes, as the generator gave them
    elements: dict[str, list[list[np.ndarray]]]  # role -> each element's frames as it saw them
    said: list[Any]

    @property
    def given(self) -> dict[str, np.ndarray]:
        """Of each role the first element: ``(frame, row, column, channel)``, codes within 0..1.

        Rows of interleaved pixels: in another layout a convolution's last bit is another.
        """
        made = {}
        for role, found in self.elements.items():
            if found:
                most = None if role == "depth" else 1
                made[role] = np.ascontiguousarray(np.clip(np.stack(found[0]), 0, most))
        return made

    @property
    def exactly(self) -> dict[str, Any]:
        return self.more["exactly"]

    @property
    def progress(self) -> list[Progress]:
        return [one for one in self.said if isinstance(one, Progress)]


class Recorded:
    """A generator that notes what it is given and gives."""

    def __init__(self, inner: Any) -> None:
        self._inner, self.about = inner, inner.about
        self.frames: list[np.ndarray] = []
        self.said: list[Any] = []
        self.elements: dict[str, list[list[np.ndarray]]] = {}

    def plan(self, plan, elements):
        return self._inner.plan(plan, elements)

    def run(self, plan, elements, seed, watch) -> Iterator[Any]:
        for role in Role:
            self.elements[role.value] = [
                [footage.frame(number) for number in footage.frames]
                for footage in elements.all(role)
            ]
        for said in self._inner.run(plan, elements, seed, watch):
            if isinstance(said, Developed):
                self.frames.append(np.array(said.pixels))
            elif isinstance(said, (Progress, Preview, Exactly)):
                self.said.append(said)
            yield said


def registered(folder: Path, name: str, card: str, **parts: Path) -> Model:
    """The folder as the command scans it, with parts that lie elsewhere."""
    found = scan.look(folder, Shelf(folder), card=card, parts=parts)
    return scan.read_through(found, name=name, by="Ada", licence="Apache-2.0")


def adapter(file: Path, name: str) -> Model:
    """A LoRA as the command scans it."""
    found = scan.look(file, Shelf(file.parent))
    return scan.read_through(found, name=name, by="Ada", licence="Apache-2.0")


class Studio:
    """Makes turnovers and shoots them."""

    def __init__(self, folders: families.Folders, store: Path) -> None:
        self.folders, self.store = folders, store
        self.project = Project("film", RATE, 64, 64, SPACE, store=str(store))
        self.plugins = Plugins()
        self._models: list[Model] = []
        self._reels: dict[str, Reel] = {}
        store.mkdir()

    def model(self, card: str, *, folder: str = "", name: str = "") -> Model:
        """A tiny model for this card, registered under the card's name."""
        about = families.ABOUT[card]
        parts = {part: self.folders.folder(one) for part, one in about.parts.items()}
        place = self.folders.folder(folder or about.folder)
        made = registered(place, name or card, card, **parts)
        self.meet(made)
        return made

    def card(self, name: str) -> Card:
        """One of the product's own cards."""
        return Shelf(self.store).card(name)

    def meet(self, *models: Model) -> None:
        self._models += models
        self.plugins.meet(self._models)

    def forget(self, name: str) -> None:
        """Nothing of this name is registered any more."""
        self._models = [model for model in self._models if model.name != name]

    def pictures(
        self, role: Role, count: int, *, size: tuple[int, int] = (64, 64), seed: int = 1,
        made: Callable[[int], np.ndarray] | None = None,
    ) -> Element:  # fmt: skip
        """Soft coloured noise as EXR on disk, in this role; a matte is a box, depth a ramp."""
        folder = self.store / f"{role.value}_{seed}_{count}_{size[0]}_{size[1]}"
        folder.mkdir(exist_ok=True)
        draw = made or {Role.matte: box, Role.depth: ramp}.get(role, textured)
        names = ("Y",) if role in (Role.matte, Role.depth) else ("R", "G", "B")
        for index in range(count):
            pixels = draw(index + 10 * seed, *size).astype(np.float16)
            path = folder / f"p.{index + 1:04}.exr"
            write_exr(path, pixels, names, Attributes(space=SPACE if len(names) == 3 else "Raw"))
        media = Media(
            FrameRange(1, count, RATE), str(folder / "p.%04d.exr"), *size, names, "float16",
            SPACE if len(names) == 3 else "Raw",
        )  # fmt: skip
        return Element(role, media, role.value)

    def reel(
        self, role: Role, count: int, *, size: tuple[int, int] = (64, 64), seed: int = 1
    ) -> Element:
        """As ``pictures``, in memory, for ``run`` only."""
        draw = {Role.matte: box, Role.depth: ramp}.get(role, textured)
        names = ("Y",) if role in (Role.matte, Role.depth) else ("R", "G", "B")
        media = Media(FrameRange(1, count, RATE), f"{role.value}.{seed}.{count}.%04d.exr", *size)
        self._reels[media.path] = Reel(
            media.frames, *size, lambda number: draw(number + 10 * seed, *size), names
        )
        return Element(role, media, role.value)

    def run(self, turnover: Turnover, *, seed: int = 0, watch: Any = None) -> np.ndarray:
        """The generator alone, on reels: ``(frame, row, column, 3)`` codes."""
        generator = self.plugins.generators[turnover.generator]
        plan = plan_for(turnover, generator, self.project)
        assert not plan.refusals, plan.refusals
        elements = ConformedElements(
            turnover, plan, lambda element: self._reels[element.media.path], space="codes",
            convert=lambda rgb, of: rgb,
        )  # fmt: skip
        said = generator.run(plan, elements, seed, watch or Still())
        return np.array([one.pixels for one in said if isinstance(one, Developed)])

    def turnover(
        self, generator: str, work: Work, *elements: Element, count: int = 1,
        size: tuple[int, int] = (64, 64), brief: str = "a red door", **options: Any,
    ) -> Turnover:  # fmt: skip
        """The ask. Option names are written with ``__`` for a colon."""
        return Turnover(
            shot=Shot("film", "SEQ", "0010", "guid", FrameRange(0, count - 1, RATE), Handles(0, 0)),
            work=work, generator=generator, brief=brief, elements=elements,
            options={name.replace("__", ":"): value for name, value in options.items()},
            width=size[0], height=size[1],
        )  # fmt: skip

    def shoot(self, turnover: Turnover, *, seed: int = 0, watch: Any = None) -> Shooting:
        """Shot by the stage. Raises what the stage raises."""
        kept = Recorded(self.plugins.generators[turnover.generator])
        self.plugins.generators[turnover.generator] = kept
        order = Shoot(
            f"t{seed}", "0" * 64, 1, seed, 1, turnover, self.project, str(self.store),
            tuple(self._models),
        )  # fmt: skip
        try:
            take, more = shoot(order, self.plugins, watch or Still(), lambda *a, **k: None)
        finally:
            self.plugins.generators[turnover.generator] = kept._inner
        return Shooting(take, more, np.array(kept.frames), kept.elements, kept.said)


def textured(seed: int, width: int, height: int) -> np.ndarray:
    """``(row, column, 3)``, 0 to about 0.9, soft."""
    import cv2

    noise = np.random.default_rng(seed).random((height, width, 3)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 2.0)
    return 0.9 * (soft - soft.min()) / (soft.max() - soft.min())


def box(seed: int, width: int, height: int) -> np.ndarray:
    """``(row, column, 1)``: a hard box in the middle that moves a little."""
    made = np.zeros((height, width, 1), np.float32)
    right, low = np.random.default_rng(seed).integers(0, min(width, height) // 4, 2)
    made[height // 4 + low : 3 * height // 4, width // 4 + right : 3 * width // 4] = 1.0
    return made


def ramp(seed: int, width: int, height: int) -> np.ndarray:
    """``(row, column, 1)``: distances of 1 to 9 metres."""
    steps = np.linspace(1.0, 9.0, width, dtype=np.float32) * (1 + 0.07 * (seed % 89))
    made = np.repeat(steps[None], height, axis=0)[..., None]
    made[: height // (2 + seed % 5)] += 2.0
    return made


def noise(seed: int = 0) -> Any:
    """Qwen's inpainting ControlNet draws from the global dice as well, so those are set too."""
    import torch

    torch.manual_seed(seed)
    return torch.Generator("cpu").manual_seed(seed)


def opened(folder: Path, kind: str, **parts: Any) -> Any:
    """The pipeline as anybody would open it, with nothing of ours."""
    import diffusers

    made = getattr(diffusers, kind).from_pretrained(
        str(folder), local_files_only=True, use_safetensors=True, **parts
    )
    made.set_progress_bar_config(disable=True)
    return made


def called(pipeline: Any, **arguments: Any) -> np.ndarray:
    """What the pipeline gives, ``(frame, row, column, 3)``; its libraries' chatter is their own."""
    with quietly():
        output = pipeline(**arguments, output_type="np")
    return output.frames[0] if hasattr(output, "frames") else output.images
