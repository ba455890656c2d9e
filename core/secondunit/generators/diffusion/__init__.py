"""Registered diffusion models, each a generator. Torch is imported in the stage, when one runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from secondunit_bridge import places
from secondunit_bridge.film import Model, ModelKind

from ...hookspecs import Generator, hookimpl
from ...models.shelf import Shelf
from ...models.workflow_card import is_workflow
from ...settings import Settings
from .bench import Bench
from .generator import Diffusion
from .particular import particular


class Models:
    """The plug-in. Its bench outlives the generators, which are made anew when a model is added."""

    def __init__(self) -> None:
        self._bench: Bench | None = None

    @hookimpl
    def secondunit_generators(self, models: Sequence[Model]) -> Sequence[Generator]:
        """One for each base model that a diffusers card describes."""
        home = Path(places.home())
        if self._bench is None or self._bench.home != home:
            self._bench = Bench(home)
        adapters = [model for model in models if model.kind is ModelKind.adapter]
        bases = [one for one in models if one.kind is ModelKind.base and not is_workflow(one)]
        if not bases:
            return []  # dozens of cards need not be read
        shelf, threads = Shelf(home), Settings.load().model_threads
        cards = {card.name: card for card in shelf}
        made = []
        for model in (one for one in bases if one.card in cards):
            card = particular(model, cards[model.card])
            fitting = _fitting(adapters, card.card.family)
            made.append(
                Diffusion(model, card, fitting, self._bench, home, tuple(shelf), threads=threads)
            )
        return made


def _fitting(adapters: Sequence[Model], family: str) -> list[Model]:
    """LoRAs of this family, and those that nobody knows the family of."""
    return [one for one in adapters if one.facts.get("family", "") in ("", family)]


plugin = Models()
secondunit_generators = plugin.secondunit_generators
