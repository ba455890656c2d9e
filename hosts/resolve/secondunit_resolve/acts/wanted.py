"""What a command would have shot, as an estimate speaks of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, Tuple

from secondunit_bridge.film import Turnover
from secondunit_bridge.timing import FrameRange
from secondunit_bridge.wire import plain


@dataclass(frozen=True)
class Wanted:
    """One shot's takes: their plan, and what tells this ask from another (``key``)."""

    name: str
    generator: str
    cut: FrameRange
    takes: int
    plan: Dict[str, Any]
    key: Any
    remarks: Tuple[str, ...] = ()

    @classmethod
    def of(cls, turnover: Turnover, plan: Dict[str, Any], remarks: Tuple[str, ...] = ()) -> Wanted:
        """Of a turnover; a new shot has another guid each time it is thought of."""
        shot = turnover.shot
        key = plain(replace(turnover, shot=replace(shot, guid="")))
        return cls(shot.name, turnover.generator, shot.cut, turnover.takes, plan, key, remarks)
