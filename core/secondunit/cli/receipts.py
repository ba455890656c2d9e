"""Measures a published plate again, and says in words whether it is what its receipt says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..contract.receipt import NAME
from ..contract.recheck import Problem, recheck
from ..media.plates import PlateFrame, read_plate
from ..stage.handed import handed_over
from .sheet.plate_gather import Measured


def measured_again(folder: Path, record: Mapping[str, Any]) -> Iterator[Problem]:
    """Each thing that is not as the receipt says; one of state ``ok`` when all is.

    ``record`` is the version's. A receipt of other frames than the version has, or one the record
    does not know, vouches for nothing.
    """

    def read(path: Path) -> PlateFrame:
        return read_plate(path if path.is_absolute() else folder / path)

    with handed_over(record) as handed:
        problems = list(recheck(folder, read=read, handed=handed))
    path = folder / NAME
    readable = not any(problem.path == str(path) and problem.state in ("missing", "broken")
                       for problem in problems)  # fmt: skip
    if readable:
        problems += _beside(path, record)
    yield from problems
    if not problems:
        measured = Measured.of(json.loads(path.read_bytes()))
        yield Problem("receipt", str(path), "ok",
                      f"Measured again from the files. {measured.sentence}")  # fmt: skip


def _beside(path: Path, record: Mapping[str, Any]) -> Iterator[Problem]:
    """What the receipt and the record say otherwise."""
    if NAME not in {entry["file"] for entry in record["files"]}:
        sentence = f"The record does not name {NAME}: it is not the one that was published."
        yield Problem("receipt", str(path), "changed", sentence)
    told = json.loads(path.read_bytes())
    said, wanted = set(told["result"]["files"].values()), {f["file"] for f in record["frames"]}
    if len(told["frames"]) != len(record["frames"]):
        sentence = (
            f"The receipt speaks of {len(told['frames'])} frames and the version has "
            f"{len(record['frames'])}."
        )
        yield Problem("receipt", str(path), "broken", sentence)
    elif said != wanted:
        sentence = "The receipt speaks of other files than the version's frames."
        yield Problem("receipt", str(path), "broken", sentence)
