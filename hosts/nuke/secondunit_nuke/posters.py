"""Pictures of takes that were shot while nobody heard, made by the core in a process beside Nuke.

Previews are told once, while a take is shot. What was missed is made of the take's own frames.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Iterable, List, Sequence, Tuple

from secondunit_bridge.errands import Errand
from secondunit_bridge.film import Take

LANE = "pictures"  # of the caller: no other ask waits behind them
_MOST = 12  # takes of one errand: the newest are there first
_READ_S, _LOOK_S = 60.0, 0.25


def lacking(shots: Iterable[Sequence[Take]], known: Iterable[str], most: int) -> Tuple[str, ...]:
    """Which of the ``most`` newest takes of each shot have frames and no picture, newest first."""
    there, found = set(known), []
    for takes in shots:
        newest = sorted(takes, key=lambda take: -take.number)[:most]
        found += [take for take in newest if take.media is not None and take.id not in there]
    found.sort(key=lambda take: -take.number)
    return tuple(take.id for take in found)[:_MOST]


def load(takes: Sequence[str], folder: Path, ended: threading.Event) -> List[str]:
    """Have them made in ``folder/previews``; those that lie there now. Blocks; for a thread.

    ``ended``: nobody waits any more. Raises what the core said is wrong, OSError.
    """
    errand = Errand(folder / "errands" / "pictures")
    _wait(errand, ended)  # another Nuke on this folder may be at it, and at ours too
    previews = folder / "previews"
    wanted = [take for take in takes if not (previews / f"{take}.jpg").is_file()]
    if wanted and not ended.is_set() and not errand.running():
        words = ("pictures", *wanted, "--out", str(previews))
        errand.start(words, about=" ".join(wanted))
        _wait(errand, ended)
        errand.answer()
    return [take for take in takes if (previews / f"{take}.jpg").is_file()]


def _wait(errand: Errand, ended: threading.Event) -> None:
    end = time.monotonic() + _READ_S
    while errand.running() and time.monotonic() < end and not ended.is_set():
        ended.wait(_LOOK_S)
