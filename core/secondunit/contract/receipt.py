"""The fidelity receipt of a plate version: what changed, where, and that nothing else did.

``receipt.json`` lies in the version's folder beside ``exr`` and ``qc``. What was measured in it
(counts, differences, digests, protection, channels) is measured again from the plate, the result
and the mask on disk by ``recheck``. What was said at the time (spaces, the generator, library
versions, pixels that were clipped or no number) is vouched for by the record's seal alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import reduce
from hashlib import sha256
from operator import or_
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.errors import BrokenFrames
from secondunit_bridge.wire import dumps

from ..colour.codes import Range
from ..media.delivery import write_exr
from ..media.frames import HALF_MAX, digest
from ..media.plates import PlateFrame
from ..media.stills import read_still
from .geometry import displayed, grown
from .matte import Half, Mask, Soft, listed

SCHEMA = "secondunit.receipt/1"
NAME = "receipt.json"
MASK_CHANNELS = ("matte", "protect")


@dataclass(frozen=True)
class FrameReceipt:
    """One frame, measured. Pixels count once however many of their channels differ in any bit."""

    frame: int
    protected_pixels: int
    changed_in_protected: int  # must be 0
    max_difference_in_protected: float  # must be 0; 131008 where a NaN or infinity differs
    changed_inside: int
    share: float  # of the picture as it is displayed that changed, 0..1
    matte_pixels: int = 0  # where the matte lets anything change, before it is grown
    clipped_pixels: int = 0  # generated pixels beyond what a half or the code space holds
    nan_pixels: int = 0  # generated pixels that were no number
    replaced_pixels: int = 0  # where the generated picture is used, wholly or in part
    above_pixels: int = 0  # of those, plate pixels brighter than the generator's codes hold
    below_pixels: int = 0  # and darker
    lowest: float = 0.0  # scene-linear value among them, when there are codes to be held by
    highest: float = 0.0
    plate: str = ""  # sha256 of the plate's frame, all channels over its data window
    result: str = ""
    matte: str = ""


def beyond(frames: Iterable[FrameReceipt]) -> Range:
    """What of the replaced pixels of these frames the generator's codes could not hold."""
    ranges = (
        Range(
            one.lowest,
            one.highest,
            one.above_pixels / one.replaced_pixels,
            one.below_pixels / one.replaced_pixels,
            one.replaced_pixels,
        )
        for one in frames
        if one.replaced_pixels
    )
    return reduce(or_, ranges, Range(0.0, 0.0))


def clipped(frames: Sequence[FrameReceipt], codes: str) -> str:
    """W_RANGE_CLIPPED as a sentence with the frames it is about; empty when all comes back."""
    lost = [one for one in frames if one.above_pixels or one.below_pixels]
    said = beyond(lost).sentence(codes, "the replaced pixels")
    return f"{said}, in {listed([one.frame for one in lost])}" if lost else ""


def measure_frames(
    plate: PlateFrame, result: PlateFrame, protected: Mask, soft: Soft, *, frame: int = 0
) -> FrameReceipt:
    """What differs between two whole frames: bit for bit, all channels, each in its own type.

    The masks lie over the result's data window, which may be larger than the plate's: there the
    plate is 0. Channels that a generator may not change count as protected everywhere. Raises
    ValueError when channels, types or the display window are not the plate's.
    """
    digest_of_plate = plate.digest()
    changed = np.zeros(protected.shape, bool)
    broken = np.zeros(protected.shape, bool)
    most = 0.0
    for name, kept, after in _pairs(plate, result):
        differs = _differ(kept, after)
        changed |= differs
        where = differs & protected if name in plate.colour else differs
        broken |= where
        if where.any():
            most = max(most, _most(kept[where], after[where]))
    return FrameReceipt(
        frame=frame,
        protected_pixels=int(np.count_nonzero(protected)),
        changed_in_protected=int(np.count_nonzero(broken)),
        max_difference_in_protected=most,
        changed_inside=int(np.count_nonzero(changed & ~protected)),
        share=round(float(displayed(changed, result.windows).mean()), 9),
        matte_pixels=int(np.count_nonzero(soft > 0)),
        plate=digest_of_plate,
        result=result.digest(),
        matte=mask_digest(soft, protected),
    )


def broken_at(plate: PlateFrame, result: PlateFrame, protected: Mask) -> Mask:
    """``(row, column)`` over the result's data window: what ``measure_frames`` counts as changed
    though it is protected."""
    broken = np.zeros(protected.shape, bool)
    for name, kept, after in _pairs(plate, result):
        differs = _differ(kept, after)
        broken |= differs & protected if name in plate.colour else differs
    return broken


