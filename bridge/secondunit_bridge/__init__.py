"""Second Unit's bridge: the film's words, the wire, and the host's handle on the daemon.

Standard library only, Python 3.9 and newer, so that one plug-in runs in every host's Python. A
name is loaded when it is first used: importing the bridge costs a host next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, List

from ._version import __version__

if TYPE_CHECKING:
    from .announcements import Event, Hello
    from .errors import SecondUnitError
    from .film import (
        CutIn,
        Element,
        Entry,
        Finding,
        Media,
        Note,
        Project,
        Role,
        Shot,
        Take,
        TakeState,
        Turnover,
        Version,
        VersionClass,
        Waiver,
        Work,
    )
    from .slots import Frame, Slot
    from .timing import FrameRange, Handles, exact_rate, from_timecode, to_timecode
    from .unit import Unit

__all__ = [
    "CutIn",
    "Element",
    "Entry",
    "Event",
    "Finding",
    "Frame",
    "FrameRange",
    "Handles",
    "Hello",
    "Media",
    "Note",
    "Project",
    "Role",
    "SecondUnitError",
    "Shot",
    "Slot",
    "Take",
    "TakeState",
    "Turnover",
    "Unit",
    "Version",
    "VersionClass",
    "Waiver",
    "Work",
    "__version__",
    "exact_rate",
    "from_timecode",
    "to_timecode",
]

_ELSEWHERE = {
    "SecondUnitError": "errors",
    **dict.fromkeys(("Frame", "Slot"), "slots"),
    **dict.fromkeys(
        ("FrameRange", "Handles", "exact_rate", "from_timecode", "to_timecode"), "timing"
    ),
    **dict.fromkeys(("Event", "Hello"), "announcements"),
    "Unit": "unit",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f".{_ELSEWHERE.get(name, 'film')}", __name__)
    return getattr(module, name)


def __dir__() -> List[str]:
    return sorted(__all__)
