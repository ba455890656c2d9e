"""The plate side of a take: its frames as they are stored, its matte, and the merge that keeps it.

A plate in EXR is delivered in its own space, windows and channels. Any other plate (a movie, DPX,
PNG) is conformed to the project's working space first; that half-float frame is then the plate of
record, and is kept and published beside the result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from secondunit_bridge.errors import TurnoverRejected
from secondunit_bridge.film import Element, Role, Turnover

from ..colour import Colour
from ..contract import Plated, Seen, Under, deliver_plate
from ..contract.geometry import Box, box_of
from ..contract.matte import Coverage, Soft
from ..contract.receipt import FrameReceipt, clipped, mask_digest, write_mask
from ..contract.zone import held_back, zone
from ..hookspecs import Elements, Exactly, Generator, Plan, Preview, Progress, Watch
from ..media.footage import Picture
from ..media.frames import to_half
from ..media.patterns import FramePattern, is_pattern
from ..media.plates import PlateFrame, check_upright, read_plate, write_plate
from ..media.stills import Windows
from .frames import is_whole
from .mattes import MatteFootage
from .orders import Shoot
from .sources import Sources
from .spaces import Codes


@dataclass
class _Said:
    """What the take's entry says of its plate, gathered frame by frame."""

    frames: list[FrameReceipt] = field(default_factory=list)
    plate_files: dict[int, str] = field(default_factory=dict)  # where each frame lay
    conformed: dict[int, str] = field(default_factory=dict)  # digests of plates of record
    masks: dict[int, str] = field(default_factory=dict)  # digests of matte and protection
    sure: dict[int, dict[str, float | None]] = field(default_factory=dict)
    covered: dict[int, float] = field(default_factory=dict)  # share of the picture in the matte
    free: dict[int, float] = field(default_factory=dict)  # and with the edge zone


def looked_at(plan: Plan, sources: Sources, matte: MatteFootage) -> Seen:
    """What the plate and its matte say of how they can be shot. Raises what opening raises."""
    reach, frames = zone(plan), matte.frames
    count = 1 if len(frames) == 1 else len(plan.frames)

    def changing() -> Box | None:
        box = box_of(matte.source.soft(frames.first + index) for index in range(count))
        if box is None:
            return None
        x, y, width, height = box
        return x - reach, y - reach, width + 2 * reach, height + 2 * reach

    return Seen(aspect_of_plate(plan.turnover, sources), changing)


def aspect_of_plate(turnover: Turnover, sources: Sources) -> Fraction:
    """How wide a pixel of the plate is over its height. Raises what opening raises."""
    return sources.pixel_aspect(_plate_of(turnover).media)


