"""The plate side of a take: its frames as they are stored, its matte, and the merge that keeps it.

A plate in EXR is delivered in its own space, windows and channels. Any other plate (a movie, DPX,
PNG) is conformed to the project's working space first; that half-float frame is then the plate of
record, and is kept and published beside the result.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.errors import OverLimits, TurnoverRejected
from secondunit_bridge.film import Element, Role, Turnover

from .. import contract
from ..colour import Colour
from ..contract.matte import Soft, merge, protect
from ..contract.receipt import FrameReceipt, mask_digest, measure_frames, write_mask
from ..hookspecs import Plan
from ..media.footage import Picture
from ..media.frames import to_half
from ..media.patterns import FramePattern, is_pattern
from ..media.plates import PlateFrame, read_plate, write_plate
from ..media.stills import Windows
from ..vault import Vault
from .mattes import MatteFootage
from .orders import Shoot
from .sources import Sources

EDGE_ZONE = 8  # pixels outside the matte that may change when the generator does not say


@dataclass
class _Said:
    """What the take's entry says of its plate, gathered frame by frame."""

    frames: list[FrameReceipt] = field(default_factory=list)
    plate_files: dict[int, str] = field(default_factory=dict)  # where each frame lay
    conformed: dict[int, str] = field(default_factory=dict)  # digests of plates of record
    masks: dict[int, str] = field(default_factory=dict)  # digests of matte and protection


class PlateShoot:
    """One plate take: ``finish`` makes of a generated frame the frame that is delivered."""

    def __init__(
        self, order: Shoot, plan: Plan, sources: Sources, colour: Colour, matte: MatteFootage
    ) -> None:
        self._plan, self._colour, self._project = plan, colour, order.project
        self._element = _plate_of(order.turnover)
        self._footage, self._matte = sources.open(self._element.media), matte
        self._stored = _stored(self._element)
        self.space = self._footage.space if self._stored else order.project.space
        self._zone = int(plan.options.get("edge_zone", EDGE_ZONE))
        self._said = _Said()
        self._passed: tuple[str, ...] = ()
        self.channels: tuple[str, ...] = ("R", "G", "B")
        self.remarks = matte.source.coverage(self._sampled()).remarks

    def finish(self, said: contract.Delivered, vault: Vault) -> str:
        """Merge, measure and keep one frame; the digest of what is delivered.

        Raises BrokenFrames, OverLimits, FramesMissing, DiskFull and what reading the plate raises.
        """
        index = said.frame - self._plan.frames.first
        plate = self._plate(index, said.frame, vault)
        generated = self._in_plate_space(said)
        soft = self._matte.source.soft(self._matte.frames.first + index)
        windows = plate.windows
        soft_all = laid(soft[..., None], windows)[..., 0]
        protected = protect(soft_all, self._zone)
        half = merge(plate.half(), plate.colour, laid(generated, windows), soft_all, protected)
        result = plate.with_colour(half)
        measured = measure_frames(plate, result, protected, soft_all, frame=said.frame)
        counted = said.counted
        self._said.frames.append(
            replace(measured, clipped_pixels=counted.clipped, nan_pixels=counted.nan)
        )
        self._keep_mask(said.frame, soft_all, protected, vault)
        vault.keep(measured.result, lambda path: write_plate(path, result))
        return measured.result

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

    def _plate(self, index: int, number: int, vault: Vault) -> PlateFrame:
        at = self._element.media.frames.first + index
        if self._stored:
            path = self._stored(at)
            plate = read_plate(path)
            self._said.plate_files[number] = str(path)
        else:
            rgb = self._colour.convert(
                np.array(self._footage.frame(at)[..., :3]), self._footage.space, self.space
            )
            height, width = rgb.shape[:2]
            box = (0, 0, width, height)
            planes = to_half(rgb)[0]
            plate = PlateFrame(
                {name: planes[..., i] for i, name in enumerate("RGB")},
                Windows(box, box),
                self.space,
            )
            digest = plate.digest()
            vault.keep(digest, lambda path: write_plate(path, plate))
            self._said.conformed[number] = digest
        self.channels = plate.colour
        self._passed = tuple(name for name in plate.channels if name not in plate.colour)
        _same_size(plate, self._plan)
        return plate

    def _in_plate_space(self, said: contract.Delivered) -> Picture:
        pixels = said.pixels.astype(np.float32)
        if pixels.shape[2] == 4:  # delivered associated, as EXR wants; the merge wants it plain
            alpha = pixels[..., 3:]
            np.divide(pixels[..., :3], alpha, out=pixels[..., :3], where=alpha > 0)
        if self.space != self._project.space:
            pixels = self._colour.convert(pixels, self._project.space, self.space)
        return pixels

    def _sampled(self) -> list[int]:
        """Five frames of the matte: an empty one is found before anything is shot."""
        first, count = self._matte.frames.first, len(self._plan.frames)
        steps = {0, count // 4, count // 2, 3 * count // 4, count - 1}
        return [first + step for step in sorted(steps)]

    def _keep_mask(
        self, number: int, soft: Soft, protected: NDArray[np.bool_], vault: Vault
    ) -> None:
        digest = mask_digest(soft, protected)
        vault.keep(digest, lambda path: write_mask(path, soft, protected))
        self._said.masks[number] = digest


def laid(picture: Picture, windows: Windows) -> Picture:
    """A picture over the display window, laid over the data window; 0 where it has nothing."""
    x, y, width, height = windows.data
    left, top, columns, rows = windows.display
    if windows.data == windows.display:
        return picture
    whole = np.zeros((height, width, picture.shape[2]), np.float32)
    x0, y0 = max(x, left), max(y, top)
    x1, y1 = min(x + width, left + columns), min(y + height, top + rows)
    if x1 > x0 and y1 > y0:
        seen = picture[y0 - top : y1 - top, x0 - left : x1 - left]
        whole[y0 - y : y1 - y, x0 - x : x1 - x] = seen
    return whole


def _same_size(plate: PlateFrame, plan: Plan) -> None:
    width, height = plate.windows.display[2:]
    if (width, height) != (plan.width, plan.height):
        raise OverLimits(
            f"the plate is {width} x {height}, the turnover asks for {plan.width} x {plan.height}",
            hint="A plate is delivered at its own size: leave the size of the turnover at 0.",
            data={"plate": [width, height], "asked": [plan.width, plan.height]},
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
