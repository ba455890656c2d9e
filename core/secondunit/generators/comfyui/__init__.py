"""Registered ComfyUI workflows, each a generator. Off until the setting ``comfyui`` names a server.

Nothing is started, fetched or asked before somebody plans or shoots with one.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from secondunit_bridge import places
from secondunit_bridge.errors import SecondUnitError
from secondunit_bridge.film import Model

from ...hookspecs import Generator, hookimpl
from ...models.workflow_card import is_workflow, registered_pair
from ...settings import Settings
from .generator import Changed, Comfy
from .looking import Glance


class Workflows:
    """The plug-in. What it has seen of the server outlives the generators, which are made anew."""

    def __init__(self) -> None:
        self._glance = Glance()

    @hookimpl
    def secondunit_generators(self, models: Sequence[Model]) -> Sequence[Generator]:
        """One for each workflow."""
        return [self._of(model) for model in models if is_workflow(model)]

    def _of(self, model: Model) -> Generator:
        settings, home = Settings.load(), Path(places.home())
        try:
            pair = registered_pair(model)
        except SecondUnitError as error:
            return Changed(model, f"{model.name}: {error.message}. {error.hint}")
        return Comfy(model, pair, self._glance, home, settings.comfyui, settings.stage_stall_s)


plugin = Workflows()
secondunit_generators = plugin.secondunit_generators
