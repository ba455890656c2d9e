"""What the daemon says of itself, and what it tells unasked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, Optional, Tuple

from .film import Entry


@dataclass(frozen=True)
class Hello:
    """What the daemon is and can do."""

    version: str
    protocol: str
    pid: int
    generators: Tuple[str, ...] = ()
    checks: Tuple[str, ...] = ()
    slots: str = ""  # folder of the slots; empty when it is made with the first one
    refused: Dict[str, str] = field(default_factory=dict)  # plug-ins that did not load, and why


@dataclass(frozen=True)
class Event:
    """Something that happened.

    ``entry``: a ledger entry was made (``entry``). ``progress``: ``body`` is ``{"take", "done",
    "says"}``, done 0..1. ``preview``: ``{"take", "frame"}`` and one JPEG in ``parts``. ``gone`` and
    ``back``: the daemon cannot be reached, can be reached again; after ``back`` ask ``entries``
    for what was missed. Kinds that are not listed here come from a newer daemon.
    """

    kind: str
    entry: Optional[Entry] = None
    body: Dict[str, Any] = field(default_factory=dict)
    parts: Tuple[bytes, ...] = ()
