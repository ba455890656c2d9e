"""Measures a published plate again, and says in words whether it is what its receipt says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from ..contract.receipt import NAME, Problem, recheck
from ..media.plates import PlateFrame, read_plate
from .sheet.plate_gather import Measured


def measured_again(folder: Path, frames: int) -> Iterator[tuple[str, str, str]]:
    """State, path and sentence of each thing found; one ``ok`` when all is as it says.

    ``frames`` is how many the version has: a receipt of fewer vouches for less than is delivered.
    """

    def read(path: Path) -> PlateFrame:
        return read_plate(path if path.is_absolute() else folder / path)

    problems = list(recheck(folder, read=read))
    path = folder / NAME
    if not any(problem.what == "receipt" for problem in problems):
        said = len(json.loads(path.read_bytes())["frames"])
        if said != frames:
            sentence = f"The receipt speaks of {said} frames and the version has {frames}."
            problems.append(Problem("receipt", str(path), "broken", sentence))
    for problem in problems:
        yield problem.state, problem.path, problem.sentence
    if not problems:
        measured = Measured.of(json.loads(path.read_bytes()))
        yield "ok", str(path), f"Measured again from the files. {measured.sentence}"
