"""The bench: the pool of models in memory, made when the first take needs it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

from secondunit_bridge.film import Model

from ...models.card import Card
from ...models.pool import Held, History, Kit, ModelPool, Picture, Rungs, Step
from .kits import Source, kit_of
from .reading import is_reader

MEMORY = Path("cache", "memory.json")  # under the home: what runs took, see ``pool.history``


class Share(Enum):
    """Which parts of a model: all, those that read words, or all the others."""

    whole = "whole"
    readers = "readers"
    rest = "rest"


@dataclass(frozen=True)
class Wanted:
    """What one take needs: a model, its parts from folders of their own, and for which call."""

    model: Model
    card: Card
    parts: Sequence[str]
    picture: Picture
    who: str  # as people know it: the shot
    check: Callable[[], None]  # raises when the take was stopped
    exact_layers: bool = False  # LoRAs go on: layers must be the model's own
    threads: int = 0
    share: Share = Share.whole


class Bench:
    """Belongs to the plug-in, in the stage process."""

    def __init__(self, home: Path, device: Callable[[], Any] | None = None) -> None:
        self.home, self._device = home, device
        self._pool: ModelPool[Any] | None = None
        self._making = threading.Lock()

    @property
    def pool(self) -> ModelPool[Any]:
        """The pool of this process. Raises ExtraMissing."""
        from .loading import engine

        with self._making:
            if self._pool is None:
                engine()
                from .devices import device_here

                history = History(self.home / MEMORY)
                self._pool = ModelPool((self._device or device_here)(), history)
            return self._pool

    @property
    def device(self) -> Any:
        """What a pipeline of this process runs on, as a ``torch.device``. Raises ExtraMissing."""
        import torch

        return torch.device(self.pool.device_name)

    def rungs(self, wanted: Wanted) -> Rungs:
        """The steps down that this take may take. Raises ExtraMissing, ModelMissing."""
        without = (Step.int8,) if wanted.exact_layers else ()
        return self.pool.rungs(self._kit(wanted), without=without)

    @contextmanager
    def ready(self, wanted: Wanted, rungs: Rungs) -> Iterator[Held[Any]]:
        """The pipeline on the device, for one take. Raises OutOfMemory and as ``opening``.

        One whose take was stopped or failed is as good as new: nothing of a take is left in it.
        """
        import torch

        if wanted.threads:
            torch.set_num_threads(wanted.threads)
        kit = self._kit(wanted)
        picture, who, check = wanted.picture, wanted.who, wanted.check
        with self.pool.lease(kit, picture, who=who, rungs=rungs, check=check) as held:
            yield held

    def dtypes(self, wanted: Wanted) -> dict[str, str]:
        """Each part's number type, also of those that are not in memory. Raises ModelMissing."""
        parts = self._kit(replace(wanted, share=Share.whole)).parts
        return {part.name: part.key.dtype for part in parts if part.name}

    def lower(self, wanted: Wanted, rungs: Rungs, error: BaseException) -> Rungs:
        """How to try again after the device ran out. Raises OutOfMemory when it cannot be."""
        return self.pool.lower(self._kit(wanted), wanted.picture, rungs, error)

    def release(self) -> int:
        """Free the device; bytes given back. Raises Locked while a take is shot."""
        return self._pool.release() if self._pool else 0

    def _kit(self, wanted: Wanted) -> Kit:
        kind = self.pool.device_name.partition(":")[0]
        kit = kit_of(wanted.model, wanted.card, tuple(wanted.parts), kind)
        return kit if wanted.share is Share.whole else _shared(kit, wanted.share)


def _shared(kit: Kit, share: Share) -> Kit:
    """The kit without the parts that this share leaves out."""
    assert isinstance(kit.source, Source)
    wants = share is Share.readers
    parts = tuple(part for part in kit.parts if is_reader(part.name) is wants)
    absent = tuple(part.name for part in kit.parts if part not in parts)
    # A pipeline that was put together without its picture coder has other scales for good.
    name = f"{kit.name}-{share.value}" if wants else kit.name
    return replace(kit, name=name, parts=parts, source=replace(kit.source, absent=absent))
