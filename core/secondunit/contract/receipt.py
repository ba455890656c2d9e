"""The fidelity receipt of a plate version: what changed, where, and that nothing else did.

``receipt.json`` lies in the version's folder beside ``exr`` and ``matte``. Everything in it can be
measured again from the plate, the result and the mask on disk: ``recheck`` does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from functools import reduce
from hashlib import sha256
from operator import or_
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.errors import BrokenFrames, MediaOffline, SecondUnitError
from secondunit_bridge.wire import dumps

from ..colour.codes import Range
from ..media.delivery import write_exr
from ..media.frames import HALF_MAX, digest
from ..media.plates import PlateFrame, read_plate
from ..media.stills import read_still
from .geometry import grown
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
    share: float  # of the frame that changed, 0..1
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


def measure(
    plate: NDArray[Any], result: NDArray[Any], protected: Mask, soft: Soft, *, frame: int = 0
) -> FrameReceipt:
    """What differs between two frames ``(row, column, channel)`` of one type, bit for bit.

    ``protected`` and ``soft`` are ``(row, column)``. Raises ValueError when they do not fit: a
    frame of another size or type is no version of this plate.
    """
    if plate.shape != result.shape or plate.dtype != result.dtype:
        raise ValueError(f"{result.shape} {result.dtype} beside {plate.shape} {plate.dtype}")
    changed = _differ(plate, result).any(axis=-1)
    broken = changed & protected
    most = _most(plate[broken], result[broken]) if broken.any() else 0.0
    return FrameReceipt(
        frame=frame,
        protected_pixels=int(np.count_nonzero(protected)),
        changed_in_protected=int(np.count_nonzero(broken)),
        max_difference_in_protected=most,
        changed_inside=int(np.count_nonzero(changed & ~protected)),
        share=round(float(changed.mean()), 9),
        matte_pixels=int(np.count_nonzero(soft > 0)),
    )


def measure_frames(
    plate: PlateFrame, result: PlateFrame, protected: Mask, soft: Soft, *, frame: int = 0
) -> FrameReceipt:
    """``measure`` over all channels of two whole frames, each in its own type, with digests.

    The masks lie over the result's data window, which may be larger than the plate's: there the
    plate is 0. Channels that a generator may not change count as protected everywhere. Raises
    ValueError when channels, types or the display window are not the plate's.
    """
    digest_of_plate = plate.digest()
    if set(plate.channels) != set(result.channels):
        raise ValueError("the result has other channels than the plate")
    plate = _under(plate, result)
    changed = np.zeros(protected.shape, bool)
    broken = np.zeros(protected.shape, bool)
    most = 0.0
    for name, before in plate.planes.items():
        after = result.planes[name]
        if before.dtype != after.dtype and name not in plate.colour:
            raise ValueError(f"channel {name} is {after.dtype}, not {before.dtype}")
        kept = before if before.dtype == after.dtype else _as_half(plate, name)
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
        share=round(float(changed.mean()), 9),
        matte_pixels=int(np.count_nonzero(soft > 0)),
        plate=digest_of_plate,
        result=result.digest(),
        matte=mask_digest(soft, protected),
    )


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
    clipped: dict[str, Any] = field(default_factory=dict)  # Range.facts over all frames
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
                "digest": _run(one.plate for one in self.frames),
                "space": self.plate_space,
                "files": _keyed(self.plate_files),
            },
            "result": {
                "digest": _run(one.result for one in self.frames),
                "space": self.result_space,
                "files": _keyed(self.result_files),
            },
            "matte": {
                "digest": _run(one.matte for one in self.frames),
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


def _run(digests: Iterable[str]) -> str:
    return sha256("\n".join(digests).encode()).hexdigest()


def write_mask(path: Path, soft: Soft, protected: Mask) -> None:
    """The masks of one frame as EXR: ``matte`` (half) and ``protect`` (1.0 is protected)."""
    write_exr(path, _masks(soft, protected), MASK_CHANNELS)


def mask_digest(soft: Soft, protected: Mask) -> str:
    """Sha256 of what ``write_mask`` writes."""
    return digest(_masks(soft, protected), MASK_CHANNELS)


def _masks(soft: Soft, protected: Mask) -> Half:
    return np.stack((soft, protected), axis=-1).astype(np.float16)


@dataclass(frozen=True)
class Problem:
    """Something that is not as the receipt says: ``state`` as ``secondunit verify`` names it."""

    what: str  # plate, result, matte, receipt
    path: str
    state: str  # changed, missing, broken, untrusted
    sentence: str


Reads = Callable[[Path], PlateFrame]


def recheck(folder: Path, *, read: Reads = read_plate) -> tuple[Problem, ...]:
    """Measure a version again from its files; empty when all is as its receipt says.

    A plate that is no longer where it was leaves ``untrusted``: what is protected cannot be shown
    without it. ``read`` opens the plate's frames (a movie's need another reader).
    """
    path = folder / NAME
    try:
        told = json.loads(path.read_bytes())
        entries = [(dict(entry), str(entry["frame"])) for entry in told["frames"]]
        files = {what: dict(told[what]["files"]) for what in ("plate", "result", "matte")}
    except OSError:
        return (Problem("receipt", str(path), "missing", f"{folder.name} has no receipt."),)
    except (ValueError, LookupError, TypeError):
        sentence = f"{path} is not a receipt that can be read."
        return (Problem("receipt", str(path), "broken", sentence),)
    problems: list[Problem] = []
    for entry, number in entries:
        names = {what: str(by_frame.get(number, "")) for what, by_frame in files.items()}
        problems.extend(_rechecked(folder, number, entry, names, read))
    for what in ("plate", "result", "matte"):
        if told[what].get("digest") != _run(str(entry.get(what)) for entry, _ in entries):
            sentence = f"The digest of the {what} does not sum up its frames."
            problems.append(Problem("receipt", str(path), "changed", sentence))
    return tuple(problems)


def _rechecked(
    folder: Path, number: str, entry: dict[str, Any], names: dict[str, str], read: Reads
) -> list[Problem]:
    outside = [
        Problem("receipt", name, "broken", f"The receipt names {name}, outside its own folder.")
        for name in (names["result"], names["matte"])
        if not (folder / name).resolve().is_relative_to(folder.resolve())
    ]
    if outside:
        return outside
    opened: dict[str, Any] = {}
    try:
        for what, opens, path in (
            ("result", read_plate, folder / names["result"]),
            ("matte", read_mask, folder / names["matte"]),
            ("plate", read, folder / names["plate"]),  # where it lay, or in this folder
        ):
            opened[what] = opens(path)
    except SecondUnitError as error:
        gone = isinstance(error, MediaOffline)
        state = "broken" if not gone else "untrusted" if what == "plate" else "missing"
        sentence = f"Frame {number} cannot be measured again: the {what}: {error.message}."
        return [Problem(what, str(path), state, sentence)]
    return _compared(number, entry, names, opened)


def _compared(
    number: str, entry: dict[str, Any], names: dict[str, str], opened: dict[str, Any]
) -> list[Problem]:
    soft, protected = opened["matte"]
    try:
        found = measure_frames(opened["plate"], opened["result"], protected, soft)
    except ValueError as error:
        sentence = f"Frame {number} is no version of its plate any more: {error}."
        return [Problem("result", names["result"], "changed", sentence)]
    problems = [
        Problem(what, names[what], "changed", f"Frame {number} of the {what} is another one.")
        for what in ("plate", "result", "matte")
        if getattr(found, what) != entry.get(what)
    ]
    if found.changed_in_protected:
        count = found.changed_in_protected
        sentence = f"Frame {number} differs from the plate in {count} protected pixels."
        problems.append(Problem("result", names["result"], "changed", sentence))
    measured: Sequence[str] = ("protected_pixels", "changed_inside", "share", "matte_pixels",
                               "changed_in_protected", "max_difference_in_protected")  # fmt: skip
    wrong = [name for name in measured if getattr(found, name) != entry.get(name)]
    if wrong and not problems:
        sentence = f"Frame {number} does not measure as its receipt says: {', '.join(wrong)}."
        problems.append(Problem("receipt", NAME, "changed", sentence))
    return problems


def read_mask(path: Path) -> tuple[Soft, Mask]:
    """What ``write_mask`` wrote. Raises as read_still."""
    pixels = read_still(path, channels=MASK_CHANNELS).pixels
    return pixels[..., 0], pixels[..., 1] > 0.5
