"""What memory a machine has free, asked of its daemon and said in words."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Callable, Optional, Sequence, Tuple

from .unit import Unit
from .wire import typed

_LOOK_S = 0.1
NO_CARD = (
    "No graphics card that models can use was found here: what they shoot, the processor shoots,"
    " and slowly."
)


@dataclass(frozen=True)
class Memory:
    """One memory, in bytes. ``ours`` is what Second Unit holds of it; None: nobody says."""

    name: str
    used: int
    all: int
    ours: Optional[int] = None
    device: bool = False  # of a graphics card

    @property
    def free(self) -> int:
        """Bytes that nobody holds."""
        return max(0, self.all - self.used)


def memories(
    unit: Unit, patience_s: float = 2.0, rest: Callable[[], None] = lambda: time.sleep(_LOOK_S)
) -> Optional[Tuple[Memory, ...]]:
    """Those of the daemon's machine, graphics cards first; None when it does not say in time.

    The daemon looks when it is first asked, so it is asked again; ``rest`` comes in between.
    """
    end = time.monotonic() + patience_s
    while True:
        busy = unit.status()
        told = busy.get("memory")
        if "memory" not in busy:  # of an older version
            return None
        if told is not None:
            return typed(Tuple[Memory, ...], told, "memory")  # type: ignore[arg-type]  # a generic is a type to the codec
        if time.monotonic() >= end:
            return None
        rest()


def free_said(found: Optional[Sequence[Memory]]) -> Tuple[str, ...]:
    """A line for each: what is free, and what of it Second Unit holds. No card is said plainly."""
    if found is None:
        return ("How much memory is free is not known yet: ask once more in a moment.",)
    cards = [one for one in found if one.device]
    lines = [_line(one.name, one) for one in cards] or [NO_CARD]
    return (*lines, *(_line("The computer", one) for one in found if not one.device))


def room_said(found: Optional[Sequence[Memory]], needed: int) -> str:
    """Whether what is needed, in bytes, is free; empty where nobody can say."""
    if not found or not needed:
        return ""
    cards = [one for one in found if one.device]
    place = max(cards or found, key=lambda one: one.free)
    name = place.name if place.device else "The computer"
    if place.free >= needed:
        return f"{name} has {gigabytes(place.free)} free."
    if place.all >= needed:
        return f"{name} has only {gigabytes(place.free)} free: something else holds the rest."
    return f"{name} has {gigabytes(place.all)} in all: that is too little."


def gigabytes(size: int) -> str:
    """``3.2 GB``, of 1,000,000,000 bytes."""
    return f"{size / 1e9:.1f} GB"


def _line(name: str, one: Memory) -> str:
    held = f", {gigabytes(one.ours)} of it held by Second Unit" if one.ours else ""
    return f"{name}: {one.free / 1e9:.1f} of {gigabytes(one.all)} free{held}."
