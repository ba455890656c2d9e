"""What the daemon and a stage process say to each other: one JSON object a line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from secondunit_bridge.film import Media, Model, Option, Project, Take, Turnover, Version, Waiver
from secondunit_bridge.slots import Lease

SHOOTING = "stage"  # the process that owns the device
PUBLISHING = "post"  # the process that writes versions, so that circling never waits for a take
LIVE = "live"  # the process that styles live frames, beside whatever is being shot
PROXIES = "proxies"  # the process that makes small pictures of takes, when nobody waits for it
REPLAY = "replay "  # how the work of a replay is named, before the take


@dataclass(frozen=True)
class Shoot:
    """Shoot one take."""

    take: str
    digest: str  # of the turnover
    number: int
    seed: int
    attempt: int
    turnover: Turnover
    project: Project
    store: str
    models: tuple[Model, ...] = ()  # what the generator runs: its base, then the adapters asked for
    kept: tuple[str, ...] = ()  # some of the frames, by digest, that this store has had before


@dataclass(frozen=True)
class Replay:
    """Shoot a take once more and compare it with its ledger entry; it becomes no take."""

    shoot: Shoot
    kept: dict[str, Any]  # body of the take's entry


@dataclass(frozen=True)
class Publish:
    """Write a circled take as a version. ``version.record`` is filled in by the stage."""

    version: Version
    take: Take
    turnover: Turnover
    project: Project  # its store is where the version goes
    store: str  # where the take's frames were kept: the project may have moved since
    taken: dict[str, Any] = field(default_factory=dict)  # body of the take's ledger entry
    waivers: tuple[Waiver, ...] = ()
    finish_of: str = ""  # the draft that the take is the finish of
    unmarked: str = ""  # why it gets no content credential; empty: it gets one
    consents: tuple[str, ...] = ()  # ids of the consents that cover who is seen in it


@dataclass(frozen=True)
class MakeProxies:
    """Make the small pictures of a take that it is watched by."""

    take: str
    media: Media
    store: str
    ocio: str


@dataclass(frozen=True)
class Rehearse:
    """Run one live frame through, in its slot. Nothing is kept."""

    ask: str
    path: str
    generation: int
    generator: str
    options: dict[str, Option] = field(default_factory=dict)


@dataclass(frozen=True)
class LiveFrame:
    """Style one frame of a live session: from one slot into another. Nothing is kept.

    ``given`` holds RGBA of ``width`` x ``height`` in ``colour`` (uint8 0..255 or float32 0..1,
    display codes), and right behind it as many float32 of depth, in the same order of rows:
    distance where ``far`` is 0, else a depth buffer of 0..1 between ``near`` and ``far``.
    ``made`` gets RGBA in ``result``, display codes, opaque.
    """

    session: str
    look: str
    width: int
    height: int
    colour: str
    result: str
    number: int
    given: Lease
    made: Lease
    options: dict[str, Option] = field(default_factory=dict)
    near: float = 0.0
    far: float = 0.0
    parallel: bool = False  # an orthographic view: the depth buffer is even