class PlateShoot:
    """One plate take: what a generator makes is merged into the plate under the matte, and kept."""

    def __init__(
        self, order: Shoot, plan: Plan, sources: Sources, colour: Colour, matte: MatteFootage
    ) -> None:
        self._plan, self._colour, self._vault = plan, colour, sources.vault
        self._element = _plate_of(order.turnover)
        self._footage, self._matte = sources.open(self._element.media), matte
        self._stored = _stored(self._element)
        self.pixel_aspect = sources.pixel_aspect(self._element.media)
        self._working = order.project.space
        self.space = self._footage.space if self._stored else order.project.space
        self._zone, self._held_back = zone(plan), ""
        self._said = _Said()
        self._passed: dict[str, None] = {}  # of any frame, in order
        self.channels: tuple[str, ...] = ()
        self._codes = ""
        matte.source.check_covers(self._matte_frames())

    @property
    def remarks(self) -> tuple[str, ...]:
        """Once all is shot: about the matte, and about what the generator could not be shown."""
        said = self._said
        coverage = Coverage(dict(sorted(said.covered.items())), said.free, self._zone)
        lost = clipped(self._sorted(), self._codes)
        words = (self._held_back, *coverage.remarks, *self._matte.source.remarks, lost)
        return tuple(sentence for sentence in words if sentence)

    def frames(
        self, generator: Generator, elements: Elements, seed: int, watch: Watch, codes: Codes
    ) -> Iterator[Progress | Preview | Exactly | Plated]:
        """Every frame, merged under the matte and measured. Raises as ``deliver_plate``."""
        self._codes, ranged = codes.name, codes.range_of
        self._held_back = held_back(self._plan, generator.about)
        under = Under(
            self._plate,
            self._soft,
            self._zone,
            None if codes.name == self.space else lambda rgb: codes.back(rgb, self.space),
            (lambda rgb: ranged(rgb, self.space)) if ranged else None,
            self._light,
        )
        return deliver_plate(generator, self._plan, elements, seed, watch, under)

    def keep(self, said: Plated) -> str:
        """Keep one frame and its masks; the digest of what is delivered. Raises DiskFull ..."""
        masks = mask_digest(said.soft, said.protected)
        self._keep(masks, lambda path: write_mask(path, said.soft, said.protected))
        self._keep(said.receipt.result, lambda path: write_plate(path, said.pixels))
        self._said.masks[said.frame] = masks
        self._said.frames.append(said.receipt)
        self._said.sure[said.frame] = {"confidence": said.confidence, "coverage": said.coverage}
        self._said.free[said.frame] = 1 - float(said.protected.mean())
        return said.receipt.result

    def receipt(self, generator: dict[str, Any]) -> dict[str, Any]:
        """What the take's ledger entry says of the plate, as JSON."""
        said = self._said
        return {
            "space": self.space,
            "edge_zone": self._zone,
            "matte": self._matte.source.says,
            "channels": list(self._passed),
            "ocio": {"config": self._colour.name, "sha256": self._colour.digest},
            "generator": generator,
            "frames": [asdict(one) for one in self._sorted()],
            "plate_files": _keyed(said.plate_files),
            "conformed": _keyed(said.conformed),
            "masks": _keyed(said.masks),
            "sure": {str(number): said.sure[number] for number in sorted(said.sure)},
        }

    def _keep(self, name: str, write: Callable[[Path], object]) -> None:
        self._vault.keep(name, write, sound=lambda path: is_whole(path, name))

    def _sorted(self) -> list[FrameReceipt]:
        """In order: two threads finish frames."""
        return sorted(self._said.frames, key=lambda one: one.frame)

    def _light(self, rgb: Picture) -> Picture:
        return self._colour.convert(rgb, self.space, self._working)

    def _index(self, number: int) -> int:
        return number - self._plan.frames.first

    def _soft(self, number: int) -> Soft:
        soft = self._matte.source.soft(self._matte.frames.first + self._index(number))
        self._said.covered[number] = float((soft > 0).mean())
        return soft

    def _plate(self, number: int) -> PlateFrame:
        at = self._element.media.frames.first + self._index(number)
        plate = self._as_stored(number, at) if self._stored else self._conformed(number, at)
        if self.channels and plate.colour != self.channels:
            raise TurnoverRejected(
                f"frame {at} of the plate has {', '.join(plate.colour)}, those before it "
                f"{', '.join(self.channels)}",
                hint="Write all frames of the plate with the same channels.",
                data={"frame": at, "channels": list(plate.channels)},
            )
        self.channels = plate.colour
        self._passed |= dict.fromkeys(name for name in plate.channels if name not in plate.colour)
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
        self._keep(digest, lambda path: write_plate(path, plate))
        self._said.conformed[number] = digest
        return plate

    def _matte_frames(self) -> list[int]:
        """The matte's frames in the order they are looked at for one that is not empty."""
        first, count = self._matte.frames.first, len(self._plan.frames)
        if len(self._matte.frames) == 1:
            return [first]
        spread = dict.fromkeys((0, count // 4, count // 2, 3 * count // 4, count - 1))
        return [first + step for step in dict.fromkeys((*spread, *range(count)))]


def check_plate(turnover: Turnover, sources: Sources) -> None:
    """See before anything is made that the plate is one. Raises TurnoverRejected, and as opening.

    Only an EXR is looked at: any other picture is conformed.
    """
    element = _plate_of(turnover)
    names, stored = sources.open(element.media).channels, _stored(element)
    if stored is None:
        return
    check_upright(stored(element.media.frames.first))
    lacking = [name for name in "RGB" if name not in names]
    if not lacking:
        return
    layers = dict.fromkeys(name.rpartition(".")[0] for name in names if "." in name)
    listed = f"Its layers: {', '.join(layers)}. " if layers else ""
    raise TurnoverRejected(
        f"the plate has no channel {', '.join(lacking)}",
        hint=f"{listed}Write what is the picture as R, G and B; it has: {', '.join(names)}.",
        data={"channels": list(names), "layers": list(layers)},
    )


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
