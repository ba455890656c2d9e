"""How the frames of a published version keep to their plate, measured from the files again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from secondunit_bridge.errors import MediaDamaged

from ..exam import Kept
from ..media.plates import read_plate
from .receipt import NAME, measure_frames, read_mask
from .seam import EVERY, Light, seam
from .zone import MOST, protection


def kept_in(folder: Path, numbers: Sequence[int], light: Light) -> tuple[Kept, ...]:
    """Frames of a version by their numbers, in that order.

    What is protected is told from the matte and the edge zone of the receipt, as ``recheck`` does.
    Raises MediaDamaged for a receipt that cannot be read or knows no such frame, MediaOffline for
    a plate that is not there, and as reading plates does.
    """
    try:
        said = json.loads((folder / NAME).read_bytes())
        zone = min(max(int(said["edge_zone"]), 0), MOST)
        plates, results, mattes = ({int(n): folder / str(file)
                                    for n, file in said[what]["files"].items()}
                                   for what in ("plate", "result", "matte"))  # fmt: skip
        wanted = [(plates[n], results[n], mattes[n]) for n in numbers]
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise _unsaid(folder) from error
    root = folder.resolve()
    if not all(path.resolve().is_relative_to(root) for _, *own in wanted for path in own):
        raise _unsaid(folder)
    return tuple(
        _kept(paths, zone, None if place % EVERY else light) for place, paths in enumerate(wanted)
    )


def _unsaid(folder: Path) -> MediaDamaged:
    return MediaDamaged(
        f"the receipt of {folder.name} does not say which plate its frames are of",
        hint="secondunit verify says what is wrong with it.",
    )


def _kept(paths: tuple[Path, Path, Path], zone: int, light: Light | None) -> Kept:
    plate, result, matte = paths
    before, after = read_plate(plate), read_plate(result)
    soft, _ = read_mask(matte)
    protected = protection(soft, after.windows, zone)
    try:
        told = measure_frames(before, after, protected, soft)
    except ValueError as error:
        raise MediaDamaged(
            f"{result.name} is no version of its plate: {error}", hint="Publish the version again."
        ) from error
    changed, most = told.changed_in_protected, told.max_difference_in_protected
    shows = None if light is None else seam(before, after, protected, soft, light)
    return Kept(changed, most, shows)
