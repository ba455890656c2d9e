"""What the pool knows, as values: parts of models, where they lie, who holds them, the room.

A part is named by what is in it, so that two models that share a part share its memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from .ladder import Step


class Tier(Enum):
    """Where a part can be computed with, or kept at hand. What is on neither is on disk."""

    device = "device"
    host = "host"


@dataclass(frozen=True, slots=True)
class Key:
    """What makes two parts the same one in memory."""

    sha: str  # sha256 of its weights, hex
    dtype: str
    quantisation: str = ""  # "" as in the file, "int8"
    device: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One component of a model: a text encoder, a denoiser, a VAE."""

    name: str  # of the pipeline's component, as "transformer"
    key: Key
    nbytes: int
    denoiser: bool = False  # the part that runs at each step: what is streamed and stored in 8 bits


@dataclass(frozen=True, slots=True)
class Appetite:
    """Bytes that a run takes beside the weights, as a card says them: fixed + slope * w * h * n."""

    fixed: int = 0
    per_pixel_frame: float = 0.0


@dataclass(frozen=True, slots=True)
class Kit:
    """The parts that one pipeline is built from, and what it takes to run it.

    ``name`` is the digest that its history is kept under. ``ladder`` are the steps down that the
    card allows, in the order in which they are taken. ``source`` is whatever the device needs to
    build the pipeline; the pool never looks into it.
    """

    name: str
    title: str  # as people know the model
    parts: tuple[Part, ...]
    appetite: Appetite = Appetite()
    ladder: tuple[Step, ...] = ()
    source: object = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Picture:
    """The size of one call of the pipeline: pixels and frames."""

    width: int
    height: int
    frames: int = 1

    @property
    def pixel_frames(self) -> int:
        """Pixels of all its frames."""
        return self.width * self.height * self.frames


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes that the pool may fill, its residents included.

    ``host`` is 0 where the device is the host's own memory: there is one tier then.
    """

    device: int
    host: int = 0


@dataclass(frozen=True, slots=True)
class Resident:
    """A part in memory. On both tiers, the host's is a copy that is kept at hand."""

    part: Part
    tiers: frozenset[Tier]
    used: int = 0  # the pool's own count of leases: higher is later
    held_by: str = ""  # the lease that has it; one at a time, pipelines are not shared by threads
    seconds: Mapping[Tier, float] = field(default_factory=dict)  # measured: to have it there again
    credit: Mapping[Tier, float] = field(default_factory=dict)  # see placing.py

    @property
    def idle(self) -> bool:
        """Nobody holds it."""
        return not self.held_by

    def on(self, tier: Tier) -> int:
        """Bytes it takes there."""
        return self.part.nbytes if tier in self.tiers else 0

    def without(self, tier: Tier) -> Resident:
        """The same, gone from a tier."""
        return replace(self, tiers=self.tiers - {tier})


@dataclass(frozen=True, slots=True)
class Claim:
    """What one lease has been promised on the device beside the weights it holds there."""

    lease: str
    who: str  # the take, or whoever asked
    activation: int  # bytes
    keys: frozenset[Key] = frozenset()


@dataclass(frozen=True, slots=True)
class State:
    """All that a decision needs."""

    room: Room
    residents: tuple[Resident, ...] = ()
    claims: tuple[Claim, ...] = ()
    inflation: Mapping[Tier, float] = field(default_factory=dict)  # GreedyDual's L of each tier

    def resident(self, key: Key) -> Resident | None:
        """The part of that key, when it is in memory."""
        return next((r for r in self.residents if r.part.key == key), None)

    def on(self, tier: Tier) -> int:
        """Bytes that weights take there."""
        return sum(resident.on(tier) for resident in self.residents)

    @property
    def promised(self) -> int:
        """Bytes of activations promised to leases."""
        return sum(claim.activation for claim in self.claims)

    @property
    def committed(self) -> int:
        """Bytes of the device that are taken or promised."""
        return self.on(Tier.device) + self.promised
