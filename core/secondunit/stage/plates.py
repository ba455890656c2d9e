"""The plate side of a take: its frames as they are stored, its matte, and the merge that keeps it.

A plate in EXR is delivered in its own space, windows and channels. Any other plate (a movie, DPX,
PNG) is conformed to the project's working space first; that half-float frame is then the plate of
record, and is kept and published beside the result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from secondunit_bridge.errors import TurnoverRejected
from secondunit_bridge.film import Element, Role, Turnover

from ..colour import Colour
from ..contract import Plated, Under, deliver_plate
from ..contract.receipt import FrameReceipt, mask_digest, write_mask
from ..hookspecs import Elements, Exactly, Generator, Plan, Preview, Progress, Watch
from ..media.frames import to_half
from ..media.patterns import FramePattern, is_pattern
from ..media.plates import PlateFrame, read_plate, write_plate
from ..media.stills import Windows
from .mattes import MatteFootage
from .orders import Shoot
from .sources import Sources
from .spaces import Codes

EDGE_ZONE = 8  # pixels outside the matte that may change when the generator does not say


@dataclass
class _Said:
    """What the take's entry says of its plate, gathered frame by frame."""

    frames: list[FrameReceipt] = field(default_factory=list)
    plate_files: dict[int, str] = field(default_factory=dict)  # where each frame lay
    conformed: dict[int, str] = field(default_factory=dict)  # digests of plates of record
    masks: dict[int, str] = field(default_factory=dict)  # digests of matte and protection


class PlateShoot:
    """One plate take: what a generator makes is merged into the plate under the matte, and kept."""

    def __init__(
        self, order: Shoot, plan: Plan, sources: Sources, colour: Colour, matte: MatteFootage
    ) -> None:
        self._plan, self._colour, self._vault = plan, colour, sources.vault
        self._element = _plate_of(order.turnover)
        self._footage, self._matte = sources.open(self._element.media), matte
        self._stored = _stored(self._element)
        self.space = self._footage.space if self._stored else order.project.space
        self._zone = int(plan.options.get("edge_zone", EDGE_ZONE))
        self._said = _Said()
        self._passed: tuple[str, ...] = ()
        self.channels: tuple[str, ...] = ("R", "G", "B")
        self.remarks = matte.source.coverage(self._sampled()).remarks

    def frames(
        self, generator: Generator, elements: Elements, seed: int, watch: Watch, codes: Codes
    ) -> Iterator[Progress | Preview | Exactly | Plated]:
        """Every frame, merged under the matte and measured. Raises as ``deliver_plate``."""
        under = Under(
            self._plate,
            lambda number: self._matte.source.soft(self._matte.frames.first + self._index(number)),
            self._zone,
            None if codes.name == self.space else lambda rgb: codes.back(rgb, self.space),
        )
        return deliver_plate(generator, self._plan, elements, seed, watch, under)

    def keep(self, said: Plated) -> str:
        """Keep one frame and its masks; the digest of what is delivered. Raises DiskFull ..."""
        masks = mask_digest(said.soft, said.protected)
        self._vault.keep(masks, lambda path: write_mask(path, said.soft, said.protected))
        self._vault.keep(said.receipt.result, lambda path: write_plate(path, said.pixels))
        self._said.masks[said.frame] = masks
        self._said.frames.append(said.receipt)
        return said.receipt.result

    def receipt(self, generator: dict[str, Any]) -> dict[str, Any]:
        """What the take's ledger entry says of the plate, as JSON."""
        said = self._said
        said.frames.sort(key=lambda one: one.frame)  # two threads finish frames
        return {
            "space": self.space,
            "edge_zone": self._zone,
            "matte": self._matte.source.says,
            "channels": list(self._passed),
            "ocio": {"config": self._colour.name, "sha256": self._colour.digest},
            "generator": generator,
            "frames": [asdict(one) for one in said.frames],
            "plate_files": _keyed(said.plate_files),
            "conformed": _keyed(said.conformed),
            "masks": _keyed(said.masks),
        }

    def _index(self, number: int) -> int:
        return number - self._plan.frames.first

    def _plate(self, number: int) -> PlateFrame:
        at = self._element.media.frames.first + self._index(number)
        plate = self._as_stored(number, at) if self._stored else self._conformed(number, at)
        self.channels = plate.colour
        self._passed = tuple(name for name in plate.channels if name not in plate.colour)
        return plate

    def _as_stored(self, number: int, at: int) -> PlateFrame:
        assert self._stored is not None
        path = self._stored(at)
        self._said.plate_files[number] = str(path)
        return read_plate(path)

    def _conformed(self, number: int, at: int) -> PlateFrame:
        """A frame of a movie or display picture, in the working space: the plate of record."""
        seen = self._footage.frame(at)[..., :3]
        half = to_half(self._colour.convert(np.array(seen), self._footage.space, self.space))[0]
        box = (0, 0, half.shape[1], half.shape[0])
        planes = {name: half[..., index] for index, name in enumerate("RGB")}
        plate = PlateFrame(planes, Windows(box, box), self.space)
        digest = plate.digest()
        self._vault.keep(digest, lambda path: write_plate(path, plate))
        self._said.conformed[number] = digest
        return plate

    def _sampled(self) -> list[int]:
        """Five frames of the matte: an empty one is found before anything is shot."""
        first, count = self._matte.frames.first, len(self._plan.frames)
        steps = {0, count // 4, count // 2, 3 * count // 4, count - 1}
        return [first + step for step in sorted(steps)]


def _stored(element: Element) -> Callable[[int], Path] | None:
    """Which file a frame of an EXR plate is in; None for a plate that must be conformed."""
    path = element.media.path
    if not path.lower().endswith(".exr"):
        return None
    if is_pattern(path):
        return FramePattern.parse(path).path
    return lambda number: Path(path)


def _plate_of(turnover: Turnover) -> Element:
    for element in turnover.elements:
        if element.role is Role.plate:
            return element
    raise TurnoverRejected(
        "this work needs a plate", hint="Hand over a plate, and turn over again."
    )


def _keyed(values: dict[int, str]) -> dict[str, str]:
    return {str(number): value for number, value in values.items()}
