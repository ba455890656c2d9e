"""Registered diffusion models, each a generator. Torch is imported in the stage, when one runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from secondunit_bridge import places
from secondunit_bridge.film import Model, ModelKind

from ...hookspecs import Generator, hookimpl
from ...models.shelf import Shelf
from .bench import Bench
from .generator import Diffusion


class Models:
    """The plug-in. Its bench outlives the generators, which are made anew when a model is added."""

    def __init__(self) -> None:
        self._home = Path(places.home())
        self._bench = Bench(self._home)

    @hookimpl
    def secondunit_generators(self, models: Sequence[Model]) -> Sequence[Generator]:
        """One for each base model that a diffusers card describes."""
        home = Path(places.home())
        shelf = Shelf(home)
        cards = {card.name: card for card in shelf}
        adapters = [model for model in models if model.kind is ModelKind.adapter]
        return [
            Diffusion(
                model, cards[model.card], _fitting(adapters, cards[model.card].card.family),
                self._bench, home, tuple(shelf),
            )
            for model in models
            if model.kind is ModelKind.base and model.card in cards
        ]  # fmt: skip


def _fitting(adapters: Sequence[Model], family: str) -> list[Model]:
    """LoRAs of this family, and those that nobody knows the family of."""
    return [one for one in adapters if one.facts.get("family", family) == family]


plugin = Models()
secondunit_generators = plugin.secondunit_generators