def _pairs(
    plate: PlateFrame, result: PlateFrame
) -> Iterator[tuple[str, NDArray[Any], NDArray[Any]]]:
    """Each channel of both over the result's window, in one type. Raises ValueError."""
    if set(plate.channels) != set(result.channels):
        raise ValueError("the result has other channels than the plate")
    plate = _under(plate, result)
    for name, before in plate.planes.items():
        after = result.planes[name]
        if before.dtype != after.dtype and name in plate.colour:
            before = _as_half(plate, name)  # colour is delivered in half whatever the plate is in
        if before.dtype != after.dtype:
            raise ValueError(f"channel {name} is {after.dtype}, not {before.dtype}")
        yield name, before, after


def _under(plate: PlateFrame, result: PlateFrame) -> PlateFrame:
    if plate.windows.display != result.windows.display:
        raise ValueError("the result has another display window than the plate")
    try:
        return grown(plate, result.windows.data)
    except BrokenFrames:
        raise ValueError("the result stores less of the picture than the plate") from None


def _as_half(plate: PlateFrame, name: str) -> Half:
    return np.asarray(plate.half()[..., plate.colour.index(name)])


def _differ(plate: NDArray[Any], result: NDArray[Any]) -> Mask:
    unsigned = np.dtype(f"u{plate.dtype.itemsize}")
    before, after = (np.ascontiguousarray(one).view(unsigned) for one in (plate, result))
    return np.asarray(before != after)


def _most(plate: NDArray[Any], result: NDArray[Any]) -> float:
    with np.errstate(invalid="ignore", over="ignore"):
        far = np.abs(plate.astype(np.float64) - result.astype(np.float64))
    differs = _differ(plate, result)
    return float(np.where(differs & ~np.isfinite(far), 2 * HALF_MAX, np.nan_to_num(far)).max())


@dataclass(frozen=True)
class Receipt:
    """``receipt.json``. ``plate_files``, ``result_files`` and ``matte_files`` are by frame number;
    the plate's are where it lay, or like the others relative to the version's folder.
    """

    plate_space: str
    result_space: str
    frames: tuple[FrameReceipt, ...]
    channels_passed: tuple[str, ...] = ()
    clipped: dict[str, Any] = field(default_factory=dict)  # what did not come back, and why
    ocio: dict[str, str] = field(default_factory=dict)  # config, sha256
    versions: dict[str, str] = field(default_factory=dict)
    edge_zone: int = 0
    matte_source: str = ""
    generator: dict[str, Any] = field(default_factory=dict)  # name, version, code space facts
    plate_files: dict[int, str] = field(default_factory=dict)
    result_files: dict[int, str] = field(default_factory=dict)
    matte_files: dict[int, str] = field(default_factory=dict)

    @property
    def kept(self) -> bool:
        """Nothing changed where it was protected, in any frame."""
        return not any(one.changed_in_protected for one in self.frames)

    def plain(self) -> dict[str, Any]:
        """As JSON; the digest of a run of frames is the sha256 of its frames' digests, in order."""
        made = asdict(self)
        for name in ("plate_space", "result_space", "plate_files", "result_files", "matte_files"):
            del made[name]
        return {
            "schema": SCHEMA,
            "kept": self.kept,
            "plate": {
                "digest": run_digest(one.plate for one in self.frames),
                "space": self.plate_space,
                "files": _keyed(self.plate_files),
            },
            "result": {
                "digest": run_digest(one.result for one in self.frames),
                "space": self.result_space,
                "files": _keyed(self.result_files),
            },
            "matte": {
                "digest": run_digest(one.matte for one in self.frames),
                "source": self.matte_source,
                "files": _keyed(self.matte_files),
            },
            **made,
        }

    def write(self, folder: Path) -> Path:
        """Write ``receipt.json`` into the version's folder. Raises OSError."""
        path = folder / NAME
        path.write_bytes(dumps(self.plain()))
        return path


def _keyed(files: dict[int, str]) -> dict[str, str]:
    return {str(number): file for number, file in files.items()}


def run_digest(digests: Iterable[str]) -> str:
    """Of a run of frames: sha256 of their digests, one a line."""
    return sha256("\n".join(digests).encode()).hexdigest()


def write_mask(path: Path, soft: Soft, protected: Mask) -> None:
    """The masks of one frame as EXR: ``matte`` (half) and ``protect`` (1.0 is protected)."""
    write_exr(path, _masks(soft, protected), MASK_CHANNELS)


def mask_digest(soft: Soft, protected: Mask) -> str:
    """Sha256 of what ``write_mask`` writes."""
    return digest(_masks(soft, protected), MASK_CHANNELS)


def _masks(soft: Soft, protected: Mask) -> Half:
    return np.stack((soft, protected), axis=-1).astype(np.float16)


def read_mask(path: Path) -> tuple[Soft, Mask]:
    """What ``write_mask`` wrote. Raises as read_still."""
    pixels = read_still(path, channels=MASK_CHANNELS).pixels
    return pixels[..., 0], pixels[..., 1] > 0.5
