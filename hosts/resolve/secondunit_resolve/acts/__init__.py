"""The commands of the menu, as plain functions of a Bench: each says what it did in sentences.

A command does its part in Resolve and ends. Nothing here waits for a take to be shot.
"""

from __future__ import annotations

from .bench import Bench
from .bringing import bring_takes
from .inserting import fill_gap, new_insert, remove_insert, reshoot

__all__ = ["Bench", "bring_takes", "fill_gap", "new_insert", "remove_insert", "reshoot"]
