"""A Resolve that misbehaves as the real one is reported to: versions 17 to 21, both editions."""

from __future__ import annotations

from .handles import Handle
from .state import Faults, Media, World
from .world import fake

__all__ = ["Faults", "Handle", "Media", "World", "fake"]
