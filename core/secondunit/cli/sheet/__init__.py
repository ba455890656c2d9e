"""The contact sheet: what stands on it, as plain values. ``page`` and ``board`` draw it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.film import Finding

__all__ = ["CutPiece", "Sheet", "Still", "TakePanel"]

Display: TypeAlias = NDArray[np.uint8]
"""``(row, column, channel)`` uint8 RGB 0..255, display-referred, origin top left."""


@dataclass(frozen=True)
class Still:
    """One picture of the sheet, what is written under it, and what it shows in words."""

    pixels: Display
    caption: str
    alt: str


@dataclass(frozen=True)
class TakePanel:
    """One take: three stills, its numbers, and what continuity found."""

    id: str
    number: int
    seed: int
    state: str
    confidence: float | None  # 0..1
    stills: tuple[Still, ...]
    findings: tuple[Finding, ...]
    remarks: tuple[str, ...] = ()
    circled: bool = False


@dataclass(frozen=True)
class CutPiece:
    """One clip of the new cut around the insert: where it plays, in record frames, inclusive."""

    name: str
    first: int
    last: int
    timecode: str
    stills: tuple[Still, ...]
    new: bool = False  # the version that was cut in, on its own track above


@dataclass(frozen=True)
class Sheet:
    """Everything on one contact sheet, top to bottom."""

    title: str
    line: str  # one sentence under the title
    facts: tuple[tuple[str, str], ...]
    join: tuple[Still, ...]  # the frame before, the circled take, the frame after
    pieces: tuple[CutPiece, ...]
    takes: tuple[TakePanel, ...]
    places: tuple[tuple[str, str], ...]  # what, and where it is
    circled_by: str = ""
    credit: str = ""
    tracks: tuple[str, str] = ("new", "cut")  # what the two tracks of the cut are called
