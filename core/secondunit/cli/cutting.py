"""A version into a cut: where it belongs, the new timeline, the entry in the ledger."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from secondunit_bridge.errors import NotPermitted, PathRefused, RateMismatch
from secondunit_bridge.film import CutIn, Version
from secondunit_bridge.timing import rate_name

if TYPE_CHECKING:
    from secondunit_bridge.unit import Unit

    from ..editorial import Cut, Place


@dataclass(frozen=True)
class Where:
    """A place in a cut, and the name of the shot that belongs there."""

    cut: Cut
    place: Place
    shot: str


def new_cut_words(out: Path, cut: Path) -> None:
    """Say now what would go wrong when the new timeline is written, after all the work.

    Raises BadParameter, PathRefused, NotPermitted.
    """
    if out.suffix.lower() != ".otio":
        raise typer.BadParameter(f"{out} should end in .otio", param_hint="--out")
    if out.resolve() == cut.resolve():
        raise PathRefused(
            f"{out} is the cut itself", hint="Name another file: the editor's cut is only read."
        )
    folder = out.resolve().parent
    if not folder.is_dir():
        raise PathRefused(
            f"the folder {folder} is not there", hint="Make it first, or check the path."
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise NotPermitted(
            f"this user may not write to {folder}", hint="Choose another folder for --out."
        )


def shot_place(unit: Unit, take: str, path: Path) -> Where:
    """Where a take was shot for, in a cut read from ``path``.

    Raises UnknownId, RateMismatch when the cut runs at another rate, NoPlace when it ends before.
    """
    from ..editorial import place, read_cut

    cut, guid = read_cut(path), unit.take(take).shot
    shot = next(shot for shot in unit.shots() if shot.guid == guid)
    if shot.cut.rate != cut.rate:
        raise RateMismatch(
            f"{path.name} runs at {rate_name(cut.rate)} frames a second and {shot.name} was shot"
            f" at {rate_name(shot.cut.rate)}",
            hint="Name the cut that the take was shot for.",
            data={"cut": str(cut.rate), "shot": str(shot.cut.rate)},
        )
    at = cut.timecode(shot.cut.first)
    return Where(cut, place(cut, at=at, frames=len(shot.cut)), shot.name)


def cut_in(unit: Unit, where: Where, version: Version, *, by: str, out: Path) -> str:
    """Write the new cut and record it; the name of the track that the version stands on."""
    from ..editorial import Inserted, insert, read_cut, save

    save(insert(where.cut, where.place, Inserted.of(version, shot=where.shot)), out)
    again = read_cut(out)  # what was written must open again, and says on which track it stands
    track = next(s.track for s in again.shots if s.marks.get("version") == version.name)
    record = where.place.record
    unit.cut_in(CutIn(version.name, version.shot, "otio", str(out), track, record, by))
    return track
