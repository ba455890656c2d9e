"""The pipeline that lies ready: one at a time, opened when a take needs another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from secondunit_bridge.film import Model

from ...models.card import Card
from .exact import weights_digest
from .loading import opened


class Bench:
    """Belongs to the plug-in, in the stage process; never used by two takes at a time."""

    def __init__(self) -> None:
        self._key: tuple[Any, ...] = ()
        self._pipeline: Any = None

    @contextmanager
    def ready(self, model: Model, card: Card, parts: Sequence[str], threads: int) -> Iterator[Any]:
        """The pipeline, for one take. Raises as ``opened``.

        One whose take was stopped or failed is as good as new: nothing of a take is left in it.
        """
        import torch

        if threads:
            torch.set_num_threads(threads)
        device = "cuda" if torch.cuda.is_available() else "cpu"
        key = (weights_digest(model), model.path, card.digest, tuple(parts), device)
        if key != self._key:
            self.clear()
            self._pipeline, self._key = opened(model, card, parts, device), key
        yield self._pipeline

    def clear(self) -> None:
        """Let go of what lies ready."""
        import gc

        self._key, self._pipeline = (), None
        gc.collect()
