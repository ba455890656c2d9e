"""A receipt measured again from the files: nothing that can be recomputed is taken on trust."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from secondunit_bridge.errors import MediaOffline, SecondUnitError

from ..media.plates import PlateFrame, read_plate
from .geometry import Box, stored
from .matte import Mask, Soft
from .receipt import NAME, FrameReceipt, mask_digest, measure_frames, read_mask, run_digest
from .zone import MOST, protection

_FILES = ("plate", "result", "matte")
_MEASURED = ("protected_pixels", "changed_inside", "share", "matte_pixels",
             "changed_in_protected", "max_difference_in_protected")  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """Something that is not as the receipt says: ``state`` as ``secondunit verify`` names it."""

    what: str  # plate, result, matte, receipt
    path: str
    state: str  # changed, missing, broken, untrusted
    sentence: str


Reads = Callable[[Path], PlateFrame]
Handed = Callable[[int], Soft]
"""The matte that was handed over, of a frame, ``(row, column)`` over the display window. Raises
LookupError when it is no longer known."""


def recheck(
    folder: Path, *, read: Reads = read_plate, handed: Handed | None = None
) -> tuple[Problem, ...]:
    """Measure a version again from its files; empty when all is as its receipt says.

    What is protected is recomputed from the matte that was kept, and that is held against the one
    that was ``handed`` over where it is still there. Frames whose plate is gone are told in one
    ``untrusted`` problem of the plate; all else of them is checked. ``read`` opens the plate's
    frames (a movie's need another reader).
    """
    try:
        again = _Again(folder, _told(folder), read, handed)
    except OSError:
        sentence = f"{folder.name} has no receipt."
        return (Problem("receipt", str(folder / NAME), "missing", sentence),)
    except (ValueError, LookupError, TypeError, AttributeError):
        sentence = f"{folder / NAME} is not a receipt that can be read."
        return (Problem("receipt", str(folder / NAME), "broken", sentence),)
    return tuple(again.problems())


@dataclass(frozen=True)
class _Told:
    """What a receipt says that can be measured."""

    entries: tuple[dict[str, Any], ...]
    files: dict[str, dict[str, str]]
    digests: dict[str, Any]
    zone: int
    kept: bool
    passed: frozenset[str]


def _told(folder: Path) -> _Told:
    said = json.loads((folder / NAME).read_bytes())
    zone = said["edge_zone"]
    if type(zone) is not int or not 0 <= zone <= MOST:
        raise ValueError(f"an edge zone of {zone!r:.40}")
    return _Told(
        tuple({**entry, "frame": int(entry["frame"])} for entry in said["frames"]),
        {what: {str(n): str(file) for n, file in said[what]["files"].items()} for what in _FILES},
        {what: said[what]["digest"] for what in _FILES},
        zone,
        said["kept"] is True,
        frozenset(map(str, said["channels_passed"])),
    )


@dataclass
class _Again:
    """One receipt on its way through its files."""

    folder: Path
    told: _Told
    read: Reads
    handed: Handed | None
    gone: list[str] = field(default_factory=list)  # plate files that are not there
    passed: set[str] = field(default_factory=set)
    broken: int = 0  # protected pixels that differ, in all frames

    def problems(self) -> Iterator[Problem]:
        """Everything that is not as told."""
        found = [problem for entry in self.told.entries for problem in self._frame(entry)]
        yield from found
        yield from self._sums(found)
        if self.gone:
            count = len(self.gone)
            frames = "1 frame" if count == 1 else f"{count} frames"
            sentence = f"{frames} could not be compared: the plate is not there ({self.gone[0]})."
            yield Problem("plate", self.gone[0], "untrusted", sentence)

    def _sums(self, found: Sequence[Problem]) -> Iterator[Problem]:
        """What the receipt says of all frames together."""
        told = self.told
        for what in _FILES:
            if told.digests[what] != run_digest(str(one.get(what)) for one in told.entries):
                yield self._receipt(f"The digest of the {what} does not sum up its frames.")
        if not found and told.passed != self.passed:
            yield self._receipt("The receipt names other channels than those that were passed.")
        if not found and not self.gone and told.kept != (not self.broken):
            yield self._receipt("The receipt's verdict is not what its frames say.")
        if not any(entry.get("protected_pixels") for entry in told.entries):
            sentence = "Nothing is protected in any frame: there is nothing to vouch for."
            yield Problem("receipt", str(self.folder / NAME), "untrusted", sentence)

    def _receipt(self, sentence: str) -> Problem:
        return Problem("receipt", str(self.folder / NAME), "changed", sentence)

    def _frame(self, entry: dict[str, Any]) -> list[Problem]:
        number = entry["frame"]
        names = {what: self.told.files[what].get(str(number), "") for what in _FILES}
        root = self.folder.resolve()
        outside = [
            Problem("receipt", name, "broken", f"The receipt names {name}, outside its own folder.")
            for name in (names["result"], names["matte"])
            if not (self.folder / name).resolve().is_relative_to(root)
        ]
        if outside:
            return outside
        try:
            what, path = "result", self.folder / names["result"]
            result = read_plate(path)
            what, path = "matte", self.folder / names["matte"]
            soft, protected = read_mask(path)
        except SecondUnitError as error:
            return [_unread(number, what, path, error)]
        if soft.shape != _size(result.windows.data):
            sentence = f"Frame {number}: the matte does not lie over the result."
            return [Problem("matte", names["matte"], "changed", sentence)]
        return self._compared(entry, names, result, soft, protected)

    def _compared(
        self,
        entry: dict[str, Any],
        names: dict[str, str],
        result: PlateFrame,
        soft: Soft,
        protected: Mask,
    ) -> list[Problem]:
        number, wanted = entry["frame"], protection(soft, result.windows, self.told.zone)
        self.passed |= set(result.channels) - set(result.colour)
        problems = list(self._matte(number, names["matte"], result, soft, protected, wanted))
        digests = {"result": result.digest(), "matte": mask_digest(soft, protected)}
        found = None
        try:
            path = self.folder / names["plate"]  # where it lay, or in this folder
            plate = self.read(path)
            found = measure_frames(plate, result, wanted, soft, frame=number)
            digests["plate"] = found.plate
        except MediaOffline:
            self.gone.append(str(path))
        except SecondUnitError as error:
            problems.append(_unread(number, "plate", path, error))
        except ValueError as error:
            sentence = f"Frame {number} is no version of its plate any more: {error}."
            problems.append(Problem("result", names["result"], "changed", sentence))
        for what in _FILES:
            if what in digests and digests[what] != entry.get(what):
                sentence = f"Frame {number} of the {what} is another one."
                problems.append(Problem(what, names[what], "changed", sentence))
        if found is not None:
            problems += self._measured(entry, names, found, told_already=bool(problems))
        elif int(np.count_nonzero(wanted)) != entry.get("protected_pixels") and not problems:
            problems.append(self._receipt(_wrong(number, ["protected_pixels"])))
        return problems

    def _matte(
        self,
        number: int,
        name: str,
        result: PlateFrame,
        soft: Soft,
        protected: Mask,
        wanted: Mask,
    ) -> Iterator[Problem]:
        """Is protected what the matte says, and is the matte the one that was handed over?"""
        if not np.array_equal(protected, wanted):
            count = int(np.count_nonzero(protected != wanted))
            sentence = (
                f"Frame {number}: {count} pixels are protected otherwise than its matte and an "
                f"edge zone of {self.told.zone} pixels say."
            )
            yield Problem("matte", name, "changed", sentence)
        if self.handed is None:
            return
        try:
            given = self.handed(number)
        except (LookupError, SecondUnitError):
            return
        if given.shape != _size(result.windows.display) or not np.array_equal(
            stored(given, result.windows).astype(np.float16), soft.astype(np.float16)
        ):
            sentence = f"Frame {number}: the matte is not the one that was handed over."
            yield Problem("matte", name, "changed", sentence)

    def _measured(
        self,
        entry: dict[str, Any],
        names: dict[str, str],
        found: FrameReceipt,
        *,
        told_already: bool,
    ) -> Iterator[Problem]:
        number, count = entry["frame"], found.changed_in_protected
        self.broken += count
        if count:
            sentence = f"Frame {number} differs from the plate in {count} protected pixels."
            yield Problem("result", names["result"], "changed", sentence)
        wrong = [name for name in _MEASURED if getattr(found, name) != entry.get(name)]
        if wrong and not count and not told_already:
            yield self._receipt(_wrong(number, wrong))


def _size(box: Box) -> tuple[int, int]:
    return box[3], box[2]


def _wrong(number: int, names: Sequence[str]) -> str:
    return f"Frame {number} does not measure as its receipt says: {', '.join(names)}."


def _unread(number: int, what: str, path: Path, error: SecondUnitError) -> Problem:
    state = "missing" if isinstance(error, MediaOffline) else "broken"
    sentence = f"Frame {number} cannot be measured again: the {what}: {error.message}."
    return Problem(what, str(path), state, sentence)
