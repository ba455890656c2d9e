"""What the pool asks of a device: six effects and what there is room for."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from .ladder import Step
from .tiers import Key, Kit, Part, Room, Tier

Pipeline = TypeVar("Pipeline", covariant=True)


class Device(Protocol[Pipeline]):
    """One accelerator with the host's memory behind it, or the host alone.

    Called by one thread at a time, but for ``room``, ``begin`` and ``peak``. Each effect either has
    happened when it returns or has not when it raises.
    """

    name: str
    memory_errors: tuple[type[BaseException], ...]  # what it raises when it runs out of memory

    def room(self) -> Room:
        """Bytes that the pool may fill now, its residents included. ``host`` is 0 for one tier."""
        ...

    def load(self, kit: Kit, part: Part, tier: Tier) -> None:
        """From disk to a tier, in the dtype and quantisation of the part's key."""
        ...

    def raise_up(self, key: Key) -> None:
        """From host to device; the host keeps its copy."""
        ...

    def drop(self, key: Key, tier: Tier) -> None:
        """Forget it there. Needs no memory and cannot fail."""
        ...

    def assembled(
        self, kit: Kit, parts: Sequence[Part], taken: tuple[Step, ...]
    ) -> AbstractContextManager[Pipeline]:
        """The pipeline of these parts, with these steps down in force until it is left."""
        ...

    def begin(self) -> None:
        """Start to watch how much is taken beside the weights."""
        ...

    def peak(self) -> int:
        """The most bytes taken beside the weights since ``begin``; 0 where it cannot be known."""
        ...

    def settle(self) -> None:
        """Give back to the system what nothing uses: after memory ran out, and for ``release``."""
        ...
