"""Models in memory: from disk over the host's memory to the device and back, never over budget."""

from __future__ import annotations

from .device import Device
from .history import History
from .ladder import Rungs, Step
from .pool import Held, ModelPool
from .tiers import Appetite, Key, Kit, Part, Picture, Room, Tier

__all__ = [
    "Appetite",
    "Device",
    "Held",
    "History",
    "Key",
    "Kit",
    "ModelPool",
    "Part",
    "Picture",
    "Room",
    "Rungs",
    "Step",
    "Tier",
]
