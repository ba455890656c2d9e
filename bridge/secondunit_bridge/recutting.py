"""What a re-cut did to one of our shots, as it is told to the daemon: approvals follow it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Tuple


@dataclass(frozen=True)
class Recutting:
    """One shot in the old and in the new cut.

    ``was`` and ``now`` say what a cut shows of it, empty where it is not in the cut: frames of the
    delivered version (1001 is the first), speed and source, in words that can be compared.
    ``keep`` and ``missing`` are frames that the new cut shows: those that are there byte for byte
    as they were, and those that were never made.
    """

    shot: str  # guid
    change: str  # one of the eleven classes of docs/recut.md
    was: str
    now: str
    version: str = ""  # the one that the cut plays; empty: the newest
    keep: Tuple[Tuple[int, int], ...] = ()
    missing: Tuple[Tuple[int, int], ...] = ()


def standing_words(state: str) -> str:
    """How a version stands, for people."""
    return {"stale": "approved (stale)", "omitted": "not in the cut"}.get(state, state)
