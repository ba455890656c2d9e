"""The steps down when memory is short, in order, and what each is expected to save.

Tiling, slicing and offloading give the same picture up to rounding or seams; 8-bit weights give
another one. So every step that was taken is written in the take. The shares below are what is
assumed until the history of this model at this size knows better.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .tiers import Part


class Step(Enum):
    """One way to need less memory. The values are the words of a card's ``steps_down``."""

    tiling = "tiling"
    slicing = "slicing"
    group_offload = "group_offload"
    int8 = "int8"


SENTENCES = {
    Step.tiling: "the picture was decoded in tiles",
    Step.slicing: "pictures were encoded and decoded one at a time",
    Step.group_offload: "the denoiser's weights were streamed from the computer's memory, slower",
    Step.int8: "the denoiser's weights were held in 8 bits: the picture differs from a full run",
}

# Assumed, not measured: the VAE's share of the activations, what slicing takes off the rest, and
# the part of a denoiser that two of its blocks (one running, one on its way) are.
_ACTIVATION = {Step.tiling: 0.6, Step.slicing: 0.8}
STREAMED_SHARE = 0.15
_BYTES_OF = {"float32": 4, "float16": 2, "bfloat16": 2}


@dataclass(frozen=True, slots=True)
class Rungs:
    """The steps taken so far, and those that are left. Both in the card's order."""

    taken: tuple[Step, ...] = ()
    left: tuple[Step, ...] = ()

    def down(self) -> Rungs | None:
        """One step further down, or None at the bottom."""
        return Rungs((*self.taken, self.left[0]), self.left[1:]) if self.left else None


def activation(nbytes: int, taken: tuple[Step, ...]) -> int:
    """Bytes that a run is expected to take beside its weights after these steps."""
    share = 1.0
    for step in taken:
        share *= _ACTIVATION.get(step, 1.0)
    return int(nbytes * share)


def as_int8(part: Part) -> int:
    """Bytes of a denoiser whose linear layers hold 8 bits a weight and one scale a row."""
    return int(part.nbytes / _BYTES_OF.get(part.key.dtype, 2) * 1.02)


def remarks(taken: tuple[Step, ...]) -> tuple[str, ...]:
    """What the take says about the steps that were taken."""
    return tuple(f"memory was short: {SENTENCES[step]} ({step.value})" for step in taken)
